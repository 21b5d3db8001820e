"""What a Zebra says about itself, understood from answers that come in pieces with junk around them.

Three ways of asking, each with two questions: what is wrong, and how many labels still wait. `~HQES` is asked before
`~HS`, because that one is not answered at all with media out, head open or too hot. A printer that leaves `~HQES`
unanswered is asked the same by SGD (`zpl.system_status`, beside it `media.status` and `head.latch` for firmware that
answers "?" to it, then `device.host_status`), and one that knows neither has `~HS` alone. A parser reads the answer to its
own question only, and returns None until that is complete. What it will lack soon is a warning: it prints all the same.
Receipt printers: receipt_status.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec

ASK_ERRORS = b"~HQES\r\n"
ASK_STATUS = b"~HS\r\n"
ASK_SYSTEM, ASK_MEDIA, ASK_HEAD, ASK_HOST = (
    b'! U1 getvar "%b"\r\n' % name
    for name in (b"zpl.system_status", b"media.status", b"head.latch", b"device.host_status")
)
MAX_ANSWER = 4096  # bytes kept while an answer is incomplete

_HQES = re.compile(
    rb"ERRORS:\s*([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})\s[^\x02]*?"
    rb"WARNINGS:\s*([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})"
)
_SYSTEM = re.compile(
    rb'"(?:\?|([01])"?,"?[01]"?,"?[0-9A-Fa-f]{8}"?,"?([0-9A-Fa-f]{8})"?,"?[01]"?,"?[0-9A-Fa-f]{8}"?,"?([0-9A-Fa-f]{8}))"'
    rb'\s*"([\w ]*|\?)"\s*"([\w ]*|\?)"'
)
_STRINGS = (  # the three of ~HS
    rb"(\d{3}),([01]),([01]),(\d{4}),(\d{3}),([01]),([01]),([01]),(\d{3}),([01]),([01]),([01])",
    rb"(\d{3}),(\d),([01]),([01]),([01]),(\w),(\w),([01]),(\d{8}),(\d),(\d{3})",
    rb"(\w{4}),(\d)",
)
_HS = re.compile(rb"\x02%b\x03[^\x02]*\x02%b\x03[^\x02]*\x02%b\x03" % _STRINGS)
_HOST = re.compile(rb'"%b\s+%b\s+%b"' % _STRINGS)


PAPER_LOW = "Its paper is nearly out: have a new roll at hand."
_FAULTS = (
    (0x1, "Out of labels."),
    (0x2, "Out of ribbon."),
    (0x4, "The print head is open."),
    (0x8, "The cutter is stuck."),
    (0x30, "Too hot."),
    (0xC0, "The print head is faulty."),
    (0x2F00, "The printer reports a fault; look at its display."),
    (0x10000, "Paused at the printer."),
)
_WARNINGS = (
    (0x8, PAPER_LOW),
    (0x2, "Its print head wants cleaning: wipe it with alcohol before the next roll."),
    (0x4, "Its print head is worn: order a new one before its bars become unreadable."),
    (0x1, "It does not know the length of its labels: calibrate it, as its manual says."),
)

REMEDIES = {
    "Out of labels.": "Put a roll in and close the head.",
    "Out of ribbon.": "Put a ribbon in and close the head.",
    "Out of paper.": "Put a roll in and close the cover.",
    "The print head is open.": "Close the head.",
    "The cover is open.": "Close the cover.",
    "The cutter is stuck.": "Switch it off, free the cutter, switch it on.",
    "Too hot.": "Wait, and leave it closed: it goes on by itself when it has cooled.",
    "The print head is faulty.": "Let its labels come out of another printer and call whoever services it.",
    "look at its display.": "Do what its display says.",
    "look at its lamps.": "Switch it off and on; what is wrong then is in its manual.",
    "Paused at the printer.": "Press its pause key.",
    "The printer is off line.": "Press its on-line key.",
    "silent": "Switch it off and on. If it prints all the same, it does not report: the admin sets two_way = false.",
    "nswer at": "See that it is switched on and its cable is in.",
    "closed the connection": "Switch it off and on; another computer may hold it.",
    "is a serial line": "The admin says so in the settings.",
    "outside the printer networks": "The admin allows its network in the settings, or corrects its address.",
    "Did the label come out?": "Look, and say so under Prints: it is never sent again by itself.",
}
"""What the person beside it does about a fault, by words of the sentence that tells it."""


def what_to_do(sentence: str) -> str:
    return " ".join(dict.fromkeys(todo for words, todo in REMEDIES.items() if words in sentence))


class PrinterStatus(msgspec.Struct, frozen=True, kw_only=True):
    ready: bool
    heard: bool = True  # it said so itself
    paper_out: bool = False
    head_open: bool = False
    paused: bool = False
    hot: bool = False
    warnings: tuple[str, ...] = ()  # what it will lack soon; still ready
    waiting: int = 0  # labels taken and not printed yet
    sentence: str = "Ready."

    @property
    def told(self) -> str:
        return " ".join((self.sentence, *self.warnings))

    @property
    def todo(self) -> str:
        return what_to_do(self.sentence)

    @property
    def idle(self) -> bool:
        """Proof that what was sent is printed."""
        return self.ready and self.waiting == 0


def parse_errors(answer: bytes) -> PrinterStatus | None:
    """`~HQES`: flags by nibble, as in Zebra's programming guide."""
    found = _last(_HQES, answer)
    if found is None:
        return None
    wrong, warns = found[1] == b"1", found[4] == b"1"
    return _by_flags(int(found[3], 16) if wrong else 0, wrong, int(found[6], 16) if warns else 0)


