"""Pallets come with a notice: one scan takes them in, some are counted all the same, and nothing is received twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.schema.documents import purchase_order
from app.schema.inbound import asn, asn_line, asn_pallet
from app.schema.stock import journal
from app.schema.stock import lpn as plates
from app.schema.work import discrepancy
from app.work import shelf_life
from tests.workflows.inbound import announce, lay_out, order, received, rule, sscc
from tests.world import Hand, World

OUTER, INNER, SECOND = sscc(1), sscc(2), sscc(3)


@pytest.fixture
def world(build: Callable[[str], World]) -> World:
    world = lay_out(build(""))
    told = announce(
        world, "A-17",
        {"sscc": OUTER, "po": "PO-1", "item": "MUG", "quantity": 36},
        {"sscc": INNER, "inside": OUTER, "po": "PO-2", "item": "HONEY", "quantity": 24, "lot": "L1", "expiry": day(world, 200)},
        {"sscc": SECOND, "po": "PO-1", "item": "TEE", "quantity": 20},
        tracking="1Z 999",
    )  # fmt: skip
    assert told == "applied: ASN A-17 is known."
    return world


def day(world: World, days: int) -> str:
    with world.db.reading() as tx:
        return (shelf_life.today(tx) + timedelta(days=days)).isoformat()


@pytest.fixture
def mara(world: World) -> Hand:
    mara = world.worker("mara")
    mara.scan("STN/DOCK").tap("start:receiving")
    return mara


def test_a_pallet_is_taken_in_by_its_sscc_alone_with_what_stands_inside_it(world: World, mara: Hand) -> None:
    mara.scan(f"]C100{OUTER}")
    assert mara.says == "Pallet …0 0017: 60 × 2 items, 1 pallets inside"
    assert world.holds() == f"DOCK-1 MUG 36 in {OUTER}\nDOCK-1 HONEY 24 in {INNER} lot L1"
    assert (received(world, "PO-1"), received(world, "PO-2")) == ([36, 0], [24])
    assert world.rows(select(plates.c.code, plates.c.parent).order_by(plates.c.code)) == [(OUTER, ""), (INNER, OUTER)]
    assert (mara.prompt.job, mara.asks, mara.prompt.progress) == ("ASN A-17", "Scan SSCC or item", (2, 3))
    world.check()


@pytest.mark.parametrize("first", ["A-17", "1Z 999", "PO-1", "#MUG"])
def test_the_notice_its_tracking_number_the_po_or_an_item_may_be_scanned_first(
    world: World, mara: Hand, first: str
) -> None:
    mara.scan(first)
    assert mara.refusal == ""
    if first == "#MUG":
        mara.tap("back")
    mara.scan(SECOND)
    assert world.holds() == f"DOCK-1 TEE 20 in {SECOND}"
    world.check()


def test_without_a_station_the_dock_is_asked_and_the_pallet_kept(world: World) -> None:
    kim = world.worker("kim")
    kim.scan(SECOND)
    assert (kim.asks, kim.prompt.job) == ("Scan dock or staging", "ASN A-17")
    kim.scan("STAGE-1")
    assert world.holds() == f"STAGE-1 TEE 20 in {SECOND}"
    world.check()


def test_undo_gives_the_whole_pallet_back_and_it_may_come_again(world: World, mara: Hand) -> None:
    mara.scan(OUTER).tap("undo")
    assert mara.says.startswith("Undone: pallet")
    assert (world.holds(), received(world, "PO-1"), received(world, "PO-2")) == ("", [0, 0], [0])
    mara.scan(OUTER)
    assert received(world, "PO-1") == [36, 0]
    world.check()


def test_nothing_is_received_twice_neither_by_sscc_nor_by_item(world: World, mara: Hand) -> None:
    mara.scan(SECOND, SECOND)
    assert mara.refusal == "pallet_taken"
    assert mara.says.startswith("Pallet …0 0031 is received already, by Mara at ")
    mara.scan("PO-1", "#TEE")
    assert mara.refusal == "over_tolerance", "the PO line knows what the pallet brought"
    mara.tap("back").scan("PO-1", "#MUG").type("48").scan("LPN-0001")
    mara.scan(OUTER)
    assert mara.refusal == "over_tolerance", "the pallet's mugs were counted by hand already"
    assert received(world, "PO-1") == [48, 20]
    world.check()


def test_a_spot_check_has_the_pallet_counted_and_says_why(world: World, mara: Hand) -> None:
    rule(world, supplier="ACME", spot_check_percent=100)
    mara.scan(SECOND)
    assert mara.says == "Count this pallet: spot check, as 100 % are."
    assert world.holds() == ""
    mara.scan("#TEE").type("18").scan("LPN-0001")
    assert mara.refusal == "other_pallet"
    mara.scan(SECOND)
    assert world.holds() == f"DOCK-1 TEE 18 in {SECOND}"
    assert (mara.asks, mara.prompt.rows[0].left) == ("Scan item on it", "18 / 20")
    mara.scan(SECOND)
    assert (mara.refusal, mara.says) == ("pallet_differs", "LPN …0 0031: TEE 18 of 20.")
    mara.scan(SECOND)
    assert mara.says == "Pallet …0 0031 is counted."
    assert world.rows(select(asn_pallet.c.state).where(asn_pallet.c.sscc == SECOND)) == [("counted",)]
    mara.scan(SECOND)
    assert mara.refusal == "pallet_taken"
    world.check()


def test_a_counted_pallet_that_bears_its_suppliers_own_number_is_scanned_once(world: World, mara: Hand) -> None:
    rule(world, supplier="ACME", spot_check_percent=100)
    foreign = "040543210000000016"
    announce(world, "A-18", {"sscc": foreign, "po": "PO-1", "item": "TEE", "quantity": 20})
    mara.scan(foreign, "#TEE").type("20").scan(foreign)
    assert (mara.refusal, mara.asks) == ("", "Scan item on it"), "it was announced, and scanned just now"
    assert world.holds() == f"DOCK-1 TEE 20 in {foreign}"
    world.check()


def test_the_draw_is_the_same_on_every_device_and_none_means_none(world: World, mara: Hand) -> None:
    rule(world, supplier="ACME", spot_check_percent=0)
    rule(world, spot_check_percent=100)
    mara.scan(SECOND)
    assert received(world, "PO-1") == [0, 20], "the supplier's row is nearer than the house's"
    world.check()


def test_a_notice_that_leaves_out_the_lot_has_its_pallet_counted(world: World, mara: Hand) -> None:
    announce(world, "A-18", {"sscc": sscc(9), "po": "PO-2", "item": "HONEY", "quantity": 4})
    mara.scan(sscc(9))
    assert mara.says == "Count this pallet: HONEY: the notice says no lot."
    world.check()


def test_more_than_ordered_on_a_pallet_is_warned_and_above_the_tolerance_released(world: World, mara: Hand) -> None:
    world.worker("ruth", roles="supervisor", device="HH-09")
    order(world, "PO-7", CAP=10)
    announce(world, "A-19", {"sscc": sscc(11), "po": "PO-7", "item": "CAP", "quantity": 12})
    mara.scan(sscc(11))
    assert (mara.refusal, world.holds()) == ("over_tolerance", "")
    mara.released_by("ruth")
    assert received(world, "PO-7") == [12]
    rule(world, supplier="ACME", over_percent=50)
    order(world, "PO-8", CAP=10)
    announce(world, "A-20", {"sscc": sscc(12), "po": "PO-8", "item": "CAP", "quantity": 12})
    mara.scan(sscc(12))
    assert mara.refusal == "over_ordered"
    mara.scan(sscc(12))
    assert received(world, "PO-8") == [12]
    world.check()


def test_closing_the_delivery_names_missing_pallets_and_closes_complete_pos(world: World, mara: Hand) -> None:
    order(world, "PO-7", CAP=10)
    announce(world, "A-21", {"sscc": sscc(13), "po": "PO-7", "item": "CAP", "quantity": 10},
             {"sscc": sscc(14), "po": "PO-1", "item": "MUG", "quantity": 12})  # fmt: skip
    mara.scan("A-21", sscc(13)).tap("close")
    assert mara.prompt.why == ("→ LPN …0 0147 did not come", "→ MUG: nothing came")
    mara.scan("A-21")
    assert mara.says == "ASN A-21 is closed: 1 discrepancy."
    assert world.rows(select(discrepancy.c.document, discrepancy.c.kind, discrepancy.c.expected, discrepancy.c.found)) == [
        ("asn A-21", "short", 12, 0)
    ]  # fmt: skip
    assert world.rows(select(purchase_order.c.state).where(purchase_order.c.code == "PO-7")) == [("closed",)]
    kinds = [row[0] for row in world.rows(select(journal.c.kind).order_by(journal.c.seq))]
    assert kinds == ["pallet_received", "asn_closed", "receipt_closed"]
    mara.scan("A-21")
    assert mara.refusal == "asn_over"
    world.check()


def test_goods_counted_against_the_po_are_not_missing_on_the_notice(world: World, mara: Hand) -> None:
    order(world, "PO-7", CAP=10)
    announce(world, "A-21", {"sscc": sscc(13), "po": "PO-7", "item": "CAP", "quantity": 10})
    mara.scan("PO-7", "#CAP").type("10").scan("LPN-0001").tap("later").scan("A-21").tap("close")
    assert mara.prompt.hint == "All came as declared."
    world.check()


def test_what_the_notice_does_not_say_is_refused_and_unknown_pallets_too(world: World, mara: Hand) -> None:
    mara.scan(sscc(99))
    assert mara.refusal == "not_announced"
    mara.scan("A-17", "#CAP")
    assert (mara.refusal, mara.says) == ("not_on_asn", "CAP is not on ASN A-17.")
    assert world.holds() == ""


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"sscc": "123", "po": "PO-1", "item": "MUG", "quantity": 1}, "is no SSCC"),
        ({"po": "PO-1", "item": "CAP", "quantity": 1}, "CAP is not on PO PO-1"),
        ({"po": "PO-404", "item": "MUG", "quantity": 1}, "needs PO PO-404, which is not known yet"),
        ({"sscc": sscc(5), "inside": sscc(5), "po": "PO-1", "item": "MUG", "quantity": 1}, "inside itself"),
        ({"sscc": OUTER, "po": "PO-1", "item": "MUG", "quantity": 1}, "which is announced by ASN A-17"),
        ({"po": "PO-1", "item": "MUG", "quantity": 2, "serials": ["a", "b"]}, "MUG has none"),
    ],
)
def test_a_notice_that_cannot_be_is_a_dead_letter_with_a_sentence(
    world: World, line: dict[str, object], why: str
) -> None:
    told = announce(world, "A-30", line)
    assert told.startswith("dead: ASN A-30")
    assert why in told
    assert world.rows(select(asn.c.code)) == [("A-17",)]


def test_a_begun_pallet_stays_when_the_notice_changes(world: World, mara: Hand) -> None:
    mara.scan(SECOND)
    told = announce(world, "A-17", {"sscc": SECOND, "po": "PO-1", "item": "MUG", "quantity": 1},
                    {"sscc": OUTER, "po": "PO-1", "item": "MUG", "quantity": 24}, version=7)  # fmt: skip
    assert told == f"applied: ASN A-17 is changed. Already received and kept: pallet {SECOND}, line 3."
    found = world.rows(select(asn_line.c.item, asn_line.c.quantity, asn_line.c.received).order_by(asn_line.c.quantity))
    assert found == [("TEE", 20, 20), ("MUG", 24, 0)]
    assert announce(world, "A-17", {"po": "PO-1", "item": "MUG", "quantity": 1}, version=6).startswith("stale")
    world.check()
