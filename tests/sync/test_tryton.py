"""The floor and a real Tryton, live: what is ordered there happens here, and what happens here is in its books once."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.schema.documents import order_line, po_line
from app.stock.events import ReceiptClosed, Received
from app.stock.events.inbound import ReceivedLine
from app.stock.slots import Slot
from sync.connectors.base import TransportError
from tests.sync.sink import until
from tests.sync.tryton_books import Erp
from tests.sync.tryton_circle import counted, lay_out, packed_and_shipped, picked, received, returned
from tests.sync.tryton_floor import NAME, Floor, floor_beside, live_tryton
from tests.tryton import company, template
from tests.tryton.server import Tryton
from tests.workflows.picked import happened, state_of

pytestmark = pytest.mark.xdist_group("tryton")


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    if not template.is_built():
        pytest.skip("Tryton is not built on this machine: `make tryton` builds it, `make faults` too")
    with live_tryton(tmp_path_factory.mktemp("tryton")) as running:
        yield running


@pytest.fixture(params=["", "no"], ids=["inbox", "plain"])
def floor(request: pytest.FixtureRequest, tryton: Tryton, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """By the inbox module, which is noticed, and by what every Tryton has."""
    with floor_beside(tryton, tmp_path_factory.mktemp("floor"), request.param) as beside:
        yield beside


@pytest.fixture
def erp(tryton: Tryton) -> Erp:
    return Erp(tryton)


def test_what_is_ordered_in_tryton_happens_here_and_its_books_end_equal(floor: Floor, erp: Erp) -> None:
    """A purchase comes in short and with a broken piece, a sale goes out short, a bin is counted, a parcel comes back."""
    po = company.purchase(erp.books, "ACME", ("P-0001", 12), ("P-0010", 6), ("P-0002", 5), invoice="fulfillment")
    sale = company.sale(erp.books, "NORD", ("P-0001", 4), ("P-0010", 2), ("P-0002", 3), invoice="fulfillment")
    company.purchase(erp.books, "NORD", ("P-0003", 1))
    [shipment] = company.shipments(erp.books, sale)
    rma = company.authorise_return(erp.books, "NORD", ("P-0001", 1))
    assert floor.pull() > company.PRODUCTS
    assert floor.pull() == 0, "nothing is news the second time, nor is NORD, who is both"
    floor.restart()
    assert '"since":' in floor.asked_to(), "a restart goes on from where it was"
    assert floor.pull() == 0
    scale = lay_out(floor.world)

    received(floor, po)
    floor.told()
    floor.check()
    picked(floor, shipment["number"])
    packed_and_shipped(floor, shipment["number"], scale)
    counted(floor)
    returned(floor, rma)
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
    assert erp.lots(str(done["id"])) == {"L-77"}
    assert erp.counted(floor.settings.site) == [("STO", "P-0001", -5, "confirmed", "ruth")], "a count is an inventory"
    [parcel] = erp.rows("stock.shipment.out.return", [["number", "=", rma]], "state")
    assert parcel["state"] == "done"
    assert len(erp.events(floor.settings.site)) >= 12, "each of Tryton's moves names its event"
    erp.forget_the_last_step()
    floor.switchboard.replay_from(NAME, 1, "ruth")
    floor.told()
    floor.check()
    erp.books.call("stock.shipment.out.cancel", [backorder["id"]])
    floor.pull()
    assert state_of(floor.world, backorder["number"]) == "cancelled"


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


def test_a_tryton_without_the_inbox_is_told_so_and_nothing_becomes_a_dead_letter(floor: Floor) -> None:
    with pytest.raises(TransportError, match="install the module pickface") as why:
        floor.connector.rpc.call("model.pickface.inbox_of_another_house.post", [])
    assert why.value.permanent
    assert not why.value.about_batch


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
