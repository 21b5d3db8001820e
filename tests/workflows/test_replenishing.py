"""From reserve to the pick face: filled before it is empty, for whom it waits first, and never with others' goods."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import clock, schema
from app.schema.directing import replenishment
from app.schema.places import location
from app.schema.stock import journal, lpn
from app.schema.work import exception, pick, task
from app.stock import ledger
from app.stock.events import Allocated, Replenished
from app.stock.events import decode as decode_event
from app.stock.slots import Claim, Slot
from app.work import progress, releasing, replenishing, waves
from app.work.master_places import LocationUpsert, apply_location
from tests.world import BY, Hand, World, at_once

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    """Soap in cases of 12: a pick face with 10 of 5 to 48, and two reserves of which the first is older."""
    world = build(
        """
        A-01  SOAP  10
        """
    )
    lay_out(world)
    return world


@at_once
def lay_out(world: World) -> None:
    world.location("R-01", kind="reserve", sequence=20)
    world.location("R-02", kind="reserve", sequence=30)
    world.item("TEA", case=12, lot_tracked=1)
    world.lot("TEA", "L1", "2031-01-01")
    world.lot("TEA", "L2", "2032-01-01")
    world.stock("A-02 TEA 4 lot=L1")
    world.stock("R-01 TEA 36 lpn=LPN-1 lot=L1")
    world.stock("R-02 TEA 48 lot=L2")
    fill(world, "A-02", "TEA", 5, 48)
    world.add(lpn, code="T-0001", kind="tote", location="R-01")


def fill(world: World, face: str, item: str, least: int, most: int) -> None:
    world.write(lambda tx: replenishing.keep_filled(tx, face, item, least, most))


def look(world: World) -> int:
    return world.db.do(replenishing.look)


def place(world: World, code: str, **facts: object) -> None:
    world.change(location, location.c.code == code, **facts)


def queue(world: World) -> list[tuple[str, int, str, str, int]]:
    """The tasks under way: place, priority, reason, trigger, quantity."""
    return [tuple(row) for row in world.rows(QUEUE)]


QUEUE = (
    select(task.c.place, task.c.priority, task.c.reason, replenishment.c.trigger, replenishment.c.quantity)
    .join(replenishment, replenishment.c.task == task.c.id)
    .where((task.c.state == "open") | (task.c.state == "started"))
    .order_by(task.c.place)
)


def order(world: World, code: str, item: str, quantity: int, **facts: object) -> None:
    world.add(schema.documents.sales_order, code=code, state="pool", **facts)
    world.add(schema.documents.order_line, id=f"{code}/1", order_code=code, item=item, quantity=quantity)


def release(world: World, *orders: str) -> None:
    code = world.db.do(lambda tx: waves.create(tx, list(orders), worker="ruth"))
    releasing.release(world.db, code, BY)


def promise(world: World, line: str, item: str, quantity: int, slot: Slot) -> None:
    """Goods promised to an order that is not on the floor yet."""

    def work(tx: object) -> None:
        event = Allocated(
            order=line.rpartition("/")[0], claimed=(Claim(line=line, item=item, quantity=quantity, slot=slot),)
        )
        ledger.post(tx, event, BY)  # type: ignore[arg-type]
        progress.apply(tx, event)  # type: ignore[arg-type]

    world.db.do(work)


def events(world: World) -> list[Replenished]:
    bodies = world.rows(select(journal.c.body).where(journal.c.kind == "replenished").order_by(journal.c.seq))
    return [event for row in bodies if isinstance(event := decode_event(bytes(row[0])), Replenished)]


@pytest.fixture
def mara(world: World) -> Hand:
    look(world)
    return world.worker("mara").tap("start:replenishing")


def test_who_counts_where_goods_may_be_in_somebodys_hand_is_asked_twice(world: World, mara: Hand) -> None:
    """And where they are in a hand, there is nothing to ask: by the books they lie there still."""
    mara.tap("next").scan("R-01")
    tom = world.worker("tom", device="HH-02").tap("start:counting").scan("R-01")
    assert (tom.refusal, tom.says) == (
        "being_picked", "Mara is filling a pick face, and may be taking goods from R-01 now.",
    )  # fmt: skip
    assert tom.scan("R-01").says == "You count all at R-01."
    mara.scan("LPN-1")
    tom.tap("nothing")
    assert (tom.refusal, tom.says) == ("goods_in_hand", "Mara has goods of R-01 in hand; they are not booked yet.")
    mara.tap("menu", "start:counting").scan("R-02")
    assert mara.says == "You count all at R-02.", "what is in one's own hand one knows of"
    world.check()


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_face_below_its_minimum_is_filled_to_its_maximum_in_whole_cases(world: World) -> None:
    assert look(world) == 1
    assert queue(world) == [("A-02", 6, "4 left, minimum 5", "min", 36)], "44 are lacking: three cases fit"
    assert look(world) == 0, "one task is enough"
    world.check()


def test_a_face_with_enough_or_without_a_source_makes_no_task_and_a_need_that_is_gone_ends_it(world: World) -> None:
    fill(world, "A-01", "SOAP", 50, 100)  # nothing of it in reserve
    look(world)
    assert [row[0] for row in queue(world)] == ["A-02"]
    world.stock("A-02 TEA 12 lot=L1")
    look(world)
    assert queue(world) == [], "somebody else brought some"


def test_a_wave_whose_face_does_not_hold_enough_brings_it_down_first(world: World) -> None:
    world.stock("A-02 TEA 8 lot=L1")  # 12: enough by its minimum
    order(world, "100", "TEA", 30, cutoff=clock.now() + clock.HOUR)
    look(world)
    assert queue(world) == []
    release(world, "100")
    [(face, priority, reason, trigger, quantity)] = queue(world)
    assert (face, priority, trigger) == ("A-02", 1, "wave")
    assert "waits for" in reason
    assert quantity % 12 == 0
    [due] = world.rows(select(task.c.due).where(task.c.kind == "replenish"))
    assert due[0] > 0, "as urgent as the pick that waits"


def test_a_short_pick_has_the_face_filled_at_once(world: World) -> None:
    fill(world, "A-02", "TEA", 2, 48)
    order(world, "100", "TEA", 4)
    release(world, "100")
    mara = world.worker("mara").tap("start:picking", "next").scan("T-0001").scan("A-02")
    assert queue(world) == [("A-02", 3, "nothing is left", "wave", 36)], "all four are promised"
    mara.tap("short", "confirm")
    assert queue(world) == [("A-02", 1, "1 pick waits for 4", "short", 48)], "the pick now waits before the reserve"
    world.check()


# ── the trip ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_three_scans_fill_a_face(world: World, mara: Hand) -> None:
    assert mara.prompt.main.label == "Next: fill A-02"
    assert mara.prompt.main.note == "3 case TEA · 4 left, minimum 5"
    place(world, "R-01", blocked="wet")
    mara.tap("next")
    assert (mara.asks, mara.prompt.place, mara.prompt.quantity, mara.prompt.unit) == (
        "Scan location",
        "R-02",
        3,
        "case",
    )
    assert mara.prompt.why == ("A-02: 4 left, minimum 5", "Expires first: 2032-01-01")
    mara.scan("R-02", "#TEA/case", "A-02")
    assert mara.says == "3 case × TEA in A-02."
    assert mara.asks == "Nothing to replenish"
    assert "A-02 TEA 36 lot L2" in world.holds()
    assert "R-02 TEA 12 lot L2" in world.holds()
    assert queue(world) == []
    mara.tap("undo")
    assert "R-02 TEA 48 lot L2" in world.holds()
    assert len(queue(world)) == 1
    mara.scan("A-02")
    assert mara.says == "3 case × TEA in A-02.", "the task went on where the step was taken back"
    world.check()


def test_an_lpn_says_all_of_itself_and_the_emptied_reserve_is_looked_into(world: World, mara: Hand) -> None:
    mara.tap("next")
    assert (mara.asks, mara.prompt.hint, mara.prompt.place) == ("Scan LPN", "LPN-1", "R-01")
    mara.scan("LPN-1")
    assert mara.asks == "Is R-01 empty? Scan it"
    mara.scan("R-01")
    assert (mara.asks, mara.prompt.place, mara.prompt.done) == ("Scan pick face", "A-02", ("R-01 is empty",))
    mara.scan("A-02")
    assert "A-02 TEA 40 lot L1" in world.holds()
    assert world.rows(select(lpn.c.state).where(lpn.c.code == "LPN-1")) == [("gone",)]
    assert [(e.source_empty, e.emptied, e.trigger) for e in events(world)] == [("confirmed", "LPN-1", "min")]
    mara.tap("undo")
    assert "R-01 TEA 36 in LPN-1 lot L1" in world.holds()
    assert world.rows(select(lpn.c.state).where(lpn.c.code == "LPN-1")) == [("open",)]
    world.check()


def test_a_reserve_that_is_not_empty_is_counted(world: World, mara: Hand) -> None:
    mara.tap("next").scan("LPN-1", "A-02")
    assert (mara.refusal, mara.says) == ("zero_check", "By the books R-01 is empty now.")
    mara.tap("left")
    assert mara.says == "R-01 will be counted."
    mara.scan("A-02")
    assert [e.source_empty for e in events(world)] == ["more_left"]
    counts = world.rows(select(task.c.place, task.c.item).where(task.c.kind == "count"))
    assert counts == [("R-01", "TEA")]
    assert world.rows(select(exception.c.code)) == [("zero_check_failed",)]
    world.check()


def test_a_short_source_is_written_down_and_the_rest_comes_from_another(world: World, mara: Hand) -> None:
    mara.tap("next", "short").type("1")
    assert (mara.says, mara.asks, mara.prompt.quantity) == ("R-01 will be counted.", "Scan pick face", 1)
    mara.scan("A-02")
    assert mara.says == "1 case × TEA in A-02."
    assert (mara.asks, mara.prompt.place, mara.prompt.quantity) == ("Scan location", "R-02", 2)
    mara.tap("short", "none")
    assert mara.says == "No other source has TEA: A-02 gets no more now."
    told = world.rows(
        select(exception.c.code, exception.c.location, exception.c.quantity).order_by(exception.c.location)
    )
    assert told == [("source_short", "R-01", 24), ("source_short", "R-02", 24)]
    world.check()


def test_cases_are_counted_by_scans_or_typed_and_what_is_promised_to_others_stays(world: World, mara: Hand) -> None:
    order(world, "200", "TEA", 40)
    promise(world, "200/1", "TEA", 40, Slot(location="R-02", lot="L2"))
    place(world, "R-01", blocked="wet")
    mara.tap("next")
    assert (mara.prompt.place, mara.prompt.quantity, mara.prompt.unit) == ("R-02", 8, "each"), "8 are free"
    mara.scan("R-02", "#TEA", "#TEA/case")
    assert (mara.refusal, mara.says) == ("too_many", "Only 8 × TEA may leave here; that would be 12.")
    mara.type("6").scan("A-02")
    assert mara.says == "6 × TEA in A-02."
    assert "R-02 TEA 42 lot L2 (40 promised)" in world.holds()
    world.check()


def test_the_promise_of_a_waiting_pick_comes_down_with_the_goods_but_not_the_line_a_picker_walks_to(
    world: World,
) -> None:
    place(world, "R-01", blocked="wet")
    for code in ("100", "101"):
        order(world, code, "TEA", 6)
    for code in ("100", "101"):
        world.change(schema.places.location, location.c.code == "A-02", blocked="cleaning")
        release(world, code)
    world.change(schema.places.location, location.c.code == "A-02", blocked="")
    tom = world.worker("tom", device="HH-02").tap("start:picking", "next").scan("T-0001")
    assert (tom.asks, tom.prompt.place) == ("Scan location", "R-02")
    look(world)
    assert [row[1:3] for row in queue(world)] == [(1, "1 pick waits for 6")], "Tom is on his way to the other"
    world.worker("mara").tap("start:replenishing", "next").scan("R-02", "#TEA", "A-02")
    assert "(6 promised)" in next(line for line in world.holds().splitlines() if line.startswith("A-02 TEA 36"))
    places = dict(tuple(row) for row in world.rows(select(pick.c.order_code, pick.c.location)))
    assert places == {"100": "R-02", "101": "A-02"}
    tom.scan("R-02", "#TEA").type("6").scan("T-0001")
    assert tom.refusal == ""
    assert "6 × Tea" in tom.says
    world.check()


# ── refused ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_wrong_source_item_lot_and_face_are_named_and_nothing_moves(world: World, mara: Hand) -> None:
    before = world.holds()
    mara.tap("next").scan("A-01")
    assert (mara.refusal, mara.says) == ("wrong_location", "Expected R-01, scanned A-01.")
    mara.scan("R-02")
    assert mara.says == "Proposed R-01, scanned R-02: it has TEA too."
    mara.scan("R-02")
    assert mara.asks == "Scan item"
    mara.scan("#SOAP")
    assert (mara.refusal, mara.says) == ("wrong_item", "Expected TEA, scanned SOAP.")
    mara.scan("#TEA", "A-01")
    assert (mara.refusal, mara.says) == ("wrong_face", "Expected A-02, scanned A-01.")
    assert world.holds() == before
    mara.scan("A-02")
    assert mara.refusal == ""
    world.check()


def test_a_full_face_takes_what_fits_and_the_rest_goes_back(world: World, mara: Hand) -> None:
    mara.tap("next").scan("LPN-1", "R-01")
    place(world, "A-02", capacity_quantity=30)
    mara.scan("A-02")
    assert (mara.refusal, mara.says) == ("face_full", "A-02 is full: room for 26, you bring 36.")
    mara.type("2").scan("A-02")
    assert mara.says == "2 case × TEA in A-02. The rest goes back to R-01."
    assert "R-01 TEA 12 in LPN-1 lot L1" in world.holds()
    assert queue(world) == []
    world.check()


def test_a_face_of_one_lot_is_not_given_another(world: World) -> None:
    place(world, "A-02", mix="one_lot")
    place(world, "R-01", blocked="wet")
    assert look(world) == 0, "only L2 is left, and L1 lies in the face"
    place(world, "R-01", blocked="")
    look(world)
    mara = world.worker("mara").tap("start:replenishing", "next").scan("LPN-1", "R-01")
    world.stock("A-02 TEA 1 lot=L2")
    before = world.holds()
    mara.scan("A-02")
    assert mara.refusal == "mix_rule"
    assert world.holds() == before
    world.check()


def test_a_worker_may_ask_for_a_face_and_is_told_why_not(world: World) -> None:
    fill(world, "A-02", "TEA", 1, 48)
    mara = world.worker("mara").tap("start:replenishing")
    mara.scan("A-01")
    assert (mara.refusal, mara.says) == ("not_a_pick_face", "A-01 is no pick face that is kept filled.")
    fill(world, "A-01", "SOAP", 0, 20)
    mara.scan("A-01")
    assert (mara.refusal, mara.says) == ("nothing_to_bring", "No SOAP is free in reserve for A-01.")
    mara.scan("A-02")
    assert (mara.asks, mara.prompt.place) == ("Scan LPN", "R-01")
    look(world)
    assert [row[3] for row in queue(world)] == ["requested"], "the round leaves alone what somebody asked for"


def test_one_who_takes_it_over_has_it_and_the_other_hears_so(world: World, mara: Hand) -> None:
    mara.tap("next").scan("LPN-1", "R-01")
    tom = world.worker("tom", device="HH-02").tap("start:replenishing").scan("A-02")
    assert (tom.refusal, tom.says) == ("running_elsewhere", "Mara has this task on HH-01.")
    tom.scan("A-02")
    mara.scan("A-02")
    assert (mara.refusal, mara.says) == ("taken_over", "Tom has taken this task over.")
    world.check()


def test_serials_are_scanned_piece_by_piece(build: Build) -> None:
    world = build("R-01 DRILL 3 serials=S1,S2,S3")
    place(world, "R-01", kind="reserve")
    world.location("A-05", sequence=9)
    fill(world, "A-05", "DRILL", 1, 2)
    look(world)
    mara = world.worker("mara").tap("start:replenishing", "next").scan("R-01", "#DRILL")
    assert mara.asks == "Scan serial"
    mara.scan("S9")
    assert mara.refusal == "serial_not_here"
    mara.scan("S1", "S1")
    assert mara.refusal == "serial_not_here"
    mara.scan("S3", "A-05")
    assert "A-05 DRILL 2" in world.holds()
    world.check()


def test_an_import_says_minimum_and_maximum_of_a_pick_face(world: World) -> None:
    def send(**facts: object) -> str:
        message = LocationUpsert(code="A-09", fixed_item="TEA", **facts)  # type: ignore[arg-type]
        return world.db.do(lambda tx: apply_location(tx, message, BY)).sentence

    assert send(min_quantity=12, max_quantity=6) == "Location A-09: its maximum 6 is less than its minimum 12."
    assert send(min_quantity=6, max_quantity=24) == "Location A-09 is known."
    assert send(min_quantity=6, max_quantity=24) == "Location A-09 is already so."
    look(world)
    assert [row[0] for row in queue(world)] == ["A-02", "A-09"]
    send(min_quantity=0, max_quantity=0)
    look(world)
    assert [row[0] for row in queue(world)] == ["A-02"], "it is kept filled no longer"
