"""Trace: where a thing is, who had it, and what was scanned, for an item, lot, serial, LPN, place, order, PO or worker.

One box takes any of them. A code can mean several things (a lot of two items), so the page shows the first meaning and
links the others. An order, its returns and what was sent in exchange are one trail. Every event of the trail names its
worker, device and the raw scan that made it.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Integer, Text, and_, bindparam, cast, func, literal, or_, select, union_all

from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import Piece, many, number, said
from app.schema.documents import order_line, purchase_order, sales_order
from app.schema.floor import scan
from app.schema.items import item, item_barcode, lot
from app.schema.people import worker
from app.schema.places import location
from app.schema.returns import return_parcel, returned, rma
from app.schema.stock import balance, journal, lpn, movement, serial
from app.stock.events import decode
from app.stock.slots import CUSTOMER, SCRAP

MOST_PLACES = 100
MOST_CUSTOMERS = 100
MOST_MEANINGS = 8
KINDS = ["serial", "lpn", "order", "po", "rma", "lot", "item", "location", "worker"]


class TraceFilter(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""
    kind: str = ""  # one of KINDS, where the code means several things
    of: str = ""  # the item a lot or serial belongs to
    page: int = 1


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a code means."""

    kind: str
    code: str
    item: str = ""
    told: str = ""

    @property
    def title(self) -> str:
        names = {"lpn": "LPN", "po": "PO", "rma": "RMA"}
        return f"{names.get(self.kind, said(self.kind))} {self.code}"


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


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the trail."""

    seq: int
    at: int
    kind: str
    words: str
    worker: str
    worker_name: str
    device: str
    document: str
    raw: str  # what was scanned, as it came


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    told: tuple[Piece, ...] = ()
    subject: Subject | None = None
    others: tuple[Subject, ...] = ()
    places: tuple[Place, ...] = ()
    customers: tuple[Customer, ...] = ()
    trail: Page[Step] | None = None

    @property
    def here(self) -> int:
        return sum(place.quantity for place in self.places)

    @property
    def gone(self) -> int:
        return sum(one.units for one in self.customers)


# ── what a code means ────────────────────────────────────────────────────────────────────────────────────────────────
_Q: Any = bindparam("q")
FIND: dict[str, Any] = {
    "serial": select(serial.c.serial, serial.c.item, serial.c.location).where(serial.c.serial == _Q),
    "lpn": select(lpn.c.code, lpn.c.kind, lpn.c.location).where(lpn.c.code == _Q),
    "order": select(sales_order.c.code, sales_order.c.name, sales_order.c.state).where(sales_order.c.code == _Q),
    "po": select(purchase_order.c.code, purchase_order.c.supplier, purchase_order.c.state).where(
        purchase_order.c.code == _Q
    ),
    "rma": select(rma.c.code, rma.c.order_code, rma.c.state).where(
        or_(
            rma.c.code == _Q,
            and_(rma.c.tracking != "", rma.c.tracking == _Q),
            rma.c.code.in_(select(return_parcel.c.rma).where(return_parcel.c.code == _Q)),
        )
    ),
    "lot": select(lot.c.lot, lot.c.item, lot.c.expiry).where(lot.c.lot == _Q),
    "item": select(item.c.code, item.c.name, item.c.category)
    .where(or_(item.c.code == _Q, item.c.code.in_(select(item_barcode.c.item).where(item_barcode.c.code == _Q)))),
    "location": select(location.c.code, location.c.zone, location.c.kind).where(
        or_(location.c.code == _Q, and_(location.c.barcode != "", location.c.barcode == _Q))
    ),
    "worker": select(worker.c.code, worker.c.name, worker.c.roles).where(
        or_(worker.c.code == _Q, worker.c.badge == _Q)
    ),
}  # fmt: skip
FIND = {kind: statement.limit(MOST_MEANINGS) for kind, statement in FIND.items()}

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
    serial.c.lot == balance.c.lot, serial.c.status == balance.c.status, serial.c.serial == _Q,
    serial.c.item == bindparam("of"),
)  # fmt: skip
_OF_ORDER = select(lpn.c.code).where(lpn.c.document == bindparam("doc"))
_CAME_BACK = and_(
    returned.c.rma == _Q, returned.c.quantity > 0, returned.c.item == balance.c.item, returned.c.lpn == balance.c.lpn,
    returned.c.lot == balance.c.lot, returned.c.status == balance.c.status,
    or_(returned.c.lpn != "", returned.c.location == balance.c.location),
)  # fmt: skip
PLACES: dict[str, Any] = {
    "item": _PLACE.where(balance.c.item == _Q),
    "lot": _PLACE.where(balance.c.lot == _Q, balance.c.item == bindparam("of")),
    "lpn": _PLACE.where(balance.c.lpn == _Q),
    "location": _PLACE.where(balance.c.location == _Q),
    "serial": _PLACE.where(select(serial.c.serial).where(_SERIAL_AT).exists()),
    "worker": _PLACE.where(balance.c.location == bindparam("doc")),
    "order": _PLACE.where(balance.c.lpn.in_(_OF_ORDER)),
    "po": _PLACE.where(balance.c.lpn.in_(_OF_ORDER)),
    "rma": _PLACE.where(select(returned.c.piece).where(_CAME_BACK).exists()),
}

_TRAIL = (
    select(
        journal.c.seq, journal.c.at, journal.c.kind, journal.c.body, journal.c.worker,
        func.coalesce(worker.c.name, journal.c.worker), journal.c.device, journal.c.document,
        func.coalesce(scan.c.raw, ""),
    )
    .select_from(
        journal.outerjoin(worker, worker.c.code == journal.c.worker).outerjoin(scan, scan.c.id == journal.c.cause)
    )
    .order_by(journal.c.seq.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)  # fmt: skip
_SEQS = select(movement.c.seq)


def _family(of: Any) -> Any:
    """The lanes of an order, its returns and what was sent in exchange, whichever of them is asked for."""
    return journal.c.document.in_(
        union_all(
            select(bindparam("doc", type_=Text)),
            select(literal("rma ") + rma.c.code).where(of),
            select(literal("order ") + rma.c.order_code).where(of, rma.c.order_code != ""),
            select(literal("order ") + rma.c.replacement).where(of, rma.c.replacement != ""),
        )
    )


TRAIL: dict[str, Any] = {
    # What is decided of an item without moving it, a hold of a lot, stands in its own lane.
    "item": _TRAIL.where(
        or_(journal.c.seq.in_(_SEQS.where(movement.c.item == _Q)), journal.c.document == bindparam("doc"))
    ),
    "lot": _TRAIL.where(journal.c.seq.in_(_SEQS.where(movement.c.item == bindparam("of"), movement.c.lot == _Q))),
    "serial": _TRAIL.where(journal.c.seq.in_(_SEQS.where(movement.c.serial == _Q, movement.c.item == bindparam("of")))),
    "lpn": _TRAIL.where(
        or_(
            journal.c.seq.in_(_SEQS.where(movement.c.source_lpn == _Q)),
            journal.c.seq.in_(_SEQS.where(movement.c.target_lpn == _Q)),
            journal.c.document == bindparam("doc"),
        )
    ),
    "location": _TRAIL.where(journal.c.seq.in_(_SEQS.where(or_(movement.c.source == _Q, movement.c.target == _Q)))),
    # An order, what came back of it and what was sent in exchange are one trail.
    "order": _TRAIL.where(_family(or_(rma.c.order_code == _Q, rma.c.replacement == _Q))),
    "rma": _TRAIL.where(_family(rma.c.code == _Q)),
    "po": _TRAIL.where(journal.c.document == bindparam("doc")),
    "worker": _TRAIL.where(journal.c.worker == _Q),
}
_DOCUMENT = {"order": "order {}", "po": "po {}", "lpn": "lpn {}", "worker": "@{}", "item": "item {}", "rma": "rma {}"}

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
    "item": _LEFT.where(movement.c.item == _Q),
    "lot": _LEFT.where(movement.c.item == bindparam("of"), movement.c.lot == _Q),
    "serial": _LEFT.where(movement.c.item == bindparam("of"), movement.c.serial == _Q),
    "lpn": _LEFT.where(movement.c.source_lpn == _Q),
    "order": _LEFT.where(order_line.c.order_code == _Q),
}
RETURNS = (
    select(rma.c.code, rma.c.order_code, rma.c.decision, rma.c.replacement)
    .where(or_(rma.c.order_code == _Q, rma.c.replacement == _Q, rma.c.code == _Q))
    .order_by(rma.c.created.desc())
    .limit(MOST_MEANINGS)
)
NAME_OF = select(item.c.name).where(item.c.code == bindparam("of"))
SCRAPPED = select(cast(func.coalesce(func.sum(movement.c.quantity), 0), Integer)).where(
    movement.c.target == SCRAP, movement.c.item == bindparam("of"), or_(_Q == "", movement.c.lot == _Q)
)


def trace(tx: Tx, wanted: TraceFilter, *, export: bool = False) -> Trace:
    """What a code means, where that is, who got it, and its trail, newest first."""
    code = wanted.q.strip()
    if not code:
        return Trace(headline="Scan or type anything: item, lot, serial, LPN, place, order, PO or worker.")
    found = meanings(tx, code)
    subject = next((one for one in found if _is(one, wanted)), None)
    if subject is None:
        return Trace(headline=f"Nobody knows {code}.", others=tuple(found))
    given = {
        "q": subject.code, "of": subject.item, "doc": _DOCUMENT.get(subject.kind, "{}").format(subject.code),
    }  # fmt: skip
    places = tuple(tx.all(PLACES[subject.kind], Place, most=MOST_PLACES, **given))
    left = LEFT.get(subject.kind)
    customers = tuple(tx.all(left, Customer, most=MOST_CUSTOMERS, **given)) if left is not None else ()
    trail = [_step(row) for row in tx.rows(TRAIL[subject.kind], **given, **window(wanted.page, export=export))]
    return Trace(
        headline=headline(subject, places, customers),
        told=_told(tx, subject),
        subject=subject,
        others=tuple(one for one in found if one != subject),
        places=places,
        customers=customers,
        trail=page_of(trail, wanted.page, export=export),
    )


def meanings(tx: Tx, code: str) -> list[Subject]:
    """Everything a code is known as, the most precise first."""
    found: list[Subject] = []
    for kind in KINDS:
        for row in tx.rows(FIND[kind], q=code):
            found.append(_MEANS[kind](row))
    return found[:MOST_MEANINGS]


def _of_item(kind: str) -> Callable[[Any], Subject]:
    return lambda row: Subject(kind=kind, code=row[0], item=row[1], told=row[2])


def _by_itself(kind: str) -> Callable[[Any], Subject]:
    return lambda row: Subject(kind=kind, code=row[0], told=" · ".join(part for part in row[1:] if part))


_MEANS: dict[str, Callable[[Any], Subject]] = {
    kind: _of_item(kind) if kind in ("serial", "lot") else _by_itself(kind) for kind in KINDS
}


def _is(one: Subject, wanted: TraceFilter) -> bool:
    return (not wanted.kind or one.kind == wanted.kind) and (not wanted.of or one.item == wanted.of)


def headline(subject: Subject, places: tuple[Place, ...], customers: tuple[Customer, ...]) -> str:
    """Where the thing is, in a sentence. Pure."""
    here, gone = sum(place.quantity for place in places), sum(one.units for one in customers)
    whom = many(len(customers), "customer order")
    if subject.kind == "serial":
        at = places[0] if places else None
        where = f"at {at.location}{f' in {at.lpn}' if at.lpn else ''}, {at.status}" if at else ""
        return f"{subject.title} is {where or (f'with a customer, order {customers[0].order}' if customers else 'not here')}."
    if subject.kind == "worker":
        return (
            f"{subject.told.split(' · ')[0] or subject.title} carries {many(here, 'unit')}."
            if here
            else f"{subject.title}: {subject.told.split(' · ')[0]}."
        )
    if subject.kind in ("order", "po", "rma"):
        state = subject.told.rpartition(" · ")[2]
        on = f", {number(here)} units on its way through the house" if here else ""
        return f"{subject.title} is {state}{on}{f', {number(gone)} shipped' if gone else ''}."
    sent = f", {number(gone)} with {whom}" if gone else ""
    if subject.kind == "location":
        return f"{subject.title} holds {many(here, 'unit')}." if here else f"{subject.title} is empty."
    return f"{subject.title}: {number(here)} here{sent}."


def _told(tx: Tx, subject: Subject) -> tuple[Piece, ...]:
    if subject.kind in ("order", "rma"):
        own = subject.told if subject.kind == "order" else subject.told.rpartition(" · ")[2]
        return (Piece(text=own), *_returns(tx, subject))
    if not subject.item:
        return (Piece(text=subject.told),) if subject.told else ()
    name = tx.value(NAME_OF, of=subject.item) or ""
    pieces = [Piece(text=subject.item, href=f"/desk/trace?q={subject.item}&kind=item"), Piece(text=f" {name}")]
    if subject.kind == "lot":
        scrapped = int(tx.value(SCRAPPED, of=subject.item, q=subject.code) or 0)
        pieces.append(Piece(text=f" · expiry {subject.told}" if subject.told else " · does not expire"))
        if scrapped:
            pieces.append(Piece(text=f" · {number(scrapped)} scrapped"))
    return tuple(pieces)


def _returns(tx: Tx, subject: Subject) -> list[Piece]:
    """The order an RMA belongs to, the RMAs of an order, and what was sent in exchange."""
    pieces: list[Piece] = []
    for code, order, decision, replacement in tx.rows(RETURNS, q=subject.code):
        if subject.kind == "order":
            words = "replaces return" if replacement == subject.code else "came back as"
            pieces += [Piece(text=f" · {words} "), Piece(text=f"RMA {code}", href=f"/desk/trace?q={code}&kind=rma")]
        if order and order != subject.code and code == subject.code:
            pieces += [
                Piece(text=" · sold on "),
                Piece(text=f"order {order}", href=f"/desk/trace?q={order}&kind=order"),
            ]
        if decision:
            pieces.append(Piece(text=f" · {decision.replace('_', ' ')}"))
        if replacement and replacement != subject.code:
            link = f"/desk/trace?q={replacement}&kind=order"
            pieces += [Piece(text=" with "), Piece(text=f"order {replacement}", href=link)]
    return pieces


def _step(row: Any) -> Step:
    return Step(
        seq=row[0], at=row[1], kind=row[2], words=decode(bytes(row[3])).in_words(), worker=row[4], worker_name=row[5],
        device=row[6], document=row[7], raw=row[8],
    )  # fmt: skip
