"""What documents and tasks count by each event, forwards and, for an undo, backwards.

An order line's picked, packed and shipped figures are sums of events, kept beside it so that boards need no adding up.
They change here and nowhere else, in the same transaction as the event, with sign +1 when it happened and −1 when it
was taken back. An event that no document counts has no rule here.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, bindparam, update

from app.db import Tx
from app.schema.documents import order_line, purchase_order
from app.stock.events import (
    Adjusted,
    Allocated,
    AnyEvent,
    AsnClosed,
    CartonClosed,
    CartonOpened,
    Deallocated,
    DimensionsMeasured,
    Loaded,
    OrderCancelled,
    Packed,
    PackShort,
    PalletReceived,
    Picked,
    PickShort,
    PutBack,
    ReceiptClosed,
    Received,
    Replenished,
    ReturnClosed,
    ReturnDisposed,
    ReturnIdentified,
    ReturnInspected,
    ReturnLeft,
    ReturnReceived,
    Shipped,
    Staged,
    TransferClosed,
    TransferDelivered,
    TransferReceived,
    TransferShipped,
    TruckArrived,
    TruckUnloaded,
    UnitInspected,
    Unloaded,
    UnplannedReceived,
    WrittenOff,
)
from app.stock.events.base import order_of
from app.work import (
    corrections,
    lots_met,
    pick_progress,
    receive_progress,
    replenishing_progress,
    ship_progress,
    transfers,
)
from app.work.inspections import counted as inspections
from app.work.inspections import ended
from app.work.returns import counted as returns

_Q: BindParameter[int] = bindparam("q")
_LINE = order_line.c.id == bindparam("of_line")
SET_PO_STATE = (
    update(purchase_order).where(purchase_order.c.code == bindparam("of_po")).values(state=bindparam("new_state"))
)
COUNT_PUT_BACK = (
    update(order_line).where(_LINE).values(picked=order_line.c.picked - _Q, cancelled=order_line.c.cancelled + _Q)
)

COUNT_PACK_SHORT = (
    update(order_line).where(_LINE).values(picked=order_line.c.picked - _Q, short=order_line.c.short + _Q)
)


def apply(tx: Tx, event: AnyEvent, sign: int = 1) -> None:
    """Count an event (+1) or take its count back (−1)."""
    rule = _RULES.get(type(event))
    if rule is not None:
        rule(tx, event, sign)
    ended.goods_moved(tx, event, sign)


def _received(tx: Tx, event: Received, sign: int) -> None:
    tx.run(receive_progress.COUNT_RECEIVED, of_po=event.po, of_line=event.line, q=sign * event.quantity)
    _lot_met(tx, event.item, event.target.lot, event.expiry, sign)
    tx.run(receive_progress.BEGIN_RECEIPT, of_po=event.po)
    receive_progress.announced(tx, event, sign)


def _pallet_received(tx: Tx, event: PalletReceived, sign: int) -> None:
    receive_progress.pallet_received(tx, event, sign)
    for one in event.goods:
        _lot_met(tx, one.item, one.target.lot, one.expiry, sign)


def _unplanned_received(tx: Tx, event: UnplannedReceived, sign: int) -> None:
    receive_progress.unplanned_received(tx, event, sign)
    _lot_met(tx, event.item, event.target.lot, event.expiry, sign)


def _lot_met(tx: Tx, item: str, number: str, expiry: str, sign: int) -> None:
    if number and sign > 0:
        lots_met.meet(tx, item, number, expiry)
    elif number:
        lots_met.forget(tx, item, number)


def _receipt_closed(tx: Tx, event: ReceiptClosed, sign: int) -> None:
    tx.run(SET_PO_STATE, of_po=event.po, new_state="closed" if sign > 0 else "receiving")


def _put_back(tx: Tx, event: PutBack, sign: int) -> None:
    tx.run(COUNT_PUT_BACK, of_line=event.line, q=sign * event.quantity)


def _pack_short(tx: Tx, event: PackShort, sign: int) -> None:
    """What was not in its tote is neither picked nor wanted; with nothing else the order waits as a backorder."""
    tx.run(COUNT_PACK_SHORT, of_line=event.line, q=sign * event.missing)
    order = order_of(event.line)
    ship_progress.settle(tx, order)
    pick_progress.settle(tx, order)


def _short(tx: Tx, event: PickShort, sign: int) -> None:
    """The line that was waited for may be the last one open of an order that is packed, or even gone, already."""
    pick_progress.short(tx, event, sign)
    ship_progress.settle(tx, order_of(event.line))


_RULES: dict[type, Callable[[Tx, Any, int], None]] = {
    Adjusted: corrections.counted,
    WrittenOff: corrections.counted,
    TransferShipped: transfers.counted,
    TransferReceived: transfers.counted,
    TransferDelivered: transfers.counted,
    TransferClosed: transfers.counted,
    Received: _received,
    PalletReceived: _pallet_received,
    UnplannedReceived: _unplanned_received,
    ReceiptClosed: _receipt_closed,
    AsnClosed: receive_progress.asn_closed,
    DimensionsMeasured: receive_progress.measured,
    TruckArrived: receive_progress.truck_arrived,
    TruckUnloaded: receive_progress.truck_unloaded,
    Allocated: pick_progress.allocated,
    Deallocated: pick_progress.allocated,
    OrderCancelled: pick_progress.allocated,
    Picked: pick_progress.picked,
    PickShort: _short,
    PutBack: _put_back,
    Replenished: replenishing_progress.replenished,
    PackShort: _pack_short,
    CartonOpened: ship_progress.opened,
    Packed: ship_progress.packed,
    CartonClosed: ship_progress.closed,
    Staged: ship_progress.staged,
    Loaded: ship_progress.loaded,
    Unloaded: ship_progress.unloaded,
    Shipped: ship_progress.shipped,
    UnitInspected: inspections.unit_inspected,
    ReturnReceived: returns.received,
    ReturnInspected: returns.inspected,
    ReturnDisposed: returns.disposed,
    ReturnLeft: returns.left,
    ReturnIdentified: returns.identified,
    ReturnClosed: returns.closed,
}
