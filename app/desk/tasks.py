"""The task board: everything that waits or is under way, who has it, and in words why something does not move.

The most urgent stands on top, as on the floor. What a supervisor does to a task is in `app/work/directing_acts.py`; the
board only reads. Why a task is stuck is asked of the rows one sees: needs nobody signed in has, a blocked place, a kind
no job on the floor takes, everybody's "not now", and what the kind itself knows (`task_kinds`).
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Integer, and_, bindparam, cast, func, or_, select

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import Piece, many, said, spelled
from app.floor import seats
from app.floor.flows import Flow, flows
from app.schema.directing import postponed
from app.schema.floor import login
from app.schema.people import worker
from app.schema.places import location
from app.schema.work import task, task_cancelled
from app.work import directing_queue, directing_weights, reasons, task_kinds, tasks
from app.work.directing_queue import BEGINS, Row
from app.work.people import Worker
from app.work.reasons import Reason

MOST_EXPLAINED = 200  # rows of an export that are asked why they do not move
MOST_PEOPLE = 200
STATES = ("alive", "waiting", "started", "done", "cancelled", "all")


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    kind: str = ""
    state: str = "alive"  # alive: waiting or under way
    zone: str = ""
    worker: str = ""  # who has it, or whom it is meant for
    late: str = ""  # yes: its time has passed
    q: str = ""  # a document, item, place, wave or cart
    page: int = 1


class TaskRow(Row, frozen=True, kw_only=True):
    """One row as it is read."""

    wave: str
    cart: str
    by_hand: int
    given: str
    cancelled_at: int
    cancelled_by: str
    cancelled_why: str


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


class Board(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    told: tuple[Piece, ...]
    page: Page[Shown]
    kinds: tuple[tuple[str, str], ...]  # name, title
    zones: tuple[str, ...]
    people: tuple[tuple[str, str, bool], ...]  # code, name, signed in
    reasons: tuple[Reason, ...]
    weights: tuple[tuple[str, str, int], ...]  # name, words, metres
    needs: tuple[tuple[str, str, str], ...]  # kind, zone, skills and equipment
    needing: dict[str, str]  # what may need any: kinds of task, and jobs that have none


class Away(msgspec.Struct, frozen=True, kw_only=True):
    """Who is here, and what they can."""

    workers: tuple[Worker, ...]
    here: frozenset[str]


_ALIVE = or_(task.c.state == "open", task.c.state == "started")
_STATE = or_(
    bindparam("p_state") == "all",
    task.c.state == bindparam("p_state"),
    and_(bindparam("p_state") == "alive", _ALIVE),
    and_(bindparam("p_state") == "waiting", task.c.state == "open"),
)
_COLUMNS = [task.c[name] for name in Row.__struct_fields__ if name not in ("begins", "zone")]
_zone = func.coalesce(location.c.zone, "")
LIST = (
    select(
        *_COLUMNS, BEGINS.label("begins"), _zone.label("zone"), task.c.wave, task.c.cart, task.c.by_hand, task.c.given,
        func.coalesce(task_cancelled.c.at, 0).label("cancelled_at"),
        func.coalesce(task_cancelled.c.worker, "").label("cancelled_by"),
        func.coalesce(task_cancelled.c.reason, "").label("cancelled_why"),
    )
    .select_from(
        task.outerjoin(location, location.c.code == BEGINS).outerjoin(task_cancelled, task_cancelled.c.task == task.c.id)
    )
    .where(
        _STATE,
        or_(bindparam("p_kind") == "", task.c.kind == bindparam("p_kind")),
        or_(bindparam("p_zone") == "", _zone == bindparam("p_zone")),
        or_(bindparam("p_worker") == "", task.c.worker == bindparam("p_worker"), task.c.assigned == bindparam("p_worker")),
        or_(bindparam("p_late") == "", and_(task.c.due > 0, task.c.due < bindparam("now"))),
        or_(
            bindparam("p_q") == "",
            task.c.document == bindparam("p_q"), task.c.document.like(bindparam("p_ends"), escape="\\"),
            task.c.place == bindparam("p_q"), task.c.item == bindparam("p_q"), task.c.wave == bindparam("p_q"),
            task.c.cart == bindparam("p_q"), task.c.id == bindparam("p_q"),
        ),
    )
)  # fmt: skip
_PAGE = LIST.limit(bindparam("most")).offset(bindparam("skip"))
URGENT_FIRST = _PAGE.order_by(task.c.priority, task.c.due, task.c.created, task.c.id)
NEWEST_FIRST = _PAGE.order_by(task.c.created.desc(), task.c.id)
COUNTED = (
    select(
        task.c.kind,
        cast(func.count(), Integer),
        cast(func.sum(cast(task.c.state == "started", Integer)), Integer),
        cast(func.sum(cast(and_(task.c.due > 0, task.c.due < bindparam("now")), Integer)), Integer),
    )
    .where(_ALIVE)
    .group_by(task.c.kind)
    .order_by(task.c.kind)
)
ZONES = select(location.c.zone).distinct().where(location.c.zone != "").order_by(location.c.zone).limit(60)
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


def board(tx: Tx, wanted: TaskFilter, *, export: bool = False) -> Board:
    """The whole page from one snapshot."""
    now, q = clock.now(), wanted.q.strip()
    alive = wanted.state in ("alive", "waiting", "started")
    found = tx.all(
        URGENT_FIRST if alive else NEWEST_FIRST, TaskRow, p_state=wanted.state, p_kind=wanted.kind, p_zone=wanted.zone,
        p_worker=wanted.worker, p_late=wanted.late, p_q=q, p_ends=f"% {_plain(q)}", now=now,
        **window(wanted.page, export=export),
    )  # fmt: skip
    shown = page_of(found, wanted.page, export=export)
    crew = _crew(tx, now)
    jobs = {kind: job for job in flows() for kind in job.kinds}
    rows = tuple(
        _shown(tx, row, crew, jobs, now, explain=not export or n < MOST_EXPLAINED) for n, row in enumerate(shown.rows)
    )
    counted = tx.rows(COUNTED, now=now)
    return Board(
        headline=headline(counted),
        told=_told(counted),
        page=Page(rows=rows, number=shown.number, more=shown.more),
        kinds=_kinds(counted, wanted.kind),
        zones=tuple(row[0] for row in tx.rows(ZONES)),
        people=tuple((who.code, who.name, who.code in crew.here) for who in crew.workers),
        reasons=tuple(reasons.of_kind(tx, "cancel_task")),
        weights=_weights(tx),
        needs=tuple(directing_queue.every_need(tx)),
        needing=dict(_kinds(counted, "")) | {job.name: job.title for job in flows() if not job.kinds},
    )


def headline(counted: Sequence[tuple[str, int, int, int]]) -> str:
    """`Twelve tasks wait, four are under way, one is late.`"""
    begun = sum(row[2] or 0 for row in counted)
    waiting = sum(row[1] for row in counted) - begun
    late = sum(row[3] or 0 for row in counted)
    if not waiting and not begun:
        return "Nothing waits to be done."
    parts = [f"{spelled(waiting)} task{' waits' if waiting == 1 else 's wait'}"]
    parts += [f"{spelled(begun)} {'is' if begun == 1 else 'are'} under way"] * bool(begun)
    parts += [f"{spelled(late)} {'is' if late == 1 else 'are'} late"] * bool(late)
    return said(", ".join(parts)) + "."


def _told(counted: Sequence[tuple[str, int, int, int]]) -> tuple[Piece, ...]:
    """`Pick 8 · Replenish 2 · 1 late`, each a link to its rows."""
    pieces: list[Piece] = []
    for kind, number, *_ in counted:
        pieces += [Piece(text=" · ")] * bool(pieces)
        pieces.append(Piece(text=f"{task_kinds.of(kind).title} {number}", href=f"/desk/tasks?kind={kind}"))
    late = sum(row[3] or 0 for row in counted)
    if late:
        pieces += [Piece(text=" · "), Piece(text=many(late, "late task"), href="/desk/tasks?late=yes")]
    return tuple(pieces)


def _kinds(counted: Sequence[tuple[str, int, int, int]], chosen: str) -> tuple[tuple[str, str], ...]:
    names = {row[0] for row in counted} | {kind.name for kind in task_kinds.everything()} | ({chosen} - {""})
    return tuple(sorted(((name, task_kinds.of(name).title) for name in names), key=lambda each: each[1]))


def _weights(tx: Tx) -> tuple[tuple[str, str, int], ...]:
    now = directing_weights.of(tx)
    return tuple((name, told, getattr(now, name)) for name, told in directing_weights.WORDS.items())


def _crew(tx: Tx, now: int) -> Away:
    here = frozenset(row[0] for row in tx.rows(HERE, now=now, since=now - seats.IDLE))
    return Away(workers=tuple(tx.all(PEOPLE, Worker)), here=here)


def _shown(tx: Tx, row: TaskRow, crew: Away, jobs: dict[str, Flow], now: int, *, explain: bool) -> Shown:
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


def _blocked(tx: Tx, row: TaskRow, crew: Away, job: Flow | None, put_off: set[str]) -> tuple[str, ...]:
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


def _plain(text: str) -> str:
    """For LIKE: its wildcards are letters here."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
