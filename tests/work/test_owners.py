"""An item belongs to an owner, and so does all that happens to it; goods of two owners are never one event, nor one LPN."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.desk import ledger as desk_ledger
from app.desk import orders
from app.desk.ledger import JournalFilter
from app.desk.orders import OrderFilter
from app.errors import Refusal
from app.schema.documents import sales_order
from app.schema.stock import allocation, journal
from app.stock import ledger
from app.stock.events import Moved, OpeningStock, Received
from app.stock.ledger import By
from app.stock.slots import Carry, Movement, Slot
from app.work import master
from tests.world import World

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    """Mugs are ACME's, tees are BOLT's, boxes the house's own."""
    world = build("")
    for place in ("A-01", "A-02"):
        world.location(place)
    world.location("DOCK-1", kind="dock")
    for code, owner in (("MUG", "ACME"), ("CUP", "ACME"), ("TEE", "BOLT"), ("BOX", "")):
        world.item(code, owner=owner)
    for code in ("MUG", "TEE", "BOX"):
        world.stock(f"A-01 {code} 10")
    return world


def tell(world: World, kind: str, **facts: object) -> str:
    message = master.decode(kind, facts)
    outcome = world.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
    return f"{outcome.state}: {outcome.sentence}"


def owners(world: World) -> list[tuple[str, str]]:
    return [tuple(row) for row in world.rows(select(journal.c.kind, journal.c.owner).order_by(journal.c.seq))]


def order(world: World, code: str, *items: str, owner: str = "") -> str:
    lines = [{"line": str(n), "item": item, "quantity": 2} for n, item in enumerate(items, 1)]
    return tell(world, "order.release", code=code, owner=owner, lines=lines)


def test_each_event_says_whose_goods_it_is_about(world: World) -> None:
    assert owners(world) == [("opening_stock", "ACME"), ("opening_stock", "BOLT"), ("opening_stock", "")]
    lines = [{"line": "1", "item": "TEE", "quantity": 5}]
    assert tell(world, "purchase_order.upsert", code="PO-1", supplier="S", lines=lines).startswith("applied")
    mara = world.worker("mara").scan("PO-1", "DOCK-1", "#TEE").tap("no_lpn")
    assert owners(world)[-1] == ("received", "BOLT")
    mara.tap("undo")
    assert owners(world)[-1] == ("undone", "BOLT")
    assert order(world, "O-1", "MUG").startswith("applied")
    assert tell(world, "order.hold", code="O-1").startswith("applied")
    assert order(world, "O-2", "MUG", "CUP", owner="ACME").startswith("applied")
    with world.db.reading() as tx:
        assert [row.code for row in orders.listing(tx, OrderFilter(owner="ACME")).rows] == ["O-1", "O-2"]
        assert not orders.listing(tx, OrderFilter(owner="BOLT")).rows
        told = desk_ledger.ledger(tx, JournalFilter(owner="BOLT"), ()).page.rows
        assert [line.kind for line in told] == ["undone", "received", "opening_stock"]
    assert [row[0] for row in world.rows(select(sales_order.c.owner).order_by(sales_order.c.code))] == ["ACME", "ACME"]
    world.check()


def test_a_document_is_of_one_owner_so_stock_of_two_is_never_promised_to_one(world: World) -> None:
    assert order(world, "O-1", "MUG", "TEE") == "dead: Order O-1 is ACME's, but item TEE belongs to BOLT."
    assert order(world, "O-1", "MUG", owner="BOLT") == "dead: Order O-1 is BOLT's, but item MUG belongs to ACME."
    assert order(world, "O-1", "BOX", "MUG") == "dead: Order O-1 is the house's, but item MUG belongs to ACME."
    lines = [{"line": "1", "item": "MUG", "quantity": 5}, {"line": "2", "item": "TEE", "quantity": 5}]
    answer = tell(world, "purchase_order.upsert", code="PO-1", supplier="S", lines=lines)
    assert answer == "dead: Purchase order PO-1 is ACME's, but item TEE belongs to BOLT."
    assert not world.rows(select(allocation.c.line))
    changed = tell(world, "item.upsert", code="MUG", name="Mug", owner="BOLT")
    assert changed == "dead: Item MUG is in stock for ACME: it cannot change hands to BOLT."


def test_goods_of_two_owners_share_no_lpn_and_no_event(world: World) -> None:
    def refused(*moves: Movement) -> str:
        with pytest.raises(Refusal) as why:
            world.db.do(lambda tx: ledger.post(tx, Moved(contents=moves), By(worker="mara")))
        return f"{why.value.code}: {why.value.sentence}"

    def move(code: str, lpn: str = "") -> Movement:
        there = Slot(location="A-02", lpn=lpn)
        return Movement(item=code, quantity=1, source=Slot(location="A-01"), target=there)

    assert refused(move("MUG"), move("TEE")) == (
        "mixed_owners: These are goods of ACME and BOLT: they are booked apart."
    )
    event = OpeningStock(item="TEE", quantity=1, target=Slot(location="A-02", lpn="LPN-0001"), new_lpn=True)
    world.db.do(lambda tx: ledger.post(tx, event, By(worker="setup")))
    assert refused(move("MUG", "LPN-0001")) == ("other_owners_lpn: LPN-0001 holds goods of BOLT; MUG belongs to ACME.")
    assert refused(move("BOX", "LPN-0001")) == (
        "other_owners_lpn: LPN-0001 holds goods of BOLT; BOX belongs to the house."
    )
    onto = Carry(lpn="LPN-0002", location="A-02", parent="LPN-0001")
    mine = OpeningStock(item="MUG", quantity=1, target=Slot(location="A-02", lpn="LPN-0002"), new_lpn=True)
    world.db.do(lambda tx: ledger.post(tx, mine, By(worker="setup")))
    with pytest.raises(Refusal, match="LPN-0001 holds goods of BOLT; LPN-0002 belongs to ACME"):
        world.db.do(lambda tx: ledger.post(tx, Moved(contents=(), carried=(onto,)), By(worker="mara")))
    more = Received(po="P", line="1", item="TEE", quantity=1, target=Slot(location="A-02", lpn="LPN-0001"))
    world.db.do(lambda tx: ledger.post(tx, more, By(worker="mara")))
    mara = world.worker("mara").tap("start:moving").scan("A-01", "A-01")
    assert mara.refusal == "mixed_owners"
    mara.scan("#MUG").type("3").scan("A-02")
    assert "A-02 MUG 3" in world.holds()
    world.check()


def test_a_house_with_one_owner_sets_nothing_up(build: Build) -> None:
    world = build("A-01 MUG 5\nA-01 TEE 5")
    world.location("A-02")
    assert order(world, "O-1", "MUG", "TEE").startswith("applied")
    assert order(world, "O-2", "MUG", owner="ACME").startswith("applied"), "an ERP may always say whose it is"
    world.worker("mara").tap("start:moving").scan("A-01", "A-01", "A-02")
    assert world.holds() == "A-02 MUG 5\nA-02 TEE 5"
    assert {owner for _, owner in owners(world)} == {""}
