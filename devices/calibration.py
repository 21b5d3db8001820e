"""The calibration codes of the scanner set-up, and what one scan of them says about the scanner.

Each code carries a text we know, with letters in both cases, digits, signs that move between keyboards, and the group
separator in its middle. Where its two halves are found in what arrived, everything else is the scanner's doing: what
stands in front is a prefix and the AIM identifier, what stands between is what became of the separator, what follows is
the terminator. If only another keyboard layout explains the halves, that is told in words; the text itself is of no
further use and is kept nowhere.
"""

import re
from typing import Literal

import msgspec

from devices.framing import Framer, Framing
from devices.gs1_elements import readable
from devices.keyboards import LAYOUTS, Layout, typed
from devices.symbology import GS, GS_STAND_INS, TERMINATORS, without_aim, without_wrapping

Code = Literal["GS1-128", "DataMatrix", "QR"]
CODES: tuple[Code, ...] = ("GS1-128", "DataMatrix", "QR")
AIM: dict[Code, str] = {"GS1-128": "]C1", "DataMatrix": "]d2", "QR": "]Q1"}
FIRST, SECOND = "010950600013435210yZaQ", "21PF1"
ELEMENTS = FIRST + GS + SECOND
LINK = "https://id.gs1.org/01/09506000134352/10/yZaQ/21/PF1"  # In a QR code, which has no separator.
SLOW_MS = 50  # The pace past which keys no longer look like a scanner's.

_AIM_FIRST = re.compile(r"^\][A-Za-z][0-9A-Fa-f]")
_AIM = re.compile(r"\][A-Za-z][0-9A-Fa-f]$")
_ENDS = {"\r": "Enter (CR)", "\n": "line feed (LF)", "\r\n": "CR LF", "\t": "Tab", "\x03": "ETX"}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one scan of a calibration code says about the scanner."""

    code: Code
    layout: str
    caps_lock: bool
    prefix: str
    aim: str  # "" where none arrived
    separator: str  # What arrived for GS; "" where it is lost, or the code has none
    terminator: str

    @property
    def is_misread(self) -> bool:
        """Another keyboard layout, or Caps Lock: every label would be read wrong."""
        return self.layout != "QWERTY" or self.caps_lock


_TYPED: tuple[tuple[Layout, str, str, str], ...] = tuple(
    (layout, typed(FIRST, layout), typed(SECOND, layout), typed(LINK, layout)) for layout in LAYOUTS
)


def recognise(text: str) -> Found | None:
    """None when it is no calibration code, by no layout we know."""
    for layout, first, second, link in _TYPED:
        if link in text:
            front, _, behind = text.partition(link)
            return _found("QR", front, "", behind, layout)
        if first in text:
            front, _, rest = text.partition(first)
            between, is_there, behind = rest.partition(second)
            if is_there:
                return _found("GS1-128", front, between, behind, layout)
    return None


def _found(code: Code, front: str, between: str, behind: str, layout: Layout) -> Found:
    american = next((aim for aim in AIM.values() if front.endswith(typed(aim, layout))), "")
    aim = american or (found.group() if (found := _AIM.search(front)) else "")
    if aim == AIM["DataMatrix"]:
        code = "DataMatrix"
    return Found(
        code=code,
        layout=layout[0],
        caps_lock=layout[1],
        prefix=front[: len(front) - len(aim)].removeprefix("\x02" if behind == "\x03" else ""),
        aim=aim,
        separator=between,
        terminator=behind,
    )


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing about the scanner: well as it is, or what to set."""

    well: bool
    sentence: str


def misreadings(found: Found) -> list[Told]:
    """Why every label would be read wrong; empty when none would."""
    told = []
    if found.layout != "QWERTY":
        told.append(
            f"The keyboard of this computer is {found.layout}, and the scanner types for an American one: set the scanner's "
            f"keyboard country to {_COUNTRY[found.layout]}, or the computer's layout to English (US)."
        )
    if found.caps_lock:
        told.append("Caps Lock is on: switch it off, or let the scanner ignore it.")
    return [Told(well=False, sentence=sentence) for sentence in told]


