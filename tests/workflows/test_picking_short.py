"""A short pick is one decision, and everything that follows from it happens at once."""

from collections.abc import Callable

from sqlalchemy import select

from app.schema.places import location, site
from app.schema.work import exception, task
from app.stock import journal
from app.stock.events import PickShort
from app.work import allocation
from tests.workflows.picking_floor import Picking, start
from tests.world import World

Build = Callable[[str], World]


def lone(build: Build, stock: str, *lines: tuple[str, int], **facts: object) -> Picking:
    picking = Picking(build(stock))
    picking.order("1001", *lines, **facts)
    picking.release()
    return picking


def counts(picking: Picking) -> list[str]:
    rows = picking.world.rows(select(task.c.place, task.c.item, task.c.reason).where(task.c.kind == "count"))
    return [f"{row[0]} {row[1]}: {row[2]}" for row in rows]


def exceptions(picking: Picking) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in picking.world.rows(select(exception.c.code, exception.c.sentence))]


def test_a_bin_with_too_few_is_short_the_rest_comes_from_elsewhere_and_the_balance_stays(build: Build) -> None:
    picking = lone(build, "A-01 TEE 4\nA-02 MUG 2\nA-09 TEE 3", ("TEE", 4), ("MUG", 1))
    world = picking.world
    mara = start(picking, "T-0001").scan("A-01", "#TEE").tap("short")
    assert (mara.prompt.job, mara.asks) == ("Short at A-01", "Why?")
    assert (mara.prompt.quantity, mara.prompt.of, mara.prompt.quantity_is) == (3, 4, "missing")
    assert mara.prompt.why == ("→ 3 more from A-09", "# A-01 is counted today")
    assert [key.label for key in mara.prompt.choices] == ["Bin empty", "Damaged", "Wrong item in bin", "Bin blocked"]
    assert mara.prompt.main.label == "Confirm 3 short"
    before = world.holds()
    mara.tap("reason:damaged")
    assert mara.prompt.main.note == "damaged"
    assert world.holds() == before, "nothing happens before it is confirmed"
    mara.tap("confirm")
    assert (mara.says, mara.asks) == ("3 short: 3 from A-09.", "Scan tote 1")
    mara.scan("T-0001")
    assert mara.says == "1 × Tee in tote 1"
    assert picking.picks() == [
        "A-01 TEE 4 for 1001: done",
        "A-02 MUG 1 for 1001: open",
        "A-09 TEE 3 for 1001: open",
    ]
    assert world.holds().splitlines() == [
        "@mara TEE 1 in T-0001 (1 promised)",
        "A-01 TEE 3",
        "A-02 MUG 2 (1 promised)",
        "A-09 TEE 3 (3 promised)",
    ], "the books change only by the count"
    assert counts(picking) == ["A-01 TEE: short pick: damaged"]
    assert exceptions(picking) == [("short_pick", "3 × TEE missing at A-01: damaged.")]
    assert picking.line("1001/1") == {"allocated": 3, "picked": 1}
    assert not mara.prompt.can_undo or mara.prompt.place == "A-02"
    mara.scan("A-02", "#MUG", "T-0001", "A-09", "#TEE").type("3").scan("T-0001", "PACK-1")
    assert (picking.state("1001"), picking.line("1001/1")) == ("picked", {"picked": 4})
    world.check()


def test_what_no_bin_has_is_backordered_and_the_erp_hears_of_it(build: Build) -> None:
    picking = lone(build, "A-01 TEE 4\nA-09 TEE 1", ("TEE", 4))
    mara = start(picking, "T-0001").tap("short")
    assert mara.prompt.why == (
        "→ 1 more from A-09",
        "→ 3 backordered: no other bin has any",
        "# A-01 is counted today",
    )
    mara.tap("confirm")
    assert mara.says == "4 short: 1 from A-09, 3 backordered."
    with picking.world.db.reading() as tx:
        [told] = [e.event for e in journal.of_document(tx, "order 1001") if isinstance(e.event, PickShort)]
    assert (told.missing, told.backordered, told.reason, told.count_task != "") == (4, 3, "bin_empty", True)
    mara.tap("undo")
    assert mara.refusal == "nothing_to_undo", "a confirmed short is taken back by the count, not by undo"
    mara.scan("A-09", "#TEE", "T-0001", "PACK-1")
    assert (picking.state("1001"), picking.line("1001/1")) == ("picked", {"picked": 1, "short": 3})
    picking.world.check()


def test_an_order_with_nothing_found_is_backordered_and_the_walk_ends_by_itself(build: Build) -> None:
    picking = lone(build, "A-01 TEE 1", ("TEE", 1))
    mara = start(picking, "T-0001").scan("A-01").tap("short", "confirm")
    assert mara.asks == "Scan drop location"
    mara.scan("PACK-1")
    assert (picking.state("1001"), picking.line("1001/1"), picking.tasks()) == ("backordered", {"short": 1}, ["done"])
    picking.world.check()


