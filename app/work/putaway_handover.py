"""Putaway in two steps: one worker brings goods to the hand-over point, another with the right equipment takes them on.

A zone whose shelves take a reach truck has its hand-over point in front of it, as a row. Whoever drives one goes all the
way; everybody else sets the goods down there, where they wait for their bin like any arrival, but only for workers who can
go on. The plan is made anew then, because the bin thought of first may be taken by that time.
"""

import msgspec
from sqlalchemy import bindparam, delete, select

from app.db import Tx
from app.errors import Forbidden, State, Unknown
from app.schema.places import location
from app.schema.storage import handover
from app.stock import balances
from app.stock.events import Moved
from app.work import arrived, bins, moves_target, people
from app.work.arrivals import ARRIVAL_KINDS
from app.work.arrived import Load
from app.work.master_terms import put
from app.work.moves import Thing

MOST_POINTS = 200


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """The goods of a zone change hands at this location."""

    zone: str
    location: str
    equipment: str = ""  # space-separated; empty: anybody takes them on, but as a second step
    active: int = 1

    @property
    def drives(self) -> str:
        return self.equipment.replace("_", " ") or "the next worker"

    def in_words(self) -> str:
        return f"{self.location}, from there by {self.drives}"


class NeedsEquipment(Forbidden):
    code, title = "needs_equipment", "Not with your equipment"
    says = "From {scanned} it goes on by {equipment}."
    todo = "Leave it there for a colleague who has one."


class NoHandover(State):
    code, title = "no_handover", "No hand-over point"
    says = "{scanned} cannot be a hand-over point: {reason}."
    todo = "Choose a staging place, and a zone with bins."


ALL = select(handover).order_by(handover.c.zone).limit(MOST_POINTS)
BEFORE = (
    select(handover)
    .join(location, location.c.zone == handover.c.zone)
    .where(location.c.code == bindparam("bin"), handover.c.active == 1)
)
AT = select(handover).where(handover.c.location == bindparam("place"), handover.c.active == 1)
KIND = select(location.c.kind).where(location.c.code == bindparam("code"))
IN_ZONE = select(location.c.code).where(location.c.zone == bindparam("of_zone")).limit(1)
PUT = put(handover)
DROP = delete(handover).where(handover.c.zone == bindparam("of_zone"))


def everything(tx: Tx) -> list[Point]:
    return tx.all(ALL, Point)


def point_before(tx: Tx, bin: str) -> Point | None:
    """The hand-over point in front of a bin's zone."""
    return tx.one(BEFORE, Point, bin=bin)


def on_the_way(tx: Tx, worker: str, load: Load, bin: str) -> Point | None:
    """Where this worker sets the load down on its way to the bin; None: they go all the way. Raises NeedsEquipment."""
    point = point_before(tx, bin)
    if point is None:
        return None
    may = bool(point.equipment) and _can(tx, worker, point)
    if load.location == point.location:
        if point.equipment and not may:
            raise NeedsEquipment(scanned=point.location, equipment=point.drives)
        return None
    return None if may else point


def not_for(tx: Tx, worker: str) -> frozenset[str]:
    """Hand-over points from which this worker cannot go on: what waits there is not theirs."""
    return frozenset(
        point.location for point in everything(tx) if point.active and point.equipment and not _can(tx, worker, point)
    )


def bring(tx: Tx, load: Load, quantity: int, point: Point) -> Moved:
    """The event that sets a load down at the hand-over point: the whole LPN, or what of it goes that way."""
    held = arrived.now_at(tx, load)
    if load.lpn and (load.whole or _all_go(tx, load, point)) and quantity == held.quantity:
        thing = Thing(lpn=load.lpn, rows=tuple(balances.in_lpn(tx, load.lpn)))
        return moves_target.drop(tx, [thing], point.location, reason="handover")
    if quantity == held.quantity:
        return moves_target.drop(tx, [Thing(rows=(held,))], point.location, reason="handover")
    return moves_target.part(held, quantity, point.location, reason="handover")


def keep(tx: Tx, zone: str, place: str, equipment: str) -> str:
    """A zone's hand-over point. Raises Unknown, NoHandover."""
    kind = tx.value(KIND, code=place)
    if kind is None:
        raise Unknown(scanned=place or "Nothing")
    if kind not in ARRIVAL_KINDS:
        raise NoHandover(scanned=place, reason=f"it is a {kind}")
    if tx.value(IN_ZONE, of_zone=zone) is None:
        raise NoHandover(scanned=place, reason=f"zone {zone or 'without a name'} has no places")
    point = Point(zone=zone, location=place, equipment=" ".join(equipment.split()))
    tx.run(PUT, **msgspec.structs.asdict(point))
    tx.tell("strategies")
    return f"Goods for zone {zone} change hands at {point.in_words()}."


def drop(tx: Tx, zone: str) -> str:
    tx.run(DROP, of_zone=zone)
    tx.tell("strategies")
    return f"Goods for zone {zone} go all the way."


def _all_go(tx: Tx, load: Load, point: Point) -> bool:
    """Does everything on a mixed LPN go to the same zone? Then it stays on it."""
    for row in balances.in_lpn(tx, load.lpn):
        other = arrived.load_of(row, whole=False)
        choice = bins.propose(tx, arrived.goods_of(tx, other, row.quantity), "")
        if choice is None or point_before(tx, choice.bin) != point:
            return False
    return True


def _can(tx: Tx, worker: str, point: Point) -> bool:
    who = people.by_code(tx, worker)
    return who is not None and who.can(*point.equipment.split())
