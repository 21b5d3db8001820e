"""A template as data: the fields of a label, where each stands, and what it says. An admin changes these, not code.

Lengths are texts such as `8.5%`, `4mm` or `100%-4mm`. Per cent are of the printable area, which is the paper without its
margins, the strip at the bottom that stays free for the mark of a reprint, and `foot_mm`, what a template keeps for its
lowest symbol; so the same layout comes out on 100 × 150 and on 100 × 50. `100%+1mm` from the top lies in that foot.
Texts hold placeholders by the names of the label's struct, see `printers/placeholders.py`.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from printers.labels import LabelRefused

MOST_FIELDS = 60  # of one template
LONGEST_TEXT = 400  # characters of one field
LONGEST_CODE = 4_000  # of printer code of one field

_LENGTH = re.compile(r"([+-]?\d{1,3}(?:\.\d{1,3})?%)?([+-]?\d{1,3}(?:\.\d{1,3})?mm)?")


class BrokenTemplate(LabelRefused):
    """A template that may not be saved. `field` counts from 1; 0 is the template as a whole."""

    def __init__(self, reason: str, *, field: int = 0) -> None:
        super().__init__(f"Field {field}: {reason}" if field else reason)
        self.field = field


class Field(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Where it stands: a box from the top left corner of the printable area."""

    x: str = "0"
    y: str = "0"
    w: str = "100%"
    h: str = "10%"


class Text(Field, frozen=True, kw_only=True, tag="text"):
    """As large as the box allows, shrunk, broken and at last cut to fit."""

    text: str
    lines: int = 1
    align: Literal["left", "centre", "right"] = "left"
    white: bool = False  # white letters, where a black box lies under them


class Captioned(Field, frozen=True, kw_only=True, tag="captioned"):
    """A small word over a large one; neither where there is nothing to say."""

    caption: str
    text: str
    lines: int = 1


class Rule(Field, frozen=True, kw_only=True, tag="rule"):
    """A thin line across, at `y`."""


class Box(Field, frozen=True, kw_only=True, tag="box"):
    """A frame `line_mm` thick, or black all over with 0. `edge`: as wide as the paper."""

    line_mm: float = 0.0
    edge: bool = False


class Symbol(Field, frozen=True, kw_only=True, tag="symbol"):
    """What the scanner reads. `edge`: as wide as the paper, its quiet zones reach into the margins.

    code128: bars alone. plate: an SSCC as GS1-128, another code as Code 128, readable below. logistic: the same for a
    carton, in GS1's sizes and with nothing below it. gs1_datamatrix: application identifiers in a square.
    """

    symbol: Literal["code128", "plate", "logistic", "gs1_datamatrix"]
    text: str
    edge: bool = False


class Picture(Field, frozen=True, kw_only=True, tag="picture"):
    """A stored picture of the house by its name, such as its logo; empty paper where there is none of that name."""

    name: str


class Commands(Field, frozen=True, kw_only=True, tag="commands"):
    """The buttons of a command sheet, in one column or two."""


class Code(Field, frozen=True, kw_only=True, tag="code"):
    """Printer code for what no other field can. Placeholders only as field data, after `^FH_^FD`."""

    code: str


AnyField = Text | Captioned | Rule | Box | Symbol | Picture | Commands | Code


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    fields: tuple[AnyField, ...]
    foot_mm: float = 0.0  # kept at the bottom for the lowest symbol
    least_mm: float = 10.0  # of printable height; less is refused


_decoder: msgspec.json.Decoder[Layout] = msgspec.json.Decoder(Layout)


def encode(layout: Layout) -> bytes:
    return msgspec.json.encode(layout)


def decode(text: bytes | str) -> Layout:
    """Raises BrokenTemplate for anything `encode` would not have written."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise BrokenTemplate(f"This is not a template: {problem}.") from None


def length(text: str, whole: float) -> float:
    """Millimetres of `text` where 100 % is `whole`. Raises BrokenTemplate."""
    found = _LENGTH.fullmatch(text.replace(" ", ""))
    if text.strip() == "0":
        return 0.0
    if found is None or not (found[1] or found[2]):
        raise BrokenTemplate(f"{text[:20]!r} is not a length; write 8.5%, 4mm or 100%-4mm.")
    return float((found[1] or "0%")[:-1]) / 100 * whole + float((found[2] or "0mm")[:-2])