def test_an_order_that_must_ship_complete_waits_for_the_supervisor(build: Build) -> None:
    picking = lone(build, "A-01 TEE 2\nA-02 MUG 1", ("TEE", 2), ("MUG", 1), ship_complete=1)
    mara = start(picking, "T-0001").scan("A-01", "#TEE").tap("short", "confirm").scan("T-0001", "A-02", "#MUG")
    mara.scan("T-0001", "PACK-1")
    assert picking.state("1001") == "backordered"
    assert exceptions(picking) == [
        (
            "ship_complete_short",
            "1 × TEE missing at A-01: bin empty. 1 found nowhere. Order 1001 must ship complete and cannot.",
        )
    ]
    picking.world.check()


def test_what_others_were_promised_there_and_what_is_in_totes_survives(build: Build) -> None:
    picking = Picking(build("A-01 TEE 6"), max_orders=1)
    picking.order("1001", ("TEE", 3))
    picking.order("1002", ("TEE", 2))
    picking.release()
    world = picking.world
    mara = start(picking, "T-0001")
    mara.scan("A-01", "#TEE", "T-0001").tap("short", "confirm")
    missing = mara.says
    assert missing.endswith("backordered.")
    assert "in T-0001 (1 promised)" in world.holds()
    assert world.holds().splitlines()[-1].startswith("A-01 TEE 5")
    other = "1002" if picking.state("1001") != "waved" else "1001"
    assert picking.line(f"{other}/1") == {"allocated": 2 if other == "1002" else 3}
    picking.order("1003", ("TEE", 4))
    with world.db.reading() as tx:
        [share] = allocation.plan(tx, ["1003"])
    assert share.claims == (), "a bin found short is not promised again before it is counted"
    assert share.missing[0].why.startswith("3 in a bin to be counted")
    world.check()


def test_how_many_were_found_is_typed_or_tapped_and_cannot_be_all(build: Build) -> None:
    picking = lone(build, "A-01 TEE 3", ("TEE", 3))
    mara = start(picking, "T-0001").tap("short")
    for typed in ("3", "0", "12345678"):
        mara.type(typed)
        assert mara.refusal == "bad_amount"
    mara.type("2")
    assert mara.prompt.quantity == 1
    mara.tap("found")
    assert mara.prompt.quantity == 3, "after the last comes none"
    mara.tap("found").tap("reason:nonsense")
    assert (mara.prompt.quantity, mara.prompt.main.note) == (2, "bin empty")
    mara.tap("back")
    assert mara.asks == "Scan location"
    mara.tap("short").type("1").tap("confirm")
    assert (mara.asks, mara.prompt.quantity) == ("Scan item", 1)
    mara.scan("#TEE", "T-0001", "PACK-1")
    assert picking.line("1001/1") == {"picked": 1, "short": 2}
    picking.world.check()


def test_the_new_stop_joins_the_walk_where_it_costs_least(build: Build) -> None:
    world = build("A-01 TEE 2\nA-09 TEE 2\nA-20 MUG 1\nC-01 PEN 1")
    world.change(
        site, site.c.code == "MAIN", aisles=3, blocks=1, aisle_pitch_mm=3_000, block_length_mm=30_000,
        cross_aisle_mm=2_000,
    )  # fmt: skip
    for code, position in (("A-01", 1_000), ("A-09", 25_000), ("A-20", 28_000), ("C-01", 1_000)):
        world.change(location, location.c.code == code, aisle="ABC".index(code[0]), position_mm=position)
    picking = Picking(world)
    picking.order("1001", ("TEE", 2), ("MUG", 1), ("PEN", 1))
    picking.release()
    mara = start(picking, "T-0001")
    for _ in range(2):  # whichever way round the walk goes, stand before the tees
        if mara.prompt.place != "A-01":
            mara.tap("skip")
    assert mara.prompt.place == "A-01"
    mara.tap("short")
    assert mara.prompt.why[0] == "→ 2 more from A-09, 24 m on"
    mara.tap("confirm")
    ahead = [line.split()[0] for line in picking.picks() if line.endswith("open")]
    assert ahead.index("A-09") + 1 == ahead.index("A-20"), "on the way up the aisle it costs nothing"
    assert len(ahead) == 3
    world.check()


def test_a_short_on_a_cart_leaves_the_other_orders_alone(build: Build) -> None:
    picking = Picking(build("A-01 TEE 5"))
    picking.order("1001", ("TEE", 2))
    picking.order("1002", ("TEE", 3))
    picking.release()
    mara = start(picking, "T-0001", "T-0002", cart="CART-4")
    first = mara.prompt.tote
    mara.scan("A-01").tap("short", "confirm")
    assert mara.prompt.tote != first
    left = mara.prompt.quantity
    mara.scan("A-01", "#TEE").type(str(left)).scan(f"T-000{mara.prompt.tote}", "PACK-1")
    assert {picking.state("1001"), picking.state("1002")} == {"backordered", "picked"}
    picking.world.check()
