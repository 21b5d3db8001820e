"""Who is given what next, and why: each rule by a story that goes otherwise without it."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from app import clock, schema
from app.floor.flows import flows
from app.schema.directing import postponed
from app.schema.work import task
from app.stock.ledger import By
from app.work import directing, directing_acts, directing_queue, directing_weights, replenishing, tasks
from app.work.directing import Candidate, Ranked, Standing
from app.work.directing_weights import Weights
from tests.world import Hand, World

Build = Callable[[str], World]
NOW = 1_000 * clock.HOUR
MARA = Standing(worker="mara", now=NOW, place="A-04-02")
WALKS = {"A-04-03": 3, "A-04-09": 12, "B-01": 180, "A-04-02": 0}
PALLET = Candidate(job="putaway", kind="putaway", title="put away LPN-1", priority=4, place="B-01")
PICK = Candidate(job="picking", kind="pick", task="W-1", title="pick W-1", priority=5, place="A-04-03")


def metres(one: str, other: str) -> int:
    return WALKS.get(other, -1)


def given(*candidates: Candidate, to: Standing = MARA) -> list[Ranked]:
    return directing.rank(candidates, to, metres)


def titles(*candidates: Candidate, to: Standing = MARA) -> list[str]:
    return [one.candidate.title for one in given(*candidates, to=to)]


# ── the rules ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_after_a_putaway_in_an_aisle_the_task_next_to_it_beats_the_pallet_at_the_dock() -> None:
    best, second = given(PALLET, PICK)
    assert best.candidate.title == "pick W-1"
    assert "3 m from A-04-02" in best.why
    assert directing.lost(best, second) == "it is 180 m away"
    assert titles(PALLET, PICK, to=replace(MARA, place="")) == ["put away LPN-1", "pick W-1"], (
        "nobody knows where she is"
    )


def test_a_step_of_priority_is_worth_only_so_much_walking() -> None:
    far = replace(PALLET, priority=1 + 1)
    best, second = given(far, PICK)
    assert (best.candidate.title, directing.lost(best, second)) == ("put away LPN-1", "it is less urgent")


def test_what_a_pick_waits_for_goes_before_everything_but_what_one_has_begun() -> None:
    waited = Candidate(
        job="replenishing", kind="replenish", task="R", title="fill A-02", priority=1, place="B-01",
        reason="2 picks wait for 18",
    )  # fmt: skip
    late = replace(PICK, due=NOW - clock.MINUTE)
    assert titles(PALLET, late, waited)[0] == "fill A-02"
    [best, *_] = given(PALLET, late, waited)
    assert best.why[0] == "2 picks wait for 18"
    begun = replace(PALLET, mine=True)
    assert titles(begun, late, waited)[0] == "put away LPN-1"
    assert given(begun, waited)[0].why[0] == "You began it"


def test_a_cut_off_that_is_near_outweighs_a_walk_and_one_that_has_passed_outweighs_more() -> None:
    soon = replace(PALLET, title="soon", due=NOW + 20 * clock.MINUTE)
    late = replace(PALLET, title="late", due=NOW - 5 * clock.MINUTE)
    assert titles(PICK, soon, late) == ["late", "soon", "pick W-1"]
    assert "Cut-off in 20 min" in given(soon)[0].why
    assert "Cut-off passed 5 min ago" in given(late)[0].why


def test_work_of_the_own_zone_comes_first() -> None:
    ours, theirs = replace(PICK, zone="A", title="ours"), replace(PICK, zone="B", title="theirs", place="A-04-02")
    at_a = replace(MARA, zone="A")
    best, second = given(theirs, ours, to=at_a)
    assert (best.candidate.title, directing.lost(best, second)) == ("ours", "it is in zone B, not yours")
    assert "In your zone A" in best.why
    assert titles(theirs, ours) == ["theirs", "ours"], "on the move, nearness decides"


def test_nothing_waits_for_ever() -> None:
    old = replace(PICK, title="old", place="A-04-09", created=NOW - 3 * clock.HOUR)
    assert titles(PICK, old) == ["old", "pick W-1"]
    assert "Waits for 3 h" in given(old)[0].why


def test_who_lacks_skill_or_equipment_is_not_given_it() -> None:
    high = replace(PICK, needs=("reach_truck",))
    assert titles(high) == []
    assert titles(high, to=replace(MARA, can=frozenset({"reach_truck", "cold"}))) == ["pick W-1"]


def test_what_somebody_holds_is_not_given_until_the_lease_is_over() -> None:
    held = replace(PICK, holder="tom", until=NOW + clock.MINUTE)
    assert titles(held) == []
    assert titles(replace(held, until=NOW)) == ["pick W-1"]


def test_what_one_put_off_is_not_offered_to_them() -> None:
    assert titles(PICK, PALLET, to=replace(MARA, put_off=frozenset({"pick W-1"}))) == ["put away LPN-1"]


def test_what_the_office_gave_somebody_is_theirs_first_and_nobody_elses() -> None:
    given_away = replace(PALLET, assigned="mara", priority=9)
    best, second = given(PICK, given_away)
    assert (best.candidate.title, best.why[0]) == ("put away LPN-1", "It was given to you")
    assert directing.lost(best, second) == "the other is meant for you"
    assert titles(PICK, given_away, to=replace(MARA, worker="tom")) == ["pick W-1"]


def test_a_house_that_lives_by_priority_makes_its_steps_worth_more() -> None:
    far = replace(PICK, place="B-01", priority=4)
    near = replace(PICK, title="near", priority=5)
    assert [one.candidate.title for one in directing.rank([far, near], MARA, metres)] == ["near", "pick W-1"]
    steep = Weights(step=500)
    assert [one.candidate.title for one in directing.rank([far, near], MARA, metres, steep)] == ["pick W-1", "near"]


def test_every_job_that_names_its_kinds_can_begin_a_certain_one() -> None:
    for job in flows():
        first = job.start()
        assert not job.kinds or job.offers is not None or hasattr(first, "tap_take"), job.name


# ── on the floor ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def world(build: Build) -> World:
    """Two aisles; mugs wait on the dock, two faces are low: one in aisle 1, one far away."""
    world = build("DOCK-1 MUG 12 lpn=LPN-7")
    world.change(schema.places.site, schema.places.site.c.code == "MAIN", aisles=9, blocks=1, aisle_pitch_mm=10_000,
                 block_length_mm=30_000)  # fmt: skip
    for n, (code, kind, aisle) in enumerate(
        [("A-01", "bin", 0), ("A-02", "bin", 0), ("R-01", "reserve", 0), ("F-01", "bin", 8), ("R-09", "reserve", 8)], 1
    ):
        world.location(code, kind=kind, aisle=aisle, position_mm=n * 1000, sequence=n, zone=code[0])
    world.stock("R-01 SOAP 40")
    world.stock("R-09 TEA 40")
    world.stock("A-01 MUG 1")
    world.db.do(lambda tx: replenishing.keep_filled(tx, "A-02", "SOAP", 5, 20))
    world.db.do(lambda tx: replenishing.keep_filled(tx, "F-01", "TEA", 5, 20))
    world.db.do(replenishing.look)
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    return world.worker("mara")


def test_next_goes_from_job_to_job_and_says_why(world: World, mara: Hand) -> None:
    assert mara.prompt.main.label == "Next: fill A-02"
    mara.scan("CMD/NEXT")
    assert (mara.asks, mara.prompt.place) == ("Scan location", "R-01")
    mara.scan("R-01", "#SOAP", "A-02")
    assert mara.says == "20 × SOAP in A-02."
    assert (mara.prompt.job, mara.asks) == ("Next task", "Put away LPN-7"), "the dock is nearer than aisle 9"
    assert mara.prompt.why_title == "Why you, why this"
    assert mara.prompt.why[-1].startswith("✕ fill F-01: it is")
    mara.scan("LPN-7")
    assert mara.asks == "Scan bin"
    mara.scan("A-01")
    assert (mara.prompt.job, mara.asks, mara.prompt.place) == ("Next task", "Fill F-01", "R-09")
    mara.scan("R-09")
    assert mara.asks == "Scan item", "the scan of its place began it and answered it"
    mara.scan("#TEA", "F-01")
    assert mara.asks == "Nothing to replenish", "and then nothing waits"
    world.check()


def test_who_chooses_a_job_is_not_sent_to_another(world: World, mara: Hand) -> None:
    mara.tap("start:replenishing", "next").scan("R-01", "#SOAP", "A-02")
    assert mara.asks == "Scan pick face"


def test_not_now_needs_a_reason_and_offers_it_to_others(world: World, mara: Hand) -> None:
    mara.tap("why")
    assert mara.asks == "Fill A-02"
    mara.tap("later", "reason:lazy")
    assert mara.refusal == "no_such_reason"
    mara.tap("reason:blocked")
    assert mara.says == "Not now: fill A-02."
    assert mara.asks != "Fill A-02"
    assert world.rows(select(postponed.c.worker, postponed.c.reason)) == [("mara", "blocked")]
    tom = world.worker("tom", device="HH-02")
    assert tom.prompt.main.label == "Next: fill A-02"


def test_what_somebody_has_is_shown_with_their_name_and_taken_over_by_asking_twice(world: World, mara: Hand) -> None:
    mara.scan("CMD/NEXT")
    tom = world.worker("tom", device="HH-02").tap("why", "others")
    [held] = [key for key in tom.prompt.choices if key.note == "Mara has it"]
    assert held.label == "fill A-02"
    tom.tap(f"take:{held.value}")
    assert (tom.refusal, tom.says) == ("running_elsewhere", "Mara has this task on HH-01.")
    tom.tap(f"take:{held.value}")
    assert (tom.asks, tom.prompt.place) == ("Scan location", "R-01")
    mara.scan("R-01")
    assert mara.refusal == "taken_over"


def test_a_reach_truck_is_needed_where_the_row_says_so(world: World) -> None:
    world.db.do(lambda tx: directing_queue.need(tx, "replenish", "R", "reach_truck"))
    mara = world.worker("mara")
    assert mara.prompt.main.label == "Next: put away LPN-7"
    world.change(schema.people.worker, schema.people.worker.c.code == "mara", equipment="reach_truck")
    assert mara.tap("menu").prompt.main.label == "Next: fill A-02"


def test_a_task_that_was_ended_meanwhile_is_not_begun(world: World, mara: Hand) -> None:
    mara.tap("why")
    [key] = [row[0] for row in world.rows(select(task.c.id).where(task.c.place == "A-02"))]
    world.db.do(lambda tx: tasks.cancel(tx, key))
    mara.tap("begin")
    assert mara.says == "Somebody has done that already."
    assert mara.prompt.job == "Next task"


def test_a_count_is_handed_out_with_all_other_work_but_not_to_who_counted_before(world: World, mara: Hand) -> None:
    world.db.do(lambda tx: tasks.add(tx, "count", id="C-1", place="A-01", priority=1, reason="short pick"))
    mara.scan("CMD/NEXT")
    assert (mara.prompt.job, mara.prompt.place) == ("Count", "A-01")


def test_weights_are_rows_and_count_at_once(world: World, mara: Hand) -> None:
    assert mara.prompt.main.label == "Next: fill A-02"
    world.db.do(lambda tx: directing_weights.change(tx, "step", 0))
    assert mara.tap("menu").prompt.main.label == "Next: put away LPN-7", "equally urgent, and there longer"
    with pytest.raises(directing_weights.NoSuchWeight, match="nothing is weighed by that"):
        world.db.do(lambda tx: directing_weights.change(tx, "stp", 5))


def test_a_priority_set_at_the_desk_stays_and_a_cancelled_need_is_not_made_again(world: World) -> None:
    [key] = [row[0] for row in world.rows(select(task.c.id).where(task.c.place == "A-02"))]
    by = By(worker="ruth")
    world.db.do(lambda tx: directing_acts.step(tx, key, -4, by))
    world.db.do(replenishing.look)
    assert world.rows(select(task.c.priority).where(task.c.id == key)) == [(7,)]
    world.db.do(lambda tx: directing_acts.cancel(tx, key, "not_needed", by))
    world.db.do(replenishing.look)
    assert world.rows(select(task.c.id).where(task.c.place == "A-02", task.c.state == "open")) == []
    world.check()


def test_why_was_i_given_this_is_answered_in_the_middle_of_the_job(world: World, mara: Hand) -> None:
    mara.scan("CMD/NEXT")
    assert mara.prompt.place == "R-01"
    mara.scan("CMD/WHY")
    assert mara.prompt.job == "Why this task"
    assert "Priority 3" in mara.prompt.why
    assert mara.prompt.why[-1] == "✕ fill F-01: as good, but it came later"
    assert mara.tap("back").prompt.place == "R-01", "exactly where she was"
    mara.tap("menu", "start:replenishing", "next", "why")
    assert mara.prompt.why[0] == "You chose it yourself"
    tom = world.worker("tom", device="HH-02")
    tom.tap("start:replenishing").scan("CMD/WHY")
    assert tom.asks == "You have no task"


def test_goods_to_inspect_are_offered_to_all_but_who_received_them(world: World, mara: Hand) -> None:
    world.stock("DOCK-1 HON 6 lpn=LPN-9 status=inspection")
    world.change(task, task.c.kind == "replenish", state="cancelled")
    mara.scan("CMD/NEXT")
    mara.tap("menu", "why", "others")
    assert "inspect HON" in [key.label for key in mara.prompt.choices]
    world.db.do(lambda tx: directing_queue.need(tx, "inspecting", "", "quality"))
    mara.tap("menu", "why", "others")
    assert "inspect HON" not in [key.label for key in mara.prompt.choices]
