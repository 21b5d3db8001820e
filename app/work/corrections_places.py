"""Where the books may be corrected by hand: bins, reserves, staging and docks, loose or on a licence plate.

What is in a tote, a carton, a lane or a truck belongs to an order and is corrected by its own job; what is being counted
is left to the count.
"""

from sqlalchemy import bindparam, func, select

from app.db import Tx
from app.schema.items import lot
from app.schema.storage import adjustment
from app.stock import balances
from app.stock.balances import Carrier
from app.work.arrived import UnknownLpn
from app.work.corrections import NotCorrected
from app.work.moves import NOT_OURS, PLACE, SOURCES
from app.work.moves_refused import LpnOver
from app.work.putaway import BinBlocked

A_LOT = select(lot.c.lot).where(lot.c.item == bindparam("of_item"), lot.c.lot == bindparam("of_lot"))
WAITING = select(func.count()).where(adjustment.c.state == "waiting")


def refuse(tx: Tx, code: str) -> None:
    """Raises NotCorrected, BinBlocked (a count is under way)."""
    kind, _, counted = tx.row(PLACE, code=code) or ("place of no floor", "", 0)
    if kind not in SOURCES:
        raise NotCorrected(scanned=code, reason=f"it is a {kind}", expected="a bin, a reserve or staging")
    if counted:
        raise BinBlocked(scanned=code, reason="it is being counted")


def plate(tx: Tx, code: str) -> Carrier:
    """Raises UnknownLpn, LpnOver, NotCorrected, BinBlocked."""
    known = balances.carrier(tx, code)
    if known is None:
        raise UnknownLpn(scanned=code)
    if known.state in ("gone", "void"):
        raise LpnOver(scanned=code)
    if known.kind in NOT_OURS:
        raise NotCorrected(scanned=code, reason=f"it is a {known.kind} and belongs to {NOT_OURS[known.kind]}")
    refuse(tx, known.location)
    return known


def lot_known(tx: Tx, item: str, number: str) -> bool:
    return tx.value(A_LOT, of_item=item, of_lot=number) is not None


def waiting(tx: Tx) -> int:
    """Requests the desk has not decided on."""
    return int(tx.value(WAITING) or 0)
