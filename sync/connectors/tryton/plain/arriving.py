"""Goods of a purchase come in: each line that is received is a supplier shipment of its own, under the event's key.

Tryton keeps a draft move for what a purchase line still expects. What came is split off from it and goes into the new
shipment; what is short stays expected, and a line that is over makes Tryton warn. Pressing `receive` and `do` puts the
goods into storage, or to where goods of their status lie.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sync.connectors.entries import Entry
from sync.connectors.tryton.plain import inside
from sync.connectors.tryton.plain.records import Records, Row, Values, goods, in_pieces, new_lines, priced, send

SHIPMENT = "stock.shipment.in"
PURCHASE = ("party", "party.supplier_location", "company", "currency", "warehouse", "warehouse.input_location",
            "warehouse.storage_location")  # fmt: skip
EXPECTED = ("product", "quantity", "unit", "unit.factor", "unit_price", "currency", "company", "planned_date",
            "from_location", "to_location", "product.default_uom", "product.default_uom.factor")  # fmt: skip
KEPT = ("product", "company", "currency", "planned_date", "from_location", "to_location")


def receive(erp: Records, entry: Entry) -> list[str]:
    groups: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for move in entry["moves"]:
        groups[move["po"], move["target"]].append(move)
    found = _of(erp, entry["key"])
    if not found:
        erp.create(SHIPMENT, [_shipment(erp, entry["key"], po, moves) for (po, _), moves in groups.items()])
        found = _of(erp, entry["key"])
    for shipment, (_, target) in zip(found, groups, strict=True):
        if shipment["state"] == "draft":
            erp.call(f"{SHIPMENT}.receive", [shipment["id"]])
        if shipment["state"] in ("draft", "received"):
            send(erp, SHIPMENT, shipment, target)
            erp.call(f"{SHIPMENT}.do", [shipment["id"]])
    erp.call("purchase.purchase.process", [_purchase(erp, po)["id"] for po in dict.fromkeys(po for po, _ in groups)])
    return _names(found)


def undo(erp: Records, entry: Entry) -> list[str]:
    """The floor took an event back: what a purchase received is cancelled and expected again, all else goes back."""
    found = _of(erp, entry["undoes"])
    for shipment in found:
        if shipment["state"] != "cancelled":
            erp.call(f"{SHIPMENT}.cancel", [shipment["id"]])
        cancelled = [["shipment", "=", _names([shipment])[0]], ["purchase", "!=", None]]
        for move in erp.rows("stock.move", cancelled, "origin", "purchase"):
            line = int(move["origin"].partition(",")[2])
            erp.write("purchase.line", line, {"moves_recreated": [["add", [move["id"]]]]})
            erp.call("purchase.purchase.process", [move["purchase"]])
    return _names(found) or inside.move(erp, entry)


def _of(erp: Records, key: str) -> list[Row]:
    return erp.rows(SHIPMENT, [["reference", "=", key]], "state")


def _names(shipments: Sequence[Row]) -> list[str]:
    return [f"{SHIPMENT},{one['id']}" for one in shipments]


def _purchase(erp: Records, number: str) -> Row:
    sentence = f"There is no purchase with the number {number}."
    return erp.one("purchase.purchase", [["number", "=", number]], sentence, *PURCHASE)


def _shipment(erp: Records, key: str, po: str, moves: list[Entry]) -> Values:
    purchase = _purchase(erp, po)
    warehouse, source = purchase["warehouse."], purchase["party."]["supplier_location"]
    lines: list[Any] = []
    gone: list[int] = []  # into this shipment; Tryton hears of it when that is made
    for told in moves:
        product, left = erp.product(told["item"]), told["quantity"]
        lot, line = erp.lot(product, told["lot"]), told.get("line", "")
        for expected, count in _split_off(erp, line, product, left, gone):
            gone.append(expected)
            lines += [["add", [expected]], ["write", [expected], {"lot": lot}]]
            left -= count
        if left > 0:  # more than was ordered, or nothing that was
            more = goods(product, left, source, warehouse["input_location"], lot)
            more |= priced(product["cost_price"], purchase["currency"])
            lines += new_lines([{**more, "origin": f"purchase.line,{line}" if line else None}])
    return {
        "reference": key, "supplier": purchase["party"], "company": purchase["company"],
        "warehouse": purchase["warehouse"], "warehouse_input": warehouse["input_location"],
        "warehouse_storage": warehouse["storage_location"], "incoming_moves": lines,
    }  # fmt: skip


def _split_off(erp: Records, line: str, product: Row, quantity: int, gone: list[int]) -> list[tuple[int, int]]:
    """Draft moves of the line that expect so many pieces, or all there are; the last is cut to what came.

    A move that counts in dozens counts in pieces afterwards. Done again after a broken line, it is the same cut.
    """
    if not line:
        return []
    domain = [["origin", "=", f"purchase.line,{line}"], ["state", "=", "draft"], ["shipment", "=", None],
              ["product", "=", product["id"]]]  # fmt: skip
    taken: list[tuple[int, int]] = []
    for row in erp.rows("stock.move", domain, *EXPECTED):
        pieces, unit_price = in_pieces(row)
        count = min(quantity, pieces)
        if count <= 0 or row["id"] in gone:
            continue
        unit = row["product."]["default_uom"]
        if count < pieces or row["unit"] != unit:
            counted = {"unit": unit, "unit_price": unit_price}
            rest = {**{name: row[name] for name in KEPT}, **counted, "quantity": float(pieces - count)}
            cut = ["write", [row["id"]], {**counted, "quantity": float(count)}]
            erp.write("purchase.line", int(line), {"moves": [cut, *new_lines([rest] if count < pieces else [])]})
        quantity -= count
        taken.append((row["id"], count))
    return taken
