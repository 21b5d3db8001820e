"""Anybody who sees that something is wrong stops a lot; every path refuses it then; another one sets it free."""

from collections.abc import Callable

from sqlalchemy import select

from app.db import Tx
from app.schema.items import lot as lots
from app.stock.ledger import By
from app.work import holds, holds_promises
from tests.workflows.picked import cartons, item, order, packer, pick, stock, tote, warehouse
from tests.workflows.picking_floor import Picking, start
from tests.world import World

Build = Callable[[str], World]
STOCK = """
    A-01  HONEY  6  lot=L1 expiry=2099-01-01
    A-02  HONEY  4  lot=L2 expiry=2099-02-01
    A-03  TEE    9
"""


def held(world: World) -> str:
    return str(world.rows(select(lots.c.held).where(lots.c.item == "HONEY", lots.c.lot == "L1"))[0][0])


def test_a_worker_stops_a_lot_and_a_supervisor_sets_it_free(build: Build) -> None:
    world = build(STOCK)
    mara = world.worker("mara", "worker").tap("start:holding")
    assert mara.asks == "Scan the lot"
    mara.scan("A-03")
    assert (mara.refusal, mara.says) == ("no_lot_here", "A-03 has no lot that could be held.")
    mara.scan("#HONEY")
    assert mara.says == "HONEY has 2 lots here: scan the lot."
    mara.scan("L1")
    assert (mara.asks, mara.prompt.item.note) == ("Why hold it?", "lot L1")
    assert not any(key.name == "recall" for key in mara.prompt.keys), "a recall is a supervisor's"
    mara.tap("recall")
    assert mara.refusal == "forbidden"
    mara.tap("reason:nonsense")
    assert mara.refusal == "no_such_reason"
    mara.tap("reason:quality")
    assert mara.says == "Lot L1 of HONEY is on hold. No order was promised any of it."
    assert held(world) == "hold: Quality in doubt"
    mara.tap("undo")
    assert mara.refusal == "nothing_to_undo", "a hold is cleared by another, not undone"
    mara.scan("A-01")
    assert mara.asks == "On hold"
    assert not mara.prompt.choices

    ruth = world.worker("ruth", "worker supervisor", device="HH-02").tap("start:holding")
    assert [key.label for key in ruth.prompt.choices] == ["HONEY lot L1"]
    ruth.scan("L1").tap("recall")
    assert ruth.asks == "Why recall it?"
    ruth.tap("reason:complaint")
    assert ruth.says.startswith("Lot L1 of HONEY is recalled.")
    ruth.scan("L1")
    assert [key.label for key in ruth.prompt.choices] == ["Clear the hold"], "not the recall, which is her own"
    ruth.tap(f"clear:{ruth.prompt.choices[0].value}", "reason:tested")
    assert ruth.says == "The hold is cleared, but lot L1 is still recalled: Customer complains."
    lena = world.worker("lena", "worker supervisor", device="HH-03").tap("start:holding").scan("A-01")
    lena.tap(f"clear:{lena.prompt.choices[0].value}", "reason:tested")
    assert lena.says == "Lot L1 of HONEY is free again."
    assert held(world) == ""
    world.check()


def test_a_reason_that_wants_a_photo_waits_for_it(build: Build) -> None:
    world = build(STOCK)
    mara = world.worker("mara", "worker").tap("start:holding").scan("A-01").tap("reason:damaged")
    assert (mara.asks, mara.prompt.ask) == ("Take a photo", "photo")
    mara.turn("0" * 64, "photo")
    assert mara.refusal == "no_photo"
    assert held(world) == ""


def stop(world: World, number: str) -> None:
    def work(tx: Tx) -> None:
        holds_promises.stop(tx, "HONEY", number, "recall", "glass", By(worker="ruth"))

    world.db.do(work)


def clear(world: World) -> None:
    """The guards see the very same lot once it is free: what they refused was the hold."""
    world.worker("lena", "worker supervisor", device="HH-9")

    def work(tx: Tx) -> None:
        for one in holds.everything_open(tx):
            holds.clear(tx, one.id, "tested", By(worker="lena"))

    world.db.do(work)


def test_a_promise_made_before_the_hold_is_neither_picked_nor_offered_again(build: Build) -> None:
    picking = Picking(build("A-01 HONEY 6 lot=L1 expiry=2099-01-01\nA-03 TEE 9"))
    world = picking.world
    picking.order("1001", ("HONEY", 1), ("TEE", 1))
    picking.release()
    mara = start(picking, "T-0001").scan("A-01", "#HONEY")
    stop(world, "L1")
    before = world.holds()
    assert before == "A-01 HONEY 6 lot L1\nA-03 TEE 9 (1 promised)"
    mara.scan("T-0001")
    assert "on hold (recall: glass): this line is off. Put 1 × HONEY back to A-01." in mara.says
    assert world.holds() == before
    picking.order("1002", ("HONEY", 1))
    picking.release()
    assert picking.state("1002") == "pool"
    clear(world)
    picking.release()
    assert picking.state("1002") == "waved"
    world.check()


def test_a_carton_of_a_held_lot_gets_no_label_and_its_label_proves_nothing(build: Build) -> None:
    world = build("")
    for code in ("A-01", "A-02"):
        world.location(code)
    item(world, "HONEY", grams=500, lot_tracked=1)
    stock(world, "A-01 HONEY 9 lot=L1")
    scale = warehouse(world)
    order(world, "482", HONEY=1)
    pick(world, "482/1", "HONEY", 1, "A-01", tote(world, "T-001"), lot="L1")
    jonas = packer(world).scan("T-001", "#HONEY")
    [(number, kind, _)] = cartons(world)
    scale.grams = 500 + {"C1": 60, "C2": 150, "C3": 300}[kind]
    jonas.tap("weigh")
    assert jonas.asks == "Scan the label"
    stop(world, "L1")
    jonas.scan(number)
    assert jonas.refusal == "on_hold"
    jonas.tap("print")
    assert jonas.refusal == "on_hold"
    assert cartons(world)[0][2] == "printed"
    clear(world)
    jonas.scan(number)
    assert jonas.says.startswith("Order 482 is packed")
    world.check()
