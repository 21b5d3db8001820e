"""What an order and its cartons count by packing, staging, loading and shipping; part of progress.py's one place.

The state of an order past its picks follows from where its goods are: `packing` while some lie outside a labelled
carton, then as far as the carton that is furthest behind: `packed`, `staged`, `loaded`, and `shipped` when a truck took
the last of them. What stays behind keeps the order open. A step can be taken back only while its order is on that road:
the goods of a cancelled order go back to the shelf, not into their tote.
"""

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import UndoTooLate
from app.schema.documents import order_line, sales_order
from app.schema.stock import balance
from app.schema.work import carton
from app.stock.events import CartonClosed, CartonOpened, Loaded, Packed, Shipped, Staged, Unloaded
from app.stock.events.base import order_of

ON_THE_ROAD = ("picking", "picked", "packing", "packed", "staged", "loaded")

_Q: BindParameter[int] = bindparam("q")
_LINE = order_line.c.id == bindparam("of_line")
_ORDER = sales_order.c.code == bindparam("of_order")
_CARTON = carton.c.lpn == bindparam("of_carton")
COUNT_PACKED = update(order_line).where(_LINE).values(packed=order_line.c.packed + _Q)
COUNT_SHIPPED = update(order_line).where(_LINE).values(shipped=order_line.c.shipped + _Q)
STATE_OF_ORDER = select(sales_order.c.state).where(_ORDER)
HEAD = select(sales_order.c.carrier, sales_order.c.service).where(_ORDER)
_CARTON_ROW = ("lpn", "order_code", "type", "why", "carrier", "service", "opened")
_NEW_CARTON = upsert(carton).values(state="open", **{name: bindparam(name) for name in _CARTON_ROW})
# Folded again as another type, the number stays.
OPEN_CARTON = _NEW_CARTON.on_conflict_do_update(
    index_elements=["lpn"],
    set_={"type": _NEW_CARTON.excluded.type, "why": _NEW_CARTON.excluded.why, "state": _NEW_CARTON.excluded.state},
)
VOID_CARTON = update(carton).where(_CARTON).values(state="void")
CARTON_WEIGHED = (
    update(carton)
    .where(_CARTON)
    .values(
        state=bindparam("new_state"), weight_g=bindparam("weight"), expected_g=bindparam("expected"),
        carrier=bindparam("new_carrier"), service=bindparam("new_service"), length_mm=bindparam("long"),
        width_mm=bindparam("wide"), height_mm=bindparam("high"),
    )
)  # fmt: skip
# What the order left open is settled by its first carton; the others go the same way, for they share its lane.
PIN_CARRIER = (
    update(sales_order).where(_ORDER).values(carrier=bindparam("new_carrier"), service=bindparam("new_service"))
)
CARTON_AT = (
    update(carton)
    .where(_CARTON)
    .values(state=bindparam("new_state"), lane=bindparam("new_lane"), truck=bindparam("new_truck"))
)
CARTON_SHIPPED = (
    update(carton)
    .where(_CARTON)
    .values(state=bindparam("new_state"), shipped=bindparam("left_at"), load_code=bindparam("of_load"))
)
PIN_LANE = update(sales_order).where(_ORDER, sales_order.c.lane == "").values(lane=bindparam("new_lane"))
UNPIN_LANE = (
    update(sales_order)
    .where(
        _ORDER,
        ~exists(
            select(carton.c.lpn).where(
                carton.c.order_code == bindparam("of_order"), carton.c.lane == sales_order.c.lane
            )
        ),
    )
    .values(lane="")
)
_OF_ORDER = order_line.c.order_code == bindparam("of_order")


def _a_line(rule: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(order_line.c.id).where(_OF_ORDER, rule))


def _a_carton(*states: str) -> ColumnElement[bool]:
    """Is a carton with goods in it in one of these states?"""
    filled = select(func.sum(balance.c.quantity)).where(balance.c.lpn == carton.c.lpn).scalar_subquery()
    return exists(
        select(carton.c.lpn).where(
            carton.c.order_code == bindparam("of_order"),
            or_(*(carton.c.state == state for state in states)),
            filled > 0,
        )
    )


_WANTS = _a_line(order_line.c.quantity > order_line.c.picked + order_line.c.short + order_line.c.cancelled)
_LOOSE = _a_line(order_line.c.picked > order_line.c.packed)
_INSIDE = _a_line(order_line.c.packed > order_line.c.shipped)
_GONE = _a_line(order_line.c.shipped > 0)
SETTLE = (
    update(sales_order)
    .where(_ORDER, or_(*(sales_order.c.state == state for state in ON_THE_ROAD)))
    .values(
        state=case(
            (and_(~_INSIDE, _WANTS), "picking"),
            (and_(~_INSIDE, ~_LOOSE, _GONE), "shipped"),
            (~_INSIDE, "picked"),
            (or_(_LOOSE, _WANTS, _a_carton("open", "weighed", "printed")), "packing"),
            (_a_carton("labelled"), "packed"),
            (_a_carton("staged"), "staged"),
            else_="loaded",
        )
    )
)


