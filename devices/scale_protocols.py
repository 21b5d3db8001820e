"""What scales say, and how to ask them: four dialects, each a question and a way to read one line.

A reading keeps what the scale itself claims: whether the weight stands still, whether it is gross, net or tare, and the
raw line. Nothing is judged here; `scale.py` decides what may be used. Units are turned into grams by Decimal, line by line:
somebody who presses the unit key changes nothing for the floor.

generic       `ST,GS,+00012.34kg`, streamed by most indicators; some leave the gross/net field out
mt-sics       Mettler Toledo: asked by `SI`, answers `S S     12.34 kg`, `S D`, `S I`, `S +`, `S -` (some say `SI S`)
toledo-8217   checkout scales, 7 bits, even parity: asked by `W`, answers STX weight CR or STX ? status CR. The weight has
              three decimals in kilograms, two in pounds; one that has neither is not taken
a-and-d       A&D's standard format: asked by `Q`, answers `ST,+00123.45  g`, `US,…`, `OL,+9999999E+19`
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec

Protocol = Literal["generic", "mt-sics", "toledo-8217", "a-and-d"]
Mode = Literal["gross", "net", "tare"]
Trouble = Literal["unstable", "overload", "underload", "busy", "garbled"]

GRAMS = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "t": Decimal(1_000_000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}

Order = Literal["zero", "tare"]
ORDERS: dict[Protocol, dict[Order, bytes]] = {
    "generic": {},
    "mt-sics": {"zero": b"Z\r\n", "tare": b"T\r\n"},
    "toledo-8217": {"zero": b"Z", "tare": b"T"},
    "a-and-d": {"zero": b"Z\r\n", "tare": b"T\r\n"},
}

QUESTIONS: dict[Protocol, bytes | None] = {
    "generic": None, "mt-sics": b"SI\r\n", "toledo-8217": b"W", "a-and-d": b"Q\r\n"
}  # fmt: skip
WIRES: dict[Protocol, tuple[int, Literal["N", "E", "O"]]] = {"toledo-8217": (7, "E"), "a-and-d": (7, "E")}
"""Data bits and parity as these scales are delivered; all others 8 and none."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a scale, understood. Either grams, or what is in the way of them."""

    raw: str
    grams: int | None = None
    stable: bool = False
    mode: Mode = "gross"
    trouble: Trouble | None = None


def read_line(protocol: Protocol, raw: bytes) -> Reading:
    """Understand one line; a line that fits nothing is `garbled`, never a guess."""
    line = raw.decode("latin-1").strip(" \x02\x03\x00")
    return _READ[protocol](line)


_NUMBER = r"(?P<sign>[+-]?)\s*(?P<number>\d{1,9}(?:\.\d{0,6})?)"
_GENERIC = re.compile(
    rf"(?P<state>ST|US|OL|QT)\s*,(?:\s*(?P<mode>GS|NT|TR)\s*,)?\s*{_NUMBER}\s*(?P<unit>[A-Za-z]{{1,3}})", re.ASCII
)
_MODES: dict[str | None, Mode] = {None: "gross", "GS": "gross", "NT": "net", "TR": "tare"}


def _read_generic(line: str) -> Reading:
    if re.match(r"OL\b", line):
        return Reading(raw=line, trouble="underload" if "-" in line else "overload")
    found = _GENERIC.fullmatch(line)
    if found is None or found["state"] == "QT":
        return Reading(raw=line, trouble="garbled")
    return _weight(line, found, found["unit"], stable=found["state"] == "ST", mode=_MODES[found["mode"]])


_MT_SICS = re.compile(rf"SI? (?P<state>[SD])\s+{_NUMBER}\s*(?P<unit>[A-Za-z]{{1,3}})", re.ASCII)
_MT_SICS_TROUBLE: dict[str, Trouble] = {"S I": "busy", "S +": "overload", "S -": "underload"}


def _read_mt_sics(line: str) -> Reading:
    """The weight is net once the scale was tared; SICS does not say so, so it is called net."""
    if trouble := _MT_SICS_TROUBLE.get(line.replace("SI", "S", 1)):
        return Reading(raw=line, trouble=trouble)
    found = _MT_SICS.fullmatch(line)
    if found is None:
        return Reading(raw=line, trouble="garbled")
    return _weight(line, found, found["unit"], stable=found["state"] == "S", mode="net")


_OBEYED = re.compile(r"[ZT] (?P<how>[ASIL+-])(?: .*)?", re.ASCII)
_HOW = {"A": "Done.", "S": "Done.", "I": "Not now: the weight is moving. Wait, and press again."}


def read_answer(protocol: Protocol, raw: bytes) -> str | None:
    """What a scale answers to an order, in words; None for a line that is no such answer."""
    found = _OBEYED.fullmatch(raw.decode("latin-1").strip()) if protocol == "mt-sics" else None
    return None if found is None else _HOW.get(found["how"], "Not done: too much or too little lies on it.")


_TOLEDO = re.compile(r"(?P<sign>)(?P<number>\d{1,3}\.(?:\d{3}|\d{2}))(?P<net>N?)", re.ASCII)


def _read_toledo(line: str) -> Reading:
    """A status byte stands in place of the weight while there is none: 1 in motion, 2 over capacity, 4 under zero."""
    if len(line) == 2 and line[0] == "?":
        status = ord(line[1])
        trouble: Trouble = (
            "overload" if status & 2 else "underload" if status & 4 else "unstable" if status & 1 else "busy"
        )
        return Reading(raw=line, trouble=trouble)
    found = _TOLEDO.fullmatch(line)
    if found is None:
        return Reading(raw=line, trouble="garbled")
    unit = "kg" if found["number"][-4] == "." else "lb"
    return _weight(line, found, unit, stable=True, mode="net" if found["net"] else "gross")


_A_AND_D = re.compile(rf"(?P<state>ST|US),{_NUMBER}\s*(?P<unit>[A-Za-z]{{1,2}})", re.ASCII)


def _read_a_and_d(line: str) -> Reading:
    """What it shows is net once it was tared; it does not say so, so it is called net. Counts (`QT`) are no weight."""
    if line.startswith("OL,"):
        return Reading(raw=line, trouble="underload" if line[3:4] == "-" else "overload")
    found = _A_AND_D.fullmatch(line)
    if found is None:
        return Reading(raw=line, trouble="garbled")
    return _weight(line, found, found["unit"], stable=found["state"] == "ST", mode="net")


def _weight(line: str, found: re.Match[str], unit: str, *, stable: bool, mode: Mode) -> Reading:
    factor = GRAMS.get(unit.lower())
    if factor is None:
        return Reading(raw=line, trouble="garbled")
    grams = (Decimal(found["number"]) * factor).quantize(Decimal(1), ROUND_HALF_UP)
    signed = -int(grams) if found["sign"] == "-" else int(grams)
    return Reading(raw=line, grams=signed, stable=stable, mode=mode)


_READ = {"generic": _read_generic, "mt-sics": _read_mt_sics, "toledo-8217": _read_toledo, "a-and-d": _read_a_and_d}
