"""What a worker is asked, free of any device: the same Prompt becomes a page, JSON for a program, or speech.

One question at a time. `place`, `item` and `quantity` are the three big things, in the order a walk meets them; `big`
says which of them is the question now. What is already answered shrinks to a tick line in `done`.
"""

from typing import Literal

import msgspec

Ask = Literal["scan", "quantity", "measure", "date", "text", "choice", "press", "pin", "photo"]
Sound = Literal["ok", "step", "warning", "error"]


class Goods(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    code: str
    name: str = ""
    note: str = ""  # "any lot", "lot L2408-A", "scan the serial too"


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    label: str
    value: str
    note: str = ""  # "from label"


class Key(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A button; `CMD/<NAME>` on a barcode does the same. `value` is sent along by choices."""

    name: str  # the screen's tap_<name>
    label: str
    note: str = ""
    icon: str = ""
    value: str = ""
    pressed: bool = False  # the choice that stands now


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a list: at a packing station, a look-up, a manifest."""

    name: str
    left: str = ""  # the big number at its left
    detail: str = ""
    right: str = ""
    state: Literal["", "now", "seen"] = ""


class CartonView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The packing station's side: carton with why, weight in its tolerance, the label's steps."""

    type: str
    size: str
    why: tuple[str, ...] = ()
    weight_g: int = -1  # −1: not weighed
    unweighed: str = ""  # why not, before anybody asks
    expected_g: int = 0
    low_g: int = 0
    high_g: int = 0
    stage: Literal["scan", "weigh", "print", "label", "done"] = "scan"
    label: str = ""  # what the print job says
    trouble: bool = False  # the label failed, or nobody knows whether it came out


class LastLabel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be said of the label asked for last; while `asks`, the taps label_yes and label_no answer it."""

    sentence: str
    asks: bool = False


class Prompt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    job: str  # "Pick cart 4"
    headline: str  # what to do: "Scan location"
    ask: Ask = "scan"
    hint: str = ""  # under the headline
    subject: str = ""  # what it is about, when there is no progress: "LPN …0 4417", "Order 100482"
    progress: tuple[int, int] | None = None
    progress_of: str = ""  # "lines"
    under_way: bool = False  # the first number is the one being done; else it counts what is done
    big: Literal["place", "item", "quantity", "tote", "lines", ""] = ""
    place: str = ""
    item: Goods | None = None
    quantity: int | None = None
    of: int | None = None
    unit: str = ""
    quantity_is: str = ""  # "received", "missing": stands before the unit
    tote: str = ""
    totes: tuple[str, ...] = ()  # the cart's totes by position; `tote` is highlighted
    facts: tuple[Fact, ...] = ()
    why: tuple[str, ...] = ()  # a line may begin with "✕ " (against) or "→ " (what follows); else it is a reason for
    why_title: str = ""  # "Why this bin", "Then"
    done: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    carton: CartonView | None = None
    label: LastLabel | None = None  # filled in by the engine
    keys: tuple[Key, ...] = ()
    main: Key | None = None  # the band at the bottom, when it is pressed instead of scanned
    choices: tuple[Key, ...] = ()
    wants: tuple[str, ...] = ()  # the codes asked for, where it is not simply the big thing (this order's tote)
    expects: tuple[str, ...] = ()  # kinds of label this screen takes; filled in by the engine
    photo: bool = False  # a photo may be taken here (on_photo); with ask="photo" it is the question
    template: str = ""  # a page of its own, when the common one does not do
    can_undo: bool = False
    repeats: bool = (
        False  # the same code again at once is one more piece, not a bouncing trigger; filled in by the engine
    )
    speech: str = ""

    @property
    def biggest(self) -> str:
        """What is the question now, where the screen left it open."""
        if self.big:
            return self.big
        if self.rows:
            return "lines"
        return "place" if self.place else "item" if self.item else "quantity" if self.quantity is not None else ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the last scan ended. `error` holds input until the worker acknowledges it."""

    kind: Sound
    sentence: str
    code: str = ""  # the refusal's
    title: str = ""
    expected: str = ""
    expected_name: str = ""
    scanned: str = ""
    scanned_is: str = ""  # "On the scale"; empty: scanned
    scanned_name: str = ""
    right: tuple[str, ...] = ()  # labels which, scanned, acknowledge the error; "01…*": begins so; "*": any other label
    then: str = ""  # the one thing to scan next, where it is one
    todo: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one scan is answered with; kept under the scan's id, so that a retry hears the very same."""

    id: str
    step: str  # what the next scan must name in `after`
    prompt: Prompt
    verdict: Verdict | None = None
    worker: str = ""  # display name
    seq: int = 0  # the journal event it made
