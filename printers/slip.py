"""Packing slips as pictures, and the tokens of ESC/POS they are read from.

`take` cuts one command or one run of text off a stream, by the lengths in the commands, so that dots of an image are
never taken for a command. The virtual printer answers questions by it, tests count commands by it, `slip_svg` draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from printers import code128, picture
from printers.labels import OWN_CHARACTERS

CUT, DRAWER, PAPER_ASKED, STATUS_ASKED = b"\x1dV", b"\x1bp", b"\x1dr", b"\x10\x04"
PAGE = "cp1252"
MAX_ROWS = 2000  # of one slip that are drawn

# Length of the whole command, where it is fixed.
_LENGTHS = {b"\x1b@": 2, b"\x1b2": 2, b"\x1bp": 5, b"\x10\x04": 3, b"\x10\x14": 5}
_LENGTHS |= {bytes([0x1B, letter]): 3 for letter in b"!-3EGJMRatd{"}
_LENGTHS |= {bytes([0x1D, letter]): 3 for letter in b"!BHfhwr"}
_LEADS = b"\x1b\x1d\x10"


def take(stream: bytes) -> bytes | None:
    """The first token of a stream, or None while it is not there whole."""
    if not stream:
        return None
    if stream[0] not in _LEADS:
        end = next((n for n, byte in enumerate(stream) if byte in _LEADS or byte == 0x0A), len(stream))
        return stream[: max(1, end)]
    if len(stream) < 2:
        return None
    length = _LENGTHS.get(stream[:2], 2)
    match stream[:2]:
        case b"\x1dV":
            length = 4 if len(stream) > 2 and stream[2] in (65, 66) else 3
        case b"\x1dk" if len(stream) > 3:
            end = stream.find(b"\0", 3)
            length = 4 + stream[3] if stream[2] >= 65 else (end + 1 if end > 0 else len(stream) + 1)
        case b"\x1dk":
            return None
        case b"\x1dv":
            if len(stream) < 8:
                return None
            length = 8 + int.from_bytes(stream[4:6], "little") * int.from_bytes(stream[6:8], "little")
    return stream[:length] if len(stream) >= length else None


def tokens(payload: bytes) -> Iterator[bytes]:
    while (token := take(payload)) is not None:
        yield token
        payload = payload[len(token) :]


def text_of(payload: bytes) -> str:
    """What is printed as text, line by line."""
    return b"".join(token for token in tokens(payload) if token[0] not in _LEADS).decode(PAGE, "replace")


def slip_svg(payload: bytes) -> str:
    """One slip as a whole SVG document, 512 wide."""
    shapes, y, style, align, bold = list[str](), 20, 0, 0, False
    for token in tokens(payload[: picture.MAX_DRAWN]):
        if y > MAX_ROWS * 24:
            break
        match token[:2]:
            case b"\x1b!":
                style = token[2]
            case b"\x1ba":
                align = token[2]
            case b"\x1bE":
                bold = bool(token[2])
            case b"\x1dv":
                shapes.append(_dots(token, y))
                y += int.from_bytes(token[6:8], "little")
            case b"\x1dk":
                shapes.append(_barcode(token, y))
                y += 84
            case _ if token == b"\n":
                y += 48 if style & 0x10 else 24
            case _ if token[0] not in _LEADS:
                shapes.append(_text(token, y, 2 if style & 0x20 else 1, align, bold))
    height = y + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 532 {height}" role="img">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(shapes)}</svg>'
    )


def _text(token: bytes, y: int, wide: int, align: int, bold: bool) -> str:
    text = "".join(c for c in token.decode(PAGE, "replace") if c.isprintable())
    length = len(text) * 12 * wide
    x = 10 + {0: 0, 1: (512 - length) // 2, 2: 512 - length}.get(align, 0)
    return (
        f'<text x="{x}" y="{y + 18 * wide}" font-size="{20 * wide}" font-family="monospace" xml:space="preserve" '
        f'font-weight="{700 if bold else 400}" textLength="{max(1, length)}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(text)}</text>"
    )


def _dots(token: bytes, y: int) -> str:
    row, rows, bits = int.from_bytes(token[4:6], "little"), int.from_bytes(token[6:8], "little"), token[8:]
    hexadecimal = bits.hex()
    inner = picture.label_svg(
        f"^XA^PW{row * 8}^LL{rows}^FO0,0^GFA,{len(bits)},{len(bits)},{row},{hexadecimal}^FS^XZ".encode()
    )
    return inner.replace("<svg ", f'<svg x="10" y="{y}" width="{row * 8}" height="{rows}" ', 1)


def _barcode(token: bytes, y: int) -> str:
    text = token[4:].decode(PAGE, "replace").removeprefix("{B")
    if not text or not OWN_CHARACTERS.issuperset(text):
        return ""
    width = 2 * (code128.modules(text) + 2 * code128.QUIET_MODULES)
    inner = picture.code128_svg(text, height=80)
    return inner.replace("<svg ", f'<svg x="{10 + (512 - width) // 2}" y="{y}" width="{width}" height="80" ', 1)
