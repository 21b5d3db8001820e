"""One day on one engine: convert, import, serve, work, break, drain, and hand the evidence to the checker."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.crew.figures import Figures
from app.crew.run import Crew
from app.crew.truth import load
from tests.proof import checker, erp
from tests.proof.converter import convert
from tests.proof.faults import Trouble
from tests.proof.floor import ProofFloor

DRAINED_WITHIN_S = 300.0
DOWN_PART = 0.3  # of the day the ledger must have been away
SCANS_A_LINE = 12  # roughly, from the truck to the truck; only spreads the kills over the day

Say = Callable[[str], None]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was done and what was found; `faults` empty means proven."""

    engine: str
    about: str
    units: int
    figures: Figures
    kills: int
    sink_kills: int
    sink_down_s: float
    day_s: float
    drain_s: float
    events: int
    cancelled: int  # orders of which nothing was there, given up by the ERP at the end of the day
    faults: tuple[str, ...]

    def in_words(self) -> str:
        verdict = "PROVEN: floor and ledger agree to the piece, no scan lost or doubled, every line accounted for."
        lines = [
            f"{self.engine}: {self.about}",
            self.figures.in_words(),
            f"{self.units} units; {self.events} events; {self.cancelled} orders cancelled for want of goods",
            f"server killed −9 {self.kills} times; ledger killed {self.sink_kills} times, "
            f"down {self.sink_down_s:.0f} of {self.day_s:.0f} s; drained in {self.drain_s:.1f} s",
            *(f"FAULT: {fault}" for fault in self.faults),
            f"{len(self.faults)} faults." if self.faults else verdict,
        ]
        return "\n".join(lines)


def prove(
    folder: Path,
    engine: str,
    database: str,
    *,
    orders: int,
    min_lines: int,
    most_lines: int | None,
    most_units: int | None,
    kills: int,
    workers: int = 8,
    seed: int = 1,
    mixed: bool = False,
    say: Say = print,
) -> Proof:
    """The whole day in `folder`; the database must be empty. Raises only where nothing could be tried at all."""
    truth = convert(folder / "day", orders, min_lines, seed, most_lines=most_lines, most_units=most_units, mixed=mixed)
    papers = folder / "truth.json"
    papers.write_text(json.dumps(truth))
    with ProofFloor(folder, database) as floor:
        imported = floor.run("import", str(folder / "day"))
        if imported.returncode:
            raise RuntimeError(f"The import refused the day:\n{imported.stdout}{imported.stderr}")
        say(f"{engine}: {truth['about']}; {truth['line_count']} lines, {len(truth['items'])} items imported")
        floor.server.start()
        floor.server.wait_ready()
        erp.order_transfers(floor.server.url, truth["transfers"])
        crew = Crew(floor.server.url, load(papers), workers=workers, seed=seed, labels=floor.labels)
        expected = SCANS_A_LINE * truth["line_count"]
        with Trouble(floor, kills, expected, lambda: len(crew.log.entries), seed) as trouble:
            figures = crew.run()
        floor.server.wait_ready()
        log = folder / "crew.jsonl"
        log.write_bytes(b"\n".join(msgspec.json.encode(entry) for entry in crew.log.entries))
        (folder / "physical.json").write_bytes(msgspec.json.encode(_physical(crew)))
        cancelled = erp.cancel(floor.server.url, checker.unserved(database))
        events, drain_s = _drained(floor, database)
        floor.server.stop()
        floor.sink.kill()
        proven = floor.run("check")
        faults = list(checker.check(database, floor.sink.database, papers, log, folder / "physical.json"))
    if proven.returncode:
        faults.insert(0, f"`pickface check` is not clean:\n{proven.stdout}{proven.stderr}")
    faults += [f"odd: {odd}" for odd in figures.odd]
    if not figures.is_over:
        faults.append("the day was not finished")
    if trouble.down_s < DOWN_PART * trouble.lived_s:
        faults.append(f"the ledger was down only {trouble.down_s:.0f} of {trouble.lived_s:.0f} s")
    if floor.server.kills != kills:
        faults.append(f"the server was killed {floor.server.kills} times, not {kills}")
    return Proof(
        engine=engine,
        about=truth["about"],
        units=truth["units"],
        figures=figures,
        kills=floor.server.kills,
        sink_kills=trouble.sink_kills,
        sink_down_s=trouble.down_s,
        day_s=trouble.lived_s,
        drain_s=drain_s,
        events=events,
        cancelled=cancelled,
        faults=tuple(faults),
    )


def _physical(crew: Crew) -> dict[str, list[tuple[str, str, int, list[str], str]]]:
    """Where the crew left what: place → (item, lot, pieces, serials, status)."""
    return {
        place: [(pile.item, pile.lot, pile.quantity, pile.serials, pile.status) for pile in piles]
        for place, piles in {**crew.house.holding(), "~scrap": crew.house.scrapped}.items()
        if piles
    }


def _drained(floor: ProofFloor, database: str) -> tuple[int, float]:
    """(events, seconds until the ledger has heard of all of them)."""
    began = time.monotonic()
    events = checker.last_event(database)
    while time.monotonic() - began < DRAINED_WITHIN_S:
        if len(floor.sink.keys()) >= events:
            break
        time.sleep(0.2)
    return events, time.monotonic() - began
