"""Counting as workers live it: scan all there is, say "nothing else", and let somebody else look at what differs."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from app.schema.counting import count_line, stock_count, tally
from app.schema.items import item
from app.schema.stock import journal
from app.schema.work import exception, task
from app.stock import ledger
from app.stock.events import Moved
from app.stock.ledger import By
from app.stock.slots import Movement, Slot
from app.work import tasks
from tests.figures import tells
from tests.workflows.picking_floor import Picking, start
from tests.world import Hand, World

UNCOMMON = 7919
Build = Callable[[str], World]


def counter(world: World, name: str = "mara", device: str = "HH-01") -> Hand:
    return world.worker(name, device=device).tap("start:counting")


def move(world: World, item: str, quantity: int, source: str, target: str) -> None:
    """Somebody carries goods while others count."""
    event = Moved(
        contents=(Movement(item=item, quantity=quantity, source=Slot(location=source), target=Slot(location=target)),)
    )
    world.db.do(lambda tx: ledger.post(tx, event, By(worker="piet")))


def lines(world: World) -> list[tuple[Any, ...]]:
    """(item, lot, counted, book, state) of every line, oldest first."""
    columns = (count_line.c.item, count_line.c.lot, count_line.c.counted, count_line.c.book, count_line.c.state)
    return [tuple(row) for row in world.rows(select(*columns).order_by(count_line.c.created, count_line.c.item))]


def kinds(world: World) -> list[str]:
    rows = world.rows(select(journal.c.kind).where(journal.c.kind != "opening_stock").order_by(journal.c.seq))
    return [row[0] for row in rows]


def test_a_place_is_counted_piece_by_piece_case_by_case_and_by_typing_and_is_right(build: Build) -> None:
    world = build("A-01-01 MUG 3")
    world.item("BOX", case=12)
    world.stock("A-01-01 BOX 30")
    mara = counter(world).scan("A-01-01")
    assert mara.says == "You count all at A-01-01."
    mara.scan("#MUG", "#MUG", "#MUG")
    assert mara.says == "+ 1 Mug"
    mara.scan("#BOX/case", "#BOX/case", "#BOX").tap("many").type("6")
    assert [(row.name, row.right) for row in mara.prompt.rows] == [("Box", "30"), ("Mug", "3")]
    mara.tap("nothing")
    assert mara.says == "A-01-01 is counted."
    assert lines(world) == [("BOX", "", 30, 30, "right"), ("MUG", "", 3, 3, "right")]
    assert kinds(world) == ["counted", "counted"]
    world.check()


def test_a_small_difference_is_posted_at_once_by_the_rule_and_blank_is_not_zero(build: Build) -> None:
    """BOX was not scanned: "nothing else" says in so many words that there is none."""
    world = build("A-01-01 MUG 100\nA-01-01 BOX 1")
    world.change(item, item.c.code == "MUG", standard_cost=100)
    world.change(item, item.c.code == "BOX", standard_cost=100)
    mara = counter(world).scan("A-01-01", "#MUG").tap("many").type("98").tap("nothing")
    assert mara.says == "A-01-01 is counted."
    assert lines(world) == [("BOX", "", 0, 1, "recount"), ("MUG", "", 98, 100, "posted")]
    assert world.holds() == "A-01-01 BOX 1\nA-01-01 MUG 98"
    adjusted = world.rows(select(journal.c.body).where(journal.c.kind == "adjusted"))
    told = msgspec.json.decode(bytes(adjusted[0][0]))
    assert (told["change"], told["reason"], told["approver"]) == (-2, "count", "rule")
    [again] = world.rows(select(task.c.place, task.c.item, task.c.priority).where(task.c.state == "open"))
    assert again == ("A-01-01", "BOX", 3)
    world.check()


def test_without_a_price_a_difference_cannot_be_judged_by_value_so_somebody_else_counts(build: Build) -> None:
    world = build("A-01-01 MUG 100")
    counter(world).scan("A-01-01", "#MUG").tap("many").type("99").tap("nothing")
    assert lines(world) == [("MUG", "", 99, 100, "recount")]
    assert world.holds() == "A-01-01 MUG 100"


def test_the_recount_is_somebody_elses_and_then_a_supervisor_decides(build: Build) -> None:
    world = build("A-01-01 MUG 24")
    mara = counter(world).scan("A-01-01", "#MUG").tap("many").type("17").tap("nothing")
    assert mara.asks == "Scan a location", "the recount is not offered to who counted"
    mara.scan("A-01-01")
    assert mara.refusal == "same_person"
    assert mara.says == "Mara counted this, so somebody else must count it again."
    piet = counter(world, "piet", "HH-02").tap("next")
    assert (piet.prompt.place, piet.prompt.subject) == ("A-01-01", "only MUG")
    piet.scan("A-01-01", "#MUG").tap("many").type("17").tap("nothing")
    assert lines(world) == [("MUG", "", 17, 24, "superseded"), ("MUG", "", 17, 24, "review")]
    piet.scan("A-01-01")
    assert piet.refusal == "same_person"
    assert world.holds() == "A-01-01 MUG 24", "nothing is adjusted until somebody decides"
    world.check()


def test_goods_that_move_after_their_tally_rebase_it(build: Build) -> None:
    world = build("A-01-01 MUG 24\nB-01-01 TEE 1")
    world.change(item, item.c.code == "MUG", standard_cost=1)
    mara = counter(world).scan("A-01-01", "#MUG").tap("many").type("24")
    move(world, "MUG", 5, "A-01-01", "B-01-01")
    mara.tap("nothing")
    assert lines(world) == [("MUG", "", 24, 24, "right")]
    world.check()


def test_goods_that_move_while_they_are_counted_are_counted_anew_and_the_counter_is_told(build: Build) -> None:
    world = build("A-01-01 MUG 4\nB-01-01 TEE 1")
    mara = counter(world).scan("A-01-01", "#MUG", "#MUG")
    move(world, "MUG", 1, "A-01-01", "B-01-01")
    mara.scan("#MUG")
    assert mara.refusal == "moved_meanwhile"
    assert mara.says == "Mug moved here while you counted it. Begin MUG anew: count all of it again."
    assert mara.prompt.rows == ()
    mara.tap("nothing")
    assert mara.refusal == "moved_meanwhile", "it may not end as an explicit zero"
    mara.scan("#MUG", "#MUG", "#MUG").tap("nothing")
    assert lines(world) == [("MUG", "", 3, 3, "right")]
    assert [row[0] for row in world.rows(select(tally.c.void).order_by(tally.c.n))] == ["moved", "moved", "", "", ""]
    world.check()


def test_what_is_taken_after_the_last_scan_is_counted_anew_because_a_scan_does_not_say_it_was_all(build: Build) -> None:
    world = build("A-01-01 MUG 4\nB-01-01 TEE 1")
    mara = counter(world).scan("A-01-01", "#MUG", "#MUG")
    move(world, "MUG", 2, "A-01-01", "B-01-01")
    mara.tap("nothing")
    assert mara.refusal == "moved_meanwhile"
    mara.scan("#MUG", "#MUG").tap("nothing")
    assert lines(world) == [("MUG", "", 2, 2, "right")]
    world.check()


def test_what_arrives_during_the_count_and_is_not_tallied_is_not_counted_yet(build: Build) -> None:
    world = build("A-01-01 MUG 4\nB-01-01 TEE 9")
    mara = counter(world).scan("A-01-01", "#MUG").tap("many").type("4")
    move(world, "TEE", 6, "B-01-01", "A-01-01")
    mara.tap("nothing")
    assert mara.refusal == "moved_meanwhile"
    assert mara.says.startswith("TEE moved here while you counted: count all of it again.")
    mara.tap("nothing")
    assert mara.says == "A-01-01 is counted."
    assert lines(world) == [("MUG", "", 4, 4, "right")], "nothing is said of TEE"
    world.check()


def test_unexpected_goods_are_welcome_also_those_nobody_knows(build: Build) -> None:
    world = build("A-01-01 MUG 1\nB-01-01 TEE 9")
    mara = counter(world).scan("A-01-01", "#MUG", "#TEE", "9780201379624", "9780201379624")
    assert mara.says == "+ 1 9780201379624: nobody knows this code. A supervisor links it."
    mara.tap("nothing")
    assert lines(world) == [("MUG", "", 1, 1, "right"), ("TEE", "", 1, 0, "recount")]
    [said] = world.rows(select(exception.c.sentence).where(exception.c.code == "unknown_counted"))
    assert said[0] == "2 × 9780201379624 counted at A-01-01: nobody knows this code."
    world.check()


def test_serials_are_counted_once_and_found_or_missing_one_by_one(build: Build) -> None:
    world = build("A-01-01 KET 3 serials=S1,S2,S3\nB-01-01 KET 1 serials=S9")
    mara = counter(world).scan("A-01-01", "S1", "S1")
    assert (mara.refusal, mara.says) == ("serial_counted", "Serial S1 of KET is counted already.")
    mara.scan("#KET")
    assert mara.asks == "Scan the serial"
    mara.scan("S2", "S9").tap("nothing")
    assert lines(world) == [("KET", "", 3, 3, "recount")]
    [note] = world.rows(select(count_line.c.note))
    assert note[0] == "missing S3; found S9 (the books have it at B-01-01)"
    world.check()


def test_lots_and_lpns_are_told_apart_and_the_missing_kind_is_asked(build: Build) -> None:
    world = build(
        """
        A-01-01 TEA 5 lot=L1 lpn=LPN-0001
        A-01-01 TEA 7 lot=L2 lpn=LPN-0002
        B-01-01 TEA 2 lot=L1 lpn=LPN-0009
        """
    )
    mara = counter(world).scan("A-01-01", "#TEA")
    assert mara.refusal == "which_lpn"
    mara.scan("LPN-0001", "#TEA").tap("many").type("5")
    mara.scan("LPN-0002", "#TEA").tap("many").type("6")
    mara.scan("LPN-0009")
    assert (mara.refusal, mara.says) == ("lpn_elsewhere", "The books have LPN-0009 at B-01-01, not here.")
    mara.scan("LPN-0009")
    assert mara.says == "A supervisor is told of LPN-0009. Do not count what is on it."
    mara.tap("nothing")
    assert lines(world) == [("TEA", "L1", 5, 5, "right"), ("TEA", "L2", 6, 7, "recount")]
    world.check()


def test_undo_takes_back_the_last_tally_and_the_place_scanned_twice_more_ends_the_count(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = build("A-01-01 MUG 1")
    mara = counter(world).scan("A-01-01")
    mara.tap("undo")
    assert mara.refusal == "nothing_tallied"
    mara.scan("#MUG", "#MUG").tap("undo")
    assert mara.says == "Undone: 1 MUG."
    mara.scan("A-01-01", "A-01-01")
    assert mara.says == "Nothing else at A-01-01? Scan it once more.", "a bouncing trigger ends nothing"
    monkeypatch.setattr("app.workflows.counting_place.DOUBLE_READ", 0)
    mara.scan("A-01-01")
    assert lines(world) == [("MUG", "", 1, 1, "right")]


def test_a_place_is_counted_by_one_person_at_a_time_and_a_count_goes_on_after_a_break(build: Build) -> None:
    world = build("A-01-01 MUG 2")
    world.db.do(lambda tx: tasks.add(tx, "count", place="A-01-01", item="MUG", reason="short pick: bin empty"))
    mara = counter(world).scan("A-01-01", "#MUG").tap("menu")
    piet = counter(world, "piet", "HH-02")
    world.db.do(lambda tx: tasks.add(tx, "count", id="other", place="A-01-01"))
    piet.scan("A-01-01")
    assert (piet.refusal, piet.says) == ("place_in_use", "Mara is counting A-01-01.")
    mara.tap("start:counting", "next").scan("A-01-01")
    assert mara.prompt.rows[0].right == "1", "what was counted before the break stands"
    mara.scan("#MUG").tap("nothing")
    assert lines(world) == [("MUG", "", 2, 2, "right")]
    world.check()


def test_a_place_somebody_is_picking_at_is_counted_only_when_it_is_meant(build: Build) -> None:
    picking = Picking(build("A-01-01 MUG 9\nB-01-01 TEE 4"))
    world = picking.world
    picking.order("1001", ("MUG", 2), ("TEE", 1))
    picking.release()
    [walk] = world.rows(select(task.c.id).where(task.c.kind == "pick"))
    world.db.do(lambda tx: tasks.take(tx, walk[0], "piet", "HH-02", lambda warning: None))
    mara = counter(world).scan("B-01-01")
    assert mara.says == "You count all at B-01-01.", "the picker is not there yet"
    mara.scan("#TEE").tap("many").type("4").tap("nothing").scan("A-01-01")
    assert (mara.refusal, mara.says) == ("being_picked", "piet is picking at A-01-01 now.")
    assert [row[0] for row in world.rows(select(stock_count.c.place))] == ["B-01-01"], "nothing is begun"
    mara.scan("A-01-01")
    assert mara.says == "You count all at A-01-01."
    world.check()


def test_what_is_in_a_pickers_hand_is_not_counted_as_missing(build: Build) -> None:
    """Two of nine are in the picker's hand, not yet in the tote: seven lie there, and nine are right."""
    picking = Picking(build("A-01-01 MUG 9"))
    world = picking.world
    picking.order("1001", ("MUG", 2))
    picking.release()
    mara = counter(world).scan("A-01-01")
    picking.tote("T-1")
    piet = start(picking, "T-1", worker="piet").scan("A-01-01", "#MUG", "#MUG")
    for said in (("scan", "#MUG"), ("tap", "nothing")):
        getattr(mara, said[0])(said[1])
        assert mara.refusal == "goods_in_hand"
        assert mara.says.endswith("has goods of A-01-01 in hand; they are not booked yet.")
    other = counter(world, "rosa", "HH-03").scan("A-01-01")
    assert other.refusal == "goods_in_hand"
    assert lines(world) == []
    piet.scan("T-1")
    mara.scan("#MUG").tap("many").type("7").tap("nothing")
    assert lines(world) == [("MUG", "", 7, 7, "right")]
    world.check()


def test_no_byte_of_a_whole_count_tells_what_the_books_expect(build: Build) -> None:
    world = build(f"A-01-01 MUG {UNCOMMON}\nA-01-01 TEA {UNCOMMON} lot=L1")
    mara = world.worker("mara")
    told = [msgspec.json.encode(mara.answer)]

    def note() -> None:
        told.append(msgspec.json.encode(mara.answer))

    for kind, raw in (
        ("tap", "start:counting"), ("scan", "A-01-01"), ("scan", "#MUG"), ("tap", "many"), ("type", "5"),
        ("tap", "look_up"), ("tap", "menu"), ("tap", "start:lookup"), ("scan", "A-01-01"), ("scan", "#MUG"),
        ("tap", "back"), ("tap", "menu"), ("tap", "start:counting"), ("tap", "next"),
        ("scan", "A-01-01"), ("scan", "#TEA"), ("tap", "undo"), ("scan", "9780201379624"), ("tap", "nothing"),
    ):  # fmt: skip
        getattr(mara, kind)(raw)
        note()
    said = b"".join(told)
    assert b"look_up" in said or b"blind" in said
    assert not tells(said, UNCOMMON)
    assert [row[0] for row in world.rows(select(stock_count.c.outcome))] == ["recount"]
