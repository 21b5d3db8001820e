"""From the dock to the bin: proposals followed, overruled, refused, and taken back."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import schema
from app.schema.places import location
from app.schema.stock import journal, lpn
from app.schema.work import exception, task
from app.stock.events import PutAway
from app.stock.events import decode as decode_event
from tests.world import Hand, World

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    """Honey on an LPN at the dock, mugs loose; two pick faces, a few bins, a reserve."""
    world = build(
        """
        DOCK-1   HONEY 48 lpn=LPN-4417 lot=L1 expiry=2031-05-01
        DOCK-1   MUG   12
        B-07-01  HONEY 24 lot=L1
        """
    )
    world.location("B-09-01", sequence=10)
    world.location("B-09-02", sequence=11)
    world.location("R-01", kind="reserve", sequence=20)
    world.location("STAGE-2", kind="staging")
    place(world, "B-07-01", capacity_quantity=120)
    return world


def place(world: World, code: str, **facts: object) -> None:
    world.change(location, location.c.code == code, **facts)


@pytest.fixture
def mara(world: World) -> Hand:
    mara = world.worker("mara")
    return mara.tap("start:putaway")


def last_event(world: World) -> PutAway:
    bodies = world.rows(select(journal.c.body).where(journal.c.kind == "put_away").order_by(journal.c.seq))
    event = decode_event(bytes(bodies[-1][0]))
    assert isinstance(event, PutAway)
    return event


def states(world: World) -> list[str]:
    return [row[0] for row in world.rows(select(task.c.state).where(task.c.kind == "putaway").order_by(task.c.id))]


# ── the happy paths ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_two_scans_put_an_lpn_away_and_the_screen_says_why(world: World, mara: Hand) -> None:
    assert (mara.asks, mara.prompt.hint) == ("Scan LPN or item", "1 LPN, 1 loose")
    mara.scan("LPN-4417")
    assert (mara.asks, mara.prompt.place) == ("Scan bin", "B-07-01")
    assert mara.prompt.why_title == "Why this bin"
    assert mara.prompt.why[:2] == ("Same item and lot is here: 24", "Room for 96, you bring 48")
    assert mara.prompt.why[2].startswith("✕ ")
    mara.scan("B-07-01")
    assert mara.says == "48 × HONEY in B-07-01"
    assert world.holds() == "B-07-01 HONEY 72 lot L1\nDOCK-1 MUG 12"
    assert world.rows(select(lpn.c.state)) == [("gone",)], "a bin takes the goods out of the LPN"
    assert states(world) == ["done"]
    assert last_event(world).why == "Same item and lot is here: 24"
    world.check()


def test_a_reserve_keeps_the_lpn(world: World, mara: Hand) -> None:
    place(world, "B-07-01", blocked="wet")
    mara.scan("LPN-4417")
    assert mara.prompt.place == "R-01"
    assert "A reserve: the LPN stays whole" in mara.prompt.why
    assert mara.prompt.why[-1] == "✕ B-07-01: wet"
    mara.scan("R-01")
    assert mara.says == "48 × HONEY in R-01 on LPN-4417"
    assert "R-01 HONEY 48 in LPN-4417 lot L1" in world.holds()
    assert world.rows(select(lpn.c.state, lpn.c.location)) == [("open", "R-01")]
    mara.scan("LPN-4417")
    assert mara.refusal == "already_put_away"
    assert mara.says == "LPN LPN-4417 was put away: it is at R-01."
    world.check()


def test_next_takes_what_waits_longest_from_the_menu_too(world: World) -> None:
    kim = world.worker("kim")
    [tile] = [tile for tile in kim.prompt.choices if tile.value == "putaway"]
    assert tile.note == "1 LPN, 1 loose"
    assert kim.prompt.main is not None
    assert kim.prompt.main.label == "Next: put away LPN-4417"
    kim.tap("next:putaway")
    assert kim.prompt.place == "B-07-01"
    mara = world.worker("mara", device="HH-02").tap("start:putaway", "next")
    assert mara.prompt.item.code == "MUG", "what kim carries is not offered twice"
    kim.scan("B-07-01")
    mara.scan(mara.prompt.place).tap("next")
    assert mara.says == "Nothing waits to be put away."
    world.check()


def test_loose_goods_are_put_away_by_their_item_or_their_place(world: World, mara: Hand) -> None:
    mara.scan("#MUG")
    assert mara.prompt.place == "B-09-01"
    mara.scan("B-09-01")
    assert "B-09-01 MUG 12" in world.holds()
    world.item("CAP")
    world.stock("STAGE-2 CAP 3")
    mara.scan("STAGE-2")
    assert mara.prompt.item.code == "CAP"
    mara.scan("B-09-02")
    assert "B-09-02 CAP 3" in world.holds()
    world.check()


def test_of_several_lots_and_places_exactly_the_missing_one_is_asked(world: World, mara: Hand) -> None:
    for words in ("DOCK-1 TEA 5 lot=T1", "DOCK-1 TEA 6 lot=T2", "STAGE-2 TEA 7 lot=T1"):
        world.stock(words)
    mara.scan("#TEA")
    assert (mara.asks, len(mara.prompt.choices)) == ("Scan the place", 3)
    mara.scan("DOCK-1")
    assert mara.asks == "Scan or type the lot"
    mara.scan("nonsense")
    assert mara.refusal == "not_waiting"
    mara.scan("T2")
    assert mara.prompt.item.note == "6 each · lot T2"
    mara.tap("back").scan("#TEA").tap("load:2")
    assert mara.prompt.item.note == "7 each · lot T1"
    mara.tap("back").scan("DOCK-1")
    assert mara.refusal == "ambiguous", "a place stands for its only content"
    world.check()


def test_a_mixed_lpn_gets_one_proposal_per_item(world: World, mara: Hand) -> None:
    world.stock("STAGE-2 PEN 10 lpn=LPN-0009")
    world.stock("STAGE-2 CAP 5 lpn=LPN-0009")
    mara.scan("LPN-0009")
    assert (mara.prompt.item.code, mara.prompt.hint) == ("CAP", "more is on the LPN")
    first = mara.prompt.place
    mara.scan(first)
    assert mara.prompt.item.code == "PEN"
    assert world.rows(select(lpn.c.state).where(lpn.c.code == "LPN-0009")) == [("open",)]
    mara.scan("R-01", "R-01").tap("reason:better") if mara.prompt.place != "R-01" else mara.scan("R-01")
    assert "R-01 PEN 10 in LPN-0009" in world.holds(), "the last of it takes the LPN along"
    mara.tap("undo")
    assert "STAGE-2 PEN 10 in LPN-0009" in world.holds()
    world.check()


def test_what_does_not_all_fit_is_split_and_the_rest_gets_its_own_bin(world: World, mara: Hand) -> None:
    mara.scan("LPN-4417").tap("part").type("60")
    assert mara.refusal == "bad_amount"
    mara.type("40")
    assert (mara.prompt.place, mara.prompt.item.note) == ("B-07-01", "40 each · lot L1")
    mara.scan("B-07-01")
    assert mara.prompt.item.note == "8 each · lot L1"
    assert "DOCK-1 HONEY 8 in LPN-4417 lot L1" in world.holds()
    mara.scan("B-07-01")
    assert "B-07-01 HONEY 72 lot L1" in world.holds()
    world.check()


def test_serials_travel_along(world: World, mara: Hand) -> None:
    world.stock("STAGE-2 SCANNER 2 lpn=LPN-0009 serials=S1,S2")
    mara.scan("LPN-0009").tap("part").type("1")
    assert mara.refusal == "whole_only"
    mara.tap("back").scan(mara.prompt.place)
    serial = schema.stock.serial
    assert {row[0] for row in world.rows(select(serial.c.location))} == {last_event(world).target}
    world.check()


# ── another bin ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_another_bin_is_scanned_twice_and_needs_a_reason(world: World, mara: Hand) -> None:
    mara.scan("LPN-4417", "B-09-01")
    assert mara.refusal == "other_bin"
    assert mara.says == "Proposed B-07-01, scanned B-09-01: free, and it fits."
    mara.scan("B-09-02")
    assert mara.refusal == "other_bin", "another code starts the question anew"
    mara.scan("B-09-02")
    assert mara.asks == "Why not B-07-01?"
    mara.tap("reason:nonsense")
    assert mara.refusal == "unknown"
    mara.tap("reason:not_reached")
    assert "B-09-02 HONEY 48 lot L1" in world.holds()
    event = last_event(world)
    assert (event.target, event.instead_of, event.reason) == ("B-09-02", "B-07-01", "not_reached")
    world.check()


def test_the_proposal_scanned_after_a_warning_keeps_it(world: World, mara: Hand) -> None:
    mara.scan("LPN-4417", "B-09-01", "B-07-01")
    assert (last_event(world).target, last_event(world).reason) == ("B-07-01", "")
    world.check()


def test_other_bin_asks_why_and_proposes_the_next_best(world: World, mara: Hand) -> None:
    mara.scan("LPN-4417").tap("other", "reason:full")
    assert mara.prompt.place == "R-01"
    mara.scan("R-01")
    event = last_event(world)
    assert (event.target, event.instead_of, event.reason) == ("R-01", "B-07-01", "full")
    world.check()


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("facts", "code", "says"),
    [
        ({"capacity_quantity": 30}, "bin_full", "B-09-01 is full: room for 30, you bring 48."),
        ({"capacity_weight_g": 10_000}, "bin_full", "B-09-01 is full: it may carry 10.0 kg more, you bring 24.0 kg."),
        ({"capacity_volume_ml": 10_000}, "bin_full", "B-09-01 is full: 10.0 l free, you bring 48.0 l."),
        ({"blocked": "broken beam"}, "bin_blocked", "B-09-01 is blocked: broken beam."),
        ({"fixed_item": "MUG"}, "not_allowed_here", "HONEY may not go to B-09-01: it belongs to MUG."),
        ({"kind": "lane"}, "not_allowed_here", "HONEY may not go to B-09-01: it is a lane."),
    ],
)
def test_a_bin_that_may_not_take_it_refuses(
    world: World, mara: Hand, facts: dict[str, object], code: str, says: str
) -> None:
    item = schema.items.item
    world.change(item, item.c.code == "HONEY", weight_g=500, length_mm=100, width_mm=100, height_mm=100)
    place(world, "B-09-01", **facts)
    before = world.holds()
    mara.scan("LPN-4417", "B-09-01", "B-09-01")
    assert (mara.refusal, mara.says) == (code, says)
    assert world.holds() == before
    world.check()


def test_a_reserve_with_all_its_lpns_is_full(world: World, mara: Hand) -> None:
    world.stock("R-01 MUG 1 lpn=LPN-0001")
    place(world, "R-01", capacity_lpns=1)
    mara.scan("LPN-4417", "R-01")
    assert (mara.refusal, mara.says) == ("bin_full", "R-01 is full: 1 of 1 LPNs are in it.")
    world.check()


def test_mixing_rules_and_zones_are_kept(world: World, mara: Hand) -> None:
    world.stock("B-09-01 PEN 1")
    world.stock("B-09-02 HONEY 1 lot=L2")
    place(world, "B-09-01", mix="one_item")
    place(world, "B-09-02", mix="one_lot")
    mara.scan("LPN-4417", "B-09-01")
    assert mara.says == "B-09-01 takes one item: another item is in it."
    mara.scan("B-09-02")
    assert (mara.refusal, mara.says) == ("mix_rule", "B-09-02 takes one lot: another lot is in it.")
    item = schema.items.item
    world.change(item, item.c.code == "HONEY", zone="COLD")
    mara.scan("R-01")
    assert mara.says == "HONEY may not go to R-01: the item belongs to zone COLD, this is zone none."
    world.check()


def test_a_bin_being_counted_is_left_alone(world: World, mara: Hand) -> None:
    world.add(task, id="c1", kind="count", state="started", place="B-09-01")
    mara.scan("LPN-4417", "B-09-01")
    assert (mara.refusal, mara.says) == ("bin_blocked", "B-09-01 is blocked: it is being counted.")
    world.check()


def test_a_bin_somebody_was_faster_at_is_replaced_by_the_next_at_once(world: World, mara: Hand) -> None:
    mara.scan("LPN-4417")
    first = mara.prompt.place
    place(world, first, blocked="broken beam")
    mara.scan(first)
    assert (mara.refusal, mara.asks) == ("", "Scan bin")
    assert mara.prompt.place != first
    assert mara.says == f"{first} is blocked: broken beam. Now {mara.prompt.place}."
    mara.scan(mara.prompt.place)
    assert mara.asks == "Scan LPN or item"
    world.check()


def test_lpns_that_do_not_wait_are_refused(world: World, mara: Hand) -> None:
    mara.scan("LPN-9999")
    assert (mara.refusal, mara.says) == ("unknown_lpn", "Nobody received LPN LPN-9999.")
    world.add(lpn, code="LPN-0005", location="DOCK-1")
    mara.scan("LPN-0005")
    assert (mara.refusal, mara.says) == ("empty_lpn", "Nothing is on LPN LPN-0005.")
    world.add(lpn, code="C-001", kind="carton", location="DOCK-1")
    mara.scan("C-001")
    assert (mara.refusal, mara.says) == ("not_waiting", "C-001 does not wait to be put away: it is a carton.")
    world.location("LANE-1", kind="lane")
    world.stock("LANE-1 MUG 1 lpn=LPN-0006")
    mara.scan("LPN-0006")
    assert mara.says == "LPN LPN-0006 does not wait to be put away: it stands at LANE-1."
    world.add(lpn, code="LPN-0007", location="DOCK-1", parent="LPN-4417")
    mara.scan("LPN-4417")
    assert mara.refusal == "scan_one_lpn"
    mara.scan("#HONEY")
    assert mara.says == "HONEY does not wait to be put away: it stands on an LPN, LPN-4417: scan that."
    mara.scan("B-07-01")
    assert mara.refusal == "not_waiting"
    world.check()


def test_what_was_put_away_meanwhile_is_told(world: World, mara: Hand) -> None:
    mara.scan("LPN-4417")
    kim = world.worker("kim", device="HH-02").tap("start:putaway").scan("LPN-4417")
    assert kim.refusal == "running_elsewhere"
    kim.scan("LPN-4417", "B-07-01")
    mara.scan("B-07-01")
    assert (mara.refusal, mara.says) == ("already_put_away", "LPN LPN-4417 was put away: it is at B-07-01.")
    assert mara.prompt.item.note.startswith("0 each"), "the screen is still drawn"
    mara.tap("back").scan("LPN-4417")
    assert mara.refusal == "already_put_away"
    world.check()


def test_an_empty_bin_another_worker_walks_to_is_passed_over(world: World, mara: Hand) -> None:
    world.stock("STAGE-2 PEN 2")
    kim = world.worker("kim", device="HH-02").tap("start:putaway").scan("#PEN")
    mara.scan("#MUG")
    assert kim.prompt.place == "B-09-01"
    assert mara.prompt.place == "B-09-02"
    kim.tap("back")
    mara.tap("back").scan("#MUG")
    assert mara.prompt.place == "B-09-01", "given back, it is free again"
    world.check()


def test_where_no_bin_has_room_it_stays_and_a_supervisor_is_told_once(world: World, mara: Hand) -> None:
    for code in ("B-07-01", "B-09-01", "B-09-02", "R-01"):
        place(world, code, capacity_quantity=25)
    mara.scan("LPN-4417")
    assert mara.asks == "Leave it here"
    assert mara.says == "No bin has room for 48 × HONEY. Leave it at DOCK-1."
    mara.tap("back").scan("LPN-4417")
    found = world.rows(select(exception.c.code, exception.c.document, exception.c.owner, exception.c.item))
    assert found == [("no_destination", "lpn LPN-4417", "supervisor", "HONEY")]
    mara.scan("B-09-01")
    assert mara.refusal == "bin_full"
    mara.tap("part").type("20")
    assert mara.prompt.place == "B-09-01"
    place(world, "R-01", capacity_quantity=0)
    mara.scan("B-09-01")
    assert (mara.prompt.place, mara.prompt.item.note) == ("R-01", "28 each · lot L1")
    world.check()


def test_putaway_without_a_proposal_is_kept_as_overflow(world: World, mara: Hand) -> None:
    for code in ("B-07-01", "B-09-01", "B-09-02", "R-01"):
        place(world, code, capacity_quantity=25)
    mara.scan("LPN-4417")
    place(world, "R-01", capacity_quantity=0)
    mara.scan("R-01")
    assert (last_event(world).target, last_event(world).reason) == ("R-01", "overflow")
    world.check()


def test_undo_brings_the_goods_and_the_lpn_back(world: World, mara: Hand) -> None:
    before = world.holds()
    mara.scan("LPN-4417", "B-07-01").tap("undo")
    assert world.holds() == before
    assert world.rows(select(lpn.c.state, lpn.c.location)) == [("open", "DOCK-1")]
    assert (mara.asks, mara.prompt.place) == ("Scan bin", "B-07-01")
    mara.scan("B-07-01")
    assert "B-07-01 HONEY 72 lot L1" in world.holds()
    mara.tap("undo").tap("other", "reason:full").scan("R-01").tap("undo")
    assert world.holds() == before
    world.check()


def test_undo_is_too_late_once_the_goods_moved_on(world: World, mara: Hand) -> None:
    mara.scan("#MUG", "B-09-01")
    from app.stock import ledger
    from app.stock.events import Moved
    from app.stock.slots import Movement, Slot

    here, there = Slot(location="B-09-01"), Slot(location="B-09-02")
    moved = Moved(contents=(Movement(item="MUG", quantity=2, source=here, target=there),))
    world.db.do(lambda tx: ledger.post(tx, moved, ledger.By(worker="kim")))
    mara.tap("undo")
    assert mara.refusal == "undo_too_late"
    assert "B-09-01 MUG 10\nB-09-02 MUG 2" in world.holds()
    world.check()
