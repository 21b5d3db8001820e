"""The floor and a real Tryton, live: what is ordered there happens here, and what happens here is in its books once.

Each story is told to a Tryton with our inbox module and to one where nobody ever installed it; which of the two it is, the
connector finds out by itself.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.schema.documents import order_line, po_line
from app.stock.events import ReceiptClosed, Received
from app.stock.events.inbound import ReceivedLine
from app.stock.slots import Slot
from sync.connectors.base import TransportError
from sync.connectors.tryton import TrytonConnector
from sync.pulling import ASKED
from tests.sync.sink import until
from tests.sync.tryton_books import Erp
from tests.sync.tryton_circle import (
    approved,
    counted,
    lay_out,
    packed_and_shipped,
    picked,
    received,
    released,
    returned,
    returned_broken,
)
from tests.sync.tryton_floor import NAME, Floor, floor_beside, live_tryton, settings_of
from tests.tryton import bookkeeping, company, template
from tests.tryton.server import ERP, PLAIN, Tryton
from tests.workflows.picked import happened, state_of

pytestmark = pytest.mark.xdist_group("tryton")
KETTLE = company.item(company.NUMBERED)


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    if not template.is_built():
        pytest.skip("Tryton is not built on this machine: `make tryton` builds it, `make faults` too")
    with live_tryton(tmp_path_factory.mktemp("tryton"), ERP, PLAIN) as running:
        yield running


@pytest.fixture(params=[ERP, PLAIN], ids=["inbox", "plain"])
def erp(request: pytest.FixtureRequest, tryton: Tryton) -> Erp:
    """With our module, and without it."""
    return Erp(tryton.asked_for(request.param))


@pytest.fixture
def floor(erp: Erp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    with floor_beside(erp.tryton, tmp_path_factory.mktemp("floor")) as beside:
        assert beside.connector.way.startswith("by its inbox") == erp.has_module
        yield beside


def test_what_is_ordered_in_tryton_happens_here_and_its_books_end_equal(floor: Floor, erp: Erp) -> None:
    """A purchase comes in short and with a broken piece, a sale goes out short, a bin is counted, two parcels come back."""
    po = company.purchase(erp.books, "ACME", ("P-0001", 12), ("P-0010", 6), ("P-0002", 5), invoice="fulfillment")
    sale = company.sale(erp.books, "NORD", ("P-0001", 4), ("P-0010", 2), ("P-0002", 3), invoice="fulfillment")
    company.purchase(erp.books, "NORD", ("P-0003", 1))
    [shipment] = company.shipments(erp.books, sale)
    rma, broken = (company.authorise_return(erp.books, "NORD", ("P-0001", 1)) for _ in range(2))
    assert floor.pull() > company.PRODUCTS
    assert floor.pull() == 0, "nothing is news the second time, nor is NORD, who is both"
    floor.restart()
    assert floor.asked_to().startswith('tryton {"of":'), "a restart goes on from where it was"
    assert '"since":' in floor.asked_to()
    assert floor.pull() == 0
    odoo = 'odoo {"of":"https://odoo.example erp WH","to":"2026-11-20 10:00:00"}'
    floor.world.db.do(lambda tx: tx.run(ASKED, c="ERP", so_far=odoo))
    floor.restart()
    assert floor.pull() == 0, "asked from the beginning by another kind of connector, it says the same again"
    assert floor.asked_to().startswith('tryton {"of":')
    scale = lay_out(floor.world)

    received(floor, po)
    floor.told()
    floor.check()
    picked(floor, shipment["number"])
    packed_and_shipped(floor, shipment["number"], scale)
    counted(floor)
    returned(floor, rma)
    returned_broken(floor, broken)
    floor.told()
    floor.check()

    [done, backorder] = company.shipments(erp.books, sale)
    assert (done["state"], backorder["state"]) == ("done", "waiting"), "what was short is a new shipment there"
    floor.pull()
    orders = floor.world.rows(
        select(order_line.c.item, order_line.c.quantity).where(order_line.c.order_code == backorder["number"])
    )
    assert orders == [("P-0002", 2)], "and a new order here"
    assert erp.expected(po) == {"P-0001": 1}, "what did not come is still expected"
    assert company.invoiced(erp.books, "purchase", po) == {"P-0001": 11, "P-0010": 6, "P-0002": 5}
    assert company.invoiced(erp.books, "sale", sale) == {"P-0001": 4, "P-0010": 2, "P-0002": 1}
    money = {kind: bookkeeping.posted(erp.books, kind, number) for kind, number in (("purchase", po), ("sale", sale))}
    assert money == {
        "purchase": {"expense": "99.00", "payable": "-99.00"},  # 22 received, at 4.50
        "sale": {"revenue": "-69.30", "receivable": "69.30"},  # 7 shipped, at 9.90
    }, "Tryton's account moves are about what the floor did"
    assert erp.lots(str(done["id"])) == {"L-77"}
    assert erp.counted(floor.settings.site) == [("STO", "P-0001", -5, "confirmed", "ruth")], "a count is an inventory"
    parcels = erp.rows("stock.shipment.out.return", [["number", "in", [rma, broken]]], "state")
    assert [parcel["state"] for parcel in parcels] == ["done", "done"]
    beyond_use = erp.rows("stock.move", [["to_location.code", "=", "SCRAP"], ["state", "=", "done"]], "quantity")
    assert [move["quantity"] for move in beyond_use] == [1], "each piece went where it was judged to go"
    assert len(erp.events(floor.settings.site)) >= 12, "each of Tryton's moves names its event"
    erp.forget_the_last_step()
    floor.switchboard.replay_from(NAME, 1, "ruth")
    floor.told()
    floor.check()
    erp.books.call("stock.shipment.out.cancel", [backorder["id"]])
    floor.pull()
    assert state_of(floor.world, backorder["number"]) == "cancelled"


def test_each_serial_is_a_lot_in_tryton_from_the_dock_to_the_truck(floor: Floor, erp: Erp) -> None:
    """Three kettles come in and two leave, each by its number; the third is missed when two people look for it."""
    po = company.purchase(erp.books, "ACME", (KETTLE, 3))
    sale = company.sale(erp.books, "NORD", (KETTLE, 2))
    [shipment] = company.shipments(erp.books, sale)
    floor.pull()
    scale = lay_out(floor.world)
    mara = floor.world.worker("mara").scan("STN/DOCK").tap("start:receiving")
    mara.scan(po, f"#{KETTLE}").type("3").scan("K-1", "K-2", "K-3", "LPN-0001").tap("confirm")
    mara.tap("menu", "start:putaway").scan("LPN-0001", "A-01")
    floor.told()
    floor.check()
    released(floor, shipment["number"]).scan("A-01", f"#{KETTLE}", "K-1", "K-3", "T-0001", "PACK-1")
    scans = (f"#{KETTLE}", "K-1", f"#{KETTLE}", "K-3")
    packed_and_shipped(floor, shipment["number"], scale, scans, pieces=2)
    for who in ("mara", "piet"):
        floor.world.worker(who, device=f"HH-{who}").tap("start:counting").scan("A-01").tap("nothing")
    approved(floor)
    floor.told()
    floor.check()
    assert floor.stock() == {}
    left, lost = {"IN", "STO", "OUT", "CUS"}, {"IN", "STO", "LOST"}
    assert erp.pieces(KETTLE) == {"K-1": left, "K-2": lost, "K-3": left}
    assert erp.lots(str(shipment["id"])) == {"K-1", "K-3"}


def test_trytons_warning_waits_for_a_supervisor_and_is_accepted_by_nobody_else(floor: Floor, erp: Erp) -> None:
    po = company.purchase(erp.books, "ACME", ("P-0004", 5))
    floor.pull()
    [line] = floor.world.rows(select(po_line.c.line).where(po_line.c.po == po))
    floor.world.location("DOCK-1", kind="dock")
    came = Received(po=po, line=line[0], item="P-0004", quantity=7, over=2, target=Slot(location="DOCK-1"))
    happened(floor.world, came)
    ends = (ReceivedLine(line=line[0], item="P-0004", ordered=5, received=7),)
    happened(floor.world, ReceiptClosed(po=po, lines=ends))
    until(lambda: floor.letters("asks") != [], "Tryton warns")
    [warning] = floor.letters("asks")
    assert "2.0" in warning
    assert "in addition" in warning
    receipts = [["moves.purchase.number", "=", po]]
    assert [one["state"] for one in erp.rows("stock.shipment.in", receipts, "state")] == ["draft"]
    with floor.world.db.reading() as tx:
        [asked] = floor.switchboard.letters(tx, NAME, "asks")
    floor.switchboard.approve(NAME, asked.seq, "ruth")
    floor.told()
    assert [one["state"] for one in erp.rows("stock.shipment.in", receipts, "state")] == ["done"]


def test_a_tryton_that_lost_its_inbox_is_told_so_and_nothing_becomes_a_dead_letter(tryton: Tryton) -> None:
    connector = TrytonConnector.of(settings_of(tryton.asked_for(PLAIN), inbox="yes"))
    with pytest.raises(TransportError, match="install the module pickface") as why:
        connector.snapshot(0)
    assert why.value.permanent
    assert not why.value.about_batch


def test_a_house_may_have_the_inbox_and_work_without_it(tryton: Tryton) -> None:
    connector = TrytonConnector.of(settings_of(tryton, inbox="no"))
    connector.snapshot(0)
    assert connector.way == "by its plain API, without the inbox module"


def test_a_category_of_serials_may_be_named_later_and_must_be_there(tryton: Tryton) -> None:
    without = TrytonConnector.of(settings_of(tryton)).pull("")
    assert not any(b"serial_tracked" in event for event in without.events)
    numbered = TrytonConnector.of(settings_of(tryton, serials=company.SERIALS)).pull(without.next)
    tracked = [event for event in numbered.events if b"serial_tracked" in event]
    assert len(tracked) == company.PRODUCTS // company.NUMBERED, "all is read again"
    wrong = TrytonConnector.of(settings_of(tryton, serials="Serial nombers"))
    with pytest.raises(TransportError, match="has no product category Serial nombers: make it there"):
        wrong.pull("")


def test_what_is_bought_in_dozens_comes_in_by_the_piece(floor: Floor, erp: Erp) -> None:
    dozen = f"dz{floor.settings.site[-6:]}"
    company.make_unit(erp.books, dozen, 12)
    po = company.purchase(erp.books, "ACME", ("P-0006", 2), unit=dozen)
    floor.pull()
    [(line, asked)] = floor.world.rows(select(po_line.c.line, po_line.c.quantity).where(po_line.c.po == po))
    assert asked == 24
    floor.world.location("DOCK-1", kind="dock")
    for quantity in (5, 19):
        came = Received(po=po, line=line, item="P-0006", quantity=quantity, target=Slot(location="DOCK-1"))
        happened(floor.world, came)
    ends = (ReceivedLine(line=line, item="P-0006", ordered=24, received=24),)
    happened(floor.world, ReceiptClosed(po=po, lines=ends))
    floor.told()
    floor.check()
    [bought] = erp.rows("purchase.purchase", [["number", "=", po]], "shipment_state")
    assert bought["shipment_state"] == "received"
