"""Which change of status is allowed, to whom, and what goes with it: rows, one for each way from one status to another.

Anybody may stop goods; setting them free again takes a supervisor who did not stop them. What only another job may decide
has no row: goods under inspection are inspected, what came back gets its disposition, a recall is cleared as a recall.
A row names the limit it is held to, so that selling off value by calling it damaged takes somebody who may.
"""

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import BadAmount, Forbidden, State
from app.schema.quality import status_change
from app.schema.stock import journal, movement
from app.stock.balances import Balance
from app.work import duties, limits, people
from app.work.master_terms import put

STATUSES = ("available", "inspection", "quarantine", "damaged", "returned", "expired", "recalled")
MOST_STEPS = 200  # looked back for who stopped goods
OVER_ROWS = ("supervisor", "admin")  # may do what any row allows


class Change(msgspec.Struct, frozen=True, kw_only=True):
    from_status: str
    to_status: str
    roles: str = "worker"
    limit_kind: str = ""
    label: int = 0
    another: int = 0
    active: int = 1


class NoSuchChange(State):
    code, title = "no_such_change", "Not this way"
    says = "{before} goods do not become {after} here."
    todo = "{instead}"


class BadChange(BadAmount):
    code, title = "bad_change", "That row cannot be"
    says = "{scanned}: {reason}"
    todo = "Change the row."


def _usual(before: str, after: str, **facts: str | int) -> Change:
    return Change(from_status=before, to_status=after, **facts)  # type: ignore[arg-type]


USUAL = (
    _usual("available", "quarantine", label=1),
    _usual("available", "damaged", limit_kind="adjust_value", label=1),
    _usual("available", "expired", label=1),
    _usual("available", "inspection", roles="supervisor", label=1),
    _usual("quarantine", "damaged", limit_kind="adjust_value", label=1),
    _usual("quarantine", "available", roles="supervisor", another=1),
    _usual("damaged", "quarantine", label=1),
    _usual("damaged", "available", roles="supervisor", another=1),
    _usual("expired", "quarantine", label=1),
    _usual("returned", "quarantine", label=1),
)
DEFAULTS = tuple(msgspec.structs.asdict(row) for row in USUAL)
INSTEAD = {
    "inspection": "Inspect them: the verdict says what they become.",
    "returned": "Their return decides what they become.",
    "recalled": "The recall is cleared, not the goods.",
}

ALL = select(status_change).order_by(status_change.c.from_status, status_change.c.to_status)
PUT = put(status_change)
BROUGHT_BY = (
    select(journal.c.worker, movement.c.quantity, movement.c.target, movement.c.target_lpn)
    .select_from(movement.join(journal, journal.c.seq == movement.c.seq))
    .where(
        movement.c.item == bindparam("of_item"),
        movement.c.lot == bindparam("of_lot"),
        movement.c.target_status == bindparam("became"),
        movement.c.source_status != bindparam("became"),
    )
    .order_by(movement.c.seq.desc())
    .limit(MOST_STEPS)
)


def everything(tx: Tx) -> list[Change]:
    return tx.all(ALL, Change)


def allowed(tx: Tx, before: str, roles: str) -> list[Change]:
    """What somebody with these roles may make of goods of this status."""
    return [row for row in everything(tx) if row.active and row.from_status == before and _may(row, roles)]


def check(tx: Tx, held: Balance, after: str, worker: str) -> Change:
    """The row that allows it. Raises NoSuchChange, Forbidden, SamePerson."""
    rows = [row for row in everything(tx) if (row.active, row.from_status, row.to_status) == (1, held.status, after)]
    if not rows:
        instead = INSTEAD.get(held.status, "Choose one of those shown.")
        raise NoSuchChange(before=held.status.capitalize(), after=after[:20], instead=instead, scanned=after[:20])
    row, who = rows[0], people.by_code(tx, worker)
    if who is None or not _may(row, who.roles):
        raise Forbidden(worker=who.short_name if who else worker or "Nobody")
    if row.another:
        duties.refuse_same(tx, "set_status", _brought_by(tx, held), "free_status", worker)
    return row


def _brought_by(tx: Tx, held: Balance) -> set[str]:
    """Who made goods so that may be among these: the last into this slot; where they were carried here since, anybody."""
    steps = tx.rows(BROUGHT_BY, of_item=held.item, of_lot=held.lot, became=held.status)
    here: set[str] = set()
    quantity = 0
    for worker, brought, place, lpn in steps:
        if (place, lpn) == (held.location, held.lpn) and quantity < held.quantity:
            here.add(str(worker))
            quantity += brought
    return here if quantity >= held.quantity else {str(worker) for worker, *_ in steps}


def refuse_limit(tx: Tx, row: Change, item: str, quantity: int, worker: str, kind: str = "") -> None:
    """Is it within what this person may decide? `kind`: the reason's own limit. Raises AboveLimit, NoPrice."""
    kind = kind or row.limit_kind
    what = f"{quantity} × {item} {row.to_status}"
    if kind.endswith("_value"):
        limits.refuse_value_above(tx, worker, kind, item, quantity, what=what)
    elif kind:
        limits.refuse_above(tx, worker, kind, quantity, what=what)


def change(tx: Tx, new: Change) -> None:
    """Make a row so, or add it. Raises BadChange."""
    name = f"{new.from_status} → {new.to_status}"
    if new.from_status not in STATUSES or new.to_status not in STATUSES or new.from_status == new.to_status:
        raise BadChange(scanned=name, reason="there is no such change.")
    if odd := next((role for role in new.roles.split() if role not in people.ROLES), ""):
        raise BadChange(scanned=name, reason=f"there is no role {odd}.")
    if new.limit_kind and new.limit_kind not in limits.KINDS:
        raise BadChange(scanned=name, reason=f"there is no limit {new.limit_kind}.")
    tx.run(PUT, **msgspec.structs.asdict(new))


def _may(row: Change, roles: str) -> bool:
    return bool({*row.roles.split(), *OVER_ROWS} & set(roles.split()))
