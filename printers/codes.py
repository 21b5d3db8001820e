"""Printer code in a template, for what no other field can do. The only place where somebody else's ZPL is let in.

It may draw, and nothing else: no command that ends the label, starts another, prints copies, stores, moves paper or asks
the printer anything. A placeholder stands only as field data behind `^FH_^FD`, and passes the encoder every text of ours
passes, so what a label says can never become a command.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from printers.canvas import escaped
from printers.fonts import clean
from printers.layout import LONGEST_CODE, BrokenTemplate
from printers.placeholders import pattern

# Fonts, barcodes, fields, lines: what leaves a mark and nothing else. `^GF` is not here: its count could swallow what follows.
MAY = frozenset(
    f"^{name}" for name in ("A0", "BY", "CF", "FD", "FH", "FO", "FR", "FS", "FT", "FX", "GB", "GC", "GD", "GE", "GS")
)
BARCODES = "0123456789ABCDEFGIJKLMOPQRSTUXZ"  # the second letter of ^B…
LONGEST_SAID = 200  # characters of one placeholder in printer code

_COMMAND = re.compile(r"\^([A-Za-z][A-Za-z0-9])")
_FIELD = re.compile(r"\^FH_\^FD([^^~]*)\^FS", re.IGNORECASE)


def writer(code: str, label: type[Any]) -> Callable[[Any], str]:
    """The code with its placeholders filled in, for one label. Raises BrokenTemplate."""
    check(code)
    pieces: list[str | Callable[[Any], str]] = []
    at = 0
    for found in _FIELD.finditer(code):
        pieces += [code[at : found.start(1)], pattern(found[1], label) if "{" in found[1] else found[1]]
        at = found.end(1)
    pieces.append(code[at:])

    def write(of: Any) -> str:
        return "".join(escaped(clean(each(of))[:LONGEST_SAID]) if callable(each) else each for each in pieces)

    return write


def check(code: str) -> None:
    """Raises BrokenTemplate for anything that is more than drawing."""
    if len(code) > LONGEST_CODE:
        raise BrokenTemplate(f"Printer code has at most {LONGEST_CODE} characters.")
    if "~" in code or not code.isascii() or not code.replace("\n", "").isprintable():
        raise BrokenTemplate("Printer code is plain ASCII without `~`: nothing but `^` commands.")
    if "\\" in code:
        raise BrokenTemplate("Printer code has no backslash: printers take it for a command of their own.")
    for wanted in re.findall(r"\^.{0,2}", code):
        found = _COMMAND.fullmatch(wanted.upper())
        drawn = wanted[1:2].upper() == "B" and wanted[2:].upper() in BARCODES
        if found is None or not (drawn or wanted.upper() in MAY):
            raise BrokenTemplate(f"{wanted} may not stand in a template: only what draws, such as ^FO, ^GB or ^BC.")
    if "{" in _FIELD.sub("", code) or "}" in _FIELD.sub("", code):
        raise BrokenTemplate("A placeholder stands only as field data: ^FH_^FD{name}^FS.")
    if not code.rstrip().upper().endswith("^FS"):
        raise BrokenTemplate("Printer code ends with ^FS.")
