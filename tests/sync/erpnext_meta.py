"""The document types of ERPNext the connector may use, with the fields of theirs it may name.

Taken from the DocType files of frappe/erpnext, version 15 (`erpnext/stock/doctype/delivery_note/delivery_note.json` and its
siblings). Frappe itself drops a field it does not know without a word; the fake refuses it, so that a misspelt one is seen.
"""

import msgspec

STANDARD = {"name", "owner", "creation", "modified", "modified_by", "docstatus", "idx", "doctype"}
CHILD = {"parent", "parenttype", "parentfield"}
_MONEY = {"company", "currency", "conversion_rate", "project", "taxes_and_charges", "status"}
_ORDERED = {"item_code", "qty", "uom", "conversion_factor", "stock_qty", "rate", "warehouse", "project"}
_MARKS = {"batch_no", "serial_no", "use_serial_batch_fields", "serial_and_batch_bundle"}


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    fields: set[str]
    required: tuple[str, ...] = ()
    tables: dict[str, str] = {}
    series: str = ""  # of its numbers; empty: named by the field in `named_by`
    named_by: str = ""
    submittable: bool = False
    of: str = ""  # a child's parent

    @property
    def known(self) -> set[str]:
        return self.fields | STANDARD | (CHILD if self.of else set()) | set(self.tables)


def _child(of: str, *fields: str) -> Meta:
    return Meta(of=of, fields=set(fields))


DOCTYPES: dict[str, Meta] = {
    "Item": Meta(
        fields={"item_code", "item_name", "item_group", "stock_uom", "is_stock_item", "has_variants", "has_batch_no"}
        | {"has_serial_no", "has_expiry_date", "valuation_rate", "over_delivery_receipt_allowance", "disabled"},
        required=("item_code", "stock_uom"),
        tables={"uoms": "UOM Conversion Detail", "barcodes": "Item Barcode"},
        named_by="item_code",
    ),
    "UOM Conversion Detail": _child("Item", "uom", "conversion_factor"),
    "Item Barcode": _child("Item", "barcode", "barcode_type", "uom"),
    "Supplier": Meta(fields={"supplier_name"}, named_by="supplier_name"),
    "Customer": Meta(fields={"customer_name"}, named_by="customer_name"),
    "Warehouse": Meta(fields={"warehouse_name", "company"}, named_by="warehouse_name"),
    "Batch": Meta(fields={"batch_id", "item", "expiry_date"}, required=("batch_id", "item"), named_by="batch_id"),
    "Bin": Meta(fields={"item_code", "warehouse", "actual_qty"}, series="bin-"),
    "Custom Field": Meta(
        fields={"dt", "fieldname", "label", "fieldtype", "unique", "read_only", "no_copy"},
        required=("dt", "fieldname", "fieldtype"),
    ),
    "Purchase Order": Meta(
        fields=_MONEY | {"supplier", "buying_price_list", "schedule_date"},
        required=("supplier", "company"),
        tables={"items": "Purchase Order Item"},
        series="PUR-ORD-2026-",
        submittable=True,
    ),
    "Purchase Order Item": _child("Purchase Order", *_ORDERED, "received_qty"),
    "Sales Order": Meta(
        fields=_MONEY
        | {"customer", "customer_name", "selling_price_list", "shipping_address", "address_display"}
        | {"shipping_address_name", "customer_address", "delivery_date"},
        required=("customer", "company"),
        tables={"items": "Sales Order Item"},
        series="SAL-ORD-2026-",
        submittable=True,
    ),
    "Sales Order Item": _child("Sales Order", *_ORDERED, "delivered_qty"),
    "Purchase Receipt": Meta(
        fields=_MONEY | {"supplier", "buying_price_list", "remarks", "is_return", "return_against"},
        required=("supplier", "company", "items"),
        tables={"items": "Purchase Receipt Item"},
        series="MAT-PRE-2026-",
        submittable=True,
    ),
    "Purchase Receipt Item": _child(
        "Purchase Receipt", *_ORDERED, *_MARKS, "received_qty", "purchase_order", "purchase_order_item"
    ),
    "Delivery Note": Meta(
        fields=_MONEY
        | {"customer", "selling_price_list", "shipping_address_name", "customer_address", "lr_no", "is_return"}
        | {"return_against"},
        required=("customer", "company", "items"),
        tables={"items": "Delivery Note Item"},
        series="MAT-DN-2026-",
        submittable=True,
    ),
    "Delivery Note Item": _child(
        "Delivery Note", *_ORDERED, *_MARKS, "against_sales_order", "so_detail", "dn_detail", "returned_qty"
    ),
    "Stock Entry": Meta(
        fields={"stock_entry_type", "purpose", "company", "remarks"},
        required=("stock_entry_type", "company", "items"),
        tables={"items": "Stock Entry Detail"},
        series="MAT-STE-2026-",
        submittable=True,
    ),
    "Stock Entry Detail": _child(
        "Stock Entry", "item_code", "qty", "s_warehouse", "t_warehouse", "uom", "conversion_factor", *_MARKS
    ),
}
