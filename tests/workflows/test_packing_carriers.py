"""The carton on the packing table and its carrier: kept or chosen, refused in words; a label that is bought elsewhere."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.floor.floor import Box, Ports
from app.schema.documents import sales_order
from app.schema.stock import journal
from app.schema.work import carton
from app.stock.events import CartonClosed
from app.stock.events import decode as decode_event
from app.work.carriers import services
from app.work.carriers.services import Service, read_bands
from tests.workflows.picked import Scale, item, order, packer, pick, stock, tote, warehouse
from tests.world import Hand, World

Build = Callable[[str], World]
WEIGHT = 800 + 150  # two mugs in a C2


def keep(world: World, carrier: str, service: str, bands: str, **facts: object) -> None:
    row = Service(carrier=carrier, service=service, bands=read_bands(bands), **facts)  # type: ignore[arg-type]
    world.db.do(lambda tx: services.save(tx, row))


def lay_out(build: Build, carrier: str) -> tuple[World, Scale, Hand]:
    """Two mugs of order 482 in tote T-001, and Jonas at the table."""
    world = build("")
    world.location("A-01")
    item(world, "MUG", case=2, hazard_class="9")  # type: ignore[arg-type]
    stock(world, "A-01 MUG 20")
    order(world, "482", carrier, MUG=2)
    if not carrier:
        world.change(sales_order, sales_order.c.code == "482", service="")
    tote(world, "T-001")
    pick(world, "482/1", "MUG", 2, "A-01", "T-001")
    return world, warehouse(world), packer(world)


def close(jonas: Hand, scale: Scale) -> Hand:
    jonas.scan("T-001", "#MUG/case")
    scale.grams = WEIGHT if WEIGHT else 0
    return jonas.tap("weigh")


def goes_with(world: World) -> list[tuple[str, str, str]]:
    """(carrier, service) of the carton and of its order, and what the journal says of the choice."""
    of_carton = world.rows(select(carton.c.carrier, carton.c.service))[0]
    of_order = world.rows(select(sales_order.c.carrier, sales_order.c.service))[0]
    closed = [decode_event(bytes(row[0])) for row in world.rows(select(journal.c.body))]
    why = [event.chosen for event in closed if isinstance(event, CartonClosed)]
    return [(*of_carton, ""), (*of_order, *(why or [""]))]


def test_an_order_that_names_no_carrier_is_chosen_for_when_its_weight_is_known(build: Build) -> None:
    world, scale, jonas = lay_out(build, "")
    keep(world, "SOUTH", "Economy", "5000: 9.90", hazards="9")
    keep(world, "NORTH", "Express", "500: 1.00, 2000: 4.20", hazards="9")
    keep(world, "CHEAP", "Letter", "5000: 0.90", most_g=900, hazards="9")
    close(jonas, scale)
    assert jonas.asks == "Scan the label"
    says = "NORTH Express 4.20, "
    assert says in jonas.says
    told = goes_with(world)
    assert [row[:2] for row in told] == [("NORTH", "Express")] * 2
    assert told[1][2].startswith(says)
    assert told[1][2].endswith("the cheapest; SOUTH Economy 9.90.")
    jonas.scan(world.rows(select(carton.c.lpn))[0][0])
    assert jonas.says == "Order 482 is packed: 1 carton. To lane LANE-N."
    world.check()


def test_a_named_carrier_is_kept_but_must_take_the_carton(build: Build) -> None:
    world, scale, jonas = lay_out(build, "NORTH")
    keep(world, "NORTH", "Express", "2000: 4.20", most_g=900, hazards="9")
    keep(world, "SOUTH", "Economy", "5000: 9.90", hazards="9")
    close(jonas, scale)
    assert jonas.refusal == "not_for_carrier"
    assert "it takes at most 0.900 kg, this weighs 0.950 kg." in jonas.says
    assert jonas.answer.verdict is not None
    assert jonas.answer.verdict.todo.endswith(
        "SOUTH Economy takes it: ask a supervisor to send it with them, or use two cartons."
    )
    assert world.rows(select(carton.c.state))[0][0] == "open", "nothing was closed, no label exists"
    keep(world, "NORTH", "Express", "2000: 4.20", most_g=950, hazards="9")
    jonas.tap("weigh")
    assert goes_with(world) == [("NORTH", "Express", ""), ("NORTH", "Express", "")], "kept, not chosen"
    world.check()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_where_a_dimensioner_stands_the_carton_is_as_large_as_it_measures(build: Build) -> None:
    world, scale, jonas = lay_out(build, "NORTH")
    keep(world, "NORTH", "Express", "2000: 4.20", longest_mm=260, hazards="9")
    measured = [Box(300, 240, 200, WEIGHT), Box(250, 240, 230, WEIGHT)]
    world.ports = Ports(
        weigh=scale.weigh, printers=world.ports.printers, measure=lambda station: measured.pop(0), dimensioners={"P-1"}
    )
    close(jonas, scale)
    assert jonas.refusal == "not_for_carrier"
    assert "it takes at most 260 mm, this is 300 mm long" in jonas.says, "bulging: its type says 250"
    jonas.tap("weigh")
    assert jonas.asks == "Scan the label", "pressed flat"
    sides = (carton.c.length_mm, carton.c.width_mm, carton.c.height_mm)
    assert world.rows(select(*sides)) == [(250, 240, 230)]
    told = [decode_event(bytes(row[0])) for row in world.rows(select(journal.c.body))]
    [closed] = [event for event in told if isinstance(event, CartonClosed)]
    assert (closed.length_mm, closed.width_mm, closed.height_mm) == (250, 240, 230)
    world.check()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_dimensioner_that_cannot_measure_is_said_and_stops_nobody(build: Build) -> None:
    world, scale, jonas = lay_out(build, "NORTH")
    world.ports = Ports(weigh=scale.weigh, printers=world.ports.printers, dimensioners={"P-1"})
    close(jonas, scale)
    assert jonas.asks == "Scan the label"
    assert jonas.says == ("This station has no dimensioner. The carrier is told the size of its carton type.")
    assert world.rows(select(carton.c.length_mm)) == [(0,)]
    world.check()


def test_hazardous_goods_that_nobody_carries_stay_on_the_table(build: Build) -> None:
    world, scale, jonas = lay_out(build, "")
    keep(world, "NORTH", "Express", "2000: 4.20")
    close(jonas, scale)
    assert jonas.refusal == "no_carrier_takes_it"
    assert "NORTH Express: it does not carry hazard class 9" in jonas.says
    world.check()
