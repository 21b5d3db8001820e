"""Where a pick face is filled from, and which picks wait for that.

The source is goods that may be sold, in a reserve or an ordinary bin that is nobody's pick face: first where picks wait,
then by age, whole LPNs from reserves, along the walk. What is promised stays where it is, with one exception: a pick of
less than a case that was promised out of a reserve waits for the face, and its promise comes down with the goods. Not
so the line a picker is walking to at this moment: it stays where the screen says it is.
"""

import msgspec
from sqlalchemy import Integer, and_, bindparam, cast, exists, func, or_, select

from app import clock
from app.db import Tx
from app.schema.directing import pick_face
from app.schema.items import lot, pack
from app.schema.places import location
from app.schema.stock import balance
from app.schema.work import pick, task
from app.stock import balances
from app.stock.slots import Movement, Slot
from app.work import allocation, arrived, bins
from app.work.choosing import NEVER
from app.work.putaway import Goods, why_not

LOOKED_AT = 40  # slots of an item read for one source


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """A pick that is promised goods in a reserve and waits for them at the face."""

    id: str
    line: str
    location: str
    lpn: str
    lot: str
    rest: int
    priority: int
    due: int


class Held(msgspec.Struct, frozen=True, kw_only=True):
    location: str
    lpn: str
    lot: str
    quantity: int
    allocated: int
    grams: int
    since: int
    kind: str
    sequence: int
    expiry: str
    counting: int = 0  # it is to be counted: nobody is sent there


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A slot to take from."""

    held: Held
    waits: tuple[Waits, ...] = ()

    @property
    def slot(self) -> Slot:
        return Slot(location=self.held.location, lpn=self.held.lpn, lot=self.held.lot)

    @property
    def usable(self) -> int:
        """What may leave: the free goods, and those promised to picks that wait for them."""
        return self.held.quantity - self.held.allocated + sum(each.rest for each in self.waits)

    @property
    def rank(self) -> tuple[object, ...]:
        held = self.held
        age = (held.expiry or NEVER, held.since // clock.DAY)
        return not self.waits, age, held.kind != "reserve", held.sequence, held.location, held.lpn, held.lot


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """What is carried: cases where the item has them."""

    unit: str
    quantity: int


_OPEN = pick.c.state == "open"
_inner = pick.alias("earlier")
_NEXT_OF_WALK = (
    select(_inner.c.id)
    .where(_inner.c.task == pick.c.task, _inner.c.state == "open")
    .order_by(_inner.c.sequence, _inner.c.id)
    .limit(1)
    .scalar_subquery()
)
_UNDER_WAY = and_(task.c.state == "started", task.c.until > bindparam("now"), pick.c.id == _NEXT_OF_WALK)
WAITING = (
    select(
        pick.c.id, pick.c.line, pick.c.location, pick.c.lpn, pick.c.lot,
        (pick.c.quantity - pick.c.picked - pick.c.short).label("rest"), task.c.priority, task.c.due,
    )
    .select_from(pick.join(task, task.c.id == pick.c.task).join(location, location.c.code == pick.c.location))
    .where(
        pick.c.item == bindparam("item"),
        _OPEN,
        or_(task.c.state == "open", task.c.state == "started"),
        location.c.kind == "reserve",
        ~_UNDER_WAY,
    )
    .order_by(task.c.priority, task.c.due, pick.c.sequence, pick.c.id)
)  # fmt: skip
_COUNTING = exists(
    select(task.c.id).where(
        task.c.kind == "count",
        task.c.place == balance.c.location,
        or_(task.c.item == balance.c.item, task.c.item == ""),
        or_(task.c.state == "open", task.c.state == "started"),
    )
)
_IS_FACE = exists(
    select(pick_face.c.item).where(
        pick_face.c.location == balance.c.location, pick_face.c.item == balance.c.item, pick_face.c.active == 1
    )
)
HELD = (
    select(
        balance.c.location, balance.c.lpn, balance.c.lot, balance.c.quantity, balance.c.allocated, balance.c.grams,
        balance.c.since, location.c.kind, location.c.sequence, func.coalesce(lot.c.expiry, "").label("expiry"),
        cast(_COUNTING, Integer).label("counting"),
    )
    .select_from(
        balance.join(location, location.c.code == balance.c.location)
        .outerjoin(lot, and_(lot.c.item == balance.c.item, lot.c.lot == balance.c.lot))
    )
    .where(
        balance.c.item == bindparam("item"),
        balance.c.status == "available",
        balance.c.quantity > 0,
        or_(location.c.kind == "bin", location.c.kind == "reserve"),
        location.c.blocked == "",
        location.c.fixed_item == "",
        func.coalesce(lot.c.held, "") == "",
        ~_IS_FACE,
    )
    .order_by(func.coalesce(lot.c.expiry, ""), balance.c.since, balance.c.location, balance.c.lpn, balance.c.lot)
    .limit(LOOKED_AT)
)  # fmt: skip
SMALLEST_PACK = (
    select(pack.c.unit, pack.c.quantity)
    .where(pack.c.item == bindparam("item"), pack.c.quantity > 1)
    .order_by(pack.c.quantity, pack.c.unit)
    .limit(1)
)


def case_of(tx: Tx, item: str) -> Pack:
    """The item's case; pieces where it has none."""
    return tx.one(SMALLEST_PACK, Pack, item=item) or Pack(unit=arrived.size_of(tx, item).unit, quantity=1)


