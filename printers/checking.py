"""Whether a template may be saved. A broken one would be found at two in the morning, by whoever needs the label.

It is drawn on every paper of the house, with ordinary words and with hostile ones. Every field must lie on the paper; what
the label is scanned by must be on it, fit, be white all round and carry its text unchanged; for any words it must be one
label and the same commands. Nothing lies over what is scanned, printer code least of all: where that leaves ink is
computed in `code_ink`. The refusal names the field and says why.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from printers import code_ink, codes, examples, layout, picture, templates
from printers.canvas import Canvas
from printers.drawing import Template, box, printable
from printers.labels import AnyLabel, LabelRefused
from printers.layout import LONGEST_TEXT, MOST_FIELDS, AnyField, BrokenTemplate, Layout, Symbol

MOST_LINES = 6
WIDEST_LINE_MM = 10.0
CLOSE_MM = 0.05  # two things this near each other do not overlap

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    dpi: int = 203
    width_mm: int = 100
    height_mm: int = 150

    @property
    def words(self) -> str:
        return f"{self.width_mm} × {self.height_mm} mm, {self.dpi} dpi"

    @property
    def canvas(self) -> Canvas:
        return Canvas(dpi=self.dpi, width_mm=self.width_mm, height_mm=self.height_mm)


def check(template: Template, papers: Iterable[Paper] = ()) -> None:
    """Raises BrokenTemplate. Papers the built-in layout does not fit either are not asked."""
    _check_words(template.layout)
    _check_codes(template)
    usual = Template(template.name, template.label, templates.BUILT_IN[template.name][1])
    default = Paper(height_mm=examples.height_mm(template.name))
    for paper in dict.fromkeys((default, *papers)):
        if paper == default or _fits(usual, paper):
            _check_on(template, paper)


def _check_words(of: Layout) -> None:
    if not 1 <= len(of.fields) <= MOST_FIELDS:
        raise BrokenTemplate(f"A template has 1 to {MOST_FIELDS} fields, not {len(of.fields)}.")
    if not (0 <= of.foot_mm <= 150 and 10 <= of.least_mm <= 300):
        raise BrokenTemplate("The foot is 0 to 150 mm, the least height 10 to 300 mm.")
    for n, field in enumerate(of.fields, 1):
        if any(len(str(getattr(field, name, ""))) > LONGEST_TEXT for name in ("text", "caption", "name")):
            raise BrokenTemplate(f"a text has at most {LONGEST_TEXT} characters.", field=n)
        if not 1 <= getattr(field, "lines", 1) <= MOST_LINES:
            raise BrokenTemplate(f"text has 1 to {MOST_LINES} lines.", field=n)
        if not 0 <= getattr(field, "line_mm", 0) <= WIDEST_LINE_MM:
            raise BrokenTemplate(f"a frame is 0 to {WIDEST_LINE_MM:.0f} mm thick.", field=n)


def _check_codes(template: Template) -> None:
    """What the built-in label is scanned by is on this one too; a logistic symbol keeps GS1's sizes."""
    wanted = {(one.text, one.symbol == "logistic") for one in _symbols(templates.BUILT_IN[template.name][1])}
    there = {(one.text.strip(), one.symbol == "logistic") for one in _symbols(template.layout)}
    for text, logistic in sorted(wanted - there):
        kind = "logistic symbol" if logistic else "symbol"
        raise BrokenTemplate(f"This label is scanned by {text}: it needs a {kind} with that text.")
    sheet = any(isinstance(field, layout.Commands) for field in template.layout.fields)
    if sheet != (template.name == "command_sheet"):
        raise BrokenTemplate("A command sheet, and nothing else, has the field of commands.")


def _symbols(of: Layout) -> list[Symbol]:
    return [field for field in of.fields if isinstance(field, Symbol)]


def _fits(template: Template, paper: Paper) -> bool:
    try:
        _check_on(template, paper)
    except LabelRefused:
        return False
    return True


