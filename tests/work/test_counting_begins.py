"""Where counts come from: classes by turnover, what is due, emptied bins, requests, and the whole house wall to wall."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import clock
from app.errors import Refusal
from app.schema.counting import count_trigger, item_class, stock_count
from app.schema.items import item
from app.schema.places import location
from app.schema.work import task
from app.stock import ledger
from app.stock.events import Moved
from app.stock.ledger import By
from app.stock.slots import CUSTOMER, Movement, Slot
from app.work import master
from app.work.counting import classes, plans, requests, rules, schedule, triggers
from app.work.counting.plans import Plan
from app.work.counting.rules import Class
from app.work.counting.schedule import Place
from app.work.master_terms import Outcome
from tests.world import World

Build = Callable[[str], World]
DAYS = {"A": 30, "B": 90, "C": 180}
HOUSE = {name: Class(name=name, share_percent=0, every_days=days, active=1) for name, days in DAYS.items()}
NOW = 1_000 * clock.DAY


def waiting(world: World) -> list[tuple[str, str, str]]:
    columns = (task.c.place, task.c.item, task.c.document)
    return [tuple(row) for row in world.rows(select(*columns).where(task.c.state == "open").order_by(task.c.place))]


def take(world: World, code: str, quantity: int, place: str, target: str = CUSTOMER) -> None:
    step = Movement(item=code, quantity=quantity, source=Slot(location=place), target=Slot(location=target))
    world.db.do(lambda tx: ledger.post(tx, Moved(contents=(step,)), By(worker="piet")))


def test_the_few_items_that_make_most_of_the_turnover_are_a() -> None:
    three = [Class(name=n, share_percent=s, every_days=9, active=1) for n, s in (("A", 80), ("B", 15), ("C", 5))]
    turnovers = [("BIG", 700), ("SECOND", 150), ("THIRD", 100), ("SMALL", 50), ("DEAD", 0)]
    found = classes.shares(turnovers, three)
    assert found == {"BIG": "A", "SECOND": "A", "THIRD": "B", "SMALL": "C", "DEAD": "C"}
    assert classes.shares([("ANY", 0)], three) == {"ANY": "C"}
    assert classes.shares(turnovers, []) == {}


def test_what_is_most_overdue_is_counted_first_and_the_reason_tells_no_quantity() -> None:
    def place(code: str, best: str, days: int, **facts: int) -> Place:
        last = NOW - days * clock.DAY if days else 0
        return Place(**{"code": code, "best": best, "value": 0, "last": last, "wrong": 0, **facts})  # type: ignore[arg-type]

    found = schedule.rank(
        [
            place("FRESH", "A", 29), place("LATE", "A", 45), place("LATER", "B", 200), place("WRONG", "C", 181, wrong=4),
            place("NEW-C", "C", 0, value=7919), place("NEW-A", "A", 0), place("ODD", "X", 999),
        ],
        HOUSE,
        NOW,
    )  # fmt: skip
    assert [one.place for one in found] == ["WRONG", "NEW-A", "LATER", "NEW-C", "LATE"]
    assert found[2].reason == "class B, every 90 days, last counted 200 days ago"
    assert "7919" not in "".join(one.reason for one in found)


def test_the_schedule_fills_the_queue_only_so_far_and_never_twice(build: Build) -> None:
    world = build("A-01-01 MUG 10\nA-02-01 TEE 10\nA-03-01 CUP 10\nDOCK-1 BOX 5")
    world.change(item, item.c.code == "TEE", standard_cost=9000)
    take(world, "TEE", 5, "A-02-01")
    world.db.do(lambda tx: classes.write(tx, classes.look(tx) or []))
    assert world.rows(select(item_class.c.item).where(item_class.c["class"] == "A")) == [("TEE",)]
    with world.db.reading() as tx:
        assert classes.look(tx) is None, "once a day"
    world.db.do(lambda tx: rules.change(tx, "open_at_most", 2))
    for _ in range(2):
        world.db.do(lambda tx: schedule.write(tx, schedule.look(tx)))
    assert [row[0] for row in waiting(world)] == ["A-01-01", "A-02-01"], "the A item's place and one more, no dock"
    for _ in range(2):
        hand = world.worker("mara").tap("menu", "start:counting", "next")
        assert "class" in hand.prompt.hint
        place = hand.prompt.place
        code = {"A-01-01": "MUG", "A-02-01": "TEE"}[place]
        hand.scan(place, f"#{code}").tap("many").type("10" if code == "MUG" else "5").tap("nothing")
    world.db.do(lambda tx: schedule.write(tx, schedule.look(tx)))
    assert [row[0] for row in waiting(world)] == ["A-03-01"], "what was counted is not due again"


def test_an_emptied_bin_counts_itself_once_and_a_nearly_empty_one_by_its_row(build: Build) -> None:
    world = build("A-01-01 MUG 5\nA-02-01 TEE 5\nB-01-01 CUP 9")

    def look() -> None:
        world.db.do(lambda tx: triggers.write(tx, seen) if (seen := triggers.look(tx)) else 0)

    look()
    assert waiting(world) == [], "a new house does not look back"
    take(world, "MUG", 5, "A-01-01", "B-01-01")
    take(world, "TEE", 3, "A-02-01", "B-01-01")
    look()
    look()
    assert waiting(world) == [("A-01-01", "MUG", "triggered count")]
    world.change(count_trigger, count_trigger.c.kind == "low", active=1)
    take(world, "TEE", 1, "A-02-01", "B-01-01")
    look()
    assert [row[0] for row in waiting(world)] == ["A-01-01", "A-02-01"]
    hand = world.worker("mara").tap("start:counting").scan("A-01-01").tap("nothing")
    assert hand.says == "A-01-01 is counted."
    take(world, "MUG", 5, "B-01-01", "A-01-01")
    take(world, "MUG", 5, "A-01-01", "B-01-01")
    look()
    assert waiting(world) == [], "not again within its days; the other one is on its way"


def test_counts_are_asked_for_by_place_zone_aisle_and_item_also_by_the_erp(build: Build) -> None:
    world = build("A-01-01 MUG 5\nA-02-01 TEE 5\nB-01-01 MUG 9")
    world.change(location, location.c.code == "B-01-01", zone="COLD")
    asked = world.db.do(lambda tx: requests.request(tx, "item", "MUG"))
    assert asked.in_words == "2 places to be counted."
    assert waiting(world) == [("A-01-01", "MUG", "requested count"), ("B-01-01", "MUG", "requested count")]
    assert (
        world.db.do(lambda tx: requests.request(tx, "item", "MUG")).in_words
        == "0 places to be counted, 2 waited already."
    )
    assert world.db.do(lambda tx: requests.request(tx, "aisle", "A-0")).made == 2
    with pytest.raises(Refusal) as why:
        world.db.do(lambda tx: requests.request(tx, "zone", "NONE"))
    assert why.value.code == "nothing_to_count"

    def ask(**facts: str) -> Outcome:
        message = master.decode("count.request", {"code": "CR-1", **facts})
        return world.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))

    assert ask(zone="COLD").sentence == "Count request CR-1: 1 place to be counted."
    assert ask(zone="COLD").state == "same"
    assert ask(code="CR-2", item="NEW").missing == "item NEW"
    assert ask(code="CR-3", item="MUG", zone="COLD").state == "dead"
    with pytest.raises(master.Unreadable):
        ask(code="CR-4", item="MUG", reason="should be 7919")


def test_an_item_the_books_have_nowhere_is_counted_in_its_pick_face(build: Build) -> None:
    world = build("A-01-01 MUG 5\nB-01-01 TEE 9")
    world.add(item, code="CUP", standard_cost=1)
    world.change(location, location.c.code == "A-01-01", fixed_item="CUP")

    def ask(kind: str, **facts: str) -> str:
        message = master.decode(kind, facts)
        return world.db.do(lambda tx: master.apply(tx, message, By(worker="erp"))).sentence

    assert ask("count.request", code="CR-1", item="CUP") == "Count request CR-1: 1 place to be counted."
    assert waiting(world) == [("A-01-01", "CUP", "request CR-1")]
    assert ask("adjustment.request", code="AR-1", item="CUP").endswith("0 places to be counted, 1 waited already.")
    hand = world.worker("mara").tap("start:counting").scan("A-01-01").tap("nothing")
    assert hand.says == "A-01-01 is counted."
    assert waiting(world) == []
    assert world.rows(select(stock_count.c.item, stock_count.c.outcome)) == [("CUP", "right")]
    assert world.holds() == "A-01-01 MUG 5\nB-01-01 TEE 9"
    with pytest.raises(requests.NothingThere, match="The books have GHOST nowhere"):
        world.db.do(lambda tx: requests.request(tx, "item", "GHOST"))


def test_wall_to_wall_freezes_shows_progress_and_closes_with_a_report(build: Build) -> None:
    world = build("A-01-01 MUG 100\nA-02-01 TEE 10\nB-01-01 CUP 3")
    world.change(location, location.c.code == "B-01-01", zone="COLD")
    for code in ("MUG", "TEE", "CUP"):
        world.change(item, item.c.code == code, standard_cost=100)
    plan: Plan = world.db.do(lambda tx: plans.create(tx, "house", "", freeze=True, worker="ruth"))
    assert (plan.code, plan.places, plan.words) == ("W001", 3, "the whole house")
    with pytest.raises(Refusal) as why:
        world.db.do(lambda tx: plans.create(tx, "house", "", freeze=False, worker="ruth"))
    assert why.value.code == "already_planned"
    blocked = select(location.c.code).where(location.c.blocked == "counted in W001").order_by(location.c.code)
    assert len(world.rows(blocked)) == 3
    mara = world.worker("mara").tap("start:counting")
    mara.scan("A-01-01", "#MUG").tap("many").type("99").tap("nothing")
    assert [row[0] for row in world.rows(blocked)] == ["A-02-01", "B-01-01"], "what is counted may be worked in again"
    with world.db.reading() as tx:
        assert [(one.zone, one.counted, one.places) for one in plans.progress(tx, plan)] == [("", 1, 2), ("COLD", 0, 1)]
    with pytest.raises(Refusal) as why:
        world.db.do(lambda tx: plans.close(tx, "W001"))
    assert why.value.sentence == "2 places of W001 are not counted and 0 differences are not decided."
    for place, code, n in (("A-02-01", "TEE", "10"), ("B-01-01", "CUP", "3")):
        hand = world.worker("mara").tap("menu", "start:counting").scan(place)
        hand.scan(f"#{code}").tap("many").type(n).tap("nothing")
    told = world.db.do(lambda tx: plans.close(tx, "W001"))
    assert told == "W001 is closed: 3 lines, 66 % right, 1 units lost, 0 found."
    with world.db.reading() as tx:
        report = plans.report(tx, plan)
    assert (report.counted, report.lost_value, report.accuracy) == (3, 100, 66)
    assert {row[0] for row in world.rows(select(stock_count.c.plan))} == {"W001"}
    world.check()


def test_a_cancelled_plan_gives_every_place_back(build: Build) -> None:
    world = build("A-01-01 MUG 100\nA-02-01 TEE 10")
    world.db.do(lambda tx: plans.create(tx, "aisle", "A-", freeze=True, worker="ruth"))
    assert world.db.do(lambda tx: plans.cancel(tx, "W001")) == "W001 is cancelled; 2 places were not counted."
    assert world.rows(select(location.c.code).where(location.c.blocked != "")) == []
    assert waiting(world) == []
