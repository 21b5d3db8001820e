"""Who tried to change or decide something on the way to the ERP and may not: a line each, kept with what was decided.

Such a line is worth reading because it is rare: a viewer who presses, a login that ended, a second person who is none.
The log is only ever added to, so whoever hammers at a door gets so many lines a minute; what is beyond them is counted,
and his next line says how often. What is about no connector of ours, such as a message in the inbox, has no name there.
"""

import threading
import time

import msgspec

from app.db import Database, Tx
from sync import connector_log
from sync.stories import TOPIC

LINES_A_MINUTE = 30  # of one person, or of all who are not signed in
NO_CONNECTOR = ""


class _Minute(msgspec.Struct):
    number: int
    lines: int = 0
    unwritten: int = 0


class Refused:
    """The book of attempts; any thread."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._lock = threading.Lock()
        self._minutes: dict[str, _Minute] = {}  # by worker, so no more than the house has

    def write(self, connector: str, what: str, by: str) -> None:
        """Write it down, unless `by` has had this minute's lines."""
        unwritten = self._room_for(by)
        if unwritten is None:
            return
        words = f"{what}; {unwritten:,} more attempts before" if unwritten else what

        def note(tx: Tx) -> None:
            connector_log.note(tx, connector, "refused", words=words, worker=by)
            tx.tell(TOPIC)

        self._db.do(note)

    def _room_for(self, by: str) -> int | None:
        """How many of his were not written since his last line; None: neither is this one."""
        number = int(time.monotonic() // 60)
        with self._lock:
            minute = self._minutes.setdefault(by, _Minute(number))
            if minute.number != number:
                minute.number, minute.lines = number, 0
            if minute.lines >= LINES_A_MINUTE:
                minute.unwritten += 1
                return None
            minute.lines += 1
            unwritten, minute.unwritten = minute.unwritten, 0
            return unwritten
