"""One transaction's hands: run a statement, read rows, as tuples or as structs. The same on both engines."""

from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from sqlalchemy import UpdateBase
from sqlalchemy.sql import ClauseElement

if TYPE_CHECKING:
    from app.db.database import Database

S = TypeVar("S", bound=msgspec.Struct)
Values = dict[str, Any]
Row = tuple[Any, ...]


class Tx:
    """One transaction's hands. `head` is the journal's last (seq, hash), kept by the writer; None when reading."""

    __slots__ = ("_compiled", "_run", "connection", "dialect", "head", "news", "wrote")

    def __init__(self, database: "Database", connection: Any) -> None:
        self.connection = connection
        self.dialect = database.dialect
        self.head: tuple[int, bytes] | None = None
        self.news: set[str] = set()
        self.wrote = False  # has the job under way changed anything yet?
        self._run = connection.execute
        self._compiled = database.compiled

    def run(self, statement: ClauseElement, /, **values: Any) -> int:
        """Execute; the number of rows touched."""
        self.wrote = True
        sql, fixed = self._compiled(statement)
        return cast(int, self._run(sql, {**fixed, **values} if fixed else values).rowcount)

    def many(self, statement: ClauseElement, rows: list[Values]) -> None:
        """Execute once per row."""
        if not rows:
            return
        self.wrote = True
        sql, fixed = self._compiled(statement)
        if fixed:
            rows = [{**fixed, **row} for row in rows]
        cursor = self.connection.cursor()
        cursor.executemany(sql, rows)
        cursor.close()

    def row(self, statement: ClauseElement, /, **values: Any) -> Row | None:
        self.wrote = self.wrote or isinstance(statement, UpdateBase)  # RETURNING
        sql, fixed = self._compiled(statement)
        return cast(Row | None, self._run(sql, {**fixed, **values} if fixed else values).fetchone())

    def rows(self, statement: ClauseElement, /, **values: Any) -> list[Row]:
        self.wrote = self.wrote or isinstance(statement, UpdateBase)  # RETURNING
        sql, fixed = self._compiled(statement)
        return cast(list[Row], self._run(sql, {**fixed, **values} if fixed else values).fetchall())

    def value(self, statement: ClauseElement, /, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.row(statement, **values)
        return None if row is None else row[0]

    def one(self, statement: ClauseElement, into: type[S], /, **values: Any) -> S | None:
        """The first row as a struct whose fields are named like the columns."""
        row = self.row(statement, **values)
        return None if row is None else into(**dict(zip(_names(statement), row, strict=True)))

    def all(self, statement: ClauseElement, into: type[S], /, **values: Any) -> list[S]:
        names = _names(statement)
        return [into(**dict(zip(names, row, strict=True))) for row in self.rows(statement, **values)]

    def tell(self, topic: str) -> None:
        """Wake the desk boards that watch `topic`, once this is committed."""
        self.news.add(topic)


_COLUMN_NAMES: dict[int, tuple[str, ...]] = {}


def _names(statement: ClauseElement) -> tuple[str, ...]:
    names = _COLUMN_NAMES.get(id(statement))
    if names is None:
        names = _COLUMN_NAMES[id(statement)] = tuple(statement.selected_columns.keys())  # type: ignore[attr-defined]
    return names
