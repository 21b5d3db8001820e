"""May goods with this lot and this date come in? Dates as people type them, and what a lot already is.

A lot has one expiry for ever: a second delivery that says otherwise is a label misread or another lot, and both are
dangerous. "Today" is the site's own day, not Greenwich's, because the night shift works across midnight. Nothing expired
comes in, and nothing that would expire before the item's minimum remaining shelf life.
"""

import re
from datetime import UTC, date, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import bindparam, select

from app import clock
from app.db import Tx
from app.errors import BadAmount, State, Wrong
from app.schema.items import lot
from app.schema.places import site

MOST_YEARS = 50  # ahead: beyond it a date was mistyped

LOT = select(lot.c.expiry, lot.c.held).where(lot.c.item == bindparam("item"), lot.c.lot == bindparam("number"))
ANY_LOT = select(lot.c.item).where(lot.c.lot == bindparam("number")).limit(1)
TIMEZONE = select(site.c.timezone).order_by(site.c.code).limit(1)

_SHAPES = (
    re.compile(r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{2}|\d{4})"),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{2}|\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"),
)


class BadDate(BadAmount):
    code, title = "bad_date", "No such date"
    says = "{scanned} is not a date: {reason}."
    todo = "Type day, month, year: 310826."


class Expired(State):
    code, title = "expired", "Expired"
    says = "{item} expired on {expiry}."
    todo = "Go back and tap Problem: it comes in on hold."


class ShelfTooShort(State):
    code, title = "shelf_too_short", "Too short a life"
    says = "{item} expires on {expiry}: {days} days from now, at least {expected} are needed."
    todo = "Go back and tap Problem: it comes in on hold."


class OtherExpiry(Wrong):
    code, title = "other_expiry", "Same lot, other date"
    says = "Lot {lot} of {item} expires on {expected}, this says {scanned}."
    todo = "Read the label again. If it is right, tell a supervisor."


class BadLot(Wrong):
    code, title = "bad_lot", "Not a lot number"
    says = "{scanned} is not a lot number: at most 20 letters and digits, no blanks."
    todo = "Type it as it stands on the label."


def zone_of(tx: Tx) -> tzinfo:
    """The site's time zone; UTC where it is not set or not known."""
    try:
        return ZoneInfo(str(tx.value(TIMEZONE) or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def today(tx: Tx) -> date:
    """The site's own day."""
    return clock.as_datetime(clock.now()).astimezone(zone_of(tx)).date()


def parse_date(text: str) -> str:
    """A typed date as ISO text: 310826, 31082026, 31.08.26, 31.08.2026 or 2026-08-31. Raises BadDate."""
    written = text.strip()
    shown = written[:20] or "nothing"
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(written))), None)
    if found is None or not written.isascii():
        raise BadDate(scanned=shown, reason="day, month and year are needed")
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    try:
        day = date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        raise BadDate(scanned=shown, reason="no calendar has it") from None
    try:
        clock.check_day(day)
    except ValueError:
        raise BadDate(scanned=shown, reason=f"days are from {clock.FIRST_DAY} to {clock.LAST_DAY}") from None
    return day.isoformat()


def in_words(expiry: str) -> str:
    """`31 Aug 2026`."""
    day = date.fromisoformat(expiry)
    return f"{day.day} {day:%b %Y}"


def days_left(tx: Tx, expiry: str) -> int:
    """Days from the site's today; negative when it is past."""
    return (date.fromisoformat(expiry) - today(tx)).days


def check_expiry(tx: Tx, item: str, expiry: str, min_shelf_days: int, *, on_hold: bool = False) -> None:
    """Raises Expired, ShelfTooShort or, for a date half a century away, BadDate. The last day is still a good day.

    Goods that come in on hold may be short of life: that is what somebody decides about.
    """
    days = days_left(tx, expiry)
    if on_hold:
        min_shelf_days = days
    elif days < 0:
        raise Expired(item=item, expiry=in_words(expiry), scanned=in_words(expiry))
    if days < min_shelf_days:
        raise ShelfTooShort(
            item=item,
            expiry=in_words(expiry),
            days=days,
            expected=min_shelf_days,
            scanned=in_words(expiry),
        )
    if days > MOST_YEARS * 366:
        raise BadDate(scanned=in_words(expiry), reason=f"it is more than {MOST_YEARS} years away")


def check_lot(tx: Tx, item: str, number: str, expiry: str) -> None:
    """Raises OtherExpiry where this lot is known with another date."""
    known = lot_of(tx, item, number)
    if known is not None and known[0] and expiry and known[0] != expiry:
        raise OtherExpiry(lot=number, item=item, expected=in_words(known[0]), scanned=in_words(expiry))


def lot_of(tx: Tx, item: str, number: str) -> tuple[str, str] | None:
    """(expiry, why it is held) of a lot of this item, or None where it was never met."""
    row = tx.row(LOT, item=item, number=number)
    return None if row is None else (row[0], row[1])


def is_known(tx: Tx, number: str) -> bool:
    """Does any item have a lot of this number? Then its date says nothing of another item's lot."""
    return tx.row(ANY_LOT, number=number) is not None


def parse_lot(text: str) -> str:
    """A typed lot: GS1's 20 printable characters without blanks (AI 10). Raises BadLot."""
    written = text.strip()
    if not (0 < len(written) <= 20 and written.isascii() and written.isprintable() and " " not in written):
        raise BadLot(scanned=written[:30] or "nothing")
    return written
