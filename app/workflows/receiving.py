"""Receiving: goods come off the truck and are counted in against their purchase order.

1. Scan the PO or the delivery (ASN); or a pallet's SSCC; or an item, and the one open PO that awaits it is taken.
2. The goods stand where your station receives; without one, scan the dock or staging place.
3. Scan the item. Lot, expiry and serials are taken from its label, and asked for only where the label is silent.
4. Scan each piece (+1) or case (+N), or type the quantity.
5. Scan the LPN they stand on, ask for a new one, or say there is none. That makes it so.
6. When nothing more comes: Close, see what is short or over, confirm. Or leave the PO open: the rest comes later.
"""

from app.errors import WrongKind
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Key, Prompt
from app.floor.readings import DocumentReading, ItemReading, LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.work import arrivals, asns, receipts, receiving_rules
from app.workflows import receiving_goods as goods
from app.workflows import receiving_pallet as pallet


class Arrive(Screen, frozen=True, kw_only=True, tag="receiving.start"):
    """Which delivery? The number of its PO or notice, a pallet's SSCC, or any item of it."""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Receive",
            headline="Scan PO or item",
            speech="Scan the purchase order, the delivery, a pallet or an item.",
            hint=receipts.waiting(floor.tx),
            subject=floor.station.name if floor.station else "",
            keys=(Key(name="unplanned", label="Unplanned"),),
        )

    def tap_unplanned(self, floor: Floor) -> Screen:
        """Goods nobody ordered."""
        return _at(floor, Where(unplanned=True))

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        return begin(floor, read)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        fitting = receipts.open_pos(floor.tx, read.item)
        if len(fitting) == 1:
            return _at(floor, Where(po=fitting[0][0], first=read))
        return ChoosePo(first=read)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        """A pallet by its SSCC: its notice says what is on it."""
        found = asns.pallet(floor.tx, read.lpn)
        return _at(floor, Where(asn=found.asn, sscc=found.sscc))


class ChoosePo(Screen, frozen=True, kw_only=True, tag="receiving.choose"):
    """Several open POs await this item: which one is this delivery?"""

    first: ItemReading

    def prompt(self, floor: Floor) -> Prompt:
        fitting = receipts.open_pos(floor.tx, self.first.item)
        more = len(fitting) - receipts.LISTED
        return Prompt(
            job="Receive",
            headline="Scan the PO",
            ask="choice",
            hint=f"{len(fitting)} POs await {self.first.item}" + (f"; {more} not shown" if more > 0 else ""),
            choices=tuple(
                Key(name="po", value=code, label=f"PO {code}", note=_awaited(floor, code, supplier, left))
                for code, supplier, left in fitting[: receipts.LISTED]
            ),
            speech="Several orders await this. Scan the purchase order.",
        )

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        return begin(floor, read, self.first)

    def tap_po(self, floor: Floor, code: str) -> Screen:
        receipts.open_po(floor.tx, code)
        return _at(floor, Where(po=code, first=self.first))

    def tap_back(self, floor: Floor) -> Screen:
        return Arrive()


def _awaited(floor: Floor, po: str, supplier: str, left: int) -> str:
    if receiving_rules.is_blind(floor.tx, po):
        return supplier
    return f"{max(0, left)} awaited · {supplier}".rstrip(" ·")


class Where(Screen, frozen=True, kw_only=True, tag="receiving.where"):
    """Where are the goods set down?"""

    po: str = ""
    asn: str = ""
    sscc: str = ""
    unplanned: bool = False
    first: ItemReading | None = None

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=f"ASN {self.asn}" if self.asn else f"PO {self.po}" if self.po else "Unplanned",
            headline="Scan dock or staging",
            hint="where the goods are set down",
            speech="Where do the goods stand? Scan the dock.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        arrivals.check_place(floor.tx, read.location)
        return _standing(floor, self, read.location)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        return begin(floor, read)

    def tap_back(self, floor: Floor) -> Screen:
        return Arrive()


class AtItem(Screen, frozen=True, kw_only=True, tag="receiving.item"):
    """Scan what comes next off the truck."""

    po: str
    location: str
    last_item: str = ""  # what was received just now: "same again" keeps its lot
    last_lot: str = ""
    last_expiry: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=f"PO {self.po}",
            headline="Scan item",
            hint=f"at {self.location} · all in? Scan {self.po} again",
            progress=goods.progress(floor, self.po),
            progress_of="lines",
            big="lines",
            rows=goods.rows(floor, self.po, now=self.last_item),
            keys=(
                Key(name="close", label="Close"),
                Key(name="later", label="Later", note="rest comes later"),
                Key(name="problem", label="Problem"),
            ),
            speech="Scan the next item.",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        kept = (self.last_lot, self.last_expiry) if self.last_item == read.item else ("", "")
        return goods.begin(floor, self.po, self.location, read, same_lot=kept[0], same_expiry=kept[1])

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return pallet.take(floor, read.lpn, self.location)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        arrivals.check_place(floor.tx, read.location)
        floor.ok(f"Now at {read.location}")
        return AtItem(po=self.po, location=read.location)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        """Its own number again, once something came: that is all of it. Another one is the next delivery."""
        if (read.of, read.document) == ("po", self.po) and any(
            one.received for one in receipts.lines(floor.tx, self.po)
        ):
            return self.tap_close(floor)
        return begin(floor, read)

    def tap_close(self, floor: Floor) -> Screen:
        receipts.open_po(floor.tx, self.po)
        return build("receiving.review", po=self.po, location=self.location)

    def tap_problem(self, floor: Floor) -> Screen:
        return build("receiving.problem", po=self.po, location=self.location)

    def tap_later(self, floor: Floor) -> Screen:
        floor.ok(f"PO {self.po} stays open.")
        return Arrive()

    def tap_back(self, floor: Floor) -> Screen:
        return Arrive()


def begin(floor: Floor, read: DocumentReading, first: ItemReading | None = None) -> Screen:
    """A PO or a notice was scanned: stand at it, if it is one and still takes goods in."""
    if read.of == "asn":
        return _at(floor, Where(asn=asns.open_asn(floor.tx, read.document).code, first=first))
    if read.of != "po":
        raise WrongKind(expected="a purchase order", scanned=read.label, kind=f"the number of a {read.of}")
    return _at(floor, Where(po=receipts.open_po(floor.tx, read.document).code, first=first))


def _at(floor: Floor, begun: Where) -> Screen:
    """Where the station receives; else the worker is asked where the goods stand."""
    place = floor.station.location if floor.station else ""
    return _standing(floor, begun, place) if arrivals.takes_arrivals(floor.tx, place) else begun


def _standing(floor: Floor, begun: Where, place: str) -> Screen:
    if begun.unplanned:
        return build("receiving.unplanned", location=place)
    if begun.sscc:
        return pallet.take(floor, begun.sscc, place)
    if begun.asn and begun.first is None:
        return build("receiving.asn", asn=begun.asn, location=place)
    if begun.asn and begun.first is not None:
        po = asns.po_of_item(floor.tx, begun.asn, begun.first.item)
        return goods.begin(floor, po, place, begun.first, asn=begun.asn)
    if begun.first is not None:
        return goods.begin(floor, begun.po, place, begun.first)
    return AtItem(po=begun.po, location=place)


register(
    Flow(
        name="receiving",
        title="Receive",
        icon="receive",
        roles=("worker",),
        start=Arrive,
        waiting=receipts.waiting,
        order=10,
    )
)
