"""What a printer says about itself, understood from answers that come in pieces with junk around them.

Zebra: `~HQES` is asked first because `~HS` is not answered at all with media out, head open or too hot. `~HQES` says
what is wrong; `~HS` adds pause and how many labels still wait. Receipt printers answer `DLE EOT n` with one byte each,
and `GS r 1` only after everything before it was printed. A parser returns None until its answer is complete.
"""

from __future__ import annotations

import re

import msgspec

ASK_ERRORS = b"~HQES\r\n"
ASK_STATUS = b"~HS\r\n"
ASK_ESCPOS = b"\x10\x04\x01\x10\x04\x02\x10\x04\x04"
ASK_ESCPOS_DONE = b"\x1dr\x01"
PAPER_LOW = "Its paper is nearly out: have a new roll at hand."
MAX_ANSWER = 4096  # bytes kept while an answer is incomplete

_HQES = re.compile(
    rb"ERRORS:\s*([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})\s[^\x02]*?"
    rb"WARNINGS:\s*([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})"
)
_HS = re.compile(
    rb"\x02(\d{3}),([01]),([01]),(\d{4}),(\d{3}),([01]),([01]),([01]),(\d{3}),([01]),([01]),([01])\x03[^\x02]*"
    rb"\x02(\d{3}),(\d),([01]),([01]),([01]),(\w),(\w),([01]),(\d{8}),(\d),(\d{3})\x03[^\x02]*"
    rb"\x02(\w{4}),(\d)\x03"
)


REMEDIES = {
    "Out of labels.": "Put a roll in and close the head.",
    "Out of ribbon.": "Put a ribbon in and close the head.",
    "Out of paper.": "Put a roll in and close the cover.",
    "The print head is open.": "Close the head.",
    "The cover is open.": "Close the cover.",
    "The cutter is stuck.": "Switch it off, free the cutter, switch it on.",
    "Too hot;": "Wait, and leave it closed.",
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
    paper_out: bool = False
    head_open: bool = False
    paused: bool = False
    hot: bool = False
    paper_low: bool = False  # still ready
    waiting: int = 0  # labels taken and not printed yet
    sentence: str = "Ready."

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
    bits = int(found[3], 16) if found[1] == b"1" else 0
    faults = [
        sentence
        for mask, sentence in (
            (0x1, "Out of labels."),
            (0x2, "Out of ribbon."),
            (0x4, "The print head is open."),
            (0x8, "The cutter is stuck."),
            (0x30, "Too hot; it goes on by itself when it has cooled."),
            (0xC0, "The print head is faulty."),
            (0x2F00, "The printer reports a fault; look at its display."),
            (0x10000, "Paused at the printer."),
        )
        if bits & mask
    ]
    if found[1] == b"1" and not faults:
        faults = ["The printer reports a fault; look at its display."]
    return PrinterStatus(
        ready=not faults,
        paper_out=bool(bits & 0x1),
        head_open=bool(bits & 0x4),
        paused=bool(bits & 0x10000),
        hot=bool(bits & 0x30),
        sentence=" ".join(faults) or "Ready.",
    )


def parse_status(answer: bytes) -> PrinterStatus | None:
    """`~HS`: three strings in STX … ETX."""
    found = _last(_HS, answer)
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
            (hot, "Too hot; it goes on by itself when it has cooled."),
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


def parse_escpos(answer: bytes) -> PrinterStatus | None:
    """The three bytes that answer `ASK_ESCPOS`; each has bits 1 and 4 set and bits 0 and 7 clear."""
    bytes_found = [byte for byte in answer if byte & 0x93 == 0x12]
    if len(bytes_found) < 3:
        return None
    printer, offline, paper = bytes_found[-3:]
    paper_out, cover_open = bool(paper & 0x60 or offline & 0x20), bool(offline & 0x04)
    faults = [
        sentence
        for is_so, sentence in (
            (paper_out, "Out of paper."),
            (cover_open, "The cover is open."),
            (bool(offline & 0x40), "The printer reports a fault; look at its lamps."),
        )
        if is_so
    ]
    if printer & 0x08 and not faults:
        faults = ["The printer is off line."]
    paper_low = bool(paper & 0x0C)
    return PrinterStatus(
        ready=not faults,
        paper_out=paper_out,
        head_open=cover_open,
        paper_low=paper_low,
        sentence=" ".join(faults) or f"Ready. {PAPER_LOW}" * paper_low or "Ready.",
    )


def parse_escpos_done(answer: bytes) -> PrinterStatus | None:
    """The byte that answers `GS r 1`, sent when all before it is on paper."""
    done = next((byte for byte in reversed(answer) if byte & 0x90 == 0), None)
    if done is None:
        return None
    paper_out, paper_low = bool(done & 0x0C), bool(done & 0x03)
    return PrinterStatus(
        ready=not paper_out,
        paper_out=paper_out,
        paper_low=paper_low,
        sentence="Out of paper." if paper_out else f"Ready. {PAPER_LOW}" * paper_low or "Ready.",
    )


def _last(pattern: re.Pattern[bytes], answer: bytes) -> re.Match[bytes] | None:
    found = list(pattern.finditer(answer[-MAX_ANSWER:]))
    return found[-1] if found else None
