"""A task in words: what the floor calls it, who has it, and why nobody does it.

Why a task is stuck is asked of the rows one sees: needs nobody signed in has, a blocked place, a kind no job on the floor
takes, everybody's "not now", and what the kind itself knows (`task_kinds`).
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.desk.task_rows import TaskRow
from app.desk.words import many, said
from app.floor import seats
from app.floor.flows import Flow
from app.schema.directing import postponed
from app.schema.floor import login
from app.schema.people import worker
from app.schema.places import location
from app.work import directing_queue, reasons, task_kinds, tasks
from app.work.people import Worker

MOST_PEOPLE = 200


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A row with its words."""

    row: TaskRow
    kind: str  # Put back
    title: str  # what the floor calls it
    note: str
    held: bool
    holder: str
    meant_for: str
    lease_left: int
    late: bool
    blocked: tuple[str, ...] = ()
    put_off: tuple[str, ...] = ()
    may_cancel: bool = False
    instead: str = ""


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """Who is here, and what they can."""

    workers: tuple[Worker, ...]
    here: frozenset[str]


PEOPLE = (
    select(worker)
    .where(worker.c.active == 1, (" " + worker.c.roles + " ").like("% worker %"))
    .order_by(worker.c.name, worker.c.code)
    .limit(MOST_PEOPLE)
)
HERE = select(login.c.worker).where(
    login.c.door == "floor", login.c.ends > bindparam("now"), login.c.seen > bindparam("since")
)
BLOCKED_PLACE = select(location.c.blocked).where(location.c.code == bindparam("code"))
PUT_OFF = select(postponed.c.worker, postponed.c.reason).where(
    postponed.c.subject == bindparam("of_subject"), postponed.c.until > bindparam("now")
)


def crew_of(tx: Tx, now: int) -> Crew:
    here = frozenset(row[0] for row in tx.rows(HERE, now=now, since=now - seats.IDLE))
    return Crew(workers=tuple(tx.all(PEOPLE, Worker)), here=here)


def in_words(tx: Tx, row: TaskRow, crew: Crew, jobs: dict[str, Flow], now: int, *, explain: bool) -> Shown:
    names = {who.code: who.short_name for who in crew.workers}
    kind, job = task_kinds.of(row.kind), jobs.get(row.kind)
    alive = row.state in ("open", "started")
    held = row.state == "started" and row.until > now
    title, note = job.describe(tx, row) if job is not None and alive else (f"{kind.title} {row.document}", row.reason)
    off = tx.rows(PUT_OFF, of_subject=f"{row.kind} {row.id}", now=now) if alive and explain else []
    told = {one.code: one.words for one in reasons.of_kind(tx, "postpone")} if off else {}
    return Shown(
        row=row,
        kind=kind.title,
        title=said(title.strip()),
        note=note,
        held=held,
        holder=names.get(row.worker, row.worker),
        meant_for=names.get(row.assigned, row.assigned),
        lease_left=max(0, row.until - now) if row.state == "started" else 0,
        late=alive and 0 < row.due < now,
        blocked=_blocked(tx, row, crew, job, {who for who, _ in off}) if alive and explain and not held else (),
        put_off=tuple(f"{names.get(who, who)}: {told.get(why) or why}" for who, why in off),
        may_cancel=kind.cancel is not None,
        instead=kind.instead,
    )


def _blocked(tx: Tx, row: TaskRow, crew: Crew, job: Flow | None, put_off: set[str]) -> tuple[str, ...]:
    """Why nobody does it, each as a sentence."""
    told: list[str] = []
    if job is None:
        told.append("No job on the floor takes tasks of this kind.")
    place = row.begins or row.place
    if why := tx.value(BLOCKED_PLACE, code=place):
        told.append(f"{place} is blocked: {why}.")
    needs = directing_queue.needs_of(tx, row.kind, row.zone)
    able = [who for who in crew.workers if who.can(*needs)]
    here = [who.code for who in able if who.code in crew.here]
    lacking = " and ".join(need.replace("_", " ") for need in needs)
    if needs and not able:
        told.append(f"Takes {lacking}, which nobody has.")
    elif needs and not here:
        told.append(f"Takes {lacking}; {_some(able)} could, and is not signed in.")
    elif here and put_off.issuperset(here):
        told.append("Everybody here who could has put it off.")
    if row.assigned and row.assigned not in crew.here:
        told.append(f"Meant for {row.assigned}, who is not signed in.")
    if row.state == "started":
        told.append("Whoever began it has not scanned for a while: it is free to take.")
    found = tasks.find(tx, row.id)
    if found is not None:
        told += task_kinds.why_blocked(tx, found)
    return tuple(told)


def _some(able: Sequence[Worker]) -> str:
    more = len(able) - 1
    return able[0].short_name if not more else f"{able[0].short_name} or {many(more, 'other')}"
