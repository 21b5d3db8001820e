"""The fonts of this machine, for lines a printer's own font cannot set: Kyiv, 北京, مرحبا, हिन्दी.

They are looked for where fontconfig keeps them, the best known first; nothing is shipped. Pillow shapes with HarfBuzz and
Raqm, so Arabic joins and runs right to left and Devanagari stacks as it should. Where no font has all of a line it is cut
into runs, each shaped whole by a font that has it. What no font here has is told by `missing`, and the house says which
package brings it.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont

from printers import reading_order

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "C:/Windows/Fonts",
    "/System/Library/Fonts", "/Library/Fonts",
)  # fmt: skip
# By the beginning of the file's name, the best first: bold where there is one, then what has one script only.
KNOWN = (
    "dejavusanscondensed-bold", "notosans-bold", "notosanscjk-bold", "notosanscjk", "notosansarabic-bold", "notosansarabic",
    "notonaskharabic", "notosansdevanagari-bold", "notosansdevanagari", "lohit-devanagari", "wqy-zenhei", "wqy-microhei",
    "droidsansfallback", "ipag", "unifont", "freesans", "nirmala", "msgothic", "msyh", "arial unicode", "arialuni", "pingfang",
)  # fmt: skip
SUFFIXES = (".ttf", ".otf", ".ttc")
MOST_FONTS = 24
MOST_FILES = 20_000  # looked at while searching
NOT_A_CHARACTER = "\U0010fffe"  # every font draws its "missing" box for this
PACKAGES = {
    "CJK": "fonts-noto-cjk",
    "HIRAGANA": "fonts-noto-cjk",
    "KATAKANA": "fonts-noto-cjk",
    "HANGUL": "fonts-noto-cjk",
}
OTHER_PACKAGE = "fonts-noto-core"


class Run(NamedTuple):
    """A part of a line that one font draws in one direction."""

    font: Font
    text: str
    rightward: bool = True


def runs(text: str, size: int) -> list[Run]:
    """A line from left to right, `?` for what no font has. One run, however it is read, where one font has all of it."""
    font, drawn = best_for(text, size)
    if drawn == text:
        return [Run(font, text)]
    by_font = _by_font(text, font, size)
    whole = "".join(piece for _, piece in by_font)
    if len(by_font) == 1:
        return [Run(by_font[0][0], whole)]
    levels, at, cut = reading_order.levels(whole), 0, []
    for font, piece in by_font:
        for level, same in groupby(range(at, at + len(piece)), levels.__getitem__):
            span = list(same)
            cut.append((level, Run(font, whole[span[0] : span[-1] + 1], level % 2 == 0)))
        at += len(piece)
    return reading_order.in_order(cut)


def _by_font(text: str, usual: Font, size: int) -> list[tuple[Font, str]]:
    """The line as read, cut where another font is needed; the letters of a script that stand together keep together."""
    pieces: list[tuple[Font, str]] = []
    for span in _by_script(text):
        letters = "".join(c for c in span if c.isalpha())
        font = best_for(letters, size)[0] if any(_is_missing(usual, c) for c in letters) else usual
        for character in span:
            others = (font, usual, *_fonts(size))
            having = next((one for one in others if not _is_missing(one, character)), None)
            now, drawn = having or font, character if having else "?"
            if pieces and pieces[-1][0] is now:
                pieces[-1] = now, pieces[-1][1] + drawn
            else:
                pieces.append((now, drawn))
    return pieces


def _by_script(text: str) -> list[str]:
    """Marks, signs and spaces go with the letters before them."""
    spans: list[str] = []
    before = ""
    for character in text:
        script = unicodedata.name(character, "").split(" ")[0] if character.isalpha() else ""
        if spans and (not script or not before or script == before):
            spans[-1] += character
        else:
            spans.append(character)
        before = script or before
    return spans


def best_for(text: str, size: int) -> tuple[Font, str]:
    """The font with most of the characters, and the text with `?` for those it has not."""
    best, without = _fonts(size)[0], len(text) + 1
    for font in _fonts(size):
        missing = sum(_is_missing(font, c) for c in set(text))
        if missing < without:
            best, without = font, missing
        if not missing:
            break
    if without:
        text = "".join("?" if _is_missing(best, c) else c for c in text)
    return best, text


@lru_cache(maxsize=2048)
def missing(text: str) -> str:
    """The characters of a line that come out as `?` here, each once."""
    return "".join(dict.fromkeys(c for c in text if all(_is_missing(font, c) for font in _fonts(24))))


def package_for(characters: str) -> str:
    """What brings a font for them, on Debian."""
    name = unicodedata.name(characters[0], "").split(" ")[0]
    return PACKAGES.get(name, OTHER_PACKAGE)


@lru_cache(maxsize=1)
def files() -> tuple[str, ...]:
    found: dict[str, str] = {}
    for folder in FOLDERS:
        for path in _under(Path(os.path.expanduser(folder))):
            found.setdefault(path.name.lower().replace("[wdth,wght]", ""), str(path))
    ranked = [(rank, name) for name in found for rank, known in enumerate(KNOWN) if name.startswith(known)]
    return tuple(found[name] for _, name in sorted(ranked))[:MOST_FONTS]


def _under(folder: Path) -> Iterator[Path]:
    for path in islice(folder.rglob("*") if folder.is_dir() else (), MOST_FILES):
        if path.suffix.lower() in SUFFIXES:
            yield path


@lru_cache(maxsize=64)
def _fonts(size: int) -> tuple[Font, ...]:
    found: list[Font] = []
    for path in files():
        try:
            font = ImageFont.truetype(path, size)
            if b"Bold" in _styles(font):
                font.set_variation_by_name("Bold")
        except (OSError, ValueError):  # a file that only looks like a font
            continue
        found.append(font)
    return (*found, ImageFont.load_default(size))


def _styles(font: ImageFont.FreeTypeFont) -> list[bytes]:
    try:
        return font.get_variation_names()
    except OSError:  # it has one style
        return []


@lru_cache(maxsize=16_384)
def _is_missing(font: Font, character: str) -> bool:
    if character.isspace() or unicodedata.category(character) in ("Cf", "Mn"):
        return False
    try:
        drawn, box = font.getmask(character), font.getmask(NOT_A_CHARACTER)
    except (RuntimeError, OSError):  # the layout library gives up on some characters
        return True
    return drawn.size == box.size and bytes(drawn) == bytes(box)
