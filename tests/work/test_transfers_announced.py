"""Transfers as the server of the other site announces them over the hub: expected at the dock like an ASN, lot by lot."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.desk import transfers as desk
from app.schema.items import lot
from app.schema.storage import transfer
from app.stock.ledger import By
from app.stock.slots import TRANSIT
from app.work import master, transfers
from tests.workflows.inbound import sscc
from tests.world import World

Build = Callable[[str], World]
PLATE = sscc(77)


@pytest.fixture
def world(build: Build) -> World:
    world = build("A-01 MUG 20\nA-02 HONEY 6 lot=L1\nA-03 HONEY 6 lot=L2")
    world.location("DOOR-1", kind="dock")
    return world


def told(world: World, kind: str, **facts: Any) -> str:
    message = master.decode(kind, {"code": "TR-NORTH-00001", **facts})
    outcome = world.db.do(lambda tx: master.apply(tx, message, By(worker="")))
    return f"{outcome.state}: {outcome.sentence}"


def announced(world: World, *lines: dict[str, Any], to_go: int = 0, n: int = 1, **facts: Any) -> str:
    facts = {"source": "NORTH", "target": "MAIN", "event": f"NORTH.1.{n}", **facts}
    return told(world, "transfer.announced", lines=list(lines), to_go=to_go, **facts)


MUGS = {"line": "1", "item": "MUG", "quantity": 5}
HONEY = {"line": "2", "item": "HONEY", "quantity": 6, "lot": "L9", "lpn": PLATE, "expiry": "2097-01-01"}


def test_what_the_other_site_announces_is_expected_and_taken_in_by_its_plate(world: World) -> None:
    assert announced(world, MUGS, to_go=6) == "applied: Transfer TR-NORTH-00001: 5 on the way from NORTH."
    kim = world.worker("kim").scan("TR-NORTH-00001", "DOOR-1", "#MUG").type("4").tap("close")
    assert kim.says == "6 of transfer TR-NORTH-00001 are still to be sent from NORTH.", (
        "all that was sent is here, but not all"
    )
    assert announced(world, HONEY, n=2).startswith("applied")
    kim.scan(PLATE)
    assert "6 × HONEY" in kim.says or "complete" in kim.says
    assert f"DOOR-1 HONEY 6 in {PLATE} lot L9" in world.holds()
    assert world.rows(select(lot.c.expiry).where(lot.c.lot == "L9")) == [("2097-01-01",)]
    assert world.rows(select(transfer.c.state)) == [("closed",)], "the last of it closes it"
    world.check()


def test_more_than_was_announced_is_over_and_what_comes_after_the_end_opens_it_again(world: World) -> None:
    announced(world, MUGS, {**HONEY, "lpn": ""})
    kim = world.worker("kim").scan("TR-NORTH-00001", "DOOR-1", "#HONEY").type("6")
    assert kim.says == "1 × HONEY more than NORTH shipped."
    kim.type("6").scan("#MUG").type("2").tap("close", "close")
    assert kim.says == "Transfer TR-NORTH-00001 is closed: 2 missing, 1 over."
    assert announced(world, MUGS, n=3).startswith("applied"), "goods on their way open it again"
    assert world.rows(select(transfer.c.state)) == [("open",)]
    world.check()


def test_what_cannot_be_meant_is_not_taken(world: World) -> None:
    assert "not for this house" in announced(world, MUGS, target="WEST")
    assert "not for this house" in announced(world, MUGS, source="MAIN")
    assert announced(world, {**MUGS, "item": "NOPE"}).startswith("dead: Transfer TR-NORTH-00001 needs item NOPE")
    assert "names 1 serials of 5" in announced(world, {**MUGS, "serials": ["S1"]})
    assert announced(world) == "same: Transfer TR-NORTH-00001 is not known here, and nothing of it comes."
    announced(world, MUGS)
    assert "line 1 is MUG here, not HONEY" in announced(world, {**HONEY, "line": "1"}, n=2)
    assert "two have one number" in announced(world, MUGS, source="WEST", n=3)


def test_the_erp_says_what_is_wanted_and_the_site_what_it_sent(world: World) -> None:
    """Whichever of the two comes first; nothing is counted twice."""

    def release(version: int, *lines: dict[str, Any]) -> str:
        return told(world, "transfer.release", source="NORTH", target="MAIN", version=version, lines=list(lines))

    def counted() -> list[tuple[str, int, int]]:
        with world.db.reading() as tx:
            return [(line.item, line.quantity, line.shipped) for line in transfers.lines(tx, "TR-NORTH-00001")]

    tee = {"line": "2", "item": "HONEY", "quantity": 9}
    assert release(1, {**MUGS, "quantity": 8, "shipped": 5}).startswith("applied")
    announced(world, MUGS, to_go=3)
    assert counted() == [("MUG", 8, 5)], "the same five"
    assert release(2, {**MUGS, "quantity": 8, "shipped": 7}).startswith("applied")
    assert counted() == [("MUG", 8, 5)], "the site that sends counts for itself"
    assert "cannot be changed" in release(3, {**MUGS, "quantity": 7})
    world.db.do(lambda tx: tx.run(transfer.delete()))
    announced(world, MUGS, code="TR-NORTH-2", to_go=12)
    assert told(
        world, "transfer.release", code="TR-NORTH-2", source="NORTH", target="MAIN", version=1, lines=[MUGS, tee]
    ) == ("applied: Transfer TR-NORTH-2 is changed.")
    with world.db.reading() as tx:
        assert [(line.quantity, line.shipped) for line in transfers.lines(tx, "TR-NORTH-2")] == [(5, 5), (9, 0)]


def test_what_arrived_there_leaves_our_transit_lot_by_lot_also_after_it_was_closed(world: World) -> None:
    told(
        world,
        "transfer.release",
        source="MAIN",
        target="NORTH",
        version=1,
        lines=[{"line": "2", "item": "HONEY", "quantity": 12}],
    )
    mara = world.worker("mara").scan("TR-NORTH-00001", "A-02").tap("all").scan("A-03").tap("all").scan("DOOR-1")
    assert mara.says == "12 on the way to NORTH. That is all of it."
    mara.tap("undo")
    assert f"{TRANSIT} HONEY 6 lot L1 in_transit" in world.holds(), "the other site has heard of it: no way back"
    with world.db.reading() as tx:
        [between] = desk.listing(tx, desk.TransferFilter()).between
    assert (between.source, between.target, between.quantity) == ("MAIN", "NORTH", 12)
    two = {"line": "2", "quantity": 2, "lot": "L2"}
    assert told(world, "transfer.arrived", lines=[two], event="NORTH.1.5").startswith("applied")
    assert f"{TRANSIT} HONEY 4 lot L2 in_transit" in world.holds()
    assert told(world, "transfer.arrived", closed=True, event="NORTH.1.6").endswith("Closed, 10 missing.")
    assert told(world, "transfer.arrived", lines=[{**two, "lot": "L1"}], event="NORTH.1.7").startswith("applied"), (
        "found late"
    )
    assert f"{TRANSIT} HONEY 4 lot L1 in_transit" in world.holds()
    assert "13 × HONEY arrived, 8 are on the way" in told(
        world, "transfer.arrived", lines=[{**two, "quantity": 13}], event="NORTH.1.8"
    )
    world.check()
