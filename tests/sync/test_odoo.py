"""The floor and an Odoo: what happened here is in its books once, whatever broke on the way."""

import msgspec
import pytest

from app.config import ConnectorSettings
from app.errors import CannotStart
from app.stock.events import Adjusted, AnyEvent, Moved, PickShort, ReturnReceived, StatusChanged, Undone, WrittenOff
from app.stock.slots import SUPPLIER, Movement, Slot
from sync.connectors.base import Applied, Duplicate, Held, NeedsApproval, OnHand, Rejected
from sync.connectors.odoo.connector import OdooConnector
from tests.sync.odoo_fake import OdooFake
from tests.sync.odoo_stories import lines_of, messages, receipt, shipment, told_by


def names(odoo: OdooFake) -> list[str]:
    """Every transfer there, `WH/IN/00001 | MAIN_1.1.1 done`."""
    return [f"{row['name']} {row['state']}" for row in odoo.books.tables["stock.picking"].values()]


def test_a_purchase_comes_in_by_lots_short_and_broken_and_the_rest_stays_expected(odoo: OdooFake) -> None:
    order = odoo.books.purchase((odoo.books.product("MILK", "lot"), 12), (odoo.books.product("MUG"), 6))
    first = receipt(odoo, order, "MILK", 5, lot="L7")
    broken = receipt(odoo, order, "MUG", 2, status="damaged")
    with told_by(odoo) as erp:
        assert erp.post(messages(first, broken)) == [Applied(), Applied()]
        assert odoo.books.on_hand() == {"WH/Stock MILK L7": 5, "WH/Damaged MUG": 2}
        assert sorted(erp.snapshot(0), key=lambda one: one.item) == [
            OnHand(item="MILK", quantity=5, lot="L7"),
            OnHand(item="MUG", quantity=2, status="damaged"),
        ]
    assert names(odoo) == [
        "WH/IN/00001 | MAIN_1.1.1 done",
        "WH/IN/00002 | MAIN_1.1.2 done",
        "WH/IN/00003 assigned",
    ]
    lines = odoo.books.search("purchase.order.line", [["order_id", "=", order["id"]]])
    assert [line["qty_received"] for line in lines] == [5, 2]
    expected = odoo.books.search("stock.move", [["state", "=", "assigned"]])
    assert [move["product_uom_qty"] for move in expected] == [7, 4]


def test_what_is_more_than_ordered_is_received_on_its_line_all_the_same(odoo: OdooFake) -> None:
    order = odoo.books.purchase((odoo.books.product("MUG"), 2))
    with told_by(odoo) as erp:
        assert erp.post(messages(receipt(odoo, order, "MUG", 3), receipt(odoo, order, "MUG", 1))) == [Applied()] * 2
    assert odoo.books.on_hand() == {"WH/Stock MUG": 4}
    [line] = odoo.books.tables["purchase.order.line"].values()
    assert line["qty_received"] == 4
    assert names(odoo) == ["WH/IN/00001 | MAIN_1.1.1 done", "Pickface | MAIN_1.1.2 done"]


def test_serials_are_lots_of_one_and_a_dozen_is_counted_by_the_piece(odoo: OdooFake) -> None:
    phone = odoo.books.product("PHONE", "serial")
    order = odoo.books.purchase((phone, 2))
    [move] = odoo.books.tables["stock.move"].values()
    odoo.books.change("stock.move", move["id"], product_uom=odoo.books.units["Dozens"], product_uom_qty=2)
    with told_by(odoo) as erp:
        assert erp.post(messages(receipt(odoo, order, "PHONE", 2, serials=("K1", "K2")))) == [Applied()]
        assert odoo.books.on_hand() == {"WH/Stock PHONE K1": 1, "WH/Stock PHONE K2": 1}
        assert erp.snapshot(0) == [OnHand(item="PHONE", quantity=2)]
    [left] = odoo.books.search("stock.move", [["state", "=", "assigned"]])
    assert left["product_qty"] == 22


