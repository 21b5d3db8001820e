"""From what a scanner delivered to what stood in the symbol.

A scanner wraps the code it read: a terminator behind it, perhaps a prefix and suffix somebody configured years ago, an
AIM identifier such as `]C1` in front that names the symbology, and, where the keyboard cannot carry the group separator
0x1D, a stand-in for it. All of that is taken off here, once, purely. What is left is the text, and what the symbol was.
"""

import re
from typing import Literal

import msgspec

GS = "\x1d"
GS_STAND_INS = ("\x1d", "~", "|", "<GS>", "^]")  # What a station may be set to; the set-up page offers these.
TERMINATORS = "\r\n\t\x02\x03"

Promise = Literal["gs1", "ean", "link", "other"]

_AIM = re.compile(r"\](?P<letter>[A-Za-z])(?P<modifier>[0-9A-Fa-f])")

# FNC1 in first position: the symbol promises a GS1 element string (General Specifications 5.1.2).
_GS1_AIM = frozenset({"]C1", "]d2", "]Q3", "]e0", "]J1"})
_EAN_AIM = frozenset({"]E0", "]E1", "]E2", "]E3", "]E4"})
_LINK_AIM = frozenset({"]Q1", "]d1", "]J0"})

# A camera decoder (BarcodeDetector, zxing) names the format instead of an AIM identifier.
_CAMERA = {
    "ean_13": "]E0",
    "ean_8": "]E4",
    "upc_a": "]E0",
    "upc_e": "]E0",
    "databar": "]e0",
    "databar_expanded": "]e0",
    "databar_limited": "]e0",
}


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
        return "link" if self.aim in _LINK_AIM else "other"


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
    if gs and gs != GS:
        text = text.replace(gs, GS)
    return Symbol(text=text, aim=aim)


def _aim_of(symbology: str | None) -> str | None:
    if not symbology:
        return None
    named = symbology if symbology.startswith("]") else "]" + symbology
    return named if _AIM.fullmatch(named) else _CAMERA.get(symbology.lower().replace("-", "_"))
