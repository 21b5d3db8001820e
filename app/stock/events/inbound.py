"""Goods arriving. The source is the supplier by construction: nothing else can be received from."""

import msgspec

from app.stock.events.base import Event
from app.stock.slots import SUPPLIER, Carry, Movement, Slot


class Received(Event, frozen=True, kw_only=True, omit_defaults=True, tag="received"):
    """Goods of one PO line were counted off the truck into a slot."""

    po: str
    line: str
    item: str
    quantity: int
    target: Slot
    expiry: str = ""  # ISO date
    serials: tuple[str, ...] = ()
    unit: str = "each"
    pack: int = 1  # base units in the unit that was scanned
    grams: int = 0
    new_lpn: bool = False
    over: int = 0  # how much of the quantity is more than was ordered

    @property
    def document(self) -> str:
        return f"po {self.po}"

    def movements(self) -> list[Movement]:
        source = Slot(location=SUPPLIER, lot=self.target.lot)
        if self.serials:
            return [
                Movement(item=self.item, quantity=1, source=source, target=self.target, serial=serial)
                for serial in self.serials
            ]
        return [Movement(item=self.item, quantity=self.quantity, source=source, target=self.target, grams=self.grams)]

    def carries(self) -> list[Carry]:
        if not self.new_lpn:
            return []
        return [Carry(lpn=self.target.lpn, location=self.target.location, kind="pallet", document=self.document)]


class ReceivedLine(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    item: str
    ordered: int
    received: int


class ReceiptClosed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="receipt_closed"):
    """The worker said: nothing more comes. Lines that differ are discrepancies with an owner."""

    po: str
    lines: tuple[ReceivedLine, ...]
    reason: str = ""

    @property
    def document(self) -> str:
        return f"po {self.po}"

    def in_words(self) -> str:
        off = [line for line in self.lines if line.ordered != line.received]
        told = ", ".join(f"{line.item} {line.received} of {line.ordered}" for line in off)
        return f"PO {self.po} closed: {told or 'all as ordered'}"
