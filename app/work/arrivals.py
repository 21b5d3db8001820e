"""Where arriving goods may be set down, and on which licence plate.

They stand on a dock or in staging until they are put away; anywhere else they would be taken for stock ready to be
picked. A plate serves one receipt: what holds goods of another document, stands elsewhere or is used up is refused, for
two pallets with one number cannot be told apart afterwards.
"""

from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import State, Wrong
from app.schema.places import location
from app.schema.stock import serial
from app.stock import balances
from app.stock.refusals import DuplicateSerial
from app.stock.slots import ENDLESS

ARRIVAL_KINDS = ("dock", "staging")

PLACE = select(location.c.kind, location.c.blocked).where(location.c.code == bindparam("code"))
SERIAL = select(serial.c.location, serial.c.lpn).where(
    serial.c.item == bindparam("item"), serial.c.serial == bindparam("number")
)


class NotForReceiving(Wrong):
    code, title = "not_for_receiving", "Not a receiving place"
    says = "Nothing is received at {scanned}: it is a {kind}."
    todo = "Scan a dock or a staging place."


class PlaceBlocked(State):
    code, title = "place_blocked", "Place is blocked"
    says = "{scanned} is blocked: {reason}."
    todo = "Scan another place."


class LpnTaken(State):
    code, title = "lpn_taken", "LPN is in use"
    says = "LPN {scanned} cannot take these goods: {reason}."
    todo = "Scan another label, or tap New LPN."


def takes_arrivals(tx: Tx, code: str) -> bool:
    row = tx.row(PLACE, code=code) if code else None
    return row is not None and row[0] in ARRIVAL_KINDS and not row[1]


def check_place(tx: Tx, code: str) -> None:
    """Raises NotForReceiving or PlaceBlocked."""
    kind, blocked = tx.row(PLACE, code=code) or ("virtual place", "")
    if kind not in ARRIVAL_KINDS:
        raise NotForReceiving(scanned=code, kind=kind, expected="a dock or staging place")
    if blocked:
        raise PlaceBlocked(scanned=code, reason=blocked)


def check_plate(tx: Tx, code: str, of: str, document: str, place: str) -> bool:
    """May goods of `document` standing at `place` go on this LPN? True when it begins with them. Raises LpnTaken."""
    if of != "pallet":
        raise LpnTaken(scanned=code, reason=f"it is a {of}")
    known = balances.carrier(tx, code)
    if known is None:
        return True
    holds = balances.in_lpn(tx, code)
    if known.state == "void" and not holds and known.document in ("", document):
        return True
    if known.state != "open":
        ended = {"gone": "its goods were put away", "closed": "it is closed", "void": "it was voided"}
        raise LpnTaken(scanned=code, reason=ended[known.state])
    if known.document not in ("", document) or (holds and known.document != document):
        raise LpnTaken(scanned=code, reason=f"it belongs to {known.document or 'other goods'}")
    if known.location != place and (holds or known.document):
        raise LpnTaken(scanned=code, reason=f"it stands at {known.location}")
    return not holds


def check_serial(tx: Tx, item: str, number: str) -> None:
    """Raises DuplicateSerial when this very piece is in the house already."""
    row = tx.row(SERIAL, item=item, number=number)
    if row is not None and row[0] not in ENDLESS:
        raise DuplicateSerial(serial=number, item=item, where=row[1] or row[0], scanned=number)


def short(lpn: str) -> str:
    """An LPN as people say it: `…0 4417`, the last digits of an SSCC; other numbers whole."""
    return f"…{lpn[-5]} {lpn[-4:]}" if len(lpn) == 18 and lpn.isdigit() else lpn


def named(lpn: str) -> str:
    """`LPN …0 4417`; a number that says itself what it is stands alone: `LPN-700001`."""
    return lpn if lpn.upper().startswith("LPN") else f"LPN {short(lpn)}"
