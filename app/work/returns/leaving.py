"""A piece leaves the house: back to the customer in a parcel, to the supplier with a claim, to a buyer, to a charity.

It leaves the books by an event of its own, with who took it and under which number. Goods that are given away cost what
they cost: up to their limit somebody does that alone, above it a supervisor. A lot that was put on hold meanwhile stays.
"""

import msgspec
from sqlalchemy import bindparam, select, update

from app.db import Tx
from app.errors import State
from app.schema.documents import party, sales_order
from app.schema.places import site
from app.schema.returns import returned
from app.stock import balances
from app.stock.events import ReturnLeft
from app.stock.slots import CUSTOMER, SCRAP, SUPPLIER, Slot
from app.work import numbers
from app.work.returns import carriage, disposing, known, ways
from app.work.returns.judging import LotRecalled
from app.work.returns.known import Piece

TO = {"ship_back": CUSTOMER, "claim": SUPPLIER}  # the step; whatever else leaves is out of the books
GIVEN_AWAY = ("donate",)  # steps that cost what the goods cost
LONGEST = 80

ADDRESS = select(sales_order.c.name, sales_order.c.address, sales_order.c.customer).where(
    sales_order.c.code == bindparam("which")
)
PARTY = select(party.c.name, party.c.address).where(party.c.code == bindparam("which"))
_PIECE = returned.c.piece == bindparam("of_piece")
NUMBER = update(returned).where(_PIECE).values(left_reference=bindparam("told"))
SENDER = select(site.c.name).order_by(site.c.code).limit(1)


class StaysHere(State):
    code, title = "stays_here", "It stays here"
    says = "{scanned} is to be {expected}: that does not leave the house."
    todo = "Let the desk decide otherwise first."


class NoAddress(State):
    code, title = "no_address", "No address"
    says = "Nobody knows where {scanned} is to be sent."
    todo = "Tell the desk: its order has no address."


class Address(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    lines: tuple[str, ...]


def address_of(tx: Tx, piece: Piece) -> Address:
    """Where a piece is sent back to: its order's address, else the customer's own. Raises NoAddress."""
    row = tx.row(ADDRESS, which=piece.order_code) if piece.order_code else None
    name, address = (row[0] or row[2], row[1]) if row else ("", "")
    if not address and piece.customer:
        own = tx.row(PARTY, which=piece.customer)
        name, address = (own[0] or name, own[1]) if own else (name, "")
    if not name and not address:
        raise NoAddress(scanned=piece.item)
    return Address(name=name, lines=tuple(line.strip() for line in address.splitlines() if line.strip()))


def leave(tx: Tx, piece: Piece, *, to: str = "", reference: str = "", approver: str = "") -> ReturnLeft:
    """The event that says it is gone; the caller posts it. Raises NotReceived, StaysHere, LotRecalled."""
    if piece.state != "disposed":
        raise disposing.NotReceived(scanned=piece.piece)
    source = disposing.is_here(tx, piece)
    way = ways.way(tx, piece.disposition)
    if piece.status == "available" or way.next_task in ("", "putaway"):
        raise StaysHere(scanned=piece.item, expected=way.words)
    if reason := known.held_lot(tx, piece.item, piece.lot):
        raise LotRecalled(lot=piece.lot, reason=reason, scanned=piece.item)
    rest = [row for row in balances.in_lpn(tx, piece.lpn) if row.item != piece.item or row.quantity > piece.quantity]
    return ReturnLeft(
        parcel=piece.parcel,
        rma=piece.rma,
        order=piece.order_code,
        piece=piece.piece,
        item=piece.item,
        quantity=piece.quantity,
        source=source,
        target=Slot(location=TO.get(way.next_task, SCRAP), lot=piece.lot),
        disposition=way.code,
        serial=piece.serial,
        to=to.strip()[:LONGEST],
        reference=reference.strip()[:LONGEST],
        approver=approver,
        next_task=way.next_task,
        carrier=piece.left_carrier if way.next_task == "ship_back" else "",
        service=piece.left_service if way.next_task == "ship_back" else "",
        emptied=piece.lpn if piece.lpn and not rest else "",
    )


def costs(way: ways.Disposition) -> bool:
    """Is what leaves this way given away, so that its value counts against a limit?"""
    return way.next_task in GIVEN_AWAY


def parcel_number(tx: Tx, piece: Piece) -> str:
    """The number of the parcel a piece is sent back in; asked again, the same one."""
    if piece.left_reference:
        return piece.left_reference
    code = numbers.lpn(tx)
    tx.run(NUMBER, of_piece=piece.piece, told=code)
    if offered := carriage.offered(tx, piece, "\n".join(address_of(tx, piece).lines)):
        carriage.go_with(tx, piece, offered[0])
    return code


def sender(tx: Tx) -> str:
    return str(tx.value(SENDER) or "")
