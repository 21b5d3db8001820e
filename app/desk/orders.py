"""Orders and their lines, filtered by address: where every number of the wave board leads."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, cast, func, or_, select

from app.db import Tx
from app.desk import pool
from app.desk.paging import Page, page_of, window
from app.desk.words import many, number
from app.schema.documents import order_line, sales_order
from app.schema.stock import allocation
from app.schema.work import carton
from app.work import missing, stopped
from app.work.missing import Report
from app.work.packing import OFF

MOST_OF_AN_ORDER = 500  # lines, promises or cartons shown of one order
STATES = [
    "pool",
    "waved",
    "picking",
    "picked",
    "packing",
    "packed",
    "staged",
    "loaded",
    "shipped",
    "held",
    "cancelled",
    "backordered",
]  # in the order an order goes through them


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = ""
    wave: str = ""
    carrier: str = ""
    owner: str = ""
    cutoff: int = -1  # µs; 0: those without one; -1: any
    item: str = ""
    short: int = 0
    lacking: int = 0  # 1: only orders of the pool that cannot be served whole
    q: str = ""
    page: int = 1


class LineFilter(msgspec.Struct, frozen=True, kw_only=True):
    wave: str = ""
    order: str = ""
    item: str = ""
    state: str = ""  # open, picked, short
    page: int = 1


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    customer: str
    name: str
    carrier: str
    service: str
    cutoff: int
    priority: int
    ship_complete: int
    state: str
    wave: str
    lane: str
    owner: str
    lines: int
    units: int
    picked: int
    packed: int
    shipped: int
    short: int


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    order: str
    line: str
    item: str
    state: str
    wave: str
    cutoff: int
    quantity: int
    allocated: int
    picked: int
    packed: int
    shipped: int
    short: int
    cancelled: int


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


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), Integer)


def _any_or(name: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(bindparam(name) == "", column == bindparam(name))


_ORDER, _LINE = sales_order.c, order_line.c
_HEAD = (
    _ORDER.code, _ORDER.customer, _ORDER.name, _ORDER.carrier, _ORDER.service, _ORDER.cutoff, _ORDER.priority,
    _ORDER.ship_complete, _ORDER.state, _ORDER.wave, _ORDER.lane, _ORDER.owner,
)  # fmt: skip
_WITH_SUMS = (
    select(
        *_HEAD,
        cast(func.count(_LINE.id), Integer).label("lines"),
        _sum(_LINE.quantity - _LINE.cancelled).label("units"),
        _sum(_LINE.picked).label("picked"),
        _sum(_LINE.packed).label("packed"),
        _sum(_LINE.shipped).label("shipped"),
        _sum(_LINE.short).label("short"),
    )
    .select_from(sales_order.outerjoin(order_line, _LINE.order_code == _ORDER.code))
    .group_by(_ORDER.code)
)
ORDERS = (
    _WITH_SUMS.where(
        _any_or("p_state", _ORDER.state),
        _any_or("p_wave", _ORDER.wave),
        _any_or("p_carrier", _ORDER.carrier),
        _any_or("p_owner", _ORDER.owner),
        or_(bindparam("p_cutoff") == -1, _ORDER.cutoff == bindparam("p_cutoff")),
        or_(
            bindparam("p_q") == "",
            _ORDER.code.startswith(bindparam("p_q"), autoescape=False),
            _ORDER.customer == bindparam("p_q"),
        ),
    )
    .having(
        or_(bindparam("p_short") == 0, _sum(_LINE.short) > 0),
        or_(bindparam("p_item") == "", _sum(case((_LINE.item == bindparam("p_item"), 1), else_=0)) > 0),
    )
    .order_by(_ORDER.priority, case((_ORDER.cutoff == 0, 1), else_=0), _ORDER.cutoff, _ORDER.code)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
ONE_ORDER = _WITH_SUMS.where(_ORDER.code == bindparam("which"))
_ROW = select(
    _LINE.id, _LINE.order_code.label("order"), _LINE.line, _LINE.item, _ORDER.state, _ORDER.wave, _ORDER.cutoff,
    _LINE.quantity, _LINE.allocated, _LINE.picked, _LINE.packed, _LINE.shipped, _LINE.short, _LINE.cancelled,
).join(sales_order, _ORDER.code == _LINE.order_code)  # fmt: skip
_LEFT = _LINE.picked + _LINE.short + _LINE.cancelled < _LINE.quantity
LINES = (
    _ROW.where(
        _any_or("p_wave", _ORDER.wave),
        _any_or("p_order", _LINE.order_code),
        _any_or("p_item", _LINE.item),
        or_(
            bindparam("p_state") == "",
            and_(bindparam("p_state") == "open", _LEFT, _ORDER.wave != ""),
            and_(bindparam("p_state") == "picked", _LINE.picked > 0),
            and_(bindparam("p_state") == "short", _LINE.short > 0),
        ),
        _ORDER.state != "cancelled",
    )
    .order_by(_ORDER.cutoff, _LINE.order_code, _LINE.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
PROMISES = (
    select(allocation.c.line, allocation.c.item, allocation.c.location, allocation.c.lpn, allocation.c.lot,
           allocation.c.quantity)
    .join(order_line, _LINE.id == allocation.c.line)
    .where(_LINE.order_code == bindparam("which"), allocation.c.quantity > 0)
    .order_by(allocation.c.line, allocation.c.location)
    .limit(bindparam("most"))
)  # fmt: skip
CARTONS = (
    select(*(carton.c[name] for name in CartonRow.__struct_fields__))
    .where(carton.c.order_code == bindparam("which"))
    .order_by(carton.c.opened, carton.c.lpn)
    .limit(bindparam("most"))
)


def listing(tx: Tx, wanted: OrderFilter, *, export: bool = False) -> Page[OrderRow]:
    """Orders that fit the filter, most urgent first."""
    few = pool.lacking(tx) if wanted.lacking else None
    frame = window(wanted.page, export=export or few is not None)
    found = tx.all(
        ORDERS,
        OrderRow,
        p_state="pool" if few is not None else wanted.state,
        p_wave=wanted.wave,
        p_carrier=wanted.carrier,
        p_owner=wanted.owner,
        p_cutoff=wanted.cutoff,
        p_item=wanted.item,
        p_short=int(bool(wanted.short)),
        p_q=_literal(wanted.q),
        **frame,
    )
    if few is not None:
        found = [order for order in found if order.code in few]
        if not export:
            skip = window(wanted.page, export=False)["skip"]
            found = found[skip:]
    return page_of(found, wanted.page, export=export)


def _literal(words: str) -> str:
    """A search word is text, not a pattern."""
    return words.strip().replace("%", "").replace("_", "")


def lines(tx: Tx, wanted: LineFilter, *, export: bool = False) -> Page[LineRow]:
    found = tx.all(
        LINES,
        LineRow,
        p_wave=wanted.wave,
        p_order=wanted.order,
        p_item=wanted.item,
        p_state=wanted.state,
        **window(wanted.page, export=export),
    )
    return page_of(found, wanted.page, export=export)


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


# ── the sentence on top ──────────────────────────────────────────────────────────────────────────────────────────────
def told_orders(wanted: OrderFilter, page: Page[OrderRow]) -> str:
    """`12 orders of wave W-0007, picking.`"""
    parts = [f"{'More than ' if page.more else ''}{many(len(page.rows), 'order')}"]
    parts += [f"of wave {wanted.wave}"] if wanted.wave else []
    parts += [f"with {wanted.item}"] if wanted.item else []
    parts += ["the stock does not serve whole"] if wanted.lacking else []
    parts += ["with a short"] if wanted.short else []
    where = " in the pool" if wanted.state == "pool" else f", {wanted.state}" if wanted.state else ""
    return f"{' '.join(parts)}{where}."


def told_lines(wanted: LineFilter, page: Page[LineRow]) -> str:
    parts = [f"{'More than ' if page.more else ''}{many(len(page.rows), 'line')}"]
    parts += [{"open": "to go", "picked": "picked", "short": "with a short"}.get(wanted.state, "")]
    parts += [f"in wave {wanted.wave}"] if wanted.wave else []
    parts += [f"of order {wanted.order}"] if wanted.order else []
    parts += [f"of {wanted.item}"] if wanted.item else []
    return f"{' '.join(part for part in parts if part)}."


def told_order(order: OrderRow, off: str = "") -> str:
    short = f", {number(order.short)} short" if order.short else ""
    state = f"{order.state}{off}." if off else f"{order.state}:"
    return f"Order {order.code} is {state} {number(order.picked)} of {many(order.units, 'unit')} picked{short}."
