"""The handhelds are dying: the rest of a walk and a place to count come out on paper, and a return gets its receipt."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from app import schema
from app.config import PrinterSettings
from app.floor.floor import Ports
from app.print_routes import Route, put
from app.printing import jobs
from app.schema.printing import print_job
from app.work.counting import requests
from printers import labels, slip
from printers.slip_kinds import CountSheet, PickList, ReturnReceipt
from tests.workflows.picking_floor import Picking, start
from tests.workflows.test_returning import erp, ship
from tests.world import World

Build = Callable[[str], World]
ZEBRA = PrinterSettings(name="zebra", kind="zpl")
# Nothing here but the first story asks the database anything new: one engine will do.
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SLIPS = PrinterSettings(name="slips", kind="escpos", width_mm=58)


def printed(world: World, kind: str) -> list[Any]:
    rows = world.rows(
        select(print_job.c.label, print_job.c.printer, print_job.c.payload)
        .where(print_job.c.kind == kind)
        .order_by(print_job.c.created, print_job.c.id)
    )
    return [(labels.decode(bytes(row[0])), row[1], slip.text_of(bytes(row[2]))) for row in rows]


def test_the_rest_of_a_walk_goes_on_paper_and_is_taken_again_by_its_code(build: Build) -> None:
    world = build("A-01 TEE 10\nA-02 MUG 6\nA-03 PEN 1")
    picking = Picking(world)
    picking.order("1001", ("TEE", 2), ("PEN", 1))
    picking.order("1002", ("MUG", 4))
    wave = picking.release()
    world.ports = Ports(printers={"zebra": ZEBRA})
    mara = start(picking, "T-0001", "T-0002", cart="CART-4")
    assert "paper" not in [key.name for key in mara.prompt.keys], "no slip printer, no such key"
    world.ports = Ports(printers={"zebra": ZEBRA, "slips": SLIPS})
    mara.scan("A-01", "#TEE", "#TEE", "T-0001")
    assert mara.prompt.place == "A-02"
    before = world.holds()
    mara.tap("paper")
    assert (mara.says, mara.prompt.place) == ("2 lines on paper. Scan them when you can.", "A-02")
    assert world.holds() == before, "paper moves nothing"
    [(paper, printer, text)] = printed(world, "pick_list")
    assert isinstance(paper, PickList)
    assert (printer, paper.wave, paper.cart) == ("slips", wave, "CART-4")
    assert [(one.location, one.item, one.quantity, one.order) for one in paper.lines] == [
        ("A-02", "MUG", 4, "1002"),
        ("A-03", "PEN", 1, "1001"),
    ]
    assert "A-01" not in text, "what is in the tote is not picked again"
    mara.tap("menu").scan(paper.code)
    assert (mara.asks, mara.prompt.place) == ("Scan location", "A-02"), "the list's code takes the very walk"
    world.check()


@ON_SQLITE
def test_a_count_sheet_tells_the_place_and_no_quantity(build: Build) -> None:
    world = build("A-01 MUG 7919")
    world.ports = Ports(printers={"slips": SLIPS})
    world.db.do(lambda tx: requests.request(tx, "place", "A-01", reason="customer complains"))
    mara = world.worker("mara").tap("start:counting").tap("next").tap("paper")
    assert (mara.says, mara.asks) == ("A sheet for A-01 is printed.", "Scan location")
    [(sheet, _, text)] = printed(world, "count_sheet")
    assert isinstance(sheet, CountSheet)
    assert (sheet.place, sheet.code, sheet.item) == ("A-01", "LOC/A-01", "")
    assert "customer complains" in text
    assert "7919" not in text + msgspec.json.encode(sheet).decode()
    assert "MUG" not in text, "of a whole place the sheet does not even say what lies there"
    mara.scan(sheet.code)
    assert mara.says == "You count all at A-01."
    world.check()


@pytest.fixture
def returns(build: Build) -> World:
    world = build("")
    world.location("RET-1", kind="staging", zone="RETURNS")
    world.item("MUG", standard_cost=8_00, name="Mug, white")
    world.add(
        schema.places.station,
        code="RET",
        name="Returns 1",
        location="RET-1",
        label_printer="zebra",
        slip_printer="slips",
    )
    ship(world, "100482", "MUG", quantity=3)
    lines = [{"line": "1", "item": "MUG", "quantity": 3, "reason": "damaged", "wish": "refund"}]
    erp(world, "rma.authorised", code="20931", order="100482", tracking="JD20931", lines=lines)
    return world


@ON_SQLITE
def test_a_parcel_taken_in_gets_its_receipt_at_the_returns_table(returns: World) -> None:
    returns.ports = Ports(printers={"zebra": ZEBRA, "slips": SLIPS})
    mara = returns.worker("mara").scan("STN/RET").tap("start:returning")
    mara.scan("20931", "#MUG", "#MUG", "CMD/GRADE:A", "LPN-000777")
    assert printed(returns, "return_receipt") == [], "not before all is out of the parcel"
    mara.scan("CMD/CLOSE")
    [(receipt, printer, text)] = printed(returns, "return_receipt")
    assert isinstance(receipt, ReturnReceipt)
    assert (printer, receipt.code, receipt.taken_by) == ("slips", "DOC/20931", "Mara")
    assert [(one.item, one.quantity) for one in receipt.lines] == [("MUG", 2)]
    assert "Mug, white" in text
    assert "grade" not in text.lower(), "what becomes of it is not the customer's paper"
    mara.scan(receipt.code)
    assert mara.asks == "Scan item", "the receipt's code brings its RMA up again"
    returns.check()


@ON_SQLITE
def test_no_receipt_comes_out_at_the_other_end_of_the_house_unless_a_route_says_so(returns: World) -> None:
    far = PrinterSettings(name="far", kind="escpos")
    printers = {"zebra": ZEBRA, "far": far}
    returns.ports = Ports(printers=printers)
    mara = returns.worker("mara").scan("STN/RET").tap("start:returning")
    mara.scan("20931", "#MUG", "CMD/GRADE:A", "LPN-000777", "CMD/CLOSE")
    assert printed(returns, "return_receipt") == []
    route = Route(kind="return_receipt", printer="far")
    returns.db.do(lambda tx: put(tx, route, printers, by="ada", device="desk"))
    mara.scan("JD20931", "#MUG", "CMD/GRADE:A", "LPN-000778", "CMD/CLOSE")
    assert [printer for _, printer, _ in printed(returns, "return_receipt")] == ["far"]
    returns.check()


@ON_SQLITE
def test_graded_goods_get_a_return_label_by_its_own_route(returns: World) -> None:
    second = PrinterSettings(name="second", kind="zpl")
    printers = {"zebra": ZEBRA, "second": second}
    returns.ports = Ports(printers=printers)
    route = Route(kind="return", printer="second")
    returns.db.do(lambda tx: put(tx, route, printers, by="ada", device="desk"))
    mara = returns.worker("mara").scan("STN/RET").tap("start:returning")
    mara.scan("20931", "#MUG", "CMD/GRADE:A", "CMD/CONFIRM")
    [(label, printer, _)] = printed(returns, "return")
    assert (printer, label.rma, label.grade, label.disposition, label.quantity) == (
        "second",
        "20931",
        "A",
        "Restock",
        1,
    )
    plate = label.code
    assert f"MUG 1 in {plate}" in returns.holds()
    with returns.db.reading() as tx:
        job = jobs.job_of(tx, plate)
    assert job is not None
    assert job.state == "queued"
    returns.check()