def test_a_short_shipment_leaves_a_backorder_and_one_on_the_way_keeps_its_order(odoo: OdooFake) -> None:
    books = odoo.books
    delivery = books.delivery((books.product("MUG"), 5), (books.product("TEE"), 3))
    mug, tee = lines_of(odoo, delivery)
    order = delivery["name"]
    with told_by(odoo) as erp:
        begun = shipment(order, ("MUG", 4, mug), complete=False)
        ended = shipment(order, ("TEE", 2, tee))
        assert erp.post(messages(begun, PickShort(line=f"{order}/{mug}", pick="p", item="MUG", missing=1,
            slot=Slot(location="A-01"), reason="bin_empty"), ended)) == [Applied()] * 3  # fmt: skip
    assert names(odoo) == [
        "WH/OUT/00001 + | MAIN_1.1.1 done",
        "WH/OUT/00002 | MAIN_1.1.3 done",
        "WH/OUT/00003 assigned",
    ]
    assert books.on_hand() == {"WH/Stock MUG": -4, "WH/Stock TEE": -2}
    with told_by(odoo) as erp:
        [answer] = erp.post(messages(shipment("WH/OUT/00009", ("MUG", 1, "1")), first=9))
    assert isinstance(answer, Rejected)
    assert answer.why == "Odoo has no open transfer WH/OUT/00009: it is done, cancelled or gone there."


def test_counts_write_offs_statuses_and_a_return_end_with_equal_books(odoo: OdooFake) -> None:
    books = odoo.books
    here = Slot(location="A-01")
    rma = books.take_back((books.product("MUG"), 2))
    [line] = lines_of(odoo, rma)
    events: list[AnyEvent] = [
        Adjusted(item="MUG", slot=here, change=9, reason="found", approver="ruth"),
        Adjusted(item="MUG", slot=here, change=-1, reason="confirmed", approver="ruth"),
        StatusChanged(
            item="MUG", quantity=3, source=here, target=Slot(location="A-01", status="quarantine"), reason="wet"
        ),
        Moved(contents=(Movement(item="MUG", quantity=3, source=here, target=here.at("B-01")),)),
        ReturnReceived(
            piece="R-1/1", item="MUG", quantity=1, target=Slot(location="RET", status="returned"), rma=rma["name"],
            rma_line=line,
        ),
        WrittenOff(item="MUG", slot=here, quantity=2, reason="broken", approver="ruth", asked_by="olga"),
    ]  # fmt: skip
    with told_by(odoo) as erp:
        assert erp.post(messages(*events)) == [Applied()] * 6
        assert erp.post(messages(*events)) == [Duplicate()] * 3 + [Applied()] + [Duplicate()] * 2
    assert books.on_hand() == {"WH/Stock MUG": 3, "WH/Quarantine MUG": 3, "WH/Returned MUG": 1}
    [said] = [row["origin"] for row in books.tables["stock.picking"].values() if "1.2" in row["name"]]
    assert said == "item MUG, confirmed, ruth"


def test_a_step_that_is_undone_is_a_return_of_its_purchase(odoo: OdooFake) -> None:
    order = odoo.books.purchase((odoo.books.product("MUG"), 6))
    came = receipt(odoo, order, "MUG", 6)
    back = Movement(item="MUG", quantity=6, source=came.target, target=Slot(location=SUPPLIER))
    with told_by(odoo) as erp:
        assert (
            erp.post(messages(came, Undone(seq=1, kind="received", lane=came.document, moved=(back,)), came))
            == [Applied()] * 3
        )
    [line] = odoo.books.tables["purchase.order.line"].values()
    assert (odoo.books.on_hand(), line["qty_received"]) == ({"WH/Stock MUG": 6}, 6)


