"""Who works here: their badge, roles, skills, shift and limits, where they are signed in, and what was changed of them last.

What an admin changes is in people_changes.py, people_keys.py and people_rights.py.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, or_, select

from app import clock
from app.db import Tx
from app.desk.filters import letters
from app.desk.paging import Page, page_of, window
from app.desk.words import many
from app.floor import seats, sessions
from app.schema.people import security_event, worker
from app.work import duties, limits, shifts
from app.work.limits import Limit
from app.work.people import Worker
from app.work.shifts import Shift

MOST_NOTES = 5  # last changes shown of one worker
LIMITED = ("worker", "supervisor", "admin")  # roles that decide anything, in the order of how much


class PeopleFilter(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""
    role: str = ""
    state: str = "active"  # active, gone, all
    page: int = 1


class Note(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    kind: str
    worker: str  # who did it
    detail: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One row: somebody, where they are signed in, what they may decide alone, and what was changed of them."""

    who: Worker
    device: str = ""
    seen: int = 0
    limits: tuple[Limit, ...] = ()
    notes: tuple[Note, ...] = ()
    shift: Shift | None = None


class People(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Person]
    role_limits: dict[str, dict[str, int]]  # kind → role → value
    duties: tuple[duties.Pair, ...]
    shifts: tuple[Shift, ...]


_LIKE = or_(
    bindparam("p_q") == "",
    worker.c.code == bindparam("p_q"),
    worker.c.badge == bindparam("p_q"),
    worker.c.name.ilike(bindparam("p_like"), escape="\\"),
)
LIST = (
    select(worker)
    .where(
        _LIKE,
        or_(bindparam("p_role") == "", (" " + worker.c.roles + " ").like(bindparam("p_role_like"))),
        or_(bindparam("p_state") == "all", worker.c.active == bindparam("p_active")),
    )
    .order_by(worker.c.active.desc(), worker.c.name, worker.c.code)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
NOTES = (
    select(security_event.c.at, security_event.c.kind, security_event.c.worker, security_event.c.detail)
    .where(security_event.c.detail.like(bindparam("of_whom"), escape="\\"))
    .order_by(security_event.c.at.desc())
    .limit(MOST_NOTES)
)


def listing(tx: Tx, wanted: PeopleFilter, *, export: bool = False) -> People:
    q = wanted.q.strip()
    found = tx.all(
        LIST,
        Worker,
        p_q=q,
        p_like=f"%{letters(q)}%",
        p_role=wanted.role,
        p_role_like=f"% {letters(wanted.role)} %",
        p_state=wanted.state,
        p_active=int(wanted.state != "gone"),
        **window(wanted.page, export=export),
    )
    everything = limits.everything(tx)
    known = {one.code: one for one in shifts.everything(tx)}
    shown = page_of([_person(tx, who, everything, known) for who in found], wanted.page, export=export)
    return People(
        headline=headline(shown.rows, wanted),
        page=shown,
        role_limits=_by_kind(everything),
        duties=duties.DUTIES,
        shifts=tuple(known.values()),
    )


def _by_kind(everything: Sequence[Limit]) -> dict[str, dict[str, int]]:
    """Each kind of limit with what each role has of it; a role without one has nought."""
    given = {(one.kind, one.name): one.value for one in everything if one.holder == "role"}
    return {kind: {role: given.get((kind, role), 0) for role in LIMITED} for kind in limits.KINDS}


def headline(rows: Sequence[Person], wanted: PeopleFilter) -> str:
    here = sum(1 for row in rows if row.device)
    if wanted.state == "gone":
        return f"{many(len(rows), 'person', 'people')} who came here once."
    return f"{many(len(rows), 'person', 'people')}, {here} signed in."


def _person(tx: Tx, who: Worker, everything: Sequence[Limit], known: dict[str, Shift]) -> Person:
    now = clock.now()
    live = [row for row in tx.rows(sessions.LIVE_LOGIN, worker=who.code) if row[1] > now and row[2] + seats.IDLE > now]
    return Person(
        who=who,
        device=str(live[0][0]) if live else "",
        seen=int(live[0][2]) if live else 0,
        limits=tuple(one for one in everything if one.holder == "worker" and one.name == who.code),
        notes=tuple(tx.all(NOTES, Note, of_whom=f"worker {letters(who.code)}:%")),
        shift=known.get(who.shift),
    )
