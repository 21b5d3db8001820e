"""What purchase orders still await: the PO, its lines, the item master's word on taking an item in.

A PO takes goods in while it is open or being received, and a line while the ERP still expects something on it. An item
scanned first finds the open POs that await it.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace
from sqlalchemy import bindparam, func, or_, select

from app.db import Tx
from app.errors import State, Wrong
from app.schema.documents import po_line, purchase_order
from app.schema.items import item
from app.stock.events.inbound import ReceivedLine
from app.work import receiving_rules

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
    catch_weight: int
    min_weight_g: int
    max_weight_g: int
    length_mm: int
    weight_g: int

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
    todo = "Put it aside, or tap Problem: it comes in on hold."


class NoOpenPo(State):
    code, title = "no_open_po", "No open PO"
    says = "No open PO has {scanned}."
    todo = "Tap Unplanned: it comes in on hold."


class LineClosed(State):
    code, title = "line_closed", "Line is closed"
    says = "The rest of {scanned} on PO {po} was cancelled: nothing more is received."
    todo = "Put it aside and tell a supervisor."


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


def open_po(tx: Tx, code: str) -> PurchaseOrder:
    """The PO, if it still takes goods in. Raises PoClosed."""
    found = tx.one(PO, PurchaseOrder, code=code)
    if found is None or found.state not in ("open", "receiving"):
        raise PoClosed(scanned=code, state=found.state if found else "gone")
    return found


def is_open(tx: Tx, code: str) -> bool:
    found = tx.one(PO, PurchaseOrder, code=code)
    return found is not None and found.state in ("open", "receiving")


def lines(tx: Tx, po: str) -> list[Line]:
    return tx.all(LINES, Line, po=po)


def item_of(tx: Tx, code: str, *, po: str = "") -> Item:
    """The item; for a PO, with what the house's rows say of it there (receiving_rules.py)."""
    found = tx.one(ITEM, Item, code=code)
    if found is None:
        raise NoOpenPo(scanned=code)
    if not po:
        return found
    terms = receiving_rules.of(tx, po=po, item=code)
    said = bool(found.over_receipt_percent or found.over_receipt_quantity)
    if terms.over is not None and not (said and terms.over_is_wide):
        per_cent, quantity = terms.over
        found = replace(found, over_receipt_percent=per_cent, over_receipt_quantity=quantity)
    if terms.min_shelf_days >= 0 and not (found.min_shelf_days and terms.shelf_is_wide):
        found = replace(found, min_shelf_days=terms.min_shelf_days)
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


def received_lines(all_lines: Sequence[Line]) -> tuple[ReceivedLine, ...]:
    return tuple(
        ReceivedLine(line=line.line, item=line.item, ordered=line.quantity, received=line.received)
        for line in all_lines
    )


def waiting(tx: Tx) -> str:
    count = int(tx.value(COUNT_OPEN) or 0)
    return "" if not count else "1 PO" if count == 1 else f"{count} POs"
