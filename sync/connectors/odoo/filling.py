"""Which transfers of Odoo's an event fills: the receipt a purchase waits for, the delivery of an order, a return.

Odoo keeps one open transfer for each of them, and makes another (a backorder) of what is not in it when it is
validated. So the open one is looked for each time: by the purchase's line, or from the delivery's own reference along
its backorders. What no open transfer waits for goes into one of our own, named after its purchase line all the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sync.connectors.odoo.books import Books, Row
from sync.connectors.odoo.json2 import OdooSaid
from sync.connectors.odoo.references import called

LONGEST_CHAIN = 200  # backorders of one transfer
OPEN = ["state", "not in", ["draft", "done", "cancel"]]
EXPECTED = ["product_id", "picking_id", "purchase_line_id"]

Moved = Mapping[str, Any]  # what changed its class of place: an entry's move


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of an event, and the move in Odoo that expects them (0: none does)."""

    moved: Moved
    move: int = 0
    purchase_line: int = 0


class Filling(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer that an event fills; `id` 0: one of our own, to be made."""

    id: int = 0
    name: str = ""
    kind: int = 0  # its operation type, where it may get goods it does not know
    parts: Sequence[Part]


def fillings(books: Books, entry: Moved) -> list[Filling]:
    """What an entry fills, Odoo's own transfers first. Raises OdooSaid, TransportError."""
    match entry["effect"]:
        case "receive":
            return _of_purchases(books, entry["moves"])
        case "ship":
            return _of_document(books, entry["order"], "outgoing", entry["moves"])
        case "take_back":
            return _of_document(books, entry["rma"], "incoming", entry["moves"])
        case _:
            return [Filling(parts=[Part(moved=moved) for moved in entry["moves"]])]


def _of_purchases(books: Books, moves: Sequence[Moved]) -> list[Filling]:
    lines = {int(moved["line"]) for moved in moves if moved.get("line", "").isdigit()}
    known = {row["id"]: row for row in books.rows("purchase.order.line", [["id", "in", sorted(lines)]], ["product_id"])}
    expected = list(
        books.rows(
            "stock.move",
            [["purchase_line_id", "in", sorted(known)], ["picking_id.picking_type_id.code", "=", "incoming"], OPEN],
            EXPECTED,
        )
    )
    parts: dict[int, list[Part]] = {}
    names = {row["picking_id"][0]: row["picking_id"][1] for row in expected}
    for moved in moves:
        line = int(moved["line"]) if moved.get("line", "").isdigit() else 0
        row = next((row for row in expected if row["purchase_line_id"][0] == line), None)
        part = Part(moved=moved, move=row["id"] if row else 0, purchase_line=line if line in known else 0)
        parts.setdefault(row["picking_id"][0] if row else 0, []).append(part)
    return [
        Filling(id=id, name=names.get(id, ""), parts=parts[id]) for id in sorted(parts, key=lambda id: (not id, id))
    ]


def _of_document(books: Books, code: str, kind: str, moves: Sequence[Moved]) -> list[Filling]:
    """A delivery or a return goes whole into the open one of its chain; goods it does not know are added to it."""
    if not moves:
        return []
    picking = _open_of(books, code, kind)
    expected = {
        row["id"]: row for row in books.rows("stock.move", [["picking_id", "=", picking["id"]], OPEN], EXPECTED)
    }
    products = books.products(moved["item"] for moved in moves)
    parts = []
    for moved in moves:
        line = int(moved["line"]) if moved["line"].isdigit() else 0
        product = products.get(moved["item"])
        fits = [
            id
            for id, row in expected.items()
            if id == line or (line not in expected and product is not None and row["product_id"][0] == product.id)
        ]
        parts.append(Part(moved=moved, move=fits[0] if fits else 0))
    return [Filling(id=picking["id"], name=picking["name"], kind=picking["picking_type_id"][0], parts=parts)]


def _open_of(books: Books, code: str, kind: str) -> Row:
    fields = ["name", "state", "backorder_id", "picking_type_id"]
    chain = list(books.rows("stock.picking", [["picking_type_id.code", "=", kind], *called(code)], fields))
    for _ in range(LONGEST_CHAIN):
        still_open = [row for row in chain if row["state"] not in ("draft", "done", "cancel")]
        if still_open:
            return still_open[0]
        if not chain:
            break
        chain = list(books.rows("stock.picking", [["backorder_id", "in", [row["id"] for row in chain]]], fields))
    raise OdooSaid(f"Odoo has no open transfer {code}: it is done, cancelled or gone there.")
