"""Tryton as its own people use it, and what the tests read in its books: whence a move is, what is expected, what was counted."""

from collections.abc import Sequence
from typing import Any

from tests.tryton.company import Company
from tests.tryton.server import Tryton

Row = dict[str, Any]
SHIPMENTS = ("stock.shipment.in", "stock.shipment.out", "stock.shipment.out.return", "stock.shipment.internal")


class Erp:
    """Tryton as its own people use it."""

    def __init__(self, tryton: Tryton) -> None:
        self.tryton = tryton
        self.books = Company(tryton.rpc())
        self.books.context = {"company": self.books.call("company.company.search", [])[0]}
        self.has_module = bool(self.rows("ir.module", [["name", "=", "pickface"], ["state", "=", "activated"]], "name"))

    def rows(self, model: str, domain: Sequence[object], *names: str) -> list[Row]:
        found: list[Row] = self.books.call(f"{model}.search_read", list(domain), 0, None, None, list(names))
        return found

    def expected(self, purchase: str) -> dict[str, float]:
        """What Tryton still waits for: product → pieces."""
        waits = [["purchase.number", "=", purchase], ["state", "=", "draft"]]
        rows = self.rows("stock.move", waits, "product.code", "internal_quantity")
        return {row["product."]["code"]: row["internal_quantity"] for row in rows}

    def lots(self, shipment: str) -> set[str]:
        """The lots on the moves by which a customer shipment left."""
        of = [["shipment", "=", f"stock.shipment.out,{shipment}"], ["state", "=", "done"], ["lot", "!=", None]]
        return {row["lot."]["number"] for row in self.rows("stock.move", of, "lot.number")}

    def pieces(self, product: str) -> dict[str, set[str]]:
        """Lot → the places to which its pieces were brought, one at a time."""
        brought: dict[str, set[str]] = {}
        of = [["product.code", "=", product], ["state", "=", "done"]]
        for move in self.rows("stock.move", of, "lot.number", "quantity", "to_location.code"):
            assert (move["quantity"], bool(move["lot."])) == (1, True), move
            brought.setdefault(move["lot."]["number"], set()).add(move["to_location."]["code"])
        return brought

    def forget_the_last_step(self) -> None:
        """As if the line had always broken before it: no document has its note, and nobody knows what is done already."""
        last = self.rows("ir.note", [["message", "not like", "% counts %"]], "message")
        if last:
            self.books.call("ir.note.delete", [note["id"] for note in last])

    def counted(self, site: str) -> list[tuple[str, str, float, str, str]]:
        """A site's inventories: place, product, difference, reason, approver."""
        told, place = [], ("inventory_location.code",)
        for id, (key, reason, approver) in self._why().items():
            of = [["inventory", "=", id], ["inventory.state", "=", "done"]]
            for line in self.rows("stock.inventory.line", of, "product.code", "quantity", "expected_quantity", *place):
                code, product = line["inventory_location."]["code"], line["product."]["code"]
                change = line["quantity"] - line["expected_quantity"]
                told += [(code, product, change, reason, approver)] if key.startswith(f"{site}.") else []
        return told

    def _why(self) -> dict[int, tuple[str, str, str]]:
        """Of each inventory: the key, the reason and the approver, in its own fields or in its note."""
        if self.has_module:
            names = ("pickface_event.key", "pickface_reason", "pickface_approver")
            rows = self.rows("stock.inventory", [["pickface_event", "!=", None]], *names)
            found = {row["id"]: (row["pickface_event."]["key"], row[names[1]], row[names[2]]) for row in rows}
        else:
            found = {}
        for note in self.rows("ir.note", [["message", "like", "%approved by: %"]], "resource", "message"):
            model, _, id = note["resource"].partition(",")
            facts = dict(line.split(": ", 1) for line in note["message"].splitlines() if ": " in line)
            if model == "stock.inventory":
                found[int(id)] = note["message"].partition("\n")[0], facts["reason"], facts["approved by"]
        return found

    def events(self, site: str) -> list[tuple[str, str, float]]:
        """Of each done move of a site's events: the key it names, itself or by its document, whence it came, how many."""
        module = ["pickface_event.key"] if self.has_module else []
        names = ("shipment", "origin", "from_location.code", "quantity", *module)
        named = {
            f"{model},{row['id']}": (row["reference"] or "").removeprefix("Pickface ")
            for model in SHIPMENTS
            for row in self.rows(model, [], "reference")
        }
        for note in self.rows("ir.note", [["message", "like", "% counts %"]], "resource", "message"):
            named[note["resource"]] = note["message"].partition(" ")[0]
        for line in self.rows("stock.inventory.line", [], "inventory"):
            named[f"stock.inventory.line,{line['id']}"] = named.get(f"stock.inventory,{line['inventory']}", "")
        told = []
        for move in self.rows("stock.move", [["state", "=", "done"]], *names):
            event, source = move.get("pickface_event."), move["from_location."]
            key = event["key"] if event else named.get(move["shipment"] or move["origin"], "")
            assert key, f"a move without an event: {move}"
            told.append((key, source["code"], move["quantity"]))
        return [one for one in told if one[0].startswith(f"{site}.")]
