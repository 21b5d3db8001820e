"""Cartons to their lane, onto the truck, and away: what goes, what is refused, what stays behind."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app import schema
from app.db import Tx
from app.desk import loads
from app.desk.on_paper import NoSlipPrinter
from app.schema.printing import print_job
from app.schema.stock import journal
from app.schema.work import exception, load
from app.stock.events import Backordered, Shipped
from app.stock.events import decode as decode_event
from app.stock.events.outbound import Backorder
from app.work import shipments
from tests.workflows.picked import Scale, cartons, item, order, packer, pick, state_of, stock, tote, warehouse
from tests.world import Hand, World, at_once

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    world = build("")
    lay_out(world)
    return world


@at_once
def lay_out(world: World) -> None:
    world.location("A-01")
    world.location("A-02")
    item(world, "MUG")
    item(world, "HONEY", lot_tracked=1)
    item(world, "KETTLE", serial_tracked=1)
    stock(world, "A-01 MUG 20")
    stock(world, "A-02 HONEY 9 lot=L1")
    stock(world, "A-02 KETTLE 3 serials=K1,K2,K3")


@pytest.fixture
def scale(world: World) -> Scale:
    return warehouse(world)


@pytest.fixture
def jonas(world: World, scale: Scale) -> Hand:
    return packer(world)


@pytest.fixture
def nora(world: World, scale: Scale) -> Hand:
    return world.worker("nora", "loader", device="HH-07").tap("start:loading")


def packed(
    world: World, jonas: Hand, scale: Scale, code: str, mugs: int = 1, *, boxes: int = 1, label: bool = True
) -> list[str]:
    """An order of mugs, packed and labelled, one mug at least in each of its cartons."""
    carrier = "SOUTH" if code.startswith("S") else "NORTH"
    order(world, code, carrier, MUG=mugs)
    pick(world, f"{code}/1", "MUG", mugs, "A-01", tote(world, f"T-{code[1:]}"))
    return pack(world, jonas, scale, code, ["#MUG"] * mugs, boxes, label=label)


def pack(
    world: World, jonas: Hand, scale: Scale, code: str, units: list[str], boxes: int = 1, *, label: bool = True
) -> list[str]:
    made = []
    scale.grams = 0
    jonas.tap("menu", "start:packing").scan(code)
    if jonas.refusal == "not_complete":
        jonas.scan(code)
    for n in range(boxes):
        mine = units[n:] if n == boxes - 1 else units[n : n + 1]
        jonas.scan(*mine)
        if n < boxes - 1:
            jonas.tap("full")
        number, type, _ = cartons(world)[-1]
        scale.grams = {"C1": 60, "C2": 150, "C3": 300}[type] + 400 * sum(one[0] == "#" or one[0] == "K" for one in mine)
        jonas.tap("weigh")
        scale.grams = 0
        assert jonas.asks == "Scan the label", (jonas.says, jonas.asks)
        made.append(number)
        if label:
            jonas.scan(number)
    return made


def staged(world: World, jonas: Hand, scale: Scale, nora: Hand, code: str, mugs: int = 1, boxes: int = 1) -> list[str]:
    made = packed(world, jonas, scale, code, mugs, boxes=boxes)
    for number in made:
        nora.tap("menu", "start:loading").scan(number)
        nora.scan(nora.prompt.place)
    return made


def told(world: World) -> list[Any]:
    return [decode_event(bytes(row[0])) for row in world.rows(select(journal.c.body).order_by(journal.c.seq))]


def shipped(world: World) -> list[Shipped]:
    return [event for event in told(world) if isinstance(event, Shipped)]


def left_without(world: World) -> list[Backordered]:
    return [event for event in told(world) if isinstance(event, Backordered)]


def set_order(world: World, code: str, **values: Any) -> None:
    world.change(schema.documents.sales_order, schema.documents.sales_order.c.code == code, **values)


def reading(world: World, work: Callable[[Tx], Any]) -> Any:
    with world.db.reading() as tx:
        return work(tx)


def refused(world: World, nora: Hand, code: str, *scans: str) -> None:
    """The last scan is refused with this code, and nothing moves."""
    nora.scan(*scans[:-1])
    before = world.holds()
    nora.scan(scans[-1])
    assert nora.refusal == code, nora.says
    assert nora.answer.verdict is not None
    assert nora.answer.verdict.kind in ("error", "warning")
    assert world.holds() == before
    world.check()


# ── to the lane ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_carton_goes_to_its_lane_and_pins_it_for_the_order(
    world: World, jonas: Hand, scale: Scale, nora: Hand
) -> None:
    first, second = packed(world, jonas, scale, "N100", 2, boxes=2)
    nora.scan(first)
    assert (nora.asks, nora.prompt.place, nora.prompt.hint) == ("Scan the lane", "LANE-N", "lane of NORTH")
    nora.scan("LANE-N")
    assert nora.says == f"Carton {first} stands in LANE-N."
    assert state_of(world, "N100") == "packed", "its other carton is still at the table"
    nora.scan(second)
    assert nora.prompt.hint == "where the order's other cartons stand"
    nora.scan("LANE-N")
    assert state_of(world, "N100") == "staged"
    nora.tap("undo")
    assert state_of(world, "N100") == "packed"
    assert f"PACK-1 MUG 1 in {second} (1 promised)" in world.holds()
    world.check()


def test_undoing_the_first_carton_frees_the_lane(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [number] = staged(world, jonas, scale, nora, "N100")
    orders = schema.documents.sales_order
    assert world.rows(select(orders.c.lane)) == [("LANE-N",)]
    nora.tap("undo")
    assert world.rows(select(orders.c.lane)) == [("",)]
    assert cartons(world) == [(number, "C1", "labelled")]
    world.check()


def test_a_wrong_lane_is_refused(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    first, second = packed(world, jonas, scale, "N100", 2, boxes=2)
    refused(world, nora, "wrong_lane", first, "LANE-S")
    assert nora.says == "Expected lane LANE-N, scanned LANE-S, the lane of SOUTH."
    refused(world, nora, "wrong_lane", "A-01")
    refused(world, nora, "other_lane", "LANE-N2")
    nora.scan("LANE-N2")
    assert nora.says == f"Carton {first} stands in LANE-N2.", "while none is pinned another lane of the carrier will do"
    refused(world, nora, "wrong_lane", second, "LANE-N")
    assert nora.says == "Expected lane LANE-N2, scanned LANE-N."
    world.check()


def test_a_blocked_lane_is_not_proposed(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    places = schema.places.location
    world.change(places, places.c.code == "LANE-N", blocked="paint")
    [number] = packed(world, jonas, scale, "N100")
    refused(world, nora, "wrong_lane", number, "LANE-N")
    assert nora.prompt.place == "LANE-N2"
    world.change(places, places.c.code == "LANE-N2", blocked="paint")
    nora.tap("back")
    refused(world, nora, "no_lane", number)


def test_an_unlabelled_carton_is_refused(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [number] = packed(world, jonas, scale, "N100", label=False)
    refused(world, nora, "not_labelled", number)
    refused(world, nora, "not_a_carton", "T-100")
    refused(world, nora, "not_labelled", "TRUCK-N", number)


@pytest.mark.parametrize("state", ["cancelled", "held"])
def test_a_carton_of_an_order_that_is_off_goes_nowhere(
    world: World, jonas: Hand, scale: Scale, nora: Hand, state: str
) -> None:
    [number] = packed(world, jonas, scale, "N100")
    [stands] = staged(world, jonas, scale, nora, "N101")
    set_order(world, "N100", state=state)
    set_order(world, "N101", state=state)
    refused(world, nora, "order_off", number)
    refused(world, nora, "order_off", "TRUCK-N", stands)
    nora.tap("menu", "start:loading")
    world.check()


# ── onto the truck ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_truck_is_loaded_closed_and_the_goods_are_the_customers(
    world: World, jonas: Hand, scale: Scale, nora: Hand
) -> None:
    [one] = staged(world, jonas, scale, nora, "N100")
    two, three = staged(world, jonas, scale, nora, "N101", 2, 2)
    assert nora.scan("TRUCK-N").prompt.progress == (0, 3)
    nora.scan(one)
    assert nora.says == "On TRUCK-N. 2 more."
    assert state_of(world, "N100") == "loaded"
    nora.scan(two)
    assert state_of(world, "N101") == "staged", "as far as the carton that is furthest behind"
    nora.scan(three)
    assert nora.says == "On TRUCK-N. All are on."
    nora.tap("close")
    assert nora.asks == "Scan or type the seal"
    nora.type("SEAL-4711")
    assert nora.says == "TRUCK-N left with 3 cartons of 2 orders."
    assert [(event.order, len(event.cartons), event.complete, event.seal) for event in shipped(world)] == [
        ("N100", 1, True, "SEAL-4711"),
        ("N101", 2, True, "SEAL-4711"),
    ]
    assert (state_of(world, "N100"), state_of(world, "N101")) == ("shipped", "shipped")
    assert "TRUCK-N" not in world.holds()
    assert "LANE" not in world.holds()
    [(code, state, seal)] = world.rows(select(load.c.code, load.c.state, load.c.seal))
    assert (code, state, seal) == ("LOAD-TRUCK-N-001", "shipped", "SEAL-4711")
    manifest = reading(world, lambda tx: shipments.manifest(tx, code))
    assert [(row.order_code, row.lpn, row.customer) for row in manifest] == [
        ("N100", one, "Jane Doe"),
        ("N101", two, "Jane Doe"),
        ("N101", three, "Jane Doe"),
    ]
    assert [row.name for row in nora.prompt.rows] == [one, two, three]
    assert not nora.prompt.can_undo
    world.check()


def test_serials_and_lots_leave_with_their_carton(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    order(world, "N100", "NORTH", HONEY=2, KETTLE=1)
    pick(world, "N100/1", "HONEY", 2, "A-02", tote(world, "T-1"), lot="L1")
    pick(world, "N100/2", "KETTLE", 1, "A-02", "T-1", serials=("K2",))
    [number] = pack(world, jonas, scale, "N100", ["#HONEY", "#HONEY", "K2"])
    nora.scan(number, "LANE-N", "TRUCK-N", number).tap("close").tap("no_seal")
    [event] = shipped(world)
    assert {(move.item, move.lot, move.serial, move.quantity) for move in event.contents} == {
        ("HONEY", "L1", "", 2),
        ("KETTLE", "", "K2", 1),
    }
    serials = schema.stock.serial
    assert world.rows(select(serials.c.location).where(serials.c.serial == "K2")) == [("~customer",)]
    world.check()


def test_a_loaded_carton_scanned_again_stays_loaded(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [number] = staged(world, jonas, scale, nora, "N100")
    nora.scan("TRUCK-N", number)
    refused(world, nora, "already_loaded", number)
    assert nora.says == f"Carton {number} is already loaded on TRUCK-N."
    nora.tap("undo")
    assert state_of(world, "N100") == "staged"
    assert f"LANE-N MUG 1 in {number} (1 promised)" in world.holds()
    nora.scan(number)
    assert state_of(world, "N100") == "loaded"
    world.check()


def test_unloading_is_a_tap_of_its_own(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [one] = staged(world, jonas, scale, nora, "N100")
    [two] = staged(world, jonas, scale, nora, "N101")
    nora.scan("TRUCK-N", one).tap("unload")
    refused(world, nora, "not_on_truck", two)
    nora.scan(one)
    assert nora.says == "Off. Bring it back to LANE-N."
    assert state_of(world, "N100") == "staged"
    nora.tap("undo")
    assert state_of(world, "N100") == "loaded"
    nora.scan(one)
    assert nora.asks == "Scan a carton"
    assert state_of(world, "N100") == "staged", "the undo came back to the unloading"
    world.check()


def test_a_wrong_truck_is_refused(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [north] = staged(world, jonas, scale, nora, "N100")
    [south] = staged(world, jonas, scale, nora, "S200")
    refused(world, nora, "wrong_truck", "TRUCK-S", north)
    assert nora.says == f"Carton {north} goes with NORTH, this truck is SOUTH."
    nora.scan("DOCK-9", north)
    assert nora.says == "On DOCK-9. All are on."
    refused(world, nora, "wrong_truck", south)
    assert nora.says == f"Carton {south} goes with SOUTH, this truck is NORTH.", "the first carton chose the carrier"
    refused(world, nora, "already_loaded", "TRUCK-N", north)
    assert nora.says == f"Carton {north} is already loaded on DOCK-9."
    refused(world, nora, "not_a_truck", "LANE-N")


def test_a_carton_that_was_not_staged_is_not_loaded(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [number] = packed(world, jonas, scale, "N100")
    refused(world, nora, "not_staged", "TRUCK-N", number)
    nora.tap("back").scan(number, "LANE-N")
    refused(world, nora, "already_staged", number)
    refused(world, nora, "not_a_carton", "T-100")


def test_a_lot_on_hold_does_not_leave(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    for n, code in enumerate(("N100", "N101", "N102"), start=1):
        order(world, code, "NORTH", HONEY=1)
        pick(world, f"{code}/1", "HONEY", 1, "A-02", tote(world, f"T-{n}"), lot="L1")
        pack(world, jonas, scale, code, ["#HONEY"])
    one, two, three = [row[0] for row in cartons(world)]
    nora.scan(one, "LANE-N", two, "LANE-N2", "TRUCK-N", one)
    lots = schema.items.lot
    world.change(lots, lots.c.lot == "L1", held="recall 7")
    refused(world, nora, "on_hold", two)
    nora.tap("close", "reason:no_room", "no_seal")
    assert nora.refusal == "on_hold"
    assert shipped(world) == []
    nora.tap("back", "unload").scan(one)
    assert nora.says == "Off. Bring it back to LANE-N.", "what is on hold must be able to come off"
    nora.tap("menu", "start:loading")
    nora.scan(three)
    refused(world, nora, "on_hold", nora.prompt.place)


# ── and away ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_cartons_left_behind_are_named_with_a_reason_and_wait_for_the_next_truck(
    world: World, jonas: Hand, scale: Scale, nora: Hand
) -> None:
    one, two = staged(world, jonas, scale, nora, "N100", 2, 2)
    staged(world, jonas, scale, nora, "S200")
    nora.scan("TRUCK-N", one).tap("close")
    assert nora.asks == "Why do they stay?"
    assert [(row.name, row.detail, row.right) for row in nora.prompt.rows] == [(two, "order N100", "LANE-N")]
    nora.tap("reason:no_room")
    assert nora.prompt.hint == "1 carton on the truck; the others stay: No room"
    nora.type("S-1")
    assert nora.says == "TRUCK-N left with 1 carton of 1 order. 1 stay: No room."
    [event] = shipped(world)
    assert (event.cartons, event.complete) == ((one,), False)
    assert state_of(world, "N100") == "staged", "the order stays open"
    [(code, sentence)] = world.rows(select(exception.c.code, exception.c.sentence))
    assert code == "left_behind"
    assert sentence == f"Carton {two} of order N100 was left behind by LOAD-TRUCK-N-001: No room."
    nora.scan("TRUCK-N", two).tap("close", "no_seal")
    assert [event.complete for event in shipped(world)] == [False, True]
    assert (shipped(world)[1].load, state_of(world, "N100")) == ("LOAD-TRUCK-N-002", "shipped")
    world.check()


def test_a_carton_staged_while_the_seal_is_typed_is_asked_for_and_the_seal_is_not_asked_again(
    world: World, jonas: Hand, scale: Scale, nora: Hand
) -> None:
    one = staged(world, jonas, scale, nora, "N100")
    nora.scan("TRUCK-N", *one).tap("close")
    assert nora.asks == "Scan or type the seal"
    olaf = world.worker("olaf", "loader", device="HH-08").tap("start:loading")
    [late] = staged(world, jonas, scale, olaf, "N101")
    nora.type("S-1")
    assert (nora.asks, [row.name for row in nora.prompt.rows]) == ("Why do they stay?", [late])
    nora.tap("reason:next_truck")
    assert nora.says == "TRUCK-N left with 1 carton of 1 order. 1 stay: Next truck."
    assert [event.cartons for event in shipped(world)] == [tuple(one)]
    world.check()


def test_a_missing_carton_found_at_the_last_moment_is_simply_scanned(
    world: World, jonas: Hand, scale: Scale, nora: Hand
) -> None:
    one, two = staged(world, jonas, scale, nora, "N100", 2, 2)
    nora.scan("TRUCK-N", one).tap("close").scan(two).tap("close")
    assert nora.asks == "Scan or type the seal"
    world.check()


def test_closing_twice_is_harmless(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [number] = staged(world, jonas, scale, nora, "N100")
    omar = world.worker("omar", "loader", device="HH-08").tap("start:loading").scan("TRUCK-N")
    nora.scan("TRUCK-N", number).tap("close")
    omar.tap("close")
    nora.tap("no_seal")
    omar.tap("no_seal")
    assert omar.says == "Load LOAD-TRUCK-N-001 is closed already."
    assert len(shipped(world)) == 1
    omar.scan("TRUCK-N")
    assert omar.prompt.job == "Load TRUCK-N"
    nora.scan(number)
    assert nora.refusal == "already_shipped"
    world.check()


def test_a_load_that_is_closed_takes_no_more(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [one] = staged(world, jonas, scale, nora, "N100")
    omar = world.worker("omar", "loader", device="HH-08").tap("start:loading").scan("TRUCK-N")
    nora.scan("TRUCK-N", one).tap("close", "no_seal")
    [two] = staged(world, jonas, scale, nora, "N101")
    refused(world, omar, "load_closed", two)
    omar.tap("close")
    assert omar.says == "Load LOAD-TRUCK-N-001 is closed already."
    world.check()


def test_an_empty_truck_is_not_closed_and_a_bad_seal_is_refused(
    world: World, jonas: Hand, scale: Scale, nora: Hand
) -> None:
    [number] = staged(world, jonas, scale, nora, "N100")
    nora.scan("TRUCK-N").tap("close")
    assert nora.refusal == "nothing_loaded"
    nora.scan(number).tap("close").type("X" * 31)
    assert nora.refusal == "malformed"
    nora.type("  ")
    assert nora.refusal == "malformed"
    assert shipped(world) == []
    nora.scan("SEAL/9912")
    assert shipped(world)[0].seal == "SEAL/9912", "a scanned seal does as well"
    world.check()


def test_an_order_cancelled_on_the_truck_stops_the_closing_until_it_is_off(
    world: World, jonas: Hand, scale: Scale, nora: Hand
) -> None:
    [one] = staged(world, jonas, scale, nora, "N100")
    [two] = staged(world, jonas, scale, nora, "N101")
    nora.scan("TRUCK-N", one, two)
    set_order(world, "N101", state="cancelled")
    nora.tap("close", "no_seal")
    assert (nora.refusal, nora.says) == ("order_off", "Order N101 is cancelled.")
    assert shipped(world) == [], "nothing has left"
    nora.tap("back", "unload").scan(two).tap("close", "no_seal")
    assert [event.order for event in shipped(world)] == ["N100"]
    world.check()


def test_an_order_that_must_ship_complete_does_not_leave_in_parts(
    world: World, jonas: Hand, scale: Scale, nora: Hand
) -> None:
    one, _two = staged(world, jonas, scale, nora, "N100", 2, 2)
    set_order(world, "N100", ship_complete=1)
    nora.scan("TRUCK-N", one).tap("close", "reason:no_room", "no_seal")
    assert nora.refusal == "ship_complete"
    assert nora.says == "Order N100 must ship complete; 1 of its units are not on the truck."
    assert shipped(world) == []
    world.check()


def test_a_backordered_line_does_not_keep_the_order_open(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    order(world, "N100", "NORTH", MUG=1, HONEY=3)
    pick(world, "N100/1", "MUG", 1, "A-01", tote(world, "T-1"))
    lines = schema.documents.order_line
    world.change(lines, lines.c.id == "N100/2", short=3)
    [number] = pack(world, jonas, scale, "N100", ["#MUG"])
    nora.scan(number, "LANE-N", "TRUCK-N", number).tap("close", "no_seal")
    assert (shipped(world)[0].complete, state_of(world, "N100")) == (True, "shipped")
    (one,) = left_without(world)
    assert one.lines == (Backorder(line="N100/2", item="HONEY", quantity=3),)
    assert one.in_words() == "order N100 left without 3 × HONEY"
    world.check()


def test_what_is_still_to_pick_keeps_the_order_open(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    order(world, "N100", "NORTH", MUG=3)
    pick(world, "N100/1", "MUG", 1, "A-01", tote(world, "T-1"))
    [number] = pack(world, jonas, scale, "N100", ["#MUG"])
    nora.scan(number, "LANE-N", "TRUCK-N", number).tap("close", "no_seal")
    assert (shipped(world)[0].complete, state_of(world, "N100")) == (False, "picking")
    world.change(schema.documents.order_line, schema.documents.order_line.c.id == "N100/1", quantity=4, short=1)
    pick(world, "N100/1", "MUG", 2, "A-01", tote(world, "T-2"))
    assert state_of(world, "N100") == "picked"
    [second] = pack(world, jonas, scale, "N100", ["#MUG", "#MUG"])
    nora.scan(second, "LANE-N", "TRUCK-N", second).tap("close", "no_seal")
    assert (shipped(world)[1].complete, state_of(world, "N100")) == (True, "shipped")
    assert [one.lines[0].quantity for one in left_without(world)] == [1]  # once, when all else has left
    world.check()


def test_the_menu_says_what_waits_and_fetches_the_next_carton(
    world: World, jonas: Hand, scale: Scale, nora: Hand
) -> None:
    [number] = packed(world, jonas, scale, "N100")
    staged(world, jonas, scale, nora, "N101")
    nora.tap("menu")
    assert ("Load", "1 to stage, 1 to load") in [(key.label, key.note) for key in nora.prompt.choices]
    assert nora.prompt.main.label == "Next: stage carton of N100"
    nora.tap("next:loading")
    assert (nora.asks, nora.prompt.place, nora.prompt.facts[0].value) == ("Scan the carton", "PACK-1", number)
    nora.scan(number, nora.scan(number).prompt.place, "LOAD-1")
    assert nora.refusal == "unknown"
    world.check()


def test_the_manifest_of_a_load_is_shown_by_its_number(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [number] = staged(world, jonas, scale, nora, "N100")
    nora.scan("TRUCK-N", number).tap("menu", "start:loading").scan("LOAD-TRUCK-N-001")
    assert nora.asks == "Scan a carton", "an open load goes on"
    nora.tap("close", "no_seal", "menu", "start:loading").scan("LOAD-TRUCK-N-001")
    assert [row.name for row in nora.prompt.rows] == [number]
    assert [(fact.label, fact.value) for fact in nora.prompt.facts[:2]] == [("Truck", "TRUCK-N"), ("Seal", "none")]
    world.check()


def test_the_driver_gets_the_manifest_on_a_slip(world: World, jonas: Hand, scale: Scale, nora: Hand) -> None:
    [box] = packed(world, jonas, scale, "N1", 1)
    nora.scan(box, "LANE-N", "TRUCK-N", box)
    [code] = [row[0] for row in world.rows(select(load.c.code))]

    def print_slip(printer: str) -> str:
        return world.db.do(lambda tx: loads.print_slip(tx, code, printer, world.ports.printers, worker="ruth"))

    with pytest.raises(loads.NotLeft):
        print_slip("slips")
    assert [row.lpn for row in reading(world, lambda tx: loads.manifest(tx, code)).cartons] == [box]
    nora.tap("close").type("SEAL-9")
    with pytest.raises(NoSlipPrinter):
        print_slip("zebra")
    assert print_slip("slips") == f"The manifest of {code} comes out of slips."
    print_slip("slips")
    jobs = world.rows(
        select(print_job.c.payload, print_job.c.printer).where(print_job.c.kind == "load_manifest")
    )  # fmt: skip
    assert len(jobs) == 2, "asked for again, it is printed again"
    paper = bytes(jobs[0][0])
    for words in (b"MANIFEST", code.encode(), b"SEAL-9", box.encode(), b"Order N1", b"1 carton", b"Driver:"):
        assert words in paper, words
    page = reading(world, lambda tx: loads.listing(tx, loads.LoadFilter()))
    assert [(row.code, row.state, row.cartons) for row in page.rows] == [(code, "shipped", 1)]
    world.check()
