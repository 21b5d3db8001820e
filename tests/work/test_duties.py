"""Two duties, two people: each pair of the table is tried with one person and with two."""

from pathlib import Path
from typing import get_args

import pytest

from app.db import Database
from app.work import duties
from tests import engines
from tests.world import World


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(Database(engines.fresh_sqlite(Path(tmp_path_factory.mktemp("duties")))))
    world.worker("mara")
    world.worker("ruth", "worker supervisor")
    return world


def try_both(world: World, pair: duties.Pair, earlier: str | tuple[str, ...], worker: str) -> None:
    world.db.do(lambda tx: duties.refuse_same(tx, pair.first, earlier, pair.second, worker))


@pytest.mark.parametrize("pair", duties.DUTIES, ids=lambda pair: f"{pair.first}-{pair.second}")
def test_one_person_may_not_do_both_and_two_may(house: World, pair: duties.Pair) -> None:
    with pytest.raises(duties.SamePerson) as refused:
        try_both(house, pair, "mara", "mara")
    assert refused.value.sentence == f"Mara {pair.did}, so somebody else must {pair.does}."
    with pytest.raises(duties.SamePerson):
        try_both(house, pair, ("ruth", "mara"), "mara")
    try_both(house, pair, "mara", "ruth")
    try_both(house, pair, "", "ruth")
    try_both(house, pair, (), "ruth")


def test_a_supervisor_is_no_exception(house: World) -> None:
    with pytest.raises(duties.SamePerson, match="Ruth counted this"):
        house.db.do(lambda tx: duties.refuse_same(tx, "count", "ruth", "approve_count", "ruth"))


def test_every_duty_stands_in_a_pair_and_none_twice() -> None:
    named = {duty for pair in duties.DUTIES for duty in (pair.first, pair.second)}
    assert named == set(get_args(duties.Duty))
    assert len({(pair.first, pair.second) for pair in duties.DUTIES}) == len(duties.DUTIES)
    assert duties.apart("count", "approve_count")
    assert not duties.apart("count", "release")


def test_a_pair_that_is_not_in_the_table_is_our_mistake(house: World) -> None:
    with pytest.raises(LookupError, match="no pair"):
        house.db.do(lambda tx: duties.refuse_same(tx, "release", "mara", "count", "mara"))
