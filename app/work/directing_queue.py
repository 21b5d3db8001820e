"""What waits for whom, read from the house: tasks with their places, who stands where, what was put off, who is directed.

Where a worker stands is where they last confirmed goods: the bin they put something into, or took it from. On a measured
floor walks are measured; on another the walking order of the places stands in for it.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import and_, bindparam, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.directing import directed, postponed, task_need
from app.schema.places import location
from app.schema.stock import journal, movement
from app.schema.work import pick, task
from app.work import people, reasons
from app.work.directing import Candidate, Distance, Standing
from app.work.routes import Floor, distance_mm
from app.work.tasks import Task
from app.work.walks import Place, fits, floor_of, places_of

MOST_OF_A_KIND = 40  # looked at for one choice
PUT_OFF = 30 * clock.MINUTE
STANDS_FOR = clock.HOUR  # after that nobody knows where they went
SEQUENCE_M = 2  # between neighbours in walking order, where nothing was measured


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A task with where it begins."""

    id: str
    kind: str
    state: str
    document: str
    place: str
    item: str
    priority: int
    due: int
    reason: str
    created: int
    worker: str
    device: str
    until: int
    assigned: str
    begins: str
    zone: str


class AlreadyYours(State):
    code, title = "already_yours", "You have it"
    says = "You began this task: end it, or give it back."


_FIRST_PICK = (
    select(pick.c.location)
    .where(pick.c.task == task.c.id, pick.c.state == "open")
    .order_by(pick.c.sequence, pick.c.id)
    .limit(1)
    .scalar_subquery()
)
BEGINS = func.coalesce(_FIRST_PICK, task.c.place)
_TASK = [task.c[name] for name in Row.__struct_fields__[:-2]]
_KIND = task.c.kind == bindparam("of_kind")
_ALIVE = or_(task.c.state == "open", task.c.state == "started")
WAITING = (
    select(*_TASK, BEGINS.label("begins"), func.coalesce(location.c.zone, "").label("zone"))
    .select_from(task.outerjoin(location, location.c.code == BEGINS))
    .where(_KIND, _ALIVE)
    .order_by(task.c.priority, task.c.due, task.c.created, task.c.id)
    .limit(MOST_OF_A_KIND)
)
ZONE = (
    select(location.c.zone)
    .select_from(task.join(location, location.c.code == BEGINS))
    .where(task.c.id == bindparam("which"))
)
NEEDS = select(task_need.c.zone, task_need.c.needs).where(
    or_(task_need.c.kind == "", task_need.c.kind == bindparam("of_kind"))
)
EVERY_NEED = (
    select(task_need.c.kind, task_need.c.zone, task_need.c.needs)
    .where(task_need.c.needs != "")
    .order_by(task_need.c.kind, task_need.c.zone)
)
_NEED = upsert(task_need).values(**{name: bindparam(name) for name in ("kind", "zone", "needs")})
SET_NEED = _NEED.on_conflict_do_update(index_elements=["kind", "zone"], set_={"needs": _NEED.excluded.needs})
LAST_STEP = (
    select(movement.c.source, movement.c.target)
    .join(journal, journal.c.seq == movement.c.seq)
    .where(journal.c.worker == bindparam("who"), journal.c.at >= bindparam("since"))
    .order_by(journal.c.seq.desc(), movement.c.n)
    .limit(1)
)
KIND_OF = select(location.c.kind).where(location.c.code == bindparam("code"))
PUT_OFF_BY = select(postponed.c.subject).where(
    postponed.c.worker == bindparam("who"), postponed.c.until > bindparam("now")
)
_LATER = upsert(postponed).values(**{name: bindparam(name) for name in ("worker", "subject", "until", "reason", "at")})
POSTPONE = _LATER.on_conflict_do_update(
    index_elements=["worker", "subject"],
    set_={name: _LATER.excluded[name] for name in ("until", "reason", "at")},
)
FORGET = delete(postponed).where(postponed.c.until < bindparam("long_ago"))
_BE_DIRECTED = upsert(directed).values(worker=bindparam("who"), since=bindparam("now"))
BE_DIRECTED = _BE_DIRECTED.on_conflict_do_nothing()
BE_FREE = delete(directed).where(directed.c.worker == bindparam("who"))
IS_DIRECTED = select(literal(1)).where(and_(directed.c.worker == bindparam("who")))


