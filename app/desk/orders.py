"""Orders, filtered by address: where the numbers of the wave board that count orders lead."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, bindparam, case, cast, func, or_, select

from app.db import Tx
from app.desk import pool
from app.desk.filters import any_or
from app.desk.paging import Page, page_of, window
from app.desk.words import many
from app.schema.documents import order_line, sales_order

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


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), Integer)


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
        any_or("p_state", _ORDER.state),
        any_or("p_wave", _ORDER.wave),
        any_or("p_carrier", _ORDER.carrier),
        any_or("p_owner", _ORDER.owner),
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


def told_orders(wanted: OrderFilter, page: Page[OrderRow]) -> str:
    """`12 orders of wave W-0007, picking.`"""
    parts = [f"{'More than ' if page.more else ''}{many(len(page.rows), 'order')}"]
    parts += [f"of wave {wanted.wave}"] if wanted.wave else []
    parts += [f"with {wanted.item}"] if wanted.item else []
    parts += ["the stock does not serve whole"] if wanted.lacking else []
    parts += ["with a short"] if wanted.short else []
    where = " in the pool" if wanted.state == "pool" else f", {wanted.state}" if wanted.state else ""
    return f"{' '.join(parts)}{where}."
