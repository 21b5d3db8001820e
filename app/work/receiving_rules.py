"""What holds for goods coming in: blind or not, how much over, how long they must last, how often a pallet is counted,
whether what an order waits for goes straight to it, and whether an item of unknown size is measured.

Rows say it for the house, a supplier, an item, an item of one supplier, or a single PO; what a row does not say (−1) is
left to the next wider one. What the item master itself says stands between the item's row and the supplier's.
"""

import msgspec
from sqlalchemy import bindparam, or_, select

from app.db import Tx
from app.schema.documents import purchase_order
from app.schema.inbound import receiving_rule
from app.work.master_terms import put

SAID_NOT = -1
IN_PARTS = 2  # of cross_dock


class ReceivingRule(msgspec.Struct, frozen=True, kw_only=True):
    """One row. Empty `po`, `supplier` or `item`: any."""

    po: str = ""
    supplier: str = ""
    item: str = ""
    blind: int = SAID_NOT
    over_percent: int = SAID_NOT
    over_quantity: int = SAID_NOT
    min_shelf_days: int = SAID_NOT
    spot_check_percent: int = SAID_NOT
    cross_dock: int = SAID_NOT
    measure: int = SAID_NOT

    @property
    def scope(self) -> tuple[str, str, str]:
        return self.po, self.supplier, self.item

    @property
    def closeness(self) -> int:
        """A PO before an item of a supplier, before an item, before a supplier, before the house."""
        return 4 * bool(self.po) + 2 * bool(self.item) + bool(self.supplier)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows say together for one item of one PO; −1 where none says it."""

    blind: bool = False
    over: tuple[int, int] | None = None  # per cent, quantity
    over_is_wide: bool = True  # said for the supplier or the house only: the item master knows better
    min_shelf_days: int = SAID_NOT
    shelf_is_wide: bool = True
    spot_check_percent: int = 0
    cross_dock: bool = False  # what an order waits for goes straight to it
    cross_dock_parts: bool = False  # also where the order is not made whole by it: what is nowhere is backordered
    measure: bool = False  # an item without a size is measured when it comes


_AS_ASKED = (
    or_(receiving_rule.c.po == "", receiving_rule.c.po == bindparam("of_po")),
    or_(receiving_rule.c.supplier == "", receiving_rule.c.supplier == bindparam("of_supplier")),
    or_(receiving_rule.c.item == "", receiving_rule.c.item == bindparam("of_item")),
)
FITTING = select(receiving_rule).where(*_AS_ASKED)
ALL = select(receiving_rule).order_by(receiving_rule.c.po, receiving_rule.c.supplier, receiving_rule.c.item)
SUPPLIER = select(purchase_order.c.supplier).where(purchase_order.c.code == bindparam("code"))
PUT = put(receiving_rule)


def of(tx: Tx, *, po: str = "", supplier: str = "", item: str = "") -> Terms:
    """The terms for goods of a PO (its supplier is looked up), of a supplier, or of an item of either."""
    supplier = supplier or (str(tx.value(SUPPLIER, code=po) or "") if po else "")
    rows = tx.all(FITTING, ReceivingRule, of_po=po, of_supplier=supplier, of_item=item)
    rows.sort(key=lambda row: -row.closeness)
    over = next((row for row in rows if row.over_percent >= 0 or row.over_quantity >= 0), None)
    shelf = next((row for row in rows if row.min_shelf_days >= 0), None)
    return Terms(
        blind=next((row.blind for row in rows if row.blind >= 0), 0) == 1,
        over=None if over is None else (max(0, over.over_percent), max(0, over.over_quantity)),
        over_is_wide=over is None or over.closeness < 2,
        min_shelf_days=SAID_NOT if shelf is None else shelf.min_shelf_days,
        shelf_is_wide=shelf is None or shelf.closeness < 2,
        spot_check_percent=next((row.spot_check_percent for row in rows if row.spot_check_percent >= 0), 0),
        cross_dock=(docks := next((row.cross_dock for row in rows if row.cross_dock >= 0), 0)) > 0,
        cross_dock_parts=docks == IN_PARTS,
        measure=next((row.measure for row in rows if row.measure >= 0), 0) == 1,
    )


def is_blind(tx: Tx, po: str) -> bool:
    """Is what is expected on this PO hidden from who counts it?"""
    return of(tx, po=po).blind


def everything(tx: Tx) -> list[ReceivingRule]:
    return tx.all(ALL, ReceivingRule)


def change(tx: Tx, row: ReceivingRule) -> None:
    """Make a row so, or add it."""
    tx.run(PUT, **msgspec.structs.asdict(row))
