"""Who gets which goods: the oldest first, never twice, all or nothing where it must be, and the reason where nothing.

The judge of "oldest first, fewest stops" tries every way to take a quantity from small random shelves.
"""

import random
import time
from collections.abc import Callable, Sequence
from itertools import product

import msgspec

from app import clock
from app.db import Tx
from app.schema.documents import order_line, sales_order
from app.schema.items import lot
from app.schema.places import location
from app.stock.ledger import By
from app.stock.slots import Slot
from app.work import allocation
from app.work.allocation import Barred, Demand, Need, Share
from app.work.choosing import Part, Stock, choose, cost
from tests.world import World

Build = Callable[[str], World]


def stock(place: str, free: int, item: str = "TEE", lot: str = "", **facts: object) -> Stock:
    return Stock(item=item, slot=Slot(location=place, lot=lot), free=free, **facts)  # type: ignore[arg-type]


def told(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.quantity} from {part.stock.slot.location}" for part in parts)


def test_the_lot_that_spoils_first_leaves_first_even_from_further_away() -> None:
    shelf = [
        stock("A-01", 10, lot="new", expiry="2027-01-31", sequence=1),
        stock("B-09", 3, lot="old", expiry="2026-12-01", sequence=9),
        stock("A-02", 5, sequence=2),
    ]
    assert told(choose(shelf, 2)) == "2 from B-09"
    assert told(choose(shelf, 5)) == "3 from B-09, 2 from A-01"
    assert told(choose(shelf, 99)) == "3 from B-09, 10 from A-01, 5 from A-02"


def test_without_a_date_what_came_first_leaves_first_and_of_one_day_the_fewest_stops() -> None:
    monday, tuesday = 20_000 * clock.DAY, 20_001 * clock.DAY
    shelf = [
        stock("A-01", 2, since=tuesday, sequence=1),
        stock("A-02", 2, since=tuesday + 5, sequence=2),
        stock("A-03", 4, since=tuesday + 9, sequence=3),
        stock("Z-99", 1, since=monday, sequence=99),
    ]
    assert told(choose(shelf, 5)) == "1 from Z-99, 4 from A-03"
    assert told(choose(shelf, 3)) == "1 from Z-99, 2 from A-01"


def test_whole_cases_come_from_the_reserve_and_loose_pieces_from_the_pick_face() -> None:
    shelf = [stock("A-01", 8, case=12), stock("R-01", 48, case=12, reserve=True)]
    assert told(choose(shelf, 3)) == "3 from A-01"
    assert told(choose(shelf, 24)) == "24 from R-01"
    assert told(choose([stock("A-01", 8, case=12), stock("R-01", 24, case=12, reserve=True)], 29)) == (
        "5 from A-01, 24 from R-01"
    )


def ways(shelf: Sequence[Stock], quantity: int) -> list[list[Part]]:
    """Every way to take exactly this much."""
    return [
        [Part(stock=each, quantity=n) for each, n in zip(shelf, taken, strict=True) if n]
        for taken in product(*(range(each.free + 1) for each in shelf))
        if sum(taken) == quantity
    ]


def ages(parts: Sequence[Part]) -> list[tuple[str, int]]:
    return sorted(part.stock.age for part in parts for _ in range(part.quantity))


def test_five_thousand_small_shelves_are_served_as_well_as_by_trying_everything() -> None:
    chance = random.Random(7)
    for _ in range(5_000):
        shelf = [
            stock(
                f"A-{chance.randrange(4)}",
                chance.randint(1, 5),
                lot=f"L{n}",
                expiry=chance.choice(["2026-12-01", "2027-01-01"]),
                reserve=chance.random() < 0.4,
                case=3,
                sequence=chance.randrange(3),
            )
            for n in range(chance.randint(1, 4))
        ]
        shelf = [as_reserve_or_face(each) for each in shelf]
        quantity = chance.randint(1, 9)
        parts = choose(shelf, quantity)
        most = min(quantity, sum(each.free for each in shelf))
        assert sum(part.quantity for part in parts) == most
        every = ways(shelf, most)
        oldest = min(ages(way) for way in every)
        assert ages(parts) == oldest, "nothing younger leaves while something older could"
        last = [way for way in every if ages(way) == oldest]
        assert cost(parts)[:2] == min(cost(way)[:2] for way in last)


def as_reserve_or_face(each: Stock) -> Stock:
    """A place is a reserve or a pick face, not both."""
    name = ("R" if each.reserve else "A") + each.slot.location[1:]
    return msgspec.structs.replace(each, slot=Slot(location=name, lot=each.slot.lot))


def demand(order: str, *needs: tuple[str, int], **facts: object) -> Demand:
    lines = tuple(Need(line=f"{order}/{n}", item=item, quantity=wants) for n, (item, wants) in enumerate(needs, 1))
    return Demand(order=order, needs=lines, **facts)  # type: ignore[arg-type]


