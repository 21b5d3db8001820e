"""Something a worker could not settle alone: written down with an owner and a due time, and work goes on.

Its code's row (exception_codes.py) says which role decides, by when, to whom it goes when nobody does, and what follows
by itself: a count of the bin, a hold, a replenishment, word to the ERP. Each follow-up is one function that its own module
registers here, so this file knows none of them:

    @exceptions.follow("hold")
    def hold_it(tx: Tx, raised: Raised, by: By) -> str: ...     # "12 × MUG put on hold", or "" for nothing to do

A follow-up decides before it writes; a refusal it meets is written down with the case instead of undoing the case.
"""

from collections.abc import Callable

import msgspec
from sqlalchemy import bindparam, exists, func, insert, literal, select, update
from sqlalchemy.sql import ColumnElement

from app import clock
from app.db import Tx
from app.errors import Malformed, Refusal, State
from app.schema.work import exception, exception_code, task
from app.stock import ledger
from app.stock.events import ExceptionRaised, ExceptionSettled
from app.stock.ledger import By
from app.work import chores, duties, exception_codes, photos, tasks

ANSWER_WITHIN = 4 * clock.HOUR  # where a count follows and its code says nothing
ESCALATE_EVERY_S = 60
LONGEST_REASON = 200
COUNT_PRIORITY = 3  # before the day's scheduled counts


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """An exception as it stands."""

    id: str
    code: str
    sentence: str
    document: str
    item: str
    location: str
    owner: str  # a role, or a worker
    due: int
    state: str  # open, closed
    worker: str  # who raised it
    created: int
    quantity: int
    lot: str
    followed: str
    taken_by: str
    decided: str
    decided_by: str
    closed: int
    escalated: int

    @property
    def subject(self) -> str:
        """What its photos belong to."""
        return f"exception {self.id}"


class AlreadyClosed(State):
    code, title = "already_closed", "Already closed"
    says = "Somebody has closed this already."


class NoReason(Malformed):
    code, title = "no_reason", "Why?"
    says = "Closing needs a reason of at most {limit} characters."
    todo = "Write what was decided."


Follow = Callable[[Tx, Raised, By], str]
_FOLLOWS: dict[str, Follow] = {}

_NEW = (
    "id",
    "code",
    "sentence",
    "document",
    "item",
    "location",
    "owner",
    "due",
    "worker",
    "created",
    "quantity",
    "lot",
)
ADD = insert(exception).values(**{name: bindparam(name) for name in _NEW})
ONE = select(*(exception.c[name] for name in Raised.__struct_fields__)).where(exception.c.id == bindparam("which"))
_OPEN = (exception.c.id == bindparam("which"), exception.c.state == "open")
FOLLOWED = update(exception).where(exception.c.id == bindparam("which")).values(followed=bindparam("told"))
TAKE = update(exception).where(*_OPEN).values(taken_by=bindparam("who"))
SETTLE = (
    update(exception)
    .where(*_OPEN)
    .values(
        state="closed", decided=bindparam("told"), decided_by=bindparam("who"), closed=bindparam("now"),
        approval=bindparam("wanted"),
    )
)  # fmt: skip
OPEN_COUNT = (
    select(task.c.id)
    .where(
        task.c.kind == "count",
        task.c.place == bindparam("of_place"),
        task.c.item == bindparam("of_item"),
        (task.c.state == "open") | (task.c.state == "started"),
    )
    .limit(1)
)
_ROW = (exception_code.c.code == exception.c.code, exception_code.c.active == 1)


def _of_code(column: ColumnElement[int] | ColumnElement[str], usual: int | str) -> ColumnElement[int]:
    return func.coalesce(select(column).where(*_ROW).scalar_subquery(), literal(usual))


_USUAL = exception_codes.ExceptionCode(code="", title="")
ESCALATE = (
    update(exception)
    .where(
        exception.c.state == "open",
        exception.c.escalated == 0,
        ~exists(select(exception_code.c.code).where(*_ROW, exception_code.c.escalate_min == 0)),
        exception.c.due + _of_code(exception_code.c.escalate_min, _USUAL.escalate_min) * literal(clock.MINUTE)
        < bindparam("now"),
    )
    .values(owner=_of_code(exception_code.c.escalate_to, _USUAL.escalate_to), escalated=bindparam("now"))
)


