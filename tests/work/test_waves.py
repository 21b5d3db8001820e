"""A wave from the pool to the floor and back, its walks, and what the desk is told."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db import Tx
from app.errors import Refusal
from app.schema.documents import order_line, sales_order
from app.schema.places import location, site
from app.schema.work import pick, task, task_tote
from app.stock.ledger import By
from app.work import allocation, releasing, tasks, walks, waves
from app.work.routes import Floor
from app.work.walks import Method
from tests.world import World

Build = Callable[[str], World]
DESK = By(worker="lead")
QUICK = Method(max_orders=3, budget_s=0)


def order(world: World, code: str, *lines: tuple[str, int], **facts: Any) -> None:
    world.add(sales_order, code=code, **facts)
    for n, (item, quantity) in enumerate(lines, 1):
        world.add(order_line, id=f"{code}/{n}", order_code=code, line=str(n), item=item, quantity=quantity)


def states(world: World) -> dict[str, str]:
    return {row[0]: row[1] for row in world.rows(select(sales_order.c.code, sales_order.c.state))}


def picks(world: World) -> list[str]:
    rows = world.rows(
        select(pick.c.task, pick.c.location, pick.c.item, pick.c.quantity, pick.c.order_code)
        .where(pick.c.state == "open")
        .order_by(pick.c.task, pick.c.sequence)
    )
    return [f"{row[0]}: {row[1]} {row[2]} {row[3]} for {row[4]}" for row in rows]


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as told:
        work()
    return told.value.sentence


STOCK = """
    A-01  TEE   10
    A-02  MUG    2
    A-03  HONEY  5  lot=L1 expiry=2099-01-01
    DOCK  PEN    9
