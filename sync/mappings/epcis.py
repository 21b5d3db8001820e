"""EPCIS 2.0 in JSON-LD: what happened, to which goods, where, and in which step of business (GS1's Core Business Vocabulary).

One of our messages becomes one event for each pair of places its goods went between; a closed carton is an aggregation
of its contents. Messages about promises and decisions have no place in EPCIS and are passed over.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sync.mappings.names import Names

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

# Our type → the step of business.
STEPS = {
    "receipt.line_confirmed": "receiving",
    "receipt.pallet_confirmed": "receiving",
    "receipt.unplanned": "receiving",
    "receipt.discrepancy_settled": "inspecting",
    "stock.opened": "stock_taking",
    "putaway.completed": "storing",
    "stock.moved": "storing",
    "stock.replenished": "stocking",
    "status.changed": "holding",
    "inspection.decided": "inspecting",
    "count.completed": "cycle_counting",
    "adjustment.posted": "cycle_counting",
    "writeoff.posted": "destroying",
    "transfer.shipped": "shipping",
    "transfer.received": "receiving",
    "transfer.delivered": "arriving",
    "pick.confirmed": "picking",
    "pick.put_back": "storing",
    "package.short": "cycle_counting",
    "package.line_packed": "packing",
    "package.packed": "packing",
    "package.staged": "staging_outbound",
    "package.loaded": "loading",
    "package.unloaded": "unloading",
    "shipment.confirmed": "shipping",
    "return.received": "receiving",
    "return.dispositioned": "inspecting",
    "return.left": "shipping",
    "step.undone": "other",
}
# The status goods have afterwards → their disposition.
DISPOSITIONS = {
    "available": "sellable_not_accessible",  # for sale, but not where customers are
    "inspection": "in_progress",
    "quarantine": "non_sellable_other",
    "damaged": "damaged",
    "returned": "returned",
    "expired": "expired",
    "recalled": "recalled",
    "in_transit": "in_transit",
}
# The first word of a document → its type of business transaction.
TRANSACTIONS = {
    "po": "po",
    "asn": "desadv",
    "rma": "rma",
    "order": "urn:pickface:btt:order",
    "transfer": "urn:pickface:btt:transfer",
}

Epcis = dict[str, Any]


def document(messages: Iterable[Mapping[str, Any]], names: Names, at: str) -> Epcis:
    """An EPCIS document of these messages, made at `at` (ISO, UTC)."""
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": at,
        "epcisBody": {"eventList": [event for message in messages for event in events(message, names)]},
    }


def events(message: Mapping[str, Any], names: Names) -> list[Epcis]:
    """What one message says in EPCIS; nothing where it is none of EPCIS's business."""
    step = STEPS.get(message["type"])
    if step is None:
        return []
    data = message["data"]
    if message["type"] == "package.packed":
        return [_aggregated(message, data["event"], step, names)] if data["event"].get("contents") else []
    if message["type"] == "count.completed":
        return [_counted(message, data["event"], step, names)]
    ways: dict[tuple[str, str, str, str], list[Mapping[str, Any]]] = {}
    for move in data["movements"]:
        source, target = move["source"], move["target"]
        after = target["status"] if target["ours"] else ""
        ways.setdefault((source["location"], target["location"], after, _action(move)), []).append(move)
    return [
        _common(message, number, step)
        | {"type": "ObjectEvent", "action": action, "disposition": _disposition(moves[0], step)}
        | _goods(moves, names)
        | _where(moves[0], names)
        for number, ((_, _, _, action), moves) in enumerate(ways.items(), start=1)
    ]


def _common(message: Mapping[str, Any], number: int, step: str) -> Epcis:
    common: Epcis = {
        "eventID": f"urn:pickface:event:{message['id']}.{number}",
        "eventTime": message["time"],
        "eventTimeZoneOffset": "+00:00",
        "bizStep": step,
    }
    kind, _, code = message.get("correlationid", "").partition(" ")
    if code and kind in TRANSACTIONS:
        told = {"type": TRANSACTIONS[kind], "bizTransaction": f"urn:pickface:{kind}:{code.replace(' ', '-')}"}
        common["bizTransactionList"] = [told]
    return common


def _action(move: Mapping[str, Any]) -> str:
    """Goods begin to be known here, end, or are seen on their way."""
    if not move["source"]["ours"]:
        return "ADD"
    return "OBSERVE" if move["target"]["ours"] else "DELETE"


def _disposition(move: Mapping[str, Any], step: str) -> str:
    if not move["target"]["ours"]:
        return "destroyed" if step == "destroying" else "in_transit" if step == "shipping" else "inactive"
    return "in_progress" if step in ("picking", "packing", "loading") else DISPOSITIONS[move["target"]["status"]]


def _goods(moves: Iterable[Mapping[str, Any]], names: Names) -> Epcis:
    """Pieces with a serial one by one, all others as quantities of their class."""
    pieces: list[str] = []
    sums: dict[str, int] = {}
    for move in moves:
        lot, serial = move.get("lot", ""), move.get("serial", "")
        named = names.goods(move["item"], lot, serial)
        if serial:
            pieces.append(named)
        else:
            sums[named] = sums.get(named, 0) + move["quantity"]
    told: Epcis = {"epcList": pieces} if pieces else {}
    if sums:
        told["quantityList"] = [{"epcClass": named, "quantity": quantity} for named, quantity in sums.items()]
    return told


def _where(move: Mapping[str, Any], names: Names) -> Epcis:
    """Where it was seen, and where it is now if it is here."""
    source, target = move["source"], move["target"]
    told: Epcis = {"readPoint": {"id": names.place(source["location"] if source["ours"] else target["location"])}}
    return told | ({"bizLocation": {"id": names.place(target["location"])}} if target["ours"] else {})


def _counted(message: Mapping[str, Any], event: Mapping[str, Any], step: str, names: Names) -> Epcis:
    slot = event["slot"]
    named = names.goods(event["item"], slot.get("lot", ""))
    return _common(message, 1, step) | {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "disposition": DISPOSITIONS[slot.get("status", "available")],
        "quantityList": [{"epcClass": named, "quantity": event["quantity"]}],
        "readPoint": {"id": names.place(slot["location"])},
        "bizLocation": {"id": names.place(slot["location"])},
    }


def _aggregated(message: Mapping[str, Any], event: Mapping[str, Any], step: str, names: Names) -> Epcis:
    goods = _goods(event["contents"], names)
    told = _common(message, 1, step) | {
        "type": "AggregationEvent",
        "action": "ADD",
        "parentID": names.lpn(event["carton"]),
        "childEPCs": goods.get("epcList", []),
        "disposition": "container_closed",
    }
    if "quantityList" in goods:
        told["childQuantityList"] = goods["quantityList"]
    if event.get("location"):
        told["readPoint"] = {"id": names.place(event["location"])}
    return told
