"""A truck is unloaded: what comes in, what is refused, and what is said of the difference."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import schema
from app.config import PrinterSettings
from app.floor.floor import Ports
from app.schema.documents import po_line, purchase_order
from app.schema.printing import print_job
from app.schema.stock import journal
from app.schema.work import discrepancy
from app.stock.events import ReceiptClosed
from app.stock.events import decode as decode_event
from app.work import shelf_life
from tests.workflows.inbound import order
from tests.world import Hand, World, at_once

Build = Callable[[str], World]
TO_LIVE = 200  # days the goods of these tests have


def day(world: World, days: int) -> str:
    with world.db.reading() as tx:
        return (shelf_life.today(tx) + timedelta(days=days)).isoformat()


def gs1(world: World, item: str, *, lot: str = "", expiry: str = "", serial: str = "", count: int = 0) -> str:
    """A GS1-128 label as a scanner sends it."""
    parts = ["01" + world.barcodes[item].zfill(14)]
    parts += ["17" + expiry[2:4] + expiry[5:7] + expiry[8:10]] if expiry else []
    parts += ["10" + lot + "\x1d"] if lot else []
    parts += ["21" + serial + "\x1d"] if serial else []
    parts += [f"30{count}\x1d"] if count else []
    return "]C1" + "".join(parts).rstrip("\x1d")


@pytest.fixture
def world(build: Build) -> World:
    """A dock, an order of mugs and tees, one of honey (lot, expiry), one of scanners (serials)."""
    world = build("")
    lay_out(world)
    return world


@at_once
def lay_out(world: World) -> None:
    world.location("DOCK-1", kind="dock")
    world.location("STAGE-1", kind="staging")
    world.location("A-01-01")
    world.item("MUG", case=12)
    world.item("TEE", over_receipt_percent=10)
    world.item("HONEY", lot_tracked=1, expiry_tracked=1, min_shelf_days=30, case=12, name="Blossom honey")
    world.item("SCANNER", serial_tracked=1, case=5)
    world.item("CAP")
    order(world, "PO-1", MUG=48, TEE=20)
    order(world, "PO-2", HONEY=48)
    order(world, "PO-3", SCANNER=5)
    world.add(schema.places.station, code="DOCK", name="Dock 1", location="DOCK-1")


@pytest.fixture
def mara(world: World) -> Hand:
    mara = world.worker("mara")
    mara.scan("STN/DOCK").tap("start:receiving")
    return mara


def received(world: World, po: str) -> list[int]:
    return [row[0] for row in world.rows(select(po_line.c.received).where(po_line.c.po == po).order_by(po_line.c.line))]


# ── the happy paths ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_po_is_received_by_scans_alone(world: World, mara: Hand) -> None:
    assert mara.asks == "Scan PO or item"
    mara.scan("PO-1")
    assert mara.asks == "Scan item"
    mara.scan("#MUG/case", "#MUG/case", "#MUG/case")
    assert mara.says == "+ 12 each, one case"
    assert (mara.prompt.quantity, mara.prompt.of) == (36, 48)
    mara.scan("LPN-4417")
    assert mara.says == "36 each MUG on LPN LPN-4417"
    mara.scan("#TEE", "#TEE", "LPN-4417")
    assert world.holds() == "DOCK-1 MUG 36 in LPN-4417\nDOCK-1 TEE 2 in LPN-4417"
    assert received(world, "PO-1") == [36, 2]
    assert mara.prompt.progress == (0, 2)
    world.check()


def test_the_menu_takes_a_po_and_counts_the_open_ones(world: World) -> None:
    kim = world.worker("kim")
    [tile] = [tile for tile in kim.prompt.choices if tile.value == "receiving"]
    assert tile.note == "3 POs"
    kim.scan("PO-1")
    assert kim.asks == "Scan dock or staging", "kim stands at no station"
    kim.scan("STAGE-1", "#TEE", "LPN-0001")
    assert world.holds() == "STAGE-1 TEE 1 in LPN-0001"
    world.check()


def test_an_item_scanned_first_finds_its_only_open_po(world: World, mara: Hand) -> None:
    mara.scan("#MUG/case")
    assert (mara.prompt.job, mara.prompt.quantity) == ("PO PO-1", 12)
    mara.tap("no_lpn")
    assert mara.says == "12 each MUG at DOCK-1"
    assert world.holds() == "DOCK-1 MUG 12"
    world.check()


def test_an_item_first_without_a_station_is_kept_while_the_dock_is_scanned(world: World) -> None:
    kim = world.worker("kim")
    kim.tap("start:receiving").scan("#MUG/case", "DOCK-1")
    assert (kim.asks, kim.prompt.quantity) == ("Scan next, or the LPN", 12)
    world.check()


def test_of_several_open_pos_the_worker_chooses_by_tap_or_scan(world: World, mara: Hand) -> None:
    order(world, "PO-9", MUG=6)
    mara.scan("#MUG")
    assert mara.asks == "Scan the PO"
    assert [choice.label for choice in mara.prompt.choices] == ["PO PO-1", "PO PO-9"]
    mara.tap("po:PO-9")
    assert (mara.prompt.job, mara.prompt.of) == ("PO PO-9", 6)
    mara.tap("back", "back").scan("#MUG", "PO-1")
    assert (mara.prompt.job, mara.prompt.quantity) == ("PO PO-1", 1)
    world.check()


def test_one_gs1_scan_gives_item_lot_expiry_and_count(world: World, mara: Hand) -> None:
    expiry = day(world, TO_LIVE)
    mara.scan("PO-2", gs1(world, "HONEY", lot="L2408-A", expiry=expiry, count=4))
    assert mara.asks == "Scan next, or the LPN"
    assert [(fact.label, fact.value, fact.note) for fact in mara.prompt.facts] == [
        ("Lot", "L2408-A", "from label"),
        ("Expiry", shelf_life.in_words(expiry), "from label"),
    ]
    mara.scan("LPN-0001")
    assert world.holds() == "DOCK-1 HONEY 4 in LPN-0001 lot L2408-A"
    assert world.rows(select(schema.items.lot.c.expiry)) == [(expiry,)]
    world.check()


def test_lot_and_expiry_are_asked_only_when_the_label_is_silent(world: World, mara: Hand) -> None:
    expiry = day(world, TO_LIVE)
    mara.scan("PO-2", "#HONEY/case")
    assert (mara.asks, mara.prompt.ask) == ("Scan or type the lot", "text")
    mara.type("L1")
    assert (mara.asks, mara.prompt.ask) == ("Type the expiry", "date")
    assert not mara.prompt.keys, "goods that spoil come in with their date"
    mara.type(expiry[8:10] + expiry[5:7] + expiry[2:4])
    assert (mara.asks, mara.prompt.quantity) == ("Scan next, or the LPN", 12)
    mara.scan("LPN-0001", "#HONEY")
    assert [key.label for key in mara.prompt.keys] == ["Same lot", "No lot on it"]
    mara.tap("same")
    assert mara.asks == "Scan next, or the LPN", "the lot's date is known by now"
    mara.scan("LPN-0002")
    assert world.holds() == "DOCK-1 HONEY 12 in LPN-0001 lot L1\nDOCK-1 HONEY 1 in LPN-0002 lot L1"
    world.check()


def test_the_other_label_of_the_goods_answers_what_is_asked(world: World, mara: Hand) -> None:
    mara.scan("PO-2", "#HONEY/case", "#HONEY")
    assert mara.refusal == "wrong_kind", "that label says no lot either"
    mara.scan(gs1(world, "HONEY", lot="L1", expiry=day(world, TO_LIVE)))
    assert (mara.asks, mara.prompt.quantity) == ("Scan next, or the LPN", 12)
    world.check()


def test_none_on_goods_only_where_expiry_is_not_tracked(world: World, mara: Hand) -> None:
    world.item("TEA", lot_tracked=1, min_shelf_days=60)
    order(world, "PO-8", TEA=3)
    mara.scan("PO-8", "#TEA").type("GT-118")
    assert [key.label for key in mara.prompt.keys] == ["None on goods"]
    mara.tap("none").scan("LPN-0001")
    assert world.holds() == "DOCK-1 TEA 1 in LPN-0001 lot GT-118"
    mara.tap("back").scan("PO-2", "#HONEY").type("L1").tap("none")
    assert mara.refusal == "bad_date"
    world.check()


@pytest.mark.parametrize("typed", ["31.08.2099", "310899", "31.8.99", "2099-08-31", "31082099"])
def test_dates_are_typed_as_people_write_them(typed: str) -> None:
    assert shelf_life.parse_date(typed) == "2099-08-31"


@pytest.mark.parametrize("typed", ["31.02.27", "000827", "310427", "2027-13-01", "tomorrow", "", "1", "٣١٠٨٢٦"])
def test_impossible_dates_are_refused(world: World, mara: Hand, typed: str) -> None:
    mara.scan("PO-2", "#HONEY").type("L1").type(typed)
    assert mara.refusal == "bad_date"
    assert mara.asks == "Type the expiry"
    world.check()


def test_a_typed_quantity_is_the_quantity(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG").type("30").scan("LPN-0001")
    assert world.holds() == "DOCK-1 MUG 30 in LPN-0001"
    mara.scan("#MUG").type("0")
    assert mara.refusal == "bad_amount"
    mara.type("4006381333931")
    assert mara.says == "4006381333931 is not a quantity: it is as long as a barcode"
    world.check()


def test_serials_are_scanned_one_by_one(world: World, mara: Hand) -> None:
    mara.scan("PO-3", "#SCANNER")
    assert mara.asks == "Scan serial"
    mara.type("3")
    mara.scan("S-100", gs1(world, "SCANNER", serial="S-101"))
    assert mara.says == "2 of 3"
    mara.scan("LPN-0001")
    assert mara.refusal == "serials_missing"
    assert mara.says == "3 pieces were declared, 2 serials scanned."
    mara.scan("S-102", "LPN-0001")
    assert world.holds() == "DOCK-1 SCANNER 3 in LPN-0001"
    serials = select(schema.stock.serial.c.serial).order_by(schema.stock.serial.c.serial)
    assert world.rows(serials) == [("S-100",), ("S-101",), ("S-102",)]
    world.check()


def test_a_case_of_serials_must_be_whole(world: World, mara: Hand) -> None:
    mara.scan("PO-3", "#SCANNER/case")
    for number in range(5):
        mara.scan(f"S-{number}")
    mara.scan("S-5")
    assert mara.refusal == "serial_too_many"
    mara.scan("LPN-0001")
    assert mara.asks == "Close this PO?"
    assert world.holds() == "DOCK-1 SCANNER 5 in LPN-0001"
    world.check()


# ── LPNs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_new_lpn_gets_a_number_and_its_label(world: World, mara: Hand) -> None:
    world.ports = Ports(printers={"zebra": PrinterSettings(name="zebra")})
    mara.scan("PO-1", "#MUG/case").tap("new_lpn")
    [(subject, kind, document, state, payload)] = world.rows(
        select(print_job.c.subject, print_job.c.kind, print_job.c.document, print_job.c.state, print_job.c.payload)
    )
    assert (kind, document, state) == ("lpn", "po PO-1", "queued")
    assert len(subject) == 18
    assert subject[1:8] == "4012345"
    assert b"MUG" in bytes(payload)
    assert world.holds() == f"DOCK-1 MUG 12 in {subject}"
    mara.tap("undo")
    assert world.rows(select(print_job.c.state)) == [("cancelled",)], "a label of an undone step is void"
    world.check()


def test_without_a_printer_the_floor_goes_on_and_is_told(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG").tap("new_lpn")
    assert mara.says.startswith("No label printer is set: write 0401234500000000")
    assert received(world, "PO-1") == [1, 0]
    world.check()


def test_without_a_company_prefix_the_number_is_our_own(world: World, mara: Hand) -> None:
    world.change(schema.places.site, schema.places.site.c.code == "MAIN", gs1_company_prefix="")
    mara.scan("PO-1", "#MUG").tap("new_lpn")
    assert world.holds() == "DOCK-1 MUG 1 in LPN-00000001"
    world.check()


def test_an_lpn_of_another_receipt_place_or_kind_is_refused(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG", "LPN-0001", "PO-2", "#HONEY").type("L1").type(day(world, TO_LIVE))
    before = world.holds()
    mara.scan("LPN-0001")
    assert mara.refusal == "lpn_taken"
    assert mara.says == "LPN LPN-0001 cannot take these goods: it belongs to po PO-1."
    mara.scan("T-001")
    assert mara.says == "LPN T-001 cannot take these goods: it is a tote."
    mara.tap("back").scan("PO-1", "STAGE-1", "#MUG", "LPN-0001")
    assert mara.says == "LPN LPN-0001 cannot take these goods: it stands at DOCK-1."
    assert world.holds() == before
    world.check()


def test_an_lpn_with_stock_of_no_receipt_or_put_away_is_refused(world: World, mara: Hand) -> None:
    world.stock("A-01-01 CAP 5 lpn=LPN-0007")
    world.add(schema.stock.lpn, code="LPN-0008", location="A-01-01", document="po PO-1", state="gone")
    world.add(schema.stock.lpn, code="LPN-0009", state="open")
    mara.scan("PO-1", "#MUG", "LPN-0007")
    assert mara.refusal == "lpn_taken"
    mara.scan("LPN-0008")
    assert mara.says == "LPN LPN-0008 cannot take these goods: its goods were put away."
    mara.scan("LPN-0009", "#TEE", "LPN-0009")
    assert "DOCK-1 MUG 1 in LPN-0009\nDOCK-1 TEE 1 in LPN-0009" in world.holds(), "an empty plate printed ahead is fine"
    world.check()


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_more_than_ordered_is_warned_once_within_the_tolerance_and_refused_above(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#TEE").type("20")
    assert mara.says == "20 each"
    mara.scan("#TEE")
    assert mara.refusal == "over_ordered"
    assert mara.says == "20 × TEE were ordered, 21 would be here: 1 too many."
    assert mara.answer.verdict is not None
    assert mara.answer.verdict.kind == "warning"
    mara.scan("#TEE")
    assert (mara.refusal, mara.prompt.quantity) == ("", 21)
    mara.scan("#TEE")
    assert (mara.refusal, mara.prompt.quantity) == ("", 22), "warned once is enough"
    mara.scan("#TEE")
    assert mara.refusal == "over_tolerance"
    assert mara.says == "Too many."
    assert mara.prompt.why == ("✕ 20 × TEE were ordered, at most 22 may come in; 23 would be here.",)
    mara.scan("LPN-0001")
    assert mara.says == "22 each TEE on LPN LPN-0001, 2 over"
    assert received(world, "PO-1") == [0, 22]
    world.check()


def test_without_a_tolerance_not_one_more_comes_in(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG").type("49")
    assert mara.refusal == "over_tolerance"
    assert mara.asks == "Supervisor: scan badge"
    mara.type("20")
    assert (mara.refusal, mara.asks) == ("unknown", "Supervisor: scan badge"), "what is typed here is no quantity"
    mara.tap("back").type("48").scan("LPN-0001", "#MUG")
    assert mara.refusal == "over_tolerance"
    assert world.holds() == "DOCK-1 MUG 48 in LPN-0001"
    world.check()


def test_the_smaller_of_two_tolerances_holds(world: World, mara: Hand) -> None:
    world.item("PEN", over_receipt_percent=50, over_receipt_quantity=2)
    order(world, "PO-8", PEN=10)
    mara.scan("PO-8", "#PEN").type("12").type("12")
    assert mara.prompt.quantity == 12
    mara.type("13")
    assert mara.refusal == "over_tolerance"
    world.check()


def test_two_workers_cannot_receive_the_same_line_twice(world: World, mara: Hand) -> None:
    kim = world.worker("kim", device="HH-02").scan("STN/DOCK", "PO-1", "#MUG").type("40")
    mara.scan("PO-1", "#MUG").type("40").scan("LPN-0001")
    kim.scan("LPN-0002")
    assert kim.refusal == "over_tolerance"
    assert re.search(r"80 would be here\. Mara received 40 at \d\d:\d\d\.$", kim.prompt.why[0]), kim.prompt
    kim.tap("back").type("8").scan("LPN-0002")
    assert received(world, "PO-1") == [48, 0]
    world.check()


def test_an_item_of_another_po_an_unknown_code_and_an_unordered_item_are_refused(world: World, mara: Hand) -> None:
    mara.scan("#CAP")
    assert mara.says == "No open PO has CAP."
    mara.scan("PO-1", "#HONEY")
    assert (mara.refusal, mara.says) == ("not_on_po", "HONEY is not on PO PO-1.")
    mara.scan("4999999999990")
    assert mara.refusal == "unknown"
    mara.scan("#MUG", "#TEE")
    assert (mara.refusal, mara.says) == ("finish_first", "MUG is not booked yet; this is TEE.")
    mara.scan("#HONEY")
    assert mara.refusal == "not_on_po"
    assert world.holds() == ""
    world.check()


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_po_that_is_over_takes_nothing_in(world: World, mara: Hand, state: str) -> None:
    order(world, "PO-8", state=state, MUG=5)
    mara.scan("PO-8")
    assert (mara.refusal, mara.says) == ("po_closed", f"PO PO-8 is {state}: nothing more is received on it.")
    mara.scan("PO-1", "#MUG")
    world.change(purchase_order, purchase_order.c.code == "PO-1", state=state)
    mara.scan("LPN-0001")
    assert mara.refusal == "po_closed", "also when it ended while the worker counted"
    assert world.holds() == ""
    world.check()


def test_a_line_whose_rest_was_cancelled_takes_nothing_in(world: World, mara: Hand) -> None:
    world.change(po_line, po_line.c.item == "MUG", state="closed")
    mara.scan("PO-1", "#MUG")
    assert mara.refusal == "line_closed"
    world.check()


def test_a_customer_order_is_no_purchase_order(world: World, mara: Hand) -> None:
    world.add(schema.documents.sales_order, code="100482", customer="C1")
    mara.scan("100482")
    assert (mara.refusal, mara.asks) == ("wrong_kind", "Scan PO or item")


def test_expired_goods_and_goods_with_too_short_a_life_stay_out(world: World, mara: Hand) -> None:
    mara.scan("PO-2", gs1(world, "HONEY", lot="L1", expiry=day(world, -1)))
    assert mara.refusal == "expired"
    mara.scan(gs1(world, "HONEY", lot="L1", expiry=day(world, 29)))
    assert mara.refusal == "shelf_too_short"
    assert mara.says.endswith("29 days from now, at least 30 are needed.")
    mara.scan("#HONEY").type("L1").type(day(world, -1))
    assert mara.refusal == "expired", "typed or scanned, it is the same rule"
    mara.type(day(world, 30))
    assert mara.refusal == ""
    assert world.holds() == ""
    world.check()


def test_one_lot_has_one_expiry(world: World, mara: Hand) -> None:
    first, other = day(world, TO_LIVE), day(world, TO_LIVE + 1)
    mara.scan("PO-2", gs1(world, "HONEY", lot="L1", expiry=first), "LPN-0001")
    mara.scan(gs1(world, "HONEY", lot="L1", expiry=other))
    assert mara.refusal == "other_expiry"
    words = shelf_life.in_words
    assert mara.says == f"Lot L1 of HONEY expires on {words(first)}, this says {words(other)}."
    mara.scan(gs1(world, "HONEY", lot="L2", expiry=other), gs1(world, "HONEY", lot="L3", expiry=other))
    assert (mara.refusal, mara.says) == ("other_lot", "Lot L2 is being counted, this is lot L3.")
    world.check()


def test_an_undone_receipt_takes_its_lot_and_wrong_date_along(world: World, mara: Hand) -> None:
    wrong, right = day(world, TO_LIVE + 31), day(world, TO_LIVE)
    mara.scan("PO-2", "#HONEY").type("L1").type(wrong).scan("LPN-0001").tap("undo")
    assert mara.says == "Undone: 1 × HONEY."
    mara.tap("back").scan("#HONEY").type("L1").type(right).scan("LPN-0001")
    assert world.rows(select(schema.items.lot.c.lot, schema.items.lot.c.expiry)) == [("L1", right)]
    world.check()


def test_a_bad_lot_number_is_refused(world: World, mara: Hand) -> None:
    mara.scan("PO-2", "#HONEY").type("two words")
    assert mara.refusal == "bad_lot"
    mara.type("X" * 21)
    assert mara.refusal == "bad_lot"


def test_a_serial_comes_in_once(world: World, mara: Hand) -> None:
    world.stock("A-01-01 SCANNER 1 serials=S-100")
    mara.scan("PO-3", "#SCANNER", "S-100")
    assert mara.refusal == "duplicate_serial"
    assert mara.says == "Serial S-100 of SCANNER is already in stock at A-01-01."
    mara.scan("S-101", "S-102", "S-101")
    assert (mara.refusal, mara.says) == ("serial_twice", "Serial S-101 is among these pieces already.")
    mara.scan("4006381333931")
    assert mara.refusal == "looks_like_barcode", "an unknown item's barcode is hardly a serial"
    assert len(mara.prompt.facts) == 0
    assert mara.prompt.quantity == 2
    world.check()


@pytest.mark.parametrize(("place", "code"), [("A-01-01", "not_for_receiving"), ("DOCK-9", "place_blocked")])
def test_goods_are_set_down_only_where_goods_arrive(world: World, place: str, code: str) -> None:
    world.location("DOCK-9", kind="dock", blocked="oil on the floor")
    kim = world.worker("kim")
    kim.scan("PO-1", place)
    assert kim.refusal == code
    kim.scan("DOCK-1", place)
    assert kim.refusal == code, "nor later on"
    world.check()


# ── undo and close ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_undo_takes_a_received_line_back(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG/case", "LPN-0001")
    assert mara.prompt.can_undo
    mara.tap("undo")
    assert world.holds() == ""
    assert received(world, "PO-1") == [0, 0]
    assert (mara.asks, mara.prompt.quantity) == ("Scan next, or the LPN", 12), "the count is still there"
    mara.scan("LPN-0001")
    assert world.holds() == "DOCK-1 MUG 12 in LPN-0001", "the voided plate may be used again"
    mara.scan("#MUG", "LPN-0001").tap("undo", "undo")
    assert mara.refusal == "nothing_to_undo"
    assert world.holds() == "DOCK-1 MUG 12 in LPN-0001"
    world.check()


def test_closing_short_names_the_lines_and_gives_each_an_owner(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG").type("40").scan("LPN-0001", "#TEE").type("22").type("22").scan("LPN-0001")
    mara.tap("close")
    assert mara.asks == "Close this PO?"
    assert [(row.name, row.right) for row in mara.prompt.rows] == [("MUG", "8 short"), ("TEE", "2 over")]
    assert world.rows(select(discrepancy.c.id)) == [], "nothing is decided by looking"
    mara.tap("confirm")
    assert mara.says == "PO PO-1 is closed: 2 discrepancies."
    assert mara.asks == "Scan PO or item"
    found = world.rows(
        select(
            discrepancy.c.item, discrepancy.c.kind, discrepancy.c.expected, discrepancy.c.found, discrepancy.c.owner
        ).order_by(discrepancy.c.line)
    )
    assert found == [("MUG", "short", 48, 40, "supervisor"), ("TEE", "over", 20, 22, "supervisor")]
    assert all(row[0] > 0 for row in world.rows(select(discrepancy.c.due)))
    [(body,)] = world.rows(select(journal.c.body).where(journal.c.kind == "receipt_closed"))
    event = decode_event(bytes(body))
    assert isinstance(event, ReceiptClosed)
    assert [(line.item, line.ordered, line.received) for line in event.lines] == [("MUG", 48, 40), ("TEE", 20, 22)]
    mara.scan("PO-1")
    assert mara.refusal == "po_closed"
    mara.tap("undo")
    assert mara.refusal == "nothing_to_undo", "a closed receipt is reopened at the desk"
    world.check()


def test_the_rest_comes_later(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG", "LPN-0001").tap("close", "later")
    assert mara.says == "PO PO-1 stays open."
    mara.scan("PO-1", "#MUG", "LPN-0001")
    assert world.holds() == "DOCK-1 MUG 2 in LPN-0001"
    mara.tap("later")
    assert mara.says == "PO PO-1 stays open."
    world.check()


def test_the_last_line_asks_to_close_and_the_po_scanned_again_does_so(world: World, mara: Hand) -> None:
    mara.scan("PO-2", gs1(world, "HONEY", lot="L1", expiry=day(world, TO_LIVE))).type("48").scan("LPN-0001")
    assert (mara.asks, mara.prompt.hint) == ("Close this PO?", "All came as ordered.")
    assert mara.prompt.can_undo
    mara.scan("PO-1")
    assert mara.prompt.job == "PO PO-1", "another PO leaves this one open"
    mara.scan("PO-2").tap("close").scan("PO-2")
    assert mara.says == "PO PO-2 is closed: all as ordered."
    assert world.rows(select(discrepancy.c.id)) == []
    world.check()


def test_two_lines_of_one_item_are_filled_in_order(world: World, mara: Hand) -> None:
    world.add(purchase_order, code="PO-8")
    world.add(po_line, po="PO-8", line="1", item="CAP", quantity=4)
    world.add(po_line, po="PO-8", line="2", item="CAP", quantity=6)
    mara.scan("PO-8", "#CAP").type("7").scan("LPN-0001")
    assert received(world, "PO-8") == [4, 3]
    assert world.holds() == "DOCK-1 CAP 7 in LPN-0001"
    mara.scan("#CAP").type("4")
    assert mara.refusal == "over_tolerance"
    world.check()


def test_goods_of_a_lot_on_hold_come_in_with_a_warning(world: World, mara: Hand) -> None:
    world.lot("HONEY", "L1", day(world, TO_LIVE), held="recall 7")
    mara.scan("PO-2", gs1(world, "HONEY", lot="L1"), "LPN-0001")
    assert mara.says == "1 each HONEY on LPN LPN-0001. Lot L1 is on hold: recall 7."
    world.check()


def test_a_number_of_nobodys_roll_is_scanned_twice_before_goods_stand_on_it(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG", "LPN/PALLET7")
    assert (mara.refusal, world.holds()) == ("strange_plate", "")
    mara.scan("LPN/PALLET7")
    assert world.holds() == "DOCK-1 MUG 1 in PALLET7"
    world.check()


def test_going_back_from_what_was_counted_says_that_it_is_not_booked(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG", "#MUG").tap("back")
    assert (mara.asks, mara.says) == ("Scan item", "2 × MUG not booked: scan them again.")
    assert world.holds() == ""


def test_signing_out_answers_with_the_next_badge(world: World, mara: Hand) -> None:
    mara.scan("PO-1").tap("log_out")
    assert (mara.asks, mara.says) == ("Scan your badge", "You are signed out.")


def test_a_label_that_may_have_lost_a_separator_is_taken_and_said(mara: Hand, world: World) -> None:
    swallowed = "L1" + "17" + day(world, TO_LIVE).replace("-", "")[2:]
    mara.scan("PO-2").turn(gs1(world, "HONEY", lot=swallowed), symbology="]C1")
    assert mara.says.startswith("This label may have lost a separator: compare its lot")
    assert swallowed in str(mara.prompt)
    world.check()
