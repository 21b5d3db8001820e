"""What an order still has to get into cartons: its picked goods, tote by tote.

Picked goods carry their promise with them, so what is left to pack is simply what is promised to the order's lines and
stands neither on a shelf (then it is not picked) nor in a carton (then it is packed). Nothing is counted twice, and a
scan can only take what is really promised to this very order.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, and_, bindparam, cast, func, or_, select

from app.db import Tx
from app.errors import State, Wrong
from app.schema.documents import order_line, sales_order
from app.schema.items import item
from app.schema.places import location
from app.schema.stock import allocation, lpn, serial
from app.stock.balances import Promise
from app.work import stopped

WORKABLE = ("picking", "picked", "packing", "packed", "staged", "loaded")
OFF = {"cancelled": "Put its goods aside; they go back to the shelf.", "held": "Put it aside until it is released."}


class OrderHead(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    customer: str
    name: str
    address: str
    carrier: str
    service: str
    cutoff: int
    promised: int
    priority: int
    ship_complete: int
    state: str
    lane: str


class Loose(Promise, frozen=True, kw_only=True):
    """Picked goods of one line in one slot, not packed yet."""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """One item of an order: how much of it is packed, and how much was picked."""

    item: str
    name: str
    serial_tracked: int
    packed: int
    picked: int

    @property
    def left(self) -> int:
        return self.picked - self.packed


class OrderOff(State):
    code, title = "order_off", "Order is off"
    says = "Order {order} is {state}{why}."
    todo = "{what}"


class NotPicked(State):
    code, title = "not_picked", "Not picked yet"
    says = "Order {order} is {state}: nothing of it can be packed."
    todo = "Scan another tote."


class UnknownOrder(Wrong):
    code, title = "unknown_order", "Unknown order"
    says = "There is no order {order}."
    todo = "Scan a tote or an order."


ORDER = select(*(sales_order.c[name] for name in OrderHead.__struct_fields__)).where(
    sales_order.c.code == bindparam("code")
)
_KIND = func.coalesce(location.c.kind, "hand")
LOOSE = (
    select(*(allocation.c[name] for name in Loose.__struct_fields__))
    .select_from(
        order_line.join(allocation, allocation.c.line == order_line.c.id)
        .outerjoin(location, location.c.code == allocation.c.location)
        .outerjoin(lpn, and_(lpn.c.code == allocation.c.lpn, allocation.c.lpn != ""))
    )
    .where(
        order_line.c.order_code == bindparam("code"),
        allocation.c.quantity > 0,
        func.coalesce(lpn.c.kind, "") != "carton",
        or_(and_(_KIND != "bin", _KIND != "reserve"), lpn.c.kind == "tote"),
    )
    .order_by(allocation.c.lpn, allocation.c.location, allocation.c.item, allocation.c.lot, allocation.c.line)
)
TALLY = (
    select(
        order_line.c.item,
        func.coalesce(func.max(item.c.name), "").label("name"),
        func.coalesce(func.max(item.c.serial_tracked), 0).label("serial_tracked"),
        cast(func.sum(order_line.c.packed - order_line.c.shipped), BigInteger).label("packed"),
        cast(func.sum(order_line.c.picked - order_line.c.shipped), BigInteger).label("picked"),
    )
    .select_from(order_line.outerjoin(item, item.c.code == order_line.c.item))
    .where(order_line.c.order_code == bindparam("code"))
    .group_by(order_line.c.item)
    .order_by(order_line.c.item)
)
NOT_PICKED = select(
    func.sum(order_line.c.quantity - order_line.c.picked - order_line.c.short - order_line.c.cancelled)
).where(order_line.c.order_code == bindparam("code"))
ORDERS_IN = (
    select(order_line.c.order_code)
    .join(allocation, allocation.c.line == order_line.c.id)
    .where(allocation.c.lpn == bindparam("code"), allocation.c.quantity > 0)
    .distinct()
    .order_by(order_line.c.order_code)
)
# Who else has this item promised in the same tote or place?
WHOSE = (
    select(order_line.c.order_code)
    .join(allocation, allocation.c.line == order_line.c.id)
    .where(
        allocation.c.item == bindparam("of_item"),
        allocation.c.location == bindparam("place"),
        allocation.c.lpn == bindparam("of_lpn"),
        allocation.c.quantity > 0,
        order_line.c.order_code != bindparam("code"),
    )
    .limit(1)
)
SERIALS_AT = select(serial.c.serial, serial.c.lot).where(
    serial.c.item == bindparam("of_item"),
    serial.c.location == bindparam("place"),
    serial.c.lpn == bindparam("of_lpn"),
)
WHERE_SERIAL = select(serial.c.location, serial.c.lpn, serial.c.lot).where(
    serial.c.item == bindparam("of_item"), serial.c.serial == bindparam("number")
)
SERIAL_TRACKED = select(item.c.serial_tracked).where(item.c.code == bindparam("of_item"))
_READY = or_(sales_order.c.state == "picked", sales_order.c.state == "packing")
COUNT_READY = select(func.count()).select_from(sales_order).where(_READY)
BEST = (
    select(*(sales_order.c[name] for name in OrderHead.__struct_fields__))
    .where(_READY)
    .order_by(sales_order.c.priority, sales_order.c.cutoff, sales_order.c.code)
    .limit(1)
)


def order(tx: Tx, code: str) -> OrderHead:
    """Raises UnknownOrder."""
    found = tx.one(ORDER, OrderHead, code=code)
    if found is None:
        raise UnknownOrder(order=code, scanned=code)
    return found


def workable(tx: Tx, code: str) -> OrderHead:
    """An order that may be worked on now. Raises OrderOff when it is cancelled or held, NotPicked before its walk."""
    found = order(tx, code)
    if found.state in OFF:
        raise OrderOff(order=code, state=found.state, why=stopped.why(tx, code), what=OFF[found.state])
    if found.state not in WORKABLE:
        raise NotPicked(order=code, state=found.state)
    return found


def loose(tx: Tx, code: str) -> list[Loose]:
    """All picked goods of an order that are not in a carton."""
    return tx.all(LOOSE, Loose, code=code)


def tally(tx: Tx, code: str) -> list[Tally]:
    return tx.all(TALLY, Tally, code=code)


def serial_tracked(tx: Tx, of_item: str) -> bool:
    return bool(tx.value(SERIAL_TRACKED, of_item=of_item))


def still_to_pick(tx: Tx, code: str) -> int:
    return int(tx.value(NOT_PICKED, code=code) or 0)


def orders_in(tx: Tx, tote: str) -> list[str]:
    """Whose goods lie in a tote."""
    return [row[0] for row in tx.rows(ORDERS_IN, code=tote)]


def owner_beside(tx: Tx, code: str, of_item: str, places: Sequence[Loose]) -> str:
    """Another order that has this item in one of the same totes, or the empty text."""
    for slot in {(row.location, row.lpn) for row in places}:
        found = tx.value(WHOSE, code=code, of_item=of_item, place=slot[0], of_lpn=slot[1])
        if found is not None:
            return str(found)
    return ""


def where_is(tx: Tx, of_item: str, number: str) -> tuple[str, str, str]:
    """Location, LPN and lot of a serial; empty texts when nobody knows it."""
    row = tx.row(WHERE_SERIAL, of_item=of_item, number=number)
    return (row[0], row[1], row[2]) if row else ("", "", "")


def items_of_serial(tx: Tx, number: str, rows: Sequence[Loose]) -> list[str]:
    """Which of the loose items have a piece of this number in these slots."""
    here = {(row.item, row.location, row.lpn) for row in rows}
    return sorted(
        {
            code
            for code, place, in_lpn in here
            if any(found[0] == number for found in tx.rows(SERIALS_AT, of_item=code, place=place, of_lpn=in_lpn))
        }
    )


def ready(tx: Tx) -> int:
    """Orders that wait at the packing table."""
    return int(tx.value(COUNT_READY))


def best(tx: Tx) -> OrderHead | None:
    return tx.one(BEST, OrderHead)
