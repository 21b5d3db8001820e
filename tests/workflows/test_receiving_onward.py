"""What comes after a booking: goods an order waits for go straight to it, and items of unknown size are measured once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.floor.floor import Box, Ports
from app.schema.documents import order_line, sales_order
from app.schema.items import item
from app.schema.stock import journal
from app.schema.work import task
from app.work import shelf_life
from tests.workflows.inbound import announce, lay_out, received, rule, sscc
from tests.world import Hand, World


@pytest.fixture
def world(build: Callable[[str], World]) -> World:
    world = lay_out(build(""))
    world.stock("A-09 CAP 5")
    world.location("PACK-1", kind="station")
    rule(world, cross_dock=1)
    sells(world, "1001", priority=5, MUG=4)
    sells(world, "1002", priority=1, ship_complete=1, MUG=6, CAP=2)
    sells(world, "1003", priority=1, MUG=500)
    sells(world, "1004", priority=1, CAP=1)
    return world


def sells(world: World, code: str, *, priority: int = 5, ship_complete: int = 0, **items: int) -> None:
    world.add(sales_order, code=code, priority=priority, ship_complete=ship_complete)
    for number, (name, quantity) in enumerate(items.items(), 1):
        line = {"id": f"{code}/{number}", "order_code": code, "line": str(number), "item": name, "quantity": quantity}
        world.add(order_line, **line)


@pytest.fixture
def mara(world: World) -> Hand:
    mara = world.worker("mara")
    mara.scan("STN/DOCK").tap("start:receiving")
    return mara


def states(world: World) -> list[str]:
    return [row[0] for row in world.rows(select(sales_order.c.state).order_by(sales_order.c.code))]


def test_orders_that_wait_are_promised_in_the_receipt_itself_and_fetched_first(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG").type("24").scan("LPN-0001")
    assert mara.says == "24 each MUG on LPN LPN-0001"
    assert (mara.asks, [row.name for row in mara.prompt.rows]) == (
        "2 orders wait for it", ["Order 1002", "Order 1001"]
    )  # fmt: skip
    assert mara.prompt.hint == "straight to packing, PACK-1"
    assert world.holds() == "A-09 CAP 5 (2 promised)\nDOCK-1 MUG 24 in LPN-0001 (10 promised)"
    assert states(world) == ["waved", "waved", "pool", "pool"], "what no receipt makes whole goes on waiting"
    assert [row[0] for row in world.rows(select(journal.c.kind))][1:] == ["received"], "one event"
    mara.tap("now")
    assert mara.asks == "Scan empty tote"
    mara.scan("T-0001")
    assert (mara.prompt.place, mara.prompt.quantity) == ("A-09", 2)
    world.check()


def test_where_the_rows_say_so_an_order_is_served_in_part_after_those_made_whole(world: World, mara: Hand) -> None:
    rule(world, cross_dock=2)
    sells(world, "1005", priority=1, ship_complete=1, MUG=90)
    sells(world, "1006", priority=1, MUG=1, TEE=30)
    mara.scan("PO-1", "#MUG").type("48").scan("LPN-0001")
    assert [(row.name, row.detail) for row in mara.prompt.rows] == [
        ("Order 1002", "6 × MUG"), ("Order 1001", "4 × MUG"), ("Order 1003", "38 × MUG, in part"),
    ]  # fmt: skip
    assert "DOCK-1 MUG 48 in LPN-0001 (48 promised)" in world.holds()
    assert states(world) == ["waved", "waved", "waved", "pool", "pool", "pool"], "TEE is on the same PO"
    lines = select(order_line.c.allocated, order_line.c.short).where(order_line.c.order_code == "1003")
    assert world.rows(lines) == [(38, 462)]
    [(body,)] = world.rows(select(journal.c.body).where(journal.c.kind == "received"))
    assert b'"quantity":462,"reason":"not in stock"' in bytes(body)
    mara.tap("undo")
    assert (states(world), world.rows(lines)) == (["pool"] * 6, [(0, 0)])
    world.check()


def test_the_walk_from_the_dock_ends_at_packing(world: World, mara: Hand) -> None:
    world.change(sales_order, sales_order.c.code == "1002", state="held")
    mara.scan("PO-1", "#MUG").type("4").scan("LPN-0001").tap("now").scan("T-0001")
    assert (mara.prompt.place, mara.prompt.item.code, mara.prompt.quantity) == ("DOCK-1", "MUG", 4)
    mara.scan("DOCK-1", "LPN-0001", "#MUG").type("4").scan("T-0001", "PACK-1")
    assert states(world)[0] == "picked"
    assert "PACK-1 MUG 4 in T-0001 (4 promised)" in world.holds()
    world.check()


def test_taking_the_receipt_back_gives_the_promise_and_the_walk_back(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG").type("24").scan("LPN-0001").tap("undo")
    assert (world.holds(), received(world, "PO-1")) == ("A-09 CAP 5", [0, 0])
    assert states(world) == ["pool"] * 4
    assert world.rows(select(task.c.state).distinct()) == [("cancelled",)]
    mara.scan("LPN-0001")
    assert mara.asks == "2 orders wait for it", "and it may come again"
    mara.scan("#TEE")
    assert (mara.asks, mara.prompt.item.code) == ("Scan next, or the LPN", "TEE")
    world.check()


def test_promised_goods_are_not_put_away_from_under_the_walk(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG").type("24").scan("LPN-0001")
    kim = world.worker("kim", device="HH-02")
    kim.tap("start:putaway").scan("LPN-0001")
    assert (kim.refusal, kim.says) == (
        "not_waiting",
        "LPN LPN-0001 does not wait to be put away: orders wait for 10 of it, a picker fetches them first.",
    )
    assert "DOCK-1 MUG 24 in LPN-0001 (10 promised)" in world.holds()
    kim.scan("DOCK-1")
    assert kim.refusal


def test_a_declared_pallet_serves_the_orders_that_wait_for_what_is_on_it(world: World, mara: Hand) -> None:
    announce(world, "A-1", {"sscc": sscc(1), "po": "PO-1", "item": "MUG", "quantity": 24},
             {"sscc": sscc(1), "po": "PO-1", "item": "TEE", "quantity": 20})  # fmt: skip
    mara.scan(sscc(1))
    assert mara.says == "Pallet …0 0017: 44 × 2 items"
    assert [row.detail for row in mara.prompt.rows] == ["6 × MUG", "4 × MUG"]
    assert f"DOCK-1 MUG 24 in {sscc(1)} (10 promised)" in world.holds()
    assert states(world) == ["waved", "waved", "pool", "pool"]
    mara.tap("later")
    assert mara.prompt.job == "ASN A-1"
    mara.tap("undo")
    assert (world.holds(), states(world)) == ("A-09 CAP 5", ["pool"] * 4)
    world.check()


def test_undo_is_too_late_once_a_picker_took_the_goods(world: World, mara: Hand) -> None:
    world.change(sales_order, sales_order.c.code == "1002", state="held")
    mara.scan("PO-1", "#MUG").type("4").scan("LPN-0001")
    kim = world.worker("kim", device="HH-02")
    kim.tap("start:picking", "next").scan("T-0009", "DOCK-1", "LPN-0001", "#MUG").type("4").scan("T-0009")
    mara.tap("undo")
    assert mara.refusal == "undo_too_late"
    world.check()


def test_without_the_rule_and_for_goods_on_hold_nothing_is_promised(world: World, mara: Hand) -> None:
    rule(world, supplier="ACME", cross_dock=0)
    mara.scan("PO-1", "#MUG").type("24").scan("LPN-0001")
    assert mara.asks == "Scan item"
    rule(world, supplier="ACME", cross_dock=1)
    mara.tap("problem", "reason:unlabelled", "later").scan("#MUG").type("24").scan("LPN-0002")
    assert mara.asks != "2 orders wait for it"
    assert "promised" not in world.holds()
    world.check()


def test_an_item_nobody_measured_is_measured_once(world: World, mara: Hand) -> None:
    rule(world, measure=1)
    with world.db.reading() as tx:
        good_until = (shelf_life.today(tx) + timedelta(days=200)).isoformat()
    mara.scan("PO-2", "#HONEY").type("L1").type(good_until).type("12").scan("LPN-0001")
    assert (mara.asks, mara.prompt.unit) == ("Type the length", "mm")
    mara.type("90").type("99999")
    assert mara.refusal == "bad_amount"
    mara.type("80").type("110").type("620")
    assert mara.says == "Measured: 90 × 80 × 110 mm, 620 g"
    sizes = select(item.c.length_mm, item.c.width_mm, item.c.height_mm, item.c.weight_g, item.c.measured > 0)
    assert world.rows(sizes.where(item.c.code == "HONEY")) == [(90, 80, 110, 620, True)]
    mara.scan("#HONEY").tap("same").type("12").scan("LPN-0002")
    assert mara.asks == "Scan item", "once is enough"
    mara.scan("PO-1", "#TEE").type("2").scan("LPN-0003").tap("later")
    assert mara.asks == "Scan item"
    boxes = [Box(0, 80, 110, 620), Box(100, 90, 80, 333)]
    world.ports = Ports(measure=lambda station: boxes.pop(0), dimensioners={"DOCK"})
    mara.scan("#TEE").type("2").scan("LPN-0004")
    assert mara.prompt.main.name == "measure", "the big button: behind More at a handheld, nobody found it"
    mara.tap("measure")
    assert (mara.refusal, mara.asks) == ("bad_amount", "Type the length"), "what cannot be is refused as if typed"
    mara.tap("measure")
    assert mara.says == "Measured: 100 × 90 × 80 mm, 333 g", "all four at once"
    world.check()
