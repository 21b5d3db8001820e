"""What an event becomes in ERPNext: a paper of one document type, submitted as it is inserted, with the event's key.

Bins are the floor's own business; ERPNext knows one warehouse for each status of goods. Goods that change their status are
a Material Transfer between two of them; what is found or lost is a Material Receipt or Issue of just the difference. A
Stock Reconciliation would set a whole balance as of a moment, and events that are still on their way would be counted
twice or not at all. Papers are dated when they arrive, never back: a document dated back makes ERPNext post its ledger
anew, which is slow and has gone wrong (github.com/frappe/erpnext/issues/51562).
An event that needs several papers gives the last its key and the earlier ones `key/1`, `key/2` …: each once, and the event
is known when all of it is there.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from sync.connectors.erpnext.fields import DOCUMENTS, ENTRY, KEY, UNDO
from sync.connectors.erpnext.rest import Filter, Rest, Row

Move = dict[str, Any]  # of an entry: item, lot, quantity, serials, source, target, line


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    doctype: str
    values: Row
    name: str = ""  # of the one it changes; empty: a new one
    key: str = ""  # once it has its place among the event's papers

    @property
    def field(self) -> str:
        return UNDO if self.name else KEY

    @property
    def signed(self) -> Row:
        return {**self.values, self.field: self.key}


def numbered(key: str, papers: Sequence[Paper]) -> Iterator[Paper]:
    for n, paper in enumerate(papers, 1):
        yield msgspec.structs.replace(paper, key=key if n == len(papers) else f"{key}/{n}")


def is_warehouse(place: str) -> bool:
    """The ends of the world, `~lost`, are no warehouse, unless the options name one for them."""
    return not place.startswith("~")


def moved(moves: Sequence[Move], company: str, remarks: str) -> list[Paper]:
    """Stock Entries: https://docs.frappe.io/erpnext/user/manual/en/stock-entry"""
    kinds: defaultdict[str, list[Row]] = defaultdict(list)
    for move in moves:
        source, target = is_warehouse(move["source"]), is_warehouse(move["target"])
        row = {"item_code": move["item"], "qty": move["quantity"], **marks(move)}
        row |= {"s_warehouse": move["source"]} if source else {}
        row |= {"t_warehouse": move["target"]} if target else {}
        if source or target:
            kind = "Material Transfer" if source and target else "Material Issue" if source else "Material Receipt"
            kinds[kind].append(row)
    return [
        Paper(
            doctype=ENTRY,
            values={"docstatus": 1, "stock_entry_type": kind, "company": company, "remarks": remarks, "items": rows},
        )
        for kind, rows in kinds.items()
    ]


def marks(move: Move) -> Row:
    """Lot and serials, from which ERPNext makes the Serial and Batch Bundle itself when the paper is submitted:
    https://github.com/frappe/erpnext/pull/39718
    """
    named: Row = {"batch_no": move["lot"]} if move["lot"] else {}
    named |= {"serial_no": "\n".join(move["serials"])} if move["serials"] else {}
    return {**named, "use_serial_batch_fields": 1} if named else {}


def undone(rest: Rest, key: str) -> list[Paper]:
    """The papers of an event that was taken back, the last first, to be cancelled with the undo's key:
    https://docs.frappe.io/framework/user/en/basics/doctypes/docstatus
    """
    found: list[tuple[str, Paper]] = []
    for document in DOCUMENTS:
        ours: list[Filter] = [[KEY, "like", f"{key}%"], ["docstatus", "!=", 0]]
        for row in rest.all_rows(document, ours, [KEY]):
            if row[KEY] == key or row[KEY].startswith(f"{key}/"):
                found.append((row[KEY], Paper(doctype=document, name=row["name"], values={"docstatus": 2})))
    return [paper for _, paper in sorted(found, key=lambda one: (one[0] != key, one[0]))]