def in_words(
    found: Found, *, types: bool, at_once: bool = False, gs: str = GS, prefix: str = "", suffix: str = ""
) -> list[Told]:
    """What is well and what to set, the worst first, as the scanner is read now.

    `types`: it is a keyboard to its computer; `at_once`: and hands a whole code over, so nothing has to end it.
    """
    end = found.terminator.removeprefix(suffix)
    told = misreadings(found)
    if end or not at_once:
        told.append(_about_terminator(end, types=types))
    if suffix and end != found.terminator:
        told.append(Told(well=True, sentence=f"The “{readable(suffix)}” behind the code is taken off."))
    if found.aim:
        told.append(Told(well=True, sentence=f"The AIM identifier arrives ({found.aim})."))
    else:
        told.append(Told(well=False, sentence=_NO_AIM))
    if found.code != "QR":
        told.append(_about_separator(found.separator, gs))
    if found.prefix and found.prefix == prefix:
        told.append(Told(well=True, sentence=f"The “{readable(prefix)}” before the code is taken off."))
    elif found.prefix:
        sentence = f"{len(found.prefix)} characters stand before the code: take the prefix out of the scanner."
        told.append(Told(well=False, sentence=sentence))
    return told


_COUNTRY = {"QWERTZ": "Germany", "AZERTY": "France"}
_NO_AIM = "No AIM identifier arrives: let the scanner send it (“transmit AIM ID” or “symbology identifier”)."


def _about_terminator(terminator: str, *, types: bool) -> Told:
    if terminator in _ENDS:
        return Told(well=True, sentence=f"The terminator arrives: {_ENDS[terminator]}.")
    if terminator:
        wish = "Something else stands behind the code: let the scanner end it with Enter (CR) or Tab alone."
    elif types:
        wish = "No terminator arrives: let the scanner end each code with Enter (CR) or Tab."
    else:
        wish = "No terminator arrives: let the scanner end each code with CR, or tell its codes apart by pauses."
    return Told(well=False, sentence=wish)


def _about_separator(separator: str, gs: str) -> Told:
    if separator == GS:
        return Told(well=True, sentence="The separator (GS) arrives as itself.")
    if separator and separator == gs:
        return Told(well=True, sentence=f"The separator (GS) arrives as “{readable(separator)}” and is read so.")
    if separator.isalnum():
        wish = f"which may stand in a lot, too: let the scanner send GS, or a stand-in such as {GS_STAND_INS[1]}."
        return Told(well=False, sentence=f"The separator (GS) arrives as “{readable(separator)}”, {wish}")
    if separator:
        wish = "Labels are not read so yet: take it over, or let the scanner send GS."
        return Told(well=False, sentence=f"The separator (GS) arrives as “{readable(separator)}”. {wish}")
    wish = f"Let the scanner send GS, or a stand-in such as {GS_STAND_INS[1]}."
    return Told(well=False, sentence=f"The separator (GS) is lost: a lot would swallow what stands behind it. {wish}")


def arrives(raw: bytes, *, framing: Framing, gs: str, prefix: str, suffix: str) -> bool:
    """Is one of the codes in what a scanner sent, read with these settings, whole and with nothing around it?"""
    framer = Framer(framing)
    frames = [*framer.feed(raw), *framer.pause()]
    read = [frame.decode("utf-8", "replace").removeprefix(prefix).removesuffix(suffix) for frame in frames]
    return any(_AIM_FIRST.sub("", text).replace(gs, GS) in (ELEMENTS, LINK) for text in read)


def arrives_typed(text: str, *, gs: str, prefix: str, suffix: str) -> bool:
    """Is what a scanner typed one of the codes, whole, with nothing around it, as its device is read?"""
    bare = without_aim(without_wrapping(text, prefix, suffix).strip(TERMINATORS))
    return bare.replace(gs, GS) in (ELEMENTS, LINK)


def settings_of(found: Found) -> dict[str, str]:
    """What to write for the scanner in pickface.toml; only what differs from the usual."""
    wanted: dict[str, str] = {}
    ends: dict[str, Framing] = {"\t": "tab", "\x03": "stx", "\r": "line", "\n": "line"}
    framing = ends.get(found.terminator[-1:], "idle")
    if framing != "line":
        wanted["framing"] = framing
    if suffix := found.terminator.rstrip("\t\x03\r\n"):
        wanted["suffix"] = suffix
    if found.prefix:
        wanted["prefix"] = found.prefix
    if found.separator and found.separator != GS and not found.separator.isalnum():
        wanted["gs"] = found.separator
    return wanted
