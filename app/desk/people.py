"""Who works here: their badge, roles, skills, shift and limits; added, changed, locked out and let in again.

Everything here is an admin's, every change is noted in the security log with who made it, and nobody changes their own
rights: that takes another admin. A PIN is made here, shown once to whoever stands at the desk, and kept only as a hash.
"""

import secrets
from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, or_, select

from app import clock
from app.config import PrinterSettings
from app.db import Tx
from app.desk import labelling
from app.desk.label_kinds import Ready
from app.desk.paging import Page, page_of, window
from app.desk.words import many
from app.errors import Malformed, State
from app.floor import seats, sessions
from app.schema.people import security_event, worker
from app.work import duties, limits, people, shifts
from app.work.limits import Limit
from app.work.master_terms import put
from app.work.people import Worker
from app.work.shifts import Shift
from printers.labels import BadgeLabel

PIN_DIGITS = 6
MOST_NOTES = 5  # last changes shown of one worker
LIMITED = ("worker", "supervisor", "admin")  # roles that decide anything, in the order of how much
LANGUAGES = ("en", "de", "fr", "es", "pl", "tr", "uk")


class NoSuchWorker(State):
    code, title, http = "no_such_worker", "Nobody", 404
    says = "Nobody here is called {scanned}."
    todo = "Load the page again."


class CannotBe(Malformed):
    code, title = "worker_cannot_be", "Not like this"
    says = "{name}: {reason}"
    todo = "Correct it and save again."


class LastAdmin(State):
    code, title = "last_admin", "The last admin"
    says = "{name} is the only admin: without one nobody could change anything here."
    todo = "Make somebody else an admin first."


