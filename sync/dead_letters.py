"""What a person may decide about a connector and its dead letters: pause, go back, offer again, or discard.

A dead letter is stock the ERP does not know about, so throwing one away takes a reason and two people: one proposes,
another seconds. Until then its document's later events stay parked behind it, in order, and everything else goes on.
"""

import msgspec
from sqlalchemy import bindparam, select, update

from app import clock
from app.db import Tx
from app.errors import Forbidden, Malformed, State
from app.schema.sync import connector, delivery
from app.stock import journal
from sync import connector_log, untold
from sync.delivery import cursor
from sync.stories import TOPIC, sort_lanes

LONGEST_REASON = 300
_MINE = delivery.c.connector == bindparam("c")
_THE_DEAD = (_MINE, delivery.c.seq == bindparam("n"), delivery.c.state == "dead")


class NotADeadLetter(State):
    code, title = "not_a_dead_letter", "Not a dead letter"
    says = "Event {seq} is not a dead letter of {connector} (any more)."
    todo = "Reload the page; somebody may have decided it already."


class ReasonMissing(Malformed):
    code, title = "reason_missing", "Why?"
    says = "Discarding a dead letter needs a reason of at most {limit} characters."
    todo = "Write why the ERP need not hear of it."


class SecondPersonNeeded(Forbidden):
    code, title = "second_person_needed", "Second person"
    says = "{person} proposed to discard event {seq}; somebody else must second it."
    todo = "Ask a colleague with the right to look at it."


class NotProposed(State):
    code, title = "not_proposed", "Nobody proposed it"
    says = "Nobody has proposed to discard event {seq} yet."
    todo = "Propose it with a reason first."


class NoSuchEvent(State):
    code, title = "no_such_event", "No such event"
    says = "There is no event {seq}; the journal ends at {last}."


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery with a story, for the desk. `reason` and `decided_by` are set once a discard is proposed."""

    seq: int
    document: str
    state: str
    attempts: int
    answer: str
    reason: str
    decided_by: str
    seconded_by: str
    at: int
    request: str  # as it was offered when the ERP did not take it
    raw: str  # the ERP's whole answer then


_COLUMNS = [delivery.c[name] for name in DeadLetter.__struct_fields__]
IN_STATE = (
    select(*_COLUMNS)
    .where(_MINE, delivery.c.state == bindparam("wanted"))
    .order_by(delivery.c.seq.desc())
    .limit(bindparam("most"))
)
ONE = select(*_COLUMNS).where(_MINE, delivery.c.seq == bindparam("n"))
REPLAY = update(delivery).where(*_THE_DEAD).values(state="waiting", reason=bindparam("why"), decided_by="")
REPLAY_ALL = update(delivery).where(_MINE, delivery.c.state == "dead").values(state="waiting", reason=bindparam("why"))
PROPOSE = update(delivery).where(*_THE_DEAD).values(reason=bindparam("why"), decided_by=bindparam("person"))
DISCARD = (
    update(delivery)
    .where(*_THE_DEAD, delivery.c.decided_by != "", delivery.c.decided_by != bindparam("person"))
    .values(state="discarded", seconded_by=bindparam("person"), at=bindparam("now"))
)
GO_BACK = (
    update(connector)
    .where(connector.c.name == bindparam("c"), connector.c.cursor > bindparam("before"))
    .values(cursor=bindparam("before"))
)
PAUSE = (
    update(connector)
    .where(connector.c.name == bindparam("c"))
    .values(state="paused", sentence=bindparam("told"), since=bindparam("now"), paused_by=bindparam("person"))
)
RESUME = (
    update(connector)
    .where(connector.c.name == bindparam("c"), connector.c.state == "paused")
    .values(state="sending", sentence="", since=bindparam("now"), paused_by="")
)


def in_state(tx: Tx, name: str, state: str = "dead", most: int = 100) -> list[DeadLetter]:
    """Newest first: dead, parked, waiting, accepted after all, or discarded."""
    return tx.all(IN_STATE, DeadLetter, c=name, wanted=state, most=most)


def one(tx: Tx, name: str, seq: int) -> DeadLetter | None:
    """An event's story, whatever its state."""
    return tx.one(ONE, DeadLetter, c=name, n=seq)


def replay(tx: Tx, name: str, seq: int, by: str) -> None:
    """Offer a dead letter again; what is parked behind it follows once it is accepted."""
    if tx.run(REPLAY, c=name, n=seq, why=f"replayed by {by}") != 1:
        raise NotADeadLetter(seq=seq, connector=name)
    connector_log.note(tx, name, "replayed", seq=seq, worker=by)
    tx.tell(TOPIC)


def replay_all(tx: Tx, name: str, by: str) -> int:
    """Offer every dead letter again, after the mapping or the master data were put right; how many."""
    count = tx.run(REPLAY_ALL, c=name, why=f"replayed by {by}")
    if count:
        connector_log.note(tx, name, "replayed", words=f"all {count:,} dead letters", worker=by)
    tx.tell(TOPIC)
    return count


def replay_from(tx: Tx, name: str, seq: int, by: str) -> None:
    """Read the journal again from `seq`: the ERP answers "duplicate" to what it still has; a folder, which cannot be
    asked, gets all of it again. Open rows stay open.
    """
    last = tx.head[0] if tx.head else journal.last_seq(tx)
    if not 1 <= seq <= last:
        raise NoSuchEvent(seq=seq, last=last)
    told_to, _ = cursor(tx, name)
    if tx.run(GO_BACK, c=name, before=seq - 1):
        untold.add(tx, name, seq, told_to)
        connector_log.note(tx, name, "went_back", words=f"to event {seq:,}", worker=by)
    tx.tell(TOPIC)


def propose_discard(tx: Tx, name: str, seq: int, reason: str, by: str) -> None:
    """The first person: names the reason. Nothing is discarded yet."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or not by:
        raise ReasonMissing(limit=LONGEST_REASON, scanned=reason[:40])
    if tx.run(PROPOSE, c=name, n=seq, why=reason, person=by) != 1:
        raise NotADeadLetter(seq=seq, connector=name)
    connector_log.note(tx, name, "proposed", seq=seq, words=reason, worker=by)
    tx.tell(TOPIC)


def second_discard(tx: Tx, name: str, seq: int, by: str) -> None:
    """The second person: the event is discarded and its parked successors go."""
    found = tx.one(ONE, DeadLetter, c=name, n=seq)
    if found is None or found.state != "dead":
        raise NotADeadLetter(seq=seq, connector=name)
    if not found.decided_by:
        raise NotProposed(seq=seq)
    if not by or tx.run(DISCARD, c=name, n=seq, person=by, now=clock.now()) != 1:
        raise SecondPersonNeeded(person=found.decided_by, seq=seq, worker=by)
    connector_log.note(tx, name, "discarded", seq=seq, words=found.reason, worker=by)
    sort_lanes(tx, name)
    tx.tell(TOPIC)


def pause(tx: Tx, name: str, by: str, why: str = "") -> None:
    tx.run(PAUSE, c=name, told=why or f"Paused by {by}.", person=by, now=clock.now())
    connector_log.note(tx, name, "paused", words=why, worker=by)
    tx.tell(TOPIC)


def resume(tx: Tx, name: str, by: str) -> None:
    if tx.run(RESUME, c=name, now=clock.now()):
        connector_log.note(tx, name, "resumed", worker=by)
    tx.tell(TOPIC)
