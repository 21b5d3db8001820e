"""From what a scanner delivered to what stood in the symbol.

A scanner wraps the code it read: a terminator behind it, perhaps a prefix and suffix somebody configured years ago, an
AIM identifier such as `]C1` in front that names the symbology, and, where the keyboard cannot carry the group separator
0x1D, a stand-in for it. All of that is taken off here, once, purely. What is left is the text, and what the symbol was.
"""

import re
from typing import Literal

import msgspec

from devices.trade_numbers import expand_upc_e

GS = "\x1d"
GS_STAND_INS = ("\x1d", "~", "|", "<GS>", "^]")  # What a station may be set to; the set-up page offers these.
TERMINATORS = "\r\n\t\x02\x03"

Promise = Literal["gs1", "ean", "itf", "other"]

_AIM = re.compile(r"\](?P<letter>[A-Za-z])(?P<modifier>[0-9A-Fa-f])")

# FNC1 in first position: the symbol promises a GS1 element string (General Specifications 5.1.2).
_GS1_AIM = frozenset({"]C1", "]d2", "]Q3", "]e0", "]e1", "]J1"})
_EAN_AIM = frozenset({"]E0", "]E1", "]E2", "]E3", "]E4"})

# A camera decoder (BarcodeDetector, zxing) and people name the format instead of an AIM identifier. Compared without
# spaces, hyphens and the like.
_NAMED = {
    "ean13": "]E0", "ean8": "]E4", "upca": "]E0", "upce": "]E0", "eanupc": "]E0", "itf14": "]I1", "itf": "]I0",
    "databar": "]e0", "databarexpanded": "]e0", "databarlimited": "]e0", "gs1databar": "]e0", "gs1composite": "]e0",
    "gs1databarcomposite": "]e0", "gs1128": "]C1", "gs1datamatrix": "]d2", "gs1qr": "]Q3", "gs1qrcode": "]Q3",
    "gs1dotcode": "]J1", "datamatrix": "]d1", "qr": "]Q1", "qrcode": "]Q1", "dotcode": "]J0",
}  # fmt: skip
_OTHER_NAMES = frozenset(
    ["aztec", "codabar", "code39", "code93", "code128", "pdf417", "micropdf417", "maxicode", "unknown"]
)


class Symbol(msgspec.Struct, frozen=True, kw_only=True):
    """The text of one symbol and the AIM identifier it came with, if the scanner sends any."""

    text: str
    aim: str | None = None

    @property
    def promises(self) -> Promise:
        """What the AIM identifier says is inside; `other` when there is none or it says nothing of the kind."""
        if self.aim in _GS1_AIM:
            return "gs1"
        if self.aim in _EAN_AIM:
            return "ean"
        return "itf" if self.aim == "]I1" else "other"

    @property
    def is_broken(self) -> bool:
        """It begins like an AIM identifier and is none: one cut off by a prefix setting, or a misread."""
        return self.aim is None and self.text.startswith("]")


def read_symbol(raw: str, symbology: str | None = None, gs: str = GS, prefix: str = "", suffix: str = "") -> Symbol:
    """Take off terminators, prefix and suffix, put 0x1D in place of its stand-in, cut the AIM identifier.

    `symbology` is what the device says beside the text, an AIM identifier or a camera's format name; an identifier in
    front of the text wins, because it travelled with the code.
    """
    text = raw.strip(TERMINATORS)
    if prefix:
        text = text.removeprefix(prefix)
    if suffix:
        text = text.removesuffix(suffix)
    aim = _aim_of(symbology)
    if found := _AIM.match(text):
        aim, text = found.group(), text[3:]
    elif symbology and _plain(symbology) in ("upca", "upce"):  # What ]E0 delivers in thirteen digits.
        text = (expand_upc_e(text) or text).zfill(13)
    if gs and gs != GS:
        text = text.replace(gs, GS)
    return Symbol(text=text, aim=aim)


def without_wrapping(raw: str, prefix: str, suffix: str) -> str:
    """The code between a scanner's prefix and suffix; as it came where not both are there, for then it is another's."""
    if not prefix and not suffix:
        return raw
    text = raw.strip(TERMINATORS)
    whole = text.startswith(prefix) and text.endswith(suffix) and len(text) > len(prefix) + len(suffix)
    return text[len(prefix) : len(text) - len(suffix)] if whole else raw


def without_aim(text: str) -> str:
    """The text behind the AIM identifier it begins with, if it does."""
    return text[3:] if _AIM.match(text) else text


def is_known(symbology: str) -> bool:
    """An AIM identifier, with or without its bracket, or a name of a format that somebody uses."""
    return _aim_of(symbology) is not None or _plain(symbology) in _OTHER_NAMES


def _aim_of(symbology: str | None) -> str | None:
    if not symbology:
        return None
    named = symbology if symbology.startswith("]") else "]" + symbology
    return named if _AIM.fullmatch(named) else _NAMED.get(_plain(symbology))


def _plain(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())
