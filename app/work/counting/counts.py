"""One person's look at one place: begun by scanning it, resumed after a break, closed by "nothing else here".

A place is counted by one person at a time. Who already counted a difference does not count it again: the second look is
only worth something if it is somebody else's. A count whose worker is long gone is left, with its tallies as evidence,
and the next one begins from nothing.
"""

from collections.abc import Callable

import msgspec
from sqlalchemy import bindparam, exists, insert, or_, select, update

from app import clock
from app.db import Tx
from app.errors import Forbidden, ScanAgain, State, Wrong
from app.schema.counting import count_line, stock_count
from app.schema.directing import replenishment
from app.schema.places import location
from app.schema.stock import balance
from app.schema.work import pick
from app.schema.work import task as tasks_table
from app.work import duties, people, tasks
from app.work.counting import book, in_hand
from app.work.tasks import Task

KIND = "count"
NOT_COUNTED = ("truck", "hand", "virtual")  # kinds of place
MOST_SKIPPED = 50


class Count(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    task: str
    place: str
    item: str
    plan: str
    state: str
    outcome: str
    worker: str
    device: str
    earlier: str
    round: int
    begun: int
    begun_seq: int
    closed: int
    closed_seq: int


class PlaceInUse(State):
    code, title = "place_in_use", "Being counted"
    says = "{holder} is counting {place}."
    todo = "Count another place."


class NotCountable(Wrong):
    code, title = "not_countable", "Not counted here"
    says = "{scanned} is {kind}, and that is not counted."
    todo = "Scan a bin, a reserve or a staging place."


class BeingPicked(ScanAgain):
    code, title = "being_picked", "Being picked"
    says = "{picker} is picking at {place} now."
    todo = "Count it later, or scan it again: what moves meanwhile is noticed."


class BeingBrought(BeingPicked):
    says = "{picker} is filling a pick face, and may be taking goods from {place} now."


class CountOver(State):
    code, title = "count_over", "Count is over"
    says = "This count of {place} is {state}."
    todo = "Scan a place to count."


class Blind(Forbidden):
    code, title = "blind", "Count first"
    says = "While you count, nothing is looked up: it would tell you the answer."
    todo = "Say Nothing else when you are done."


_OPEN_TASK = or_(tasks_table.c.state == "open", tasks_table.c.state == "started")
FIND = select(stock_count).where(stock_count.c.id == bindparam("which"))
IN_USE = select(stock_count).where(stock_count.c.place == bindparam("place"), stock_count.c.state == "counting")
OF_WORKER = select(stock_count).where(stock_count.c.worker == bindparam("who"), stock_count.c.state == "counting")
LEAVE = (
    update(stock_count)
    .where(stock_count.c.id == bindparam("which"), stock_count.c.state == "counting")
    .values(state="left", closed=bindparam("now"))
)
CLOSE = (
    update(stock_count)
    .where(stock_count.c.id == bindparam("which"), stock_count.c.state == "counting")
    .values(state="closed", outcome=bindparam("came_to"), closed=bindparam("now"), closed_seq=bindparam("end"))
)
_NEW = ("id", "task", "place", "item", "plan", "worker", "device", "earlier", "round", "begun", "begun_seq")
ADD = insert(stock_count).values(**{name: bindparam(name) for name in _NEW})
KIND_OF = select(location.c.kind).where(location.c.code == bindparam("code"))
TASK_AT = (
    select(tasks_table)
    .where(tasks_table.c.kind == KIND, tasks_table.c.place == bindparam("place"), _OPEN_TASK)
    .order_by(tasks_table.c.item, tasks_table.c.priority, tasks_table.c.due)
)
_ELSEWHERE = pick.alias("elsewhere")
PICKERS = (
    select(tasks_table.c.worker)
    .join(pick, pick.c.task == tasks_table.c.id)
    .where(
        pick.c.location == bindparam("place"), pick.c.state == "open", tasks_table.c.state == "started",
        tasks_table.c.until > bindparam("now"), tasks_table.c.worker != bindparam("who"),
        # the next stop of their walk is here: who has other stops before it is somewhere else
        ~exists(
            select(_ELSEWHERE.c.id).where(
                _ELSEWHERE.c.task == pick.c.task, _ELSEWHERE.c.state == "open",
                _ELSEWHERE.c.sequence < pick.c.sequence, _ELSEWHERE.c.location != pick.c.location,
            )
        ),
    )
    .limit(1)
)  # fmt: skip
# Until the pick face is scanned, the goods in a hand are still here by the books.
FILLERS = (
    select(tasks_table.c.worker)
    .join(replenishment, replenishment.c.task == tasks_table.c.id)
    .join(balance, balance.c.item == replenishment.c.item)
    .where(
        balance.c.location == bindparam("place"), balance.c.quantity > 0, replenishment.c.face != bindparam("place"),
        tasks_table.c.state == "started", tasks_table.c.until > bindparam("now"),
        tasks_table.c.worker != bindparam("who"),
    )
    .limit(1)
)  # fmt: skip
_DOUBTED = or_(count_line.c.state == "recount", count_line.c.state == "review")
DOUBTS = select(count_line.c.counter, count_line.c.earlier, count_line.c.round).where(
    count_line.c.place == bindparam("place"),
    or_(count_line.c.item == bindparam("item"), bindparam("item") == ""),
    _DOUBTED,
)


def find(tx: Tx, key: str) -> Count:
    """An open count. Raises CountOver."""
    found = tx.one(FIND, Count, which=key)
    if found is None or found.state != "counting":
        raise CountOver(place=found.place if found else "this place", state=found.state if found else "gone")
    return found


def any_state(tx: Tx, key: str) -> Count | None:
    return tx.one(FIND, Count, which=key)


def of_worker(tx: Tx, worker: str) -> list[Count]:
    """What somebody is counting now: nothing of these places may be shown to them."""
    return tx.all(OF_WORKER, Count, who=worker)


def refuse_peeking(tx: Tx, worker: str) -> None:
    """Whoever is in the middle of a count looks nothing up, from no screen. Raises Blind."""
    for count in of_worker(tx, worker):
        held = tasks.find(tx, count.task)
        if held is not None and held.worker == worker and held.is_held(clock.now()):
            raise Blind()


def earlier_counters(tx: Tx, place: str, item: str) -> tuple[set[str], int]:
    """Who counted what is still in doubt there, and how many rounds it had."""
    who: set[str] = set()
    rounds = 0
    for counter, earlier, number in tx.rows(DOUBTS, place=place, item=item):
        who |= {counter, *earlier.split()}
        rounds = max(rounds, number)
    return who, rounds


def task_at(tx: Tx, place: str, worker: str) -> Task | None:
    """The waiting count of a place that this worker may do, the whole place before one item of it."""
    found = tx.all(TASK_AT, Task, place=place)
    return next((one for one in found if worker not in earlier_counters(tx, place, one.item)[0]), None)


def next_task(tx: Tx, worker: str) -> Task | None:
    """What this worker began, else the most urgent count that waits and was not theirs before."""
    begun = tasks.mine(tx, KIND, worker)
    if begun is not None:
        return begun
    waiting = tasks.queue(tx, KIND, most=MOST_SKIPPED, worker=worker)
    return next((one for one in waiting if worker not in earlier_counters(tx, one.place, one.item)[0]), None)


def spot(tx: Tx, place: str, worker: str) -> str:
    """A task for a place somebody wants counted now. Raises NotCountable, SamePerson."""
    _countable(tx, place)
    _refuse_earlier(tx, place, "", worker)
    return tasks.add(tx, KIND, document="spot count", place=place, priority=5, reason="spot count")


def warn_of_pickers(tx: Tx, place: str, worker: str, confirm: Callable[[ScanAgain], None]) -> None:
    """Somebody takes goods from it this minute: better to come back, unless it is meant.

    Raises BeingPicked, and GoodsInHand where it cannot be meant.
    """
    running = tx.one(IN_USE, Count, place=place)
    if running is not None and running.worker == worker:
        return
    in_hand.refuse(tx, place, worker)
    picker = tx.value(PICKERS, place=place, now=clock.now(), who=worker)
    if picker is not None:
        confirm(BeingPicked(picker=name_of(tx, str(picker)), place=place, scanned=place))
        return
    filler = tx.value(FILLERS, place=place, now=clock.now(), who=worker)
    if filler is not None:
        confirm(BeingBrought(picker=name_of(tx, str(filler)), place=place, scanned=place))


def begin(tx: Tx, task: Task, worker: str, device: str) -> Count:
    """Start the count of a task's place, or go on with one's own. Raises PlaceInUse, SamePerson, NotCountable."""
    _countable(tx, task.place)
    running = tx.one(IN_USE, Count, place=task.place)
    if running is not None and running.worker == worker and running.item == task.item:
        return running
    if running is not None:
        held = tasks.find(tx, running.task)
        if (
            running.worker != worker
            and held is not None
            and held.is_held(clock.now())
            and held.worker == running.worker
        ):
            raise PlaceInUse(holder=name_of(tx, running.worker), place=task.place, scanned=task.place)
        tx.run(LEAVE, which=running.id, now=clock.now())
    rounds = _refuse_earlier(tx, task.place, task.item, worker)
    key = clock.new_id()
    tx.run(
        ADD,
        id=key,
        task=task.id,
        place=task.place,
        item=task.item,
        plan=task.document.removeprefix("plan ") if task.document.startswith("plan ") else "",
        worker=worker,
        device=device,
        earlier=" ".join(sorted(earlier_counters(tx, task.place, task.item)[0])),
        round=rounds + 1,
        begun=clock.now(),
        begun_seq=book.position(tx),
    )
    tx.tell("counts")
    return find(tx, key)


def close(tx: Tx, count: Count, outcome: str) -> None:
    tx.run(CLOSE, which=count.id, came_to=outcome, now=clock.now(), end=book.position(tx))
    tx.tell("counts")


def _refuse_earlier(tx: Tx, place: str, item: str, worker: str) -> int:
    who, rounds = earlier_counters(tx, place, item)
    duties.refuse_same(tx, "recount" if rounds > 1 else "count", who, "recount", worker)
    return rounds


def _countable(tx: Tx, place: str) -> None:
    kind = tx.value(KIND_OF, code=place)
    if kind is None or kind in NOT_COUNTED:
        raise NotCountable(scanned=place, kind=f"a {kind}" if kind else "no place of ours")


def name_of(tx: Tx, worker: str) -> str:
    who = people.by_code(tx, worker)
    return who.short_name if who else worker
