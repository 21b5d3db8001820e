"""A label's exact bytes for one printer: by the house's template, with its logo, and marked where it is a copy.

They are drawn when the label is asked for and kept with the job, so that what comes out later, or again, is what was asked
for. A label that cannot be drawn is refused there, while somebody stands before the goods.
"""

import msgspec
from PIL import Image

from app import label_templates, template_faults
from app.config import PrinterSettings
from app.db import Tx
from app.errors import Refusal
from printers import bitmap, escpos, labels, typefaces, zpl
from printers.drawing import Template
from printers.labels import AnyLabel, CarrierLabel, LabelRefused
from printers.slip_kinds import AnySlip


class LabelNotPossible(Refusal):
    code, title = "label_not_possible", "Label not possible"
    says = "The label cannot be printed: {reason}"
    todo = "Ask a supervisor."


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A label's exact bytes, and what they were drawn by."""

    payload: bytes
    template: str = ""
    version: int = 0


def drawn_for(tx: Tx, label: AnyLabel, printer: PrinterSettings) -> Drawn:
    """Raises LabelNotPossible."""
    if isinstance(label, AnySlip):
        return Drawn(payload=draw(label, printer, logo=label_templates.logo(tx)))
    if isinstance(label, CarrierLabel):
        return Drawn(payload=draw(label, printer))
    template = label_templates.of(tx, label)
    if fault := template_faults.refusal(template, printer):
        raise LabelNotPossible(reason=f"{fault} The admin mends it under Prints, Templates.")
    return Drawn(payload=draw(label, printer, template), template=template.name, version=template.version)


def draw(
    label: AnyLabel, printer: PrinterSettings, template: Template | None = None, logo: Image.Image | None = None
) -> bytes:
    """The exact bytes for one printer; without a template by the built-in one. Raises LabelNotPossible."""
    try:
        if isinstance(label, AnySlip):
            return escpos.render(label, width_mm=printer.paper_mm, logo=logo)
        return zpl.render(
            label, dpi=printer.dpi, width_mm=printer.paper_mm, height_mm=printer.height_mm, template=template
        )
    except LabelRefused as problem:
        raise LabelNotPossible(reason=str(problem)) from None


def marked(drawn: Drawn, label: AnyLabel, copy: int, printer: PrinterSettings) -> Drawn:
    """As the copy of that number. Raises LabelNotPossible."""
    try:
        if isinstance(label, AnySlip):
            payload = escpos.marked_copy(drawn.payload, copy)
        else:
            payload = zpl.marked_copy(drawn.payload, copy, dpi=printer.dpi)
    except LabelRefused as problem:
        raise LabelNotPossible(reason=str(problem)) from None
    return msgspec.structs.replace(drawn, payload=payload)


def undrawn(label: AnyLabel) -> str:
    """What of a label comes out as `?` because no font here has it; empty where all is well."""
    if labels.encode(label).isascii():
        return ""
    lost = "".join(dict.fromkeys(bitmap.undrawn(" ".join(texts_of(label)))))
    return f"{lost[:20]} came out as ?: no font here has it, {typefaces.package_for(lost)} brings one." if lost else ""


def texts_of(label: AnyLabel) -> list[str]:
    """Every text of it that people read, those of its lines, too."""
    values = [
        each for value in msgspec.structs.astuple(label) for each in (value if isinstance(value, tuple) else [value])
    ]
    lines = [each for value in values if isinstance(value, msgspec.Struct) for each in msgspec.structs.astuple(value)]
    return [value for value in [*values, *lines] if isinstance(value, str)]
