"""How and when the ERP hears: which events go next to one connector, and what is written down of its answers.

The cursor in `connector` says how far the journal was read; most events need nothing more. An event that was not simply
taken has a story (`stories.py`). Events of one document go in order; a document with an open story is blocked, and its
later events are parked while all others go on.
"""

import time
from collections.abc import Callable, Iterable, Sequence

import msgspec
from sqlalchemy import BindParameter, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import Tx
from app.schema.sync import connector, delivery
from app.stock import journal
from app.stock.events.inside import BETWEEN_BINS, is_between_bins
from sync import stories
from sync.messages import Identity, Message, as_message
from sync.stories import TOPIC, Aside

MOST_BYTES = 1024 * 1024  # of one batch, unless a single event is larger
UNWRITTEN, UNWRITTEN_S = 20, 0.5  # batches, and time, the cursor may be behind while a backlog drains

_BETWEEN_BINS = frozenset(str(event.__struct_config__.tag) for event in BETWEEN_BINS)
_NAME: BindParameter[str] = bindparam("c")

OPEN_CONNECTOR = upsert(connector).values(name=_NAME).on_conflict_do_nothing()
TELLS_AS = (
    update(connector)
    .where(
        connector.c.name == _NAME,
        or_(connector.c.site != bindparam("our_site"), connector.c.owner != bindparam("whose")),
    )
    .values(site=bindparam("our_site"), owner=bindparam("whose"))
)
CURSOR = select(connector.c.cursor, connector.c.state).where(connector.c.name == _NAME)
ADVANCE = (
    update(connector)
    .where(connector.c.name == _NAME, connector.c.cursor == bindparam("after"))
    .values(
        cursor=bindparam("last"),
        sent=connector.c.sent + bindparam("fresh"),
        duplicates=connector.c.duplicates + bindparam("again"),
        late=connector.c.late + bindparam("too_late"),
    )
)
COUNT = (
    update(connector)
    .where(connector.c.name == _NAME)
    .values(
        sent=connector.c.sent + bindparam("fresh"),
        duplicates=connector.c.duplicates + bindparam("again"),
        late=connector.c.late + bindparam("too_late"),
    )
)
SAY = (
    update(connector)
    .where(connector.c.name == _NAME, connector.c.state != "paused")
    .values(state=bindparam("new_state"), sentence=bindparam("told"), since=bindparam("now"))
)

ROWS_BETWEEN = select(delivery.c.seq, delivery.c.state).where(
    delivery.c.connector == _NAME, delivery.c.seq > bindparam("low"), delivery.c.seq <= bindparam("high")
)


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """What of the journal one connector is told of. The cursor goes on behind the rest all the same."""

    owner: str = ""  # of whose goods; empty: of everybody's
    moves: bool = True  # also of goods that only change their bin

    def hears_of(self, entry: journal.Entry) -> bool:
        if self.owner and entry.owner != self.owner:
            return False
        return self.moves or entry.kind not in _BETWEEN_BINS or not is_between_bins(entry.event)


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
    late: int  # of the fresh ones: accepted later than they should be
    aside: list[Aside]  # what it did not take, and what was parked behind

    def then(self, later: "Outcome") -> "Outcome":
        """This stretch and the one right behind it as one."""
        return Outcome(
            after=self.after,
            last=later.last,
            fresh=self.fresh + later.fresh,
            again=self.again + later.again,
            late=self.late + later.late,
            aside=self.aside + later.aside,
        )


class Slate:
    """What is known of the stretch right behind the cursor, until it is written down."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None
        self._batches = 0
        self._wiped_at = 0.0  # monotonic

    @property
    def is_full(self) -> bool:
        return self._batches >= UNWRITTEN or time.monotonic() - self._wiped_at >= UNWRITTEN_S

    def add(self, outcome: Outcome) -> None:
        self.outcome = outcome if self.outcome is None else self.outcome.then(outcome)
        self._batches += 1

    def wipe(self) -> None:
        self.outcome, self._batches, self._wiped_at = None, 0, time.monotonic()


def open_connector(tx: Tx, name: str, site: str, owner: str = "") -> None:
    """It tells as this site, of this owner's goods or of everybody's."""
    tx.run(OPEN_CONNECTOR, c=name)
    tx.run(TELLS_AS, c=name, our_site=site, whose=owner)


def cursor(tx: Tx, name: str) -> tuple[int, str]:
    """How far the connector has read, and its state."""
    row = tx.row(CURSOR, c=name)
    return (int(row[0]), str(row[1])) if row else (0, "sending")


def next_batch(
    tx: Tx,
    name: str,
    who: Identity,
    after: int,
    most: int,
    blocked: dict[str, int],
    audience: Audience,
    pace: Callable[[list[journal.Entry]], Iterable[journal.Entry]] = iter,
) -> Batch | None:
    """The next stretch of the journal, at most `most` events and MOST_BYTES, or None at its end.

    `pace` hands the entries on, with pauses where the floor goes first.
    """
    entries = journal.after(tx, after, most)
    if not entries:
        return None
    told = tx.rows(ROWS_BETWEEN, c=name, low=after, high=entries[-1].seq)  # only after the cursor was set back
    rows = {int(seq): str(state) for seq, state in told}
    messages: list[Message] = []
    parked: list[tuple[int, str]] = []
    size, last, full = 0, after, len(entries) == most
    for entry in pace(entries):
        if rows.get(entry.seq, "accepted") != "accepted":
            pass  # it has its own story in `delivery`
        elif not audience.hears_of(entry):
            pass
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
    moved = tx.run(
        ADVANCE, c=name, after=outcome.after, last=outcome.last,
        fresh=outcome.fresh, again=outcome.again, too_late=outcome.late,
    )  # fmt: skip
    if moved != 1:
        return False
    stories.put_aside(tx, name, outcome.aside, now)
    tx.tell(TOPIC)
    return True


def stories_of(tx: Tx, name: str, seqs: Sequence[int]) -> dict[int, str]:
    """The states of those of these events (in order) that have a story."""
    if not seqs:
        return {}
    told = tx.rows(ROWS_BETWEEN, c=name, low=seqs[0] - 1, high=seqs[-1])
    return {int(seq): str(state) for seq, state in told}


def count(tx: Tx, name: str, *, fresh: int, again: int, late: int) -> None:
    """Events the ERP took out of their turn."""
    tx.run(COUNT, c=name, fresh=fresh, again=again, too_late=late)


def say(tx: Tx, name: str, state: str, sentence: str, now: int) -> None:
    """Write the connector's state for the desk, unless a person paused it."""
    tx.run(SAY, c=name, new_state=state, told=sentence, now=now)
    tx.tell(TOPIC)
