"""`transfer.announced`: the server of another site says what it has sent to us, shipment by shipment, as the hub brings it.

It is what a supplier's ASN is for a delivery: from then on the dock expects these lots and LPNs and takes them in by a
scan. A transfer nobody here knew begins with it. Each message tells of one event there; those of one site come in the
order they happened, and one that comes again is answered by the inbox and counted once.
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta
from sqlalchemy import bindparam, case, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.schema.storage import transfer, transfer_line
from app.stock.ledger import By
from app.work import transfers, transfers_ways
from app.work.master_terms import (
    KNOWN_ITEM,
    MOST_LINES,
    Amount,
    Code,
    DocumentLine,
    Message,
    OptionalCode,
    Outcome,
    Serial,
    applied,
    dead,
    missing_item,
)
from app.work.master_transfers import FIND, MOST_SERIALS
from app.work.transfers import Transfer
from app.work.transfers_ways import Way

FORGET_SHIPPED = update(transfer_line).where(transfer_line.c.transfer == bindparam("which")).values(shipped=0)
_SENT = upsert(transfer_line).values(
    transfer=bindparam("transfer"), line=bindparam("line"), item=bindparam("item"), quantity=bindparam("sent"),
    shipped=bindparam("sent"), received=0,
)  # fmt: skip
_SENT_IN_ALL = transfer_line.c.shipped + _SENT.excluded.shipped
SENT = _SENT.on_conflict_do_update(
    index_elements=["transfer", "line"],
    set_={
        "shipped": _SENT_IN_ALL,
        "quantity": case((transfer_line.c.quantity < _SENT_IN_ALL, _SENT_IN_ALL), else_=transfer_line.c.quantity),
    },
)
STANDS = (
    update(transfer)
    .where(transfer.c.code == bindparam("which"))
    .values(to_go=bindparam("left_there"), state=bindparam("new_state"))
)


class AnnouncedLine(DocumentLine, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lot: OptionalCode = ""
    lpn: OptionalCode = ""
    expiry: OptionalCode = ""
    serials: Annotated[tuple[Serial, ...], Meta(max_length=MOST_SERIALS)] = ()

    def __post_init__(self) -> None:
        """The sender's word is kept as text, and read as a day wherever it is shown."""
        if self.expiry:
            clock.check_day(datetime.strptime(self.expiry, "%Y-%m-%d"))

    def ways(self) -> list[Way]:
        pieces = [(serial, 1) for serial in self.serials] or [("", self.quantity)]
        return [
            Way(item=self.item, lot=self.lot, lpn=self.lpn, serial=serial, quantity=quantity, expiry=self.expiry)
            for serial, quantity in pieces
        ]


class TransferAnnounced(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="transfer.announced"):
    """What another site's server sent to us with one step; without lines: it sends no more."""

    source: Code
    target: Code
    event: Code  # of the other site, that says so
    lines: Annotated[tuple[AnnouncedLine, ...], Meta(max_length=MOST_LINES)] = ()
    to_go: Amount = 0  # units it has still to send after this


def announced(tx: Tx, message: TransferAnnounced, by: By) -> Outcome:
    name = f"Transfer {message.code}"
    if transfers.is_ours(tx, message.source) or not transfers.is_ours(tx, message.target):
        return dead(f"{name} goes from {message.source} to {message.target}: it is not for this house to receive.")
    known = tx.one(FIND, Transfer, which=message.code)
    if known is not None and (known.source, known.target) != (message.source, message.target):
        return dead(f"{name} is another one here, from {known.source} to {known.target}: two have one number.")
    items = {line.line: line.item for line in transfers.lines(tx, message.code)}
    for line in message.lines:
        if tx.value(KNOWN_ITEM, key=line.item) is None:
            return missing_item(line.item, name)
        if items.setdefault(line.line, line.item) != line.item:
            return dead(f"{name} line {line.line} is {items[line.line]} here, not {line.item}.")
        if line.serials and len(line.serials) != line.quantity:
            return dead(f"{name} line {line.line} names {len(line.serials)} serials of {line.quantity} × {line.item}.")
    if known is None:
        if not message.lines:
            return Outcome(state="same", sentence=f"{name} is not known here, and nothing of it comes.")
        known = Transfer(
            code=message.code, source=message.source, target=message.target, state="open", asked_by="", carrier="",
            due=0, version=0, created=clock.now(),
        )  # fmt: skip
        transfers.write(tx, known, ())
    elif known.to_go < 0:  # from now on the site that sends counts, not the ERP
        tx.run(FORGET_SHIPPED, which=known.code)
    for line in message.lines:
        tx.run(SENT, transfer=known.code, line=line.line, item=line.item, sent=line.quantity)
        for way in line.ways():
            transfers_ways.expect(tx, known.code, way)
    left = message.to_go if known.to_go < 0 else min(known.to_go, message.to_go)  # one that waited may come late
    tx.run(STANDS, which=known.code, left_there=left, new_state="open" if message.lines else known.state)
    tx.tell("transfers")
    total = sum(line.quantity for line in message.lines)
    if not total:
        return applied(f"{name}: {message.source} sends no more.")
    return applied(f"{name}: {total} on the way from {message.source}.", is_new=not items)
