"""Goods sent from one site to another: on the trolley, in transit, arrived; short and over; and never promised on the way."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.desk import corrections as desk
from app.errors import Refusal
from app.schema.items import item
from app.schema.places import location
from app.schema.stock import journal, lpn
from app.schema.storage import adjustment, transfer, transfer_line
from app.schema.work import exception
from app.stock import ledger
from app.stock.events import Allocated
from app.stock.slots import TRANSIT, Claim, Slot
from app.work import transfers
from tests.world import BY, Hand, World

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    """MAIN has mugs, honey on a pallet and a phone; SOUTH, in the same house, has a dock."""
    world = build("A-01 MUG 20\nA-02 HONEY 6 lot=L1\nR-01 HONEY 48 lpn=LPN-7 lot=L2\nA-03 PHONE 2 serials=S1,S2")
    world.change(location, location.c.code == "R-01", kind="reserve")
    world.location("DOOR-1", kind="dock")
    world.add(location, code="S-DOCK", site="SOUTH", kind="dock")
    world.add(location, code="S-01", site="SOUTH", kind="bin")
    world.change(item, item.c.code == "MUG", standard_cost=300)
    asked = [("MUG", 8), ("HONEY", 54), ("PHONE", 1)]
    world.db.do(lambda tx: transfers.order(tx, "MAIN", "SOUTH", asked, worker="ruth"))
    return world


@pytest.fixture
def code(world: World) -> str:
    return str(world.rows(select(transfer.c.code))[0][0])


def counted(world: World) -> list[tuple[int, ...]]:
    columns = (transfer_line.c.quantity, transfer_line.c.shipped, transfer_line.c.received)
    return [tuple(row) for row in world.rows(select(*columns).order_by(transfer_line.c.line))]


def sent(world: World, code: str) -> Hand:
    """Mara has sent all of it."""
    mara = world.worker("mara").scan(code)
    mara.scan("A-01", "#MUG").type("7")
    mara.scan("LPN-7", "A-02").tap("all").scan("A-03", "S2", "DOOR-1")
    return mara


def test_it_is_taken_sent_and_in_transit_nobody_can_promise_it(world: World, code: str) -> None:
    mara = world.worker("mara").scan(code)
    assert (mara.asks, mara.prompt.subject) == ("Scan LPN or place", "to SOUTH")
    assert next((r.left, r.name, r.detail) for r in mara.prompt.rows) == ("8", "MUG", "at A-01")
    mara.scan("DOOR-1")
    assert mara.refusal == "nothing_carried"
    mara.scan("A-01")
    assert mara.prompt.quantity == 8
    mara.type("9")
    assert (mara.refusal, mara.says) == ("more_than_wanted", f"Transfer {code} wants 8 more × MUG; that would be 9.")
    mara.scan("#MUG", "#MUG").type("6")
    assert mara.asks == "Scan dock, or take more"
    mara.scan("LPN-7", "A-02").tap("all")
    mara.scan("A-03", "S2", "DOOR-1")
    assert mara.says == "63 on the way to SOUTH. That is all of it."
    assert f"{TRANSIT} HONEY 48 in LPN-7 lot L2 in_transit" in world.holds()
    assert f"{TRANSIT} MUG 8 in_transit" in world.holds()
    claim = Claim(line="1/1", item="MUG", quantity=1, slot=Slot(location=TRANSIT, status="in_transit"))
    with pytest.raises(Refusal):
        world.db.do(lambda tx: ledger.post(tx, Allocated(order="1", claimed=(claim,)), BY))
    assert counted(world) == [(8, 8, 0), (54, 54, 0), (1, 1, 0)]
    world.check()


def test_stopped_pieces_stay_and_the_good_ones_beside_them_go(world: World, code: str) -> None:
    world.stock("A-01 MUG 3 status=quarantine")
    mara = world.worker("mara").scan(code, "A-01").type("8")
    assert (mara.refusal, mara.asks) == ("", "Scan dock, or take more")
    assert "A-01 MUG 12\nA-01 MUG 3 quarantine" in world.holds()
    world.check()


def test_it_arrives_by_lpn_and_by_item_and_closes_itself_when_complete(world: World, code: str) -> None:
    sent(world, code).scan(code)
    kim = world.worker("kim", device="HH-02").scan("LPN-7")
    kim.scan("LPN-7")
    assert kim.refusal == "where_first"
    kim.scan("DOOR-1")
    assert kim.refusal == "other_site"
    kim.scan("S-DOCK", "LPN-7")
    assert kim.says == "LPN-7 is here: 48 × HONEY."
    assert "S-DOCK HONEY 48 in LPN-7 lot L2" in world.holds()
    kim.scan("#MUG").type("7")
    assert "S-DOCK MUG 8" in world.holds()
    kim.tap("undo")
    assert "S-DOCK MUG 1" in world.holds()
    kim.type("7").scan("#HONEY").type("5").scan("#PHONE", "S2")
    assert kim.says == f"Transfer {code} is complete."
    assert world.rows(select(transfer.c.state)) == [("closed",)]
    assert TRANSIT not in world.holds()
    kinds = [row[0] for row in world.rows(select(journal.c.kind).order_by(journal.c.seq))]
    assert kinds[-1] == "transfer_closed"
    world.check()


def test_short_and_over_are_written_down_and_the_lost_is_written_off_by_somebody_else(world: World, code: str) -> None:
    sent(world, code)
    world.worker("ruth", "supervisor", device="HH-09")
    kim = world.worker("kim", device="HH-02").scan(code).scan("S-DOCK", "LPN-7", "#MUG").type("4")
    kim.scan("#PHONE", "S2", "#HONEY").type("6")
    assert (kim.refusal, kim.says) == ("more_than_shipped", "1 × HONEY more than MAIN shipped.")
    kim.type("6").tap("close")
    assert (kim.refusal, kim.says) == ("not_all_here", f"3 of transfer {code} have not arrived.")
    kim.tap("close")
    assert kim.says == f"Transfer {code} is closed: 3 missing, 1 over."
    raised = world.rows(select(exception.c.code, exception.c.item).order_by(exception.c.code))
    assert raised == [("transfer_over", "HONEY"), ("transfer_short", "MUG")]
    assert f"{TRANSIT} MUG 3 in_transit" in world.holds(), "lost is not lost before somebody says so"
    [[key, by]] = world.rows(select(adjustment.c.id, adjustment.c.asked_by).where(adjustment.c.state == "waiting"))
    assert by == "kim"
    told = world.db.do(lambda tx: desk.approve(tx, key, who="ruth", device="D"))
    assert told == f"Posted: 3 × MUG written off at {TRANSIT}."
    assert TRANSIT not in world.holds()
    world.check()


def test_an_lpn_sent_or_received_by_mistake_is_taken_back_with_its_label(world: World) -> None:
    one = world.db.do(lambda tx: transfers.order(tx, "MAIN", "SOUTH", [("HONEY", 60)], worker="ruth"))
    mara = world.worker("mara").scan(one.code, "LPN-7", "DOOR-1")
    assert mara.says == "48 on the way to SOUTH. 12 to go."
    plates = select(lpn.c.location, lpn.c.state).where(lpn.c.code == "LPN-7")
    assert world.rows(plates) == [(TRANSIT, "open")]
    mara.tap("undo")
    assert world.rows(plates) == [("@mara", "open")]
    mara.scan("DOOR-1")
    kim = world.worker("kim", device="HH-02").scan("LPN-7", "S-DOCK", "LPN-7")
    assert world.rows(plates) == [("S-DOCK", "open")]
    kim.tap("close")
    assert (kim.refusal, kim.says) == ("still_sending", f"12 of transfer {one.code} are still to be sent from MAIN.")
    kim.tap("undo")
    assert world.rows(plates) == [(TRANSIT, "open")]
    assert f"{TRANSIT} HONEY 48 in LPN-7 lot L2 in_transit" in world.holds()
    world.check()


def test_a_supervisor_orders_one_on_the_floor(world: World) -> None:
    mara = world.worker("mara").tap("start:transferring", "new")
    assert mara.refusal == "forbidden"
    ruth = world.worker("ruth", "worker supervisor", device="HH-03").tap("start:transferring", "new", "site:SOUTH")
    ruth.scan("#MUG", "#MUG").type("7").scan("#HONEY").tap("order")
    assert ruth.prompt.hint == "to SOUTH"
    [code] = [row[0] for row in world.rows(select(transfer.c.code).order_by(transfer.c.code.desc()).limit(1))]
    assert ruth.says == f"Transfer {code} to SOUTH is ordered."
    wanted = select(transfer_line.c.item, transfer_line.c.quantity).where(transfer_line.c.transfer == code)
    assert sorted(world.rows(wanted)) == [("HONEY", 1), ("MUG", 7)]
    world.check()


def test_what_is_not_on_it_or_on_hold_does_not_go(world: World, code: str) -> None:
    world.stock("A-04 TEE 5")
    mara = world.worker("mara").scan(code).scan("A-04")
    assert mara.refusal == "nothing_there"
    world.stock("R-02 TEE 5 lpn=LPN-9")
    mara.scan("LPN-9")
    assert (mara.refusal, mara.says) == ("not_on_transfer", f"TEE is not on transfer {code}.")
    world.stock("R-03 MUG 2 lpn=LPN-10 status=quarantine")
    mara.scan("LPN-10")
    assert mara.refusal == "on_hold"
    mara.scan("TR-UNKNOWN")
    assert mara.refusal == "unknown"
    world.check()
