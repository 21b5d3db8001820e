"""The custom fields that make a document of ERPNext ours: the event's key, UNIQUE there, written with the document.

Frappe inserts and submits a document in one transaction, so the database keeps key and effect together, and the same
event cannot be there twice, whoever sends it. `pickface_undo` is the key of the event that took the first one back, written
with the cancellation; `pickface_complete` says on a Delivery Note that the floor ships no more of the order's round.
They are made at first use by the documented API, which needs the role System Manager; else an administrator makes them
(https://docs.frappe.io/erpnext/user/manual/en/custom-field, docs/erpnext.md).
"""

from typing import Any

from sync.connectors.base import TransportError
from sync.connectors.erpnext.rest import Rest
from sync.connectors.erpnext.troubles import Refused

KEY, UNDO, COMPLETE = "pickface_key", "pickface_undo", "pickface_complete"
RECEIPT, DELIVERY, ENTRY = "Purchase Receipt", "Delivery Note", "Stock Entry"
DOCUMENTS = (RECEIPT, DELIVERY, ENTRY)
LABELS = {KEY: "Pickface Event", UNDO: "Taken Back by Pickface Event", COMPLETE: "Pickface Ships No More"}
WANTED = [*((document, field) for document in DOCUMENTS for field in (KEY, UNDO)), (DELIVERY, COMPLETE)]


def make_sure(rest: Rest) -> None:
    """All of them are there, and the keys are unique. Raises TransportError, which says what an administrator must do."""
    found = rest.rows("Custom Field", [["fieldname", "in", list(LABELS)]], ["dt", "fieldname", "unique"])
    unique = {(row["dt"], row["fieldname"]): bool(row["unique"]) for row in found}
    for document, field in WANTED:
        if (document, field) not in unique:
            _make(rest, document, field)
        elif field != COMPLETE and not unique[document, field]:
            raise TransportError(
                f"{rest.address}: the custom field {field} of {document} is not unique, so an event could be "
                "there twice. Tick Unique on it.",
                permanent=True,
                unknown=False,
            )


def _make(rest: Rest, document: str, field: str) -> None:
    """`no_copy`: a document that is duplicated or amended is another one, and must not carry our key on."""
    ours: dict[str, Any] = {"fieldtype": "Check"} if field == COMPLETE else {"fieldtype": "Data", "unique": 1}
    values = {"dt": document, "fieldname": field, "label": LABELS[field], "read_only": 1, "no_copy": 1, **ours}
    try:
        rest.insert("Custom Field", values)
    except Refused as refused:
        raise TransportError(
            f"{rest.address} does not take the custom field {field} of {document}: {refused.words}",
            permanent=True,
            unknown=False,
            raw=refused.raw,
        ) from None
