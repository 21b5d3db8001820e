"""How and when the ERP hears: which events go next to one connector, and what is written down of its answers.

The cursor in `connector` says how far the journal was read; most events need nothing more. A row in `delivery` is kept
only for an event with a story: *dead* (the ERP rejected it), *parked* (behind a dead one of its document), *waiting*
(to be offered again), *accepted* after all, or *discarded* by two people. Events of one document go in order; a
document with an open row is blocked, and its later events are parked while all others go on. Every write is guarded in
its WHERE, because people at the desk decide at the same moment.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import BindParameter, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import Tx
from app.schema.stock import journal as journal_table
from app.schema.sync import connector, delivery
from app.stock import journal
from app.stock.journal import Entry
from sync.messages import Identity, Message, as_message

MOST_BYTES = 1024 * 1024  # of one batch, unless a single event is larger
TOPIC = "connector"  # the desk boards that watch us

_NAME: BindParameter[str] = bindparam("c")
_MINE = delivery.c.connector == _NAME
_OPEN = or_(delivery.c.state == "waiting", delivery.c.state == "parked", delivery.c.state == "dead")
_other = delivery.alias("other")

OPEN_CONNECTOR = upsert(connector).values(name=_NAME).on_conflict_do_nothing()
CURSOR = select(connector.c.cursor, connector.c.state).where(connector.c.name == _NAME)
ADVANCE = (
    update(connector)
    .where(connector.c.name == _NAME, connector.c.cursor == bindparam("after"))
    .values(
        cursor=bindparam("last"),
        sent=connector.c.sent + bindparam("fresh"),
        duplicates=connector.c.duplicates + bindparam("again"),
    )
)
COUNT = (
    update(connector)
    .where(connector.c.name == _NAME)
    .values(sent=connector.c.sent + bindparam("fresh"), duplicates=connector.c.duplicates + bindparam("again"))
)
SAY = (
    update(connector)
    .where(connector.c.name == _NAME, connector.c.state != "paused")
    .values(state=bindparam("new_state"), sentence=bindparam("told"), since=bindparam("now"))
)

ROWS_BETWEEN = select(delivery.c.seq, delivery.c.state).where(
    _MINE, delivery.c.seq > bindparam("low"), delivery.c.seq <= bindparam("high")
)
BLOCKED = (
    select(delivery.c.document, func.min(delivery.c.seq))
    .where(_MINE, _OPEN, delivery.c.document != "")
    .group_by(delivery.c.document)
)
DEAD = select(func.count()).where(_MINE, delivery.c.state == "dead")
WAITING = (
    select(journal_table)
    .join(delivery, delivery.c.seq == journal_table.c.seq)
    .where(_MINE, delivery.c.state == "waiting")
    .order_by(journal_table.c.seq)
    .limit(bindparam("most"))
)
_NEW_ROW = upsert(delivery).values(
    connector=_NAME,
    seq=bindparam("n"),
    document=bindparam("doc"),
    state=bindparam("new_state"),
    attempts=bindparam("tries"),
    answer=bindparam("words"),
    at=bindparam("now"),
)
WRITE_ROW = _NEW_ROW.on_conflict_do_update(
    index_elements=["connector", "seq"],
    set_={
        "state": _NEW_ROW.excluded.state,
        "answer": _NEW_ROW.excluded.answer,
        "attempts": delivery.c.attempts + _NEW_ROW.excluded.attempts,
        "at": _NEW_ROW.excluded.at,
        "decided_by": "",
        "seconded_by": "",
    },
)
_THE_WAITING = and_(_MINE, delivery.c.seq == bindparam("n"), delivery.c.state == "waiting")
FORGET = delete(delivery).where(_THE_WAITING, delivery.c.attempts == 0)  # it only waited its turn
ACCEPT = (
    update(delivery).where(_THE_WAITING).values(state="accepted", attempts=delivery.c.attempts + 1, at=bindparam("now"))
)
DIE = (
    update(delivery)
    .where(_THE_WAITING)
    .values(state="dead", attempts=delivery.c.attempts + 1, answer=bindparam("words"), at=bindparam("now"))
)
PARK_BEHIND_DEAD = (
    update(delivery)
    .where(
        _MINE,
        delivery.c.state == "waiting",
        delivery.c.document != "",
        exists().where(
            _other.c.connector == _NAME,
            _other.c.document == delivery.c.document,
            _other.c.state == "dead",
            _other.c.seq < delivery.c.seq,
        ),
    )
    .values(state="parked")
)
RELEASE = (
    update(delivery)
    .where(
        _MINE,
        delivery.c.state == "parked",
        ~exists().where(
            _other.c.connector == _NAME,
            _other.c.document == delivery.c.document,
            _other.c.state == "dead",
            _other.c.seq < delivery.c.seq,
        ),
    )
    .values(state="waiting")
)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the journal: what of it is offered now, and what is parked behind a blocked document."""

    after: int
    last: int
    messages: list[Message]
    parked: list[tuple[int, str]]  # seq, document
    full: bool  # there is probably more behind it


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a stretch of the journal, to be written in one go with the cursor."""

    after: int
    last: int
    fresh: int  # accepted, and new to the ERP
    again: int  # accepted, and the ERP had it already
    dead: list[tuple[int, str, str]]  # seq, document, the ERP's words
    parked: list[tuple[int, str]]

    def then(self, later: "Outcome") -> "Outcome":
        """This stretch and the one right behind it as one."""
        return Outcome(
            after=self.after,
            last=later.last,
            fresh=self.fresh + later.fresh,
            again=self.again + later.again,
            dead=self.dead + later.dead,
            parked=self.parked + later.parked,
        )


def open_connector(tx: Tx, name: str) -> None:
    tx.run(OPEN_CONNECTOR, c=name)


def cursor(tx: Tx, name: str) -> tuple[int, str]:
    """How far the connector has read, and its state."""
    row = tx.row(CURSOR, c=name)
    return (int(row[0]), str(row[1])) if row else (0, "sending")


def next_batch(
    tx: Tx, name: str, who: Identity, after: int, most: int, blocked: dict[str, int], owner: str = ""
) -> Batch | None:
    """The next stretch of the journal, at most `most` events and MOST_BYTES, or None at its end.

    Told only of one owner's goods, the others' events are passed over: the cursor goes on behind them all the same.
    """
    entries = journal.after(tx, after, most)
    if not entries:
        return None
    told = tx.rows(ROWS_BETWEEN, c=name, low=after, high=entries[-1].seq)  # only after the cursor was set back
    rows = {int(seq): str(state) for seq, state in told}
    messages: list[Message] = []
    parked: list[tuple[int, str]] = []
    size, last, full = 0, after, len(entries) == most
    for entry in entries:
        if rows.get(entry.seq, "accepted") != "accepted":
            pass  # it has its own story in `delivery`
        elif owner and entry.owner != owner:
            pass  # another owner's ERP hears of it
        elif entry.seq > blocked.get(entry.document, entry.seq):
            parked.append((entry.seq, entry.document))
        else:
            message = as_message(entry, who)
            size += len(message.body)
            if size > MOST_BYTES and messages:
                full = True
                break
            messages.append(message)
        last = entry.seq
    return Batch(after=after, last=last, messages=messages, parked=parked, full=full)


def write_outcome(tx: Tx, name: str, outcome: Outcome, now: int) -> bool:
    """Advance the cursor with all there is to say; False when somebody set the cursor back meanwhile."""
    moved = tx.run(ADVANCE, c=name, after=outcome.after, last=outcome.last, fresh=outcome.fresh, again=outcome.again)
    if moved != 1:
        return False
    rows = [
        {"c": name, "n": seq, "doc": document, "new_state": "dead", "tries": 1, "words": words, "now": now}
        for seq, document, words in outcome.dead
    ]
    rows += [
        {"c": name, "n": seq, "doc": document, "new_state": "parked", "tries": 0, "words": "", "now": now}
        for seq, document in outcome.parked
    ]
    tx.many(WRITE_ROW, rows)
    tx.tell(TOPIC)
    return True


def waiting(tx: Tx, name: str, who: Identity, most: int) -> list[Message]:
    """What is to be offered again, oldest first."""
    return [as_message(entry, who) for entry in tx.all(WAITING, Entry, c=name, most=most)]


def write_retries(
    tx: Tx,
    name: str,
    *,
    fresh: Sequence[int],
    again: Sequence[int],
    dead: Iterable[tuple[int, str]],
    now: int,
) -> None:
    """The answers to events offered again. What is accepted frees what was parked behind it."""
    accepted = [{"c": name, "n": seq} for seq in (*fresh, *again)]
    tx.many(FORGET, accepted)
    tx.many(ACCEPT, [{**row, "now": now} for row in accepted])
    tx.many(DIE, [{"c": name, "n": seq, "words": words, "now": now} for seq, words in dead])
    tx.run(COUNT, c=name, fresh=len(fresh), again=len(again))
    sort_lanes(tx, name)
    tx.tell(TOPIC)


def sort_lanes(tx: Tx, name: str) -> None:
    """Park what waits behind a dead letter of its document, release what waits behind none any more."""
    tx.run(PARK_BEHIND_DEAD, c=name)
    tx.run(RELEASE, c=name)


def blocked(tx: Tx, name: str) -> dict[str, int]:
    """The documents with an open row, and the seq after which their events must be parked."""
    return {str(document): int(seq) for document, seq in tx.rows(BLOCKED, c=name)}


def dead(tx: Tx, name: str) -> int:
    return int(tx.value(DEAD, c=name) or 0)


def has_waiting(tx: Tx, name: str) -> bool:
    return bool(tx.rows(WAITING, c=name, most=1))


def say(tx: Tx, name: str, state: str, sentence: str, now: int) -> None:
    """Write the connector's state for the desk, unless a person paused it."""
    tx.run(SAY, c=name, new_state=state, told=sentence, now=now)
    tx.tell(TOPIC)
