"""A tenth of the proof, every time: 50 orders on SQLite and a short day on PostgreSQL, killed three times each.

The day's evidence is then falsified in many small ways, one at a time: an auditor who does not object proves nothing.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import engines
from tests.proof import checker
from tests.proof.run import Proof, prove

pytestmark = [pytest.mark.xdist_group("proof"), pytest.mark.timeout(600)]


ALWAYS = frozenset(
    [
        "truck_arrived",
        "pallet_received",
        "asn_closed",
        "received",
        "unit_inspected",
        "inspected",
        "put_away",
        "picked",
        "packed",
        "loaded",
        "shipped",
    ]
)
BESIDE = frozenset(  # as the dice fall: nearly all of them
    [
        "moved",
        "replenished",
        "counted",
        "status_changed",
        "lot_held",
        "lot_released",
        "transfer_shipped",
        "transfer_received",
        "written_off",
    ]
)
MAY_LACK = 2


class Evidence:
    """What a day on SQLite left behind, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.floor = next(folder.glob("*floor.db"))
        self.ledger, self.log = folder / "central.db", folder / "crew.jsonl"
        self.physical = folder / "physical.json"

    def check(self) -> list[str]:
        floor = f"sqlite:///{self.floor}"
        return list(checker.check(floor, self.ledger, self.folder / "truth.json", self.log, self.physical))

    def sql(self, file: Path, *statements: str) -> None:
        connection = sqlite3.connect(file)
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert connection.execute(statement).rowcount == 1, statement
        connection.commit()
        connection.close()

    def rewrite(self, change: Callable[[list[dict[str, object]]], None]) -> None:
        scans = [json.loads(line) for line in self.log.read_text().splitlines()]
        change(scans)
        self.log.write_text("\n".join(json.dumps(scan) for scan in scans))


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Proof, Path]:
    """50 orders, 500 lines, on SQLite."""
    folder = tmp_path_factory.mktemp("day")
    database = f"sqlite:///{folder / 'floor.db'}"
    proof = prove(folder, "sqlite", database, orders=50, min_lines=500, most_lines=16, most_units=8, kills=3)
    print(proof.in_words())
    return proof, folder


def test_a_day_of_orders_is_proven_to_the_piece(day: tuple[Proof, Path]) -> None:
    proof, _ = day
    assert proof.faults == ()
    figures = proof.figures
    assert (figures.is_over, figures.odd, proof.kills) == (True, (), 3)
    assert figures.orders + proof.cancelled == 50
    assert figures.wrong == figures.refused >= 0.01 * figures.scans
    assert {"item", "place", "tote", "double"} <= figures.kinds.keys()
    assert figures.shorts_found >= 2


def test_a_short_day_on_postgresql(tmp_path: Path) -> None:
    database = engines.fresh_postgresql()
    proof = prove(
        tmp_path, "postgresql", database, orders=6, min_lines=60, most_lines=16, most_units=8, kills=3, seed=2
    )
    print(proof.in_words())
    assert (proof.faults, proof.figures.odd, proof.figures.is_over) == ((), (), True)
    assert proof.figures.wrong == proof.figures.refused > 0


@pytest.mark.faults  # its crew does not always come to an end: two of three runs of 2026-11-22 hung before the first wave
def test_every_job_mixed_leaves_floor_and_ledger_agreeing(tmp_path: Path) -> None:
    """A tenth of the 20,000 operations of `make proof`: every other job of the floor besides the way of the goods."""
    database = f"sqlite:///{tmp_path / 'floor.db'}"
    proof = prove(
        tmp_path, "sqlite", database, orders=12, min_lines=90, most_lines=12, most_units=8, kills=2, seed=3, mixed=True
    )
    print(proof.in_words())
    assert (proof.faults, proof.figures.odd, proof.figures.is_over) == ((), (), True)
    assert proof.figures.scans > 2000
    done = {row[0] for row in checker.rows(database, "SELECT DISTINCT kind FROM journal")}
    assert done >= ALWAYS
    assert len(BESIDE - done) <= MAY_LACK, BESIDE - done


