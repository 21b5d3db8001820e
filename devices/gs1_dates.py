"""Dates and times in GS1 values: the ones that exist.

A best-before date of the 31st of April is a misread, not a date. Most are YYMMDD; where a day means nothing, 00 stands for
the whole month. Each check names what is wrong in a word, or returns None. Source: GS1 General Specifications, 3.4, 3.7
and 3.8.
"""

from calendar import monthrange
from collections.abc import Callable


def date(value: str) -> str | None:
    """YYMMDD; which century makes no difference, 1900 and 2100 lying outside the window."""
    return _day_exists(value[:2], value[2:4], value[4:6])


def date_or_month(value: str) -> str | None:
    """As a date, but day 00 stands for the whole month."""
    return _day_exists(value[:2], value[2:4], "01" if value[4:6] == "00" else value[4:6])


def _day_exists(year: str, month: str, day: str) -> str | None:
    if not 1 <= int(month) <= 12:
        return "date"
    years = int(year) if len(year) == 4 else 2000 + int(year)
    return None if 1 <= int(day) <= monthrange(max(years, 1), int(month))[1] else "date"


def time_from(start: int, nothing: str = "") -> Callable[[str], str | None]:
    """Hour, minute, second from `start`, two digits each, as many as there are; `nothing` is the filler for no time."""

    def check(value: str) -> str | None:
        digits = value[start:]
        if len(digits) % 2:
            return "time"
        if nothing and digits == nothing:
            return None
        parts = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
        return None if all(part < limit for part, limit in zip(parts, (24, 60, 60), strict=False)) else "time"

    return check


def harvest(value: str) -> str | None:
    """One date, or the first and the last of a range."""
    return date(value[:6]) or (date(value[6:]) if len(value) > 6 else None)


def full_date(value: str) -> str | None:
    return _day_exists(value[:4], value[4:6], value[6:8])
