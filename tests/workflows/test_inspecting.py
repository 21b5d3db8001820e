"""A sample of what came in is looked at: all of it passes, or all but some, or none; and never by whoever received it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app import schema
from app.schema.quality import inspection, inspection_standing
from app.schema.stock import journal
from app.schema.work import exception
from app.stock import journal as journal_rows
from app.stock import ledger
from app.stock.events import Inspected, Undone, WrittenOff, decode
from app.stock.slots import Slot
from app.work import holds_promises, progress
from app.work.inspections import rules, switching
from app.work.inspections.rules import Check, Rule
from tests.workflows.inbound import announce, lay_out, sscc
from tests.workflows.pictures import picture
from tests.world import BY, Hand, World

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    """Mugs of ACME are inspected at AQL 6.5; 48 are ordered, so 8 are looked at and 1 may be defective."""
    world = lay_out(build(""))
    world.db.do(lambda tx: rules.save(tx, Rule(item="MUG", supplier="ACME", aql="6.5")))
    return world


def receive(world: World, item: str = "MUG", quantity: str = "48", lpn: str = "LPN-0001", po: str = "PO-1") -> Hand:
    return (
        world.worker("mara")
        .scan("STN/DOCK")
        .tap("menu", "start:receiving")
        .scan(po, f"#{item}")
        .type(quantity)
        .scan(lpn)
    )


def last(world: World) -> Inspected:
    row = world.rows(select(journal.c.body).where(journal.c.kind == "inspected").order_by(journal.c.seq.desc()))[0]
    event = decode(bytes(row[0]))
    assert isinstance(event, Inspected)
    return event


def test_goods_wait_for_inspection_and_pass(world: World) -> None:
    mara = receive(world)
    assert mara.says.endswith("to be inspected")
    assert world.holds() == "DOCK-1 MUG 48 in LPN-0001 inspection"
    mara.tap("menu", "start:inspecting").scan("LPN-0001")
    assert (mara.refusal, mara.says) == (
        "same_person", "Mara received these goods, so somebody else must inspect them.",
    )  # fmt: skip
    tom = world.worker("tom", device="HH-02").tap("start:inspecting")
    assert (tom.asks, tom.prompt.rows[0].name, tom.prompt.rows[0].left) == ("Scan LPN or lot", "MUG", "48")
    tom.scan("#TEE")
    assert tom.refusal == "not_under_inspection"
    tom.scan("LPN-0001")
    assert (tom.asks, tom.prompt.progress) == ("Good? Scan it", (0, 8))
    tom.scan("#MUG", "#TEE")
    assert (tom.refusal, tom.prompt.progress) == ("other_lot", (1, 8))
    tom.scan("LPN-0001")
    assert (tom.refusal, tom.says) == ("sample_incomplete", "1 of 8 are looked at.")
    tom.scan("#MUG/case")
    assert (tom.refusal, tom.says) == ("above_sample", "7 more are to be looked at, not 12.")
    tom.scan("#MUG").tap("undo")
    assert tom.prompt.progress == (1, 8)
    tom.type("7")
    assert (tom.asks, tom.prompt.hint) == ("Passed: scan the goods", "all 48 become available")
    tom.scan("DOCK-1")
    assert tom.says == "MUG passed: 48 are available."
    assert world.holds() == "DOCK-1 MUG 48 in LPN-0001"
    tom.tap("undo")
    assert tom.refusal == "nothing_to_undo", "a verdict stands"
    assert last(world).outcome == "passed"
    row = world.rows(select(inspection.c.inspector, inspection.c.receiver, inspection.c.state))[0]
    assert tuple(row) == ("tom", "mara", "passed")
    world.check()


def test_a_lot_passes_but_for_a_defective_unit_which_gets_a_plate_of_its_own(world: World, tmp_path: Path) -> None:
    receive(world)
    tom = world.worker("tom").tap("start:inspecting").scan("LPN-0001", "#MUG")
    tom.tap("defect:shape")
    assert tom.refusal == "no_such_check"
    tom.tap("defect:sound")
    assert tom.asks == "Scan the defective unit"
    tom.scan("#MUG")
    assert (tom.asks, tom.prompt.ask) == ("Take a photo", "photo")
    tom.tap("later").type("6")
    assert tom.prompt.ask == "photo", "the verdict waits for it"
    tom.scan("LPN-0001")
    assert tom.refusal == "photo_wanted"
    tom.turn(picture(world, tom, tmp_path), "photo")
    assert (tom.asks, tom.prompt.hint) == ("Passed: scan the goods", "1 go on a new LPN: damaged")
    tom.scan("LPN-0001")
    plate = last(world).split[0].lpn
    assert world.holds() == f"DOCK-1 MUG 1 in {plate} damaged\nDOCK-1 MUG 47 in LPN-0001"
    assert tom.says.endswith(f"Write {plate} on the defective."), "there is no printer: all of the number"
    world.check()


def test_a_lot_that_fails_goes_where_the_inspector_says(world: World, tmp_path: Path) -> None:
    receive(world)
    tom = world.worker("tom").tap("start:inspecting").scan("LPN-0001").tap("defect:label").type("2")
    assert (tom.asks, tom.prompt.hint) == ("Failed: scan the goods", "all 48 become quarantine")
    tom.scan("CMD/VENDOR")
    assert tom.prompt.hint == "all 48 become back to supplier"
    tom.scan("LPN-0001")
    assert world.holds() == "DOCK-1 MUG 48 in LPN-0001 quarantine"
    assert (last(world).outcome, last(world).goes) == ("failed", "vendor")
    assert [row[0] for row in world.rows(select(exception.c.code))] == ["inspection_failed"]
    assert tuple(world.rows(select(inspection_standing.c.last))[0]) == ("R",)
    tom.scan("LPN-0001")
    assert tom.refusal == "not_under_inspection"
    world.check()


def test_a_failed_sample_may_be_sorted_and_the_good_units_pass(world: World) -> None:
    receive(world)
    tom = world.worker("tom").tap("start:inspecting").scan("LPN-0001").tap("defect:label").type("2").tap("sort")
    assert (tom.says, tom.prompt.progress) == ("Look at all 48.", (2, 48))
    tom.tap("defect:label").type("1").type("45").tap("goes:quarantine").scan("LPN-0001")
    plate = last(world).split[0].lpn
    assert world.holds() == f"DOCK-1 MUG 3 in {plate} quarantine\nDOCK-1 MUG 45 in LPN-0001"
    assert (last(world).outcome, last(world).sorted, last(world).defects) == ("part", True, 3)
    assert tuple(world.rows(select(inspection_standing.c.last))[0]) == ("R",), "the lot has failed all the same"
    world.check()


def test_serials_are_each_looked_at_once_and_what_is_measured_decides(world: World) -> None:
    world.db.do(lambda tx: rules.save(tx, Rule(item="SCANNER", aql="6.5")))
    world.db.do(lambda tx: rules.save_check(tx, Check(code="mass", words="Weighs", kind="measure", low=90, high=110)))
    world.stock("DOCK-1 SCANNER 3 lpn=LPN-0009 status=inspection serials=S1,S2,S3")
    tom = world.worker("tom").tap("start:inspecting").scan("LPN-0009").type("1")
    assert tom.refusal == "scan_serials"
    tom.scan("S1")
    assert (tom.asks, tom.prompt.hint) == ("Weighs", "good: 90 to 110")
    tom.type("100").scan("S1")
    assert tom.refusal == "inspected_already"
    tom.scan("S2").type("111")
    assert tom.says == "serial S2: defective."
    assert tom.asks == "Failed: scan the goods"
    tom.tap("sort").scan("S3").type("91").scan("LPN-0009")
    plate = last(world).split[0].lpn
    assert f"SCANNER 1 in {plate} damaged" in world.holds()
    assert "SCANNER 2 in LPN-0009" in world.holds()
    world.check()


def test_a_unit_is_taken_from_a_place_that_is_known(world: World) -> None:
    receive(world, quantity="24")
    receive(world, quantity="24", lpn="LPN-0002")
    tom = world.worker("tom").tap("start:inspecting").scan("#MUG", "#MUG")
    assert tom.refusal == "where_from"
    tom.scan("LPN-0002", "#MUG")
    assert tom.prompt.progress == (1, 8)
    receive(world, item="TEE", quantity="5", lpn="LPN-0003")
    assert "TEE 5 in LPN-0003" in world.holds()
    assert "inspection" not in world.holds().splitlines()[-1], "tees are not inspected"


def test_every_third_lot_and_a_stop_after_five_failures(world: World) -> None:
    world.db.do(lambda tx: rules.save(tx, Rule(item="MUG", supplier="ACME", aql="6.5", every=3)))
    receive(world, quantity="10")
    receive(world, quantity="10", lpn="LPN-0002")
    assert world.holds().count("inspection") == 2, "the same lot of the same PO is treated alike"
    stopped = switching.Standing(item="MUG", supplier="ACME", severity="tightened", stopped=1)
    world.db.do(lambda tx: switching.keep(tx, stopped))
    tom = world.worker("tom").tap("start:inspecting").scan("LPN-0001")
    assert tom.refusal == "inspection_stopped"


def test_a_whole_pallet_by_its_sscc_comes_under_inspection(world: World) -> None:
    announce(world, "ASN-1", {"po": "PO-1", "item": "MUG", "quantity": 48, "sscc": sscc(1)})
    mara = world.worker("mara").scan("STN/DOCK").tap("start:receiving").scan(sscc(1))
    assert "48 × MUG" in mara.says
    assert world.holds().endswith("inspection")
    tom = world.worker("tom", device="HH-02").tap("start:inspecting").scan(sscc(1)).type("8").scan(sscc(1))
    assert tom.says == "MUG passed: 48 are available."
    world.check()


def test_after_the_verdict_no_unit_is_taken_back(world: World) -> None:
    receive(world)
    tom = world.worker("tom").tap("start:inspecting").scan("LPN-0001", "#MUG")
    kim = world.worker("kim", device="HH-02").tap("start:inspecting").scan("LPN-0001").type("7").scan("LPN-0001")
    assert kim.says == "MUG passed: 48 are available."
    tom.tap("undo")
    assert tom.refusal in ("decided_already", "undo_too_late")
    assert tuple(world.rows(select(inspection.c.seen, inspection.c.state))[0]) == (8, "passed")
    tom.scan("#MUG")
    assert tom.refusal == "no_such_inspection"
    world.check()


def test_a_defective_unit_is_found_where_its_goods_were_moved_meanwhile(world: World) -> None:
    mara = receive(world)
    tom = world.worker("tom", device="HH-02").tap("start:inspecting").scan("LPN-0001").tap("defect:label").type("1")
    mara.tap("menu", "start:moving").scan("LPN-0001", "STAGE-1")
    tom.type("7").scan("LPN-0001")
    plate = last(world).split[0].lpn
    assert world.holds() == f"STAGE-1 MUG 1 in {plate} damaged\nSTAGE-1 MUG 47 in LPN-0001"
    world.check()


def test_an_inspection_ends_by_itself_when_its_goods_go_another_way_and_goes_on_when_they_are_back(
    world: World,
) -> None:
    receive(world)
    world.change(schema.items.item, schema.items.item.c.code == "MUG", standard_cost=1)
    tom = world.worker("tom", device="HH-02").tap("start:inspecting").scan("LPN-0001", "#MUG")
    seen = select(inspection.c.state, inspection.c.decided, inspection.c.seen)
    slot = Slot(location="DOCK-1", lpn="LPN-0001", status="inspection")

    def write_off(quantity: int) -> WrittenOff:
        event = WrittenOff(item="MUG", slot=slot, quantity=quantity, reason="expired", approver="ruth", asked_by="tom")
        world.db.do(lambda tx: ledger.post(tx, event, BY))
        world.db.do(lambda tx: progress.apply(tx, event))
        return event

    write_off(8)
    assert world.rows(seen) == [("open", "", 1)]
    rest = write_off(40)
    assert world.rows(seen) == [("left", "40 × MUG at LPN-0001 written off: expired", 1)]
    tom.scan("#MUG")
    assert tom.refusal == "no_such_inspection"
    with world.db.reading() as tx:
        seq = journal_rows.last_seq(tx)
    moved = tuple(move.back() for move in rest.movements())
    back = Undone(seq=seq, kind="written_off", lane=rest.document, moved=moved)
    world.db.do(lambda tx: ledger.post(tx, back, BY))
    world.db.do(lambda tx: progress.apply(tx, rest, -1))
    assert world.rows(seen) == [("open", "", 1)]
    tom.scan("#MUG")
    assert tom.prompt.progress[0] == 2
    world.check()


def test_a_recall_ends_the_inspection_of_its_lot_with_its_reason(world: World) -> None:
    world.db.do(lambda tx: rules.save(tx, Rule(item="HONEY", aql="6.5")))
    mara = world.worker("mara").scan("STN/DOCK").tap("menu", "start:receiving").scan("PO-2", "#HONEY", "L7")
    mara.type("2069-01-31").type("10").scan("LPN-0002")
    world.worker("tom", device="HH-02").tap("start:inspecting").scan("LPN-0002")
    world.db.do(lambda tx: holds_promises.stop(tx, "HONEY", "L7", "recall", "glass found", BY))
    assert world.rows(select(inspection.c.state, inspection.c.decided)) == [("left", "lot L7 recalled: glass found")]
    world.check()
