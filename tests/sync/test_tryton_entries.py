"""What Tryton would hear of an event, without a Tryton: which document it touches, and which classes of place."""

from typing import Any

import pytest

from app.config import ConnectorSettings
from app.errors import CannotStart
from app.stock.events import Adjusted, AnyEvent, Moved, PickShort, Received, Shipped, StatusChanged, Undone
from app.stock.slots import CUSTOMER, Movement, Slot
from sync.connectors.entries import entry_of
from sync.connectors.tryton.connector import TrytonConnector
from sync.connectors.tryton.places import PLACES
from sync.connectors.tryton.serials import Serials
from sync.messages import Identity, as_message
from tests.sync.test_messages import entry

HERE = Slot(location="A-01", lot="L1")


def told(event: AnyEvent, **places: str) -> dict[str, Any] | None:
    return entry_of(as_message(entry(event), Identity(site="MAIN")), {**PLACES, **places})


def gone(quantity: int, serial: str = "", line: str = "SO-1/31") -> Movement:
    return Movement(
        item="KETTLE", quantity=quantity, source=HERE, target=HERE.at(CUSTOMER), serial=serial, line=line
    )  # fmt: skip


def unlotted(serial: str) -> Movement:
    here = Slot(location="A-01")
    return Movement(item="KETTLE", quantity=1, source=here, target=here.at(CUSTOMER), serial=serial, line="SO-1/31")


def test_bin_to_bin_is_not_told_but_a_change_of_status_is() -> None:
    there = Movement(item="MUG", quantity=3, source=HERE, target=HERE.at("B-01"))
    assert told(Moved(contents=(there,))) is None
    held = Slot(location="A-01", lot="L1", status="quarantine")
    entry = told(StatusChanged(item="MUG", quantity=3, source=HERE, target=held, reason="wet"), quarantine="QUA")
    assert entry is not None
    assert (entry["effect"], entry["reason"]) == ("move", "wet")
    [move] = entry["moves"]
    assert (move["source"], move["target"], move["lot"], move["quantity"]) == ("STO", "QUA", "L1", 3)


def test_a_receipt_names_its_purchase_and_line_and_a_short_moves_nothing() -> None:
    entry = told(Received(po="PO-1", line="17", item="MUG", quantity=4, target=Slot(location="DOCK-1")))
    assert entry is not None
    assert (entry["effect"], entry["document"]) == ("receive", "po PO-1")
    [move] = entry["moves"]
    assert (move["po"], move["line"], move["source"], move["target"]) == ("PO-1", "17", "SUP", "STO")
    short = told(PickShort(line="SO-1/31", pick="p", item="MUG", missing=1, slot=HERE, reason="bin_empty"))
    assert short is not None
    assert short["effect"] == "note"


def test_serials_of_one_line_are_one_move_of_their_lot() -> None:
    cartons = (gone(1, "K1"), gone(1, "K2"), gone(1, "K3", line="SO-1/32"))
    entry = told(Shipped(order="SO-1", load="LD-1", cartons=("C1",), contents=cartons))
    assert entry is not None
    assert [(move["line"], move["quantity"], move["serials"]) for move in entry["moves"]] == [
        ("31", 2, ["K1", "K2"]),
        ("32", 1, ["K3"]),
    ]


def test_a_tryton_that_knows_each_piece_is_told_a_lot_for_each_serial() -> None:
    entry = told(
        Shipped(order="SO-1", load="LD-1", cartons=("C1",), contents=(unlotted("K1"), unlotted("K2"), gone(1, "K3")))
    )
    numbered = Serials("Serial numbers").told(entry)
    assert numbered is not None
    assert [(move["lot"], move["quantity"], move["serials"]) for move in numbered["moves"]] == [
        ("K1", 1, ["K1"]),
        ("K2", 1, ["K2"]),
        ("L1", 1, ["K3"]),
    ], "what has a lot keeps it"
    assert Serials("").told(entry) == entry


def test_an_undo_names_the_event_it_takes_back_and_an_adjustment_its_approver() -> None:
    back = Undone(seq=7, kind="received", lane="po PO-1", moved=(gone(2).back(),))
    entry = told(back)
    assert entry is not None
    assert (entry["effect"], entry["undoes"], entry["moves"][0]["source"]) == ("undo", "MAIN.1.7", "CUS")
    lost = told(Adjusted(item="MUG", slot=HERE, change=-2, reason="confirmed", approver="ruth"))
    assert lost is not None
    assert (lost["approver"], lost["moves"][0]["target"]) == ("ruth", "LOST")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"secret": ""}, "password"),
        ({"options": {"broken": "X"}}, "names no class of place with broken"),
        ({"options": {"inbox": "perhaps"}}, "inbox is yes or no, not perhaps"),
        ({"address": "tryton.example"}, "not an http address"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(facts: dict[str, Any], why: str) -> None:
    settings: dict[str, Any] = {"address": "http://floor@127.0.0.1:8000/erp", "secret": "s", **facts}
    with pytest.raises(CannotStart, match=why):
        TrytonConnector.of(ConnectorSettings(name="ERP", kind="tryton", **settings))
