"""The highest numbers given out, kept beside the database and not in it.

A restored backup has forgotten the last hours, but their labels are still on the goods: the next SSCC would be somebody
else's. So every few seconds the counters are noted in a small file. A database that starts behind its note is an older
one: its counters jump past what was given out, with room for what the note had missed, and the site opens a new epoch, so
that the ERP takes no new event for an old one. Where the note was lost with the host, or the house runs on PostgreSQL,
a person says so: `pickface restored`. Several nodes share the site's row, and so can never give out a number twice;
sites with databases of their own have ranges (`sscc_range`).
"""

import os
from pathlib import Path

import msgspec
from sqlalchemy import bindparam, select, update

from app.db import Tx
from app.schema.places import site
from app.work import sscc_range

EVERY_S = 10.0  # between two notes
MISSED = 1_000  # numbers that may have been given out since the last note
UNKNOWN = 100_000  # skipped where nobody knows how many were; of a short range a hundredth
SHARE = 100


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """The counters of the site's row."""

    sscc_serial: int = 0
    lpn_number: int = 0
    wave_number: int = 0
    task_number: int = 0
    return_number: int = 0

    def past(self, other: "Counters") -> bool:
        return any(
            mine > theirs
            for mine, theirs in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        )

    def highest(self, other: "Counters", more: int) -> "Counters":
        both = {name: max(getattr(self, name), getattr(other, name)) + more for name in self.__struct_fields__}
        return Counters(**both)


_NAMES = Counters.__struct_fields__
FIRST = select(site.c.code, *(site.c[name] for name in _NAMES)).order_by(site.c.code).limit(1)
JUMP = (
    update(site)
    .where(site.c.code == bindparam("of_site"))
    .values(epoch=site.c.epoch + 1, **{name: bindparam(f"to_{name}") for name in _NAMES})
)


def note(tx: Tx, file: Path) -> None:
    """Writes the counters, never a lower one than stood there."""
    row = tx.row(FIRST)
    if row is None:
        return
    now, before = Counters(**dict(zip(_NAMES, row[1:], strict=True))), noted(file)
    if not now.past(before):
        return
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(msgspec.json.encode(now.highest(before, 0)))
    os.replace(part, file)


def noted(file: Path) -> Counters:
    """What the note says; nothing where it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Counters)
    except (OSError, msgspec.DecodeError):
        return Counters()


def catch_up(tx: Tx, file: Path) -> str:
    """At the start: a sentence of what was skipped where this database is older than its note, else nothing."""
    row, before = tx.row(FIRST), noted(file)
    if row is None:
        return ""
    now = Counters(**dict(zip(_NAMES, row[1:], strict=True)))
    if not before.past(now):
        return ""
    return _jump(tx, str(row[0]), now.highest(before, MISSED))


def skip(tx: Tx) -> str:
    """After a restore of which nothing else is known; a sentence of what was skipped."""
    row = tx.row(FIRST)
    if row is None:
        return "There is no site yet, so no number was given out."
    mine = sscc_range.of(tx)
    room = mine.last - mine.first + 1 if mine else UNKNOWN * SHARE
    now = Counters(**dict(zip(_NAMES, row[1:], strict=True)))
    return _jump(tx, str(row[0]), now.highest(now, min(UNKNOWN, room // SHARE)))


def _jump(tx: Tx, code: str, to: Counters) -> str:
    tx.run(JUMP, of_site=code, **{f"to_{name}": getattr(to, name) for name in _NAMES})
    return f"This database is from a backup: the next SSCC has the serial {to.sscc_serial + 1}, and a new epoch began."
