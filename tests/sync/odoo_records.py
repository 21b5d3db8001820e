"""Odoo's records in memory, as far as the connector's documented calls reach: models, fields, domains, constraints.

Nothing here is lenient: a model, a field, an operator or a value that Odoo does not have is refused with the exception
Odoo raises, and a call that fails leaves nothing behind. Field names are those of Odoo 19 (its `/doc` page, or
https://github.com/odoo/odoo/tree/19.0/addons/stock/models and its neighbours).
"""

import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

Row = dict[str, Any]
LOG_DATE = "%Y-%m-%d %H:%M:%S.%f"

# Field → its kind: a plain type, a model (many2one), or "model.inverse" after a star (one2many).
MODELS: dict[str, dict[str, str]] = {
    "uom.uom": {"name": "char", "factor": "float"},
    "product.template": {"name": "char"},
    "product.product": {
        "product_tmpl_id": "product.template", "name": "char", "default_code": "char", "barcode": "char",
        "uom_id": "uom.uom", "tracking": "char", "standard_price": "float", "is_storable": "bool", "active": "bool",
    },
    "product.uom": {"product_id": "product.product", "uom_id": "uom.uom", "barcode": "char"},
    "res.partner": {
        "name": "char", "ref": "char", "contact_address": "char", "supplier_rank": "int", "customer_rank": "int",
    },
    "stock.warehouse": {"code": "char"},
    "stock.location": {"complete_name": "char", "usage": "char"},
    "stock.picking.type": {"code": "char", "warehouse_id": "stock.warehouse", "active": "bool"},
    "stock.lot": {"name": "char", "product_id": "product.product", "expiration_date": "char"},
    "purchase.order": {
        "name": "char", "state": "char", "partner_id": "res.partner", "picking_type_id": "stock.picking.type",
        "receipt_status": "char", "order_line": "*purchase.order.line.order_id",
    },
    "purchase.order.line": {
        "order_id": "purchase.order", "product_id": "product.product", "product_uom_qty": "float",
        "qty_received": "float",
    },
    "stock.picking": {
        "name": "char", "state": "char", "origin": "char", "partner_id": "res.partner",
        "picking_type_id": "stock.picking.type", "location_id": "stock.location", "location_dest_id": "stock.location",
        "backorder_id": "stock.picking", "move_ids": "*stock.move.picking_id",
    },
    "stock.move": {
        "picking_id": "stock.picking", "product_id": "product.product", "product_uom": "uom.uom",
        "product_uom_qty": "float", "product_qty": "float", "state": "char", "picked": "bool",
        "location_id": "stock.location", "location_dest_id": "stock.location", "to_refund": "bool",
        "purchase_line_id": "purchase.order.line", "origin_returned_move_id": "stock.move",
        "move_line_ids": "*stock.move.line.move_id",
    },
    "stock.move.line": {
        "move_id": "stock.move", "product_id": "product.product", "product_uom_id": "uom.uom", "quantity": "float",
        "lot_id": "stock.lot", "location_id": "stock.location", "location_dest_id": "stock.location", "picked": "bool",
    },
    "stock.quant": {
        "product_id": "product.product", "location_id": "stock.location", "lot_id": "stock.lot", "quantity": "float",
    },
}  # fmt: skip
REQUIRED = {
    "stock.picking": ("picking_type_id", "location_id", "location_dest_id"),
    "stock.move": ("product_id", "location_id", "location_dest_id"),
    "stock.lot": ("product_id", "name"),
}
SHOWN_AS = {"stock.location": "complete_name", "stock.warehouse": "code", "stock.picking.type": "code"}
DEFAULTS = {"state": "draft", "active": True, "tracking": "none"}


class OdooError(Exception):
    """An exception as Odoo's JSON-2 endpoint answers it."""

    def __init__(self, name: str, message: str, status: int) -> None:
        super().__init__(message)
        self.name, self.message, self.status = name, message, status

    @classmethod
    def user(cls, message: str, name: str = "UserError") -> "OdooError":
        return cls(f"odoo.exceptions.{name}", message, 422)


