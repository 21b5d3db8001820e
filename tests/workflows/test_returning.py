"""Customers' parcels come back: what is taken in, what is held, what becomes of each piece, and why."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image
from sqlalchemy import select

from app import clock, schema
from app.config import PrinterSettings
from app.floor.floor import Ports
from app.schema.printing import print_job
from app.schema.returns import return_parcel, returned, rma
from app.schema.stock import journal, movement
from app.schema.work import discrepancy, exception, photo_of, task
from app.stock import ledger
from app.stock.events import Shipped, decode
from app.stock.slots import CUSTOMER, Movement, Slot
from app.web import render
from app.work import master, photos
from app.work.returns import ways
from app.work.returns.ways import Check, Rule
from tests.figures import tells
from tests.world import BY, Hand, World, at_once

Build = Callable[[str], World]
UNCOMMON = 7919


def ship(
    world: World, order: str, item: str, *serials: str, quantity: int = 1, lot: str = "", customer: str = "C-77"
) -> None:
    """An order that left long ago, with its movements as shipping writes them."""
    if not world.rows(select(schema.documents.sales_order.c.code).where(schema.documents.sales_order.c.code == order)):
        world.add(schema.documents.sales_order, code=order, customer=customer, name="Ada Jones", state="shipped")
    line = f"{order}/{item}"
    count = len(serials) or quantity
    world.add(
        schema.documents.order_line, id=line, order_code=order, line=item, item=item, quantity=count, picked=count,
        packed=count, shipped=count,
    )  # fmt: skip
    gone = Slot(location=CUSTOMER, lot=lot)
    source = Slot(location="~supplier", lot=lot)  # what lay here is not what these stories are about
    moves = [
        Movement(item=item, quantity=1, source=source, target=gone, serial=number, line=line) for number in serials
    ]
    moves = moves or [Movement(item=item, quantity=quantity, source=source, target=gone, line=line)]
    event = Shipped(order=order, load="LD-1", cartons=(), contents=tuple(moves))
    world.write(lambda tx: ledger.post(tx, event, BY))


def erp(world: World, kind: str, **facts: Any) -> str:
    message = master.decode(kind, facts)
    outcome = world.write(lambda tx: master.apply(tx, message, ledger.By(cause="erp")))
    return f"{outcome.state}: {outcome.sentence}"


def authorise(world: World, code: str, order: str = "", **items: int) -> str:
    lines = [
        {"line": str(at), "item": item, "quantity": quantity, "reason": "unwanted", "wish": "refund"}
        for at, (item, quantity) in enumerate(items.items(), 1)
    ]
    return erp(world, "rma.authorised", code=code, order=order, tracking=f"JD{code}", lines=lines)


def photo(world: World, hand: Hand, folder: Path) -> Hand:
    picture = folder / "scratch.jpg"
    Image.new("RGB", (32, 24), (200, 20, 20)).save(picture)
    taken = photos.PhotoFiles(folder).keep(picture.read_bytes())
    world.db.do(lambda tx: photos.add(tx, taken, hand.worker, hand.device))
    hand.turn(taken.hash, "photo")
    return hand


def events(world: World, kind: str) -> list[Any]:
    rows = world.rows(select(journal.c.body).where(journal.c.kind == kind).order_by(journal.c.seq))
    return [decode(bytes(row[0])) for row in rows]


@pytest.fixture
def world(build: Build) -> World:
    world = build("")
    lay_out(world)
    return world


@at_once
def lay_out(world: World) -> None:
    world.location("RET-1", kind="staging", zone="RETURNS")
    world.location("A-01-01")
    world.item("MUG", standard_cost=8_00, case=12)
    world.item("KETTLE", serial_tracked=1, standard_cost=49_00, category="electrical", name="Kettle gooseneck 1 l")
    world.item("CREAM", standard_cost=12_00, category="hygiene")
    world.item("HONEY", lot_tracked=1, standard_cost=5_00)
    world.add(schema.places.station, code="RET", name="Returns 1", location="RET-1")
    ship(world, "100482", "KETTLE", "KG-70418", "KG-70419")
    ship(world, "100482", "MUG", quantity=3)
    authorise(world, "20931", "100482", KETTLE=1, MUG=2)


@pytest.fixture
def hand(world: World) -> Hand:
    return world.worker("mara").scan("STN/RET").tap("start:returning")


def test_a_return_is_restocked_by_scanner_alone(world: World, hand: Hand) -> None:
    hand.scan("20931")
    assert (hand.asks, hand.prompt.job) == ("Scan item", "RMA 20931")
    hand.scan("#MUG", "#MUG")
    assert (hand.prompt.template, hand.prompt.quantity) == ("floor/return.html", 2)
    assert world.holds() == "RET-1 MUG 2 returned"
    hand.scan("CMD/GRADE:A")
    assert (hand.asks, hand.prompt.why) == ("Restock", ("grade A: as new",))
    hand.scan("LPN-000777")
    assert hand.says == "Restock: 2 × MUG on LPN-000777."
    assert world.holds() == "RET-1 MUG 2 in LPN-000777"
    hand.scan("CMD/CLOSE")
    assert (hand.says, hand.asks) == ("Parcel R-00001 is done.", "Scan parcel")
    (told,) = events(world, "return_disposed")
    assert (told.message, told.wish, told.grade, told.document) == ("return.restocked", "refund", "A", "rma 20931")

    carrier = world.worker("otto", device="HH-02").tap("start:putaway")
    carrier.scan("LPN-000777", "A-01-01")
    assert world.holds() == "A-01-01 MUG 2", "what is restocked waits for a bin like any arrival"
    world.check()


def test_a_last_step_is_undone_and_the_piece_waits_again(world: World, hand: Hand) -> None:
    hand.scan("JD20931", "#MUG", "CMD/GRADE:A", "LPN-000777").tap("undo")
    assert world.holds() == "RET-1 MUG 1 returned"
    assert hand.asks == "Restock"
    hand.tap("back", "go_on").scan("LPN-000778")
    hand.scan("#MUG").tap("undo")
    assert world.rows(select(returned.c.piece, returned.c.quantity, returned.c.state).order_by(returned.c.piece)) == [
        ("R-00001/1", 1, "disposed"),
        ("R-00001/2", 0, "received"),
    ]
    world.check()


def test_two_parcels_of_one_order_are_opened_by_two_people_at_once(world: World, hand: Hand) -> None:
    ship(world, "100500", "CREAM", quantity=4)
    otto = world.worker("otto", device="HH-02").scan("STN/RET").tap("start:returning")
    hand.scan("100500", "#CREAM").tap("reason:unwanted")
    otto.scan("100500", "#CREAM").tap("reason:unwanted")
    assert (otto.refusal, otto.prompt.subject) == ("", "R-00002"), "Mara has R-00001 on her table"
    hand.tap("menu", "start:returning").scan("100500")
    assert hand.prompt.subject == "R-00001", "her own she finds again"
    world.change(returned, returned.c.parcel == "R-00001", received_at=clock.now() - 11 * clock.MINUTE)
    tom = world.worker("tom", device="HH-03").scan("STN/RET").tap("start:returning").scan("100500")
    assert tom.prompt.subject == "R-00001", "left lying, it is gone on with"
    world.check()


def test_a_broken_one_is_scrapped_with_its_photo_and_its_reason(world: World, hand: Hand, tmp_path: Path) -> None:
    ship(world, "100500", "CREAM", quantity=2)
    hand.scan("100500", "#CREAM").tap("reason:damaged")
    hand.tap("no:sealed", "yes:complete", "yes:sound", "grade:A")
    assert hand.says == "Not: unopened: at best B, not A."
    hand.tap("grade:B")
    assert (hand.asks, hand.prompt.ask) == ("Photo, then scrap", "photo")
    assert (hand.prompt.why_title, hand.prompt.why) == ("Scrap, because", ("opened, and hygiene is never sold again",))
    hand.tap("confirm")
    assert hand.refusal == "photo_wanted"
    photo(world, hand, tmp_path).tap("other", "way:restock")
    assert hand.refusal == "opened_hygiene"
    assert "restock" not in [key.value for key in hand.prompt.choices]
    hand.tap("back", "confirm")
    assert hand.says == "Scrap: 1 × CREAM out of the books."
    assert world.holds() == ""
    (told,) = events(world, "return_disposed")
    assert (told.target.location, told.reason) == ("~scrap", "opened, and hygiene is never sold again")
    assert world.rows(select(photo_of.c.subject)) == [("return R-00001/1",)]
    world.check()


def test_another_serial_than_shipped_is_held_and_looked_into(world: World, hand: Hand) -> None:
    hand.scan("20931", "#KETTLE", "KG-99999")
    assert (hand.refusal, "KG-70418" in str(hand.answer)) == ("serial_mismatch", False)
    assert world.holds() == "", "nothing is taken in before it was scanned again"
    hand.scan("KG-99999")
    assert world.holds() == "RET-1 KETTLE 1 quarantine"
    assert hand.says == "KETTLE is held: another serial than shipped."
    hand.scan("CMD/GRADE:A")
    assert hand.asks == "Quarantine"
    hand.tap("other")
    assert hand.refusal == "nothing_else"
    hand.tap("confirm")
    assert world.holds().startswith("RET-1 KETTLE 1 in 0")
    assert world.rows(select(exception.c.code, exception.c.document)) == [("serial_mismatch", "rma 20931")]
    world.check()


def test_the_shipped_serial_comes_back_once(world: World, hand: Hand) -> None:
    hand.scan("KG-70418")
    assert hand.prompt.job == "RMA 20931", "a serial says whose parcel it is"
    hand.scan("KG-70418", "CMD/GRADE:A")
    assert hand.prompt.item.note == "serial KG-70418"
    hand.scan("LPN-000777", "#KETTLE", "KG-70418")
    assert hand.refusal == "duplicate_serial"
    world.check()


def test_more_than_shipped_is_refused_and_not_announced_is_held(world: World, hand: Hand) -> None:
    ship(world, "100482", "HONEY", quantity=1, lot="L1")
    world.lot("HONEY", "L1")
    hand.scan("20931", "#MUG", "#MUG", "#MUG")
    assert (hand.refusal, hand.prompt.quantity) == ("one_more_is_held", 2)
    hand.scan("CMD/GRADE:A", "LPN-000777", "#MUG", "#MUG")
    assert hand.says == "MUG is held: more than announced."
    hand.scan("CMD/GRADE:A", "LPN-000778", "#MUG")
    assert hand.refusal == "more_than_shipped"
    hand.scan("#HONEY")
    assert hand.refusal == "not_on_rma"
    hand.scan("#HONEY").type("L1").tap("reason:unwanted")
    assert world.holds().splitlines()[0] == "RET-1 HONEY 1 lot L1 quarantine"
    assert sorted(world.rows(select(discrepancy.c.kind, discrepancy.c.document))) == [
        ("more_than_announced", "rma 20931"),
        ("not_on_rma", "rma 20931"),
    ]
    world.check()


def test_a_parcel_nobody_knows_is_taken_in_and_held(world: World, hand: Hand) -> None:
    hand.scan("1Z999AA10123456784")
    assert hand.refusal == "unknown_parcel"
    hand.scan("1Z999AA10123456784", "#MUG").tap("reason:undeliverable")
    assert world.holds() == "RET-1 MUG 1 quarantine"
    assert world.rows(select(exception.c.code)) == [("unknown_return",)]
    hand.tap("back", "close")
    assert hand.refusal == "still_to_judge"
    world.check()


def test_an_rma_that_ended_or_expired(world: World, hand: Hand) -> None:
    authorise(world, "20932", MUG=1)
    world.change(rma, rma.c.code == "20932", expires=clock.now() - clock.DAY)
    world.worker("ruth", roles="supervisor", device="HH-02")
    hand.scan("20932")
    assert hand.asks == "Supervisor: scan badge"
    hand.released_by("ruth")
    assert hand.asks == "Scan item"
    assert erp(world, "rma.cancelled", code="20932", version=1) == "applied: RMA 20932 is cancelled."
    hand.tap("back").scan("20932")
    assert hand.refusal == "rma_ended"
    world.check()


def test_a_recalled_lot_goes_to_quarantine_and_nowhere_else(world: World, hand: Hand) -> None:
    ship(world, "100501", "HONEY", quantity=4, lot="L7")
    world.lot("HONEY", "L7", held="recall 12")
    hand.scan("100501", "#HONEY").type("L7").tap("reason:unwanted").scan("CMD/GRADE:A")
    assert (hand.asks, hand.prompt.why) == ("Quarantine", ("lot L7 is on hold: recall 12",))
    hand.tap("other")
    assert hand.refusal == "nothing_else"
    hand.tap("confirm")
    assert world.holds().endswith("lot L7 quarantine")
    world.check()


def test_another_way_within_the_limit_and_above_it(world: World, hand: Hand) -> None:
    world.worker("ruth", roles="supervisor", device="HH-02")
    ship(world, "100502", "MUG", quantity=12)
    hand.scan("100502", "#MUG").tap("reason:unwanted", "no:sealed", "yes:complete", "yes:sound", "grade:B")
    assert hand.asks == "Sell at a discount"
    hand.tap("other", "way:donate", "reason:no_room")
    assert (hand.asks, hand.prompt.why) == ("Donate", ("No room for it", "✕ Sell at a discount was proposed"))
    hand.tap("confirm").scan("#MUG").type("9")
    hand.tap("reason:unwanted") if hand.asks.startswith("Why") else None
    hand.type("9").tap("no:sealed", "yes:complete", "yes:sound", "grade:B", "other", "way:donate", "reason:no_room")
    assert hand.asks == "Supervisor: scan badge", "72.00 is more than a worker may decide"
    hand.released_by("ruth").tap("confirm")
    told = events(world, "return_disposed")
    assert [(one.quantity, one.proposed, one.approver) for one in told] == [
        (1, "discount", ""),
        (9, "discount", "ruth"),
    ]
    assert events(world, "overridden")[0].supervisor == "ruth"
    assert world.rows(select(task.c.reason).where(task.c.kind == "return")) == [("donate",), ("donate",)]
    world.check()


def test_what_was_repaired_is_looked_at_once_more(world: World, hand: Hand, tmp_path: Path) -> None:
    hand.scan("KG-70419", "KG-70419").tap("no:sealed", "yes:complete", "yes:works", "yes:sound", "grade:B")
    assert hand.asks == "Refurbish"
    hand.scan("LPN-000777").tap("close").scan("LPN-000777")
    assert hand.asks == "Which piece?"
    hand.tap(f"piece:{hand.prompt.choices[0].value}").scan("CMD/GRADE:A", "LPN-000778")
    assert world.holds() == "RET-1 KETTLE 1 in LPN-000778"
    assert world.rows(select(task.c.state).where(task.c.kind == "return")) == [("done",)]
    world.check()


def test_what_is_expected_is_in_no_byte_sent_to_the_device(world: World) -> None:
    ship(world, "100503", "MUG", quantity=UNCOMMON)
    authorise(world, "20940", "100503", MUG=UNCOMMON)
    world.ports = Ports(printers={"P-1": PrinterSettings(name="P-1", transport="tcp", address="127.0.0.1:9")})
    hand = world.worker("mara").scan("STN/RET").tap("start:returning")
    sent = b""
    for label in ("20940", "#MUG", "#MUG/case", "CMD/GRADE:A", "LPN-000777", "#KETTLE", "#KETTLE", "CMD/BACK", "20931",
                  "#MUG", "CMD/GRADE:A", "CMD/CONFIRM"):  # fmt: skip
        hand.scan(label)
        sent += msgspec.json.encode(hand.answer) + render.screen(hand.answer).encode()
    sent += b"".join(bytes(row[0]) for row in world.rows(select(print_job.c.payload)))
    assert b"MUG" in sent
    assert world.rows(select(print_job.c.id)) != [], "labels were drawn, too"
    assert not tells(sent, UNCOMMON)
    world.change(schema.returns.return_policy, schema.returns.return_policy.c.code == "usual", blind=0)
    hand.scan("20940")
    assert tells(msgspec.json.encode(hand.answer), UNCOMMON), "the row decides it"
    world.check()


def test_a_rule_that_contradicts_another_is_refused(world: World) -> None:
    def save(rule: Rule) -> str:
        return world.db.do(lambda tx: ways.save_rule(tx, rule))

    with pytest.raises(ways.RuleContradicts, match=r"For grade A there is already a rule that says Restock"):
        save(Rule(grade="A", value_from=10_00, disposition="donate"))
    assert save(Rule(grade="A", reason="undeliverable", disposition="discount")).startswith(
        "For undeliverable, grade A"
    )
    with pytest.raises(ways.NoSuchDisposition):
        save(Rule(grade="A", reason="refused", disposition="eat"))
    with pytest.raises(ways.BadRule):
        save(Rule(grade="E", disposition="scrap"))
    with world.db.reading() as tx:
        best = ways.best(ways.rules(tx), "undeliverable", "", "A", 0)
    assert (best.disposition if best else "") == "discount", "the rule that says more wins"


def test_the_erp_decides_and_it_stands_on_the_trail(world: World, hand: Hand) -> None:
    hand.scan("20931", "#MUG", "CMD/GRADE:A", "LPN-000777", "CMD/CLOSE")
    told = erp(world, "rma.decided", code="20931", version=2, decision="replacement", replacement="100999")
    assert told == "applied: RMA 20931: replacement."
    assert erp(world, "rma.decided", code="20931", version=2, decision="replacement", replacement="100999").startswith(
        "same"
    )
    assert events(world, "return_decided")[0].in_words() == "the ERP decided on RMA 20931: replacement, order 100999"
    rows = world.rows(select(journal.c.kind).where(journal.c.document == "rma 20931").order_by(journal.c.seq))
    assert [row[0] for row in rows] == [
        "return_received", "return_inspected", "return_disposed", "return_closed", "return_decided",
    ]  # fmt: skip
    assert world.rows(select(return_parcel.c.state)) == [("closed",)]
    assert world.rows(select(movement.c.target_status).where(movement.c.source == CUSTOMER)) == [("returned",)]
    world.check()


def test_what_is_measured_is_typed_and_outside_its_limits_sets_the_best_grade(world: World, hand: Hand) -> None:
    cold = Check(
        category="", code="cold", words="Temperature", position=5, worst="D", kind="measure", low=2, high=8, unit="°C"
    )
    with pytest.raises(ways.BadRule):
        world.db.do(lambda tx: ways.save_check(tx, msgspec.structs.replace(cold, low=9)))
    world.db.do(lambda tx: ways.save_check(tx, cold))
    hand.scan("20931", "#MUG", "CMD/GRADE:A")
    assert (hand.refusal, hand.says) == ("measure_first", "Temperature: how much? Good is 2 to 8 °C.")
    hand.scan("CMD/MEASURE:COLD")
    assert (hand.prompt.ask, hand.prompt.unit) == ("measure", "°C")
    hand.type("4.5").scan("CMD/GRADE:A")
    assert hand.asks == "Restock"
    hand.tap("again").scan("CMD/MEASURE:COLD").type("12")
    assert (hand.says, hand.prompt.hint) == ("Temperature 12 °C: good is 2 to 8 °C.", "Temperature 12 °C")
    hand.scan("CMD/GRADE:A")
    assert hand.refusal == "grade_too_good"
    world.check()
