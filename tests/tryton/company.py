"""A company in Tryton as its people use it: products, what is bought and sold, what comes back, what is invoiced.

All of it through Tryton's own doors, as its client would. How the company was set up is in `founding`.
"""

from typing import Any

from sync.connectors.tryton.rpc import Rpc
from tests.world import gtin13

PRODUCTS = 200
MANY_PRODUCTS = 2_000  # of the long form
LOTTED = 10  # every tenth product is kept by lot
NUMBERED, SERIALS = 50, "Serial numbers"  # of every fiftieth each piece is a lot; the category that says so
AT_ONCE = 200  # products in one call


class Company:
    """The names Tryton's rows go by here."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self.context: dict[str, Any] = {}

    def call(self, method: str, *params: Any) -> Any:
        return self._rpc.call(f"model.{method}", *params, context=self.context)

    def press(self, method: str, *params: Any) -> Any:
        """A method of a wizard."""
        return self._rpc.call(method, *params, context=self.context)

    def create(self, model: str, **values: Any) -> int:
        return int(self.call(f"{model}.create", [values])[0])

    def find(self, model: str, *domain: Any) -> int:
        """The id of the one record there is."""
        (found,) = self.call(f"{model}.search", list(domain))
        return int(found)

    def read(self, model: str, ids: list[int], *names: str) -> list[dict[str, Any]]:
        rows = self.call(f"{model}.read", ids, list(names))
        return sorted(rows, key=lambda row: ids.index(row["id"]))


def decimal(number: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": number}


def make_products(erp: Company, first: int, last: int) -> None:
    unit = erp.find("product.uom", ["symbol", "=", "u"])
    goods, serials = (erp.find("product.category", ["name", "=", name]) for name in ("Goods", SERIALS))
    for begin in range(first, last + 1, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, last + 1))
        erp.call("product.template.create", [_product(number, unit, goods, serials) for number in numbers])


def item(number: int) -> str:
    return f"P-{number:04d}"


def _product(number: int, unit: int, goods: int, serials: int) -> dict[str, Any]:
    lotted = number % LOTTED == 0
    barcode = {"identifiers": [["create", [{"type": "ean", "code": gtin13(number)}]]]}
    return {
        "name": f"Product {number}",
        "type": "goods",
        "default_uom": unit,
        "purchase_uom": unit,
        "sale_uom": unit,
        "purchasable": True,
        "salable": True,
        "account_category": goods,
        "categories": [] if number % NUMBERED else [["add", [serials]]],
        "list_price": decimal("9.90"),
        "lot_required": ["supplier", "customer"] if lotted else [],
        "products": [["create", [{"suffix_code": item(number), "cost_price": decimal("4.5000"), **barcode}]]],
    }


def purchase(erp: Company, supplier: str, *lines: tuple[str, int], unit: str = "u", invoice: str = "manual") -> str:
    """A confirmed purchase order; its number. `invoice`: "fulfillment" for what came."""
    return _trade(erp, "purchase", supplier, lines, unit, invoice)


def sale(erp: Company, customer: str, *lines: tuple[str, int], invoice: str = "manual") -> str:
    """A confirmed sale; its number. `invoice`: "fulfillment" for what left."""
    return _trade(erp, "sale", customer, lines, invoice=invoice)


def invoiced(erp: Company, kind: str, number: str) -> dict[str, float]:
    """What the drafted invoices of a purchase or sale are about: product → quantity."""
    lines = erp.call(f"{kind}.line.search", [[f"{kind}.number", "=", number]])
    origins = [f"{kind}.line,{line}" for line in lines]
    rows = erp.call(
        "account.invoice.line.search_read", [["origin", "in", origins], ["invoice.state", "=", "draft"]],
        0, None, None, ["product.code", "quantity"],
    )  # fmt: skip
    sums: dict[str, float] = {}
    for row in rows:
        code = row["product."]["code"]
        sums[code] = sums.get(code, 0.0) + row["quantity"]
    return sums


def make_unit(erp: Company, symbol: str, holds: int) -> None:
    """A unit of so many pieces."""
    [unit] = erp.call("product.uom.search_read", [["symbol", "=", "u"]], 0, None, None, ["category"])
    facts = {"category": unit["category"], "factor": float(holds), "rate": round(1 / holds, 12)}
    erp.create("product.uom", name=symbol, symbol=symbol, rounding=1.0, digits=0, **facts)


def _trade(
    erp: Company,
    kind: str,
    party_code: str,
    lines: tuple[tuple[str, int], ...],
    symbol: str = "u",
    invoice: str = "manual",
) -> str:
    party = erp.find("party.party", ["code", "=", party_code])
    address = erp.find("party.address", ["party", "=", party])
    unit = erp.find("product.uom", ["symbol", "=", symbol])
    price = decimal("4.5000" if kind == "purchase" else "9.9000")
    rows = [
        {
            "product": erp.find("product.product", ["code", "=", code]),
            "quantity": quantity,
            "unit": unit,
            "unit_price": price,
        }
        for code, quantity in lines
    ]
    values = {"party": party, "invoice_address": address, "lines": [["create", rows]], "invoice_method": invoice}
    if kind == "sale":
        values |= {"shipment_address": address, "shipment_method": "order"}
    model = f"{kind}.{kind}"
    made = erp.create(model, **values)
    erp.call(f"{model}.quote", [made])
    erp.call(f"{model}.confirm", [made])
    return str(erp.read(model, [made], "number")[0]["number"])


def shipments(erp: Company, sale_number: str) -> list[dict[str, Any]]:
    """What is to be shipped, and was, of a sale, oldest first."""
    (found,) = erp.call("sale.sale.search_read", [["number", "=", sale_number]], 0, None, None, ["shipments"])
    return erp.read("stock.shipment.out", sorted(found["shipments"]), "number", "state")


def authorise_return(erp: Company, customer: str, *lines: tuple[str, int]) -> str:
    """A customer return that is expected; its number, by which the floor knows it."""
    party = erp.find("party.party", ["code", "=", customer])
    company = erp.context["company"]
    warehouse = erp.find("stock.location", ["type", "=", "warehouse"])
    gates = {code: erp.find("stock.location", ["code", "=", code]) for code in ("IN", "STO", "CUS")}
    unit = erp.find("product.uom", ["symbol", "=", "u"])
    moves = [
        {
            "product": erp.find("product.product", ["code", "=", code]),
            "quantity": quantity,
            "unit": unit,
            "from_location": gates["CUS"],
            "to_location": gates["IN"],
            "company": company,
            "unit_price": decimal("9.9000"),
            "currency": erp.find("currency.currency", ["code", "=", "EUR"]),
        }
        for code, quantity in lines
    ]
    address = erp.find("party.address", ["party", "=", party])
    made = erp.create(
        "stock.shipment.out.return", customer=party, contact_address=address, company=company, warehouse=warehouse,
        warehouse_input=gates["IN"], warehouse_storage=gates["STO"], moves=[["create", moves]],
    )  # fmt: skip
    return str(erp.read("stock.shipment.out.return", [made], "number")[0]["number"])
