"""The pieces that came back, each with what it waits for: the desk, a grade at the table, its next step on the floor.

A stage is stored nowhere. It is read from the piece and the task that waits for it, so that the two cannot differ.
"""

from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, case, func, literal_column, or_, select

from app.desk.filters import any_or
from app.schema.items import item
from app.schema.returns import returned, rma
from app.schema.work import task
from app.work.returns import counted, next_steps
from app.work.returns.ways import Disposition

STAGES = ("waiting", "desk", "table", "floor", "left", "done", "all")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One piece as it is now, with what it waits for."""

    piece: str
    parcel: str
    rma: str
    order_code: str
    customer: str
    item: str
    name: str
    lot: str
    serial: str
    quantity: int
    location: str
    lpn: str
    status: str
    reason: str
    wish: str
    flags: str
    answers: str
    grade: str
    disposition: str
    why: str
    approver: str
    state: str
    received_by: str
    inspected_by: str
    disposed_by: str
    received_at: int
    disposed_at: int
    value: int
    decided: str
    decided_by: str
    decided_because: str
    left_to: str
    left_reference: str
    left_at: int
    decision: str  # of the ERP
    replacement: str
    stage: str
    step: str = ""
    held: str = ""  # why the desk must decide
    proposed: str = ""  # in words
    because: str = ""
    no: tuple[str, ...] = ()  # questions answered with No
    photos: tuple[str, ...] = ()
    allowed: tuple[Disposition, ...] = ()
    why_not: str = ""  # why this person may not decide
    may_leave: bool = False

    @property
    def now(self) -> str:
        """What it waits for, in words."""
        if self.stage == "desk":
            return "Desk decides"
        if self.stage == "table":
            return "Send its way" if self.grade else "To be graded"
        if self.stage == "floor":
            return next_steps.step_of(self.step).words
        return "Left" if self.stage == "left" else "Done"


_ALIVE = or_(task.c.state == "open", task.c.state == "started")
_PIECE_OF = func.substr(task.c.document, len("return ") + 1)  # whole sets, so that they are looked up and not searched


def _waits(kind: str) -> Any:
    return returned.c.piece.in_(select(_PIECE_OF).where(task.c.kind == kind, _ALIVE))


_STAGE = case(
    (returned.c.state == "left", "left"),
    (returned.c.state != "disposed", "table"),
    (_waits(counted.DESK_TASK), "desk"),
    (_waits(counted.TASK), "floor"),
    else_="done",
)
STEPS = select(_PIECE_OF, task.c.reason).where(
    or_(task.c.kind == counted.TASK, task.c.kind == counted.DESK_TASK), _ALIVE
)
_OWN = [name for name in Row.__struct_fields__[: Row.__struct_fields__.index("decision")] if name != "name"]
_WITH = returned.outerjoin(item, item.c.code == returned.c.item).outerjoin(rma, rma.c.code == returned.c.rma)


LIST = (
    select(
        *(returned.c[name] for name in _OWN), func.coalesce(item.c.name, "").label("name"),
        func.coalesce(rma.c.decision, "").label("decision"), func.coalesce(rma.c.replacement, "").label("replacement"),
        _STAGE.label("stage"),
    )
    .select_from(_WITH)
    .where(
        returned.c.quantity > 0,
        or_(
            bindparam("p_stage") == "all",
            bindparam("p_stage") == _STAGE,
            and_(bindparam("p_stage") == "waiting", _STAGE != "left", _STAGE != "done"),
        ),
        any_or("p_way", returned.c.disposition),
        *(any_or(f"p_{name}", returned.c[name]) for name in ("reason", "grade", "item", "customer")),
        or_(
            bindparam("p_q") == "", returned.c.rma == bindparam("p_q"), returned.c.order_code == bindparam("p_q"),
            returned.c.parcel == bindparam("p_q"), returned.c.piece == bindparam("p_q"),
            returned.c.serial == bindparam("p_q"),
        ),
        returned.c.received_at >= bindparam("since"),
    )
    .order_by(
        case((_STAGE == "desk", 0), (_STAGE == "table", 1), (_STAGE == "floor", 2), else_=3),
        returned.c.received_at.desc(), returned.c.piece,
    )
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)  # fmt: skip
COUNTS = (
    select(_STAGE.label("stage"), func.count())
    .where(returned.c.quantity > 0, returned.c.state != "left")
    .group_by(literal_column("stage"))
)
DESK = select(func.count()).where(
    task.c.kind == counted.DESK_TASK, or_(task.c.state == "open", task.c.state == "started")
)
REASONS = select(returned.c.reason).where(returned.c.reason != "").distinct().order_by(returned.c.reason).limit(50)
