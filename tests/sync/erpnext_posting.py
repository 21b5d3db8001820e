"""What submitting and cancelling do to ERPNext's books, as its own controllers do it: stock, lots, serials, and what is open
of orders. Refusals carry ERPNext's names of them.
"""

from abc import ABC, abstractmethod
from collections import Counter
from typing import Any

Row = dict[str, Any]
STATUS = {"PermissionError": 403, "DoesNotExistError": 404, "DuplicateEntryError": 409, "AuthenticationError": 401}


class Refusal(Exception):
    """`frappe.throw`: the name of the exception, what it says, and its HTTP status (frappe/exceptions.py)."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.status = STATUS.get(kind, 417)


class Posting(ABC):
    """Mixed into the books, which have `tables` and `stock`."""

    tables: dict[str, dict[str, Row]]
    stock: Counter[tuple[str, str, str]]  # item, lot, warehouse
    serials: dict[tuple[str, str], str]  # item, serial → warehouse; empty: gone

    @abstractmethod
    def get(self, doctype: str, name: str) -> Row:
        """The document of that name. Raises Refusal DoesNotExistError."""

    @abstractmethod
    def touch(self, doctype: str, row: Row) -> None:
        """It was changed just now, as whoever asks for what is newer will see."""

    def submitted(self, doctype: str, doc: Row, sign: int = 1) -> None:
        """`sign` −1: cancelled."""
        for row in doc["items"]:
            row["conversion_factor"] = row.get("conversion_factor") or 1
            row["stock_qty"] = row["qty"] * row["conversion_factor"]
            if doctype == "Purchase Receipt":
                self._of_order(
                    doc, row, "Purchase Order", "purchase_order", "purchase_order_item", "received_qty", sign
                )
                self._move(row, row["warehouse"], sign * row["stock_qty"])
            elif doctype == "Delivery Note":
                if doc.get("is_return") and row["qty"] >= 0:
                    raise Refusal("ValidationError", "Quantity must be negative in return document")
                if not doc.get("is_return"):
                    self._of_order(doc, row, "Sales Order", "against_sales_order", "so_detail", "delivered_qty", sign)
                self._move(row, row["warehouse"], -sign * row["stock_qty"])
            else:
                self._entry(doc, row, sign)
        if doctype == "Delivery Note" and doc.get("is_return") and sign > 0:
            self._return(doc)

    def _entry(self, doc: Row, row: Row, sign: int) -> None:
        needs = {"Material Transfer": (1, 1), "Material Issue": (1, 0), "Material Receipt": (0, 1)}
        source, target = row.get("s_warehouse"), row.get("t_warehouse")
        if (bool(source), bool(target)) != needs.get(doc["stock_entry_type"]):
            raise Refusal("MandatoryError", f"{doc['stock_entry_type']} needs other warehouses")
        if row["qty"] <= 0:
            raise Refusal("ValidationError", "Qty is mandatory")
        if source:
            self._move(row, source, -sign * row["stock_qty"])
        if target:
            self._move(row, target, sign * row["stock_qty"])

    def _move(self, row: Row, warehouse: str, pieces: float) -> None:
        item, lot = self.get("Item", row["item_code"]), row.get("batch_no") or ""
        if pieces != round(pieces):
            raise Refusal("UOMMustBeIntegerError", f"Quantity ({pieces}) cannot be a fraction in row 1")
        self.get("Warehouse", warehouse)
        if bool(item.get("has_batch_no")) != bool(lot):
            raise Refusal("ValidationError", f"Batch No is mandatory or not allowed for {item['name']}")
        if lot and self.get("Batch", lot)["item"] != item["name"]:
            raise Refusal("ValidationError", f"Batch {lot} does not belong to Item {item['name']}")
        named = (row.get("serial_no") or "").split()
        if item.get("has_serial_no") and len(named) != abs(pieces):
            raise Refusal("SerialNoRequiredError", f"{abs(pieces)} serial numbers are required for {item['name']}")
        for serial in named:
            at = self.serials.get((item["name"], serial), "")
            if (pieces < 0 and at != warehouse) or (pieces > 0 and at):
                raise Refusal("SerialNoWarehouseError", f"Serial No {serial} is in {at or 'no warehouse'}")
            self.serials[item["name"], serial] = warehouse if pieces > 0 else ""
        self.stock[item["name"], lot, warehouse] += round(pieces)
        if self.stock[item["name"], lot, warehouse] < 0:
            raise Refusal(
                "NegativeStockError",
                f"{-self.stock[item['name'], lot, warehouse]} units of <b>Item {item['name']}</b> needed in "
                f"<b>Warehouse {warehouse}</b> to complete this transaction.",
            )

    def _of_order(self, doc: Row, row: Row, doctype: str, field: str, line_field: str, done: str, sign: int) -> None:
        if not row.get(line_field):
            return
        order = self.get(doctype, row.get(field) or "")
        party = "supplier" if doctype == "Purchase Order" else "customer"
        if any(doc.get(name) != order.get(name) for name in (party, "company", "currency")):
            raise Refusal("ValidationError", f"{party.title()} or Company or Currency do not match {order['name']}")
        if sign > 0 and order["status"] in ("Closed", "On Hold"):
            raise Refusal("InvalidStatusError", f"{doctype} {order['name']} is {order['status']}")
        line = next((one for one in order["items"] if one["name"] == row[line_field]), None)
        if line is None:
            raise Refusal("LinkValidationError", f"Could not find {doctype} Item: {row[line_field]}")
        if any(row.get(name) != line.get(name) for name in ("item_code", "uom", "conversion_factor")):
            raise Refusal("ValidationError", f"Row #{row['idx']}: item or UOM do not match {order['name']}")
        line[done] += sign * row["qty"]
        allowed = 1 + (self.get("Item", row["item_code"]).get("over_delivery_receipt_allowance") or 0) / 100
        if line[done] > line["qty"] * allowed:
            over = line[done] - line["qty"] * allowed
            raise Refusal(
                "OverAllowanceError",
                f"This document is over limit by <b>{over:g}</b> for item <b>{row['item_code']}</b>. "
                f"Are you making another {doc['doctype']} against the same {doctype}?",
            )
        both = ("To Receive and Bill", "To Bill") if party == "supplier" else ("To Deliver and Bill", "To Bill")
        order["status"] = both[all(one[done] >= one["qty"] for one in order["items"])]
        self.touch(doctype, order)

    def _return(self, doc: Row) -> None:
        if not doc.get("return_against"):
            return
        sold = self.get("Delivery Note", doc["return_against"])
        if sold["docstatus"] != 1 or sold["customer"] != doc["customer"]:
            raise Refusal("ValidationError", f"Invalid Return Against: {sold['name']}")
        for row in doc["items"]:
            line = next((one for one in sold["items"] if one["name"] == row.get("dn_detail")), None)
            if line is None or line["item_code"] != row["item_code"]:
                raise Refusal("ValidationError", f"Returned Item {row['item_code']} does not exist in {sold['name']}")
            line["returned_qty"] = line.get("returned_qty", 0) - row["qty"]
            if line["returned_qty"] > line["qty"]:
                raise Refusal("StockOverReturnError", f"Cannot return more than {line['qty']} for {row['item_code']}")
