"""What becomes of a difference: looked at again by somebody else, then approved, recounted or rejected by a third."""

from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import select

from app import clock
from app.desk import variances
from app.desk.trace import TraceFilter, trace
from app.desk.variances import VarianceFilter
from app.errors import Refusal
from app.schema.counting import count_line
from app.schema.items import item, pack
from app.schema.stock import journal
from app.schema.work import exception, task
from app.stock import journal as history
from app.stock.ledger import By
from app.work.counting import deciding, rules, undoing
from sync.messages import Identity, as_message
from tests.workflows.picking_floor import Picking
from tests.world import Hand, World

Build = Callable[[str], World]
RUTH, LENA = By(worker="ruth", cause="desk"), By(worker="lena", cause="desk")


def count(world: World, who: str, place: str, *seen: tuple[str, int]) -> Hand:
    hand = world.worker(who, device=f"HH-{who}").tap("start:counting").scan(place)
    for code, quantity in seen:
        hand.scan(f"#{code}")
        if quantity > 1:
            hand.tap("many").type(str(quantity))
    return hand.tap("nothing")


def waiting(world: World) -> str:
    [row] = world.rows(select(count_line.c.id).where(count_line.c.state == "review"))
    return str(row[0])


def refusal(world: World, work: Callable[..., str]) -> str:
    with pytest.raises(Refusal) as why:
        world.db.do(work)
    return why.value.code


def counted_twice(build: Build, stock: str = "A-01-01 MUG 24", found: int = 17) -> tuple[World, str]:
    world = build(stock)
    world.change(item, item.c.code == "MUG", standard_cost=450)
    for who in ("ruth", "lena"):
        world.worker(who, "worker supervisor", device=who)
    count(world, "mara", "A-01-01", ("MUG", found))
    count(world, "piet", "A-01-01", ("MUG", found))
    return world, waiting(world)


def test_a_supervisor_approves_with_a_reason_and_the_books_follow(build: Build) -> None:
    world, key = counted_twice(build)
    assert refusal(world, lambda tx: deciding.approve(tx, key, "guess", RUTH)) == "no_such_reason"
    assert refusal(world, lambda tx: deciding.approve(tx, key, "confirmed", By(worker="mara"))) == "same_person"
    assert refusal(world, lambda tx: deciding.approve(tx, key, "confirmed", By(worker="piet"))) == "same_person"
    assert world.holds() == "A-01-01 MUG 24"
    told = world.db.do(lambda tx: deciding.approve(tx, key, "confirmed", RUTH))
    assert told.startswith("7 × MUG less at A-01-01: adjusted by event ")
    assert world.holds() == "A-01-01 MUG 17"
    [body] = world.rows(select(journal.c.body, journal.c.worker).where(journal.c.kind == "adjusted"))
    event = msgspec.json.decode(bytes(body[0]))
    assert (event["change"], event["reason"], event["approver"], body[1]) == (-7, "confirmed", "ruth", "ruth")
    assert refusal(world, lambda tx: deciding.approve(tx, key, "confirmed", LENA)) == "variance_decided"
    world.check()


def test_the_table_itself_refuses_an_approval_by_who_counted(build: Build) -> None:
    world, key = counted_twice(build)
    for who in ("piet", "mara"):
        with pytest.raises(Exception, match="counter_never_approves"):
            world.change(count_line, count_line.c.id == key, state="approved", decided_by=who)
    world.change(count_line, count_line.c.id == key, state="approved", decided_by="ruth")


def test_above_the_supervisors_own_limit_it_goes_to_somebody_higher(build: Build) -> None:
    world, key = counted_twice(build, "A-01-01 MUG 900", 300)
    world.worker("ada", "admin", device="ada")
    assert refusal(world, lambda tx: deciding.approve(tx, key, "confirmed", RUTH)) == "above_limit"
    world.db.do(lambda tx: deciding.approve(tx, key, "confirmed", By(worker="ada")))
    assert world.holds() == "A-01-01 MUG 300"


