"""What returns count by their events: an RMA line's figure, the parcel, the piece's row, its next task. Both ways."""

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.schema.returns import return_parcel, returned, rma, rma_line
from app.schema.work import task
from app.stock.events import (
    ReturnClosed,
    ReturnDisposed,
    ReturnIdentified,
    ReturnInspected,
    ReturnLeft,
    ReturnReceived,
)
from app.work import limits, tasks

TASK = "return"  # kind of the next step's task; its reason says which step
DESK_TASK = "return_desk"  # what the desk must decide is nothing for the floor
DESK = "decide"  # that step

_OPEN_PARCEL = ("code", "rma", "order_code", "customer", "label", "worker", "opened")
OPEN_PARCEL = upsert(return_parcel).values({name: bindparam(name) for name in _OPEN_PARCEL}).on_conflict_do_nothing()
_TAKEN = (
    "piece", "parcel", "rma", "rma_line", "order_code", "customer", "item", "lot", "serial", "quantity", "location",
    "lpn", "status", "reason", "wish", "flags", "received_at",
)  # fmt: skip
_TAKE_IN = upsert(returned).values({name: bindparam(name) for name in _TAKEN})
TAKE_IN = _TAKE_IN.on_conflict_do_update(
    index_elements=["piece"], set_={"quantity": returned.c.quantity + _TAKE_IN.excluded.quantity}
)
_PIECE = returned.c.piece == bindparam("of_piece")
GIVE_BACK = update(returned).where(_PIECE).values(quantity=returned.c.quantity - bindparam("q"))
COUNT_LINE = (
    update(rma_line)
    .where(rma_line.c.rma == bindparam("of_rma"), rma_line.c.line == bindparam("of_line"))
    .values(returned=rma_line.c.returned + bindparam("q"))
)
BEGIN_RMA = update(rma).where(rma.c.code == bindparam("of_rma"), rma.c.state == "open").values(state="receiving")
GRADED = (
    update(returned)
    .where(_PIECE)
    .values(
        grade=bindparam("new_grade"),
        answers=bindparam("told"),
        state=bindparam("new_state"),
        inspected_at=bindparam("now"),
        decided="",
        decided_by="",
        decided_because="",
    )
)
DISPOSED = (
    update(returned)
    .where(_PIECE)
    .values(
        disposition=bindparam("way"), why=bindparam("told"), proposed=bindparam("rule_said"),
        override_reason=bindparam("because"), approver=bindparam("who"), state=bindparam("new_state"),
        location=bindparam("to_location"), lpn=bindparam("to_lpn"), status=bindparam("to_status"),
        disposed_at=bindparam("now"), value=bindparam("worth"),
    )
)  # fmt: skip
LEFT = (
    update(returned)
    .where(_PIECE)
    .values(
        state=bindparam("new_state"), location=bindparam("to_location"), lpn=bindparam("to_lpn"),
        left_to=bindparam("who"), left_reference=bindparam("told"), left_at=bindparam("now"),
    )
)  # fmt: skip
_WHOSE: dict[str, Any] = {
    "rma": bindparam("new_rma"),
    "order_code": bindparam("new_order"),
    "customer": bindparam("who"),
}
IDENTIFIED = (
    update(returned)
    .where(_PIECE)
    .values(**_WHOSE, rma_line=bindparam("new_line"), wish=bindparam("wished"), flags=bindparam("odd"))
)
PARCEL_IS = update(return_parcel).where(return_parcel.c.code == bindparam("of_parcel")).values(**_WHOSE)
OPEN_TASKS = select(task.c.id).where(
    (task.c.kind == TASK) | (task.c.kind == DESK_TASK),
    task.c.document == bindparam("of_document"),
    (task.c.state == "open") | (task.c.state == "started"),
)
END_PARCEL = (
    update(return_parcel)
    .where(return_parcel.c.code == bindparam("of_parcel"))
    .values(state=bindparam("new_state"), closed=bindparam("now"))
)
END_RMA = update(rma).where(rma.c.code == bindparam("of_rma")).values(state=bindparam("new_state"))