def _check_on(template: Template, paper: Paper) -> None:
    canvas, label = paper.canvas, examples.EXAMPLES[template.name]
    try:
        height = printable(canvas, template.layout)
        boxes = [_box(n, field, canvas, height) for n, field in enumerate(template.layout.fields, 1)]
        inks = [_ink(n, field, boxes[n - 1], canvas) for n, field in enumerate(template.layout.fields, 1)]
        _check_symbols_alone(template.layout, boxes, inks)
        plain = _drawn(template, paper, label)
    except BrokenTemplate:
        raise
    except LabelRefused as problem:
        raise BrokenTemplate(problem.sentence) from None
    hostile = _drawn(template, paper, examples.with_text(label, examples.HOSTILE))
    if picture.skeleton(plain) != picture.skeleton(hostile) or hostile.count(b"^XA") != 1 or b"~" in hostile:
        raise BrokenTemplate("What the label says would change what the printer does.")


def _box(n: int, field: AnyField, paper: Canvas, height: float) -> Rectangle:
    if isinstance(field, layout.Code):
        return (0.0, 0.0, 0.0, 0.0)
    try:
        x, y, w, h = box(field, paper, height)
    except BrokenTemplate as problem:
        raise BrokenTemplate(problem.sentence, field=n) from None
    if isinstance(field, layout.Rule):
        x, w, h = paper.margin, paper.inner, 0.4
    outside = x < -CLOSE_MM or y < -CLOSE_MM or x + w > paper.width + CLOSE_MM or y + h > paper.height + CLOSE_MM
    if outside or w <= 0 or h <= 0:
        raise BrokenTemplate(
            f"it lies {x:.1f} to {x + w:.1f} mm from the left and {y:.1f} to {y + h:.1f} mm from the top; the paper is "
            f"{paper.width:.0f} × {paper.height:.0f} mm.",
            field=n,
        )
    return x, y, x + w, y + h


def _check_symbols_alone(of: Layout, boxes: list[Rectangle], inks: list[list[Rectangle]]) -> None:
    """Nothing lies over a symbol or its quiet zones, and nothing below a logistic one."""
    for n, field in enumerate(of.fields):
        if not isinstance(field, Symbol | layout.Commands):
            continue
        lowest = isinstance(field, Symbol) and field.symbol == "logistic"
        for other, ink in enumerate(inks):
            if other == n or not ink:
                continue
            code = isinstance(of.fields[other], layout.Code)
            if any(_overlap(part, boxes[n]) for part in ink):
                raise (
                    BrokenTemplate(f"its ink lies over field {n + 1}, which needs white all round.", field=other + 1)
                    if code
                    else BrokenTemplate(f"it lies over field {other + 1}; a symbol needs white all round.", field=n + 1)
                )
            if lowest and max(part[3] for part in ink) > boxes[n][1] + CLOSE_MM:
                raise BrokenTemplate(f"field {other + 1} is not above it; this symbol is the lowest.", field=n + 1)


def _ink(n: int, field: AnyField, at: Rectangle, paper: Canvas) -> list[Rectangle]:
    """Where a field may leave ink: a frame only along its edges, printer code wherever it likes."""
    if isinstance(field, layout.Code):
        dots = paper.dots
        try:
            codes.check(field.code)
            marks = code_ink.ink(field.code, width=int(paper.width) * dots, height=int(paper.height) * dots)
        except LabelRefused as problem:
            raise BrokenTemplate(problem.sentence, field=n) from None
        return [(a / dots, b / dots, c / dots, d / dots) for a, b, c, d in marks]
    if not isinstance(field, layout.Box) or not field.line_mm:
        return [at]
    left, top, right, bottom = at
    line = field.line_mm
    return [
        (left, top, right, top + line), (left, bottom - line, right, bottom),
        (left, top, left + line, bottom), (right - line, top, right, bottom),
    ]  # fmt: skip


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > CLOSE_MM and high > CLOSE_MM


def _drawn(template: Template, paper: Paper, label: AnyLabel) -> bytes:
    """Field by field, so that the refusal can name the one."""
    canvas = paper.canvas
    for n, (field, step) in enumerate(zip(template.layout.fields, template.steps(canvas), strict=True), 1):
        try:
            if isinstance(field, layout.Picture) and field.name not in template.pictures:
                raise BrokenTemplate(f"there is no picture named {field.name[:40]!r}.")
            step(canvas, label)
        except LabelRefused as problem:
            raise BrokenTemplate(problem.sentence, field=n) from None
    return canvas.finished()
