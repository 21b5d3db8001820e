"""A parcel nobody knew was taken in and held; the desk finds out whose it is.

Each of its pieces is then judged against the papers as if it came today: was it shipped on that order, was it announced,
is it the serial that was sent? What still does not fit stays held; the rest may be sent its way like any other.
"""

from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import State
from app.schema.returns import return_parcel
from app.schema.work import exception
from app.stock import ledger
from app.stock.events import ReturnIdentified
from app.stock.ledger import By
from app.work import exceptions
from app.work.returns import closing, counted, known, taking_in
from app.work.returns.known import Parcel

PARCEL = select(
    return_parcel.c.code, return_parcel.c.rma, return_parcel.c.order_code, return_parcel.c.label, return_parcel.c.state
).where(return_parcel.c.code == bindparam("which"))
CASES = select(exception.c.id).where(
    exception.c.code == "unknown_return", exception.c.document == bindparam("of_document"), exception.c.state == "open"
)


class KnownAlready(State):
    code, title = "parcel_known", "Known already"
    says = "Parcel {scanned} belongs to {expected}."
    todo = "Look at the list again."


class NoSuchParcel(State):
    code, title = "no_such_parcel", "No such parcel"
    says = "There is no parcel {scanned}."
    todo = "Look at the list again."


def identify(tx: Tx, code: str, to: str, by: By) -> str:
    """Whose parcel it is: an RMA, a tracking number or an order. Raises NotSent, RmaEnded, MoreThanShipped, KnownAlready."""
    row = tx.row(PARCEL, which=code)
    if row is None:
        raise NoSuchParcel(scanned=code)
    if row[1] or row[2]:
        raise KnownAlready(scanned=code, expected=f"RMA {row[1]}" if row[1] else f"order {row[2]}")
    parcel = whose(tx, Parcel(code=code, label=row[3]), to.strip())
    pieces = [piece for piece in known.pieces(tx, code) if piece.state != "left"]
    for piece in pieces:
        fit = taking_in.fit(tx, parcel, piece.item, piece.quantity, serial=piece.serial, lot=piece.lot)
        event = ReturnIdentified(
            parcel=code,
            rma=parcel.rma,
            order=parcel.order_code,
            piece=piece.piece,
            item=piece.item,
            quantity=piece.quantity,
            serial=piece.serial,
            rma_line=fit.line,
            customer=parcel.customer,
            wish=fit.wish,
            flags=fit.flags,
        )
        ledger.post(tx, event, by)
        counted.identified(tx, event, 1)
        taken = known.find_piece(tx, piece.piece)
        assert taken is not None, "it was just written"
        taking_in.tell(tx, taken, by.worker)
    for (key,) in tx.rows(CASES, of_document=f"return {code}"):
        exceptions.settle(tx, key, f"It belongs to {parcel.named}.", by)
    if row[4] == "closed" and (closed := closing.close(tx, parcel)) is not None:
        ledger.post(tx, closed, by)
        counted.closed(tx, closed, 1)
    return f"Parcel {code} belongs to {parcel.named}."


def whose(tx: Tx, parcel: Parcel, to: str) -> Parcel:
    """The parcel with its papers."""
    tracked = known.by_tracking(tx, to)
    rma = known.find_rma(tx, to) or (tracked[0] if len(tracked) == 1 else None)
    if rma is None and known.we_shipped(tx, to):
        open_rmas = known.rmas_of_order(tx, to)
        if len(open_rmas) != 1:
            return Parcel(code=parcel.code, order_code=to, customer=known.customer_of(tx, to) or "", label=parcel.label)
        rma = open_rmas[0]
    if rma is None:
        raise taking_in.NotSent(scanned=to[:40] or "Nothing")
    if rma.state in ("closed", "cancelled"):
        raise taking_in.RmaEnded(scanned=rma.code, state=rma.state)
    return Parcel(code=parcel.code, rma=rma.code, order_code=rma.order_code, customer=rma.customer, label=parcel.label)
