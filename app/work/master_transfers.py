"""Transfers as the ERP tells them: goods to be sent to another site, goods another site has sent, and what arrived there.

Where both sites are in this house the release is all there is. Where only one is, the hub or the ERP stands between two
servers: what the other site shipped it announces itself (`master_announced.py`) or comes with the release's lines, what
arrived there comes as a message of its own and takes the goods out of our transit, lot by lot.
"""

from typing import Annotated

import msgspec
from msgspec import Meta
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.schema.storage import transfer, transfer_line
from app.stock import ledger
from app.stock.events import AnyEvent, TransferDelivered
from app.stock.ledger import By
from app.work import progress, transfers, transfers_serving
from app.work.master_terms import (
    MOST_LINES,
    Code,
    DocumentLine,
    LineNumber,
    Message,
    Moment,
    OptionalCode,
    Outcome,
    Quantity,
    Serial,
    UpTo,
    applied,
    called_off,
    dead,
    judge,
    judge_lines,
    moment,
)
from app.work.transfers import Line, Transfer, TransferOver

MOST_SERIALS = 10_000  # of one line

FIND = select(transfer).where(transfer.c.code == bindparam("which"))
DROP = delete(transfer).where(transfer.c.code == bindparam("which"))
DROP_LINES = delete(transfer_line).where(transfer_line.c.transfer == bindparam("which"))
SET_SHIPPED = (
    update(transfer_line)
    .where(transfer_line.c.transfer == bindparam("which"), transfer_line.c.line == bindparam("of_line"))
    .values(shipped=bindparam("now_shipped"))
)
_WANT = upsert(transfer_line).values(
    shipped=0, received=0, **{name: bindparam(name) for name in ("transfer", "line", "item", "quantity")}
)
WANT = _WANT.on_conflict_do_update(index_elements=["transfer", "line"], set_={"quantity": _WANT.excluded.quantity})
SET_VERSION = update(transfer).where(transfer.c.code == bindparam("which")).values(version=bindparam("new_version"))


