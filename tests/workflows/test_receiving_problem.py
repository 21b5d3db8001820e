"""What is not as it should be comes in on hold: seen, counted, labelled, and nobody's to sell until it is decided."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.config import PrinterSettings
from app.floor.floor import Ports
from app.schema import places
from app.schema.documents import purchase_order
from app.schema.printing import print_job
from app.schema.stock import journal
from app.schema.work import discrepancy
from app.stock.events import UnplannedReceived, decode
from app.work import photos, shelf_life
from app.work.photos import Photo
from tests.workflows.inbound import announce, lay_out, order, received, rule, sscc
from tests.world import Hand, World

CASES = select(
    discrepancy.c.kind, discrepancy.c.document, discrepancy.c.item, discrepancy.c.found, discrepancy.c.lpn,
    discrepancy.c.worker,
).order_by(discrepancy.c.id)  # fmt: skip
SEEN = "a" * 64


@pytest.fixture
def world(build: Callable[[str], World]) -> World:
    world = lay_out(build(""))
    world.item("CHEESE", catch_weight=1, min_weight_g=900, max_weight_g=1200)
    order(world, "PO-9", CHEESE=20)
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    mara = world.worker("mara")
    mara.scan("STN/DOCK").tap("start:receiving")
    return mara


def day(world: World, days: int) -> str:
    with world.db.reading() as tx:
        return (shelf_life.today(tx) + timedelta(days=days)).isoformat()


def photo(world: World, hand: Hand) -> None:
    taken = Photo(hash=SEEN, bytes=9, width=1, height=1)
    world.db.do(lambda tx: photos.add(tx, taken, hand.worker, hand.device))
    hand.turn(SEEN, "photo")


def test_damaged_goods_come_in_on_an_lpn_of_their_own_with_a_photo_and_a_red_label(world: World, mara: Hand) -> None:
    world.ports = Ports(printers={"P-1": PrinterSettings(name="P-1")})
    world.change(places.station, places.station.c.code == "DOCK", label_printer="P-1")
    mara.scan("PO-1", "#MUG").type("46").scan("LPN-0001").tap("problem")
    assert [key.value for key in mara.prompt.choices] == [
        "wrong_item", "damaged", "unlabelled", "short_shelf_life", "no_lot"
    ]  # fmt: skip
    mara.tap("reason:damaged")
    assert (mara.asks, mara.prompt.ask) == ("Take a photo", "photo")
    photo(world, mara)
    mara.scan("#MUG", "#MUG").scan("LPN-0001")
    assert (mara.refusal, mara.says) == (
        "lpn_taken", "LPN LPN-0001 cannot take these goods: good ones stand on it, and these are on hold."
    )  # fmt: skip
    mara.tap("no_lpn")
    assert mara.refusal == "hold_needs_lpn"
    mara.scan("LPN-0002")
    assert mara.says == "2 each MUG on LPN LPN-0002, on hold: damaged."
    assert world.holds() == "DOCK-1 MUG 46 in LPN-0001\nDOCK-1 MUG 2 in LPN-0002 damaged"
    assert world.rows(CASES) == [("damaged", "po PO-1", "MUG", 2, "LPN-0002", "mara")]
    [(key,)] = world.rows(select(discrepancy.c.id))
    with world.db.reading() as tx:
        assert [one.hash for one in photos.of(tx, f"discrepancy {key}")] == [SEEN]
    assert world.rows(select(print_job.c.kind, print_job.c.subject)) == [("hold", "LPN-0002")]
    assert received(world, "PO-1") == [48, 0], "damaged goods were delivered too"
    mara.tap("undo")
    assert (world.rows(CASES), received(world, "PO-1")) == ([], [46, 0])
    assert world.rows(select(print_job.c.state)) == [("cancelled",)]
    world.check()


def test_too_short_a_life_is_refused_and_then_taken_in_on_hold(world: World, mara: Hand) -> None:
    soon = day(world, 10)
    mara.scan("PO-2", "#HONEY").type("L7").type(soon[8:10] + soon[5:7] + soon[2:4])
    assert (mara.refusal, mara.says) == (
        "shelf_too_short", f"HONEY expires on {shelf_life.in_words(soon)}: 10 days from now, at least 30 are needed."
    )  # fmt: skip
    mara.tap("back", "problem", "reason:short_shelf_life").scan("#HONEY")
    mara.type("L7").type(soon[8:10] + soon[5:7] + soon[2:4]).type("24").scan("LPN-0001")
    assert world.holds() == "DOCK-1 HONEY 24 in LPN-0001 lot L7 quarantine"
    assert world.rows(CASES) == [("short_shelf_life", "po PO-2", "HONEY", 24, "LPN-0001", "mara")]
    mara.scan("#HONEY").tap("none").type("6").scan("LPN-0002")
    assert world.holds().endswith("DOCK-1 HONEY 6 in LPN-0002 quarantine")
    assert [row[0] for row in world.rows(CASES)] == ["short_shelf_life", "no_lot"]
    world.check()


def test_goods_nobody_ordered_are_on_hold_and_the_erp_hears_of_them(world: World, mara: Hand) -> None:
    world.change(purchase_order, purchase_order.c.code == "PO-1", state="closed")
    mara.scan("#MUG")
    assert mara.refusal == "no_open_po"
    mara.tap("unplanned", "reason:free_goods").scan("#MUG").type("5").tap("new_lpn")
    assert mara.asks == "Scan PO or item"
    [(lpn,)] = [row[4:5] for row in world.rows(CASES)]
    assert world.holds() == f"DOCK-1 MUG 5 in {lpn} quarantine"
    [(kind, body)] = world.rows(select(journal.c.kind, journal.c.body))
    event = decode(bytes(body))
    assert isinstance(event, UnplannedReceived)
    assert (kind, event.reason, event.document) == ("unplanned_received", "free_goods", "item MUG")
    mara.scan("PO-2").tap("problem", "reason:wrong_item", "later").scan("#TEE").type("3").scan("LPN-0009")
    assert world.rows(CASES)[1] == ("wrong_item", "po PO-2", "TEE", 3, "LPN-0009", "mara")
    assert (received(world, "PO-2"), mara.asks) == ([0], "Scan item")
    world.check()


def test_a_broken_box_comes_off_the_pallet_that_is_counted(world: World, mara: Hand) -> None:
    announce(world, "A-1", {"sscc": sscc(1), "po": "PO-1", "item": "MUG", "quantity": 48})
    rule(world, spot_check_percent=100)
    mara.scan(sscc(1), "#MUG").type("36").scan(sscc(1)).tap("problem", "reason:damaged", "later")
    mara.scan("#MUG").type("12").scan("LPN-0003")
    assert world.holds() == f"DOCK-1 MUG 36 in {sscc(1)}\nDOCK-1 MUG 12 in LPN-0003 damaged"
    assert (mara.asks, mara.prompt.rows[0].left) == ("Scan item on it", "48 / 48")
    world.check()


def test_goods_paid_by_weight_are_weighed_and_an_impossible_weight_is_refused(world: World, mara: Hand) -> None:
    label = f"]C101{world.barcodes['CHEESE'].zfill(14)}3103"
    mara.scan("PO-9", label + "001005").scan(label + "009999")
    assert (mara.refusal, mara.says) == (
        "catch_weight_off", "9.999 kg for 1 × CHEESE: 900 g to 1.200 kg was expected."
    )  # fmt: skip
    mara.scan(label + "001095").scan("LPN-0001")
    assert mara.says == "2 each CHEESE on LPN LPN-0001", "both labels said their weight"
    mara.scan("#CHEESE").type("10").scan("LPN-0002")
    assert (mara.asks, mara.prompt.unit) == ("Type the weight", "g")
    mara.type("30000")
    assert mara.refusal == "catch_weight_off"
    mara.type("10400")
    with world.db.reading() as tx:
        grams = [row[0] for row in tx.rows(select(journal.c.body))]
    assert [decode(bytes(body)).grams for body in grams] == [2100, 10400]  # type: ignore[union-attr]
    world.check()
