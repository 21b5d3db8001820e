"""What was picked for an order that will not ship goes back to a bin, and only then is free again."""

from collections.abc import Callable

from app.schema.items import lot
from app.schema.places import location
from app.stock.ledger import By
from app.work import master
from tests.workflows.picking_floor import Picking, start
from tests.world import Hand, World

Build = Callable[[str], World]


def cancelled(build: Build, stock: str, *lines: tuple[str, int], how: str = "order.cancel") -> tuple[Picking, Hand]:
    """An order picked whole into T-0001, dropped at PACK-1, and then cancelled."""
    picking = Picking(build(stock))
    picking.order("1001", *lines)
    picking.release()
    mara = start(picking, "T-0001")
    while mara.asks != "Scan drop location":
        mara.scan(mara.prompt.place, f"#{mara.prompt.item.code}")
        if mara.asks == "Scan next":
            mara.type(str(mara.prompt.quantity + 1))
        mara.scan("T-0001")
    mara.scan("PACK-1")
    message = master.decode(how, {"code": "1001", "version": 2, "reason": "fraud"})
    picking.world.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
    return picking, mara.tap("menu")


def test_a_cancelled_order_goes_back_bin_by_bin(build: Build) -> None:
    picking, mara = cancelled(build, "A-01 TEE 5\nA-02 MUG 3", ("TEE", 2), ("MUG", 1))
    world = picking.world
    assert picking.state("1001") == "cancelled"
    assert mara.prompt.main.label == "Next: put back order 1001"
    mara.tap("next:put_back")
    assert (mara.asks, mara.prompt.rows[0].name, mara.prompt.rows[0].detail) == ("Scan tote", "T-0001", "at PACK-1")
    mara.scan("T-0001")
    assert mara.prompt.place == "A-02" if mara.prompt.item.code == "MUG" else "A-01"
    mara.scan("#TEE", "#TEE")
    assert (mara.asks, mara.prompt.place) == ("Scan bin", "A-01")
    mara.scan("A-01")
    assert mara.says == "2 × TEE back at A-01."
    assert world.holds() == "A-01 TEE 5\nA-02 MUG 2\nPACK-1 MUG 1 in T-0001 (1 promised)"
    mara.tap("undo")
    assert mara.asks == "Scan bin"
    assert "PACK-1 TEE 2 in T-0001 (2 promised)" in world.holds()
    mara.scan("A-01", "#MUG", "A-02")
    assert mara.says == "All of order 1001 is put back."
    assert world.holds() == "A-01 TEE 5\nA-02 MUG 3"
    assert (picking.line("1001/1"), picking.line("1001/2")) == ({"cancelled": 2}, {"cancelled": 1})
    assert picking.tasks("put_back") == ["done"]
    mara.tap("undo")
    assert mara.refusal == "nothing_to_undo"
    world.check()


def test_each_wrong_label_is_refused_and_nothing_goes_back(build: Build) -> None:
    picking, mara = cancelled(build, "A-01 TEE 5\nA-02 MUG 3\nDOCK PEN 1", ("TEE", 2))
    world = picking.world
    for code, facts in (
        ("B-01", {"blocked": "water"}),
        ("B-02", {"fixed_item": "MUG"}),
        ("B-03", {}),
    ):
        world.location(code, kind="bin", **facts)
    world.change(location, location.c.code == "A-02", mix="one_item")
    picking.tote("T-0009")
    before = world.holds()
    mara.tap("start:put_back")
    codes = []
    for label in ("T-0009", "1002", "T-0001", "T-0009"):
        mara.scan(label)
        codes.append(mara.refusal)
    assert codes == ["not_to_put_back", "unknown", "", "wrong_kind"]
    told = []
    for label in ("A-01", "#MUG", "#TEE", "DOCK", "B-01", "B-02", "A-02", "B-03"):
        mara.scan(label)
        told.append((mara.refusal, mara.says))
    assert told == [
        ("item_first", "Scan the item before A-01."),
        ("wrong_item", "Expected TEE, scanned MUG."),
        ("", "1 of 2."),
        ("not_a_bin", "DOCK is a staging: goods go back into a bin."),
        ("bin_blocked", "B-01 is blocked: water."),
        ("not_mixed", "B-02 may only hold MUG."),
        ("not_mixed", "A-02 may only hold MUG."),
        ("other_bin", "It came from A-01; this is B-03."),
    ]
    mara.type("3")
    assert (mara.refusal, mara.says) == ("too_many", "Only 2 × TEE go back; that would be 3.")
    assert world.holds() == before
    mara.scan("B-03", "B-03")
    assert mara.says == "1 × TEE back at B-03."
    assert "B-03 TEE 1" in world.holds()
    world.check()


def test_a_recalled_lot_may_go_back_though_it_may_not_leave(build: Build) -> None:
    picking, mara = cancelled(build, "A-01 HONEY 5 lot=L1 expiry=2099-01-01", ("HONEY", 2), how="order.hold")
    world = picking.world
    world.change(lot, lot.c.lot == "L1", held="recall")
    mara.tap("next:put_back").scan("T-0001", "#HONEY")
    mara.type("2").scan("A-01")
    assert mara.says == "All of order 1001 is put back."
    assert world.holds() == "A-01 HONEY 5 lot L1"
    assert picking.state("1001") == "held"
    world.check()


def test_serials_go_back_piece_by_piece(build: Build) -> None:
    picking = Picking(build("A-01 CAM 3 serials=S1,S2,S3"))
    picking.order("1001", ("CAM", 2))
    picking.release()
    mara = start(picking, "T-0001").scan("A-01", "S1", "S3", "T-0001", "PACK-1").tap("menu")
    message = master.decode("order.cancel", {"code": "1001", "version": 2})
    picking.world.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
    mara.tap("next:put_back").scan("T-0001", "#CAM")
    assert mara.says == "CAM: now the serial."
    mara.scan("S2")
    assert mara.refusal == "serial_not_here"
    mara.scan("S1", "S1")
    assert mara.refusal == "serial_not_here"
    mara.scan("S3", "A-01")
    assert picking.world.holds() == "A-01 CAM 3"
    picking.world.check()


def test_a_put_back_in_other_hands_is_taken_over_by_asking_twice(build: Build) -> None:
    picking, mara = cancelled(build, "A-01 TEE 5", ("TEE", 2))
    mara.tap("next:put_back")
    ben = picking.world.worker("ben", device="HH-ben").tap("start:put_back")
    ben.scan("T-0001")
    assert ben.refusal == "running_elsewhere"
    ben.scan("T-0001")
    assert ben.asks == "Scan item"
    mara.scan("T-0001")
    assert mara.refusal == "taken_over"
    ben.scan("#TEE").type("2").scan("A-01").tap("next")
    assert ben.refusal == "nothing_to_put_back"
    picking.world.check()
