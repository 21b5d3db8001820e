"""Orders that belong together share a cart, no cart is overloaded, and the plan is there in time."""

import random
from itertools import pairwise
from time import perf_counter

import pytest

from app.work import exchanges
from app.work.batching import Batch, Cart, CartOrder, plan_batches
from app.work.footprints import GROUND_MM, footprint
from app.work.routes import Floor, Spot, distance_mm, walk_length_mm

FLOOR = Floor(
    aisles=20, aisle_pitch_mm=4000, block_lengths_mm=(50_000, 50_000), cross_aisle_width_mm=2000, depot_x_mm=40_000
)


def test_orders_from_the_same_aisle_ride_together() -> None:
    orders = [an_order(f"{side}{n}", (aisle, 1000 * n)) for n in range(1, 4) for side, aisle in (("L", 1), ("R", 18))]
    batches = plan_batches(FLOOR, orders, Cart(max_orders=3))
    assert sorted(sorted(batch.orders) for batch in batches) == [["L1", "L2", "L3"], ["R1", "R2", "R3"]]


def test_an_urgent_order_never_waits_for_others_on_a_cart() -> None:
    orders = [an_order(f"P{n % 3}-{n}", (5, 3000), priority=n % 3) for n in range(7)]
    batches = plan_batches(FLOOR, orders, Cart(max_orders=10), budget_s=0.05)
    assert [(batch.priority, batch.orders) for batch in batches] == [
        (0, ("P0-0", "P0-3", "P0-6")),
        (1, ("P1-1", "P1-4")),
        (2, ("P2-2", "P2-5")),
    ]


@pytest.mark.parametrize("budget_s", [0.0, 0.3])
def test_no_cart_is_overloaded(budget_s: float) -> None:
    chance = random.Random(1)
    orders = a_day(chance, 80)
    cart = Cart(max_orders=6, max_volume_mm3=40_000_000, max_weight_g=30_000)
    batches = plan_batches(FLOOR, orders, cart, budget_s=budget_s)
    assert everyone_once(orders, batches)
    by_name = {order.order: order for order in orders}
    for batch in batches:
        assert len(batch.orders) <= 6
        assert sum(by_name[name].volume_mm3 for name in batch.orders) <= 40_000_000
        assert sum(by_name[name].weight_g for name in batch.orders) <= 30_000
        assert batch.note is None


def test_an_order_too_large_for_the_cart_travels_alone_and_says_so() -> None:
    orders = [
        an_order("SMALL", (2, 1000), weight_g=500),
        an_order("ANVIL", (2, 2000), weight_g=90_000),
        an_order("SOFA", (2, 3000), volume_mm3=10**9),
    ]
    batches = plan_batches(FLOOR, orders, Cart(max_orders=4, max_volume_mm3=10**8, max_weight_g=20_000), budget_s=0.05)
    notes = {batch.orders: batch.note for batch in batches}
    assert notes == {
        ("SMALL",): None,
        ("ANVIL",): "ANVIL alone is heavier than the cart may carry; it needs another carrier.",
        ("SOFA",): "SOFA alone is larger than the cart; it needs another carrier.",
    }


