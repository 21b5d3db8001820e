"""Any mix of commands, in any order, refused or accepted: the balances are always the sum of the movements.

Hypothesis plays a warehouse with two items, lots, plates, two orders and a truck. It keeps a count of its own (what it
received, adjusted and shipped) and asks the books after every step; the whole proof runs at the end of each day.
"""

import contextlib
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import func, select

from app.db import Database
from app.errors import Refusal
from app.schema.items import lot as lots
from app.schema.stock import allocation, balance
from app.stock import journal, ledger, rebuild
from app.stock.events import (
    Adjusted,
    Allocated,
    AnyEvent,
    Deallocated,
    Loaded,
    Moved,
    Packed,
    Picked,
    PickShort,
    PutAway,
    PutBack,
    Received,
    Shipped,
    StatusChanged,
    Undone,
)
from app.stock.slots import CUSTOMER, Claim, Movement, Slot, Status
from tests import engines
from tests.world import BY

ITEMS = st.sampled_from(["TEE-M", "HONEY"])
LOTS = st.sampled_from(["", "L1"])
LINES = st.sampled_from(["4711/1", "4712/1"])
BINS = st.sampled_from(["A-01", "A-02"])
STATUSES: st.SearchStrategy[Status] = st.sampled_from(["available", "available", "damaged"])
FEW = st.integers(1, 4)
SUMS = select(balance.c.item, func.sum(balance.c.quantity)).group_by(balance.c.item)
PROMISED = select(func.sum(balance.c.allocated))
HELD_BY_LINES = select(func.sum(allocation.c.quantity))
OUTSIDE = select(func.count()).select_from(balance).where(balance.c.quantity < balance.c.allocated)


def _move(item: str, quantity: int, source: Slot, target: Slot, line: str = "") -> Movement:
    return Movement(item=item, quantity=quantity, source=source, target=target, line=line)