def parse_system(answer: bytes) -> PrinterStatus | None:
    """SGD: `zpl.system_status` (paused, and the flags of `~HQES`), `media.status`, `head.latch`; "?" tells nothing."""
    found = _last(_SYSTEM, answer)
    if found is None or (found[1] is None and found[4] == found[5] == b"?"):
        return None
    bits = int(found[2] or b"0", 16) | 0x10000 * (found[1] == b"1")
    bits |= 0x1 * (found[4] == b"out") | 0x4 * (found[5] == b"open")
    return _by_flags(bits, bits > 0, int(found[3] or b"0", 16))


def _by_flags(bits: int, wrong: bool, warned: int) -> PrinterStatus:
    faults = [sentence for mask, sentence in _FAULTS if bits & mask]
    if wrong and not faults:
        faults = ["The printer reports a fault; look at its display."]
    return PrinterStatus(
        ready=not faults,
        paper_out=bool(bits & 0x1),
        head_open=bool(bits & 0x4),
        paused=bool(bits & 0x10000),
        hot=bool(bits & 0x30),
        warnings=tuple(sentence for mask, sentence in _WARNINGS if warned & mask),
        sentence=" ".join(faults) or "Ready.",
    )


def parse_status(answer: bytes) -> PrinterStatus | None:
    """`~HS`: three strings in STX … ETX."""
    return _by_strings(_last(_HS, answer))


def parse_host(answer: bytes) -> PrinterStatus | None:
    """SGD: `device.host_status`, the three strings of `~HS` on three lines between quotation marks."""
    return _by_strings(_last(_HOST, answer))


def _by_strings(found: re.Match[bytes] | None) -> PrinterStatus | None:
    if found is None:
        return None
    paper_out, paused, hot = found[2] == b"1", found[3] == b"1", found[12] == b"1"
    head_open, ribbon_out = found[15] == b"1", found[16] == b"1"
    # Formats in the buffer, one half received, and what is left of a batch; the label in the tear-off counts as none.
    waiting = int(found[5]) + (found[8] == b"1") + int(found[21])
    faults = [
        sentence
        for is_so, sentence in (
            (paper_out, "Out of labels."),
            (ribbon_out, "Out of ribbon."),
            (head_open, "The print head is open."),
            (hot, "Too hot."),
            (paused, "Paused at the printer."),
        )
        if is_so
    ]
    busy = f"Printing, {waiting} waiting." if waiting else "Ready."
    return PrinterStatus(
        ready=not faults,
        paper_out=paper_out,
        head_open=head_open,
        paused=paused,
        hot=hot,
        waiting=waiting,
        sentence=" ".join(faults) or busy,
    )


def _last(pattern: re.Pattern[bytes], answer: bytes) -> re.Match[bytes] | None:
    found = list(pattern.finditer(answer[-MAX_ANSWER:]))
    return found[-1] if found else None


class Asking(NamedTuple):
    """What is wrong, how much waits, and who reads the answers."""

    errors: bytes
    read_errors: Callable[[bytes], PrinterStatus | None]
    status: bytes
    read_status: Callable[[bytes], PrinterStatus | None]


WAYS = (
    Asking(ASK_ERRORS, parse_errors, ASK_STATUS, parse_status),
    Asking(ASK_SYSTEM + ASK_MEDIA + ASK_HEAD, parse_system, ASK_HOST, parse_host),
    Asking(ASK_STATUS, parse_status, ASK_STATUS, parse_status),
)
"""In this order; the next one only where the first question stayed unanswered."""
