"""Weights are learned from good cartons: right after some dozens, narrow enough to miss a spoon, and never wider than before."""

import random
from collections.abc import Callable

import pytest

from app.db import Tx
from app.schema.items import item
from app.work import parcels, weights
from app.work.weights import BOX, ENOUGH, ITEM, Line, Weight
from tests.world import World

Build = Callable[[str], World]

TOLD = {"SOAP": 105, "TIN": 420, "SPOON": 35, "JAR": 690}
TRUE = {"SOAP": 108.5, "TIN": 411.0, "SPOON": 36.0, "JAR": 690.0}
SPREAD = {"SOAP": 1.2, "TIN": 2.0, "SPOON": 0.3, "JAR": 6.0}


class Shop:
    """A packing table whose scale and goods have their own ideas of what things weigh."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.known: dict[str, Weight] = {code: weights.told(ITEM, code, grams) for code, grams in TOLD.items()}
        self.box = weights.told(BOX, "BOX-M", 200)

    def carton(self) -> dict[str, int]:
        codes = self.dice.sample(sorted(TRUE), self.dice.randint(1, 3))
        return {code: self.dice.randint(1, 6) for code in codes}

    def weigh(self, inside: dict[str, int]) -> int:
        """Box, paper and tape of 12 ± 4 g, and each unit with its own weight."""
        box = 200 + self.dice.gauss(12, 4)
        units = sum(self.dice.gauss(TRUE[code], SPREAD[code]) for code, n in inside.items() for _ in range(n))
        return round(box + units)

    def lines(self, inside: dict[str, int]) -> list[Line]:
        items = [Line(weight=self.known[code], quantity=n) for code, n in inside.items()]
        return [Line(weight=self.box, quantity=1), *items]

    def learn(self, cartons: int) -> None:
        for _ in range(cartons):
            inside = self.carton()
            lines = self.lines(inside)
            for weight in weights.learned(lines, self.weigh(inside) - weights.expected_g(lines)):
                if weight.kind == BOX:
                    self.box = weight
                else:
                    self.known[weight.code] = weight


@pytest.mark.parametrize("seed", range(5))
def test_after_some_dozens_of_cartons_every_mean_is_right_and_good_cartons_pass(seed: int) -> None:
    shop = Shop(seed)
    shop.learn(120)
    for code, true in TRUE.items():
        assert abs(shop.known[code].mean_g - true) < max(1.5, true * 0.01), (code, shop.known[code])
    good = [shop.carton() for _ in range(400)]
    off = [
        abs(shop.weigh(inside) - weights.expected_g(lines)) > weights.tolerance_g(lines)
        for inside in good
        for lines in [shop.lines(inside)]
    ]
    assert sum(off) <= 4, "one good carton in a hundred is not looked into in vain"


@pytest.mark.parametrize("seed", range(5))
def test_a_missing_unit_that_the_fixed_share_hid_is_noticed_and_named(seed: int) -> None:
    shop = Shop(seed)
    shop.learn(200)
    hidden = noticed = named = 0
    for _ in range(300):
        inside = {**shop.carton(), "SPOON": 2}
        lines = shop.lines(inside)
        expected = weights.expected_g(lines)
        found = shop.weigh({**inside, "SPOON": 1})
        house = max(parcels.TOLERANCE_G, expected * parcels.TOLERANCE_PERCENT // 100)
        within = min(house, weights.tolerance_g(lines))
        hidden += abs(found - expected) <= house
        if abs(found - expected) > within:
            noticed += 1
            named += weights.culprit(lines, found - expected, within) == "1 SPOON missing"
    before, now = 300 - hidden, noticed
    assert now > before
    assert named >= 0.9 * noticed


def test_the_culprit_is_the_line_that_explains_the_difference_with_the_fewest_units() -> None:
    lines = [
        Line(weight=weights.told(BOX, "BOX-M", 200), quantity=1),
        Line(weight=weights.told(ITEM, "SPOON", 35), quantity=9),
        Line(weight=weights.told(ITEM, "SOAP", 105), quantity=2),
    ]
    assert weights.culprit(lines, -105, 10) == "1 SOAP missing", "not three spoons"
    assert weights.culprit(lines, -35, 10) == "1 SPOON missing"
    assert weights.culprit(lines, 212, 10) == "2 SOAP too many"
    assert weights.culprit(lines, -315, 10) == "", (
        "three soaps cannot be missing where there were two, nine spoons are too many"
    )
    assert weights.culprit(lines, 52, 10) == ""
    assert weights.culprit(lines, -35, 80) == "", "within what a good carton may be off by nothing can be told"


def test_what_nobody_told_is_learned_where_it_is_the_only_unknown() -> None:
    box = weights.told(BOX, "BOX-M", 200)
    new, other = weights.told(ITEM, "NEW", 0), weights.told(ITEM, "OTHER", 0)
    assert (
        weights.learned(
            [Line(weight=box, quantity=1), Line(weight=new, quantity=1), Line(weight=other, quantity=1)], 300
        )
        == ()
    )
    [first] = weights.learned([Line(weight=box, quantity=1), Line(weight=new, quantity=4)], 484)
    assert (first.code, first.mean_mg, first.told_g, first.known) == ("NEW", 121_000, 0, False)
    for _ in range(ENOUGH):
        lines = [Line(weight=box, quantity=1), Line(weight=first, quantity=2)]
        box, first = weights.learned(lines, 212 + 242 - weights.expected_g(lines))
    assert first.known
    assert abs(first.mean_g - 121) < 4
    assert (
        weights.learned([Line(weight=weights.told(BOX, "", 0), quantity=1), Line(weight=first, quantity=1)], 90) == ()
    )


def test_a_new_weight_of_the_item_master_begins_anew(build: Build) -> None:
    world = build("")
    world.item("SOAP", weight_g=105)
    lines = [Line(weight=weights.told(BOX, "BOX-M", 200), quantity=1)]

    def learn(tx: Tx) -> None:
        soap = weights.of_item(tx, "SOAP")
        weights.keep(tx, weights.learned([*lines, Line(weight=soap, quantity=5)], 25))

    for _ in range(ENOUGH):
        world.db.do(learn)
    with world.db.reading() as tx:
        assert weights.of_item(tx, "SOAP").mean_mg > 105_000
        assert weights.of_item(tx, "SOAP").cartons == ENOUGH
    world.change(item, item.c.code == "SOAP", weight_g=120)
    with world.db.reading() as tx:
        assert weights.of_item(tx, "SOAP") == weights.told(ITEM, "SOAP", 120)
