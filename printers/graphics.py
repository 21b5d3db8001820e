"""Pictures of the house, such as its logo: kept as black and white PNG, printed as one graphic command.

The picture travels inside each job, compressed by `zebrafy` (Z64, which every printer with `^GF` understands), and not as
a file stored in the printer by `~DG`: a printer that was changed or reset in the night would leave the logo out.
"""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError
from zebrafy.graphic_field import GraphicField

from printers.labels import LabelRefused

LARGEST = 512 * 1024  # bytes of a picture that is taken in
MOST_DOTS = 2_400  # of either side
BLACK_BELOW = 140


class NoPicture(LabelRefused):
    """What was given is no picture that can be printed."""


def taken_in(given: bytes) -> bytes:
    """A PNG in black and white of any picture Pillow reads. Raises NoPicture."""
    if len(given) > LARGEST:
        raise NoPicture(f"A picture has at most {LARGEST // 1024} kB.")
    try:
        with Image.open(io.BytesIO(given), formats=("PNG", "JPEG", "GIF", "BMP", "WEBP")) as found:
            if max(found.size) > MOST_DOTS:
                raise NoPicture(f"A picture has at most {MOST_DOTS} dots on a side; this one has {max(found.size)}.")
            rgba = found.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise NoPicture("That is no picture: PNG, JPEG, GIF, BMP or WebP.") from None
    paper = Image.new("RGBA", rgba.size, "white")
    paper.alpha_composite(rgba)
    kept = io.BytesIO()
    _black_and_white(paper.convert("L")).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def opened(kept: bytes) -> Image.Image:
    """What `taken_in` made."""
    with Image.open(io.BytesIO(kept), formats=("PNG",)) as found:
        return found.convert("1")


def command(picture: Image.Image, *, width: int, height: int) -> str:
    """`^GF` of the picture, as large as fits `width` by `height` dots without being stretched."""
    share = min(width / picture.width, height / picture.height)
    size = (max(1, int(picture.width * share)), max(1, int(picture.height * share)))
    field = GraphicField(_black_and_white(picture.convert("L").resize(size)), format="Z64").get_graphic_field()
    return str(field).strip().removesuffix("^FS")


def _black_and_white(grey: Image.Image) -> Image.Image:
    return grey.point(lambda dot: 255 if dot > BLACK_BELOW else 0).convert("1")
