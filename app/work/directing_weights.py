"""What speaks for a task and against it, in metres of walking: rows anybody in charge may change at the desk.

A walk is what a worker understands, so everything is told in it: with a step of priority worth 60 m, a task one step more
urgent is given though it begins up to 60 m further away. A house with long aisles makes the steps worth more; one that
lives by its cut-offs makes those worth more.
"""

import msgspec
from sqlalchemy import select

from app.db import Tx
from app.errors import BadAmount
from app.schema.directing import task_weight
from app.work.master_terms import put

MOST = 1_000_000  # metres


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    step: int = 60
    urgent: int = 2_000
    late: int = 1_500
    soon: int = 600
    today: int = 150
    other_zone: int = 150
    assigned: int = 20_000
    age_hour: int = 20
    most_age: int = 240
    unknown_walk: int = 80


USUAL = Weights()
WORDS = {
    "step": "each step of priority, 1 to 9",
    "urgent": "priority 1: somebody waits for it",
    "late": "its cut-off has passed",
    "soon": "its cut-off is within 30 minutes",
    "today": "its cut-off is within 2 hours",
    "other_zone": "it begins in another zone than the worker's",
    "assigned": "it was given to this worker by name",
    "age_hour": "each hour it has waited",
    "most_age": "waiting never counts for more than",
    "unknown_walk": "a walk nobody measured counts as",
}
DEFAULTS = tuple({"name": name, "metres": getattr(USUAL, name)} for name in WORDS)

ALL = select(task_weight.c.name, task_weight.c.metres).order_by(task_weight.c.name)
PUT = put(task_weight)


class NoSuchWeight(BadAmount):
    code, title = "no_such_weight", "Not like this"
    says = "{scanned} cannot be: {reason}"
    todo = "Type metres, 0 or more."


def of(tx: Tx) -> Weights:
    """As the rows say; what has no row counts as usual."""
    return Weights(**{name: metres for name, metres in tx.rows(ALL) if name in WORDS})


def change(tx: Tx, name: str, metres: int) -> None:
    """Raises NoSuchWeight."""
    if name not in WORDS:
        raise NoSuchWeight(scanned=name, reason="nothing is weighed by that.")
    if not 0 <= metres <= MOST:
        raise NoSuchWeight(scanned=str(metres), reason=f"it is 0 to {MOST} metres.")
    tx.run(PUT, name=name, metres=metres)
    tx.tell("tasks")
