"""Where printer code leaves ink, in dots, so that none of it lies over what the label is scanned by.

A box is never smaller than what comes out: lettering reaches a little below its line, a barcode has room for its readable
line, and what a placeholder says reaches to the edge of the paper. Where that cannot be told from the code alone (an
unknown barcode, text without a size, a turned field that stands by `^FT`) the code is refused, and the sentence says what
to write instead.
"""

from __future__ import annotations

import re

from printers import datamatrix
from printers.fonts import width_of
from printers.layout import BrokenTemplate

Dots = tuple[int, int, int, int]  # left, top, right, bottom

# The place of the height among the arguments of a barcode that is a row of bars.
HEIGHT_AT = dict.fromkeys(("B2", "B8", "B9", "BA", "BC", "BE", "BI", "BJ", "BL", "BS", "BU", "BZ"), 1) | dict.fromkeys(
    ("B1", "B3", "BK", "BM", "BP"), 2
)
SQUARES = ("BQ", "BX")
ROUNDED = 2  # dots by which printers differ
GRAPHICS = ("GB", "GC", "GD", "GE")

_COMMAND = re.compile(r"\^([A-Za-z][A-Za-z0-9])([^^]*)")


def ink(code: str, *, width: int, height: int) -> list[Dots]:
    """A box for each mark of `code` (placeholders not filled in) on paper `width` by `height` dots. BrokenTemplate."""
    pen = _Pen(width, height)
    for name, argument in _COMMAND.findall(code):
        pen.take(name.upper(), argument.replace("\n", ""))
    return pen.found


