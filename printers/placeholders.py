"""What a template's `{names}` say on a certain label.

A name is a field of the label's struct or one of the `derived` below. `{STATUS}` in capitals prints in capitals. What
stands in square brackets is left out when all its names are empty: `[Lot {lot}]`; an address is `{address_1}` to
`{address_5}`. The text comes out as it is; only the canvas turns it into a printer's field.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import msgspec

from printers.labels import (
    CartLabel,
    HoldLabel,
    ItemLabel,
    LocationLabel,
    LotLabel,
    LpnLabel,
    NotEncodable,
    ReturnLabel,
    SerialLabel,
    ShippingLabel,
    ToteLabel,
    gs1_check_digit,
    readable,
)
from printers.layout import BrokenTemplate

ADDRESS_LINES = 5
GS1_CHARACTERS = frozenset("!\"%&'()*+,-./_:;<=>?0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

Say = Callable[[Any], str]

_PLACEHOLDER = re.compile(r"\{([A-Za-z_0-9]+)\}")
_PART = re.compile(r"\[([^\[\]]*)\]")


def names(label: type[Any]) -> tuple[str, ...]:
    """Every placeholder a label of this struct knows."""
    found: list[str] = []
    for field in msgspec.structs.fields(label):
        if field.name == "address":
            found += [f"address_{n}" for n in range(1, ADDRESS_LINES + 1)]
        elif field.name != "commands":
            found.append(field.name)
    return tuple(dict.fromkeys([*found, *DERIVED.get(label, {})]))


def pattern(text: str, label: type[Any]) -> Say:
    """The text of a template, ready to be said of a label. Raises BrokenTemplate for a name the struct has not."""
    parts: list[tuple[bool, Say | str]] = []
    at = 0
    for found in _PART.finditer(text):
        if found.start() > at:
            parts.append((False, _piece(text[at : found.start()], label)))
        parts.append((True, _piece(found[1], label, optional=True)))
        at = found.end()
    if at < len(text) or not parts:
        parts.append((False, _piece(text[at:], label)))
    if len(parts) == 1:
        return _said(parts[0][1])
    return lambda label: _joined(parts, label)


def _said(part: Say | str) -> Say:
    return part if callable(part) else lambda label: part


def _joined(parts: list[tuple[bool, Say | str]], label: Any) -> str:
    """White between two parts stands only where both are said."""
    said, white = "", ""
    for optional, part in parts:
        piece = part(label) if callable(part) else part
        if not optional and not piece.strip():
            white = piece
            continue
        if piece:
            said += (white if said else "") + piece
            white = ""
    return said


def _piece(text: str, label: type[Any], *, optional: bool = False) -> Say | str:
    split = _PLACEHOLDER.split(text)
    if len(split) == 1:
        if "{" in text or "}" in text:
            raise BrokenTemplate(f"{text[:40]!r} has a brace that is no placeholder.")
        return text
    literals, says = split[::2], [_word(name, label) for name in split[1::2]]
    if any("{" in literal or "}" in literal for literal in literals):
        raise BrokenTemplate(f"{text[:40]!r} has a brace that is no placeholder.")
    if len(says) == 1 and not any(literals):
        return says[0]

    def say(of: Any) -> str:
        words = [each(of) for each in says]
        if optional and not any(words):
            return ""
        said = literals[0] + "".join(word + literal for word, literal in zip(words, literals[1:], strict=True))
        return said.strip() if optional else said

    return say


def _word(name: str, label: type[Any]) -> Say:
    key = name.lower()
    if key not in names(label):
        raise BrokenTemplate(f"{{{name}}} is not on this label. It has {', '.join(names(label))}.")
    derived = DERIVED.get(label, {}).get(key)
    if derived is not None:
        say = derived
    elif key.startswith("address_"):
        say = _address(int(key[8:]) - 1)
    else:
        say = _of_field(key)
    return (lambda of: say(of).upper()) if name.isupper() else say


def _of_field(name: str) -> Say:
    def say(label: Any) -> str:
        value = getattr(label, name)
        return value if isinstance(value, str) else "" if value is None else str(value)

    return say


def _address(line: int) -> Say:
    return lambda label: label.address[line] if line < len(label.address) else ""


def elements(gtin: str, *, expiry: dt.date | None = None, lot: str = "", serial: str = "") -> str:
    """An element string with <GS> where one of variable length ends: those of a fixed length first. NotEncodable."""
    if not (len(gtin) == 14 and gtin.isascii() and gtin.isdigit() and gs1_check_digit(gtin[:-1]) == gtin[-1]):
        raise NotEncodable(f"{gtin[:40]!r} is not a GTIN of 14 digits with its check digit.")
    for name, text in (("lot", lot), ("serial", serial)):
        if len(text) > 20 or not GS1_CHARACTERS.issuperset(text):
            raise NotEncodable(f"GS1 allows a {name} 20 letters, digits or signs; {text[:40]!r} is not that.")
    found = f"01{gtin}" + ("" if expiry is None else f"17{expiry:%y%m%d}")
    variable = [f"{ai}{text}" for ai, text in (("10", lot), ("21", serial)) if text]
    return found + "\x1d".join(variable)


def _amount(label: Any) -> str:
    """A long unit is cut, never the number."""
    return f"{label.quantity} {label.unit[:10]}".strip()


def _weight(label: ShippingLabel) -> str:
    return "" if label.weight_g is None else f"{label.weight_g / 1000:.2f} kg"


def _of_cartons(label: ShippingLabel) -> str:
    return f"{label.carton_number} / {label.cartons}" if label.cartons else f"{label.carton_number}"


DERIVED: dict[type[Any], dict[str, Say]] = {
    LpnLabel: {"amount": _amount},
    HoldLabel: {"amount": _amount},
    ReturnLabel: {"amount": _amount},
    ShippingLabel: {"weight": _weight, "of": _of_cartons, "readable": lambda label: readable(label.carton)},
    ItemLabel: {
        "gs1": lambda label: elements(label.barcode, expiry=label.expiry, lot=label.lot, serial=label.serial),
    },
    LotLabel: {"gs1": lambda label: elements(label.gtin, expiry=label.expiry, lot=label.lot)},
    SerialLabel: {"gs1": lambda label: elements(label.gtin, serial=label.serial)},
    LocationLabel: {"barcode": lambda label: label.barcode or label.code},
    ToteLabel: {"barcode": lambda label: label.barcode or label.code},
    CartLabel: {"barcode": lambda label: label.barcode or label.code},
}
