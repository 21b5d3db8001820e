"""Which orders share a cart.

A worker who picks ten orders on one walk walks a third of what ten walks would be, if the orders belong together. Each
order covers ground (footprints.py); a cart starts with the order that covers most, and takes in the one that adds
least new ground for its size, until it is full. That plan is there in seconds for ten thousand orders; what is left of
the time budget goes into exchanges between carts, each priced by the exact walk (exchanges.py). Orders of different
priority never share a cart. The same orders give the same plan.
"""

from collections.abc import Sequence

from msgspec import Struct

from app.work.exchanges import Load, exchange
from app.work.footprints import footprint
from app.work.routes import Floor, Route, Spot, walk

SHORTLIST = 300
"""How many of the best companions of a cart's first order are looked at again for each further place on the cart."""
NEW, OWN = 5, 3
"""New ground counts 5, all ground of the order −3. New ground alone would fill carts with the small orders near the
depot and leave the far ones alone; shared ground alone would do the opposite. 0.6 was best of 0 to 1, on 1,000 orders
and on 10,000."""


class CartOrder(Struct, frozen=True, kw_only=True):
    """What batching needs to know of an order."""

    order: str
    stops: tuple[Spot, ...]
    priority: int = 0
    volume_mm3: int = 0
    weight_g: int = 0


class Cart(Struct, frozen=True, kw_only=True):
    """What one cart carries; a limit that is None does not bind."""

    max_orders: int
    max_volume_mm3: int | None = None
    max_weight_g: int | None = None

    def __post_init__(self) -> None:
        if self.max_orders < 1:
            raise ValueError("A cart carries at least one order.")


class Batch(Struct, frozen=True, kw_only=True):
    """The orders of one cart and its walk."""

    orders: tuple[str, ...]
    priority: int
    stops: tuple[Spot, ...]
    """Each place once, in the order walked."""
    route: Route
    """Over `stops`; so its order is 0, 1, 2, …"""
    note: str | None = None
    """What the supervisor should know, for example that one order alone is too heavy."""


def plan_batches(floor: Floor, orders: Sequence[CartOrder], cart: Cart, *, budget_s: float = 0.0) -> tuple[Batch, ...]:
    """Every order on exactly one cart, carts by ascending priority; up to `budget_s` is spent on shortening the walks.

    An order too large for the cart travels alone, and its batch says so.
    """
    batches: list[Batch] = []
    for priority in sorted({order.priority for order in orders}):
        alike = [order for order in orders if order.priority == priority]
        load = Load(
            floor=floor,
            stops=[order.stops for order in alike],
            ground=[footprint(floor, order.stops) for order in alike],
            volumes=[order.volume_mm3 for order in alike],
            weights=[order.weight_g for order in alike],
            max_orders=cart.max_orders,
            max_volume=cart.max_volume_mm3,
            max_weight=cart.max_weight_g,
        )
        carts = exchange(load, _first_plan(load), budget_s * len(alike) / len(orders))
        batches += [_batch(floor, cart, [alike[index] for index in members]) for members in carts]
    return tuple(batches)


def _first_plan(load: Load) -> list[list[int]]:
    ground = load.ground
    size = [own.bit_count() for own in ground]
    left = sorted(range(len(ground)), key=lambda index: -size[index])
    carts: list[list[int]] = []
    while left:
        first = left.pop(0)
        members, covered, candidates = [first], ground[first], left
        while len(members) < load.max_orders:
            if load.max_volume is not None or load.max_weight is not None:
                candidates = [index for index in candidates if load.fits([*members, index])]
            if not candidates:
                break
            open_ground = ~covered
            scores = [NEW * (ground[k] & open_ground).bit_count() - OWN * size[k] for k in candidates]
            if len(members) == 1 and len(scores) > SHORTLIST:
                limit = sorted(scores)[SHORTLIST - 1]
                candidates = [k for k, score in zip(candidates, scores, strict=True) if score <= limit]
                scores = [score for score in scores if score <= limit]
            best = scores.index(min(scores))
            chosen = candidates[best]
            candidates = [*candidates[:best], *candidates[best + 1 :]]
            members.append(chosen)
            covered |= ground[chosen]
        taken = set(members)
        left = [index for index in left if index not in taken]
        carts.append(members)
    return carts


def _batch(floor: Floor, cart: Cart, members: Sequence[CartOrder]) -> Batch:
    places = tuple(dict.fromkeys(stop for order in members for stop in order.stops))
    route = walk(floor, places)
    walked = Route(order=tuple(range(len(places))), length_mm=route.length_mm, exact=route.exact)
    return Batch(
        orders=tuple(order.order for order in members),
        priority=members[0].priority,
        stops=tuple(places[index] for index in route.order),
        route=walked,
        note=_note(cart, members),
    )


def _note(cart: Cart, members: Sequence[CartOrder]) -> str | None:
    if cart.max_volume_mm3 is not None and sum(order.volume_mm3 for order in members) > cart.max_volume_mm3:
        return f"{members[0].order} alone is larger than the cart; it needs another carrier."
    if cart.max_weight_g is not None and sum(order.weight_g for order in members) > cart.max_weight_g:
        return f"{members[0].order} alone is heavier than the cart may carry; it needs another carrier."
    return None
