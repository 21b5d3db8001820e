"""The roll of a receipt printer: lines that fit it, set in the printer's own letters where it has them, else drawn.

A line is cut into runs. Each run is set in a code page that has its characters (Western, Central European, Cyrillic: the
three whose numbers nearly all such printers share); a character in none of them is drawn into the very cell it would
have stood in, never a silent `?`. Scripts whose letters change with their neighbours, or that run from the right, are
drawn as a whole line. Control characters never reach the paper: an item's name could cut it or open the drawer.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from PIL import Image

from printers import bitmap
from printers.labels import OWN_CHARACTERS, LabelRefused

if TYPE_CHECKING:
    from escpos.printer import Dummy

CODE_PAGES = ("CP1252", "CP852", "CP866")
PROFILE = "TM-T88V"  # the common subset: 512 dots wide
COLUMNS = {58: 32, 80: 42}
DOTS = {58: 384, 80: 512}
CELL = (12, 24)  # dots of one letter
LINE_DOTS = 30
LONGEST = 1000  # characters of one text
MAX_BARCODE = 14  # characters of Code 128 subset B that fit 58 mm at two dots a module
MAX_LOGO_DOTS = 240  # high
MAX_QR = 120  # characters
QR_DOTS = 6  # of a module: 0.8 mm, for cameras in bad light
DRAWER_PIN = 2  # the connector's first drawer


def roll(width_mm: int) -> Roll:
    """Raises LabelRefused for paper we do not know."""
    from escpos.printer import Dummy  # reads its table of printers for 0.3 s: not at the server's start

    columns = COLUMNS.get(width_mm)
    if columns is None:
        raise LabelRefused(f"Receipt paper is 58 or 80 mm wide, not {width_mm}.")
    return Roll(Dummy(profile=PROFILE), columns=columns, dots=DOTS[width_mm])


class Roll:
    """What is on the paper so far; `cut` ends it."""

    def __init__(self, printer: Dummy, *, columns: int, dots: int) -> None:
        self.printer, self.columns, self.dots = printer, columns, dots
        printer.hw("INIT")
        printer.charcode(CODE_PAGES[0])

    # ── what stands on it ────────────────────────────────────────────────────────────────────────────────────────────
    def head(self, sender: str, title: str) -> None:
        """Whose paper it is, and what."""
        self.printer.set(align="center", bold=True, normal_textsize=True)
        self.line(sender)
        self.printer.set(double_width=True, double_height=True)
        self.line(title, wide=2)
        self.printer.set(align="left", bold=False, normal_textsize=True)
        self.rule()

    def line(self, text: str, *, wide: int = 1, indent: str = "") -> None:
        for part in wrapped(safe(text), self.columns // wide - len(indent)):
            self._print(indent + part)

    def large(self, text: str) -> None:
        """To be read from a cart."""
        self.printer.set(bold=True, double_width=True, double_height=True)
        self.line(text, wide=2)
        self.printer.set(bold=False, normal_textsize=True)

    def bold(self, left: str, right: str) -> None:
        self.printer.set(bold=True)
        self.pair(left, right)
        self.printer.set(bold=False)

    def pair(self, left: str, right: str) -> None:
        """Left and right on one line, or on two where they do not fit."""
        left, right = safe(left), safe(right)
        free = self.columns - cells(left) - cells(right)
        if free >= 1:
            self._print(left + " " * free + right)
            return
        self.line(left)
        for part in wrapped(right, self.columns):
            self._print(" " * (self.columns - cells(part)) + part)

    def rule(self) -> None:
        self._print("-" * self.columns)

    def space(self, lines: int = 1) -> None:
        self.printer.text("\n" * lines)

    def logo(self, image: Image.Image | None) -> None:
        if image is None:
            return
        image = image.convert("L")
        image.thumbnail((self.dots, MAX_LOGO_DOTS))
        self.printer.set(align="center")
        self.printer.image(image)

    def codes(self, code: str, bars: str, words: str) -> None:
        """The document's code for a camera, and for a laser where its bars fit the paper; what it is under them."""
        self.printer.set(align="center")
        if code and len(code) <= MAX_QR:
            self.printer.image(qr_image(safe(code)))
        if bars and len(bars) <= MAX_BARCODE and OWN_CHARACTERS.issuperset(bars):
            symbol = b"{B" + bars.encode()
            # GS h height, GS w module, GS H no text, GS k 73: `barcode()` would also write to our standard output.
            self.printer._raw(b"\x1dh\x50\x1dw\x02\x1dH\x00\x1dkI" + bytes([len(symbol)]) + symbol)
        self.line(words)

    def cut(self) -> bytes:
        """The exact bytes of the whole slip."""
        self.printer.set(align="left")
        self.printer.cut()
        return bytes(self.printer.output)

    # ── one line of it ───────────────────────────────────────────────────────────────────────────────────────────────
    def _print(self, line: str) -> None:
        if is_shaped(line):
            self.printer.image(bitmap.line_image(line, height=LINE_DOTS, width=self.dots))
            return
        page = CODE_PAGES[0]
        for wanted, text in runs(line):
            if not wanted:
                for character in text:
                    self.printer._raw(cell_dots(character))
                continue
            if wanted != page:
                self.printer.charcode(wanted)
                page = wanted
            self.printer.text(text)
        if page != CODE_PAGES[0]:
            self.printer.charcode(CODE_PAGES[0])
        self.printer.text("\n")


