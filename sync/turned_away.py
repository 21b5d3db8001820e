"""What was turned away at the ERP's doors: pushes with a wrong seal, bodies too large, events that cannot be meant.

Nothing of it was taken, and nothing moved; it is kept so that whoever looks at the desk sees that somebody knocks, with
what, and why he is not let in. The book is short: the newest few hundred stay. A stranger who hammers at the door is
written down once a second, with how often he knocked, so that he cannot keep the writer busy.
"""

import threading
import time

from sqlalchemy import bindparam, delete, insert, select

from app import clock
from app.db import Database, Tx
from app.schema.sync import turned_away

KEPT = 500  # rows
SHOWN = 4_000  # bytes of each
LONGEST = 400  # characters of what stands beside them
EVERY_S = 1.0  # at most one row a second of those who could not prove who they are

_WRITTEN = ("id", "at", "code", "sentence", "source", "message", "type", "size", "times", "body")
WRITE = insert(turned_away).values({name: bindparam(name) for name in _WRITTEN})
OLDEST_KEPT = select(turned_away.c.id).order_by(turned_away.c.id.desc()).limit(1).offset(KEPT - 1)
FORGET = delete(turned_away).where(turned_away.c.id < bindparam("oldest"))


def write(
    tx: Tx, code: str, sentence: str, *, source: str = "", message: str = "", type: str = "", body: bytes = b"",
    size: int = 0, times: int = 1,
) -> None:  # fmt: skip
    named = {"sentence": sentence, "source": source, "message": message, "type": type}
    tx.run(
        WRITE, id=clock.new_id(), at=clock.now(), code=code, size=size or len(body), times=times, body=body[:SHOWN],
        **{name: text.replace("\0", "")[:LONGEST] for name, text in named.items()},
    )  # fmt: skip
    oldest = tx.value(OLDEST_KEPT)
    if oldest is not None:
        tx.run(FORGET, oldest=oldest)
    tx.tell("inbox")


class Doorkeeper:
    """Writes down who was turned away before he could prove who he is; any thread."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._lock = threading.Lock()
        self._next_at = 0.0
        self._unwritten = 0

    def turn_away(self, code: str, sentence: str, body: bytes = b"", size: int = 0) -> None:
        with self._lock:
            self._unwritten += 1
            if time.monotonic() < self._next_at:
                return
            self._next_at = time.monotonic() + EVERY_S
            times, self._unwritten = self._unwritten, 0
        self._db.do(lambda tx: write(tx, code, sentence, body=body, size=size, times=times))
