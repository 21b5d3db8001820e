"""A line of text as dots, for what a printer's own font does not have: a customer in Kyiv, an item named in Greek.

The line is shaped by the best fonts of the machine (`typefaces`) and is as high as the line it stands for, whatever hangs
below or stands above its letters; several fonts stand on one base line. A character no font here has is drawn as `?`; the
code beside it and the barcode stay exact, and whoever asked is told (`undrawn`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, features

from printers import code128, typefaces
from printers.fonts import clean, in_font
from printers.typefaces import Font, Run


@lru_cache(maxsize=512)
def line_image(text: str, *, height: int, width: int) -> Image.Image:
    """Black on white, mode 1, `height` dots high, at most `width` dots wide (squeezed when it would be wider)."""
    size = max(8, height * 4 // 5)
    runs = typefaces.runs(clean(text), size)
    try:
        image = _set(runs, height)
        if image is None:  # marks above or below need more room: smaller letters
            image = _set(typefaces.runs(clean(text), max(8, size * 3 // 4)), height, squeeze=True)
    except (RuntimeError, OSError):  # each character alone was fine, together they are not
        image = _drawn("?" * len(text), runs[0].font, height, squeeze=True)
    assert image is not None
    if image.width > width:
        image = image.resize((max(1, width), height))
    return image.point(lambda grey: 255 if grey > 140 else 0).convert("1")


def undrawn(text: str) -> str:
    """The characters of a text that come out as `?` on a label; empty where all is well."""
    text = clean(text)
    return "" if in_font(text) else typefaces.missing(text)


def graphic_field(image: Image.Image) -> str:
    """The image as one ZPL command, in plain hexadecimal: any printer since ZPL II prints it."""
    row = (image.width + 7) // 8
    white_is_zero = image.convert("L").point(lambda grey: 255 - grey).convert("1")
    total = row * image.height
    return f"^GFA,{total},{total},{row},{white_is_zero.tobytes().hex().upper()}"


def bars_field(found: list[int], module: int, high: int) -> str:
    """Code 128 as dots, for modules wider than a printer's own barcode command knows. Every row repeats the first (`:`)."""
    black = code128.bars(found)
    row = Image.new("1", ((black[-1][0] + black[-1][1]) * module, 1), 1)
    for at, wide in black:
        row.paste(0, (at * module, 0, (at + wide) * module, 1))
    first = graphic_field(row)
    wide_bytes = (row.width + 7) // 8
    total = wide_bytes * high
    return f"^GFA,{total},{total},{wide_bytes},{first.rpartition(',')[2]}{':' * (high - 1)}"


def _set(runs: Sequence[Run], height: int, *, squeeze: bool = False) -> Image.Image | None:
    return (
        _beside(runs, height, squeeze) if len(runs) > 1 else _drawn(runs[0].text, runs[0].font, height, squeeze=squeeze)
    )


def _beside(runs: Sequence[Run], height: int, squeeze: bool) -> Image.Image | None:
    """Runs of several fonts on one base line, each shaped whole in its own direction; None as of `_drawn`."""
    shaped = features.check("raqm")
    placed, across, above, below = [], 1.0, 0, 0
    for font, text, rightward in runs:
        way = ("ltr" if rightward else "rtl") if shaped else None
        _, top, _, bottom = font.getbbox(text, anchor="ls", direction=way)
        above, below = max(above, -int(top)), max(below, int(bottom))
        placed.append((across, text, font, way))
        across += font.getlength(text, direction=way)
    if above + below > height and not squeeze:
        return None
    image = Image.new("L", (int(across) + 2, max(height, above + below)), 255)
    base = max(above, image.height - below - (image.height - above - below) // 2)
    for at, text, font, way in placed:
        ImageDraw.Draw(image).text((at, base), text, font=font, fill=0, anchor="ls", direction=way)
    return image if image.height == height else image.resize((image.width, height))


def _drawn(text: str, font: Font, height: int, *, squeeze: bool = False) -> Image.Image | None:
    """None where the ink is higher than the line and may not be squeezed into it."""
    _, top, _, bottom = (int(edge) for edge in font.getbbox(text))
    wide = max(1, int(font.getlength(text)) + 2)
    if bottom - top > height:
        if not squeeze:
            return None
        whole = Image.new("L", (wide, bottom - top), 255)
        ImageDraw.Draw(whole).text((1, -top), text, font=font, fill=0)
        return whole.resize((wide, height))
    image = Image.new("L", (wide, height), 255)
    ImageDraw.Draw(image).text((1, min(0, height - bottom)), text, font=font, fill=0)
    return image
