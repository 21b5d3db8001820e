"""What the availability door says. Every figure is the whole truth of its item at that moment, never a difference: whoever
hears one twice, or later than another, is right again with the newest.

A shop keeps what it sold in mind until it hears of it: from `sellable` it takes off its own orders whose answer came at or
after `heard`, and all that have no answer yet. Then it cannot sell a piece twice.
"""

import msgspec


class Lying(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Goods of one site, status and lot. on_hand = promised + free + later + barred."""

    site: str
    status: str
    lot: str = ""
    on_hand: int = 0  # base units
    promised: int = 0  # to orders and transfers, picked and packed goods too
    free: int = 0  # may be promised now
    later: int = 0  # good, but not on a shelf: at the dock, carried, in a blocked bin or one to be counted
    barred: int = 0  # on hold, expired, or of a status that is not sold


class Available(msgspec.Struct, frozen=True, kw_only=True):
    """One item, all of it."""

    item: str
    sellable: int  # free, less what is ordered; never below 0
    ordered: int  # wanted by orders and transfers here, and promised to them not yet
    stock: tuple[Lying, ...] = ()


class _Moment(msgspec.Struct, frozen=True, kw_only=True):
    as_of: int  # the journal's seq it includes
    heard: int  # the newest message of an ERP or a shop it includes, by its answer's `at`: µs UTC, 0 for none


class AvailabilitySnapshot(_Moment, frozen=True, kw_only=True):
    """Every item that is here or wanted, or those asked for. Go on with the changes after this `sequence` of this `feed`."""

    feed: str
    sequence: int
    items: tuple[Available, ...]


class AvailabilityChanged(_Moment, frozen=True, kw_only=True):
    """Items that are not as they were. The next message of this feed has the next `sequence`: a gap means, ask for a snapshot."""

    feed: str
    sequence: int
    items: tuple[Available, ...]


class OnHand(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    item: str
    status: str
    quantity: int
    lot: str = ""


class StockSnapshot(_Moment, frozen=True, kw_only=True):
    """What the site has on hand per item, lot and status at one moment of the journal, to reconcile with."""

    stock: tuple[OnHand, ...]


SNAPSHOT, CHANGED, STOCK = "availability.snapshot", "availability.changed", "stock.snapshot"
FEEDS: dict[str, type[msgspec.Struct]] = {
    SNAPSHOT: AvailabilitySnapshot,
    CHANGED: AvailabilityChanged,
    STOCK: StockSnapshot,
}
