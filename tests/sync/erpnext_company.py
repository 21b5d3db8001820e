"""What people do at ERPNext's own desk: items, orders, and the return somebody drafts. All by hand, past the API."""

from typing import Any

from tests.sync.erpnext_fake import COMPANY, STORES, Fake
from tests.sync.erpnext_posting import Row
from tests.world import gtin13

HEAD = {"docstatus": 1, "company": COMPANY, "currency": "EUR", "conversion_rate": 1}


def item(fake: Fake, code: str, *, barcode: str = "", **facts: Any) -> None:
    row = {"item_code": code, "item_name": f"The {code}", "item_group": "Goods", "stock_uom": "Nos", "is_stock_item": 1}
    codes = [{"barcode": barcode, "uom": "Nos"}] if barcode else []
    fake.books.insert("Item", {**row, "has_variants": 0, "valuation_rate": 2.5, "barcodes": codes, **facts})


def items(fake: Fake, count: int = 10) -> None:
    """P-0001 to P-00nn; the tenth has lots."""
    for name in ("ACME", "NORD"):
        kind = "Supplier" if name == "ACME" else "Customer"
        fake.books.insert(kind, {f"{kind.lower()}_name": name})
    for n in range(1, count + 1):
        item(fake, f"P-{n:04d}", barcode=gtin13(n), has_batch_no=int(n % 10 == 0))


def lines(*wanted: tuple[str, int]) -> list[Row]:
    each = {"uom": "Nos", "conversion_factor": 1, "rate": 2.5, "warehouse": STORES}
    return [{"item_code": code, "qty": quantity, **each} for code, quantity in wanted]


def purchase(fake: Fake, *wanted: tuple[str, int], name: str = "", **head: Any) -> Row:
    named = {"name": name} if name else {}
    values = {**HEAD, **named, "supplier": "ACME", "schedule_date": "2026-12-01", "items": lines(*wanted), **head}
    return fake.books.insert("Purchase Order", values)


def sale(fake: Fake, *wanted: tuple[str, int], **head: Any) -> Row:
    who = {"customer": "NORD", "customer_name": "Nord AB", "shipping_address": "Kai 1<br>Hamburg<br>"}
    who |= {"delivery_date": "2026-12-03"}
    return fake.books.insert("Sales Order", {**HEAD, **who, "items": lines(*wanted), **head})


def expect_return(fake: Fake, note: Row, code: str, quantity: int) -> Row:
    """Create › Sales Return on a Delivery Note, saved and not submitted."""
    [line] = [row for row in note["items"] if row["item_code"] == code]
    row = {"item_code": code, "qty": -quantity, "stock_qty": -quantity, "dn_detail": line["name"], "warehouse": STORES}
    row |= {name: line[name] for name in ("uom", "conversion_factor", "against_sales_order", "so_detail")}
    head = {**HEAD, "docstatus": 0, "customer": note["customer"], "is_return": 1, "return_against": note["name"]}
    return fake.books.insert("Delivery Note", {**head, "items": [row]})
