"""Goods set aside where they stand: from available to quarantine, so that nobody is promised them until somebody decided.

Only what is free is set aside; what an order was promised stays with its order and is named, because taking it away is a
decision of its own (a hold of the lot, `holds_promises.py`). Goods in a worker's hand, on a cart or in a lane are left
where they are. A case that says "hold" without naming a place, but a lot, holds the lot.
"""

import msgspec
from sqlalchemy import bindparam, or_, select

from app.db import Tx
from app.schema.places import location
from app.schema.stock import balance, lpn
from app.stock import balances, ledger
from app.stock.balances import Balance
from app.stock.events import StatusChanged
from app.stock.ledger import By
from app.work import exceptions, holds_promises
from app.work.exceptions import Raised
from app.work.progress import apply

MOST_SLOTS = 50  # set aside at once; a case with more of them is a hold of the lot
MOST_PIECES = 200  # of goods with serials: one event each
STANDING = ("bin", "reserve", "staging", "dock")  # kinds of places whose goods nobody has in hand

IS_STANDING = or_(*(location.c.kind == kind for kind in STANDING))
_FREE = (
    select(balance)
    .join(location, location.c.code == balance.c.location)
    .where(
        balance.c.item == bindparam("of_item"),
        balance.c.status == "available",
        balance.c.quantity > 0,
        IS_STANDING,
    )
    .order_by(balance.c.location, balance.c.lpn, balance.c.lot)
    .limit(MOST_SLOTS)
)
AT_PLACE = _FREE.where(balance.c.location == bindparam("place"))
OF_DOCUMENT = _FREE.where(balance.c.lpn.in_(select(lpn.c.code).where(lpn.c.document == bindparam("doc"))))


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """What was set aside."""

    item: str
    units: int = 0
    places: tuple[str, ...] = ()
    promised: int = 0  # units that stay with their orders
    seq: int = 0  # of the last event

    def in_words(self) -> str:
        if not self.units and not self.promised:
            return ""
        told = f"{self.units} × {self.item} at {', '.join(self.places)} set aside" if self.units else ""
        kept = f"{self.promised} × {self.item} stay with the orders they are promised to" if self.promised else ""
        return "; ".join(part for part in (told, kept) if part)


def at_place(tx: Tx, item: str, place: str, by: By, *, reason: str, lot: str = "", most: int = 0) -> Aside:
    """What is free of an item at one place, of one lot if it is named, at most so many units if that is said."""
    return _set_aside(tx, item, tx.all(AT_PLACE, Balance, of_item=item, place=place), by, reason, lot, most)


def of_document(tx: Tx, item: str, document: str, by: By, *, reason: str) -> Aside:
    """What is free of an item on the plates of a document: a receipt that is in doubt."""
    return _set_aside(tx, item, tx.all(OF_DOCUMENT, Balance, of_item=item, doc=document), by, reason, "", 0)


def _set_aside(tx: Tx, item: str, found: list[Balance], by: By, reason: str, lot: str, most: int) -> Aside:
    left = most or sum(held.free for held in found)
    units = promised = seq = 0
    places: list[str] = []
    for held in found:
        if lot and held.lot != lot:
            continue
        take = min(held.free, left)
        promised += min(held.allocated, left - take) if most else held.allocated
        if take < 1:
            continue
        seq = _post(tx, held, take, reason, by)
        units, left = units + take, left - take
        places.append(held.lpn or held.location)
    return Aside(item=item, units=units, places=tuple(dict.fromkeys(places)), promised=promised, seq=seq)


def _post(tx: Tx, held: Balance, take: int, reason: str, by: By) -> int:
    target = msgspec.structs.replace(held.slot, status="quarantine")
    serials = balances.serials_of(tx, held)[: min(take, MOST_PIECES)]
    parts = [(1, serial) for serial in serials] or [(take, "")]
    grams = held.grams * take // held.quantity
    seq = 0
    for quantity, serial in parts:
        event = StatusChanged(
            item=held.item, quantity=quantity, source=held.slot, target=target, reason=reason, serial=serial,
            grams=0 if serial else grams,
        )  # fmt: skip
        seq = ledger.post(tx, event, by)
        apply(tx, event)
    return seq


@exceptions.follow("hold")
def hold_it(tx: Tx, raised: Raised, by: By) -> str:
    """The goods of a case are kept from being sold until it is decided."""
    why = raised.code.replace("_", " ")
    if raised.item and raised.location:
        return at_place(
            tx, raised.item, raised.location, by, reason=why, lot=raised.lot, most=raised.quantity
        ).in_words()
    if raised.item and raised.lot:
        held, given = holds_promises.stop(tx, raised.item, raised.lot, "hold", why, by)
        return f"lot {held.lot} is on hold. {given.in_words()}".rstrip(".")
    return ""