class PeopleFilter(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""
    role: str = ""
    state: str = "active"  # active, gone, all
    page: int = 1


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A worker as an admin wants them."""

    code: str
    badge: str
    name: str
    roles: str = "worker"
    skills: str = ""
    equipment: str = ""
    shift: str = ""
    language: str = "en"
    active: bool = True


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
ADMINS = select(worker.c.code).where(worker.c.active == 1, (" " + worker.c.roles + " ").like("% admin %"))
BADGE_OF = select(worker.c.code).where(worker.c.badge == bindparam("badge"))
PUT = put(worker)
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
        p_like=f"%{_plain(q)}%",
        p_role=wanted.role,
        p_role_like=f"% {_plain(wanted.role)} %",
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
        notes=tuple(tx.all(NOTES, Note, of_whom=f"worker {_plain(who.code)}:%")),
        shift=known.get(who.shift),
    )


def _plain(text: str) -> str:
    """For LIKE: its wildcards are letters here."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# ── what an admin changes ────────────────────────────────────────────────────────────────────────────────────────────
def save(tx: Tx, change: Change, *, new: bool, by: str, device: str) -> str:
    """Add somebody, or change them. Raises CannotBe, NoSuchWorker, SamePerson (one's own rights), LastAdmin."""
    known = people.by_code(tx, change.code)
    if new and known is not None:
        raise CannotBe(name=change.code, reason="somebody is called so already.")
    if not new and known is None:
        raise NoSuchWorker(scanned=change.code)
    roles, skills, equipment = (" ".join(words.split()) for words in (change.roles, change.skills, change.equipment))
    _refuse_odd(tx, change, roles.split())
    if known is not None and (known.roles != roles or known.active != int(change.active)):
        duties.refuse_same(tx, "ask_change", change.code, "approve_change", by)
        if known.is_a("admin") and not (change.active and "admin" in roles.split()):
            _refuse_last_admin(tx, known)
    before = known or Worker(
        code="", badge="", name="", roles="", pin_hash="", language="", size="m", active=0
    )  # fmt: skip
    after = Worker(
        code=change.code, badge=change.badge, name=change.name.strip(), roles=roles, pin_hash=before.pin_hash,
        language=change.language, size=before.size, active=int(change.active), skills=skills, equipment=equipment,
        shift=change.shift,
    )  # fmt: skip
    tx.run(PUT, **msgspec.structs.asdict(after))
    if known is not None and (before.roles != roles or not change.active or before.badge != change.badge):
        _sign_out(tx, change.code)
    said = _differences(before, after)
    people.note(
        tx, "worker_added" if new else "worker_changed", by, device, f"worker {change.code}: {said or 'as before'}"
    )
    tx.tell("people")
    return f"{after.name} is {'added; now make a PIN' if new else 'changed'}."


def _refuse_odd(tx: Tx, change: Change, roles: list[str]) -> None:
    name = change.name.strip() or change.code
    odd = next((role for role in roles if role not in people.ROLES), "")
    if odd or not roles:
        raise CannotBe(name=name, reason=f"{odd or 'no role'} is none of {', '.join(people.ROLES)}.")
    if not change.name.strip():
        raise CannotBe(name=change.code, reason="everybody has a name.")
    holder = tx.value(BADGE_OF, badge=change.badge)
    if holder not in (None, change.code):
        raise CannotBe(name=name, reason=f"badge {change.badge} is {holder}'s.")
    if change.shift and shifts.find(tx, change.shift) is None:
        raise CannotBe(name=name, reason=f"there is no shift {change.shift}.")
    if change.language not in LANGUAGES:
        raise CannotBe(name=name, reason=f"{change.language} is none of {', '.join(LANGUAGES)}.")


def _refuse_last_admin(tx: Tx, who: Worker) -> None:
    if [row[0] for row in tx.rows(ADMINS)] == [who.code]:
        raise LastAdmin(name=who.name)


def _differences(before: Worker, after: Worker) -> str:
    """`roles worker → worker supervisor, active 1 → 0`; never a PIN."""
    told = []
    for field in Worker.__struct_fields__:
        old, now = getattr(before, field), getattr(after, field)
        if old != now and field != "pin_hash":
            told.append(f"{field} {old} → {now}" if old != "" else f"{field} {now}")
    return ", ".join(told)


def new_pin() -> str:
    """Six digits by chance; a sequence or one digit alone would be guessed first."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
        if len(set(pin)) > 2 and pin not in "01234567890" and pin not in "09876543210":
            return pin


def set_pin(tx: Tx, code: str, pin_hash: str, *, by: str, device: str) -> str:
    """The new PIN holds at once, old tries are forgotten, and whoever is signed in must sign in again."""
    who = people.by_code(tx, code)
    if who is None:
        raise NoSuchWorker(scanned=code)
    tx.run(people.SET_PIN, who=code, pin_hash=pin_hash)
    tx.run(people.FORGET_TRIES, subject=f"badge {who.badge}")
    _sign_out(tx, code)
    people.note(tx, "pin_reset", by, device, f"worker {code}: a new PIN")
    tx.tell("people")
    return who.name


def _sign_out(tx: Tx, code: str) -> None:
    for door in ("floor", "desk"):
        tx.run(sessions.END_LOGINS, who=code, at_door=door)


def print_badge(tx: Tx, code: str, printer: PrinterSettings, *, reason: str, site: str, by: str, device: str) -> str:
    """Their badge as a label; one that came out before is marked as a copy: two open the same doors.

    Raises NoSuchWorker, PrintedBefore, LabelNotPossible.
    """
    who = people.by_code(tx, code)
    if who is None:
        raise NoSuchWorker(scanned=code)
    role = next((role for role in ("admin", "supervisor") if who.is_a(role)), who.roles.split()[0])
    label = BadgeLabel(badge=f"BDG/{who.badge}", worker=who.name, role=role, site=site)
    badge = Ready(subject=who.badge, label=label)
    again = bool(labelling.printed_before(tx, [badge], reason))
    labelling.print_one(tx, badge, printer, reason=reason, worker=by)
    because = f" again: {reason.strip()}" if again else ""
    people.note(tx, "badge_printed", by, device, f"worker {code}: on {printer.name}{because}")
    return f"The badge of {who.name} comes out of {printer.name}{', marked as a copy' if again else ''}."


def give_limit(tx: Tx, holder: str, name: str, kind: str, value: int, *, by: str, device: str) -> str:
    """Raises NoSuchLimit; SamePerson for one's own limit."""
    if holder == "worker":
        duties.refuse_same(tx, "ask_change", name, "approve_change", by)
    limits.give(tx, holder, name, kind, value)
    said = "no limit" if value == limits.NO_LIMIT else limits.say(kind, value)
    people.note(tx, "limit_changed", by, device, f"{holder} {name}: {kind} {said}")
    tx.tell("people")
    return f"{name}: {limits.KINDS[kind][0]}, {said}."


def drop_limit(tx: Tx, name: str, kind: str, *, by: str, device: str) -> str:
    """A worker's own limit ends; their roles' holds again. Raises SamePerson."""
    duties.refuse_same(tx, "ask_change", name, "approve_change", by)
    limits.drop(tx, "worker", name, kind)
    people.note(tx, "limit_changed", by, device, f"worker {name}: {kind} as their roles")
    tx.tell("people")
    return f"{name}: {kind.replace('_', ' ')} as the roles say."


def save_shift(tx: Tx, row: Shift, *, by: str, device: str) -> str:
    """Raises BadShift."""
    shifts.change(tx, row)
    people.note(tx, "shift_changed", by, device, f"shift {row.code}: {row.days} {row.hours}")
    tx.tell("people")
    return f"Shift {row.code} is {row.hours} on {row.days}."
