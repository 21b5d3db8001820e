"""How much somebody may decide alone, and when they work: limits and shifts, changed by an admin and noted in the security log.

Nobody changes their own limit: that takes another admin.
"""

from app.db import Tx
from app.work import duties, limits, people, shifts
from app.work.shifts import Shift


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
