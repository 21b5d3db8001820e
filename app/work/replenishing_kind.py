"""Replenishments on the task board: when one may be cancelled, and what it waits for; and the picks that wait for it."""

from sqlalchemy import and_, bindparam, or_, select

from app.db import Tx
from app.errors import State
from app.schema.places import location
from app.schema.work import pick, task
from app.stock.ledger import By
from app.work import tasks
from app.work.replenishing_sources import sources, waiting
from app.work.task_kinds import Kind, blocks
from app.work.tasks import Task

_RESERVE = location.alias("reserve")
_fill = task.alias("fill")
FILLED_FOR = (
    select(_fill.c.place)
    .distinct()
    .select_from(
        pick.join(_RESERVE, _RESERVE.c.code == pick.c.location).join(
            _fill,
            and_(
                _fill.c.kind == "replenish",
                _fill.c.item == pick.c.item,
                or_(_fill.c.state == "open", _fill.c.state == "started"),
            ),
        )
    )
    .where(pick.c.task == bindparam("which"), pick.c.state == "open", _RESERVE.c.kind == "reserve")
    .order_by(_fill.c.place)
    .limit(3)
)


class PicksWait(State):
    code, title = "picks_wait", "Picks wait for it"
    says = "{picks} for {item} from {place}'s reserve."
    todo = "Hold their orders first, or have it filled."


def _cancel(tx: Tx, found: Task, by: By) -> None:
    """Not while picks wait for it: they would stand before an empty face. Raises PicksWait."""
    waits = waiting(tx, found.item)
    if waits:
        picks = "1 pick waits" if len(waits) == 1 else f"{len(waits)} picks wait"
        raise PicksWait(picks=picks, item=found.item, place=found.place)
    tasks.cancel(tx, found.id)


KIND = Kind(name="replenish", title="Replenish", cancel=_cancel)


@blocks("replenish")
def no_source(tx: Tx, found: Task) -> str:
    return "" if sources(tx, found.item, found.place) else f"No {found.item} is free in reserve for {found.place}."


@blocks("pick")
def waits_for_reserve(tx: Tx, found: Task) -> str:
    """Lines promised out of a reserve whose face is being filled."""
    faces = [str(row[0]) for row in tx.rows(FILLED_FOR, which=found.id)]
    if not faces:
        return ""
    return f"Waits for {' and '.join(faces)} to be filled from reserve."
