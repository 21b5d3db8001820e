"""What others call our things: a GTIN where the item has a barcode that is one, a lot, a serial, an SSCC, a place.

GS1's own names are links (`https://id.gs1.org/01/…`); what has no GS1 number gets a name that begins with our site, so
that two houses never mean the same by it.
"""

from collections.abc import Mapping
from urllib.parse import quote

from sqlalchemy import or_, select

from app.db import Tx
from app.schema.items import item, item_barcode

GS1 = "https://id.gs1.org"
GTIN_LENGTHS = (8, 12, 13, 14)
EACH = (
    select(item_barcode.c.item, item_barcode.c.code)
    .select_from(item_barcode.join(item, item.c.code == item_barcode.c.item))
    .where(item_barcode.c.quantity <= 1, or_(item_barcode.c.unit == item.c.unit, item_barcode.c.unit == ""))
    .order_by(item_barcode.c.item, item_barcode.c.code.desc())
)


def gtins(tx: Tx) -> dict[str, str]:
    """By item, the GTIN of one base unit, 14 digits; an item without one is not there."""
    found = {}
    for code, barcode in tx.rows(EACH):
        if (
            len(barcode) in GTIN_LENGTHS
            and barcode.isascii()
            and barcode.isdigit()
            and check_digit(barcode[:-1]) == barcode[-1]
        ):
            found[code] = barcode.zfill(14)
    return found


def check_digit(body: str) -> str:
    """GS1's, of the digits before it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


class Names:
    def __init__(self, site: str, gtins: Mapping[str, str] | None = None) -> None:
        self._own = f"urn:pickface:{quote(site, safe='')}"
        self._gtins = gtins or {}

    def gtin(self, code: str) -> str:
        """14 digits, or the empty text."""
        return self._gtins.get(code, "")

    def goods(self, code: str, lot: str = "", serial: str = "") -> str:
        """A class of goods by item and lot, or one piece by its serial."""
        gtin = self.gtin(code)
        first = f"{GS1}/01/{gtin}" if gtin else f"{self._own}:item:{quote(code, safe='')}"
        between = "/" if gtin else ":"
        keys = ("10", "21") if gtin else ("lot", "serial")
        parts = [
            f"{key}{between}{quote(value, safe='')}" for key, value in zip(keys, (lot, serial), strict=True) if value
        ]
        return between.join([first, *parts])

    def lpn(self, code: str) -> str:
        """An SSCC, or our own plate."""
        if len(code) == 18 and code.isascii() and code.isdigit() and check_digit(code[:-1]) == code[-1]:
            return f"{GS1}/00/{code}"
        return f"{self._own}:lpn:{quote(code, safe='')}"

    def place(self, code: str) -> str:
        return f"{self._own}:location:{quote(code, safe='')}"
