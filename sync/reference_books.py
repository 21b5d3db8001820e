"""The reference ledger's books: keys and totals in an SQLite file of its own, written together or not at all.

This is what Pickface asks of every ERP, in eighty lines: the key of an event and its effect go into one database
transaction, so an event that comes twice is counted once. Totals are kept per site, item, lot and status; where in the
house something lies is not a ledger's business. A total may be below zero for a while: when a receipt is a
dead letter, the orders it served are told all the same.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pysqlite3.dbapi2 as sqlite

SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    n INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, type TEXT NOT NULL, document TEXT NOT NULL, time TEXT NOT NULL,
    effect TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS stock (
    item TEXT NOT NULL, lot TEXT NOT NULL, status TEXT NOT NULL, quantity INTEGER NOT NULL, site TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (item, lot, status, site)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusal (
    key TEXT PRIMARY KEY, type TEXT NOT NULL, document TEXT NOT NULL, reason TEXT NOT NULL, times INTEGER NOT NULL) STRICT;
"""
SITELESS = (
    "ALTER TABLE stock RENAME TO siteless"  # a file of before there were several: whichever site asks has all of it
)
TAKE_OVER = "INSERT INTO stock (item, lot, status, quantity) SELECT item, lot, status, quantity FROM siteless"
NOTE_KEY = "INSERT INTO event (key, type, document, time, effect) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"
NOTE_STOCK = (
    "INSERT INTO stock (item, lot, status, quantity, site) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (item, lot, status, site) DO UPDATE SET quantity = quantity + excluded.quantity"
)
NOTE_REFUSAL = "INSERT INTO refusal VALUES (?, ?, ?, ?, 1) ON CONFLICT (key) DO UPDATE SET times = times + 1"


class End(msgspec.Struct, frozen=True):
    """One end of a movement; only whether it is ours and in which status matters here."""

    ours: bool
    status: str


class Moved(msgspec.Struct, frozen=True):
    item: str
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10**12)]
    source: End
    target: End
    lot: str = ""


class Told(msgspec.Struct, frozen=True):
    movements: list[Moved]