def waiting(tx: Tx, kind: str) -> list[Row]:
    """Everything of a kind that is not over, held or not, the most urgent first."""
    return tx.all(WAITING, Row, of_kind=kind)


def candidate(tx: Tx, row: Row, job: str, title: str, note: str, worker: str) -> Candidate:
    held = row.worker if row.state == "started" else ""
    return Candidate(
        job=job,
        kind=row.kind,
        task=row.id,
        title=title,
        note=note,
        reason=row.reason,
        priority=row.priority,
        due=row.due,
        created=row.created,
        place=row.begins,
        zone=row.zone,
        needs=needs_of(tx, row.kind, row.zone),
        mine=held == worker and bool(worker),
        holder=held,
        device=row.device,
        until=row.until,
        assigned=row.assigned,
    )


def needs_of(tx: Tx, kind: str, zone: str) -> tuple[str, ...]:
    """The skills and equipment a kind of task needs in a zone."""
    rows = tx.rows(NEEDS, of_kind=kind)
    return tuple(dict.fromkeys(need for of_zone, needs in rows if of_zone in ("", zone) for need in needs.split()))


def need(tx: Tx, kind: str, zone: str, needs: str) -> None:
    """Say what a kind of task needs in a zone; empty kind or zone: every one; empty needs: nothing any more."""
    tx.run(SET_NEED, kind=kind, zone=zone, needs=" ".join(needs.split()))


def every_need(tx: Tx) -> list[tuple[str, str, str]]:
    """What kinds of task need in which zone; empty: every one."""
    return [(str(kind), str(zone), str(needs)) for kind, zone, needs in tx.rows(EVERY_NEED)]


def zone_of(tx: Tx, found: Task) -> str:
    """Where a task begins: the zone of its first pick, or of its place."""
    return str(tx.value(ZONE, which=found.id) or "")


def standing(tx: Tx, worker: str, station_zone: str = "") -> Standing:
    who = people.by_code(tx, worker)
    can = frozenset((*who.skills.split(), *who.equipment.split())) if who else frozenset()
    now = clock.now()
    put_off = frozenset(row[0] for row in tx.rows(PUT_OFF_BY, who=worker, now=now))
    return Standing(
        worker=worker, can=can, place=_stands_at(tx, worker, now), zone=station_zone, put_off=put_off, now=now
    )


def _stands_at(tx: Tx, worker: str, now: int) -> str:
    row = tx.row(LAST_STEP, who=worker, since=now - STANDS_FOR)
    if row is None:
        return ""
    source, target = row
    shelves = [place for place in (target, source) if tx.value(KIND_OF, code=place) in ("bin", "reserve")]
    return shelves[0] if shelves else str(target)


def distances(tx: Tx, codes: Iterable[str]) -> Distance:
    """How far these places are from one another."""
    floor = floor_of(tx)
    known = {place.code: place for place in places_of(tx, (code for code in codes if code))}

    def metres(one: str, other: str) -> int:
        if one == other:
            return 0
        here, there = known.get(one), known.get(other)
        return -1 if here is None or there is None else _apart(floor, here, there)

    return metres


def _apart(floor: Floor | None, here: Place, there: Place) -> int:
    if floor is not None and fits(floor, here) and fits(floor, there) and here.sequence and there.sequence:
        return distance_mm(floor, here.spot, there.spot) // 1000
    if here.sequence and there.sequence:
        return abs(here.sequence - there.sequence) * SEQUENCE_M
    return -1


def postpone(tx: Tx, worker: str, subject: str, reason: str) -> None:
    """Not offered to this worker for half an hour. Raises NoSuchReason."""
    reasons.check(tx, "postpone", reason)
    now = clock.now()
    tx.run(FORGET, long_ago=now - clock.DAY)
    tx.run(POSTPONE, worker=worker, subject=subject, until=now + PUT_OFF, reason=reason, at=now)
    tx.tell("tasks")


def be_directed(tx: Tx, worker: str, yes: bool) -> None:
    """From now on the next task is named when one ends; or the worker chooses for themselves again."""
    if yes:
        tx.run(BE_DIRECTED, who=worker, now=clock.now())
    else:
        tx.run(BE_FREE, who=worker)


def is_directed(tx: Tx, worker: str) -> bool:
    return tx.value(IS_DIRECTED, who=worker) is not None
