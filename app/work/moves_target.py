"""Setting goods down: may they lie here, and the event that says they do.

A bin or reserve is judged as at putaway (usable, allowed, room by quantity, volume, weight and LPNs, mixing), but for all
that comes at once: three things that fit one by one may be too much together. Docks and staging take anything, for what
stands there waits for its bin again.
"""

from collections.abc import Sequence

import msgspec

from app.db import Tx
from app.errors import Refusal, Unknown
from app.stock import balances
from app.stock.balances import Balance
from app.stock.events import Moved
from app.stock.slots import Carry, Movement
from app.work import arrivals, bins
from app.work.arrived import size_of
from app.work.moves import PLACE, Thing, bring_lpn
from app.work.putaway import BIN_KINDS, Bin, BinBlocked, BinFull, Goods, NotAllowedHere, why_not


def refuse(tx: Tx, code: str, things: Sequence[Thing]) -> None:
    """Raises Unknown, NotAllowedHere, BinBlocked, BinFull, MixRule or PlaceBlocked."""
    found = tx.row(PLACE, code=code)
    if found is None:
        raise Unknown(scanned=code)
    kind, _, counted = found
    if counted:
        raise BinBlocked(scanned=code, reason="it is being counted")
    if kind in arrivals.ARRIVAL_KINDS:
        arrivals.check_place(tx, code)
        return
    if kind not in BIN_KINDS:
        reason = f"it is a {kind}"
        raise NotAllowedHere(scanned=code, item=things[0].words, expected="a bin, a reserve or staging", reason=reason)
    if (refusal := unfit(tx, code, things)) is not None:
        raise refusal


def unfit(tx: Tx, code: str, things: Sequence[Thing]) -> Refusal | None:
    """What forbids these goods, all at once, a bin; None where they fit."""
    brought: list[Goods] = []
    for thing in things:
        for row in thing.rows:
            size = size_of(tx, row.item)
            goods = Goods(
                item=row.item,
                quantity=row.quantity,
                lot=row.lot,
                zone=size.zone,
                volume_ml=-(-size.length_mm * size.width_mm * size.height_mm * row.quantity // 1000),
                weight_g=size.weight_g * row.quantity,
                on_lpn=bool(thing.lpn),
                hazard_class=size.hazard_class,
                temperature=size.temperature,
            )
            bin = bins.bin_of(tx, code, goods)
            if bin is None:
                return Unknown(scanned=code)
            refusal = why_not(goods, _filled(bin, goods, brought))
            if refusal is not None:
                return refusal
            brought.append(goods)
    return _plates_full(tx, code, things, brought)


def drop(tx: Tx, things: Sequence[Thing], target: str, reason: str = "") -> Moved:
    """The event that sets things down at a place. The rules were asked before."""
    moves: list[Movement] = []
    carried: list[Carry] = []
    stood: list[Carry] = []
    for thing in things:
        if thing.lpn:
            top = balances.carrier(tx, thing.lpn)
            assert top is not None, "what stands in a hand is registered"
            event = bring_lpn(tx, top, target)
            moves += event.contents
            carried += event.carried
            stood += event.stood
        else:
            for row in thing.rows:
                moves += balances.moves_of(tx, row, row.slot.at(target, ""))
    return Moved(contents=tuple(moves), carried=tuple(carried), stood=tuple(stood), reason=reason)


def part(held: Balance, quantity: int, target: str, reason: str = "") -> Moved:
    """The event that sets down some of what lies in one slot, loose."""
    move = Movement(item=held.item, quantity=quantity, source=held.slot, target=held.slot.at(target, ""))
    return Moved(contents=(move,), reason=reason)


def _filled(bin: Bin, goods: Goods, others: Sequence[Goods]) -> Bin:
    """The bin as it is once what comes before lies in it."""
    return msgspec.structs.replace(
        bin,
        quantity=bin.quantity + sum(other.quantity for other in others),
        volume_ml=bin.volume_ml + sum(other.volume_ml for other in others),
        weight_g=bin.weight_g + sum(other.weight_g for other in others),
        same_item=bin.same_item + sum(other.quantity for other in others if other.item == goods.item),
        same_lot=bin.same_lot
        + sum(other.quantity for other in others if (other.item, other.lot) == (goods.item, goods.lot)),
        same_owner=bin.same_owner + sum(other.quantity for other in others if other.item == goods.item),
    )


def _plates_full(tx: Tx, code: str, things: Sequence[Thing], brought: Sequence[Goods]) -> Refusal | None:
    """Several LPNs at once against the LPNs a place takes; each alone was asked already."""
    plates = sum(1 for thing in things if thing.lpn)
    if plates < 2:
        return None
    bin = bins.bin_of(tx, code, brought[0])
    if bin is None or not bin.capacity_lpns or bin.lpns + plates <= bin.capacity_lpns:
        return None
    reason = f"{bin.lpns} of {bin.capacity_lpns} LPNs are in it, you bring {plates}"
    return BinFull(scanned=code, item=things[0].words, expected="another bin", reason=reason)
