"""The hour and the number: the two things a warehouse takes from the wall and never argues with.

Times are whole microseconds UTC, because both database engines keep whole numbers exactly. Identities are UUIDv7, so
they sort by the moment they were made. Tests stop the clock with `frozen()`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import uuid_utils

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

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
    return datetime.fromtimestamp(at / SECOND, UTC)


@contextmanager
def frozen(at: int) -> Iterator[None]:
    """Stop the clock at `at` (µs) for the length of a test."""
    global _stopped_at
    before, _stopped_at = _stopped_at, at
    try:
        yield
    finally:
        _stopped_at = before