class Warehouse(RuleBasedStateMachine):
    engine: ClassVar[str] = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="pickface-machine-"))
        self.db = Database(engines.fresh(self.engine, self.folder))
        self.expected: dict[str, int] = defaultdict(int)
        self.events = 0
        self.db.do(lambda tx: tx.run(lots.insert().values(item="HONEY", lot="L1", held="")))

    def teardown(self) -> None:
        with self.db.reading() as tx:
            report = rebuild.check(tx)
        self.db.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert report.clean, report.findings
        assert report.events == self.events, "the numbers have no gap and no stranger"

    def post(self, event: AnyEvent) -> bool:
        try:
            self.db.do(lambda tx: ledger.post(tx, event, BY))
        except Refusal:
            return False
        self.events += 1
        return True

    @rule(item=ITEMS, lot=LOTS, place=BINS, plate=st.sampled_from(["", "LPN-1"]), quantity=FEW, status=STATUSES)
    def receive(self, item: str, lot: str, place: str, plate: str, quantity: int, status: Status) -> None:
        target = Slot(location=place, lpn=plate, lot=lot, status=status)
        event = Received(
            po="1", line="1", item=item, quantity=quantity, target=target, grams=7 * quantity, new_lpn=bool(plate)
        )
        assert self.post(event)
        self.expected[item] += quantity

    @rule(item=ITEMS, lot=LOTS, place=BINS, bin_=BINS, quantity=FEW)
    def put_away(self, item: str, lot: str, place: str, bin_: str, quantity: int) -> None:
        source = Slot(location=place, lpn="LPN-1", lot=lot)
        self.post(PutAway(lpn="LPN-1", target=bin_, contents=(_move(item, quantity, source, source.at(bin_, "")),)))

    @rule(item=ITEMS, lot=LOTS, line=LINES, place=BINS, quantity=FEW)
    def allocate(self, item: str, lot: str, line: str, place: str, quantity: int) -> None:
        claim = Claim(line=line, item=item, quantity=quantity, slot=Slot(location=place, lot=lot))
        self.post(Allocated(order="4711", claimed=(claim, claim)))

    @rule(item=ITEMS, lot=LOTS, line=LINES, place=BINS, quantity=FEW)
    def deallocate(self, item: str, lot: str, line: str, place: str, quantity: int) -> None:
        claim = Claim(line=line, item=item, quantity=-quantity, slot=Slot(location=place, lot=lot))
        self.post(Deallocated(order="4711", claimed=(claim,)))

    @rule(item=ITEMS, lot=LOTS, line=LINES, place=BINS, quantity=FEW)
    def pick(self, item: str, lot: str, line: str, place: str, quantity: int) -> None:
        source = Slot(location=place, lot=lot)
        target = source.at("CART", "T-1")
        self.post(Picked(line=line, pick="P", item=item, quantity=quantity, source=source, target=target))

    @rule(item=ITEMS, line=LINES, place=BINS, other=BINS, quantity=FEW)
    def pick_short(self, item: str, line: str, place: str, other: str, quantity: int) -> None:
        elsewhere = Claim(line=line, item=item, quantity=quantity, slot=Slot(location=other))
        slot = Slot(location=place)
        self.post(
            PickShort(
                line=line, pick="P", item=item, missing=quantity, slot=slot, reason="empty", elsewhere=(elsewhere,)
            )
        )

    @rule(item=ITEMS, lot=LOTS, line=LINES, place=BINS, quantity=FEW)
    def put_back(self, item: str, lot: str, line: str, place: str, quantity: int) -> None:
        source = Slot(location="CART", lpn="T-1", lot=lot)
        target = Slot(location=place, lot=lot)
        self.post(PutBack(line=line, item=item, quantity=quantity, source=source, target=target))

    @rule(item=ITEMS, lot=LOTS, line=LINES, quantity=FEW)
    def pack(self, item: str, lot: str, line: str, quantity: int) -> None:
        source = Slot(location="CART", lpn="T-1", lot=lot)
        target = source.at("PACK", "C-1")
        self.post(Packed(line=line, item=item, quantity=quantity, source=source, target=target))

    @rule(item=ITEMS, lot=LOTS, line=LINES, quantity=FEW)
    def load(self, item: str, lot: str, line: str, quantity: int) -> None:
        source = Slot(location="PACK", lpn="C-1", lot=lot)
        moved = _move(item, quantity, source, source.at("TRUCK"), line)
        self.post(Loaded(order="4711", carton="C-1", target="TRUCK", contents=(moved,)))

    @rule(item=ITEMS, lot=LOTS, line=LINES, quantity=FEW)
    def ship(self, item: str, lot: str, line: str, quantity: int) -> None:
        source = Slot(location="TRUCK", lpn="C-1", lot=lot)
        moved = _move(item, quantity, source, Slot(location=CUSTOMER, lot=lot), line)
        if self.post(Shipped(order="4711", load="LD", cartons=("C-1",), contents=(moved,))):
            self.expected[item] -= quantity

    @rule(item=ITEMS, lot=LOTS, place=BINS, quantity=FEW, status=STATUSES, to=STATUSES)
    def change_status(self, item: str, lot: str, place: str, quantity: int, status: Status, to: Status) -> None:
        source = Slot(location=place, lot=lot, status=status)
        target = Slot(location=place, lot=lot, status=to)
        self.post(StatusChanged(item=item, quantity=quantity, source=source, target=target, reason="wet"))

    @rule(item=ITEMS, lot=LOTS, place=BINS, change=st.integers(-4, 4).filter(bool), status=STATUSES)
    def adjust(self, item: str, lot: str, place: str, change: int, status: Status) -> None:
        slot = Slot(location=place, lot=lot, status=status)
        if self.post(Adjusted(item=item, slot=slot, change=change, reason="count", approver="ada")):
            self.expected[item] += change

    @rule(item=ITEMS, lot=LOTS, line=st.sampled_from(["", "4711/1"]), place=BINS, bin_=BINS, quantity=FEW)
    def carry(self, item: str, lot: str, line: str, place: str, bin_: str, quantity: int) -> None:
        here, there = Slot(location=place, lot=lot), Slot(location=bin_, lot=lot)
        self.post(Moved(contents=(_move(item, quantity, here, there, line),)))

    @rule(held=st.booleans())
    def hold_the_lot(self, held: bool) -> None:
        reason = "recall" if held else ""
        self.db.do(lambda tx: tx.run(lots.update().where(lots.c.lot == "L1").values(held=reason)))

    @rule()
    def undo_the_last(self) -> None:
        with self.db.reading() as tx:
            entry = journal.entry(tx, journal.last_seq(tx))
        if entry is None or entry.kind == "undone":
            return
        event = entry.event
        undone = Undone(
            seq=entry.seq,
            kind=entry.kind,
            lane=entry.document,
            moved=tuple(move.back() for move in reversed(event.movements())),
            claimed=tuple(claim.back() for claim in reversed(event.claims())),
        )
        if self.post(undone):
            for move in event.movements():
                self.expected[move.item] += move.quantity * (
                    int(move.source.is_endless) * -1 + int(move.target.is_endless)
                )

    @rule(item=ITEMS, quantity=FEW)
    def a_command_that_fails_halfway(self, item: str, quantity: int) -> None:
        """The first event of it is taken back with the second."""

        def work(tx: Any) -> None:
            ledger.post(tx, Received(po="1", line="1", item=item, quantity=quantity, target=Slot(location="A-01")), BY)
            nowhere = Slot(location="NOWHERE")
            ledger.post(tx, Moved(contents=(_move(item, 1, nowhere, Slot(location="A-01")),)), BY)

        with contextlib.suppress(Refusal):
            self.db.do(work)
            raise AssertionError("nothing lies nowhere")

    @invariant()
    def nothing_is_created_or_destroyed(self) -> None:
        with self.db.reading() as tx:
            sums = {item: int(total) for item, total in tx.rows(SUMS)}
            promised, held = int(tx.value(PROMISED) or 0), int(tx.value(HELD_BY_LINES) or 0)
            assert tx.value(OUTSIDE) == 0, "more is promised than lies there"
        assert {item: total for item, total in sums.items() if total} == {
            item: total for item, total in self.expected.items() if total
        }
        assert promised == held


class PostgresqlWarehouse(Warehouse):
    engine = "postgresql"


_ANY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
Warehouse.TestCase.settings = settings(max_examples=60, stateful_step_count=40, **_ANY)  # type: ignore[arg-type]
PostgresqlWarehouse.TestCase.settings = settings(max_examples=4, stateful_step_count=40, **_ANY)  # type: ignore[arg-type]

TestAnyDayOnSqlite = Warehouse.TestCase
TestAnyDayOnPostgresql = PostgresqlWarehouse.TestCase
