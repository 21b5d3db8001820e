"""What returns bring back, and what they say: outcome, value and time per way; reasons by item and supplier.

A supplier is whoever the very lot or serial was received from (work/came_from.py). A customer is named here when they
send back many times the share of what the others do, or when another serial came than was shipped; the page says why in
plain words, and a person decides.
"""

from typing import Any

import msgspec
from sqlalchemy import Integer, and_, bindparam, case, cast, func, or_, select

from app import clock
from app.db import Tx
from app.desk.words import many, number, said, span
from app.schema.documents import order_line, party, sales_order
from app.schema.items import item
from app.schema.returns import disposition, returned
from app.work import came_from
from app.work.returns import ways

QUALITY = ("defect", "damaged", "not_as_described", "wrong_item")  # reasons a supplier or we can do something about
MOST_REASONS = 100
MOST_LOOKED_AT = 5_000  # lots and serials of one report
MOST_CUSTOMERS = 2_000  # looked at
MOST_NAMED = 20


class RecoveryFilter(msgspec.Struct, frozen=True, kw_only=True):
    days: int = 90
    item: str = ""
    supplier: str = ""
    part: str = "ways"  # of the CSV: ways, reasons, customers


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way on: how much went it, what it is worth, what comes back of it, how long it takes."""

    code: str
    words: str
    pieces: int
    units: int
    value: int
    recovered: int
    to_way_us: int  # received → sent its way, on average
    to_end_us: int  # received → done, of those that are done; 0: none is
    ended: int
    share: int = 0  # % of all units

    @property
    def quick(self) -> str:
        return span(self.to_way_us) if self.pieces else "–"

    @property
    def whole(self) -> str:
        return span(self.to_end_us) if self.ended else "–"


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    supplier: str
    supplier_name: str
    item: str
    name: str
    reason: str
    units: int
    value: int
    shipped: int

    @property
    def is_quality(self) -> bool:
        return self.reason in QUALITY

    @property
    def rate(self) -> str:
        """`7.5 %` of what was shipped."""
        return f"{100 * self.units / self.shipped:.1f} %" if self.shipped else "–"


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    customer: str
    name: str
    returned: int
    shipped: int
    worn: int  # graded C or D though it was only not wanted
    other_serial: int
    value: int
    why: str = ""


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    ways: tuple[Way, ...]
    reasons: tuple[Reason, ...]
    customers: tuple[Customer, ...]
    explained: str  # how customers come to be named

    @property
    def units(self) -> int:
        return sum(way.units for way in self.ways)

    @property
    def value(self) -> int:
        return sum(way.value for way in self.ways)

    @property
    def recovered(self) -> int:
        return sum(way.recovered for way in self.ways)


def _whole(column: Any) -> Any:
    return cast(func.coalesce(func.sum(column), 0), Integer)


_ENDED = or_(returned.c.left_at > 0, disposition.c.next_task == "", disposition.c.next_task == "putaway")
_END = case((returned.c.left_at > 0, returned.c.left_at), else_=returned.c.disposed_at)
_NOW = and_(returned.c.quantity > 0, returned.c.received_at >= bindparam("since"))
_OF_ITEM = or_(bindparam("p_item") == "", returned.c.item == bindparam("p_item"))
_SHIPPED = (
    select(func.coalesce(func.sum(order_line.c.shipped), 0))
    .where(order_line.c.item == returned.c.item)
    .correlate(returned)
    .scalar_subquery()
)
WAYS = (
    select(
        returned.c.disposition.label("code"), func.coalesce(disposition.c.words, returned.c.disposition).label("words"),
        func.count().label("pieces"), _whole(returned.c.quantity).label("units"), _whole(returned.c.value).label("value"),
        _whole(returned.c.value * func.coalesce(disposition.c.recovers_percent, 0) / 100).label("recovered"),
        cast(func.avg(returned.c.disposed_at - returned.c.received_at), Integer).label("to_way_us"),
        cast(func.coalesce(func.avg(case((_ENDED, _END - returned.c.received_at))), 0), Integer).label("to_end_us"),
        _whole(case((_ENDED, 1), else_=0)).label("ended"),
    )
    .select_from(returned.outerjoin(disposition, disposition.c.code == returned.c.disposition))
    .where(_NOW, _OF_ITEM, or_(returned.c.state == "disposed", returned.c.state == "left"))
    .group_by(returned.c.disposition, disposition.c.words, disposition.c.position)
    .order_by(func.coalesce(disposition.c.position, 999), returned.c.disposition)
)  # fmt: skip
BACK = (
    select(
        returned.c.item, returned.c.lot, returned.c.serial, returned.c.reason, _whole(returned.c.quantity).label("units"),
        _whole(returned.c.quantity * func.coalesce(item.c.standard_cost, 0)).label("value"),
        cast(func.max(_SHIPPED), Integer).label("shipped"), func.max(func.coalesce(item.c.name, "")).label("name"),
    )
    .select_from(returned.outerjoin(item, item.c.code == returned.c.item))
    .where(_NOW, _OF_ITEM)
    .group_by(returned.c.item, returned.c.lot, returned.c.serial, returned.c.reason)
    .order_by(func.max(returned.c.received_at).desc(), returned.c.item)
    .limit(MOST_LOOKED_AT)
)  # fmt: skip
PARTY = select(party.c.name).where(party.c.code == bindparam("code"))
_WORN = and_(returned.c.reason == "unwanted", or_(returned.c.grade == "C", returned.c.grade == "D"))
SENT_BACK = (
    select(
        returned.c.customer, _whole(returned.c.quantity).label("returned"),
        _whole(case((_WORN, returned.c.quantity), else_=0)).label("worn"),
        _whole(case((returned.c.flags.like("%serial_mismatch%"), 1), else_=0)).label("other_serial"),
        _whole(returned.c.quantity * func.coalesce(item.c.standard_cost, 0)).label("value"),
    )
    .select_from(returned.outerjoin(item, item.c.code == returned.c.item))
    .where(_NOW, returned.c.customer != "")
    .group_by(returned.c.customer)
    .order_by(func.sum(returned.c.quantity).desc(), returned.c.customer)
    .limit(MOST_CUSTOMERS)
)  # fmt: skip
SHIPPED_TO = (
    select(sales_order.c.customer, _whole(order_line.c.shipped).label("shipped"), func.max(sales_order.c.name))
    .join(order_line, order_line.c.order_code == sales_order.c.code)
    .where(sales_order.c.customer != "", order_line.c.shipped > 0)
    .group_by(sales_order.c.customer)
)
ALL_BACK = select(_whole(returned.c.quantity)).where(_NOW)


def report(tx: Tx, wanted: RecoveryFilter) -> Recovery:
    """Of what came back within so many days."""
    since = clock.now() - max(1, wanted.days) * clock.DAY
    one = {"since": since, "p_item": wanted.item.strip()}
    found = tx.all(WAYS, Way, **one)
    units = sum(way.units for way in found)
    shares = tuple(msgspec.structs.replace(way, share=round(100 * way.units / max(1, units))) for way in found)
    policy = ways.policy(tx)
    return Recovery(
        headline=headline(shares),
        ways=shares,
        reasons=reasons_of(tx, wanted.supplier.strip(), one),
        customers=unusual(tx, since, policy),
        explained=f"Named is who sends back at least {policy.unusual_units} units and {policy.unusual_times} times the "
        "share of what was shipped that all others send back, or where another serial came than was shipped.",
    )


def reasons_of(tx: Tx, supplier: str, asked: dict[str, Any]) -> tuple[Reason, ...]:
    """What came back why, by the supplier of the very lots and serials; the most units first."""
    suppliers: dict[tuple[str, str, str], str] = {}
    found: dict[tuple[str, str, str], Reason] = {}
    for code, lot, serial, reason, units, value, shipped, name in tx.rows(BACK, **asked):
        own = (code, lot, serial)
        if own not in suppliers:
            suppliers[own] = came_from.supplier(tx, code, lot=lot, serial=serial)
        of = suppliers[own]
        if supplier in ("", of):
            before = found.get((of, code, reason))
            found[of, code, reason] = Reason(
                supplier=of, supplier_name="", item=code, name=name, reason=reason, shipped=int(shipped or 0),
                units=int(units) + (before.units if before else 0), value=int(value) + (before.value if before else 0),
            )  # fmt: skip
    most = sorted(found.values(), key=lambda one: (-one.units, one.item, one.reason, one.supplier))[:MOST_REASONS]
    return tuple(
        msgspec.structs.replace(one, supplier_name=str(tx.value(PARTY, code=one.supplier) or "")) for one in most
    )


def headline(found: tuple[Way, ...]) -> str:
    """Pure."""
    value, back = sum(way.value for way in found), sum(way.recovered for way in found)
    units = sum(way.units for way in found)
    if not units:
        return "Nothing came back."
    percent = f"{round(100 * back / value)} % of their value" if value else "value not known"
    return said(f"{many(units, 'unit')} came back; {percent} is recovered.")


def unusual(tx: Tx, since: int, policy: ways.Policy) -> tuple[Customer, ...]:
    """Customers to look at, the most unusual first, each with the reason."""
    shipped = {row[0]: (int(row[1]), str(row[2] or "")) for row in tx.rows(SHIPPED_TO)}
    back = tx.rows(SENT_BACK, since=since)
    all_back, all_gone = sum(int(row[1]) for row in back), sum(count for count, _ in shipped.values())
    named = []
    for customer, units, worn, other_serial, value in back:
        gone, name = shipped.get(customer, (0, ""))
        one = Customer(
            customer=customer, name=name, returned=int(units), shipped=gone, worn=int(worn),
            other_serial=int(other_serial), value=int(value),
        )  # fmt: skip
        why = explain(one, all_back - one.returned, all_gone - gone, policy)
        if why:
            named.append(msgspec.structs.replace(one, why=why))
    return tuple(sorted(named, key=lambda one: (-one.other_serial, -one.returned, one.customer))[:MOST_NAMED])


def explain(one: Customer, others_back: int, others_gone: int, policy: ways.Policy) -> str:
    """Why somebody should look, in plain words; empty where nobody need. Pure."""
    told = []
    others = others_back / others_gone if others_gone else 0.0
    share = one.returned / one.shipped if one.shipped else 0.0
    much = one.returned >= policy.unusual_units and one.shipped
    if much and others and share >= policy.unusual_times * others:
        told.append(
            f"sent back {number(one.returned)} of {number(one.shipped)} units ({share:.0%}); "
            f"all others {others:.1%}: {share / others:.1f} times as much"
        )
    elif much and not others and others_gone:
        told.append(f"sent back {number(one.returned)} of {number(one.shipped)} units ({share:.0%}); nobody else any")
    if one.other_serial:
        told.append(f"{many(one.other_serial, 'piece')} with another serial than shipped")
    if told and one.worn:
        told.append(f"{many(one.worn, 'unit')} worn though only not wanted")
    return said("; ".join(told)) + "." if told else ""
