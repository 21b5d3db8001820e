"""What a code that somebody types or scans at the desk can mean, the most precise first.

A code can mean several things (a lot of two items), so the page shows the first and links the others.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, or_, select

from app.db import Tx
from app.desk.words import said
from app.schema.documents import purchase_order, sales_order
from app.schema.items import item, item_barcode, lot
from app.schema.people import worker
from app.schema.places import location
from app.schema.returns import return_parcel, rma
from app.schema.stock import lpn, serial

MOST_MEANINGS = 8
KINDS = ["serial", "lpn", "order", "po", "rma", "lot", "item", "location", "worker"]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a code means."""

    kind: str
    code: str
    item: str = ""
    told: str = ""

    @property
    def title(self) -> str:
        names = {"lpn": "LPN", "po": "PO", "rma": "RMA"}
        return f"{names.get(self.kind, said(self.kind))} {self.code}"


ASKED: Any = bindparam("q")
FIND: dict[str, Any] = {
    "serial": select(serial.c.serial, serial.c.item, serial.c.location).where(serial.c.serial == ASKED),
    "lpn": select(lpn.c.code, lpn.c.kind, lpn.c.location).where(lpn.c.code == ASKED),
    "order": select(sales_order.c.code, sales_order.c.name, sales_order.c.state).where(sales_order.c.code == ASKED),
    "po": select(purchase_order.c.code, purchase_order.c.supplier, purchase_order.c.state).where(
        purchase_order.c.code == ASKED
    ),
    "rma": select(rma.c.code, rma.c.order_code, rma.c.state).where(
        or_(
            rma.c.code == ASKED,
            and_(rma.c.tracking != "", rma.c.tracking == ASKED),
            rma.c.code.in_(select(return_parcel.c.rma).where(return_parcel.c.code == ASKED)),
        )
    ),
    "lot": select(lot.c.lot, lot.c.item, lot.c.expiry).where(lot.c.lot == ASKED),
    "item": select(item.c.code, item.c.name, item.c.category)
    .where(or_(item.c.code == ASKED, item.c.code.in_(select(item_barcode.c.item).where(item_barcode.c.code == ASKED)))),
    "location": select(location.c.code, location.c.zone, location.c.kind).where(
        or_(location.c.code == ASKED, and_(location.c.barcode != "", location.c.barcode == ASKED))
    ),
    "worker": select(worker.c.code, worker.c.name, worker.c.roles).where(
        or_(worker.c.code == ASKED, worker.c.badge == ASKED)
    ),
}  # fmt: skip
FIND = {kind: statement.limit(MOST_MEANINGS) for kind, statement in FIND.items()}


def meanings(tx: Tx, code: str) -> list[Subject]:
    """Everything a code is known as, the most precise first."""
    found: list[Subject] = []
    for kind in KINDS:
        for row in tx.rows(FIND[kind], q=code):
            found.append(_MEANS[kind](row))
    return found[:MOST_MEANINGS]


def _of_item(kind: str) -> Callable[[Any], Subject]:
    return lambda row: Subject(kind=kind, code=row[0], item=row[1], told=row[2])


def _by_itself(kind: str) -> Callable[[Any], Subject]:
    return lambda row: Subject(kind=kind, code=row[0], told=" · ".join(part for part in row[1:] if part))


_MEANS: dict[str, Callable[[Any], Subject]] = {
    kind: _of_item(kind) if kind in ("serial", "lot") else _by_itself(kind) for kind in KINDS
}
