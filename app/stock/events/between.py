"""Goods on the way between two sites: in transit is stock, at `~transit`, with a status nobody can promise.

The site that ships owns what is under way until it has arrived. Where both sites are in one house, arriving takes the
goods out of `~transit`; where the other site has a server of its own, they come into its books at its door, and leave
ours when it tells us so.
"""

from app.stock.events.base import Event
from app.stock.slots import CUSTOMER, SUPPLIER, TRANSIT, Carry, Movement, Slot


def in_transit(lot: str, lpn: str = "") -> Slot:
    return Slot(location=TRANSIT, lpn=lpn, lot=lot, status="in_transit")


class TransferShipped(Event, frozen=True, kw_only=True, omit_defaults=True, tag="transfer_shipped"):
    """Goods of one line left a place of this site for another site."""

    leaves_hold = True  # their status becomes in_transit; a lot on hold is refused by the rule before

    transfer: str
    line: str
    item: str
    quantity: int
    source: Slot
    door: str  # the dock they left by
    to_site: str
    serials: tuple[str, ...] = ()
    lpn: str = ""  # the source's, where it travels along whole
    expiry: str = ""  # of the lot, as the other site will want to know it
    to_go: int = 0  # units of the whole transfer still to be sent after this

    @property
    def document(self) -> str:
        return f"transfer {self.transfer}"

    def movements(self) -> list[Movement]:
        return _each(self.item, self.quantity, self.serials, self.source, in_transit(self.source.lot, self.lpn))

    def carries(self) -> list[Carry]:
        return [Carry(lpn=self.lpn, location=TRANSIT)] if self.lpn else []

    def in_words(self) -> str:
        return f"{self.quantity} × {self.item} on the way to {self.to_site}"


class TransferReceived(Event, frozen=True, kw_only=True, omit_defaults=True, tag="transfer_received"):
    """Goods of one line arrived. `local`: they were shipped from this house, so they leave its transit."""

    leaves_hold = True

    transfer: str
    line: str
    item: str
    quantity: int
    target: Slot
    from_site: str
    local: bool = False
    over: int = 0  # of the quantity: more than was shipped
    expiry: str = ""
    serials: tuple[str, ...] = ()
    new_lpn: bool = False
    from_lpn: str = ""  # in transit on this one
    keep_lpn: bool = False  # which arrived whole
    begins: bool = False  # an LPN counted here begins with these goods, and belongs to the transfer

    @property
    def document(self) -> str:
        return f"transfer {self.transfer}"

    def movements(self) -> list[Movement]:
        expected, source = self.quantity - self.over, Slot(location=SUPPLIER, lot=self.target.lot)
        moves: list[Movement] = []
        if expected:
            start = in_transit(self.target.lot, self.from_lpn) if self.local else source
            moves += _each(self.item, expected, self.serials[:expected], start, self.target)
        if self.over:
            moves += _each(self.item, self.over, self.serials[expected:], source, self.target)
        return moves

    def carries(self) -> list[Carry]:
        if self.keep_lpn:
            return [Carry(lpn=self.target.lpn, location=self.target.location)]
        if self.begins:
            place = self.target.location
            return [Carry(lpn=self.target.lpn, location=place, kind="pallet", document=self.document)]
        return [Carry(lpn=self.target.lpn, location=self.target.location, kind="pallet")] if self.new_lpn else []

    def in_words(self) -> str:
        return f"{self.quantity} × {self.item} arrived from {self.from_site}"


class TransferDelivered(Event, frozen=True, kw_only=True, omit_defaults=True, tag="transfer_delivered"):
    """The other site's server says what arrived there: it leaves our transit, and our books."""

    leaves_hold = True

    transfer: str
    line: str
    item: str
    quantity: int
    lot: str = ""
    to_site: str
    serials: tuple[str, ...] = ()
    lpn: str = ""  # in transit on this one

    @property
    def document(self) -> str:
        return f"transfer {self.transfer}"

    def movements(self) -> list[Movement]:
        target = Slot(location=CUSTOMER, lot=self.lot, status="in_transit")
        return _each(self.item, self.quantity, self.serials, in_transit(self.lot, self.lpn), target)

    def in_words(self) -> str:
        return f"{self.quantity} × {self.item} arrived at {self.to_site}"


class TransferClosed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="transfer_closed"):
    """Nothing more is expected on it. What never arrived stays in transit until somebody decides on it."""

    transfer: str
    missing: int = 0
    over: int = 0
    from_site: str = ""
    to_site: str = ""

    @property
    def document(self) -> str:
        return f"transfer {self.transfer}"

    def in_words(self) -> str:
        missing = f", {self.missing} missing" if self.missing else ""
        return f"transfer {self.transfer} closed{missing}" + (f", {self.over} over" if self.over else "")


def _each(item: str, quantity: int, serials: tuple[str, ...], source: Slot, target: Slot) -> list[Movement]:
    if serials:
        return [Movement(item=item, quantity=1, source=source, target=target, serial=one) for one in serials]
    return [Movement(item=item, quantity=quantity, source=source, target=target)]
