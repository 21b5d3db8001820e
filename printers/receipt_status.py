"""What a receipt printer says about itself: bits, three bytes to `DLE EOT`, one to `GS r`.

`DLE EOT n` is answered at once, also in mid-job; `GS r 1` only after everything before it was printed, and so is the proof
that a slip is on paper. Both may come in pieces with junk around them.
"""

from __future__ import annotations

from printers.status import PAPER_LOW, PrinterStatus

ASK_ESCPOS = b"\x10\x04\x01\x10\x04\x02\x10\x04\x04"
ASK_ESCPOS_DONE = b"\x1dr\x01"


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
    return PrinterStatus(
        ready=not faults,
        paper_out=paper_out,
        head_open=cover_open,
        warnings=(PAPER_LOW,) if paper & 0x0C else (),
        sentence=" ".join(faults) or "Ready.",
    )


def parse_escpos_done(answer: bytes) -> PrinterStatus | None:
    """The byte that answers `GS r 1`, sent when all before it is on paper."""
    done = next((byte for byte in reversed(answer) if byte & 0x90 == 0), None)
    if done is None:
        return None
    paper_out = bool(done & 0x0C)
    return PrinterStatus(
        ready=not paper_out,
        paper_out=paper_out,
        warnings=(PAPER_LOW,) if done & 0x03 else (),
        sentence="Out of paper." if paper_out else "Ready.",
    )
