"""Who puts away what: the goods that have waited longest first, each held by the worker who carries it.

A load under way is a task of the queue, with the bin it goes to: nobody else is sent for it, and its bin is not proposed
twice. What no bin takes is written down for a supervisor, once.
"""

from sqlalchemy import bindparam, func, select, update

from app import clock
from app.db import Tx
from app.schema.stock import balance
from app.schema.work import exception, task
from app.stock.balances import Balance
from app.work import exceptions, putaway_handover, tasks
from app.work.arrived import WAITING, Load, load_of

LONGEST_QUEUE = 50  # of which the first free one is offered

OLDEST = WAITING.order_by(balance.c.since, balance.c.lpn, balance.c.item, balance.c.lot).limit(LONGEST_QUEUE)
_BALANCES = WAITING.subquery()
COUNT_LPNS = select(func.count(_BALANCES.c.lpn.distinct())).where(_BALANCES.c.lpn != "")
COUNT_LOOSE = select(func.count()).select_from(_BALANCES).where(_BALANCES.c.lpn == "")
LEASED = select(task.c.document).where(
    task.c.kind == "putaway",
    task.c.state == "started",
    task.c.until > bindparam("now"),
    task.c.worker != bindparam("worker"),
)
OPEN_EXCEPTION = (
    select(exception.c.id)
    .where(
        exception.c.code == "no_destination",
        exception.c.document == bindparam("document"),
        exception.c.state == "open",
    )
    .limit(1)
)
GOING_TO = update(task).where(task.c.id == bindparam("which")).values(place=bindparam("to_place"))


def next_load(tx: Tx, worker: str) -> Load | None:
    """What has waited longest, nobody else is carrying, and this worker can bring to its bin."""
    beyond = putaway_handover.not_for(tx, worker)
    taken = {row[0] for row in tx.rows(LEASED, worker=worker, now=clock.now())}
    for row in tx.all(OLDEST, Balance):
        load = load_of(row)
        if load.lane not in taken and load.location not in beyond:
            return load
    return None


def waiting(tx: Tx) -> str:
    """`4 LPNs, 2 loose`."""
    plates, lying = int(tx.value(COUNT_LPNS) or 0), int(tx.value(COUNT_LOOSE) or 0)
    told = ([f"{plates} LPN" + "s" * (plates > 1)] if plates else []) + ([f"{lying} loose"] if lying else [])
    return ", ".join(told)


def open_task(tx: Tx, load: Load) -> tasks.Task | None:
    return next(iter(tasks.of_document(tx, "putaway", load.lane)), None)


def going_to(tx: Tx, load: Load, bin: str) -> str:
    """The load's task, made if need be, with the bin it goes to now. The caller takes its lease."""
    known = open_task(tx, load)
    if known is None:
        return tasks.add(tx, "putaway", document=load.lane, place=bin, item=load.item)
    tx.run(GOING_TO, which=known.id, to_place=bin)
    return known.id


def no_destination(tx: Tx, load: Load, quantity: int, worker: str) -> None:
    """No bin takes these goods: somebody must decide. Written down once, however often it is tried."""
    if tx.row(OPEN_EXCEPTION, document=load.lane) is None:
        exceptions.add(
            tx,
            "no_destination",
            f"No bin has room for {quantity} × {load.item}; it stands at {load.location}.",
            document=load.lane,
            item=load.item,
            location=load.location,
            worker=worker,
        )