def settle(tx: Tx, order: str) -> None:
    """Let the order's state follow its goods and cartons."""
    tx.run(SETTLE, of_order=order)
    tx.tell("orders")


def opened(tx: Tx, event: CartonOpened, sign: int) -> None:
    if sign < 0:
        tx.run(VOID_CARTON, of_carton=event.carton)
        return
    carrier, service = tx.row(HEAD, of_order=event.order) or ("", "")
    tx.run(
        OPEN_CARTON,
        lpn=event.carton,
        order_code=event.order,
        type=event.type,
        why=event.why,
        carrier=carrier,
        service=service,
        opened=clock.now(),
    )


def packed(tx: Tx, event: Packed, sign: int) -> None:
    order = order_of(event.line)
    _refuse_late(tx, order, sign)
    tx.run(COUNT_PACKED, of_line=event.line, q=sign * event.quantity)
    if sign > 0 and tx.value(STATE_OF_ORDER, of_order=order) == "packing":
        tx.tell("orders")  # a unit in a carton that has no label yet: the order stays where it is
    else:
        settle(tx, order)


def closed(tx: Tx, event: CartonClosed, sign: int) -> None:
    _refuse_late(tx, event.order, sign)
    tx.run(
        CARTON_WEIGHED,
        of_carton=event.carton,
        new_state="weighed" if sign > 0 else "open",
        weight=event.weight_g if sign > 0 else 0,
        expected=event.expected_g,
        new_carrier=event.carrier,
        new_service=event.service,
        long=event.length_mm if sign > 0 else 0,
        wide=event.width_mm if sign > 0 else 0,
        high=event.height_mm if sign > 0 else 0,
    )
    if event.chosen and sign > 0:
        tx.run(PIN_CARRIER, of_order=event.order, new_carrier=event.carrier, new_service=event.service)
    settle(tx, event.order)


def staged(tx: Tx, event: Staged, sign: int) -> None:
    _refuse_late(tx, event.order, sign)
    state, lane = ("staged", event.target) if sign > 0 else ("labelled", "")
    tx.run(CARTON_AT, of_carton=event.carton, new_state=state, new_lane=lane, new_truck="")
    tx.run(PIN_LANE if sign > 0 else UNPIN_LANE, of_order=event.order, **({"new_lane": lane} if sign > 0 else {}))
    settle(tx, event.order)


def loaded(tx: Tx, event: Loaded, sign: int) -> None:
    _refuse_late(tx, event.order, sign)
    _on_truck(tx, event, on=sign > 0, lane=_left(event), truck=event.target)


def unloaded(tx: Tx, event: Unloaded, sign: int) -> None:
    _refuse_late(tx, event.order, sign)
    _on_truck(tx, event, on=sign < 0, lane=event.target, truck=_left(event))


def _on_truck(tx: Tx, event: Loaded | Unloaded, *, on: bool, lane: str, truck: str) -> None:
    """A carton that comes off after its order was cancelled is void: its goods go back to the shelf."""
    off = "void" if tx.value(STATE_OF_ORDER, of_order=event.order) == "cancelled" else "staged"
    state = "loaded" if on else off
    tx.run(CARTON_AT, of_carton=event.carton, new_state=state, new_lane=lane, new_truck=truck if on else "")
    settle(tx, event.order)


def _left(event: Loaded | Unloaded) -> str:
    return event.contents[0].source.location if event.contents else ""


def shipped(tx: Tx, event: Shipped, sign: int) -> None:
    for move in event.contents:
        if move.line:
            tx.run(COUNT_SHIPPED, of_line=move.line, q=sign * move.quantity)
    gone, at = ("shipped", clock.now()) if sign > 0 else ("loaded", 0)
    for code in event.cartons:
        tx.run(CARTON_SHIPPED, of_carton=code, new_state=gone, left_at=at, of_load=event.load if sign > 0 else "")
    settle(tx, event.order)


def _refuse_late(tx: Tx, order: str, sign: int) -> None:
    if sign < 0:
        state = tx.value(STATE_OF_ORDER, of_order=order)
        if state is not None and state not in ON_THE_ROAD:
            raise UndoTooLate(reason=f"order {order} is {state}.")