"""


def test_a_wave_is_released_into_walks_and_what_is_not_there_goes_back_with_the_reason(build: Build) -> None:
    world = build(STOCK)
    order(world, "1001", ("TEE", 2), ("HONEY", 1), cutoff=900)
    order(world, "1002", ("MUG", 5), cutoff=800)
    order(world, "1003", ("PEN", 1), cutoff=700)
    order(world, "1004", ("TEE", 1), ("MUG", 1), cutoff=950, ship_complete=1)
    order(world, "1005", ("TEE", 1), priority=1)
    with world.db.reading() as tx:
        assert [waiting.code for waiting in waves.pool(tx)] == ["1005", "1003", "1002", "1001", "1004"]
        assert [waiting.code for waiting in waves.pool(tx, cutoff=800)] == ["1003", "1002"]
        seen = waves.simulate(tx, ["1001", "1002", "1003", "1004", "1005"])
    assert (seen.lines, seen.units, seen.unserved) == (4, 6, ("1003", "1004"))
    code = world.db.do(lambda tx: waves.create(tx, worker="lead"))
    assert code == "W-0001"
    assert set(states(world).values()) == {"waved"}
    told = releasing.release(world.db, code, DESK, QUICK)
    assert (told.walks, told.lines, told.units, told.back_to_pool) == (2, 4, 6, ("1003", "1004"))
    assert [f"{m.line}: {m.why}" for m in told.missing] == [
        "1003/1: 1 in staging, not put away",
        "1002/1: 3 not in stock",
        "1004/2: 1 allocated elsewhere",
    ]
    assert [line.partition(": ")[2] for line in picks(world)] in (
        [
            "A-01 TEE 2 for 1001",
            "A-02 MUG 2 for 1002",
            "A-03 HONEY 1 for 1001",
            "A-01 TEE 1 for 1005",
        ],
        [
            "A-01 TEE 1 for 1005",
            "A-01 TEE 2 for 1001",
            "A-02 MUG 2 for 1002",
            "A-03 HONEY 1 for 1001",
        ],
    )
    assert states(world) == {"1001": "waved", "1002": "waved", "1003": "pool", "1004": "pool", "1005": "waved"}
    [short] = world.rows(select(order_line.c.short).where(order_line.c.id == "1002/1"))
    assert short[0] == 3, "the rest of an order that may be split is backordered"
    with world.db.reading() as tx:
        figures = waves.figures(tx, code)
        first = tasks.queue(tx, "pick")[0]
        assert (first.priority, first.document) == (1, "order 1005"), "the urgent order walks alone"
    assert (figures.orders, figures.lines, figures.units, figures.walks) == (3, 4, 6, 2)
    world.check()


def test_a_wave_is_pulled_back_until_the_first_pick_and_leaves_nothing_behind(build: Build) -> None:
    world = build(STOCK)
    order(world, "1001", ("TEE", 2), ("MUG", 4))
    order(world, "1002", ("TEE", 3))
    before = world.holds()
    code = world.db.do(lambda tx: waves.create(tx, ["1001", "1002"]))
    releasing.release(world.db, code, DESK, QUICK)
    assert refused(lambda: releasing.release(world.db, code, DESK, QUICK)) == "Wave W-0001 is released."
    waves.pull_back(world.db, code, DESK)
    waves.pull_back(world.db, code, DESK)  # twice is harmless
    assert world.holds() == before
    assert states(world) == {"1001": "pool", "1002": "pool"}
    assert picks(world) == []
    counters = world.rows(select(order_line.c.allocated, order_line.c.short).distinct())
    assert [tuple(row) for row in counters] == [(0, 0)], "what was backordered at release is wanted again"
    with world.db.reading() as tx:
        assert tasks.waiting(tx, "pick") == 0
    again = world.db.do(lambda tx: waves.create(tx))
    releasing.release(world.db, again, DESK, QUICK)
    world.change(pick, pick.c.order_code == "1002", picked=1)
    assert refused(lambda: waves.pull_back(world.db, again, DESK)) == (
        "The first pick of wave W-0002 is done: it cannot be pulled back any more."
    )
    world.change(pick, pick.c.order_code == "1002", picked=0)
    world.check()


def test_an_order_elsewhere_cannot_join_and_an_empty_wave_is_refused(build: Build) -> None:
    world = build(STOCK)
    order(world, "1001", ("TEE", 2), state="held")
    assert refused(lambda: world.db.do(lambda tx: waves.create(tx, ["1001"]))) == (
        "Order 1001 is held, so it cannot join a wave."
    )
    assert refused(lambda: world.db.do(lambda tx: waves.create(tx))) == "No order in the pool fits this wave."
    assert refused(lambda: releasing.release(world.db, "W-0099", DESK)) == "Wave W-0099 is not known."
    assert world.rows(select(sales_order.c.wave))[0][0] == ""


def test_a_release_that_was_interrupted_is_finished_by_releasing_again(build: Build) -> None:
    world = build(STOCK)
    order(world, "1001", ("TEE", 2))
    order(world, "1002", ("TEE", 3))
    code = world.db.do(lambda tx: waves.create(tx))

    def half(tx: Tx) -> None:  # the server was killed after the first chunk
        tx.run(releasing.BEGIN, which=code)
        [share] = allocation.plan(tx, ["1001"])
        allocation.promise(tx, share, DESK, wave=code)

    world.db.do(half)
    told = releasing.release(world.db, code, DESK, QUICK)
    assert (told.walks, told.units) == (1, 5)
    assert world.holds().splitlines()[0] == "A-01 TEE 10 (5 promised)"
    world.check()


def test_goods_that_others_got_meanwhile_are_planned_again(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    world = build("A-01 TEE 4\nA-02 TEE 4")
    order(world, "1001", ("TEE", 3))
    order(world, "2001", ("TEE", 3))
    code = world.db.do(lambda tx: waves.create(tx, ["1001"]))
    plans: list[Any] = []

    def plan_and_lose(tx: Tx, orders: Any) -> Any:
        shares = allocation.plan(tx, orders)
        if not plans:  # another desk promises the same goods before we write
            other = threading.Thread(target=world.db.do, args=(rob,))
            other.start()
            other.join()
        plans.append(shares)
        return shares

    def rob(tx: Tx) -> None:
        [share] = allocation.plan(tx, ["2001"])
        allocation.promise(tx, share, DESK)

    monkeypatch.setattr(releasing, "plan", plan_and_lose)
    told = releasing.release(world.db, code, DESK, QUICK)
    assert (len(plans), told.units, told.missing) == (2, 3, ())
    assert world.holds() == "A-01 TEE 4 (3 promised)\nA-02 TEE 4 (3 promised)"
    world.check()


def test_an_order_changed_while_its_wave_is_planned_is_left_out(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    world = build("A-01 TEE 9")
    order(world, "1001", ("TEE", 3))
    order(world, "1002", ("TEE", 2))
    code = world.db.do(lambda tx: waves.create(tx))

    def plan_while_held(tx: Tx, orders: Any) -> Any:
        shares = allocation.plan(tx, orders)
        hold = update(sales_order).where(sales_order.c.code == "1001").values(state="held", wave="")
        other = threading.Thread(target=world.db.do, args=(lambda inner: inner.run(hold),))
        other.start()
        other.join()
        return shares

    monkeypatch.setattr(releasing, "plan", plan_while_held)
    told = releasing.release(world.db, code, DESK, QUICK)
    assert (told.walks, told.units) == (1, 2)
    assert world.holds() == "A-01 TEE 9 (2 promised)"
    assert states(world) == {"1001": "held", "1002": "waved"}
    world.check()


def test_on_a_measured_floor_the_walk_is_the_shortest_not_the_alphabet(build: Build) -> None:
    world = build("A-01-01 TEE 9\nA-09-01 MUG 9\nB-01-01 PEN 9\nB-09-01 CAP 9")
    world.change(
        site, site.c.code == "MAIN", aisles=2, blocks=1, aisle_pitch_mm=3_000, block_length_mm=10_000,
        cross_aisle_mm=2_000,
    )  # fmt: skip
    for code in ("A-01-01", "A-09-01", "B-01-01", "B-09-01"):
        world.change(
            location, location.c.code == code, aisle=int(code[0] == "B"), position_mm=9_000 if "09" in code else 1_000
        )
    order(world, "1001", ("TEE", 1), ("MUG", 1), ("PEN", 1), ("CAP", 1))
    wave = world.db.do(lambda tx: waves.create(tx))
    told = releasing.release(world.db, wave, DESK, QUICK)
    walked = [line.split()[1] for line in picks(world)]
    assert walked in (["A-01-01", "A-09-01", "B-09-01", "B-01-01"], ["B-01-01", "B-09-01", "A-09-01", "A-01-01"])
    assert told.length_mm == 2 * (12_000 + 3_000), "up one aisle, over, down the other"


def test_a_big_plan_is_made_in_a_process_of_its_own_and_is_the_same(build: Build) -> None:
    bundles = tuple(
        walks.Bundle(order=f"{n}", places=(f"A-{n % 7:02}", f"B-{n % 5:02}"), priority=1 + n % 2) for n in range(60)
    )
    places = tuple(
        walks.Place(code=f"{aisle}-{n:02}", aisle="AB".index(aisle), position_mm=n * 900, sequence=n)
        for aisle in "AB"
        for n in range(7)
    )
    for floor in (Floor(aisles=2, aisle_pitch_mm=3_000, block_lengths_mm=(10_000,)), None):
        day = walks.Day(floor=floor, places=places, orders=bundles, method=Method(max_orders=4, budget_s=0))
        apart = walks.plan_apart(day)
        assert apart == walks.plan(day)
        assert sorted(order for walk in apart for order in walk.orders) == sorted(b.order for b in bundles)
        assert all(len(walk.orders) <= 4 for walk in apart)
        assert all(len({int(order) % 2 for order in walk.orders}) == 1 for walk in apart), "priorities are not mixed"


def test_a_hundred_orders_of_three_lines_are_released_while_scans_go_on(build: Build) -> None:
    world = build("\n".join(f"A-{n:03} ITEM-{n % 40} 50" for n in range(80)))
    for n in range(100):
        order(world, f"{n:04}", (f"ITEM-{n % 40}", 2), (f"ITEM-{(n * 7) % 40}", 1), (f"ITEM-{(n * 3 + 1) % 40}", 3))
    code = world.db.do(lambda tx: waves.create(tx))
    told = releasing.release(world.db, code, DESK, Method(max_orders=8, budget_s=0))
    assert (told.lines >= 300, told.units, told.walks) == (True, 600, 13)
    [totes] = world.rows(select(task_tote.c.task).where(task_tote.c.position == 8).limit(1))
    assert totes[0].startswith("W-0001-")
    assert len(world.rows(select(task.c.id).where(task.c.kind == "pick"))) == 13
    world.check()
