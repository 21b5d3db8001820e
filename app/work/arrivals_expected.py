"""Deliveries: which are expected and when, which stand at a door, and how far they are unloaded.

A delivery is a notice, or a PO that came without one. Its window is the notice's; a PO has a day. What has not come by
the end of its window is late, and a day after that it is taken for a no-show. What was expected is kept with the arrival
as it stood when the truck came, so that a window changed afterwards does not make anybody punctual.
"""

from typing import Any

import msgspec
from sqlalchemy import BindParameter, Integer, and_, bindparam, case, cast, exists, func, literal, or_, select

from app import clock
from app.db import Tx
from app.errors import State, Wrong
from app.schema.documents import po_line, purchase_order
from app.schema.inbound import arrival, asn, asn_line, asn_pallet
from app.schema.places import location
from app.work import asns, receipts
from app.work.arrivals import PlaceBlocked

NO_SHOW_AFTER = clock.DAY  # past the end of its window
MOST_DELIVERIES = 500  # looked at for the page
LOOKED_BACK = 90 * clock.DAY  # for a supplier's punctuality
MOST_SUPPLIERS = 100


class AtDoor(msgspec.Struct, frozen=True, kw_only=True):
    """A truck that came."""

    id: str
    document: str
    supplier: str
    carrier: str
    door: str
    seal: str
    answers: str
    state: str  # at_door, unloaded
    due: int
    until: int
    arrived: int
    unloaded: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is expected, or came."""

    document: str
    supplier: str
    carrier: str
    due: int
    until: int
    begun: int  # 1: something of it was received
    done: int  # pallets or lines
    all: int
    arrival: str = ""
    door: str = ""
    seal: str = ""
    answers: str = ""
    arrived: int = 0
    unloaded: int = 0

    def state(self, now: int) -> str:
        if self.unloaded:
            return "unloaded"
        if self.arrived:
            return "unloading" if self.begun else "at door"
        end = self.until or self.due
        if self.begun or not end or now <= end:
            return "unloading" if self.begun else "expected"
        return "no-show" if now > end + NO_SHOW_AFTER else "late"

    @property
    def off(self) -> int:
        """µs before (−) or after (+) its window; 0 inside it, or where there is none."""
        return off_by(self.due, self.until, self.arrived)


class DoorTaken(State):
    code, title = "door_taken", "Door is taken"
    says = "{document} stands at {scanned}."
    todo = "Scan another door, or say that truck is empty."


class NoDoor(Wrong):
    code, title = "no_door", "Not a door"
    says = "{scanned} is a {kind}, trucks stand at docks."
    todo = "Scan the dock door."


class CameAlready(State):
    code, title = "came_already", "Here already"
    says = "{document} stands at {door} since {when}."


_ARRIVED = [arrival.c[name] for name in AtDoor.__struct_fields__]
AT_DOOR = select(*_ARRIVED).where(arrival.c.document == bindparam("of_document"), arrival.c.state == "at_door")
AT_THIS_DOOR = select(*_ARRIVED).where(arrival.c.door == bindparam("of_door"), arrival.c.state == "at_door")
PLACE = select(location.c.kind, location.c.blocked).where(location.c.code == bindparam("of_code"))
PO_HEAD = select(purchase_order.c.supplier, purchase_order.c.due).where(purchase_order.c.code == bindparam("of_code"))

_COLUMNS = ("id", "door", "seal", "answers", "arrived", "unloaded")
_CAME = [
    func.coalesce(arrival.c[name], 0 if name in ("arrived", "unloaded") else "").label(
        "arrival" if name == "id" else name
    )
    for name in _COLUMNS
]
_AGAIN = arrival.alias("again")


def _newest(kind: str, code: Any) -> Any:
    """When the last truck of a document came; one may come twice."""
    return (
        select(func.max(_AGAIN.c.arrived)).where(_AGAIN.c.document == literal(kind) + code).correlate(code.table)
    ).scalar_subquery()


def _of(table: Any, rule: Any) -> Any:
    return cast(select(func.count()).select_from(table).where(rule).scalar_subquery(), Integer)


_OPEN_ASN = or_(asn.c.state == "expected", asn.c.state == "receiving")
_SINCE: BindParameter[int] = bindparam("since")
BY_NOTICE = (
    select(
        (literal("asn ") + asn.c.code).label("document"), asn.c.supplier,
        func.coalesce(func.nullif(arrival.c.carrier, ""), asn.c.carrier).label("carrier"),
        func.coalesce(arrival.c.due, asn.c.due).label("due"), func.coalesce(arrival.c.until, asn.c.until).label("until"),
        cast(asn.c.state != "expected", Integer).label("begun"),
        (
            _of(asn_pallet, and_(asn_pallet.c.asn == asn.c.code, asn_pallet.c.state != "expected"))
            + _of(asn_line, and_(asn_line.c.asn == asn.c.code, asn_line.c.sscc == "", asn_line.c.received > 0))
        ).label("done"),
        (
            _of(asn_pallet, asn_pallet.c.asn == asn.c.code)
            + _of(asn_line, and_(asn_line.c.asn == asn.c.code, asn_line.c.sscc == ""))
        ).label("all"),
        *_CAME,
    )
    .select_from(
        asn.outerjoin(
            arrival, and_(arrival.c.document == literal("asn ") + asn.c.code, arrival.c.arrived == _newest("asn ", asn.c.code))
        )
    )
    .where(or_(_OPEN_ASN, arrival.c.arrived > _SINCE))
    .order_by(asn.c.due, asn.c.code)
    .limit(MOST_DELIVERIES)
)  # fmt: skip
_NOTICED = exists(select(asn_line.c.asn).where(asn_line.c.po == purchase_order.c.code))
_OPEN_PO = or_(purchase_order.c.state == "open", purchase_order.c.state == "receiving")
BY_PO = (
    select(
        (literal("po ") + purchase_order.c.code).label("document"), purchase_order.c.supplier,
        func.coalesce(arrival.c.carrier, "").label("carrier"), func.coalesce(arrival.c.due, purchase_order.c.due).label("due"),
        func.coalesce(arrival.c.until, 0).label("until"),
        cast(or_(purchase_order.c.state == "receiving", purchase_order.c.state == "closed"), Integer).label("begun"),
        _of(po_line, and_(po_line.c.po == purchase_order.c.code, po_line.c.received >= po_line.c.quantity)).label("done"),
        _of(po_line, po_line.c.po == purchase_order.c.code).label("all"),
        *_CAME,
    )
    .select_from(
        purchase_order.outerjoin(
            arrival,
            and_(
                arrival.c.document == literal("po ") + purchase_order.c.code,
                arrival.c.arrived == _newest("po ", purchase_order.c.code),
            ),
        )
    )
    .where(~_NOTICED, or_(and_(_OPEN_PO, purchase_order.c.due > 0), arrival.c.arrived > _SINCE))
    .order_by(purchase_order.c.due, purchase_order.c.code)
    .limit(MOST_DELIVERIES)
)  # fmt: skip

_ON_TIME = or_(
    and_(arrival.c.until > 0, arrival.c.arrived <= arrival.c.until),
    and_(arrival.c.until == 0, or_(arrival.c.due == 0, arrival.c.arrived <= arrival.c.due + clock.DAY)),
)
_LACKS = or_(
    exists(
        select(asn_line.c.line).where(
            arrival.c.document == literal("asn ") + asn_line.c.asn, asn_line.c.received < asn_line.c.quantity
        )
    ),
    exists(
        select(po_line.c.line).where(
            arrival.c.document == literal("po ") + po_line.c.po, po_line.c.received < po_line.c.quantity
        )
    ),
)


def _count(rule: Any) -> Any:
    return cast(func.sum(case((rule, 1), else_=0)), Integer)


PUNCTUALITY = (
    select(
        arrival.c.supplier, func.count().label("came"), _count(_ON_TIME).label("on_time"),
        _count(~_LACKS).label("in_full"), _count(and_(_ON_TIME, ~_LACKS)).label("both"),
    )
    .where(arrival.c.state == "unloaded", arrival.c.arrived > bindparam("since"))
    .group_by(arrival.c.supplier)
    .order_by(arrival.c.supplier)
    .limit(MOST_SUPPLIERS)
)  # fmt: skip


class Punctual(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier's deliveries of late: on time, in full, both."""

    supplier: str
    came: int
    on_time: int
    in_full: int
    both: int


