"""Transfers as the ERP tells them, where the other site has a server of its own; and as the desk orders and closes them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.desk import corrections, transfers
from app.schema.items import item
from app.schema.stock import journal
from app.schema.storage import adjustment, transfer
from app.stock.ledger import By
from app.stock.slots import TRANSIT
from app.work import holds_promises, master
from app.work.inspections import rules
from app.work.inspections.rules import Rule
from app.work.transfers import BadTransfer, TransferOver
from tests.workflows.inbound import sscc
from tests.world import World

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    world = build("A-01 MUG 20\nA-02 HONEY 6 lot=L1")
    world.location("DOOR-1", kind="dock")
    return world


def erp(world: World, kind: str, **facts: Any) -> str:
    message = master.decode(kind, facts)
    outcome = world.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
    return f"{outcome.state}: {outcome.sentence}"


def release(world: World, *lines: dict[str, Any], source: str = "MAIN", target: str = "NORTH", version: int = 1) -> str:
    return erp(
        world, "transfer.release", code="TR-7", source=source, target=target, lines=list(lines), version=version
    )  # fmt: skip


MUGS, HONEY = {"line": "1", "item": "MUG", "quantity": 8}, {"line": "2", "item": "HONEY", "quantity": 6}


def test_another_house_says_what_arrived_and_the_rest_is_asked_to_be_written_off(world: World) -> None:
    assert release(world, MUGS, {"line": "2", "item": "NOPE", "quantity": 1}).startswith(
        "dead: Transfer TR-7 needs item"
    )
    assert release(world, MUGS, HONEY) == "applied: Transfer TR-7 is known."
    assert release(world, MUGS, HONEY) == "same: Transfer TR-7 is already so."
    assert "neither is a site of this house" in release(world, MUGS, source="WEST", version=2)
    assert release(world, MUGS, {**HONEY, "quantity": 5}, version=2) == "applied: Transfer TR-7 is changed."
    mara = world.worker("mara").scan("TR-7", "A-01").tap("all").scan("A-02").tap("all").scan("DOOR-1")
    assert mara.says == "13 on the way to NORTH. That is all of it."
    assert "on its way: it cannot be changed" in release(world, MUGS, version=3)
    assert "cannot be cancelled: it is on its way" in erp(world, "transfer.cancel", code="TR-7", version=3)
    arrived = [{"line": "1", "quantity": 9}]
    assert "9 × MUG arrived, 8 are on the way" in erp(world, "transfer.arrived", code="TR-7", lines=arrived)
    arrived = [{"line": "1", "quantity": 6}, {"line": "2", "quantity": 5}]
    told = erp(world, "transfer.arrived", code="TR-7", lines=arrived, closed=True)
    assert told == "applied: Transfer TR-7: 11 arrived at NORTH. Closed, 2 missing."
    assert world.holds() == f"A-01 MUG 12\nA-02 HONEY 1 lot L1\n{TRANSIT} MUG 2 in_transit"
    [[key]] = world.rows(select(adjustment.c.id).where(adjustment.c.state == "waiting"))
    world.worker("ada", "admin", device="HH-09")
    world.db.do(lambda tx: corrections.approve(tx, key, who="ada", device="D"))
    assert TRANSIT not in world.holds()
    world.check()


def test_what_another_house_shipped_is_received_here_by_its_number(world: World) -> None:
    world.location("DOCK-2", kind="dock")
    assert release(world, {**MUGS, "shipped": 0}, source="NORTH", target="MAIN") == "applied: Transfer TR-7 is known."
    assert release(world, {**MUGS, "shipped": 5}, source="NORTH", target="MAIN", version=2).startswith("applied")
    kim = world.worker("kim").scan("TR-7", "DOCK-2", "#MUG").type("3")
    assert "DOCK-2 MUG 4" in world.holds()
    kim.tap("close", "close")
    assert kim.says == "Transfer TR-7 is closed: 1 missing."
    assert world.rows(select(adjustment.c.id)) == [], "what never was in our books is not written off here"
    world.check()


def test_the_desk_orders_cancels_and_closes(world: World) -> None:
    def order(wanted: str, source: str = "MAIN") -> str:
        return world.db.do(lambda tx: transfers.order(tx, source, "NORTH", wanted, who="ruth", device="D"))

    for wanted, source in (("MUG", "MAIN"), ("NOPE 3", "MAIN"), ("MUG 0", "MAIN"), ("", "MAIN"), ("MUG 1", "MOON")):
        with pytest.raises(BadTransfer):
            order(wanted, source)
    told = order("MUG 3, HONEY 2")
    code = str(world.rows(select(transfer.c.code))[0][0])
    assert told == f"Transfer {code} is ordered: MAIN to NORTH."
    world.worker("mara").scan(code, "A-01").type("3").scan("DOOR-1")
    with pytest.raises(TransferOver):
        world.db.do(lambda tx: transfers.cancel(tx, code, who="ruth", device="D"))
    with world.db.reading() as tx:
        seen = transfers.listing(tx, transfers.TransferFilter(q="HONEY"))
    [row] = seen.page.rows
    assert (seen.headline, row.ordered, row.shipped, row.on_the_way) == ("One transfer is open between sites.", 5, 3, 3)
    assert [(way.item, way.quantity) for way in row.ways] == [("MUG", 3)]
    assert "3 missing" in world.db.do(lambda tx: transfers.close(tx, code, who="ruth", device="D"))
    assert f"{TRANSIT} MUG 3 in_transit" in world.holds()
    world.check()


def test_what_expires_first_is_promised_and_other_goods_want_a_second_scan(build: Build) -> None:
    world = build("A-01 HONEY 6 lot=L1 expiry=2097-06-01\nA-02 HONEY 8 lot=L2 expiry=2097-01-01")
    world.location("DOOR-1", kind="dock")
    ten = {**HONEY, "quantity": 10}
    release(world, ten)
    promised = "A-01 HONEY 6 lot L1 (2 promised)\nA-02 HONEY 8 lot L2 (8 promised)"
    assert world.holds() == promised
    assert erp(world, "transfer.cancel", code="TR-7", version=2) == "applied: Transfer TR-7 is cancelled."
    assert "promised" not in world.holds()
    world.db.do(lambda tx: transfers.order(tx, "MAIN", "NORTH", "HONEY 10", who="ruth", device="D"))
    code = str(world.rows(select(transfer.c.code).where(transfer.c.state == "open"))[0][0])
    mara = world.worker("mara").scan(code)
    assert [row.detail for row in mara.prompt.rows] == ["at A-02 lot L2"]
    mara.scan("A-01").type("6")
    assert mara.refusal == "other_goods_first"
    assert mara.says == f"HONEY at A-02 lot L2 are promised to transfer {code}: they expire or came in first."
    mara.type("6")
    assert world.holds() == "@mara HONEY 6 lot L1\nA-02 HONEY 8 lot L2 (4 promised)"
    mara.tap("undo")
    assert world.holds() == promised
    world.worker("tom", device="HH-02").tap("start:moving").scan("A-02")
    mara.scan("A-01").type("2").scan("A-02").tap("all").scan("DOOR-1")
    assert mara.says == "10 on the way to NORTH. That is all of it."
    assert "promised" not in world.holds()
    world.check()


def test_goods_of_two_owners_on_one_transfer_are_promised_and_given_back_owner_by_owner(world: World) -> None:
    world.change(item, item.c.code == "HONEY", owner="BEE")
    release(world, MUGS, HONEY)
    assert world.holds() == "A-01 MUG 20 (8 promised)\nA-02 HONEY 6 lot L1 (6 promised)"
    told = world.rows(select(journal.c.owner).where(journal.c.kind == "allocated").order_by(journal.c.owner))
    assert told == [("",), ("BEE",)]
    assert erp(world, "transfer.cancel", code="TR-7", version=2).startswith("applied")
    assert "promised" not in world.holds()
    world.check()


def test_a_lot_on_hold_gives_up_its_promise_to_a_transfer_and_the_next_is_promised_instead(build: Build) -> None:
    world = build("A-01 HONEY 6 lot=L1 expiry=2097-06-01\nA-02 HONEY 8 lot=L2 expiry=2097-01-01")
    release(world, HONEY)
    world.worker("ruth", "supervisor", device="HH-09")
    world.db.do(lambda tx: holds_promises.stop(tx, "HONEY", "L2", "hold", "quality", By(worker="ruth")))
    assert "promised" not in world.holds()
    world.worker("mara").scan("TR-7")
    assert world.holds() == "A-01 HONEY 6 lot L1 (6 promised)\nA-02 HONEY 8 lot L2"
    world.check()


def test_goods_of_another_site_arrive_loose_or_on_a_pallet_and_are_inspected_where_a_rule_names_them(
    world: World,
) -> None:
    world.location("DOCK-2", kind="dock")
    release(world, {**MUGS, "shipped": 8}, {**HONEY, "shipped": 6}, source="NORTH", target="MAIN")
    world.db.do(lambda tx: rules.save(tx, Rule(item="HONEY", supplier="NORTH", aql="6.5")))
    kim = world.worker("kim").scan("TR-7", "DOCK-2", sscc(1))
    assert (kim.asks, kim.says) == ("Scan what stands on it", "LPN …0 0017: now what stands on it.")
    kim.scan("#HONEY", "L9").type("5")
    assert kim.says == "5 × HONEY on LPN …0 0017. Inspect first."
    kim.scan(sscc(1), "#MUG").type("7")
    plate = sscc(1)
    assert f"DOCK-2 MUG 8\nDOCK-2 HONEY 5 in {plate} lot L9 inspection" in world.holds()
    kim.tap("menu", "start:inspecting").scan(sscc(1))
    assert kim.refusal == "same_person"
    tom = world.worker("tom", device="HH-02").tap("start:inspecting").scan(sscc(1))
    assert tom.asks == "Good? Scan it"
    world.check()
