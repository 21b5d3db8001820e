"""Returns as customer service tells them on the telephone: what came back, what became of it, what was decided.

Found by RMA, by the tracking number of the return label, by our parcel's number; an order's own answer names its returns.
States and days, no names, no prices, and nothing that accuses: a held piece is being looked at.
"""

import msgspec
from sqlalchemy import bindparam, func, or_, select

from app import clock
from app.db import Tx
from app.desk import service
from app.desk.service import Answer
from app.desk.words import many
from app.schema.items import item
from app.schema.returns import return_parcel, returned, rma

MOST = 50
STATES = {
    "open": "announced, nothing has come yet", "receiving": "is being received", "closed": "has come back whole",
    "cancelled": "was cancelled",
}  # fmt: skip
WAYS = {"restock": "goes back on the shelf", "quarantine": "is being looked at"}
LEFT = {"return_to_customer": "was sent back"}


class Head(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    order_code: str
    state: str
    decision: str
    decided: str
    replacement: str


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    name: str
    quantity: int
    state: str
    disposition: str
    received_at: int
    left_reference: str
    left_at: int
    parcel: str

    @property
    def label(self) -> str:
        return f"{self.quantity} × {self.name or self.item}"

    @property
    def words(self) -> str:
        came = f"came back {day(self.received_at)}"
        if self.state == "left":
            told = LEFT.get(self.disposition, "has left again")
            under = f" in parcel {self.left_reference}" if self.left_reference else ""
            return f"{came}, {told} {day(self.left_at)}{under if self.disposition in LEFT else ''}"
        if self.state != "disposed":
            return f"{came}, is being looked at"
        return f"{came}, {WAYS.get(self.disposition, 'was inspected')}"


_HEAD = select(*(rma.c[name] for name in Head.__struct_fields__))
_OF_PARCEL = select(return_parcel.c.rma).where(return_parcel.c.code == bindparam("q"), return_parcel.c.rma != "")
BY_NUMBER = (
    _HEAD.where(or_(rma.c.code == bindparam("q"), rma.c.tracking == bindparam("q"), rma.c.code.in_(_OF_PARCEL)))
    .order_by(rma.c.created.desc())
    .limit(1)
)
OF_ORDER = _HEAD.where(or_(rma.c.order_code == bindparam("q"), rma.c.replacement == bindparam("q"))).limit(MOST)
_PIECE = (
    select(
        returned.c.item, func.coalesce(item.c.name, "").label("name"), returned.c.quantity, returned.c.state,
        returned.c.disposition, returned.c.received_at, returned.c.left_reference, returned.c.left_at, returned.c.parcel,
    )
    .select_from(returned.outerjoin(item, item.c.code == returned.c.item))
    .where(returned.c.quantity > 0)
    .order_by(returned.c.received_at, returned.c.piece)
    .limit(MOST)
)  # fmt: skip
PIECES_OF_RMA = _PIECE.where(returned.c.rma == bindparam("q"))
PIECES_OF_PARCEL = _PIECE.where(returned.c.parcel == bindparam("q"))
PIECES_OF_ORDER = _PIECE.where(returned.c.order_code == bindparam("q"), returned.c.rma == "")


def find(tx: Tx, q: str) -> Answer | None:
    """A return by its RMA, its tracking number, or the number we gave the parcel."""
    head = tx.one(BY_NUMBER, Head, q=q)
    if head is not None:
        came = tx.all(PIECES_OF_RMA, Piece, q=head.code)
        return Answer(headline=_said(head, came), facts=(*_facts(head), *((one.label, one.words) for one in came)))
    came = tx.all(PIECES_OF_PARCEL, Piece, q=q)
    if not came:
        return None
    units = sum(one.quantity for one in came)
    return Answer(
        headline=f"Return {q}: {many(units, 'unit')} came back.", facts=tuple((one.label, one.words) for one in came)
    )


def of_order(tx: Tx, order: str) -> tuple[tuple[str, str], ...]:
    """What an order's answer adds about its returns."""
    told: list[tuple[str, str]] = []
    for head in tx.all(OF_ORDER, Head, q=order):
        if head.replacement == order:
            told.append(("Sent as replacement", f"for return {head.code} of order {head.order_code}"))
            continue
        told.append((f"Return {head.code}", STATES.get(head.state, head.state)))
        told += _decided(head)
        told += [(one.label, one.words) for one in tx.all(PIECES_OF_RMA, Piece, q=head.code)]
    return (*told, *((one.label, one.words) for one in tx.all(PIECES_OF_ORDER, Piece, q=order)))


def _said(head: Head, came: list[Piece]) -> str:
    units = sum(one.quantity for one in came)
    if not units:
        return f"Return {head.code}: {STATES.get(head.state, head.state)}."
    return f"Return {head.code}: {many(units, 'unit')} came back."


def _facts(head: Head) -> list[tuple[str, str]]:
    order = [("Order", head.order_code)] if head.order_code else []
    return [*order, ("Return", STATES.get(head.state, head.state)), *_decided(head)]


def _decided(head: Head) -> list[tuple[str, str]]:
    if not head.decision:
        return []
    words = [head.decision.replace("_", " "), head.decided, f"order {head.replacement}" * bool(head.replacement)]
    return [("Decided", ", ".join(word for word in words if word))]


def day(at: int) -> str:
    """`21 Nov`"""
    when = clock.as_datetime(at)
    return f"{when.day} {when.strftime('%b')}"


service.FINDERS.append(find)
service.MORE.append(of_order)
