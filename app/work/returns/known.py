"""Reads of what came back: an RMA, a parcel, its pieces, and what was shipped to whom."""

import msgspec
from sqlalchemy import bindparam, exists, func, select

from app import clock
from app.db import Tx
from app.schema.documents import order_line, sales_order
from app.schema.items import item, lot
from app.schema.returns import return_parcel, returned, rma, rma_line
from app.schema.stock import movement
from app.stock.slots import CUSTOMER, Slot, Status

MOST = 200  # pieces of one parcel shown at once


class Rma(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    order_code: str
    customer: str
    tracking: str
    state: str
    expires: int
    decision: str
    decided: str
    replacement: str


class RmaLine(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    item: str
    name: str
    quantity: int
    returned: int
    reason: str
    wish: str
    serials: str


class Parcel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A parcel on the table. It is written down with its first piece."""

    code: str
    rma: str = ""
    order_code: str = ""
    customer: str = ""
    label: str = ""
    location: str = ""

    @property
    def named(self) -> str:
        return f"RMA {self.rma}" if self.rma else f"Order {self.order_code}" if self.order_code else "Unknown parcel"


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that came back, as they are now."""

    piece: str
    parcel: str
    rma: str
    rma_line: str
    order_code: str
    customer: str
    item: str
    lot: str
    serial: str
    quantity: int
    location: str
    lpn: str
    status: Status
    reason: str
    wish: str
    flags: str
    answers: str
    grade: str
    proposed: str
    disposition: str
    why: str
    override_reason: str
    approver: str
    state: str
    received_by: str
    inspected_by: str
    disposed_by: str
    received_at: int
    inspected_at: int
    disposed_at: int
    value: int
    decided: str
    decided_by: str
    decided_because: str
    left_to: str
    left_reference: str
    left_at: int
    left_carrier: str = ""
    left_service: str = ""

    @property
    def slot(self) -> Slot:
        return Slot(location=self.location, lpn=self.lpn, lot=self.lot, status=self.status)

    @property
    def subject(self) -> str:
        """What its photos belong to."""
        return f"return {self.piece}"

    @property
    def is_held(self) -> bool:
        """Something about it is for the desk to decide."""
        return bool(self.flags)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    category: str
    unit: str
    lot_tracked: int
    serial_tracked: int
    standard_cost: int


def _of(struct: type[msgspec.Struct], table: object) -> list[object]:
    return [table.c[name] for name in struct.__struct_fields__]  # type: ignore[attr-defined]


_RMA = select(*_of(Rma, rma))  # type: ignore[call-overload]
RMA = _RMA.where(rma.c.code == bindparam("which"))
RMAS_OF_ORDER = _RMA.where(
    rma.c.order_code == bindparam("which"), (rma.c.state == "open") | (rma.c.state == "receiving")
).limit(10)
TRACKED = _RMA.where(rma.c.tracking == bindparam("which"), rma.c.tracking != "").order_by(rma.c.created.desc()).limit(2)
LINES = (
    select(
        rma_line.c.line, rma_line.c.item, func.coalesce(item.c.name, "").label("name"), rma_line.c.quantity,
        rma_line.c.returned, rma_line.c.reason, rma_line.c.wish, rma_line.c.serials,
    )
    .select_from(rma_line.outerjoin(item, item.c.code == rma_line.c.item))
    .where(rma_line.c.rma == bindparam("which"))
    .order_by(rma_line.c.line)
)  # fmt: skip
ORDER = select(sales_order.c.code, sales_order.c.customer).where(sales_order.c.code == bindparam("which"))
ON_THE_TABLE = 10 * clock.MINUTE  # since its last piece
OPEN_PARCEL = (
    select(return_parcel.c.code)
    .where(
        return_parcel.c.state == "open",
        return_parcel.c.rma == bindparam("of_rma"),
        return_parcel.c.order_code == bindparam("of_order"),
        return_parcel.c.label == bindparam("of_label"),
        # not the one somebody else has on the table: a customer may send two parcels of one order
        ~exists(
            select(returned.c.piece).where(
                returned.c.parcel == return_parcel.c.code,
                returned.c.received_by != "",
                returned.c.received_by != bindparam("worker"),
                returned.c.received_at > bindparam("since"),
            )
        ),
    )
    .limit(1)
)
PARCEL_STATE = select(return_parcel.c.state).where(return_parcel.c.code == bindparam("which"))
_PIECE = select(returned)
PIECE = _PIECE.where(returned.c.piece == bindparam("which"))
PIECES = (
    _PIECE.where(returned.c.parcel == bindparam("which"), returned.c.quantity > 0)
    .order_by(returned.c.received_at, returned.c.piece)
    .limit(MOST)
)
COUNT_PIECES = select(func.count()).select_from(returned).where(returned.c.parcel == bindparam("which"))
IN_PLATE = _PIECE.where(returned.c.lpn == bindparam("which"), returned.c.quantity > 0, returned.c.state != "left")
LOOSE_AT = _PIECE.where(
    returned.c.location == bindparam("which"), returned.c.lpn == "", returned.c.quantity > 0,
    returned.c.state == "disposed",
).limit(MOST)  # fmt: skip
_SHIPPED = (
    select(func.coalesce(func.sum(movement.c.quantity), 0))
    .select_from(movement.join(order_line, order_line.c.id == movement.c.line))
    .where(
        movement.c.target == CUSTOMER,
        order_line.c.order_code == bindparam("of_order"),
        movement.c.item == bindparam("of_item"),
    )
)
SHIPPED = _SHIPPED
SHIPPED_SERIAL = _SHIPPED.where(movement.c.serial == bindparam("number"))
SHIPPED_SERIALS = _SHIPPED.where(movement.c.serial != "")
SHIPPED_LOT = _SHIPPED.where(movement.c.lot == bindparam("of_lot"))
ANY_SHIPPED = (
    select(movement.c.seq)
    .join(order_line, order_line.c.id == movement.c.line)
    .where(movement.c.target == CUSTOMER, order_line.c.order_code == bindparam("of_order"))
    .limit(1)
)
CAME_BACK = select(func.coalesce(func.sum(returned.c.quantity), 0)).where(
    returned.c.order_code == bindparam("of_order"),
    returned.c.item == bindparam("of_item"),
    returned.c.location != CUSTOMER,  # sent back: they have it once more
)
ORDERS_OF_SERIAL = (
    select(order_line.c.order_code, movement.c.item)
    .select_from(movement.join(order_line, order_line.c.id == movement.c.line))
    .where(movement.c.serial == bindparam("number"), movement.c.target == CUSTOMER)
    .order_by(movement.c.seq.desc())
    .limit(5)
)
ITEM = select(*_of(Facts, item)).where(item.c.code == bindparam("which"))  # type: ignore[call-overload]
LOT_HELD = select(lot.c.held).where(lot.c.item == bindparam("of_item"), lot.c.lot == bindparam("of_lot"))


def find_rma(tx: Tx, code: str) -> Rma | None:
    return tx.one(RMA, Rma, which=code)


def rmas_of_order(tx: Tx, order: str) -> list[Rma]:
    """Those that may still take goods in."""
    return tx.all(RMAS_OF_ORDER, Rma, which=order)


def by_tracking(tx: Tx, label: str) -> list[Rma]:
    return tx.all(TRACKED, Rma, which=label)


def lines(tx: Tx, code: str) -> list[RmaLine]:
    return tx.all(LINES, RmaLine, which=code) if code else []


def lines_of_item(tx: Tx, code: str, item: str) -> list[RmaLine]:
    return [line for line in lines(tx, code) if line.item == item]


def customer_of(tx: Tx, order: str) -> str | None:
    """None where there is no such order."""
    row = tx.row(ORDER, which=order)
    return None if row is None else str(row[1])


def find_piece(tx: Tx, piece: str) -> Piece | None:
    return tx.one(PIECE, Piece, which=piece)


def pieces(tx: Tx, parcel: str) -> list[Piece]:
    return tx.all(PIECES, Piece, which=parcel)


def shipped(tx: Tx, order: str, item: str, *, serial: str = "", lot: str = "") -> int:
    """How many of an item (of a serial, of a lot) left for the customer of an order, by our own journal."""
    if serial:
        return int(tx.value(SHIPPED_SERIAL, of_order=order, of_item=item, number=serial))
    if lot:
        return int(tx.value(SHIPPED_LOT, of_order=order, of_item=item, of_lot=lot))
    return int(tx.value(SHIPPED, of_order=order, of_item=item))


def we_shipped(tx: Tx, order: str) -> bool:
    """Did this house ship it, or somebody before us? Only of what we shipped do the books know what was in it."""
    return bool(order) and tx.row(ANY_SHIPPED, of_order=order) is not None


def came_back(tx: Tx, order: str, item: str) -> int:
    return int(tx.value(CAME_BACK, of_order=order, of_item=item))


def item_of(tx: Tx, code: str) -> Facts:
    found = tx.one(ITEM, Facts, which=code)
    if found is None:
        raise LookupError(f"no item {code}")
    return found


def held_lot(tx: Tx, item: str, lot: str) -> str:
    """Why a lot is held or recalled; empty when it is free."""
    return str(tx.value(LOT_HELD, of_item=item, of_lot=lot) or "") if lot else ""
