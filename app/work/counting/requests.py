"""Counts somebody asks for: the ERP, or a supervisor at the desk, by place, zone, aisle or item.

One task a place. A place that waits to be counted already is not asked for twice. By item, only that item is counted
where the books have it: what else lies there is another count's affair. An item the books have nowhere is counted in its
own pick faces, for there somebody would find what the books do not know; without one there is nowhere to look.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from sqlalchemy import and_, bindparam, func, or_, select

from app import clock
from app.db import Tx
from app.errors import Unknown
from app.schema.items import item as items
from app.schema.places import location
from app.schema.stock import balance
from app.schema.work import task
from app.stock.ledger import By
from app.work import tasks
from app.work.counting import rules
from app.work.counting.counts import KIND
from app.work.master_terms import MOST, Code, Message, OptionalCode, Outcome, applied, dead, missing_item

Scope = Literal["place", "aisle", "zone", "item", "house"]
COUNTABLE = ("bin", "reserve", "staging")
MOST_PLACES = 5_000  # of one request or plan
WITHIN = clock.DAY


class NothingThere(Unknown):
    code, title = "nothing_to_count", "Nothing to count"
    says = "No place to count for {scope} {scanned}."
    todo = "Check what you typed."


class NoneOfIt(NothingThere):
    says = "The books have {scanned} nowhere, and no pick face is its own: there is no place to count."
    todo = "Ask for the count of a place."


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    made: int
    waited: int  # waited to be counted already

    @property
    def in_words(self) -> str:
        places = f"{self.made} place{'' if self.made == 1 else 's'} to be counted"
        return f"{places}, {self.waited} waited already." if self.waited else f"{places}."


class CountRequest(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="count.request"):
    """Please count this: exactly one of place, zone and item. The code names the request."""

    place: Annotated[str, Meta(max_length=64, pattern=r"^[^\x00]*\Z")] = ""
    zone: Annotated[str, Meta(max_length=64, pattern=r"^[^\x00]*\Z")] = ""
    item: Code | Literal[""] = ""
    reason: Annotated[str, Meta(max_length=80, pattern=r"^[^\x00\d]*\Z")] = ""  # without figures: it is shown


class AdjustmentRequest(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="adjustment.request"):
    """The ERP believes that the books are wrong about an item. It becomes a count, blind like any other, never an overwrite."""

    item: Code
    place: Annotated[str, Meta(max_length=64, pattern=r"^[^\x00]*\Z")] = ""
    lot: OptionalCode = ""
    change: Annotated[int, Meta(ge=-MOST, le=MOST)] = (
        0  # what the ERP would change, base units; shown to nobody who counts
    )
    reason: Annotated[str, Meta(max_length=80, pattern=r"^[^\x00\d]*\Z")] = ""  # without figures: it is shown


_COUNTED_KINDS = or_(*(location.c.kind == kind for kind in COUNTABLE))
_ORDER = (location.c.sequence, location.c.code)
PLACES = (
    select(location.c.code)
    .where(
        _COUNTED_KINDS,
        or_(
            bindparam("scope") == "house",
            and_(bindparam("scope") == "place", location.c.code == bindparam("what")),
            and_(bindparam("scope") == "zone", location.c.zone == bindparam("what")),
            and_(
                bindparam("scope") == "aisle", func.substr(location.c.code, 1, bindparam("long")) == bindparam("what")
            ),
        ),
    )
    .order_by(*_ORDER)
    .limit(MOST_PLACES)
)
WITH_ITEM = (
    select(location.c.code)
    .join(balance, balance.c.location == location.c.code)
    .where(_COUNTED_KINDS, balance.c.item == bindparam("what"), balance.c.quantity > 0)
    .group_by(location.c.code, location.c.sequence)
    .order_by(*_ORDER)
    .limit(MOST_PLACES)
)
ITS_FACES = (
    select(location.c.code)
    .where(_COUNTED_KINDS, location.c.fixed_item == bindparam("what"))
    .order_by(*_ORDER)
    .limit(MOST_PLACES)
)
KNOWN = select(items.c.code).where(items.c.code == bindparam("what"))
WAITING = select(task.c.place).where(
    task.c.kind == KIND,
    or_(task.c.item == bindparam("only"), task.c.item == ""),
    or_(task.c.state == "open", task.c.state == "started"),
)
ASKED_BEFORE = select(task.c.id).where(task.c.kind == KIND, task.c.document == bindparam("document")).limit(1)


def places_of(tx: Tx, scope: Scope, what: str) -> list[str]:
    """The places of a scope in walking order. Raises NothingThere."""
    if not what and scope != "house":
        raise NothingThere(scope=scope, scanned="nothing")
    if scope == "item":
        found = tx.rows(WITH_ITEM, what=what) or tx.rows(ITS_FACES, what=what)
    else:
        found = tx.rows(
            PLACES, scope=scope, what=what, long=len(what)
        )  # an aisle is the beginning of its places' codes
    if not found:
        raise (NoneOfIt if scope == "item" else NothingThere)(scope=scope, scanned=what[:40])
    return [row[0] for row in found]


def request(
    tx: Tx, scope: Scope, what: str, *, document: str = "requested count", reason: str = "requested", priority: int = 4
) -> Asked:
    """One task for each place. Raises NothingThere."""
    only = what if scope == "item" else ""
    return _add(tx, places_of(tx, scope, what), only, document=document, reason=reason, priority=priority)


def _add(tx: Tx, places: list[str], only: str, *, document: str, reason: str, priority: int) -> Asked:
    waiting = {row[0] for row in tx.rows(WAITING, only=only)}
    wanted = [place for place in places if place not in waiting]
    due = clock.now() + WITHIN
    for place in wanted:
        tasks.add(tx, KIND, document=document, place=place, item=only, priority=priority, due=due, reason=reason)
    tx.tell("counts")
    return Asked(made=len(wanted), waited=len(places) - len(wanted))


def requested(tx: Tx, message: CountRequest, by: By) -> Outcome:
    """The ERP's request. The same code again asks for nothing new. Raises NothingThere."""
    asked_for: tuple[tuple[Scope, str], ...] = (
        ("place", message.place),
        ("zone", message.zone),
        ("item", message.item),
    )
    given = [(scope, what) for scope, what in asked_for if what]
    name = f"Count request {message.code}"
    if len(given) != 1:
        return dead(f"{name} names {len(given)} of place, zone and item; exactly one is needed.")
    if tx.value(ASKED_BEFORE, document=f"request {message.code}") is not None:
        return Outcome(state="same", sentence=f"{name} is already so.")
    scope, what = given[0]
    if scope == "item" and tx.value(KNOWN, what=what) is None:
        return missing_item(what, name)
    asked = request(
        tx, scope, what, document=f"request {message.code}", reason=message.reason or "requested by the ERP",
        priority=rules.COUNT_PRIORITY - 1,
    )  # fmt: skip
    return applied(f"{name}: {asked.in_words}", is_new=True)


def adjustment_requested(tx: Tx, message: AdjustmentRequest, by: By) -> Outcome:
    """Counted where it lies, or at the one place named. The same code again asks for nothing new. Raises NothingThere."""
    name, document = f"Adjustment request {message.code}", f"request {message.code}"
    if tx.value(ASKED_BEFORE, document=document) is not None:
        return Outcome(state="same", sentence=f"{name} is already so.")
    if tx.value(KNOWN, what=message.item) is None:
        return missing_item(message.item, name)
    places = places_of(tx, "place", message.place) if message.place else places_of(tx, "item", message.item)
    asked = _add(
        tx, places, message.item, document=document, reason=message.reason or "requested by the ERP",
        priority=rules.COUNT_PRIORITY - 1,
    )  # fmt: skip
    return applied(f"{name} becomes a count: {asked.in_words}", is_new=True)
