"""Whose goods these are that came back or lie here: the supplier by the receipt of the very serial or lot.

A lot is told apart by its first receipt, a serial by its own. What came without either cannot be told apart on the shelf:
for that whoever the item was received from most is named, and for goods that were here before us, too.
"""

from sqlalchemy import bindparam, select, text

from app.db import Tx
from app.schema.documents import po_line, purchase_order
from app.schema.inbound import asn
from app.schema.stock import journal, movement
from app.stock.slots import CUSTOMER

_CAME = (
    select(journal.c.document)
    .select_from(movement.join(journal, journal.c.seq == movement.c.seq))
    .where(
        movement.c.item == bindparam("of_item"),
        movement.c.target != CUSTOMER,
        text("movement.source = '~supplier'"),  # literal, for the partial index
    )
    .order_by(movement.c.seq)
    .limit(1)
)
LOT_CAME = _CAME.where(movement.c.lot == bindparam("of_lot"))
SERIAL_CAME = _CAME.where(movement.c.serial == bindparam("of_serial"))
SUPPLIER_OF = {
    "po": select(purchase_order.c.supplier).where(purchase_order.c.code == bindparam("code")),
    "asn": select(asn.c.supplier).where(asn.c.code == bindparam("code")),
}
USUAL = (
    select(purchase_order.c.supplier)
    .join(po_line, po_line.c.po == purchase_order.c.code)
    .where(po_line.c.item == bindparam("of_item"), purchase_order.c.state != "cancelled")
    .order_by(po_line.c.received.desc(), purchase_order.c.due.desc(), purchase_order.c.code.desc())
    .limit(1)
)


def supplier(tx: Tx, item: str, *, lot: str = "", serial: str = "") -> str:
    """The supplier's code; empty where a receipt names none."""
    lane = tx.value(SERIAL_CAME, of_item=item, of_serial=serial) if serial else None
    if lane is None and lot:
        lane = tx.value(LOT_CAME, of_item=item, of_lot=lot)
    return of_receipt(tx, str(lane)) if lane is not None else str(tx.value(USUAL, of_item=item) or "")


def of_receipt(tx: Tx, lane: str) -> str:
    """The supplier of the document goods were received on."""
    kind, _, code = lane.partition(" ")
    return str(tx.value(SUPPLIER_OF[kind], code=code) or "") if kind in SUPPLIER_OF else ""
