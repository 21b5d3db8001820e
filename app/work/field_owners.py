"""Who owns each field: the ERP what a thing is and what is wanted, the floor what is there, where it is and what became of it.

A field has one owner, and only the owner changes it. The ERP's fields are those its messages have; here stand the floor's,
with what to send instead. A message that sets one of them is refused whole: taken in silence it would look as if the ERP
could correct the books from its desk, and the next count would be blamed for the difference.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

STOCK = "Ask for a count (count.request), or say what you believe (adjustment.request): it becomes a count."
ORDERS = "Change the order (order.change, order.hold, order.cancel); what became of it comes with our events."
RECEIPTS = "Change what is expected (purchase_order.upsert, asn.upsert); what came is told by receipt.line_confirmed."
HOLDS = "Stop a lot with stock.hold or stock.recall, and free it with stock.release."
RETURNS = (
    "Authorise it with rma.authorised and decide on the money with rma.decided; what came is told by return.received."
)
ITEMS = "What the floor learned of an item is a proposal: answer it with item.upsert or barcode.upsert."
PLACES = "The floor puts goods where its rules say; those are changed at the desk."

_QUANTITIES = ("on_hand", "on_order", "quantity", "stock", "available", "sellable", "allocated", "reserved", "promised")


class Owned(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of one kind of message that are the floor's."""

    thing: str  # the first word of the message's type
    fields: tuple[str, ...]
    instead: str
    lines: bool = False  # they stand in its lines


FLOOR = (
    Owned(thing="item", fields=_QUANTITIES, instead=STOCK),
    Owned(thing="item", fields=("location", "locations", "bin", "place", "pick_face"), instead=PLACES),
    Owned(thing="item", fields=("status", "lots", "held"), instead=HOLDS),
    Owned(thing="barcode", fields=("on_hand", "stock", "location", "status"), instead=STOCK),
    Owned(thing="location", fields=(*_QUANTITIES, "contents", "items", "item", "lpns", "balances"), instead=STOCK),
    Owned(thing="purchase_order", fields=("state", "status", "received", "closed"), instead=RECEIPTS),
    Owned(thing="purchase_order", lines=True, fields=("received", "state", "status", "location", "lot"), instead=RECEIPTS),
    Owned(thing="asn", fields=("state", "status", "received", "closed"), instead=RECEIPTS),
    Owned(thing="asn", lines=True, fields=("received", "state", "status", "location"), instead=RECEIPTS),
    Owned(thing="order", fields=("state", "status", "wave", "lane", "cartons", "tracking", "shipped"), instead=ORDERS),
    Owned(
        thing="order",
        lines=True,
        fields=(
            "allocated", "reserved", "picked", "packed", "shipped", "short", "backordered", "location", "lot", "serials",
            "state", "status",
        ),
        instead=ORDERS,
    ),
    Owned(thing="rma", fields=("state", "status", "received", "grade", "disposition"), instead=RETURNS),
    Owned(thing="rma", lines=True, fields=("received", "returned", "grade", "disposition", "location"), instead=RETURNS),
    Owned(thing="transfer", fields=("state", "status"), instead=ORDERS),
    Owned(thing="stock", fields=(*_QUANTITIES, "location"), instead=STOCK),
)  # fmt: skip

# Messages that would do the floor's work from outside: the first word of what nobody but the floor may say.
FLOOR_SAYS = {
    "adjustment": STOCK,
    "availability": STOCK,
    "balance": STOCK,
    "count": STOCK,
    "inventory": STOCK,
    "quantity": STOCK,
    "stock": STOCK,
    "writeoff": STOCK,
    "status": HOLDS,
    "lot": HOLDS,
    "barcode": ITEMS,
    "dims": ITEMS,
    "arrival": RECEIPTS,
    "receipt": RECEIPTS,
    "inspection": RECEIPTS,
    "putaway": PLACES,
    "reservation": ORDERS,
    "order": ORDERS,
    "pick": ORDERS,
    "package": ORDERS,
    "shipment": ORDERS,
    "manifest": ORDERS,
    "return": RETURNS,
    "transfer": ORDERS,
}


def crossing(kind: str, facts: Mapping[str, Any]) -> str:
    """Why a message of a known kind crosses the floor's ownership, in a sentence; the empty text where it does not."""
    thing = kind.partition(".")[0]
    for owned in FLOOR:
        if owned.thing != thing:
            continue
        for part in _lines(facts) if owned.lines else (facts,):
            crossed = next((name for name in owned.fields if name in part), "")
            if crossed:
                where = "lines: " if owned.lines else ""
                return f"{kind} sets {where}{crossed}, which belongs to the floor. {owned.instead}"
    return ""


def crossing_kind(kind: str) -> str:
    """The same of a kind nobody may send: what only the floor can say."""
    instead = FLOOR_SAYS.get(kind.partition(".")[0], "")
    return f"Only the floor can say {kind[:60]}: what happened to goods is its own. {instead}" if instead else ""


def _lines(facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    lines = facts.get("lines")
    return (one for one in lines if isinstance(one, dict)) if isinstance(lines, list) else iter(())
