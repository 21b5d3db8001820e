"""Which orders go on which cart, and past which places it is walked: the plan of a wave, made away from the writer.

Where the site's measures and the places' geometry are known, batching.py finds the carts and routes.py the exact walk.
Where they are not, orders go on carts as they come and places are walked by their sequence number, which is what a
floor without a plan does anyway. A big plan is made in a process of its own, so that no scan waits for it: this module
is then its program, with the day as JSON on its input and the walks as JSON on its output.
"""

import subprocess
import sys
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.places import location, site
from app.work import routes
from app.work.batching import Cart, CartOrder, plan_batches
from app.work.routes import Floor, Spot

INLINE_ORDERS = 40  # planned in a few milliseconds; more go to a process of their own
PLAN_TIMEOUT_S = 180.0  # beyond what the batches may take

MEASURES = select(
    site.c.aisles, site.c.blocks, site.c.aisle_pitch_mm, site.c.block_length_mm, site.c.cross_aisle_mm
).order_by(site.c.code).limit(1)  # fmt: skip
PLACE = select(
    location.c.code, location.c.block, location.c.aisle, location.c.position_mm, location.c.level, location.c.sequence
).where(location.c.code == bindparam("code"))


class Place(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    block: int = 0
    aisle: int = 0
    position_mm: int = 0
    level: int = 0
    sequence: int = 0

    @property
    def spot(self) -> Spot:
        return Spot(block=self.block, aisle=self.aisle, position_mm=self.position_mm)


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """One order as the walk sees it."""

    order: str
    places: tuple[str, ...]
    priority: int = 5
    due: int = 0
    volume_mm3: int = 0
    weight_g: int = 0


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """How a wave is made into walks. One order alone is picked without a cart."""

    max_orders: int = 6  # totes on a cart
    max_volume_mm3: int | None = None
    max_weight_g: int | None = None
    budget_s: float = 1.0  # for shortening the walks, after a first plan stands

    @property
    def cart(self) -> Cart:
        return Cart(max_orders=self.max_orders, max_volume_mm3=self.max_volume_mm3, max_weight_g=self.max_weight_g)


class Day(msgspec.Struct, frozen=True, kw_only=True):
    floor: Floor | None
    places: tuple[Place, ...]
    orders: tuple[Bundle, ...]
    method: Method


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[str, ...]
    places: tuple[str, ...]  # in the order walked
    length_mm: int = 0  # 0: no measures
    note: str = ""


def floor_of(tx: Tx) -> Floor | None:
    """The floor's measures from the site's row; None where they were never set."""
    row = tx.row(MEASURES)
    if row is None or row[0] < 1 or row[2] < 1 or row[3] < 1:
        return None
    return Floor(
        aisles=row[0],
        aisle_pitch_mm=row[2],
        block_lengths_mm=(row[3],) * max(1, row[1]),
        cross_aisle_width_mm=row[4],
    )


def places_of(tx: Tx, codes: Iterable[str]) -> tuple[Place, ...]:
    return tuple(tx.one(PLACE, Place, code=code) or Place(code=code) for code in dict.fromkeys(codes))


def plan(day: Day) -> tuple[Walk, ...]:
    """Every order on exactly one walk."""
    known = {place.code: place for place in day.places}
    on_floor = [bundle for bundle in day.orders if _stands(day.floor, bundle, known)]
    others = [bundle for bundle in day.orders if not _stands(day.floor, bundle, known)]
    walks = []
    if day.floor is not None and on_floor:
        by_code = {bundle.order: bundle for bundle in on_floor}
        batches = plan_batches(
            day.floor,
            [
                CartOrder(
                    order=bundle.order,
                    stops=tuple(known[code].spot for code in bundle.places),
                    priority=bundle.priority,
                    volume_mm3=bundle.volume_mm3,
                    weight_g=bundle.weight_g,
                )
                for bundle in on_floor
            ],
            day.method.cart,
            budget_s=day.method.budget_s,
        )
        for batch in batches:
            codes = [code for order in batch.orders for code in by_code[order].places]
            there, length = in_walking_order(day.floor, [known[code] for code in codes])
            walks.append(
                Walk(
                    orders=batch.orders,
                    places=tuple(place.code for place in there),
                    length_mm=length,
                    note=batch.note or "",
                )
            )
    return (*walks, *_as_they_come(others, known, day.method.max_orders))


def _stands(floor: Floor | None, bundle: Bundle, known: dict[str, Place]) -> bool:
    """Do all places of the order lie on the measured floor?"""
    return floor is not None and all(fits(floor, known[code]) for code in bundle.places)


def fits(floor: Floor, place: Place) -> bool:
    try:
        floor.place(place.spot)
    except ValueError:
        return False
    return True


def in_walking_order(floor: Floor | None, places: Sequence[Place]) -> tuple[tuple[Place, ...], int]:
    """Each place once, as it is walked to, and the walk's length (0 where the floor is not measured)."""
    once = sorted({place.code: place for place in places}.values(), key=lambda p: (p.sequence, p.level, p.code))
    if floor is None or not all(fits(floor, place) for place in once):
        return tuple(once), 0
    route = routes.walk(floor, [place.spot for place in once])
    return tuple(once[index] for index in route.order), route.length_mm


def _as_they_come(bundles: Sequence[Bundle], known: dict[str, Place], max_orders: int) -> list[Walk]:
    walks: list[Walk] = []
    for priority in sorted({bundle.priority for bundle in bundles}):
        alike = sorted((b for b in bundles if b.priority == priority), key=lambda b: (b.due, b.order))
        for first in range(0, len(alike), max_orders):
            cart = alike[first : first + max_orders]
            there, _ = in_walking_order(None, [known[code] for bundle in cart for code in bundle.places])
            walks.append(Walk(orders=tuple(b.order for b in cart), places=tuple(place.code for place in there)))
    return walks


_DAY = msgspec.json.Decoder(Day)
_WALKS = msgspec.json.Decoder(tuple[Walk, ...])


def plan_apart(day: Day) -> tuple[Walk, ...]:
    """The same plan; a big one from a process of its own, so that the server's threads go on."""
    if len(day.orders) <= INLINE_ORDERS:
        return plan(day)
    done = subprocess.run(
        [sys.executable, "-m", "app.work.walks"],
        input=msgspec.json.encode(day),
        stdout=subprocess.PIPE,
        timeout=PLAN_TIMEOUT_S + day.method.budget_s,
        check=True,
    )
    return _WALKS.decode(done.stdout)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(plan(_DAY.decode(sys.stdin.buffer.read()))))
