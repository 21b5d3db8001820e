"""Goods promised, picked, packed, staged, loaded and gone. The promise travels with the goods to the truck."""

import msgspec

from app.stock.events.base import Event, lane_of, order_of
from app.stock.slots import CUSTOMER, Carry, Claim, Movement, Slot


class Backorder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a line will not get from this shipment; negative where that was taken back."""

    line: str
    item: str
    quantity: int
    reason: str = ""


class Allocated(Event, frozen=True, kw_only=True, omit_defaults=True, tag="allocated"):
    """Parts of balances were promised to the lines of one order, which goes without the rest."""

    order: str
    claimed: tuple[Claim, ...]
    wave: str = ""
    backordered: tuple[Backorder, ...] = ()

    @property
    def document(self) -> str:
        return lane_of(self.order)

    def claims(self) -> tuple[Claim, ...]:
        return self.claimed

    def in_words(self) -> str:
        told = [f"{c.quantity} × {c.item} at {c.slot.location} for {c.line}" for c in self.claimed]
        told += [f"{b.quantity} × {b.item} backordered for {b.line}" for b in self.backordered]
        return "; ".join(told)


class Deallocated(Event, frozen=True, kw_only=True, omit_defaults=True, tag="deallocated"):
    """A promise was given back before the goods were touched."""

    order: str
    claimed: tuple[Claim, ...]  # quantities are negative
    reason: str = ""
    backordered: tuple[Backorder, ...] = ()  # likewise: wanted again

    @property
    def document(self) -> str:
        return lane_of(self.order)

    def claims(self) -> tuple[Claim, ...]:
        return self.claimed

    def in_words(self) -> str:
        return "; ".join(f"{-c.quantity} × {c.item} at {c.slot.location} given back" for c in self.claimed)


class Picked(Event, frozen=True, kw_only=True, omit_defaults=True, tag="picked"):
    """Goods left a slot for a tote, for one order line. The ERP hears of it with the parcel."""

    line: str
    pick: str
    item: str
    quantity: int
    source: Slot
    target: Slot  # the tote, on its cart or in the worker's hand
    serials: tuple[str, ...] = ()
    unit: str = "each"
    pack: int = 1

    @property
    def document(self) -> str:
        return f"order {order_of(self.line)}"

    def movements(self) -> list[Movement]:
        if self.serials:
            return [self._move(1, serial) for serial in self.serials]
        return [self._move(self.quantity)]

    def _move(self, quantity: int, serial: str = "") -> Movement:
        return Movement(
            item=self.item,
            quantity=quantity,
            source=self.source,
            target=self.target,
            serial=serial,
            line=self.line,
        )


class PickShort(Event, frozen=True, kw_only=True, omit_defaults=True, tag="pick_short"):
    """Less was there than the books say. The promise at this slot is given back; what follows is named here."""

    line: str
    pick: str
    item: str
    missing: int
    slot: Slot
    reason: str
    elsewhere: tuple[Claim, ...] = ()  # promised anew from other slots
    backordered: int = 0  # what no slot could give
    count_task: str = ""

    @property
    def document(self) -> str:
        return f"order {order_of(self.line)}"

    def claims(self) -> list[Claim]:
        given_back = Claim(line=self.line, item=self.item, quantity=-self.missing, slot=self.slot)
        return [given_back, *self.elsewhere]

    def in_words(self) -> str:
        found = sum(claim.quantity for claim in self.elsewhere)
        return (
            f"{self.missing} × {self.item} missing at {self.slot.location} ({self.reason}): "
            f"{found} from elsewhere, {self.backordered} backordered"
        )


class PutBack(Event, frozen=True, kw_only=True, omit_defaults=True, tag="put_back"):
    """Picked goods of a cancelled order returned to a bin; their promise ended."""

    line: str
    item: str
    quantity: int
    source: Slot
    target: Slot
    serials: tuple[str, ...] = ()
    emptied: str = ""  # the carton whose last goods these were: it is void

    @property
    def document(self) -> str:
        return f"order {order_of(self.line)}"

    def movements(self) -> list[Movement]:
        return _free(self.item, self.quantity, self.source, self.target, self.serials)

    def claims(self) -> list[Claim]:
        # given back first, at the slot where the goods are; then they move as free stock
        return [Claim(line=self.line, item=self.item, quantity=-self.quantity, slot=self.source)]

    def carries(self) -> list[Carry]:
        return [Carry(lpn=self.emptied, location=self.source.location, state="void")] if self.emptied else []


class PackShort(Event, frozen=True, kw_only=True, omit_defaults=True, tag="pack_short"):
    """Picked goods were not in their tote at packing, and the order goes without them.

    On the books they are back where they were picked from (`target`), free but not offered before the count of that place.
    """

    leaves_hold = True

    line: str
    item: str
    missing: int
    source: Slot  # the tote
    target: Slot
    serials: tuple[str, ...] = ()
    count_task: str = ""
    reason: str = ""

    @property
    def document(self) -> str:
        return f"order {order_of(self.line)}"

    def movements(self) -> list[Movement]:
        return _free(self.item, self.missing, self.source, self.target, self.serials)

    def claims(self) -> list[Claim]:
        return [Claim(line=self.line, item=self.item, quantity=-self.missing, slot=self.source)]

    def in_words(self) -> str:
        place = self.source.lpn or self.source.location
        return (
            f"{self.missing} × {self.item} not in {place} at packing: given up, to be counted at {self.target.location}"
        )


def _free(item: str, quantity: int, source: Slot, target: Slot, serials: tuple[str, ...]) -> list[Movement]:
    if serials:
        return [Movement(item=item, quantity=1, source=source, target=target, serial=serial) for serial in serials]
    return [Movement(item=item, quantity=quantity, source=source, target=target)]


class OrderHeld(Event, frozen=True, kw_only=True, omit_defaults=True, tag="order_held"):
    """The order must not go on for now. What is taken back with it has events of its own."""

    order: str
    reason: str = ""

    @property
    def document(self) -> str:
        return f"order {self.order}"

    def in_words(self) -> str:
        return f"order {self.order} held" + (f": {self.reason}" if self.reason else "")


class OrderResumed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="order_resumed"):
    """A held order goes on where its goods and cartons are."""

    order: str

    @property
    def document(self) -> str:
        return f"order {self.order}"

    def in_words(self) -> str:
        return f"order {self.order} goes on"


class OrderCancelled(Event, frozen=True, kw_only=True, omit_defaults=True, tag="order_cancelled"):
    """The order is off. Promises on untouched stock end here; picked goods go back by put-back tasks."""

    order: str
    claimed: tuple[Claim, ...] = ()
    already_picked: int = 0
    reason: str = ""

    @property
    def document(self) -> str:
        return f"order {self.order}"

    def claims(self) -> tuple[Claim, ...]:
        return self.claimed

    def in_words(self) -> str:
        return f"order {self.order} cancelled, {self.already_picked} units to put back"


class CartonOpened(Event, frozen=True, kw_only=True, omit_defaults=True, tag="carton_opened"):
    """A shipping carton was folded for an order."""

    order: str
    carton: str
    location: str
    type: str
    proposed: str = ""
    why: str = ""

    @property
    def document(self) -> str:
        return f"order {self.order}"

    def carries(self) -> list[Carry]:
        return [Carry(lpn=self.carton, location=self.location, kind="carton", document=self.document)]

    def in_words(self) -> str:
        return f"carton {self.carton} ({self.type}) for order {self.order}"


class Packed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="packed"):
    """A unit (or a case) was seen by the scanner and went from the tote into the carton."""

    line: str
    item: str
    quantity: int
    source: Slot
    target: Slot
    serial: str = ""

    @property
    def document(self) -> str:
        return f"order {order_of(self.line)}"

    def movements(self) -> list[Movement]:
        return [
            Movement(
                item=self.item,
                quantity=self.quantity,
                source=self.source,
                target=self.target,
                serial=self.serial,
                line=self.line,
            )
        ]


class CartonClosed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="carton_closed"):
    """All units seen, the weight in tolerance: the label may be printed. Freed totes are named."""

    order: str
    carton: str
    weight_g: int
    expected_g: int
    carrier: str = ""
    service: str = ""
    contents: tuple[Movement, ...] = ()  # for the ERP: what is in it; moves nothing
    last: bool = False  # the order's last carton
    location: str = ""  # where it was packed, and where the totes it emptied now stand
    freed: tuple[str, ...] = ()
    chosen: str = ""  # why this carrier, where the order left the choice to us
    length_mm: int = 0  # as it was measured; 0: it was not
    width_mm: int = 0
    height_mm: int = 0

    @property
    def document(self) -> str:
        return f"order {self.order}"

    def carries(self) -> list[Carry]:
        return [Carry(lpn=tote, location=self.location) for tote in self.freed]

    def in_words(self) -> str:
        return f"carton {self.carton} of order {self.order} closed at {self.weight_g} g" + (
            f", with {self.chosen}" if self.chosen else ""
        )


class _CartonMoved(Event, frozen=True, kw_only=True, omit_defaults=True):
    order: str
    carton: str
    target: str
    contents: tuple[Movement, ...]

    @property
    def document(self) -> str:
        return f"order {self.order}"

    def movements(self) -> tuple[Movement, ...]:
        return self.contents

    def carries(self) -> list[Carry]:
        return [Carry(lpn=self.carton, location=self.target, state="closed")]


class Staged(_CartonMoved, frozen=True, kw_only=True, omit_defaults=True, tag="staged"):
    """A labelled carton stands in its lane."""


class Loaded(_CartonMoved, frozen=True, kw_only=True, omit_defaults=True, tag="loaded"):
    """A carton is on the truck."""

    load: str = ""


class Unloaded(_CartonMoved, frozen=True, kw_only=True, omit_defaults=True, tag="unloaded"):
    """A carton came off the truck again."""

    leaves_hold = True  # what was put on hold meanwhile must be able to come off

    load: str = ""


class Shipped(Event, frozen=True, kw_only=True, omit_defaults=True, tag="shipped"):
    """Goods issue: the truck left with these cartons of one order. The goods are the customer's."""

    order: str
    load: str
    cartons: tuple[str, ...]
    contents: tuple[Movement, ...]
    carrier: str = ""
    seal: str = ""
    complete: bool = True
    tracking: tuple[str, ...] = ()  # the carriers' numbers, in the order of `cartons`; empty where there is none at all

    @property
    def document(self) -> str:
        return f"order {self.order}"

    def movements(self) -> tuple[Movement, ...]:
        return self.contents

    def carries(self) -> list[Carry]:
        return [Carry(lpn=carton, location=CUSTOMER, state="gone") for carton in self.cartons]

    def in_words(self) -> str:
        units = sum(movement.quantity for movement in self.contents)
        return f"order {self.order} shipped: {units} units in {len(self.cartons)} cartons on {self.load}"


class Backordered(Event, frozen=True, kw_only=True, omit_defaults=True, tag="backordered"):
    """The floor is done with an order and these lines went short of it: to be shipped later is the ERP's to decide.

    Said once, with the last goods issue of the order; what was short at each step was told when it happened.
    """

    order: str
    load: str
    lines: tuple[Backorder, ...]

    @property
    def document(self) -> str:
        return f"order {self.order}"

    def in_words(self) -> str:
        told = ", ".join(f"{one.quantity} × {one.item}" for one in self.lines)
        return f"order {self.order} left without {told}"


class ManifestClosed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="manifest_closed"):
    """A carrier took note of the parcels of a load and gave its list a number."""

    carrier: str
    load: str
    number: str
    tracking: tuple[str, ...]

    @property
    def document(self) -> str:
        return f"load {self.load}"

    def in_words(self) -> str:
        count = len(self.tracking)
        return f"manifest {self.number} of {self.carrier} for {self.load}: {count} parcel{'' if count == 1 else 's'}"