def test_a_batch_lists_each_place_once_in_the_order_walked() -> None:
    orders = a_day(random.Random(2), 30)
    for batch in plan_batches(FLOOR, orders, Cart(max_orders=10)):
        wanted = {stop for order in orders if order.order in batch.orders for stop in order.stops}
        assert set(batch.stops) == wanted
        assert len(batch.stops) == len(wanted)
        assert batch.route.order == tuple(range(len(wanted)))
        assert batch.route.exact
        inside = sum(distance_mm(FLOOR, p, q) for p, q in pairwise(batch.stops))
        home = [walk_length_mm(FLOOR, [stop]) // 2 for stop in (batch.stops[0], batch.stops[-1])]
        assert inside + sum(home) == batch.route.length_mm


def test_more_time_gives_shorter_walks_and_the_same_plan_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still here: a busy test machine must not be what ends the search."""
    monkeypatch.setattr(exchanges, "monotonic", lambda: 0.0)
    orders = a_day(random.Random(3), 120)
    cart = Cart(max_orders=8)
    quick, better, again = (plan_batches(FLOOR, orders, cart, budget_s=s) for s in (0.0, 0.5, 0.5))
    assert metres(better) < metres(quick)
    assert better == again
    assert plan_batches(FLOOR, orders, cart) == quick
    assert everyone_once(orders, better)


def test_the_time_budget_is_kept_on_a_machine_slower_than_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanges, "PROPOSAL_US", 0)
    monkeypatch.setattr(exchanges, "PRICE_US", {2: 0})
    began = perf_counter()
    batches = plan_batches(FLOOR, a_day(random.Random(3), 120), Cart(max_orders=8), budget_s=0.3)
    assert 0.3 <= perf_counter() - began < 2
    assert len(batches) == 15


def test_a_third_of_what_the_peers_walk() -> None:
    """Peers fill carts as orders come in and sort the stops by location name."""
    orders = a_day(random.Random(4), 1000)
    began = perf_counter()
    batches = plan_batches(FLOOR, orders, Cart(max_orders=10))
    took = perf_counter() - began
    peers = sum(by_name_mm([stop for order in orders[k : k + 10] for stop in order.stops]) for k in range(0, 1000, 10))
    assert len(batches) == 100
    assert metres(batches) < peers / 1000 / 2.2
    assert took < 5


def test_orders_without_stops_and_days_without_orders() -> None:
    assert plan_batches(FLOOR, [], Cart(max_orders=5), budget_s=1) == ()
    (batch,) = plan_batches(FLOOR, [CartOrder(order="EMPTY", stops=())], Cart(max_orders=5), budget_s=1)
    assert (batch.orders, batch.stops, batch.route.length_mm) == (("EMPTY",), (), 0)
    with pytest.raises(ValueError, match="A cart carries at least one order"):
        Cart(max_orders=0)


def test_a_footprint_is_the_ground_walked() -> None:
    stop = Spot(block=0, aisle=10, position_mm=9000)
    assert footprint(FLOOR, [stop]).bit_count() * GROUND_MM == walk_length_mm(FLOOR, [stop]) == 20_000
    assert footprint(FLOOR, [stop, stop]) == footprint(FLOOR, [stop])
    far = Spot(block=1, aisle=0, position_mm=1000)
    assert footprint(FLOOR, [stop, far]) == footprint(FLOOR, [stop]) | footprint(FLOOR, [far])


def an_order(
    name: str, place: tuple[int, int], *, priority: int = 0, weight_g: int = 0, volume_mm3: int = 0
) -> CartOrder:
    spot = Spot(block=0, aisle=place[0], position_mm=place[1])
    return CartOrder(order=name, stops=(spot,), priority=priority, weight_g=weight_g, volume_mm3=volume_mm3)


def a_day(chance: random.Random, count: int) -> list[CartOrder]:
    """One to five lines each, some places far more popular than others."""
    places = [
        Spot(block=b, aisle=a, position_mm=1000 * p + 500) for b in range(2) for a in range(20) for p in range(50)
    ]
    chance.shuffle(places)
    popular = [(rank + 1) ** -0.8 for rank in range(len(places))]
    return [
        CartOrder(
            order=f"SO-{n:04}",
            stops=tuple(chance.choices(places, popular, k=chance.randint(1, 5))),
            volume_mm3=chance.randint(500_000, 12_000_000),
            weight_g=chance.randint(100, 9000),
        )
        for n in range(count)
    ]


def everyone_once(orders: list[CartOrder], batches: tuple[Batch, ...]) -> bool:
    return sorted(name for batch in batches for name in batch.orders) == sorted(order.order for order in orders)


def metres(batches: tuple[Batch, ...]) -> float:
    return sum(batch.route.length_mm for batch in batches) / 1000


def by_name_mm(stops: list[Spot]) -> int:
    walked = sorted(set(stops), key=lambda spot: (spot.block, spot.aisle, spot.position_mm))
    ends = sum(walk_length_mm(FLOOR, [stop]) // 2 for stop in (walked[0], walked[-1]))
    return ends + sum(distance_mm(FLOOR, p, q) for p, q in pairwise(walked))
