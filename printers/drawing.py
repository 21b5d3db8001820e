"""From a layout and a label to the marks on a canvas. Each field becomes one step, made once per template.

The steps of a template always write the same commands in the same order, whatever the label says: a field with nothing
to say writes an empty one. Where a symbol does not fit, the canvas refuses with its width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from PIL import Image

from printers import codes, graphics, layout
from printers.canvas import FOOT_MM, Canvas
from printers.labels import MAX_COMMANDS, CommandSheet, LabelRefused
from printers.layout import AnyField, BrokenTemplate, Layout, length
from printers.placeholders import pattern

MOST_SIZES = 16  # kinds of paper a template is remembered for

Step = Callable[[Canvas, Any], None]


class Template:
    """A layout for one kind of label, ready to draw. `pictures` are those of the house, by name."""

    def __init__(
        self,
        name: str,
        label: type[Any],
        of: Layout,
        *,
        version: int = 0,
        pictures: Mapping[str, Image.Image] | None = None,
    ) -> None:
        self.name, self.label, self.layout, self.version = name, label, of, version
        self.pictures = pictures or {}
        self._steps: dict[tuple[float, float, int], tuple[Step, ...]] = {}

    def draw(self, paper: Canvas, label: Any) -> None:
        """Raises LabelRefused: too small a paper, a symbol that does not fit, text a symbol does not carry."""
        size = (paper.width, paper.height, paper.dots)
        steps = self._steps.get(size)
        if steps is None:
            steps = tuple(self.steps(paper))
            if len(self._steps) < MOST_SIZES:
                self._steps[size] = steps
        for step in steps:
            step(paper, label)

    def steps(self, paper: Canvas) -> list[Step]:
        """Raises BrokenTemplate with the field it is about."""
        height = printable(paper, self.layout)
        found = []
        for n, field in enumerate(self.layout.fields, 1):
            try:
                found.append(self._step(field, box(field, paper, height), paper.dots))
            except BrokenTemplate as problem:
                raise BrokenTemplate(problem.sentence, field=n) from None
        return found

    def _step(self, field: AnyField, at: tuple[float, float, float, float], dots: int) -> Step:
        x, y, w, h = at
        match field:
            case layout.Text(lines=lines, align=align, white=white):
                say = pattern(field.text, self.label)
                return lambda paper, label: paper.text(x, y, w, h, say(label), lines=lines, align=align, white=white)
            case layout.Captioned(caption=caption, lines=lines):
                say = pattern(field.text, self.label)
                return lambda paper, label: paper.captioned(x, y, w, h, caption, say(label), lines=lines)
            case layout.Rule():
                return lambda paper, label: paper.rule(y)
            case layout.Box(line_mm=line):
                return lambda paper, label: paper.box(x, y, w, h, line=line or None)
            case layout.Symbol():
                return _symbol(field, at, pattern(field.text, self.label))
            case layout.Picture(name=name):
                picture = self.pictures.get(name)
                drawn = (max(1, int(w * dots)), max(1, int(h * dots)))
                graphic = "" if picture is None else graphics.command(picture, width=drawn[0], height=drawn[1])
                return lambda paper, label: paper.graphic(x, y, graphic)
            case layout.Commands():
                return lambda paper, label: _commands(paper, at, label)
            case layout.Code(code=code):
                write = codes.writer(code, self.label)
                return lambda paper, label: paper.commands.append(write(label))
        assert_never(field)


def printable(paper: Canvas, of: Layout) -> float:
    """Millimetres of height that 100 % means. Raises LabelRefused where the paper is too low for the layout."""
    height = paper.height - FOOT_MM - paper.margin - of.foot_mm
    if height < of.least_mm:
        needed = -int(-(paper.height + of.least_mm - height) // 1)
        raise LabelRefused(f"This label needs {needed} mm of height, the paper has {paper.height:.0f}.")
    return height


def box(field: AnyField, paper: Canvas, height: float) -> tuple[float, float, float, float]:
    """(x, y, w, h) on the paper in millimetres. Raises BrokenTemplate."""
    x, w = paper.margin + length(field.x, paper.inner), length(field.w, paper.inner)
    if isinstance(field, layout.Symbol | layout.Box) and field.edge:
        x, w = 0.0, paper.width
    return x, paper.margin + length(field.y, height), w, length(field.h, height)


def _symbol(field: layout.Symbol, at: tuple[float, float, float, float], say: Callable[[Any], str]) -> Step:
    x, y, w, h = at
    match field.symbol:
        case "code128":
            return lambda paper, label: paper.code128(x, y, w, h, say(label))
        case "plate":
            return lambda paper, label: paper.plate(x, y, w, h, say(label))
        case "logistic":
            return lambda paper, label: paper.logistic(x, y, w, h, say(label))
        case "gs1_datamatrix":
            return lambda paper, label: paper.gs1_datamatrix(x, y, min(w, h), say(label))
    assert_never(field.symbol)


def _commands(paper: Canvas, at: tuple[float, float, float, float], label: Any) -> None:
    if not isinstance(label, CommandSheet):
        raise BrokenTemplate("Only a command sheet has commands.")
    x, y, w, h = at
    count = len(label.commands)
    columns = 1 if count <= MAX_COMMANDS // 2 else 2
    rows = max(1, -(-count // columns))
    row, wide = h / rows, w / columns
    if count > MAX_COMMANDS or row < 14:
        raise LabelRefused(f"{count} commands do not fit one sheet of {paper.height:.0f} mm; print two sheets.")
    for n, command in enumerate(label.commands):
        left, top = x + (n % columns) * wide, y + (n // columns) * row
        paper.text(left, top, wide, min(6, row * 0.3), command.caption, align="centre")
        paper.code128(left, top + min(6, row * 0.3), wide, row * 0.6, command.barcode)
