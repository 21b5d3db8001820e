"""Receiving, the moment it becomes so: the counted goods stand on their LPN, and the journal says it.

All rules are asked once more here, for another worker may have received on the same line, or the office cancelled the
PO, while this one counted. Goods of an item that stands on several lines of the PO are one posting a line. A number made
here gets its label printed; a scanned LPN has one already.
"""

from datetime import date

import msgspec

from app import clock
from app.errors import ScanAgain, State, Wrong
from app.floor.floor import Floor
from app.floor.readings import LpnReading
from app.floor.screens import Screen, build
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer
from app.stock import balances
from app.stock.events import Received, UnplannedReceived
from app.stock.slots import Slot, Status
from app.work import (
    arrivals,
    arrivals_expected,
    asns,
    cross_docking,
    discrepancies,
    numbers,
    photos,
    receipts,
    receiving_rules,
    shelf_life,
    tolerance,
)
from app.work.inspections import arrives_as
from app.workflows import receiving_onward
from app.workflows.receiving_goods import Goods, check_amount, home
from printers.labels import HoldLabel, LpnLabel


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


class StrangePlate(ScanAgain):
    code, title = "strange_plate", "A new number?"
    says = "{scanned} is not one of this house's numbers, and nobody has scanned it before."
    todo = "Is it the LPN they stand on? Scan it again."


class HoldNeedsLpn(State):
    code, title = "hold_needs_lpn", "An LPN for these"
    says = "Goods on hold stand on an LPN of their own, so that nobody takes them for good ones."
    todo = "Scan an empty LPN, or tap New LPN."


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
    if goods.on_hold and any(held.status == "available" for held in balances.in_lpn(floor.tx, read.lpn)):
        raise arrivals.LpnTaken(scanned=read.lpn, reason="good ones stand on it, and these are on hold")
    if not goods.on_hold and any(
        held.status in ("quarantine", "damaged") for held in balances.in_lpn(floor.tx, read.lpn)
    ):
        raise arrivals.LpnTaken(scanned=read.lpn, reason="goods on hold stand on it")
    if goods.sscc and (known := balances.carrier(floor.tx, read.lpn)) is not None and known.state == "open":
        return Plate(lpn=read.lpn)  # a pallet may hold goods of several POs of its notice
    begins = arrivals.check_plate(floor.tx, read.lpn, read.of, goods.document, goods.location)
    if begins and read.new and read.lpn != goods.sscc and not numbers.is_ours(floor.tx, read.lpn):
        floor.confirm(StrangePlate(scanned=read.lpn))
    return Plate(lpn=read.lpn, begins=begins)


def refuse_other_pallet(goods: Goods, where: str) -> None:
    """Good ones counted on a pallet stay on it; what is on hold comes off it. Raises OtherPallet."""
    if goods.sscc and not goods.on_hold and where != goods.sscc:
        raise OtherPallet(expected=arrivals.short(goods.sscc), scanned=arrivals.short(where))


def refuse_unfinished(floor: Floor, goods: Goods) -> None:
    """Raises PlaceBlocked, NotForReceiving, SerialsMissing."""
    arrivals.check_place(floor.tx, goods.location)
    if goods.by_serial and (not goods.serials or len(goods.serials) != goods.count):
        raise SerialsMissing(expected=max(1, goods.count), scanned=len(goods.serials))


def receive(floor: Floor, goods: Goods, on: Plate) -> Screen:
    """Book it.

    Raises PoClosed, LineClosed, OverTolerance, OverOrdered, SerialsMissing, PlaceBlocked, DuplicateSerial, HoldNeedsLpn.
    """
    refuse_unfinished(floor, goods)
    if on.made_here and not on.lpn:
        on = msgspec.structs.replace(on, lpn=numbers.lpn(floor.tx))
    if goods.on_hold and not on.lpn:
        raise HoldNeedsLpn()
    if goods.unplanned:
        return _unplanned(floor, goods, on)
    tx = floor.tx
    po = receipts.open_po(tx, goods.po)
    check_amount(floor, goods)
    serials, grams, begins = goods.serials, goods.grams, on.begins
    over = 0
    asn, asn_line = asns.match(tx, po.code, goods.item, goods.lot, goods.sscc or on.lpn, goods.asn)
    arrives = arrives_as(tx, goods.item, po.code, lot=goods.lot)
    shares = tolerance.share_out(receipts.lines_of_item(tx, po.code, goods.item), goods.count)
    target = _slot(goods, on, arrives)
    served = cross_docking.waiting(tx, po=po.code, item=goods.item, slot=target, quantity=goods.count)
    wave = cross_docking.begin(tx, served, floor.worker)
    for share in shares:
        event = Received(
            po=po.code,
            line=share.line,
            item=goods.item,
            quantity=share.quantity,
            target=target,
            expiry=goods.expiry,
            serials=serials[: share.quantity],
            unit=goods.unit,
            pack=goods.pack,
            grams=grams,
            new_lpn=begins,
            over=share.over,
            asn=asn,
            asn_line=asn_line,
            problem=goods.problem,
            case=clock.new_id() if goods.problem else "",
            promised=tuple(claim for one in served for claim in one.claims) if share is shares[-1] else (),
            wave=wave if share is shares[-1] else "",
            backordered=cross_docking.backordered(served) if share is shares[-1] else (),
        )
        floor.post(event)
        _sign(floor, goods, event.case)
        serials, grams, begins, over = serials[share.quantity :], 0, False, over + share.over
    cross_docking.hand_over(tx, wave, served)
    _tell(floor, goods, on, over, arrives)
    _label(floor, goods, on)
    tx.tell("receipts")
    return receiving_onward.after(floor, goods, served, _next(floor, goods))


