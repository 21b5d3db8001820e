"""What ERPNext wants known and done: items, partners, purchase orders, sales orders, and returns it expects.

What changed there is read with its date as its version; only what concerns our warehouse and is kept in stock comes here.
What is left of a sales order after the floor shipped all it could is a new order here, numbered `….B1`. See docs/erpnext.md.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from app import clock
from sync.connectors.erpnext.changes import Changes
from sync.connectors.erpnext.fields import COMPLETE, DELIVERY, KEY
from sync.connectors.erpnext.orders import ROUND
from sync.connectors.erpnext.rest import Filter, Rest, Row
from sync.connectors.erpnext.troubles import without_tags
from sync.connectors.news import News

OPEN_PURCHASE = ("To Receive and Bill", "To Receive")
OPEN_SALE = ("To Deliver and Bill", "To Deliver")
ENDED = ("Closed", "Cancelled")
LOOK_BACK_DAYS = 14  # for what ended, when we look for the first time

_CURSOR = msgspec.json.Decoder(dict[str, str])


class Reader:
    """Reads what concerns one warehouse: the one of goods that may be sold."""

    def __init__(self, rest: Rest, warehouse: str) -> None:
        self._rest = rest
        self._warehouse = warehouse
        self._changes = Changes(rest, {})

    def news(self, since: str) -> tuple[list[News], str]:
        """All since that cursor ("" at first), in an order in which each thing comes before what needs it, and the next
        cursor: the newest `modified` of each kind. Raises TransportError or Refused.
        """
        self._changes = Changes(self._rest, _CURSOR.decode(since) if since else {})
        found = [*self._items(), *self._parties(), *self._purchases(), *self._orders(), *self._returns()]
        return found, msgspec.json.encode(self._changes.newest).decode()

    def _items(self) -> Iterator[News]:
        fields = ("item_name", "item_group", "stock_uom", "has_batch_no", "has_serial_no", "has_expiry_date")
        more = ("valuation_rate", "over_delivery_receipt_allowance", "disabled")
        for page in self._changes.of("Item", [["is_stock_item", "=", 1], ["has_variants", "=", 0]], fields + more):
            names = [row["name"] for row in page]
            units = self._rest.children("UOM Conversion Detail", "Item", names, ["uom", "conversion_factor"])
            codes = self._rest.children("Item Barcode", "Item", names, ["barcode", "uom"])
            for row in page:
                yield self._item(row, units[row["name"]], codes[row["name"]])

    def _item(self, row: Row, units: Sequence[Row], codes: Sequence[Row]) -> News:
        """Units of a whole number of pieces are packs; a barcode of any other unit could not be counted, and is left out."""
        each = row["stock_uom"]
        packs = {
            one["uom"]: round(one["conversion_factor"])
            for one in units
            if one["uom"] != each
            and one["conversion_factor"] > 1
            and one["conversion_factor"] == round(one["conversion_factor"])
        }
        known = [one for one in codes if one["barcode"] and (one["uom"] or each) in {each, *packs}]
        body = {
            "name": row["item_name"],
            "category": row["item_group"] or "",
            "unit": each,
            "lot_tracked": bool(row["has_batch_no"]),
            "serial_tracked": bool(row["has_serial_no"]),
            "expiry_tracked": bool(row["has_batch_no"] and row["has_expiry_date"]),
            "standard_cost": round((row["valuation_rate"] or 0) * 100),
            "over_receipt_percent": round(row["over_delivery_receipt_allowance"] or 0),
            "active": not row["disabled"],
            "packs": [{"unit": unit, "quantity": quantity} for unit, quantity in packs.items()],
            "barcodes": [
                {"code": one["barcode"], **({"unit": one["uom"]} if one["uom"] in packs else {})} for one in known
            ],
        }
        return _news("item.upsert", row, body)

    def _parties(self) -> Iterator[News]:
        for doctype, kind in (("Supplier", "supplier"), ("Customer", "customer")):
            for page in self._changes.of(doctype, [], [f"{kind}_name"]):
                for row in page:
                    yield _news("party.upsert", row, {"kind": kind, "name": row[f"{kind}_name"]})

    def _purchases(self) -> Iterator[News]:
        """What of them goes to this warehouse; a line counts in pieces here, however it was ordered."""
        for page in self._either("Purchase Order", OPEN_PURCHASE, ["supplier", "schedule_date"]):
            lines = self._lines("Purchase Order", page)
            for row in page:
                if row["status"] in OPEN_PURCHASE and lines[row["name"]]:
                    head = {"supplier": row["supplier"], **_by("due", row["schedule_date"])}
                    body = {**head, "lines": [_line(one, one["stock_qty"]) for one in lines[row["name"]]]}
                    yield _news("purchase_order.upsert", row, body)
                elif row["status"] in ENDED and lines[row["name"]]:
                    yield _news("purchase_order.cancel", row, {})

    def _orders(self) -> Iterator[News]:
        fields = ("customer", "customer_name", "shipping_address", "address_display", "delivery_date")
        for page in self._either("Sales Order", OPEN_SALE, fields):
            lines = self._lines("Sales Order", page)
            for row in page:
                if row["status"] in (*OPEN_SALE, *ENDED) and lines[row["name"]]:
                    yield from self._order(row, lines[row["name"]])

    def _order(self, row: Row, lines: Sequence[Row]) -> Iterator[News]:
        turn, left = self._left_of(row["name"], lines)
        number = f"{row['name']}{ROUND}{turn}" if turn else row["name"]
        asked = [_line(one, left[one["name"]]) for one in lines if left[one["name"]] > 0]
        if row["status"] in ENDED:
            yield _news("order.cancel", {**row, "name": number}, {})
        elif asked:
            address = without_tags(row["shipping_address"] or row["address_display"] or "")
            head = {"customer": row["customer"], "name": row["customer_name"], "address": address}
            head |= _by("promised", row["delivery_date"])
            yield _news("order.release", {**row, "name": number}, {**head, "lines": asked})

    def _left_of(self, order: str, lines: Sequence[Row]) -> tuple[int, dict[str, float]]:
        """How often the floor shipped all it could of it, and what was left of each line after the last time.

        While the floor is still at it, its partial shipments change nothing of what it was asked for.
        """
        left = {line["name"]: line["stock_qty"] for line in lines}
        if not any(line["delivered_qty"] for line in lines):
            return 0, left
        of_order: list[Filter] = [["against_sales_order", "=", order], ["docstatus", "=", 1]]
        rows = list(
            self._rest.all_rows("Delivery Note Item", of_order, ["parent", "so_detail", "stock_qty"], parent=DELIVERY)
        )
        notes = self._rest.named(DELIVERY, {row["parent"] for row in rows}, ["is_return", KEY, COMPLETE, "creation"])
        in_order = sorted(
            (one for one in notes if not one["is_return"]), key=lambda one: (one["creation"], one["name"])
        )
        ends = [at for at, note in enumerate(in_order) if note[COMPLETE]]
        counted = {note["name"] for at, note in enumerate(in_order) if not note[KEY] or (ends and at <= ends[-1])}
        for row in rows:
            if row["parent"] in counted and row["so_detail"] in left:
                left[row["so_detail"]] -= row["stock_qty"]
        return len(ends), left

    def _returns(self) -> Iterator[News]:
        """A return that is drafted, not submitted, is one the floor may expect."""
        for page in self._changes.of(DELIVERY, [["docstatus", "=", 0], ["is_return", "=", 1]], ["customer"]):
            fields = ["item_code", "stock_qty", "serial_no", "warehouse"]
            lines = self._rest.children("Delivery Note Item", DELIVERY, [row["name"] for row in page], fields)
            for row in page:
                asked = [
                    {
                        **_line(one, -one["stock_qty"]),
                        **({"serials": one["serial_no"].split()} if one["serial_no"] else {}),
                    }
                    for one in lines[row["name"]]
                    if one["warehouse"] == self._warehouse and one["stock_qty"] < 0
                ]
                if asked:
                    yield _news("rma.authorised", row, {"customer": row["customer"], "lines": asked})

    def _lines(self, doctype: str, page: Sequence[Row]) -> dict[str, list[Row]]:
        """The lines of this warehouse whose items are kept in stock: a service has nothing to be picked."""
        done = "delivered_qty" if doctype == "Sales Order" else "received_qty"
        fields = ["item_code", "stock_qty", done, "warehouse"]
        lines = self._rest.children(f"{doctype} Item", doctype, [row["name"] for row in page], fields)
        here = {name: [row for row in rows if row["warehouse"] == self._warehouse] for name, rows in lines.items()}
        items = {row["item_code"] for rows in here.values() for row in rows}
        kept = {row["name"] for row in self._rest.named("Item", items, ["is_stock_item"]) if row["is_stock_item"]}
        return {name: [row for row in rows if row["item_code"] in kept] for name, rows in here.items()}

    def _either(self, doctype: str, open_: Sequence[str], fields: Sequence[str]) -> Iterator[list[Row]]:
        """What is open, and what ended of late: it may be on the floor, also when we were down the while."""
        asked = ["status", *fields]
        yield from self._changes.of(doctype, [["docstatus", "=", 1], ["status", "in", open_]], asked)
        ended: list[Filter] = [["docstatus", "!=", 0], ["status", "in", ENDED]]
        yield from self._changes.of(doctype, ended, asked, which=" ended", days=LOOK_BACK_DAYS)


def _line(row: Row, pieces: float) -> dict[str, Any]:
    return {"line": row["name"], "item": row["item_code"], "quantity": round(pieces)}


def _by(name: str, day: str | None) -> dict[str, str]:
    """A day has no hour there; noon is on that day in nearly every time zone."""
    return {name: f"{day}T12:00:00Z"} if day else {}


def _news(type_: str, row: Row, body: dict[str, Any]) -> News:
    return News(type=type_, subject=row["name"], version=_micros(row["modified"]), body=body)


def _micros(modified: str) -> int:
    return round(datetime.fromisoformat(modified).replace(tzinfo=UTC).timestamp() * clock.SECOND)
