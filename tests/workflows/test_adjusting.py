"""The books corrected by hand: within the limit at once, above it by a supervisor's badge or at the desk."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from app.db import Tx
from app.desk import corrections as desk
from app.errors import NeedsRelease, Refusal
from app.schema.items import item
from app.schema.stock import journal
from app.schema.storage import adjustment
from app.schema.work import reason_code
from app.stock.events import AnyEvent
from app.stock.events import decode as decode_event
from app.work import limits, photos, tasks
from app.work.photos import PhotoFiles
from tests.world import Hand, World

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    world = build("A-01 MUG 40\nA-02 HONEY 6 lot=L1\nA-02 HONEY 4 lot=L2\nA-03 PHONE 2 serials=S1,S2\nA-04 PEN 9")
    for code, cost in (("MUG", 300), ("HONEY", 900), ("PHONE", 40_000)):
        world.change(item, item.c.code == code, standard_cost=cost)
    world.change(reason_code, reason_code.c.code == "damaged", photo=0)
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    return world.worker("mara").tap("start:adjusting")


def events(world: World, kind: str) -> list[AnyEvent]:
    rows = world.rows(select(journal.c.body).where(journal.c.kind == kind).order_by(journal.c.seq))
    return [decode_event(bytes(row[0])) for row in rows]


def kept(world: World) -> list[tuple[object, ...]]:
    columns = (adjustment.c.change, adjustment.c.state, adjustment.c.asked_by, adjustment.c.decided_by)
    return [tuple(row) for row in world.rows(select(*columns).order_by(adjustment.c.id))]


def test_within_the_limit_it_is_posted_at_once_and_can_be_taken_back(world: World, mara: Hand) -> None:
    world.db.do(lambda tx: limits.give(tx, "role", "worker", "adjust_percent", 10))
    mara.scan("A-01")
    assert (mara.asks, mara.prompt.quantity) == ("Type how many are here", 40)
    mara.type("40")
    assert mara.refusal == "bad_amount"
    mara.type("37")
    assert (mara.asks, mara.prompt.facts[0].value) == ("Why?", "9.00")
    assert "found" not in [key.value for key in mara.prompt.choices], "there are less"
    mara.tap("reason:lost")
    assert mara.says == "3 × MUG less at A-01."
    assert "A-01 MUG 37" in world.holds()
    [event] = events(world, "adjusted")
    assert (event.reason, event.approver, event.asked_by) == ("lost", "~limit", "mara")  # type: ignore[union-attr]
    assert kept(world) == [(-3, "posted", "mara", "~limit")]
    mara.tap("undo")
    assert "A-01 MUG 40" in world.holds()
    assert kept(world) == [(-3, "undone", "mara", "~limit")]
    world.check()


def test_a_write_off_takes_a_supervisor_s_badge_at_the_device(world: World, mara: Hand) -> None:
    world.worker("ruth", "supervisor", device="HH-09")
    mara.scan("A-02", "#HONEY").scan("L2").tap("write_off").scan("#HONEY", "#HONEY").tap("done", "reason:expired")
    assert mara.asks == "Who decides?"
    assert mara.prompt.why == ("✕ 2 × HONEY written off at A-02: 18.00, and Mara may decide up to 0.00.",)
    mara.tap("supervisor")
    assert mara.asks == "Supervisor: scan badge"
    mara.released_by("ruth")
    assert mara.says == "2 × HONEY written off at A-02."
    assert "A-02 HONEY 2 lot L2" in world.holds()
    [event] = events(world, "written_off")
    assert (event.approver, event.asked_by, event.value) == ("ruth", "mara", 1800)  # type: ignore[union-attr]
    assert len(events(world, "overridden")) == 1
    assert kept(world) == [(-2, "posted", "mara", "ruth")]
    world.check()


def test_the_desk_decides_what_was_asked_and_never_by_who_asked(world: World, mara: Hand) -> None:
    world.worker("ruth", "supervisor", device="HH-09")
    mara.scan("A-01").type("60").tap("reason:found", "desk")
    assert mara.says == "20 × MUG more at A-01: waits for the desk."
    assert "A-01 MUG 40" in world.holds()
    [[key]] = world.rows(select(adjustment.c.id))

    def refused(work: Callable[[Tx], object]) -> str:
        with pytest.raises(Refusal) as told:
            world.db.do(work)
        return told.value.code

    assert refused(lambda tx: desk.approve(tx, key, who="mara", device="D")) == "same_person"
    assert refused(lambda tx: desk.reject(tx, key, reason="no", who="mara", device="D")) == "same_person"
    assert refused(lambda tx: desk.reject(tx, key, reason=" ", who="ruth", device="D")) == "no_reason"
    world.db.do(lambda tx: limits.give(tx, "worker", "ruth", "adjust_value", 50_00))
    with pytest.raises(NeedsRelease):
        world.db.do(lambda tx: desk.approve(tx, key, who="ruth", device="D"))
    world.db.do(lambda tx: limits.drop(tx, "worker", "ruth", "adjust_value"))
    with world.db.reading() as tx:
        [row] = desk.listing(tx, desk.CorrectionFilter(), who="ruth").page.rows
    assert (row.change, row.value, row.words, row.now, row.why_not) == (20, 6000, "Found", 40, "")
    assert world.db.do(lambda tx: desk.approve(tx, key, who="ruth", device="D")) == "Posted: 20 × MUG more at A-01."
    assert "A-01 MUG 60" in world.holds()
    assert refused(lambda tx: desk.approve(tx, key, who="ruth", device="D")) == "already_decided"
    mara.scan("A-01").tap("all", "reason:lost", "desk")
    [[second]] = world.rows(select(adjustment.c.id).where(adjustment.c.state == "waiting"))
    world.db.do(lambda tx: desk.reject(tx, second, reason="look again", who="ruth", device="D"))
    assert kept(world) == [(20, "posted", "mara", "ruth"), (-60, "rejected", "mara", "ruth")]
    assert "A-01 MUG 60" in world.holds()
    world.check()


def test_without_a_price_no_limit_can_be_judged_and_nothing_moves(world: World, mara: Hand) -> None:
    mara.scan("A-04").type("8").tap("reason:lost")
    assert (mara.refusal, kept(world)) == ("no_price", [])
    assert "A-04 PEN 9" in world.holds()
    world.check()


def test_a_reason_that_wants_a_photo_waits_for_it(world: World, mara: Hand, tmp_path: Path) -> None:
    world.change(reason_code, reason_code.c.code == "damaged", photo=1)
    mara.scan("A-01").tap("write_off").type("1").tap("reason:damaged")
    assert (mara.asks, mara.prompt.photo) == ("Take a photo", True)
    mara.scan("A-02")
    assert kept(world) == [], "nothing is written off without it"
    mara.tap("back", "back").scan("A-01").tap("write_off").type("1").tap("reason:damaged")
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "brown").save(out, "JPEG")
    taken = PhotoFiles(tmp_path).keep(out.getvalue())
    world.db.do(lambda tx: photos.add(tx, taken, "mara", "HH-01"))
    mara.turn(taken.hash, "photo")
    mara.tap("desk")
    assert kept(world) == [(-1, "waiting", "mara", "")]
    with world.db.reading() as tx:
        [row] = desk.listing(tx, desk.CorrectionFilter()).page.rows
    assert row.photos == (taken.hash,), "the desk sees it"


def test_serials_and_goods_the_books_do_not_have(world: World, mara: Hand) -> None:
    world.db.do(lambda tx: limits.give(tx, "role", "worker", "adjust_value", -1))
    world.db.do(lambda tx: limits.give(tx, "role", "worker", "adjust_percent", -1))
    mara.scan("A-03", "S2").tap("reason:lost")
    assert "A-03 PHONE 1" in world.holds()
    mara.scan("A-01", "#PHONE", "S1")
    assert mara.refusal == "duplicate_serial", "that very piece is elsewhere"
    mara.scan("S2").tap("reason:found")
    assert "A-01 PHONE 1" in world.holds()
    mara.scan("A-01", "#HONEY", "L9")
    assert mara.refusal == "lot_not_known"
    mara.scan("L1").type("2").tap("reason:found")
    assert "A-01 HONEY 2 lot L1" in world.holds()
    world.check()


def test_what_is_counted_carried_or_promised_is_left_alone(world: World, mara: Hand) -> None:
    world.location("LANE-1", kind="lane")
    mara.scan("LANE-1")
    assert mara.refusal == "not_corrected_here"
    key = world.db.do(lambda tx: tasks.add(tx, "count", place="A-01"))
    world.db.do(lambda tx: tasks.take(tx, key, "kim", "HH-07", lambda warning: None))
    mara.scan("A-01")
    assert (mara.refusal, mara.says) == ("bin_blocked", "A-01 is blocked: it is being counted.")
    mara.scan("A-04").tap("write_off").type("10")
    assert (mara.refusal, mara.says) == ("more_than_free", "Only 9 × PEN at A-04 are free; that would be 10.")
