"""What notices, their pallets, discrepancies, items and doors count by the events of goods coming in.

Forwards (+1) and, for an undo, backwards (−1); called by progress.py alone.
"""

from sqlalchemy import BindParameter, bindparam, delete, insert, update

from app import clock
from app.db import Tx
from app.schema.documents import po_line, purchase_order
from app.schema.inbound import arrival, asn, asn_line, asn_pallet
from app.schema.items import item
from app.stock.events import (
    AsnClosed,
    DimensionsMeasured,
    PalletReceived,
    Received,
    TruckArrived,
    TruckUnloaded,
    UnplannedReceived,
)
from app.work import discrepancies, pick_progress

WRONG_GOODS = "wrong_goods"  # the unplanned reason that says: sent instead of what was ordered

_Q: BindParameter[int] = bindparam("q")
COUNT_RECEIVED = (
    update(po_line)
    .where(po_line.c.po == bindparam("of_po"), po_line.c.line == bindparam("of_line"))
    .values(received=po_line.c.received + _Q)
)
BEGIN_RECEIPT = (
    update(purchase_order)
    .where(purchase_order.c.code == bindparam("of_po"), purchase_order.c.state == "open")
    .values(state="receiving")
)
COUNT_DECLARED = (
    update(asn_line)
    .where(asn_line.c.asn == bindparam("of_asn"), asn_line.c.line == bindparam("of_line"))
    .values(received=asn_line.c.received + _Q)
)
BEGIN_ASN = update(asn).where(asn.c.code == bindparam("of_asn"), asn.c.state == "expected").values(state="receiving")
SET_ASN = update(asn).where(asn.c.code == bindparam("of_asn")).values(state=bindparam("new_state"))
SET_PALLET = (
    update(asn_pallet)
    .where(
        asn_pallet.c.asn == bindparam("of_asn"),
        asn_pallet.c.sscc == bindparam("of_sscc"),
        asn_pallet.c.state == bindparam("old_state"),
    )
    .values(state=bindparam("new_state"))
)
MEASURE = (
    update(item)
    .where(item.c.code == bindparam("of_item"))
    .values(
        length_mm=bindparam("l"), width_mm=bindparam("w"), height_mm=bindparam("h"), weight_g=bindparam("g"),
        measured=bindparam("m"),
    )
)  # fmt: skip
ADD_ARRIVAL = insert(arrival).values(
    state="at_door", unloaded=0,
    **{
        name: bindparam(name)
        for name in (
            "id", "document", "supplier", "carrier", "door", "seal", "answers", "due", "until", "arrived", "worker",
        )
    },
)  # fmt: skip
DROP_ARRIVAL = delete(arrival).where(arrival.c.id == bindparam("which"))
END_ARRIVAL = (
    update(arrival)
    .where(arrival.c.id == bindparam("which"))
    .values(state=bindparam("new_state"), unloaded=bindparam("u"))
)


def announced(tx: Tx, event: Received, sign: int) -> None:
    """Counted goods of a notice: its line, and the pallet they stand on."""
    _promised(tx, event, sign)
    if event.problem:
        _case(tx, event, event.problem, event.po, event.line, sign)
    if not event.asn:
        return
    if event.asn_line:
        tx.run(COUNT_DECLARED, of_asn=event.asn, of_line=event.asn_line, q=sign * event.quantity)
    _pallet_begun(tx, event, sign)
    tx.run(BEGIN_ASN, of_asn=event.asn)


def _promised(tx: Tx, event: Received | PalletReceived, sign: int) -> None:
    for gone in event.backordered:
        tx.run(pick_progress.COUNT_SHORT, of_line=gone.line, given_up=sign * gone.quantity, q=0)
    for claim in event.promised:
        tx.run(pick_progress.COUNT_ALLOCATED, of_line=claim.line, q=sign * claim.quantity)


def pallet_received(tx: Tx, event: PalletReceived, sign: int) -> None:
    _promised(tx, event, sign)
    for one in event.goods:
        tx.run(COUNT_RECEIVED, of_po=one.po, of_line=one.line, q=sign * one.quantity)
        tx.run(COUNT_DECLARED, of_asn=event.asn, of_line=one.asn_line, q=sign * one.quantity)
        tx.run(BEGIN_RECEIPT, of_po=one.po)
    states = ("expected", "received") if sign > 0 else ("received", "expected")
    for carried in event.nested:
        tx.run(SET_PALLET, of_asn=event.asn, of_sscc=carried.lpn, old_state=states[0], new_state=states[1])
    tx.run(BEGIN_ASN, of_asn=event.asn)
    tx.tell("receipts")


def unplanned_received(tx: Tx, event: UnplannedReceived, sign: int) -> None:
    _case(tx, event, "wrong_item" if event.reason == WRONG_GOODS else "unplanned", event.po, "", sign)
    if event.asn:
        _pallet_begun(tx, event, sign)


def _pallet_begun(tx: Tx, event: Received | UnplannedReceived, sign: int) -> None:
    if event.new_lpn:
        states = ("expected", "counting") if sign > 0 else ("counting", "expected")
        tx.run(SET_PALLET, of_asn=event.asn, of_sscc=event.target.lpn, old_state=states[0], new_state=states[1])


def _case(tx: Tx, event: Received | UnplannedReceived, kind: str, po: str, line: str, sign: int) -> None:
    if sign > 0:
        discrepancies.open_case(
            tx,
            event.case,
            kind=kind,
            document=event.document,
            line=line,
            item=event.item,
            found=event.quantity,
            target=event.target,
            reason=event.reason if isinstance(event, UnplannedReceived) else "",
        )
    else:
        discrepancies.drop_case(tx, event.case)


def asn_closed(tx: Tx, event: AsnClosed, sign: int) -> None:
    tx.run(SET_ASN, of_asn=event.asn, new_state="closed" if sign > 0 else "receiving")
    tx.tell("receipts")
    tx.tell("arrivals")


def measured(tx: Tx, event: DimensionsMeasured, sign: int) -> None:
    sizes = (event.length_mm, event.width_mm, event.height_mm, event.weight_g) if sign > 0 else (0, 0, 0, 0)
    length, width, height, weight = sizes
    tx.run(MEASURE, of_item=event.item, l=length, w=width, h=height, g=weight, m=clock.now() if sign > 0 else 0)


def truck_arrived(tx: Tx, event: TruckArrived, sign: int) -> None:
    if sign < 0:
        tx.run(DROP_ARRIVAL, which=event.arrival)
    else:
        tx.run(
            ADD_ARRIVAL, id=event.arrival, document=event.lane, supplier=event.supplier, carrier=event.carrier,
            door=event.door, seal=event.seal, answers=event.answers, due=event.due, until=event.until,
            arrived=clock.now(), worker="",
        )  # fmt: skip
    tx.tell("arrivals")


def truck_unloaded(tx: Tx, event: TruckUnloaded, sign: int) -> None:
    state, at = ("unloaded", clock.now()) if sign > 0 else ("at_door", 0)
    tx.run(END_ARRIVAL, which=event.arrival, new_state=state, u=at)
    tx.tell("arrivals")