class TransferLine(DocumentLine, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shipped: UpTo = 0  # by a site that is not in this house


class TransferRelease(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="transfer.release"):
    """Goods go from one site to another: the whole list of lines, each time."""

    source: Code
    target: Code
    carrier: OptionalCode = ""
    due: Moment | None = None
    lines: Annotated[tuple[TransferLine, ...], Meta(min_length=1, max_length=MOST_LINES)]


class TransferCancel(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="transfer.cancel"):
    """Nothing is sent. What left already cannot be called back."""


class ArrivedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    line: LineNumber
    quantity: Quantity
    lot: OptionalCode = ""
    serials: Annotated[tuple[Serial, ...], Meta(max_length=MOST_SERIALS)] = ()


class TransferArrived(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="transfer.arrived"):
    """What the other site's server received since its last word; `closed`: nothing more comes."""

    event: OptionalCode = ""  # of the other site, that says so
    lines: Annotated[tuple[ArrivedLine, ...], Meta(max_length=MOST_LINES)] = ()
    closed: bool = False


def release(tx: Tx, message: TransferRelease, by: By) -> Outcome:
    name = f"Transfer {message.code}"
    known = tx.one(FIND, Transfer, which=message.code)
    have = transfers.lines(tx, message.code)
    due = moment(message.due)
    alike = (
        known is not None
        and (known.source, known.target, known.carrier, known.due)
        == (message.source, message.target, message.carrier, due)
        and sorted((line.line, line.item, line.quantity) for line in have)
        == sorted((line.line, line.item, line.quantity) for line in message.lines)
        and (_said_so(tx, known, message) or _shipped(have) == {a.line: a.shipped for a in message.lines})
    )
    stored = None if known is None else known.version
    off = known is not None and known.state == "cancelled"
    settled = called_off(message, name, stored or 0) if off else judge(message, name, stored, alike=alike)
    if settled is not None:
        return settled
    refused = _refuse(tx, message, name, known)
    if refused is not None:
        return refused
    ours = transfers.is_ours(tx, message.source)
    if known is not None and any(line.shipped or line.received for line in have):
        return _begun(tx, message, name, known, have)
    if known is not None:
        transfers.give_back(tx, known, "told anew", _poster(tx, by))
    tx.run(DROP_LINES, which=message.code)
    tx.run(DROP, which=message.code)
    one = Transfer(
        code=message.code, source=message.source, target=message.target, state="open", asked_by="",
        carrier=message.carrier, due=due, version=message.version, created=clock.now(),
    )  # fmt: skip
    transfers.write(tx, one, [(a.line, a.item, a.quantity, 0 if ours else a.shipped) for a in message.lines])
    transfers_serving.serve(tx, one, by)
    became = "known" if known is None else "wanted again" if off else "changed"
    return applied(f"{name} is {became}.", is_new=known is None)


def _refuse(tx: Tx, message: TransferRelease, name: str, known: Transfer | None) -> Outcome | None:
    if known is not None and known.state not in ("open", "cancelled"):
        return dead(f"{name} is {known.state} already; send what is still wanted under a new number.")
    if message.source == message.target:
        return dead(f"{name} goes from {message.source} to itself.")
    if not any(transfers.is_ours(tx, code) for code in (message.source, message.target)):
        return dead(f"{name} goes from {message.source} to {message.target}; neither is a site of this house.")
    return judge_lines(tx, name, message.lines)


def _said_so(tx: Tx, known: Transfer, message: TransferRelease) -> bool:
    """Does whoever ships it count for itself, so that the ERP need not?"""
    return known.to_go >= 0 or transfers.is_ours(tx, message.source)


def _begun(tx: Tx, message: TransferRelease, name: str, known: Transfer, have: list[Line]) -> Outcome:
    """Goods have left: what is wanted stands, but for goods that were announced before anybody said what is wanted."""
    asked = {line.line: line for line in message.lines}
    same = {line.line: (line.item, line.quantity) for line in have} == {
        line.line: (line.item, line.quantity) for line in message.lines
    }
    announced_first = known.to_go >= 0 and not known.version
    fits = all(line.line in asked and asked[line.line].item == line.item for line in have)
    if transfers.is_ours(tx, message.source) or not (fits if announced_first else same):
        return dead(f"{name} is on its way: it cannot be changed any more.")
    for line in message.lines if announced_first else ():
        tx.run(WANT, transfer=message.code, line=line.line, item=line.item, quantity=line.quantity)
    for one in have if known.to_go < 0 else ():
        tx.run(SET_SHIPPED, which=message.code, of_line=one.line, now_shipped=asked[one.line].shipped)
    tx.run(SET_VERSION, which=message.code, new_version=message.version)
    tx.tell("transfers")
    return applied(f"{name} is changed.")


def cancel(tx: Tx, message: TransferCancel, by: By) -> Outcome:
    name = f"Transfer {message.code}"
    known = tx.one(FIND, Transfer, which=message.code)
    if known is None:
        return dead(f"{name} is not known yet.", missing=f"transfer {message.code}")
    settled = judge(message, name, known.version, alike=known.state == "cancelled")
    if settled is not None:
        return settled
    try:
        transfers.cancel(tx, known, _poster(tx, by))
    except TransferOver as over:
        return dead(f"{name} cannot be cancelled: it is {over.facts['state']}.")
    tx.run(SET_VERSION, which=message.code, new_version=message.version or known.version)
    return applied(f"{name} is cancelled.")


def arrived(tx: Tx, message: TransferArrived, by: By) -> Outcome:
    """Their count takes goods out of our transit, the lots they say; what is closed short is asked for.

    What turns up after it was closed is taken out of transit, too, as long as nobody wrote it off.
    """
    name = f"Transfer {message.code}"
    known = tx.one(FIND, Transfer, which=message.code)
    if known is None:
        return dead(f"{name} is not known yet.", missing=f"transfer {message.code}")
    if transfers.is_ours(tx, known.target):
        return dead(f"{name} is received here, at {known.target}: nobody else can say what arrived.")
    if known.state == "cancelled" or (known.state == "closed" and not message.lines):
        return dead(f"{name} is {known.state} already.")
    have = {line.line: line for line in transfers.lines(tx, message.code)}
    for told in message.lines:
        line = have.get(told.line)
        if line is None:
            return dead(f"{name} has no line {told.line}.")
        left = min(line.missing, sum(way.quantity for way in transfers.under_way(tx, known) if way.item == line.item))
        if told.quantity > left:
            return dead(f"{name} line {told.line}: {told.quantity} × {line.item} arrived, {left} are on the way.")
    post = _poster(tx, by)
    for told in message.lines:
        _deliver(tx, known, have[told.line], told, post)
    told_words = f"{name}: {sum(told.quantity for told in message.lines)} arrived at {known.target}."
    if not message.closed or known.state != "open":
        return applied(told_words)
    missing, _ = transfers.close(tx, transfers.find(tx, known.code), by.worker, post)
    return applied(f"{told_words} Closed, {missing} missing." if missing else f"{told_words} Closed.")


def _deliver(tx: Tx, known: Transfer, line: Line, told: ArrivedLine, post: transfers.Post) -> None:
    """The serials and the lot they say first; where they say none, or one that never left, the oldest as they went."""
    ways = [way for way in transfers.under_way(tx, known) if way.item == line.item]
    rest = told.quantity
    for way in sorted(ways, key=lambda way: (way.serial not in told.serials, way.lot != told.lot)):
        if count := min(rest, way.quantity):
            event = TransferDelivered(
                transfer=known.code, line=line.line, item=line.item, quantity=count, lot=way.lot, to_site=known.target,
                serials=(way.serial,) if way.serial else (), lpn=way.lpn,
            )  # fmt: skip
            post(event)
            rest -= count


def _poster(tx: Tx, by: By) -> transfers.Post:
    def post(event: AnyEvent) -> int:
        seq = ledger.post(tx, event, by)
        progress.apply(tx, event)
        return seq

    return post


def _shipped(have: list[Line]) -> dict[str, int]:
    return {line.line: line.shipped for line in have}
