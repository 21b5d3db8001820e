"""A GS1 message as facts for the floor: which pallet, which item, which lot, until when, how many, how heavy.

All identifiers of a label are applied at once, so one scan can answer five questions. Two identifiers that contradict
each other are refused. And because a scanner set up carelessly drops the group separator, after which a lot swallows
whatever followed it, a lot or serial that ends in another plausible identifier is flagged in `warning`.
Source: GS1 General Specifications, 3.2 to 3.7 (meaning), 4.13 and 4.14 (see gs1_pairs), 7.12 (century).
"""

import re
from calendar import monthrange
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from devices.gs1_elements import Fault, Gs1Error, Identifiers, read_elements, readable
from devices.gs1_link import read_link
from devices.gs1_pairs import clash, lacking
from devices.trade_numbers import check_digit_fits, is_restricted

SEPARATOR_MAY_BE_LOST = "separator_may_be_lost"
_GS = "\x1d"


class Gs1(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one label; None is "not on the label". Dates are ISO, the GTIN has 14 digits."""

    sscc: str | None = None
    gtin: str | None = None  # From 01, or from 02 (the goods inside a licence plate).
    restricted: str | None = None  # A restricted number where the GTIN should be; then gtin is None.
    lot: str | None = None
    expiry: str | None = None
    best_before: str | None = None
    serial: str | None = None
    count: int | None = None
    weight_g: int | None = None  # Net weight, from kilograms, to the nearest gram.
    order: str | None = None
    gln: str | None = None
    identifiers: Identifiers = ()
    warning: str | None = None  # SEPARATOR_MAY_BE_LOST
    fault: Fault | None = None


def read_message(message: str, before: Identifiers = ()) -> Gs1:
    """An element string, separators as 0x1D. Raises Gs1Error.

    `before` is what the linear half of a composite symbol said.
    """
    identifiers = (*before, *read_elements(message))
    lost = separator_may_be_lost(identifiers, some_arrived=_GS in message)
    lacks = lacking(dict(identifiers))
    fault = None
    if lacks:
        fault = Fault(
            code="gs1_incomplete",
            sentence=f"({lacks[0]}) needs {lacks[1]} beside it. Perhaps another code of the label says it.",
        )
    return _applied(identifiers, warning=SEPARATOR_MAY_BE_LOST if lost else None, fault=fault)


def read_link_message(text: str) -> Gs1 | None:
    """A Digital Link, or None when the text is none. Raises Gs1Error."""
    link = read_link(text)
    return None if link is None else _applied(link.identifiers, fault=link.fault)


def _applied(identifiers: Identifiers, warning: str | None = None, fault: Fault | None = None) -> Gs1:
    """All at once. Raises Gs1Error where two contradict each other."""
    values = dict(identifiers)
    if len(values) < len(identifiers):
        for ai, value in identifiers:
            if values[ai] != value:
                raise Gs1Error(
                    "gs1_conflict", f"The label says ({ai}) {readable(value)} and ({ai}) {readable(values[ai])}."
                )
    if two := clash(values):
        raise Gs1Error("gs1_conflict", _contradiction(*sorted(two)))
    get = values.get
    number = get("01") or get("02")
    restricted = number if number and is_restricted(number) else None
    count = get("37") or get("30")
    expiry = get("17") or get("7003")
    best_before = get("15")
    year = _this_year()
    return Gs1(
        sscc=get("00"),
        gtin=None if restricted else number,
        restricted=restricted,
        lot=get("10"),
        expiry=iso_date(expiry[:6], year) if expiry else None,
        best_before=iso_date(best_before, year) if best_before else None,
        serial=get("21"),
        count=int(count) if count else None,
        weight_g=_net_weight(identifiers),
        order=get("400"),
        gln=get("414"),
        identifiers=identifiers,
        warning=warning,
        fault=fault,
    )


def _contradiction(one: str, other: str) -> str:
    if (one, other) == ("01", "02"):
        return "The label names an item (01) and the content of a pallet (02) at once."
    if (one, other) == ("01", "37"):
        return "The label names one item (01) and a pallet's count (37) at once."
    if one[:3] == other[:3] and len(one) == 4 and one[0] == "3":
        return "The label gives one measure or price twice, with the point in different places."
    return f"The label says ({one}) and ({other}), which exclude each other."


def _this_year() -> int:
    return datetime.now(UTC).year


@lru_cache(maxsize=4096)
def iso_date(value: str, this_year: int) -> str:
    """YYMMDD as ISO, within 49 years back and 50 ahead; day 00 is the last of its month."""
    year, month, day = int(value[:2]), int(value[2:4]), int(value[4:6])
    century = this_year - this_year % 100
    ahead = year - this_year % 100
    if ahead > 50:
        century -= 100
    elif ahead < -49:
        century += 100
    year += century
    return f"{year:04}-{month:02}-{day or monthrange(year, month)[1]:02}"


def _net_weight(identifiers: Identifiers) -> int | None:
    """310n: kilograms with n decimals, in grams; the half gram of 3104 and 3105 goes up."""
    for ai, value in identifiers:
        if len(ai) == 4 and ai[:3] == "310":
            decimals = int(ai[3])
            unit: int = 10**decimals
            return (2000 * int(value) + unit) // (2 * unit)
    return None


# Behind a lot or serial: a date, an item, a licence plate, a place or a weight that is right to the last digit,
_STRONG = re.compile(
    r"(?=(?:1[123567](?P<date>\d{6})|0[0123](?P<number>\d{14}(?:\d{4})?)|41\d(?P<gln>\d{13})|310[0-5]\d{6})(?:$|\d\d))",
    re.ASCII,
)
# or the start of the identifier that most often follows, with a value long enough to be one.
_WEAK = {"10": re.compile(r"(?<=.)21.{3}"), "21": re.compile(r"(?<=.)10.{3}")}


def separator_may_be_lost(identifiers: Identifiers, *, some_arrived: bool) -> bool:
    """True when a lot or serial looks as if it had swallowed the identifier behind it. Suspicion is no error: a lot may
    really read `L17270101`.

    Where no separator arrived at all, only the last value can have, and the beginning of an identifier is enough.
    Where one did, a printer may still have left another out: then it takes an identifier that is right to its last digit.
    """
    for ai, value in identifiers if some_arrived else identifiers[-1:]:
        if ai in _WEAK and any(_is_right(found) for found in _STRONG.finditer(value, 1)):
            return True
    ai, value = identifiers[-1]
    if some_arrived or ai not in _WEAK:
        return False
    other = "21" if ai == "10" else "10"
    return _WEAK[ai].search(value) is not None and all(name != other for name, _ in identifiers)


def _is_right(found: re.Match[str]) -> bool:
    if date := found["date"]:
        month, day = int(date[2:4]), int(date[4:])
        return 1 <= month <= 12 and day <= monthrange(2000 + int(date[:2]), month)[1]
    number = found["number"] or found["gln"]
    return number is None or check_digit_fits(number)
