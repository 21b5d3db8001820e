"""Two duties, two people: each pair of the table is tried with one person and with two."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import Table

from app.db import Database
from app.schema.counting import count_line, stock_count
from app.schema.quality import inspection, lot_hold
from app.schema.returns import returned
from app.schema.storage import adjustment
from app.schema.work import discrepancy, exception
from app.work import duties
from tests import engines
from tests.world import World

Build = Callable[[str], World]


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


# The alarm behind the guard: each table that keeps both names refuses one in both places by itself.
KEPT: tuple[tuple[str, str, Table, dict[str, object]], ...] = (
    ("count", "recount", stock_count, {"worker": "mara", "earlier": "ben mara"}),
    ("count", "approve_count", count_line, {"counter": "mara", "decided_by": "mara", "state": "approved"}),
    ("recount", "approve_count", count_line,
     {"counter": "ben", "earlier": "mara", "decided_by": "mara", "state": "approved"}),
    ("ask_adjustment", "approve_adjustment", adjustment,
     {"change": 1, "kind": "adjust", "asked_by": "mara", "decided_by": "mara"}),
    ("ask_write_off", "approve_write_off", adjustment,
     {"change": -1, "kind": "write_off", "asked_by": "mara", "decided_by": "mara"}),
    ("receive", "inspect", inspection, {"receiver": "mara", "inspector": "mara"}),
    ("receive", "judge_discrepancy", discrepancy, {"worker": "mara", "decided_by": "mara"}),
    ("raise_exception", "approve_exception", exception,
     {"worker": "mara", "decided_by": "mara", "approval": 1}),
    ("inspect_return", "override_disposition", returned,
     {"quantity": 1, "inspected_by": "mara", "approver": "mara"}),
    ("hold", "clear_hold", lot_hold,
     {"kind": "hold", "state": "cleared", "held_by": "mara", "cleared_by": "mara"}),
)  # fmt: skip


SECONDS = ("decided_by", "approver", "cleared_by", "inspector")


def test_the_tables_themselves_refuse_one_person_in_both_duties(build: Build) -> None:
    world = build("")
    for n, (first, second, table, row) in enumerate(KEPT):
        assert (first, second) in {(pair.first, pair.second) for pair in duties.DUTIES}
        [key] = [column.name for column in table.primary_key]
        with pytest.raises(Exception, match=r"(?i)check"):
            world.add(table, **{key: f"same-{n}"}, **row)
        two = {name: "ruth" if name in SECONDS else value for name, value in row.items()}
        world.add(table, **{key: f"two-{n}"}, **{**two, **({"earlier": "ben"} if "earlier" in row else {})})


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
