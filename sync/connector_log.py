"""What happened to a connector, and to its events with a story: what the sink said, what a person decided or changed.

Kept for good and only ever added to, so that a month later the desk still says who let an event go, on which warning,
and what a setting was before. An event the sink simply took has no line here: the journal and the cursor say it all.
"""

import msgspec
from sqlalchemy import bindparam, func, insert, select

from app import clock
from app.db import Tx
from app.schema.sync import connector_log

LONGEST = 2_000  # characters of one text

_WRITTEN = ("id", "connector", "seq", "at", "what", "words", "was", "becomes", "worker")
NOTE = insert(connector_log).values({name: bindparam(name) for name in _WRITTEN})
OF_EVENT = (
    select(connector_log)
    .where(connector_log.c.connector == bindparam("c"), connector_log.c.seq == bindparam("n"))
    .order_by(connector_log.c.id.desc())
    .limit(bindparam("most"))
)

LINES = select(func.count()).where(connector_log.c.connector == bindparam("c"))
LAST_OF_KIND = (
    select(connector_log.c.becomes)
    .where(
        connector_log.c.connector == bindparam("c"), connector_log.c.seq == 0, connector_log.c.what == bindparam("kind")
    )
    .order_by(connector_log.c.id.desc())
    .limit(1)
)


class Note(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    connector: str
    seq: int  # 0: the connector as a whole
    at: int
    what: str  # rejected, asks, approved, declined, replayed, proposed, discarded, paused, resumed, changed, …
    words: str
    was: str
    becomes: str
    worker: str  # empty: nobody decided it


def note(
    tx: Tx, name: str, what: str, *, seq: int = 0, words: str = "", was: str = "", becomes: str = "", worker: str = ""
) -> None:
    tx.run(
        NOTE, id=clock.new_id(), connector=name, seq=seq, at=clock.now(), what=what, words=words[:LONGEST],
        was=was[:LONGEST], becomes=becomes[:LONGEST], worker=worker,
    )  # fmt: skip


def became(tx: Tx, name: str, what: str) -> str:
    """What it became the last time `what` happened to the connector as a whole, or the empty text."""
    return str(tx.value(LAST_OF_KIND, c=name, kind=what) or "")


def lines(tx: Tx, name: str) -> int:
    """How many there are: another number, and something happened or was decided, at whichever server."""
    return int(tx.value(LINES, c=name) or 0)


def of(tx: Tx, name: str, seq: int = 0, most: int = 50) -> list[Note]:
    """Newest first: of one event, or (seq 0) of the connector as a whole."""
    return tx.all(OF_EVENT, Note, c=name, n=seq, most=most)
