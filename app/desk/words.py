"""How the desk speaks: numbers as words in a headline, hours as the wall clock of the site shows them.

A headline is a sentence whose numbers are links, so it is kept as pieces of text and address; templates only draw them.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from app import clock

_WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
NBSP = "\u00a0"


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a sentence; with `href` it leads to the rows it counts."""

    text: str
    href: str = ""


def number(n: int) -> str:
    """1120 → `1 120`, with spaces that do not break."""
    return f"{n:,}".replace(",", NBSP).replace("-", "− ")


def spelled(n: int) -> str:
    """Small numbers as words, as in a sentence."""
    return _WORDS[n] if 0 <= n < len(_WORDS) else number(n)


def many(n: int, one: str, more: str = "") -> str:
    """`4 shorts`, `1 short`."""
    return f"{number(n)} {one if n == 1 else more or one + 's'}"


def said(text: str) -> str:
    """With the capital letter a sentence begins with."""
    return text[:1].upper() + text[1:]


def span(us: int) -> str:
    """A length of time as `1 h 28`, `28 min`, `3 d 4 h`; negative with a minus."""
    sign, us = ("− ", -us) if us < 0 else ("", us)
    minutes = us // clock.MINUTE
    if minutes < 60:
        return f"{sign}{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{sign}{hours} h {minutes:02d}"
    return f"{sign}{hours // 24} d {hours % 24} h"


class Hours:
    """Moments (µs UTC) as people at the site read them."""

    def __init__(self, timezone: str, now: int = 0) -> None:
        self.zone: tzinfo = UTC
        try:
            self.zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError):
            self.zone = UTC
        self.now = now or clock.now()

    def clock(self, at: int) -> str:
        """`14:32`, `Fri 10:00` within a week, else `18 Nov 10:00`; `–` for never."""
        return self._said(at, "%H:%M") if at else "–"

    def moment(self, at: int) -> str:
        """To the second, for trails: `14:31:58`, `18 Nov 09:02:44`."""
        return self._said(at, "%H:%M:%S") if at else "–"

    def left(self, until: int) -> str:
        """How long until a cut-off; `–` without one."""
        return span(until - self.now) if until else "–"

    def ago(self, at: int) -> str:
        """`9 min ago`, `just now`, `never`."""
        if not at:
            return "never"
        passed = max(0, self.now - at)
        return "just now" if passed < clock.MINUTE else f"{span(passed)} ago"

    def length(self, minutes: int) -> str:
        """`4 h 00`, `30 min`."""
        return span(minutes * clock.MINUTE)

    def iso(self, at: int) -> str:
        """For CSV: local time with its offset."""
        return self._local(at).isoformat(timespec="seconds") if at else ""

    def _said(self, at: int, form: str) -> str:
        there, today = self._local(at), self._local(self.now)
        if there.date() == today.date():
            return there.strftime(form)
        if abs(there.date() - today.date()) < timedelta(days=7) and there > today:
            return there.strftime(f"%a {form}")
        return f"{there.day} {there.strftime(f'%b {form}')}"

    def _local(self, at: int) -> datetime:
        return clock.as_datetime(at).astimezone(self.zone)
