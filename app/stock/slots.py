"""Where a quantity of stock stands, and what it may be used for.

Three axes, never one list: the *location* says where (bins, docks, totes' carts, trucks, and the virtual ends of the
world, so that nothing is created or destroyed), the *status* says whether it may be sold, and an *allocation* says to
whom it is promised. A slot is location + LPN + lot + status: the finest place a balance is kept for.
"""

from typing import Literal

import msgspec

Status = Literal["available", "inspection", "quarantine", "damaged", "returned", "expired", "recalled", "in_transit"]

SUPPLIER = "~supplier"
CUSTOMER = "~customer"
LOST = "~lost"
SCRAP = "~scrap"
TRANSIT = "~transit"

# The ends of the world keep no balance. Goods in transit between sites are ours, so ~transit does.
ENDLESS = frozenset({SUPPLIER, CUSTOMER, LOST, SCRAP})


def hand_of(worker: str) -> str:
    """The location of what a worker carries without a cart: `@1007`."""
    return f"@{worker}"


class Slot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    location: str
    lpn: str = ""
    lot: str = ""
    status: Status = "available"

    @property
    def is_endless(self) -> bool:
        return self.location in ENDLESS

    def at(self, location: str, lpn: str | None = None) -> "Slot":
        """The same lot and status somewhere else; the LPN stays unless another is named."""
        return msgspec.structs.replace(self, location=location, lpn=self.lpn if lpn is None else lpn)


class Movement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One quantity leaving one slot and arriving in another. The lot is the source's unless the source is endless."""

    item: str
    quantity: int  # base units, > 0
    source: Slot
    target: Slot
    serial: str = ""  # then the quantity is 1
    grams: int = 0
    line: str = ""  # the order line whose allocation travels along

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"a movement of {self.quantity} × {self.item}")
        if self.serial and self.quantity != 1:
            raise ValueError(f"serial {self.serial} moves one by one, not {self.quantity}")

    @property
    def lot(self) -> str:
        return self.target.lot if self.source.is_endless else self.source.lot

    def back(self) -> "Movement":
        """The compensating movement."""
        return msgspec.structs.replace(self, source=self.target, target=self.source)


class Claim(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A quantity of a balance promised to an order line (or, negative, given back)."""

    line: str
    item: str
    quantity: int
    slot: Slot

    def back(self) -> "Claim":
        return msgspec.structs.replace(self, quantity=-self.quantity)


class Carry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An LPN that is now somewhere else, inside another LPN, or in another state. Empty text: unchanged."""

    lpn: str
    location: str
    parent: str = ""
    state: Literal["open", "closed", "void", "gone"] = "open"
    kind: Literal["", "pallet", "tote", "carton"] = ""  # given when the LPN is new
    document: str = ""
