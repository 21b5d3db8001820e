"""Putaway in two steps: set down at the hand-over point, taken on by whoever drives a reach truck."""

from collections.abc import Callable

import pytest

from app.schema.people import worker
from app.schema.places import location
from app.work import putaway_handover
from tests.world import World

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    world = build("DOCK-1 HONEY 48 lpn=LPN-4417 lot=L1\nDOCK-1 MUG 6 lpn=LPN-2\nDOCK-1 TEE 3 lpn=LPN-2")
    world.location("R-01", kind="reserve", zone="HIGH", sequence=20)
    world.location("R-02", kind="reserve", zone="HIGH", sequence=21)
    world.location("R-03", kind="reserve", zone="HIGH", sequence=22)
    world.location("HAND-1", kind="staging", zone="HIGH")
    world.db.do(lambda tx: putaway_handover.keep(tx, "HIGH", "HAND-1", "reach_truck"))
    return world


def test_two_workers_bring_one_lpn_to_its_reserve(world: World) -> None:
    mara = world.worker("mara").tap("start:putaway").scan("LPN-4417")
    assert (mara.asks, mara.prompt.place) == ("Scan hand-over point", "HAND-1")
    assert mara.prompt.why[0] == "→ R-01, by reach truck"
    mara.scan("R-01")
    assert (mara.refusal, "DOCK-1 HONEY 48" in world.holds()) == ("not_the_handover", True)
    mara.scan("HAND-1")
    assert mara.says == "LPN-4417 at HAND-1: it goes on by reach truck."
    assert "HAND-1 HONEY 48 in LPN-4417 lot L1" in world.holds()
    mara.scan("LPN-4417")
    assert mara.says == "From HAND-1 it goes on by reach truck."
    mara.tap("undo")
    assert "DOCK-1 HONEY 48 in LPN-4417 lot L1" in world.holds()
    mara.scan("HAND-1").tap("next")
    assert mara.prompt.subject == "LPN-2", "what waits at the hand-over point is not hers"
    kim = world.worker("kim", device="HH-02")
    world.change(worker, worker.c.code == "kim", equipment="reach_truck")
    kim.tap("start:putaway").scan("LPN-4417")
    assert (kim.asks, kim.prompt.place) == ("Scan bin", "R-02"), "R-01 is thought of for the one on its way"
    kim.scan("R-02")
    assert "R-02 HONEY 48 in LPN-4417 lot L1" in world.holds()
    world.check()


def test_a_mixed_lpn_stays_whole_on_the_way_if_all_of_it_goes_there(world: World) -> None:
    mara = world.worker("mara").tap("start:putaway").scan("LPN-2", "HAND-1")
    assert mara.says == "LPN-2 at HAND-1: it goes on by reach truck."
    assert "HAND-1 MUG 6 in LPN-2\nHAND-1 TEE 3 in LPN-2" in world.holds()
    world.location("A-01", sequence=1)
    world.change(location, location.c.code == "A-01", fixed_item="TEE")
    mara.scan("LPN-4417", "HAND-1").tap("next")
    assert mara.says == "Nothing waits to be put away."
    world.check()


def test_only_staging_and_a_zone_with_places_make_a_hand_over(world: World) -> None:
    with pytest.raises(putaway_handover.NoHandover, match="it is a reserve"):
        world.db.do(lambda tx: putaway_handover.keep(tx, "HIGH", "R-01", ""))
    with pytest.raises(putaway_handover.NoHandover, match="zone MOON has no places"):
        world.db.do(lambda tx: putaway_handover.keep(tx, "MOON", "HAND-1", ""))