def test_a_third_person_counts_again_when_the_supervisor_wants_it(build: Build) -> None:
    world, key = counted_twice(build)
    world.db.do(lambda tx: deciding.recount(tx, key, RUTH))
    mara = world.worker("mara", device="HH-mara").tap("start:counting").scan("A-01-01")
    assert mara.refusal == "same_person"
    count(world, "olga", "A-01-01", ("MUG", 24))
    rows = world.rows(select(count_line.c.state, count_line.c.round, count_line.c.counter).order_by(count_line.c.round))
    assert rows == [("superseded", 1, "mara"), ("superseded", 2, "piet"), ("right", 3, "olga")]
    assert world.holds() == "A-01-01 MUG 24"


def test_a_supervisor_who_counts_it_is_not_told_at_the_desk_what_the_books_expect(build: Build) -> None:
    world, key = counted_twice(build)
    world.db.do(lambda tx: deciding.recount(tx, key, LENA))
    world.worker("ruth", device="ruth").tap("start:counting").scan("A-01-01")
    with world.db.reading() as tx:
        seen = {who: variances.listing(tx, VarianceFilter(state="recount"), worker=who) for who in ("ruth", "lena")}
    assert [row.book for row in seen["lena"].page.rows] == [24]
    assert seen["ruth"].page.rows == ()


def test_as_many_people_count_it_as_the_house_wants_before_somebody_decides(build: Build) -> None:
    world = build("A-01-01 MUG 24")
    world.db.do(lambda tx: rules.change(tx, "recounts", 2))
    for who, found in (("mara", 17), ("piet", 16), ("olga", 17)):
        count(world, who, "A-01-01", ("MUG", found))
    rows = world.rows(select(count_line.c.state, count_line.c.counter).order_by(count_line.c.round))
    assert rows == [("superseded", "mara"), ("superseded", "piet"), ("review", "olga")]
    key = waiting(world)
    for who in ("mara", "piet", "olga"):
        assert (
            refusal(world, lambda tx, who=who: deciding.reject(tx, key, "cause_known", By(worker=who))) == "same_person"
        )


def test_a_rejected_count_changes_nothing_and_says_why(build: Build) -> None:
    world, key = counted_twice(build)
    told = world.db.do(lambda tx: deciding.reject(tx, key, "not_plausible", RUTH))
    assert told == "MUG at A-01-01: the count is rejected, the books stay."
    row = world.rows(
        select(count_line.c.state, count_line.c.reason, count_line.c.decided_by).where(count_line.c.id == key)
    )
    assert row == [("rejected", "not_plausible", "ruth")]
    assert world.holds() == "A-01-01 MUG 24"


def test_an_approved_difference_says_why_the_books_were_wrong(build: Build) -> None:
    world, key = counted_twice(build, "A-01-01 MUG 24", 2)
    world.add(pack, item="MUG", unit="case", quantity=12)
    with world.db.reading() as tx:
        [row] = variances.listing(tx, VarianceFilter(), worker="ruth").page.rows
    assert (row.proposed.code, row.proposed.why) == ("unit_error", "just what a pack of 12 makes")
    assert refusal(world, lambda tx: deciding.approve(tx, key, "confirmed", RUTH, cause="gnomes")) == "no_such_reason"
    world.db.do(lambda tx: deciding.approve(tx, key, "confirmed", RUTH, cause="mis_pick"))
    [(seq,)] = world.rows(select(journal.c.seq).where(journal.c.kind == "adjusted"))
    with world.db.reading() as tx:
        told = as_message(history.entry(tx, seq), Identity(site="MAIN"))  # type: ignore[arg-type]
        trail = trace(tx, TraceFilter(q="MUG", kind="item")).trail
        decided = variances.listing(tx, VarianceFilter(state="decided"), worker="ruth").decided
    assert b'"cause":"mis_pick"' in told.body
    assert trail is not None
    assert trail.rows[0].words == "22 × MUG, A-01-01 → lost; cause: mis pick"
    assert [row.cause for row in decided] == ["mis_pick"]
    world.check()


