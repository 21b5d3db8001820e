"""The highest numbers given out, kept beside the database and not in it.

A restored backup has forgotten the last hours, but their labels are still on the goods: the next SSCC would be somebody
else's. And the ERP has heard of their events: the next one would bear the key of one it knows, and never be booked. So
every few seconds the counters and the journal's head are noted in a small file. A database that starts behind its note
is an older one: its counters jump past what was given out, with room for what the note had missed, and a new epoch
begins, another one each time the same backup is put back. Where the note was lost with the host, or the house runs on
PostgreSQL, a person says so: `pickface restored`. Nothing is known then of another time this backup was put back, so the
clock tells the two apart: it names the epoch, and the counters jump the further the older the backup is. Several nodes
share the site's row, and so can never give out a number twice; sites with databases of their own have ranges
(`sscc_range`).
"""

import os
from pathlib import Path

import msgspec
from sqlalchemy import bindparam, select, update

from app import clock
from app.db import Tx
from app.schema.places import site
from app.stock import journal
from app.work import sscc_range

EVERY_S = 2.0  # between two notes
MISSED = 1_000  # numbers that may have been given out since the last note
UNKNOWN = 100_000  # skipped where nobody knows how many were
EACH_MINUTE = 50  # and so many more for each since the backup's last event: no house gives out more
SHARE = 100  # of a short range never more than a hundredth


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """The counters of the site's row."""

    sscc_serial: int = 0
    lpn_number: int = 0
    wave_number: int = 0
    task_number: int = 0
    return_number: int = 0

    def past(self, other: "Counters") -> bool:
        return any(getattr(self, name) > getattr(other, name) for name in _NAMES)

    def highest(self, other: "Counters", more: int) -> "Counters":
        both = {name: max(getattr(self, name), getattr(other, name)) + more for name in _NAMES}
        return Counters(**both)


class Note(Counters, frozen=True, kw_only=True):
    """The counters, and how far the journal had come in which epoch."""

    epoch: int = 0
    journal: int = 0

    def older_than(self, other: "Note") -> bool:
        """Is a database that stands so a copy of before `other` was noted?"""
        return (
            other.past(self) or other.epoch > self.epoch or (other.epoch == self.epoch and other.journal > self.journal)
        )


_NAMES = Counters.__struct_fields__
FIRST = select(site.c.code, site.c.epoch, *(site.c[name] for name in _NAMES)).order_by(site.c.code).limit(1)
JUMP = (
    update(site).where(site.c.code == bindparam("of_site")).values({name: bindparam(f"to_{name}") for name in _NAMES})
)
NEW_EPOCH = update(site).values(epoch=bindparam("to_epoch"))  # of all sites of the house: they share the journal


def note(tx: Tx, file: Path) -> None:
    """Writes the counters and the journal's head, never lower ones than stood there."""
    found, before = _standing(tx), noted(file)
    if found is None:
        return
    now = found[1]
    head = max((now.epoch, now.journal), (before.epoch, before.journal))
    if not now.past(before) and head == (before.epoch, before.journal):
        return
    highest = msgspec.structs.asdict(now.highest(before, 0))
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(msgspec.json.encode(Note(**highest, epoch=head[0], journal=head[1])))
    os.replace(part, file)


def noted(file: Path) -> Note:
    """What the note says; nothing where it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Note)
    except (OSError, msgspec.DecodeError):
        return Note()


def catch_up(tx: Tx, file: Path) -> str:
    """At the start: a sentence of what was skipped where this database is older than its note, else nothing."""
    found, before = _standing(tx), noted(file)
    if found is None or not found[1].older_than(before):
        return ""
    code, now = found
    return _jump(tx, code, now.highest(before, MISSED), max(now.epoch, before.epoch) + 1)


def skip(tx: Tx, at: int) -> str:
    """After a restore of which nothing else is known; a sentence of what was skipped."""
    found = _standing(tx)
    if found is None:
        return "There is no site yet, so no number was given out."
    code, now = found
    mine = sscc_range.of(tx)
    last = journal.latest(tx, 1)
    more = UNKNOWN + EACH_MINUTE * ((at - last[0].at) // clock.MINUTE if last else 0)
    if mine:
        more = min(more, (mine.last - mine.first + 1) // SHARE)
    return _jump(tx, code, now.highest(now, more), max(now.epoch + 1, at // clock.MINUTE))


def _standing(tx: Tx) -> tuple[str, Note] | None:
    row = tx.row(FIRST)
    if row is None:
        return None
    code, epoch, *counters = row
    return str(code), Note(epoch=epoch, journal=journal.last_seq(tx), **dict(zip(_NAMES, counters, strict=True)))


def _jump(tx: Tx, code: str, to: Counters, epoch: int) -> str:
    tx.run(JUMP, of_site=code, **{f"to_{name}": getattr(to, name) for name in _NAMES})
    tx.run(NEW_EPOCH, to_epoch=epoch)
    return f"This database is from a backup: the next SSCC has the serial {to.sscc_serial + 1}, and a new epoch began."
