"""After returns: what was sent its way is repaired and graded anew, set aside, sent back, handed over, as the desk says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from app import schema
from app.config import PrinterSettings
from app.errors import Refusal
from app.floor.floor import Ports
from app.schema.printing import print_job
from app.schema.returns import returned
from app.schema.work import task
from app.stock.ledger import By
from app.work import duties, limits
from app.work.carriers import services
from app.work.carriers.services import Band, Service
from app.work.returns import deciding, identifying
from tests.workflows.test_returning import authorise, events, photo, ship
from tests.world import Hand, World, at_once

Build = Callable[[str], World]
HALF = ("no:sealed", "yes:complete", "yes:sound")


@pytest.fixture
def world(build: Build) -> World:
    world = build("")
    lay_out(world)
    world.worker("ruth", roles="worker supervisor", device="HH-09")
    return world


@at_once
def lay_out(world: World) -> None:
    world.location("RET-1", kind="staging", zone="RETURNS")
    world.location("OUT-1", zone="OUTLET")
    world.item("MUG", standard_cost=8_00)
    world.item("KETTLE", serial_tracked=1, standard_cost=49_00, category="electrical", name="Kettle gooseneck 1 l")
    world.add(schema.places.station, code="RET", name="Returns 1", location="RET-1")
    ship(world, "100482", "KETTLE", "KG-70418", "KG-70419")
    ship(world, "100482", "MUG", quantity=12)
    world.change(
        schema.documents.sales_order, schema.documents.sales_order.c.code == "100482", address="Seestr. 4\n88131 Lindau"
    )
    authorise(world, "20931", "100482", KETTLE=2, MUG=12)
    world.ports = Ports(printers={"P-1": PrinterSettings(name="P-1", transport="tcp", address="127.0.0.1:9")})


@pytest.fixture
def hand(world: World) -> Hand:
    return world.worker("mara").scan("STN/RET").tap("start:returning").scan("20931")


def row(world: World, piece: str, *names: str) -> Any:
    return world.rows(select(*(returned.c[name] for name in names)).where(returned.c.piece == piece))[0]


def steps(world: World) -> list[tuple[str, str]]:
    rows = world.rows(select(task.c.reason, task.c.state).where(task.c.kind.like("return%")))
    return sorted((reason, state) for reason, state in rows)


def decide(world: World, piece: str, way: str, because: str = "agreed with customer", worker: str = "ruth") -> str:
    try:
        return world.db.do(lambda tx: deciding.decide(tx, piece, way, because, worker, "desk"))
    except Refusal as refusal:
        return refusal.code


def test_a_repair_ends_with_a_new_grade_by_scanner_alone(world: World, hand: Hand) -> None:
    hand.scan("#KETTLE", "KG-70419").tap(*HALF, "yes:works", "grade:B")
    hand.scan("LPN-000777").tap("close", "menu")
    hand.tap("start:returning_next")
    assert [(one.name, one.right) for one in hand.prompt.rows] == [("LPN-000777", "Refurbish")]
    hand.scan("LPN-000777")
    assert (hand.asks, hand.prompt.item.note) == ("Refurbish", "serial KG-70419")
    hand.scan("KG-70418")
    assert hand.refusal == "other_piece"
    hand.scan("#KETTLE").tap(*HALF, "yes:works", "grade:B")
    assert (hand.asks, hand.prompt.why) == (
        "Sell at a discount", ("still grade B, from 20.00 after it was worked on",),
    )  # fmt: skip
    hand.tap("again").scan("CMD/GRADE:A")
    hand.tap("yes:sealed").scan("CMD/GRADE:A", "LPN-000778")
    assert world.holds() == "RET-1 KETTLE 1 in LPN-000778"
    assert steps(world) == [("refurbish", "done")]
    world.check()


def test_a_repair_that_failed_goes_to_scrap_above_the_limit_with_a_supervisor(
    world: World, hand: Hand, tmp_path: Path
) -> None:
    world.db.do(lambda tx: limits.give(tx, "role", "worker", "scrap_value", 10_00))
    hand.scan("#KETTLE", "KG-70419").tap(*HALF, "yes:works", "grade:B").scan("LPN-000777").tap("close", "menu")
    hand.tap("start:returning_next").scan("LPN-000777", "#KETTLE").tap("yes:complete", "no:works", "yes:sound")
    photo(world, hand, tmp_path).tap("no:sealed", "grade:D")
    assert hand.asks == "Scrap"
    hand.tap("confirm")
    assert hand.asks == "Supervisor: scan badge", "49.00 is more than mara may throw away"
    hand.released_by("ruth")
    assert world.holds() == ""
    assert [(one.disposition, one.approver) for one in events(world, "return_disposed")][-1] == ("scrap", "ruth")
    world.check()


def test_what_is_sent_back_leaves_in_a_parcel_with_its_address(world: World, hand: Hand) -> None:
    hand.scan("#MUG").tap(*HALF, "grade:B")
    hand.tap("other", "way:return_to_customer", "reason:customer_wish").scan("LPN-000777").tap("close", "menu")
    hand.tap("start:returning_next").scan("LPN-000777")
    number = row(world, "R-00001/1", "left_reference")[0]
    assert hand.prompt.facts[0].value.endswith(number[-4:])
    assert (hand.asks, hand.prompt.facts[1].value) == ("Pack it", "Ada Jones")
    assert world.rows(select(print_job.c.kind, print_job.c.subject).where(print_job.c.subject == number)) == [
        ("shipping", number)
    ]
    hand.tap("back").scan("LPN-000777", "LPN-000777")
    assert hand.refusal == "other_label"
    hand.scan(number)
    assert hand.says == "1 × MUG has left: back to customer."
    (told,) = events(world, "return_left")
    assert (told.target.location, told.reference, told.to) == ("~customer", number, "Ada Jones")
    assert (world.holds(), steps(world)) == ("", [("ship_back", "done")])
    assert len(world.rows(select(print_job.c.id).where(print_job.c.subject == number))) == 1, "printed once"
    hand.tap("undo")
    assert world.holds() == "RET-1 MUG 1 in LPN-000777 returned"
    assert ("ship_back", "open") in steps(world)
    hand.scan(number)
    assert row(world, "R-00001/1", "state", "location", "left_reference") == ("left", "~customer", number)
    world.check()


def test_what_is_sent_back_goes_by_the_carrier_of_its_order_or_another_with_a_label_of_its_own(
    world: World, hand: Hand
) -> None:
    orders = schema.documents.sales_order
    world.change(orders, orders.c.code == "100482", carrier="DHL", service="Standard")
    for code, carrier in (("LANE-1", "DHL"), ("LANE-2", "UPS")):
        world.location(code, kind="lane", carrier=carrier)
    hand.scan("#MUG").tap(*HALF, "grade:B")
    hand.tap("other", "way:return_to_customer", "reason:customer_wish").scan("LPN-000777").tap("close", "menu")
    hand.tap("start:returning_next").scan("LPN-000777")
    assert hand.prompt.facts[2].value == "DHL Standard"
    hand.tap("other")
    assert [(key.value, key.pressed) for key in hand.prompt.choices] == [("DHL Standard", True), ("UPS", False)]
    hand.tap("carrier:GLS")
    assert hand.refusal == "no_such_carrier"
    hand.tap("carrier:UPS")
    assert (hand.says, hand.prompt.facts[2].value) == ("It goes with UPS: take the new label.", "UPS")
    number = row(world, "R-00001/1", "left_reference")[0]
    hand.tap("reprint")
    assert (hand.prompt.headline, hand.prompt.choices[0].name) == ("Why print it again?", "reason")
    hand.tap("reason:unreadable")
    assert hand.says == "Printed again on P-1, marked as a copy."
    printed = world.rows(
        select(print_job.c.label, print_job.c.copy, print_job.c.reason).where(print_job.c.subject == number)
    )
    labels = sorted((msgspec.json.decode(bytes(label))["carrier"], copy, reason) for label, copy, reason in printed)
    assert labels == [("DHL", 0, ""), ("UPS", 0, ""), ("UPS", 1, "Cannot be read")]
    hand.tap("back").scan("LPN-000777", number)
    (told,) = events(world, "return_left")
    assert (told.carrier, told.service, told.reference) == ("UPS", "", number)
    world.check()


def test_where_carriers_are_rows_those_that_take_the_parcel_are_weighed_like_a_cartons(
    world: World, hand: Hand
) -> None:
    orders = schema.documents.sales_order
    world.change(orders, orders.c.code == "100482", carrier="DPD", service="Classic")
    world.change(schema.items.item, schema.items.item.c.code == "MUG", weight_g=400)
    for carrier, name, most, cents in (
        ("DPD", "Classic", 300, 390),
        ("GLS", "Parcel", 0, 520),
        ("UPS", "Saver", 0, 480),
    ):
        bands = (Band(up_to_g=most or 5000, cents=cents),)
        row = Service(carrier=carrier, service=name, most_g=most, bands=bands)
        world.db.do(lambda tx, row=row: services.save(tx, row))  # type: ignore[misc]
    hand.scan("#MUG").tap(*HALF, "grade:B")
    hand.tap("other", "way:return_to_customer", "reason:customer_wish").scan("LPN-000777").tap("close", "menu")
    hand.tap("start:returning_next").scan("LPN-000777")
    assert hand.prompt.facts[2].value == "UPS Saver", "its order's own does not take 400 g"
    hand.tap("other")
    assert [key.note.split(",")[0] for key in hand.prompt.choices] == ["4.80", "5.20"]
    hand.tap("carrier:GLS Parcel")
    assert row_of(world) == ("GLS", "Parcel")
    world.check()


def row_of(world: World) -> Any:
    return row(world, "R-00001/1", "left_carrier", "left_service")


def test_a_tote_of_goods_to_be_set_aside_goes_along_to_its_place(world: World, hand: Hand) -> None:
    table = schema.returns.disposition
    world.change(table, table.c.code == "discount", zone="OUTLET")
    hand.scan("#MUG").tap(*HALF, "grade:B").scan("T-0009").tap("close", "menu")
    hand.tap("start:returning_next").scan("T-0009")
    assert hand.asks == "Stick label on"
    hand.scan("OUT-1")
    assert hand.says == "MUG is kept at OUT-1."
    assert world.holds() == "OUT-1 MUG 1 in T-0009 returned"
    hand.tap("menu", "start:moving").scan("T-0009")
    assert world.holds() == "@mara MUG 1 in T-0009 returned"
    hand.scan("RET-1")
    assert world.holds() == "RET-1 MUG 1 in T-0009 returned"
    world.check()


def test_what_was_sent_back_may_come_back_once_more(world: World, hand: Hand) -> None:
    ship(world, "100600", "MUG")
    hand.tap("back").scan("100600", "#MUG").tap("reason:unwanted", *HALF, "grade:B")
    hand.tap("other", "way:return_to_customer", "reason:customer_wish").scan("LPN-000777").tap("close", "menu")
    hand.tap("start:returning_next").scan("LPN-000777").scan(row(world, "R-00002/1", "left_reference")[0])
    hand.tap("menu", "start:returning").scan("100600", "#MUG").tap("reason:unwanted")
    assert world.holds() == "RET-1 MUG 1 returned"
    hand.scan("#MUG")
    assert hand.refusal == "more_than_shipped"
    world.check()


def test_the_supplier_takes_it_under_a_number_and_a_gift_has_its_limit(
    world: World, hand: Hand, tmp_path: Path
) -> None:
    world.db.do(lambda tx: tx.run(update(schema.returns.rma_line).values(reason="defect")))
    hand.scan("#KETTLE", "KG-70419").tap(*HALF, "yes:works", "grade:B")
    assert hand.asks == "Photo, then claim from supplier"
    photo(world, hand, tmp_path).scan("LPN-000777", "#MUG").type("9").tap(*HALF, "grade:A")
    hand.tap("grade:B")
    photo(world, hand, tmp_path).tap("other", "way:donate", "reason:no_room")
    hand.released_by("ruth").tap("confirm").tap("close", "menu", "start:returning_next")
    hand.scan("LPN-000777").type("DN-4711")
    assert hand.says == "1 × KETTLE has left: claim from supplier."
    (told,) = events(world, "return_left")
    assert (told.target.location, told.reference, told.emptied) == ("~supplier", "DN-4711", "LPN-000777")
    plate = row(world, "R-00001/2", "lpn")[0]
    hand.scan(plate, plate)
    assert hand.says == "9 × MUG has left: donate.", "ruth released it when it was sent that way"
    assert (world.holds(), hand.asks) == ("", "Nothing waits")
    world.check()


def test_a_gift_the_rows_propose_is_held_to_the_limit_when_it_leaves(world: World, hand: Hand) -> None:
    table = schema.returns.disposition_rule
    world.change(
        table, (table.c.grade == "B") & (table.c.reason == "") & (table.c.value_from == 0), disposition="donate"
    )
    hand.scan("#MUG").type("9").tap(*HALF, "grade:B").scan("LPN-000777").tap("close", "menu", "start:returning_next")
    hand.scan("LPN-000777", "LPN-000777")
    assert hand.asks == "Supervisor: scan badge", "72.00 are given away"
    hand.released_by("ruth")
    assert world.holds() == ""
    assert events(world, "return_left")[0].approver == "ruth"
    world.check()


def test_discounted_goods_get_their_label_and_their_place(world: World, hand: Hand) -> None:
    table = schema.returns.disposition
    world.change(table, table.c.code == "discount", zone="OUTLET")
    hand.scan("#MUG").tap(*HALF, "grade:B").scan("LPN-000777").tap("close", "menu", "start:returning_next")
    hand.scan("LPN-000777")
    assert hand.asks == "Stick label on"
    hand.scan("RET-1")
    assert hand.refusal == "other_zone"
    hand.scan("OUT-1")
    assert world.holds() == "OUT-1 MUG 1 in LPN-000777 returned"
    assert steps(world) == [("relabel", "done")]
    hand.scan("LPN-000777")
    assert hand.refusal == "nothing_waits"
    world.check()


def test_the_desk_decides_and_the_floor_carries_it_out(world: World, hand: Hand) -> None:
    hand.scan("#KETTLE", "KG-99999", "KG-99999", "CMD/GRADE:A", "LPN-000777").tap("close", "menu")
    hand.tap("start:returning_next")
    assert hand.asks == "Nothing waits", "what the desk must decide is nothing for the floor"
    assert decide(world, "R-00001/1", "quarantine") == "already_so"
    assert decide(world, "R-00001/1", "return_to_customer", " ") == "no_reason"
    assert decide(world, "R-00001/1", "eat") == "no_such_disposition"
    assert decide(world, "R-00009/1", "restock") == "not_received"
    assert decide(world, "R-00001/1", "restock", worker="mara") == duties.SamePerson.code
    assert decide(world, "R-00001/1", "restock") == "R-00001/1: Restock. The floor is told."
    assert steps(world) == [("decide", "cancelled"), ("decided", "open")]
    hand.tap("menu", "start:returning_next").scan("LPN-000777")
    assert (hand.asks, hand.prompt.why) == (
        "Restock", ("Ruth decided: agreed with customer", "✕ quarantine by the rows"),
    )  # fmt: skip
    hand.tap("other")
    assert hand.refusal == "nothing_else"
    hand.scan("LPN-000778")
    assert world.holds() == "RET-1 KETTLE 1 in LPN-000778"
    told = events(world, "return_disposed")[-1]
    assert (told.disposition, told.proposed, told.approver, told.reason) == (
        "restock", "quarantine", "ruth", "agreed with customer",
    )  # fmt: skip
    assert steps(world) == [("decide", "cancelled"), ("decided", "done")]
    world.check()


def test_the_desk_finds_out_whose_an_unknown_parcel_is(world: World, hand: Hand) -> None:
    def identify(to: str) -> str:
        by = By(worker="ruth", cause="desk")
        try:
            return world.db.do(lambda tx: identifying.identify(tx, "R-00002", to, by))
        except Refusal as refusal:
            return refusal.code

    hand.tap("back", "unknown").scan("#MUG").tap("reason:unwanted").scan("CMD/GRADE:A", "LPN-000777")
    hand.scan("#KETTLE", "KG-5").tap("reason:defect").scan("CMD/GRADE:A", "LPN-000778").tap("close")
    assert identify("20999") == "not_sent"
    assert identify("20931") == "Parcel R-00002 belongs to RMA 20931."
    assert identify("20931") == "parcel_known"
    assert row(world, "R-00002/1", "rma", "order_code", "rma_line", "wish", "flags") == (
        "20931", "100482", "2", "refund", "",
    )  # fmt: skip
    assert row(world, "R-00002/2", "flags") == ("serial_mismatch",), "another kettle than was shipped stays held"
    line = schema.returns.rma_line
    assert world.rows(select(line.c.returned).where(line.c.rma == "20931").order_by(line.c.line)) == [(1,), (1,)]
    cases = world.rows(select(schema.work.exception.c.code, schema.work.exception.c.state))
    assert sorted(cases) == [("serial_mismatch", "open"), ("unknown_return", "closed"), ("unknown_return", "closed")]
    assert [one.document for one in events(world, "return_identified")] == ["rma 20931"] * 2
    assert decide(world, "R-00002/1", "restock") == "R-00002/1: Restock. The floor is told."
    world.check()


def test_what_nobody_may_decide_is_refused_at_the_desk_and_on_a_second_look(world: World, hand: Hand) -> None:
    world.item("CREAM", standard_cost=12_00, category="hygiene")
    world.item("HONEY", lot_tracked=1, standard_cost=5_00)
    ship(world, "100601", "CREAM")
    ship(world, "100601", "HONEY", lot="L7")
    world.lot("HONEY", "L7")
    hand.tap("back").scan("100601", "#HONEY").type("L7").tap("reason:unwanted").scan("CMD/GRADE:A")
    world.change(schema.items.lot, schema.items.lot.c.lot == "L7", held="recall 12")
    assert decide(world, "R-00002/1", "restock") == "recalled_lot", "recalled while it lay on the table"
    hand.scan("LPN-000777")
    assert world.holds() == "RET-1 HONEY 1 in LPN-000777 lot L7 quarantine"
    hand.scan("#CREAM").tap("reason:unwanted", *HALF, "grade:B")
    assert decide(world, "R-00002/2", "restock") == "opened_hygiene"
    assert decide(world, "R-00002/2", "donate") == "opened_hygiene"
    hand.tap("other", "way:quarantine", "reason:no_room").scan("LPN-000778").tap("close").scan("LPN-000778")
    hand.tap(f"piece:{hand.prompt.choices[0].value}").scan("CMD/GRADE:A")
    assert hand.refusal == "grade_too_good", "what was opened once is not as new by looking again"
    hand.tap("yes:sealed")
    assert hand.refusal == "opened_before"
    hand.tap("yes:complete", "yes:sound", "grade:B")
    assert hand.asks == "Photo, then scrap"
    world.check()


def test_a_decision_has_the_limit_of_whoever_decides_and_needs_a_grade(world: World, hand: Hand) -> None:
    world.db.do(lambda tx: limits.give(tx, "worker", "ruth", "disposition_value", 20_00))
    hand.scan("#KETTLE", "KG-70418")
    assert decide(world, "R-00001/1", "scrap") == "not_graded"
    hand.scan("CMD/GRADE:A")
    assert decide(world, "R-00001/1", "scrap") == "above_limit"
    world.change(schema.items.item, schema.items.item.c.code == "KETTLE", standard_cost=0)
    assert decide(world, "R-00001/1", "scrap") == "no_price"
    world.db.do(lambda tx: limits.give(tx, "worker", "ruth", "disposition_value", -1))
    assert decide(world, "R-00001/1", "donate").startswith("R-00001/1: Donate")
    hand.tap("back", "go_on")
    assert hand.asks == "Donate", "a piece still on the table is told at once"
    world.check()
