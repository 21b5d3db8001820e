"""The queue of things to do, and who holds which of them.

A task waits `open`, is `started` by the worker who takes it, and ends `done` or `cancelled`. Taking it is a lease: it
names worker and device and lasts a quarter of an hour, extended by each scan that belongs to it. While it lasts nobody
else gets the task without saying so twice ("running elsewhere — take over?"), and whoever lost it hears so at their next
scan. A lease that ran out is free for the next worker, because a handheld that fell off the truck says nothing. Every
job of the floor that works through a queue uses these few functions.
"""

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, func, insert, or_, select, update

from app import clock
from app.db import Tx
from app.errors import ScanAgain, State
from app.schema.work import task
from app.work import people

LEASE = 15 * clock.MINUTE
EXTEND_AFTER = clock.MINUTE  # a lease is written anew at most this often, not at each scan


class Task(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    state: str
    document: str
    wave: str
    cart: str
    place: str
    item: str
    priority: int
    due: int
    reason: str
    created: int
    worker: str
    device: str
    until: int
    length_mm: int
    assigned: str = ""
    by_hand: int = 0
    given: str = ""

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "cancelled")

    def is_held(self, now: int) -> bool:
        return self.state == "started" and self.until > now


class RunningElsewhere(ScanAgain):
    code, title = "running_elsewhere", "Running elsewhere"
    says = "{holder} has this task on {device}."
    todo = "Take over? Do that once more."


class MeantForAnother(ScanAgain):
    code, title = "meant_for_another", "Meant for another"
    says = "The office gave this task to {holder}."
    todo = "Take it all the same? Do that once more."


class TakenOver(State):
    code, title = "taken_over", "Taken over"
    says = "{holder} has taken this task over."
    todo = "Go to the menu for another one."


class TakenBack(TakenOver):
    says = "This task was put back into the queue."
    todo = "Take it again, or another one."


class TaskOver(State):
    code, title = "task_over", "Nothing left here"
    says = "This task is {state} already."
    todo = "Go to the menu for another one."


_IS = task.c.id == bindparam("which")
_WAITS: ColumnElement[bool] = or_(
    task.c.state == "open", and_(task.c.state == "started", task.c.until <= bindparam("now"))
)
_QUEUE = (task.c.priority, task.c.due, task.c.created, task.c.id)
_NEW = ("id", "kind", "document", "wave", "cart", "place", "item", "priority", "due", "reason", "created", "length_mm")
ADD = insert(task).values(**{name: bindparam(name) for name in _NEW})
FIND = select(task).where(_IS)
TAKE = (
    update(task)
    .where(_IS, or_(task.c.state == "open", task.c.state == "started"))
    .values(state="started", worker=bindparam("worker"), device=bindparam("device"), until=bindparam("until"), given="")
)
GIVEN = (
    update(task)
    .where(_IS, task.c.state == "started", task.c.worker == bindparam("to_whom"))
    .values(given=bindparam("because"))
)
LAST_TAKEN = (
    select(task)
    .where(task.c.worker == bindparam("who"), task.c.state == "started")
    .order_by(task.c.until.desc(), task.c.id)
    .limit(1)
)
EXTEND = update(task).where(_IS, task.c.state == "started").values(until=bindparam("until"), device=bindparam("device"))
END = (
    update(task)
    .where(_IS, or_(task.c.state == "open", task.c.state == "started"))
    .values(state=bindparam("new_state"), until=0)
)
POSTPONE = update(task).where(_IS).values(priority=bindparam("later"))
GIVE_BACK = update(task).where(_IS, task.c.state == "started").values(state="open", worker="", device="", until=0)
MINE = (
    select(task)
    .where(task.c.worker == bindparam("who"), task.c.kind == bindparam("of_kind"), task.c.state == "started")
    .order_by(*_QUEUE)
    .limit(1)
)
QUEUE_FOR = (
    select(task)
    .where(task.c.kind == bindparam("of_kind"), _WAITS, or_(task.c.assigned == "", task.c.assigned == bindparam("who")))
    .order_by(task.c.assigned.desc(), *_QUEUE)
    .limit(bindparam("most"))
)
QUEUE = select(task).where(task.c.kind == bindparam("of_kind"), _WAITS).order_by(*_QUEUE).limit(bindparam("most"))
COUNT_WAITING = select(func.count()).select_from(task).where(task.c.kind == bindparam("of_kind"), _WAITS)
OF_DOCUMENT = (
    select(task)
    .where(
        task.c.kind == bindparam("of_kind"),
        task.c.document == bindparam("of_document"),
        or_(task.c.state == "open", task.c.state == "started"),
    )
    .order_by(*_QUEUE)
)


