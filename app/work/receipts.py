"""What a purchase order still lets in, how much more is tolerated, and what is said of it when it is closed.

Tolerance belongs to the item: a percentage of what was ordered, a quantity, or both, and then the smaller holds. Lines of
the same item on one PO are filled in their order, and only the last takes what is more than ordered. A receipt closed
with less or more than ordered leaves one discrepancy a line, each with an owner and a due time, because a difference
nobody owns is never settled.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, func, insert, or_, select

from app import clock
from app.db import Tx
from app.errors import ScanAgain, State, Wrong
from app.schema.documents import po_line, purchase_order
from app.schema.items import item
from app.schema.work import discrepancy
from app.stock.events.inbound import ReceivedLine

OWNER = "supervisor"  # who decides on a difference
DECIDE_WITHIN = clock.DAY
LISTED = 8  # POs offered to choose from


class PurchaseOrder(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    owner: str
    supplier: str
    state: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    item: str
    name: str
    unit: str
    quantity: int
    received: int
    state: str

    @property
    def left(self) -> int:
        return max(0, self.quantity - self.received) if self.state == "open" else 0


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """What the item master says about taking an item in."""

    code: str
    name: str
    unit: str
    lot_tracked: int
    serial_tracked: int
    expiry_tracked: int
    min_shelf_days: int
    over_receipt_percent: int
    over_receipt_quantity: int

    @property
    def needs_lot(self) -> bool:
        return bool(self.lot_tracked or self.expiry_tracked)

    @property
    def asks_expiry(self) -> bool:
        """Asked for where it is tracked, and where a minimum shelf life can only be kept by knowing it."""
        return bool(self.expiry_tracked or (self.lot_tracked and self.min_shelf_days))


class PoClosed(State):
    code, title = "po_closed", "PO is closed"
    says = "PO {scanned} is {state}: nothing more is received on it."
    todo = "Put the goods aside and tell a supervisor."


class NotOnPo(Wrong):
    code, title = "not_on_po", "Not on this PO"
    says = "{scanned} is not on PO {po}."
    todo = "Put it aside. Nothing was counted."


class NoOpenPo(State):
    code, title = "no_open_po", "No open PO"
    says = "No open PO has {scanned}."
    todo = "Put it aside and tell a supervisor."


class LineClosed(State):
    code, title = "line_closed", "Line is closed"
    says = "The rest of {scanned} on PO {po} was cancelled: nothing more is received."
    todo = "Put it aside and tell a supervisor."


class OverOrdered(ScanAgain):
    code, title = "over_ordered", "More than ordered"
    says = "{ordered} × {item} were ordered, {total} would be here: {over} too many."
    todo = "Sure? Do the same again."


class OverTolerance(State):
    code, title = "over_tolerance", "Too many"
    says = "{ordered} × {item} were ordered, at most {most} may come in; {total} would be here."
    todo = "Put the rest aside and tell a supervisor."


_ITEM_COLUMNS = [item.c[name] for name in Item.__struct_fields__]
PO = select(*(purchase_order.c[name] for name in PurchaseOrder.__struct_fields__)).where(
    purchase_order.c.code == bindparam("code")
)
LINES = (
    select(
        po_line.c.line, po_line.c.item, item.c.name, item.c.unit, po_line.c.quantity, po_line.c.received, po_line.c.state
    )
    .join(item, item.c.code == po_line.c.item)
    .where(po_line.c.po == bindparam("po"))
    .order_by(func.length(po_line.c.line), po_line.c.line)
)  # fmt: skip
ITEM = select(*_ITEM_COLUMNS).where(item.c.code == bindparam("code"))
_IS_OPEN = or_(purchase_order.c.state == "open", purchase_order.c.state == "receiving")
OPEN_WITH_ITEM = (
    select(purchase_order.c.code, purchase_order.c.supplier, func.sum(po_line.c.quantity - po_line.c.received))
    .join(po_line, po_line.c.po == purchase_order.c.code)
    .where(po_line.c.item == bindparam("item"), po_line.c.state == "open", _IS_OPEN)
    .group_by(purchase_order.c.code, purchase_order.c.supplier, purchase_order.c.due)
    .order_by(purchase_order.c.due, purchase_order.c.code)
)
COUNT_OPEN = select(func.count()).select_from(purchase_order).where(_IS_OPEN)
NOTE_DISCREPANCY = insert(discrepancy).values(
    **{
        name: bindparam(name)
        for name in (
            "id", "document", "line", "item", "kind", "expected", "found", "reason", "owner", "due", "created",
        )
    }
)  # fmt: skip


def open_po(tx: Tx, code: str) -> PurchaseOrder:
    """The PO, if it still takes goods in. Raises PoClosed."""
    found = tx.one(PO, PurchaseOrder, code=code)
    if found is None or found.state not in ("open", "receiving"):
        raise PoClosed(scanned=code, state=found.state if found else "gone")
    return found


def lines(tx: Tx, po: str) -> list[Line]:
    return tx.all(LINES, Line, po=po)


def item_of(tx: Tx, code: str) -> Item:
    found = tx.one(ITEM, Item, code=code)
    if found is None:
        raise NoOpenPo(scanned=code)
    return found


def open_pos(tx: Tx, code: str) -> list[tuple[str, str, int]]:
    """(PO, supplier, quantity left) of the open POs that await an item; where none awaits more, those that list it.

    Raises NoOpenPo.
    """
    found = [(row[0], row[1], int(row[2])) for row in tx.rows(OPEN_WITH_ITEM, item=code)]
    if not found:
        raise NoOpenPo(scanned=code)
    return [entry for entry in found if entry[2] > 0] or found


def lines_of_item(tx: Tx, po: str, code: str) -> list[Line]:
    """The open lines of an item on a PO. Raises NotOnPo or LineClosed."""
    mine = [line for line in lines(tx, po) if line.item == code]
    if not mine:
        raise NotOnPo(scanned=code, po=po)
    opened = [line for line in mine if line.state == "open"]
    if not opened:
        raise LineClosed(scanned=code, po=po)
    return opened


def tolerated(of: Item, ordered: int) -> int:
    """How many more than ordered may come in without a supervisor; 0 where the item says nothing."""
    limits = [
        limit
        for limit, said in (
            (ordered * of.over_receipt_percent // 100, of.over_receipt_percent),
            (of.over_receipt_quantity, of.over_receipt_quantity),
        )
        if said
    ]
    return min(limits, default=0)


def check_amount(of: Item, mine: Sequence[Line], quantity: int) -> OverOrdered | None:
    """The warning due for `quantity` more of an item, None where it fits the order. Raises OverTolerance."""
    ordered = sum(line.quantity for line in mine)
    total = sum(line.received for line in mine) + quantity
    most = ordered + tolerated(of, ordered)
    if total > most:
        raise OverTolerance(ordered=ordered, item=of.code, most=most, total=total, expected=f"at most {most}")
    if total > ordered:
        return OverOrdered(ordered=ordered, item=of.code, total=total, over=total - ordered, expected=str(ordered))
    return None


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a quantity that one line takes."""

    line: str
    quantity: int
    over: int


def share_out(mine: Sequence[Line], quantity: int) -> list[Share]:
    """A counted quantity over an item's lines: each filled in its order, the last takes what is over."""
    shares: list[Share] = []
    for line in mine[:-1]:
        if taken := min(line.left, quantity):
            shares.append(Share(line=line.line, quantity=taken, over=0))
            quantity -= taken
    if quantity:
        last = mine[-1]
        shares.append(Share(line=last.line, quantity=quantity, over=max(0, quantity - last.left)))
    return shares


def received_lines(all_lines: Sequence[Line]) -> tuple[ReceivedLine, ...]:
    return tuple(
        ReceivedLine(line=line.line, item=line.item, ordered=line.quantity, received=line.received)
        for line in all_lines
    )


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


def waiting(tx: Tx) -> str:
    count = int(tx.value(COUNT_OPEN) or 0)
    return "" if not count else "1 PO" if count == 1 else f"{count} POs"
