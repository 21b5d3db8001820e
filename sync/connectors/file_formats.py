"""What a dropped file holds: events as JSON, one a line, or movements as CSV, one a row, for an importer without JSON.

A CSV row is one movement with what a ledger needs of it: on hand is what went to a status less what left one, per item and
lot. A status is empty where that end is not ours; an event that moves nothing is one row without an item. The event as the
floor knows it is the last column, so the table loses nothing that the lines have.
"""

import csv
import io
import re
from collections.abc import Sequence
from typing import Protocol

import msgspec

from sync.messages import Message, Told

COLUMNS = (
    "id", "type", "time", "document", "item", "lot", "serial", "quantity", "from", "from_status", "to", "to_status",
    "worker", "event",
)  # fmt: skip
# One row: its first cell, quoted or not, then the others. (Python's reader has a limit for a cell, one for the whole process.)
ROW = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))(?:,(?:"(?:[^"]|"")*"|[^",\n]*))*\n')


class Format(Protocol):
    def written(self, batch: Sequence[Message]) -> bytes: ...

    def keys(self, body: bytes) -> list[str]:
        """Of the events in a file of ours."""
        ...


class _Line(msgspec.Struct, frozen=True):
    id: str


class _Event(msgspec.Struct, frozen=True):
    id: str
    type: str
    time: str
    data: Told
    correlationid: str = ""


class Jsonl:
    def written(self, batch: Sequence[Message]) -> bytes:
        return b"".join([message.offered + b"\n" for message in batch])

    def keys(self, body: bytes) -> list[str]:
        return [msgspec.json.decode(line, type=_Line).id for line in body.splitlines()]


class Csv:
    def written(self, batch: Sequence[Message]) -> bytes:
        table = io.StringIO()
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(COLUMNS)
        for message in batch:
            rows.writerows(_rows(msgspec.json.decode(message.body, type=_Event)))
        return table.getvalue().encode()

    def keys(self, body: bytes) -> list[str]:
        first = [row[1].replace('""', '"') if row[1] is not None else row[2] for row in ROW.finditer(body.decode())]
        return list(dict.fromkeys(first[1:]))


def _rows(event: _Event) -> list[tuple[object, ...]]:
    head, tail = (
        (event.id, event.type, event.time, event.correlationid),
        (event.data.worker, bytes(event.data.event).decode()),
    )
    moves: list[tuple[object, ...]] = [
        (
            *head, move.item, move.lot, move.serial, move.quantity,
            move.source.location, move.source.status if move.source.ours else "",
            move.target.location, move.target.status if move.target.ours else "", *tail,
        )
        for move in event.data.movements
    ]  # fmt: skip
    return moves or [(*head, *[""] * (len(COLUMNS) - len(head) - len(tail)), *tail)]


FORMATS: dict[str, Format] = {"jsonl": Jsonl(), "csv": Csv()}
