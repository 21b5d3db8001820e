"""Tryton's records by the names the floor knows them by, as values for new ones, and the buttons of a document."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.stock.slots import SCRAP
from sync.connectors.base import TransportError
from sync.connectors.tryton.rpc import ErpSaid, Rpc, decimal

Row = dict[str, Any]
Values = dict[str, Any]
OURS = "Pickface "  # in the reference of what the floor made or is at: nothing of it is news there
ASKED_AGAIN = 4  # times, of what changes nothing
PRICE_DIGITS = 4  # as Tryton keeps prices, unless somebody configured more


class Records:
    def __init__(self, rpc: Rpc, places: Mapping[str, str]) -> None:
        self._rpc = rpc
        self._place_of = {code: name for name, code in places.items()}

    def call(self, method: str, *params: Any, context: Values | None = None) -> Any:
        return self._rpc.call(f"model.{method}", *params, context=context)

    def rows(self, model: str, domain: Sequence[Any], *names: str, context: Values | None = None) -> list[Row]:
        """Oldest first."""
        told = [list(domain), 0, None, [["id", "ASC"]], ["id", *names]]
        found: list[Row] = self._ask(f"{model}.search_read", *told, context=context)
        return found

    def one(self, model: str, domain: Sequence[Any], sentence: str, *names: str) -> Row:
        """The only one there is. Raises ErpSaid with the sentence."""
        found = self.rows(model, domain, *names)
        if len(found) != 1:
            raise ErpSaid("UserError", sentence + (" There are several." if found else ""))
        return found[0]

    def create(self, model: str, values: Sequence[Values]) -> list[int]:
        made: list[int] = self.call(f"{model}.create", list(values))
        return made

    def write(self, model: str, id: int, values: Values) -> None:
        self.call(f"{model}.write", [id], values)

    def press(self, model: str, document: Row, *steps: tuple[str, str]) -> None:
        """The buttons that are still to be pressed, in order: (its state before, the button)."""
        states = [state for state, _ in steps]
        if document["state"] in states:
            for _, button in steps[states.index(document["state"]) :]:
                self.call(f"{model}.{button}", [document["id"]])

    def forget_warnings(self, names: Sequence[str]) -> None:
        """What a supervisor accepted is accepted for one event only."""
        left = self.rows("res.user.warning", [["name", "in", list(names)], ["user.login", "=", self._rpc.user]])
        if left:
            self.call("res.user.warning.delete", [row["id"] for row in left])

    def holds(self, code: str) -> bool:
        """Is it a place of the warehouse?"""
        return not self._place_of.get(code, "").startswith("~")

    def keeps(self, code: str) -> bool:
        """May an internal shipment go there?"""
        return self.holds(code) or self._place_of.get(code) == SCRAP

    # ── by name ──────────────────────────────────────────────────────────────────────────────────────────────────
    def product(self, code: str) -> Row:
        sentence = f"There is no product with the code {code}."
        return self.one("product.product", [["code", "=", code]], sentence, "code", "default_uom", "cost_price")

    def location(self, code: str) -> int:
        found = self.one("stock.location", [["code", "=", code]], f"There is no location with the code {code}.")
        return int(found["id"])

    def lot(self, product: Row, number: str) -> int | None:
        """The lot of that number; one that is new here begins with it."""
        if not number:
            return None
        found = self.rows("stock.lot", [["product", "=", product["id"]], ["number", "=", number]])
        return found[0]["id"] if found else self.create("stock.lot", [{"product": product["id"], "number": number}])[0]

    def today(self) -> Values:
        """Of Tryton's own calendar."""
        day: Values = self._ask("ir.date.today")
        return day

    def _ask(self, method: str, *params: Any, context: Values | None = None) -> Any:
        """A question, asked again at once where the line broke: an event takes so many that a bad line would end none."""
        for _ in range(ASKED_AGAIN):
            try:
                return self.call(method, *params, context=context)
            except TransportError as problem:
                if problem.permanent or not problem.unknown:
                    raise
        return self.call(method, *params, context=context)


def goods(product: Row, quantity: float, source: int, target: int, lot: int | None = None) -> Values:
    """A new move in the product's own unit; from and to outside a price belongs to it, see `priced`."""
    unit = product["default_uom"]
    return {
        "product": product["id"], "unit": unit, "quantity": float(quantity), "from_location": source,
        "to_location": target, "lot": lot,
    }  # fmt: skip


def priced(price: Any, currency: int) -> Values:
    return {"unit_price": price or decimal("0"), "currency": currency}


def new_lines(values: Sequence[Values]) -> list[Any]:
    """As a One2Many takes them."""
    return [["create", list(values)]] if values else []


def in_pieces(move: Row) -> tuple[int, Any]:
    """How many of the product's own unit a move counts, and the price of one."""
    factor = move["unit."]["factor"] / move["product."]["default_uom."]["factor"]
    price = move["unit_price"]
    if price is not None and factor != 1:
        price = decimal(str(round(Decimal(price["decimal"]) / Decimal(str(factor)), PRICE_DIGITS)))
    return round(move["quantity"] * factor), price


def send(erp: Records, model: str, shipment: Row, target: str) -> None:
    """What was received goes there: Tryton would put everything into storage, whatever its status is."""
    place = erp.location(target)
    of = [["shipment", "=", f"{model},{shipment['id']}"], ["state", "=", "draft"], ["to_location", "!=", place]]
    wrong = erp.rows("stock.move", of)
    if wrong:
        erp.call("stock.move.write", [row["id"] for row in wrong], {"to_location": place})
