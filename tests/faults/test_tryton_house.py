"""The whole house and Tryton over a bad line while a crew has its day: both are killed ten times, and nothing is twice.

`pickface serve` as an admin starts it, and the crew over its public doors (see `tryton_day`): it receives, puts away, picks
with a short, packs, ships, takes parcels back, and counts what was missing. Each of them goes on as if nothing had
happened. At the end the line is good again, what Tryton never heard is told, and three agree to the piece by product, lot
and class of place: the hands of the crew, the floor's books, and Tryton's.
"""

import random
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import or_, select

from app.crew.figures import Figures
from app.crew.run import Crew
from app.db import Database
from app.schema.stock import journal, movement
from app.stock.slots import CUSTOMER, SUPPLIER
from printers.virtual import VirtualPrinter
from sync.connectors.tryton.places import PLACES
from tests.faults import tryton_day
from tests.faults.bad_line import FAULTS, BadLine
from tests.faults.server import Server
from tests.faults.test_tryton import DRAINED_WITHIN_S, KILLS, SEED
from tests.sync.sink import until
from tests.sync.tryton_books import Erp
from tests.sync.tryton_floor import Floor, floor_beside, live_tryton
from tests.tryton.server import Tryton

SCANS = 380  # at least, of a day of about 450: the kills are spread over them
A_SCAN_S = 1.0  # between two scans of one worker: else the day is over while Tryton starts
STUCK_AFTER_S, ENDS_WITHIN_S = 240.0, 600.0
HAPPENED = {
    "received", "receipt_closed", "put_away", "picked", "pick_short", "packed", "shipped", "return_received",
    "return_disposed", "counted", "adjusted",
}  # fmt: skip


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_the_house_and_tryton_are_killed_while_the_crew_works_and_both_books_end_equal(tmp_path: Path) -> None:
    with live_tryton(tmp_path) as tryton, floor_beside(tryton, tmp_path) as floor, VirtualPrinter() as printer:
        erp, line, begun = Erp(tryton), BadLine(tryton.port, SEED), time.monotonic()
        truth = tryton_day.ordered(floor, erp)
        tryton_day.sign_on(floor.world)
        floor.switchboard.stop()
        floor.world.db.close()
        [settings] = floor.settings.connectors
        address = tryton.address.replace(f":{tryton.port}/", f":{line.port}/")
        settings = msgspec.structs.replace(settings, address=address, batch=10)
        labels = {"name": tryton_day.PRINTER, "address": printer.address}
        site, db = floor.settings.site, floor.url
        with Server(db, tmp_path, site=site, connectors=[settings], printers=[labels], printer_loopback=True) as server:
            server.wait_ready()
            crew = Crew(server.url, truth, workers=len(tryton_day.HANDS), seed=SEED, wrong=0.0, pause_s=A_SCAN_S)
            with ThreadPoolExecutor(1) as pool:
                try:
                    day = pool.submit(_day, crew, server.url)
                    _kill(server, tryton, crew, day)
                    figures = day.result(ENDS_WITHIN_S)
                finally:
                    crew.stopping.set()
        line.close()
        print(f"{figures.in_words()}\n{dict(line.happened)} on the line")
        assert any(entry.tries > 1 for entry in crew.log.entries), "no kill met a scan under way: it proved nothing"
        assert sum(line.happened[fault] for fault in FAULTS) > 0

        floor.world.db = Database(floor.url)
        floor.start()
        floor.told(DRAINED_WITHIN_S)
        floor.check()
        print(f"both books are equal after {server.kills} and {KILLS} kills, {time.monotonic() - begun:.0f} s")
        assert floor.stock() == _lying(crew)
        assert {row[0] for row in floor.world.rows(select(journal.c.kind).distinct())} >= HAPPENED
        assert _came(erp, floor) == _taken_in(floor)
        short = tryton_day.SHORT_IN_THE_BIN
        assert ("STO", short.item, -short.missing, "confirmed", tryton_day.LEAD) in erp.counted(floor.settings.site)


def _day(crew: Crew, url: str) -> Figures:
    figures = crew.run()
    assert figures.is_over, figures.in_words()
    assert figures.odd == (), figures.in_words()
    tryton_day.afternoon(crew, url, SEED, A_SCAN_S)
    return figures


def _kill(server: Server, tryton: Tryton, crew: Crew, day: Future[Figures]) -> None:
    """Each of the two by turns, spread over the day's scans."""
    chance = random.Random(SEED)
    for number in range(2 * KILLS):
        _wait_for(crew, day, chance.randint(number * SCANS, (number + 1) * SCANS) // (2 * KILLS))
        assert not day.done(), f"the crew was done before the last kill: {day.result()}"
        if number % 2:
            tryton.kill()
            tryton.start()
        else:
            (server.kill_all if number % 4 else server.kill_answering)()
            server.wait_ready()


def _wait_for(crew: Crew, day: Future[Figures], scans: int) -> None:
    until(lambda: day.done() or len(crew.log.entries) >= scans, f"the crew makes its scan {scans}", STUCK_AFTER_S)


def _lying(crew: Crew) -> dict[tuple[str, str, str], int]:
    """What lies in the house by the crew's own hands: item, lot, status."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for piles in crew.house.holding().values():
        for pile in piles:
            sums[pile.item, pile.lot, pile.status] += pile.quantity
    return dict(sums)


def _came(erp: Erp, floor: Floor) -> dict[tuple[str, str], float]:
    """What came in by Tryton's moves: the event's key and whence → pieces. Each of its moves names an event."""
    sums: Counter[tuple[str, str]] = Counter()
    for key, source, quantity in erp.events(floor.settings.site):
        if source in (PLACES[SUPPLIER], PLACES[CUSTOMER]):
            sums[key, source] += int(quantity)
    return dict(sums)


def _taken_in(floor: Floor) -> dict[tuple[str, str], float]:
    """The same by the floor's own movements."""
    sums: Counter[tuple[str, str]] = Counter()
    came = select(movement.c.seq, movement.c.source, movement.c.quantity)
    here = or_(movement.c.source == SUPPLIER, movement.c.source == CUSTOMER)
    for seq, source, quantity in floor.world.rows(came.where(here)):
        sums[f"{floor.settings.site}.1.{seq}", PLACES[source]] += quantity
    return dict(sums)
