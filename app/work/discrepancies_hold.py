"""Goods that wait on hold for a decision: putting them aside at the end of a blind receipt, and finding them again.

Nobody warns a worker who counts blind, so what is more than the house lets in is found when the receipt is closed. The
newest plates that cover it are put on hold whole, never a part of one: two quantities on a plate would tell the next
look-up what was expected. What was put away by then is not fetched back; the case says how much is held.
"""

import msgspec
from sqlalchemy import bindparam, select, update

from app.db import Tx
from app.schema.places import location
from app.schema.work import discrepancy
from app.stock import balances
from app.stock.balances import Balance
from app.stock.events import AnyEvent, StatusChanged
from app.stock.slots import Movement, Slot
from app.work import receipts, receiving_rules, tolerance
from app.work.arrivals import ARRIVAL_KINDS
from app.work.discrepancies import Case

WAITING = ("quarantine", "damaged", "expired")  # statuses goods of a case may have
ARRIVED_AT = select(location.c.kind).where(location.c.code == bindparam("code"))
HOLD_FOR = (
    update(discrepancy)
    .where(
        discrepancy.c.document == bindparam("of_document"),
        discrepancy.c.line == bindparam("of_line"),
        discrepancy.c.kind == "over",
        discrepancy.c.state == "open",
    )
    .values(lpn=bindparam("plate"), lot=bindparam("of_lot"), location=bindparam("place"), quantity=bindparam("held"))
)


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """What is put on hold for one line that brought too much."""

    line: str
    held: tuple[Balance, ...]

    @property
    def quantity(self) -> int:
        return sum(one.quantity for one in self.held)

    def events(self, tx: Tx) -> list[AnyEvent]:
        found: list[AnyEvent] = []
        for one in self.held:
            target = msgspec.structs.replace(one.slot, status="quarantine")
            serials = balances.serials_of(tx, one)
            parts = [(1, number) for number in serials] or [(one.quantity, "")]
            found += [
                StatusChanged(
                    item=one.item, quantity=n, source=one.slot, target=target, reason="over the order", serial=number
                )
                for n, number in parts
            ]
        return found


def too_much(tx: Tx, po: str) -> list[Aside]:
    """Plates and places to put on hold at the end of a blind receipt, line by line; nothing where it is not blind."""
    if not receiving_rules.is_blind(tx, po):
        return []
    found = []
    for line in receipts.lines(tx, po):
        of = receipts.item_of(tx, line.item, po=po)
        over = line.received - line.quantity - tolerance.tolerated(of, line.quantity)
        held: list[Balance] = []
        for one in _arrived(tx, po, line.item) if over > 0 else []:
            if sum(each.quantity for each in held) < over:
                held.append(one)
        if held:
            found.append(Aside(line=line.line, held=tuple(held)))
    return found


def note(tx: Tx, po: str, aside: Aside) -> None:
    """The case of the line says what is held for it."""
    first = aside.held[0]
    tx.run(
        HOLD_FOR, of_document=f"po {po}", of_line=aside.line, plate=first.lpn, of_lot=first.lot, place=first.location,
        held=aside.quantity,
    )  # fmt: skip


def _arrived(tx: Tx, po: str, item: str) -> list[Balance]:
    """Free goods of a PO that still stand where they arrived, the newest first."""
    found = [one for one in balances.of_item(tx, item) if one.status == "available" and not one.allocated]
    return sorted((one for one in found if _of_po(tx, po, one)), key=lambda one: (not one.lpn, -one.since, one.lpn))


def _of_po(tx: Tx, po: str, one: Balance) -> bool:
    if tx.value(ARRIVED_AT, code=one.location) not in ARRIVAL_KINDS:
        return False
    carrier = balances.carrier(tx, one.lpn) if one.lpn else None
    return carrier is None or carrier.document == f"po {po}" or carrier.document.startswith("asn ")


def held_for(tx: Tx, case: Case) -> list[Balance]:
    """The goods a case is about, wherever they stand by now: on its plate first, then where they were set down."""
    waiting = [
        one
        for one in balances.of_item(tx, case.item)
        if one.status in WAITING and one.lot == case.lot and not one.allocated
    ]
    return sorted(waiting, key=lambda one: (one.lpn != case.lpn, one.location != case.location, one.since))


def moves(tx: Tx, held: list[Balance], quantity: int, target: Slot | None) -> list[Movement]:
    """`quantity` of these goods set free where they stand, or (with a target) gone; serials one by one."""
    found: list[Movement] = []
    for one in held:
        take = min(one.quantity, quantity)
        if not take:
            break
        quantity -= take
        to = target or msgspec.structs.replace(one.slot, status="available")
        serials = balances.serials_of(tx, one)[:take]
        if serials:
            found += [Movement(item=one.item, quantity=1, source=one.slot, target=to, serial=each) for each in serials]
        else:
            grams = one.grams * take // one.quantity
            found.append(Movement(item=one.item, quantity=take, source=one.slot, target=to, grams=grams))
    return found