def add(
    tx: Tx,
    kind: str,
    *,
    id: str = "",
    document: str = "",
    wave: str = "",
    cart: str = "",
    place: str = "",
    item: str = "",
    priority: int = 5,
    due: int = 0,
    reason: str = "",
    length_mm: int = 0,
) -> str:
    """Put a task into the queue; returns its id."""
    key = id or clock.new_id()
    tx.run(
        ADD,
        id=key,
        kind=kind,
        document=document,
        wave=wave,
        cart=cart,
        place=place,
        item=item,
        priority=priority,
        due=due,
        reason=reason,
        created=clock.now(),
        length_mm=length_mm,
    )
    tx.tell("tasks")
    return key


def find(tx: Tx, key: str) -> Task | None:
    return tx.one(FIND, Task, which=key)


def take(tx: Tx, key: str, worker: str, device: str, confirm: Callable[[ScanAgain], None]) -> Task:
    """Take the lease, or take it over after a second word. `confirm` is `floor.confirm`.

    Raises RunningElsewhere while another worker's lease lasts and it was not confirmed, MeantForAnother likewise for
    one that was given to somebody by name, TaskOver when it ended.
    """
    found = _alive(tx, key)
    now = clock.now()
    if found.is_held(now) and found.worker != worker:
        confirm(RunningElsewhere(holder=_name(tx, found.worker), device=found.device))
    elif found.assigned not in ("", worker):
        confirm(MeantForAnother(holder=_name(tx, found.assigned)))
    tx.run(TAKE, which=key, worker=worker, device=device, until=now + LEASE)
    tx.tell("tasks")
    return msgspec.structs.replace(found, state="started", worker=worker, device=device, until=now + LEASE)


def say_why(tx: Tx, key: str, worker: str, because: Sequence[str]) -> None:
    """Keep why this worker was given the task they have just taken."""
    tx.run(GIVEN, which=key, to_whom=worker, because="\n".join(because))


def last_taken(tx: Tx, worker: str) -> Task | None:
    """What this worker is at: of all they hold, what they scanned for last."""
    return tx.one(LAST_TAKEN, Task, who=worker)


def keep(tx: Tx, key: str, worker: str, device: str) -> Task:
    """The heartbeat of a task under way. Raises TakenOver or TaskOver when it is this worker's no longer."""
    found = _alive(tx, key)
    if found.worker != worker or found.state != "started":
        raise TakenOver(holder=_name(tx, found.worker)) if found.worker else TakenBack()
    now = clock.now()
    if found.until < now + LEASE - EXTEND_AFTER or found.device != device:
        tx.run(EXTEND, which=key, until=now + LEASE, device=device)
    return found


def finish(tx: Tx, key: str) -> None:
    """Ending twice is harmless."""
    tx.run(END, which=key, new_state="done")
    tx.tell("tasks")


def cancel(tx: Tx, key: str) -> None:
    tx.run(END, which=key, new_state="cancelled")
    tx.tell("tasks")


def give_back(tx: Tx, key: str) -> None:
    """Back into the queue, untouched."""
    tx.run(GIVE_BACK, which=key)
    tx.tell("tasks")


def postpone(tx: Tx, key: str, priority: int) -> None:
    """Back into the queue, behind the others."""
    tx.run(POSTPONE, which=key, later=priority)
    give_back(tx, key)


def mine(tx: Tx, kind: str, worker: str) -> Task | None:
    """The task of this kind that the worker began and did not end."""
    return tx.one(MINE, Task, who=worker, of_kind=kind)


def best(tx: Tx, kind: str, worker: str) -> Task | None:
    """What this worker should do next: what they began, else what was given to them, else the most urgent."""
    return mine(tx, kind, worker) or next(iter(queue(tx, kind, most=1, worker=worker)), None)


def queue(tx: Tx, kind: str, *, most: int = 50, worker: str = "") -> list[Task]:
    """What waits, most urgent first: open tasks, and those whose lease ran out.

    For a `worker`: what was given to them by name first, and nothing that was given to others.
    """
    if worker:
        return tx.all(QUEUE_FOR, Task, of_kind=kind, who=worker, now=clock.now(), most=most)
    return tx.all(QUEUE, Task, of_kind=kind, now=clock.now(), most=most)


def waiting(tx: Tx, kind: str) -> int:
    return int(tx.value(COUNT_WAITING, of_kind=kind, now=clock.now()))


def of_document(tx: Tx, kind: str, document: str) -> list[Task]:
    """The tasks of a document that are not over."""
    return tx.all(OF_DOCUMENT, Task, of_kind=kind, of_document=document)


def _alive(tx: Tx, key: str) -> Task:
    found = find(tx, key)
    if found is None or found.is_over:
        raise TaskOver(state="gone" if found is None else found.state)
    return found


def _name(tx: Tx, worker: str) -> str:
    who = people.by_code(tx, worker)
    return who.short_name if who else worker
