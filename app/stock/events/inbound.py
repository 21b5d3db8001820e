"""Goods arriving. The source is the supplier by construction: nothing else can be received from."""

import msgspec

from app.stock.events.base import Event
from app.stock.events.outbound import Backorder
from app.stock.slots import SUPPLIER, Carry, Claim, Movement, Slot


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
    asn: str = ""  # the notice that announced it, and its line
    asn_line: str = ""
    problem: str = ""  # what is wrong with them; then their status is not available
    case: str = ""  # the discrepancy it is decided under
    promised: tuple[Claim, ...] = ()  # to orders that waited for it: cross-dock
    wave: str = ""  # they are fetched in
    backordered: tuple[Backorder, ...] = ()  # what such an order goes without

    @property
    def document(self) -> str:
        return f"po {self.po}"

    def claims(self) -> tuple[Claim, ...]:
        return self.promised

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


class DeclaredGoods(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a pallet as its supplier declared it, and the PO line it fills."""

    asn_line: str
    po: str
    line: str
    item: str
    quantity: int
    target: Slot
    expiry: str = ""
    serials: tuple[str, ...] = ()
    grams: int = 0
    over: int = 0


class PalletReceived(Event, frozen=True, kw_only=True, omit_defaults=True, tag="pallet_received"):
    """A pallet of an ASN was taken in by its SSCC, with all it is declared to hold; nobody counted it."""

    asn: str
    sscc: str
    goods: tuple[DeclaredGoods, ...]
    nested: tuple[Carry, ...]  # the pallet and those inside it
    promised: tuple[Claim, ...] = ()  # to orders that waited for it: cross-dock
    wave: str = ""  # they are fetched in
    backordered: tuple[Backorder, ...] = ()  # what such an order goes without

    def claims(self) -> tuple[Claim, ...]:
        return self.promised

    @property
    def document(self) -> str:
        """The PO's lane where it is all of one PO, so that the ERP hears it in order."""
        pos = {one.po for one in self.goods}
        return f"po {next(iter(pos))}" if len(pos) == 1 else f"asn {self.asn}"

    def movements(self) -> list[Movement]:
        moves: list[Movement] = []
        for one in self.goods:
            source = Slot(location=SUPPLIER, lot=one.target.lot)
            if one.serials:
                moves += [
                    Movement(item=one.item, quantity=1, source=source, target=one.target, serial=serial)
                    for serial in one.serials
                ]
            else:
                moves.append(
                    Movement(item=one.item, quantity=one.quantity, source=source, target=one.target, grams=one.grams)
                )
        return moves

    def carries(self) -> tuple[Carry, ...]:
        return self.nested

    def in_words(self) -> str:
        told = ", ".join(f"{one.quantity} × {one.item}" for one in self.goods)
        return f"pallet {self.sscc} of ASN {self.asn} as declared: {told}"


class UnplannedReceived(Event, frozen=True, kw_only=True, omit_defaults=True, tag="unplanned_received"):
    """Goods came that nobody ordered. They are ours to look after and nobody's to sell until it is decided."""

    item: str
    quantity: int
    target: Slot  # never available
    reason: str
    case: str  # the discrepancy it is decided under
    po: str = ""  # the delivery they came with
    asn: str = ""
    expiry: str = ""
    serials: tuple[str, ...] = ()
    unit: str = "each"
    pack: int = 1
    grams: int = 0
    new_lpn: bool = False

    @property
    def document(self) -> str:
        return f"po {self.po}" if self.po else f"asn {self.asn}" if self.asn else f"item {self.item}"

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

    def in_words(self) -> str:
        return f"{self.quantity} × {self.item} came unplanned ({self.reason}), on hold"


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


class AsnLineEnd(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of an ASN at its end."""

    line: str
    item: str
    declared: int
    received: int
    sscc: str = ""


class AsnClosed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="asn_closed"):
    """The truck is empty: what was declared and what came of it."""

    asn: str
    lines: tuple[AsnLineEnd, ...]
    missing: tuple[str, ...] = ()  # SSCCs nobody found

    @property
    def document(self) -> str:
        return f"asn {self.asn}"

    def in_words(self) -> str:
        lost = f", {len(self.missing)} pallets missing" if self.missing else ""
        off = [line for line in self.lines if line.declared != line.received]
        told = ", ".join(f"{line.item} {line.received} of {line.declared}" for line in off)
        return f"ASN {self.asn} closed: {told or 'all as declared'}{lost}"


class DiscrepancySettled(Event, frozen=True, kw_only=True, omit_defaults=True, tag="discrepancy_settled"):
    """Somebody who did not receive the goods decided on a difference; goods on hold are free again, or gone."""

    leaves_hold = True

    id: str
    kind: str
    outcome: str  # accepted, released, written_off
    reason: str
    decided_by: str
    received_by: str = ""
    lane: str = ""
    item: str = ""
    moved: tuple[Movement, ...] = ()

    @property
    def document(self) -> str:
        return self.lane

    def movements(self) -> tuple[Movement, ...]:
        return self.moved

    def in_words(self) -> str:
        count = sum(move.quantity for move in self.moved)
        goods = f"{count} × {self.item} " if count else ""
        said = self.outcome.replace("_", " ")
        return f"{self.kind.replace('_', ' ')}: {goods}{said} by {self.decided_by} ({self.reason})"


class DimensionsMeasured(Event, frozen=True, kw_only=True, omit_defaults=True, tag="dimensions_measured"):
    """One base unit of an item was measured on the floor, because nobody had told its size. A proposal to the ERP."""

    item: str
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int

    @property
    def document(self) -> str:
        return f"item {self.item}"

    def in_words(self) -> str:
        size = f"{self.length_mm} × {self.width_mm} × {self.height_mm} mm"
        return f"{self.item} measured: {size}, {self.weight_g} g"


class TruckArrived(Event, frozen=True, kw_only=True, omit_defaults=True, tag="truck_arrived"):
    """A delivery stands at a door: its document, who brought it, the seal it came with."""

    arrival: str
    door: str
    lane: str
    supplier: str = ""
    carrier: str = ""
    seal: str = ""
    answers: str = ""
    due: int = 0
    until: int = 0

    @property
    def document(self) -> str:
        return self.lane

    def in_words(self) -> str:
        return f"{self.lane} at {self.door}" + (f", seal {self.seal}" if self.seal else "")


class TruckUnloaded(Event, frozen=True, kw_only=True, omit_defaults=True, tag="truck_unloaded"):
    """Nothing is left on the truck; the door is free."""

    arrival: str
    door: str
    lane: str

    @property
    def document(self) -> str:
        return self.lane

    def in_words(self) -> str:
        return f"{self.lane} unloaded at {self.door}"
