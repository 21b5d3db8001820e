"""What is said of a receipt that was closed with less or more than ordered.

One row a line, each with an owner and a due time, because a difference nobody owns is never settled.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert

from app import clock
from app.db import Tx
from app.schema.work import discrepancy
from app.work.receipts import Line

OWNER = "supervisor"  # who decides on a difference
DECIDE_WITHIN = clock.DAY

NOTE_DISCREPANCY = insert(discrepancy).values(
    **{
        name: bindparam(name)
        for name in (
            "id", "document", "line", "item", "kind", "expected", "found", "reason", "owner", "due", "created",
        )
    }
)  # fmt: skip


def note_discrepancies(tx: Tx, po: str, all_lines: Sequence[Line]) -> int:
    """One row a line that differs from the order, with an owner and a due time. Returns how many."""
    now = clock.now()
    off = [line for line in all_lines if is_off(line)]
    tx.many(
        NOTE_DISCREPANCY,
        [
            {
                "id": clock.new_id(),
                "document": f"po {po}",
                "line": line.line,
                "item": line.item,
                "kind": "short" if line.received < line.quantity else "over",
                "expected": line.quantity,
                "found": line.received,
                "reason": difference(line),
                "owner": OWNER,
                "due": now + DECIDE_WITHIN,
                "created": now,
            }
            for line in off
        ],
    )
    if off:
        tx.tell("discrepancies")
    return len(off)


def is_off(line: Line) -> bool:
    """Short of what is still expected, or over; what the ERP itself no longer expects is not short."""
    return line.received > line.quantity or line.left > 0


def difference(line: Line) -> str:
    """`8 short`, `2 over`, or `complete`."""
    off = line.received - line.quantity
    if not off:
        return "complete"
    return f"{off} over" if off > 0 else f"{-off} short" if line.received else "nothing came"
