"""What documents and tasks count by each event, forwards and, for an undo, backwards.

An order line's picked, packed and shipped figures are sums of events, kept beside it so that boards need no adding up.
They change here and nowhere else, in the same transaction as the event, with sign +1 when it happened and −1 when it
was taken back. An event that no document counts has no rule here.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.schema.documents import order_line, po_line, purchase_order
from app.schema.items import lot
from app.schema.stock import movement
from app.schema.work import carton
from app.stock.events import (
    Allocated,
    AnyEvent,
    CartonClosed,
    Deallocated,
    Loaded,
    OrderCancelled,
    Packed,
    Picked,
    PickShort,
    PutBack,
    ReceiptClosed,
    Received,
    Shipped,
    Staged,
    Unloaded,
)
from app.work import pick_progress

_Q: BindParameter[int] = bindparam("q")
_LINE = order_line.c.id == bindparam("of_line")
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
SET_PO_STATE = (
    update(purchase_order).where(purchase_order.c.code == bindparam("of_po")).values(state=bindparam("new_state"))
)
_MEET_LOT = upsert(lot).values(**{name: bindparam(name) for name in ("item", "lot", "expiry", "seen")})
MEET_LOT = _MEET_LOT.on_conflict_do_update(
    index_elements=["item", "lot"], set_={"expiry": _MEET_LOT.excluded.expiry}, where=lot.c.expiry == ""
)
# A lot met by one receipt that was taken back was never met: its date may have been the mistake.
FORGET_LOT = delete(lot).where(
    lot.c.item == bindparam("of_item"),
    lot.c.lot == bindparam("of_lot"),
    lot.c.seen > 0,
    lot.c.held == "",
    select(func.count(movement.c.seq.distinct()))
    .where(movement.c.item == bindparam("of_item"), movement.c.lot == bindparam("of_lot"))
    .scalar_subquery()
    <= 2,  # the receipt and its undoing
)
COUNT_PACKED = update(order_line).where(_LINE).values(packed=order_line.c.packed + _Q)
COUNT_SHIPPED = update(order_line).where(_LINE).values(shipped=order_line.c.shipped + _Q)
COUNT_PUT_BACK = (
    update(order_line).where(_LINE).values(picked=order_line.c.picked - _Q, cancelled=order_line.c.cancelled + _Q)
)
CARTON_STATE = (
    update(carton)
    .where(carton.c.lpn == bindparam("of_carton"))
    .values(state=bindparam("new_state"), lane=bindparam("new_lane"), truck=bindparam("new_truck"))
)
CARTON_WEIGHED = (
    update(carton)
    .where(carton.c.lpn == bindparam("of_carton"))
    .values(state=bindparam("new_state"), weight_g=bindparam("weight"), expected_g=bindparam("expected"))
)
CARTON_SHIPPED = (
    update(carton)
    .where(carton.c.lpn == bindparam("of_carton"))
    .values(state=bindparam("new_state"), shipped=bindparam("at"))
)


def apply(tx: Tx, event: AnyEvent, sign: int = 1) -> None:
    """Count an event (+1) or take its count back (−1)."""
    rule = _RULES.get(type(event))
    if rule is not None:
        rule(tx, event, sign)


def _received(tx: Tx, event: Received, sign: int) -> None:
    tx.run(COUNT_RECEIVED, of_po=event.po, of_line=event.line, q=sign * event.quantity)
    if event.target.lot and sign > 0:
        tx.run(MEET_LOT, item=event.item, lot=event.target.lot, expiry=event.expiry, seen=clock.now())
    elif event.target.lot:
        tx.run(FORGET_LOT, of_item=event.item, of_lot=event.target.lot)
    tx.run(BEGIN_RECEIPT, of_po=event.po)


def _receipt_closed(tx: Tx, event: ReceiptClosed, sign: int) -> None:
    tx.run(SET_PO_STATE, of_po=event.po, new_state="closed" if sign > 0 else "receiving")


def _put_back(tx: Tx, event: PutBack, sign: int) -> None:
    tx.run(COUNT_PUT_BACK, of_line=event.line, q=sign * event.quantity)


def _packed(tx: Tx, event: Packed, sign: int) -> None:
    tx.run(COUNT_PACKED, of_line=event.line, q=sign * event.quantity)


def _carton_closed(tx: Tx, event: CartonClosed, sign: int) -> None:
    state = "weighed" if sign > 0 else "open"
    tx.run(
        CARTON_WEIGHED,
        of_carton=event.carton,
        new_state=state,
        weight=event.weight_g if sign > 0 else 0,
        expected=event.expected_g,
    )


def _staged(tx: Tx, event: Staged, sign: int) -> None:
    state, lane = ("staged", event.target) if sign > 0 else ("labelled", "")
    tx.run(CARTON_STATE, of_carton=event.carton, new_state=state, new_lane=lane, new_truck="")


def _loaded(tx: Tx, event: Loaded, sign: int) -> None:
    lane = event.contents[0].source.location if event.contents else ""
    state, truck = ("loaded", event.target) if sign > 0 else ("staged", "")
    tx.run(CARTON_STATE, of_carton=event.carton, new_state=state, new_lane=lane, new_truck=truck)


def _unloaded(tx: Tx, event: Unloaded, sign: int) -> None:
    truck = event.contents[0].source.location if event.contents else ""
    state, on = ("staged", "") if sign > 0 else ("loaded", truck)
    tx.run(CARTON_STATE, of_carton=event.carton, new_state=state, new_lane=event.target, new_truck=on)


def _shipped(tx: Tx, event: Shipped, sign: int) -> None:
    for move in event.contents:
        if move.line:
            tx.run(COUNT_SHIPPED, of_line=move.line, q=sign * move.quantity)
    for code in event.cartons:
        tx.run(CARTON_SHIPPED, of_carton=code, new_state="shipped" if sign > 0 else "loaded", at=0)


_RULES: dict[type, Callable[[Tx, Any, int], None]] = {
    Received: _received,
    ReceiptClosed: _receipt_closed,
    Allocated: pick_progress.allocated,
    Deallocated: pick_progress.allocated,
    OrderCancelled: pick_progress.allocated,
    Picked: pick_progress.picked,
    PickShort: pick_progress.short,
    PutBack: _put_back,
    Packed: _packed,
    CartonClosed: _carton_closed,
    Staged: _staged,
    Loaded: _loaded,
    Unloaded: _unloaded,
    Shipped: _shipped,
}