def add(
    tx: Tx,
    code: str,
    sentence: str,
    *,
    document: str = "",
    item: str = "",
    location: str = "",
    worker: str = "",
    owner: str = "",
    quantity: int = 0,
    lot: str = "",
    photo: str = "",
    by: By | None = None,
) -> str:
    """Write it down, and let follow what its code says. Returns its id; photos belong to `exception <id>`."""
    row, key, now = exception_codes.of(tx, code), clock.new_id(), clock.now()
    tx.run(
        ADD,
        id=key,
        code=code,
        sentence=sentence,
        document=document,
        item=item,
        location=location,
        owner=owner or row.owner,
        due=now + row.due_min * clock.MINUTE,
        worker=worker,
        created=now,
        quantity=quantity,
        lot=lot,
    )
    if photo:
        photos.link(tx, photo, f"exception {key}", worker)
    if row.follow_ups:
        _let_follow(tx, find(tx, key), row.follow_ups, by or By(worker=worker, cause=f"exception {key}"))
    tx.tell("exceptions")
    return key


def follow(name: str) -> Callable[[Follow], Follow]:
    """Register what a follow-up does; a module that knows better than the usual one replaces it."""
    if name not in exception_codes.FOLLOW_UPS:
        raise LookupError(f"no exception code may name the follow-up {name}")

    def register(rule: Follow) -> Follow:
        _FOLLOWS[name] = rule
        return rule

    return register


def find(tx: Tx, key: str) -> Raised:
    """Raises AlreadyClosed where there is none."""
    found = tx.one(ONE, Raised, which=key)
    if found is None:
        raise AlreadyClosed()
    return found


def take(tx: Tx, key: str, worker: str) -> str:
    """Somebody looks into it; whoever had it before is named. Raises AlreadyClosed."""
    before = find(tx, key).taken_by
    if tx.run(TAKE, which=key, who=worker) != 1:
        raise AlreadyClosed()
    tx.tell("exceptions")
    return "You take care of it." if before in ("", worker) else f"You take care of it; {before} had it."


def settle(tx: Tx, key: str, decided: str, by: By) -> str:
    """Close it with what was decided. Raises AlreadyClosed, NoReason; SamePerson where its code wants approval."""
    told = " ".join(decided.split())
    if not told or len(told) > LONGEST_REASON:
        raise NoReason(limit=LONGEST_REASON, scanned=told[:20])
    raised = find(tx, key)
    row = exception_codes.of(tx, raised.code)
    if row.approval:
        duties.refuse_same(tx, "raise_exception", raised.worker, "approve_exception", by.worker)
    if tx.run(SETTLE, which=key, told=told, who=by.worker, now=clock.now(), wanted=row.approval) != 1:
        raise AlreadyClosed()
    if "tell_erp" in row.follow_ups.split():
        event = ExceptionSettled(
            id=key, code=raised.code, decided=told, decided_by=by.worker, raised_by=raised.worker, lane=raised.document
        )
        ledger.post(tx, event, by)
    tx.tell("exceptions")
    return "Closed."


def escalate(tx: Tx) -> int:
    """What is overdue by more than its code allows goes to the next role, once. Returns how many."""
    moved = tx.run(ESCALATE, now=clock.now())
    if moved:
        tx.tell("exceptions")
    return moved


def _let_follow(tx: Tx, raised: Raised, names: str, by: By) -> None:
    told = []
    for name in names.split():
        rule = _FOLLOWS.get(name)
        if rule is None:
            continue
        try:
            said = rule(tx, raised, by)
        except Refusal as why:
            said = f"No {name.replace('_', ' ')}: {why.sentence}"
        if said:
            told.append(said)
    if told:
        tx.run(FOLLOWED, which=raised.id, told="; ".join(told))


# ── the usual follow-ups ─────────────────────────────────────────────────────────────────────────────────────────────
@follow("count")
def count_it(tx: Tx, raised: Raised, by: By) -> str:
    """The bin is counted soon; one count of it is enough."""
    if not raised.location:
        return ""
    if tx.value(OPEN_COUNT, of_place=raised.location, of_item=raised.item) is not None:
        return f"{raised.location} is to be counted already"
    tasks.add(
        tx,
        "count",
        document=raised.document,
        place=raised.location,
        item=raised.item,
        priority=COUNT_PRIORITY,
        due=clock.now() + ANSWER_WITHIN,
        reason=raised.code.replace("_", " "),
    )
    return f"{raised.location} is to be counted"


@follow("tell_erp")
def tell_erp(tx: Tx, raised: Raised, by: By) -> str:
    event = ExceptionRaised(
        id=raised.id,
        code=raised.code,
        sentence=raised.sentence,
        lane=raised.document,
        item=raised.item,
        lot=raised.lot,
        location=raised.location,
        quantity=raised.quantity,
    )
    return f"the ERP is told by event {ledger.post(tx, event, by)}"


chores.register("escalation of overdue cases", ESCALATE_EVERY_S, escalate)
