"""Papers that belong to an order of ERPNext: goods received, shipped, and taken back, line by line.

ERPNext compares a paper with the order it names (party, company, currency, unit of each line) and keeps what is still open;
so a short line simply stays open there. A line counts in its order's own unit: pieces that make no whole number of it are
refused with words, because ERPNext would round them.
"""

from collections.abc import Sequence

from sync.connectors.erpnext.fields import COMPLETE, DELIVERY, RECEIPT
from sync.connectors.erpnext.papers import Move, Paper, is_warehouse, marks
from sync.connectors.erpnext.rest import Rest, Row
from sync.connectors.erpnext.troubles import Refused

OVER = "OverAllowanceError"  # more than ordered and allowed: a supervisor may take the rest without the order
_HEAD = ("company", "currency", "conversion_rate", "project", "taxes_and_charges")
ROUND = ".B"  # what is left of an order after the floor shipped all it could is a new order here: SAL-ORD-2026-00007.B1


def received(rest: Rest, moves: Sequence[Move], approved: Sequence[str], remarks: str) -> list[Paper]:
    """Purchase Receipts, one a supplier: https://docs.frappe.io/erpnext/user/manual/en/purchase-receipt"""
    orders = {po: rest.read("Purchase Order", po) for po in dict.fromkeys(move["po"] for move in moves)}
    papers: dict[str, Paper] = {}
    for move in moves:
        order = orders[move["po"]]
        line = _line(order, move)
        if order["supplier"] not in papers:
            head = {**_head(order, "supplier", "buying_price_list"), "remarks": remarks}
            papers[order["supplier"]] = Paper(doctype=RECEIPT, values={**head, "items": []})
        for pieces, of_order in _split(move, line, "received_qty", approved):
            row = _row(move, line, pieces, move["target"])
            if of_order and line is not None:
                row |= {"purchase_order": order["name"], "purchase_order_item": line["name"]}
            papers[order["supplier"]].values["items"].append({**row, "received_qty": row["qty"]})
    return list(papers.values())


def shipped(
    rest: Rest, number: str, moves: Sequence[Move], complete: bool, tracking: str, approved: Sequence[str]
) -> list[Paper]:  # fmt: skip
    """A Delivery Note: https://docs.frappe.io/erpnext/user/manual/en/delivery-note"""
    order = rest.read("Sales Order", base_of(number))
    rows: list[Row] = []
    for move in moves:
        line = _line(order, move)
        for pieces, of_order in _split(move, line, "delivered_qty", approved):
            row = _row(move, line, pieces, move["source"])
            if of_order and line is not None:
                row |= {"against_sales_order": order["name"], "so_detail": line["name"]}
            rows.append(row)
    head = _head(order, "customer", "selling_price_list", "shipping_address_name", "customer_address")
    head |= {COMPLETE: int(complete), **({"lr_no": tracking[:140]} if tracking else {})}
    return [Paper(doctype=DELIVERY, values={**head, "items": rows})]


def taken_back(rest: Rest, rma: str, moves: Sequence[Move]) -> tuple[list[Paper], list[Move]]:
    """A submitted return of what came, and what came that the draft does not name.

    The RMA is a Delivery Note that somebody drafted with Create › Sales Return:
    https://docs.frappe.io/erpnext/user/manual/en/sales-return
    """
    draft = rest.read(DELIVERY, rma)
    rows, unknown = [], []
    for move in moves:
        line = _line(draft, move)
        if line is None:
            unknown.append(move)
            continue
        row = _row(move, line, -move["quantity"], move["target"])
        same = ("against_sales_order", "so_detail", "dn_detail")
        rows.append({**row, **{name: line[name] for name in same if line.get(name)}})
    head = _head(draft, "customer", "selling_price_list")
    head |= {"is_return": 1, **({"return_against": draft["return_against"]} if draft.get("return_against") else {})}
    return ([Paper(doctype=DELIVERY, values={**head, "items": rows})] if rows else []), unknown


def drop_draft(rest: Rest, rma: str) -> None:
    """All of it came and stands in returns of its own; a draft that is gone already is as it should be."""
    try:
        rest.delete(DELIVERY, rma)
    except Refused as refused:
        if refused.kind != "DoesNotExistError":
            raise


def base_of(number: str) -> str:
    """The Sales Order of an order here."""
    base, _, turn = number.rpartition(ROUND)
    return base if base and turn.isdigit() else number


def _head(order: Row, *names: str) -> Row:
    return {"docstatus": 1, **{name: order[name] for name in (*_HEAD, *names) if order.get(name)}}


def _line(order: Row, move: Move) -> Row | None:
    """The order's line of that name, else its first of the item; None for goods it does not name (a substitute)."""
    same = [line for line in order["items"] if line["item_code"] == move["item"]]
    return next((line for line in same if line["name"] == move.get("line")), next(iter(same), None))


def _split(move: Move, line: Row | None, done: str, approved: Sequence[str]) -> list[tuple[int, bool]]:
    """Pieces, and whether they are of the order: all are, until a supervisor took more than ERPNext allows."""
    pieces: int = move["quantity"]
    if line is None or OVER not in approved:
        return [(pieces, line is not None)]
    room = round((line["qty"] - (line.get(done) or 0)) * (line.get("conversion_factor") or 1))
    within = max(0, min(pieces, room))
    return [(count, of_order) for count, of_order in ((within, True), (pieces - within, False)) if count]


def _row(move: Move, line: Row | None, pieces: int, place: str) -> Row:
    if not is_warehouse(place):
        raise Refused("NoWarehouse", f"{move['item']} goes to {place}, which is no warehouse.")
    row: Row = {"item_code": move["item"], "qty": pieces, "warehouse": place, **marks(move)}
    if line is None:
        return row
    factor = line.get("conversion_factor") or 1
    quantity = pieces / factor
    if quantity != round(quantity):
        raise Refused(
            "BrokenUnit",
            f"{abs(pieces)} × {move['item']} make no whole number of {line['uom']} ({factor:g} each), in which the line "
            "is ordered. Order it in the item's stock unit.",
        )
    same = ("uom", "conversion_factor", "rate", "project")
    return {**row, "qty": round(quantity), **{name: line[name] for name in same if line.get(name)}}
