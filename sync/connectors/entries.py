"""What an ERP that keeps documents hears of an event: which of its documents it touches, and what changed place there.

Bins are the floor's own business. Of a movement an ERP knows the *class* of place: goods that may be sold lie in the
storage location, goods of any other status in a location of their own, and beyond the four ends of the world are
suppliers, customers, and what is lost or scrapped. A movement within one class is nothing to an ERP, so it is not told.
Each ERP has names of its own for the classes: they come from its connector's options.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from app.stock.events import (
    Backordered,
    Event,
    OrderCancelled,
    PalletReceived,
    PickShort,
    ReceiptClosed,
    Received,
    ReturnClosed,
    ReturnReceived,
    Shipped,
    Undone,
    UnplannedReceived,
    decode,
)
from sync.messages import CloudEvent, Message, Move, Place

WORDS = 500  # characters of an event in words

_CLOUD_EVENT = msgspec.json.Decoder(CloudEvent)

Entry = dict[str, Any]


def entry_of(message: Message, places: Mapping[str, str]) -> Entry | None:
    """What to write for one event, `places` naming each class; None where the ERP has nothing to hear."""
    told = _CLOUD_EVENT.decode(message.body).data
    event = decode(bytes(told.event))
    moves = _moves(told.movements, places)
    effect = _effect(event, message, moves)
    if effect is None:
        return None
    return {
        "key": message.key,
        "type": message.type,
        "document": message.document,
        "worker": told.worker,
        "reason": str(getattr(event, "reason", "")),
        "approver": str(getattr(event, "approver", "")),
        "told": event.in_words()[:WORDS],
        "approved": list(message.approved),
        **effect,
    }


def _effect(event: Event, message: Message, moves: list[Entry]) -> Entry | None:
    match event:
        case Received(po=po, line=line):
            return {"effect": "receive", "moves": [{**move, "po": po, "line": line} for move in moves]}
        case PalletReceived():
            return {"effect": "receive", "moves": _of_pallet(event, moves)}
        case UnplannedReceived(po=po) if po:
            return {"effect": "receive", "moves": [{**move, "po": po} for move in moves]}
        case ReceiptClosed(po=po):
            return {"effect": "receipt_closed", "po": po}
        case ReturnReceived(rma=rma, rma_line=line) if rma:
            return {"effect": "take_back", "rma": rma, "moves": [{**move, "line": line} for move in moves]}
        case ReturnClosed(rma=rma, complete=True) if rma:
            return {"effect": "return_closed", "rma": rma}
        case Shipped(order=order, complete=complete, tracking=tracking):
            named = ", ".join(number for number in tracking if number)
            return {"effect": "ship", "order": order, "complete": complete, "tracking": named, "moves": moves}
        case Undone(seq=seq) if moves:
            epoch = message.key.rpartition(".")[0]
            return {"effect": "undo", "undoes": f"{epoch}.{seq}", "moves": moves}
        case PickShort() | Backordered() | OrderCancelled():
            return {"effect": "note"}
        case _:
            return {"effect": "move", "moves": moves} if moves else None


def _moves(movements: list[Move], places: Mapping[str, str]) -> list[Entry]:
    """What changes its class of place, summed by item, lot and line."""
    sums: Counter[tuple[str, str, str, str, str]] = Counter()
    serials: defaultdict[tuple[str, str, str, str, str], list[str]] = defaultdict(list)
    for move in movements:
        source, target = _class_of(move.source, places), _class_of(move.target, places)
        if source != target:
            line = move.line.rpartition("/")[2]
            key = (move.item, move.lot, source, target, line)
            sums[key] += move.quantity
            serials[key] += [move.serial] if move.serial else []
    names = ("item", "lot", "source", "target", "line")
    return [{**dict(zip(names, key, strict=True)), "quantity": sums[key], "serials": serials[key]} for key in sums]


def _class_of(place: Place, places: Mapping[str, str]) -> str:
    return places[place.status if place.ours else place.location]


def _of_pallet(event: PalletReceived, moves: list[Entry]) -> list[Entry]:
    """A pallet's goods with the purchase lines they fill; moves of one item and lot are told in the lines' order."""
    lines = [(good.item, good.po, good.line, good.quantity) for good in event.goods]
    told: list[Entry] = []
    for move in moves:
        left, serials = move["quantity"], move["serials"]
        for at, (item, po, line, room) in enumerate(lines):
            count = min(left, room) if item == move["item"] else 0
            if count:
                told.append({**move, "po": po, "line": line, "quantity": count, "serials": serials[:count]})
                lines[at] = (item, po, line, room - count)
                left, serials = left - count, serials[count:]
    return told
