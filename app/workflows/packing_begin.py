"""Packing, the way in: where an order goes on at this table, and whether it may.

An order is packed in as many sittings as it takes. A carton that waits for its label comes first, because a closed box
without a label is a lost box; then the one that stands open; then what is loose.
"""

from app.errors import ScanAgain, State
from app.floor.floor import Floor
from app.floor.screens import Screen, build
from app.stock import balances
from app.work import carton_proposals, packing, parcels
from app.workflows.packing_view import place, weighing


class NothingToPack(State):
    code, title = "nothing_to_pack", "Nothing to pack"
    says = "Order {order} is {state}; no picked goods of it are loose."
    todo = "Scan another tote."


class OpenElsewhere(State):
    code, title = "carton_open_elsewhere", "Open elsewhere"
    says = "The last goods of order {order} lie in carton {carton}, open at {place}."
    todo = "Finish it there."


class NotComplete(ScanAgain):
    code, title = "not_complete", "Not all is picked"
    says = "{missing} more units of order {order} are not picked yet."
    todo = "Pack what there is? Scan {scanned} again."


class PackedElsewhere(ScanAgain):
    code, title = "packed_elsewhere", "Packed elsewhere"
    says = "A carton of order {order} stands open at {place}."
    todo = "Pack the rest here? Scan {scanned} again."


def begin(floor: Floor, code: str, tote: str = "") -> Screen:
    """Go on with an order at this station.

    Raises NoStation, OrderOff, NotPicked, NothingToPack, OpenElsewhere; NotComplete and PackedElsewhere until confirmed.
    """
    tx, here = floor.tx, place(floor)
    head = packing.workable(tx, code)
    waiting = parcels.unlabelled(tx, code)
    if waiting is not None:
        return build("packing.label", order=code, carton=waiting.lpn)
    left = packing.loose(tx, code)
    other = parcels.open_elsewhere(tx, code, here)
    if not left:
        mine = parcels.open_at(tx, code, here)
        if mine is not None and balances.in_lpn(tx, mine.lpn):
            return weighing(floor, code, mine.lpn)
        if other is not None:
            raise OpenElsewhere(order=code, carton=other.lpn, place=other.location)
        raise NothingToPack(order=code, state=head.state)
    shown = tote or code
    missing = packing.still_to_pick(tx, code)
    if missing:
        floor.confirm(NotComplete(order=code, missing=missing, scanned=shown))
    if other is not None:
        floor.confirm(PackedElsewhere(order=code, place=other.location, scanned=shown))
    return fill(floor, code, tote)


def fill(floor: Floor, code: str, tote: str = "", left: list[packing.Loose] | None = None) -> Screen:
    """The screen that takes the units, with the carton to fold for what is left."""
    rows = packing.loose(floor.tx, code) if left is None else left
    return build("packing.items", order=code, tote=tote, proposal=carton_proposals.propose(floor.tx, rows))
