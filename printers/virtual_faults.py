"""What goes wrong with printers, as keys to press: each is something a real one does on a bad night.

A key that stays down shows what is wrong now; pressing it again mends it. What a key does is told in one sentence, so that
whoever learns the floor's answer to it knows what to look for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from printers.virtual import VirtualPrinter

SLOW_S = 3.0  # for each label
RESET_AFTER = 100  # bytes, where no number is given: in the middle of the shortest label
ROLL = 1  # labels left, where no number is given
MOST = 999_999  # bytes or labels a key may be given


class Fault(NamedTuple):
    break_: str  # on the key while all is well
    mend: str  # while it is not
    told: str  # after it was pressed
    is_on: Callable[[VirtualPrinter], bool]
    press: Callable[[VirtualPrinter, int | None], None]  # with the number beside the keys


def _flag(break_: str, mend: str, told: str, name: str) -> Fault:
    return Fault(
        break_,
        mend,
        told,
        lambda printer: bool(getattr(printer, name)),
        lambda printer, _: printer.change(**{name: not getattr(printer, name)}),
    )


def _paper(printer: VirtualPrinter, _: int | None) -> None:
    if printer.paper_out:
        printer.refill()
    else:
        printer.change(paper_out=True)


def _roll(printer: VirtualPrinter, labels: int | None) -> None:
    if printer.paper_left is None:
        printer.refill(ROLL if labels is None else labels)
    else:
        printer.refill()


def _reset(printer: VirtualPrinter, after: int | None) -> None:
    wanted = RESET_AFTER if after is None else after
    printer.change(reset_after=wanted if printer.reset_after is None else None)


def _door(printer: VirtualPrinter, _: int | None) -> None:
    if printer.closed:
        printer.open_door()
    else:
        printer.close_door()


def _speaks(break_: str, told: str, way: Literal["sgd", "hs"]) -> Fault:
    return Fault(
        break_,
        "Answer every way",
        told,
        lambda printer: printer.speaks == way,
        lambda printer, _: printer.change(speaks="all" if printer.speaks == way else way),
    )


def _hangs_up(break_: str, told: str, when: Literal["before", "after"]) -> Fault:
    return Fault(
        break_,
        "Answer when asked",
        told,
        lambda printer: printer.hangs_up == when,
        lambda printer, _: printer.change(hangs_up="" if printer.hangs_up == when else when),
    )


FAULTS = {
    "paper": Fault(
        "Take the paper out",
        "Put paper in",
        "There is no paper: labels wait inside and come out once after the refill.",
        lambda printer: printer.paper_out,
        _paper,
    ),
    "roll": Fault(
        "Let it run out after N labels",
        "Put a full roll in",
        "The roll ends after the number given (1 without): the next label is held and comes out once after the refill.",
        lambda printer: printer.paper_left is not None,
        _roll,
    ),
    "low": _flag(
        "Let the paper run low",
        "Put a full roll in",
        "It says so, and still prints: a warning on the device wall.",
        "paper_low",
    ),
    "dirty": _flag(
        "Let the head get dirty", "Clean the head", "A label printer's odometer says so; it still prints.", "head_dirty"
    ),
    "worn": _flag(
        "Wear the head out", "Put a new head in", "A label printer's odometer says so; it still prints.", "head_worn"
    ),
    "head": _flag(
        "Open the head", "Close the head", "The head is open: the printer leaves ~HS unanswered.", "head_open"
    ),
    "pause": _flag("Pause", "Go on", "Paused: it takes labels and prints none.", "paused"),
    "hot": _flag("Heat the head", "Let it cool", "The head is too hot to print.", "hot"),
    "silent": _flag("Fall silent", "Speak again", "It prints, and answers no question.", "silent"),
    "pieces": _flag("Answer in pieces", "Answer whole", "Its answers come in pieces, with junk between.", "in_pieces"),
    "sgd": _speaks(
        "Answer SGD only", "It leaves ~HQES and ~HS unanswered: the floor asks by SGD, and sees what it saw.", "sgd"
    ),
    "hs": _speaks("Answer ~HS only", "An old one: paper out, head open and too hot are silence to it.", "hs"),
    "deaf": _flag("Stop reading", "Read again", "It takes connections and reads nothing.", "never_reads"),
    "closed": Fault(
        "Refuse connections",
        "Listen again",
        "Nothing listens at its port, as where it is switched off: jobs wait here and nothing of them was sent.",
        lambda printer: printer.closed,
        _door,
    ),
    "refuse": _flag("Reset connections", "Keep connections", "It resets every connection at once.", "resets_at_open"),
    "reset": Fault(
        "Cut after N bytes",
        "Read jobs whole",
        f"It resets the connection after as many bytes of the next jobs ({RESET_AFTER} without a number): "
        "nobody knows whether a label comes.",
        lambda printer: printer.reset_after is not None,
        _reset,
    ),
    "hang_up": _hangs_up(
        "Hang up after the job",
        "It takes the job and closes the connection when asked whether it is done: nobody knows whether a label comes.",
        "after",
    ),
    "hang_up_before": _hangs_up(
        "Hang up before the job",
        "It closes the connection when asked how it is: nothing was sent, and the job waits.",
        "before",
    ),
    "slow": Fault(
        f"{SLOW_S:.0f} s a label",
        "Full speed",
        f"Every label takes {SLOW_S:.0f} s.",
        lambda printer: printer.seconds_per_label > 0,
        lambda printer, _: printer.change(seconds_per_label=0.0 if printer.seconds_per_label else SLOW_S),
    ),
}


def press(printer: VirtualPrinter, name: str, number: str = "") -> str:
    """Press a key, with the number typed beside it; what happened, in a sentence. Raises KeyError for a key there is not."""
    fault = FAULTS[name]
    if number and not (number.isascii() and number.isdecimal() and int(number[:9]) <= MOST):
        return f"The number is of bytes or labels, up to {MOST:,}."
    fault.press(printer, int(number) if number else None)
    return fault.told if fault.is_on(printer) else f"{fault.mend}: done."