def safe(text: str) -> str:
    """Without control characters, its accents with their letters; what is left is one line."""
    composed = unicodedata.normalize("NFC", text[:LONGEST])
    return " ".join("".join(c if c.isprintable() else " " for c in composed).split())


def cells(text: str) -> int:
    """How many letters wide: a Chinese one takes two."""
    return sum(_cells_of(c) for c in text)


def wrapped(text: str, columns: int) -> list[str]:
    if cells(text) == len(text):
        return textwrap.wrap(text, columns)
    lines, line = list[str](), ""
    for character in text:
        if cells(line + character) > columns:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]


def is_shaped(text: str) -> bool:
    """Is it drawn whole: do its letters join, stack or run from the right?"""
    return any(
        unicodedata.bidirectional(c) in ("R", "AL", "AN") or unicodedata.category(c) in ("Mn", "Mc", "Cf") for c in text
    )


def runs(line: str) -> Iterator[tuple[str, str]]:
    """(code page, text) one after the other; without a page it is drawn."""
    page = CODE_PAGES[0]
    told = list[tuple[str, str]]()
    for character in line:
        page_of = next((one for one in (page, *CODE_PAGES) if _has(one, character)), "")
        told.append((page_of, character))
        page = page_of or page
    for page_of, group in groupby(told, key=lambda one: one[0]):
        yield page_of, "".join(character for _, character in group)


def cell_dots(character: str) -> bytes:
    """ESC * in 24 dots: a picture in the line, one or two cells wide."""
    wide, high = CELL[0] * _cells_of(character), CELL[1]
    drawn = bitmap.line_image(character, height=high, width=wide)
    cell = Image.new("1", (wide, high), 1)
    cell.paste(drawn, ((wide - drawn.width) // 2, 0))
    # The printer takes columns from the top: the picture is turned on its side, black is 1.
    columns = cell.transpose(Image.Transpose.TRANSPOSE).point(lambda dot: 0 if dot else 255, "1").tobytes()
    return b"\x1b*\x21" + wide.to_bytes(2, "little") + columns


def qr_image(code: str) -> Image.Image:
    import segno

    rows = list(segno.make(code, error="m", micro=False).matrix_iter(border=4))
    small = Image.new("1", (len(rows), len(rows)), 1)
    small.putdata([0 if black else 1 for row in rows for black in row])
    return small.resize((len(rows) * QR_DOTS,) * 2, Image.Resampling.NEAREST)


def _cells_of(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _has(page: str, character: str) -> bool:
    try:
        character.encode(page)
    except UnicodeEncodeError:
        return False
    return True
