"""A carrier's own label on our printers: only what draws, one label, and nothing that stays in the printer.

A carrier sends printer code or a picture. Printer code of strangers could store programs, change the printer's settings
or print a hundred labels, so each command is compared with a list: what draws is kept, what only tunes a printer is left
out, and anything else refuses the label. What is kept stands in a frame of ours, so that a copy can be marked.
"""

from __future__ import annotations

import io
import re

from PIL import Image, UnidentifiedImageError

from printers.bitmap import graphic_field
from printers.canvas import DOTS_PER_MM, FOOT_MM
from printers.labels import CarrierLabel, LabelRefused

MOST_BYTES = 512 * 1024
MOST_PIXELS = 20_000_000
GREY = 140  # what is darker is printed

# Two letters each, after a caret; `A` and its font are seen to apart.
DRAWS = (
    "FO FT FD FS FH FB FW FX FR FV FP BY CF CI GB GC GD GE GF GS LH LR TB B0 B1 B2 B3 B4 B5 B7 B8 B9 BA BB BC BD BE BF BI BJ "
    "BK BL BM BO BP BQ BR BS BT BU BX BZ "
)
TUNES = "PW LL LT LS PR MD MM MN MT PO PM PQ JM JU SD CO MC PH PP XB SZ "  # the paper, the heat, the number of copies
_COMMAND = re.compile(rb"([\^~])([A-Za-z@][A-Za-z0-9@]?)([^\^~]*)")


def printable(label: CarrierLabel, *, dpi: int, width_mm: int, height_mm: int) -> bytes:
    """The exact bytes for one printer. Raises LabelRefused with the reason."""
    if not 0 < len(label.content) <= MOST_BYTES:
        raise LabelRefused(
            f"The label of {label.carrier} has {len(label.content)} bytes; at most {MOST_BYTES} are printed."
        )
    dots = DOTS_PER_MM[dpi]
    width, height = width_mm * dots, height_mm * dots
    if label.form == "png":
        body = _picture(label, width, height - int(FOOT_MM * dots)).encode("ascii")
    else:
        body = _commands(label)
    return b"^XA^CI28^PW%d^LL%d^LH0,0" % (width, height) + body + b"^XZ\n"


def _commands(label: CarrierLabel) -> bytes:
    code = label.content.strip()
    if not (code[:3].upper() == b"^XA" and code[-3:].upper() == b"^XZ"):
        raise LabelRefused(f"The label of {label.carrier} is no ZPL label from ^XA to ^XZ.")
    inside, kept, end = code[3:-3], [], 0
    lead = re.match(rb"[^\^~]*", inside)
    end = lead.end() if lead else 0
    for found in _COMMAND.finditer(inside, end):
        if found.start() != end:
            break
        end = found.end()
        sign, name, values = found[1], found[2].decode("ascii").upper(), found[3]
        if sign == b"^" and (f"{name} " in DRAWS or name[0] == "A"):
            if name == "GF" and values[:1].upper() != b"A":
                raise LabelRefused(f"The label of {label.carrier} has a graphic that is not plain text.")
            kept.append(found[0])
        elif not (sign == b"^" and f"{name} " in TUNES):
            raise LabelRefused(
                f"The label of {label.carrier} has the command {sign.decode()}{name}, which is not printed here."
            )
    if end != len(inside):
        raise LabelRefused(f"The label of {label.carrier} cannot be read after {end} bytes.")
    return b"".join(kept)


def _picture(label: CarrierLabel, width: int, height: int) -> str:
    """As large as the paper allows, upright like the paper, in black and white."""
    try:
        with Image.open(io.BytesIO(label.content), formats=("PNG",)) as file:
            if file.width * file.height > MOST_PIXELS:
                raise LabelRefused(f"The label of {label.carrier} has more than {MOST_PIXELS} pixels.")
            seen = file.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise LabelRefused(f"The label of {label.carrier} is no PNG picture.") from None
    paper = Image.new("RGBA", seen.size, "white")
    grey = Image.alpha_composite(paper, seen).convert("L")
    if (grey.width > grey.height) != (width > height):
        grey = grey.rotate(90, expand=True)
    scale = min(width / grey.width, height / grey.height)
    size = max(1, int(grey.width * scale)), max(1, int(grey.height * scale))
    grey = grey.resize(size, Image.Resampling.LANCZOS)
    black = grey.point(lambda value: 255 if value > GREY else 0).convert("1")
    return f"^FO{(width - size[0]) // 2},0{graphic_field(black)}^FS"
