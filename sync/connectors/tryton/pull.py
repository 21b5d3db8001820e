"""What Tryton wants known and done: products, places, partners, purchases, customer shipments, returns.

Read by Tryton's own `write_date`, a minute back each time, because a transaction there may be committed later than it
is dated. So the same thing is read more than once; what it says is compared with what the inbox took last, and only
news goes in, with the date as its version. A customer shipment is an order here, so a backorder is a new one. One walk
goes through everything in an order in which each thing comes before what needs it, a page of records at a time.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from app import clock
from sync.connectors.news import News
from sync.connectors.tryton.news import document, item, lines_of, version
from sync.connectors.tryton.plain.records import OURS
from sync.connectors.tryton.rpc import Rpc
from sync.connectors.tryton.serials import Serials

OVERLAP = timedelta(minutes=1)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
A_PAGE = 500  # records in one call
BIN_KIND = "bin"


class Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a walk stands, so that it goes on from there also after a restart."""

    of: str  # the Tryton's address, and the category of serials; another Tryton is read from its beginning
    since: int = 0  # µs: what changed since then is read
    newest: int = 0  # µs: the newest version seen on this walk
    stage: int = 0
    after: int = 0  # the last record read of this stage


Page = tuple[list[dict[str, Any]], list[News]]  # records read, and what they say


