"""The whole house and Tryton over a bad line while a crew receives: both are killed ten times, and nothing is twice.

`pickface serve` as an admin starts it, three workers over its public door, and each of them goes on as if nothing had
happened. At the end the line is good again, what Tryton never heard is told, and both books are equal to the piece.
"""

import random
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from app import schema
from app.crew.client import Handheld, Log
from app.crew.truth import Badge
from app.db import Database
from app.schema.people import worker
from app.work import people
from tests.faults.bad_line import FAULTS, BadLine
from tests.faults.clients import PIN
from tests.faults.server import Server
from tests.faults.test_tryton import KILLS, SEED
from tests.sync.tryton_books import Erp
from tests.sync.tryton_floor import NAME, Floor, floor_beside, live_tryton
from tests.tryton import company
from tests.tryton.server import PASSWORD

CREW = ("mara", "piet", "olga")
ORDERS = 12  # of each worker; nobody gets to the end of them before the last kill
LINES, ORDERED = ("P-0011", "P-0012", "P-0013"), 10
A_SCAN_S = 1.0  # between two scans of one worker
BETWEEN_KILLS_S = (0.2, 1.0)
MEASURED = {"weight_g": 400, "length_mm": 90, "width_mm": 90, "height_mm": 90, "measured": 1}


def lay_out(floor: Floor, erp: Erp) -> dict[str, list[str]]:
    """A dock and a pile of orders for each of the crew: worker → purchases."""
    orders = {
        who: [company.purchase(erp.books, "ACME", *[(item, ORDERED) for item in LINES]) for _ in range(ORDERS)]
        for who in CREW
    }
    floor.pull()
    world = floor.world
    for n, who in enumerate(CREW):
        world.location(f"DOCK-{n}", kind="dock")
        world.add(schema.places.station, code=f"D{n}", name=f"Dock {n}", location=f"DOCK-{n}")
        world.worker(who)
    pin = people.hash_pin(PIN)
    world.db.do(lambda tx: tx.run(update(worker).values(pin_hash=pin)))
    items = schema.items.item
    for code in LINES:
        world.change(items, items.c.code == code, **MEASURED)
    return orders


class Receiver(threading.Thread):
    """Receives order after order, one piece of the last line short, until told that it is enough."""

    def __init__(self, url: str, n: int, who: str, orders: list[str], barcodes: dict[str, str], log: Log) -> None:
        super().__init__(name=who, daemon=True)
        self.handheld = Handheld(url, Badge(badge=f"B-{who}", pin=PIN), log.note, random.Random(n))
        self._n, self._orders, self._barcodes = n, orders, barcodes
        self.enough = threading.Event()
        self.closed: list[str] = []

    def run(self) -> None:
        def send(raw: str, kind: str = "scan") -> None:
            time.sleep(A_SCAN_S)
            self.handheld.send(raw, kind)

        self.handheld.sign_in()
        send(f"STN/D{self._n}")
        send("start:receiving", "tap")
        for order in self._orders:
            if self.enough.is_set():
                return
            send(order)
            for line, item in enumerate(LINES):
                send(self._barcodes[item])
                send(str(ORDERED - (item == LINES[-1])), "type")
                send(f"LPN-{self._n}{len(self.closed):02}{line}")
            send("close", "tap")
            send("confirm", "tap")
            self.closed.append(order)


@pytest.mark.faults
@pytest.mark.timeout(1200)
def test_the_house_and_tryton_are_killed_while_the_crew_works_and_both_books_end_equal(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with live_tryton(tmp_path) as tryton, floor_beside(tryton, tmp_path) as floor:
        erp = Erp(tryton)
        orders = lay_out(floor, erp)
        floor.switchboard.stop()
        floor.world.db.close()
        line, log, begun = BadLine(tryton.port, SEED), Log(), time.monotonic()
        told = {"name": NAME, "kind": "tryton", "address": f"http://admin@127.0.0.1:{line.port}/erp", "batch": 10}
        connectors = [{**told, "secret": PASSWORD}]
        with Server(floor.url, tmp_path, site=floor.settings.site, connectors=connectors) as server:
            server.wait_ready()
            crew = [Receiver(server.url, n, who, orders[who], floor.world.barcodes, log) for n, who in enumerate(CREW)]
            for one in crew:
                one.start()
            for number in range(2 * KILLS):
                time.sleep(chance.uniform(*BETWEEN_KILLS_S))
                if number % 2:
                    tryton.kill()
                    tryton.start()
                else:
                    (server.kill_all if number % 4 else server.kill_answering)()
                    server.wait_ready()
            assert any(one.is_alive() for one in crew), "the crew was done before the last kill"
            for one in crew:
                one.enough.set()
            for one in crew:
                one.join(120)
        line.close()
        closed = [order for one in crew for order in one.closed]
        again = sum(entry.tries > 1 for entry in log.entries)
        print(f"{len(log.entries)} scans, {again} sent again, {len(closed)} orders, {dict(line.happened)} on the line")
        assert again >= 1, "no kill met a scan under way: it proved nothing"
        assert not any(entry.outcome != "ok" for entry in log.entries if entry.kind == "type"), log.entries[-5:]
        assert sum(line.happened[fault] for fault in FAULTS) > 0

        floor.world.db = Database(floor.url)
        floor.start()
        floor.told()
        floor.check()
        print(f"both books are equal after {server.kills} and {KILLS} kills, {time.monotonic() - begun:.0f} s")
        received = [quantity for _, source, quantity in erp.events(floor.settings.site) if source == "SUP"]
        assert sum(received) == sum(floor.stock().values())
        assert len(received) == len(LINES) * len(closed)
        for order in closed:
            assert erp.expected(order) == {LINES[-1]: 1}
