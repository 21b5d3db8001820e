"""An order left: its customer shipment is done, with the quantities and lots that are really in the cartons.

The quantities and the event's key are written in one call, before `pick`; then the buttons follow, from whatever state a
broken line left. What is missing Tryton puts on a new shipment: a backorder, and a new order here. While the floor still
has cartons of this order, that shipment is marked as the rest of it (`Pickface` and the order's number).
"""

from collections import Counter
from typing import Any

from sync.connectors.entries import Entry
from sync.connectors.tryton.plain.records import OURS, Records, Row, goods, new_lines
from sync.connectors.tryton.rpc import ErpSaid

SHIPMENT = "stock.shipment.out"
FACTS = ("state", "number", "reference", "warehouse_storage", "warehouse_output")
STEPS = (("waiting", "assign_force"), ("assigned", "pick"), ("picked", "pack"), ("packed", "do"))


def ship(erp: Records, entry: Entry) -> list[str]:
    written = erp.rows(SHIPMENT, [["reference", "=", entry["key"]]], *FACTS)
    shipment = written[0] if written else _write_down(erp, _open(erp, entry["order"]), entry)
    erp.press(SHIPMENT, shipment, *STEPS)
    moves = [["shipment", "=", f"{SHIPMENT},{shipment['id']}"], ["sale", "!=", None]]
    sales = sorted({row["sale"] for row in erp.rows("stock.move", moves, "sale")})
    if sales:
        erp.call("sale.sale.process", sales)
        if not entry["complete"]:
            _mark_the_rest(erp, shipment, sales, entry["order"])
    return [f"{SHIPMENT},{shipment['id']}"]


def _open(erp: Records, order: str) -> Row:
    """The shipment of that number, or what is left of it. Raises ErpSaid where all has left already."""
    still = ["state", "not in", ["done", "shipped", "cancelled"]]
    found = erp.rows(SHIPMENT, [["number", "=", order], still], *FACTS)
    found = found or erp.rows(SHIPMENT, [["reference", "=", f"{OURS}{order}"], still], *FACTS)
    if not found:
        raise ErpSaid("UserError", f"There is no open customer shipment with the number {order}.")
    return found[0]


def _write_down(erp: Records, shipment: Row, entry: Entry) -> Row:
    """Make the inventory moves those of the cartons: one per line, lot and location of origin."""
    if shipment["warehouse_storage"] == shipment["warehouse_output"]:
        raise ErpSaid(
            "UserError", "The warehouse ships straight from its storage: give it an output location of its own."
        )
    if shipment["state"] in ("draft", "assigned", "packed"):
        erp.call(f"{SHIPMENT}.wait", [shipment["id"]])
    names = ("product", "internal_quantity", "state", "from_location", "to_location")
    moves = erp.rows("stock.move", [["shipment", "=", f"{SHIPMENT},{shipment['id']}"]], *names)
    gate = shipment["warehouse_output"]
    planned = [row["id"] for row in moves if row["to_location"] == gate]
    wanted = [row for row in moves if row["from_location"] == gate and row["state"] != "cancelled"]
    taken: Counter[int] = Counter()
    lines: list[dict[str, Any]] = []
    for told in entry["moves"]:
        product = erp.product(told["item"])
        origin = _line_of(wanted, told, product, taken)
        move = goods(product, told["quantity"], erp.location(told["source"]), gate, erp.lot(product, told["lot"]))
        lines.append({**move, "origin": f"stock.move,{origin}" if origin else None})
        if origin:  # else a substitute: Tryton gives it a line of its own
            taken[origin] += told["quantity"]
    cut = [["delete", planned]] if planned else []
    erp.write(SHIPMENT, shipment["id"], {"reference": entry["key"], "inventory_moves": [*cut, *new_lines(lines)]})
    return {**shipment, "state": "waiting"}


def _line_of(wanted: list[Row], told: Entry, product: Row, taken: Counter[int]) -> int | None:
    """The move a carton's content is for: by its own number, else the first of the product that has room."""
    same = [row for row in wanted if row["product"] == product["id"]]
    named = [row for row in same if str(row["id"]) == told.get("line")]
    room = [row for row in same if taken[row["id"]] < row["internal_quantity"]]
    return next((int(row["id"]) for row in named or room or same), None)


def _mark_the_rest(erp: Records, shipment: Row, sales: list[int], order: str) -> None:
    waits = [["outgoing_moves.sale", "in", sales], ["state", "in", ["draft", "waiting"]], ["id", ">", shipment["id"]]]
    for rest in erp.rows(SHIPMENT, [*waits, ["reference", "=", None]]):
        erp.write(SHIPMENT, rest["id"], {"reference": f"{OURS}{order}"})
