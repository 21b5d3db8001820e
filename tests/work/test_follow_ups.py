"""What follows a case by itself: goods set aside where they stand, and a blocked bin's promises served from others."""

from collections.abc import Callable

from app.db import Tx
from app.stock.ledger import By
from app.work import exceptions
from tests.workflows.picking_floor import Picking, start
from tests.world import World

Build = Callable[[str], World]


def case(world: World, code: str, **facts: object) -> str:
    """Raise one; what followed."""

    def work(tx: Tx) -> str:
        key = exceptions.add(tx, code, f"{code} it is.", worker="mara", by=By(worker="mara"), **facts)  # type: ignore[arg-type]
        return exceptions.find(tx, key).followed

    return world.db.do(work)


def test_damaged_goods_are_set_aside_and_what_is_promised_stays(build: Build) -> None:
    picking = Picking(build("A-01 MUG 10\nA-02 LAMP 3 serials=S1,S2,S3\nA-03 HON 9 lot=L1\nA-03 HON 4 lot=L2"))
    world = picking.world
    picking.order("1001", ("MUG", 4))
    picking.release()
    assert case(world, "damaged", item="MUG", location="A-01", quantity=2).startswith("2 × MUG at A-01 set aside; A-01")
    assert "A-01 MUG 8 (4 promised)\nA-01 MUG 2 quarantine" in world.holds()
    said = case(world, "expired", item="MUG", location="A-01")
    assert said == "4 × MUG at A-01 set aside; 4 × MUG stay with the orders they are promised to"
    assert case(world, "expired", item="MUG", location="A-01") == "4 × MUG stay with the orders they are promised to"
    assert case(world, "expired", item="LAMP", location="A-02") == "3 × LAMP at A-02 set aside"
    assert case(world, "expired", item="HON", location="A-03", lot="L2") == "4 × HON at A-03 set aside"
    assert case(world, "expired") == ""
    assert case(world, "expired", item="MUG", location="NOWHERE") == ""
    world.check()


def test_a_case_with_only_a_lot_holds_the_lot(build: Build) -> None:
    world = build("A-03 HON 9 lot=L1")
    assert case(world, "expired", item="HON", lot="L1") == "lot L1 is on hold. No order was promised any of it"
    assert case(world, "expired", item="HON", lot="L1").startswith("No hold: Lot L1 of HON is on hold already")


def test_a_blocked_bin_gives_its_promises_to_others_and_the_walk_goes_there(build: Build) -> None:
    picking = Picking(build("A-01 MUG 6\nA-02 MUG 4\nA-03 TEE 9"))
    world = picking.world
    picking.order("1001", ("MUG", 6), ("TEE", 1))
    picking.release()
    start(picking, "T-0001")
    said = case(world, "bin_blocked", item="MUG", location="A-01")
    assert said.startswith(
        "1 order is no longer served from A-01: 4 promised from elsewhere, 2 backordered; A-01 is to be counted"
    ), said
    assert sorted(picking.picks()) == [
        "A-01 MUG 6 for 1001: cancelled",
        "A-02 MUG 4 for 1001: open",
        "A-03 TEE 1 for 1001: open",
    ]
    assert case(world, "bin_blocked", item="MUG", location="A-01") == "A-01 is to be counted already"
    assert picking.line("1001/1")["short"] == 2
    world.check()