class Incoming(msgspec.Struct, frozen=True):
    """What we need of a CloudEvent; the rest is passed over."""

    specversion: Literal["1.0"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    type: str
    time: str
    data: Told
    source: str = ""  # the site
    correlationid: str = ""
    approved: str = ""  # warnings a supervisor accepted, one a line


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    outcome: Literal["applied", "duplicate", "rejected", "needs_approval", "held"]
    reason: str = ""
    warning: str = ""


class Unreadable(msgspec.Struct, frozen=True):
    """An event that is not as agreed: refused by itself, the rest of its batch is not."""

    id: str
    reason: str
    document: str = ""


class CannotWrite(Exception):
    """The disk is full or ill: nothing of the batch was taken."""


class Books:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite.connect(str(path), isolation_level=None, check_same_thread=False, timeout=5)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=FULL")
        columns = {str(row[1]) for row in self._file.execute("PRAGMA table_info(stock)")}
        if columns and "site" not in columns:
            self._file.executescript(f"BEGIN; {SITELESS}; {SCHEMA} {TAKE_OVER}; DROP TABLE siteless; COMMIT;")
        self._file.executescript(SCHEMA)

    def take(
        self,
        batch: Sequence[Incoming | Unreadable],
        unknown_items: frozenset[str],
        doubtful_items: frozenset[str] = frozenset(),
    ) -> list[Verdict]:
        """Apply what is new, in order, and say of each what became of it. Durable when this returns. Raises CannotWrite."""
        refused: set[str] = set()
        try:
            self._file.execute("BEGIN IMMEDIATE")
            verdicts = [self._one(event, unknown_items, doubtful_items, refused) for event in batch]
            self._file.execute("COMMIT")
        except BaseException as problem:
            if self._file.in_transaction:  # SQLite has taken it back itself where the disk is full
                self._file.execute("ROLLBACK")
            if isinstance(problem, sqlite.OperationalError):
                raise CannotWrite(str(problem)) from None
            raise
        return verdicts

    def _one(
        self, event: Incoming | Unreadable, unknown_items: frozenset[str], doubtful: frozenset[str], refused: set[str]
    ) -> Verdict:
        if isinstance(event, Unreadable):
            return self._refuse(event.id, "unreadable", event.document, event.reason, refused)
        if event.correlationid and event.correlationid in refused:
            return Verdict(event.id, "held")
        changes: dict[tuple[str, str, str], int] = {}
        for move in event.data.movements:
            if move.item in unknown_items:
                reason = f"Item {move.item} is not known here."
                return self._refuse(event.id, event.type, event.correlationid, reason, refused)
            if move.item in doubtful and f"doubtful {move.item}" not in event.approved.split("\n"):
                refused.add(event.correlationid)
                told = f"{move.quantity} x {move.item} is more than usual. Book it all the same?"
                return Verdict(event.id, "needs_approval", told, f"doubtful {move.item}")
            for end, sign in ((move.source, -1), (move.target, 1)):
                if end.ours:
                    at = (move.item, move.lot, end.status)
                    changes[at] = changes.get(at, 0) + sign * move.quantity
        changes = {at: change for at, change in changes.items() if change}
        effect = ", ".join(f"{change:+d} {' '.join(filter(None, at))}" for at, change in changes.items())
        noted = self._file.execute(NOTE_KEY, (event.id, event.type, event.correlationid, event.time, effect))
        if noted.rowcount != 1:
            return Verdict(event.id, "duplicate")
        for at, change in changes.items():
            self._file.execute(NOTE_STOCK, (*at, change, event.source))
        return Verdict(event.id, "applied")

    def _refuse(self, key: str, type_: str, document: str, reason: str, refused: set[str]) -> Verdict:
        self._file.execute(NOTE_REFUSAL, (key, type_, document, reason))
        refused.add(document)
        return Verdict(key, "rejected", reason)

    def applied(self, keys: Sequence[str]) -> list[str]:
        find = "SELECT key FROM event WHERE key = ?"
        return [key for key in keys if self._file.execute(find, (key,)).fetchone()]

    def event(self, key: str) -> dict[str, Any] | None:
        found = self._rows("SELECT key, type, document, time, effect FROM event WHERE key = ?", (key,))
        return found[0] if found else None

    def events(self, after: int, most: int) -> list[dict[str, Any]]:
        """In the order they were applied."""
        return self._rows(
            "SELECT n, key, type, document, time, effect FROM event WHERE n > ? ORDER BY n LIMIT ?", (after, most)
        )

    def latest(self, most: int) -> list[dict[str, Any]]:
        return self._rows("SELECT n, key, type, document, time, effect FROM event ORDER BY n DESC LIMIT ?", (most,))

    def refusals(self, most: int) -> list[dict[str, Any]]:
        return self._rows(
            "SELECT key, type, document, reason, times FROM refusal "
            "WHERE key NOT IN (SELECT key FROM event) ORDER BY rowid DESC LIMIT ?",
            (most,),
        )

    def stock(self, most: int = -1) -> list[dict[str, Any]]:
        """Of all sites together."""
        return self._rows(
            "SELECT item, lot, status, sum(quantity) AS quantity FROM stock GROUP BY item, lot, status "
            "HAVING sum(quantity) <> 0 ORDER BY item, lot, status LIMIT ?",
            (most,),
        )

    def stock_by_site(self) -> list[dict[str, Any]]:
        return self._rows("SELECT item, lot, status, quantity, site FROM stock WHERE quantity <> 0", ())

    def count(self) -> int:
        return int(self._file.execute("SELECT coalesce(max(n), 0) FROM event").fetchone()[0])

    def close(self) -> None:
        self._file.close()

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
        cursor = self._file.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
