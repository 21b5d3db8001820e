"""A day of goods between an Odoo and the floor, by the hands and screens of the crew: both books end equal."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.schema.documents import order_line
from tests.sync.erp_floor import floor_beside
from tests.sync.odoo_fake import OdooFake
from tests.sync.odoo_stories import settings
from tests.sync.tryton_circle import counted, lay_out, packed_and_shipped, picked, received, returned
from tests.world import gtin13


@pytest.fixture
def goods(odoo: OdooFake) -> dict[str, int]:
    """P-0001, P-0002 and P-0010, which has lots."""
    return {
        f"P-{n:04}": odoo.books.product(
            f"P-{n:04}", "lot" if n == 10 else "none", barcode=gtin13(n), standard_price=2.5
        )
        for n in (1, 2, 10)
    }


def test_what_is_ordered_in_odoo_happens_here_and_its_books_end_equal(
    odoo: OdooFake, goods: dict[str, int], tmp_path: Path
) -> None:
    """A purchase comes in short and with a broken piece, an order goes out short, a bin is counted, a parcel comes back."""
    books = odoo.books
    po = books.purchase((goods["P-0001"], 12), (goods["P-0010"], 6), (goods["P-0002"], 5))
    sale = books.delivery((goods["P-0001"], 4), (goods["P-0010"], 2), (goods["P-0002"], 3))["name"]
    odoo.fail(writes=["", "after", "before", "", "", "after", "busy"])
    with floor_beside(settings(odoo), tmp_path) as floor:
        assert floor.pull() == 7, "three products, two partners, two orders"
        assert floor.pull() == 0, "nothing is news the second time"
        scale = lay_out(floor.world)

        received(floor, po["name"])
        floor.told()
        floor.check()
        lines = books.search("purchase.order.line", [["order_id", "=", po["id"]]])
        assert [line["qty_received"] for line in lines] == [11, 6, 5]

        picked(floor, sale)
        packed_and_shipped(floor, sale, scale)
        counted(floor)
        floor.told()
        floor.check()
        rma = books.take_back((goods["P-0001"], 1))["name"]
        floor.pull()
        returned(floor, rma)
        floor.told()
        floor.check()

        [rest] = books.search("stock.picking", [["picking_type_id.code", "=", "outgoing"], ["state", "=", "assigned"]])
        again = select(order_line.c.item, order_line.c.quantity).where(order_line.c.order_code == rest["name"])
        assert floor.world.rows(again) == [("P-0002", 2)], "what was short is a new order here"
    waiting = books.search(
        "stock.move", [["picking_id.picking_type_id.code", "=", "incoming"], ["state", "=", "assigned"]]
    )
    assert [move["product_qty"] for move in waiting] == [1], "a short line stays open there"
    counts = [row for row in books.tables["stock.picking"].values() if "confirmed" in (row["origin"] or "")]
    assert [row["origin"] for row in counts] == ["item P-0001, confirmed, ruth"]
