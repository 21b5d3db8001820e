"""An order goes into its cartons: every unit seen, the weight right, the label scanned back. And all that is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from app import schema
from app.desk import exceptions as desk
from app.floor.floor import Ports
from app.printing.jobs import job_of
from app.schema.printing import print_job
from app.schema.stock import journal
from app.schema.work import carton, exception
from app.stock.events import CartonClosed, CartonOpened, Packed, PackShort
from app.stock.events import decode as decode_event
from app.work import missing, weights
from printers import labels
from tests.workflows.picked import (
    SLIPS,
    SPARE,
    ZEBRA,
    Scale,
    cartons,
    item,
    order,
    packer,
    pick,
    state_of,
    stock,
    tote,
    warehouse,
)
from tests.world import Hand, World, at_once

Build = Callable[[str], World]


@pytest.fixture
def world(build: Build) -> World:
    """Order 482: two mugs, two honeys of lot L1, one kettle by serial, in tote T-001. Order 483: a tee in tote T-002."""
    world = build("")
    lay_out(world)
    return world


@at_once
def lay_out(world: World) -> None:
    for code in ("A-01", "A-02", "A-03", "A-04"):
        world.location(code)
    item(world, "MUG", case=2)
    item(world, "TEE", grams=150)
    item(world, "HONEY", grams=500, lot_tracked=1)
    item(world, "KETTLE", grams=1200, serial_tracked=1)
    stock(world, "A-01 MUG 20")
    stock(world, "A-02 HONEY 9 lot=L1")
    stock(world, "A-03 KETTLE 3 serials=K1,K2,K3")
    stock(world, "A-04 TEE 5")
    order(world, "482", MUG=2, HONEY=2, KETTLE=1)
    order(world, "483", TEE=1)
    tote(world, "T-001")
    tote(world, "T-002")
    pick(world, "482/1", "MUG", 2, "A-01", "T-001")
    pick(world, "482/2", "HONEY", 2, "A-02", "T-001", lot="L1")
    pick(world, "482/3", "KETTLE", 1, "A-03", "T-001", serials=("K1",))
    pick(world, "483/1", "TEE", 1, "A-04", "T-002")


@pytest.fixture
def scale(world: World) -> Scale:
    return warehouse(world)


@pytest.fixture
def jonas(world: World, scale: Scale) -> Hand:
    return packer(world)


EMPTY = {"C1": 60, "C2": 150, "C3": 300}


def right_weight(world: World) -> int:
    """Two mugs, two honeys, a kettle and the carton."""
    return 800 + 1000 + 1200 + EMPTY[cartons(world)[-1][1]]


def events(world: World, kind: type) -> list[Any]:
    found = [decode_event(bytes(row[0])) for row in world.rows(select(journal.c.body).order_by(journal.c.seq))]
    return [event for event in found if isinstance(event, kind)]


def jobs(world: World) -> list[tuple[str, str, str]]:
    query = select(print_job.c.kind, print_job.c.subject, print_job.c.state).order_by(print_job.c.created)
    return [(row[0], row[1], row[2]) for row in world.rows(query)]


def set_jobs(world: World, state: str) -> None:
    world.db.do(lambda tx: tx.run(update(print_job).values(state=state, sentence="Paper out.")))


def all_in(jonas: Hand) -> Hand:
    """Every unit of order 482."""
    return jonas.scan("T-001", "#MUG/case", "#HONEY", "#HONEY", "#KETTLE", "K1")


# ── the way it goes ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_order_is_packed_weighed_labelled_and_scanned_back(world: World, jonas: Hand, scale: Scale) -> None:
    assert jonas.asks == "Scan tote or order"
    assert jonas.prompt.hint == "2 orders wait"
    jonas.scan("T-001")
    prompt = jonas.prompt
    assert (prompt.subject, prompt.template, prompt.progress) == ("Order 482", "floor/pack.html", (0, 5))
    assert prompt.carton.why[0].startswith("Smallest that fits")
    assert cartons(world) == [], "looking at an order folds no carton"
    jonas.scan("#MUG")
    assert jonas.says == "Mug: 1 of 2"
    assert state_of(world, "482") == "packing"
    assert [(row.name, row.left, row.right, row.state) for row in jonas.prompt.rows] == [
        ("Mug", "1", "1 of 2", "now"),
        ("Honey", "2", "0 of 2", ""),
        ("Kettle", "1", "0 of 1", ""),
    ]
    jonas.scan("#MUG", "#HONEY", "#HONEY", "#KETTLE")
    assert jonas.asks == "Scan the serial"
    jonas.scan("K1")
    assert jonas.asks == "Put it on the scale"
    assert jobs(world) == [], "no label before all is verified"
    scale.grams = right_weight(world)
    jonas.tap("weigh")
    [(code, _, state)] = cartons(world)
    assert (jonas.asks, state, len(code)) == ("Scan the label", "printed", 18)
    assert jobs(world) == [("shipping", code, "queued"), ("packing_slip", f"slip {code}", "queued")]
    assert jonas.prompt.carton.stage == "print"
    assert state_of(world, "482") == "packing"
    jonas.scan(code)
    assert jonas.says == "Order 482 is packed: 1 carton. To lane LANE-N."
    assert (state_of(world, "482"), cartons(world)[0][2], jobs(world)[0][2]) == ("packed", "labelled", "printed")
    [closed] = events(world, CartonClosed)
    assert (closed.last, closed.freed, closed.weight_g) == (True, ("T-001",), scale.grams)
    assert {(move.item, move.quantity, move.serial) for move in closed.contents} == {
        ("MUG", 2, ""),
        ("HONEY", 2, ""),
        ("KETTLE", 1, "K1"),
    }
    assert world.holds().splitlines()[-4:] == [
        f"PACK-1 HONEY 2 in {code} lot L1 (2 promised)",
        f"PACK-1 KETTLE 1 in {code} (1 promised)",
        f"PACK-1 MUG 2 in {code} (2 promised)",
        "PACK-1 TEE 1 in T-002 (1 promised)",
    ]
    [(label,)] = world.rows(select(print_job.c.label).where(print_job.c.subject == code))
    shown = labels.decode(bytes(label))
    assert isinstance(shown, labels.ShippingLabel)
    assert (shown.carton_number, shown.cartons, shown.carrier, shown.address) == (
        1,
        1,
        "NORTH",
        ("1 High Street", "Leeds", "UK"),
    )
    world.check()


def test_a_carton_that_stands_on_the_scale_closes_by_itself(world: World, jonas: Hand, scale: Scale) -> None:
    jonas.scan("T-001", "#MUG/case", "#HONEY", "#HONEY")
    assert jonas.prompt.carton.stage == "scan"
    scale.grams = right_weight(world) + 20
    jonas.scan("#KETTLE", "K1")
    assert jonas.asks == "Scan the label"
    assert events(world, CartonClosed)[0].expected_g == right_weight(world)
    world.check()


def test_each_scan_is_one_event_and_can_be_undone(world: World, jonas: Hand) -> None:
    jonas.scan("T-001", "#MUG/case")
    assert [(event.item, event.quantity) for event in events(world, Packed)] == [("MUG", 2)]
    assert jonas.prompt.can_undo
    jonas.tap("undo")
    assert jonas.asks == "Scan an item"
    assert (state_of(world, "482"), jonas.prompt.progress) == ("picked", (0, 5))
    assert "PACK-1 MUG 2 in T-001 (2 promised)" in world.holds()
    jonas.scan("#MUG")
    assert len(cartons(world)) == 1, "the carton that was folded is used"
    world.check()


def test_the_best_waiting_order_is_offered_with_its_tote(world: World, scale: Scale) -> None:
    jonas = world.worker("jonas", "packer").scan("P-1")
    assert jonas.prompt.main.label == "Next: pack order 482"
    assert jonas.prompt.main.note == "5 units in T-001"
    jonas.tap("next:packing")
    assert jonas.asks == "Scan tote T-001"
    jonas.scan("T-001", "#MUG")
    assert state_of(world, "482") == "packing"
    world.check()


def test_an_order_in_two_totes_is_packed_from_both_and_both_are_free_again(
    world: World, jonas: Hand, scale: Scale
) -> None:
    order(world, "484", TEE=2)
    pick(world, "484/1", "TEE", 1, "A-04", tote(world, "T-003"))
    pick(world, "484/1", "TEE", 1, "A-04", tote(world, "T-004", "CART-1"), place="CART-1")
    jonas.scan("T-003")
    assert jonas.prompt.progress == (0, 2)
    jonas.scan("#TEE", "T-004")
    assert jonas.says == "Tote T-004"
    scale.grams = 300 + EMPTY[cartons(world)[0][1]]
    jonas.scan("#TEE")
    assert events(world, CartonClosed)[0].freed == ("T-003", "T-004")
    totes = schema.stock.lpn
    [(state, place)] = world.rows(select(totes.c.state, totes.c.location).where(totes.c.code == "T-004"))
    assert (state, place) == ("open", "PACK-1")
    world.check()


def test_a_full_carton_is_followed_by_the_next(world: World, jonas: Hand, scale: Scale) -> None:
    jonas.scan("T-001").tap("full")
    assert jonas.refusal == "carton_empty"
    jonas.scan("#MUG/case").tap("full")
    scale.grams = 800 + EMPTY[cartons(world)[0][1]]
    jonas.tap("weigh")
    first = cartons(world)[0][0]
    assert [event.last for event in events(world, CartonClosed)] == [False]
    assert [kind for kind, _, _ in jobs(world)] == ["shipping"], "the slip goes into the last one"
    jonas.scan(first)
    assert jonas.says == "Carton is done. Next carton."
    assert (jonas.asks, jonas.prompt.progress) == ("Scan an item", (2, 5))
    jonas.scan("#HONEY", "#HONEY", "#KETTLE", "K1")
    second = cartons(world)[1]
    assert second[0] != first
    scale.grams = 2200 + EMPTY[second[1]]
    jonas.tap("weigh").scan(second[0])
    assert jonas.says == "Order 482 is packed: 2 cartons. To lane LANE-N."
    world.check()


def test_more_can_be_packed_into_a_carton_said_to_be_full(world: World, jonas: Hand) -> None:
    jonas.scan("T-001", "#MUG").tap("full", "more").scan("#MUG")
    assert [row[2] for row in cartons(world)] == ["open"]
    world.check()


def test_the_packer_takes_another_carton_and_the_journal_remembers(world: World, jonas: Hand) -> None:
    jonas.scan("T-001")
    proposed = jonas.prompt.carton.type
    jonas.tap("other")
    assert [key.label for key in jonas.prompt.choices] == ["C1", "C2", "C3"]
    jonas.tap("carton:C3")
    assert jonas.prompt.carton.type == "C3"
    jonas.scan("#MUG")
    [opened] = events(world, CartonOpened)
    assert (opened.type, opened.proposed) == ("C3", proposed)
    assert opened.why.startswith("Smallest that fits")
    jonas.scan("CMD/CARTON:C2")
    assert [row[1] for row in cartons(world)] == ["C2"], "the goods went over into another box of the same number"
    jonas.scan("CMD/CARTON:C77")
    assert jonas.refusal == "unknown_carton_type"
    world.check()


def test_a_site_without_a_gs1_prefix_numbers_its_cartons_itself(world: World, jonas: Hand) -> None:
    world.change(schema.places.site, schema.places.site.c.code == "MAIN", gs1_company_prefix="")
    jonas.scan("T-001", "#MUG")
    assert cartons(world)[0][0].startswith("C-0")
    world.check()


def test_without_carton_types_the_packer_takes_what_fits(world: World, jonas: Hand, scale: Scale) -> None:
    world.db.do(lambda tx: tx.run(schema.work.carton_type.delete()))
    jonas.scan("T-002")
    assert jonas.prompt.carton.type == "Your choice"
    jonas.scan("#TEE")
    scale.grams = 333
    jonas.tap("weigh")
    assert jonas.says == "0.333 kg not checked: carton has no weight."
    world.check()


# ── what is scanned wrong ────────────────────────────────────────────────────────────────────────────────────────────
def refused(world: World, jonas: Hand, *scans: str) -> str:
    """The last scan is refused and nothing moves."""
    jonas.scan(*scans[:-1])
    before = world.holds()
    jonas.scan(scans[-1])
    assert jonas.answer.verdict is not None
    assert jonas.answer.verdict.kind == "error"
    assert world.holds() == before
    world.check()
    return jonas.refusal


def test_a_wrong_item_is_refused(world: World, jonas: Hand) -> None:
    item(world, "LAMP")
    assert refused(world, jonas, "T-001", "#LAMP") == "wrong_item"
    assert jonas.says == "LAMP is not in order 482; expected HONEY or KETTLE or MUG."


def test_an_item_of_another_order_in_the_same_tote_is_refused_by_name(world: World, jonas: Hand) -> None:
    order(world, "485", TEE=1)
    pick(world, "485/1", "TEE", 1, "A-04", "T-001")
    jonas.scan("T-001")
    assert jonas.asks == "Scan the order", "a batch tote holds several orders"
    assert [key.value for key in jonas.prompt.choices] == ["482", "485"]
    assert refused(world, jonas, "482", "#TEE") == "other_order"
    assert jonas.says == "TEE is for order 485, this is order 482."


def test_more_than_remains_is_refused(world: World, jonas: Hand) -> None:
    assert refused(world, jonas, "T-001", "#MUG", "#MUG/case") == "only_remaining"
    assert jonas.says == "Only 1 × MUG remaining, scanned 2."
    assert refused(world, jonas, "#MUG", "#MUG") == "all_packed"
    assert jonas.says == "All 2 × MUG are packed already."


def test_a_serial_that_is_not_in_this_tote_is_refused(world: World, jonas: Hand) -> None:
    assert refused(world, jonas, "T-001", "#KETTLE", "K2") == "serial_elsewhere"
    assert jonas.says == "Serial K2 of KETTLE is in A-03, not in this tote."
    assert refused(world, jonas, "NOBODY-9") == "serial_elsewhere"
    jonas.scan("K1")
    assert jonas.says == "Kettle: 1 of 1"
    assert refused(world, jonas, "K1") == "all_packed", "each serial once"


def test_a_serial_label_alone_names_its_item(world: World, jonas: Hand) -> None:
    jonas.scan("T-001", "K1")
    assert jonas.says == "Kettle: 1 of 1"
    assert events(world, Packed)[0].serial == "K1"
    world.check()


def test_lots_must_match(world: World, jonas: Hand) -> None:
    gtin = "]C101" + world.barcodes["HONEY"].zfill(14) + "10"
    assert refused(world, jonas, "T-001", gtin + "L9") == "wrong_lot"
    assert jonas.says == "Expected lot L1, scanned lot L9."
    jonas.scan(gtin + "L1")
    assert jonas.says == "Honey: 1 of 2"
    world.check()


def test_of_several_lots_the_lot_is_asked_for(world: World, jonas: Hand) -> None:
    stock(world, "A-02 HONEY 5 lot=L2")
    order(world, "486", HONEY=2)
    tote(world, "T-006")
    pick(world, "486/1", "HONEY", 1, "A-02", "T-006", lot="L1")
    pick(world, "486/1", "HONEY", 1, "A-02", "T-006", lot="L2")
    jonas.scan("T-006", "#HONEY")
    assert (jonas.asks, jonas.prompt.facts[0].value) == ("Scan the lot", "L1 or L2")
    assert refused(world, jonas, "L7") == "wrong_lot"
    jonas.scan("L2")
    assert jonas.says == "Honey: 1 of 2"
    assert events(world, Packed)[0].source.lot == "L2"
    world.check()


def test_a_lot_on_hold_is_not_packed(world: World, jonas: Hand) -> None:
    world.change(schema.items.lot, schema.items.lot.c.lot == "L1", held="recall 7")
    assert refused(world, jonas, "T-001", "#HONEY") == "on_hold"


def test_a_lot_put_on_hold_after_packing_keeps_the_carton_open(world: World, jonas: Hand, scale: Scale) -> None:
    all_in(jonas)
    world.change(schema.items.lot, schema.items.lot.c.lot == "L1", held="recall 7")
    scale.grams = right_weight(world)
    jonas.tap("weigh")
    assert jonas.refusal == "on_hold"
    assert jobs(world) == []
    world.check()


@pytest.mark.parametrize("state", ["cancelled", "held"])
def test_an_order_that_is_off_is_not_packed(world: World, jonas: Hand, scale: Scale, state: str) -> None:
    jonas.scan("T-001", "#MUG")
    orders = schema.documents.sales_order
    world.change(orders, orders.c.code == "482", state=state)
    jonas.scan("#MUG")
    assert jonas.refusal == "order_off"
    assert jonas.says == f"Order 482 is {state}."
    jonas.tap("undo")
    assert jonas.refusal == "undo_too_late"
    jonas.tap("full").tap("weigh")
    assert jonas.refusal == "order_off"
    jonas.tap("menu", "start:packing").scan("T-001")
    assert jonas.refusal == "order_off"
    world.check()


def test_an_order_that_is_not_completely_picked_is_packed_only_on_a_second_word(
    world: World, jonas: Hand, scale: Scale
) -> None:
    order(world, "487", TEE=3)
    pick(world, "487/1", "TEE", 1, "A-04", tote(world, "T-007"))
    jonas.scan("T-007")
    assert jonas.refusal == "not_complete"
    assert jonas.says == "2 more units of order 487 are not picked yet."
    jonas.scan("T-007")
    assert jonas.asks == "Scan an item"
    jonas.scan("#TEE")
    scale.grams = 150 + EMPTY[cartons(world)[0][1]]
    jonas.tap("weigh").scan(cartons(world)[0][0])
    assert events(world, CartonClosed)[0].last is False
    assert state_of(world, "487") == "packing", "the rest is still to come"
    world.check()


def test_totes_and_orders_with_nothing_to_pack_are_refused(world: World, jonas: Hand) -> None:
    tote(world, "T-009")
    jonas.scan("T-009")
    assert jonas.refusal == "tote_empty"
    order(world, "490", state="pool", TEE=1)
    jonas.scan("490")
    assert jonas.refusal == "not_picked"
    order(world, "491", TEE=1)
    jonas.scan("491")
    assert jonas.refusal == "nothing_to_pack"
    world.check()


def test_another_tote_waits_until_the_open_carton_is_done(world: World, jonas: Hand) -> None:
    jonas.scan("T-001", "T-002")
    assert jonas.prompt.subject == "Order 483", "nothing was in the carton yet"
    jonas.scan("T-001", "#MUG")
    assert refused(world, jonas, "T-002") == "other_order"
    assert refused(world, jonas, "483") == "other_order"


def test_packing_needs_a_station(world: World, scale: Scale) -> None:
    jonas = world.worker("jonas", "packer").tap("start:packing").scan("T-001")
    assert jonas.refusal == "no_packing_station"
    jonas.scan("P-1")
    assert jonas.says == "You stand at P-1."
    jonas.scan("T-001")
    assert jonas.asks == "Scan an item"
    world.check()


def test_an_order_begun_at_another_station_warns_first(world: World, jonas: Hand) -> None:
    world.location("PACK-2", kind="station")
    world.add(schema.places.station, code="P-2", name="P-2", location="PACK-2", label_printer="zebra")
    jonas.scan("T-001", "#MUG")
    lena = world.worker("lena", "packer", device="HH-02").scan("P-2").tap("start:packing").scan("T-001")
    assert lena.refusal == "packed_elsewhere"
    lena.scan("T-001", "#MUG/case")
    assert lena.says == "Only 1 × MUG remaining, scanned 2."
    lena.scan("#MUG", "#HONEY", "#HONEY", "K1")
    assert lena.asks == "Type the weight", "station P-2 has no scale"
    lena.tap("back").scan("482")
    assert lena.asks == "Type the weight", "the carton that stands open here goes on"
    jonas.scan("482")
    assert len(cartons(world)) == 2
    world.check()


# ── weight ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_weight_that_is_off_blocks_the_label_until_it_is_right(world: World, jonas: Hand, scale: Scale) -> None:
    all_in(jonas)
    right = right_weight(world)
    tolerance = right * 2 // 100
    for wrong in (right - tolerance - 1, right + tolerance + 1):
        scale.grams = wrong
        jonas.tap("weigh")
        assert jonas.refusal == "weight_off"
        assert jonas.says == f"Expected {right / 1000:.3f} kg ± {tolerance} g, found {wrong / 1000:.3f} kg."
        assert (jonas.answer.verdict.expected, jonas.answer.verdict.scanned) == (  # type: ignore[union-attr]
            f"{right / 1000:.3f} kg",
            f"{wrong / 1000:.3f} kg",
        )
    assert (jobs(world), cartons(world)[0][2]) == ([], "open")
    scale.grams = right + tolerance
    jonas.tap("weigh")
    assert jonas.asks == "Scan the label"
    world.check()


def test_why_there_is_no_weight_stands_there_before_anybody_presses_weigh(
    world: World, jonas: Hand, scale: Scale
) -> None:
    scale.broken = "The scale of PACK-1 is away."
    away = all_in(jonas).prompt.carton
    assert (away.weight_g, away.unweighed) == (-1, "The scale of PACK-1 is away.")
    assert away.label == "", "one thing to read at a time"
    assert "Type weight" in [key.label for key in jonas.prompt.keys]
    scale.broken = ""
    back = jonas.tap("type", "back").prompt.carton
    assert (back.weight_g, back.unweighed) == (0, "")


def test_what_is_off_the_scale_is_said_so_and_a_typed_code_nobody_knows_is_no_serial(
    world: World, jonas: Hand, scale: Scale
) -> None:
    all_in(jonas)
    scale.grams = right_weight(world) + 900
    jonas.tap("weigh")
    assert jonas.answer.verdict is not None
    assert (jonas.answer.verdict.scanned_is, jonas.answer.verdict.scanned) == ("On the scale", "4.050 kg")
    jonas.tap("menu", "start:packing").scan("T-002").type("5")
    assert (jonas.refusal, jonas.says) == ("unknown", "Nobody knows 5.")


def test_a_light_carton_may_differ_by_its_padding(world: World, jonas: Hand, scale: Scale) -> None:
    jonas.scan("T-002", "#TEE")
    scale.grams = 150 + EMPTY[cartons(world)[0][1]] + 31
    jonas.tap("weigh")
    assert jonas.refusal == "weight_off"
    scale.grams -= 1
    jonas.tap("weigh")
    assert jonas.asks == "Scan the label"
    world.check()


def test_a_closed_carton_teaches_what_its_units_weigh(world: World, jonas: Hand, scale: Scale) -> None:
    """Half a tote of paper lies in every carton: the house learns it, and a missing unit is named."""
    all_in(jonas)
    scale.grams = right_weight(world) - 500
    jonas.tap("weigh")
    assert (jonas.refusal, jonas.says.partition(". ")[2]) == ("weight_off", "Perhaps 1 HONEY missing.")
    scale.grams = right_weight(world) + 24
    jonas.tap("weigh")
    assert jonas.asks == "Scan the label"
    type = cartons(world)[0][1]
    with world.db.reading() as tx:
        known = {code: weights.of_item(tx, code) for code in ("MUG", "HONEY", "KETTLE", "TEE")}
        box, _ = weights.of_box(tx, type)
    assert [one.cartons for one in (box, *known.values())] == [1, 1, 1, 1, 0]
    learned = box.mean_g + 2 * known["MUG"].mean_g + 2 * known["HONEY"].mean_g + known["KETTLE"].mean_g
    assert right_weight(world) < learned <= right_weight(world) + 24
    world.check()


def test_a_recount_proves_the_contents_and_the_supervisor_hears_of_the_weight(
    world: World, jonas: Hand, scale: Scale
) -> None:
    all_in(jonas)
    scale.grams = right_weight(world) + 500
    jonas.tap("weigh")
    assert jonas.refusal == "weight_off"
    jonas.tap("recount")
    assert jonas.asks == "Recount: scan each unit"
    jonas.scan("#MUG/case", "#MUG")
    assert jonas.refusal == "more_than_packed"
    jonas.scan("K2")
    assert jonas.refusal == "serial_not_inside"
    jonas.scan("#TEE")
    assert jonas.refusal == "more_than_packed"
    jonas.scan("K1", "K1")
    assert jonas.says == "Serial K1 is counted already."
    jonas.scan("#HONEY", "#HONEY")
    assert jonas.says == "All counted again. Weigh it once more."
    jonas.tap("weigh")
    assert jonas.asks == "Scan the label"
    [(code, sentence)] = world.rows(select(exception.c.code, exception.c.sentence))
    assert code == "weight_off"
    assert sentence.endswith("its units were recounted.")
    world.check()


def test_items_without_a_weight_cannot_be_checked_and_it_is_said(world: World, jonas: Hand, scale: Scale) -> None:
    world.change(schema.items.item, schema.items.item.c.code == "TEE", weight_g=0)
    scale.grams = 700
    jonas.scan("T-002", "#TEE")
    assert jonas.asks == "Put it on the scale"
    assert jonas.prompt.carton.why == ("✕ Weight not checkable: TEE has none.",)
    jonas.tap("weigh")
    assert jonas.says == "0.700 kg not checked: TEE has no weight."
    assert events(world, CartonClosed)[0].expected_g == 0
    world.check()


def test_without_a_scale_the_weight_is_typed_and_still_compared(world: World) -> None:
    warehouse(world, scale=False)
    jonas = packer(world)
    all_in(jonas)
    assert (jonas.asks, jonas.prompt.unit) == ("Type the weight", "g")
    jonas.type("0")
    assert jonas.refusal == "bad_amount"
    jonas.type("1.5")
    assert jonas.refusal == "bad_amount"
    jonas.type("100")
    assert jonas.refusal == "weight_off"
    jonas.type(str(right_weight(world)))
    assert jonas.asks == "Scan the label"
    world.check()


def test_a_scale_that_does_not_answer_is_told_and_then_the_weight_may_be_typed(
    world: World, jonas: Hand, scale: Scale
) -> None:
    all_in(jonas)
    scale.grams = 5
    jonas.tap("type")
    assert jonas.refusal == "scale_works"
    scale.broken = "The scale is moving."
    jonas.tap("weigh")
    assert (jonas.refusal, jonas.says) == ("no_scale", "The scale is moving.")
    jonas.tap("type").type(str(right_weight(world)))
    assert jonas.asks == "Scan the label"
    world.check()


def test_a_carton_heavier_than_it_may_be_is_refused(world: World, jonas: Hand, scale: Scale) -> None:
    all_in(jonas)
    world.db.do(lambda tx: tx.run(update(schema.work.carton_type).values(max_weight_g=2000)))
    scale.grams = right_weight(world)
    jonas.tap("weigh")
    assert jonas.refusal == "carton_too_heavy"
    world.check()


# ── labels ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def closed(world: World, jonas: Hand, scale: Scale) -> str:
    all_in(jonas)
    scale.grams = right_weight(world)
    jonas.tap("weigh")
    return cartons(world)[-1][0]


def test_the_label_of_another_carton_is_refused(world: World, jonas: Hand, scale: Scale) -> None:
    jonas.scan("T-002", "#TEE")
    scale.grams = 150 + EMPTY[cartons(world)[0][1]]
    jonas.tap("weigh")
    other = cartons(world)[0][0]
    jonas.scan(other)
    code = closed(world, jonas, scale)
    jonas.scan(other)
    assert jonas.refusal == "wrong_label"
    assert jonas.says == f"Expected the label of {code}, scanned {other}."
    assert cartons(world)[1][2] == "printed"
    jonas.scan("T-001")
    assert jonas.refusal == "wrong_label"
    jonas.scan(code)
    assert cartons(world)[1][2] == "labelled"
    jonas.scan(code)
    assert jonas.refusal == "carton_done"
    world.check()


def test_a_label_that_failed_is_shown_and_goes_to_another_printer(world: World, jonas: Hand, scale: Scale) -> None:
    world.ports = Ports(weigh=scale.weigh, printers={one.name: one for one in (ZEBRA, SPARE, SLIPS)})
    code = closed(world, jonas, scale)
    set_jobs(world, "failed")
    jonas.scan("T-002")  # anything: the answer shows what became of the label
    assert jonas.prompt.carton.label == "zebra failed: Paper out. It is tried again."
    jonas.tap("move")
    assert [key.value for key in jonas.prompt.choices] == ["spare"]
    jonas.tap("printer:spare")
    assert jonas.prompt.carton.label == "Waits for spare."
    jonas.scan(code)
    assert cartons(world)[0][2] == "labelled"
    world.check()


def test_a_label_nobody_knows_the_end_of_is_never_sent_again_by_itself(world: World, jonas: Hand, scale: Scale) -> None:
    world.ports = Ports(weigh=scale.weigh, printers={one.name: one for one in (ZEBRA, SPARE, SLIPS)})
    code = closed(world, jonas, scale)
    set_jobs(world, "unknown")
    jonas.tap("reprint")
    assert jonas.asks == "Why print it again?"
    jonas.tap("reason:not_out")
    assert jonas.says == "Printed again on zebra, marked as a copy."
    assert jonas.prompt.carton.label == "Waits for zebra. Copy 1."
    [(copy, reason)] = world.rows(select(print_job.c.copy, print_job.c.reason).where(print_job.c.copy > 0))
    assert (copy, reason) == (1, "Did not come out")
    set_jobs(world, "unknown")
    jonas.tap("move", "printer:spare")
    assert (jonas.refusal, jonas.asks) == ("no_such_key", "Did the label come out?"), "one tap moves nothing"
    jonas.tap("no", "printer:spare")
    assert jonas.prompt.carton.label.startswith("Waits for spare.")
    jonas.scan(code)
    assert cartons(world)[0][2] == "labelled"
    world.check()


def test_a_packer_who_finds_the_label_says_so_and_no_second_one_is_made(
    world: World, jonas: Hand, scale: Scale
) -> None:
    world.ports = Ports(weigh=scale.weigh, printers={one.name: one for one in (ZEBRA, SPARE, SLIPS)})
    closed(world, jonas, scale)
    set_jobs(world, "failed")
    jonas.tap("move")
    set_jobs(world, "unknown")  # the printer went away just before the tap
    jonas.tap("printer:spare")
    assert jonas.asks == "Did the label come out?"
    jonas.tap("yes")
    assert world.rows(select(print_job.c.state, print_job.c.reason).where(print_job.c.kind == "shipping")) == [
        ("printed", "jonas looked: it is there")
    ]
    world.check()


def test_without_a_label_printer_the_carton_stays_unlabelled(world: World, jonas: Hand, scale: Scale) -> None:
    world.ports = Ports(weigh=scale.weigh, printers={})
    code = closed(world, jonas, scale)
    assert jonas.says == "No label: No label printer is set for this station."
    assert cartons(world)[0][2] == "weighed"
    jonas.tap("print")
    assert jonas.refusal == "no_printer"
    jonas.scan(code)
    assert jonas.refusal == "no_label_yet"
    assert state_of(world, "482") == "packing"
    world.ports = Ports(weigh=scale.weigh, printers={"zebra": ZEBRA})
    jonas.tap("print").scan(code)
    assert (cartons(world)[0][2], state_of(world, "482")) == ("labelled", "packed")
    world.check()


def test_the_label_is_printed_once_whatever_happens(world: World, jonas: Hand, scale: Scale) -> None:
    code = closed(world, jonas, scale)
    jonas.tap("print", "print")
    assert [job for job in jobs(world) if job[0] == "shipping"] == [("shipping", code, "queued")]
    world.check()


def test_who_left_the_table_finds_the_carton_without_a_label_again(world: World, jonas: Hand, scale: Scale) -> None:
    code = closed(world, jonas, scale)
    jonas.tap("menu", "start:packing").scan("482")
    assert jonas.asks == "Scan the label"
    jonas.tap("back").scan(code)
    assert cartons(world)[0][2] == "labelled", "its own label, scanned at the start, is the scan-back"
    jonas.scan("482")
    assert jonas.refusal == "nothing_to_pack"
    world.check()


def test_what_is_not_in_the_tote_is_reported_and_the_rest_goes_on(world: World, jonas: Hand, scale: Scale) -> None:
    jonas.scan("T-001", "#MUG", "#HONEY", "#HONEY", "K1").tap("short")
    assert [(row.name, row.left) for row in jonas.prompt.rows] == [("Mug", "1")]
    scale.grams = 2600 + EMPTY[cartons(world)[0][1]]
    jonas.tap("confirm").scan(cartons(world)[0][0])
    assert cartons(world)[0][2] == "labelled"
    assert state_of(world, "482") == "packing"
    [(code, owner)] = world.rows(select(exception.c.code, exception.c.owner))
    assert (code, owner) == ("pack_short", "supervisor")
    world.check()


def test_a_print_job_is_found_by_its_carton(world: World, jonas: Hand, scale: Scale) -> None:
    code = closed(world, jonas, scale)
    with world.db.reading() as tx:
        job = job_of(tx, code)
    [(kept,)] = world.rows(select(carton.c.print_job))
    assert job is not None
    assert (job.id, job.document, job.kind) == (kept, "order 482", "shipping")
    world.check()


# ── what is not in the tote: a supervisor ends it ────────────────────────────────────────────────────────────────────
def a_mug_is_missing(world: World, jonas: Hand, scale: Scale) -> str:
    """All but one mug is packed and labelled; the report's id."""
    jonas.scan("T-001", "#MUG", "#HONEY", "#HONEY", "K1").tap("short")
    scale.grams = 2600 + EMPTY[cartons(world)[0][1]]
    jonas.tap("confirm").scan(cartons(world)[0][0])
    return report_of(world)


