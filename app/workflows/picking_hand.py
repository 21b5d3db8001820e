"""Picking: what is in the worker's hand before it goes into the tote, and what one more label adds to it."""

import msgspec
from msgspec.structs import replace

from app.errors import State, Wrong
from app.floor.floor import Floor
from app.work import picking
from app.work.picking import Pick


class WrongLot(Wrong):
    code, title = "wrong_lot", "Wrong lot"
    says = "Expected lot {expected} of {item}, scanned lot {scanned}."
    todo = "Put it back and take lot {expected}."


class TooMany(State):
    code, title, scanned_is = "too_many", "Too many", "That would be"
    says = "Only {left} × {item} are needed; that would be {scanned}."
    todo = "Put the rest back."


class SerialGone(State):
    code, title = "serial_not_here", "Serial not here"
    says = "Serial {scanned} of {item} is {where}, not at {expected}."
    todo = "Take another piece."


class SerialTwice(State):
    code, title = "serial_twice", "Scanned already"
    says = "Serial {scanned} is among these pieces already."
    todo = "Scan the next piece."


class InHand(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the worker took of a line and has not put into a tote yet. Nothing of it is booked."""

    taken: int = 0
    serials: tuple[str, ...] = ()
    lot_seen: bool = False
    unit: str = "each"
    pack: int = 1


def with_lot(hand: InHand, found: Pick, lot: str) -> InHand:
    if found.lot and lot != found.lot:
        raise WrongLot(expected=found.lot, scanned=lot, item=found.item)
    return replace(hand, lot_seen=True)


def with_serial(floor: Floor, hand: InHand, found: Pick, number: str) -> InHand:
    if number in hand.serials:
        raise SerialTwice(scanned=number)
    place = floor.tx.row(picking.SERIAL, item=found.item, number=number)
    expected = found.lpn or found.location
    if place is None or tuple(place[:3]) != (found.location, found.lpn, found.lot) or place[3] != "available":
        where = "not known here" if place is None else f"at {place[1] or place[0]}"
        if place is not None and where == f"at {expected}":
            where = f"{place[3]}" if place[3] != "available" else f"of lot {place[2]}"
        raise SerialGone(scanned=number, item=found.item, where=where, expected=expected)
    return replace(more(hand, found, 1, "each"), serials=(*hand.serials, number))


def more(hand: InHand, found: Pick, quantity: int, unit: str) -> InHand:
    taken = hand.taken + quantity
    if taken > found.left:
        raise TooMany(left=found.left, item=found.item, scanned=str(taken), expected=str(found.left))
    return replace(hand, taken=taken, unit=unit, pack=quantity)
