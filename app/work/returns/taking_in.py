"""Whose parcel is this, and may this piece come back on it?

A parcel is known by its RMA, the tracking number on its return label, the order, our own carton, or a serial in it; one
that nobody knows is taken in all the same, held, because it stands on the table either way. Of each piece the books say
whether it was shipped on that order at all: a serial that was not is held and looked into (another piece in the same box
is the oldest trick there is), more pieces than were shipped cannot be.
"""

import msgspec
from sqlalchemy import bindparam, insert, update

from app import clock
from app.db import Tx
from app.errors import NeedsRelease, ScanAgain, State, Unknown
from app.schema.returns import returned
from app.schema.work import discrepancy
from app.work import exceptions, numbers
from app.work.returns import known
from app.work.returns.known import Parcel, Rma, RmaLine

DECIDE_WITHIN = clock.DAY

_DIFFERS = ("id", "document", "line", "item", "kind", "expected", "found", "reason", "owner", "due", "created")
NOTE_DIFFERENCE = insert(discrepancy).values({name: bindparam(name) for name in _DIFFERS})
SIGN = {
    name: update(returned).where(returned.c.piece == bindparam("of_piece")).values({name: bindparam("who")})
    for name in ("received_by", "inspected_by", "disposed_by")
}


class RmaEnded(State):
    code, title = "rma_ended", "RMA is {state}"
    says = "RMA {scanned} is {state}: nothing more comes back on it."
    todo = "Tap Unknown parcel to take it in all the same; it is held."


class RmaExpired(NeedsRelease):
    code, title = "rma_expired", "RMA expired"
    says = "RMA {scanned} expired on {day}."
    todo = "A supervisor may take it in."


class UnknownParcel(ScanAgain):
    code, title = "unknown_parcel", "Nobody knows it"
    says = "No RMA, order or serial is {scanned}."
    todo = "Scan another label on it, or scan {scanned} again: it is taken in as unknown, and held."


class NotSent(Unknown):
    code, title = "not_sent", "Not sent by us"
    says = "{scanned} was not sent to a customer."
    todo = "Scan another label, or tap Unknown parcel."


class MoreThanShipped(State):
    code, title = "more_than_shipped", "More than shipped"
    says = "No more {scanned} was shipped on this order: one more cannot come back on it."
    todo = "Scanned twice? Else put it aside and take it in as an unknown parcel."


class NotOnRma(ScanAgain):
    code, title = "not_on_rma", "Not announced"
    says = "{scanned} was not announced on {document}."
    todo = "Is it really in this parcel? Scan it again: it is taken in and held."


class OtherSerial(ScanAgain):
    code, title = "serial_mismatch", "Another serial"
    says = "Serial {scanned} was not shipped on {document}."
    todo = "Look at the piece. Scan it again: it is taken in, held and looked into."


class MoreThanAnnounced(ScanAgain):
    code, title = "more_than_announced", "More than announced"
    says = "More {scanned} comes back than was announced on {document}."
    todo = "Scan it again: it is taken in and held."


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """How a piece fits its parcel."""

    line: str = ""
    reason: str = ""
    wish: str = ""
    flags: tuple[str, ...] = ()


# ── the parcel ───────────────────────────────────────────────────────────────────────────────────────────────────────
def check_rma(tx: Tx, rma: Rma) -> None:
    """Raises RmaEnded, or RmaExpired, which a supervisor may release."""
    if rma.state in ("closed", "cancelled"):
        raise RmaEnded(scanned=rma.code, state=rma.state)
    if rma.expires and rma.expires < clock.now():
        raise RmaExpired(
            scanned=rma.code, day=clock.as_datetime(rma.expires).date().isoformat(), what=f"RMA {rma.code}"
        )


def order_of_serial(tx: Tx, serial: str, item: str = "") -> str:
    """The order a serial left with last, or the empty text."""
    rows = tx.rows(known.ORDERS_OF_SERIAL, number=serial)
    return next((row[0] for row in rows if item in ("", row[1])), "")


def item_of_serial(tx: Tx, serial: str, order: str) -> str:
    """Which item a serial of this order is; of no or several orders, the empty text."""
    items = {row[1] for row in tx.rows(known.ORDERS_OF_SERIAL, number=serial) if order in ("", row[0])}
    return items.pop() if len(items) == 1 else ""


def parcel_of_rma(tx: Tx, rma: Rma, label: str, worker: str) -> Parcel:
    return _open(
        tx, worker, Parcel(code="", rma=rma.code, order_code=rma.order_code, customer=rma.customer, label=label)
    )


def parcel_of_order(tx: Tx, order: str, label: str, worker: str) -> Parcel:
    return _open(
        tx, worker, Parcel(code="", order_code=order, customer=known.customer_of(tx, order) or "", label=label)
    )


def unknown_parcel(tx: Tx, label: str, worker: str) -> Parcel:
    return _open(tx, worker, Parcel(code="", label=label))


