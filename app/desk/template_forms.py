"""A template as a form: one field a row of a table, the same columns for every kind, and back again.

A column a kind has no use for stays empty; a row whose kind is taken away is dropped; two empty rows wait at the end.
What is typed is read strictly: a refusal names the row, as `printers/checking.py` names the field.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from app.config import PrinterSettings
from app.errors import Malformed
from app.label_templates import papers as papers_of
from printers import examples, placeholders
from printers.checking import Paper
from printers.drawing import Template
from printers.layout import (
    MOST_FIELDS,
    AnyField,
    Box,
    BrokenTemplate,
    Captioned,
    Code,
    Commands,
    Layout,
    Picture,
    Rule,
    Symbol,
    Text,
)

KINDS = ("text", "captioned", "rule", "box", "symbol", "picture", "commands", "code")
ALIGNED = ("left", "centre", "right", "white left", "white centre", "white right")
SYMBOLS = ("code128", "plate", "logistic", "gs1_datamatrix")
STYLES = {
    "text": ALIGNED,
    "box": ("to the edge",),
    "symbol": (*SYMBOLS, *(f"{name} to the edge" for name in SYMBOLS if name != "gs1_datamatrix")),
}
COLUMNS = ("kind", "x", "y", "w", "h", "text", "caption", "lines", "style")
NEW_ROWS = 2
A6, A5 = Paper(width_mm=105, height_mm=148), Paper(width_mm=148, height_mm=210)

_EDGE = " to the edge"


class NotANumber(Malformed):
    code, title = "not_a_number", "Not a number"
    says = "{scanned} is not a whole number."
    todo = "Load the page again."


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the columns. `lines` is the thickness in mm of a box, and the lines of a text."""

    kind: str = ""
    x: str = ""
    y: str = ""
    w: str = ""
    h: str = ""
    text: str = ""
    caption: str = ""
    lines: str = ""
    style: str = ""


def rows(layout: Layout) -> list[Row]:
    spare = min(NEW_ROWS, MOST_FIELDS - len(layout.fields))
    return [*(_row(field) for field in layout.fields), *([Row()] * spare)]


def read(items: Iterable[tuple[str, Any]]) -> Layout:
    """The layout of a form as a browser sends it. Raises BrokenTemplate."""
    columns: dict[str, list[str]] = {name: [] for name in COLUMNS}
    alone = {"foot_mm": "0", "least_mm": "10"}
    for name, value in items:
        if name in columns:
            columns[name].append(str(value))
        elif name in alone:
            alone[name] = str(value)
    count = len(columns["kind"])
    if count > MOST_FIELDS or any(len(values) != count for values in columns.values()):
        raise BrokenTemplate(f"A template has 1 to {MOST_FIELDS} fields, each with all its columns.")
    given = [Row(**{name: columns[name][n].strip() for name in COLUMNS}) for n in range(count)]
    kept = [row for row in given if row.kind]
    return Layout(
        fields=tuple(_field(row, n) for n, row in enumerate(kept, 1)),
        foot_mm=_number(alone["foot_mm"], "0", 0),
        least_mm=_number(alone["least_mm"], "10", 0),
    )


def names(template: Template) -> tuple[str, ...]:
    """The placeholders of this label."""
    return placeholders.names(template.label)


def papers(name: str, printers: Iterable[PrinterSettings]) -> list[Paper]:
    """What a template may be looked at on: its usual paper, the house's, and GS1's."""
    usual = Paper(height_mm=examples.height_mm(name))
    return list(dict.fromkeys((usual, *papers_of(printers), A6, A5)))


def paper_of(text: str, known: Sequence[Paper]) -> Paper:
    return next((paper for paper in known if paper.words == text), known[0])


def whole(text: str) -> int:
    """Raises NotANumber."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise NotANumber(scanned=text[:20] or "nothing")
    return int(text)


def _row(field: AnyField) -> Row:
    place = {"x": field.x, "y": field.y, "w": field.w, "h": field.h}
    kind = str(type(field).__struct_config__.tag)
    match field:
        case Text(text=text, lines=lines, align=align, white=white):
            style = f"white {align}" if white else align
            return Row(kind=kind, text=text, lines=str(lines), style=style, **place)
        case Captioned(text=text, caption=caption, lines=lines):
            return Row(kind=kind, text=text, caption=caption, lines=str(lines), **place)
        case Box(line_mm=line, edge=edge):
            return Row(kind=kind, lines=f"{line:g}", style=_EDGE.strip() if edge else "", **place)
        case Symbol(text=text, symbol=symbol, edge=edge):
            return Row(kind=kind, text=text, style=symbol + (_EDGE if edge else ""), **place)
        case Picture(name=name):
            return Row(kind=kind, text=name, **place)
        case Code(code=code):
            return Row(kind=kind, text=code)
    return Row(kind=kind, **place)


def _field(row: Row, n: int) -> AnyField:
    place = {name: value for name in ("x", "y", "w", "h") if (value := getattr(row, name))}
    lines = _number(row.lines, "1" if row.kind != "box" else "0", n)
    match row.kind:
        case "text":
            align = row.style.removeprefix("white ") or "left"
            if align not in ("left", "centre", "right"):
                raise BrokenTemplate(f"text stands left, centre or right, not {align[:20]}.", field=n)
            white = row.style.startswith("white ")
            return Text(text=row.text, lines=int(lines), align=align, white=white, **place)  # type: ignore[arg-type]
        case "captioned":
            return Captioned(text=row.text, caption=row.caption, lines=int(lines), **place)
        case "rule":
            return Rule(**place)
        case "box":
            return Box(line_mm=lines, edge=row.style == _EDGE.strip(), **place)
        case "symbol":
            symbol = row.style.removesuffix(_EDGE)
            if symbol not in SYMBOLS:
                raise BrokenTemplate(f"a symbol is one of {', '.join(SYMBOLS)}.", field=n)
            return Symbol(text=row.text, symbol=symbol, edge=row.style.endswith(_EDGE), **place)  # type: ignore[arg-type]
        case "picture":
            return Picture(name=row.text, **place)
        case "commands":
            return Commands(**place)
        case "code":
            return Code(code=row.text)
    raise BrokenTemplate(f"there is no kind of field named {row.kind[:20]}.", field=n)


def _number(text: str, usual: str, n: int) -> float:
    try:
        found = float(text or usual)
    except ValueError:
        raise BrokenTemplate(f"{text[:20]!r} is not a number.", field=n) from None
    if not 0 <= found <= 1000:
        raise BrokenTemplate(f"{text[:20]} is not a number from 0 to 1000.", field=n)
    return found
