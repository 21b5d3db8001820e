"""What Odoo wants known and done: products, partners, purchases, deliveries, returns.

Read by `write_date`, of a thing or of its lines. Odoo dates a change by the start of its transaction and tells it in
whole seconds, so each reading goes back a minute, and by as long as the last reading took: what is committed late, or
changed behind a page that was read, is read the next time. Within a reading pages go by id, so equal dates lose nothing.
What says the same as last time is no news to the inbox. A delivery is an order here, so a backorder is a new one, unless
the rest of its order is on the floor still.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app import clock
from sync.connectors.news import News
from sync.connectors.odoo.books import Books, Row
from sync.connectors.odoo.references import OURS, base, has_more

OVERLAP = timedelta(minutes=1)
CANCELLED_WITHIN = timedelta(days=7)  # at the first reading; what was called off earlier nobody here has heard of
LONGEST_CHAIN = 200  # backorders of one delivery
DATE = "%Y-%m-%d %H:%M:%S"
WAITING = ("confirmed", "assigned")  # Odoo's Waiting and Ready
HEAD = ("name", "state", "partner_id", "write_date")


class Reader:
    """Reads one warehouse, once. `version` is the moment of the reading (µs): later readings are newer."""

    def __init__(self, books: Books, source: str, version: int) -> None:
        self._books = books
        self._source = source
        self._version = version
        self._newest = ""
        self._partners: dict[int, Row] = {}

    def pull(self, since: str) -> tuple[list[bytes], str]:
        """All that changed since, each thing before what needs it, and from where to go on, which is never earlier.
        Raises OdooSaid, TransportError.
        """
        began = time.monotonic()
        back = (datetime.strptime(since, DATE) - OVERLAP).strftime(DATE) if since else ""
        events = [
            News(type=type_, subject=subject, version=self._version, body=body).event(self._source)
            for kind in (self._items, self._parties, self._purchases, self._orders, self._returns)
            for type_, subject, body in kind(back)
        ]
        if not self._newest:
            return events, since
        took = timedelta(seconds=time.monotonic() - began)
        return events, max(since, (datetime.strptime(self._newest, DATE) - took).strftime(DATE))

    def _items(self, since: str) -> Iterator[tuple[str, str, Row]]:
        """https://github.com/odoo/odoo/blob/19.0/addons/product/models/product_product.py, product_uom.py"""
        fields = ("default_code", "name", "barcode", "tracking", "standard_price", "active", "uom_id", "write_date")
        domain = [["is_storable", "=", True], *_changed(since, "product_tmpl_id.")]
        rows = [row for row in self._read("product.product", domain, fields) if row["default_code"]]
        barcodes: dict[int, list[Row]] = {row["id"]: [] for row in rows}
        packs = list(
            self._books.rows("product.uom", [["product_id", "in", list(barcodes)]], ["product_id", "uom_id", "barcode"])
        )
        units = {pack["uom_id"][0] for pack in packs} | {row["uom_id"][0] for row in rows}
        factor = {
            row["id"]: row["factor"] for row in self._books.rows("uom.uom", [["id", "in", sorted(units)]], ["factor"])
        }
        unit = {row["id"]: row["uom_id"][0] for row in rows}
        for row in rows:
            if row["barcode"]:
                barcodes[row["id"]].append({"code": row["barcode"]})
        for pack in packs:
            product = pack["product_id"][0]
            quantity = factor[pack["uom_id"][0]] / factor[unit[product]]
            if quantity == round(quantity) > 0:  # goods are counted by whole pieces; half of one has no barcode here
                barcodes[product].append({"code": pack["barcode"], "quantity": round(quantity)})
        for row in rows:
            codes = barcodes[row["id"]]
            yield (
                "item.upsert",
                row["default_code"],
                {
                    "name": row["name"],
                    "lot_tracked": row["tracking"] == "lot",
                    "serial_tracked": row["tracking"] == "serial",
                    "standard_cost": round(row["standard_price"] * 100),
                    "active": row["active"],
                    **({"barcodes": codes} if codes else {}),
                },
            )

    def _parties(self, since: str) -> Iterator[tuple[str, str, Row]]:
        """https://github.com/odoo/odoo/blob/19.0/odoo/addons/base/models/res_partner.py; the ranks are of `account`."""
        fields = ("ref", "name", "contact_address", "supplier_rank", "write_date")
        for row in self._read(
            "res.partner", ["|", ["supplier_rank", ">", 0], ["customer_rank", ">", 0], *_changed(since)], fields
        ):
            kind = "supplier" if row["supplier_rank"] else "customer"
            body = {"kind": kind, "name": row["name"] or "", "address": _in_a_line(row["contact_address"])}
            yield "party.upsert", _code(row), body

    def _purchases(self, since: str) -> Iterator[tuple[str, str, Row]]:
        """https://github.com/odoo/odoo/blob/19.0/addons/purchase/models/purchase_order.py, purchase_order_line.py"""
        here = ["picking_type_id.warehouse_id.code", "=", self._books.warehouse]
        wanted = [here, ["state", "in", ["purchase", "cancel"]], ["receipt_status", "!=", "full"]]
        domain = [*wanted, *self._not_long_gone(since), *_changed(since, "order_line.")]
        heads = list(self._read("purchase.order", domain, HEAD))
        lines = self._lines("purchase.order.line", "order_id", heads, "product_uom_qty")
        for head in heads:
            if head["state"] == "cancel":
                yield "purchase_order.cancel", head["name"], {}
            elif lines[head["id"]]:
                supplier = _code(self._partner(head["partner_id"]))
                yield "purchase_order.upsert", head["name"], {"supplier": supplier, "lines": lines[head["id"]]}

    def _orders(self, since: str) -> Iterator[tuple[str, str, Row]]:
        for head, lines in self._pickings("outgoing", "location_dest_id", since):
            if head["state"] == "cancel":
                yield "order.cancel", self._order_of(head), {}
            elif lines and not _is_rest(head):
                partner = self._partner(head["partner_id"])
                told = {"name": partner["name"] or "", "address": _in_a_line(partner["contact_address"])}
                yield "order.release", base(head["name"]), {"customer": _code(partner), **told, "lines": lines}

    def _returns(self, since: str) -> Iterator[tuple[str, str, Row]]:
        for head, lines in self._pickings("incoming", "location_id", since):
            if head["backorder_id"]:
                continue  # what has not come yet of a return: the floor counts it itself
            if head["state"] == "cancel":
                yield "rma.cancelled", base(head["name"]), {}
            elif lines:
                customer = _code(self._partner(head["partner_id"]))
                yield "rma.authorised", base(head["name"]), {"customer": customer, "lines": lines}

    def _pickings(self, kind: str, end: str, since: str) -> Iterator[tuple[Row, list[Row]]]:
        """https://github.com/odoo/odoo/blob/19.0/addons/stock/models/stock_picking.py, stock_move.py"""
        domain = [
            ["picking_type_id.code", "=", kind],
            ["picking_type_id.warehouse_id.code", "=", self._books.warehouse],
            [f"{end}.usage", "=", "customer"],
            ["state", "in", [*WAITING, "cancel"]],
            *self._not_long_gone(since),
            *_changed(since, "move_ids."),
        ]
        heads = [
            row
            for row in self._read("stock.picking", domain, (*HEAD, "backorder_id"))
            if base(row["name"]) != OURS and row["partner_id"]
        ]
        lines = self._lines("stock.move", "picking_id", heads, "product_qty", [["state", "not in", ["done", "cancel"]]])
        yield from ((head, lines[head["id"]]) for head in heads)

    def _lines(
        self, model: str, of: str, heads: Sequence[Row], quantity: str, also: Sequence[Any] = ()
    ) -> Mapping[int, list[Row]]:
        """Each head's lines as the floor knows them, by Odoo's own number for each, in the product's own unit."""
        found: dict[int, list[Row]] = {head["id"]: [] for head in heads}
        rows = [
            row
            for row in self._books.rows(model, [[of, "in", list(found)], *also], [of, "product_id", quantity])
            if row["product_id"] and round(row[quantity]) > 0
        ]
        ids = sorted({row["product_id"][0] for row in rows})
        goods = self._books.rows("product.product", [["id", "in", ids], ["is_storable", "=", True]], ["default_code"])
        codes = {row["id"]: row["default_code"] for row in goods}
        for row in rows:
            if code := codes.get(row["product_id"][0]):
                found[row[of][0]].append({"line": str(row["id"]), "item": code, "quantity": round(row[quantity])})
        return found

    def _order_of(self, head: Row) -> str:
        """What the floor calls it: the delivery its order began with, where this is the rest of one."""
        for _ in range(LONGEST_CHAIN):
            if not _is_rest(head):
                break
            [head] = self._books.rows("stock.picking", [["id", "=", head["backorder_id"][0]]], ["name", "backorder_id"])
        return base(head["name"])

    def _not_long_gone(self, since: str) -> list[Any]:
        if since:
            return []
        lately = (clock.as_datetime(self._version) - CANCELLED_WITHIN).strftime(DATE)
        return ["|", ["state", "!=", "cancel"], ["write_date", ">=", lately]]

    def _partner(self, named: Sequence[Any]) -> Row:
        id = int(named[0])
        if id not in self._partners:
            fields = ["ref", "name", "contact_address"]
            self._partners[id] = next(self._books.rows("res.partner", [["id", "=", id]], fields))
        return self._partners[id]

    def _read(self, model: str, domain: Sequence[Any], fields: Sequence[str]) -> Iterator[Row]:
        for row in self._books.rows(model, domain, fields):
            self._newest = max(self._newest, row["write_date"])
            yield row


def _changed(since: str, *through: str) -> list[Any]:
    """The thing or what belongs to it was written since; at first everything is read."""
    if not since:
        return []
    return ["|"] * len(through) + [[f"{path}write_date", ">=", since] for path in ("", *through)]


def _is_rest(head: Row) -> bool:
    """Of an order that is on the floor still."""
    return bool(head["backorder_id"]) and has_more(head["backorder_id"][1])


def _code(partner: Row) -> str:
    """Its reference where it has one; Odoo does not ask for it."""
    return " ".join(str(partner["ref"] or partner["id"]).split())


def _in_a_line(address: str) -> str:
    return ", ".join(line.strip() for line in (address or "").splitlines() if line.strip())
