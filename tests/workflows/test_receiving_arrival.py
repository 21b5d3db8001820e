"""A truck comes to a door: what was expected, who brought it, what the house asks, and when it is empty."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import clock
from app.schema.inbound import arrival, asn
from app.schema.stock import journal
from app.schema.work import exception, reason_code
from app.work import arrivals_expected
from tests.workflows.inbound import announce, lay_out, order, sscc
from tests.world import Hand, World

DOORS = select(arrival.c.document, arrival.c.door, arrival.c.carrier, arrival.c.seal, arrival.c.state)


@pytest.fixture
def world(build: Callable[[str], World]) -> World:
    world = lay_out(build(""))
    world.location("DOCK-2", kind="dock")
    now = clock.now()
    announce(world, "A-1", {"sscc": sscc(1), "po": "PO-1", "item": "MUG", "quantity": 48},
             {"sscc": sscc(2), "po": "PO-1", "item": "TEE", "quantity": 20}, tracking="1Z 9", carrier="DHL Freight")  # fmt: skip
    world.change(asn, asn.c.code == "A-1", due=now - clock.HOUR, until=now - 40 * clock.MINUTE)
    world.change(reason_code, reason_code.c.code == "temperature", active=0)
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    mara = world.worker("mara")
    mara.tap("start:arrivals")
    return mara


def states(world: World, later: int = 0) -> dict[str, str]:
    now = clock.now() + later
    with world.db.reading() as tx:
        return {one.document: one.state(now) for one in arrivals_expected.deliveries(tx, now=now)}


@pytest.mark.parametrize("first", ["A-1", "1Z 9", sscc(2)])
def test_a_truck_is_checked_in_at_its_door_unloaded_and_gone(world: World, mara: Hand, first: str) -> None:
    assert states(world) == {"asn A-1": "late"}
    assert states(world, 2 * clock.DAY) == {"asn A-1": "no-show"}
    mara.scan(first)
    assert (mara.asks, mara.prompt.subject) == ("Scan the door", "ACME")
    mara.scan("A-01-01")
    assert (mara.refusal, mara.says) == ("no_door", "A-01-01 is a bin, trucks stand at docks.")
    mara.scan("DOCK-2").tap("announced").type("SEAL-77")
    assert mara.asks == "Is the seal whole?"
    mara.tap("yes", "yes")
    assert mara.says == "ASN A-1 is at DOCK-2, 40 min late."
    assert world.rows(DOORS) == [("asn A-1", "DOCK-2", "DHL Freight", "SEAL-77", "at_door")]
    assert states(world) == {"asn A-1": "at door"}
    mara.scan(sscc(1))
    assert world.holds() == f"DOCK-2 MUG 48 in {sscc(1)}"
    mara.tap("menu", "start:arrivals").scan("A-1")
    assert (mara.asks, mara.prompt.progress, states(world)) == ("Unload it", (1, 2), {"asn A-1": "unloading"})
    mara.tap("unload").scan(sscc(2)).tap("close", "confirm")
    assert world.rows(DOORS)[0][4] == "unloaded", "closing the delivery empties its truck"
    kinds = [row[0] for row in world.rows(select(journal.c.kind).order_by(journal.c.seq))]
    assert (kinds[0], kinds[-1]) == ("truck_arrived", "truck_unloaded")
    assert states(world) == {"asn A-1": "unloaded"}
    with world.db.reading() as tx:
        [acme] = arrivals_expected.punctuality(tx, now=clock.now())
    assert (acme.supplier, acme.came, acme.on_time, acme.in_full, acme.both) == ("ACME", 1, 0, 1, 0)
    world.check()


def test_a_taken_door_is_refused_and_a_doubt_goes_to_a_supervisor(world: World, mara: Hand) -> None:
    mara.scan("PO-2", "DOCK-2").type("x" * 41)
    assert mara.refusal == "malformed"
    mara.tap("none", "none", "yes", "no")
    assert mara.says == "PO PO-2 is at DOCK-2; a supervisor is told."
    assert world.rows(select(exception.c.code, exception.c.sentence, exception.c.document)) == [
        ("arrival_audit", "PO PO-2 at DOCK-2: Is the load whole and dry? No.", "po PO-2")
    ]
    kim = world.worker("kim", device="HH-02")
    kim.tap("start:arrivals").scan("A-1", "DOCK-2")
    assert (kim.refusal, kim.says) == ("door_taken", "PO PO-2 stands at DOCK-2.")
    mara.tap("empty")
    assert mara.says == "PO PO-2 is unloaded, DOCK-2 is free."
    mara.tap("undo")
    kim.scan("DOCK-2")
    assert kim.refusal == "door_taken", "taken back, the truck stands there again"
    kim.scan("DOCK-1")
    assert kim.asks == "Type the carrier"


def test_a_question_may_want_a_number_and_one_outside_its_limits_is_a_doubt(world: World, mara: Hand) -> None:
    world.change(
        reason_code, reason_code.c.code == "load", words="Temperature of the load?", low=-20, high=-15, unit="°C"
    )
    mara.scan("PO-2", "DOCK-2").tap("none", "none", "yes")
    assert (mara.asks, mara.prompt.ask, mara.prompt.unit) == ("Temperature of the load?", "measure", "°C")
    assert mara.prompt.hint == "good is -20 to -15 °C"
    mara.tap("yes")
    assert mara.refusal == "bad_measure"
    mara.type("warm")
    assert (mara.refusal, mara.says) == ("bad_measure", "warm is no measurement: type it like 4.5 or -18")
    mara.type("-12,5")
    assert mara.says == "PO PO-2 is at DOCK-2; a supervisor is told."
    assert [row[0] for row in world.rows(select(exception.c.sentence))] == [
        "PO PO-2 at DOCK-2: Temperature of the load? -12.5 °C."
    ]
    mara.tap("next").scan("A-1", "DOCK-1").tap("none", "none", "yes").type("-18")
    assert mara.asks == "Unload it"
    assert len(world.rows(select(exception.c.id))) == 1
    world.check()


def test_what_is_over_or_unknown_does_not_arrive(world: World, mara: Hand) -> None:
    order(world, "PO-9", state="closed", MUG=1)
    mara.scan("PO-9")
    assert mara.refusal == "po_closed"
    mara.scan(sscc(99))
    assert mara.refusal == "not_announced"
    assert world.rows(DOORS) == []