# ── what Odoo does not want, and what a person decides ───────────────────────────────────────────────────────────────
def test_odoos_own_words_come_back_and_hold_the_document(odoo: OdooFake) -> None:
    order = odoo.books.purchase((odoo.books.product("MILK", "lot"), 6), (odoo.books.product("MUG"), 6))
    batch = messages(receipt(odoo, order, "MILK", 6), receipt(odoo, order, "MUG", 6),
                     Adjusted(item="GHOST", slot=Slot(location="A"), change=1, reason="found", approver="r"))  # fmt: skip
    with told_by(odoo) as erp:
        lotless, held, ghost = erp.post(batch)
        assert isinstance(lotless, Rejected)
        assert isinstance(ghost, Rejected)
        assert lotless.why == "You need to supply a Lot/Serial number for products Milk."
        assert '"name":"odoo.exceptions.UserError"' in lotless.raw
        assert held == Held()
        assert ghost.why == "Odoo has no product with the internal reference GHOST."
        assert odoo.books.on_hand() == {}
        odoo.books.product("GHOST")
        assert erp.post(batch[2:]) == [Applied()]


def test_an_expired_lot_waits_for_a_supervisor_and_a_strange_form_for_a_person_there(odoo: OdooFake) -> None:
    milk = odoo.books.product("MILK", "lot")
    odoo.books.add("stock.lot", name="L7", product_id=milk, expiration_date="2026-01-01 00:00:00")
    found = Adjusted(item="MILK", slot=Slot(location="A-01", lot="L7"), change=4, reason="found", approver="ruth")
    [asked] = messages(found)
    with told_by(odoo) as erp:
        [answer] = erp.post([asked])
        assert isinstance(answer, NeedsApproval)
        assert answer.warning == "expiry.picking.confirmation"
        assert erp.lookup([asked.key]) == set()
        assert erp.post([msgspec.structs.replace(asked, approved=(answer.name,))]) == [Applied()]
        assert erp.lookup([asked.key]) == {asked.key}
    assert odoo.books.on_hand() == {"WH/Stock MILK L7": 4}


# ── places and settings ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_place_is_found_by_its_last_name_only_where_there_is_one(odoo: OdooFake) -> None:
    odoo.books.product("MUG")
    here, there = Slot(location="A-01"), Slot(location="A-01", status="expired")
    found = Adjusted(item="MUG", slot=here, change=4, reason="found", approver="ruth")
    with told_by(odoo) as erp:
        [missing] = erp.post(messages(StatusChanged(item="MUG", quantity=1, source=here, target=there, reason="old")))
        odoo.books.add("stock.location", complete_name="Virtual Locations/Inventory adjustment", usage="inventory")
        [exact] = erp.post(messages(found, first=2))
        odoo.books.add("stock.location", complete_name="Other/Scrap", usage="inventory")
        odoo.books.change("stock.location", odoo.books.places["Scrap"], complete_name="Virtual Locations/Scrap")
        gone = WrittenOff(item="MUG", slot=here, quantity=1, reason="broken", approver="ruth", asked_by="olga")
        [several] = erp.post(messages(gone, first=3))
    assert isinstance(missing, Rejected)
    assert missing.why == "Odoo has no location WH/Expired: make it there, or name another in the options."
    assert exact == Applied()
    assert isinstance(several, Rejected)
    assert several.why.startswith("Odoo has several locations Scrap: Virtual Locations/Scrap, Other/Scrap.")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"secret": ""}, "an API key of its user in Odoo"),
        ({"address": "odoo.example"}, "not an http address"),
        ({"options": {"broken": "X"}}, "options that mean nothing to it: broken"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(facts: dict[str, object], why: str) -> None:
    told: dict[str, object] = {"address": "https://odoo.example", "secret": "s", **facts}
    with pytest.raises(CannotStart, match=why):
        OdooConnector.of(ConnectorSettings(name="ERP", kind="odoo", **told))  # type: ignore[arg-type]
