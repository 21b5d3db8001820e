"""Labels as pictures: the ZPL that we write, drawn as SVG, so that a label is seen without a printer.

It reads what `canvas` writes and the lines, circles and texts of printer code; what it does not draw, such as a QR code
or a turned barcode, `not_drawn` names, so that nobody takes the picture for the paper. Text is set to the width the
printer's font would give it, so what collides here collides on paper. The symbols are real: a scanner held to the
screen reads them.
"""

from __future__ import annotations

import re

from printers import code128, datamatrix
from printers.marks import Drawing
from printers.shapes import bars, runs

MAX_DRAWN = 512 * 1024  # bytes of one label that are looked at
_HEX = re.compile(rb"_([0-9A-Fa-f]{2})")
_LINE = re.compile(rb"\^(?:A0N,\d+,\d+\^FH_\^FD[^^~]*|GFA,[0-9A-F,:]*)")


def label_svg(payload: bytes) -> str:
    """One label as a whole SVG document. Never raises: what cannot be drawn is left out."""
    drawing = _drawing(payload)
    body = "".join(drawing.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" role="img">'
        f'<rect width="100%" height="100%" fill="#fff"/>{body}</svg>'
    )


def not_drawn(payload: bytes) -> tuple[str, ...]:
    """What `label_svg` leaves out or draws otherwise than a printer, as commands: `^BQ`."""
    return tuple(sorted(_drawing(payload).missing))


def _drawing(payload: bytes) -> Drawing:
    drawing = Drawing()
    for command, argument in commands(payload):
        try:
            if command == b"FD":
                drawing.field(field_text(argument))
            else:
                drawing.take(command, argument.decode("latin-1").split(","))
        except (ValueError, LookupError, ArithmeticError):
            drawing.leave_out(drawing.symbol or command.decode("latin-1"))
    return drawing


def code128_svg(text: str, *, height: int = 50) -> str:
    """Our own Code 128 for a page or a command sheet on paper; NotEncodable for text it may not carry."""
    return _symbol_svg(code128.codewords(code128.check_own(text)), height)


def gs1_128_svg(elements: str, *, height: int = 50) -> str:
    """GS1-128 of an element string, as large as the page draws it."""
    return _symbol_svg(code128.gs1_codewords(elements), height)


def datamatrix_svg(elements: str) -> str:
    """GS1 DataMatrix of an element string, two modules of white around it."""
    grid = datamatrix.grid(elements)
    side = len(grid) + 4
    drawn = "".join(
        f"M{start + 2} {row + 2}h{end - start}v1h-{end - start}z"
        for row, modules in enumerate(grid)
        for start, end in runs(modules)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img">'
        f'<rect width="100%" height="100%" fill="#fff"/><path d="{drawn}"/></svg>'
    )


def _symbol_svg(found: list[int], height: int) -> str:
    width = 11 * (len(found) - 1) + 13 + 2 * code128.QUIET_MODULES
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" preserveAspectRatio="none">'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f"{bars(found, code128.QUIET_MODULES, 0, 1, height)}</svg>"
    )


def texts(payload: bytes) -> list[str]:
    """All field data of a label, decoded: what a reader of the paper, or a scanner, gets."""
    return [field_text(argument) for command, argument in commands(payload) if command == b"FD"]


def commands(payload: bytes) -> list[tuple[bytes, bytes]]:
    """Every `^` and `~` command with its argument, in order, as a printer takes them."""
    found = re.split(rb"([\^~])", payload[:MAX_DRAWN])
    return [(piece[:2].upper(), piece[2:].rstrip(b"\r\n")) for piece in found[2::2]]


def skeleton(payload: bytes) -> list[bytes]:
    """The commands in order, a line of text being the same whether it is set or drawn."""
    return [command for command, _ in commands(_LINE.sub(b"^LINE", payload))]


def field_text(argument: bytes) -> str:
    return _HEX.sub(lambda hit: bytes([int(hit[1], 16)]), argument).decode("utf-8", "replace")