def report_of(world: World) -> str:
    [(key,)] = world.rows(select(exception.c.id).where(exception.c.code == "pack_short", exception.c.state == "open"))
    return str(key)


def decide(world: World, key: str, *, give_up: bool) -> str:
    return world.db.do(lambda tx: desk.decide_missing(tx, key, give_up=give_up, worker="ruth", device="DESK-01"))


def test_the_rest_is_given_up_and_the_order_goes_with_what_is_there(world: World, jonas: Hand, scale: Scale) -> None:
    key = a_mug_is_missing(world, jonas, scale)
    assert [job[0] for job in jobs(world)] == ["shipping", "packing_slip"], "its slip is in it already"
    assert decide(world, key, give_up=True) == "1 × MUG given up; a count is asked for. Order 482 is packed."
    assert state_of(world, "482") == "packed"
    assert "A-01 MUG 19" in world.holds(), "on the books where it was picked; only a count may change that"
    counts = select(schema.work.task.c.id, schema.work.task.c.place, schema.work.task.c.item, schema.work.task.c.reason)
    [count] = world.rows(counts.where(schema.work.task.c.kind == "count"))
    assert tuple(count[1:]) == ("A-01", "MUG", "not in T-001 at packing")
    [short] = events(world, PackShort)
    assert (short.line, short.missing, short.count_task, short.document) == ("482/1", 1, count[0], "order 482")
    lines = schema.documents.order_line
    assert [
        tuple(row)
        for row in world.rows(select(lines.c.picked, lines.c.packed, lines.c.short).where(lines.c.id == "482/1"))
    ] == [(1, 1, 1)]
    with pytest.raises(missing.NotReported):
        decide(world, key, give_up=True)
    box = cartons(world)[0][0]
    jonas.tap("menu", "start:loading").scan(box, "LANE-N", "TRUCK-N", box).tap("close", "no_seal")
    assert jonas.says == "TRUCK-N left with 1 carton of 1 order."
    assert state_of(world, "482") == "shipped"
    world.check()


