"""What came otherwise than it should: short, over, unplanned, damaged, without a lot, with too short a life.

Each is one row with an owner and a due time, because a difference nobody owns is never settled. Goods that must not be
sold meanwhile stand in quarantine for it, and the row says where. Who received them does not decide on them.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from app import clock
from app.db import Tx
from app.schema.work import discrepancy
from app.stock.slots import Slot
from app.work import chores, exception_codes
from app.work.receipts import Line

ESCALATE_EVERY_S = 60
# Whose row of the exception codes says who decides on a kind of difference, by when, and to whom it goes then.
CODES = {"unplanned": "unplanned_receipt", "wrong_item": "wrong_delivered", "short_shelf_life": "short_shelf_life"}
USUAL_CODE = "receiving_discrepancy"
TITLES = {
    "short": "short", "over": "over", "unplanned": "unplanned", "damaged": "damaged", "no_lot": "no lot on it",
    "short_shelf_life": "shelf life short", "unlabelled": "no label", "wrong_item": "wrong item",
}  # fmt: skip

_ROW = (
    "id", "document", "line", "item", "kind", "expected", "found", "reason", "owner", "due", "created", "worker", "lot",
    "lpn", "location", "quantity",
)  # fmt: skip
NOTE_DISCREPANCY = insert(discrepancy).values(**{name: bindparam(name) for name in _ROW})
SIGN = update(discrepancy).where(discrepancy.c.id == bindparam("which")).values(worker=bindparam("who"))
OVERDUE = (
    select(discrepancy.c.id, discrepancy.c.kind, discrepancy.c.due)
    .where(discrepancy.c.state == "open", discrepancy.c.escalated == 0, discrepancy.c.due < bindparam("now"))
    .order_by(discrepancy.c.due)
    .limit(200)
)
ESCALATE = (
    update(discrepancy)
    .where(discrepancy.c.id == bindparam("which"), discrepancy.c.state == "open")
    .values(owner=bindparam("next_owner"), escalated=bindparam("now"))
)
DROP = delete(discrepancy).where(discrepancy.c.id == bindparam("which"), discrepancy.c.state == "open")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A difference somebody decides on, as it stands."""

    id: str
    document: str
    line: str
    item: str
    kind: str
    expected: int
    found: int
    reason: str
    owner: str
    due: int
    state: str
    created: int
    taken_by: str
    decided: str
    decided_by: str
    closed: int
    escalated: int
    worker: str
    lot: str
    lpn: str
    location: str
    quantity: int  # on hold for it

    @property
    def subject(self) -> str:
        """What its photos belong to."""
        return f"discrepancy {self.id}"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is not as it should be."""

    line: str
    item: str
    kind: str
    expected: int
    found: int
    reason: str


def open_case(
    tx: Tx, key: str, *, kind: str, document: str, line: str, item: str, found: int, target: Slot, reason: str = ""
) -> None:
    """Goods are set aside for a decision; part of the event that received them. `sign` names who did."""
    _note(
        tx,
        [
            _row(
                tx, key, document, Difference(line=line, item=item, kind=kind, expected=0, found=found, reason=reason), "",
                lot=target.lot, lpn=target.lpn, location=target.location, quantity=found,
            )
        ],
    )  # fmt: skip


def sign(tx: Tx, key: str, worker: str) -> None:
    """Who received these goods: not who decides on them."""
    tx.run(SIGN, which=key, who=worker)


def drop_case(tx: Tx, key: str) -> None:
    """The step that opened it was taken back."""
    tx.run(DROP, which=key)
    tx.tell("discrepancies")


def note_discrepancies(tx: Tx, po: str, all_lines: Sequence[Line], worker: str = "") -> int:
    """One row a line that differs from the order, with an owner and a due time. Returns how many."""
    off = [
        Difference(
            line=line.line,
            item=line.item,
            kind="short" if line.received < line.quantity else "over",
            expected=line.quantity,
            found=line.received,
            reason=difference(line),
        )
        for line in all_lines
        if is_off(line)
    ]
    return note(tx, f"po {po}", off, worker)


def note(tx: Tx, document: str, off: Sequence[Difference], worker: str) -> int:
    """Returns how many."""
    _note(tx, [_row(tx, clock.new_id(), document, one, worker) for one in off])
    return len(off)


def escalate(tx: Tx) -> int:
    """What is overdue by more than its code allows goes to the next role, once. Returns how many."""
    now, moved = clock.now(), 0
    for key, kind, due in tx.rows(OVERDUE, now=now):
        code = exception_codes.of(tx, CODES.get(kind, USUAL_CODE))
        if code.escalate_min and due + code.escalate_min * clock.MINUTE < now:
            moved += tx.run(ESCALATE, which=key, next_owner=code.escalate_to, now=now)
    if moved:
        tx.tell("discrepancies")
    return moved


def _row(tx: Tx, key: str, document: str, one: Difference, worker: str, **held: str | int) -> dict[str, object]:
    now, code = clock.now(), exception_codes.of(tx, CODES.get(one.kind, USUAL_CODE))
    return {
        "id": key, "document": document, **msgspec.structs.asdict(one), "owner": code.owner,
        "due": now + code.due_min * clock.MINUTE, "created": now, "worker": worker, "lot": "", "lpn": "",
        "location": "", "quantity": 0, **held,
    }  # fmt: skip


def _note(tx: Tx, rows: list[dict[str, object]]) -> None:
    tx.many(NOTE_DISCREPANCY, rows)
    if rows:
        tx.tell("discrepancies")


def is_off(line: Line) -> bool:
    """Short of what is still expected, or over; what the ERP itself no longer expects is not short."""
    return line.received > line.quantity or line.left > 0


def difference(line: Line) -> str:
    """`8 short`, `2 over`, or `complete`."""
    off = line.received - line.quantity
    if not off:
        return "complete"
    return f"{off} over" if off > 0 else f"{-off} short" if line.received else "nothing came"


def so_far(line: Line, *, open: bool) -> str:
    """As `difference`; while its document is open, what did not come yet is none: `8 to come`."""
    return f"{line.left} to come" if open and line.left else difference(line)


chores.register("escalation of overdue differences", ESCALATE_EVERY_S, escalate)
