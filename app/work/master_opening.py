"""What already lay there when Pickface took over: opening stock, told once per item and slot.

The journal itself remembers what was opened, so telling it a second time changes nothing, and telling it with another
quantity is refused: by then the floor has moved on, and a count is the honest correction.
"""

from typing import Literal

from sqlalchemy import bindparam, insert, select

from app import clock
from app.db import Tx
from app.errors import Refusal
from app.schema.items import item, lot
from app.schema.places import location
from app.schema.stock import journal
from app.stock import balances, ledger
from app.stock.events import OpeningStock, decode
from app.stock.ledger import By
from app.stock.slots import Slot, Status
from app.work.master_terms import (
    Code,
    Message,
    OptionalCode,
    Outcome,
    Quantity,
    Text,
    applied,
    dead,
    missing_item,
)

TRACKED = select(item.c.lot_tracked, item.c.serial_tracked, item.c.expiry_tracked).where(
    item.c.code == bindparam("key")
)
PLACE = select(location.c.code).where(location.c.code == bindparam("key"))
OPENED = select(journal.c.body).where(journal.c.document == bindparam("lane"), journal.c.kind == "opening_stock")
EXPIRY = select(lot.c.expiry).where(lot.c.item == bindparam("key"), lot.c.lot == bindparam("number"))
ADD_LOT = insert(lot).values({name: bindparam(name) for name in ("item", "lot", "expiry", "held", "seen")})


class OpeningRow(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="opening_stock"):
    """A quantity of an item lying somewhere. `code` is the item."""

    location: Code
    quantity: Quantity
    lpn: OptionalCode = ""
    lot: OptionalCode = ""
    expiry: Text = ""  # ISO date
    serials: tuple[Code, ...] = ()
    status: Literal["available", "inspection", "quarantine", "damaged", "returned"] = "available"

    @property
    def slot(self) -> Slot:
        status: Status = self.status
        return Slot(location=self.location, lpn=self.lpn, lot=self.lot, status=status)


def open_stock(tx: Tx, message: OpeningRow, by: By) -> Outcome:
    name = f"{message.code} at {message.lpn or message.location}"
    tracked = tx.row(TRACKED, key=message.code)
    if tracked is None:
        return missing_item(message.code, "The row")
    if tx.value(PLACE, key=message.location) is None:
        return dead(f"There is no location {message.location}.")
    wrong = _wrongly_told(message, *tracked)
    if wrong:
        return dead(wrong)
    for row in tx.rows(OPENED, lane=f"opening {message.code}"):
        before = decode(bytes(row[0]))
        if isinstance(before, OpeningStock) and before.target == message.slot:
            if (before.quantity, before.serials) == (message.quantity, message.serials):
                return Outcome(state="same", sentence=f"{name} was opened already.")
            return dead(f"{name} was opened with {before.quantity} before. Correct it by a count.")
    expiry = tx.value(EXPIRY, key=message.code, number=message.lot) if message.lot else ""
    if message.lot and expiry not in (None, message.expiry):
        return dead(
            f"Lot {message.lot} of {message.code} expires {expiry or 'never'}, not {message.expiry or 'never'}."
        )
    carrier = balances.carrier(tx, message.lpn) if message.lpn else None
    if carrier is not None and (carrier.location != message.location or carrier.state not in ("open", "closed")):
        return dead(f"LPN {message.lpn} is {carrier.state} at {carrier.location}.")
    if message.lot and expiry is None:
        tx.run(ADD_LOT, item=message.code, lot=message.lot, expiry=message.expiry, held="", seen=clock.now())
    event = OpeningStock(
        item=message.code,
        quantity=message.quantity,
        target=message.slot,
        expiry=message.expiry,
        serials=message.serials,
        new_lpn=bool(message.lpn) and carrier is None,
    )
    try:
        ledger.post(tx, event, by)
    except Refusal as refusal:
        return dead(refusal.sentence)
    return applied(f"{name} is opened with {message.quantity}.", is_new=True)


def _wrongly_told(message: OpeningRow, lot_tracked: int, serial_tracked: int, expiry_tracked: int) -> str:
    if lot_tracked and not message.lot:
        return f"{message.code} is kept by lot: the lot is missing."
    if message.lot and not lot_tracked:
        return f"{message.code} is not kept by lot, but lot {message.lot} is given."
    if expiry_tracked and not message.expiry:
        return f"{message.code} expires: the expiry is missing."
    if message.expiry and not message.lot:
        return f"An expiry belongs to a lot, and {message.code} has none here."
    if serial_tracked and len(message.serials) != message.quantity:
        return f"{message.code} has serials: {message.quantity} are needed, {len(message.serials)} are given."
    return f"{message.code} has no serials, but some are given." if message.serials and not serial_tracked else ""
