"""One order: its lines, what is promised to it where, its cartons, why it is held, and what packers did not find."""

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.desk.order_lines import LINES, LineRow
from app.desk.orders import ONE_ORDER, OrderRow
from app.desk.words import many, number
from app.schema.documents import order_line
from app.schema.stock import allocation
from app.schema.work import carton
from app.work import missing, stopped
from app.work.missing import Report
from app.work.packing import OFF

MOST_OF_AN_ORDER = 500  # lines, promises or cartons shown of one order


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    item: str
    location: str
    lpn: str
    lot: str
    quantity: int


class CartonRow(msgspec.Struct, frozen=True, kw_only=True):
    lpn: str
    type: str
    state: str
    weight_g: int
    expected_g: int
    lane: str
    truck: str
    carrier: str
    service: str
    tracking: str


class OrderDetail(msgspec.Struct, frozen=True, kw_only=True):
    order: OrderRow
    lines: tuple[LineRow, ...]
    promises: tuple[Promise, ...]
    cartons: tuple[CartonRow, ...]
    off: str  # since when, why and by whom it is held or cancelled
    missing: tuple[Report, ...]  # what packers did not find, and nobody has decided


PROMISES = (
    select(allocation.c.line, allocation.c.item, allocation.c.location, allocation.c.lpn, allocation.c.lot,
           allocation.c.quantity)
    .join(order_line, order_line.c.id == allocation.c.line)
    .where(order_line.c.order_code == bindparam("which"), allocation.c.quantity > 0)
    .order_by(allocation.c.line, allocation.c.location)
    .limit(bindparam("most"))
)  # fmt: skip
CARTONS = (
    select(*(carton.c[name] for name in CartonRow.__struct_fields__))
    .where(carton.c.order_code == bindparam("which"))
    .order_by(carton.c.opened, carton.c.lpn)
    .limit(bindparam("most"))
)


def detail(tx: Tx, code: str) -> OrderDetail | None:
    """One order with its lines, what is promised to it where, and its cartons."""
    head = tx.one(ONE_ORDER, OrderRow, which=code)
    if head is None:
        return None
    found = tx.all(LINES, LineRow, p_wave="", p_order=code, p_item="", p_state="", most=MOST_OF_AN_ORDER, skip=0)
    return OrderDetail(
        order=head,
        lines=tuple(found),
        promises=tuple(tx.all(PROMISES, Promise, which=code, most=MOST_OF_AN_ORDER)),
        cartons=tuple(tx.all(CARTONS, CartonRow, which=code, most=MOST_OF_AN_ORDER)),
        off=stopped.why(tx, code) if head.state in OFF else "",
        missing=tuple(missing.reports(tx, code)),
    )


def told_order(order: OrderRow, off: str = "") -> str:
    short = f", {number(order.short)} short" if order.short else ""
    state = f"{order.state}{off}." if off else f"{order.state}:"
    picked = f" {number(order.picked)} of {many(order.units, 'unit')} picked{short}." if order.units else ""
    return f"Order {order.code} is {state}{picked}"
