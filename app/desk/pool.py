"""The order pool by cut-off, and what is short: the two lists a supervisor makes waves from.

"Not in stock" is a quick look: the pool's lines in their order of urgency against what is free in the bins. The
release itself decides (`app/work/allocation.py`); the look only saves making a wave that cannot be served.
"""

import msgspec
from sqlalchemy import Integer, and_, bindparam, cast, func, or_, select

from app.db import Tx
from app.schema.documents import order_line, sales_order
from app.schema.items import lot
from app.schema.places import location
from app.schema.stock import balance
from app.work.allocation import site_day

MOST_LINES = 10_000  # of the pool, most urgent first
MOST_SHORTS = 12


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """The pool's orders of one cut-off."""

    cutoff: int
    orders: int
    lines: int
    units: int
    lacking: int  # orders the stock does not serve whole


class Short(msgspec.Struct, frozen=True, kw_only=True):
    """An item somebody will not get, and what could be done."""

    item: str
    units: int
    orders: int
    cutoff: int
    proposed: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the pool."""

    order: str
    cutoff: int
    item: str
    quantity: int


_OPEN = (
    order_line.c.quantity - order_line.c.allocated - order_line.c.picked - order_line.c.short - order_line.c.cancelled
)
LINES = (
    select(sales_order.c.code.label("order"), sales_order.c.cutoff, order_line.c.item, _OPEN.label("quantity"))
    .join(order_line, order_line.c.order_code == sales_order.c.code)
    .where(sales_order.c.state == "pool", _OPEN > 0)
    .order_by(sales_order.c.priority, sales_order.c.cutoff, sales_order.c.code, order_line.c.id)
    .limit(bindparam("most"))
)
_USABLE = and_(
    balance.c.status == "available",
    or_(location.c.kind == "bin", location.c.kind == "reserve"),
    location.c.blocked == "",
    func.coalesce(lot.c.held, "") == "",
    or_(func.coalesce(lot.c.expiry, "") == "", lot.c.expiry >= bindparam("today")),
)
FREE = (
    select(balance.c.item, cast(func.sum(balance.c.quantity - balance.c.allocated), Integer))
    .select_from(
        balance.join(location, location.c.code == balance.c.location).outerjoin(
            lot, and_(lot.c.item == balance.c.item, lot.c.lot == balance.c.lot)
        )
    )
    .where(_USABLE, balance.c.quantity > balance.c.allocated)
    .group_by(balance.c.item)
)
_ALIVE = and_(sales_order.c.state != "shipped", sales_order.c.state != "cancelled")
SHORTS = (
    select(
        order_line.c.item,
        cast(func.sum(order_line.c.short), Integer).label("units"),
        func.count(order_line.c.order_code.distinct()).label("orders"),
        func.min(sales_order.c.cutoff).label("cutoff"),
    )
    .join(sales_order, sales_order.c.code == order_line.c.order_code)
    .where(order_line.c.short > 0, _ALIVE)
    .group_by(order_line.c.item)
    .order_by(func.min(sales_order.c.cutoff), order_line.c.item)
    .limit(bindparam("most"))
)
ON_SITE = (
    select(
        balance.c.status,
        cast(func.sum(balance.c.quantity), Integer),
        cast(func.sum(balance.c.quantity - balance.c.allocated), Integer),
        func.min(balance.c.location),
    )
    .where(balance.c.item == bindparam("item"), balance.c.quantity > 0)
    .group_by(balance.c.status)
    .order_by(balance.c.status)
)


def by_cutoff(tx: Tx) -> tuple[Due, ...]:
    """The pool grouped by cut-off, the next one first; orders without a cut-off last."""
    wanted = tx.all(LINES, Wanted, most=MOST_LINES)
    lacking = _lacking(tx, wanted)
    groups: dict[int, list[Wanted]] = {}
    for line in wanted:
        groups.setdefault(line.cutoff, []).append(line)
    return tuple(
        Due(
            cutoff=cutoff,
            orders=len({line.order for line in lines}),
            lines=len(lines),
            units=sum(line.quantity for line in lines),
            lacking=len({line.order for line in lines} & lacking),
        )
        for cutoff, lines in sorted(groups.items(), key=lambda group: group[0] or 2**62)
    )


def lacking(tx: Tx) -> set[str]:
    """The pool's orders that the free stock does not serve whole."""
    return _lacking(tx, tx.all(LINES, Wanted, most=MOST_LINES))


def _lacking(tx: Tx, wanted: list[Wanted]) -> set[str]:
    free = {str(row[0]): int(row[1]) for row in tx.rows(FREE, today=site_day(tx))} if wanted else {}
    short: set[str] = set()
    for line in wanted:
        there = free.get(line.item, 0)
        free[line.item] = max(0, there - line.quantity)
        if there < line.quantity:
            short.add(line.order)
    return short


def shorts(tx: Tx) -> tuple[Short, ...]:
    """Items given up on orders that have not left yet."""
    return tuple(
        Short(item=item, units=units, orders=orders, cutoff=cutoff, proposed=_proposed(tx, item))
        for item, units, orders, cutoff in tx.rows(SHORTS, most=MOST_SHORTS)
    )


def _proposed(tx: Tx, item: str) -> str:
    """What could still serve it, in words."""
    held = []
    for status, quantity, free, place in tx.rows(ON_SITE, item=item):
        if status == "available" and free:
            return f"{free} free on site, {place}: may be in staging or to be counted"
        if status != "available":
            held.append(f"{quantity} in {status} at {place}")
    return "Decide on " + ", ".join(held) if held else "Backordered, no stock on site"
