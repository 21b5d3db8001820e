"""The floor and an Odoo: what happened here is in its books once, whatever broke on the way."""

import contextlib
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stock.events import Adjusted, AnyEvent, Moved, PickShort, ReturnReceived, StatusChanged, Undone, WrittenOff
from app.stock.slots import SUPPLIER, Movement, Slot
from sync.connectors.base import Applied, Duplicate, Held, NeedsApproval, OnHand, Rejected, TransportError
from sync.connectors.odoo.connector import OdooConnector
from sync.connectors.odoo.references import key_of
from sync.messages import Message
from tests.sync.odoo_fake import OdooFake, running_odoo
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


# ── what breaks on the way ───────────────────────────────────────────────────────────────────────────────────────────
def tell(erp: OdooConnector, batch: Sequence[Message]) -> None:
    """Offered until it is answered, as the follower does it: asked first, then only the rest."""
    for _ in range(MOST_TRIES):
        with contextlib.suppress(TransportError):
            known = erp.lookup([message.key for message in batch])
            erp.post([message for message in batch if message.key not in known])
            return
    raise AssertionError("never answered")


MOST_TRIES = 30
FAULTS = st.lists(st.sampled_from(["", "before", "after", "busy", "503", "429"]), max_size=12)


ORDER = st.lists(st.integers(0, 3), min_size=4, max_size=9)


@settings(max_examples=8, deadline=None)
@given(faults=FAULTS, order=ORDER)
def test_whatever_breaks_and_however_often_it_is_told_each_event_has_one_effect(
    faults: list[str], order: list[int]
) -> None:
    told_through(faults, order)


@pytest.mark.faults
@settings(max_examples=200, deadline=None)
@given(faults=FAULTS, order=ORDER)
def test_the_same_two_hundred_times(faults: list[str], order: list[int]) -> None:
    told_through(faults, order)


def told_through(faults: list[str], order: list[int]) -> None:
    """A receipt, a count, a shipment and a status, told in this order, with duplicates, while calls break like this."""
    with running_odoo() as odoo, told_by(odoo) as erp:
        books = odoo.books
        purchase = books.purchase((books.product("MUG"), 9))
        mug = books.search("product.product", [])[0]["id"]
        delivery = books.delivery((mug, 2))
        here = Slot(location="A-01")
        batch = messages(
                receipt(odoo, purchase, "MUG", 5),
                Adjusted(item="MUG", slot=here, change=-1, reason="lost", approver="ruth"),
                shipment(delivery["name"], ("MUG", 2, lines_of(odoo, delivery)[0])),
                StatusChanged(item="MUG", quantity=1, source=here, target=Slot(location="A-01", status="damaged"),
                              reason="wet"),
        )  # fmt: skip
        odoo.fail(writes=list(faults))
        for n in order:
            tell(erp, [batch[n]])
        tell(erp, batch)
        odoo.fail()
        odoo.hear_again()
        assert books.on_hand() == {"WH/Stock MUG": 1, "WH/Damaged MUG": 1}
        borne = [key_of(row["name"]) for row in books.tables["stock.picking"].values() if key_of(row["name"])]
        assert sorted(borne) == [message.key for message in batch], "no key is borne twice, not even by a draft"


def test_an_answer_that_came_too_late_is_looked_up_and_nothing_is_done_twice(odoo: OdooFake) -> None:
    odoo.books.product("MUG")
    batch = messages(Adjusted(item="MUG", slot=Slot(location="A-01"), change=4, reason="found", approver="ruth"))
    odoo.fail(writes=["", "after"])
    with told_by(odoo) as erp:
        with pytest.raises(TransportError) as problem:
            erp.post(batch)
        assert problem.value.unknown
        assert erp.lookup([batch[0].key, "MAIN_1.1.99"]) == {batch[0].key}
        assert erp.post(batch) == [Duplicate()]
    assert odoo.books.on_hand() == {"WH/Stock MUG": 4}


@pytest.mark.parametrize(
    ("fault", "permanent", "unknown", "about_batch", "why"),
    [
        ({"status": 401}, True, False, False, "the API key is not valid"),
        ({"forbidden": frozenset({"stock.picking"})}, True, False, False, "not allowed to access 'stock.picking'"),
        ({"status": 404}, True, False, False, "no Odoo 19 there"),
        ({"status": 418}, True, False, False, "not the address of an Odoo"),
        ({"status": 429}, False, True, False, "down or busy"),
        ({"status": 503}, False, True, False, "down or busy"),
        ({"writes": ["busy"]}, False, True, False, "others were writing the same"),
        ({"poison": frozenset({"MUG"})}, False, True, True, "it stumbled over stock.picking.button_validate"),
    ],
)
def test_each_refusal_is_told_apart(
    odoo: OdooFake, fault: dict[str, object], permanent: bool, unknown: bool, about_batch: bool, why: str
) -> None:
    odoo.books.product("MUG")
    odoo.fail(**fault)
    with told_by(odoo) as erp, pytest.raises(TransportError, match=why) as problem:
        erp.post(messages(Adjusted(item="MUG", slot=Slot(location="A"), change=1, reason="found", approver="r")))
    told = problem.value
    assert (told.permanent, told.unknown, told.about_batch) == (permanent, unknown, about_batch)
    assert odoo.books.on_hand() == {}
