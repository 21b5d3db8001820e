"""Quantities are whole base units. A pack is a number of them; nothing is ever rounded.

What is measured (a temperature, a length) is another thing: it may be less than nothing and have decimals.
"""

import re
from decimal import Decimal

from app.errors import BadAmount

LONGEST = 7  # digits; eight is the shortest barcode (GTIN-8), and a barcode is no quantity


class BadMeasure(BadAmount):
    code, title = "bad_measure", "Not a number"
    says = "{amount} is no measurement: {reason}"
    todo = "Type the number."


def parse_quantity(text: str, *, most: int | None = None) -> int:
    """A typed quantity as base units, ≥ 1. Raises BadAmount for zero, signs, fractions, and anything barcode-long."""
    written = text.strip()
    if len(written) > LONGEST:
        raise BadAmount(amount=written[:40], reason="it is as long as a barcode", scanned=written[:40])
    if not (written.isascii() and written.isdigit()):
        raise BadAmount(amount=written or "nothing", reason="only whole units count", scanned=written)
    number = int(written)
    if number < 1:
        raise BadAmount(amount=written, reason="it must be at least 1", scanned=written)
    if most is not None and number > most:
        raise BadAmount(amount=written, reason=f"there are at most {most}", expected=str(most), scanned=written)
    return number


_MEASURE = re.compile(r"-?\d{1,6}([.,]\d{1,3})?")


def parse_measure(text: str) -> str:
    """A typed measurement, as it is kept: `-18`, `4.5`. Raises BadMeasure."""
    written = text.strip().replace("−", "-")
    if not _MEASURE.fullmatch(written):
        raise BadMeasure(amount=written[:40] or "Nothing", reason="type it like 4.5 or -18", scanned=written[:40])
    return written.replace(",", ".")


def lies_within(measured: str, low: int, high: int) -> bool:
    """Is a measurement between these limits, both of them included?"""
    return low <= Decimal(measured) <= high


def in_packs(quantity: int, pack: int) -> tuple[int, int]:
    """Whole packs and the units left over."""
    return divmod(quantity, pack)