def test_a_decision_is_taken_back_by_its_maker_for_ten_minutes(build: Build) -> None:
    world, key = counted_twice(build)
    world.db.do(lambda tx: deciding.approve(tx, key, "confirmed", RUTH))
    assert refusal(world, lambda tx: undoing.undo(tx, key, LENA)) == "not_your_decision"
    world.change(count_line, count_line.c.id == key, decided=clock.now() - undoing.WITHIN)
    with pytest.raises(Refusal, match="it was made 10 minutes ago, and 10 are given"):
        world.db.do(lambda tx: undoing.undo(tx, key, RUTH))
    world.change(count_line, count_line.c.id == key, decided=clock.now())
    with world.db.reading() as tx:
        [one] = variances.listing(tx, VarianceFilter(), worker="ruth").mine_lately
    assert one.minutes_left(clock.now()) == 10
    assert "waits for a decision again: event" in world.db.do(lambda tx: undoing.undo(tx, key, RUTH))
    assert world.holds() == "A-01-01 MUG 24"
    assert refusal(world, lambda tx: undoing.undo(tx, key, RUTH)) == "nothing_decided"
    for decide in (
        lambda tx: deciding.reject(tx, key, "not_plausible", RUTH),
        lambda tx: deciding.recount(tx, key, RUTH),
    ):
        world.db.do(decide)
        world.db.do(lambda tx: undoing.undo(tx, key, RUTH))
        assert waiting(world) == key
    assert world.rows(select(task.c.id).where(task.c.kind == "count", task.c.state == "open")) == []
    world.db.do(lambda tx: deciding.approve(tx, key, "confirmed", RUTH))
    assert world.holds() == "A-01-01 MUG 17"
    world.check()


def test_a_decision_stands_once_the_goods_found_were_promised_or_the_place_counted_again(build: Build) -> None:
    world, key = counted_twice(build, "A-01-01 MUG 10", 12)
    world.db.do(lambda tx: deciding.approve(tx, key, "confirmed", RUTH))
    picking = Picking(world)
    picking.order("1001", ("MUG", 11))
    picking.release()
    with pytest.raises(Refusal, match="the goods moved on") as why:
        world.db.do(lambda tx: undoing.undo(tx, key, RUTH))
    assert why.value.code == "decision_stands"
    assert world.holds() == "A-01-01 MUG 12 (11 promised)"
    count(world, "olga", "A-01-01", ("MUG", 12))
    with pytest.raises(Refusal, match="A-01-01 is being counted, or was since"):
        world.db.do(lambda tx: undoing.undo(tx, key, RUTH))
    world.check()


def test_several_are_approved_at_once_only_within_the_limits(build: Build) -> None:
    world = build("A-01-01 MUG 20\nA-01-01 KEG 20")
    world.change(item, item.c.code == "MUG", standard_cost=100)
    world.change(item, item.c.code == "KEG", standard_cost=90_000)
    world.worker("ruth", "worker supervisor", device="ruth")
    for who in ("mara", "piet"):
        hand = world.worker(who, device=f"HH-{who}").tap("start:counting")
        for _ in range(2 if who == "piet" else 1):
            hand.scan("A-01-01") if who == "mara" else hand.tap("next").scan("A-01-01")
            for code in ("MUG", "KEG"):
                hand.scan(f"#{code}")
                if not hand.refusal:
                    hand.tap("many").type("10")
            hand.tap("nothing")
    keys = [row[0] for row in world.rows(select(count_line.c.id).where(count_line.c.state == "review"))]
    assert len(keys) == 2
    told = deciding.approve_all(world.db, keys, "confirmed", RUTH)
    assert told.startswith("1 approved. 1 left: 10 × KEG less at A-01-01: 9000.00, and Ruth may decide up to 1000.00")
    assert world.holds() == "A-01-01 KEG 20\nA-01-01 MUG 10"