def _open(tx: Tx, worker: str, wanted: Parcel) -> Parcel:
    """The parcel of the same label that was left open, unless somebody else is at it just now; or a new number."""
    code = ""
    if wanted.label:
        asked = {"of_rma": wanted.rma, "of_order": wanted.order_code, "of_label": wanted.label}
        since = clock.now() - known.ON_THE_TABLE
        code = str(tx.value(known.OPEN_PARCEL, **asked, worker=worker, since=since) or "")
    return msgspec.structs.replace(wanted, code=code or numbers.return_parcel(tx))


# ── the piece ────────────────────────────────────────────────────────────────────────────────────────────────────────
def fit(tx: Tx, parcel: Parcel, item: str, quantity: int, *, serial: str = "", lot: str = "") -> Fit:
    """How this piece fits the parcel's papers. Raises MoreThanShipped."""
    flags: list[str] = []
    lines = known.lines_of_item(tx, parcel.rma, item)
    ours = known.we_shipped(tx, parcel.order_code)
    sent = known.shipped(tx, parcel.order_code, item) if ours else 0
    if not parcel.rma and not parcel.order_code:
        flags.append("unknown")
    elif parcel.rma and not lines:
        flags.append("not_on_rma")
    elif ours and not sent:
        flags.append("not_on_order")
    if serial and not flags and not _is_theirs(tx, parcel, item, serial, lines, ours):
        flags.append("serial_mismatch")
    if ours and sent and known.came_back(tx, parcel.order_code, item) + quantity > sent:
        raise MoreThanShipped(scanned=item)
    line = _line(lines, serial, quantity)
    if line is not None and line.returned + quantity > line.quantity:
        flags.append("more_than_announced")
    if known.held_lot(tx, item, lot):
        flags.append("recalled")
    return Fit(
        line=line.line if line else "",
        reason=line.reason if line else "",
        wish=line.wish if line else "",
        flags=tuple(flags),
    )


def _is_theirs(tx: Tx, parcel: Parcel, item: str, serial: str, lines: list[RmaLine], ours: bool) -> bool:
    """Was this very piece shipped? Where neither our books nor the RMA know serials of it, nothing speaks against it."""
    told = {number for line in lines for number in line.serials.split()}
    if serial in told:
        return True
    if ours and int(tx.value(known.SHIPPED_SERIALS, of_order=parcel.order_code, of_item=item)):
        return known.shipped(tx, parcel.order_code, item, serial=serial) > 0
    return not told


def _line(lines: list[RmaLine], serial: str, quantity: int) -> RmaLine | None:
    named = [line for line in lines if serial and serial in line.serials.split()]
    free = [line for line in lines if line.returned + quantity <= line.quantity]
    return next(iter([*(line for line in named if line in free), *free, *named, *lines]), None)


def warning_of(flag: str, parcel: Parcel, item: str, serial: str) -> ScanAgain | None:
    """What is asked before a piece with this flag is taken in; None where there is nothing to ask."""
    kinds: dict[str, type[ScanAgain]] = {
        "not_on_rma": NotOnRma,
        "not_on_order": NotOnRma,
        "serial_mismatch": OtherSerial,
        "more_than_announced": MoreThanAnnounced,
    }
    kind = kinds.get(flag)
    if kind is None:
        return None
    return kind(scanned=serial if flag == "serial_mismatch" else item, document=parcel.named)


def sign(tx: Tx, piece: str, duty: str, worker: str) -> None:
    """Who received, inspected or disposed of it."""
    tx.run(SIGN[duty], of_piece=piece, who=worker)


def tell(tx: Tx, piece: known.Piece, worker: str) -> None:
    """What does not fit its papers is somebody's to decide: an exception, and on an RMA a difference."""
    flags = piece.flags.split()
    document = f"rma {piece.rma}" if piece.rma else f"order {piece.order_code}" if piece.order_code else ""
    facts = {"item": piece.item, "location": piece.location, "worker": worker, "quantity": piece.quantity}
    case = {"document": document or f"return {piece.parcel}", "lot": piece.lot, **facts}
    if "serial_mismatch" in flags:
        sentence = f"Serial {piece.serial} of {piece.item} came back in {piece.parcel}, but another one was shipped."
        exceptions.add(tx, "serial_mismatch", sentence, **case)  # type: ignore[arg-type]
    if "unknown" in flags:
        sentence = f"{piece.item} came back in {piece.parcel}; nobody knows whose it is."
        exceptions.add(tx, "unknown_return", sentence, **case)  # type: ignore[arg-type]
    for flag in ("not_on_rma", "not_on_order", "more_than_announced"):
        if flag in flags:
            _differs(tx, document, piece, flag)


def _differs(tx: Tx, document: str, piece: known.Piece, kind: str) -> None:
    now = clock.now()
    tx.run(
        NOTE_DIFFERENCE,
        id=clock.new_id(),
        document=document,
        line=piece.rma_line,
        item=piece.item,
        kind=kind,
        expected=0,
        found=piece.quantity,
        reason=f"{piece.quantity} in {piece.parcel}: {kind.replace('_', ' ')}",
        owner="supervisor",
        due=now + DECIDE_WITHIN,
        created=now,
    )
    tx.tell("discrepancies")
