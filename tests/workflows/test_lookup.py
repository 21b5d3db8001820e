"""Somebody holds a label and asks: where is it, what happened to it?"""

from collections.abc import Callable

import pytest

from app import schema
from app.floor.prompt import Row
from app.schema.documents import order_line, po_line, purchase_order, sales_order
from app.schema.work import carton
from app.stock.events import Staged
from app.stock.slots import Movement, Slot
from app.work.happened import said
from tests.world import Hand, World

AT_PACK = Slot(location="PACK-1", lpn="C-1")
Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    world = build(
        """
        DOCK-1   HONEY 48 lpn=LPN-4417 lot=L1 expiry=2031-05-01
        A-01-01  HONEY  5 lot=L2 expiry=2031-06-01
        A-01-02  MUG   12
        A-01-02  SCANNER 2 serials=S-100,S-101
        """
    )
    world.change(schema.places.site, schema.places.site.c.code == "MAIN", timezone="Europe/Vienna")
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    return world.worker("mara").tap("start:lookup")


def told(hand: Hand) -> list[tuple[str, str, str]]:
    """The places: left, name, detail. What happened is drawn as seen."""
    return [(row.left, row.name, row.detail) for row in on_all_pages(hand) if row.state != "seen"]


def happened(hand: Hand) -> list[str]:
    return [row.name for row in on_all_pages(hand) if row.state == "seen"]


def on_all_pages(hand: Hand) -> list[Row]:
    """Every row, page by page, until the first page is there again."""
    rows = list(hand.prompt.rows)
    while any(key.name == "page" for key in hand.prompt.keys):
        first = any(key.name == "page" and key.label.startswith("Page 1 ") for key in hand.prompt.keys)
        hand.tap("page")
        if first:
            break
        rows += hand.prompt.rows
    return rows


def test_an_item_is_shown_with_its_places_and_last_events(world: World, mara: Hand) -> None:
    assert mara.asks == "Scan anything"
    mara.scan("#HONEY")
    assert mara.says == "HONEY: 48 at DOCK-1 and 1 more"
    assert (mara.prompt.quantity, mara.prompt.item.name) == (53, "Honey")
    assert told(mara) == [("48", "DOCK-1", "LPN LPN-4417 · lot L1"), ("5", "A-01-01", "lot L2")]
    assert happened(mara) == [
        "5 × HONEY at A-01-01 when the books began",
        "48 × HONEY at LPN-4417 when the books began",
    ]
    world.check()


def test_after_a_putaway_the_last_event_names_worker_and_bin(world: World) -> None:
    kim = world.worker("kim").tap("start:putaway").scan("LPN-4417")
    place = kim.prompt.place
    kim.scan(place).tap("look_up").scan("LPN-4417")
    assert happened(kim)[0] == f"48 × HONEY, LPN-4417 → {place}"
    [last, *_] = [row for row in on_all_pages(kim) if row.state == "seen"]
    assert last.detail.startswith("Kim · ")
    assert ("State", "gone") in [(fact.label, fact.value) for fact in kim.prompt.facts]
    assert kim.prompt.hint == "nothing of it is here now"
    world.check()


@pytest.mark.parametrize(
    ("scan", "says", "facts"),
    [
        ("L1", "L1: 48 at DOCK-1", [("Item", "HONEY"), ("Expiry", "1 May 2031")]),
        ("S-100", "S-100: 1 at A-01-02", [("Item", "SCANNER")]),
        ("LPN-4417", "LPN-4417: 48 at DOCK-1", [("Stands at", "DOCK-1"), ("State", "open")]),
        ("A-01-02", "A-01-02: 12 MUG and 1 more", []),
    ],
)
def test_lot_serial_lpn_and_place(world: World, mara: Hand, scan: str, says: str, facts: list[tuple[str, str]]) -> None:
    mara.scan(scan)
    assert mara.says == says
    assert [(fact.label, fact.value) for fact in mara.prompt.facts] == facts
    assert happened(mara)
    world.check()


def test_an_order_shows_its_lines_promises_and_cartons(world: World, mara: Hand) -> None:
    world.add(sales_order, code="100482", customer="C1", name="Anna Berg", state="packing", carrier="DHL")
    world.add(
        order_line, id="100482/1", order_code="100482", line="1", item="MUG", quantity=3, picked=2, packed=1, short=1
    )
    world.add(carton, lpn="C-001", order_code="100482", state="staged", lane="LANE-3")
    mara.scan("100482")
    assert told(mara) == [("3", "MUG", "2 picked · 1 packed · 1 short"), ("", "C-001", "staged")]
    assert ("State", "packing") in [(fact.label, fact.value) for fact in mara.prompt.facts]
    world.check()


