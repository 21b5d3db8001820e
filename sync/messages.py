"""What leaves the house: a journal row as a CloudEvents 1.0 message any ledger can apply without knowing our events.

The movements stand in the message as a plain list (item, lot, from, to, and whether each end is ours), so an ERP that
has never heard of a tote or a put wall still keeps the right totals. The event itself rides along byte for byte as it
was hashed. A message is made anew from its journal row whenever it is needed: the same row gives the same bytes, so
nothing but the journal has to be kept, and a retry is told apart from a new event by its key alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

import msgspec

from app import clock
from app.stock.events import AnyEvent, decode
from app.stock.events.base import Event
from app.stock.journal import Entry
from app.stock.slots import ENDLESS, Movement, Slot

SCHEMA_VERSION = 1
SEQUENCE_DIGITS = 16  # the CloudEvents sequence extension wants text that sorts

# What each event is called abroad. One line per event; the names are for ever, like the events.
TYPES = {
    "received": "receipt.line_confirmed",
    "receipt_closed": "receipt.closed",
    "pallet_received": "receipt.pallet_confirmed",
    "unplanned_received": "receipt.unplanned",
    "asn_closed": "receipt.asn_closed",
    "discrepancy_settled": "receipt.discrepancy_settled",
    "dimensions_measured": "dims.measured",
    "truck_arrived": "arrival.at_door",
    "truck_unloaded": "arrival.unloaded",
    "opening_stock": "stock.opened",
    "put_away": "putaway.completed",
    "moved": "stock.moved",
    "replenished": "stock.replenished",
    "status_changed": "status.changed",
    "undone": "step.undone",
    "counted": "count.completed",
    "adjusted": "adjustment.posted",
    "written_off": "writeoff.posted",
    "barcode_learned": "barcode.learned",
    "transfer_shipped": "transfer.shipped",
    "transfer_received": "transfer.received",
    "transfer_delivered": "transfer.delivered",
    "transfer_closed": "transfer.closed",
    "allocated": "reservation.taken",
    "deallocated": "reservation.released",
    "picked": "pick.confirmed",
    "pick_short": "pick.short",
    "put_back": "pick.put_back",
    "pack_short": "package.short",
    "order_cancelled": "order.cancelled",
    "order_held": "order.held",
    "order_resumed": "order.resumed",
    "carton_opened": "package.opened",
    "packed": "package.line_packed",
    "carton_closed": "package.packed",
    "staged": "package.staged",
    "loaded": "package.loaded",
    "unloaded": "package.unloaded",
    "shipped": "shipment.confirmed",
    "backordered": "order.backordered",
    "manifest_closed": "manifest.closed",
    "overridden": "override.recorded",
    "exception_raised": "exception.raised",
    "exception_settled": "exception.settled",
    "lot_held": "lot.held",
    "lot_released": "lot.released",
    "unit_inspected": "inspection.unit_recorded",
    "inspected": "inspection.decided",
    "return_received": "return.received",
    "return_inspected": "return.inspected",
    "return_disposed": "return.dispositioned",
    "return_left": "return.left",
    "return_identified": "return.identified",
    "return_closed": "return.closed",
    "return_decided": "return.decided",
}

EVENTS: dict[str, type[Event]] = {str(event.__struct_config__.tag): event for event in get_args(AnyEvent)}
if unnamed := EVENTS.keys() - TYPES.keys():
    raise RuntimeError(f"Events without a name for the ERP, add them to sync/messages.py: {', '.join(sorted(unnamed))}")

# Events that never move anything need not be decoded to be told.
_UNMOVING = frozenset(kind for kind, event in EVENTS.items() if event.movements is Event.movements)


class Place(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One end of a movement. `ours` is false at the ends of the world: the supplier, the customer, lost, scrap."""

    location: str
    ours: bool
    status: str
    lpn: str = ""


class Move(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One quantity in base units. On hand = into our places minus out of them, per item, lot and status."""

    item: str
    quantity: int
    source: Place
    target: Place
    lot: str = ""
    serial: str = ""
    grams: int = 0
    line: str = ""


class Told(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The `data` of a message."""

    movements: list[Move]
    event: msgspec.Raw
    worker: str = ""
    device: str = ""
    station: str = ""
    owner: str = ""


class CloudEvent(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The envelope; empty attributes are left out, as CloudEvents demands."""

    id: str
    source: str
    type: str
    time: datetime
    sequence: str
    dataschema: str
    data: Told
    correlationid: str = ""
    causationid: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way: its key (never made again on a retry), its lane, and the bytes to send."""

    key: str
    seq: int
    type: str
    document: str
    body: bytes
    at: int = 0  # when it happened, µs; 0: not known here
    approved: tuple[str, ...] = ()  # warnings of the ERP that a supervisor accepted, by the ERP's own names

    @property
    def offered(self) -> bytes:
        """The bytes to send: the body, and what was accepted as one more attribute, a name a line."""
        if not self.approved:
            return self.body
        return self.body[:-1] + b',"approved":' + _ENCODER.encode("\n".join(self.approved)) + b"}"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Under which names this house's events are known: the site, and which epoch began after which seq."""

    site: str
    epochs: Sequence[tuple[int, int]] = ((1, 0),)  # (epoch, since_seq), newest first

    def key(self, seq: int) -> str:
        """`MAIN.1.42`. A restore opens a new epoch, so that a number given out again is not taken for the old event."""
        for epoch, since in self.epochs:
            if seq > since:
                return f"{self.site}.{epoch}.{seq}"
        return f"{self.site}.1.{seq}"


def schema_of(type_: str) -> str:
    """The name of a message's JSON Schema; the schemas themselves are in `docs/contract`."""
    return f"urn:pickface:{type_}:{SCHEMA_VERSION}"


_SCHEMAS = {type_: schema_of(type_) for type_ in TYPES.values()}
_ENCODER = msgspec.json.Encoder()
_HEAD = b'{"specversion":"1.0","datacontenttype":"application/json",'


def as_message(entry: Entry, identity: Identity) -> Message:
    """The message of one journal row."""
    key = identity.key(entry.seq)
    type_ = TYPES[entry.kind]
    body = bytes(entry.body)
    moves = [] if entry.kind in _UNMOVING else [_as_move(move) for move in decode(body).movements()]
    told = CloudEvent(
        key,
        identity.site,
        type_,
        clock.as_datetime(entry.at),
        str(entry.seq).zfill(SEQUENCE_DIGITS),
        _SCHEMAS[type_],
        Told(moves, msgspec.Raw(body), entry.worker, entry.device, entry.station, entry.owner),
        entry.document,
        entry.cause,
    )
    whole = _HEAD + _ENCODER.encode(told)[1:]
    return Message(key=key, seq=entry.seq, type=type_, document=entry.document, body=whole, at=entry.at)


def _as_move(move: Movement) -> Move:
    source, target = _as_place(move.source), _as_place(move.target)
    return Move(move.item, move.quantity, source, target, move.lot, move.serial, move.grams, move.line)


def _as_place(slot: Slot) -> Place:
    return Place(slot.location, slot.location not in ENDLESS, slot.status, slot.lpn)