def waiting(tx: Tx, item: str) -> list[Waits]:
    """The picks that wait for this item to come down, most urgent first. Whole cases are picked where they stand."""
    case = case_of(tx, item).quantity
    found = tx.all(WAITING, Waits, item=item, now=clock.now())
    return [each for each in found if case == 1 or each.rest % case]


def sources(tx: Tx, item: str, face: str) -> list[Source]:
    """Where goods for this face may be taken from, the best first."""
    fits: dict[str, bool] = {}
    found = []
    for source in _all_sources(tx, item, face):
        lot = source.held.lot
        if source.held.counting:
            continue
        if lot not in fits:
            goods = goods_of(tx, item, lot, 1)
            bin = bins.bin_of(tx, face, goods)
            fits[lot] = bin is not None and why_not(goods, bin) is None
        if fits[lot]:
            found.append(source)
    return sorted(found, key=lambda source: source.rank)


def source_at(tx: Tx, item: str, face: str, slot: Slot) -> Source | None:
    """A slot somebody stands at already, be it counted soon or not."""
    return next((source for source in _all_sources(tx, item, face) if source.slot == slot), None)


def _all_sources(tx: Tx, item: str, face: str) -> list[Source]:
    waits = waiting(tx, item)
    today = allocation.site_day(tx)
    found = []
    for held in tx.all(HELD, Held, item=item):
        if held.location == face or (held.expiry and held.expiry < today):
            continue
        here = tuple(w for w in waits if (w.location, w.lpn, w.lot) == (held.location, held.lpn, held.lot))
        source = Source(held=held, waits=here)
        if source.usable > 0:
            found.append(source)
    return found


def goods_of(tx: Tx, item: str, lot: str, quantity: int) -> Goods:
    """As a bin judges them. A pick face takes its item in whatever zone it lies."""
    of = arrived.size_of(tx, item)
    volume = of.length_mm * of.width_mm * of.height_mm * quantity
    return Goods(item=item, quantity=quantity, lot=lot, volume_ml=-(-volume // 1000), weight_g=of.weight_g * quantity)


def moves(item: str, source: Source, quantity: int, face: str, serials: tuple[str, ...] = ()) -> tuple[Movement, ...]:
    """The movements of one trip: what picks wait for first, each with its promise, then free goods."""
    parts: list[tuple[str, int]] = []
    left = quantity
    for each in source.waits:
        some = min(left, each.rest)
        parts += [(each.line, some)] if some else []
        left -= some
    parts += [("", left)] if left else []
    held, target, numbers = source.held, source.slot.at(face, ""), list(serials)
    told: list[Movement] = []
    grams_left = held.grams if quantity == held.quantity else held.grams * quantity // held.quantity
    for n, (line, some) in enumerate(parts, 1):
        if numbers:
            taken, numbers = numbers[:some], numbers[some:]
            told += [
                Movement(item=item, quantity=1, source=source.slot, target=target, serial=number, line=line)
                for number in taken
            ]
            continue
        grams = grams_left if n == len(parts) else held.grams * some // held.quantity
        grams_left -= grams
        told.append(Movement(item=item, quantity=some, source=source.slot, target=target, line=line, grams=grams))
    return tuple(told)


def emptied_plate(tx: Tx, source: Source, quantity: int) -> str:
    """The LPN that holds nothing once this much is taken; empty where it does, or where there is none."""
    plate = source.held.lpn
    if not plate or sum(row.quantity for row in balances.in_lpn(tx, plate)) > quantity:
        return ""
    return "" if any(child.state == "open" for child in balances.nested(tx, plate)) else plate


def empties(tx: Tx, source: Source, quantity: int) -> bool:
    """Do the books say that nothing at all is left in the source's place?"""
    return sum(row.quantity for row in balances.at_location(tx, source.held.location)) <= quantity