def test_promised_goods_that_are_not_there_are_short_and_planned_anew_the_least_urgent_first(build: Build) -> None:
    picking = Picking(build("A-01-01 MUG 10\nB-01-01 MUG 2"))
    world = picking.world
    world.change(item, item.c.code == "MUG", standard_cost=100)
    world.worker("ruth", "worker supervisor", device="ruth")
    picking.order("1001", ("MUG", 6), priority=1)
    picking.order("1002", ("MUG", 4), priority=7)
    picking.release()
    assert world.holds() == "A-01-01 MUG 10 (10 promised)\nB-01-01 MUG 2"
    count(world, "mara", "A-01-01", ("MUG", 5))
    count(world, "piet", "A-01-01", ("MUG", 5))
    world.db.do(lambda tx: deciding.approve(tx, waiting_in(tx), "confirmed", RUTH))
    assert world.holds() == "A-01-01 MUG 5 (5 promised)\nB-01-01 MUG 2 (2 promised)"
    assert picking.line("1001/1") == {"allocated": 5, "short": 1}
    assert picking.line("1002/1") == {"allocated": 2, "short": 2}
    told = [row[0] for row in world.rows(select(exception.c.sentence).order_by(exception.c.created))]
    assert told[0] == "4 × MUG missing at A-01-01: the count found less. 2 found nowhere."
    assert world.rows(select(task.c.id).where(task.c.kind == "count", task.c.state == "open")) == []
    world.check()


def waiting_in(tx: object) -> str:
    return str(tx.value(select(count_line.c.id).where(count_line.c.state == "review")))  # type: ignore[attr-defined]


def test_a_bin_in_doubt_is_not_offered_to_orders_until_it_is_decided(build: Build) -> None:
    world, key = counted_twice(build)
    picking = Picking(world)
    picking.order("1001", ("MUG", 1))
    picking.release()
    assert picking.line("1001/1") == {}
    world.db.do(lambda tx: deciding.approve(tx, key, "confirmed", RUTH))
    picking.release()
    assert picking.line("1001/1") == {"allocated": 1}


def test_a_code_nobody_knew_is_linked_later_and_becomes_a_difference(build: Build) -> None:
    world = build("A-01-01 MUG 24\nB-01-01 TEE 1")
    world.worker("ruth", "worker supervisor", device="ruth")
    mara = world.worker("mara").tap("start:counting").scan("A-01-01", "#MUG").tap("many").type("24")
    mara.scan("9780201379624", "9780201379624").tap("nothing")
    [(count_id,)] = world.rows(select(count_line.c.count))
    link = lambda tx: deciding.link(tx, count_id, "9780201379624", "TEE", RUTH, times=6)  # noqa: E731
    assert world.db.do(link) == "9780201379624 is counted as TEE."
    key = waiting(world)
    world.worker("ada", "admin", device="ada")
    world.db.do(lambda tx: deciding.approve(tx, key, "confirmed", By(worker="ada")))
    assert world.holds() == "A-01-01 MUG 24\nA-01-01 TEE 12\nB-01-01 TEE 1"
    assert world.rows(select(exception.c.state).where(exception.c.code == "unknown_counted")) == [("closed",)]
    world.check()


def test_a_serial_found_at_another_place_is_moved_there_on_the_books_by_a_supervisor_only(build: Build) -> None:
    world = build("A-01-01 KET 2 serials=S1,S2\nB-01-01 KET 2 serials=S8,S9")
    world.change(item, item.c.code == "KET", standard_cost=1)
    world.worker("ada", "admin", device="ada")
    for who in ("mara", "piet"):
        world.worker(who, device=f"HH-{who}").tap("start:counting").scan("A-01-01", "S1", "S9").tap("nothing")
    world.db.do(lambda tx: deciding.approve(tx, waiting_in(tx), "confirmed", By(worker="ada")))
    assert world.holds() == "A-01-01 KET 2\nB-01-01 KET 1"
    world.check()
