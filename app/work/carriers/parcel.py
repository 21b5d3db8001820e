"""A parcel as a carrier sees it: what it weighs and measures, what is dangerous in it, and where it goes.

An ERP sends an address as lines of text. A carrier's rules ask for country and postcode, so they are read from the last
lines: `Jane Doe, 1 High Street, LS1 4AB Leeds, UK`. What is not there stays empty; an address without a country is at
home.
"""

import re
from typing import Literal

import msgspec

HOME = "home"
MOST_LINES = 4  # of a street address
COUNTRIES = {
    "AUSTRIA": "AT", "BELGIUM": "BE", "DENMARK": "DK", "DEUTSCHLAND": "DE", "FRANCE": "FR", "GERMANY": "DE", "ITALY": "IT",
    "LUXEMBOURG": "LU", "NETHERLANDS": "NL", "NORWAY": "NO", "POLAND": "PL", "SCHWEIZ": "CH", "SPAIN": "ES", "SWEDEN": "SE",
    "SWITZERLAND": "CH", "UK": "GB", "UNITED KINGDOM": "GB", "UNITED STATES": "US", "USA": "US", "ÖSTERREICH": "AT",
}  # fmt: skip
_POSTCODE = re.compile(r"\b(?:[A-Z]{1,2}-)?([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{4} ?[A-Z]{2}|\d{4,6})\b")


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str = ""
    lines: tuple[str, ...] = ()
    postcode: str = ""
    city: str = ""
    country: str = ""  # two letters; empty: at home


class Parcel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One closed carton. Grams and millimetres; a side nobody knows is 0."""

    carton: str
    order: str
    service: str = ""
    to: Address
    sender: str = ""
    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    hazards: tuple[str, ...] = ()
    dpi: int = 203  # of the printer the label is for

    @property
    def longest_mm(self) -> int:
        return max(self.length_mm, self.width_mm, self.height_mm)

    @property
    def girth_mm(self) -> int:
        """The longest side and once around the other two."""
        sides = sorted((self.length_mm, self.width_mm, self.height_mm))
        return sides[2] + 2 * (sides[0] + sides[1])


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a service would cost for a parcel, as its carrier says."""

    service: str
    cents: int
    arrives: str = ""  # ISO day; empty: not said


class Bought(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A label that exists at the carrier. `own`: the paper is ours, with the carrier's number on it."""

    tracking: str
    shipment: str = ""  # what the carrier voids and manifests it by, where that is not the tracking number
    form: Literal["zpl", "png", "own"] = "own"
    label: bytes = b""
    cents: int = 0


def read_address(text: str, name: str = "") -> Address:
    """An order's address, its parts told apart."""
    lines = [line.strip() for line in text.replace(", ", "\n").splitlines() if line.strip()]
    if lines and lines[0] == name:
        del lines[0]
    country = _country(lines[-1]) if len(lines) > 1 else ""
    if country:
        lines.pop()
    postcode, city = "", ""
    for at in range(len(lines) - 1, -1, -1):
        found = _POSTCODE.search(lines[at]) if at or len(lines) == 1 else None
        if found is not None:
            postcode = found[1]
            city = " ".join((lines[at][: found.start()] + lines[at][found.end() :]).split()).strip(" ,")
            rest = lines[at + 1 :]
            lines = [*lines[:at], *rest]
            break
    if not city and len(lines) > 1:
        city = lines.pop()
    return Address(name=name, lines=tuple(lines[:MOST_LINES]), postcode=postcode, city=city, country=country)


def _country(line: str) -> str:
    word = line.upper()
    return COUNTRIES.get(word, word if len(word) == 2 and word.isalpha() and word.isascii() else "")