class Reader:
    """Reads one warehouse of a Tryton: the one whose storage is `places["available"]`. Other places named there are
    statuses and ends of the world, no bins. A shipment whose field `rest_in` says that it `is_ours` is no order of its own.
    """

    def __init__(
        self, rpc: Rpc, places: Mapping[str, str], rest_in: str, is_ours: Callable[[str], bool], serials: Serials
    ) -> None:
        self._rpc = rpc
        self._places = frozenset(places.values())
        self._storage = places["available"]
        self._rest_in = rest_in
        self._is_ours = is_ours
        self._serials = serials

    def page(self, at: Cursor) -> tuple[list[News], Cursor]:
        """The next page, and where to go on; at stage 0 after record 0 a walk is over. Raises TransportError, ErpSaid."""
        back = clock.as_datetime(at.since) - OVERLAP if at.since else BEGINNING
        stages = (
            self._items,
            self._suppliers,
            self._customers,
            self._bins,
            self._purchases,
            self._orders,
            self._returns,
        )
        rows, news = stages[at.stage](back, at.after)
        newest = max([at.newest, *(one.version for one in news)])
        if len(rows) == A_PAGE:
            return news, msgspec.structs.replace(at, newest=newest, after=rows[-1]["id"])
        if at.stage + 1 < len(stages):
            return news, msgspec.structs.replace(at, newest=newest, stage=at.stage + 1, after=0)
        return news, Cursor(of=at.of, since=max(at.since, newest))

    def _items(self, since: datetime, after: int) -> Page:
        changed = ["OR", *_since(since), *_since(since, "template.")]
        names = ("code", "name", "cost_price", "lot_required", "active", "identifiers.type", "identifiers.code")
        more = ("template.write_date", "template.create_date", *self._serials.asks)
        rows = self._rows("product.product", [["type", "=", "goods"], changed], (*names, *more), after)
        return rows, [item(row, self._serials) for row in rows if row["code"]]

    def _suppliers(self, since: datetime, after: int) -> Page:
        return self._parties("supplier", "purchase.purchase", since, after)

    def _customers(self, since: datetime, after: int) -> Page:
        return self._parties("customer", "sale.sale", since, after)

    def _parties(self, kind: str, model: str, since: datetime, after: int) -> Page:
        """A partner is whatever it was last used as; an address makes it one we ship to or receive from."""
        names = ("party.code", "party.name", "party.create_date", "party.write_date")
        rows = self._rows(model, ["OR", *_since(since)], names, after)
        parties = {row["party."]["code"]: row["party."] for row in rows}
        return rows, [
            News(type="party.upsert", subject=code, version=version(row), body={"kind": kind, "name": row["name"]})
            for code, row in parties.items()
        ]

    def _bins(self, since: datetime, after: int) -> Page:
        """Storage locations with a code below the warehouse's storage, where they are not statuses."""
        below = [["parent.code", "=", self._storage], ["type", "=", "storage"], ["code", "!=", None]]
        rows = self._rows("stock.location", [*below, ["OR", *_since(since)]], ("code",), after)
        return rows, [
            News(type="location.upsert", subject=row["code"], version=version(row), body={"kind": BIN_KIND})
            for row in rows
            if row["code"] not in self._places
        ]

    def _purchases(self, since: datetime, after: int) -> Page:
        here = ["warehouse.storage_location.code", "=", self._storage]
        domain = [here, ["state", "in", ["processing", "cancelled"]], ["OR", *_since(since), *_since(since, "lines.")]]
        names = (
            "number",
            "state",
            "party.code",
            "lines.type",
            "lines.quantity",
            "lines.unit.factor",
            "lines.product.code",
            "lines.product.default_uom.factor",
            *_dates("lines"),
        )
        rows = self._rows("purchase.purchase", domain, names, after)
        told: list[News] = []
        for row in rows:
            lines = lines_of(row["lines."], "type", "line")
            told += document(row, "purchase_order.upsert", "purchase_order.cancel", lines, supplier=row["party."])
        return rows, told

    def _orders(self, since: datetime, after: int) -> Page:
        domain = [
            ["warehouse_storage.code", "=", self._storage],
            ["state", "in", ["waiting", "assigned", "cancelled"]],
            ["OR", *_since(since), *_since(since, "moves.")],
        ]  # fmt: skip
        names = ("number", "state", "customer.code", "customer.name", "delivery_address.full_address", self._rest_in)
        moves = (
            "outgoing_moves.internal_quantity",
            "outgoing_moves.state",
            "outgoing_moves.product.code",
            *_dates("outgoing_moves"),
        )
        rows = self._rows("stock.shipment.out", domain, (*names, *moves), after)
        told: list[News] = []
        for row in rows:
            if self._is_ours(row[self._rest_in] or ""):
                continue  # the rest of an order that is on the floor already
            lines = lines_of(row["outgoing_moves."])
            told += document(
                row, "order.release", "order.cancel", lines, customer=row["customer."],
                name=row["customer."]["name"], address=(row["delivery_address."] or {}).get("full_address") or "",
            )  # fmt: skip
        return rows, told

    def _returns(self, since: datetime, after: int) -> Page:
        here = ["warehouse_storage.code", "=", self._storage]
        domain = [here, ["state", "in", ["draft", "cancelled"]], ["OR", *_since(since), *_since(since, "moves.")]]
        names = ("number", "state", "customer.code", "reference")
        moves = ("incoming_moves.internal_quantity", "incoming_moves.state", "incoming_moves.product.code")
        wanted = (*names, *moves, *_dates("incoming_moves"))
        rows = self._rows("stock.shipment.out.return", domain, wanted, after)
        told: list[News] = []
        for row in rows:
            if OURS in (row["reference"] or "") or any(move["state"] == "done" for move in row["incoming_moves."]):
                continue  # goods are coming in on it: what is expected of them, the floor counts
            lines = lines_of(row["incoming_moves."])
            told += document(row, "rma.authorised", "rma.cancelled", lines, customer=row["customer."])
        return rows, told

    def _rows(self, model: str, domain: Sequence[Any], names: Sequence[str], after: int) -> list[dict[str, Any]]:
        """The next page of records, oldest first; one that is not full is the last."""
        found: list[dict[str, Any]] = self._rpc.call(
            f"model.{model}.search_read",
            [list(domain), ["id", ">", after]], 0, A_PAGE, [["id", "ASC"]], ["id", "create_date", "write_date", *names],
            context={"active_test": False},
        )  # fmt: skip
        return found


def _dates(rows: str) -> tuple[str, str]:
    return f"{rows}.create_date", f"{rows}.write_date"


def _since(when: datetime, through: str = "") -> list[Any]:
    stamp = {
        "__class__": "datetime",
        **{name: getattr(when, name) for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")},
    }
    return [[f"{through}write_date", ">=", stamp], [f"{through}create_date", ">=", stamp]]
