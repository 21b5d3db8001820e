"""A line of text as dots, for what a printer's own font does not have: a customer in Kyiv, an item named in Greek.

The first installed font that has all the characters is used. A character no font here has is drawn as `?`; the code
beside it and the barcode stay exact.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from printers import code128
from printers.fonts import clean

# Looked for in this order; Debian names, then Windows and macOS. Pillow's own font is the last resort.
FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed-Bold.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/unifont/unifont.ttf",
    "C:/Windows/Fonts/arialuni.ttf",
    "C:/Windows/Fonts/msgothic.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
)
NOT_A_CHARACTER = "\U0010fffe"  # every font draws its "missing" box for this


@lru_cache(maxsize=512)
def line_image(text: str, *, height: int, width: int) -> Image.Image:
    """Black on white, mode 1, `height` dots high, at most `width` dots wide (squeezed when it would be wider)."""
    font, text = _font_for(clean(text), max(8, height * 4 // 5))
    try:
        image = _drawn(text, font, height)
    except (RuntimeError, OSError):  # each character alone was fine, together they are not
        image = _drawn("?" * len(text), font, height)
    if image.width > width:
        image = image.resize((max(1, width), height))
    return image.point(lambda grey: 255 if grey > 140 else 0).convert("1")


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


def _drawn(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, height: int) -> Image.Image:
    image = Image.new("L", (max(1, int(font.getlength(text)) + 2), height), 255)
    ImageDraw.Draw(image).text((1, 0), text, font=font, fill=0)
    return image


def _font_for(text: str, size: int) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, str]:
    best, best_missing = _fonts(size)[0], len(text) + 1
    for font in _fonts(size):
        missing = sum(_is_missing(font, c) for c in set(text))
        if missing < best_missing:
            best, best_missing = font, missing
    if best_missing:
        text = "".join("?" if _is_missing(best, c) else c for c in text)
    return best, text


@lru_cache(maxsize=64)
def _fonts(size: int) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, ...]:
    found: list[ImageFont.FreeTypeFont | ImageFont.ImageFont] = []
    for path in FONTS:
        if Path(path).is_file():
            found.append(ImageFont.truetype(path, size))
    return (*found, ImageFont.load_default(size))


@lru_cache(maxsize=4096)
def _is_missing(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, character: str) -> bool:
    if character == " ":
        return False
    try:
        drawn, box = font.getmask(character), font.getmask(NOT_A_CHARACTER)
    except (RuntimeError, OSError):  # the layout library gives up on some characters
        return True
    return drawn.size == box.size and bytes(drawn) == bytes(box)
