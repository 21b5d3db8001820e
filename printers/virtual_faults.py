"""What goes wrong with printers, as keys to press: each is something a real one does on a bad night.

A key that stays down shows what is wrong now; pressing it again mends it. What a key does is told in one sentence, so that
whoever learns the floor's answer to it knows what to look for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from printers.virtual import VirtualPrinter

SLOW_S = 3.0  # for each label
RESET_AFTER = 200  # bytes: in the middle of a label


class Fault(NamedTuple):
    break_: str  # on the key while all is well
    mend: str  # while it is not
    told: str  # after it was pressed
    is_on: Callable[[VirtualPrinter], bool]
    press: Callable[[VirtualPrinter], None]


def _flag(break_: str, mend: str, told: str, name: str) -> Fault:
    return Fault(
        break_,
        mend,
        told,
        lambda printer: bool(getattr(printer, name)),
        lambda printer: printer.change(**{name: not getattr(printer, name)}),
    )


def _paper(printer: VirtualPrinter) -> None:
    if printer.paper_out:
        printer.refill()
    else:
        printer.change(paper_out=True)


FAULTS = {
    "paper": Fault(
        "Take the paper out",
        "Put paper in",
        "There is no paper: labels wait inside and come out once after the refill.",
        lambda printer: printer.paper_out,
        _paper,
    ),
    "low": _flag(
        "Let the paper run low",
        "Put a full roll in",
        "A slip printer says so; it still prints. A label printer has no eye for it.",
        "paper_low",
    ),
    "head": _flag(
        "Open the head", "Close the head", "The head is open: the printer leaves ~HS unanswered.", "head_open"
    ),
    "pause": _flag("Pause", "Go on", "Paused: it takes labels and prints none.", "paused"),
    "hot": _flag("Heat the head", "Let it cool", "The head is too hot to print.", "hot"),
    "silent": _flag("Fall silent", "Speak again", "It prints, and answers no question.", "silent"),
    "pieces": _flag("Answer in pieces", "Answer whole", "Its answers come in pieces, with junk between.", "in_pieces"),
    "deaf": _flag("Stop reading", "Read again", "It takes connections and reads nothing.", "never_reads"),
    "refuse": _flag("Refuse connections", "Take connections", "It resets every connection at once.", "resets_at_open"),
    "reset": Fault(
        f"Cut at byte {RESET_AFTER}",
        "Read jobs whole",
        f"It resets the connection after {RESET_AFTER} bytes of the next jobs: nobody knows whether a label comes.",
        lambda printer: printer.reset_after is not None,
        lambda printer: printer.change(reset_after=RESET_AFTER if printer.reset_after is None else None),
    ),
    "hang_up": Fault(
        "Hang up when asked",
        "Answer when asked",
        "It takes the job and closes the connection when asked whether it is done: nobody knows whether a label comes.",
        lambda printer: bool(printer.hangs_up),
        lambda printer: printer.change(hangs_up="" if printer.hangs_up else "after"),
    ),
    "slow": Fault(
        f"{SLOW_S:.0f} s a label",
        "Full speed",
        f"Every label takes {SLOW_S:.0f} s.",
        lambda printer: printer.seconds_per_label > 0,
        lambda printer: printer.change(seconds_per_label=0.0 if printer.seconds_per_label else SLOW_S),
    ),
}


def press(printer: VirtualPrinter, name: str) -> str:
    """Press a key; what happened, in a sentence. Raises KeyError for a key there is not."""
    fault = FAULTS[name]
    fault.press(printer)
    return fault.told if fault.is_on(printer) else f"{fault.mend}: done."
