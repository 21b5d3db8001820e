"""The hour and the number: the two things a warehouse takes from the wall and never argues with.

Times are whole microseconds UTC, because both database engines keep whole numbers exactly. Identities are UUIDv7, so
they sort by the moment they were made. Tests stop the clock with `frozen()`.

Days others tell us (an ERP, a table, a person) lie within two centuries: what lies outside was mistyped or made up, and
no calendar can reckon at its own ends.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import uuid_utils

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)  # anybody may tell us
_EARLIEST = (datetime.min + timedelta(days=1)).replace(tzinfo=UTC)  # a day from the calendar's ends, so that
_LATEST = (datetime.max - timedelta(days=1)).replace(tzinfo=UTC)  # every time zone can tell it
_EARLIEST_US, _LATEST_US = int(_EARLIEST.timestamp()) * SECOND, int(_LATEST.timestamp()) * SECOND

_stopped_at: int | None = None


def now() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000 if _stopped_at is None else _stopped_at


def new_id() -> str:
    """A UUIDv7 as text."""
    return str(uuid_utils.uuid7())


def today(at: int | None = None) -> date:
    """The UTC day of a moment (µs), or of now."""
    return as_datetime(now() if at is None else at).date()


def as_datetime(at: int) -> datetime:
    """A moment (µs); one that no calendar has is told as the nearest it has, for a page must be drawn all the same."""
    return datetime.fromtimestamp(min(max(at, _EARLIEST_US), _LATEST_US) / SECOND, UTC)


def check_day(day: date) -> None:
    """Raises ValueError, in words that follow the day (or moment), for one nobody means."""
    if not FIRST_DAY <= date(day.year, day.month, day.day) <= LAST_DAY:
        raise ValueError(f"is no day we reckon with; they are {FIRST_DAY} to {LAST_DAY}")


@contextmanager
def frozen(at: int) -> Iterator[None]:
    """Stop the clock at `at` (µs) for the length of a test."""
    global _stopped_at
    before, _stopped_at = _stopped_at, at
    try:
        yield
    finally:
        _stopped_at = before
