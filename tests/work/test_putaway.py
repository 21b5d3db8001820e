"""Which bin, why that one, and why not the one you thought of; also in a house of ten thousand bins."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import insert

from app import schema
from app.work import bins
from app.work.putaway import (
    DEFAULT_STRATEGIES,
    Bin,
    BinBlocked,
    BinFull,
    Choice,
    Goods,
    MixRule,
    NotAllowedHere,
    Strategy,
    choose_bin,
    why_not,
)
from tests.world import World

Build = Callable[[str], World]

HONEY = Goods(item="HONEY", lot="L1", quantity=48, zone="DRY", weight_g=48 * 600, volume_ml=48 * 800)
MANY_BINS = 10_000
AT_MOST_S = 0.1  # a bound that shared test machines keep; alone it is a few milliseconds, see what is printed


def chosen(goods: Goods, *bins: Bin) -> Choice:
    choice = choose_bin(goods, bins, DEFAULT_STRATEGIES)
    assert choice is not None
    return choice


def test_its_own_pick_face_comes_first() -> None:
    choice = chosen(
        HONEY,
        Bin(code="B-07", zone="DRY", same_item=24, same_lot=24, quantity=24),
        Bin(code="A-01", zone="DRY", fixed_item="HONEY", capacity_quantity=96),
    )
    assert (choice.bin, choice.rule) == ("A-01", "fixed")
    assert choice.why == ("The pick face of HONEY", "Room for 96, you bring 48", "The item's zone, DRY")
    assert (choice.runner_up, choice.lost) == ("B-07", "the same item comes later")


def test_a_full_pick_face_loses_and_says_so() -> None:
    choice = chosen(
        HONEY,
        Bin(code="A-01", zone="DRY", fixed_item="HONEY", capacity_quantity=60, quantity=40, same_item=40),
        Bin(code="B-07", zone="DRY", quantity=24, same_item=24, same_lot=24, capacity_quantity=120),
    )
    assert (choice.bin, choice.rule) == ("B-07", "same_item")
    assert choice.why[:2] == ("Same item and lot is here: 24", "Room for 96, you bring 48")
    assert (choice.runner_up, choice.lost) == ("A-01", "room for 20, you bring 48")


def test_the_same_lot_is_kept_together_before_the_shorter_walk() -> None:
    near = Bin(code="B-01", zone="DRY", sequence=1, quantity=10, same_item=10)
    same = Bin(code="B-09", zone="DRY", sequence=9, quantity=10, same_item=10, same_lot=10)
    choice = chosen(HONEY, near, same)
    assert (choice.bin, choice.runner_up, choice.lost) == ("B-09", "B-01", "other lots are in it")


def test_then_an_empty_bin_of_its_zone_then_any_empty_one_then_any_with_room() -> None:
    other = Bin(code="C-01", sequence=1, zone="COLD")
    mine = Bin(code="C-02", sequence=2, zone="DRY")
    assert chosen(HONEY, other, mine).rule == "empty_in_zone"
    anywhere = Goods(item="MUG", quantity=5)
    assert (chosen(anywhere, mine, other).bin, chosen(anywhere, mine, other).lost) == ("C-01", "further along the walk")
    shared = Bin(code="D-01", quantity=7, capacity_quantity=20)
    choice = chosen(anywhere, shared)
    assert (choice.rule, choice.why) == ("any_room", ("The first with room", "Room for 13, you bring 5"))
    assert chosen(anywhere, shared, other).lost == "other goods are in it"


def test_a_whole_lpn_prefers_a_reserve_and_loose_goods_a_bin() -> None:
    bin, reserve = Bin(code="A-01", sequence=1), Bin(code="R-01", kind="reserve", sequence=9)
    loose, plate = Goods(item="MUG", quantity=5), Goods(item="MUG", quantity=5, on_lpn=True)
    assert chosen(loose, bin, reserve).bin == "A-01"
    choice = chosen(plate, bin, reserve)
    assert (choice.bin, choice.why[-1], choice.lost) == (
        "R-01",
        "A reserve: the LPN stays whole",
        "the LPN would be broken up",
    )


def test_a_strategy_row_may_name_its_zone_and_the_order_is_the_rows() -> None:
    rows = [Strategy(position=1, rule="empty", zone="BULK"), Strategy(position=2, rule="same_item")]
    same, bulk = Bin(code="A-01", quantity=1, same_item=1), Bin(code="X-01", zone="BULK")
    goods = Goods(item="MUG", quantity=5)
    assert choose_bin(goods, [same, bulk], rows).bin == "X-01"  # type: ignore[union-attr]
    assert choose_bin(goods, [same], rows).bin == "A-01"  # type: ignore[union-attr]
    assert choose_bin(goods, [Bin(code="C-01")], rows) is None, "no row names an empty bin elsewhere"


@pytest.mark.parametrize(
    ("bin", "refusal", "reason"),
    [
        (Bin(code="L-1", kind="lane", zone="DRY"), NotAllowedHere, "it is a lane"),
        (Bin(code="B-1", zone="COLD"), NotAllowedHere, "the item belongs to zone DRY, this is zone COLD"),
        (Bin(code="B-1", zone="DRY", fixed_item="MUG"), NotAllowedHere, "it belongs to MUG"),
        (Bin(code="B-1", zone="DRY", blocked="wet"), BinBlocked, "wet"),
        (Bin(code="B-1", zone="DRY", counted=1), BinBlocked, "it is being counted"),
        (Bin(code="B-1", zone="DRY", mix="one_item", quantity=3), MixRule, "another item is in it"),
        (Bin(code="B-1", zone="DRY", mix="one_lot", quantity=3), MixRule, "another item is in it"),
        (Bin(code="B-1", zone="DRY", mix="one_lot", quantity=3, same_item=3), MixRule, "another lot is in it"),
        (Bin(code="B-1", zone="DRY", capacity_quantity=47), BinFull, "room for 47, you bring 48"),
        (Bin(code="B-1", zone="DRY", capacity_volume_ml=40_000, volume_ml=10_000), BinFull, "30.0 l free, you bring 38.4 l"),
        (Bin(code="B-1", zone="DRY", capacity_weight_g=28_000), BinFull, "it may carry 28.0 kg more, you bring 28.8 kg"),
    ],
)  # fmt: skip
def test_what_a_bin_refuses(bin: Bin, refusal: type, reason: str) -> None:
    found = why_not(HONEY, bin)
    assert type(found) is refusal
    assert found is not None
    assert found.facts["reason"] == reason
    assert choose_bin(HONEY, [bin], DEFAULT_STRATEGIES) is None


def test_a_reserve_counts_its_lpns() -> None:
    reserve = Bin(code="R-1", kind="reserve", capacity_lpns=2, lpns=2)
    refusal = why_not(Goods(item="MUG", quantity=1, on_lpn=True), reserve)
    assert isinstance(refusal, BinFull)
    assert refusal.sentence == "R-1 is full: 2 of 2 LPNs are in it."
    assert why_not(Goods(item="MUG", quantity=1), reserve) is None


def test_mixing_by_rule_is_fine_where_the_rule_is_kept() -> None:
    assert why_not(HONEY, Bin(code="B", zone="DRY", mix="one_item", quantity=3, same_item=3)) is None
    assert why_not(HONEY, Bin(code="B", zone="DRY", mix="one_lot", quantity=3, same_item=3, same_lot=3)) is None


# ── read from the house ──────────────────────────────────────────────────────────────────────────────────────────────
def propose(world: World, goods: Goods, **more: tuple[str, ...]) -> Choice | None:
    with world.db.reading() as tx:
        return bins.propose(tx, goods, "mara", **more)


def sized(world: World, code: str, weight_g: int, height_mm: int) -> None:
    item = schema.items.item
    world.change(item, item.c.code == code, weight_g=weight_g, length_mm=100, width_mm=100, height_mm=height_mm)


def test_the_house_is_read_as_the_rules_want_it(build: Build) -> None:
    world = build("A-01 HONEY 10 lot=L1\nA-02 HONEY 10 lot=L2\nA-03 MUG 4")
    sized(world, "HONEY", 600, 80)
    with world.db.reading() as tx:
        found = bins.bin_of(tx, "A-01", Goods(item="HONEY", lot="L2", quantity=1))
    assert found is not None
    assert (found.quantity, found.same_item, found.same_lot) == (10, 10, 0)
    assert (found.weight_g, found.volume_ml) == (6_000, 8_000)
    choice = propose(world, Goods(item="HONEY", lot="L2", quantity=5))
    assert choice is not None
    assert (choice.bin, choice.runner_up, choice.lost) == ("A-02", "A-01", "other lots are in it")
    again = propose(world, Goods(item="HONEY", lot="L2", quantity=5), without=("A-02",))
    assert again is not None
    assert again.bin == "A-01"


def test_any_room_is_found_by_every_capacity_and_mixing_rule(build: Build) -> None:
    world = build("A-01 MUG 4\nA-02 MUG 4\nA-03 MUG 4\nA-04 MUG 4\nA-05 MUG 4")
    place = schema.places.location
    sized(world, "MUG", 500, 100)
    world.change(place, place.c.code == "A-01", capacity_quantity=8)
    world.change(place, place.c.code == "A-02", capacity_weight_g=4_000)
    world.change(place, place.c.code == "A-03", capacity_volume_ml=8_000)
    world.change(place, place.c.code == "A-04", mix="one_item")
    world.item("PEN")
    goods = Goods(item="PEN", quantity=5, weight_g=2_500, volume_ml=5_000)
    choice = propose(world, goods)
    assert choice is not None
    assert (choice.bin, choice.rule) == ("A-05", "any_room")
    assert propose(world, goods, without=("A-05",)) is None


@pytest.mark.parametrize("filled", [0.5, 1.0])
def test_ten_thousand_bins_take_a_few_milliseconds(build: Build, filled: float) -> None:
    """Half full, and full but for the last bin: the worst walk there is."""
    world = build("")
    world.item("MUG", zone="Z3")
    world.item("PEN")
    place, balance = schema.places.location, schema.stock.balance
    codes = [f"{n // 100:03d}-{n % 100:02d}" for n in range(MANY_BINS)]
    rows = [
        {
            "code": code,
            "kind": "reserve" if n % 4 else "bin",
            "zone": f"Z{n % 10}",
            "sequence": n,
            "capacity_quantity": 50,
        }
        for n, code in enumerate(codes)
    ]
    stock = [
        {"item": "PEN", "location": code, "lpn": "", "lot": lot, "status": "available", "quantity": 25}
        for n, code in enumerate(codes)
        if n < MANY_BINS * filled - 1
        for lot in ("", "L1")
    ]
    world.db.do(lambda tx: tx.many(insert(place).values(rows[0]), rows))
    world.db.do(lambda tx: tx.many(insert(balance).values(stock[0]), stock))
    if world.db.dialect == "postgresql":
        world.db.do(lambda tx: tx.connection.execute("ANALYZE"))
    told = []
    for goods in (Goods(item="MUG", quantity=20, zone="Z9", on_lpn=True), Goods(item="PAD", quantity=20)):
        took = []
        for _ in range(4):
            before = time.perf_counter()
            choice = propose(world, goods)
            took.append(time.perf_counter() - before)
            assert choice is not None
            assert choice.rule == ("empty_in_zone" if goods.zone else "empty")
        told.append(f"{min(took) * 1000:.1f} ms")
        assert min(took) < AT_MOST_S
    print(f"{world.db.dialect}, {filled:.0%} full: in its zone {told[0]}, anywhere {told[1]}")
