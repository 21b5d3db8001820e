"""Trace: where a thing is, who had it, and what was scanned, for an item, lot, serial, LPN, place, order, PO or worker.

One box takes any of them. What a code means is in trace_meanings.py, where the thing is and who got it in trace_places.py,
what happened to it in trace_trail.py.
"""

import msgspec
from sqlalchemy import Integer, bindparam, cast, func, or_, select

from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.trace_meanings import ASKED, MOST_MEANINGS, Subject, meanings
from app.desk.trace_places import LEFT, MOST_CUSTOMERS, MOST_PLACES, PLACES, Customer, Place
from app.desk.trace_trail import TRAIL, Step, step
from app.desk.words import Piece, many, number
from app.schema.items import item
from app.schema.returns import rma
from app.schema.stock import movement
from app.stock.slots import SCRAP


class TraceFilter(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""
    kind: str = ""  # one of KINDS, where the code means several things
    of: str = ""  # the item a lot or serial belongs to
    page: int = 1


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


_DOCUMENT = {"order": "order {}", "po": "po {}", "lpn": "lpn {}", "worker": "@{}", "item": "item {}", "rma": "rma {}"}
RETURNS = (
    select(rma.c.code, rma.c.order_code, rma.c.decision, rma.c.replacement)
    .where(or_(rma.c.order_code == ASKED, rma.c.replacement == ASKED, rma.c.code == ASKED))
    .order_by(rma.c.created.desc())
    .limit(MOST_MEANINGS)
)
NAME_OF = select(item.c.name).where(item.c.code == bindparam("of"))
SCRAPPED = select(cast(func.coalesce(func.sum(movement.c.quantity), 0), Integer)).where(
    movement.c.target == SCRAP, movement.c.item == bindparam("of"), or_(ASKED == "", movement.c.lot == ASKED)
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
    trail = [step(row) for row in tx.rows(TRAIL[subject.kind], **given, **window(wanted.page, export=export))]
    return Trace(
        headline=headline(subject, places, customers),
        told=_told(tx, subject),
        subject=subject,
        others=tuple(one for one in found if one != subject),
        places=places,
        customers=customers,
        trail=page_of(trail, wanted.page, export=export),
    )


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
