"""What an order, its lines, its picks and its wave count by promising and picking; part of progress.py's one place.

The state of an order that is being picked follows from its lines: `picking` while one wants something, then `picked`,
or `backordered` when nothing was found, or not all of what must ship complete. A step can be taken back only while
its order is still on that road: a pick of a cancelled order must not fill its bin with promises again.
"""

from sqlalchemy import BindParameter, and_, bindparam, case, exists, or_, select, update

from app.db import Tx
from app.errors import UndoTooLate
from app.schema.documents import order_line, sales_order
from app.schema.work import pick, wave
from app.stock.events import Allocated, Deallocated, OrderCancelled, Picked, PickShort
from app.stock.events.base import order_of

ON_THE_WAY = ("waved", "picking", "picked", "backordered")

_Q: BindParameter[int] = bindparam("q")
_LINE = order_line.c.id == bindparam("of_line")
_PICK = pick.c.id == bindparam("of_pick")
_ORDER = sales_order.c.code == bindparam("of_order")
COUNT_ALLOCATED = update(order_line).where(_LINE).values(allocated=order_line.c.allocated + _Q)
COUNT_PICKED = (
    update(order_line).where(_LINE).values(picked=order_line.c.picked + _Q, allocated=order_line.c.allocated - _Q)
)
COUNT_SHORT = (
    update(order_line)
    .where(_LINE)
    .values(short=order_line.c.short + bindparam("given_up"), allocated=order_line.c.allocated - _Q)
)
_LEFT = pick.c.quantity - pick.c.picked - pick.c.short - _Q
_PICK_STATE = case((pick.c.state == "cancelled", "cancelled"), (_LEFT <= 0, "done"), else_="open")
PICK_TOOK = update(pick).where(_PICK).values(picked=pick.c.picked + _Q, state=_PICK_STATE)
PICK_MISSED = update(pick).where(_PICK).values(short=pick.c.short + _Q, state=_PICK_STATE)
STATE_OF_PICK = select(pick.c.state).where(_PICK)
STATE_OF_ORDER = select(sales_order.c.state).where(_ORDER)
_OF_ORDER = order_line.c.order_code == bindparam("of_order")
_WANTS = exists(
    select(order_line.c.id).where(
        _OF_ORDER, order_line.c.quantity > order_line.c.picked + order_line.c.short + order_line.c.cancelled
    )
)
_HAS = exists(select(order_line.c.id).where(_OF_ORDER, order_line.c.picked > 0))
_LACKS = exists(select(order_line.c.id).where(_OF_ORDER, order_line.c.short > 0))
SETTLE = (
    update(sales_order)
    .where(_ORDER, or_(*(sales_order.c.state == state for state in ON_THE_WAY)))
    .values(
        state=case(
            (_WANTS, "picking"),
            (and_(_LACKS, ~_HAS), "backordered"),
            (and_(_LACKS, sales_order.c.ship_complete == 1), "backordered"),
            (~_HAS, "cancelled"),
            else_="picked",
        )
    )
)
_WAVE_OF_ORDER = select(sales_order.c.wave).where(_ORDER).scalar_subquery()
BEGIN_WAVE = update(wave).where(wave.c.code == _WAVE_OF_ORDER, wave.c.state == "released").values(state="picking")


def allocated(tx: Tx, event: Allocated | Deallocated | OrderCancelled, sign: int) -> None:
    for claim in event.claimed:
        tx.run(COUNT_ALLOCATED, of_line=claim.line, q=sign * claim.quantity)
    if not isinstance(event, OrderCancelled):
        for gone in event.backordered:
            tx.run(COUNT_SHORT, of_line=gone.line, given_up=sign * gone.quantity, q=0)


def picked(tx: Tx, event: Picked, sign: int) -> None:
    if sign < 0:
        _refuse_late(tx, event.line, event.pick)
    quantity = sign * event.quantity
    tx.run(COUNT_PICKED, of_line=event.line, q=quantity)
    if event.pick:
        tx.run(PICK_TOOK, of_pick=event.pick, q=quantity)
    _settle(tx, event.line)


def short(tx: Tx, event: PickShort, sign: int) -> None:
    if sign < 0:
        _refuse_late(tx, event.line, event.pick)
    moved_on = sum(claim.quantity for claim in event.elsewhere)
    tx.run(
        COUNT_SHORT,
        of_line=event.line,
        given_up=sign * event.backordered,
        q=sign * (event.missing - moved_on),
    )
    if event.pick:
        tx.run(PICK_MISSED, of_pick=event.pick, q=sign * event.missing)
    _settle(tx, event.line)


def settle(tx: Tx, order: str) -> None:
    """Let the state of an order that is not packed yet follow its lines."""
    tx.run(SETTLE, of_order=order)


def _settle(tx: Tx, line: str) -> None:
    order = order_of(line)
    tx.run(SETTLE, of_order=order)
    if tx.run(BEGIN_WAVE, of_order=order):
        tx.tell("waves")


def _refuse_late(tx: Tx, line: str, key: str) -> None:
    order = order_of(line)
    state = tx.value(STATE_OF_ORDER, of_order=order)
    if state is not None and state not in ON_THE_WAY:
        raise UndoTooLate(reason=f"order {order} is {state}.")
    if key and tx.value(STATE_OF_PICK, of_pick=key) == "cancelled":
        raise UndoTooLate(reason=f"order {order} was changed.")
