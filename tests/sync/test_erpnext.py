"""The floor and a fake ERPNext that keeps books: what is ordered there happens here, and what happens is there once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from app import clock
from app.config import ConnectorSettings
from app.errors import CannotStart
from app.schema.documents import order_line, purchase_order, sales_order
from app.schema.sync import inbox
from app.stock.events import Adjusted, AnyEvent, Received, ReturnClosed, ReturnReceived, Shipped, StatusChanged, Undone
from app.stock.slots import CUSTOMER, Movement, Slot, Status
from sync import inbound
from sync.connectors.base import Applied, Duplicate, Held, NeedsApproval, Rejected, TransportError
from sync.connectors.build import connect
from sync.connectors.erpnext import ErpNextConnector
from sync.connectors.erpnext.pull import LOOK_BACK_DAYS
from sync.connectors.erpnext.rest import Rest
from sync.connectors.erpnext.troubles import Refused
from sync.messages import Identity, Message, as_message
from tests.sync.erp_floor import floor_beside
from tests.sync.erpnext_books import BEGAN
from tests.sync.erpnext_company import expect_return, item, items, lines, purchase, sale
from tests.sync.erpnext_fake import STORES, TOKEN, Fake, running_fake
from tests.sync.test_messages import entry
from tests.sync.tryton_circle import counted, lay_out, packed_and_shipped, picked, received, returned


@pytest.fixture
def fake() -> Iterator[Fake]:
    with running_fake() as running:
        items(running)
        yield running


@pytest.fixture
def erp(fake: Fake) -> Iterator[ErpNextConnector]:
    connector = fake.connector()
    yield connector
    connector.close()


def told(event: AnyEvent, seq: int = 1, *approved: str) -> Message:
    message = as_message(entry(event, seq, worker="mara"), Identity(site="MAIN"))
    return msgspec.structs.replace(message, approved=approved)


def came(po: dict[str, Any], quantity: int, at: int = 0, *, status: Status = "available", **facts: Any) -> Received:
    line, lot = po["items"][at], facts.pop("lot", "")
    target = Slot(location="DOCK-1", lot=lot, status=status)
    return Received(po=po["name"], line=line["name"], item=line["item_code"], quantity=quantity, target=target, **facts)


def left(order: dict[str, Any], quantity: int, *, lot: str = "", complete: bool = True, name: str = "") -> Shipped:
    line, number = order["items"][0], name or order["name"]
    here = Slot(location="A-01", lot=lot)
    gone = Movement(
        item=line["item_code"],
        quantity=quantity,
        source=here,
        target=here.at(CUSTOMER),
        line=f"{number}/{line['name']}",
    )
    return Shipped(order=number, load="L-1", cartons=("C1",), contents=(gone,), complete=complete, tracking=("1Z9",))


def stock(erp: ErpNextConnector) -> dict[str, int]:
    return {f"{one.item} {one.lot} {one.status}".replace("  ", " "): one.quantity for one in erp.snapshot(0)}


def test_what_is_ordered_in_erpnext_happens_here_and_its_books_end_equal(fake: Fake, tmp_path: Path) -> None:
    """A purchase comes in short and with a broken piece, an order goes out short, a bin is counted, a parcel comes back."""
    po = purchase(fake, ("P-0001", 12), ("P-0010", 6), ("P-0002", 5))
    order = sale(fake, ("P-0001", 4), ("P-0010", 2), ("P-0002", 3))
    with floor_beside(fake.settings(), tmp_path) as floor:
        assert floor.pull() == 14, "ten items, two partners, two orders"
        assert floor.pull() == 0, "nothing is news the second time"
        scale = lay_out(floor.world)

        received(floor, po["name"])
        floor.told()
        floor.check()
        bought = fake.books.get("Purchase Order", po["name"])
        assert [line["received_qty"] for line in bought["items"]] == [11, 6, 5]
        assert bought["status"] == "To Receive and Bill", "a short line stays open there"

        picked(floor, order["name"])
        packed_and_shipped(floor, order["name"], scale)
        counted(floor)
        floor.told()
        floor.check()
        [note] = fake.books.tables["Delivery Note"].values()
        rma = expect_return(fake, note, "P-0001", 1)
        floor.pull()
        returned(floor, rma["name"])
        floor.told()
        floor.check()

        rest = select(order_line.c.item, order_line.c.quantity).where(order_line.c.order_code == f"{order['name']}.B1")
        assert floor.world.rows(rest) == [("P-0002", 2)], "what was short is a new order here"
    assert rma["name"] not in fake.books.tables["Delivery Note"], "the draft has done its work"
    [back] = [row for row in fake.books.tables["Delivery Note"].values() if row.get("is_return")]
    assert (back["return_against"], back["items"][0]["qty"]) == (note["name"], -1)
    counts = [row for row in fake.books.tables["Stock Entry"].values() if "confirmed" in row["remarks"]]
    assert [row["stock_entry_type"] for row in counts] == ["Material Issue"]
    assert "Approved by ruth" in counts[0]["remarks"]


# ── papers ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_lot_begins_with_its_expiry_and_leaves_with_its_name(fake: Fake, erp: ErpNextConnector) -> None:
    po, order = purchase(fake, ("P-0010", 6)), sale(fake, ("P-0010", 2))
    assert erp.post([told(came(po, 6, lot="L7", expiry="2027-05-01"))]) == [Applied()]
    assert fake.books.get("Batch", "L7")["expiry_date"] == "2027-05-01"
    assert erp.post([told(left(order, 2, lot="L7"), 2)]) == [Applied()]
    assert stock(erp) == {"P-0010 L7 available": 4}
    [note] = fake.books.tables["Delivery Note"].values()
    assert (note["lr_no"], note["pickface_key"], note["status"]) == ("1Z9", "MAIN.1.2", "Completed")
    assert fake.books.get("Sales Order", order["name"])["status"] == "To Bill"


def test_serials_are_named_one_a_line(fake: Fake, erp: ErpNextConnector) -> None:
    item(fake, "SAW", has_serial_no=1)
    po = purchase(fake, ("SAW", 2))
    assert erp.post([told(came(po, 2, serials=("S1", "S2")))]) == [Applied()]
    assert fake.books.serials == {("SAW", "S1"): STORES, ("SAW", "S2"): STORES}
    [paper] = fake.books.tables["Purchase Receipt"].values()
    assert paper["items"][0]["serial_no"] == "S1\nS2"


def test_a_change_of_status_is_a_transfer_and_what_is_found_a_receipt(fake: Fake, erp: ErpNextConnector) -> None:
    po, here = purchase(fake, ("P-0001", 5)), Slot(location="A-01")
    held = Slot(location="A-01", status="quarantine")
    found = Adjusted(item="P-0001", slot=here, change=2, reason="found", approver="ruth")
    events: list[AnyEvent] = [
        came(po, 5),
        StatusChanged(item="P-0001", quantity=3, source=here, target=held, reason="wet"),
        found,
    ]
    assert erp.post([told(event, seq) for seq, event in enumerate(events, 1)]) == [Applied()] * 3
    assert stock(erp) == {"P-0001 available": 4, "P-0001 quarantine": 3}
    kinds = [row["stock_entry_type"] for row in fake.books.tables["Stock Entry"].values()]
    assert kinds == ["Material Transfer", "Material Receipt"]


def test_a_step_taken_back_cancels_its_paper_and_opens_the_order_again(fake: Fake, erp: ErpNextConnector) -> None:
    po = purchase(fake, ("P-0001", 5))
    receipt = came(po, 5)
    undo = Undone(seq=1, kind="received", lane=receipt.document, moved=tuple(one.back() for one in receipt.movements()))
    assert erp.post([told(receipt), told(undo, 2)]) == [Applied(), Applied()]
    assert stock(erp) == {}
    assert fake.books.get("Purchase Order", po["name"])["items"][0]["received_qty"] == 0
    assert erp.lookup(["MAIN.1.1", "MAIN.1.2", "MAIN.1.3"]) == {"MAIN.1.1", "MAIN.1.2"}
    assert erp.post([told(undo, 2)]) == [Duplicate()]


def test_a_return_against_its_draft_and_what_the_draft_does_not_name(fake: Fake, erp: ErpNextConnector) -> None:
    po, order = purchase(fake, ("P-0001", 5)), sale(fake, ("P-0001", 2))
    erp.post([told(came(po, 5)), told(left(order, 2), 2)])
    rma = expect_return(fake, next(iter(fake.books.tables["Delivery Note"].values())), "P-0001", 1)
    shelf = Slot(location="RET-1", status="returned")
    line = rma["items"][0]["name"]
    piece = ReturnReceived(rma=rma["name"], rma_line=line, piece="R-1/1", item="P-0001", quantity=1, target=shelf)
    odd = ReturnReceived(rma=rma["name"], piece="R-1/2", item="P-0003", quantity=1, target=shelf, flags=("not_on_rma",))
    batch = [told(piece, 3), told(odd, 4), told(ReturnClosed(parcel="R-1", rma=rma["name"], complete=True), 5)]
    assert erp.post(batch) == [Applied()] * 3
    assert stock(erp) == {"P-0001 available": 3, "P-0001 returned": 1, "P-0003 returned": 1}
    assert erp.post(batch) == [Duplicate(), Duplicate(), Applied()], "the draft is gone, the papers are not"


def test_pieces_that_make_no_whole_dozen_are_refused_with_words(fake: Fake, erp: ErpNextConnector) -> None:
    dozens = [{**lines(("P-0001", 2))[0], "uom": "Dozen", "conversion_factor": 12}]
    po = purchase(fake, items=dozens)
    [broken] = erp.post([told(came(po, 5))])
    assert isinstance(broken, Rejected)
    assert broken.why.startswith("5 × P-0001 make no whole number of Dozen (12 each)")
    assert erp.post([told(came(po, 24), 2)]) == [Applied()]
    assert stock(erp) == {"P-0001 available": 24}


# ── no ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_more_than_ordered_waits_for_a_person_and_is_then_taken_beside_the_order(
    fake: Fake, erp: ErpNextConnector
) -> None:
    po = purchase(fake, ("P-0001", 4))
    receipt = came(po, 6)
    [asked, held] = erp.post([told(receipt), told(came(po, 1), 2)])
    assert isinstance(asked, NeedsApproval)
    assert asked.why.startswith("This document is over limit by 2 for item P-0001 .")
    assert held == Held()
    assert stock(erp) == {}, "a refused paper is rolled back whole"
    assert erp.post([told(receipt, 1, asked.name)]) == [Applied()]
    [paper] = fake.books.tables["Purchase Receipt"].values()
    assert [(row["qty"], bool(row.get("purchase_order"))) for row in paper["items"]] == [(4, True), (2, False)]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Received(po="PO-0", line="1", item="P-0001", quantity=1, target=Slot(location="D")), "PO-0 not found"),
        (
            Adjusted(item="P-0001", slot=Slot(location="A-01"), change=-1, reason="gone", approver="ruth"),
            "1 units of Item P-0001 needed",
        ),
        (
            Adjusted(item="GHOST", slot=Slot(location="A-01"), change=1, reason="found", approver="ruth"),
            "Item GHOST not found",
        ),
    ],
)
def test_a_refusal_is_erpnexts_own_words(erp: ErpNextConnector, event: AnyEvent, why: str) -> None:
    [answer] = erp.post([told(event)])
    assert isinstance(answer, Rejected)
    assert why in answer.why
    assert erp.lookup(["MAIN.1.1"]) == set()


def test_not_unique_is_a_duplicate_only_where_our_key_is_found(fake: Fake, erp: ErpNextConnector) -> None:
    po = purchase(fake, ("P-0001", 5))
    assert erp.post([told(came(po, 2))]) == [Applied()]
    assert erp.post([told(came(po, 2)), told(came(po, 3), 2)]) == [Duplicate(), Applied()]
    theirs = {"dt": "Purchase Receipt", "fieldname": "remarks", "label": "R", "fieldtype": "Data", "unique": 1}
    fake.books.insert("Custom Field", theirs)
    for row in fake.books.tables["Purchase Receipt"].values():
        row["remarks"] = f"MAIN.1.3 mara: {came(po, 1).in_words()}."
    again = erp.post([told(came(po, 1), 3)])
    assert isinstance(again[0], Rejected)
    assert again[0].why == "remarks must be unique"


# ── the wire ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fault", [{"dies_after": True}, {"half": True}, {"late_s": 0.6}, {"html": True}])
def test_an_answer_that_did_not_come_is_looked_up_and_nothing_is_there_twice(fake: Fake, fault: dict[str, Any]) -> None:
    po = purchase(fake, ("P-0001", 10))
    erp = ErpNextConnector("ERP", Rest(fake.address, TOKEN, within_s=0.3), fake.settings().options)
    erp.lookup([])  # the custom fields are made
    fake.fail(**fault)
    with pytest.raises(TransportError) as problem:
        erp.post([told(came(po, 5))])
    assert problem.value.unknown
    fake.fail()
    assert erp.lookup(["MAIN.1.1"]) == {"MAIN.1.1"}
    assert erp.post([told(came(po, 5))]) == [Duplicate()]
    assert stock(erp) == {"P-0001 available": 5}


@pytest.mark.parametrize(
    ("fault", "permanent", "unknown", "about_batch"),
    [
        ({"status": 401, "kind": "AuthenticationError"}, True, False, False),
        ({"status": 403, "kind": "PermissionError"}, True, False, False),
        ({"status": 404, "html": True}, True, False, False),
        ({"status": 417, "kind": "TimestampMismatchError"}, False, True, False),
        ({"status": 429, "kind": "RateLimitExceededError", "retry_after": "7"}, False, False, False),
        ({"status": 500, "kind": "OperationalError"}, False, True, True),
        ({"status": 500, "kind": "QueryTimeoutError"}, False, True, False),
        ({"status": 503, "html": True}, False, True, False),
        ({"status": 508, "kind": "QueryDeadlockError"}, False, True, False),
    ],
)
def test_each_trouble_says_whether_waiting_helps(
    fake: Fake, erp: ErpNextConnector, fault: dict[str, Any], permanent: bool, unknown: bool, about_batch: bool
) -> None:
    po = purchase(fake, ("P-0001", 5))
    erp.lookup([])
    fake.fail(**fault, times=1)
    with pytest.raises(TransportError) as problem:
        erp.post([told(came(po, 5))])
    trouble = problem.value
    assert (trouble.permanent, trouble.unknown, trouble.about_batch) == (permanent, unknown, about_batch)
    assert trouble.retry_after_s == float(fault.get("retry_after", 0))
    assert erp.post([told(came(po, 5))]) == [Applied()], "it was not there, and is now"


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda rest: rest.insert("Delivery Nota", {}), "DoesNotExistError"),
        (lambda rest: rest.insert("Stock Entry", {"docstatus": 1}), "MandatoryError"),
        (lambda rest: rest.insert("Supplier", {"supplier_name": "X", "pickface_key": "1"}), "ValidationError"),
        (lambda rest: rest.rows("Item", [["colour", "=", "red"]], ["name"]), "DataError"),
        (lambda rest: rest.call("frappe.client.submit"), "DoesNotExistError"),
        (lambda rest: rest.change("Warehouse", STORES, {"colour": "red"}), "ValidationError"),
    ],
)
def test_the_fake_refuses_what_erpnext_does_not_know(fake: Fake, ask: Any, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(Rest(fake.address, TOKEN))
    assert refused.value.kind == kind


def test_a_wrong_token_is_said(fake: Fake) -> None:
    with pytest.raises(TransportError, match="Compare key and secret"):
        Rest(fake.address, "a:b").rows("Item", [], ["name"])


# ── set-up ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_key_fields_are_made_once_and_must_be_unique(fake: Fake, erp: ErpNextConnector) -> None:
    erp.lookup([])
    made = [
        f"{row['dt']} {row['fieldname']}" for row in fake.books.tables["Custom Field"].values() if row.get("unique")
    ]
    kinds = ("Purchase Receipt", "Delivery Note", "Stock Entry")
    assert made == [f"{kind} {field}" for kind in kinds for field in ("pickface_key", "pickface_undo")]
    fake.connector().lookup([])
    assert fake.calls.count("POST Custom Field") == 7
    fake.books.tables["Custom Field"]["Delivery Note-pickface_key"]["unique"] = 0
    with pytest.raises(TransportError, match="pickface_key of Delivery Note is not unique") as problem:
        fake.connector().post(
            [told(Adjusted(item="P-0001", slot=Slot(location="A-01"), change=1, reason="found", approver="ruth"))]
        )
    assert problem.value.permanent


def test_a_user_who_may_not_make_them_is_said(fake: Fake, erp: ErpNextConnector) -> None:
    fake.books.forbidden = {"Custom Field"}
    with pytest.raises(TransportError, match="may not do this") as problem:
        erp.lookup(["MAIN.1.1"])
    assert (problem.value.permanent, problem.value.unknown) == (True, False)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"secret": "key"}, "key:secret"),
        ({"options": {"available": STORES}}, "missing inspection, quarantine"),
        ({"damaged": STORES}, "for two statuses"),
        ({"broken": "X"}, "there is no broken"),
        ({"address": "erp.example"}, "not an http address"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(fake: Fake, facts: dict[str, Any], why: str) -> None:
    sound = msgspec.structs.asdict(fake.settings())
    options = facts.get("options") or sound["options"] | {k: v for k, v in facts.items() if k in ("damaged", "broken")}
    changed = {name: value for name, value in facts.items() if name in ("secret", "address")}
    with pytest.raises(CannotStart, match=why):
        connect(ConnectorSettings(**{**sound, **changed, "options": options}))


# ── pull ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def subjects(erp: ErpNextConnector, since: str = "") -> tuple[list[str], str]:
    pulled = erp.pull(since)
    told_of = [msgspec.json.decode(one) for one in pulled.events]
    return [f"{one['type']} {one['subject']}" for one in told_of], pulled.next


def test_no_record_is_lost_where_many_changed_at_the_same_moment(fake: Fake, erp: ErpNextConnector) -> None:
    fake.books.frozen = True
    for n in range(230):
        fake.books.tables["Supplier"][f"S-{n:03d}"] = {"name": f"S-{n:03d}", "supplier_name": "S"}
        fake.books.touch("Supplier", fake.books.tables["Supplier"][f"S-{n:03d}"])
    found, since = subjects(erp)
    assert [one for one in found if " S-" in one] == [f"party.upsert S-{n:03d}" for n in range(230)]
    fake.books.frozen = False
    item(fake, "LATE")
    assert "item.upsert LATE" in subjects(erp, since)[0]


def test_an_item_comes_with_its_barcodes_and_whole_packs(fake: Fake, erp: ErpNextConnector) -> None:
    units = [{"uom": "Nos", "conversion_factor": 1}, {"uom": "Box", "conversion_factor": 12}]
    units.append({"uom": "Kg", "conversion_factor": 2.5})
    codes = [{"barcode": code, "uom": uom} for code, uom in (("4006381333931", "Nos"), ("B12", "Box"), ("KG", "Kg"))]
    item(fake, "PEN", has_batch_no=1, has_expiry_date=1, valuation_rate=1.255, uoms=units, barcodes=codes)
    item(fake, "SERVICE", is_stock_item=0)
    told_of = {one["subject"]: one["data"] for one in map(msgspec.json.decode, erp.pull("").events)}
    assert "SERVICE" not in told_of
    pen = told_of["PEN"]
    assert pen["packs"] == [{"unit": "Box", "quantity": 12}]
    assert pen["barcodes"] == [{"code": "4006381333931"}, {"code": "B12", "unit": "Box"}]
    assert (pen["lot_tracked"], pen["expiry_tracked"], pen["standard_cost"]) == (True, True, 125)


def test_a_rest_is_a_new_order_and_a_partial_load_changes_nothing(fake: Fake, erp: ErpNextConnector) -> None:
    po, order = purchase(fake, ("P-0001", 20)), sale(fake, ("P-0001", 9))
    number = order["name"]
    found, since = subjects(erp)
    assert f"order.release {number}" in found
    erp.post([told(came(po, 20)), told(left(order, 3, complete=False), 2)])
    asked = {one["subject"]: one["data"] for one in map(msgspec.json.decode, erp.pull(since).events)}
    assert asked[number]["lines"][0]["quantity"] == 9, "the floor is still at it"
    erp.post([told(left(order, 4), 3)])
    asked = {one["subject"]: one["data"] for one in map(msgspec.json.decode, erp.pull(since).events)}
    assert number not in asked
    assert asked[f"{number}.B1"]["lines"][0]["quantity"] == 2
    assert erp.post([told(left(order, 2, name=f"{number}.B1"), 4)]) == [Applied()]
    assert fake.books.get("Sales Order", number)["status"] == "To Bill"


def test_what_ends_there_is_called_off_here_also_while_we_were_down(fake: Fake, erp: ErpNextConnector) -> None:
    old, po, order = purchase(fake, ("P-0001", 1)), purchase(fake, ("P-0002", 1)), sale(fake, ("P-0002", 1))
    fake.books.update("Purchase Order", old["name"], {"docstatus": 2})
    old["modified"] = (BEGAN - timedelta(days=100)).isoformat(" ", "microseconds")
    _, since = subjects(erp)
    fake.books.update("Purchase Order", po["name"], {"docstatus": 2})
    fake.books.update("Sales Order", order["name"], {"status": "Closed"})
    for known in (since, ""):
        found, _ = subjects(erp, known)
        assert f"purchase_order.cancel {po['name']}" in found
        assert f"order.cancel {order['name']}" in found
        assert f"purchase_order.cancel {old['name']}" not in found, "that ended long before us"


def test_the_floor_hears_what_ended_while_it_was_down_what_is_ordered_again_and_a_partner_once(
    fake: Fake, tmp_path: Path
) -> None:
    """A partner may be both supplier and customer, an order be closed and opened again, the house be closed for long."""
    po, order = purchase(fake, ("P-0001", 1)), sale(fake, ("P-0002", 1))
    fake.books.insert("Supplier", {"supplier_name": "NORD"})
    for row in (row for table in fake.books.tables.values() for row in table.values()):
        row["modified"] = days_ago(30)
    with floor_beside(fake.settings(), tmp_path) as floor:
        with clock.frozen(clock.now() - 30 * clock.DAY):
            assert floor.pull() == 15, "ten items, three partners, two orders"
            assert floor.pull() == 0, "NORD, who is both, is no news the second time"
        fake.books.update("Purchase Order", po["name"], {"docstatus": 2})
        po["modified"] = days_ago(LOOK_BACK_DAYS + 6)
        floor.restart()
        assert floor.pull() == 1, "nothing is asked for again, and what ended is heard"
        assert floor.world.rows(select(purchase_order.c.state)) == [("cancelled",)]

        hold = msgspec.json.encode({"reason": "unpaid"})
        floor.world.db.do(
            lambda tx: inbound.accept(tx, source="ERP", id="h", type="order.hold", subject=order["name"], body=hold)
        )
        assert floor.pull() == 0
        assert floor.world.rows(select(sales_order.c.state)) == [("held",)], "what was read before does not undo it"
        to_deliver = ("To Deliver and Bill", "pool")
        for status, becomes in (to_deliver, ("Closed", "cancelled"), to_deliver):
            fake.books.update("Sales Order", order["name"], {"status": status})
            assert floor.pull() == 1
            assert floor.world.rows(select(sales_order.c.state)) == [(becomes,)]
        assert floor.pull() == 0, "heard once"
        assert floor.world.rows(select(inbox.c.id).where(inbox.c.state == "dead")) == []


def days_ago(days: int) -> str:
    return (datetime.now() - timedelta(days=days)).isoformat(" ", "microseconds")


def test_an_order_says_to_whom_where_and_until_when(fake: Fake, erp: ErpNextConnector) -> None:
    order = sale(fake, ("P-0001", 2))
    [asked] = [one for one in map(msgspec.json.decode, erp.pull("").events) if one["type"] == "order.release"]
    assert asked["data"] == {
        "customer": "NORD",
        "name": "Nord AB",
        "address": "Kai 1 Hamburg",
        "promised": "2026-12-03T12:00:00Z",
        "lines": [{"line": order["items"][0]["name"], "item": "P-0001", "quantity": 2}],
    }


def test_an_answer_of_another_shape_is_not_believed(fake: Fake, erp: ErpNextConnector) -> None:
    fake.fail(says={"data": 5}, reads=True)
    with pytest.raises(TransportError, match="talks nonsense: Expected `array`"):
        erp.lookup(["MAIN.1.1"])
