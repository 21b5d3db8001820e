"""What a replenishment counts: how much of its task is done, and where the picks that waited for the goods now lie.

A promise moves with the goods, so the pick made from it must be walked to the pick face instead of the reserve. When
only a part came down, the pick is split: the rest is still taken where it was. Taking the step back does the same the
other way round and opens the task again.
"""

from sqlalchemy import bindparam, insert, select, update

from app import clock
from app.db import Tx
from app.schema.directing import replenishment
from app.schema.work import pick, task
from app.stock.events import Replenished
from app.stock.slots import Movement
from app.work.tasks import LEASE

COUNT = (
    update(replenishment)
    .where(replenishment.c.task == bindparam("which"))
    .values(moved=replenishment.c.moved + bindparam("q"))
)
OPEN_AGAIN = (
    update(task)
    .where(task.c.id == bindparam("which"), task.c.state == "done")
    .values(state="started", until=bindparam("lease"))
)
_LEFT = pick.c.quantity - pick.c.picked - pick.c.short
PICKS_AT = (
    select(
        pick.c.id, pick.c.task, pick.c.sequence, pick.c.order_code, pick.c.quantity, pick.c.picked, pick.c.short,
        _LEFT.label("rest"),
    )
    .where(
        pick.c.line == bindparam("of_line"),
        pick.c.item == bindparam("of_item"),
        pick.c.lot == bindparam("of_lot"),
        pick.c.location == bindparam("at_place"),
        pick.c.lpn == bindparam("at_lpn"),
        pick.c.state == "open",
    )
    .order_by(pick.c.sequence.desc(), pick.c.id)
)  # fmt: skip
BRING = update(pick).where(pick.c.id == bindparam("which")).values(location=bindparam("place"), lpn=bindparam("plate"))
LEAVE = (
    update(pick)
    .where(pick.c.id == bindparam("which"))
    .values(quantity=pick.c.quantity - bindparam("q"), state=bindparam("new_state"))
)
_PICK = ("id", "task", "sequence", "order_code", "line", "item", "lot", "location", "lpn", "quantity")
ADD_PICK = insert(pick).values(**{name: bindparam(name) for name in _PICK})


def replenished(tx: Tx, event: Replenished, sign: int) -> None:
    brought = sum(move.quantity for move in event.contents)
    tx.run(COUNT, which=event.task, q=sign * brought)
    if sign < 0:
        tx.run(OPEN_AGAIN, which=event.task, lease=clock.now() + LEASE)
        tx.tell("tasks")
    for move in event.contents:
        if move.line:
            _picks_follow(tx, move if sign > 0 else move.back())


def _picks_follow(tx: Tx, move: Movement) -> None:
    """The picks of a line at the source, last of the walk first, are now taken at the target."""
    left = move.quantity
    found = tx.rows(
        PICKS_AT,
        of_line=move.line,
        of_item=move.item,
        of_lot=move.lot,
        at_place=move.source.location,
        at_lpn=move.source.lpn,
    )
    for key, of_task, sequence, order, quantity, picked, short, rest in found:
        some = min(left, rest)
        if not some:
            return
        left -= some
        if some == quantity:
            tx.run(BRING, which=key, place=move.target.location, plate=move.target.lpn)
            continue
        tx.run(LEAVE, which=key, q=some, new_state="done" if picked + short == quantity - some else "open")
        tx.run(
            ADD_PICK,
            id=clock.new_id(),
            task=of_task,
            sequence=sequence,
            order_code=order,
            line=move.line,
            item=move.item,
            lot=move.lot,
            location=move.target.location,
            lpn=move.target.lpn,
            quantity=some,
        )
