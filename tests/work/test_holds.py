"""A lot is stopped: at once nothing of it is promised, picked, packed, loaded or shipped, and everybody affected is told."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.db import Tx
from app.errors import Forbidden, Refusal
from app.schema.items import lot
from app.schema.stock import journal
from app.schema.work import exception
from app.stock.events import decode
from app.stock.ledger import By
from app.stock.refusals import OnHold
from app.work import holds, holds_promises, master, recall
from tests.workflows.picking_floor import Picking, start
from tests.world import World

Build = Callable[[str], World]
STOCK = """
    A-01  HONEY  6  lot=L1 expiry=2099-01-01
    A-02  HONEY  4  lot=L2 expiry=2099-02-01
    A-03  TEE    9
"""


def stop(world: World, number: str = "L1", kind: Any = "hold", why: str = "glass", worker: str = "mara") -> str:
    def work(tx: Tx) -> str:
        return holds_promises.stop(tx, "HONEY", number, kind, why, By(worker=worker))[1].in_words()

    return world.db.do(work)


def clear(world: World, key: str, worker: str) -> str:
    return world.db.do(lambda tx: holds.clear(tx, key, "tested", By(worker=worker)))


def first(world: World) -> holds.Hold:
    with world.db.reading() as tx:
        return holds.everything_open(tx)[0]


def told(world: World) -> list[str]:
    rows = world.rows(select(journal.c.body).where(journal.c.worker != "setup").order_by(journal.c.seq))
    return [decode(bytes(row[0])).in_words() for row in rows]


def cases(world: World) -> list[tuple[str, str]]:
    return [tuple(row) for row in world.rows(select(exception.c.code, exception.c.sentence).order_by(exception.c.code))]


def test_a_lot_held_in_the_middle_of_a_walk_is_served_from_elsewhere_and_the_rest_backordered(build: Build) -> None:
    picking = Picking(build(STOCK))
    world = picking.world
    picking.order("1001", ("HONEY", 6), ("TEE", 1))
    picking.release()
    assert picking.picks()[0] == "A-01 HONEY 6 for 1001: open"
    mara = start(picking, "T-0001")
    mara.scan("A-01", "#HONEY")
    assert stop(world) == "1 order gave 6 back, 4 promised from elsewhere, 2 backordered."
    assert sorted(picking.picks()) == [
        "A-01 HONEY 6 for 1001: cancelled",
        "A-02 HONEY 4 for 1001: open",
        "A-03 TEE 1 for 1001: open",
    ]
    mara.scan("T-0001")
    assert mara.says == ("Lot L1 of HONEY is on hold (hold: glass): this line is off. Put 1 × HONEY back to A-01.")
    assert "A-01 HONEY 6 lot L1" in world.holds()
    assert mara.prompt.place == "A-02"
    mara.scan("A-02", "#HONEY").type("4").scan("T-0001", "A-03", "#TEE", "T-0001", "PACK-1")
    assert picking.line("1001/1") == {"picked": 4, "short": 2}
    assert picking.state("1001") == "picked"
    assert [code for code, _ in cases(world)] == ["hold_short"]
    assert any("lot L1 of HONEY put on hold: glass (6 here" in words for words in told(world))
    world.check()


def test_nothing_of_a_held_lot_is_released_to_the_floor(build: Build) -> None:
    picking = Picking(build(STOCK))
    stop(picking.world)
    picking.order("1001", ("HONEY", 6))
    picking.release()
    assert picking.picks() == ["A-02 HONEY 4 for 1001: open"]
    assert picking.line("1001/1") == {"allocated": 4, "short": 2}
    picking.world.check()


def test_what_is_in_a_tote_stays_and_is_named(build: Build) -> None:
    picking = Picking(build(STOCK))
    world = picking.world
    picking.order("1001", ("HONEY", 2))
    picking.release()
    start(picking, "T-0001").scan("A-01", "#HONEY").type("2").scan("T-0001", "PACK-1")
    assert stop(world, kind="recall") == "2 already picked, to be taken out."
    assert "PACK-1 HONEY 2 in T-0001 lot L1 (2 promised)" in world.holds()
    assert cases(world) == [
        (
            "held_goods",
            "2 × HONEY of lot L1, which is on hold, are in T-0001 at PACK-1 for order 1001: take them out.",
        )
    ]
    world.check()


def test_somebody_else_clears_it_and_only_then_it_is_free(build: Build) -> None:
    world = build(STOCK)
    for code in ("mara", "ruth", "lena"):
        world.worker(code, "worker supervisor" if code != "mara" else "worker", device=f"HH-{code}")
    stop(world, worker="ruth")
    stop(world, worker="lena", kind="recall", why="glass, third time")
    with world.db.reading() as tx:
        recalled, held = holds.of_lot(tx, "HONEY", "L1")
    for key, worker in ((held.id, "ruth"), (recalled.id, "lena"), (held.id, "mara"), (held.id, "")):
        with pytest.raises(Forbidden):
            clear(world, key, worker)
    assert clear(world, held.id, "lena") == ("The hold is cleared, but lot L1 is still recalled: glass, third time.")
    assert world.rows(select(lot.c.held).where(lot.c.lot == "L1")) == [("recall: glass, third time",)]
    assert clear(world, recalled.id, "ruth") == "Lot L1 of HONEY is free again."
    assert world.rows(select(lot.c.held).where(lot.c.lot == "L1")) == [("",)]
    with pytest.raises(Refusal, match="over"):
        clear(world, recalled.id, "ruth")
    world.check()


def test_a_big_lot_is_worked_off_in_pieces_and_held_all_the_while(build: Build) -> None:
    picking = Picking(build("A-01 HONEY 60 lot=L1 expiry=2099-01-01"))
    world = picking.world
    for n in range(5):
        picking.order(f"10{n:02}", ("HONEY", 2))
    picking.release()

    def begin(tx: Tx) -> str:
        holds.hold(tx, "HONEY", "L1", "hold", "glass", By(worker="mara"))
        return holds_promises.give_back(tx, "HONEY", "L1", "lot L1 on hold", By(worker="mara"), most=2).in_words()

    assert world.db.do(begin) == "2 orders gave 4 back; more follow."
    assert world.db.do(holds_promises.work_off) == 3
    assert world.db.do(holds_promises.work_off) == 0
    assert world.holds() == "A-01 HONEY 60 lot L1"
    assert {picking.state(f"10{n:02}") for n in range(5)} == {"pool"}, "as at a release"
    assert picking.tasks() == ["cancelled"]
    world.check()


def test_the_erp_holds_recalls_and_releases(build: Build) -> None:
    world = build(STOCK)
    world.worker("ruth", "worker supervisor")

    def send(kind: str, **facts: Any) -> str:
        message = master.decode(kind, facts)
        outcome = world.db.do(lambda tx: master.apply(tx, message, By(device="inbox", cause="erp 1")))
        return f"{outcome.state}: {outcome.sentence} {outcome.missing}".strip()

    facts = {"code": "H-1", "item": "HONEY", "lot": "L1", "reason": "lab 7", "version": 1}
    assert send("stock.hold", **facts) == "applied: Lot L1 of HONEY is on hold. No order was promised any of it."
    assert send("stock.hold", **facts).startswith("same")
    assert send("stock.hold", **{**facts, "code": "H-2"}).startswith("dead: Hold H-2: Lot L1 of HONEY is on hold")
    assert send("stock.hold", **{**facts, "code": "H-3", "item": "JAM"}).endswith("item JAM")
    assert send("stock.release", code="H-9", version=1).endswith("hold H-9")
    assert send("stock.recall", **{**facts, "code": "R-1", "lot": "NEW-1"}).startswith("applied: Lot NEW-1")
    with pytest.raises(Refusal, match="cleared there"):
        clear(world, "H-1", "ruth")
    assert send("stock.release", code="H-1", version=2) == "applied: Lot L1 of HONEY is free again."
    assert send("stock.release", code="H-1", version=2).startswith("same")
    with world.db.reading() as tx:
        assert [one.id for one in holds.everything_open(tx)] == ["R-1"]
    world.check()


def test_an_allocation_of_a_held_lot_cannot_be_written(build: Build) -> None:
    from app.stock import ledger
    from app.stock.events import Allocated
    from app.stock.slots import Claim, Slot

    world = build(STOCK)
    stop(world)
    claim = Claim(line="1001/1", item="HONEY", quantity=1, slot=Slot(location="A-01", lot="L1"))
    with pytest.raises(OnHold, match="glass"):
        world.db.do(lambda tx: ledger.post(tx, Allocated(order="1001", claimed=(claim,)), By(worker="mara")))


def test_a_held_lot_is_carried_aside_but_not_to_a_pick_face(build: Build) -> None:
    from app.stock import ledger
    from app.stock.events import Moved, Replenished
    from app.stock.slots import Movement, Slot

    world = build(STOCK)
    stop(world)
    source = Slot(location="A-01", lot="L1")
    move = Movement(item="HONEY", quantity=2, source=source, target=source.at("A-03"))
    filled = Replenished(task="R-1", face="A-03", contents=(move,))
    with pytest.raises(OnHold, match="glass"):
        world.db.do(lambda tx: ledger.post(tx, filled, By(worker="mara")))
    world.db.do(lambda tx: ledger.post(tx, Moved(contents=(move,)), By(worker="mara")))
    assert "A-03 HONEY 2 lot L1" in world.holds()
    world.check()


def test_from_a_lot_number_to_where_it_is_and_who_got_it(build: Build) -> None:
    from tests.work.shipped import ship

    world = build(STOCK)
    ship(world, "1001", "HONEY", "L1", 2, name="Hofladen Maier")
    with world.db.reading() as tx:
        found = recall.of(tx, "HONEY", "L1")
        assert found is not None
        assert recall.of(tx, "NOTHING", "L1") is None
    assert (found.here, found.gone) == (4, 2)
    assert [(row.location, row.quantity, row.promised) for row in found.where] == [("A-01", 4, 0)]
    [got] = found.who
    assert (got.name, got.order, got.carton, got.quantity) == ("Hofladen Maier", "1001", "C-1001", 2)
    assert clock.now() - got.shipped < clock.MINUTE
