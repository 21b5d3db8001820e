"""Lots that come in: ERPNext calls them batches, and a paper can name only one that is there.

So a lot that is new begins as a Batch with the date it expires, before its goods
(https://docs.frappe.io/erpnext/user/manual/en/batch). A batch's name is unique there over all items; where two items
share one, ERPNext refuses the second item's paper, with its own words.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from app.stock.events import decode
from sync.connectors.erpnext.papers import Move, is_warehouse
from sync.connectors.erpnext.rest import Rest
from sync.connectors.erpnext.troubles import Refused
from sync.messages import CloudEvent, Message

MOST_KNOWN = 10_000  # that are not asked for again

_CLOUD_EVENT = msgspec.json.Decoder(CloudEvent)


class Lots:
    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._known: set[tuple[str, str]] = set()

    def begin(self, message: Message, moves: Sequence[Move]) -> None:
        """Those of goods that come into the warehouse. Raises Refused."""
        coming = {(move["item"], move["lot"]) for move in moves if move["lot"] and not is_warehouse(move["source"])}
        fresh = sorted(coming - self._known)
        dates = _expiries(message) if fresh else {}
        for item, lot in fresh:
            dated = {"expiry_date": dates[item, lot]} if (item, lot) in dates else {}
            try:
                self._rest.insert("Batch", {"item": item, "batch_id": lot, **dated})
            except Refused as refused:
                if refused.kind not in ("DuplicateEntryError", "UniqueValidationError"):
                    raise
            if len(self._known) < MOST_KNOWN:
                self._known.add((item, lot))


def _expiries(message: Message) -> dict[tuple[str, str], str]:
    """By item and lot, from an event that received goods."""
    event: Any = decode(bytes(_CLOUD_EVENT.decode(message.body).data.event))
    goods: Sequence[Any] = getattr(event, "goods", (event,))
    return {(good.item, good.target.lot): good.expiry for good in goods if getattr(good, "expiry", "")}
