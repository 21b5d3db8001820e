"""What Odoo orders happens here: its products, partners, purchases, deliveries and returns, read as they change."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select

from app import clock
from app.schema.documents import order_line, po_line, purchase_order, sales_order
from app.schema.items import item, item_barcode
from app.stock.events import OpeningStock, StatusChanged
from app.stock.slots import Slot
from sync import inbound
from sync.connectors import asked_to
from sync.connectors.odoo import books
from sync.connectors.odoo.pull import CANCELLED_WITHIN
from sync.pulling import Puller
from tests.sync.odoo_fake import DATABASE, KEY, OdooFake
from tests.sync.odoo_stories import lines_of, messages, shipment, told_by
from tests.sync.sink import House, house, until


@pytest.fixture
def floor(tmp_path: Path, odoo: OdooFake) -> Iterator[House]:
    with house(tmp_path, odoo.url, kind="odoo", start=False) as built:
        yield built


@pytest.fixture
def puller(floor: House) -> Puller:
    return Puller(floor.db, floor.erp.followers["ERP"].connector, "MAIN")


def rows(floor: House, *columns: Any) -> list[tuple[Any, ...]]:
    with floor.db.reading() as tx:
        return sorted(tuple(row) for row in tx.rows(select(*columns)))


def test_products_and_orders_come_once_and_again_when_they_change(odoo: OdooFake, floor: House, puller: Puller) -> None:
    there = odoo.books
    mug = there.product("MUG", barcode="4006381333931", standard_price=2.5)
    milk = there.product("MILK", "lot")
    there.add("product.uom", product_id=milk, uom_id=there.units["Dozens"], barcode="4006381333948")
    purchase, delivery = there.purchase((mug, 12), (milk, 6)), there.delivery((mug, 5))
    there.take_back((mug, 1))
    puller.pull()
    assert puller.pull() == 0, "nothing is news the second time"

    assert rows(floor, item.c.code, item.c.name, item.c.lot_tracked, item.c.standard_cost) == [
        ("MILK", "Milk", 1, 0),
        ("MUG", "Mug", 0, 250),
    ]
    assert rows(floor, item_barcode.c.item, item_barcode.c.quantity) == [("MILK", 12), ("MUG", 1)]
    assert rows(floor, po_line.c.po, po_line.c.item, po_line.c.quantity) == [
        (purchase["name"], "MILK", 6), (purchase["name"], "MUG", 12),
    ]  # fmt: skip
    [(code, line, wanted)] = rows(floor, order_line.c.order_code, order_line.c.line, order_line.c.quantity)
    assert (code, line, wanted) == (delivery["name"], lines_of(odoo, delivery)[0], 5)
    assert rows(floor, sales_order.c.name, sales_order.c.address) == [("Nord", "Nord, Quay 1, Hamburg")]

    [line_of_mug, _] = there.search("purchase.order.line", [["order_id", "=", purchase["id"]]])
    there.change("purchase.order.line", line_of_mug["id"], product_uom_qty=20)
    there.change("stock.picking", delivery["id"], state="cancel")
    assert puller.pull() == 2
    assert (purchase["name"], "MUG", 20) in rows(floor, po_line.c.po, po_line.c.item, po_line.c.quantity)
    assert rows(floor, sales_order.c.state) == [("cancelled",)]


def test_what_is_called_off_while_we_are_down_is_heard_however_long_that_was(
    odoo: OdooFake, floor: House, puller: Puller
) -> None:
    there = odoo.books
    delivery = there.delivery((there.product("MUG"), 5))
    for row in (row for table in there.tables.values() for row in table.values()):
        row["write_date"] = days_ago(20)
    puller.pull()
    assert rows(floor, sales_order.c.state) == [("pool",)]
    there.change("stock.picking", delivery["id"], state="cancel")
    delivery["write_date"] = days_ago(10)
    assert timedelta(days=10) > CANCELLED_WITHIN, "to a floor that never asked it is old news"
    restarted = Puller(floor.db, floor.erp.followers["ERP"].connector, "MAIN")
    assert restarted.pull() == 1
    assert rows(floor, sales_order.c.state) == [("cancelled",)]


def test_another_database_of_the_same_odoo_is_asked_from_its_beginning(odoo: OdooFake) -> None:
    odoo.books.product("MUG")
    with told_by(odoo) as erp:
        to = erp.pull("").next
        assert erp.pull(to).next == to, "where nothing is new it stays"
    assert asked_to.read(to, f"{odoo.url} {DATABASE} WH") != ""
    assert asked_to.read(to, f"{odoo.url} test WH") == ""
    assert asked_to.read('{"of":"https://tryton","since":7}', f"{odoo.url} {DATABASE} WH") == ""


def test_a_hold_somebody_pushes_in_odoos_name_stays_and_a_purchase_ordered_again_is_news(
    odoo: OdooFake, floor: House, puller: Puller
) -> None:
    there = odoo.books
    mug = there.product("MUG")
    delivery, purchase = there.delivery((mug, 5)), there.purchase((mug, 12))
    puller.pull()
    floor.db.do(
        lambda tx: inbound.accept(tx, source="ERP", id="h", type="order.hold", subject=delivery["name"], body=b"{}")
    )
    assert puller.pull() == 0
    assert rows(floor, sales_order.c.state) == [("held",)]
    for state, here in (("cancel", "cancelled"), ("purchase", "open")):
        there.change("purchase.order", purchase["id"], state=state)
        assert puller.pull() == 1
        assert rows(floor, purchase_order.c.state) == [(here,)]


def days_ago(days: int) -> str:
    return f"{clock.as_datetime(clock.now() - days * clock.DAY):%Y-%m-%d %H:%M:%S.%f}"


def test_many_products_of_one_moment_are_all_read(odoo: OdooFake, puller: Puller, floor: House,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(books, "A_PAGE", 7)
    made = [odoo.books.product(f"P-{n:03}") for n in range(50)]
    for product in made:
        odoo.books.of("product.product", product)["write_date"] = "2026-11-22 01:00:00.000000"
    puller.pull()
    assert len(rows(floor, item.c.code)) == 50
    for product in made[:20]:
        odoo.books.change("product.product", product, name="Renamed")
        odoo.books.of("product.product", product)["write_date"] = "2026-11-22 01:00:00.500000"
    assert puller.pull() == 20, "the second they were changed in was read before"


def test_the_rest_of_an_order_on_the_floor_is_no_new_order_but_can_be_called_off(odoo: OdooFake) -> None:
    delivery = odoo.books.delivery((odoo.books.product("MUG"), 5))
    code = delivery["name"]
    with told_by(odoo) as erp:
        first = erp.pull("")
        erp.post(messages(shipment(code, ("MUG", 2, lines_of(odoo, delivery)[0]), complete=False)))
        assert orders(erp.pull(first.next).events) == []
        [rest] = odoo.books.search("stock.picking", [["state", "=", "assigned"]])
        erp.post(messages(shipment(code, ("MUG", 1, lines_of(odoo, rest)[0]), complete=False), first=2))
        [last] = odoo.books.search("stock.picking", [["state", "=", "assigned"]])
        odoo.books.change("stock.picking", last["id"], state="cancel")
        assert orders(erp.pull(first.next).events) == [("order.cancel", code)]


def test_a_short_order_comes_again_as_its_backorder(odoo: OdooFake) -> None:
    delivery = odoo.books.delivery((odoo.books.product("MUG"), 5))
    with told_by(odoo) as erp:
        erp.post(messages(shipment(delivery["name"], ("MUG", 2, lines_of(odoo, delivery)[0]))))
        assert orders(erp.pull("").events) == [("order.release", "WH/OUT/00002")]


def test_what_was_called_off_long_ago_is_not_told_to_a_new_floor(odoo: OdooFake) -> None:
    delivery = odoo.books.delivery((odoo.books.product("MUG"), 5))
    odoo.books.change("stock.picking", delivery["id"], state="cancel")
    delivery["write_date"] = "2020-01-01 00:00:00.000000"
    with told_by(odoo) as erp:
        assert orders(erp.pull("").events) == []


def orders(events: Sequence[bytes]) -> list[tuple[str, str]]:
    told = [msgspec.json.decode(event) for event in events]
    return [(one["type"], one["subject"]) for one in told if one["type"].startswith("order.")]


# ── the whole way, with a follower between ───────────────────────────────────────────────────────────────────────────
def test_a_follower_tells_odoo_through_every_break_and_both_books_are_equal(odoo: OdooFake, floor: House) -> None:
    odoo.books.product("MUG")
    odoo.books.product("TEE")
    here = Slot(location="A-01")
    odoo.fail(writes=["", "after", "before", "", "busy", "503", "after"])
    floor.erp.start()
    floor.post(
        OpeningStock(item="MUG", quantity=9, target=here),
        OpeningStock(item="TEE", quantity=4, target=here),
        StatusChanged(item="MUG", quantity=2, source=here, target=Slot(location="A-01", status="damaged"), reason="x"),
    )
    until(lambda: _drained(floor), "Odoo has heard of everything", 60.0)
    assert odoo.books.on_hand() == {"WH/Stock MUG": 7, "WH/Damaged MUG": 2, "WH/Stock TEE": 4}
    assert floor.letters("dead") + floor.letters("asks") + floor.letters("parked") == []
    compared = floor.erp.followers["ERP"].reconcile()
    assert compared is not None
    assert (compared.compared, compared.unequal) == (3, [])


def _drained(floor: House) -> bool:
    floor.erp.followers["ERP"].retry_now()
    return floor.drained()


# ── the fake is no pushover ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("path", "body", "key", "status", "name"),
    [
        ("res.partner/search_read", {"domain": []}, "wrong", 401, "werkzeug.exceptions.Unauthorized"),
        ("stock.basket/search_read", {}, KEY, 404, "werkzeug.exceptions.NotFound"),
        ("stock.picking/validate", {"ids": [1]}, KEY, 404, "werkzeug.exceptions.NotFound"),
        ("stock.picking/search_read", {"ids": [1]}, KEY, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("stock.picking/write", {"ids": [1], "values": {}}, KEY, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("stock.picking/search_read", {"fields": ["reference"]}, KEY, 500, "builtins.ValueError"),
        ("stock.picking/search_read", {"domain": [["name", "~", "x"]]}, KEY, 500, "builtins.ValueError"),
        ("stock.lot/create", {"vals_list": [{"name": "L"}]}, KEY, 422, "odoo.exceptions.ValidationError"),
        ("stock.picking/write", {"ids": [99], "vals": {"name": "x"}}, KEY, 404, "odoo.exceptions.MissingError"),
        ("stock.picking/button_validate", {"ids": [99]}, KEY, 404, "odoo.exceptions.MissingError"),
    ],
)
def test_the_fake_refuses_what_odoo_refuses(
    odoo: OdooFake, path: str, body: dict[str, Any], key: str, status: int, name: str
) -> None:
    headers = {"Authorization": f"bearer {key}"}
    answer = httpx.post(f"{odoo.url}/json/2/{path}", json=body, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["name"]) == (status, name)
    assert sorted(answer.json()) == ["arguments", "context", "debug", "message", "name"]
