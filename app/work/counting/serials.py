"""Serials of one key in a count: which the books have and nobody saw, which were seen and the books have elsewhere.

Each serial is an observation of its own: one that was picked after it was seen is not missing, one that came while the
place was counted is not counted yet. Pieces the books have without a serial cannot be seen as such: each piece that is
there shows its serial, so they are missing.
"""

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.stock import serial
from app.stock.slots import ENDLESS
from app.work.counting import book
from app.work.counting.book import Key
from app.work.counting.counts import Count
from app.work.counting.tallies import Tally

LONGEST = 400  # characters of it in words


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A serial seen here that the books have at another place of ours."""

    serial: str
    location: str
    lpn: str
    lot: str
    status: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    missing: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()  # of those found
    nameless: int = 0  # pieces without a serial in the books

    @property
    def difference(self) -> int:
        return len(self.found) - len(self.missing) - self.nameless

    @property
    def in_words(self) -> str:
        """`missing S3; found S9 (the books have it at B-01-01)`; empty where nothing differs."""
        where = {one.serial: f" (the books have it at {one.lpn or one.location})" for one in self.elsewhere}
        parts = [f"missing {', '.join(self.missing)}"] if self.missing else []
        parts += [f"found {', '.join(number + where.get(number, '') for number in self.found)}"] if self.found else []
        parts += [f"{self.nameless} without a serial"] if self.nameless else []
        told = "; ".join(parts)
        return told if len(told) <= LONGEST else told[:LONGEST] + " …"


_BOOKED = (
    select(serial.c.serial)
    .where(serial.c.item == bindparam("item"), serial.c.lpn == bindparam("lpn"), serial.c.lot == bindparam("lot"))
    .order_by(serial.c.serial)
)
LOOSE = _BOOKED.where(serial.c.location == bindparam("place"))
ONE = select(serial.c.serial, serial.c.location, serial.c.lpn, serial.c.lot, serial.c.status).where(
    serial.c.item == bindparam("item"), serial.c.serial == bindparam("number")
)


def compare(tx: Tx, count: Count, key: Key, seen: list[Tally]) -> Told:
    """What differs now; said again at any later moment, it is still true."""
    steps = book.steps(tx, count.place, key, count.begun_seq)
    came = {step.serial for step in steps if step.quantity > 0 and step.serial}
    facts = {"item": key.item, "lpn": key.lpn, "lot": key.lot}
    rows = tx.rows(_BOOKED, **facts) if key.lpn else tx.rows(LOOSE, **facts, place=count.place)
    booked = [row[0] for row in rows]
    numbers = {row.serial for row in seen}
    missing = tuple(number for number in booked if number not in numbers and number not in came)
    found, elsewhere = [], []
    for row in seen:
        moved_since = any(step.serial == row.serial and step.seq > row.seq for step in steps)
        if row.serial in booked or moved_since:
            continue
        found.append(row.serial)
        where = tx.one(ONE, Elsewhere, item=key.item, number=row.serial)
        if where is not None and where.location not in ENDLESS:
            elsewhere.append(where)
    came_nameless = sum(step.quantity for step in steps if step.quantity > 0 and not step.serial)
    nameless = max(0, book.now(tx, count.place, key) - len(booked) - came_nameless)
    return Told(missing=missing, found=tuple(found), elsewhere=tuple(elsewhere), nameless=nameless)
