"""Who works here and what they may do. A badge only names a person; badge and PIN together sign in.

PINs are argon2id (19 MiB, two passes, OWASP's minimum), and wrong tries are counted per badge and per device in the
database, so that a restart does not open a lock.
"""

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import Forbidden, Refusal
from app.schema.people import pin_lock, security_event, worker

TRIES_PER_BADGE = 5
TRIES_PER_DEVICE = 20  # an hour
LOCKED_FOR = 15 * clock.MINUTE
DEVICE_WINDOW = clock.HOUR

ROLES = ("worker", "packer", "loader", "supervisor", "admin", "viewer", "service")

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Unknown badges are checked against this, so that they take as long as known ones.
_NOBODY = _HASHER.hash("nobody has this pin")


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    badge: str
    name: str
    roles: str
    pin_hash: str
    language: str
    size: str
    active: int
    skills: str = ""
    equipment: str = ""
    shift: str = ""

    def can(self, *skills: str) -> bool:
        """Has learned, or drives, all of these."""
        mine = {*self.skills.split(), *self.equipment.split()}
        return mine.issuperset(skills)

    def is_a(self, *roles: str) -> bool:
        mine = self.roles.split()
        return any(role in mine for role in roles)

    @property
    def short_name(self) -> str:
        """`Mara K.`"""
        first, _, last = self.name.partition(" ")
        return f"{first} {last[0]}." if last else first


class WrongPin(Refusal):
    """The same words and the same time for an unknown badge and for a wrong PIN."""

    code, title, http = "wrong_pin", "Not signed in", 403
    says = "Badge and PIN do not fit."
    todo = "Type the PIN again."


class PinLocked(Refusal):
    code, title, http = "pin_locked", "Locked", 403
    says = "Too many wrong PINs. Locked for {minutes} more minutes."
    todo = "Ask a supervisor."


_WORKER = select(worker)
BY_BADGE = _WORKER.where(worker.c.badge == bindparam("badge"), worker.c.active == 1)
BY_CODE = _WORKER.where(worker.c.code == bindparam("code"))
LOCK_OF = select(pin_lock.c.tries, pin_lock.c.since, pin_lock.c.until).where(pin_lock.c.subject == bindparam("subject"))
_COUNT = upsert(pin_lock).values(
    subject=bindparam("subject"), tries=bindparam("tries"), since=bindparam("since"), until=bindparam("until")
)
COUNT_TRY = _COUNT.on_conflict_do_update(
    index_elements=["subject"],
    set_={name: _COUNT.excluded[name] for name in ("tries", "since", "until")},
)
FORGET_TRIES = delete(pin_lock).where(pin_lock.c.subject == bindparam("subject"))
SET_PIN = update(worker).where(worker.c.code == bindparam("who")).values(pin_hash=bindparam("pin_hash"))
ADD_WORKER = insert(worker).values(**{name: bindparam(name) for name in ("code", "badge", "name", "roles", "pin_hash")})
NOTE_SECURITY = insert(security_event).values(
    **{name: bindparam(name) for name in ("id", "at", "kind", "worker", "device", "detail")}
)


def hash_pin(pin: str) -> str:
    """argon2id of a PIN; about 30–90 ms, never on the event loop."""
    return _HASHER.hash(pin)


def pin_fits(kept: str | None, pin: str) -> bool:
    """Constant effort whether or not the badge exists."""
    try:
        return _HASHER.verify(kept or _NOBODY, pin) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def by_badge(tx: Tx, badge: str) -> Worker | None:
    return tx.one(BY_BADGE, Worker, badge=badge)


def by_code(tx: Tx, code: str) -> Worker | None:
    return tx.one(BY_CODE, Worker, code=code)


def refuse_locked(tx: Tx, *subjects: str) -> None:
    """Raises PinLocked while any of the subjects (`badge 1007`, `device HH-07`) is locked."""
    for subject in subjects:
        kept = tx.row(LOCK_OF, subject=subject)
        if kept is not None and kept[2] > clock.now():
            raise PinLocked(minutes=max(1, -(-(kept[2] - clock.now()) // clock.MINUTE)))


def judge_pin(tx: Tx, badge: str, by: str, fits: bool) -> None:
    """Count a try, or forget the wrong ones before it. `by` is who tried: `device HH-07` or `address 10.0.0.7`.

    The lock is looked at again here, one try after the other: of many sent at once only the allowed number learn
    anything. Raises PinLocked, also for the right PIN.
    """
    refuse_locked(tx, f"badge {badge}", by)
    if fits:
        tx.run(FORGET_TRIES, subject=f"badge {badge}")
        return
    now = clock.now()
    for subject, most, window, locked_for in (
        (f"badge {badge}", TRIES_PER_BADGE, clock.DAY, LOCKED_FOR),
        (by, TRIES_PER_DEVICE, DEVICE_WINDOW, DEVICE_WINDOW),
    ):
        tries, since, _ = tx.row(LOCK_OF, subject=subject) or (0, now, 0)
        if now - since > window:
            tries, since = 0, now
        until = now + locked_for if tries + 1 >= most else 0
        tx.run(COUNT_TRY, subject=subject, tries=0 if until else tries + 1, since=since, until=until)
    note(tx, "wrong_pin", "", by, f"badge {badge}")


def note(tx: Tx, kind: str, who: str, device: str, detail: str = "") -> None:
    """One line in the security log; never a secret in it."""
    tx.run(NOTE_SECURITY, id=clock.new_id(), at=clock.now(), kind=kind, worker=who, device=device, detail=detail)


def require(who: Worker, *roles: str) -> None:
    """Raises Forbidden unless the worker has one of the roles (supervisors and admins may do all floor work)."""
    if not who.is_a(*roles, "supervisor", "admin"):
        raise Forbidden(worker=who.name)
