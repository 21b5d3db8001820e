"""One transaction's hands: run a statement, read rows, as tuples or as structs. The same on both engines.

A turn is built of small rules, and several of them ask the same question (what is loose, how much is packed). So answers
are remembered until a table they came from is written: nobody passes rows around to save reads. Where this process alone
writes (SQLite) the memory outlives the transaction, and items, stations and carton types are asked once a day.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from sqlalchemy.sql import ClauseElement

if TYPE_CHECKING:
    from app.db.database import Database

MOST_KEPT = 2_000  # answers of one generation, and
LONGEST_KEPT = 64  # rows of one: a scan's questions are short, and an import's long answers are asked once

S = TypeVar("S", bound=msgspec.Struct)
Values = dict[str, Any]
Row = tuple[Any, ...]


class Memory:
    """Answers by question, each with the count of writes to its tables when it was given.

    Two generations, so that what is asked often survives when the younger one is full.
    """

    __slots__ = ("_old", "_young", "written")

    def __init__(self) -> None:
        self._young: dict[Any, tuple[int, Any]] = {}
        self._old: dict[Any, tuple[int, Any]] = {}
        self.written: dict[str, int] = {}  # table → how often it was written to

    def stamp(self, tables: tuple[str, ...]) -> int:
        """Changes with each write to one of the tables."""
        written = self.written
        return sum([written.get(table, 0) for table in tables]) if written else 0

    def recall(self, question: Any) -> tuple[int, Any] | None:
        found = self._young.get(question)
        if found is None and (found := self._old.get(question)) is not None:
            self._young[question] = found
        return found

    def keep(self, question: Any, stamp: int, answer: Any) -> None:
        if len(self._young) >= MOST_KEPT:
            self._old, self._young = self._young, {}
        self._young[question] = (stamp, answer)

    def forget(self) -> None:
        """Something was taken back, or written by somebody else."""
        self._young.clear()
        self._old.clear()


class Tx:
    """One transaction's hands. `head` is the journal's last (seq, hash), kept by the writer; None when reading."""

    __slots__ = ("_compiled", "_connection", "_run", "dialect", "head", "memory", "news", "wrote")

    def __init__(self, database: "Database", connection: Any, memory: Memory | None = None) -> None:
        self._connection = connection
        self.dialect = database.dialect
        self.head: tuple[int, bytes] | None = None
        self.news: set[str] = set()
        self.wrote = False  # has the job under way changed anything yet?
        self._run = connection.cursor().execute
        self._compiled = database.compiled
        self.memory = memory or Memory()

    @property
    def connection(self) -> Any:
        """The driver's own connection. Whoever takes it may change anything, so what was read is forgotten."""
        self.memory.forget()
        return self._connection

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────
    def run(self, statement: ClauseElement, /, **values: Any) -> int:
        """Execute; the number of rows touched."""
        known = self._compiled(statement)
        self._mark(known.writes)
        return cast(int, self._run(known.sql, {**known.fixed, **values} if known.fixed else values).rowcount)

    def many(self, statement: ClauseElement, rows: list[Values]) -> None:
        """Execute once per row."""
        if not rows:
            return
        known = self._compiled(statement)
        self._mark(known.writes)
        if known.fixed:
            rows = [{**known.fixed, **row} for row in rows]
        cursor = self._connection.cursor()
        cursor.executemany(known.sql, rows)
        cursor.close()

    def _mark(self, table: str) -> None:
        self.wrote = True
        written = self.memory.written
        written[table] = written.get(table, 0) + 1

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────
    def row(self, statement: ClauseElement, /, **values: Any) -> Row | None:
        return cast(Row | None, self._ask(_first, None, statement, values))

    def rows(self, statement: ClauseElement, /, **values: Any) -> list[Row]:
        return list(self._ask(_every, None, statement, values))

    def value(self, statement: ClauseElement, /, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._ask(_first, None, statement, values)
        return None if row is None else row[0]

    def one(self, statement: ClauseElement, into: type[S], /, **values: Any) -> S | None:
        """The first row as a struct whose fields are named like the columns."""
        return cast(S | None, self._ask(_first, into, statement, values))

    def all(self, statement: ClauseElement, into: type[S], /, **values: Any) -> list[S]:
        return list(self._ask(_every, into, statement, values))

    def _ask(
        self, shape: Callable[[Any, Any, tuple[str, ...]], Any], into: Any, statement: ClauseElement, values: Values
    ) -> Any:
        known = self._compiled(statement)
        if known.writes:  # RETURNING
            self._mark(known.writes)
            return shape(self._run(known.sql, {**known.fixed, **values}), into, known.names)
        memory = self.memory
        stamp = memory.stamp(known.reads)
        question = (id(statement), shape, into, *values.items())
        found = memory.recall(question)
        if found is not None and found[0] == stamp:
            return found[1]
        answer = shape(self._run(known.sql, {**known.fixed, **values} if known.fixed else values), into, known.names)
        if shape is _first or len(answer) <= LONGEST_KEPT:
            memory.keep(question, stamp, answer)
        return answer

    def tell(self, topic: str) -> None:
        """Wake the desk boards that watch `topic`, once this is committed."""
        self.news.add(topic)


def _first(cursor: Any, into: Any, names: tuple[str, ...]) -> Any:
    row = cursor.fetchone()
    return row if row is None or into is None else into(**dict(zip(names, row, strict=True)))


def _every(cursor: Any, into: Any, names: tuple[str, ...]) -> Any:
    rows = cursor.fetchall()
    return rows if into is None else [into(**dict(zip(names, row, strict=True))) for row in rows]
