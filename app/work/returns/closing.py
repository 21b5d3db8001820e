"""A parcel is empty: what of its RMA has come by now, and what is still to be judged. Also what the menu says waits."""

from sqlalchemy import bindparam, func, select

from app.db import Tx
from app.errors import State
from app.schema.returns import return_parcel, returned
from app.stock.events import ReturnClosed
from app.stock.events.returns import ReturnLine
from app.work.returns import known
from app.work.returns.known import Parcel, Piece

WAITING = select(func.count()).select_from(return_parcel).where(return_parcel.c.state == "open")
UNFINISHED = (
    select(returned)
    .where(
        returned.c.parcel == bindparam("which"),
        returned.c.quantity > 0,
        returned.c.state != "disposed",
        returned.c.state != "left",
    )
    .order_by(returned.c.received_at)
    .limit(known.MOST)
)


class StillToJudge(State):
    code, title = "still_to_judge", "Not finished"
    says = "{scanned} of {expected} was not sent its way yet."
    todo = "Tap Go on and finish it first."


def waiting(tx: Tx) -> str:
    """`2 parcels open`"""
    open_ = int(tx.value(WAITING) or 0)
    return f"{open_} parcel{'' if open_ == 1 else 's'} open" if open_ else ""


def unfinished(tx: Tx, parcel: str) -> list[Piece]:
    return tx.all(UNFINISHED, Piece, which=parcel)


def close(tx: Tx, parcel: Parcel) -> ReturnClosed | None:
    """The event that ends a parcel; None for one in which nothing was. Raises StillToJudge."""
    if tx.value(known.PARCEL_STATE, which=parcel.code) is None:
        return None
    for piece in unfinished(tx, parcel.code):
        raise StillToJudge(scanned=piece.item, expected=parcel.code)
    lines = tuple(
        ReturnLine(line=line.line, item=line.item, authorised=line.quantity, returned=line.returned)
        for line in known.lines(tx, parcel.rma)
    )
    complete = bool(lines) and all(line.returned >= line.authorised for line in lines)
    return ReturnClosed(parcel=parcel.code, rma=parcel.rma, order=parcel.order_code, lines=lines, complete=complete)
