"""What happened to a thing, in words: the last events that touched it, newest first.

Words come from the events themselves; the virtual ends of the world are called by what they are, times are the site's.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from app import clock
from app.db import Tx
from app.schema.people import worker
from app.schema.stock import journal
from app.stock.events import decode
from app.stock.events.base import ENDS, Event, way_of
from app.stock.slots import Movement
from app.work.shelf_life import zone_of

LAST_EVENTS = 8
MOST_WAYS = 2  # of one event

Concerns = Callable[[Movement], bool]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to read: a place with what is in it, a line of a document, an event."""

    name: str
    left: str = ""
    detail: str = ""
    right: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str = ""
    total: int | None = None
    unit: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    where: tuple[Line, ...] = ()
    more: int = 0  # places not shown
    happened: tuple[Line, ...] = ()


EVENT = (
    select(journal.c.at, journal.c.body, journal.c.worker, worker.c.name)
    .outerjoin(worker, worker.c.code == journal.c.worker)
    .where(journal.c.seq == bindparam("seq"))
)


def named(place: str) -> str:
    """A location as people call it: the virtual ones are the ends of the world."""
    return ENDS.get(place, place)


def seqs(tx: Tx, *reads: tuple[Any, dict[str, str]]) -> list[int]:
    """The numbers of the last events that any of the reads finds, newest first."""
    found = {int(row[0]) for statement, values in reads for row in tx.rows(statement, **values)}
    return sorted(found, reverse=True)[:LAST_EVENTS]


def told(tx: Tx, numbers: Iterable[int], concerns: Concerns | None = None) -> tuple[Line, ...]:
    """Events as lines: what, who, when. With `concerns`, of an event's many movements only those."""
    zone = zone_of(tx)
    lines = []
    for seq in numbers:
        row = tx.row(EVENT, seq=seq)
        if row is None:
            continue
        event = decode(bytes(row[1]))
        line = said(event, concerns) or str(type(event).__struct_config__.tag).replace("_", " ")
        when = clock.as_datetime(row[0]).astimezone(zone)
        lines.append(Line(name=line, detail=words(row[3] or row[2], f"{when.day} {when:%b %H:%M}"), right=f"#{seq}"))
    return tuple(lines)


def said(event: Event, concerns: Concerns | None) -> str:
    """An event in a line. One that only moves goods is told by the ways that matter here, each once, the first few."""
    if type(event).in_words is not Event.in_words:
        return event.in_words()
    moved = event.movements()
    ways: dict[tuple[str, str], int] = {}
    for move in [move for move in moved if concerns is None or concerns(move)] or moved:
        ways[move.item, way_of(move)] = ways.get((move.item, way_of(move)), 0) + move.quantity
    parts = [f"{quantity} × {item}, {way}" for (item, way), quantity in ways.items()]
    more = [f"and {len(parts) - MOST_WAYS} more"] if len(parts) > MOST_WAYS else []
    return "; ".join(parts[:MOST_WAYS] + more)


def words(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
