"""What lies in the warehouse by Odoo's books, for the reconciliation: the quants of our places and of all below them.

https://github.com/odoo/odoo/blob/19.0/addons/stock/models/stock_quant.py. A quant knows its product, location, lot and
quantity in the product's own unit. Of a product tracked by serial number each piece is a quant of its own there; the
floor's books count them without their numbers, so here they are summed.
"""

from collections import Counter
from collections.abc import Mapping

from sync.connectors.base import OnHand
from sync.connectors.odoo.books import Books
from sync.connectors.odoo.places import is_called


def on_hand(books: Books, places: Mapping[str, str]) -> list[OnHand]:
    """Raises OdooSaid, TransportError."""
    known = list(books.rows("stock.location", [["usage", "in", ["internal", "transit"]]], ["complete_name"]))
    full = [row["complete_name"] for row in known]
    ends = [(status, name) for status, name in places.items() if not status.startswith("~")]
    ours = {one: status for status, name in ends for one in full if is_called(one, name)}
    status_at = {row["id"]: _status(row["complete_name"], ours) for row in known}
    there = [id for id, status in status_at.items() if status]
    sums: Counter[tuple[int, str, str]] = Counter()
    lots: dict[int, str] = {}
    fields = ["product_id", "location_id", "lot_id", "quantity"]
    for row in books.rows("stock.quant", [["location_id", "in", there]], fields):
        lot = row["lot_id"]
        if lot:
            lots[lot[0]] = lot[1]
        sums[row["product_id"][0], lots[lot[0]] if lot else "", status_at[row["location_id"][0]]] += row["quantity"]
    products = {
        row["id"]: row
        for row in books.rows(
            "product.product", [["id", "in", sorted({key[0] for key in sums})]], ["default_code", "tracking"]
        )
    }
    told: Counter[tuple[str, str, str]] = Counter()
    for (product, number, status), quantity in sums.items():
        code, tracking = products[product]["default_code"], products[product]["tracking"]
        if code:
            told[code, number if tracking == "lot" else "", status] += round(quantity)
    return [OnHand(item=item, lot=lot, status=status, quantity=n) for (item, lot, status), n in told.items() if n]


def _status(name: str, ours: Mapping[str, str]) -> str:
    """Of the place itself, or of the nearest one above it that is ours."""
    while name:
        if name in ours:
            return ours[name]
        name = name.rpartition("/")[0]
    return ""
