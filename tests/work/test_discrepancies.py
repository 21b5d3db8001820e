"""Deciding on what came otherwise: by somebody else, within their limits, whole or in parts, and the ERP hears of each."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import clock
from app.errors import BadAmount
from app.schema.documents import po_line
from app.schema.items import item as items
from app.schema.stock import journal
from app.schema.work import discrepancy
from app.stock.events import DiscrepancySettled, decode
from app.stock.ledger import By
from app.stock.refusals import NotEnough
from app.work import discrepancies, discrepancies_settling
from app.work.discrepancies_settling import NothingHeld, OnHoldForIt, Outcome
from app.work.duties import SamePerson
from app.work.exceptions import AlreadyClosed
from app.work.limits import AboveLimit, NoPrice
from tests.workflows.inbound import lay_out, order, rule
from tests.world import Hand, World

CASES = select(discrepancy.c.id, discrepancy.c.kind, discrepancy.c.quantity, discrepancy.c.decided).order_by(
    discrepancy.c.id
)


@pytest.fixture
def world(build: Callable[[str], World]) -> World:
    world = lay_out(build(""))
    for item, cost in (("MUG", 5_00), ("SCANNER", 200_00)):
        world.change(items, items.c.code == item, standard_cost=cost)
    world.worker("ruth", roles="supervisor", device="HH-09")
    world.worker("ada", roles="admin", device="HH-10")
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    mara = world.worker("mara", roles="worker supervisor")
    mara.scan("STN/DOCK").tap("start:receiving")
    return mara


def settle(world: World, key: str, outcome: Outcome, who: str = "ruth", quantity: int = 0) -> str:
    return world.db.do(
        lambda tx: discrepancies_settling.settle(tx, key, outcome, "looked at it", By(worker=who), quantity=quantity)
    )


def cases(world: World) -> list[tuple[str, int, str]]:
    return [tuple(row[1:]) for row in world.rows(CASES)]


def test_goods_on_hold_are_decided_in_parts_by_somebody_else(world: World, mara: Hand) -> None:
    mara.scan("PO-1").tap("problem", "reason:damaged", "later").scan("#MUG").type("10").scan("LPN-0001")
    [(key, *_)] = world.rows(CASES)
    with pytest.raises(SamePerson):
        settle(world, key, "released", "mara")
    with pytest.raises(OnHoldForIt):
        settle(world, key, "accepted")
    with pytest.raises(BadAmount):
        settle(world, key, "released", quantity=11)
    assert settle(world, key, "released", quantity=6) == "Released: 6 × MUG; 4 still wait."
    assert settle(world, key, "written_off", quantity=3) == "Written off: 3 × MUG; 1 still wait."
    assert settle(world, key, "sent_back") == "Sent back: 1 × MUG."
    assert world.holds() == "DOCK-1 MUG 6 in LPN-0001"
    assert cases(world) == [("damaged", 1, "sent back: looked at it")]
    with pytest.raises(AlreadyClosed):
        settle(world, key, "released")
    told = [decode(bytes(row[0])) for row in world.rows(select(journal.c.body).order_by(journal.c.seq))][1:]
    assert [
        (e.outcome, e.decided_by, e.received_by, e.document) for e in told if isinstance(e, DiscrepancySettled)
    ] == [(outcome, "ruth", "mara", "po PO-1") for outcome in ("released", "written_off", "sent_back")]
    world.check()


def test_goods_are_found_where_they_went_and_serials_go_one_by_one(world: World, mara: Hand) -> None:
    order(world, "PO-3", SCANNER=3)
    mara.scan("PO-3").tap("problem", "reason:unlabelled", "later").scan("#SCANNER").type("2")
    mara.scan("S-1", "S-2", "LPN-0001")
    assert world.holds() == "DOCK-1 SCANNER 2 in LPN-0001 quarantine"
    mara.tap("menu").tap("start:putaway").scan("LPN-0001", "A-01-01")
    [(key, *_)] = world.rows(CASES)
    assert settle(world, key, "released") == "Released: 2 × SCANNER."
    assert " quarantine" not in world.holds()
    world.check()


def test_value_limits_hold_and_a_missing_price_is_no_way_round_them(world: World, mara: Hand) -> None:
    mara.tap("unplanned", "reason:no_po").scan("#MUG").type("2000").scan("LPN-0001")
    mara.tap("unplanned", "reason:no_po").scan("#TEE").type("1").scan("LPN-0002")
    (mugs, *_), (tees, *_) = world.rows(CASES)
    with pytest.raises(AboveLimit):
        settle(world, mugs, "written_off")
    with pytest.raises(AboveLimit):
        settle(world, mugs, "released")
    with pytest.raises(NoPrice):
        settle(world, tees, "released")
    assert "2000" in world.holds()
    assert settle(world, mugs, "released", "ada") == "Released: 2000 × MUG."
    assert settle(world, tees, "sent_back") == "Sent back: 1 × TEE.", "no value is lost by sending back"
    world.check()


def test_what_is_only_short_is_accepted_and_overdue_cases_go_up(world: World, mara: Hand) -> None:
    mara.scan("PO-2").tap("close", "confirm")
    [(key, kind, held, _)] = world.rows(CASES)
    assert (kind, held) == ("short", 0)
    with pytest.raises(NothingHeld):
        settle(world, key, "released")
    world.change(discrepancy, discrepancy.c.id == key, due=clock.now() - clock.DAY)
    assert world.db.do(discrepancies.escalate) == 1
    assert world.db.do(discrepancies.escalate) == 0
    assert world.rows(select(discrepancy.c.owner)) == [("admin",)]
    assert settle(world, key, "accepted") == "Accepted: HONEY."
    world.check()


def test_too_much_of_a_blind_receipt_is_held_at_its_close_plate_by_plate(world: World, mara: Hand) -> None:
    rule(world, supplier="ACME", blind=1)
    order(world, "PO-7", CAP=10)
    mara.scan("PO-7", "#CAP").type("8").scan("LPN-0001").scan("#CAP").type("5").scan("LPN-0002")
    assert mara.says == "5 each CAP on LPN LPN-0002"
    mara.tap("close", "confirm")
    assert mara.says == "PO PO-7 is closed."
    assert world.holds() == "DOCK-1 CAP 8 in LPN-0001\nDOCK-1 CAP 5 in LPN-0002 quarantine"
    [(key, kind, held, _)] = world.rows(CASES)
    assert (kind, held) == ("over", 5)
    world.change(po_line, po_line.c.po == "PO-7", state="closed")
    assert settle(world, key, "released", "ada", quantity=2) == "Released: 2 × CAP; 3 still wait."
    assert settle(world, key, "sent_back") == "Sent back: 3 × CAP."
    assert world.holds() == "DOCK-1 CAP 8 in LPN-0001\nDOCK-1 CAP 2 in LPN-0002"
    world.check()


def test_goods_that_are_no_longer_held_cannot_be_written_off_twice(world: World, mara: Hand) -> None:
    mara.scan("PO-1").tap("problem", "reason:damaged", "later").scan("#MUG").type("4").scan("LPN-0001")
    mara.tap("problem", "reason:no_lot").scan("#TEE").type("1").scan("LPN-0002")
    (mugs, *_), _tees = world.rows(CASES)
    world.change(discrepancy, discrepancy.c.id == mugs, quantity=9)
    with pytest.raises(NotEnough):
        settle(world, mugs, "written_off")
    assert "MUG 4 in LPN-0001 damaged" in world.holds()
