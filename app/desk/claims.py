"""The claim that goes with goods to their supplier: what, since when, what is wrong with it, photos, and who supplied it.

It is a page to print. The supplier is whoever delivered this very lot, or whom the item was received from last.
"""

import msgspec
from sqlalchemy import and_, bindparam, or_, select

from app.db import Tx
from app.schema.documents import party, po_line, purchase_order
from app.schema.stock import journal, movement
from app.stock.slots import SUPPLIER
from app.work import photos
from app.work.returns import judging, known, ways
from app.work.returns.disposing import NotReceived
from app.work.returns.known import Piece

DELIVERED = (
    select(journal.c.document)
    .join(movement, movement.c.seq == journal.c.seq)
    .where(
        movement.c.source == SUPPLIER,
        movement.c.item == bindparam("of_item"),
        or_(bindparam("of_lot") == "", movement.c.lot == bindparam("of_lot")),
        journal.c.document.like("po %"),
    )
    .order_by(journal.c.seq.desc())
    .limit(1)
)
SUPPLIER_OF = select(purchase_order.c.supplier).where(purchase_order.c.code == bindparam("which"))
ORDERED = (
    select(purchase_order.c.code, purchase_order.c.supplier)
    .join(po_line, and_(po_line.c.po == purchase_order.c.code, po_line.c.item == bindparam("of_item")))
    .order_by(po_line.c.received.desc(), purchase_order.c.due.desc(), purchase_order.c.code.desc())
    .limit(1)
)
PARTY = select(party.c.name, party.c.address).where(party.c.code == bindparam("which"))


class NoClaim(NotReceived):
    code, title, http = "no_such_claim", "No such claim", 404
    says = "There is no claim for {scanned}."
    todo = ""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    piece: Piece
    name: str
    unit: str
    supplier: str
    supplier_name: str
    address: tuple[str, ...]
    po: str
    wrong: tuple[str, ...]  # questions answered with No
    photos: tuple[str, ...]
    way: str


def claim(tx: Tx, code: str) -> Claim:
    """Raises NoClaim for a piece that goes to no supplier."""
    piece = known.find_piece(tx, code.strip())
    if piece is None or not piece.disposition or ways.way(tx, piece.disposition).next_task != "claim":
        raise NoClaim(scanned=code[:40] or "nothing")
    of = known.item_of(tx, piece.item)
    po = str(tx.value(DELIVERED, of_item=piece.item, of_lot=piece.lot) or "").removeprefix("po ")
    supplier = str(tx.value(SUPPLIER_OF, which=po) or "") if po else ""
    if not supplier and (ordered := tx.row(ORDERED, of_item=piece.item)) is not None:
        po, supplier = str(ordered[0]), str(ordered[1])
    name, address = tx.row(PARTY, which=supplier) or ("", "")
    asked = {check.code: check.words for check in ways.checks_of(tx, of.category)}
    return Claim(
        piece=piece,
        name=of.name,
        unit=of.unit,
        supplier=supplier,
        supplier_name=str(name),
        address=tuple(str(address).splitlines()),
        po=po,
        wrong=tuple(asked.get(one, one) for one, answer in judging.answers_of(piece).items() if answer == "no"),
        photos=tuple(photo.hash for photo in photos.of(tx, piece.subject)),
        way=ways.way(tx, piece.disposition).words,
    )
