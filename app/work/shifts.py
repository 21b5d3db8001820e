"""Shifts: on which days and between which hours somebody is here. Days and hours are the site's own.

A shift whose end is before its start goes over midnight and belongs to the day it begins on.
"""

from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, select

from app.db import Tx
from app.errors import BadAmount
from app.schema.people import shift, worker
from app.work.master_terms import put

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 24 * 60


class BadShift(BadAmount):
    code, title = "bad_shift", "No shift"
    says = "{scanned} is no shift: {reason}"
    todo = "Write hours like 06:00 and days like mon tue wed."


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str = ""
    days: str = "mon tue wed thu fri"
    starts: int = 0  # minutes after midnight
    ends: int = 0

    def covers(self, moment: datetime) -> bool:
        """Is this moment of the site's clock within it?"""
        minute, today = moment.hour * 60 + moment.minute, DAYS[moment.weekday()]
        yesterday = DAYS[moment.weekday() - 1]
        if self.starts < self.ends:
            return today in self.days.split() and self.starts <= minute < self.ends
        return (today in self.days.split() and minute >= self.starts) or (
            yesterday in self.days.split() and minute < self.ends
        )

    @property
    def hours(self) -> str:
        return f"{_clock(self.starts)}–{_clock(self.ends)}"


ALL = select(shift).order_by(shift.c.code)
ONE = select(shift).where(shift.c.code == bindparam("which"))
OF = select(shift).join(worker, worker.c.shift == shift.c.code).where(worker.c.code == bindparam("who"))
PUT = put(shift)
DROP = delete(shift).where(shift.c.code == bindparam("which"))


def everything(tx: Tx) -> list[Shift]:
    return tx.all(ALL, Shift)


def find(tx: Tx, code: str) -> Shift | None:
    return tx.one(ONE, Shift, which=code)


def of(tx: Tx, who: str) -> Shift | None:
    """The shift of a worker, if they have one."""
    return tx.one(OF, Shift, who=who)


def change(tx: Tx, row: Shift) -> None:
    """Make a shift so, or add it. Raises BadShift."""
    odd = next((day for day in row.days.split() if day not in DAYS), "")
    if odd or not row.days.split():
        raise BadShift(scanned=row.code, reason=f"{odd or 'no day'} is no day of the week.")
    if not (0 <= row.starts < DAY_MIN and 0 <= row.ends < DAY_MIN) or row.starts == row.ends:
        raise BadShift(scanned=row.code, reason="it must begin and end at different hours of the day.")
    tx.run(PUT, **msgspec.structs.asdict(row))


def parse_hour(text: str) -> int:
    """`06:30` as minutes after midnight. Raises BadShift."""
    hour, _, minute = text.strip().partition(":")
    if not (hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit() and len(minute) == 2):
        raise BadShift(scanned=text[:20] or "nothing", reason="that is no hour.")
    found = int(hour) * 60 + int(minute)
    if len(hour) > 2 or int(minute) > 59 or found >= DAY_MIN:
        raise BadShift(scanned=text[:20], reason="that is no hour.")
    return found


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
