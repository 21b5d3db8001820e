"""Rows become messages: each table's rows are read, checked by themselves, and put together with their lines.

What is wrong is collected with file, row and column, never raised: whoever exported the table wants the whole list at
once. Rules that need the database are the next step's.
"""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

import msgspec

from app.importing_columns import check_heading, facts_of, in_words
from app.importing_places import BadPattern, expand
from app.importing_tables import Row, Table, Trouble, rows
from app.work.master import (
    AsnUpsert,
    BarcodeUpsert,
    InspectionCheck,
    InspectionRule,
    ItemUpsert,
    LocationUpsert,
    Message,
    OrderRelease,
    PartyUpsert,
    PurchaseOrderUpsert,
    RmaAuthorised,
    SampleLetter,
    SamplePlan,
)
from app.work.master_opening import OpeningRow
from app.work.master_setup import CartonTypeSetup, RuleSetup, SiteSetup, StationSetup, StrategySetup, WorkerSetup
from app.work.restricted_numbers import RestrictedSetup

MOST_KEPT_ERRORS = 10_000  # then reading stops: the file is another one than meant

MESSAGES: dict[str, type[Message]] = {
    "site": SiteSetup,
    "parties": PartyUpsert,
    "items": ItemUpsert,
    "barcodes": BarcodeUpsert,
    "locations": LocationUpsert,
    "restricted_numbers": RestrictedSetup,
    "stations": StationSetup,
    "carton_types": CartonTypeSetup,
    "putaway_strategies": StrategySetup,
    "workers": WorkerSetup,
    "purchase_orders": PurchaseOrderUpsert,
    "asns": AsnUpsert,
    "receiving_rules": RuleSetup,
    "sample_letters": SampleLetter,
    "sample_plans": SamplePlan,
    "inspection_checks": InspectionCheck,
    "inspection_rules": InspectionRule,
    "orders": OrderRelease,
    "rmas": RmaAuthorised,
    "opening_stock": OpeningRow,
}
LINES_OF = {
    "purchase_orders": ("purchase_order_lines", "purchase_order"),
    "asns": ("asn_lines", "asn"),
    "orders": ("order_lines", "order"),
    "rmas": ("rma_lines", "rma"),
}
OWNER_OF = {lines: name for name, (lines, _) in LINES_OF.items()}
KEYS = {
    "barcodes": ("barcode", "item"),
    "restricted_numbers": ("pattern",),
    "putaway_strategies": ("position",),
    "purchase_order_lines": ("purchase_order", "line"),
    "asn_lines": ("asn", "line"),
    "receiving_rules": ("po", "supplier", "item"),
    "sample_letters": ("level", "lot_from"),
    "sample_plans": ("severity", "letter", "aql"),
    "inspection_checks": ("category", "code"),
    "inspection_rules": ("item", "supplier", "category"),
    "order_lines": ("order", "line"),
    "rma_lines": ("rma", "line"),
    "opening_stock": ("item", "location", "lpn", "lot", "status"),
}
RENAMED = {"barcodes": {"barcode": "code"}, "opening_stock": {"item": "code"}}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A message and the row it came from; for a document also the rows of its lines, by the item they name."""

    message: Message
    file: str
    row: int
    lines: dict[str, tuple[str, int]] = {}

    def place_of(self, missing: str) -> tuple[str, int]:
        """The file and row to look at when `missing` ("item TEA") is not there."""
        return self.lines.get(missing.removeprefix("item "), (self.file, self.row))


class _Head(msgspec.Struct):
    facts: dict[str, Any]
    file: str
    row: int
    lines: list[dict[str, Any]] = []
    rows: dict[str, tuple[str, int]] = {}


class Reader:
    """Reads tables one after the other; `items` holds the messages per table, in the order to apply them."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.items: dict[str, list[Item]] = {name: [] for name in MESSAGES}
        self.seen: dict[str, tuple[str, int]] = {}
        self.errors: list[tuple[str, int, str, str]] = []
        self.left_alone: list[str] = []
        self._heads: dict[str, dict[str, _Head]] = {name: {} for name in LINES_OF}

    def complain(self, file: str, row: int, column: str, sentence: str) -> None:
        self.errors.append((file, row, column, sentence))

    def read(self, table: Table) -> None:
        """All rows of one table."""
        seen: dict[tuple[str, ...], int] = {}
        count = 0
        try:
            for row in rows(table):
                if not count:
                    check_heading(table.name, row)
                count += 1
                self._row(table, row, seen)
                if len(self.errors) > MOST_KEPT_ERRORS:
                    raise Trouble(f"There are more than {MOST_KEPT_ERRORS:,} errors; the rest was not read.")
        except Trouble as trouble:
            self.complain(table.label, trouble.row, trouble.column, trouble.sentence)
        self.seen[table.name] = (table.label, count)

    def _row(self, table: Table, row: Row, seen: dict[tuple[str, ...], int]) -> None:
        name = table.name
        facts, troubles = facts_of(name, row, self.zone)
        for trouble in troubles:
            self.complain(table.label, row.number, trouble.column, trouble.sentence)
        if troubles:
            return
        if name != "locations" and not self._is_first(table, row, seen, KEYS.get(name, ("code",)), facts):
            return
        if name in LINES_OF:
            self._heads[name][facts["code"]] = _Head(facts, table.label, row.number)
        elif name in OWNER_OF:
            self._line(table, row, facts)
        else:
            for each in self._spread(table, row, facts):
                if name == "locations" and not self._is_first(table, row, seen, ("code",), each):
                    continue
                self._keep(name, each, table.label, row.number)

    def _is_first(
        self, table: Table, row: Row, seen: dict[tuple[str, ...], int], key: tuple[str, ...], facts: dict[str, Any]
    ) -> bool:
        values = tuple(str(facts.get(column, "")) for column in key)
        before = seen.setdefault(values, row.number)
        if before == row.number:
            return True
        told = " ".join(value for value in values if value)
        self.complain(table.label, row.number, key[0], f"{told} is already in row {before}.")
        return False

    def _spread(self, table: Table, row: Row, facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """One row as the facts of its messages: a pattern makes many, an item's own barcode goes into its list."""
        if table.name == "locations":
            try:
                yield from expand(facts)
            except BadPattern as problem:
                self.complain(table.label, row.number, problem.column, str(problem))
            return
        own = facts.pop("barcode", None) if table.name == "items" else None
        if own is not None:
            self._keep("barcodes", {"code": own, "item": facts["code"]}, table.label, row.number)
        renamed = RENAMED.get(table.name, {})
        yield {renamed.get(column, column): value for column, value in facts.items()}

    def _line(self, table: Table, row: Row, facts: dict[str, Any]) -> None:
        name = OWNER_OF[table.name]
        owner = LINES_OF[name][1]
        head = self._heads[name].get(facts[owner])
        if head is None:
            what = owner.replace("_", " ")
            self.complain(table.label, row.number, owner, f"There is no {what} {facts[owner]} in {name}.")
            return
        if facts["quantity"] < 1:
            self.complain(table.label, row.number, "quantity", "quantity must be at least 1.")
            return
        head.lines.append({column: value for column, value in facts.items() if column != owner})
        head.rows.setdefault(facts["item"], (table.label, row.number))

    def join(self) -> None:
        """Documents with their lines, once all tables are read."""
        for name, heads in self._heads.items():
            for head in heads.values():
                if not head.lines:
                    self.complain(head.file, head.row, "", f"{head.facts['code']} has no lines in {LINES_OF[name][0]}.")
                    continue
                self._keep(name, {**head.facts, "lines": head.lines}, head.file, head.row, head.rows)

    def _keep(
        self, name: str, facts: dict[str, Any], file: str, row: int, lines: dict[str, tuple[str, int]] | None = None
    ) -> None:
        kind = MESSAGES[name]
        try:
            message = msgspec.convert({**facts, "type": kind.__struct_config__.tag}, kind)
        except msgspec.ValidationError as problem:
            column, sentence = in_words(problem)
            self.complain(file, row, column, sentence)
            return
        self.items[name].append(Item(message=message, file=file, row=row, lines=lines or {}))
