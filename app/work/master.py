"""The one door for what the ERP knows and wants: items, barcodes, places, partners, purchase orders, customer orders, RMAs.

Inbox, import and demo all come through `apply`, so there is one set of rules. A message is checked whole before the
first row is written: an Outcome other than `applied` has changed nothing. `apply` may still raise a refusal of the
ledger; the caller's savepoint then takes everything back.
"""

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from app.db import Tx
from app.stock.ledger import By
from app.work import (
    field_owners,
    master_announced,
    master_asns,
    master_holds,
    master_items,
    master_orders,
    master_parties,
    master_places,
    master_purchases,
    master_quality,
    master_transfers,
)
from app.work.counting import requests
from app.work.counting.requests import AdjustmentRequest, CountRequest
from app.work.master_announced import TransferAnnounced
from app.work.master_asns import AsnCancel, AsnLine, AsnUpsert
from app.work.master_holds import StockHold, StockRecall, StockRelease
from app.work.master_items import Barcode, BarcodeUpsert, ItemUpsert, Pack
from app.work.master_order_lines import AskedLine, OrderChange, OrderRelease
from app.work.master_orders import OrderCancel, OrderHold
from app.work.master_parties import PartyUpsert
from app.work.master_places import LocationUpsert
from app.work.master_purchases import PurchaseLine, PurchaseOrderCancel, PurchaseOrderUpsert
from app.work.master_quality import InspectionCheck, InspectionRule, SampleLetter, SamplePlan
from app.work.master_refused import EventRefused
from app.work.master_terms import Message, Outcome
from app.work.master_transfers import TransferArrived, TransferCancel, TransferLine, TransferRelease
from app.work.returns import authorised
from app.work.returns.authorised import RmaAuthorised, RmaCancelled, RmaDecided

AnyMessage = (
    ItemUpsert
    | BarcodeUpsert
    | LocationUpsert
    | CountRequest
    | AdjustmentRequest
    | PartyUpsert
    | PurchaseOrderUpsert
    | PurchaseOrderCancel
    | AsnUpsert
    | AsnCancel
    | OrderRelease
    | OrderChange
    | OrderHold
    | OrderCancel
    | StockHold
    | StockRecall
    | StockRelease
    | InspectionRule
    | InspectionCheck
    | SamplePlan
    | SampleLetter
    | RmaAuthorised
    | RmaCancelled
    | RmaDecided
    | TransferRelease
    | TransferCancel
    | TransferArrived
    | TransferAnnounced
    | EventRefused
)

_APPLY: dict[type, Callable[[Tx, Any, By], Outcome]] = {
    ItemUpsert: master_items.apply_item,
    BarcodeUpsert: master_items.apply_barcode,
    LocationUpsert: master_places.apply_location,
    CountRequest: requests.requested,
    AdjustmentRequest: requests.adjustment_requested,
    PartyUpsert: master_parties.apply_party,
    PurchaseOrderUpsert: master_purchases.apply_purchase,
    PurchaseOrderCancel: master_purchases.cancel_purchase,
    AsnUpsert: master_asns.apply_asn,
    AsnCancel: master_asns.cancel_asn,
    OrderRelease: master_orders.release,
    OrderChange: master_orders.change,
    OrderHold: master_orders.hold,
    OrderCancel: master_orders.cancel,
    StockHold: master_holds.hold,
    StockRecall: master_holds.recall,
    StockRelease: master_holds.release,
    InspectionRule: master_quality.rule,
    InspectionCheck: master_quality.check,
    SamplePlan: master_quality.plan,
    SampleLetter: master_quality.letter,
    RmaAuthorised: authorised.authorise,
    RmaCancelled: authorised.cancel,
    RmaDecided: authorised.decide,
    TransferRelease: master_transfers.release,
    TransferCancel: master_transfers.cancel,
    TransferArrived: master_transfers.arrived,
    TransferAnnounced: master_announced.announced,
}
TYPES: dict[str, type[Message]] = {str(kind.__struct_config__.tag): kind for kind in get_args(AnyMessage)}


class Unreadable(ValueError):
    """A message that cannot be understood; the text is a sentence."""

    code = "bad_content"


class UnknownType(Unreadable):
    code = "unknown_type"


class OwnedByFloor(Unreadable):
    """It sets what only the floor may set: see `field_owners.py`."""

    code = "owned_by_floor"


def decode(kind: str, body: bytes | dict[str, Any], *, subject: str = "", version: int = 0) -> AnyMessage:
    """A message from its type and content; `subject` and `version` of the envelope stand in for `code` and `version`.

    Raises Unreadable.
    """
    if kind not in TYPES:
        if crossed := field_owners.crossing_kind(kind):
            raise OwnedByFloor(crossed)
        raise UnknownType(f"Messages of type {kind[:60]!r} are not known here; known are {', '.join(sorted(TYPES))}.")
    try:
        facts = msgspec.json.decode(body) if isinstance(body, bytes) else body
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise Unreadable(f"The content is not JSON: {problem}.") from None
    if not isinstance(facts, dict):
        raise Unreadable("The content is not a JSON object.")
    for name, outside in (("code", subject), ("version", version)):
        if outside and facts.get(name, outside) != outside:
            raise Unreadable(f"The envelope says {name} {outside}, the content says {facts[name]!r:.60}.")
        if outside:
            facts = {**facts, name: outside}
    if crossed := field_owners.crossing(kind, facts):
        raise OwnedByFloor(crossed)
    try:
        return msgspec.convert({**facts, "type": kind}, TYPES[kind], strict=True)  # type: ignore[return-value]
    except msgspec.ValidationError as problem:
        raise Unreadable(f"The content of {kind} is wrong: {problem}.") from None


def apply(tx: Tx, message: AnyMessage, by: By) -> Outcome:
    """Make the message so, inside the writer's transaction; but for EventRefused, which `sync` sees to."""
    outcome = _APPLY[type(message)](tx, message, by)
    if outcome.state != "applied":
        return outcome
    return msgspec.structs.replace(outcome, sentence=outcome.sentence + master_parties.strangers(tx, message))


__all__ = [
    "TYPES",
    "AdjustmentRequest",
    "AnyMessage",
    "AskedLine",
    "AsnCancel",
    "AsnLine",
    "AsnUpsert",
    "Barcode",
    "BarcodeUpsert",
    "CountRequest",
    "EventRefused",
    "InspectionCheck",
    "InspectionRule",
    "ItemUpsert",
    "LocationUpsert",
    "Message",
    "OrderCancel",
    "OrderChange",
    "OrderHold",
    "OrderRelease",
    "Outcome",
    "OwnedByFloor",
    "Pack",
    "PartyUpsert",
    "PurchaseLine",
    "PurchaseOrderCancel",
    "PurchaseOrderUpsert",
    "RmaAuthorised",
    "RmaCancelled",
    "RmaDecided",
    "SampleLetter",
    "SamplePlan",
    "StockHold",
    "StockRecall",
    "StockRelease",
    "TransferAnnounced",
    "TransferArrived",
    "TransferCancel",
    "TransferLine",
    "TransferRelease",
    "UnknownType",
    "Unreadable",
    "apply",
    "decode",
]
