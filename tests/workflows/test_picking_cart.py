"""Picking several orders on one cart: a tote for each, and no order's goods in another's."""

from collections.abc import Callable

from app.stock.ledger import By
from app.work import master
from tests.workflows.picking_floor import Picking, start
from tests.world import World

Build = Callable[[str], World]

STOCK = """
    A-01  TEE   10
    A-02  MUG    6
    A-03  PEN    1
"""


def two_orders(build: Build) -> Picking:
    picking = Picking(build(STOCK))
    picking.order("1001", ("TEE", 1), ("MUG", 2), cutoff=57_600_000_000)
    picking.order("1002", ("TEE", 2))
    picking.release()
    return picking


def erp(picking: Picking, kind: str, order: str, version: int = 1) -> str:
    message = master.decode(kind, {"code": order, "version": version, "reason": "customer rang"})
    return picking.world.db.do(lambda tx: master.apply(tx, message, By(worker="erp"))).sentence


def test_a_cart_collects_two_orders_each_in_its_own_tote(build: Build) -> None:
    picking = two_orders(build)
    world = picking.world
    mara = world.worker("mara")
    assert mara.prompt.main.note == "3 lines, 2 totes · cut-off 16:00"
    mara.tap("next:picking")
    assert (mara.asks, mara.prompt.totes) == ("Scan cart", ("1", "2"))
    mara.scan("A-01")
    assert mara.refusal == "not_a_cart"
    mara.scan("CART-4")
    assert (mara.asks, mara.prompt.tote) == ("Scan empty tote", "1")
    mara.scan("T-0001", "T-0002")
    assert (mara.prompt.job, mara.prompt.place, mara.prompt.totes) == ("Pick cart CART-4", "A-01", ("1", "2"))
    first = mara.prompt.tote
    mara.scan("A-01", "#TEE")
    if mara.asks == "Scan next":
        mara.scan("#TEE")
    other = "2" if first == "1" else "1"
    mara.scan(f"T-000{other}")
    assert mara.refusal == "wrong_tote"
    assert mara.says == f"Expected tote {first} (T-000{first}), scanned tote {other} (T-000{other})."
    mara.scan(f"T-000{first}")
    assert (mara.asks, mara.prompt.tote) == ("Scan item", other), "the same place, the other order"
    mara.scan("#TEE")
    if mara.asks == "Scan next":
        mara.type("2")
    mara.scan(f"T-000{other}", "A-02", "#MUG", "#MUG")
    mara.scan(f"T-000{mara.prompt.tote}", "PACK-1")
    assert mara.says == "2 totes at PACK-1."
    held = [line for line in world.holds().splitlines() if line.startswith("PACK")]
    assert sorted(line.split(" in ")[0] for line in held) == ["PACK-1 MUG 2", "PACK-1 TEE 1", "PACK-1 TEE 2"]
    assert (picking.state("1001"), picking.state("1002")) == ("picked", "picked")
    from app.schema.work import wave

    assert world.rows(wave.select())[0][1] == "done"
    world.check()


def test_a_tote_that_is_no_tote_or_holds_something_or_works_elsewhere_is_refused(build: Build) -> None:
    world = build(STOCK + "\n DOCK CAP 3 lpn=LPN-0007\n PACK-9 CAP 2 lpn=T-0005")
    from app.schema.stock import lpn

    world.change(lpn, lpn.c.code == "T-0005", kind="tote")
    picking = Picking(world, max_orders=2)
    picking.order("1001", ("TEE", 1))
    picking.order("1002", ("MUG", 1))
    picking.order("1003", ("PEN", 1))
    picking.release()
    ben = start(picking, "T-0001", worker="ben", cart="CART-4")
    mara = start(picking)
    told = []
    if mara.asks == "Scan cart":
        mara.scan("CART-4")
        told.append(mara.refusal)
        mara.scan("CART-5")
    for label in ("LPN-0007", "C-0001", "T-0005", "T-0001"):
        mara.scan(label)
        told.append(mara.refusal)
    assert told[-4:] == ["not_a_tote", "not_a_tote", "tote_not_empty", "tote_in_use"]
    mara.scan("T-0006")
    assert mara.refusal == ""
    ben.scan("T-0001")
    assert ben.refusal in ("tote_in_use", "item_first"), "once is enough for one tote"
    world.check()


def test_a_cart_on_its_way_is_refused_for_another_walk_and_found_again_by_its_code(build: Build) -> None:
    picking = Picking(build(STOCK), max_orders=2)
    for code, item in (("1001", "TEE"), ("1002", "TEE"), ("1003", "MUG"), ("1004", "MUG")):
        picking.order(code, (item, 1))
    picking.release()
    ben = start(picking, "T-0001", "T-0002", worker="ben", cart="CART-4")
    mara = start(picking)
    mara.scan("CART-4")
    assert (mara.refusal, mara.says) == ("cart_in_use", "CART-4 is on W-0001-1 with Ben.")
    mara.scan("CART-5", "T-0003", "T-0004")
    job = mara.prompt.job
    mara.tap("menu").scan("CART-5")
    assert mara.prompt.job == job
    assert ben.prompt.job == "Pick cart CART-4"
    picking.world.check()


