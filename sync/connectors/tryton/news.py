"""What Tryton's records say, in the words of the inbox: an item, a document with its lines, and which version of it that is."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from app import clock
from sync.connectors.news import News
from sync.connectors.tryton.serials import Serials


def item(row: dict[str, Any], serials: Serials) -> News:
    template = row.get("template.") or {}
    by_piece = serials.has(template)
    codes = [one["code"] for one in row.get("identifiers.", ()) if one["type"] in ("ean", "upc", "isbn", None)]
    return News(
        type="item.upsert",
        subject=row["code"],
        version=version(row, template),
        body={
            "name": row["name"],
            "lot_tracked": bool(row["lot_required"]) and not by_piece,
            **({"serial_tracked": True} if by_piece else {}),
            "standard_cost": round(_number(row["cost_price"]) * 100),
            "active": row["active"],
            **({"barcodes": [{"code": code} for code in codes]} if codes else {}),
        },
    )


def document(
    row: dict[str, Any], upsert: str, cancel: str, lines: list[dict[str, Any]], **heads: Any
) -> Iterator[News]:  # fmt: skip
    if not row["number"]:
        return
    newest = version(row, *(row.get("lines.") or row.get("outgoing_moves.") or row.get("incoming_moves.") or ()))
    if row["state"] == "cancelled":
        yield News(type=cancel, subject=row["number"], version=newest, body={})
    elif lines:
        told = {
            name: (value or {}).get("code") or "" if isinstance(value, dict) else value for name, value in heads.items()
        }
        yield News(type=upsert, subject=row["number"], version=newest, body={**told, "lines": lines})


def lines_of(rows: Sequence[dict[str, Any]], name: str = "state", value: str = "") -> list[dict[str, Any]]:
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


def version(*rows: dict[str, Any]) -> int:
    """µs of the newest date among them."""
    dates = [row.get(name) for row in rows for name in ("create_date", "write_date")]
    return max(_micros(date) for date in dates if date)


def _micros(date: dict[str, int]) -> int:
    parts = [date[name] for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")]
    return round(datetime(*parts, tzinfo=UTC).timestamp() * clock.SECOND)  # type: ignore[arg-type,misc]


def _number(value: Any) -> float:
    return float(value["decimal"]) if isinstance(value, dict) else float(value or 0)
