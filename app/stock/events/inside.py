"""Goods moving inside the house: put away, moved, changed in status, and the taking back of one's own last step."""

from typing import Literal

from app.stock.events.base import Event
from app.stock.slots import LOST, Carry, Claim, Movement, Slot


class OpeningStock(Event, frozen=True, kw_only=True, omit_defaults=True, tag="opening_stock"):
    """What already lay there when Pickface took over, from the opening import."""

    item: str
    quantity: int
    target: Slot
    expiry: str = ""
    serials: tuple[str, ...] = ()
    new_lpn: bool = False
    source_document: str = ""

    @property
    def document(self) -> str:
        return f"opening {self.item}"

    def movements(self) -> list[Movement]:
        source = Slot(location=LOST, lot=self.target.lot)
        if self.serials:
            return [
                Movement(item=self.item, quantity=1, source=source, target=self.target, serial=serial)
                for serial in self.serials
            ]
        return [Movement(item=self.item, quantity=self.quantity, source=source, target=self.target)]

    def carries(self) -> list[Carry]:
        if not self.new_lpn:
            return []
        return [Carry(lpn=self.target.lpn, location=self.target.location, kind="pallet")]

    def in_words(self) -> str:
        return f"{self.quantity} × {self.item} at {self.target.lpn or self.target.location} when the books began"


class PutAway(Event, frozen=True, kw_only=True, omit_defaults=True, tag="put_away"):
    """Received goods reached their bin. `why` is what the strategy said, `instead_of` the bin it proposed."""

    lpn: str
    target: str
    contents: tuple[Movement, ...]
    keep_lpn: bool = False  # a reserve keeps the pallet whole; a pick face takes the goods out of it
    part: bool = False  # other goods are still on the LPN: it stays where it is
    why: str = ""
    instead_of: str = ""
    reason: str = ""

    @property
    def document(self) -> str:
        return f"lpn {self.lpn}" if self.lpn else f"item {self.contents[0].item}"

    def movements(self) -> tuple[Movement, ...]:
        return self.contents

    def carries(self) -> list[Carry]:
        if not self.lpn or self.part:
            return []
        if self.keep_lpn:
            return [Carry(lpn=self.lpn, location=self.target)]
        return [Carry(lpn=self.lpn, location=self.target, state="gone")]


class Moved(Event, frozen=True, kw_only=True, omit_defaults=True, tag="moved"):
    """Goods were carried from one place of ours to another."""

    contents: tuple[Movement, ...]
    carried: tuple[Carry, ...] = ()
    reason: str = ""
    stood: tuple[Carry, ...] = ()  # how the LPNs carried stood before, for the way back
    claimed: tuple[Claim, ...] = ()  # promises given back because these goods serve them: quantities are negative

    @property
    def document(self) -> str:
        return f"item {self.contents[0].item}" if self.contents else f"lpn {self.carried[0].lpn}"

    def movements(self) -> tuple[Movement, ...]:
        return self.contents

    def claims(self) -> tuple[Claim, ...]:
        return self.claimed

    def carries(self) -> tuple[Carry, ...]:
        return self.carried

    def stood_before(self) -> tuple[Carry, ...]:
        return self.stood

    def in_words(self) -> str:
        if self.contents:
            return Event.in_words(self)
        return "; ".join(f"LPN {c.lpn} {f'into {c.parent}' if c.parent else f'to {c.location}'}" for c in self.carried)


class Replenished(Event, frozen=True, kw_only=True, omit_defaults=True, tag="replenished"):
    """Goods came from where they are kept to the pick face they are picked from; promises of waiting picks came along.

    `source_empty` is the zero check: the worker looked into the emptied source and found it empty, or more in it.
    """

    feeds_orders = True

    task: str
    face: str
    contents: tuple[Movement, ...]
    emptied: str = ""  # the LPN nothing is left on
    trigger: str = ""  # min, wave, short, requested
    source_empty: Literal["", "confirmed", "more_left"] = ""

    @property
    def document(self) -> str:
        return f"item {self.contents[0].item}" if self.contents else f"task {self.task}"

    def movements(self) -> tuple[Movement, ...]:
        return self.contents

    def carries(self) -> list[Carry]:
        return [Carry(lpn=self.emptied, location=self.face, state="gone")] if self.emptied else []


class StatusChanged(Event, frozen=True, kw_only=True, omit_defaults=True, tag="status_changed"):
    """Goods stayed where they are but may be used differently now."""

    leaves_hold = True

    item: str
    quantity: int
    source: Slot
    target: Slot
    reason: str
    serial: str = ""
    grams: int = 0  # of goods that are weighed

    @property
    def document(self) -> str:
        return f"item {self.item}"

    def movements(self) -> list[Movement]:
        return [
            Movement(
                item=self.item,
                quantity=self.quantity,
                source=self.source,
                target=self.target,
                serial=self.serial,
                grams=self.grams,
            )
        ]


class Undone(Event, frozen=True, kw_only=True, omit_defaults=True, tag="undone"):
    """A worker took back their own last step: the same movements, the other way round."""

    leaves_hold = True

    seq: int  # of the event taken back
    kind: str
    lane: str
    moved: tuple[Movement, ...] = ()
    claimed: tuple[Claim, ...] = ()
    carried: tuple[Carry, ...] = ()

    @property
    def document(self) -> str:
        return self.lane

    def movements(self) -> tuple[Movement, ...]:
        return self.moved

    def claims(self) -> tuple[Claim, ...]:
        return self.claimed

    def carries(self) -> tuple[Carry, ...]:
        return self.carried

    def in_words(self) -> str:
        return f"undid {self.kind} of event {self.seq}: {Event.in_words(self)}"


BETWEEN_BINS = (PutAway, Moved, Replenished)


def is_between_bins(event: Event) -> bool:
    """Did goods only change their bin? Then no total of the site changed, by item, lot or status, and no promise."""
    return (
        isinstance(event, BETWEEN_BINS)
        and not event.claims()
        and all(
            not (move.source.is_endless or move.target.is_endless) and move.source.status == move.target.status
            for move in event.movements()
        )
    )
