"""Reads of what is where: on hand, allocated, free. Zero rows are history and are left out."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.stock import allocation, balance, lpn, serial
from app.stock.slots import Carry, Movement, Slot, Status


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    location: str
    lpn: str
    lot: str
    status: Status
    quantity: int
    allocated: int
    grams: int
    since: int

    @property
    def free(self) -> int:
        return self.quantity - self.allocated

    @property
    def slot(self) -> Slot:
        return Slot(location=self.location, lpn=self.lpn, lot=self.lot, status=self.status)


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity of a balance promised to an order line."""

    line: str
    item: str
    location: str
    lpn: str
    lot: str
    quantity: int

    @property
    def slot(self) -> Slot:
        return Slot(location=self.location, lpn=self.lpn, lot=self.lot)

    @property
    def place(self) -> str:
        """What is scanned to find it: its tote or carton, or the bare place it lies at."""
        return self.lpn or self.location


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """An LPN as the books have it."""

    code: str
    kind: str
    parent: str
    location: str
    document: str
    state: str


_ROW = select(balance).where(balance.c.quantity > 0)
_ORDER = (balance.c.item, balance.c.location, balance.c.lpn, balance.c.lot, balance.c.status)
ALL = _ROW.order_by(*_ORDER)
OF_ITEM = _ROW.where(balance.c.item == bindparam("item")).order_by(*_ORDER)
AT_LOCATION = _ROW.where(balance.c.location == bindparam("location")).order_by(*_ORDER)
IN_LPN = _ROW.where(balance.c.lpn == bindparam("lpn")).order_by(*_ORDER)
OF_ITEM_AT = _ROW.where(balance.c.item == bindparam("item"), balance.c.location == bindparam("location")).order_by(
    *_ORDER
)
OF_ITEM_IN = _ROW.where(balance.c.item == bindparam("item"), balance.c.lpn == bindparam("lpn")).order_by(*_ORDER)
PROMISED_TO = select(allocation).where(allocation.c.line == bindparam("line"), allocation.c.quantity > 0)
PROMISED_IN = select(allocation).where(allocation.c.lpn == bindparam("lpn"), allocation.c.quantity > 0)
PROMISED_AT = select(allocation).where(
    allocation.c.item == bindparam("item"),
    allocation.c.location == bindparam("location"),
    allocation.c.lpn == bindparam("lpn"),
    allocation.c.lot == bindparam("lot"),
    allocation.c.quantity > 0,
)
LPN = select(lpn).where(lpn.c.code == bindparam("code"))
INSIDE = select(lpn).where(lpn.c.parent == bindparam("code"))
LPNS_AT = select(lpn).where(lpn.c.location == bindparam("location"), lpn.c.state != "gone", lpn.c.parent == "")
SERIAL = select(serial).where(serial.c.item == bindparam("item"), serial.c.serial == bindparam("number"))
SERIALS_IN = select(serial.c.serial).where(
    serial.c.item == bindparam("item"),
    serial.c.location == bindparam("location"),
    serial.c.lpn == bindparam("lpn"),
    serial.c.lot == bindparam("lot"),
    serial.c.status == bindparam("status"),
)


def of_item(tx: Tx, item: str) -> list[Balance]:
    return tx.all(OF_ITEM, Balance, item=item)


def at_location(tx: Tx, location: str) -> list[Balance]:
    return tx.all(AT_LOCATION, Balance, location=location)


def of_item_at(tx: Tx, item: str, location: str) -> list[Balance]:
    return tx.all(OF_ITEM_AT, Balance, item=item, location=location)


def in_lpn(tx: Tx, code: str) -> list[Balance]:
    """What lies directly in an LPN; what is nested deeper counts with its own LPN."""
    return tx.all(IN_LPN, Balance, lpn=code)


def carrier(tx: Tx, code: str) -> Carrier | None:
    return tx.one(LPN, Carrier, code=code)


def nested(tx: Tx, code: str) -> list[Carrier]:
    """All LPNs inside one, however deep."""
    found: list[Carrier] = []
    for child in tx.all(INSIDE, Carrier, code=code):
        found += [child, *nested(tx, child.code)]
    return found


def promised_to(tx: Tx, line: str) -> list[Promise]:
    return tx.all(PROMISED_TO, Promise, line=line)


def moves_of_lpn(tx: Tx, code: str, target: str, *, take_out: bool = False) -> tuple[list[Movement], list[Carry]]:
    """The movements and carries that bring an LPN with all it holds to `target`; promises and serials travel along.

    With `take_out` the goods leave the LPN and lie loose at the target.
    """
    moves: list[Movement] = []
    carries: list[Carry] = []
    for carried in nested(tx, code):
        if not take_out:
            carries.append(Carry(lpn=carried.code, location=target, parent=carried.parent))
        moves += _moves_in(tx, carried.code, target, take_out)
    moves += _moves_in(tx, code, target, take_out)
    return moves, carries


def moves_of(tx: Tx, held: Balance, target: Slot) -> list[Movement]:
    """The movements that bring one whole balance to `target`; promises and serials travel along."""
    lines = tx.all(PROMISED_AT, Promise, item=held.item, location=held.location, lpn=held.lpn, lot=held.lot)
    return _split(tx, held, target, lines)


def serials_of(tx: Tx, held: Balance) -> list[str]:
    """The serials that lie in one balance."""
    found = tx.rows(SERIALS_IN, item=held.item, location=held.location, lpn=held.lpn, lot=held.lot, status=held.status)
    return [row[0] for row in found]


def _moves_in(tx: Tx, code: str, target: str, take_out: bool) -> list[Movement]:
    lines = tx.all(PROMISED_IN, Promise, lpn=code)
    return [
        move
        for held in in_lpn(tx, code)
        for move in _split(tx, held, held.slot.at(target, "" if take_out else code), lines)
    ]


def _split(tx: Tx, held: Balance, target: Slot, lines: Sequence[Promise]) -> list[Movement]:
    """One balance as movements: each promised part with its line, each serial by itself, then the free rest."""
    parts = [
        (promise.line, promise.quantity)
        for promise in lines
        if held.status == "available" and (promise.item, promise.lot) == (held.item, held.lot)
    ]
    rest = held.quantity - sum(quantity for _, quantity in parts)
    if rest:
        parts.append(("", rest))
    serials = serials_of(tx, held)
    moves: list[Movement] = []
    grams = held.grams
    for line, quantity in parts:
        if serials:
            taken, serials = serials[:quantity], serials[quantity:]
            moves += [
                Movement(item=held.item, quantity=1, source=held.slot, target=target, serial=number, line=line)
                for number in taken
            ]
            quantity -= len(taken)
        if quantity:
            moves.append(
                Movement(item=held.item, quantity=quantity, source=held.slot, target=target, line=line, grams=grams)
            )
            grams = 0
    return moves