def test_scanning_a_free_cart_at_the_menu_begins_the_next_walk_on_it(build: Build) -> None:
    picking = two_orders(build)
    mara = picking.world.worker("mara").scan("CART-5")
    assert (mara.asks, mara.prompt.job) == ("Scan empty tote", "Pick cart CART-5")
    ben = picking.world.worker("ben", device="HH-ben").scan("CART-5")
    assert ben.refusal == "running_elsewhere"
    ben.scan("CART-5")
    assert (ben.refusal, ben.asks) == ("", "Scan empty tote")
    mara.scan("T-0001")
    assert mara.refusal == "taken_over"


def test_a_full_tote_stays_and_the_order_goes_on_in_another(build: Build) -> None:
    picking = two_orders(build)
    world = picking.world
    mara = start(picking, "T-0001", "T-0002", cart="CART-4")
    tote = f"T-000{mara.prompt.tote}"
    mara.scan("A-01", "#TEE")
    if mara.asks == "Scan next":
        mara.type("2")
    mara.tap("full")
    assert mara.asks == "Scan empty tote"
    mara.scan(tote)
    assert mara.refusal == "tote_in_use"
    mara.scan("T-0077")
    assert (mara.asks, mara.says) == (f"Scan tote {tote[-1]}", f"Tote {tote[-1]} is T-0077 now; {tote} is closed.")
    mara.scan(tote)
    assert mara.refusal == "wrong_tote", "the closed one takes no more"
    mara.scan("T-0077")
    assert "in T-0077" in world.holds()
    mara.scan("#TEE")
    if mara.asks == "Scan next":
        mara.type("2")
    mara.scan(f"T-000{mara.prompt.tote}") if mara.prompt.tote != tote[-1] else mara.scan("T-0077")
    mara.scan("A-02", "#MUG", "#MUG")
    mara.scan("T-0077" if mara.prompt.tote == tote[-1] else f"T-000{mara.prompt.tote}").scan("PACK-1")
    assert mara.says == "3 totes at PACK-1."
    assert "CART-4" not in world.holds()
    world.check()


def test_an_order_cancelled_before_its_line_leaves_the_walk_and_the_others_go_on(build: Build) -> None:
    picking = two_orders(build)
    mara = start(picking, "T-0001", "T-0002", cart="CART-4")
    order = "1001" if mara.prompt.tote == "1" else "1002"
    mara.scan("A-01")
    assert erp(picking, "order.cancel", order) == f"Order {order} is cancelled. Nothing was picked yet."
    mara.scan("#TEE")
    assert mara.says == f"Order {order} was cancelled meanwhile: this line is off."
    assert mara.answer.verdict is not None
    assert mara.answer.verdict.kind == "warning"
    while mara.asks != "Scan drop location":
        place, left = mara.prompt.place, mara.prompt.quantity
        item = mara.prompt.item.code
        mara.scan(place, f"#{item}")
        if left > 1:
            mara.type(str(left))
        mara.scan(f"T-000{mara.prompt.tote}")
    mara.scan("PACK-1")
    assert mara.says.startswith("2 totes at PACK-1.")
    assert picking.state(order) == "cancelled"
    picking.world.check()


def test_an_order_cancelled_with_goods_in_the_hand_says_where_they_belong(build: Build) -> None:
    picking = two_orders(build)
    mara = start(picking, "T-0001", "T-0002", cart="CART-4")
    order = "1001" if mara.prompt.tote == "1" else "1002"
    mara.scan("A-01", "#TEE")
    erp(picking, "order.hold", order)
    tote = f"T-000{mara.prompt.tote}"
    mara.scan(tote)
    assert mara.says == f"Order {order} was held meanwhile: this line is off. Put 1 × TEE back to A-01."
    assert "CART-4" not in picking.world.holds()
    picking.world.check()


def test_a_cancelled_order_with_goods_in_its_tote_is_named_at_the_drop_and_its_pick_cannot_be_undone(
    build: Build,
) -> None:
    picking = two_orders(build)
    world = picking.world
    mara = start(picking, "T-0001", "T-0002", cart="CART-4")
    order = "1001" if mara.prompt.tote == "1" else "1002"
    tote = f"T-000{mara.prompt.tote}"
    mara.scan("A-01", "#TEE")
    if mara.asks == "Scan next":
        mara.type("2")
    mara.scan(tote)
    told = erp(picking, "order.cancel", order)
    assert "to be put back" in told
    mara.tap("undo")
    assert (mara.refusal, mara.says) == ("undo_too_late", f"The goods moved on since: order {order} is cancelled.")
    mara.scan("A-01", "#TEE") if mara.asks == "Scan location" else mara.scan("#TEE")
    while mara.asks != "Scan drop location":
        if mara.asks == "Scan location":
            mara.scan(mara.prompt.place, f"#{mara.prompt.item.code}")
        elif mara.asks == "Scan next" or mara.asks == "Scan item":
            mara.scan(f"#{mara.prompt.item.code}")
        else:
            mara.scan(f"T-000{mara.prompt.tote}")
    mara.scan("PACK-1")
    assert mara.says == f"2 totes at PACK-1. To be put back: {tote}."
    assert picking.tasks("put_back") == ["open"]
    world.check()
