"""Goods without a barcode get labels of their own: as many as asked, each a job, and never more than pieces unawares."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.config import PrinterSettings
from app.floor.floor import Ports
from app.schema.items import item_barcode
from app.schema.printing import print_job
from printers import labels, picture
from printers.labels import HoldLabel, ItemLabel, LpnLabel
from tests.workflows.inbound import lay_out
from tests.world import Hand, World

JOBS = select(print_job.c.kind, print_job.c.subject, print_job.c.document, print_job.c.state).order_by(print_job.c.id)


@pytest.fixture
def world(build: Callable[[str], World]) -> World:
    world = lay_out(build(""))
    world.ports = Ports(printers={"P-1": PrinterSettings(name="P-1")})
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    mara = world.worker("mara")
    mara.scan("STN/DOCK").tap("start:receiving")
    return mara


def drawn(world: World) -> list[labels.AnyLabel]:
    return [labels.decode(bytes(row[0])) for row in world.rows(select(print_job.c.label).order_by(print_job.c.id))]


def test_as_many_labels_as_asked_each_a_job_with_lot_and_expiry(world: World, mara: Hand) -> None:
    mara.scan("PO-2", "#HONEY").type("L1").type("31.12.2049").type("12").tap("labels")
    assert (mara.asks, mara.prompt.hint) == ("How many labels?", "12 counted")
    mara.type("0")
    assert mara.refusal == "bad_amount"
    mara.type("3")
    assert (mara.says, mara.asks) == ("3 labels of HONEY in the printer.", "Scan next, or the LPN")
    assert world.rows(JOBS) == [("item", "HONEY lot L1", "po PO-2", "queued")] * 3
    first = drawn(world)[0]
    assert isinstance(first, ItemLabel)
    assert (first.symbol, first.barcode[-13:], first.lot) == ("gs1_datamatrix", world.barcodes["HONEY"], "L1")
    mara.tap("labels").type("9").tap("labels").type("1")
    assert (mara.refusal, mara.says) == (
        "labels_printed",
        "12 labels of HONEY lot L1 were printed for this delivery; 13 would be more than the 12 pieces counted.",
    )
    assert len(world.rows(JOBS)) == 12
    mara.type("1")
    assert len(world.rows(JOBS)) == 13
    mara.scan("LPN-0001")
    assert world.holds() == "DOCK-1 HONEY 12 in LPN-0001 lot L1"
    world.check()


def test_without_a_gtin_the_items_number_is_the_barcode_and_without_a_printer_nothing_is_lost(
    world: World, mara: Hand
) -> None:
    world.change(item_barcode, item_barcode.c.item == "TEE", item="MUG")
    mara.scan("PO-1", "ITM/TEE").type("2").tap("labels").type("2")
    assert [one.barcode for one in drawn(world) if isinstance(one, ItemLabel)] == ["TEE", "TEE"]
    world.ports = Ports()
    mara.tap("labels").type("1")
    assert (mara.refusal, mara.asks) == ("labels_printed", "How many labels?")
    mara.type("1")
    assert mara.refusal == "no_printer"
    mara.tap("back").scan("LPN-0001")
    assert world.holds() == "DOCK-1 TEE 2 in LPN-0001"


def test_what_stands_on_the_red_label_and_the_plate(world: World, mara: Hand) -> None:
    mara.scan("PO-1", "#MUG").type("5").tap("new_lpn")
    mara.tap("problem", "reason:damaged", "later").scan("#MUG").type("2").tap("new_lpn")
    plate, hold = drawn(world)
    assert isinstance(plate, LpnLabel)
    assert isinstance(hold, HoldLabel)
    assert (hold.status, hold.reason, hold.quantity, hold.held_by) == ("damaged", "damaged, PO PO-1", 2, "Mara")
    told = [picture.texts(bytes(row[0])) for row in world.rows(select(print_job.c.payload).order_by(print_job.c.id))]
    assert {"MUG", plate.lpn} <= set(told[0]) or any(plate.lpn[-4:] in text for text in told[0])
    assert {"HOLD", "DAMAGED - DO NOT PICK OR MOVE", "Mara"} <= set(told[1])
