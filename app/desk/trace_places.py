"""Where a thing is now, and which customers got it.

What stands here is read from the balances, what left from the movements to the customer.
"""

from typing import Any

import msgspec
from sqlalchemy import Integer, and_, bindparam, cast, func, or_, select

from app.desk.trace_meanings import ASKED
from app.schema.documents import order_line, sales_order
from app.schema.places import location
from app.schema.returns import returned
from app.schema.stock import balance, journal, lpn, movement, serial
from app.stock.slots import CUSTOMER

MOST_PLACES = 100
MOST_CUSTOMERS = 100


class Place(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    location: str
    lpn: str
    lot: str
    status: str
    quantity: int
    allocated: int
    since: int
    kind: str  # of the location


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    order: str
    units: int
    shipped: int
    cartons: int
    carton: str  # one of them


_PLACE = (
    select(
        balance.c.item, balance.c.location, balance.c.lpn, balance.c.lot, balance.c.status, balance.c.quantity,
        balance.c.allocated, balance.c.since, func.coalesce(location.c.kind, "").label("kind"),
    )
    .select_from(balance.outerjoin(location, location.c.code == balance.c.location))
    .where(balance.c.quantity > 0)
    .order_by(balance.c.quantity.desc(), balance.c.location, balance.c.item)
    .limit(bindparam("most"))
)  # fmt: skip
_SERIAL_AT = and_(
    serial.c.item == balance.c.item, serial.c.location == balance.c.location, serial.c.lpn == balance.c.lpn,
    serial.c.lot == balance.c.lot, serial.c.status == balance.c.status, serial.c.serial == ASKED,
    serial.c.item == bindparam("of"),
)  # fmt: skip
_OF_ORDER = select(lpn.c.code).where(lpn.c.document == bindparam("doc"))
_CAME_BACK = and_(
    returned.c.rma == ASKED, returned.c.quantity > 0, returned.c.item == balance.c.item, returned.c.lpn == balance.c.lpn,
    returned.c.lot == balance.c.lot, returned.c.status == balance.c.status,
    or_(returned.c.lpn != "", returned.c.location == balance.c.location),
)  # fmt: skip
PLACES: dict[str, Any] = {
    "item": _PLACE.where(balance.c.item == ASKED),
    "lot": _PLACE.where(balance.c.lot == ASKED, balance.c.item == bindparam("of")),
    "lpn": _PLACE.where(balance.c.lpn == ASKED),
    "location": _PLACE.where(balance.c.location == ASKED),
    "serial": _PLACE.where(select(serial.c.serial).where(_SERIAL_AT).exists()),
    "worker": _PLACE.where(balance.c.location == bindparam("doc")),
    "order": _PLACE.where(balance.c.lpn.in_(_OF_ORDER)),
    "po": _PLACE.where(balance.c.lpn.in_(_OF_ORDER)),
    "rma": _PLACE.where(select(returned.c.piece).where(_CAME_BACK).exists()),
}
_LEFT = (
    select(
        func.coalesce(sales_order.c.name, "").label("name"), order_line.c.order_code.label("order"),
        cast(func.sum(movement.c.quantity), Integer).label("units"), func.max(journal.c.at).label("shipped"),
        func.count(movement.c.source_lpn.distinct()).label("cartons"), func.min(movement.c.source_lpn).label("carton"),
    )
    .select_from(
        movement.join(journal, journal.c.seq == movement.c.seq)
        .join(order_line, order_line.c.id == movement.c.line)
        .outerjoin(sales_order, sales_order.c.code == order_line.c.order_code)
    )
    .where(movement.c.target == CUSTOMER)
    .group_by(order_line.c.order_code, sales_order.c.name)
    .order_by(func.max(journal.c.at).desc(), order_line.c.order_code)
    .limit(bindparam("most"))
)  # fmt: skip
LEFT: dict[str, Any] = {
    "item": _LEFT.where(movement.c.item == ASKED),
    "lot": _LEFT.where(movement.c.item == bindparam("of"), movement.c.lot == ASKED),
    "serial": _LEFT.where(movement.c.item == bindparam("of"), movement.c.serial == ASKED),
    "lpn": _LEFT.where(movement.c.source_lpn == ASKED),
    "order": _LEFT.where(order_line.c.order_code == ASKED),
}