def _next(floor: Floor, goods: Goods) -> Screen:
    tx, po = floor.tx, receipts.open_po(floor.tx, goods.po)
    done = not goods.asn and all(not line.left for line in receipts.lines(tx, po.code))
    if done and not receiving_rules.is_blind(tx, po.code):
        return build("receiving.review", po=po.code, location=goods.location)
    return home(goods, last_item=goods.item, last_lot=goods.lot, last_expiry=goods.expiry)


def _unplanned(floor: Floor, goods: Goods, on: Plate) -> Screen:
    """Goods nobody ordered: on hold, under a case of their own, and the ERP hears of them with the event."""
    event = UnplannedReceived(
        item=goods.item,
        quantity=goods.count,
        target=_slot(goods, on),
        reason=goods.unplanned,
        case=clock.new_id(),
        po=goods.po,
        asn=goods.asn,
        expiry=goods.expiry,
        serials=goods.serials,
        unit=goods.unit,
        pack=goods.pack,
        grams=goods.grams,
        new_lpn=on.begins,
    )
    floor.post(event)
    _sign(floor, goods, event.case)
    _tell(floor, goods, on, 0)
    _label(floor, goods, on)
    floor.tx.tell("receipts")
    return home(goods)


def _slot(goods: Goods, on: Plate, arrives: Status = "available") -> Slot:
    status: Status = "damaged" if goods.problem == "damaged" else "quarantine" if goods.on_hold else arrives
    return Slot(location=goods.location, lpn=on.lpn, lot=goods.lot, status=status)


def _sign(floor: Floor, goods: Goods, case: str) -> None:
    """The case names who received: somebody else decides on it."""
    if case:
        discrepancies.sign(floor.tx, case, floor.worker)
        if goods.photo:
            photos.link(floor.tx, goods.photo, f"discrepancy {case}", floor.worker)


def _tell(floor: Floor, goods: Goods, on: Plate, over: int, arrives: Status = "available") -> None:
    of = receipts.item_of(floor.tx, goods.item)
    said = f"{goods.count} {of.unit} {goods.item} " + (f"on LPN {on.lpn}" if on.lpn else f"at {goods.location}")
    if goods.on_hold:
        floor.warn(f"{said}, on hold: {discrepancies.TITLES[goods.problem or 'unplanned']}.")
        return
    held = shelf_life.lot_of(floor.tx, goods.item, goods.lot) if goods.lot else None
    if held is not None and held[1]:
        floor.warn(f"{said}. Lot {goods.lot} is on hold: {held[1]}.")
    else:
        blind = receiving_rules.is_blind(floor.tx, goods.po)
        waits = ", to be inspected" if arrives == "inspection" else ""
        floor.step(said + (f", {over} over" if over and not blind else "") + waits)


def _label(floor: Floor, goods: Goods, on: Plate) -> None:
    """A number made here gets its label, and goods on hold theirs, whatever they stand on."""
    if not (on.made_here or goods.on_hold):
        return
    if not has_printer(floor):
        if on.made_here:
            floor.warn(f"No label printer is set: write {on.lpn} on it.")
    elif goods.on_hold:
        _print_hold(floor, goods, on.lpn)
    else:
        _print(floor, goods, on.lpn)


def _print_hold(floor: Floor, goods: Goods, lpn: str) -> None:
    of = receipts.item_of(floor.tx, goods.item)
    label = HoldLabel(
        lpn=lpn,
        item=goods.item,
        name=of.name,
        reason=f"{discrepancies.TITLES[goods.problem or 'unplanned']}, {arrivals_expected.named(goods.document)}",
        status=_slot(goods, Plate(lpn=lpn)).status,
        quantity=goods.count,
        unit=of.unit,
        lot=goods.lot,
        held_by=floor.seat.short_name,
        held_on=shelf_life.today(floor.tx),
    )
    once = f"hold {lpn} {floor.posted[-1]}"  # each booking its own; the same booking never twice
    queue_label(floor, label, subject=lpn, document=goods.document, once=once)


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
    queue_label(floor, label, subject=lpn, document=goods.document)
