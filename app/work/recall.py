"""Recall: from a lot number to where it is, who got it and where it came from.

Three reads over the books as they stand: the balances of the lot, with whom they are promised to; what went to customers,
by order and carton, less what came back; and the receipts it arrived by. The partial index `movement_left` holds only the
movements over the customer's doorstep, so the answer does not slow down as the years of the journal pile up.
"""

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    text,
)

from app.db import Tx
from app.schema.documents import order_line, party, purchase_order, sales_order
from app.schema.items import item, lot
from app.schema.places import location
from app.schema.stock import allocation, balance, journal, lpn, movement
from app.schema.work import carton
from app.work.holds import LEFT, Hold, gone, of_lot

MOST = 20_000  # rows of one answer; a page shows fewer


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity in the house."""

    location: str
    kind: str
    lpn: str
    parent: str  # the LPN that LPN lies in
    status: str
    quantity: int
    promised: int
    order: str  # whom the promised part is for (one of them)


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity that a customer has, by order and carton."""

    customer: str
    name: str
    address: str
    order: str
    carton: str
    load: str
    carrier: str
    quantity: int
    shipped: int  # µs


class From(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt it came by."""

    document: str
    supplier: str
    quantity: int
    received: int  # µs, the first


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, as far as asked for."""

    item: str
    name: str
    lot: str
    expiry: str
    holds: tuple[Hold, ...]
    here: int
    gone: int
    where: tuple[Where, ...]
    who: tuple[Who, ...]
    came_from: tuple[From, ...]


_OF: tuple[BindParameter[str], BindParameter[str]] = (bindparam("of_item"), bindparam("of_lot"))
_PROMISED_TO = (
    select(func.min(order_line.c.order_code))
    .select_from(allocation.join(order_line, order_line.c.id == allocation.c.line))
    .where(
        allocation.c.item == balance.c.item,
        allocation.c.location == balance.c.location,
        allocation.c.lpn == balance.c.lpn,
        allocation.c.lot == balance.c.lot,
        allocation.c.quantity > 0,
    )
    .correlate(balance)
    .scalar_subquery()
)
WHERE = (
    select(
        balance.c.location, func.coalesce(location.c.kind, "").label("kind"), balance.c.lpn,
        func.coalesce(lpn.c.parent, "").label("parent"), balance.c.status, balance.c.quantity,
        balance.c.allocated.label("promised"),
        case((balance.c.allocated > 0, func.coalesce(_PROMISED_TO, "")), else_="").label("order"),
    )
    .select_from(
        balance.outerjoin(location, location.c.code == balance.c.location)
        .outerjoin(lpn, and_(lpn.c.code == balance.c.lpn, balance.c.lpn != ""))
    )
    .where(balance.c.item == _OF[0], balance.c.lot == _OF[1], balance.c.quantity > 0)
    .order_by(balance.c.location, balance.c.lpn, balance.c.status)
    .limit(bindparam("most"))
)  # fmt: skip
# Literal text, so that PostgreSQL sees the same expression in the list and in GROUP BY.
_SHIPPED_OUT: ColumnElement[int] = literal_column("CASE WHEN target = '~customer' THEN quantity ELSE -quantity END")
_CARTON: ColumnElement[str] = literal_column("CASE WHEN target = '~customer' THEN source_lpn ELSE target_lpn END")
_LEFT = (
    select(
        movement.c.line, _CARTON.label("carton"), cast(func.sum(_SHIPPED_OUT), Integer).label("quantity"),
        func.max(movement.c.seq).label("seq"),
    )
    .where(movement.c.item == _OF[0], movement.c.lot == _OF[1], LEFT)
    .group_by(movement.c.line, _CARTON)
    .having(func.sum(_SHIPPED_OUT) != 0)
    .order_by(func.max(movement.c.seq).desc())
    .limit(bindparam("most"))  # before names and addresses are looked up
    .subquery("left_house")
)  # fmt: skip
WHO = (
    select(
        func.coalesce(sales_order.c.customer, "").label("customer"), func.coalesce(sales_order.c.name, "").label("name"),
        func.coalesce(sales_order.c.address, "").label("address"),
        func.coalesce(order_line.c.order_code, "").label("order"), _LEFT.c.carton,
        func.coalesce(carton.c.load_code, "").label("load"),
        func.coalesce(func.nullif(carton.c.carrier, ""), sales_order.c.carrier, "").label("carrier"),
        _LEFT.c.quantity, journal.c.at.label("shipped"),
    )
    .select_from(
        _LEFT.join(journal, journal.c.seq == _LEFT.c.seq)
        .outerjoin(order_line, order_line.c.id == _LEFT.c.line)
        .outerjoin(sales_order, sales_order.c.code == order_line.c.order_code)
        .outerjoin(carton, carton.c.lpn == _LEFT.c.carton)
    )
    .order_by(_LEFT.c.seq.desc(), _LEFT.c.carton)
)  # fmt: skip
# Literal, so that both engines find the partial index movement_came.
CAME = text("movement.source = '~supplier'")
_PO = func.substr(journal.c.document, 4)
CAME_FROM = (
    select(
        journal.c.document, func.coalesce(func.nullif(party.c.name, ""), purchase_order.c.supplier, "").label("supplier"),
        cast(func.sum(movement.c.quantity), Integer).label("quantity"), func.min(journal.c.at).label("received"),
    )
    .select_from(
        movement.join(journal, journal.c.seq == movement.c.seq)
        .outerjoin(purchase_order, and_(purchase_order.c.code == _PO, journal.c.document.like("po %")))
        .outerjoin(party, party.c.code == purchase_order.c.supplier)
    )
    .where(movement.c.item == _OF[0], movement.c.lot == _OF[1], CAME)
    .group_by(journal.c.document, purchase_order.c.supplier, party.c.name)
    .order_by(func.min(journal.c.at))
    .limit(bindparam("most"))
)  # fmt: skip
FACTS = (
    select(item.c.name, func.coalesce(lot.c.expiry, ""))
    .select_from(item.outerjoin(lot, and_(lot.c.item == item.c.code, lot.c.lot == bindparam("of_lot"))))
    .where(item.c.code == bindparam("of_item"))
)
IN_HOUSE = select(cast(func.coalesce(func.sum(balance.c.quantity), 0), Integer)).where(
    balance.c.item == bindparam("of_item"), balance.c.lot == bindparam("of_lot")
)


def where_is(tx: Tx, code: str, number: str, *, most: int = MOST) -> list[Where]:
    return tx.all(WHERE, Where, of_item=code, of_lot=number, most=most)


def who_got(tx: Tx, code: str, number: str, *, most: int = MOST) -> list[Who]:
    return tx.all(WHO, Who, of_item=code, of_lot=number, most=most)


def came_from(tx: Tx, code: str, number: str, *, most: int = MOST) -> list[From]:
    return tx.all(CAME_FROM, From, of_item=code, of_lot=number, most=most)


def of(tx: Tx, code: str, number: str, *, most: int = MOST) -> Lot | None:
    """A lot with all that is known of it; None where there is no such item."""
    facts = tx.row(FACTS, of_item=code, of_lot=number)
    if facts is None:
        return None
    return Lot(
        item=code,
        name=facts[0],
        lot=number,
        expiry=facts[1],
        holds=tuple(of_lot(tx, code, number)),
        here=int(tx.value(IN_HOUSE, of_item=code, of_lot=number) or 0),
        gone=gone(tx, code, number),
        where=tuple(where_is(tx, code, number, most=most)),
        who=tuple(who_got(tx, code, number, most=most)),
        came_from=tuple(came_from(tx, code, number, most=most)),
    )
