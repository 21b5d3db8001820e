"""ERPNext's books in memory: documents by type, unique custom fields, and one transaction a call.

Whatever ends in a refusal leaves the books as they were, key and all, as Frappe rolls back a request that throws.
"""

import copy
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.sync.erpnext_meta import DOCTYPES, Meta
from tests.sync.erpnext_posting import Posting, Refusal, Row

BEGAN = datetime.now().replace(microsecond=0) - timedelta(hours=1)
COMPARE: dict[str, Any] = {
    "=": lambda have, want: have == want,
    "!=": lambda have, want: have != want,
    ">": lambda have, want: have > want,
    ">=": lambda have, want: have >= want,
    "in": lambda have, want: have in want,
    "like": lambda have, want: str(have or "").startswith(want.removesuffix("%")),
}


class Books(Posting):
    def __init__(self) -> None:
        self.tables = {doctype: {} for doctype in DOCTYPES}
        self.stock = Counter()
        self.serials = {}
        self.forbidden: set[str] = set()  # document types our user has no role for
        self.frozen = False  # everything that changes is stamped alike
        self._ticks = 0

    # ── the documented doors ─────────────────────────────────────────────────────────────────────────────────────
    def insert(self, doctype: str, values: Row) -> Row:
        return self._whole(lambda: self._insert(doctype, values))

    def update(self, doctype: str, name: str, values: Row) -> Row:
        return self._whole(lambda: self._update(doctype, name, values))

    def delete(self, doctype: str, name: str) -> None:
        self._may(doctype)
        if self.get(doctype, name).get("docstatus") == 1:
            raise Refusal("ValidationError", "Submitted Record cannot be deleted.")
        del self.tables[doctype][name]

    def get(self, doctype: str, name: str) -> Row:
        self._may(doctype)
        if name not in self.tables[doctype]:
            raise Refusal("DoesNotExistError", f"{doctype} {name} not found")
        return self.tables[doctype][name]

    def rows(
        self, doctype: str, fields: Sequence[str], filters: Sequence[Sequence[Any]], either: Sequence[Sequence[Any]],
        order: str, limit: int, parent: str,
    ) -> Sequence[Row]:  # fmt: skip
        meta = self._may(parent or doctype) and DOCTYPES.get(doctype)
        if meta is None or (meta.of or "") != parent:
            raise Refusal("PermissionError", f"No permission for {doctype}")
        rows = self._bins() if doctype == "Bin" else list(self.tables[doctype].values())
        if meta.of:
            rows = [row for doc in self.tables[meta.of].values() for row in self._children(meta.of, doc, doctype)]
        known = meta.known | self._custom(doctype)
        asked = [
            *fields,
            *(field for field, *_ in [*filters, *either]),
            *(part.split()[0] for part in order.split(",")),
        ]
        if unknown := set(asked) - known:
            raise Refusal("DataError", f"Field not permitted in query: {', '.join(sorted(unknown))}")
        for field, operator, want in filters:
            rows = [row for row in rows if COMPARE[operator](row.get(field), want)]
        if either:
            rows = [row for row in rows if any(COMPARE[how](row.get(field), want) for field, how, want in either)]
        for part in reversed([one.split() for one in order.split(",")]):
            rows.sort(key=lambda row, by=part[0]: row.get(by) or "", reverse=part[1:] == ["desc"])  # type: ignore[misc]
        return [{field: row.get(field) for field in fields} for row in rows[:limit]]

    def batch_qty(self, item: str, warehouse: str) -> Sequence[Row]:
        return [
            {"batch_no": lot, "warehouse": warehouse, "qty": float(quantity)}
            for (of, lot, at), quantity in sorted(self.stock.items())
            if (of, at) == (item, warehouse) and quantity
        ]

    # ── one document ─────────────────────────────────────────────────────────────────────────────────────────────
    def touch(self, doctype: str, row: Row) -> None:
        self._ticks += not self.frozen
        row["modified"] = (BEGAN + timedelta(seconds=self._ticks)).isoformat(" ", "microseconds")

    def _insert(self, doctype: str, values: Row) -> Row:
        meta = self._may(doctype)
        self._check(doctype, meta, values)
        doc: Row = {"doctype": doctype, "docstatus": 0, "status": "Draft", **copy.deepcopy(values)}
        doc["name"] = self._name(doctype, meta, doc)
        if doc["name"] in self.tables[doctype]:
            raise Refusal("DuplicateEntryError", f"{doctype} {doc['name']} already exists")
        for table, child in meta.tables.items():
            doc[table] = [self._child(doc, child, table, at, row) for at, row in enumerate(doc.get(table) or [], 1)]
        self.touch(doctype, doc)
        doc["creation"] = doc["modified"]
        self._unique(doctype, doc)
        self.tables[doctype][doc["name"]] = doc
        if doc["docstatus"] == 1:
            self._submit(doctype, meta, doc)
        return doc

    def _update(self, doctype: str, name: str, values: Row) -> Row:
        doc = self.get(doctype, name)
        self._check(doctype, DOCTYPES[doctype], {**doc, **values}, known_only=set(values))
        if doc.get("docstatus") == 2:
            raise Refusal("ValidationError", "Cannot edit cancelled document")
        cancelled = doc.get("docstatus") == 1 and values.get("docstatus") == 2
        if doc.get("docstatus") == 1 and not cancelled and set(values) - {"status"}:
            raise Refusal("UpdateAfterSubmitError", "Not allowed to change after submission")
        doc.update(copy.deepcopy(values))
        self.touch(doctype, doc)
        self._unique(doctype, doc)
        if cancelled:
            doc["status"] = "Cancelled"
            if doctype in ("Purchase Receipt", "Delivery Note", "Stock Entry"):
                self.submitted(doctype, doc, -1)
        return doc

    def _submit(self, doctype: str, meta: Meta, doc: Row) -> None:
        if not meta.submittable:
            raise Refusal("DocstatusTransitionError", f"{doctype} is not submittable")
        if doctype == "Purchase Order":
            doc["status"] = "To Receive and Bill"
        elif doctype == "Sales Order":
            doc["status"] = "To Deliver and Bill"
        else:
            doc["status"] = "Completed"
            self.submitted(doctype, doc)
        for row in doc["items"] if doctype.endswith("Order") else ():
            done = "received_qty" if doctype == "Purchase Order" else "delivered_qty"
            row |= {"stock_qty": row["qty"] * row["conversion_factor"], done: 0}

    def _child(self, doc: Row, doctype: str, table: str, at: int, row: Row) -> Row:
        self._ticks += 1
        name = row.get("name") or f"row{self._ticks:07d}"
        of = {"parent": doc["name"], "parenttype": doc["doctype"], "parentfield": table}
        return {"doctype": doctype, "idx": at, **row, "name": name, **of, "docstatus": doc["docstatus"]}

    def _children(self, of: str, doc: Row, doctype: str) -> Sequence[Row]:
        return [
            {**row, "docstatus": doc["docstatus"]}
            for table, child in DOCTYPES[of].tables.items()
            for row in doc[table]
            if child == doctype
        ]

    def _name(self, doctype: str, meta: Meta, doc: Row) -> str:
        if doc.get("name"):
            return str(doc["name"])  # a test's own; nothing that comes over the wire names one
        if doctype == "Custom Field":
            return f"{doc['dt']}-{doc['fieldname']}"
        return f"{meta.series}{len(self.tables[doctype]) + 1:05d}" if meta.series else str(doc[meta.named_by])

    def _check(self, doctype: str, meta: Meta, values: Row, known_only: set[str] | None = None) -> None:
        names = set(values) if known_only is None else known_only
        if unknown := names - meta.known - self._custom(doctype):
            raise Refusal("ValidationError", f"{doctype} has no field {', '.join(sorted(unknown))}")
        if missing := [field for field in meta.required if not values.get(field)]:
            raise Refusal("MandatoryError", f"[{doctype}]: {', '.join(missing)}")
        for table, child in meta.tables.items():
            for row in values.get(table) or ():
                if unknown := set(row) - DOCTYPES[child].known:
                    raise Refusal("ValidationError", f"{child} has no field {', '.join(sorted(unknown))}")

    def _unique(self, doctype: str, doc: Row) -> None:
        for field, unique in self._custom_fields(doctype).items():
            for other in self.tables[doctype].values() if unique and doc.get(field) else ():
                if other["name"] != doc["name"] and other.get(field) == doc[field]:
                    raise Refusal("UniqueValidationError", f"{field} must be unique")

    def _custom(self, doctype: str) -> set[str]:
        return set(self._custom_fields(doctype))

    def _custom_fields(self, doctype: str) -> dict[str, bool]:
        fields = [row for row in self.tables["Custom Field"].values() if row["dt"] == doctype]
        return {row["fieldname"]: bool(row.get("unique")) for row in fields}

    def _may(self, doctype: str) -> Meta:
        if doctype not in DOCTYPES:
            raise Refusal("DoesNotExistError", f"DocType {doctype} not found")
        if doctype in self.forbidden:
            raise Refusal("PermissionError", f"No permission for {doctype}")
        return DOCTYPES[doctype]

    def _bins(self) -> list[Row]:
        sums: Counter[tuple[str, str]] = Counter()
        for (item, _, warehouse), quantity in self.stock.items():
            sums[item, warehouse] += quantity
        return [
            {"name": f"bin{item}/{warehouse}", "item_code": item, "warehouse": warehouse, "actual_qty": float(quantity)}
            for (item, warehouse), quantity in sums.items()
        ]

    def _whole(self, work: Any) -> Row:
        before = copy.deepcopy((self.tables, self.stock, self.serials))
        try:
            done: Row = work()
            return done
        except Refusal:
            self.tables, self.stock, self.serials = before
            raise
