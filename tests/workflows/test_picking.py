"""Picking by the line: what is taken, what is refused, and that nothing moves when it is."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app import clock
from app.schema.documents import sales_order
from app.schema.floor import scan as scans
from app.schema.places import location
from app.schema.work import pick
from tests.workflows.picking_floor import Picking, start
from tests.world import World

Build = Callable[[str], World]

STOCK = """
    A-01  TEE   10
    A-02  MUG    6
    A-03  PEN    1
"""


def one_order(build: Build, *lines: tuple[str, int], stock: str = STOCK) -> Picking:
    picking = Picking(build(stock))
    picking.order("1001", *lines)
    picking.release()
    return picking


def test_a_single_order_is_picked_into_one_tote_without_a_tap(build: Build) -> None:
    picking = one_order(build, ("TEE", 2), ("PEN", 1))
    world = picking.world
    mara = world.worker("mara")
    assert mara.prompt.main.label == "Next: pick order 1001"
    assert mara.prompt.main.note == "2 lines, 1 tote"
    assert [tile.note for tile in mara.prompt.choices if tile.value == "picking"] == ["1 cart"]
    mara.tap("next:picking")
    assert mara.asks == "Scan empty tote"
    mara.scan("T-0001")
    assert (mara.asks, mara.prompt.place, mara.prompt.quantity) == ("Scan location", "A-01", 2)
    assert (mara.prompt.job, mara.prompt.progress) == ("Pick order 1001", (1, 2))
    mara.scan("A-01", "#TEE")
    assert (mara.asks, mara.says) == ("Scan next", "1 taken, 1 to go.")
    mara.scan("#TEE")
    assert mara.asks == "Scan tote 1"
    assert world.holds() == "A-01 TEE 10 (2 promised)\nA-02 MUG 6\nA-03 PEN 1 (1 promised)", "only the tote books it"
    mara.scan("T-0001")
    assert mara.says == "2 × Tee in tote 1"
    assert picking.state("1001") == "picking"
    mara.scan("A-03", "#PEN")
    assert mara.asks == "Scan tote 1", "one thing to take: no quantity question"
    mara.scan("T-0001")
    assert mara.asks == "Scan drop location"
    assert picking.state("1001") == "picked"
    assert "@mara PEN 1 in T-0001 (1 promised)" in world.holds()
    mara.scan("PACK-1")
    assert mara.says == "1 tote at PACK-1."
    assert (mara.prompt.job, mara.asks) == ("Next task", "Pack order 1001"), "who tapped Next is told what comes then"
    assert world.holds().splitlines()[2:] == [
        "PACK-1 PEN 1 in T-0001 (1 promised)",
        "PACK-1 TEE 2 in T-0001 (2 promised)",
    ]
    assert (picking.tasks(), picking.line("1001/1"), picking.line("1001/2")) == (["done"], {"picked": 2}, {"picked": 1})
    world.check()


def test_a_case_counts_its_pieces_and_a_typed_number_stands_for_many(build: Build) -> None:
    world = build("")
    world.item("BOX", case=6)
    world._stock(["A-01", "BOX", "30"])
    picking = Picking(world)
    picking.order("1001", ("BOX", 6))
    picking.order("1002", ("BOX", 15))
    picking.release()
    mara = start(picking, "T-0001", "T-0002", cart="CART-4")
    mara.scan("A-01", "#BOX/case")
    assert mara.asks == "Scan tote 1"
    mara.scan("T-0001")
    assert mara.asks == "Scan item", "the same place: no second location scan"
    mara.scan("#BOX/case", "#BOX/case")
    assert mara.says == "12 taken, 3 to go."
    mara.scan("#BOX/case")
    assert (mara.refusal, mara.says) == ("too_many", "Only 15 × BOX are needed; that would be 18.")
    mara.type("15")
    assert mara.asks == "Scan tote 2"
    mara.scan("T-0002")
    assert world.holds().splitlines()[0] == "A-01 BOX 9"
    world.check()


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "16", "4006381333931"])
def test_a_number_that_cannot_be_is_refused_and_nothing_is_taken(build: Build, typed: str) -> None:
    picking = one_order(build, ("TEE", 8))
    mara = start(picking, "T-0001").scan("A-01", "#TEE")
    before = picking.world.holds()
    mara.type(typed)
    assert mara.refusal in ("bad_amount", "too_many")
    assert picking.world.holds() == before
    mara.type("8").scan("T-0001")
    assert mara.asks == "Scan drop location"
    picking.world.check()


def test_each_wrong_label_is_refused_with_what_was_expected_and_what_was_scanned(build: Build) -> None:
    picking = one_order(build, ("TEE", 2), ("PEN", 1))
    world = picking.world
    picking.tote("T-0009")
    mara = start(picking, "T-0001")
    before = world.holds()
    told: list[tuple[str, str, str]] = []

    def wrong(label: str) -> None:
        mara.scan(label)
        told.append((mara.refusal, mara.answer.verdict.expected, mara.answer.verdict.scanned))  # type: ignore[union-attr]

    wrong("A-02")
    mara.scan("A-01")
    wrong("#MUG")
    wrong("A-03")
    wrong("T-0001")
    wrong("nonsense")
    mara.scan("#TEE", "#TEE")
    wrong("#TEE")
    wrong("#MUG")
    wrong("T-0009")
    wrong("nonsense")
    assert told == [
        ("wrong_location", "A-01", "A-02"),
        ("wrong_item", "TEE", "MUG"),
        ("wrong_location", "A-01", "A-03"),
        ("item_first", "TEE", "T-0001"),
        ("unknown", "", "nonsense"),
        ("too_many", "2", "3"),
        ("wrong_item", "TEE", "MUG"),
        ("wrong_tote", "tote 1 (T-0001)", "T-0009"),
        ("unknown", "", "nonsense"),
    ]
    assert world.holds() == before
    mara.scan("T-0001")
    assert mara.says == "2 × Tee in tote 1"
    world.check()


def test_the_promised_lot_and_no_other_leaves(build: Build) -> None:
    world = build("""
        A-01  HONEY  5  lot=L2 expiry=2099-02-01
        A-01  HONEY  5  lot=L1 expiry=2099-01-01
    """)
    picking = Picking(world)
    picking.order("1001", ("HONEY", 2))
    picking.release()
    mara = start(picking, "T-0001").scan("A-01")
    assert mara.prompt.item.note == "lot L1"
    gtin = "0" + world.barcodes["HONEY"]
    before = world.holds()
    mara.turn(f"01{gtin}10L2", symbology="]C1")
    assert (mara.refusal, mara.says) == ("wrong_lot", "Expected lot L1 of HONEY, scanned lot L2.")
    mara.scan("#HONEY")
    assert mara.asks == "Scan lot", "several lots: the label must be precise"
    mara.scan("L2")
    assert mara.refusal == "wrong_lot"
    mara.scan("L1")
    assert mara.says == "1 taken, 1 to go."
    mara.turn(f"01{gtin}10L1", symbology="]C1")
    assert mara.asks == "Scan tote 1"
    assert world.holds() == before
    mara.scan("T-0001")
    assert "@mara HONEY 2 in T-0001 lot L1 (2 promised)" in world.holds()
    world.check()


def test_a_lot_held_after_it_was_promised_does_not_leave(build: Build) -> None:
    from app.schema.items import lot

    world = build("A-01  HONEY  5  lot=L1 expiry=2099-01-01")
    picking = Picking(world)
    picking.order("1001", ("HONEY", 1))
    picking.release()
    mara = start(picking, "T-0001").scan("A-01", "#HONEY")
    world.change(lot, lot.c.lot == "L1", held="recall 7")
    before = world.holds()
    mara.scan("T-0001")
    assert mara.refusal == "on_hold"
    assert world.holds() == before
    world.check()


def test_serials_are_taken_piece_by_piece_and_only_those_that_lie_here(build: Build) -> None:
    world = build("A-01 CAM 3 serials=S1,S2,S3\nA-09 CAM 1 serials=S9")
    picking = Picking(world)
    picking.order("1001", ("CAM", 2))
    picking.release()
    mara = start(picking, "T-0001").scan("A-01", "#CAM")
    assert (mara.says, mara.asks) == ("CAM: now the serial.", "Scan the serial")
    told = []
    for label in ("S9", "S77", "S1", "S1"):
        mara.scan(label)
        told.append((mara.refusal, mara.says))
    assert told == [
        ("serial_not_here", "Serial S9 of CAM is at A-09, not at A-01."),
        ("serial_not_here", "Serial S77 of CAM is not known here, not at A-01."),
        ("", "1 taken, 1 to go."),
        ("serial_twice", "Serial S1 is among these pieces already."),
    ]
    mara.type("2")
    assert mara.refusal == "item_first", "a number is no serial"
    mara.turn(f"010{world.barcodes['CAM']}21S3", symbology="]C1")
    mara.scan("T-0001")
    assert "@mara CAM 2 in T-0001 (2 promised)" in world.holds()
    mara.tap("undo")
    assert "@mara" not in world.holds()
    mara.scan("T-0001", "PACK-1")
    world.check()


def test_goods_in_an_lpn_are_taken_by_its_plate_or_by_the_item(build: Build) -> None:
    world = build("A-01 TEE 8 lpn=LPN-0001\nA-02 MUG 9 lpn=LPN-0002\nA-02 PEN 9 lpn=LPN-0002\nA-03 CAP 1 lpn=LPN-0003")
    picking = Picking(world)
    picking.order("1001", ("TEE", 3), ("MUG", 2))
    picking.release()
    mara = start(picking, "T-0001")
    assert mara.prompt.hint == "in LPN LPN-0001"
    mara.scan("LPN-0003")
    assert (mara.refusal, mara.says) == ("wrong_lpn", "Expected LPN-0001, scanned LPN-0003.")
    mara.scan("LPN-0001")
    assert mara.asks == "Scan next", "the plate says where and, with one item in it, what"
    mara.type("3").scan("T-0001", "A-02", "LPN-0002")
    assert mara.asks == "Scan item", "two items stand on this plate"
    mara.scan("#PEN")
    assert mara.refusal == "wrong_item"
    mara.scan("#MUG", "#MUG", "T-0001")
    assert "A-01 TEE 5 in LPN-0001" in world.holds()
    assert "A-02 MUG 7 in LPN-0002" in world.holds()
    world.check()


def test_part_of_a_line_may_go_into_the_tote_first(build: Build) -> None:
    picking = one_order(build, ("TEE", 3))
    mara = start(picking, "T-0001").scan("A-01", "#TEE", "T-0001")
    assert (mara.says, mara.asks, mara.prompt.quantity) == ("1 × Tee in tote 1", "Scan item", 2)
    mara.scan("#TEE").type("2").scan("T-0001")
    assert (mara.asks, picking.line("1001/1")) == ("Scan drop location", {"picked": 3})
    picking.world.check()


def test_the_last_pick_can_be_taken_back_until_the_goods_moved_on(build: Build) -> None:
    picking = one_order(build, ("TEE", 2))
    world = picking.world
    before = world.holds()
    mara = start(picking, "T-0001").scan("A-01", "#TEE").type("2").scan("T-0001")
    assert picking.state("1001") == "picked"
    assert mara.prompt.can_undo
    mara.tap("undo")
    assert mara.asks == "Scan tote 1"
    assert (picking.state("1001"), picking.line("1001/1")) == ("picking", {"allocated": 2})
    assert world.holds() == before
    assert not mara.prompt.can_undo
    mara.tap("undo")
    assert mara.refusal == "nothing_to_undo"
    mara.scan("T-0001", "PACK-1")
    mara.tap("undo")
    assert mara.refusal == "nothing_to_undo"
    world.check()


def test_a_line_is_skipped_to_the_end_and_the_last_one_cannot_be(build: Build) -> None:
    picking = one_order(build, ("TEE", 1), ("MUG", 1))
    mara = start(picking, "T-0001")
    assert mara.prompt.place == "A-01"
    mara.tap("skip")
    assert (mara.says, mara.prompt.place) == ("A-01 comes at the end.", "A-02")
    mara.scan("A-02", "#MUG", "T-0001")
    assert mara.prompt.place == "A-01"
    mara.tap("skip")
    assert mara.refusal == "only_line"
    mara.scan("A-01", "#TEE", "T-0001")
    assert mara.asks == "Scan drop location"
    picking.world.check()


def test_check_digits_typed_from_far_away_do_for_the_location(build: Build) -> None:
    picking = one_order(build, ("TEE", 1))
    picking.world.change(location, location.c.code == "A-01", check_digits="73")
    mara = start(picking, "T-0001").type("74")
    assert mara.refusal == "wrong_location"
    mara.type("73")
    assert mara.asks == "Scan item"
    mara.tap("back")
    mara.type("A-01")
    assert mara.asks == "Scan item"


def test_the_handheld_dies_and_the_worker_goes_on_where_they_stood(build: Build) -> None:
    picking = one_order(build, ("TEE", 2))
    mara = start(picking, "T-0001").scan("A-01", "#TEE")
    again = picking.world.worker("mara", device="HH-09")
    assert (again.asks, again.prompt.place) == ("Scan next", "A-01")
    again.scan("#TEE", "T-0001", "PACK-1")
    assert again.says == "1 tote at PACK-1."
    assert mara.asks == "Scan next"
    picking.world.check()


def test_a_walk_of_somebody_else_is_taken_over_by_asking_twice_and_they_hear_of_it(build: Build) -> None:
    picking = one_order(build, ("TEE", 1), ("MUG", 1))
    world = picking.world
    mara = start(picking, "T-0001").scan("A-01", "#TEE", "T-0001")
    ben = world.worker("ben", device="HH-ben").tap("start:picking")
    assert ben.asks == "Nothing to pick"
    ben.scan("T-0001")
    assert (ben.refusal, ben.says) == ("running_elsewhere", "Mara has this task on HH-mara.")
    assert ben.answer.verdict is not None
    assert ben.answer.verdict.kind == "warning"
    ben.scan("1001")
    assert ben.refusal == "running_elsewhere", "another code starts the question anew"
    ben.scan("1001")
    assert (ben.refusal, ben.prompt.place) == ("", "A-02")
    assert "@ben TEE 1 in T-0001 (1 promised)" in world.holds(), "the tote changed hands with the walk"
    mara.scan("A-02")
    assert (mara.refusal, mara.says) == ("taken_over", "Ben has taken this task over.")
    mara.tap("menu")
    ben.scan("A-02", "#MUG", "T-0001", "LANE-1")
    assert (ben.refusal, ben.says) == ("no_drop", "LANE-1 is a lane: totes are set down at a station or staging.")
    ben.scan("PACK-1")
    assert ben.says == "1 tote at PACK-1."
    world.check()


def test_a_lapsed_lease_is_free_for_the_next(build: Build) -> None:
    picking = one_order(build, ("TEE", 1))
    start(picking, "T-0001")
    with clock.frozen(clock.now() + 16 * clock.MINUTE):
        ben = picking.world.worker("ben", device="HH-ben").tap("start:picking", "next")
        assert ben.prompt.place == "A-01"
        ben.scan("A-01", "#TEE", "T-0001", "PACK-1")
        assert ben.says == "1 tote at PACK-1."
    picking.world.check()


def test_one_walk_at_a_time(build: Build) -> None:
    picking = Picking(build(STOCK), max_orders=1)
    picking.order("1001", ("TEE", 1))
    picking.order("1002", ("MUG", 1))
    picking.release()
    mara = start(picking, "T-0001")
    first = mara.prompt.job
    mara.tap("menu").tap("start:picking")
    other = "1002" if first.endswith("1001") else "1001"
    mara.scan(other)
    assert mara.refusal == "finish_first"
    mara.tap("next")
    assert mara.prompt.job == first


def test_what_has_nothing_to_pick_says_so(build: Build) -> None:
    picking = one_order(build, ("TEE", 1))
    picking.tote("T-0009")
    picking.order("1002", ("TEE", 1), state="held")
    mara = picking.world.worker("mara").tap("start:picking")
    told = []
    for label in ("T-0009", "1002", "A-01"):
        mara.scan(label)
        told.append(mara.says)
    assert told == [
        "T-0009 has nothing to pick: it is on no walk.",
        "1002 has nothing to pick: the order is held.",
        "A-01 is a bin, not a cart.",
    ]
    mara.tap("take:W-0001-1").scan("T-0001", "A-01", "#TEE", "T-0001")
    mara.scan("A-02")
    assert (mara.refusal, mara.says) == (
        "no_drop",
        "A-02 is a bin: totes are set down at a station or staging.",
    )
    mara.scan("PACK-1").tap("next")
    assert mara.refusal == "nothing_to_pick"


def test_a_walk_pulled_back_under_a_worker_says_so_and_takes_nothing(build: Build) -> None:
    from app.work import waves
    from tests.workflows.picking_floor import DESK

    picking = one_order(build, ("TEE", 1))
    mara = start(picking, "T-0001").scan("A-01", "#TEE")
    waves.pull_back(picking.world.db, "W-0001", DESK)
    mara.scan("T-0001")
    assert (mara.refusal, mara.says) == ("task_over", "This task is cancelled already.")
    assert picking.world.holds().splitlines()[0] == "A-01 TEE 10"
    picking.world.check()


def test_a_line_cut_smaller_while_it_is_in_the_hand_is_refused_at_the_tote(build: Build) -> None:
    picking = one_order(build, ("TEE", 3))
    mara = start(picking, "T-0001").scan("A-01", "#TEE").type("3")
    picking.world.db.do(lambda tx: tx.run(update(pick).values(quantity=2)))
    mara.scan("T-0001")
    assert (mara.refusal, mara.says) == ("too_many", "Only 2 × TEE are needed; that would be 3.")
    picking.world.db.do(lambda tx: tx.run(update(pick).values(quantity=3)))


def test_scans_made_ahead_go_through_and_each_is_logged(build: Build) -> None:
    picking = one_order(build, ("TEE", 1))
    mara = start(picking, "T-0001")
    for label in ("A-01", picking.world.barcodes["TEE"], "T-0001"):
        mara.turn(label, after=mara.step)
    assert picking.state("1001") == "picked"
    rows = picking.world.rows(select(scans.c.screen, scans.c.understood, scans.c.outcome).order_by(scans.c.received))
    assert [tuple(row) for row in rows][-3:] == [
        ("picking.go", "location A-01", "ok"),
        ("picking.take", "item TEE", "ok"),
        ("picking.tote_of", "lpn T-0001", "ok"),
    ]
    assert picking.world.rows(select(sales_order.c.state))[0][0] == "picked"
