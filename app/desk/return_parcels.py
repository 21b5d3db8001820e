"""Parcels that are open at the returns table, and returns that were announced and have not all come.

A parcel left open is closed here, once nobody works on it any more.
"""

import msgspec
from sqlalchemy import Integer, and_, bindparam, case, cast, func, or_, select

from app.db import Tx
from app.schema.returns import return_parcel, returned, rma, rma_line
from app.stock import ledger
from app.stock.ledger import By
from app.work import progress
from app.work.returns import closing
from app.work.returns.disposing import NotReceived
from app.work.returns.known import Parcel

MOST_OPEN = 50  # parcels named at once


class OpenParcel(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    rma: str
    order_code: str
    label: str
    opened: int
    pieces: int
    unjudged: int


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """An RMA not all of which has come."""

    code: str
    order_code: str
    customer: str
    tracking: str
    expires: int
    units: int
    came: int


_UNJUDGED = case((and_(returned.c.state != "disposed", returned.c.state != "left"), 1), else_=0)
OPEN_PARCELS = (
    select(
        return_parcel.c.code, return_parcel.c.rma, return_parcel.c.order_code, return_parcel.c.label,
        return_parcel.c.opened, func.count(returned.c.piece).label("pieces"),
        func.coalesce(func.sum(_UNJUDGED), 0).label("unjudged"),
    )
    .select_from(
        return_parcel.outerjoin(returned, and_(returned.c.parcel == return_parcel.c.code, returned.c.quantity > 0))
    )
    .where(return_parcel.c.state == "open")
    .group_by(
        return_parcel.c.code, return_parcel.c.rma, return_parcel.c.order_code, return_parcel.c.label,
        return_parcel.c.opened,
    )
    .order_by(return_parcel.c.opened)
    .limit(MOST_OPEN)
)  # fmt: skip
ANNOUNCED = (
    select(
        rma.c.code, rma.c.order_code, rma.c.customer, rma.c.tracking, rma.c.expires,
        cast(func.sum(rma_line.c.quantity), Integer).label("units"),
        cast(func.sum(rma_line.c.returned), Integer).label("came"),
    )
    .join(rma_line, rma_line.c.rma == rma.c.code)
    .where(or_(rma.c.state == "open", rma.c.state == "receiving"))
    .group_by(rma.c.code, rma.c.order_code, rma.c.customer, rma.c.tracking, rma.c.expires, rma.c.created)
    .order_by(rma.c.created, rma.c.code)
    .limit(MOST_OPEN)
)  # fmt: skip
PARCEL = select(
    return_parcel.c.code, return_parcel.c.rma, return_parcel.c.order_code, return_parcel.c.customer,
    return_parcel.c.label,
).where(return_parcel.c.code == bindparam("which"), return_parcel.c.state == "open")  # fmt: skip


class NotOpen(NotReceived):
    code, title = "parcel_not_open", "Not open"
    says = "Parcel {scanned} is not open."
    todo = "Look at the list again."


def close(tx: Tx, code: str, *, worker: str, device: str) -> str:
    """A parcel nobody works on any more. Raises NotOpen, StillToJudge."""
    parcel = tx.one(PARCEL, Parcel, which=code)
    event = closing.close(tx, parcel) if parcel is not None else None
    if event is None:
        raise NotOpen(scanned=code)
    ledger.post(tx, event, By(worker=worker, device=device, cause="desk"))
    progress.apply(tx, event)
    return f"Parcel {code} is closed."
