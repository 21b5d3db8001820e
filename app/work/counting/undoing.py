"""A decision at the desk taken back by whoever made it, within ten minutes: a wrong key is no reason for a new count.

An approval is compensated event by event, an `Undone` for each `Adjusted`, and the difference waits again. Promises that
were given back because the goods were not there are not taken anew: the next wave serves them. Where goods moved on, so
that the books would have less than nothing, and where the place was counted since, it stands: count it again.
"""

import msgspec
from sqlalchemy import and_, bindparam, exists, or_, select, update

from app import clock
from app.db import Tx
from app.errors import Forbidden, Refusal, State
from app.schema.counting import count_line, stock_count
from app.stock import journal, ledger
from app.stock.events import Adjusted, Undone
from app.stock.ledger import By
from app.work import progress, tasks
from app.work.counting import counts
from app.work.counting.closing import ONE, RECOUNT_BECAUSE, Line, exceptions_count

WITHIN = 10 * clock.MINUTE
MOST_EVENTS = 2_000  # of one decision: an adjustment a serial, and the promises given back for it
MOST_LISTED = 5


class NothingDecided(State):
    code, title = "nothing_decided", "Not decided"
    says = "No decision of the last minutes is there to take back: {state}."
    todo = "Load the page again."


class NotYourDecision(Forbidden):
    code, title = "not_your_decision", "Not your decision"
    says = "{name} decided this, and only they take it back."
    todo = "Ask them, or have it counted again."


class DecisionStands(State):
    code, title = "decision_stands", "Too late to take back"
    says = "The decision stands: {reason}."
    todo = "Have it counted again."


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that may still be taken back."""

    line: Line

    def minutes_left(self, now: int) -> int:
        """Begun ones count whole."""
        return max(0, -((now - self.line.decided - WITHIN) // clock.MINUTE))


_DECIDED = or_(*(count_line.c.state == state for state in ("approved", "rejected", "recount")))
LATELY = (
    select(count_line)
    .where(_DECIDED, count_line.c.decided_by == bindparam("who"), count_line.c.decided > bindparam("since"))
    .order_by(count_line.c.decided.desc(), count_line.c.id)
    .limit(bindparam("most"))
)
WAIT_AGAIN = (
    update(count_line)
    .where(count_line.c.id == bindparam("which"), _DECIDED, count_line.c.decided_by == bindparam("who"))
    .values(state="review", decided_by="", reason="", cause="", decided=0, first=0, event=0)
)
COUNTED_SINCE = select(
    exists(
        select(stock_count.c.id).where(
            stock_count.c.place == bindparam("place"),
            or_(stock_count.c.item == "", stock_count.c.item == bindparam("item")),
            or_(
                stock_count.c.state == "counting",
                and_(stock_count.c.state == "closed", stock_count.c.closed > bindparam("since")),
            ),
        )
    )
)


def lately(tx: Tx, worker: str) -> tuple[Taken, ...]:
    """What this person decided and may still take back, the last first."""
    found = tx.all(LATELY, Line, who=worker, since=clock.now() - WITHIN, most=MOST_LISTED)
    return tuple(Taken(line=line) for line in found if worker)


def undo(tx: Tx, key: str, by: By) -> str:
    """Take back an approval, a rejection or a recount. Raises NothingDecided, NotYourDecision, DecisionStands."""
    line = tx.one(ONE, Line, which=key)
    if line is None or line.state not in ("approved", "rejected", "recount") or not line.decided_by:
        raise NothingDecided(state="it waits" if line and line.state == "review" else line.state if line else "gone")
    if line.decided_by != by.worker:
        raise NotYourDecision(name=counts.name_of(tx, line.decided_by), worker=by.worker)
    age = clock.now() - line.decided
    if age >= WITHIN:
        raise DecisionStands(
            reason=f"it was made {age // clock.MINUTE} minutes ago, and {WITHIN // clock.MINUTE} are given"
        )
    if tx.value(COUNTED_SINCE, place=line.place, item=line.item, since=line.decided):
        raise DecisionStands(reason=f"{line.place} is being counted, or was since")
    back = _compensate(tx, line, by)
    if line.state == "recount" and (task := exceptions_count(tx, line.place, line.item)):
        found = tasks.find(tx, task)
        if found is not None and found.reason == RECOUNT_BECAUSE:
            tasks.cancel(tx, task)
    if tx.run(WAIT_AGAIN, which=line.id, who=by.worker) != 1:
        raise NothingDecided(state="taken back already")
    tx.tell("counts")
    told = f"{line.item} at {line.place} waits for a decision again"
    return f"{told}: event {back} took the adjustment back." if back else f"{told}."


def _compensate(tx: Tx, line: Line, by: By) -> int:
    """Each adjustment of the decision the other way round, the last first. Returns the last event's seq, 0 for none."""
    if not line.event:
        return 0
    made = [
        (entry, entry.event)
        for entry in journal.after(tx, line.first - 1, min(line.event - line.first + 1, MOST_EVENTS))
        if entry.seq <= line.event
    ]
    seq = 0
    for entry, event in reversed(made):
        if not isinstance(event, Adjusted):
            continue
        moved = tuple(move.back() for move in reversed(event.movements()))
        try:
            seq = ledger.post(tx, Undone(seq=entry.seq, kind=entry.kind, lane=entry.document, moved=moved), by)
        except Refusal as why:
            raise DecisionStands(reason=f"the goods moved on. {why.sentence.rstrip('.')}") from None
        progress.apply(tx, event, -1)
    return seq
