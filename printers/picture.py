"""Labels as pictures: the ZPL that we write, drawn as SVG, so that a label is seen without a printer.

It reads the subset `canvas` writes (and skips what it does not know): text, boxes, dots, Code 128, GS1-128, DataMatrix.
Text is set to the width the printer's font would give it, so what collides here collides on paper. The symbols are
real: a scanner held to the screen reads them.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable
from html import escape

from printers import code128, datamatrix
from printers.fonts import CAP_HEIGHT, clean, width_of

MAX_DRAWN = 512 * 1024  # bytes of one label that are looked at
FONT = "'Liberation Sans Narrow','Arial Narrow','Roboto Condensed','Helvetica Neue',Arial,sans-serif"

_HEX = re.compile(rb"_([0-9A-Fa-f]{2})")
_LINE = re.compile(rb"\^(?:A0N,\d+,\d+\^FH_\^FD[^^~]*|GFA,[0-9A-F,:]*)")


def label_svg(payload: bytes) -> str:
    """One label as a whole SVG document. Never raises: what cannot be drawn is left out."""
    drawing = _Drawing()
    for command, argument in commands(payload):
        try:
            drawing.take(command, argument)
        except (ValueError, LookupError, ArithmeticError):
            continue
    body = "".join(drawing.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" role="img">'
        f'<rect width="100%" height="100%" fill="#fff"/>{body}</svg>'
    )


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
        f"{_bars(found, code128.QUIET_MODULES, 0, 1, height)}</svg>"
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


class _Drawing:
    """What a label printer remembers between commands."""

    def __init__(self) -> None:
        self.width, self.height, self.shapes = 812, 1218, list[str]()
        self.x = self.y = 0
        self.size, self.module, self.tall = 30, 2, 100
        self.symbol, self.mode, self.mark, self.white = "", "N", "_", False

    def take(self, command: bytes, argument: bytes) -> None:
        values = argument.decode("latin-1").split(",") if command != b"FD" else []
        match command:
            case b"PW":
                self.width = max(1, int(values[0]))
            case b"LL":
                self.height = max(1, int(values[0]))
            case b"FO":
                self.x, self.y = int(values[0]), int(values[1])
            case b"FR":
                self.white = True
            case b"A0":
                self.size = int(values[1])
            case b"BY":
                self.module, self.tall = int(values[0]), int(values[2])
            case b"BC":
                self.symbol, self.tall, self.mode = "code128", int(values[1]), values[5]
            case b"BX":
                self.symbol, self.module, self.mark = "datamatrix", int(values[1]), values[6]
            case b"GB":
                self.box(int(values[0]), int(values[1]), int(values[2]))
            case b"GF":
                self.dots(int(values[3]), _bits(values[4]))
            case b"FD":
                self.field(field_text(argument))
            case b"FS":
                self.symbol, self.white = "", False

    def field(self, text: str) -> None:
        if self.symbol == "code128":
            self.shapes.append(_bars(_codewords(text, self.mode), self.x, self.y, self.module, self.tall))
        elif self.symbol == "datamatrix":
            elements = text.replace(f"{self.mark}1", "\x1d").removeprefix("\x1d")
            for n, row in enumerate(datamatrix.grid(elements)):
                self.path([(self.x + a * self.module, n, (b - a) * self.module) for a, b in runs(row)], self.module)
        elif text.strip():
            text, wide = clean(text), width_of(text, self.size)
            colour = "#fff" if self.white else "#000"
            self.shapes.append(
                f'<text x="{self.x}" y="{self.y + self.size * CAP_HEIGHT:.1f}" font-size="{self.size * 1.04:.1f}" '
                f'font-family="{FONT}" font-weight="700" fill="{colour}" textLength="{wide}" '
                f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{escape(text)}</text>'
            )

    def box(self, w: int, h: int, line: int) -> None:
        place = f'<rect x="{self.x}" y="{self.y}" width="{w}" height="{h}" fill="#000"/>'
        if line < min(w, h):
            half = line / 2
            place = (
                f'<rect x="{self.x + half}" y="{self.y + half}" width="{w - line}" height="{h - line}" '
                f'fill="none" stroke="#000" stroke-width="{line}"/>'
            )
        self.shapes.append(place)

    def dots(self, row_bytes: int, bits: bytes) -> None:
        for n in range(len(bits) // row_bytes):
            row = bits[n * row_bytes : (n + 1) * row_bytes]
            black = tuple(bool(byte >> (7 - bit) & 1) for byte in row for bit in range(8))
            self.path([(self.x + a, n, b - a) for a, b in runs(black)], 1)

    def path(self, strokes: list[tuple[int, int, int]], pitch: int) -> None:
        """Horizontal strokes (x, row, width), `pitch` dots high."""
        if strokes:
            drawn = "".join(f"M{x} {self.y + row * pitch}h{w}v{pitch}h-{w}z" for x, row, w in strokes)
            self.shapes.append(f'<path d="{drawn}"/>')


def _bits(data: str) -> bytes:
    """The dots of a graphic: hexadecimal, each `:` the first row once more, or Z64 (zlib in base64, a check sum)."""
    if not data.startswith(":Z64:"):
        first, again, _ = data.partition(":")
        return bytes.fromhex(first) * (1 + len(data) - len(first) if again else 1)
    packed = base64.b64decode(data.removeprefix(":Z64:").partition(":")[0])
    return zlib.decompressobj().decompress(packed, MAX_DRAWN)


def _codewords(text: str, mode: str) -> list[int]:
    """Mode N as we write it (`>;` start C, `>8` FNC1, digits), else the automatic choice."""
    if mode == "N" and text.startswith(">;>8"):
        return code128.sscc_codewords(text.removeprefix(">;>800"))
    return code128.codewords(text)


def _bars(codewords: list[int], x: int, y: int, module: int, tall: int) -> str:
    drawn = "".join(f"M{x + at * module} {y}h{w * module}v{tall}h-{w * module}z" for at, w in code128.bars(codewords))
    return f'<path d="{drawn}"/>'


def runs(row: Iterable[bool]) -> list[tuple[int, int]]:
    """(start, end) of each black run."""
    found, start = list[tuple[int, int]](), -1
    for n, black in enumerate((*row, False)):
        if black and start < 0:
            start = n
        elif not black and start >= 0:
            found.append((start, n))
            start = -1
    return found
