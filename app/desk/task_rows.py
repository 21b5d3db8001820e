"""The rows of the task board, as they are read: everything that waits, is under way or has ended, by what one filters for.

The most urgent stands on top, as on the floor; what has ended, with the newest first.
"""

import msgspec
from sqlalchemy import Integer, and_, bindparam, cast, func, or_, select

from app.schema.places import location
from app.schema.work import task, task_cancelled
from app.work.directing_queue import BEGINS, Row

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