def test_a_po_shows_what_came_and_the_receipt(world: World) -> None:
    world.add(purchase_order, code="PO-1", supplier="ACME")
    world.add(po_line, po="PO-1", line="1", item="MUG", quantity=10)
    world.location("DOCK-2", kind="dock")
    asks = world.worker("ida", device="HH-09").tap("start:lookup").scan("PO-1")
    assert asks.prompt.rows[0].right == "10 to come", "it is still open: nothing is missing yet"
    kim = world.worker("kim").scan("PO-1", "DOCK-2", "#MUG").type("4").scan("LPN-0001")
    kim.tap("look_up").scan("PO-1")
    assert told(kim) == [("4 / 10", "MUG", "Mug")]
    assert happened(kim) == ["4 × MUG, the supplier → LPN-0001"]
    world.check()


def test_the_detour_comes_back_to_the_very_count(world: World) -> None:
    world.add(purchase_order, code="PO-1", supplier="ACME")
    world.add(po_line, po="PO-1", line="1", item="MUG", quantity=10)
    kim = world.worker("kim").scan("PO-1", "DOCK-1", "#MUG", "#MUG", "#MUG")
    kim.tap("look_up")
    assert [key.label for key in kim.prompt.keys] == ["Back to work"]
    kim.scan("#HONEY", "A-01-01").tap("back")
    assert (kim.asks, kim.prompt.quantity) == ("Scan next, or the LPN", 3)
    kim.scan("CMD/LOOK-UP", "CMD/BACK", "#MUG")
    assert kim.prompt.quantity == 4, "a command barcode does what the button does"
    world.check()


def test_from_the_menu_back_is_the_menu(world: World, mara: Hand) -> None:
    mara.scan("#MUG")
    assert [key.label for key in mara.prompt.keys] == ["Back"]
    mara.tap("back")
    assert mara.asks == "Scan anything to start"


@pytest.mark.parametrize("label", ["nonsense-77", "LPN-9999", "4999999999990"])
def test_what_nobody_knows_is_said_so(world: World, mara: Hand, label: str) -> None:
    mara.scan(label)
    assert mara.refusal == "unknown"
    assert world.holds()
    world.check()


def test_one_number_of_two_items_shows_both(world: World, mara: Hand) -> None:
    world.stock("A-01-01 DRILL 1 serials=S-100")
    mara.scan("S-100")
    assert [fact.value for fact in mara.prompt.facts] == ["DRILL", "SCANNER"]
    world.stock("A-01-01 JAM 7 lot=L1")
    mara.scan("L1")
    assert [fact.value for fact in mara.prompt.facts if fact.label == "Item"] == ["HONEY", "JAM"]
    assert mara.prompt.quantity == 55
    world.check()


def test_a_lot_on_hold_says_why(world: World, mara: Hand) -> None:
    lot = schema.items.lot
    world.change(lot, lot.c.lot == "L1", held="recall 7")
    mara.scan("L1")
    assert ("On hold", "recall 7") in [(fact.label, fact.value) for fact in mara.prompt.facts]


def test_of_an_event_with_many_movements_only_those_of_the_thing_are_told() -> None:
    """Nine drills and a mug were staged in one carton: who asks for one drill hears of that one."""
    lane = Slot(location="LANE-1", lpn="C-1")
    drills = [Movement(item="DRILL", quantity=1, source=AT_PACK, target=lane, serial=f"D-{n}") for n in range(9)]
    mug = Movement(item="MUG", quantity=1, source=AT_PACK, target=lane)
    event = Staged(order="1001", carton="C-1", target="LANE-1", contents=(*drills, mug))
    assert said(event, lambda move: move.serial == "D-4") == "1 × DRILL, PACK-1 → LANE-1 in C-1"
    assert said(event, None) == "9 × DRILL, PACK-1 → LANE-1 in C-1; 1 × MUG, PACK-1 → LANE-1 in C-1"


def test_a_long_answer_is_cut_into_pages_that_a_key_turns(world: World, mara: Hand) -> None:
    for n in range(10, 22):
        world.stock(f"B-{n} HONEY {n} lpn=LPN-77{n} lot=LOT-OF-SPRING-{n} expiry=2031-05-{n}")
    mara.scan("#HONEY")
    seen: list[str] = []
    for _ in range(12):
        assert len(mara.prompt.rows) <= 4
        seen += [row.name for row in mara.prompt.rows]
        [key] = [key for key in mara.prompt.keys if key.name == "page"]
        mara.tap("page")
        if key.label.startswith("Page 1 of "):
            break
    assert (mara.prompt.quantity, mara.prompt.rows[0].name) == (53 + sum(range(10, 22)), "DOCK-1"), "the first again"
    assert {f"B-{n}" for n in range(12, 22)} < set(seen)
    assert mara.tap("page").prompt.quantity is None, "said once"
    mara.scan("#MUG")
    assert mara.prompt.item.code == "MUG"
