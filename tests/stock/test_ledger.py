"""What protects the stock: never negative, never taken twice, never out of a hold, each serial in one place only."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Refusal
from app.schema.items import lot as lots
from app.schema.stock import journal, lpn
from app.stock import ledger
from app.stock.events import (
    Adjusted,
    Allocated,
    AnyEvent,
    Deallocated,
    Loaded,
    Moved,
    OpeningStock,
    Packed,
    Picked,
    PickShort,
    PutBack,
    Received,
    Shipped,
    StatusChanged,
)
from app.stock.refusals import CyclicNest, DuplicateSerial, LpnEnded, NotEnough, OnHold, SerialElsewhere
from app.stock.slots import CUSTOMER, Carry, Claim, Movement, Slot
from tests.world import BY, World

Build = Callable[[str], World]
LINE = "4711/1"
BIN = Slot(location="A-01-01")
TOTE = Slot(location="CART-1", lpn="T-001")
CARTON = Slot(location="PACK-1", lpn="C-1")
TRUCK = Slot(location="TRUCK-1", lpn="C-1")


@pytest.fixture
def build(build: Build) -> Build:
    """Each house has a tote and a carton already."""

    def with_carriers(stock: str = "") -> World:
        world = build(stock)
        world.add(lpn, code="T-001", kind="tote", location="CART-1")
        world.add(lpn, code="C-1", kind="carton", location="PACK-1")
        return world

    return with_carriers


def post(world: World, *events: AnyEvent) -> None:
    """One command: all of them or none."""

    def work(tx: Any) -> None:
        for event in events:
            ledger.post(tx, event, BY)

    world.db.do(work)


def refused(world: World, refusal: type[Refusal], *events: AnyEvent) -> Refusal:
    """The refusal they meet; and nothing moved, and the books prove."""
    before = world.holds()
    with pytest.raises(refusal) as caught:
        post(world, *events)
    assert world.holds() == before
    world.check()
    return caught.value


def allocated(quantity: int, slot: Slot = BIN, line: str = LINE) -> Allocated:
    return Allocated(order="4711", claimed=(Claim(line=line, item="TEE-M", quantity=quantity, slot=slot),))


def picked(quantity: int = 2, source: Slot = BIN, line: str = LINE, serials: tuple[str, ...] = ()) -> Picked:
    target = source.at("CART-1", "T-001")
    return Picked(line=line, pick="P-1", item="TEE-M", quantity=quantity, source=source, target=target, serials=serials)


def packed(quantity: int = 2, source: Slot = TOTE, line: str = LINE) -> Packed:
    return Packed(line=line, item="TEE-M", quantity=quantity, source=source, target=source.at("PACK-1", "C-1"))


def move(source: Slot, target: Slot, quantity: int = 2, line: str = LINE, serial: str = "") -> Movement:
    return Movement(item="TEE-M", quantity=quantity, source=source, target=target, line=line, serial=serial)


def loaded(quantity: int = 2, source: Slot = CARTON) -> Loaded:
    there = source.at("TRUCK-1")
    return Loaded(order="4711", carton="C-1", target="TRUCK-1", contents=(move(source, there, quantity),))


def shipped(quantity: int = 2, source: Slot = TRUCK, line: str = LINE) -> Shipped:
    gone = move(source, Slot(location=CUSTOMER, lot=source.lot), quantity, line)
    return Shipped(order="4711", load="LD-1", cartons=("C-1",), contents=(gone,))


# ── never negative, never twice ──────────────────────────────────────────────────────────────────────────────────────
def test_goods_walk_from_bin_to_customer_with_their_promise(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    post(world, allocated(2))
    assert world.holds() == "A-01-01 TEE-M 10 (2 promised)"
    post(world, picked())
    assert world.holds() == "A-01-01 TEE-M 8\nCART-1 TEE-M 2 in T-001 (2 promised)"
    post(world, packed(), loaded())
    assert world.holds() == "A-01-01 TEE-M 8\nTRUCK-1 TEE-M 2 in C-1 (2 promised)"
    post(world, shipped())
    assert world.holds() == "A-01-01 TEE-M 8"
    world.check()


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (picked(3), "A-01-01 has no 3 × TEE-M free for 4711/1."),
        (packed(2), "T-001 has no 2 × TEE-M free for 4711/1."),
        (loaded(2), "C-1 has no 2 × TEE-M free for 4711/1."),
        (shipped(2), "C-1 has no 2 × TEE-M free for 4711/1."),
        (Moved(contents=(move(BIN, Slot(location="B"), 9, line=""),)), "A-01-01 has no 9 × TEE-M free."),
    ],
    ids=["pick", "pack", "load", "ship", "move"],
)
def test_more_than_is_there_cannot_be_taken(build: Build, event: AnyEvent, sentence: str) -> None:
    world = build("A-01-01 TEE-M 10")
    post(world, allocated(2))
    assert refused(world, NotEnough, event).sentence == sentence


def test_promised_goods_are_not_free_for_anybody_else(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    post(world, allocated(8))
    refused(world, NotEnough, allocated(3, line="4712/1"))
    refused(world, NotEnough, Moved(contents=(move(BIN, Slot(location="B-01"), 3, line=""),)))
    refused(world, NotEnough, picked(2, line="4712/1"))
    damaged = Slot(location="A-01-01", status="damaged")
    refused(world, NotEnough, StatusChanged(item="TEE-M", quantity=3, source=BIN, target=damaged, reason="wet"))
    refused(world, NotEnough, Adjusted(item="TEE-M", slot=BIN, change=-3, reason="count", approver="ada"))
    post(world, picked(8))
    assert world.holds() == "A-01-01 TEE-M 2\nCART-1 TEE-M 8 in T-001 (8 promised)"


@pytest.mark.parametrize("step", ["pick", "pack", "load", "ship"])
def test_what_was_taken_once_is_not_taken_twice(build: Build, step: str) -> None:
    world = build("A-01-01 TEE-M 10")
    events: dict[str, AnyEvent] = {"pick": picked(), "pack": packed(), "load": loaded(), "ship": shipped()}
    post(world, allocated(2))
    for name, event in events.items():
        post(world, event)
        if name == step:
            break
    refused(world, NotEnough, events[step])


def test_one_line_cannot_take_what_lies_there_for_another(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    post(world, allocated(2), allocated(2, line="4712/1"), picked(2), picked(2, line="4712/1"))
    refused(world, NotEnough, packed(3))
    refused(world, NotEnough, packed(2), packed(1))


def test_a_promise_is_given_back_once_and_only_by_its_line(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    post(world, allocated(3))
    back = Deallocated(order="4711", claimed=(allocated(3).claimed[0].back(),))
    theirs = Deallocated(order="4712", claimed=(Claim(line="4712/1", item="TEE-M", quantity=-1, slot=BIN),))
    refused(world, NotEnough, theirs)
    post(world, back)
    refused(world, NotEnough, back)
    assert world.holds() == "A-01-01 TEE-M 10"


def test_a_short_pick_moves_the_promise_elsewhere_in_one_step(build: Build) -> None:
    world = build("A-01-01 TEE-M 2\nA-09-01 TEE-M 5")
    post(world, allocated(2))
    elsewhere = Claim(line=LINE, item="TEE-M", quantity=2, slot=Slot(location="A-09-01"))
    short = PickShort(line=LINE, pick="P-1", item="TEE-M", missing=2, slot=BIN, reason="empty", elsewhere=(elsewhere,))
    post(world, short)
    assert world.holds() == "A-01-01 TEE-M 2\nA-09-01 TEE-M 5 (2 promised)"
    refused(world, NotEnough, short)


def test_a_refusal_in_the_middle_of_a_command_takes_all_of_it_back(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    refused(world, NotEnough, allocated(2), picked(2), packed(3))
    [(seq,)] = world.rows(select(journal.c.seq))
    assert seq == 1, "the numbers go on without a gap"
    post(world, allocated(2))
    world.check()


# ── never out of a hold ──────────────────────────────────────────────────────────────────────────────────────────────
HELD_SHIPMENT = [("pick", 0), ("pack", 1), ("load", 2), ("ship", 3)]


@pytest.mark.parametrize(("step", "done"), HELD_SHIPMENT)
def test_a_lot_on_hold_goes_no_further_at_any_step(build: Build, step: str, done: int) -> None:
    world = build("A-01-01 TEE-M 10 lot=L1")
    slots = [Slot(location=s.location, lpn=s.lpn, lot="L1") for s in (BIN, TOTE, CARTON, TRUCK)]
    walk: list[AnyEvent] = [picked(2, slots[0]), packed(2, slots[1]), loaded(2, slots[2]), shipped(2, slots[3])]
    post(world, allocated(2, slots[0]), *walk[:done])
    world.change(lots, lots.c.lot == "L1", held="recall 7")
    refusal = refused(world, OnHold, walk[done])
    assert "lot L1" in refusal.sentence
    refused(world, OnHold, allocated(1, slots[0], line="4712/1"))
    refused(world, OnHold, shipped(1, slots[0], line=""))
    world.change(lots, lots.c.lot == "L1", held="")
    post(world, *walk[done:])
    assert world.holds() == "A-01-01 TEE-M 8 lot L1"


@pytest.mark.parametrize("status", ["inspection", "quarantine", "damaged", "returned", "expired", "recalled"])
def test_goods_that_are_not_available_are_never_promised_nor_shipped(build: Build, status: str) -> None:
    world = build(f"A-01-01 TEE-M 10 status={status}")
    slot = Slot(location="A-01-01", status=status)  # type: ignore[arg-type]
    refused(world, Refusal, allocated(1, slot))
    refused(world, OnHold, picked(1, slot))
    refused(world, OnHold, shipped(1, slot))
    refused(world, OnHold, shipped(1, slot, line=""))
    post(world, Moved(contents=(move(slot, slot.at("B-01"), 3, line=""),)))
    assert world.holds() == f"A-01-01 TEE-M 7 {status}\nB-01 TEE-M 3 {status}", "they may be carried away"


def test_goods_keep_their_status_while_they_move(build: Build) -> None:
    world = build("A-01-01 TEE-M 10 status=quarantine")
    held = Slot(location="A-01-01", status="quarantine")
    refused(world, OnHold, Moved(contents=(move(held, Slot(location="B-01"), 3, line=""),)))
    post(world, StatusChanged(item="TEE-M", quantity=4, source=held, target=BIN, reason="inspected"))
    assert world.holds() == "A-01-01 TEE-M 4\nA-01-01 TEE-M 6 quarantine"


def test_a_put_back_ends_the_promise_and_frees_the_goods(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    post(world, allocated(2), picked(2))
    post(world, PutBack(line=LINE, item="TEE-M", quantity=2, source=TOTE, target=BIN))
    assert world.holds() == "A-01-01 TEE-M 10"
    refused(world, NotEnough, PutBack(line=LINE, item="TEE-M", quantity=2, source=TOTE, target=BIN))


# ── serials ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_serial_is_received_once_and_is_in_one_place(build: Build) -> None:
    world = build("A-01-01 TEE-M 2 serials=S-1,S-2\nA-02-01 TEE-M 1 serials=S-3")
    again = Received(po="1", line="1", item="TEE-M", quantity=1, target=Slot(location="DOCK"), serials=("S-1",))
    refusal = refused(world, DuplicateSerial, again)
    assert refusal.sentence == "Serial S-1 of TEE-M is already in stock at A-01-01."
    post(world, allocated(1))
    refusal = refused(world, SerialElsewhere, picked(1, serials=("S-3",)))
    assert refusal.sentence == "Serial S-3 of TEE-M is at A-02-01."
    refusal = refused(world, SerialElsewhere, picked(1, serials=("S-9",)))
    assert refusal.sentence == "Serial S-9 of TEE-M is not known here."
    post(world, picked(1, serials=("S-2",)))
    world.check()


def test_the_same_serial_twice_on_one_receipt_is_refused(build: Build) -> None:
    world = build("A-01-01 TEE-M 2")
    twice = Received(po="1", line="1", item="DRILL", quantity=2, target=Slot(location="D"), serials=("S-1", "S-1"))
    refused(world, DuplicateSerial, twice)


def test_a_serial_of_one_lot_does_not_leave_as_another(build: Build) -> None:
    """Both lie in the same bin; the labels say which is which."""
    world = build("A-01-01 TEE-M 1 lot=L1 serials=S-1\nA-01-01 TEE-M 1 lot=L2 serials=S-2")
    second = Slot(location="A-01-01", lot="L2")
    post(world, allocated(1, second))
    refusal = refused(world, SerialElsewhere, picked(1, second, serials=("S-1",)))
    assert refusal.sentence == "Serial S-1 of TEE-M is at A-01-01 in lot L1."


def test_a_shipped_serial_may_come_back(build: Build) -> None:
    world = build("A-01-01 TEE-M 1 serials=S-1")
    post(world, allocated(1), picked(1, serials=("S-1",)))
    gone = move(TOTE, Slot(location=CUSTOMER), 1, serial="S-1")
    post(world, Shipped(order="4711", load="L", cartons=(), contents=(gone,)))
    post(world, OpeningStock(item="TEE-M", quantity=1, target=BIN, serials=("S-1",)))
    assert world.holds() == "A-01-01 TEE-M 1"
    world.check()


# ── LPNs inside LPNs ─────────────────────────────────────────────────────────────────────────────────────────────────
def _nest(code: str, parent: str, kind: Any = "pallet") -> Moved:
    return Moved(contents=(), carried=(Carry(lpn=code, location="B-01", parent=parent, kind=kind),))


def test_plates_never_stand_in_a_circle(build: Build) -> None:
    world = build("")
    post(world, _nest("P-1", ""), _nest("P-2", "P-1"), _nest("P-3", "P-2"))
    refused(world, CyclicNest, _nest("P-1", "P-1"))
    refused(world, CyclicNest, _nest("P-1", "P-3"))
    refused(world, CyclicNest, _nest("P-4", ""), _nest("P-4", "P-3"), _nest("P-1", "P-4"))
    post(world, _nest("P-3", "P-1"), _nest("P-2", "P-3"))


def test_plates_are_nested_twenty_deep_and_no_deeper(build: Build) -> None:
    world = build("")
    post(world, _nest("P-0", ""), *(_nest(f"P-{n}", f"P-{n - 1}") for n in range(1, ledger.DEEPEST + 1)))
    refused(world, CyclicNest, _nest("P-99", f"P-{ledger.DEEPEST}"))


@pytest.mark.parametrize("state", ["void", "gone"])
def test_a_plate_that_ended_carries_nothing_again(build: Build, state: Any) -> None:
    world = build("A-01-01 TEE-M 10")
    for carry in (
        Carry(lpn="P-1", location="A-01", kind="pallet", document="po 1"),
        Carry(lpn="P-1", location="A-01", state=state),
    ):
        post(world, Moved(contents=(), carried=(carry,)))
    goods = Movement(item="TEE-M", quantity=1, source=BIN, target=Slot(location="A-02", lpn="P-1"))
    again = Moved(contents=(goods,), carried=(Carry(lpn="P-1", location="A-02"),))
    assert refused(world, LpnEnded, again).sentence == f"P-1 is {state}: nothing goes into it again."
    begun = Moved(contents=(goods,), carried=(Carry(lpn="P-1", location="A-02", kind="pallet", document="po 2"),))
    if state == "gone":
        refused(world, LpnEnded, begun)
    else:
        post(world, begun)
        assert world.holds() == "A-01-01 TEE-M 9\nA-02 TEE-M 1 in P-1"
    world.check()
