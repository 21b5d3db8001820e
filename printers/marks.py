"""What a label printer makes of each command, in SVG: it remembers sizes and places, and draws where a field says something.

Drawn are all the commands `canvas` writes, and of printer code what lies straight: text (turned, too), frames, circles,
strokes, Code 128 and GS1 DataMatrix. Everything else that could leave ink is kept in `missing`, so that whoever looks at
the picture is told.
"""

from __future__ import annotations

import base64
import zlib

from printers import code128, datamatrix, shapes
from printers.fonts import clean, width_of

MAX_GRAPHIC = 512 * 1024  # bytes of one graphic
WHITE = ' fill="#fff"'
# Commands that leave no ink by themselves, and those that only prepare for the next.
SILENT = frozenset((b"XA", b"XZ", b"CI", b"LH", b"FH", b"FX"))


class Drawing:
    """What a label printer remembers between commands."""

    def __init__(self) -> None:
        self.width, self.height, self.shapes, self.missing = 812, 1218, list[str](), set[str]()
        self.x = self.y = 0
        self.by_foot, self.white, self.turned = False, False, "N"
        self.size, self.letter, self.usual, self.module, self.tall = 30, 30, (30, 30), 2, 10
        self.symbol, self.values = "", list[str]()
        self.black: list[tuple[int, int, int, int]] = []  # boxes that are black all over

    def take(self, command: bytes, values: list[str]) -> None:
        """Anything but `^FD`. Raises ValueError or LookupError for arguments it cannot read."""
        match command:
            case b"PW":
                self.width = max(1, int(values[0]))
            case b"LL":
                self.height = max(1, int(values[0]))
            case b"FO" | b"FT":
                self.x, self.y, self.by_foot = int(values[0]), int(values[1]), command == b"FT"
            case b"FR":
                self.white = True
            case b"A0":
                self.size = _number(values, 1, self.usual[0])
                self.letter, self.turned = _number(values, 2, self.size), values[0] or "N"
            case b"CF" if values[0] == "0":
                self.size = _number(values, 1, 30)
                self.letter = _number(values, 2, self.size)
                self.usual = self.size, self.letter
            case b"BY":
                self.module, self.tall = _number(values, 0, self.module), _number(values, 2, self.tall)
            case b"GB" | b"GC" | b"GD" | b"GE":
                self.graphic(command.decode(), values)
            case b"GF":
                self.dots(int(values[3]), _bits(values[4]))
            case b"FS":
                self.symbol, self.white, self.turned, (self.size, self.letter) = "", False, "N", self.usual
            case _ if command[:1] == b"B" or command == b"GS":
                self.symbol, self.values = command.decode("latin-1"), values
            case _ if command not in SILENT:
                self.leave_out(command.decode("latin-1"))

    def leave_out(self, command: str) -> None:
        self.missing.add(f"^{command[:3]}")

    def top(self, high: int) -> int:
        """`^FT` says where the foot stands."""
        return self.y - high if self.by_foot else self.y

    def field(self, text: str) -> None:
        if self.symbol == "BC" and self.values[0] in ("", "N"):
            self.bars(text)
        elif self.symbol == "BX" and self.values[0] in ("", "N"):
            self.square(text)
        elif self.symbol:
            self.leave_out(self.symbol)
        elif self.turned != "N" and self.by_foot:
            self.leave_out("A0" + self.turned)
        elif text.strip():
            text = clean(text)
            at = (self.x, self.y, self.size, width_of(text, self.letter))
            self.shapes.append(
                shapes.lettering(text, at, turned=self.turned, by_foot=self.by_foot, white=self.white and self.over())
            )

    def bars(self, text: str) -> None:
        tall, mode = _number(self.values, 1, self.tall), _letter(self.values, 5, "N")
        found = _codewords(text, mode)
        if found is None:
            return self.leave_out("BC")
        top = self.top(tall)
        self.shapes.append(shapes.bars(found, self.x, top, self.module, tall))
        if _letter(self.values, 2, "Y") == "Y":
            size = 10 * self.module
            line = top - size - 4 if _letter(self.values, 3, "N") == "Y" else top + tall + 4
            spare = (11 * (len(found) - 1) + 13) * self.module - width_of(text, size)
            at = (self.x + spare // 2, line, size, width_of(text, size))
            self.shapes.append(shapes.lettering(clean(text), at))
        return None

    def square(self, text: str) -> None:
        """GS1 DataMatrix alone, in the size that fits what it says."""
        mark, module = _letter(self.values, 6, "_"), int(self.values[1])
        if not text.startswith(f"{mark}1") or any(self.values[3:5]):
            return self.leave_out("BX")
        grid = datamatrix.grid(text.replace(f"{mark}1", "\x1d").removeprefix("\x1d"))
        top = self.top(len(grid) * module)
        for n, row in enumerate(grid):
            self.path([(self.x + a * module, top + n * module, (b - a) * module) for a, b in shapes.runs(row)], module)
        return None

    def graphic(self, kind: str, values: list[str]) -> None:
        """A frame, circle, ellipse or stroke; reversed over what is there already, it is left out."""
        round_ = kind == "GC"
        line = max(1, _number(values, 1 if round_ else 2, 1))
        wide = max(line, _number(values, 0, line))
        high = wide if round_ else max(line, _number(values, 1, line))
        white = _letter(values, 2 if round_ else 3, "B") == "W"
        at = (self.x, self.top(high), wide, high)
        if self.white:
            return self.leave_out("FR")
        if kind == "GB" and line >= min(wide, high) and not white:
            self.black.append((at[0], at[1], at[0] + wide, at[1] + high))
        match kind:
            case "GB":
                corner = _number(values, 4, 0) * min(wide, high) // 16
                self.shapes.append(shapes.frame(at, line, corner=corner, white=white))
            case "GD":
                self.shapes.append(shapes.stroke(at, line, falling=_letter(values, 4, "R") in "L\\", white=white))
            case _:
                self.shapes.append(shapes.ellipse(at, line, white=white))
        return None

    def dots(self, row_bytes: int, bits: bytes) -> None:
        top, white = self.top(len(bits) // row_bytes), self.white and self.over()
        for n in range(len(bits) // row_bytes):
            row = bits[n * row_bytes : (n + 1) * row_bytes]
            black = tuple(bool(byte >> (7 - bit) & 1) for byte in row for bit in range(8))
            self.path([(self.x + a, top + n, b - a) for a, b in shapes.runs(black)], 1, white=white)

    def over(self) -> bool:
        """Whether this place is black already: what is reversed comes out white there, black elsewhere."""
        return any(a <= self.x < c and b <= self.y < d for a, b, c, d in self.black)

    def path(self, strokes: list[tuple[int, int, int]], pitch: int, *, white: bool = False) -> None:
        """Horizontal strokes (x, y, width), `pitch` dots high."""
        if strokes:
            drawn = "".join(f"M{x} {y}h{w}v{pitch}h-{w}z" for x, y, w in strokes)
            self.shapes.append(f'<path d="{drawn}"{WHITE if white else ""}/>')


def _number(values: list[str], at: int, usual: int) -> int:
    return int(values[at]) if at < len(values) and values[at] else usual


def _letter(values: list[str], at: int, usual: str) -> str:
    return values[at].upper() if at < len(values) and values[at] else usual


def _bits(data: str) -> bytes:
    """The dots of a graphic: hexadecimal, each `:` the first row once more, or Z64 (zlib in base64, a check sum)."""
    if not data.startswith(":Z64:"):
        first, again, _ = data.partition(":")
        return bytes.fromhex(first) * (1 + len(data) - len(first) if again else 1)
    packed = base64.b64decode(data.removeprefix(":Z64:").partition(":")[0])
    return zlib.decompressobj().decompress(packed, MAX_GRAPHIC)


def _codewords(text: str, mode: str) -> list[int] | None:
    """Mode N as we write it (`>;` start C, `>8` FNC1, digits) or without `>`, else the automatic choice."""
    if mode == "N" and text.startswith(">;>8"):
        return code128.sscc_codewords(text.removeprefix(">;>800"))
    if mode not in ("A", "N") or (mode == "N" and ">" in text) or not (text.isascii() and text.isprintable()):
        return None
    if mode == "N":
        return code128.closed([code128.START_B, *(ord(character) - 32 for character in text)])
    return code128.codewords(text)
