"""The putaway rows of the house: changed in their order, narrowed to some goods, refused where they contradict."""

from collections.abc import Callable

import pytest

from app.db import Tx
from app.schema.items import item
from app.work import bins, putaway_dry, putaway_rows
from app.work.putaway import Bin, Goods, MixRule, NotAllowedHere, why_not
from app.work.putaway_rows import Contradicts, Kept, NoSuchPlace
from tests.world import World

Build = Callable[[str], World]
ACID = Goods(item="ACID", quantity=4, hazard_class="8")


@pytest.fixture
def world(build: Build) -> World:
    """Mugs in a bin, an acid shelf, a freezer, a reserve."""
    world = build("A-01 MUG 4\nDOCK-1 ICE 10 lpn=LPN-1\nDOCK-1 MUG 6 lpn=LPN-1")
    world.item("ACID", hazard_class="8")
    world.change(item, item.c.code == "ICE", temperature="frozen")
    world.location("A-02", sequence=10)
    world.location("H-01", sequence=11, zone="HAZ", hazards="3 8")
    world.location("F-01", sequence=12, zone="COLD", temperature="frozen")
    return world


def order(world: World) -> list[str]:
    with world.db.reading() as tx:
        return [putaway_rows.in_words(row) for row in putaway_rows.rows(tx) if row.active]


def test_a_house_begins_with_the_usual_rows_and_its_first_change_writes_them_down(world: World) -> None:
    usual = list(putaway_rows.RULES.values())
    assert order(world) == usual
    world.db.do(lambda tx: putaway_rows.switch(tx, 2))
    assert order(world) == [words for words in usual if "lies already" not in words]
    with world.db.reading() as tx:
        assert [row.rule for row in bins.strategies(tx)] == ["fixed", "empty_in_zone", "empty", "any_room"]
    row = Kept(position=0, rule="empty", zone="HAZ", hazard_class="8")
    world.db.do(lambda tx: putaway_rows.add(tx, row, before=1))
    assert order(world)[0] == "an empty place, zone HAZ, for hazard class 8"
    world.db.do(lambda tx: putaway_rows.shift(tx, 1, 1))
    world.db.do(lambda tx: putaway_rows.remove(tx, 3))
    assert order(world)[1] == "an empty place, zone HAZ, for hazard class 8"


@pytest.mark.parametrize(
    ("row", "before", "refusal", "sentence"),
    [
        (Kept(position=0, rule="empty", zone="HAZ"), 0, Contradicts,
         "Row 6 (an empty place, zone HAZ) would never have its turn: row 4 (an empty place) takes all of it before."),
        (Kept(position=0, rule="any_room"), 1, Contradicts,
         "Row 2 (its own pick face) would never have its turn: row 1 (any place with room) takes all of it before."),
        (Kept(position=0, rule="empty", zone="COLD", hazard_class="8"), 1, NoSuchPlace,
         "Row 1 (an empty place, zone COLD, for hazard class 8) can never be met: the house has no place like that."),
        (Kept(position=0, rule="empty", zone="NOWHERE"), 1, NoSuchPlace,
         "Row 1 (an empty place, zone NOWHERE) can never be met: the house has no place like that."),
    ],
)  # fmt: skip
def test_rows_that_contradict_are_refused_with_both_named_and_nothing_changes(
    world: World, row: Kept, before: int, refusal: type, sentence: str
) -> None:
    was = order(world)
    with pytest.raises(refusal) as told:
        world.db.do(lambda tx: putaway_rows.add(tx, row, before=before))
    assert told.value.sentence == sentence  # type: ignore[attr-defined]
    assert order(world) == was


def test_the_last_row_stays_on(world: World) -> None:
    def all_off(tx: Tx) -> None:
        for position in (1, 2, 3, 4, 5):
            putaway_rows.switch(tx, position)

    with pytest.raises(putaway_rows.BadRow, match="without one nothing is put away"):
        world.db.do(all_off)
    assert len(order(world)) == 5


def test_dangerous_and_cold_goods_lie_only_where_they_may(world: World) -> None:
    refusal = why_not(ACID, Bin(code="A-02"))
    assert isinstance(refusal, NotAllowedHere)
    assert refusal.sentence == "ACID may not go to A-02: it may not hold hazard class 8."
    assert why_not(ACID, Bin(code="H", hazards="3 8")) is None
    assert why_not(ACID, Bin(code="H", hazards="88")) is not None
    refusal = why_not(Goods(item="ICE", quantity=1, temperature="frozen"), Bin(code="A"))
    assert refusal is not None
    assert refusal.facts["reason"] == "the item is kept frozen, this place is ambient"
    owned = Bin(code="A", mix="one_owner", quantity=5, same_owner=3)
    assert isinstance(why_not(Goods(item="MUG", quantity=1), owned), MixRule)
    with world.db.reading() as tx:
        acid = bins.propose(tx, ACID, "mara")
        ice = bins.propose(tx, Goods(item="ICE", quantity=1, temperature="frozen"), "mara")
    assert acid is not None
    assert (acid.bin, acid.why[-1]) == ("H-01", "May hold hazard class 8")
    assert ice is not None
    assert (ice.bin, ice.why[-1]) == ("F-01", "It is kept frozen here")


def test_a_dry_run_answers_for_each_item_of_a_mixed_lpn_row_by_row(world: World) -> None:
    with world.db.reading() as tx:
        ice, mugs = putaway_dry.what_now(tx, "LPN-1")
        [loose] = putaway_dry.what_now(tx, "MUG", 3)
    assert ice.choice is not None
    assert ice.choice.bin == "F-01"
    assert mugs.choice is not None
    assert (mugs.choice.bin, mugs.choice.rule) == ("A-01", "same_item")
    told = {one.words: one for one in loose.tried}
    assert told["its own pick face"].note == "no such place"
    assert [(b.bin, b.chosen) for b in told["where the item lies already"].bins] == [("A-01", True)]
    assert next((b.bin, b.words) for b in told["an empty place"].bins) == ("A-02", "further along the walk")
