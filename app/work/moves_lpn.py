"""Licence plates: goods put on one, one broken up, one emptied into another, one set inside another and taken out.

All of it is the same event as any move, for only place and plate of the goods change. A plate that was broken up or
merged away carries nothing again; inside one another they may stand ten deep, never in a circle.
"""

from app.db import Tx
from app.errors import State
from app.stock import balances
from app.stock.balances import Balance, Carrier
from app.stock.events import Moved
from app.stock.refusals import CyclicNest
from app.stock.slots import Carry, Movement
from app.work import moves, moves_target
from app.work.arrived import UnknownLpn
from app.work.moves import Thing, bring_lpn, held_in, movable, standing_in, stood
from app.work.moves_refused import AlreadyCarried, LpnOver, MoreThanFree, NotMoved, SameLpn


class NotInside(State):
    code, title = "not_inside", "Not on an LPN"
    says = "LPN {scanned} stands by itself."
    todo = "There is nothing to take it out of."


def taker(tx: Tx, code: str) -> Carrier:
    """An LPN that may take goods or other LPNs now. Raises UnknownLpn, LpnOver, NotMoved, AlreadyCarried."""
    known = balances.carrier(tx, code)
    if known is None:
        raise UnknownLpn(scanned=code)
    if known.state in ("gone", "void"):
        raise LpnOver(scanned=code)
    if known.kind != "pallet":
        raise NotMoved(scanned=code, reason=f"it is a {known.kind}")
    if known.location.startswith("@"):
        raise AlreadyCarried(scanned=code, worker=known.location[1:])
    moves.check_source(tx, known.location)
    return known


def put_on(tx: Tx, code: str, row: Balance, quantity: int = 0, serial: str = "", *, begins: bool = False) -> Moved:
    """Loose goods go onto an LPN that stands at the same place: all of a balance, or a part. Raises MoreThanFree …"""
    moves.check_source(tx, row.location)
    target = row.slot.at(row.location, code)
    if quantity > row.free:
        raise MoreThanFree(expected=row.free, item=row.item, place=row.location, scanned=str(quantity))
    if serial or 0 < quantity < row.quantity:
        contents = [Movement(item=row.item, quantity=quantity, source=row.slot, target=target, serial=serial)]
    else:
        moves.refuse_promised(tx, [row])
        contents = balances.moves_of(tx, row, target)
    carried = (Carry(lpn=code, location=row.location, kind="pallet"),) if begins else ()
    return Moved(contents=tuple(contents), carried=carried, reason="built")


def break_up(tx: Tx, code: str, worker: str) -> Moved:
    """All that stood on an LPN lies loose at its place; LPNs on it stand by themselves; its own label is void."""
    top = movable(tx, code, worker)
    moves.check_source(tx, top.location)
    contents = [
        move
        for row in balances.in_lpn(tx, code)
        for move in balances.moves_of(tx, row, row.slot.at(top.location, top.parent))
    ]
    return _emptied(tx, top, contents, top.location, top.parent, "broken_up")


def merge(tx: Tx, code: str, into: str, worker: str) -> Moved:
    """Everything goes from one LPN onto another; its own label is void. Raises SameLpn, CyclicNest, BinFull …"""
    top, target = movable(tx, code, worker), taker(tx, into)
    moves.check_source(tx, top.location)
    if code == into:
        raise SameLpn(scanned=into)
    if any(child.code == into for child in standing_in(tx, top)):
        raise CyclicNest(lpn=code, parent=into, scanned=into)
    _refuse_place(tx, top, target)
    contents = [
        move
        for row in balances.in_lpn(tx, code)
        for move in balances.moves_of(tx, row, row.slot.at(target.location, into))
    ]
    for child in standing_in(tx, top):
        if target.location != top.location:
            contents += [
                move
                for row in balances.in_lpn(tx, child.code)
                for move in balances.moves_of(tx, row, row.slot.at(target.location))
            ]
    return _emptied(tx, top, contents, target.location, into, "merged")


def nest(tx: Tx, code: str, into: str, worker: str) -> Moved:
    """One LPN stands on another from now on, and moves with it. Raises CyclicNest."""
    top, target = movable(tx, code, worker), taker(tx, into)
    moves.check_source(tx, top.location)
    if code == into or any(child.code == into for child in standing_in(tx, top)):
        raise CyclicNest(lpn=code, parent=into, scanned=into)
    _refuse_place(tx, top, target)
    return _because(bring_lpn(tx, top, target.location, into), "nested")


def take_out(tx: Tx, code: str, worker: str) -> Moved:
    """It stands by itself again, where it is. Raises NotInside."""
    top = movable(tx, code, worker)
    if not top.parent:
        raise NotInside(scanned=code)
    return _because(bring_lpn(tx, top, top.location), "taken_out")


def _emptied(tx: Tx, top: Carrier, contents: list[Movement], place: str, parent: str, why: str) -> Moved:
    """The event that leaves an LPN empty for good: what stood on it stands at `place`, on `parent` if there is one."""
    inside = standing_in(tx, top)
    carried = [Carry(lpn=top.code, location=top.location, state="gone")]
    for child in inside:
        over = parent if child.parent == top.code else child.parent
        carried.append(Carry(lpn=child.code, location=place, parent=over, state=moves.state_of(child)))
    return Moved(contents=tuple(contents), carried=tuple(carried), stood=stood(top, *inside), reason=why)


def _refuse_place(tx: Tx, top: Carrier, target: Carrier) -> None:
    """What comes from elsewhere must be allowed where the other LPN stands."""
    if target.location != top.location:
        moves_target.refuse(tx, target.location, [Thing(lpn=top.code, rows=tuple(held_in(tx, top)))])


def _because(event: Moved, reason: str) -> Moved:
    return Moved(contents=event.contents, carried=event.carried, stood=event.stood, reason=reason)
