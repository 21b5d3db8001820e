"""One event, one validated transfer: how goods change their place in Odoo's books exactly once.

Odoo's calls are one database transaction each, and none of them both makes a transfer and validates it. So there are
two steps. First the transfer is *prepared*: the open one is given the event's quantities and lots, or one of our own is
made, and the same call writes the event's key into its reference. That moves nothing. Then it is *validated*: the goods
move and its state becomes done, in one transaction. Whatever dies in between, a transfer that bears the key and is done
is the event's effect, and validating it again does nothing (`button_validate` passes over what is done). What is not in
it waits on in a backorder, which Odoo makes in the same transaction.
https://www.odoo.com/documentation/19.0/developer/reference/external_api.html#transaction

Preparing what is done is refused, since its lines are: but only where there are some. Goods the transfer does not know, all
alone, would be added to it once more by a call that comes late. So that call names the transfer's own operation type, too,
which Odoo takes of an open transfer and of no other (`write` in
https://github.com/odoo/odoo/blob/19.0/addons/stock/models/stock_picking.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sync.connectors.base import Answer, Applied, NeedsApproval, Rejected
from sync.connectors.odoo.books import Books, Product, Row
from sync.connectors.odoo.filling import Filling, Part, fillings
from sync.connectors.odoo.json2 import OdooSaid
from sync.connectors.odoo.references import OURS, any_of, bearing, key_of

# Odoo asks with a form; what a supervisor accepted at the desk is said by this word of the context.
ACCEPTED = {"expiry.picking.confirmation": "skip_expired", "confirm.stock.sms": "skip_sms"}
KEYS_AT_ONCE = 100

CLEAR, CREATE, UPDATE = (
    5,
    0,
    1,
)  # https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html (Command)


class Transfers:
    def __init__(self, books: Books, places: Mapping[str, str]) -> None:
        self._books = books
        self._ends = {places[end]: end for end in ("~supplier", "~customer")}

    def done(self, keys: Sequence[str]) -> set[str]:
        """Which of these events a transfer that is done bears."""
        found: set[str] = set()
        for first in range(0, len(keys), KEYS_AT_ONCE):
            domain = [["state", "=", "done"], *any_of(keys[first : first + KEYS_AT_ONCE])]
            found |= {key_of(row["name"]) for row in self._books.rows("stock.picking", domain, ["name"])}
        return found & set(keys)

    def post(self, entry: Mapping[str, Any]) -> Answer:
        """Prepare and validate. Raises TransportError; what Odoo does not want is Rejected in its own words."""
        try:
            products = self._books.products(moved["item"] for moved in entry["moves"])
            for moved in entry["moves"]:
                if moved["item"] not in products:
                    raise OdooSaid(f"Odoo has no product with the internal reference {moved['item']}.")
            prepared = [self._prepare(filling, entry, products) for filling in fillings(self._books, entry)]
            return self._validate(prepared, entry["approved"])
        except OdooSaid as said:
            return Rejected(why=said.words, raw=said.raw)

    def _prepare(self, filling: Filling, entry: Mapping[str, Any], products: Mapping[str, Product]) -> int:
        """Nothing moves yet; done again after a crash it writes the same."""
        by_move: dict[int, list[Part]] = {}
        fresh: list[Part] = []
        for part in filling.parts:
            (by_move.setdefault(part.move, []) if part.move else fresh).append(part)
        commands: list[Any] = []
        if filling.id:
            rest = self._books.rows("stock.move", [["picking_id", "=", filling.id], ["picked", "=", True]], ["picked"])
            commands += [[UPDATE, row["id"], {"picked": False}] for row in rest if row["id"] not in by_move]
        for move, parts in by_move.items():
            lines = [line for part in parts for line in self._lines(part, products)]
            commands.append([UPDATE, move, {"move_line_ids": [[CLEAR, 0, 0], *lines], "picked": True}])
        commands += [[CREATE, 0, self._move(part, entry, products)] for part in fresh]
        if filling.id:
            name = bearing(filling.name, entry["key"], more=entry.get("complete") is False)
            vals: dict[str, Any] = {"name": name, "move_ids": commands}
            if not by_move:
                vals["picking_type_id"] = filling.kind  # see above: what is done refuses this
            self._books.odoo.call("stock.picking", "write", ids=[filling.id], vals=vals)
            return filling.id
        return self._ours(entry, filling, commands)

    def _ours(self, entry: Mapping[str, Any], filling: Filling, moves: list[Any]) -> int:
        vals = {**self._head(filling.parts[0], entry), "name": bearing(OURS, entry["key"])}
        known = self._known(vals["name"])
        if not known:
            try:
                made: list[int] = self._books.odoo.call(
                    "stock.picking", "create", vals_list=[{**vals, "move_ids": moves}]
                )
                return made[0]
            except OdooSaid:
                known = self._known(vals["name"])  # an earlier try has arrived meanwhile
                if not known:
                    raise
        if known[0]["state"] == "draft":  # what it is mapped to may have been put right since
            told = {**vals, "move_ids": [[CLEAR, 0, 0], *moves]}
            self._books.odoo.call("stock.picking", "write", ids=[known[0]["id"]], vals=told)
        return int(known[0]["id"])

    def _known(self, name: str) -> list[Row]:
        return list(self._books.rows("stock.picking", [["name", "=", name]], ["state"]))

    def _head(self, part: Part, entry: Mapping[str, Any]) -> dict[str, Any]:
        source, target = part.moved["source"], part.moved["target"]
        kind = "incoming" if source in self._ends else "outgoing" if target in self._ends else "internal"
        told = ", ".join(filter(None, (entry["document"], entry["reason"], entry["approver"])))
        return {
            "picking_type_id": self._books.kind(kind),
            "location_id": self._books.place(source),
            "location_dest_id": self._books.place(target),
            "origin": told or entry["told"],
        }

    def _move(self, part: Part, entry: Mapping[str, Any], products: Mapping[str, Product]) -> dict[str, Any]:
        product, moved = products[part.moved["item"]], part.moved
        return {
            "product_id": product.id,
            "product_uom": product.unit,
            "product_uom_qty": moved["quantity"],
            "location_id": self._books.place(moved["source"]),
            "location_dest_id": self._books.place(moved["target"]),
            "move_line_ids": self._lines(part, products),
            "picked": True,
            **({"purchase_line_id": part.purchase_line} if part.purchase_line else {}),
            **self._taken_back(entry, product),
        }

    def _lines(self, part: Part, products: Mapping[str, Product]) -> list[Any]:
        """What is moved, in the product's own unit; a serial is a lot of one."""
        product, moved = products[part.moved["item"]], part.moved
        counted = {"": moved["quantity"]}
        if product.tracking == "serial" and moved["serials"]:
            counted = dict.fromkeys(moved["serials"], 1)
        elif product.tracking == "lot":
            counted = {moved["lot"]: moved["quantity"]}
        lots = self._books.lots(product, filter(None, counted))
        ends = {
            "location_id": self._books.place(moved["source"]),
            "location_dest_id": self._books.place(moved["target"]),
        }
        return [
            [
                CREATE,
                0,
                {
                    "product_id": product.id, "product_uom_id": product.unit, "quantity": quantity, "picked": True,
                    **({"lot_id": lots[number]} if number else {}), **ends,
                },
            ]
            for number, quantity in counted.items()
        ]  # fmt: skip

    def _taken_back(self, entry: Mapping[str, Any], product: Product) -> dict[str, Any]:
        """A step that is undone names the move it takes back, so that its purchase counts it as returned."""
        if entry["effect"] != "undo":
            return {}
        domain = [["picking_id.state", "=", "done"], ["product_id", "=", product.id]]
        pickings = self._books.rows("stock.picking", any_of([entry["undoes"]]), ["name"])
        domain.append(["picking_id", "in", [row["id"] for row in pickings]])
        found: list[Row] = list(self._books.rows("stock.move", domain, ["purchase_line_id"]))
        if not found:
            return {}
        line = found[0]["purchase_line_id"]
        back = {"origin_returned_move_id": found[0]["id"], "to_refund": True}
        return {**back, "purchase_line_id": line[0]} if line else back

    def _validate(self, pickings: Sequence[int], approved: Sequence[str]) -> Answer:
        """All of an event's transfers in one transaction; a form Odoo answers with is a question for a person."""
        context = {"skip_backorder": True, **{ACCEPTED[form]: True for form in approved if form in ACCEPTED}}
        told = self._books.odoo.call("stock.picking", "button_validate", ids=list(pickings), context=context)
        rows = list(self._books.rows("stock.picking", [["id", "in", list(pickings)]], ["name", "state"]))
        waiting = [row["name"] for row in rows if row["state"] != "done"]
        if rows and not waiting:
            return Applied()
        form = str(told.get("res_model", "")) if isinstance(told, dict) else ""
        raw = msgspec.json.encode(told).decode()
        named = ", ".join(waiting)
        if form in ACCEPTED:
            words = str(told.get("name") or form)
            return NeedsApproval(why=f"Odoo asks before it validates {named}: {words}", warning=form, raw=raw)
        return Rejected(
            why=f"Odoo left {named} open" + (f" and asks with {form}, which is answered there." if form else "."),
            raw=raw,
        )
