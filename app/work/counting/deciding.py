"""What becomes of a difference that is too big for who counted it: approve, count once more, or reject, with a reason.

Nobody who counted it decides on it, in no round. What is approved is the change that is true now: what moved since the
count is counted in, and what somebody else corrected since is not corrected twice. A supervisor has limits as well:
what is above them goes to somebody with higher ones. Several at once only within those limits.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update

from app import clock
from app.db import Database, Tx
from app.errors import Refusal, State, Unknown
from app.schema.counting import count_line
from app.schema.items import item as items
from app.schema.work import exception
from app.stock import ledger
from app.stock.events import AnyEvent, BarcodeLearned
from app.stock.ledger import By
from app.work import duties, exceptions, limits, progress, reasons
from app.work.counting import book, causes, closing, counts, tallies
from app.work.counting.adjusting import Post
from app.work.counting.closing import ONE, SET_STATE, Line
from app.work.counting.counts import Count

KIND = "count"  # of reasons
MOST_AT_ONCE = 100


class NotWaiting(State):
    code, title = "variance_decided", "Decided already"
    says = "This difference does not wait any more: it is {state}."
    todo = "Load the page again."


class NoSuchItem(Unknown):
    code, title = "no_such_item", "No such item"
    says = "No item is called {scanned}."
    todo = "Type the item's code."


class NoSuchTally(Unknown):
    code, title = "no_such_tally", "Not counted"
    says = "No unknown code {scanned} was counted there."
    todo = "Load the page again."


TOLD = select(exception.c.id, exception.c.sentence).where(
    exception.c.document == bindparam("document"), exception.c.code == "unknown_counted", exception.c.state == "open"
)
TO_RECOUNT = (
    update(count_line)
    .where(count_line.c.id == bindparam("which"), count_line.c.state == "review")
    .values(state="recount", decided_by=bindparam("who"), decided=bindparam("now"))
)
KNOWN = select(items.c.code).where(items.c.code == bindparam("code"))


def find(tx: Tx, key: str) -> Line:
    """A difference that waits for a decision. Raises NotWaiting."""
    line = tx.one(ONE, Line, which=key)
    if line is None or line.state != "review":
        raise NotWaiting(state=line.state.replace("recount", "being counted again") if line else "gone")
    return line


def approve(tx: Tx, key: str, reason: str, by: By, *, cause: str = "") -> str:
    """Bring the books to the count; without a cause the proposed one. Raises NotWaiting, SamePerson, AboveLimit, NoPrice,
    NoSuchReason, MovedOn.
    """
    line = find(tx, key)
    reasons.check(tx, KIND, reason)
    cause = reasons.check(tx, causes.KIND, cause or causes.propose(tx, line).code).code
    what = judge(tx, line, by.worker)
    first = book.position(tx) + 1
    seq = closing.adjust(tx, line, _count(tx, line), by.worker, reason, _poster(tx, by), by.worker, cause=cause)
    _decide(tx, line, "approved", by.worker, reason, cause=cause, first=first if seq else 0, seq=seq)
    if not seq:
        return f"{line.item} at {line.place}: the books are right by now, nothing was adjusted."
    return f"{what}: adjusted by event {seq}."


def judge(tx: Tx, line: Line, worker: str) -> str:
    """What approving it would change today, in words. Raises SamePerson, AboveLimit, NoPrice."""
    _refuse_counters(tx, line, worker)
    change = change_of(tx, line)
    what = f"{abs(change)} × {line.item} {'more' if change > 0 else 'less'} at {line.place}"
    limits.refuse_above(tx, worker, "count_quantity", change, what=what)
    limits.refuse_above(tx, worker, "count_percent", line.percent if change else 0, what=what)
    limits.refuse_value_above(tx, worker, "count_value", line.item, change, what=what)
    return what


def change_of(tx: Tx, line: Line) -> int:
    """What the books lack today (−: have too much); serials keep the change they were counted with."""
    return line.difference if line.note else closing.change_now(tx, line)


def approve_all(db: Database, keys: Sequence[str], reason: str, by: By) -> str:
    """Those of them that are within this person's limits, each in a turn of its own; the others stay, with the reason."""
    done, left = 0, []
    for key in list(dict.fromkeys(keys))[:MOST_AT_ONCE]:
        try:
            db.do(lambda tx, key=key: approve(tx, key, reason, by))  # type: ignore[misc]
            done += 1
        except Refusal as why:
            left.append(why.sentence.rstrip("."))
    told = f"{done} approved."
    return told if not left else f"{told} {len(left)} left: {'; '.join(left[:5])}{' …' if len(left) > 5 else '.'}"


def recount(tx: Tx, key: str, by: By) -> str:
    """One more look, by somebody who has not counted it. Raises NotWaiting, SamePerson."""
    line = find(tx, key)
    _refuse_counters(tx, line, by.worker)
    if tx.run(TO_RECOUNT, which=line.id, who=by.worker, now=clock.now()) != 1:
        raise NotWaiting(state="decided")
    closing.ask_recount(tx, _count(tx, line), line)
    tx.tell("counts")
    return f"{line.item} at {line.place} is counted again by somebody else."


def reject(tx: Tx, key: str, reason: str, by: By) -> str:
    """The books stay as they are. Raises NotWaiting, SamePerson, NoSuchReason."""
    line = find(tx, key)
    reasons.check(tx, KIND, reason)
    _refuse_counters(tx, line, by.worker)
    _decide(tx, line, "rejected", by.worker, reason)
    return f"{line.item} at {line.place}: the count is rejected, the books stay."


def link(tx: Tx, count_key: str, label: str, item: str, by: By, *, times: int = 1) -> str:
    """A code nobody knew was this item. It becomes a difference to decide on. Raises NoSuchItem, NoSuchTally."""
    count = counts.any_state(tx, count_key)
    if tx.value(KNOWN, code=item) is None:
        raise NoSuchItem(scanned=item[:40])
    if count is None or not tallies.link(tx, count_key, label, item, times=times):
        raise NoSuchTally(scanned=label[:40])
    _poster(tx, by)(BarcodeLearned(label=label, item=item, quantity=times, count=count_key))
    for key, seen in tallies.by_key(tallies.standing(tx, count_key)).items():
        if key.item == item:
            closing.again(tx, count, key, seen, _poster(tx, by))
    for told in tx.rows(TOLD, document=f"count {count_key}"):
        if f" {label} " in told[1]:
            exceptions.settle(tx, told[0], f"linked to {item}", by)
    tx.tell("counts")
    return f"{label} is counted as {item}."


def _refuse_counters(tx: Tx, line: Line, worker: str) -> None:
    duties.refuse_same(tx, "count", line.counter, "approve_count", worker)
    duties.refuse_same(tx, "recount", line.earlier.split(), "approve_count", worker)


def _decide(
    tx: Tx, line: Line, state: str, who: str, reason: str, *, cause: str = "", first: int = 0, seq: int = 0
) -> None:
    decided = {"new_state": state, "who": who, "why": reason, "because": cause, "now": clock.now()}
    if tx.run(SET_STATE, which=line.id, **decided, since=first, seq=seq) != 1:
        raise NotWaiting(state="decided")
    tx.tell("counts")


def _count(tx: Tx, line: Line) -> Count:
    found = counts.any_state(tx, line.count)
    assert found is not None, "a line has its count"
    return found


def _poster(tx: Tx, by: By) -> Post:
    def post(event: AnyEvent) -> int:
        seq = ledger.post(tx, event, by)
        progress.apply(tx, event)
        return seq

    return post
