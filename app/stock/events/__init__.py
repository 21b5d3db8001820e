"""What can happen to stock: past tense, one struct each. This is the contract with every ERP.

An event knows its movements, its claims (what is promised) and what it carries (LPNs). It is for ever: add optional
fields, never rename or remove. A new event means a struct here, its golden JSON in tests/stock/golden, what its
documents count by it (`app/work/progress.py`) and what each connector says of it.
"""

import msgspec

from app.stock.events.base import Event
from app.stock.events.between import TransferClosed, TransferDelivered, TransferReceived, TransferShipped
from app.stock.events.counts import Adjusted, BarcodeLearned, Counted, WrittenOff
from app.stock.events.decided import ExceptionRaised, ExceptionSettled, Overridden
from app.stock.events.held import LotHeld, LotReleased
from app.stock.events.inbound import (
    AsnClosed,
    DimensionsMeasured,
    DiscrepancySettled,
    PalletReceived,
    ReceiptClosed,
    Received,
    TruckArrived,
    TruckUnloaded,
    UnplannedReceived,
)
from app.stock.events.inside import Moved, OpeningStock, PutAway, Replenished, StatusChanged, Undone
from app.stock.events.inspected import Inspected, UnitInspected
from app.stock.events.outbound import (
    Allocated,
    Backordered,
    CartonClosed,
    CartonOpened,
    Deallocated,
    Loaded,
    ManifestClosed,
    OrderCancelled,
    OrderHeld,
    OrderResumed,
    Packed,
    PackShort,
    Picked,
    PickShort,
    PutBack,
    Shipped,
    Staged,
    Unloaded,
)
from app.stock.events.returns import (
    ReturnClosed,
    ReturnDecided,
    ReturnDisposed,
    ReturnIdentified,
    ReturnInspected,
    ReturnLeft,
    ReturnReceived,
)

AnyEvent = (
    Received
    | ReceiptClosed
    | PalletReceived
    | UnplannedReceived
    | AsnClosed
    | DiscrepancySettled
    | DimensionsMeasured
    | TruckArrived
    | TruckUnloaded
    | OpeningStock
    | PutAway
    | Moved
    | Replenished
    | StatusChanged
    | Undone
    | Counted
    | Adjusted
    | WrittenOff
    | BarcodeLearned
    | TransferShipped
    | TransferReceived
    | TransferDelivered
    | TransferClosed
    | Allocated
    | Deallocated
    | Picked
    | PickShort
    | PutBack
    | PackShort
    | OrderCancelled
    | OrderHeld
    | OrderResumed
    | CartonOpened
    | Packed
    | CartonClosed
    | Staged
    | Loaded
    | Unloaded
    | Shipped
    | Backordered
    | ManifestClosed
    | Overridden
    | ExceptionRaised
    | ExceptionSettled
    | LotHeld
    | LotReleased
    | UnitInspected
    | Inspected
    | ReturnReceived
    | ReturnInspected
    | ReturnDisposed
    | ReturnLeft
    | ReturnIdentified
    | ReturnClosed
    | ReturnDecided
)

_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def decode(body: bytes) -> AnyEvent:
    """The event a journal row holds."""
    return _DECODER.decode(body)


__all__ = [
    "Adjusted",
    "Allocated",
    "AnyEvent",
    "AsnClosed",
    "Backordered",
    "BarcodeLearned",
    "CartonClosed",
    "CartonOpened",
    "Counted",
    "Deallocated",
    "DimensionsMeasured",
    "DiscrepancySettled",
    "Event",
    "ExceptionRaised",
    "ExceptionSettled",
    "Inspected",
    "Loaded",
    "LotHeld",
    "LotReleased",
    "ManifestClosed",
    "Moved",
    "OpeningStock",
    "OrderCancelled",
    "OrderHeld",
    "OrderResumed",
    "Overridden",
    "PackShort",
    "Packed",
    "PalletReceived",
    "PickShort",
    "Picked",
    "PutAway",
    "PutBack",
    "ReceiptClosed",
    "Received",
    "Replenished",
    "ReturnClosed",
    "ReturnDecided",
    "ReturnDisposed",
    "ReturnIdentified",
    "ReturnInspected",
    "ReturnLeft",
    "ReturnReceived",
    "Shipped",
    "Staged",
    "StatusChanged",
    "TransferClosed",
    "TransferDelivered",
    "TransferReceived",
    "TransferShipped",
    "TruckArrived",
    "TruckUnloaded",
    "Undone",
    "UnitInspected",
    "Unloaded",
    "UnplannedReceived",
    "WrittenOff",
    "decode",
]