def test_what_is_found_after_all_is_packed(world: World, jonas: Hand, scale: Scale) -> None:
    key = a_mug_is_missing(world, jonas, scale)
    assert decide(world, key, give_up=False) == "MUG is found: packing of order 482 goes on."
    jonas.scan("T-001", "#MUG")
    scale.grams = 400 + EMPTY[cartons(world)[1][1]]
    if jonas.asks != "Scan the label":
        jonas.tap("weigh")
    jonas.scan(cartons(world)[1][0])
    assert jonas.says.startswith("Order 482 is packed: 2 cartons.")
    world.check()


def test_a_report_on_what_the_packer_finds_ends_by_itself(world: World, jonas: Hand, scale: Scale) -> None:
    key = a_mug_is_missing(world, jonas, scale)
    jonas.scan("482").tap("short", "confirm").scan("482")
    assert report_of(world) == key, "said twice, it is one report"
    jonas.scan("#MUG")
    scale.grams = 400 + EMPTY[cartons(world)[1][1]]
    if jonas.asks != "Scan the label":
        jonas.tap("weigh")
    assert world.rows(select(exception.c.state).where(exception.c.id == key))[0][0] == "closed"
    world.check()


def test_an_order_that_must_ship_complete_goes_no_further_without_the_rest(
    world: World, jonas: Hand, scale: Scale
) -> None:
    orders = schema.documents.sales_order
    world.change(orders, orders.c.code == "482", ship_complete=1)
    key = a_mug_is_missing(world, jonas, scale)
    assert decide(world, key, give_up=True) == ("1 × MUG given up. Order 482 must ship complete: it waits for the ERP.")
    assert state_of(world, "482") == "backordered"
    jonas.tap("menu", "start:loading").scan(cartons(world)[0][0])
    assert jonas.refusal == "not_picked"
    world.check()


def test_a_missing_serial_is_given_up_with_its_number(world: World, jonas: Hand, scale: Scale) -> None:
    """Nothing of the order is packed yet: all that is left of it is what nobody finds."""
    order(world, "488", KETTLE=1)
    pick(world, "488/1", "KETTLE", 1, "A-03", tote(world, "T-008"), serials=("K2",))
    jonas.scan("T-008").tap("short", "confirm")
    assert decide(world, report_of(world), give_up=True).endswith("Order 488 is backordered.")
    assert events(world, PackShort)[0].serials == ("K2",)
    assert "A-03 KETTLE 2" in world.holds()
    world.check()