def off_by(due: int, until: int, arrived: int) -> int:
    if not arrived or not (due or until):
        return 0
    if until and arrived > until:
        return arrived - until
    if not until and arrived > due + clock.DAY:
        return arrived - due - clock.DAY
    return arrived - due if until and arrived < due else 0


def deliveries(tx: Tx, *, now: int) -> list[Delivery]:
    """What is expected or came within the last day, by its window."""
    found = tx.all(BY_NOTICE, Delivery, since=now - clock.DAY) + tx.all(BY_PO, Delivery, since=now - clock.DAY)
    return sorted(found, key=lambda one: (bool(one.unloaded), one.due or 2**62, one.document))


def punctuality(tx: Tx, *, now: int) -> list[Punctual]:
    return tx.all(PUNCTUALITY, Punctual, since=now - LOOKED_BACK)


def window_of(tx: Tx, document: str) -> tuple[str, str, int, int]:
    """(supplier, announced carrier, due, until). Raises AsnOver or PoClosed where nothing more is received on it."""
    kind, _, code = document.partition(" ")
    if kind == "asn":
        notice = asns.open_asn(tx, code)
        return notice.supplier, notice.carrier, notice.due, notice.until
    receipts.open_po(tx, code)
    row = tx.row(PO_HEAD, of_code=code) or ("", 0)
    return str(row[0]), "", int(row[1]), 0


def at_door(tx: Tx, document: str) -> AtDoor | None:
    """The truck that brought a document and is not empty yet."""
    return tx.one(AT_DOOR, AtDoor, of_document=document)


def check_door(tx: Tx, code: str) -> None:
    """Raises NoDoor, PlaceBlocked, DoorTaken."""
    kind, blocked = tx.row(PLACE, of_code=code) or ("virtual place", "")
    if kind != "dock":
        raise NoDoor(scanned=code, kind=kind, expected="a dock")
    if blocked:
        raise PlaceBlocked(scanned=code, reason=blocked)
    there = tx.one(AT_THIS_DOOR, AtDoor, of_door=code)
    if there is not None:
        raise DoorTaken(scanned=code, document=named(there.document))


def named(document: str) -> str:
    """`ASN A-17`, `PO 4500187`."""
    kind, _, code = document.partition(" ")
    return f"{kind.upper()} {code}"