def by_order(shares: Sequence[Share]) -> dict[str, str]:
    return {
        share.order: "; ".join(
            [f"{c.quantity} {c.item} {c.slot.location}" for c in share.claims]
            + [f"lacks {m.quantity} {m.item}: {m.why}" for m in share.missing]
        )
        for share in shares
    }


def test_scarce_stock_goes_by_priority_then_cut_off_then_age() -> None:
    orders = [
        demand("1003", ("TEE", 4), cutoff=900),
        demand("1002", ("TEE", 4), cutoff=500),
        demand("1001", ("TEE", 4), cutoff=900),
        demand("1009", ("TEE", 4), priority=1),
    ]
    assert by_order(allocation.allocate(orders, [stock("A-01", 9)])) == {
        "1009": "4 TEE A-01",
        "1002": "4 TEE A-01",
        "1001": "1 TEE A-01; lacks 3 TEE: 3 allocated elsewhere",
        "1003": "lacks 4 TEE: 4 allocated elsewhere",
    }


def test_an_order_that_must_ship_complete_gets_all_or_nothing_and_frees_the_rest_for_others() -> None:
    orders = [
        demand("1001", ("TEE", 3), ("MUG", 2), ship_complete=True),
        demand("1002", ("TEE", 3)),
    ]
    shares = allocation.allocate(
        orders, [stock("A-01", 4), stock("B-01", 1, "MUG")], [Barred(item="MUG", quantity=5, why="staging")]
    )
    assert by_order(shares) == {
        "1001": "lacks 1 MUG: 1 in staging, not put away",
        "1002": "3 TEE A-01",
    }


def test_five_hundred_orders_over_two_thousand_locations_take_less_than_a_second() -> None:
    chance = random.Random(1)
    shelf = [
        stock(f"A-{n:04}", chance.randint(5, 40), f"ITEM-{n % 700}", f"L{n % 3}", expiry=f"2027-0{1 + n % 6}-01")
        for n in range(2_000)
    ]
    orders = [
        demand(f"{n}", *((f"ITEM-{chance.randrange(700)}", chance.randint(1, 6)) for _ in range(3))) for n in range(500)
    ]
    begin = time.perf_counter()
    shares = allocation.allocate(orders, shelf)
    took = time.perf_counter() - begin
    promised: dict[Slot, int] = {}
    for claim in (claim for share in shares for claim in share.claims):
        promised[claim.slot] = promised.get(claim.slot, 0) + claim.quantity
    assert all(promised.get(each.slot, 0) <= each.free for each in shelf)
    assert took < 1, f"{took:.3f} s"


# ── against the books ────────────────────────────────────────────────────────────────────────────────────────────────
def order(world: World, code: str, *lines: tuple[str, int], **facts: object) -> None:
    world.add(sales_order, code=code, **facts)
    for n, (item, quantity) in enumerate(lines, 1):
        world.add(order_line, id=f"{code}/{n}", order_code=code, line=str(n), item=item, quantity=quantity)


def test_what_cannot_be_promised_says_why(build: Build) -> None:
    world = build("""
        A-01  HONEY  2  lot=L1 expiry=2099-01-01
        A-02  HONEY  3  lot=L0 expiry=2020-01-01
        A-03  HONEY  4  lot=L2 expiry=2099-01-01 status=quarantine
        A-04  HONEY  5  lot=L3 expiry=2099-01-01
        A-05  HONEY  6  lot=L1 expiry=2099-01-01
        DOCK  HONEY  7  lot=L1 expiry=2099-01-01
    """)
    world.change(lot, lot.c.lot == "L3", held="recall")
    world.change(location, location.c.code == "A-05", blocked="water")
    order(world, "1001", ("HONEY", 40))
    with world.db.reading() as tx:
        [share] = allocation.plan(tx, ["1001"])
    assert by_order([share]) == {
        "1001": "2 HONEY A-01; lacks 38 HONEY: "
        "9 on hold, 3 expired, 7 in staging, not put away, 6 in a blocked bin, 13 not in stock"
    }
    world.check()


def test_a_posted_share_is_promised_counted_and_never_promised_again(build: Build) -> None:
    world = build("A-01 TEE-M 5")
    order(world, "1001", ("TEE-M", 3))
    order(world, "1002", ("TEE-M", 9))

    def work(tx: Tx) -> None:
        for share in allocation.plan(tx, ["1001", "1002"]):
            allocation.promise(tx, share, By(worker="desk"), give_up=True)

    world.db.do(work)
    assert world.holds() == "A-01 TEE-M 5 (5 promised)"
    lines = world.rows(
        order_line.select().with_only_columns(order_line.c.id, order_line.c.allocated, order_line.c.short)
    )
    assert sorted(tuple(row) for row in lines) == [("1001/1", 3, 0), ("1002/1", 2, 7)]
    world.db.do(work)
    assert world.holds() == "A-01 TEE-M 5 (5 promised)"
    world.check()
