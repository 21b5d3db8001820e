"""Moving goods about: LPNs, whole places, pieces, the trolley; what is refused, taken back, and left by a dead handheld."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import schema
from app.schema.places import location
from app.schema.stock import lpn
from app.schema.work import exception
from app.stock import ledger
from app.stock.events import Allocated
from app.stock.slots import Claim, Slot
from app.work import tasks
from tests.world import BY, Hand, World, at_once

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    """A reserve with a pallet of honey, mugs and tees in bins, empty bins, a staging place."""
    world = build(
        """
        R-01     HONEY 48 lpn=LPN-4417 lot=L1 expiry=2031-05-01
        A-01     MUG   12
        A-02     TEE    5
        A-02     HONEY  7 lot=L1
        A-02     HONEY  3 lot=L2
        """
    )
    lay_out(world)
    return world


@at_once
def lay_out(world: World) -> None:
    world.change(location, location.c.code == "R-01", kind="reserve")
    for number, code in enumerate(("B-01", "B-02", "B-03")):
        world.location(code, sequence=10 + number)
    world.location("R-02", kind="reserve", sequence=20)
    world.location("STAGE", kind="staging")


@pytest.fixture
def mara(world: World) -> Hand:
    return world.worker("mara").tap("start:moving")


def promise(world: World, item: str, quantity: int, place: str, lot: str = "", lpn: str = "") -> None:
    claim = Claim(line="100482/1", item=item, quantity=quantity, slot=Slot(location=place, lot=lot, lpn=lpn))
    world.db.do(lambda tx: ledger.post(tx, Allocated(order="100482", claimed=(claim,)), BY))


# ── what is moved ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_lpn_in_two_scans_and_on_the_way_it_is_nobody_elses(world: World, mara: Hand) -> None:
    mara.scan("LPN-4417")
    assert (mara.asks, mara.prompt.subject, mara.prompt.quantity) == ("Scan where it goes", "LPN LPN-4417", 48)
    assert "R-01" not in world.holds(), "it is in the hand, so it is not offered where it lay"
    assert "@mara HONEY 48 in LPN-4417 lot L1" in world.holds()
    mara.scan("R-02")
    assert mara.says == "LPN LPN-4417 at R-02."
    assert "R-02 HONEY 48 in LPN-4417 lot L1" in world.holds()
    assert world.rows(select(lpn.c.location, lpn.c.state)) == [("R-02", "open")]
    mara.tap("undo")
    assert mara.asks == "Scan where it goes"
    mara.scan("STAGE")
    assert "STAGE HONEY 48 in LPN-4417 lot L1" in world.holds()
    world.check()


def test_a_place_stands_for_its_only_thing_and_with_more_the_second_scan_takes_all(world: World, mara: Hand) -> None:
    mara.scan("A-01", "B-01")
    assert mara.says == "12 × MUG at B-01."
    mara.scan("A-02")
    assert mara.asks == "Scan A-02 again: all of it"
    mara.scan("A-02", "B-02")
    assert mara.says == "3 things at B-02."
    assert world.holds() == (
        "B-01 MUG 12\nB-02 HONEY 7 lot L1\nB-02 HONEY 3 lot L2\nB-02 TEE 5\nR-01 HONEY 48 in LPN-4417 lot L1"
    )
    world.check()


def test_pieces_of_an_item_by_scan_and_by_number(world: World, mara: Hand) -> None:
    mara.scan("#MUG")
    assert mara.asks == "Scan each piece, or type how many", "it lies in one place only"
    mara.type("4").scan("B-01")
    assert mara.says == "4 × MUG at B-01."
    mara.scan("A-02", "#TEE", "#TEE")
    assert mara.prompt.done == ("2 taken",)
    mara.type("2")
    assert mara.refusal == "bad_amount", "two are taken already"
    mara.type("3").scan("B-01")
    assert mara.says == "3 × TEE at B-01."
    assert world.holds().splitlines()[:2] == ["A-01 MUG 8", "A-02 HONEY 7 lot L1"]
    world.check()


def test_the_lot_is_asked_where_several_lie(world: World, mara: Hand) -> None:
    mara.scan("#HONEY")
    assert mara.asks == "Scan where you take it"
    mara.scan("A-02")
    assert mara.asks == "Scan or type the lot"
    mara.scan("L2").tap("all")
    assert mara.prompt.item.note == "lot L2"
    mara.scan("B-03")
    assert "B-03 HONEY 3 lot L2" in world.holds()
    world.check()


def test_the_good_ones_among_stopped_ones_are_scanned_and_the_stopped_ones_pressed(world: World, mara: Hand) -> None:
    world.stock("A-01 MUG 3 status=quarantine")
    mara.scan("#MUG")
    assert (mara.asks, mara.prompt.hint) == ("Which of them?", "scan it again for the good ones")
    mara.scan("#MUG").type("5").scan("B-01")
    assert "A-01 MUG 7\nA-01 MUG 3 quarantine" in world.holds()
    mara.scan("#MUG", "A-01").tap("row:1", "all").scan("B-02")
    assert "B-01 MUG 5\nB-02 MUG 3 quarantine" in world.holds()
    world.check()


def test_a_label_read_where_all_is_promised_takes_nothing_from_elsewhere(world: World, mara: Hand) -> None:
    world.stock("STAGE MUG 1 lpn=LPN-9 status=damaged")
    promise(world, "MUG", 12, "A-01")
    mara.scan("#MUG")
    assert mara.asks == "Scan where you take it"
    mara.scan("A-01")
    assert mara.refusal == "promised"
    assert "STAGE MUG 1 in LPN-9 damaged" in world.holds()
    world.check()


def test_serials_move_with_their_pieces(build: Build) -> None:
    world = build("A-01 PHONE 3 serials=S1,S2,S3")
    world.location("B-01")
    mara = world.worker("mara").tap("start:moving")
    mara.scan("#PHONE").type("2")
    assert mara.refusal == "scan_serials"
    mara.scan("S2", "B-01")
    assert world.rows(select(schema.stock.serial.c.serial).where(schema.stock.serial.c.location == "B-01")) == [("S2",)]
    mara.scan("A-01").tap("all").scan("B-01")
    assert world.holds() == "B-01 PHONE 3"
    world.check()


def test_the_trolley_many_on_one_by_one_off_and_the_rest_at_once(world: World, mara: Hand) -> None:
    mara.scan("LPN-4417").tap("more").scan("A-01").tap("more").scan("A-02", "#TEE").type("5")
    assert mara.prompt.subject == "3 things on your trolley"
    mara.scan("#TEE", "B-01")
    assert mara.says == "5 × TEE at B-01. 2 things still on your trolley."
    mara.scan("STAGE")
    assert mara.refusal == "all_of_them", "which of them?"
    mara.scan("STAGE")
    assert mara.says == "2 things at STAGE."
    assert mara.asks == "Scan LPN, place or item"
    world.check()


def test_line_by_line_with_one_postponed_and_one_missing(world: World, mara: Hand) -> None:
    mara.scan("A-02").tap("lines")
    assert (mara.prompt.item.code, mara.prompt.item.note) == ("HONEY", "lot L1")
    mara.tap("postpone")
    assert mara.prompt.item.note == "lot L2"
    mara.tap("missing")
    assert mara.says == "HONEY at A-02 is written down as missing."
    assert world.rows(select(exception.c.code, exception.c.location)) == [("wrong_place", "A-02")]
    mara.scan("#TEE", "B-01")
    assert mara.prompt.item.note == "lot L1", "the postponed line comes last"
    mara.scan("#HONEY", "B-02")
    assert mara.says == "A-02: the rest was missing."
    assert "A-02 HONEY 3 lot L2" in world.holds(), "what is missing only an approved count takes off the books"
    world.check()


def test_a_dead_handheld_s_goods_come_back_at_sign_in_or_go_to_a_colleague(world: World, mara: Hand) -> None:
    mara.scan("LPN-4417")
    again = world.worker("mara", device="HH-09")
    assert again.asks == "Scan where it goes"
    again.tap("menu")
    assert again.prompt.main.label == "Next: set down what you carry"
    again.tap("next:moving")
    assert again.asks == "Scan where it goes"
    ben = world.worker("ben", device="HH-02").tap("start:moving")
    ben.scan("LPN-4417")
    assert (ben.refusal, ben.says) == ("already_carried", "LPN-4417 is carried by Mara.")
    ben.scan("BDG/B-mara", "BDG/B-mara")
    assert ben.says == "From Mara: 1 thing on your trolley."
    ben.scan("R-02")
    assert "R-02 HONEY 48 in LPN-4417 lot L1" in world.holds()
    world.check()


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_promised_counted_blocked_or_somebody_elses_stays(world: World, mara: Hand) -> None:
    before = world.holds()
    promise(world, "MUG", 5, "A-01")
    mara.scan("A-01")
    assert (mara.refusal, mara.says) == ("promised", "5 × MUG at A-01 are promised to order 100482.")
    mara.scan("#MUG").type("8")
    assert (mara.refusal, mara.says) == ("more_than_free", "Only 7 × MUG at A-01 are free; that would be 8.")
    mara.tap("back")
    promise(world, "HONEY", 1, "R-01", "L1", "LPN-4417")
    mara.scan("LPN-4417")
    assert mara.refusal == "promised"
    counting = world.db.do(lambda tx: tasks.add(tx, "count", place="A-02"))
    world.db.do(lambda tx: tasks.take(tx, counting, "ben", "HH-02", lambda warning: None))
    mara.scan("A-02")
    assert (mara.refusal, mara.says) == ("bin_blocked", "A-02 is blocked: it is being counted.")
    mara.scan("B-01")
    assert mara.refusal == "nothing_there"
    mara.scan("LPN-9999")
    assert mara.refusal == "unknown_lpn"
    assert world.holds().replace(" (5 promised)", "").replace(" (1 promised)", "") == before
    world.check()


def test_what_another_worker_is_putting_away_is_theirs(world: World, mara: Hand) -> None:
    world.stock("STAGE MUG 6 lpn=LPN-20")
    world.stock("STAGE PEN 4")
    ben = world.worker("ben", device="HH-02").tap("start:putaway").scan("LPN-20")
    mara.scan("LPN-20")
    assert (mara.refusal, mara.says) == ("held_by_task", "Ben is putting LPN-20 away.")
    ben.tap("back").scan("#PEN")
    mara.scan("#PEN").type("1")
    assert mara.refusal == "held_by_task"
    ben.tap("back")
    mara.tap("back").scan("LPN-20", "B-01")
    assert "B-01 MUG 6 in LPN-20" in world.holds()
    world.check()


def test_where_it_may_not_lie(world: World, mara: Hand) -> None:
    world.location("TRUCK", kind="truck")
    world.stock("B-01 MUG 1")
    world.change(location, location.c.code == "B-01", mix="one_item")
    world.change(location, location.c.code == "B-02", capacity_quantity=6)
    world.change(location, location.c.code == "B-03", blocked="wet")
    world.change(location, location.c.code == "R-02", mix="one_lot")
    mara.scan("A-02", "A-02")
    for place, refusal in (
        ("TRUCK", "not_allowed_here"), ("B-01", "mix_rule"), ("B-02", "bin_full"), ("B-03", "bin_blocked"),
        ("R-02", "mix_rule"),
    ):  # fmt: skip
        mara.scan(place)
        assert mara.refusal == refusal, place
    mara.scan("A-02")
    assert mara.says == "3 things at A-02."
    world.check()


def test_a_place_with_lpns_wants_one_scanned_and_a_tote_is_not_moved(world: World, mara: Hand) -> None:
    world.stock("R-01 MUG 3 lpn=LPN-4418")
    mara.scan("R-01")
    assert (mara.refusal, mara.says) == ("scan_one", "R-01 holds 2 LPNs.")
    world.add(lpn, code="T-100", kind="tote", location="A-01", state="open")
    mara.scan("T-100")
    assert mara.refusal == "not_moved_here"
    mara.scan("LPN-4418", "B-01")
    assert "B-01 MUG 3 in LPN-4418" in world.holds()
    world.check()


def test_undo_reaches_back_until_the_goods_moved_on(world: World, mara: Hand) -> None:
    mara.scan("A-01")
    mara.tap("undo")
    assert "A-01 MUG 12" in world.holds()
    mara.scan("A-01", "B-01")
    world.worker("ben", device="HH-02").tap("start:moving").scan("B-01", "B-02")
    mara.tap("undo")
    assert mara.refusal == "undo_too_late"
    world.check()


def test_a_blocked_place_may_be_emptied_when_it_is_meant(world: World, mara: Hand) -> None:
    world.change(location, location.c.code == "A-01", blocked="post bent")
    mara.scan("A-01")
    assert (mara.refusal, mara.says) == ("from_blocked", "A-01 is blocked: post bent.")
    mara.scan("A-01", "B-01")
    assert "B-01 MUG 12" in world.holds()
    world.check()
