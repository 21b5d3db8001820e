"""Odoo's records by the names the floor knows them by: products, places, lots, kinds of transfer.

A product is known by its internal reference, a place by its full name (`WH/Stock`), a lot by its number. What Odoo has
no name for is said so in a sentence: a person makes it there, and replays.
https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html#common-orm-methods (search_read, create).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sync.connectors.odoo.json2 import Json2, OdooSaid
from sync.connectors.odoo.places import is_called
from sync.connectors.odoo.references import plain

A_PAGE = 500  # records in one call
MOST_PAGES = 10_000
EVERYTHING = {"active_test": False}  # archived records, too

Row = dict[str, Any]


class Product(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    code: str
    unit: int  # its own unit of measure: what the floor counts in
    tracking: str  # none, lot, serial


class Books:
    def __init__(self, odoo: Json2, warehouse: str) -> None:
        self.odoo = odoo
        self.warehouse = warehouse  # its short name, `WH`
        self._places: dict[str, int] = {}
        self._kinds: dict[str, int] = {}

    def rows(self, model: str, domain: Sequence[Any], fields: Sequence[str]) -> Iterator[Row]:
        """All of them, by id, a page at a time: what is written meanwhile shifts no page."""
        last = 0
        for _ in range(MOST_PAGES):
            page: list[Row] = self.odoo.call(
                model, "search_read", domain=[["id", ">", last], *domain], fields=list(fields),
                order="id", limit=A_PAGE, context=EVERYTHING,
            )  # fmt: skip
            yield from page
            if len(page) < A_PAGE:
                return
            last = page[-1]["id"]

    def products(self, codes: Iterable[str]) -> Mapping[str, Product]:
        """Those of them that Odoo has; read anew each time, because a product may be tracked from today on."""
        wanted = sorted(set(codes))
        rows = self.rows(
            "product.product", [["default_code", "in", wanted]], ["default_code", "uom_id", "tracking", "active"]
        )
        found: dict[str, Row] = {}
        for row in rows:
            if row["default_code"] not in found or row["active"]:
                found[row["default_code"]] = row
        return {
            code: Product(id=row["id"], code=code, unit=row["uom_id"][0], tracking=row["tracking"])
            for code, row in found.items()
        }

    def place(self, name: str) -> int:
        """The one location of this name (see `places.is_called`). Raises OdooSaid."""
        if name not in self._places:
            domain = ["|", ["complete_name", "=", name], ["complete_name", "=like", f"%/{plain(name)}"]]
            rows = list(self.rows("stock.location", domain, ["complete_name"]))
            found = [row for row in rows if row["complete_name"] == name]
            found = found or [row for row in rows if is_called(row["complete_name"], name)]
            if not found:
                raise OdooSaid(f"Odoo has no location {name}: make it there, or name another in the options.")
            if len(found) > 1:
                names = ", ".join(row["complete_name"] for row in found)
                raise OdooSaid(f"Odoo has several locations {name}: {names}. Name one of them in full in the options.")
            self._places[name] = found[0]["id"]
        return self._places[name]

    def kind(self, code: str) -> int:
        """The warehouse's operation type: incoming, outgoing or internal. Raises OdooSaid."""
        if code not in self._kinds:
            domain = [["code", "=", code], ["warehouse_id.code", "=", self.warehouse]]
            found = list(self.rows("stock.picking.type", domain, ["active"]))
            found.sort(key=lambda row: not row["active"])
            if not found:
                raise OdooSaid(f"Odoo's warehouse {self.warehouse} has no operation type for {code} transfers.")
            self._kinds[code] = found[0]["id"]
        return self._kinds[code]

    def lots(self, product: Product, numbers: Iterable[str]) -> Mapping[str, int]:
        """The lots or serials of these numbers, made where Odoo has none. Raises OdooSaid."""
        wanted = sorted(set(numbers))
        if not wanted:
            return {}
        domain = [["product_id", "=", product.id], ["name", "in", wanted]]
        found = {row["name"]: int(row["id"]) for row in self.rows("stock.lot", domain, ["name"])}
        new = [number for number in wanted if number not in found]
        if new:
            vals = [{"product_id": product.id, "name": number} for number in new]
            found |= zip(new, self.odoo.call("stock.lot", "create", vals_list=vals), strict=True)
        return found