class Records:
    """Tables by model, rows by id. Writes are whole or not at all: `put_back` undoes what a failure left."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[int, Row]] = {model: {} for model in MODELS}
        self.last_id = 0
        self._before: list[tuple[str, int, Row | None]] = []  # each row that was touched, as it was; None: it is new

    def begin(self) -> None:
        self._before.clear()

    def put_back(self) -> None:
        """As it was when the transaction began."""
        for model, id, row in reversed(self._before):
            if row is None:
                del self.tables[model][id]
            else:
                self.tables[model][id] = row
        self._before.clear()

    def of(self, model: str, id: int) -> Row:
        if id not in self.tables[model]:
            missing = f"Record does not exist or has been deleted.\n(Record: {model}({id},), User: 7)"
            raise OdooError("odoo.exceptions.MissingError", missing, 404)
        return self.tables[model][id]

    def add(self, model: str, **values: Any) -> int:
        fields = _known(model, values)
        if lacking := [name for name in REQUIRED.get(model, ()) if not values.get(name)]:
            raise OdooError.user(f"The operation cannot be completed: required field {lacking[0]}", "ValidationError")
        self.last_id += 1
        row = {name: DEFAULTS.get(name, False) for name, kind in fields.items() if not kind.startswith("*")}
        numbers = {name: 0.0 for name, kind in fields.items() if kind in ("float", "int")}
        self.tables[model][self.last_id] = row | numbers | {"id": self.last_id}
        self._before.append((model, self.last_id, None))
        id = self.last_id
        self.change(model, id, **values)
        return id

    def change(self, model: str, id: int, **values: Any) -> None:
        fields, row = _known(model, values), self.of(model, id)
        self._before.append((model, id, dict(row)))
        for name, value in values.items():
            kind = fields[name]
            if kind.startswith("*"):
                self._command(kind[1:], id, value)
            elif kind in MODELS and value:
                self.of(kind, value)
                row[name] = value
            else:
                row[name] = msgspec.convert(value, _TYPES.get(kind, int | bool))
        row["write_date"] = datetime.fromtimestamp(time.time(), UTC).strftime(LOG_DATE)
        self.check(model, row)

    def check(self, model: str, row: Row) -> None:
        """What the tables themselves will not hold."""
        same = ("name", "product_id") if model == "stock.lot" else ("name",)
        if model in ("stock.picking", "stock.lot") and row["name"]:
            for other in self.tables[model].values():
                if other["id"] != row["id"] and all(other[name] == row[name] for name in same):
                    raise OdooError.user("Reference must be unique per company!", "ValidationError")

    def remove(self, model: str, id: int) -> None:
        self._before.append((model, id, self.tables[model].pop(id)))

    def _command(self, target: str, of: int, commands: Sequence[Any]) -> None:
        model, _, inverse = target.rpartition(".")
        for command in commands:
            match command:
                case [0, 0, dict(values)]:
                    self.add(model, **values, **{inverse: of})
                case [1, int(id), dict(values)]:
                    self.change(model, id, **values)
                case [5, 0, 0]:
                    for id in [row["id"] for row in self.tables[model].values() if row[inverse] == of]:
                        self.remove(model, id)
                case _:
                    raise OdooError("builtins.ValueError", f"Unknown command {command!r}", 500)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────
    def search(self, model: str, domain: Sequence[Any]) -> list[Row]:
        terms = list(domain)
        for path in [term[0] for term in terms if not isinstance(term, str)]:
            _follow(model, path)
        found = list(self.tables[model].values())
        while terms:
            test, terms = self._test(model, terms)
            found = [row for row in found if test(row)]
        return found

    def read(self, model: str, row: Row, names: Sequence[str]) -> Row:
        told: Row = {"id": row["id"]}
        for name in names:
            kind = _known(model, {name: 0})[name]
            value = row.get(name)
            if kind.startswith("*"):
                child, _, inverse = kind[1:].rpartition(".")
                value = [line["id"] for line in self.tables[child].values() if line[inverse] == row["id"]]
            elif kind in MODELS and value:
                value = [value, self.tables[kind][value].get(SHOWN_AS.get(kind, "name"), "")]
            elif name == "write_date":
                value = row[name][:19]  # Odoo tells whole seconds
            told[name] = value
        return told

    def expect(self, model: str, names: Sequence[str]) -> None:
        """Refuse a field the model does not have, whether there is anything to read or not."""
        _known(model, dict.fromkeys(names))

    def _test(self, model: str, terms: list[Any]) -> tuple[Any, list[Any]]:
        head, rest = terms[0], terms[1:]
        if head in ("|", "&"):
            left, rest = self._test(model, rest)
            right, rest = self._test(model, rest)
            either = head == "|"
            return (lambda row: left(row) or right(row) if either else left(row) and right(row)), rest
        path, operator, value = head
        if operator not in _OPERATORS:
            raise OdooError("builtins.ValueError", f"Invalid operator {operator!r} in domain term {head!r}", 500)
        holds = _OPERATORS[operator]
        if "." not in path:
            return (lambda row: holds(row.get(path), value)), rest
        return (lambda row: any(holds(got, value) for got in self._values(model, row, path))), rest

    def _values(self, model: str, row: Row, path: str) -> Iterator[Any]:
        name, _, rest = path.partition(".")
        kind = _known(model, {name: 0})[name]
        if not rest:
            yield row.get(name)
        elif kind.startswith("*"):
            child, _, inverse = kind[1:].rpartition(".")
            for line in [line for line in self.tables[child].values() if line[inverse] == row["id"]]:
                yield from self._values(child, line, rest)
        elif row[name]:
            yield from self._values(kind, self.tables[kind][row[name]], rest)


def _known(model: str, values: Row) -> dict[str, str]:
    """The model's fields, where it has all of these."""
    fields = {**MODELS[model], "id": "int", "write_date": "char"}
    for name in values:
        if name not in fields:
            raise OdooError("builtins.ValueError", f"Invalid field {name!r} on {model!r}", 500)
    return fields


def _follow(model: str, path: str) -> None:
    """Is there such a field, through the models between?"""
    name, _, rest = path.partition(".")
    kind = _known(model, {name: 0})[name]
    if rest:
        _follow(kind[1:].rpartition(".")[0] if kind.startswith("*") else kind, rest)


@lru_cache(maxsize=1000)
def _pattern(like: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|%|_|[^\\%_]+", like)
    read = {"%": ".*", "_": "."}
    regex = "".join(read.get(part) or re.escape(part[1:] if part[0] == "\\" else part) for part in parts)
    return re.compile(regex, re.DOTALL)


def _like(got: Any, pattern: str) -> bool:
    return bool(got) and _pattern(pattern).fullmatch(got) is not None


_TYPES: dict[str, Any] = {"char": str | bool, "float": float, "int": int, "bool": bool}
_OPERATORS: dict[str, Any] = {
    "=": lambda got, value: got == value,
    "!=": lambda got, value: got != value,
    "in": lambda got, value: got in value,
    "not in": lambda got, value: got not in value,
    ">": lambda got, value: bool(got) and got > value,
    ">=": lambda got, value: bool(got) and got >= value,
    "=like": _like,
}
