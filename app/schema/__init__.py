"""The tables, by owner, and nothing else.

Whole numbers, text and bytes only (times are µs UTC, flags 0 or 1), so that statements run on the drivers' own cursors
without type conversion. No nulls: an absent lot, LPN or document is the empty text. Tables are STRICT on SQLite.
"""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.schema import SchemaItem

metadata = MetaData()

_WHOLE = BigInteger().with_variant(Integer, "sqlite")


def key(name: str) -> Column[str]:
    """A text column of the primary key."""
    return Column(name, Text, primary_key=True, nullable=False)


def number_key(name: str) -> Column[int]:
    """A whole-number column of the primary key, never made by the database."""
    return Column(name, _WHOLE, primary_key=True, nullable=False, autoincrement=False)


def words(name: str, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def whole(name: str, default: int = 0) -> Column[int]:
    return Column(name, _WHOLE, nullable=False, server_default=str(default))


def raw(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def table(name: str, *parts: SchemaItem, clustered: bool = False) -> Table:
    """A table; `clustered` keeps the rows in their key's order on SQLite (WITHOUT ROWID), right for short rows."""
    options: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": not clustered}
    return Table(name, metadata, *parts, **options)


def given(name: str, first: str, *more: str) -> Index:
    """An index over the rows that have a `first` at all: most movements have no serial, many no LPN."""
    there = text(f"{first} <> ''")
    return Index(name, first, *more, sqlite_where=there, postgresql_where=there)


def check(rule: str, name: str) -> CheckConstraint:
    return CheckConstraint(rule, name=name)


from app.schema import (  # noqa: E402
    carriers,
    counting,
    directing,
    documents,
    floor,
    inbound,
    items,
    people,
    places,
    printing,
    quality,
    returns,
    stock,
    storage,
    sync,
    watching,
    work,
)

__all__ = [
    "carriers",
    "counting",
    "directing",
    "documents",
    "floor",
    "inbound",
    "items",
    "metadata",
    "people",
    "places",
    "printing",
    "quality",
    "returns",
    "stock",
    "storage",
    "sync",
    "watching",
    "work",
]
