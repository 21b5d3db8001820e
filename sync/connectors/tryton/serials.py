"""Pieces with a number of their own. Tryton has no serials but lots, so a house that knows each piece there gives it a lot.

Which goods those are its people say by a product category, and the connector's option `serials` names it: what is in the
category is scanned piece by piece here, each serial is told as a lot of one, and Tryton's lots of it are one quantity
again where both books are compared. Goods that have a lot as well keep that; their serials are words on the move.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sync.connectors.base import TransportError
from sync.connectors.entries import Entry
from sync.connectors.tryton.rpc import Rpc

IN_CATEGORY = "template.categories.name"  # of a product


class Serials:
    """`category` empty: no goods of this Tryton have serials, and what has some here has words on the move there."""

    def __init__(self, category: str) -> None:
        self.category = category
        self.asks = (IN_CATEGORY,) if category else ()  # of a product, when it is read

    def has(self, template: Mapping[str, Any]) -> bool:
        """Is it in the category?"""
        return any(one["name"] == self.category for one in template.get("categories.", ()))

    def told(self, entry: Entry | None) -> Entry | None:
        """Each serial without a lot is a move of its own, with the serial as its lot."""
        if entry is None or not self.category or "moves" not in entry:
            return entry
        return {**entry, "moves": [piece for move in entry["moves"] for piece in _by_piece(move)]}

    def codes(self, rpc: Rpc) -> Collection[str]:
        """The products of which each piece has a number. Raises TransportError, ErpSaid."""
        if not self.category:
            return ()
        asked = [[[IN_CATEGORY, "=", self.category]], 0, None, None, ["code"]]
        rows = rpc.call("model.product.product.search_read", *asked, context={"active_test": False})
        return {row["code"] for row in rows}

    def refuse_unknown(self, rpc: Rpc) -> None:
        """A category nobody made would lose the serials in silence. Raises TransportError, ErpSaid."""
        named = [["name", "=", self.category]]
        if self.category and not rpc.call("model.product.category.search_count", named):
            raise TransportError(
                f"{rpc.address} has no product category {self.category}: make it there, or change `serials` in the settings.",
                permanent=True,
                unknown=False,
            )


def _by_piece(move: Entry) -> list[Entry]:
    if move["lot"] or not move["serials"]:
        return [move]
    pieces = [{**move, "lot": serial, "quantity": 1, "serials": [serial]} for serial in move["serials"]]
    left = move["quantity"] - len(pieces)
    return pieces + ([{**move, "quantity": left, "serials": []}] if left else [])
