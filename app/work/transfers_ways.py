"""What of a transfer is on the way now, piece by piece.

What this house sent is in its journal: gone into `~transit` and not out of it again. What a site with a server of its own
sent to us stands in no book of ours before it is here: it says so, lot by lot and LPN by LPN, and what is received takes
it off that list.
"""

from collections import defaultdict

import msgspec
from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import Tx
from app.schema.stock import journal, movement
from app.schema.storage import transfer_coming
from app.stock.events import TransferReceived
from app.stock.slots import TRANSIT, Slot

_WENT = (movement.c.item, movement.c.lot, movement.c.serial)
_BY_DOCUMENT = movement.join(journal, journal.c.seq == movement.c.seq)
INTO_TRANSIT = (
    select(*_WENT, movement.c.target_lpn, func.sum(movement.c.quantity))
    .select_from(_BY_DOCUMENT)
    .where(journal.c.document == bindparam("lane"), movement.c.target == TRANSIT)
    .group_by(*_WENT, movement.c.target_lpn)
)
OUT_OF_TRANSIT = (
    select(*_WENT, movement.c.source_lpn, func.sum(movement.c.quantity))
    .select_from(_BY_DOCUMENT)
    .where(journal.c.document == bindparam("lane"), movement.c.source == TRANSIT)
    .group_by(*_WENT, movement.c.source_lpn)
)
CARRIES_LPN = (
    select(journal.c.document)
    .select_from(_BY_DOCUMENT)
    .where(movement.c.target == TRANSIT, movement.c.target_lpn == bindparam("code"))
    .order_by(movement.c.seq.desc())
    .limit(1)
)
_KEY = ("transfer", "item", "lot", "lpn", "serial")
_EXPECT = upsert(transfer_coming).values(**{name: bindparam(name) for name in (*_KEY, "quantity", "expiry")})
EXPECT = _EXPECT.on_conflict_do_update(
    index_elements=list(_KEY), set_={"quantity": transfer_coming.c.quantity + _EXPECT.excluded.quantity}
)
COMING = (
    select(*(transfer_coming.c[name] for name in (*_KEY[1:], "quantity", "expiry")))
    .where(transfer_coming.c.transfer == bindparam("which"), transfer_coming.c.quantity > 0)
    .order_by(*(transfer_coming.c[name] for name in _KEY[1:]))
)
ANNOUNCES_LPN = (
    select(transfer_coming.c.transfer)
    .where(transfer_coming.c.lpn == bindparam("code"), transfer_coming.c.quantity > 0)
    .order_by(transfer_coming.c.transfer)
    .limit(1)
)
TAKE_OFF = (
    update(transfer_coming)
    .where(and_(*(transfer_coming.c[name] == bindparam(f"of_{name}") for name in _KEY)))
    .where(transfer_coming.c.quantity >= bindparam("less"))
    .values(quantity=transfer_coming.c.quantity - bindparam("less"))
)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of one transfer that are on the way: what is in transit, on which LPN."""

    item: str
    lot: str
    lpn: str
    serial: str
    quantity: int
    expiry: str = ""  # where the site that sent it says so

    @property
    def slot(self) -> Slot:
        return Slot(location=TRANSIT, lpn=self.lpn, lot=self.lot, status="in_transit")


def sent(tx: Tx, lane: str) -> list[Way]:
    """In transit from this house, as the journal has it."""
    amounts: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for code, lot, serial, lpn, quantity in tx.rows(INTO_TRANSIT, lane=lane):
        amounts[code, lot, serial, lpn] += int(quantity)
    for code, lot, serial, lpn, quantity in tx.rows(OUT_OF_TRANSIT, lane=lane):
        amounts[code, lot, serial, lpn] -= int(quantity)
    return [
        Way(item=code, lot=lot, serial=serial, lpn=lpn, quantity=quantity)
        for (code, lot, serial, lpn), quantity in sorted(amounts.items())
        if quantity > 0
    ]


def carries(tx: Tx, lpn: str) -> str:
    """The transfer an LPN went into our transit on."""
    return str(tx.value(CARRIES_LPN, code=lpn) or "").partition(" ")[2]


def coming(tx: Tx, transfer: str) -> list[Way]:
    """On its way to this house, as the site that sent it says."""
    return tx.all(COMING, Way, which=transfer)


def announces(tx: Tx, lpn: str) -> str:
    """The transfer another house said an LPN comes on."""
    return str(tx.value(ANNOUNCES_LPN, code=lpn) or "")


def expect(tx: Tx, transfer: str, way: Way) -> None:
    tx.run(EXPECT, transfer=transfer, **msgspec.structs.asdict(way))


def received(tx: Tx, event: TransferReceived, sign: int) -> None:
    """It is here now; what was not announced was never on the list."""
    expected = event.quantity - event.over
    pieces = [(serial, 1) for serial in event.serials[:expected]] or [("", expected)]
    for serial, quantity in pieces if expected else []:
        tx.run(
            TAKE_OFF, of_transfer=event.transfer, of_item=event.item, of_lot=event.target.lot, of_lpn=event.from_lpn,
            of_serial=serial, less=sign * quantity,
        )  # fmt: skip
