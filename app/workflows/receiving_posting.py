"""Receiving, the moment it becomes so: the counted goods stand on their LPN, and the journal says it.

All rules are asked once more here, for another worker may have received on the same line, or the office cancelled the
PO, while this one counted. Goods of an item that stands on several lines of the PO are one posting a line. A number made
here gets its label printed; a scanned LPN has one already.
"""

from datetime import date

import msgspec

from app import printing
from app.errors import State, Wrong
from app.floor.barcodes import LpnReading
from app.floor.floor import Floor
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.events import Received
from app.stock.slots import Slot
from app.work import arrivals, asns, numbers, receipts, receiving_rules, shelf_life, tolerance
from app.workflows.receiving_goods import Goods, check_amount, home
from printers.labels import LpnLabel


class SerialsMissing(State):
    code, title = "serials_missing", "Serials missing"
    says = "{expected} pieces were declared, {scanned} serials scanned."
    todo = "Scan the missing serials, or type how many there are."


class OtherPallet(Wrong):
    code, title = "other_pallet", "Another pallet"
    says = "Pallet {expected} is being counted; the goods cannot go on {scanned}."
    todo = "Scan pallet {expected}."


class NoPallet(State):
    code, title = "no_pallet", "No pallet"
    says = "No pallet is being counted here."
    todo = "Scan the LPN they stand on."


class Plate(msgspec.Struct, frozen=True, kw_only=True):
    """What the goods stand on: an LPN, or the bare floor."""

    lpn: str = ""
    begins: bool = False  # these are its first goods
    made_here: bool = False  # then it needs a label


NO_PLATE = Plate()


def plate(floor: Floor, goods: Goods, read: LpnReading) -> Plate:
    """A scanned LPN, if it may take these goods. Raises LpnTaken, OtherPallet, PalletTaken."""
    refuse_other_pallet(goods, read.lpn)
    if asns.find_pallet(floor.tx, read.lpn) is not None:
        asns.pallet(floor.tx, read.lpn)
    if goods.sscc and (known := balances.carrier(floor.tx, read.lpn)) is not None and known.state == "open":
        return Plate(lpn=read.lpn)  # a pallet may hold goods of several POs of its notice
    begins = arrivals.check_plate(floor.tx, read.lpn, read.of, f"po {goods.po}", goods.location)
    return Plate(lpn=read.lpn, begins=begins)


def refuse_other_pallet(goods: Goods, where: str) -> None:
    """Goods counted on a pallet stay on it. Raises OtherPallet."""
    if goods.sscc and where != goods.sscc:
        raise OtherPallet(expected=arrivals.short(goods.sscc), scanned=arrivals.short(where))


def new_plate(floor: Floor) -> Plate:
    return Plate(lpn=numbers.lpn(floor.tx), begins=True, made_here=True)


def receive(floor: Floor, goods: Goods, on: Plate) -> Screen:
    """Book it. Raises PoClosed, LineClosed, OverTolerance, OverOrdered, SerialsMissing, PlaceBlocked, DuplicateSerial."""
    tx = floor.tx
    po = receipts.open_po(tx, goods.po)
    arrivals.check_place(tx, goods.location)
    if goods.by_serial and (not goods.serials or len(goods.serials) != goods.count):
        raise SerialsMissing(expected=max(1, goods.count), scanned=len(goods.serials))
    check_amount(floor, goods)
    serials, grams, begins = goods.serials, goods.grams, on.begins
    over = 0
    asn, asn_line = asns.match(tx, po.code, goods.item, goods.lot, on.lpn, goods.asn)
    for share in tolerance.share_out(receipts.lines_of_item(tx, po.code, goods.item), goods.count):
        event = Received(
            po=po.code,
            line=share.line,
            item=goods.item,
            quantity=share.quantity,
            target=Slot(location=goods.location, lpn=on.lpn, lot=goods.lot),
            expiry=goods.expiry,
            serials=serials[: share.quantity],
            unit=goods.unit,
            pack=goods.pack,
            grams=grams,
            new_lpn=begins,
            over=share.over,
            asn=asn,
            asn_line=asn_line,
        )
        floor.post(event)
        serials, grams, begins, over = serials[share.quantity :], 0, False, over + share.over
    _tell(floor, goods, on, over)
    if on.made_here and printing.has_printer(floor):
        _print(floor, goods, on.lpn)
    elif on.made_here:
        floor.warn(f"No label printer is set: write {on.lpn} on it.")
    tx.tell("receipts")
    done = not goods.asn and all(not line.left for line in receipts.lines(tx, po.code))
    if done and not receiving_rules.is_blind(tx, po.code):
        return build("receiving.review", po=po.code, location=goods.location)
    return home(goods, last_item=goods.item, last_lot=goods.lot, last_expiry=goods.expiry)


def _tell(floor: Floor, goods: Goods, on: Plate, over: int) -> None:
    of = receipts.item_of(floor.tx, goods.item)
    said = f"{goods.count} {of.unit} {goods.item} " + (f"on LPN {on.lpn}" if on.lpn else f"at {goods.location}")
    held = shelf_life.lot_of(floor.tx, goods.item, goods.lot) if goods.lot else None
    if held is not None and held[1]:
        floor.warn(f"{said}. Lot {goods.lot} is on hold: {held[1]}.")
    else:
        blind = receiving_rules.is_blind(floor.tx, goods.po)
        floor.step(said + (f", {over} over" if over and not blind else ""))


def _print(floor: Floor, goods: Goods, lpn: str) -> None:
    of = receipts.item_of(floor.tx, goods.item)
    label = LpnLabel(
        lpn=lpn,
        item=goods.item,
        name=of.name,
        quantity=goods.count,
        unit=of.unit,
        lot=goods.lot,
        expiry=date.fromisoformat(goods.expiry) if goods.expiry else None,
    )
    printing.queue_label(floor, label, subject=lpn, document=f"po {goods.po}")
