"""Slips as pictures: what a receipt printer would put on the roll, as SVG, so that one is seen without the other.

Letters stand in cells of 12 dots as the printer's do, so what collides here collides on paper; drawn letters and codes are
the very dots. It reads what roll.py writes and leaves out what it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from printers import code128, picture, shapes, slip
from printers.labels import OWN_CHARACTERS

WIDTHS = {42: 512, 32: 384}  # dots of the paper by the letters of its rules
MARGIN = 10
CELL_DOTS, LINE_DOTS = 12, 30
MAX_DOTS = 48_000  # of one slip that are drawn: 6 m


def slip_svg(payload: bytes) -> str:
    """One slip as a whole SVG document; as wide as its own paper, told by its rules."""
    width = next((dots for columns, dots in WIDTHS.items() if b"-" * columns in payload), WIDTHS[42])
    drawing = _Drawing(width)
    for token in slip.tokens(payload[: picture.MAX_DRAWN]):
        if drawing.y > MAX_DOTS:
            break
        drawing.take(token)
    height = drawing.y + LINE_DOTS
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 2 * MARGIN} {height}" role="img">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(drawing.shapes)}</svg>'
    )


class _Drawing:
    """What a receipt printer remembers between commands."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.shapes = list[str]()
        self.y, self.style, self.align, self.bold, self.page = 2 * MARGIN, 0, 0, False, slip.PAGES[16]
        self.line = list[tuple[int, str | bytes]]()  # (dots wide, text or a cell's token) of the line under way

    def take(self, token: bytes) -> None:
        match token[:2]:
            case b"\x1b!":
                self.style = token[2]
            case b"\x1ba":
                self.align = token[2]
            case b"\x1bE":
                self.bold = bool(token[2])
            case slip.PAGE_CHOSEN:
                self.page = slip.PAGES.get(token[2], self.page)
            case slip.CELL:
                self.line.append((int.from_bytes(token[3:5], "little"), token))
            case slip.PICTURE:
                row, rows = int.from_bytes(token[4:6], "little"), int.from_bytes(token[6:8], "little")
                self.dots(self.left(row * 8), row, rows, token[8:])
                self.y += rows
            case slip.BARS:
                self.bars(token[4:].decode("latin-1").removeprefix("{B"))
            case _ if token == b"\n":
                self.feed()
            case _ if slip.is_text(token):
                text = "".join(c for c in token.decode(self.page, "replace") if c.isprintable())
                self.line.append((len(text) * CELL_DOTS * self.wide, text))

    @property
    def wide(self) -> int:
        return 2 if self.style & 0x20 else 1

    def feed(self) -> None:
        x = self.left(sum(width for width, _ in self.line))
        for width, what in self.line:
            if isinstance(what, bytes):
                self.dots(x, 3, width, what[5:], turned=True)
            else:
                self.text(x, width, what)
            x += width
        self.line.clear()
        self.y += 2 * LINE_DOTS if self.style & 0x10 else LINE_DOTS

    def left(self, width: int) -> int:
        return MARGIN + {1: (self.width - width) // 2, 2: self.width - width}.get(self.align, 0)

    def text(self, x: int, width: int, text: str) -> None:
        self.shapes.append(
            f'<text x="{x}" y="{self.y + 20 * self.wide}" font-size="{20 * self.wide}" font-family="monospace" '
            f'xml:space="preserve" font-weight="{700 if self.bold else 400}" textLength="{max(1, width)}" '
            f'lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
        )

    def dots(self, x: int, row_bytes: int, rows: int, bits: bytes, *, turned: bool = False) -> None:
        """Rows of dots; turned, they are columns from the top."""
        drawn = list[str]()
        for n in range(rows):
            row = bits[n * row_bytes : (n + 1) * row_bytes]
            for a, b in shapes.runs(black for byte in row for black in _eight(byte)):
                drawn.append(
                    f"M{x + n} {self.y + a}h1v{b - a}h-1z" if turned else f"M{x + a} {self.y + n}h{b - a}v1H{x + a}z"
                )
        if drawn:
            self.shapes.append(f'<path d="{"".join(drawn)}"/>')

    def bars(self, text: str) -> None:
        if not text or not OWN_CHARACTERS.issuperset(text):
            return
        width = 2 * (code128.modules(text) + 2 * code128.QUIET_MODULES)
        inner = picture.code128_svg(text, height=80)
        placed = f'<svg x="{self.left(width)}" y="{self.y}" width="{width}" height="80" '
        self.shapes.append(inner.replace("<svg ", placed, 1))
        self.y += 84


def _eight(byte: int) -> Iterable[bool]:
    return (bool(byte >> (7 - bit) & 1) for bit in range(8))
