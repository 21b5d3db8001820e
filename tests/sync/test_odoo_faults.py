"""Whatever breaks between the floor and Odoo, each event has one effect there, and each refusal is told apart."""

import contextlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stock.events import Adjusted, StatusChanged
from app.stock.slots import Slot
from sync.connectors.base import Applied, Duplicate, TransportError
from sync.connectors.odoo.connector import OdooConnector
from sync.connectors.odoo.json2 import Json2
from sync.connectors.odoo.places import places_of
from sync.connectors.odoo.references import key_of
from sync.messages import Message
from tests.sync.odoo_fake import KEY, OdooFake, running_odoo
from tests.sync.odoo_stories import lines_of, messages, receipt, shipment, told_by


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


def test_goods_a_delivery_does_not_know_are_added_to_it_once_however_late_a_call_comes(odoo: OdooFake) -> None:
    mug, _ = odoo.books.product("MUG"), odoo.books.product("TEE")
    delivery = odoo.books.delivery((mug, 2))
    batch = messages(shipment(delivery["name"], ("TEE", 3, "1"), complete=False))
    with told_by(odoo) as erp:
        assert erp.post(batch) == [Applied()]
        odoo.hear_again()
        assert erp.post(batch) == [Duplicate()]
    assert odoo.books.on_hand() == {"WH/Stock TEE": -3}
    [open_] = odoo.books.search("stock.picking", [["state", "=", "assigned"]])
    assert len(lines_of(odoo, open_)) == 1, "the mugs are still to come"


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


def test_odoo_takes_too_long_and_is_away_but_nothing_is_lost(odoo: OdooFake) -> None:
    odoo.books.product("MUG")
    batch = messages(Adjusted(item="MUG", slot=Slot(location="A-01"), change=4, reason="found", approver="ruth"))
    impatient = OdooConnector("ERP", Json2(odoo.url, KEY, within_s=0.2), "WH", places_of("WH", {}))
    odoo.fail(late_s=0.3)
    with pytest.raises(TransportError, match=r"did not answer within 0\.2 s") as problem:
        impatient.post(batch)
    assert problem.value.unknown
    impatient.close()
    odoo.fail()
    with told_by(odoo) as erp:
        odoo.stop()
        with pytest.raises(TransportError):
            erp.post(batch)
        odoo.start()
        tell(erp, batch)
    assert odoo.books.on_hand() == {"WH/Stock MUG": 4}
