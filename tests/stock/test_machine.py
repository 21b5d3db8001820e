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

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from app.db import Database
from app.errors import Refusal
from app.schema.items import lot as lots
from app.schema.stock import allocation, balance
from app.schema.stock import lpn as lpns
from app.stock import balances, journal, ledger, rebuild
from app.stock.events import (
    Adjusted,
    Allocated,
    AnyEvent,
    CartonOpened,
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
from app.stock.slots import CUSTOMER, Carry, Claim, Movement, Slot, Status
from tests import engines
from tests.world import BY

ITEMS = st.sampled_from(["TEE-M", "HONEY"])
LOTS = st.sampled_from(["", "L1"])
LINES = st.sampled_from(["4711/1", "4712/1"])
BINS = ("A-01", "A-02")
STATUSES: st.SearchStrategy[Status] = st.sampled_from(["available", "available", "damaged"])
FEW = st.integers(1, 4)
SUMS = select(balance.c.item, func.sum(balance.c.quantity)).group_by(balance.c.item)
PROMISED = select(func.sum(balance.c.allocated))
PROMISES = select(allocation).where(allocation.c.quantity > 0)
HELD_BY_LINES = select(func.sum(allocation.c.quantity))
OUTSIDE = select(func.count()).select_from(balance).where(balance.c.quantity < balance.c.allocated)


def _move(item: str, quantity: int, source: Slot, target: Slot, line: str = "") -> Movement:
    return Movement(item=item, quantity=quantity, source=source, target=target, line=line)


class Warehouse(RuleBasedStateMachine):
    engine: ClassVar[str] = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="pickface-machine-"))
        self.url = engines.fresh(self.engine, self.folder)
        self.db = Database(self.url)
        self.expected: dict[str, int] = defaultdict(int)
        self.events = 0
        self.plates = self.cartons = 1  # one whose goods are all gone is not used again: the next one is
        self.db.do(lambda tx: tx.run(lots.insert().values(item="HONEY", lot="L1", held="")))
        self.db.do(lambda tx: tx.run(lpns.insert().values(code="T-1", kind="tote", location="CART")))

    def teardown(self) -> None:
        with self.db.reading() as tx:
            report = rebuild.check(tx)
        self.db.close()
        engines.remove(self.url)
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

    @rule(
        item=ITEMS,
        lot=LOTS,
        place=st.sampled_from(BINS),
        on_plate=st.booleans(),
        quantity=FEW,
        status=STATUSES,
    )
    def receive(self, item: str, lot: str, place: str, on_plate: bool, quantity: int, status: Status) -> None:
        plate = f"LPN-{self.plates}" if on_plate else ""
        target = Slot(location=place, lpn=plate, lot=lot, status=status)
        event = Received(
            po="1",
            line="1",
            item=item,
            quantity=quantity,
            target=target,
            grams=7 * quantity,
            new_lpn=bool(plate) and not self.lying(plate),
        )
        assert self.post(event)
        self.expected[item] += quantity

    def lying(self, carrier: str) -> int:
        with self.db.reading() as tx:
            return sum(one.quantity for one in balances.in_lpn(tx, carrier))

    def choose(self, data: st.DataObject, *locations: str) -> tuple[str, Slot, int]:
        """An item, a slot and a quantity to take there: mostly what lies there free, sometimes one too many."""
        with self.db.reading() as tx:
            rows = [row for row in tx.all(balances.ALL, balances.Balance) if row.location in locations]
        if not rows or data.draw(st.integers(0, 9)) == 0:
            return data.draw(ITEMS), Slot(location=locations[0], lot=data.draw(LOTS)), data.draw(FEW)
        row = data.draw(st.sampled_from(rows))
        return row.item, row.slot, data.draw(st.integers(1, row.free + 1))

    def choose_promise(self, data: st.DataObject, *locations: str) -> tuple[str, str, Slot, int]:
        """The same of what is promised to a line; sometimes another line asks for it."""
        with self.db.reading() as tx:
            rows = [row for row in tx.all(PROMISES, balances.Promise) if row.location in locations]
        if not rows:
            return data.draw(LINES), data.draw(ITEMS), Slot(location=locations[0]), data.draw(FEW)
        row = data.draw(st.sampled_from(rows))
        line = row.line if data.draw(st.integers(0, 9)) else data.draw(LINES)
        return line, row.item, row.slot, data.draw(st.integers(1, row.quantity + 1))

    @rule(data=st.data(), bin_=st.sampled_from(BINS))
    def put_away(self, data: st.DataObject, bin_: str) -> None:
        item, source, quantity = self.choose(data, *BINS)
        if source.lpn:
            moved = _move(item, quantity, source, source.at(bin_, ""))
            part = self.lying(source.lpn) > quantity
            if self.post(PutAway(lpn=source.lpn, target=bin_, contents=(moved,), part=part)) and not part:
                self.plates += 1

    @rule(data=st.data(), line=LINES, times=st.sampled_from([1, 1, 2]))
    def allocate(self, data: st.DataObject, line: str, times: int) -> None:
        item, slot, quantity = self.choose(data, *BINS)
        self.post(Allocated(order="4711", claimed=(Claim(line=line, item=item, quantity=quantity, slot=slot),) * times))

    @rule(data=st.data())
    def deallocate(self, data: st.DataObject) -> None:
        line, item, slot, quantity = self.choose_promise(data, *BINS, "CART")
        self.post(Deallocated(order="4711", claimed=(Claim(line=line, item=item, quantity=-quantity, slot=slot),)))

    @rule(data=st.data())
    def pick_short(self, data: st.DataObject) -> None:
        line, item, slot, missing = self.choose_promise(data, *BINS)
        other, there, quantity = self.choose(data, *BINS)
        elsewhere = (Claim(line=line, item=other, quantity=quantity, slot=there),) if other == item else ()
        self.post(
            PickShort(line=line, pick="P", item=item, missing=missing, slot=slot, reason="empty", elsewhere=elsewhere)
        )

    @rule(data=st.data(), back=st.sampled_from([False, False, False, True]), bin_=st.sampled_from(BINS))
    def go_on(self, data: st.DataObject, back: bool, bin_: str) -> None:
        """Promised goods go a step further: picked, packed or put back, loaded, shipped."""
        with self.db.reading() as tx:
            nothing_promised = not tx.rows(PROMISES)
        if nothing_promised:
            self.allocate(data, data.draw(LINES), 1)
            return
        line, item, source, quantity = self.choose_promise(data, *BINS, "CART", "PACK", "TRUCK")
        if source.location in BINS:
            cart = source.at("CART", "T-1")
            self.post(Picked(line=line, pick="P", item=item, quantity=quantity, source=source, target=cart))
        elif source.location == "CART" and back:
            self.post(PutBack(line=line, item=item, quantity=quantity, source=source, target=source.at(bin_, "")))
        elif source.location == "CART":
            carton = source.at("PACK", f"C-{self.cartons}")
            if not self.lying(carton.lpn):
                self.post(CartonOpened(order="4711", carton=carton.lpn, location="PACK", type="S"))
            self.post(Packed(line=line, item=item, quantity=quantity, source=source, target=carton))
        elif source.location == "PACK":
            moved = _move(item, quantity, source, source.at("TRUCK"), line)
            self.post(Loaded(order="4711", carton=source.lpn, target="TRUCK", contents=(moved,)))
        else:
            moved = _move(item, quantity, source, Slot(location=CUSTOMER, lot=source.lot), line)
            ended = self.lying(source.lpn) == quantity
            cartons = (source.lpn,) if ended else ()
            if self.post(Shipped(order="4711", load="LD", cartons=cartons, contents=(moved,))):
                self.expected[item] -= quantity
                self.cartons += int(ended)

    go_on_again, and_again, and_on = go_on, go_on, go_on  # most of a day is picking, packing and loading

    @rule(data=st.data(), to=STATUSES)
    def change_status(self, data: st.DataObject, to: Status) -> None:
        item, source, quantity = self.choose(data, *BINS)
        target = msgspec.structs.replace(source, status=to)
        self.post(StatusChanged(item=item, quantity=quantity, source=source, target=target, reason="wet"))

    @rule(data=st.data(), bin_=st.sampled_from(BINS), promised=st.booleans())
    def carry(self, data: st.DataObject, bin_: str, promised: bool) -> None:
        if promised:
            line, item, source, quantity = self.choose_promise(data, *BINS, "CART", "PACK")
        else:
            line, (item, source, quantity) = "", self.choose(data, *BINS)
        self.post(Moved(contents=(_move(item, quantity, source, source.at(bin_, ""), line),)))

    @initialize()
    def open_the_house(self) -> None:
        for item in ("TEE-M", "HONEY"):
            for lot in ("", "L1"):
                self.receive(item, lot, "A-01", "", 9, "available")

    @rule(item=ITEMS, lot=LOTS, place=st.sampled_from(BINS), change=st.integers(-4, 4).filter(bool), status=STATUSES)
    def adjust(self, item: str, lot: str, place: str, change: int, status: Status) -> None:
        slot = Slot(location=place, lot=lot, status=status)
        if self.post(Adjusted(item=item, slot=slot, change=change, reason="count", approver="ada")):
            self.expected[item] += change

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
        before = {move.source.lpn: move.source.location for move in event.movements() if move.source.lpn}
        undone = Undone(
            seq=entry.seq,
            kind=entry.kind,
            lane=entry.document,
            carried=tuple(
                Carry(lpn=carry.lpn, location=carry.location, state="void")
                if carry.kind
                else Carry(lpn=carry.lpn, location=before[carry.lpn])
                for carry in event.carries()
                if carry.kind or carry.lpn in before
            ),
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
Warehouse.TestCase.settings = settings(max_examples=40, stateful_step_count=60, **_ANY)  # type: ignore[arg-type]
PostgresqlWarehouse.TestCase.settings = settings(max_examples=3, stateful_step_count=60, **_ANY)  # type: ignore[arg-type]

TestAnyDayOnSqlite = Warehouse.TestCase
TestAnyDayOnPostgresql = PostgresqlWarehouse.TestCase
