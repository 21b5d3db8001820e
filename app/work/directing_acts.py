"""What a supervisor does to one task of the queue: give it to somebody, make it more or less urgent, free it, cancel it.

Each is noted in the security log with who did it. A priority set here is by hand: the rules that made the task leave it
alone from then on. Freeing ends the lease, and the worker who had it hears so at their next scan; their goods stay in
the books where they are, as after any take-over. Cancelling takes a reason, and the kind's own rule decides whether it
can be (`task_kinds`).
"""

from sqlalchemy import bindparam, insert, or_, select, update

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.work import task, task_cancelled
from app.stock.ledger import By
from app.work import directing_queue, people, reasons, task_kinds, tasks
from app.work.people import Worker
from app.work.tasks import Task, TaskOver

MOST_URGENT, LEAST_URGENT = 1, 9
REMEMBERED = 4 * clock.HOUR  # a rule that would make the same task again leaves it for so long

_ALIVE = (task.c.id == bindparam("which"), or_(task.c.state == "open", task.c.state == "started"))
ASSIGN = update(task).where(*_ALIVE).values(assigned=bindparam("to_whom"))
URGENCY = update(task).where(*_ALIVE).values(priority=bindparam("new_priority"), by_hand=1)
KEEP_REASON = insert(task_cancelled).values(
    task=bindparam("which"), at=bindparam("now"), worker=bindparam("who"), reason=bindparam("why")
)
CANCELLED_FOR = (
    select(task_cancelled.c.at)
    .join(task, task.c.id == task_cancelled.c.task)
    .where(
        task.c.kind == bindparam("of_kind"),
        task.c.place == bindparam("at_place"),
        task.c.item == bindparam("of_item"),
        task_cancelled.c.at > bindparam("since"),
    )
    .limit(1)
)


class NobodySuch(State):
    code, title = "nobody_such", "Nobody"
    says = "Nobody who works here is called {scanned}."
    todo = "Choose somebody of the list."


class LacksSkill(State):
    code, title = "lacks_skill", "Cannot do it"
    says = "{name} lacks {lacking}, which this takes."
    todo = "Choose somebody else, or add it to them on the people page."


class UnderWay(State):
    code, title = "task_under_way", "Under way"
    says = "{holder} is at it on {device}."
    todo = "Release it first."


class NothingToRelease(State):
    code, title = "nobody_has_it", "Nobody has it"
    says = "Nobody has begun this task."


class NotByHand(State):
    code, title = "not_cancelled_by_hand", "Not like this"
    says = "A task to {kind} is not cancelled by hand."
    todo = "{instead}"


class AtTheEnd(State):
    code, title = "at_the_end", "No further"
    says = "It has priority {priority} already."
    todo = "1 is the most urgent, 9 the least."


def assign(tx: Tx, key: str, worker: str, by: By) -> str:
    """Meant for this worker from now on; empty: for anybody. Raises TaskOver, NobodySuch, LacksSkill, UnderWay."""
    found = _alive(tx, key)
    told = "Anybody may do it again."
    if worker:
        who = _who(tx, worker)
        needs = directing_queue.needs_of(tx, found.kind, directing_queue.zone_of(tx, found))
        lacking = [need for need in needs if not who.can(need)]
        if lacking:
            raise LacksSkill(name=who.short_name, lacking=" and ".join(need.replace("_", " ") for need in lacking))
        if found.is_held(clock.now()) and found.worker != worker:
            raise UnderWay(holder=_name(tx, found.worker), device=found.device)
        told = f"It is {who.short_name}'s now."
    tx.run(ASSIGN, which=key, to_whom=worker)
    _note(tx, "task_assigned", by, found, worker or "anybody")
    return told


def step(tx: Tx, key: str, steps: int, by: By) -> str:
    """More urgent by so many steps, or less (negative). Raises TaskOver, AtTheEnd."""
    found = _alive(tx, key)
    now = min(LEAST_URGENT, max(MOST_URGENT, found.priority - steps))
    if now == found.priority:
        raise AtTheEnd(priority=now)
    tx.run(URGENCY, which=key, new_priority=now)
    _note(tx, "task_priority", by, found, f"{found.priority} → {now}")
    return f"Priority {now} now."


def release(tx: Tx, key: str, by: By) -> str:
    """End the lease: it waits for anybody again. Raises TaskOver, NothingToRelease."""
    found = _alive(tx, key)
    if found.state != "started":
        raise NothingToRelease()
    tasks.give_back(tx, key)
    _note(tx, "task_released", by, found, f"from {found.worker} on {found.device}")
    return f"It waits again; {_name(tx, found.worker)} hears so at the next scan."


def cancel(tx: Tx, key: str, reason: str, by: By) -> str:
    """Take it out of the queue. Raises TaskOver, NoSuchReason, UnderWay, NotByHand."""
    found = _alive(tx, key)
    why = reasons.check(tx, "cancel_task", reason)
    kind = task_kinds.of(found.kind)
    if kind.cancel is None:
        raise NotByHand(kind=kind.title.lower(), instead=kind.instead)
    if found.is_held(clock.now()):
        raise UnderWay(holder=_name(tx, found.worker), device=found.device)
    kind.cancel(tx, found, by)
    tx.run(KEEP_REASON, which=key, now=clock.now(), who=by.worker, why=why.words)
    _note(tx, "task_cancelled", by, found, why.words)
    return f"Cancelled: {why.words[:1].lower()}{why.words[1:]}."


def was_cancelled(tx: Tx, kind: str, place: str, item: str) -> bool:
    """Did a supervisor cancel just this a while ago? Then a rule does not make it again at once."""
    since = clock.now() - REMEMBERED
    return tx.value(CANCELLED_FOR, of_kind=kind, at_place=place, of_item=item, since=since) is not None


def _alive(tx: Tx, key: str) -> Task:
    found = tasks.find(tx, key)
    if found is None or found.is_over:
        raise TaskOver(state="gone" if found is None else found.state)
    return found


def _who(tx: Tx, worker: str) -> Worker:
    who = people.by_code(tx, worker)
    if who is None or not who.active:
        raise NobodySuch(scanned=worker)
    return who


def _name(tx: Tx, worker: str) -> str:
    who = people.by_code(tx, worker)
    return who.short_name if who else worker


def _note(tx: Tx, kind: str, by: By, found: Task, detail: str) -> None:
    what = " ".join(part for part in (found.kind, found.document, found.place) if part)
    people.note(tx, kind, by.worker, by.device, f"task {found.id}: {what}: {detail}")
    tx.tell("tasks")
