"""What Odoo's Inventory, Purchase and Sales do with those records: transfers, backorders, quants, what was received.

As Odoo 19 does it (stock_picking.py `button_validate`, stock_move.py `_action_done`): a transfer is validated with what
is picked of it, the rest becomes a backorder, a tracked product needs its lot, an expired lot asks a person, and what
is done is passed over. `purchase`, `delivery` and the like are what people do in Odoo.
"""

from collections.abc import Sequence
from typing import Any

from tests.sync.odoo_records import OdooError, Records, Row

PLACES = {
    "Partners/Vendors": "supplier", "Customers": "customer", "WH/Stock": "internal",
    "Inventory adjustment": "inventory", "Scrap": "inventory",
    "WH/Inspection": "internal", "WH/Quarantine": "internal", "WH/Damaged": "internal", "WH/Returned": "internal",
}  # fmt: skip
SEQUENCE = {"incoming": "WH/IN/", "outgoing": "WH/OUT/", "internal": "WH/INT/"}
OVER = ("done", "cancel")


class Stock(Records):
    def __init__(self) -> None:
        super().__init__()
        self.numbers = dict.fromkeys(SEQUENCE, 0)
        warehouse = self.add("stock.warehouse", code="WH")
        self.types = {code: self.add("stock.picking.type", code=code, warehouse_id=warehouse) for code in SEQUENCE}
        self.places = {
            name: self.add("stock.location", complete_name=name, usage=usage) for name, usage in PLACES.items()
        }
        self.units = {name: self.add("uom.uom", name=name, factor=n) for name, n in (("Units", 1.0), ("Dozens", 12.0))}
        self.acme = self.add("res.partner", name="ACME", ref="ACME", supplier_rank=1)
        self.nord = self.add("res.partner", name="Nord", contact_address="Nord\nQuay 1\nHamburg", customer_rank=1)

    # ── what people do there ─────────────────────────────────────────────────────────────────────────────────────
    def product(self, code: str, tracking: str = "none", **facts: Any) -> int:
        template = self.add("product.template", name=code)
        told = {"name": code.title(), "default_code": code, "tracking": tracking, "uom_id": self.units["Units"]}
        return self.add("product.product", product_tmpl_id=template, is_storable=True, **{**told, **facts})

    def purchase(self, *lines: tuple[int, float]) -> Row:
        """Ordered from ACME and confirmed, so a receipt waits for it."""
        facts = {"name": f"P{self.last_id:05}", "state": "purchase", "receipt_status": "pending"}
        order = self.add("purchase.order", partner_id=self.acme, picking_type_id=self.types["incoming"], **facts)
        for product, quantity in lines:
            self.add("purchase.order.line", order_id=order, product_id=product, product_uom_qty=quantity)
        moves = [
            {"product_id": line["product_id"], "product_uom_qty": line["product_uom_qty"], "purchase_line_id": line["id"]}
            for line in self.search("purchase.order.line", [["order_id", "=", order]])
        ]  # fmt: skip
        self._expect("incoming", "Partners/Vendors", "WH/Stock", moves, origin=facts["name"])
        return self.of("purchase.order", order)

    def delivery(self, *lines: tuple[int, float]) -> Row:
        """Sold to Nord, so a delivery waits."""
        moves = [{"product_id": product, "product_uom_qty": quantity} for product, quantity in lines]
        return self._expect("outgoing", "WH/Stock", "Customers", moves, partner_id=self.nord)

    def take_back(self, *lines: tuple[int, float]) -> Row:
        """Nord may send these back."""
        moves = [{"product_id": product, "product_uom_qty": quantity} for product, quantity in lines]
        return self._expect("incoming", "Customers", "WH/Stock", moves, partner_id=self.nord)

    def _expect(self, kind: str, source: str, target: str, moves: Sequence[Row], **facts: Any) -> Row:
        ends = {"location_id": self.places[source], "location_dest_id": self.places[target]}
        commands = [[0, 0, {**move, **ends}] for move in moves]
        picking = self.add(
            "stock.picking", picking_type_id=self.types[kind], move_ids=commands, state="assigned", **ends, **facts
        )
        for move in self.search("stock.move", [["picking_id", "=", picking]]):
            self.change("stock.move", move["id"], state="assigned")
        return self.of("stock.picking", picking)

    def on_hand(self) -> dict[str, float]:
        """`WH/Stock MUG L7` → quantity, without what is nothing."""
        told = {}
        for quant in self.tables["stock.quant"].values():
            place = self.of("stock.location", quant["location_id"])
            lot = self.of("stock.lot", quant["lot_id"])["name"] if quant["lot_id"] else ""
            name = self.of("product.product", quant["product_id"])["default_code"]
            if place["usage"] == "internal" and quant["quantity"]:
                told[" ".join(filter(None, (place["complete_name"], name, lot)))] = quant["quantity"]
        return told

    # ── what its methods do ──────────────────────────────────────────────────────────────────────────────────────
    def add(self, model: str, **values: Any) -> int:
        if model == "stock.picking" and not values.get("name") and values.get("picking_type_id"):
            code = self.of("stock.picking.type", values["picking_type_id"])["code"]
            self.numbers[code] += 1
            values["name"] = f"{SEQUENCE[code]}{self.numbers[code]:05}"
        if model == "stock.move" and values.get("product_id"):
            values.setdefault("product_uom", self.of("product.product", values["product_id"])["uom_id"])
        id = super().add(model, **values)
        if model == "stock.move" and self._picking_of(id)["state"] == "done":
            self._move_goods(self.of(model, id))  # what is added to a transfer that is done moves at once
        return id

    def change(self, model: str, id: int, **values: Any) -> None:
        if model == "stock.picking" and values.get("picking_type_id") and self.of(model, id)["state"] in OVER:
            raise OdooError.user("Changing the operation type of this record is forbidden at this point.")
        super().change(model, id, **values)
        if model == "stock.move" and "product_uom_qty" in values:
            move = self.of(model, id)
            product = self.of("product.product", move["product_id"])
            units = self.of("uom.uom", move["product_uom"])["factor"] / self.of("uom.uom", product["uom_id"])["factor"]
            super().change(model, id, product_qty=move["product_uom_qty"] * units)

    def remove(self, model: str, id: int) -> None:
        row = self.of(model, id)
        if model == "stock.move.line" and self.of("stock.move", row["move_id"])["state"] == "done":
            raise OdooError.user("You can not delete product moves if the picking is done.")
        if model == "stock.move":
            if row["state"] not in ("draft", "cancel"):
                raise OdooError.user("You can only delete draft or cancelled moves.")
            for line in self._lines(row):
                super().remove("stock.move.line", line["id"])
        super().remove(model, id)

    def button_validate(self, ids: Sequence[int], context: Row) -> Any:
        pickings = [row for row in (self.of("stock.picking", id) for id in ids) if row["state"] != "done"]
        for picking in pickings:
            if picking["state"] == "draft":
                self.change("stock.picking", picking["id"], state="assigned")
                for move in self._open(picking):
                    self.change("stock.move", move["id"], state="assigned")
            if not any(move["picked"] and self._quantity(move) for move in self._open(picking)):
                raise OdooError.user("You cannot validate a transfer if no quantities are reserved.")
            self._check_lots(picking)
        lots = [line["lot_id"] for picking in pickings for move in self._open(picking) for line in self._lines(move)]
        if any(lot and self.of("stock.lot", lot)["expiration_date"] for lot in lots) and not context.get(
            "skip_expired"
        ):
            return {"type": "ir.actions.act_window", "res_model": "expiry.picking.confirmation", "name": "Confirmation"}
        short = [move for picking in pickings for move in self._open(picking) if self._left(move) > 0]
        if short and not context.get("skip_backorder"):
            form = {"type": "ir.actions.act_window", "res_model": "stock.backorder.confirmation"}
            return {**form, "name": "Create Backorder?"}
        for picking in pickings:
            self._done(picking)
        return True

    def _done(self, picking: Row) -> None:
        rest = []
        for move in self._open(picking):
            left = self._left(move)
            if move["picked"] and left > 0:
                kept = ("product_id", "product_uom", "location_id", "location_dest_id", "purchase_line_id")
                rest.append(self.add("stock.move", product_uom_qty=left, **{name: move[name] for name in kept}))
                self.change("stock.move", move["id"], product_uom_qty=move["product_uom_qty"] - left)
            if move["picked"]:
                self._move_goods(move)
            else:
                rest.append(move["id"])
        self.change("stock.picking", picking["id"], state="done")
        if rest:
            kept = ("picking_type_id", "location_id", "location_dest_id", "origin", "partner_id")
            facts = {name: picking[name] for name in kept}
            backorder = self.add("stock.picking", backorder_id=picking["id"], state="assigned", **facts)
            for id in rest:
                self.change("stock.move", id, picking_id=backorder, state="assigned")

    def _move_goods(self, move: Row) -> None:
        for line in self._lines(move):
            for end, sign in (("location_id", -1), ("location_dest_id", 1)):
                at = {"product_id": line["product_id"], "location_id": line[end], "lot_id": line["lot_id"]}
                found = self.search("stock.quant", [[name, "=", value] for name, value in at.items()])
                quant = found[0]["id"] if found else self.add("stock.quant", **at)
                here = self.of("stock.quant", quant)["quantity"]
                self.change("stock.quant", quant, quantity=here + sign * line["quantity"])
        self.change("stock.move", move["id"], state="done")
        if move["purchase_line_id"]:
            self._receive(move)

    def _receive(self, move: Row) -> None:
        back = self.of("stock.location", move["location_dest_id"])["usage"] == "supplier"
        counts = -1 if back and move["to_refund"] else 0 if back else 1
        line = self.of("purchase.order.line", move["purchase_line_id"])
        received = line["qty_received"] + counts * self._quantity(move)
        self.change("purchase.order.line", line["id"], qty_received=received)

    def _check_lots(self, picking: Row) -> None:
        for move in self._open(picking):
            product = self.of("product.product", move["product_id"])
            for line in self._lines(move) if move["picked"] and product["tracking"] != "none" else ():
                if not line["lot_id"]:
                    told = f"You need to supply a Lot/Serial number for products {product['name']}."
                    raise OdooError.user(told)
                if self.of("stock.lot", line["lot_id"])["product_id"] != product["id"]:
                    raise OdooError.user("This lot is incompatible with this product", "ValidationError")
                if product["tracking"] == "serial" and line["quantity"] != 1:
                    raise OdooError.user("You can only process 1.0 Units of products with unique serial number.")

    def _picking_of(self, move: int) -> Row:
        picking = self.of("stock.move", move)["picking_id"]
        return self.of("stock.picking", picking) if picking else {"state": ""}

    def _open(self, picking: Row) -> list[Row]:
        return self.search("stock.move", [["picking_id", "=", picking["id"]], ["state", "not in", OVER]])

    def _lines(self, move: Row) -> list[Row]:
        return [line for line in self.tables["stock.move.line"].values() if line["move_id"] == move["id"]]

    def _quantity(self, move: Row) -> float:
        return float(sum(line["quantity"] for line in self._lines(move)))

    def _left(self, move: Row) -> float:
        """In the move's own unit; its lines count in the product's."""
        ratio = move["product_uom_qty"] / move["product_qty"] if move["product_qty"] else 1.0
        return float(move["product_uom_qty"] - self._quantity(move) * ratio)
