"""Wall-to-wall: every place of a scope is counted once, with its progress by zone and a report at the end.

The house may freeze the places: each is then blocked for picking and putaway from the beginning of the plan until it is
counted, one after the other. It need not: counts are rebased on the journal, so work may go on. A plan is closed when all
its places are counted and every difference of them is decided.
"""

from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.counting import count_line, count_plan, stock_count
from app.schema.places import location
from app.schema.work import task
from app.work import tasks
from app.work.counting import rules
from app.work.counting.counts import KIND
from app.work.counting.requests import Scope, places_of

WITHIN = 7 * clock.DAY
MOST_PLANS = 8  # shown with their progress


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    scope: str
    value: str
    freeze: int
    state: str  # open, done, cancelled
    places: int
    created_by: str
    created: int
    closed: int

    @property
    def document(self) -> str:
        return f"plan {self.code}"

    @property
    def words(self) -> str:
        return scope_words(self.scope, self.value)


class ZoneDone(msgspec.Struct, frozen=True, kw_only=True):
    zone: str
    places: int
    counted: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan came to. Amounts in units and cents, lost and found apart."""

    places: int
    counted: int
    lines: int
    right: int
    waiting: int  # differences not decided yet
    lost: int
    found: int
    lost_value: int
    found_value: int
    rejected: int

    @property
    def accuracy(self) -> int:
        """Lines that were right, per cent, rounded down."""
        return self.right * 100 // self.lines if self.lines else 0


class NoPlan(State):
    code, title = "no_plan", "No such plan"
    says = "Plan {scanned} is not open."


class PlanUnfinished(State):
    code, title = "plan_unfinished", "Not finished"
    says = "{open} places of {plan} are not counted and {waiting} differences are not decided."
    todo = "Finish them, or cancel the plan."


class AlreadyPlanned(State):
    code, title = "already_planned", "Planned already"
    says = "{plan} counts {scope} already."
    todo = "Finish or cancel it first."


def scope_words(scope: str, value: str) -> str:
    return {"house": "the whole house", "aisle": f"places {value}…"}.get(scope, f"{scope} {value}")


_OPEN = or_(task.c.state == "open", task.c.state == "started")
ADD = insert(count_plan).values(
    **{name: bindparam(name) for name in ("code", "scope", "value", "freeze", "places", "created_by", "created")}
)
ONE = select(count_plan).where(count_plan.c.code == bindparam("which"))
RECENT = select(count_plan).order_by(count_plan.c.created.desc()).limit(MOST_PLANS)
NUMBER = select(func.count()).select_from(count_plan)
SAME = select(count_plan.c.code).where(
    count_plan.c.scope == bindparam("s"), count_plan.c.value == bindparam("v"), count_plan.c.state == "open"
)
END = (
    update(count_plan)
    .where(count_plan.c.code == bindparam("which"), count_plan.c.state == "open")
    .values(state=bindparam("new_state"), closed=bindparam("now"))
)
FREEZE = update(location).where(location.c.code == bindparam("place"), location.c.blocked == "").values(
    blocked=bindparam("why")
)  # fmt: skip
THAW = update(location).where(location.c.code == bindparam("place"), location.c.blocked == bindparam("why")).values(
    blocked=""
)  # fmt: skip
THAW_ALL = update(location).where(location.c.blocked == bindparam("why")).values(blocked="")
ZONES = (
    select(
        location.c.zone,
        cast(func.count(task.c.place.distinct()), Integer).label("places"),
        cast(func.count(case((task.c.state == "done", task.c.place)).distinct()), Integer).label("counted"),
    )
    .select_from(task.join(location, location.c.code == task.c.place))
    .where(task.c.kind == KIND, task.c.document == bindparam("document"), task.c.item == "")
    .group_by(location.c.zone)
    .order_by(location.c.zone)
)
OPEN_TASKS = select(task.c.id).where(task.c.kind == KIND, task.c.document == bindparam("document"), _OPEN)
_LAST_WORD = count_line.c.state != "superseded"
LINES = (
    select(count_line)
    .join(stock_count, stock_count.c.id == count_line.c["count"])
    .where(stock_count.c.plan == bindparam("which"), _LAST_WORD)
    .order_by(count_line.c.place, count_line.c.item, count_line.c.lot, count_line.c.lpn)
    .limit(bindparam("most"))
)
_CORRECTED = or_(count_line.c.state == "posted", count_line.c.state == "approved")


def _sum(column: Any, *where: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(case((and_(*where), column), else_=0)), 0), BigInteger)


_LOST, _FOUND = count_line.c.difference < 0, count_line.c.difference > 0
_PRICED = count_line.c.value > 0
TOTALS = (
    select(
        cast(func.count(), Integer).label("lines"),
        _sum(1, count_line.c.difference == 0, count_line.c.note == "").label("right"),
        _sum(1, or_(count_line.c.state == "review", count_line.c.state == "recount")).label("waiting"),
        _sum(-count_line.c.difference, _CORRECTED, _LOST).label("lost"),
        _sum(count_line.c.difference, _CORRECTED, _FOUND).label("found"),
        _sum(count_line.c.value, _CORRECTED, _LOST, _PRICED).label("lost_value"),
        _sum(count_line.c.value, _CORRECTED, _FOUND, _PRICED).label("found_value"),
        _sum(1, count_line.c.state == "rejected").label("rejected"),
    )
    .select_from(count_line.join(stock_count, stock_count.c.id == count_line.c["count"]))
    .where(stock_count.c.plan == bindparam("which"), _LAST_WORD)
)


def create(tx: Tx, scope: Scope, value: str, *, freeze: bool, worker: str) -> Plan:
    """A count of every place of the scope. Raises NothingThere, AlreadyPlanned."""
    same = tx.value(SAME, s=scope, v=value)
    if same is not None:
        raise AlreadyPlanned(plan=same, scope=scope_words(scope, value))
    places = places_of(tx, scope, value)
    code = f"W{int(tx.value(NUMBER)) + 1:03d}"
    now = clock.now()
    tx.run(
        ADD, code=code, scope=scope, value=value, freeze=int(freeze), places=len(places), created_by=worker, created=now
    )
    for place in places:
        tasks.add(
            tx,
            KIND,
            document=f"plan {code}",
            place=place,
            priority=rules.COUNT_PRIORITY,
            due=now + WITHIN,
            reason=f"wall-to-wall {code}",
        )
    if freeze:
        tx.many(FREEZE, [{"place": place, "why": frozen(code)} for place in places])
    tx.tell("counts")
    return find(tx, code)


def find(tx: Tx, code: str) -> Plan:
    """Raises NoPlan."""
    found = tx.one(ONE, Plan, which=code)
    if found is None:
        raise NoPlan(scanned=code[:20])
    return found


def recent(tx: Tx) -> list[Plan]:
    return tx.all(RECENT, Plan)


def counted(tx: Tx, code: str, place: str) -> None:
    """A place of the plan is counted: it may be worked in again."""
    if code:
        tx.run(THAW, place=place, why=frozen(code))


def progress(tx: Tx, plan: Plan) -> list[ZoneDone]:
    return tx.all(ZONES, ZoneDone, document=plan.document)


def report(tx: Tx, plan: Plan) -> Report:
    row = tx.row(TOTALS, which=plan.code)
    assert row is not None, "a sum always has a row"
    names = ("lines", "right", "waiting", "lost", "found", "lost_value", "found_value", "rejected")
    done = sum(zone.counted for zone in progress(tx, plan))
    return Report(places=plan.places, counted=done, **dict(zip(names, (int(one) for one in row), strict=True)))


def close(tx: Tx, code: str) -> str:
    """The end of a plan, with what it came to. Raises NoPlan, PlanUnfinished."""
    plan, told = find(tx, code), report(tx, find(tx, code))
    left = len(tx.rows(OPEN_TASKS, document=plan.document))
    if left or told.waiting:
        raise PlanUnfinished(open=left, waiting=told.waiting, plan=plan.code)
    _end(tx, plan, "done")
    return f"{plan.code} is closed: {told.lines} lines, {told.accuracy} % right, {told.lost} units lost, {told.found} found."


def cancel(tx: Tx, code: str) -> str:
    """Its places are not counted any more and are free again; what was counted stays counted. Raises NoPlan."""
    plan = find(tx, code)
    open_tasks = tx.rows(OPEN_TASKS, document=plan.document)
    for row in open_tasks:
        tasks.cancel(tx, row[0])
    _end(tx, plan, "cancelled")
    return f"{plan.code} is cancelled; {len(open_tasks)} places were not counted."


def frozen(code: str) -> str:
    """Why a place is blocked."""
    return f"counted in {code}"


def _end(tx: Tx, plan: Plan, state: str) -> None:
    if tx.run(END, which=plan.code, new_state=state, now=clock.now()) != 1:
        raise NoPlan(scanned=plan.code)
    tx.run(THAW_ALL, why=frozen(plan.code))
    tx.tell("counts")
