"""Counting is two events: what was seen (no movement), and the approved correction with its reason and approver."""

from app.stock.events.base import Event
from app.stock.slots import LOST, Movement, Slot


class Counted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="counted"):
    """Somebody looked and wrote down what lies in a slot, without being told what should."""

    task: str
    item: str
    slot: Slot
    quantity: int

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

    @property
    def document(self) -> str:
        return f"item {self.item}"

    def movements(self) -> list[Movement]:
        nowhere = Slot(location=LOST, lot=self.slot.lot)
        source, target = (nowhere, self.slot) if self.change > 0 else (self.slot, nowhere)
        return [Movement(item=self.item, quantity=abs(self.change), source=source, target=target, serial=self.serial)]