def received(tx: Tx, event: ReturnReceived, sign: int) -> None:
    if event.rma and event.rma_line:
        tx.run(COUNT_LINE, of_rma=event.rma, of_line=event.rma_line, q=sign * event.quantity)
    if sign < 0:
        tx.run(GIVE_BACK, of_piece=event.piece, q=event.quantity)
        tx.tell("returns")
        return
    now = clock.now()
    tx.run(
        OPEN_PARCEL,
        code=event.parcel,
        rma=event.rma,
        order_code=event.order,
        customer=event.customer,
        label=event.label,
        worker="",
        opened=now,
    )
    tx.run(
        TAKE_IN,
        piece=event.piece,
        parcel=event.parcel,
        rma=event.rma,
        rma_line=event.rma_line,
        order_code=event.order,
        customer=event.customer,
        item=event.item,
        lot=event.target.lot,
        serial=event.serial,
        quantity=event.quantity,
        location=event.target.location,
        lpn=event.target.lpn,
        status=event.target.status,
        reason=event.reason,
        wish=event.wish,
        flags=" ".join(event.flags),
        received_at=now,
    )
    tx.run(BEGIN_RMA, of_rma=event.rma)
    tx.tell("returns")


def inspected(tx: Tx, event: ReturnInspected, sign: int) -> None:
    done = sign > 0
    tx.run(
        GRADED,
        of_piece=event.piece,
        new_grade=event.grade if done else "",
        told=" ".join(event.answers) if done else "",
        new_state="inspected" if done else "received",
        now=clock.now() if done else 0,
    )
    tx.tell("returns")


def disposed(tx: Tx, event: ReturnDisposed, sign: int) -> None:
    """Forwards: where it is now, and a task for the next step. Backwards: it waits, inspected, where it was."""
    done = sign > 0
    at = event.target if done else event.source
    end_waiting(tx, event.piece, done=done)
    tx.run(
        DISPOSED,
        of_piece=event.piece,
        way=event.disposition if done else "",
        told=event.reason if done else "",
        rule_said=event.proposed if done else "",
        because=event.reason if done and event.proposed else "",
        who=event.approver if done else "",
        new_state="disposed" if done else "inspected",
        to_location=at.location,
        to_lpn=at.lpn,
        to_status=at.status,
        now=clock.now() if done else 0,
        worth=(limits.value_of(tx, event.item, event.quantity) or 0) if done else 0,
    )
    if done and event.next_task and event.next_task != "putaway":  # what stands in staging asks for a bin by itself
        wait_for(tx, event.piece, event.item, at.lpn or at.location, event.next_task)
    tx.tell("returns")


def left(tx: Tx, event: ReturnLeft, sign: int) -> None:
    """Forwards: it is gone and nothing waits for it. Backwards: it stands where it stood, and waits again."""
    done = sign > 0
    at = event.target if done else event.source
    end_waiting(tx, event.piece, done=done)
    tx.run(
        LEFT,
        of_piece=event.piece,
        new_state="left" if done else "disposed",
        to_location=at.location,
        to_lpn=at.lpn,
        who=event.to if done else "",
        told=event.reference if done or event.next_task == "ship_back" else "",  # its label is printed
        now=clock.now() if done else 0,
    )
    if not done and event.next_task:
        wait_for(tx, event.piece, event.item, at.lpn or at.location, event.next_task)
    tx.tell("returns")


def identified(tx: Tx, event: ReturnIdentified, sign: int) -> None:
    """Whose it is, and its RMA line counts it; backwards nobody knows again."""
    done = sign > 0
    whose = {
        "new_rma": event.rma if done else "",
        "new_order": event.order if done else "",
        "who": event.customer if done else "",
    }
    tx.run(
        IDENTIFIED,
        of_piece=event.piece,
        new_line=event.rma_line if done else "",
        wished=event.wish if done else "",
        odd=" ".join(event.flags) if done else "unknown",
        **whose,
    )
    tx.run(PARCEL_IS, of_parcel=event.parcel, **whose)
    if event.rma and event.rma_line:
        tx.run(COUNT_LINE, of_rma=event.rma, of_line=event.rma_line, q=sign * event.quantity)
    if done:
        tx.run(BEGIN_RMA, of_rma=event.rma)
    tx.tell("returns")


def wait_for(tx: Tx, piece: str, item: str, place: str, step: str) -> None:
    """The next step of a piece is a task of its own."""
    kind = DESK_TASK if step == DESK else TASK
    tasks.add(tx, kind, document=f"return {piece}", place=place, item=item, reason=step)


def end_waiting(tx: Tx, piece: str, *, done: bool) -> None:
    """What it waited for was done, or is wanted no longer."""
    for row in tx.rows(OPEN_TASKS, of_document=f"return {piece}"):
        (tasks.finish if done else tasks.cancel)(tx, row[0])


def closed(tx: Tx, event: ReturnClosed, sign: int) -> None:
    done = sign > 0
    tx.run(END_PARCEL, of_parcel=event.parcel, new_state="closed" if done else "open", now=clock.now() if done else 0)
    if event.complete:
        tx.run(END_RMA, of_rma=event.rma, new_state="closed" if done else "receiving")
    tx.tell("returns")
