"""How wide text comes out in the label printer's font 0, so that we can cut it before it runs into its neighbour.

A printer prints text over whatever is beside it and its own field blocks give `\\&` in an item's name a meaning, so
we break and cut lines ourselves. The widths are thousandths of the font height, measured from the resident font of a
ZD621; letters with marks are as wide as the letter under the mark, anything unknown as wide as it is high.
Characters outside `PRINTABLE` are not in that font (a backslash comes out as a cent sign under `^CI28`): such a line is
drawn by `bitmap` and sent as dots.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

MAX_TEXT = 400  # characters of one field that are looked at; more would not fit on any label
ELLIPSIS = ".."
SMALLEST = 22  # dots of font height, 2.8 mm at 203 dpi: smaller is not read at arm's length
CAP_HEIGHT = 0.75  # of the font height

_WIDTHS_BY_THOUSANDTHS = {
    250: "ijl",
    280: " !',./()I:;[]`ft",
    345: "r",
    375: "z",
    440: "?Jckvxys",
    470: '"#$*0123456789L\\aeo',
    500: "EFTZ^_bdghnpqu{|}",
    530: "CSV",
    565: "ABKOPQRXY",
    595: "DGR",
    625: "&HNU",
    655: "w",
    750: "Mm",
    815: "W",
    905: "%+-=@",
    1000: "<>~",
}

PRINTABLE = frozenset(c for c in bytes(range(0x20, 0x100)).decode("cp1252", "ignore") if c.isprintable() and c != "\\")


class _Widths(dict[str, int]):
    def __missing__(self, character: str) -> int:
        letter = unicodedata.normalize("NFD", character)[0]
        width = self[letter] if letter != character and letter in self else 1000
        if len(self) < 20_000:
            self[character] = width
        return width


WIDTHS = _Widths({c: width for width, characters in _WIDTHS_BY_THOUSANDTHS.items() for c in characters})


def clean(text: str) -> str:
    """Text as it may stand on paper: controls, surrogates and all kinds of space become spaces, long text is cut."""
    text = text[:MAX_TEXT]
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)


def width_of(text: str, height: int) -> int:
    """Dots, rounded up."""
    widths = WIDTHS
    return -(-sum([widths[c] for c in text]) * height // 1000)


def in_font(text: str) -> bool:
    return (text.isascii() and "\\" not in text) or PRINTABLE.issuperset(text)


@lru_cache(maxsize=8192)
def fit(text: str, *, width: int, height: int, lines: int) -> tuple[int, tuple[str, ...]]:
    """(font height, exactly `lines` lines) for text in a box `width` dots wide.

    Shrinks (one line to a seventh of `height`, several to three fifths) before it breaks words or cuts: a small number
    is read, half a number is wrong.
    """
    text = clean(text)
    shares = (20, 18, 16, 14, 12, 10, 8, 7, 6, 5, 4, 3) if lines == 1 else (20, 18, 16, 14, 12)
    smallest = min(height, SMALLEST)
    least = max(smallest, height * shares[-1] // 20)
    for share in shares:
        size = max(smallest, height * share // 20)
        broken = _break(text, width, size)
        if len(broken) <= lines and all(width_of(line, size) <= width for line in broken):
            return size, (*broken, *[""] * (lines - len(broken)))
    broken = [piece for line in _break(text, width, least) for piece in _split(line, width, least)]
    if len(broken) > lines:
        broken = [*broken[: lines - 1], _cut(broken[lines - 1], width, least)]
    return least, (*broken, *[""] * (lines - len(broken)))


def _break(text: str, width: int, height: int) -> list[str]:
    """At spaces; a single word may still be wider than the box."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(longer, height) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _split(word: str, width: int, height: int) -> list[str]:
    """A line cut anywhere, into pieces that fit."""
    pieces = [""]
    for character in word:
        if width_of(pieces[-1] + character, height) > width and pieces[-1]:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _cut(line: str, width: int, height: int) -> str:
    while line and width_of(line + ELLIPSIS, height) > width:
        line = line[:-1]
    return line + ELLIPSIS