class _Pen:
    """What the printer remembers, and what stands in the field that is open."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height, self.found = width, height, list[Dots]()
        self.module, self.bars, self.usual = 2, 10, (0, 0)  # ^BY and ^CF
        self.at: tuple[int, int] | None = None
        self.said: str | None = None
        self.drawn: str | None = None
        self.values: list[str] = []
        self.close()

    def take(self, name: str, argument: str) -> None:
        values = argument.split(",")
        if name in ("FO", "FT"):
            self.open(name, values)
        elif name == "FS":
            self.mark()
            self.close()
        elif name == "BY":
            self.module = _number(name, values, 0, self.module)
            self.bars = _number(name, values, 2, self.bars)
        elif name == "CF":
            if values[0] != "0":
                raise BrokenTemplate("how large the letters of another font are cannot be told: write ^CF0,40.")
            self.size = self.usual = self.lettering(name, values)
        elif name not in ("FH", "FR", "FX"):
            self.draw(name, argument, values)

    def open(self, name: str, values: list[str]) -> None:
        if self.at is not None:
            raise BrokenTemplate("each ^FO or ^FT ends with its ^FS.")
        if len(values) != 2 or not all(values):
            raise BrokenTemplate(f"^{name} says where it stands in two numbers: ^{name}40,200.")
        x, y = _number(name, values, 0), _number(name, values, 1)
        if x >= self.width or y >= self.height:
            raise BrokenTemplate(f"^{name}{x},{y} is not on the paper of {self.width} × {self.height} dots.")
        self.at, self.by_foot = (x, y), name == "FT"

    def draw(self, name: str, argument: str, values: list[str]) -> None:
        if self.at is None:
            raise BrokenTemplate(f"^{name} stands between ^FO and ^FS.")
        if name == "A0":
            self.size, self.turned = self.lettering(name, values), self.turn(name, values)
        elif name == "FD":
            self.once(self.said)
            self.said = argument
        elif name in GRAPHICS:
            self.once(self.drawn)
            self.drawn = name
            line = _number(name, values, 1 if name == "GC" else 2, 1)
            wide = max(_number(name, values, 0, line), line)
            high = wide if name == "GC" else max(_number(name, values, 1, line), line)
            self.size = (high, wide + (line if name == "GD" else 0))  # a stroke is measured along its middle
        elif name == "GS" or name in HEIGHT_AT or name in SQUARES:
            self.once(self.drawn)
            self.drawn, self.values, self.turned = name, values, self.turn(name, values)
        else:
            raise BrokenTemplate(f"how large ^{name} comes out cannot be told; ^BC, ^B3, ^BE, ^BX and ^BQ can.")

    def once(self, before: str | None) -> None:
        if before is not None:
            raise BrokenTemplate("only one thing stands between ^FO and ^FS.")

    def lettering(self, name: str, values: list[str]) -> tuple[int, int]:
        """Height and width of a letter; a font without a height has one nobody sees here."""
        high = _number(name, values, 1, 0)
        if not high:
            raise BrokenTemplate(f"^{name} says how high its letters are, in dots: ^{name}{values[0][:1]},40,40.")
        return high, _number(name, values, 2, 0) or high

    def turn(self, name: str, values: list[str]) -> str:
        found = values[0].strip().upper() or "N"
        if found not in ("N", "R", "I", "B"):
            raise BrokenTemplate(f"^{name}{values[0][:8]} is turned N, R, I or B.")
        if found != "N" and self.by_foot:
            raise BrokenTemplate("a turned field stands by ^FO, not by ^FT.")
        return found

    def close(self) -> None:
        self.at, self.by_foot, self.turned, self.size = None, False, "N", self.usual
        self.said, self.drawn, self.values = None, None, []

    def mark(self) -> None:
        """The box of the field that ends here, if it leaves ink."""
        if self.at is None or (self.drawn not in GRAPHICS and self.said is None):
            return
        if self.drawn in GRAPHICS and self.said is not None:
            raise BrokenTemplate("only one thing stands between ^FO and ^FS.")
        (x, y), (wide, high, beside) = self.at, self.measured()
        beside += ROUNDED
        top = y - high if self.by_foot else y
        if top < 0:  # printers move it down on to the paper, each its own way
            raise BrokenTemplate(f"^FT{x},{y} would begin above the paper: what stands there may be {high} dots high.")
        long, broad = (wide, high) if self.turned in "NI" else (high, wide)
        left = 0 if self.turned in "IRB" and long > self.width else x
        upper = 0 if self.turned in "IRB" and broad > self.height else top
        self.found.append((left - beside, upper - beside, x + long + beside, top + broad + beside))

    def measured(self) -> tuple[int, int, int]:
        """How wide, how high, and how far ink may stand out on any side; past the paper where nobody can say."""
        assert self.said is not None or self.drawn in GRAPHICS
        said, edge = self.said or "", self.width + self.height
        open_ended = "{" in said
        if self.drawn in GRAPHICS:
            return self.size[1], self.size[0], 0
        if self.drawn == "GS":
            high = max(_number("GS", self.values, 1, 0), _number("GS", self.values, 2, 0))
            if not high:
                raise BrokenTemplate("^GS says how high and wide its sign is: ^GSN,40,40.")
            return high, high, high // 3
        if self.drawn is None:
            high, letter = self.size
            if not high:
                raise BrokenTemplate("text says how large it is before ^FD: ^A0N,40,40.")
            return edge if open_ended else width_of(said, letter) * 11 // 10 + letter // 4, high, high // 3
        if self.drawn in SQUARES:
            side = edge if open_ended else self.square(said)
            return side, side, self.bars if self.drawn == "BQ" else 0  # printers set a QR ^BY's height lower
        high = _number(self.drawn, self.values, HEIGHT_AT[self.drawn], self.bars)
        wide = edge if open_ended or self.drawn != "BC" else self.module * (11 * (len(said) + 5) + 2)
        return wide, high, 12 * self.module + 10  # the readable line is above or below

    def square(self, said: str) -> int:
        """Never less than its side: QR's versions hold 7 bytes more each at the highest correction, at the least."""
        if self.drawn == "BQ":
            return _number("BQ", self.values, 2, 10) * (17 + 4 * max(1, -(-len(said) // 7)))
        module = _number("BX", self.values, 1, 0)
        if not module or _number("BX", self.values, 2, 0) != 200:
            raise BrokenTemplate("^BX says how large its modules are, and quality 200: ^BXN,4,200.")
        asked = max(_number("BX", self.values, 3, 0), _number("BX", self.values, 4, 0))
        oblong = 2 if self.values[7:8] == ["2"] else 1
        return oblong * module * max(asked, datamatrix.side(len(said) + 2))


def _number(name: str, values: list[str], at: int, usual: int | None = None) -> int:
    text = values[at].strip() if at < len(values) else ""
    if not text and usual is not None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise BrokenTemplate(f"^{name} needs a whole number of dots, not {text[:20]!r}.")
    return int(text)
