"""A customer's parcel comes in: what is taken out of it is a customer return of its own, and the announced one gets less.

Tryton cannot do a single line of a return, only the whole. So each event makes a return under its key, done at once,
with the origin and the price of the line it fills; the return that was announced then expects so many fewer, with the
key in its reference in the same call. When the floor closes it there is nothing left of it, and it is done too.
"""

from sync.connectors.entries import Entry
from sync.connectors.tryton.plain.records import OURS, Records, Row, Values, goods, new_lines, priced, send
from sync.connectors.tryton.rpc import ErpSaid

SHIPMENT = "stock.shipment.out.return"
FACTS = ("state", "number", "reference", "customer", "customer.customer_location", "contact_address", "company",
         "company.currency", "warehouse", "warehouse_input", "warehouse_storage")  # fmt: skip
EXPECTED = ("product", "internal_quantity", "quantity", "origin", "unit_price", "currency")


def take_back(erp: Records, entry: Entry) -> list[str]:
    announced = _announced(erp, entry["rma"])
    if announced is None:
        raise ErpSaid("UserError", f"There is no open customer return with the number {entry['rma']}.")
    reference = f"{OURS}{entry['key']}"
    found = erp.rows(SHIPMENT, [["reference", "=", reference]], "state")
    if not found:
        lines = [_came(erp, announced, told) for told in entry["moves"]]
        erp.create(SHIPMENT, [_return(announced, reference, lines)])
        found = erp.rows(SHIPMENT, [["reference", "=", reference]], "state")
    _expect_less(erp, announced, entry)
    for shipment in found:
        _finish(erp, shipment, entry["moves"][0]["target"])
    return [f"{SHIPMENT},{one['id']}" for one in found]


def close(erp: Records, entry: Entry) -> list[str]:
    announced = _announced(erp, entry["rma"])
    if announced is None:
        return []
    if announced["state"] == "draft":
        expected = [row["id"] for row in _expected(erp, announced)]
        if expected:
            erp.write(SHIPMENT, announced["id"], {"incoming_moves": [["delete", expected]]})
    _finish(erp, announced)
    return [f"{SHIPMENT},{announced['id']}"]


def _finish(erp: Records, shipment: Row, target: str = "") -> None:
    if shipment["state"] == "draft":
        erp.call(f"{SHIPMENT}.receive", [shipment["id"]])
    if shipment["state"] in ("draft", "received"):
        if target:
            send(erp, SHIPMENT, shipment, target)
        erp.call(f"{SHIPMENT}.do", [shipment["id"]])


def _announced(erp: Records, number: str) -> Row | None:
    found = erp.rows(SHIPMENT, [["number", "=", number], ["state", "!=", "cancelled"]], *FACTS)
    return found[0] if found else None


def _expected(erp: Records, announced: Row, *more: list[object]) -> list[Row]:
    of = [["shipment", "=", f"{SHIPMENT},{announced['id']}"], ["to_location", "=", announced["warehouse_input"]]]
    return erp.rows("stock.move", [*of, *more], *EXPECTED)


def _came(erp: Records, announced: Row, told: Entry) -> Values:
    product = erp.product(told["item"])
    source, gate = announced["customer."]["customer_location"], announced["warehouse_input"]
    move = goods(product, told["quantity"], source, gate, erp.lot(product, told["lot"]))
    lines = _expected(erp, announced, ["product", "=", product["id"]])
    named = [row for row in lines if str(row["id"]) == told.get("line")]
    for row in (named or lines)[:1]:
        return {
            **move,
            **priced(row["unit_price"], row["currency"]),
            "origin": row["origin"] or f"stock.move,{row['id']}",
        }
    return {**move, **priced(product["cost_price"], announced["company."]["currency"])}


def _return(announced: Row, reference: str, lines: list[Values]) -> Values:
    same = ("customer", "contact_address", "company", "warehouse", "warehouse_input", "warehouse_storage")
    return {**{name: announced[name] for name in same}, "reference": reference, "incoming_moves": new_lines(lines)}


def _expect_less(erp: Records, announced: Row, entry: Entry) -> None:
    mark = f"{OURS}{announced['number']}:"
    before, _, keys = (announced["reference"] or "").partition(mark)
    if announced["state"] != "draft" or entry["key"] in keys.split():
        return
    left = {row["id"]: row for row in _expected(erp, announced)}
    for told in entry["moves"]:
        product, came = erp.product(told["item"])["id"], told["quantity"]
        for row in sorted(left.values(), key=lambda row: str(row["id"]) != told.get("line")):
            count = min(came, row["quantity"]) if row["product"] == product else 0
            row["quantity"] -= count
            came -= count
    cut = [["write", [row["id"]], {"quantity": row["quantity"]}] for row in left.values()]
    erp.write(SHIPMENT, announced["id"], {"reference": f"{before}{mark}{keys} {entry['key']}", "incoming_moves": cut})
