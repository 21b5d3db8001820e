"""One unit of the sample: which it is, where it was taken from, and whether it may be counted at all.

A unit comes out of one balance, so that a defective one can be taken away from there. With serials each unit is scanned
by its own, and only once. More units than the plan asks for are not counted: they would change what the plan means.
"""

from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import BadAmount, State, Unknown, Wrong
from app.schema.quality import inspection_unit
from app.schema.stock import serial as serials
from app.stock.balances import Balance
from app.stock.events import UnitInspected
from app.stock.slots import Slot
from app.work.inspections import lots, rules
from app.work.inspections.deciding import SampleIncomplete
from app.work.inspections.lots import Inspection

MOST_FACTS = 20


class OtherLot(Wrong):
    code, title = "other_lot", "Another lot"
    says = "{expected} is being inspected, this is {scanned}."
    todo = "Put it back, and scan a unit of {expected}."


class WhereFrom(State):
    code, title = "where_from", "From where?"
    says = "{item} stands in several places."
    todo = "Scan the LPN or place this unit is from, then the unit."


class InspectedAlready(State):
    code, title = "inspected_already", "Seen already"
    says = "Serial {scanned} was looked at already."
    todo = "Take another unit."


class NotInLot(Wrong):
    code, title = "not_in_lot", "Not of this lot"
    says = "Serial {scanned} is not among the goods under inspection."
    todo = "Take a unit of this lot."


class SerialFirst(State):
    code, title = "scan_serials", "Scan the serial"
    says = "{item} has serials: each unit is scanned by its own."
    todo = "Scan the serial of the unit."


class AboveSample(BadAmount):
    code, title = "above_sample", "More than the sample"
    says = "{left} more are to be looked at, not {amount}."
    todo = "Scan single units, or type how many."


class OneByOne(BadAmount):
    code, title = "one_by_one", "One by one"
    says = "These units are measured, so each is looked at by itself."
    todo = "Scan one unit."


class MoreThanThere(BadAmount):
    code, title = "more_than_there", "More than there"
    says = "{place} holds {quantity}, and {seen} of them are looked at."
    todo = "Scan the LPN or place the others are from."


class NoSuchCheck(Unknown):
    code, title = "no_such_check", "No such check"
    says = "{scanned} is not looked at here."
    todo = "Press one of those shown."


SEEN = select(inspection_unit.c.n).where(
    inspection_unit.c.inspection == bindparam("which"), inspection_unit.c.serial == bindparam("number")
)
WHERE = select(serials.c.location, serials.c.lpn, serials.c.lot, serials.c.status).where(
    serials.c.item == bindparam("of_item"), serials.c.serial == bindparam("number")
)
ANY_SERIAL = (
    select(serials.c.serial)
    .where(
        serials.c.item == bindparam("of_item"), serials.c.status == lots.STATUS, serials.c.lot == bindparam("of_lot")
    )
    .limit(1)
)


def unit(
    tx: Tx,
    found: Inspection,
    location: str,
    lpn: str,
    *,
    quantity: int,
    serial: str = "",
    defect: str = "",
    facts: tuple[str, ...] = (),
) -> UnitInspected:
    """The event that says a unit was looked at. Raises AboveSample, WhereFrom, NotInLot, InspectedAlready …"""
    refuse_amount(found, quantity, one_by_one=bool(facts))
    slot = slot_of(tx, found, location, lpn, serial, quantity)
    return UnitInspected(
        inspection=found.id,
        item=found.item,
        lot=found.lot,
        receipt=found.receipt,
        n=lots.next_n(tx, found.id),
        quantity=quantity,
        good=not defect,
        location=slot.location,
        lpn=slot.lpn,
        serial=serial,
        defect=defect,
        facts=facts[:MOST_FACTS],
    )


def refuse_other(found: Inspection, item: str, lot: str) -> None:
    """Raises OtherLot where a label is not of the lot being inspected."""
    if item != found.item or lot not in ("", found.lot):
        raise OtherLot(expected=found.named, scanned=f"{item} lot {lot}" if lot else item)


def refuse_amount(found: Inspection, quantity: int, *, one_by_one: bool) -> None:
    if quantity < 1:
        raise BadAmount(amount=quantity, reason="at least one unit", scanned=str(quantity))
    if one_by_one and quantity > 1:
        raise OneByOne(scanned=str(quantity))
    if quantity > found.left:
        raise AboveSample(left=found.left, amount=quantity, scanned=str(quantity))


def slot_of(tx: Tx, found: Inspection, location: str, lpn: str, serial: str, quantity: int) -> Slot:
    """The balance the units are taken from. Raises WhereFrom, MoreThanThere, NotInLot, InspectedAlready, SerialFirst."""
    rows = lots.under(tx, found.item, found.lot)
    if serial:
        return _of_serial(tx, found, rows, serial)
    if tx.value(ANY_SERIAL, of_item=found.item, of_lot=found.lot) is not None:
        raise SerialFirst(item=found.item)
    if lpn or location:
        rows = [row for row in rows if (row.lpn == lpn if lpn else row.location == location and not row.lpn)]
    if len(rows) != 1:
        raise WhereFrom(item=found.named)
    one = rows[0]
    seen = sum(
        each.quantity for each in lots.units(tx, found.id) if (each.location, each.lpn) == (one.location, one.lpn)
    )
    if seen + quantity > one.quantity:
        raise MoreThanThere(place=one.lpn or one.location, quantity=one.quantity, seen=seen, amount=quantity)
    return one.slot


def check_named(tx: Tx, found: Inspection, code: str) -> rules.Check:
    """Raises NoSuchCheck."""
    for check in rules.checks_of(tx, found.item):
        if check.code == code and check.kind != "measure":
            return check
    raise NoSuchCheck(scanned=code[:40] or "Nothing")


def wants_photo(tx: Tx, found: Inspection, defect: str) -> bool:
    return any(check.code == defect and check.kind == "photo" for check in rules.checks_of(tx, found.item))


def photo_missing(tx: Tx, found: Inspection) -> bool:
    """Was something found that wants a photo? The verdict waits for it."""
    return any(not each.good and wants_photo(tx, found, each.defect) for each in lots.units(tx, found.id))


def incomplete(found: Inspection) -> SampleIncomplete:
    return SampleIncomplete(seen=found.seen, sample=found.sample, left=found.left)


def _of_serial(tx: Tx, found: Inspection, rows: list[Balance], number: str) -> Slot:
    if tx.value(SEEN, which=found.id, number=number) is not None:
        raise InspectedAlready(scanned=number)
    known = tx.row(WHERE, of_item=found.item, number=number)
    here = [row for row in rows if known is not None and tuple(known) == (row.location, row.lpn, row.lot, row.status)]
    if not here:
        raise NotInLot(scanned=number)
    return here[0].slot
