"""What an admin changes of who works here: somebody is added, changed, locked out or let in again.

Every change is noted in the security log with who made it, and nobody changes their own rights: that takes another admin.
Whoever gets another role, another badge or no way in any more is signed out at once.
"""

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import Malformed, State
from app.floor import sessions
from app.schema.people import worker
from app.work import duties, people, shifts
from app.work.master_terms import put
from app.work.people import Worker

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


ADMINS = select(worker.c.code).where(worker.c.active == 1, (" " + worker.c.roles + " ").like("% admin %"))
BADGE_OF = select(worker.c.code).where(worker.c.badge == bindparam("badge"))
PUT = put(worker)


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
        sign_out(tx, change.code)
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


def sign_out(tx: Tx, code: str) -> None:
    for door in ("floor", "desk"):
        tx.run(sessions.END_LOGINS, who=code, at_door=door)
