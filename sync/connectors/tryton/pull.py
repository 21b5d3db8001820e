"""What Tryton wants known and done: products, places, partners, purchases, customer shipments, returns.

Read by Tryton's own `write_date`, a minute back each time, because a transaction there may be committed later than it
is dated. So the same thing is read more than once; what it says is compared with what the inbox took last, and only
news goes in, with the date as its version. A customer shipment is an order here, so a backorder is a new one.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from app import clock
from sync.connectors.tryton.rpc import Rpc

OVERLAP = timedelta(minutes=1)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
A_PAGE = 500  # records in one call
BIN_KIND = "bin"


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What Tryton says of one thing, and which version of it that is (µs)."""

    type: str
    subject: str
    version: int
    body: dict[str, Any]

    def event(self, source: str) -> bytes:
        """As the inbox wants it; what says something else never has the same id."""
        data = msgspec.json.encode(self.body)
        id = f"{self.type} {self.subject} {self.version} {hashlib.sha256(data).hexdigest()[:8]}"
        facts = {"id": id, "source": source, "type": self.type, "subject": self.subject, "version": self.version}
        return msgspec.json.encode({"specversion": "1.0", **facts, "data": msgspec.Raw(data)})


class Reader:
    """Reads one warehouse of a Tryton: the one whose storage is `places["available"]`. Other places named there are
    statuses and ends of the world, no bins.
    """

    def __init__(self, rpc: Rpc, places: Mapping[str, str]) -> None:
        self._rpc = rpc
        self._places = frozenset(places.values())
        self._storage = places["available"]

    def news(self, since: int) -> Iterator[News]:
        """All since that µs, in an order in which each thing comes before what needs it. Raises TransportError or ErpSaid."""
        back = clock.as_datetime(since) - OVERLAP if since else BEGINNING
        yield from self._items(back)
        yield from self._parties(back)
        yield from self._bins(back)
        yield from self._purchases(back)
        yield from self._orders(back)
        yield from self._returns(back)

    def _items(self, since: datetime) -> Iterator[News]:
        changed = ["OR", *_since(since), *_since(since, "template.")]
        names = ("code", "name", "cost_price", "lot_required", "active", "identifiers.type", "identifiers.code")
        for row in self._rows(
            "product.product",
            [["type", "=", "goods"], changed],
            (*names, "template.write_date", "template.create_date"),
        ):
            if not row["code"]:
                continue
            codes = [one["code"] for one in row.get("identifiers.", ()) if one["type"] in ("ean", "upc", "isbn", None)]
            yield News(
                type="item.upsert",
                subject=row["code"],
                version=_version(row, row.get("template.") or {}),
                body={
                    "name": row["name"],
                    "lot_tracked": bool(row["lot_required"]),
                    "standard_cost": round(_number(row["cost_price"]) * 100),
                    "active": row["active"],
                    **({"barcodes": [{"code": code} for code in codes]} if codes else {}),
                },
            )

    def _parties(self, since: datetime) -> Iterator[News]:
        """A partner is whatever it was last used as; an address makes it one we ship to or receive from."""
        for kind, model in (("supplier", "purchase.purchase"), ("customer", "sale.sale")):
            rows = self._rows(
                model, ["OR", *_since(since)], ("party.code", "party.name", "party.create_date", "party.write_date")
            )
            for code, row in {row["party."]["code"]: row["party."] for row in rows}.items():
                yield News(
                    type="party.upsert", subject=code, version=_version(row), body={"kind": kind, "name": row["name"]}
                )

    def _bins(self, since: datetime) -> Iterator[News]:
        """Storage locations with a code below the warehouse's storage, where they are not statuses."""
        domain = [
            ["parent.code", "=", self._storage],
            ["type", "=", "storage"],
            ["code", "!=", None],
            ["OR", *_since(since)],
        ]
        for row in self._rows("stock.location", domain, ("code",)):
            if row["code"] not in self._places:
                yield News(type="location.upsert", subject=row["code"], version=_version(row), body={"kind": BIN_KIND})

    def _purchases(self, since: datetime) -> Iterator[News]:
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
        for row in self._rows("purchase.purchase", domain, names):
            lines = _lines(row["lines."], "type", "line")
            yield from _document(row, "purchase_order.upsert", "purchase_order.cancel", lines, supplier=row["party."])

    def _orders(self, since: datetime) -> Iterator[News]:
        domain = [
            ["warehouse_storage.code", "=", self._storage],
            ["state", "in", ["waiting", "assigned", "cancelled"]],
            ["OR", *_since(since), *_since(since, "moves.")],
        ]  # fmt: skip
        names = ("number", "state", "customer.code", "customer.name", "pickface_order", "delivery_address.full_address")
        moves = (
            "outgoing_moves.internal_quantity",
            "outgoing_moves.state",
            "outgoing_moves.product.code",
            *_dates("outgoing_moves"),
        )
        for row in self._rows("stock.shipment.out", domain, (*names, *moves)):
            if row["pickface_order"]:
                continue  # the rest of an order that is on the floor already
            lines = _lines(row["outgoing_moves."])
            told = {
                "name": row["customer."]["name"],
                "address": (row["delivery_address."] or {}).get("full_address") or "",
            }
            yield from _document(row, "order.release", "order.cancel", lines, customer=row["customer."], **told)

    def _returns(self, since: datetime) -> Iterator[News]:
        here = ["warehouse_storage.code", "=", self._storage]
        domain = [here, ["state", "in", ["draft", "cancelled"]], ["OR", *_since(since), *_since(since, "moves.")]]
        names = ("number", "state", "customer.code")
        moves = ("incoming_moves.internal_quantity", "incoming_moves.state", "incoming_moves.product.code")
        for row in self._rows("stock.shipment.out.return", domain, (*names, *moves, *_dates("incoming_moves"))):
            if any(move["state"] == "done" for move in row["incoming_moves."]):
                continue  # goods are coming in on it: what is expected of them, the floor counts
            lines = _lines(row["incoming_moves."])
            yield from _document(row, "rma.authorised", "rma.cancelled", lines, customer=row["customer."])

    def _rows(self, model: str, domain: Sequence[Any], names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Page by page, oldest first; a page that is not full is the last."""
        wanted = ["id", "create_date", "write_date", *names]
        for page in range(10_000):
            rows = self._rpc.call(
                f"model.{model}.search_read",
                list(domain), page * A_PAGE, A_PAGE, [["id", "ASC"]], wanted,
                context={"active_test": False},
            )  # fmt: skip
            yield from rows
            if len(rows) < A_PAGE:
                return


def _document(
    row: dict[str, Any], upsert: str, cancel: str, lines: list[dict[str, Any]], **heads: Any
) -> Iterator[News]:  # fmt: skip
    if not row["number"]:
        return
    version = _version(row, *(row.get("lines.") or row.get("outgoing_moves.") or row.get("incoming_moves.") or ()))
    if row["state"] == "cancelled":
        yield News(type=cancel, subject=row["number"], version=version, body={})
    elif lines:
        told = {
            name: (value or {}).get("code") or "" if isinstance(value, dict) else value for name, value in heads.items()
        }
        yield News(type=upsert, subject=row["number"], version=version, body={**told, "lines": lines})


def _lines(rows: Sequence[dict[str, Any]], name: str = "state", value: str = "") -> list[dict[str, Any]]:
    """The lines as the floor knows them, by Tryton's own number for each; those done or called off are left out."""
    return [
        {"line": str(row["id"]), "item": row["product."]["code"], "quantity": quantity}
        for row in rows
        if (row[name] == value if value else row[name] not in ("done", "cancelled"))
        and row["product."]
        and (quantity := _base_units(row)) > 0
    ]


def _base_units(row: dict[str, Any]) -> int:
    """A move knows its quantity in the product's own unit; a purchase line may count in dozens."""
    if "internal_quantity" in row:
        pieces: float = row["internal_quantity"]
    else:
        pieces = row["quantity"] * row["unit."]["factor"] / row["product."]["default_uom."]["factor"]
    return round(pieces)


def _dates(rows: str) -> tuple[str, str]:
    return f"{rows}.create_date", f"{rows}.write_date"


def _since(when: datetime, through: str = "") -> list[Any]:
    stamp = {
        "__class__": "datetime",
        **{name: getattr(when, name) for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")},
    }
    return [[f"{through}write_date", ">=", stamp], [f"{through}create_date", ">=", stamp]]


def _version(*rows: dict[str, Any]) -> int:
    """µs of the newest date among them."""
    dates = [row.get(name) for row in rows for name in ("create_date", "write_date")]
    return max(_micros(date) for date in dates if date)


def _micros(date: dict[str, int]) -> int:
    parts = [date[name] for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")]
    return round(datetime(*parts, tzinfo=UTC).timestamp() * clock.SECOND)  # type: ignore[arg-type,misc]


def _number(value: Any) -> float:
    return float(value["decimal"]) if isinstance(value, dict) else float(value or 0)
