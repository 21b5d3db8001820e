"""Counts at the desk: what waits to be counted and why, wall-to-wall plans with their progress, and the rows behind it.

Which place is counted when follows from rows: days for each class of item, thresholds of emptied bins, recounts wanted.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Integer, bindparam, cast, func, or_, select

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import many, said, spelled
from app.errors import State
from app.schema.counting import count_trigger, item_class
from app.schema.places import location
from app.schema.work import task
from app.work import people, tasks
from app.work.counting import plans, requests, rules
from app.work.counting.closing import Line
from app.work.counting.counts import KIND
from app.work.counting.plans import Plan, Report, ZoneDone
from app.work.counting.requests import Scope
from app.work.counting.rules import Class, Trigger
from app.work.master_terms import put

ORIGINS = ("cycle count", "triggered count", "requested count", "spot count", "recount", "plan")
MOST_LINES = 20_000  # of a plan, in its CSV


class CountFilter(msgspec.Struct, frozen=True, kw_only=True):
    origin: str = ""
    zone: str = ""
    state: str = ""  # open, started; empty: both
    q: str = ""  # a place or an item
    plan: str = ""  # its lines, as CSV
    page: int = 1


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A count that waits or is under way."""

    id: str
    place: str
    item: str
    zone: str
    document: str
    reason: str
    priority: int
    due: int
    state: str
    worker: str
    created: int


class PlanShown(msgspec.Struct, frozen=True, kw_only=True):
    plan: Plan
    zones: tuple[ZoneDone, ...]
    report: Report


class Counting(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Waiting]
    plans: tuple[PlanShown, ...]
    classes: tuple[Class, ...]
    items: dict[str, int]  # how many of each class
    triggers: tuple[Trigger, ...]
    settings: dict[str, int]
    zones: tuple[str, ...]


class NoTask(State):
    code, title = "count_gone", "Not waiting"
    says = "This count does not wait any more."
    todo = "Load the page again."


_OPEN = or_(task.c.state == "open", task.c.state == "started")
LIST = (
    select(
        *(task.c[name] for name in Waiting.__struct_fields__ if name != "zone"),
        func.coalesce(location.c.zone, "").label("zone"),
    )
    .outerjoin(location, location.c.code == task.c.place)
    .where(
        task.c.kind == KIND,
        _OPEN,
        or_(bindparam("p_state") == "", task.c.state == bindparam("p_state")),
        or_(bindparam("p_zone") == "", location.c.zone == bindparam("p_zone")),
        or_(bindparam("p_q") == "", task.c.place == bindparam("p_q"), task.c.item == bindparam("p_q")),
        or_(
            bindparam("p_origin") == "",
            func.substr(task.c.document, 1, bindparam("long")) == bindparam("p_origin"),
        ),
    )
    .order_by(task.c.priority, task.c.due, task.c.place, task.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
NUMBERS = select(task.c.due).where(task.c.kind == KIND, _OPEN)
ITEMS = select(item_class.c["class"], cast(func.count(), Integer)).group_by(item_class.c["class"])
TRIGGERS = select(count_trigger).order_by(count_trigger.c.kind)
PUT_TRIGGER = put(count_trigger)
ZONES = select(location.c.zone).where(location.c.zone != "").distinct().order_by(location.c.zone).limit(50)


def listing(tx: Tx, wanted: CountFilter, *, export: bool = False) -> Counting:
    asked = {"p_state": wanted.state, "p_zone": wanted.zone, "p_q": wanted.q.strip(), "p_origin": wanted.origin}
    found = tx.all(LIST, Waiting, **asked, long=len(wanted.origin), **window(wanted.page, export=export))
    now = clock.now()
    due = [int(row[0]) for row in tx.rows(NUMBERS)]
    return Counting(
        headline=headline(len(due), sum(1 for at in due if at and at < now)),
        page=page_of(found, wanted.page, export=export),
        plans=() if export else tuple(_shown(tx, plan) for plan in plans.recent(tx)),
        classes=tuple(rules.classes(tx)),
        items={str(name): int(number) for name, number in tx.rows(ITEMS)},
        triggers=tuple(tx.all(TRIGGERS, Trigger)),
        settings={name: rules.setting(tx, name) for name in rules.SETTINGS},
        zones=tuple(row[0] for row in tx.rows(ZONES)),
    )


def lines(tx: Tx, code: str) -> Sequence[Line]:
    """The last word on each thing a plan counted."""
    return tx.all(plans.LINES, Line, which=code, most=MOST_LINES)


def headline(waiting: int, late: int) -> str:
    if not waiting:
        return "No place waits to be counted."
    text = f"{spelled(waiting)} place{' waits' if waiting == 1 else 's wait'} to be counted"
    return said(f"{text}, {spelled(late)} overdue." if late else f"{text}.")


def ask(tx: Tx, scope: Scope, what: str, reason: str, *, worker: str, device: str) -> str:
    """Raises NothingThere."""
    told = requests.request(tx, scope, what, reason=reason or "requested by the desk").in_words
    people.note(tx, "count_requested", worker, device, f"{scope} {what}: {told}")
    return told


def plan(tx: Tx, scope: Scope, value: str, *, freeze: bool, worker: str, device: str) -> str:
    """Raises NothingThere, AlreadyPlanned."""
    made = plans.create(tx, scope, "" if scope == "house" else value, freeze=freeze, worker=worker)
    told = (
        f"{made.code} counts {made.words}: {many(made.places, 'place')}{', blocked until counted' if freeze else ''}."
    )
    people.note(tx, "count_planned", worker, device, told)
    return told


def end_plan(tx: Tx, code: str, *, cancel: bool, worker: str, device: str) -> str:
    """Raises NoPlan, PlanUnfinished."""
    told = plans.cancel(tx, code) if cancel else plans.close(tx, code)
    people.note(tx, "count_plan_ended", worker, device, told)
    return told


def drop(tx: Tx, key: str, *, worker: str, device: str) -> str:
    """A count nobody needs any more. Raises NoTask."""
    found = tasks.find(tx, key)
    if found is None or found.is_over or found.kind != KIND:
        raise NoTask()
    tasks.cancel(tx, key)
    people.note(tx, "count_dropped", worker, device, f"{found.place} {found.item}: {found.reason}".strip())
    tx.tell("counts")
    return f"{found.place} is not counted now."


def change_class(tx: Tx, row: Class, *, worker: str, device: str) -> str:
    rules.change_class(tx, row)
    rules.change(tx, rules.CLASSIFIED, 0)  # the items are classed anew
    told = f"class {row.name}: every {row.every_days} days, {row.share_percent} %, {'on' if row.active else 'off'}"
    return _changed(tx, told, worker, device)


def change_trigger(tx: Tx, row: Trigger, *, worker: str, device: str) -> str:
    tx.run(PUT_TRIGGER, **msgspec.structs.asdict(row))
    told = (
        f"{row.kind}: {row.threshold} or fewer, not again within {row.cool_days} days, {'on' if row.active else 'off'}"
    )
    return _changed(tx, told, worker, device)


def change_setting(tx: Tx, name: str, value: int, *, worker: str, device: str) -> str:
    rules.change(tx, name, value)
    return _changed(tx, f"{name.replace('_', ' ')}: {value}", worker, device)


def _changed(tx: Tx, told: str, worker: str, device: str) -> str:
    people.note(tx, "count_rule", worker, device, told)
    tx.tell("counts")
    return said(f"{told}.")


def _shown(tx: Tx, plan: Plan) -> PlanShown:
    return PlanShown(plan=plan, zones=tuple(plans.progress(tx, plan)), report=plans.report(tx, plan))
