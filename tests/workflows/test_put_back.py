"""What was picked for an order that will not ship goes back to a bin, and only then is free again."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from app.schema.items import lot
from app.schema.places import location
from app.schema.printing import print_job
from app.schema.stock import lpn as lpns
from app.stock.ledger import By
from app.work import master
from tests.workflows.picked import Scale, cartons, item, order, packer, pick, state_of, stock, tote, warehouse
from tests.workflows.picking_floor import Picking, start
from tests.world import Hand, World

Build = Callable[[str], World]
EMPTY = {"C1": 60, "C2": 150, "C3": 300}


def cancelled(build: Build, stock: str, *lines: tuple[str, int], how: str = "order.cancel") -> tuple[Picking, Hand]:
    """An order picked whole into T-0001, dropped at PACK-1, and then cancelled."""
    picking = Picking(build(stock))
    picking.order("1001", *lines)
    picking.release()
    mara = start(picking, "T-0001")
    while mara.asks != "Scan drop location":
        mara.scan(mara.prompt.place, f"#{mara.prompt.item.code}")
        if mara.asks == "Scan next":
            mara.type(str(mara.prompt.quantity + 1))
        mara.scan("T-0001")
    mara.scan("PACK-1")
    message = master.decode(how, {"code": "1001", "version": 2, "reason": "fraud"})
    picking.world.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
    return picking, mara.tap("menu")


def test_a_cancelled_order_goes_back_bin_by_bin(build: Build) -> None:
    picking, mara = cancelled(build, "A-01 TEE 5\nA-02 MUG 3", ("TEE", 2), ("MUG", 1))
    world = picking.world
    assert picking.state("1001") == "cancelled"
    assert mara.prompt.main.label == "Next: put back order 1001"
    mara.tap("next:put_back")
    assert (mara.asks, mara.prompt.rows[0].name, mara.prompt.rows[0].detail) == ("Scan tote", "T-0001", "at PACK-1")
    mara.scan("T-0001")
    assert mara.prompt.place == "A-02" if mara.prompt.item.code == "MUG" else "A-01"
    mara.scan("#TEE", "#TEE")
    assert (mara.asks, mara.prompt.place) == ("Scan bin", "A-01")
    mara.scan("A-01")
    assert mara.says == "2 × TEE back at A-01."
    assert world.holds() == "A-01 TEE 5\nA-02 MUG 2\nPACK-1 MUG 1 in T-0001 (1 promised)"
    mara.tap("undo")
    assert mara.asks == "Scan bin"
    assert "PACK-1 TEE 2 in T-0001 (2 promised)" in world.holds()
    mara.scan("A-01", "#MUG", "A-02")
    assert mara.says == "All of order 1001 is put back."
    assert world.holds() == "A-01 TEE 5\nA-02 MUG 3"
    assert (picking.line("1001/1"), picking.line("1001/2")) == ({"cancelled": 2}, {"cancelled": 1})
    assert picking.tasks("put_back") == ["done"]
    mara.tap("undo")
    assert mara.refusal == "nothing_to_undo"
    world.check()


def test_an_order_that_is_wanted_after_all_is_picked_anew_when_its_goods_are_back(build: Build) -> None:
    picking, mara = cancelled(build, "A-01 TEE 5", ("TEE", 2))
    world = picking.world
    wanted = {"code": "1001", "version": 3, "lines": [{"line": "1", "item": "TEE", "quantity": 3}]}

    def again() -> str:
        message = master.decode("order.release", wanted)
        return world.db.do(lambda tx: master.apply(tx, message, By(worker="erp"))).sentence

    assert again() == (
        "Order 1001 is cancelled and line 1: 2 × TEE must be put back first; then this is done by itself."
    )
    mara.tap("next:put_back").scan("T-0001", "#TEE", "#TEE", "A-01")
    assert again() == "Order 1001 was cancelled and is released again."
    picking.release()
    assert picking.line("1001/1") == {"allocated": 3}
    mara.tap("menu", "start:picking").tap("next").scan("T-0002", "A-01", "#TEE").type("3").scan("T-0002", "PACK-1")
    assert (picking.state("1001"), picking.line("1001/1")) == ("picked", {"picked": 3})
    assert world.holds() == "A-01 TEE 2\nPACK-1 TEE 3 in T-0002 (3 promised)"
    world.check()


def test_each_wrong_label_is_refused_and_nothing_goes_back(build: Build) -> None:
    picking, mara = cancelled(build, "A-01 TEE 5\nA-02 MUG 3\nDOCK PEN 1", ("TEE", 2))
    world = picking.world
    for code, facts in (
        ("B-01", {"blocked": "water"}),
        ("B-02", {"fixed_item": "MUG"}),
        ("B-03", {}),
    ):
        world.location(code, kind="bin", **facts)
    world.change(location, location.c.code == "A-02", mix="one_item")
    picking.tote("T-0009")
    before = world.holds()
    mara.tap("start:put_back")
    codes = []
    for label in ("T-0009", "1002", "T-0001", "T-0009"):
        mara.scan(label)
        codes.append(mara.refusal)
    assert codes == ["not_to_put_back", "unknown", "", "wrong_kind"]
    told = []
    for label in ("A-01", "#MUG", "#TEE", "DOCK", "B-01", "B-02", "A-02", "B-03"):
        mara.scan(label)
        told.append((mara.refusal, mara.says))
    assert told == [
        ("item_first", "Scan the item before A-01."),
        ("wrong_item", "Expected TEE, scanned MUG."),
        ("", "1 of 2."),
        ("not_a_bin", "DOCK is a staging: goods go back into a bin."),
        ("bin_blocked", "B-01 is blocked: water."),
        ("not_mixed", "B-02 may only hold MUG."),
        ("not_mixed", "A-02 may only hold MUG."),
        ("other_bin", "It came from A-01; this is B-03."),
    ]
    mara.type("3")
    assert (mara.refusal, mara.says) == ("too_many", "Only 2 × TEE go back; that would be 3.")
    assert world.holds() == before
    mara.scan("B-03", "B-03")
    assert mara.says == "1 × TEE back at B-03."
    assert "B-03 TEE 1" in world.holds()
    world.check()


def test_a_recalled_lot_may_go_back_though_it_may_not_leave(build: Build) -> None:
    picking, mara = cancelled(build, "A-01 HONEY 5 lot=L1 expiry=2099-01-01", ("HONEY", 2))
    world = picking.world
    world.change(lot, lot.c.lot == "L1", held="recall")
    mara.tap("next:put_back").scan("T-0001", "#HONEY")
    mara.type("2").scan("A-01")
    assert mara.says == "All of order 1001 is put back."
    assert world.holds() == "A-01 HONEY 5 lot L1"
    assert picking.state("1001") == "cancelled"
    world.check()


def test_serials_go_back_piece_by_piece(build: Build) -> None:
    picking = Picking(build("A-01 CAM 3 serials=S1,S2,S3"))
    picking.order("1001", ("CAM", 2))
    picking.release()
    mara = start(picking, "T-0001").scan("A-01", "S1", "S3", "T-0001", "PACK-1").tap("menu")
    message = master.decode("order.cancel", {"code": "1001", "version": 2})
    picking.world.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
    mara.tap("next:put_back").scan("T-0001", "#CAM")
    assert mara.says == "CAM: now the serial."
    mara.scan("S2")
    assert mara.refusal == "serial_not_here"
    mara.scan("S1", "S1")
    assert mara.refusal == "serial_not_here"
    mara.scan("S3", "A-01")
    assert picking.world.holds() == "A-01 CAM 3"
    picking.world.check()


def test_a_put_back_in_other_hands_is_taken_over_by_asking_twice(build: Build) -> None:
    picking, mara = cancelled(build, "A-01 TEE 5", ("TEE", 2))
    mara.tap("next:put_back")
    ben = picking.world.worker("ben", device="HH-ben").tap("start:put_back")
    ben.scan("T-0001")
    assert ben.refusal == "running_elsewhere"
    ben.scan("T-0001")
    assert ben.asks == "Scan item"
    mara.scan("T-0001")
    assert mara.refusal == "taken_over"
    ben.scan("#TEE").type("2").scan("A-01").tap("next")
    assert ben.refusal == "nothing_to_put_back"
    picking.world.check()


# ── out of cartons ───────────────────────────────────────────────────────────────────────────────────────────────────
def apply(world: World, kind: str, **facts: Any) -> str:
    message = master.decode(kind, facts)
    return world.db.do(lambda tx: master.apply(tx, message, By(worker="erp"))).sentence


@pytest.fixture
def table(build: Build) -> tuple[World, Hand, Scale]:
    """Order 482, three mugs and a kettle by serial, lies in tote T-001 at the packing station."""
    world = build("")
    for code in ("A-01", "A-03"):
        world.location(code)
    item(world, "MUG")
    item(world, "KETTLE", grams=1200, serial_tracked=1)
    stock(world, "A-01 MUG 20")
    stock(world, "A-03 KETTLE 2 serials=K1,K2")
    scale = warehouse(world)
    order(world, "482", MUG=3, KETTLE=1)
    tote(world, "T-001")
    pick(world, "482/1", "MUG", 3, "A-01", "T-001")
    pick(world, "482/2", "KETTLE", 1, "A-03", "T-001", serials=("K1",))
    return world, packer(world), scale


def label_jobs(world: World) -> list[tuple[str, str]]:
    query = select(print_job.c.kind, print_job.c.state).order_by(print_job.c.created, print_job.c.id)
    return [(row[0], row[1]) for row in world.rows(query)]


def test_an_order_cancelled_in_the_middle_of_packing_is_unpacked_by_scans_alone(
    table: tuple[World, Hand, Scale],
) -> None:
    world, jonas, _ = table
    jonas.scan("T-001", "#MUG", "#MUG")
    assert apply(world, "order.cancel", code="482", version=2, reason="fraud") == (
        "Order 482 is cancelled. Already picked, to be put back: line 1: 3 × MUG, line 2: 1 × KETTLE."
    )
    jonas.scan("#MUG")
    assert jonas.refusal == "order_off"
    assert re.fullmatch(r"Order 482 is cancelled since \d\d:\d\d: fraud \(erp\)\.", jonas.says)
    [(box, _, state)] = cartons(world)
    assert state == "void"
    mara = world.worker("mara", device="HH-02").tap("next:put_back")
    assert mara.asks == "Scan tote or carton"
    assert [row.name for row in mara.prompt.rows] == [box, "T-001"]
    mara.scan("P-1")
    assert (mara.refusal, mara.says) == ("which_one", f"P-1 stands for {box} and T-001.")
    mara.scan("#MUG")
    assert mara.refusal == "which_one", "mugs lie in both"
    mara.scan("T-001", "K1", "A-03", "#MUG", "A-01")
    assert mara.asks == "Scan tote or carton"
    # The open box has no label yet: it is the only thing of the order at this station, so the station stands for it.
    mara.scan("P-1", "#MUG", "#MUG", "A-01")
    assert mara.says == f"All of order 482 is put back. Carton {box} is void: take its label off."
    assert world.holds() == "A-01 MUG 20\nA-03 KETTLE 2"
    assert world.rows(select(lpns.c.state).where(lpns.c.code == box))[0][0] == "void"
    jonas.tap("menu", "start:packing").scan(box)
    assert (jonas.refusal, jonas.says.partition(" since")[0]) == (
        "carton_void",
        f"Carton {box} is void: order 482 is cancelled",
    )
    world.check()


def test_a_staged_carton_of_a_cancelled_order_may_not_be_loaded_and_goes_back(table: tuple[World, Hand, Scale]) -> None:
    world, jonas, scale = table
    jonas.scan("T-001", "#MUG", "#MUG", "#MUG", "K1")
    box = cartons(world)[0][0]
    scale.grams = 3 * 400 + 1200 + EMPTY[cartons(world)[0][1]]
    jonas.tap("weigh").scan(box).tap("menu", "start:loading").scan(box, "LANE-N")
    assert state_of(world, "482") == "staged"
    world.db.do(lambda tx: tx.run(update(print_job).where(print_job.c.kind == "shipping").values(state="unknown")))
    apply(world, "order.cancel", code="482", version=2, reason="fraud")
    assert label_jobs(world)[0] == ("shipping", "cancelled")
    for label in ("TRUCK-N", box):
        jonas.scan(label)
    assert jonas.refusal == "carton_void"
    mara = world.worker("mara", device="HH-02").tap("start:put_back").scan(box)
    assert mara.asks == "Scan item"
    mara.scan("K1", "A-03", "#MUG").type("3").scan("A-01")
    assert mara.says == f"All of order 482 is put back. Carton {box} is void: take its label off."
    assert world.holds() == "A-01 MUG 20\nA-03 KETTLE 2"
    world.check()


def test_a_carton_on_the_truck_comes_off_before_it_is_unpacked(table: tuple[World, Hand, Scale]) -> None:
    """One carton is loaded, the other still staged, when the cancel comes: the order is not all on the truck."""
    world, jonas, scale = table
    boxes = []
    jonas.scan("T-001")
    for goods in (("#MUG", "#MUG", "#MUG"), ("K1",)):
        jonas.scan(*goods)
        scale.grams = (1200 if "K1" in goods else 3 * 400) + EMPTY[cartons(world)[-1][1]]
        if "K1" not in goods:
            jonas.tap("full")
        if jonas.asks != "Scan the label":
            jonas.tap("weigh")
        boxes.append(cartons(world)[-1][0])
        jonas.scan(boxes[-1])
    jonas.tap("menu", "start:loading").scan(boxes[0], "LANE-N", boxes[1], "LANE-N", "TRUCK-N", boxes[0])
    apply(world, "order.cancel", code="482", version=2)
    jonas.tap("close")
    mara = world.worker("mara", device="HH-02").tap("start:put_back").scan(boxes[0])
    assert (mara.refusal, mara.says) == ("carton_on_truck", f"{boxes[0]} is loaded on TRUCK-N.")
    jonas.tap("back").tap("unload").scan(boxes[0])
    assert jonas.says == "Off. Order 482 is cancelled: bring it to be put back."
    assert [state for _, _, state in cartons(world)] == ["void", "void"]
    mara.scan(boxes[0], "#MUG").type("3").scan("A-01", boxes[1], "K1", "A-03")
    assert world.holds() == "A-01 MUG 20\nA-03 KETTLE 2"
    world.check()


def test_the_last_piece_out_of_a_carton_taken_back_makes_the_carton_stand_again(
    table: tuple[World, Hand, Scale],
) -> None:
    world, jonas, _ = table
    jonas.scan("T-001", "K1")
    apply(world, "order.cancel", code="482", version=2)
    box = cartons(world)[0][0]
    mara = world.worker("mara", device="HH-02").tap("start:put_back").scan(box, "K1", "A-03")
    assert mara.says == f"1 × KETTLE back at A-03. Carton {box} is void: take its label off."
    mara.tap("undo")
    assert f"PACK-1 KETTLE 1 in {box} (1 promised)" in world.holds()
    assert world.rows(select(lpns.c.state).where(lpns.c.code == box))[0][0] == "open"
    world.check()


def test_a_picked_order_that_is_held_waits_where_it_is_and_goes_on(table: tuple[World, Hand, Scale]) -> None:
    world, jonas, scale = table
    jonas.scan("T-001", "#MUG")
    assert apply(world, "order.hold", code="482", version=2, reason="credit limit") == (
        "Order 482 is held: its goods wait where they are."
    )
    jonas.scan("#MUG")
    assert jonas.refusal == "order_off"
    assert re.fullmatch(r"Order 482 is held since \d\d:\d\d: credit limit \(erp\)\.", jonas.says)
    assert world.worker("mara", device="HH-02").tap("start:put_back", "next").refusal == "nothing_to_put_back"
    lines = [{"line": "1", "item": "MUG", "quantity": 3}, {"line": "2", "item": "KETTLE", "quantity": 1}]
    head = {
        "customer": "CU-1", "name": "Jane Doe", "address": "Jane Doe, 1 High Street, Leeds, UK", "carrier": "NORTH",
        "service": "Express", "priority": 3,
    }  # fmt: skip
    grown = [*lines[:1], {"line": "2", "item": "KETTLE", "quantity": 2}]
    assert apply(world, "order.release", code="482", version=3, **head, lines=grown) == (
        "Order 482 is held, picked or packed already: it can be released or cancelled, not changed."
    )
    assert apply(world, "order.release", code="482", version=3, **head, lines=lines) == (
        "Order 482 is released and goes on where it was."
    )
    assert state_of(world, "482") == "packing"
    jonas.scan("#MUG", "#MUG", "K1")
    scale.grams = 3 * 400 + 1200 + EMPTY[cartons(world)[0][1]]
    jonas.tap("weigh").scan(cartons(world)[0][0])
    assert jonas.says.startswith("Order 482 is packed: 1 carton.")
    apply(world, "order.hold", code="482", version=4, reason="address")
    jonas.tap("menu", "start:loading").scan(cartons(world)[0][0])
    assert jonas.refusal == "order_off"
    apply(world, "order.release", code="482", version=5, **head, lines=lines)
    jonas.scan(cartons(world)[0][0], "LANE-N")
    assert state_of(world, "482") == "staged"
    world.check()


def test_a_held_order_that_is_cancelled_after_all_goes_back(table: tuple[World, Hand, Scale]) -> None:
    world, jonas, _ = table
    jonas.scan("T-001", "K1")
    apply(world, "order.hold", code="482", version=2)
    apply(world, "order.cancel", code="482", version=3)
    mara = world.worker("mara", device="HH-02").tap("next:put_back")
    assert len(mara.prompt.rows) == 2
    world.check()
