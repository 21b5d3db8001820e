"""Core statements as the drivers run them: compiled once a process and engine, whatever number of databases it opens.

SQLAlchemy needs a tenth of a millisecond and more to turn a statement into text, and a job of the floor asks some
hundred of them. What comes out depends on nothing but the statement and the engine, so the databases of one process (a
site's and the hub's, a test's and the next test's) share it. A statement that nobody holds any more takes its text along.
"""

import re
from typing import Any, cast
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import Dialect, Table, UpdateBase
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

from app import schema

TABLES = frozenset(schema.metadata.tables)
_WORD = re.compile(r"\w+")
_DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
}
_COMPILED: dict[str, WeakKeyDictionary[ClauseElement, "Statement"]] = {
    engine: WeakKeyDictionary() for engine in _DIALECTS
}


class Statement(msgspec.Struct, frozen=True):
    """A Core constant as the driver runs it."""

    sql: str
    fixed: dict[str, Any]  # values that stand in the statement itself
    reads: tuple[str, ...]  # tables its answer may depend on
    writes: str  # the table it changes, or empty
    names: tuple[str, ...]  # of the columns it answers with


def compiled(statement: ClauseElement, engine: str) -> Statement:
    """For `sqlite` or `postgresql`."""
    known = _COMPILED[engine]
    found = known.get(statement)
    if found is None:
        found = known[statement] = _compile(statement, _DIALECTS[engine])
    return found


def _compile(statement: ClauseElement, dialect: Dialect) -> Statement:
    told = statement.compile(dialect=dialect)
    sql = str(told)
    return Statement(
        sql=sql,
        fixed={name: value for name, value in (told.params or {}).items() if value is not None},
        reads=tuple(sorted(TABLES.intersection(_WORD.findall(sql)))),
        writes=cast(Table, statement.table).name if isinstance(statement, UpdateBase) else "",
        names=tuple(_columns(statement).keys()),
    )


def _columns(statement: Any) -> Any:
    """What it answers with: the columns of a select, or of RETURNING."""
    return statement.exported_columns if isinstance(statement, UpdateBase) else statement.selected_columns
