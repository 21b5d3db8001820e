"""Reads of what happened, in order: after a number, of a document, of an item, of a worker."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.stock import journal, journal_head, movement
from app.stock.events import AnyEvent, decode


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One journal row."""

    seq: int
    kind: str
    at: int
    worker: str
    device: str
    station: str
    cause: str
    document: str
    owner: str
    body: bytes
    hash: bytes

    @property
    def event(self) -> AnyEvent:
        return decode(bytes(self.body))

    @property
    def header(self) -> dict[str, Any]:
        """The hashed header fields, in the order they were hashed."""
        names = ("kind", "at", "worker", "device", "station", "cause", "document", "owner")
        return {name: getattr(self, name) for name in names}


AFTER = select(journal).where(journal.c.seq > bindparam("seq")).order_by(journal.c.seq).limit(bindparam("most"))
LATEST = select(journal).order_by(journal.c.seq.desc()).limit(bindparam("most"))
ONE = select(journal).where(journal.c.seq == bindparam("seq"))
OF_DOCUMENT = select(journal).where(journal.c.document == bindparam("document")).order_by(journal.c.seq)
OF_WORKER = (
    select(journal)
    .where(journal.c.worker == bindparam("worker"))
    .order_by(journal.c.seq.desc())
    .limit(bindparam("most"))
)
HEAD = select(journal_head.c.seq).where(journal_head.c.one == 1)
MOVED_SINCE = (
    select(movement.c.seq)
    .where(
        movement.c.seq > bindparam("seq"),
        movement.c.item == bindparam("item"),
        movement.c.lot == bindparam("lot"),
        movement.c.source == bindparam("location"),
        movement.c.source_lpn == bindparam("lpn"),
    )
    .limit(1)
)


def after(tx: Tx, seq: int, most: int) -> list[Entry]:
    return tx.all(AFTER, Entry, seq=seq, most=most)


def latest(tx: Tx, most: int) -> list[Entry]:
    """Newest first."""
    return tx.all(LATEST, Entry, most=most)


def entry(tx: Tx, seq: int) -> Entry | None:
    return tx.one(ONE, Entry, seq=seq)


def of_document(tx: Tx, document: str) -> list[Entry]:
    return tx.all(OF_DOCUMENT, Entry, document=document)


def last_seq(tx: Tx) -> int:
    return int(tx.value(HEAD) or 0)