# ── an auditor who never objects proves nothing ──────────────────────────────────────────────────────────────────────
FALSIFIED = {
    "a movement of one piece more": (
        "floor",
        "UPDATE movement SET quantity = quantity + 1 "
        "WHERE (seq, n) = (SELECT seq, n FROM movement WHERE serial = '' LIMIT 1)",
        "balance and movements",
    ),
    "a movement of another lot": (
        "floor",
        "UPDATE movement SET lot = 'B9999X' WHERE (seq, n) = (SELECT seq, n FROM movement WHERE lot <> '' LIMIT 1)",
        "balance and movements",
    ),
    "a balance of one piece less": (
        "floor",
        "UPDATE balance SET quantity = quantity - 1 WHERE (item, location, lpn, lot, status) = "
        "(SELECT item, location, lpn, lot, status FROM balance WHERE quantity > allocated LIMIT 1)",
        "balance and movements",
    ),
    "goods moved to another bin in the books only": (
        "floor",
        "UPDATE balance SET location = 'A-12-01-4' WHERE (item, location, lpn, lot, status) = "
        "(SELECT item, location, lpn, lot, status FROM balance WHERE quantity > 0 LIMIT 1)",
        "books and shelves",
    ),
    "an event that is missing": ("floor", "DELETE FROM journal WHERE seq = 17", "the journal has a gap"),
    "a scan that is missing": (
        "floor", "DELETE FROM scan WHERE id = (SELECT min(id) FROM scan)", "1 scans were lost"
    ),
    "a scan with another end": (
        "floor",
        "UPDATE scan SET outcome = 'ok' WHERE id = (SELECT min(id) FROM scan WHERE outcome <> 'ok')",
        "ended otherwise",
    ),
    "a scan nobody sent": (
        "floor",
        "INSERT INTO scan SELECT 'x' || id, worker, device, kind, raw, symbology, body, after, at, received, screen, "
        "understood, outcome, 0, answer FROM scan LIMIT 1",
        "1 scans were invented",
    ),
    "a line that shipped one more": (
        "floor",
        "UPDATE order_line SET shipped = shipped - 1 WHERE id = (SELECT min(id) FROM order_line WHERE shipped > 0)",
        "shipped",
    ),
    "a receipt's short nobody noted": (
        "floor", "DELETE FROM discrepancy WHERE id = (SELECT min(id) FROM discrepancy)", "short receipts"
    ),
    "a serial at another place": (
        "floor",
        "UPDATE serial SET location = 'A-01-01-1' WHERE (item, serial) = (SELECT item, serial FROM serial LIMIT 1)",
        "serial",
    ),
    "a total of the ledger": (
        "ledger",
        "UPDATE stock SET quantity = quantity + 1 WHERE (item, lot, status) = "
        "(SELECT item, lot, status FROM stock LIMIT 1)",
        "ledger and floor",
    ),
    "an event the ledger forgot": ("ledger", "DELETE FROM event WHERE n = 23", "the ledger has"),
}  # fmt: skip


@pytest.fixture
def evidence(day: tuple[Proof, Path], tmp_path: Path) -> Evidence:
    """A copy of the day's evidence, to be falsified."""
    for file in day[1].glob("*"):
        if file.is_file():
            shutil.copy(file, tmp_path)
    return Evidence(tmp_path)


def test_the_evidence_is_clean_before_it_is_falsified(evidence: Evidence) -> None:
    assert evidence.check() == []


@pytest.mark.parametrize("what", FALSIFIED)
def test_the_auditor_notices(evidence: Evidence, what: str) -> None:
    where, statement, complaint = FALSIFIED[what]
    evidence.sql(evidence.floor if where == "floor" else evidence.ledger, statement)
    faults = evidence.check()
    assert any(complaint in fault for fault in faults), faults


def test_the_auditor_notices_a_wrong_scan_that_was_taken(evidence: Evidence) -> None:
    def take(scans: list[dict[str, object]]) -> None:
        next(scan for scan in scans if scan["wrong"])["outcome"] = "ok"

    evidence.rewrite(take)
    assert any(fault.startswith("the wrong ") for fault in evidence.check())


def test_the_auditor_notices_a_piece_that_is_not_on_its_shelf(evidence: Evidence) -> None:
    shelves = json.loads(evidence.physical.read_text())
    next(pile for piles in shelves.values() for pile in piles if pile[2])[2] -= 1
    evidence.physical.write_text(json.dumps(shelves))
    assert any(fault.startswith("books and shelves") for fault in evidence.check())
