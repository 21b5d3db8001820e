"""Counting is two events: what was seen (no movement), and the approved correction with its reason and approver.

A write-off takes goods out of the books for good: damaged, expired, lost. It too names its reason and its approver, and
cannot be written or read without them.
"""

import msgspec

from app.stock.events.base import Event
from app.stock.slots import LOST, SCRAP, Movement, Slot


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One raw tally: the label as it was read, what it stood for, and where the journal ended at that moment."""

    label: str
    quantity: int
    seq: int
    serial: str = ""


class Counted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="counted"):
    """Somebody looked and wrote down what lies in a slot, without being told what should.

    `position` is the journal's end that the quantity belongs to: what moved later is no part of it. A quantity of 0 with
    no tallies is the explicit zero of "nothing else here".
    """

    task: str
    item: str
    slot: Slot
    quantity: int
    count: str = ""
    round: int = 0
    position: int = 0
    tallies: tuple[Seen, ...] = ()

    @property
    def document(self) -> str:
        return f"count {self.task}"

    def in_words(self) -> str:
        return f"{self.quantity} × {self.item} counted at {self.slot.location}"


class Adjusted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="adjusted"):
    """The books were brought to what was found. Cannot be written without a reason and an approver."""

    leaves_hold = True

    item: str
    slot: Slot
    change: int  # base units, not 0
    reason: str
    approver: str
    count: str = ""
    serial: str = ""
    case: str = ""  # the adjustment asked for on the floor
    asked_by: str = ""
    cause: str = ""  # why the books were wrong, where somebody judged it

    @property
    def document(self) -> str:
        return f"item {self.item}"

    def movements(self) -> list[Movement]:
        nowhere = Slot(location=LOST, lot=self.slot.lot)
        source, target = (nowhere, self.slot) if self.change > 0 else (self.slot, nowhere)
        return [Movement(item=self.item, quantity=abs(self.change), source=source, target=target, serial=self.serial)]

    def in_words(self) -> str:
        told = Event.in_words(self)
        return f"{told}; cause: {self.cause.replace('_', ' ')}" if self.cause else told


class BarcodeLearned(Event, frozen=True, kw_only=True, omit_defaults=True, tag="barcode_learned"):
    """A code nobody knew was found to be an item's. A proposal: it is a barcode here once the ERP sends it as one."""

    label: str
    item: str
    quantity: int = 1  # base units it stood for
    count: str = ""  # where it was seen

    @property
    def document(self) -> str:
        return f"item {self.item}"

    def in_words(self) -> str:
        return f"{self.label} is {self.quantity} × {self.item}, somebody found out"


GONE_ASTRAY = ("lost", "stolen")  # reasons whose goods are nowhere; all others are thrown away


class WrittenOff(Event, frozen=True, kw_only=True, omit_defaults=True, tag="written_off"):
    """Goods leave the books for good. Cannot be written without a reason and an approver."""

    leaves_hold = True

    item: str
    slot: Slot
    quantity: int  # base units, > 0
    reason: str
    approver: str  # a worker, or ~limit: within what the asker may decide alone
    asked_by: str
    case: str = ""
    serial: str = ""
    value: int = 0  # cents of standard cost

    @property
    def document(self) -> str:
        return f"item {self.item}"

    def movements(self) -> list[Movement]:
        end = LOST if self.reason in GONE_ASTRAY else SCRAP
        target = Slot(location=end, lot=self.slot.lot)
        return [Movement(item=self.item, quantity=self.quantity, source=self.slot, target=target, serial=self.serial)]

    def in_words(self) -> str:
        place = self.slot.lpn or self.slot.location
        return f"{self.quantity} × {self.item} at {place} written off: {self.reason.replace('_', ' ')}"
