"""Owners: what the house keeps for each of them, promised and free, and what is under way for them.

For a house that keeps goods for several. Each owner's stock is a list of its own, as page and CSV, to be sent to them; orders
and events of theirs are the usual lists with the owner in the address.
"""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, bindparam, case, cast, func, or_, select

from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import number, said, spelled
from app.schema.documents import sales_order
from app.schema.items import item
from app.schema.stock import balance
from app.stock import owners
from app.stock.slots import TRANSIT

OVER = ("shipped", "cancelled")


class OwnerFilter(msgspec.Struct, frozen=True, kw_only=True):
    owner: str = ""
    status: str = ""
    q: str = ""  # an item
    page: int = 1


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    owner: str
    items: int
    here: int
    available: int
    promised: int
    orders: int = 0  # not shipped yet


class Row(msgspec.Struct, frozen=True, kw_only=True):
    owner: str
    item: str
    name: str
    lot: str
    status: str
    quantity: int
    promised: int
    unit: str

    @property
    def free(self) -> int:
        return self.quantity - self.promised if self.status == "available" else 0


class Owners(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    owners: tuple[Owner, ...]
    statuses: tuple[str, ...]
    page: Page[Row]


def _units(what: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(what), 0), Integer)


_KEPT = balance.join(item, item.c.code == balance.c.item)
ALL = (
    select(
        item.c.owner,
        func.count(item.c.code.distinct()).label("items"),
        _units(balance.c.quantity).label("here"),
        _units(case((balance.c.status == "available", balance.c.quantity), else_=0)).label("available"),
        _units(balance.c.allocated).label("promised"),
    )
    .select_from(item.outerjoin(balance, balance.c.item == item.c.code))
    .group_by(item.c.owner)
    .order_by(item.c.owner)
    .limit(owners.MOST)
)
OPEN_ORDERS = (
    select(sales_order.c.owner, func.count())
    .where(*(sales_order.c.state != state for state in OVER))
    .group_by(sales_order.c.owner)
    .limit(owners.MOST)
)
STOCK = (
    select(
        item.c.owner, balance.c.item, item.c.name, balance.c.lot, balance.c.status,
        _units(balance.c.quantity).label("quantity"), _units(balance.c.allocated).label("promised"), item.c.unit,
    )
    .select_from(_KEPT)
    .where(
        balance.c.quantity > 0,
        balance.c.location != TRANSIT,
        or_(bindparam("p_owner") == "", item.c.owner == bindparam("p_owner")),
        or_(bindparam("p_status") == "", balance.c.status == bindparam("p_status")),
        or_(bindparam("p_q") == "", balance.c.item == bindparam("p_q")),
    )
    .group_by(item.c.owner, balance.c.item, item.c.name, balance.c.lot, balance.c.status, item.c.unit)
    .order_by(item.c.owner, balance.c.item, balance.c.lot, balance.c.status)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)  # fmt: skip
STATUSES = ("available", "inspection", "quarantine", "damaged", "returned", "expired", "recalled")


def listing(tx: Tx, wanted: OwnerFilter, *, export: bool = False) -> Owners:
    """Each owner with its sums, and the stock asked for."""
    waiting = {str(owner): int(count) for owner, count in tx.rows(OPEN_ORDERS)}
    all_of_them = tuple(
        Owner(owner=owner, items=items, here=here, available=available, promised=promised, orders=waiting.get(owner, 0))
        for owner, items, here, available, promised in tx.rows(ALL)
    )
    given = {"p_owner": wanted.owner, "p_status": wanted.status, "p_q": wanted.q.strip()}
    found = tx.all(STOCK, Row, **given, **window(wanted.page, export=export))
    return Owners(
        headline=headline(all_of_them, wanted.owner),
        owners=all_of_them,
        statuses=STATUSES,
        page=page_of(found, wanted.page, export=export),
    )


def headline(all_of_them: tuple[Owner, ...], chosen: str) -> str:
    named = [one for one in all_of_them if one.owner]
    if not named:
        return "All goods are the house's own."
    for one in named:
        if one.owner == chosen:
            return f"{number(one.here)} units of {one.owner} are here, {number(one.promised)} of them promised."
    return said(
        f"{spelled(len(named))} owner{'' if len(named) == 1 else 's'} keep{'s' if len(named) == 1 else ''} goods here."
    )
