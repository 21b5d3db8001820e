"""Packing slips and load manifests for receipt printers: struct in, ESC/POS bytes out, by python-escpos's `Dummy`.

ESC/POS passes control bytes in text straight to the printer: an item's name could cut the paper or open the drawer. So
text loses its control characters first. It is printed in Windows-1252; a line with a character outside that page is
drawn and sent as an image, never as a silent `?`. Paper is 58 or 80 mm wide.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from printers import bitmap
from printers.labels import OWN_CHARACTERS, LabelRefused, LoadManifest, PackingSlip
from printers.zpl import MAX_COPY

if TYPE_CHECKING:
    from escpos.printer import Dummy
    from PIL import Image

TEMPLATE_VERSION = 1
CODE_PAGE = "CP1252"
PROFILE = "TM-T88V"  # the common subset: 512 dots wide, code page 16 is Windows-1252
COLUMNS = {58: 32, 80: 42}
DOTS = {58: 384, 80: 512}
LINE_DOTS = 30
MAX_LINES = 400  # of one slip: 4 m of paper
MAX_BARCODE = 14  # characters of Code 128 subset B that fit 58 mm at two dots a module
MAX_LOGO_DOTS = 240  # high

_START, _CUT = b"\x1b@", b"\x1dV\x00"
_COMMANDS = b"\x1b@\x1bt\x10\x1ba\x01\x1bE\x01"


def render(slip: PackingSlip, *, width_mm: int = 80, logo: Image.Image | None = None) -> bytes:
    """One slip, cut at its end. Raises LabelRefused for paper we do not know or a slip longer than the roll allows."""
    if len(slip.lines) > MAX_LINES:
        raise LabelRefused(f"A slip has at most {MAX_LINES} lines, this one {len(slip.lines)}; print it per carton.")
    paper = _roll(width_mm)
    if logo is not None:
        paper.logo(logo)
    paper.printer.set(align="center", bold=True, normal_textsize=True)
    paper.line(slip.sender)
    paper.printer.set(double_width=True, double_height=True)
    paper.line("PACKING SLIP", wide=2)
    paper.printer.set(align="left", bold=False, normal_textsize=True)
    paper.rule()
    for text in (slip.customer, *slip.address):
        paper.line(text)
    paper.rule()
    paper.pair("Order", slip.order)
    paper.pair("Carton", slip.carton)
    if slip.packed_on is not None:
        paper.pair("Packed", slip.packed_on.isoformat())
    paper.rule()
    for line in slip.lines:
        paper.printer.set(bold=True)
        paper.pair(line.item, f"{line.quantity} {line.unit}".strip())
        paper.printer.set(bold=False)
        paper.line(line.name)
        if line.lot:
            paper.line(f"  Lot {line.lot}")
    paper.rule()
    units = sum(line.quantity for line in slip.lines)
    paper.pair(f"{len(slip.lines)} line{'s' if len(slip.lines) != 1 else ''}", f"{units} in all")
    if slip.note:
        paper.line(slip.note)
    paper.barcode(slip.order)
    paper.printer.cut()
    return bytes(paper.printer.output)


def render_manifest(load: LoadManifest, *, width_mm: int = 80) -> bytes:
    """The driver's list of cartons with a line to sign. Raises LabelRefused as `render` does."""
    if len(load.lines) > MAX_LINES:
        raise LabelRefused(
            f"A slip has at most {MAX_LINES} lines, this load {len(load.lines)}; print the page instead."
        )
    paper = _roll(width_mm)
    paper.printer.set(align="center", bold=True, normal_textsize=True)
    paper.line(load.sender)
    paper.printer.set(double_width=True, double_height=True)
    paper.line("MANIFEST", wide=2)
    paper.printer.set(align="left", bold=False, normal_textsize=True)
    paper.rule()
    for name, value in (("Load", load.load), ("Truck", load.truck), ("Carrier", load.carrier), ("Left", load.left)):
        if value:
            paper.pair(name, value)
    paper.pair("Seal", load.seal or "none")
    paper.rule()
    for line in load.lines:
        paper.printer.set(bold=True)
        paper.pair(line.carton, f"{line.weight_g / 1000:.2f} kg")
        paper.printer.set(bold=False)
        paper.pair(f"  Order {line.order}", line.customer)
    paper.rule()
    count = f"{len(load.lines)} carton{'' if len(load.lines) == 1 else 's'}"
    paper.pair(count, f"{sum(line.weight_g for line in load.lines) / 1000:.2f} kg")
    paper.line("Driver:")
    paper.printer.ln(2)
    paper.rule()
    paper.barcode(load.load)
    paper.printer.cut()
    return bytes(paper.printer.output)


def _roll(width_mm: int) -> _Paper:
    from escpos.printer import Dummy  # reads its table of printers for 0.3 s: not at the server's start

    columns = COLUMNS.get(width_mm)
    if columns is None:
        raise LabelRefused(f"Receipt paper is 58 or 80 mm wide, not {width_mm}.")
    return _Paper(Dummy(profile=PROFILE), columns=columns, dots=DOTS[width_mm])


def marked_copy(payload: bytes, copy: int) -> bytes:
    """The same slip under a line COPY n."""
    if not (payload.startswith(_START) and payload.endswith(_CUT) and 1 <= copy <= MAX_COPY):
        raise LabelRefused("Only a slip of ours can be marked as a copy, from COPY 1 to COPY 99.")
    return _COMMANDS + f"*** COPY {copy} ***\n".encode() + payload


def safe(text: str) -> str:
    """Without control characters; what is left is one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:1000]).split())


class _Paper:
    """The roll: lines that fit it, as text where the code page has it, else as dots."""

    def __init__(self, printer: Dummy, *, columns: int, dots: int) -> None:
        self.printer, self.columns, self.dots = printer, columns, dots
        printer.hw("INIT")
        printer.charcode(CODE_PAGE)

    def line(self, text: str, *, wide: int = 1) -> None:
        for part in textwrap.wrap(safe(text), self.columns // wide):
            self._print(part)

    def pair(self, left: str, right: str) -> None:
        """Left and right on one line, or on two where they do not fit."""
        left, right = safe(left), safe(right)
        if len(left) + len(right) + 1 <= self.columns:
            self._print(left + " " * (self.columns - len(left) - len(right)) + right)
            return
        self.line(left)
        for part in textwrap.wrap(right, self.columns):
            self._print(part.rjust(self.columns))

    def rule(self) -> None:
        self._print("-" * self.columns)

    def logo(self, image: Image.Image) -> None:
        image = image.convert("L")
        image.thumbnail((self.dots, MAX_LOGO_DOTS))
        self.printer.set(align="center")
        self.printer.image(image)

    def barcode(self, text: str) -> None:
        """The order number for the scanner at the returns desk; left out where the symbol or paper cannot carry it."""
        if not text or len(text) > MAX_BARCODE or not OWN_CHARACTERS.issuperset(text):
            return
        code = b"{B" + text.encode()
        # GS h height, GS w module, GS H no text, GS k 73: `barcode()` would also write to our standard output.
        self.printer.set(align="center")
        self.printer._raw(b"\x1dh\x50\x1dw\x02\x1dH\x00\x1dkI" + bytes([len(code)]) + code)
        self._print(text)

    def _print(self, line: str) -> None:
        try:
            line.encode(CODE_PAGE)
        except UnicodeEncodeError:
            self.printer.image(bitmap.line_image(line, height=LINE_DOTS, width=self.dots))
        else:
            self.printer.textln(line)
