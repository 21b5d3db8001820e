"""Labels as ZPL: struct in, the exact bytes for the printer out. Pure; nothing here opens a socket.

ZPL has no quoting: `^XZ` in an item's name would end the label and what follows would be obeyed. So all text passes one
encoder (`canvas.escaped`) and a property test keeps it: for any text the commands are the same and it is one label.
A reprint is the stored bytes with a mark, never a second rendering: `marked_copy`.
"""

from __future__ import annotations

import re

from printers import foreign, templates
from printers.canvas import DOTS_PER_MM, FOOT_MM, Canvas
from printers.drawing import Template
from printers.fonts import width_of
from printers.labels import AnyLabel, CarrierLabel, LabelRefused
from printers.templates import name_of

BUILT_IN = {name: Template(name, label, layout) for name, (label, layout) in templates.BUILT_IN.items()}
MAX_COPY = 99

_HEAD = re.compile(rb"\A\^XA\^CI28\^PW(\d{1,5})\^LL(\d{1,5})\^LH0,0")
_TAIL = b"^XZ\n"


def render(
    label: AnyLabel, *, dpi: int = 203, width_mm: int = 100, height_mm: int = 150, template: Template | None = None
) -> bytes:
    """One label, by the house's own template or the built-in one. Raises LabelRefused with a sentence."""
    if isinstance(label, CarrierLabel):
        return foreign.printable(label, dpi=dpi, width_mm=width_mm, height_mm=height_mm)
    if template is None:
        template = BUILT_IN[name_of(label)]
    paper = Canvas(dpi=dpi, width_mm=width_mm, height_mm=height_mm)
    template.draw(paper, label)
    return paper.finished()


def marked_copy(payload: bytes, copy: int, *, dpi: int = 203) -> bytes:
    """The same label, marked COPY n in the strip every template leaves free at the bottom."""
    head = _HEAD.match(payload)
    if head is None or not payload.endswith(_TAIL) or not 1 <= copy <= MAX_COPY:
        raise LabelRefused("Only a label of ours can be marked as a copy, from COPY 1 to COPY 99.")
    dots, width, height = DOTS_PER_MM[dpi], int(head[1]), int(head[2])
    size, w, text = int(3.8 * dots), 20 * dots, f"COPY {copy}"
    x, y = width - w - 2 * dots, height - int((FOOT_MM - 0.2) * dots)
    inside = x + (w - width_of(text, size)) // 2
    mark = f"^FO{x},{y}^GB{w},{size},{size}^FS^FO{inside},{y + size // 10}^FR^A0N,{size},{size}^FH_^FD{text}^FS"
    return payload[: -len(_TAIL)] + mark.encode() + _TAIL
