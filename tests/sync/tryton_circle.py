"""A day of goods between Tryton and the floor, each step by the hands and screens that do it in a house."""

from collections.abc import Sequence

from sqlalchemy import select

from app import schema
from app.stock.ledger import By
from app.work import photos, releasing, waves
from app.work.counting import deciding
from app.work.photos import Photo
from app.work.walks import Method
from tests.sync.tryton_floor import Floor
from tests.workflows.picked import Scale, cartons, packer, state_of, tote, warehouse
from tests.world import Hand, World

RUTH = By(worker="ruth", cause="desk")


GRAMS = 400  # one of anything
ALL_OF_IT = ("#P-0001", "#P-0001", "#P-0001", "#P-0001", "#P-0010", "#P-0010", "#P-0002")  # as the packer scans it


def lay_out(world: World) -> Scale:
    """Docks, bins and stations: places are the floor's own. Weights and sizes were measured here, too."""
    scale = warehouse(world)
    world.location("DOCK-1", kind="dock")
    world.location("RET-1", kind="staging", zone="RETURNS")
    for n in range(1, 7):
        world.location(f"A-0{n}", sequence=n)
    world.add(schema.places.station, code="DOCK", name="Dock 1", location="DOCK-1")
    world.add(schema.places.station, code="RET", name="Returns 1", location="RET-1")
    items = schema.items.item
    measured = {"weight_g": GRAMS, "length_mm": 90, "width_mm": 90, "height_mm": 90, "measured": 1}
    for code in ("P-0001", "P-0002", "P-0010", "P-0050"):
        world.change(items, items.c.code == code, **measured)
    return scale


def received(floor: Floor, po: str) -> None:
    """Eleven of twelve, all six of a lot, five of which one is broken; put away, but for the broken one."""
    mara = floor.world.worker("mara").scan("STN/DOCK").tap("start:receiving")
    mara.scan(po, "#P-0001").type("11").scan("LPN-0001")
    mara.scan("#P-0010").type("L-77").type("6").scan("LPN-0002")
    mara.scan("#P-0002").type("4").scan("LPN-0003").tap("undo").scan("LPN-0003")
    mara.tap("problem", "reason:damaged", "later").scan("#P-0002", "LPN-0004")
    mara.tap("close", "confirm")
    assert mara.says == f"PO {po} is closed: 1 discrepancy."
    mara.tap("menu", "start:putaway")
    for lpn in ("LPN-0001", "LPN-0002", "LPN-0003"):
        mara.scan(lpn)
        mara.scan(mara.prompt.place)
    assert floor.world.holds().splitlines() == [
        "A-01 P-0001 11",
        "A-02 P-0010 6 lot L-77",
        "A-03 P-0002 4",
        "DOCK-1 P-0002 1 in LPN-0004 damaged",
    ]


def released(floor: Floor, order: str) -> Hand:
    """The order is on the floor, and a picker on its walk with a tote."""
    world = floor.world
    orders = schema.documents.sales_order
    world.change(orders, orders.c.code == order, carrier="NORTH", service="Express")
    tote(world, "T-0001")
    wave = world.db.do(lambda tx: waves.create(tx))
    releasing.release(world.db, wave, RUTH, Method(max_orders=6, budget_s=0))
    return world.worker("olga", device="HH-olga").tap("start:picking").tap("next").scan("T-0001")


def picked(floor: Floor, order: str) -> None:
    """Into a tote; of one item nothing is found in the bin, and the order goes without it."""
    olga = released(floor, order)
    olga.scan("A-01", "#P-0001").type("4").scan("T-0001")
    olga.scan("A-02", "#P-0010").type("2").scan("T-0001")
    olga.scan("A-03", "#P-0002").tap("short", "confirm")
    olga.scan("T-0001", "PACK-1")
    assert state_of(floor.world, order) == "picked"


def packed_and_shipped(
    floor: Floor, order: str, scale: Scale, scans: Sequence[str] = ALL_OF_IT, pieces: int = len(ALL_OF_IT)
) -> None:
    """In one carton, weighed and labelled; on the truck, and gone."""
    world = floor.world
    jonas = packer(world).scan("T-0001", *scans)
    number, kind, _ = cartons(world)[-1]
    scale.grams = {"C1": 60, "C2": 150, "C3": 300}[kind] + pieces * GRAMS
    jonas.tap("weigh")
    scale.grams = 0
    jonas.scan(number)
    nora = world.worker("nora", "loader", device="HH-07").tap("start:loading").scan(number)
    nora.scan(nora.prompt.place, "TRUCK-N", number).tap("close").type("SEAL-1")
    assert state_of(world, order) == "shipped"


def counted(floor: Floor) -> None:
    """Two people find the same difference, a third approves it with a reason."""
    for who in ("mara", "piet"):
        hand = floor.world.worker(who, device=f"HH-{who}").tap("start:counting").scan("A-01", "#P-0001")
        hand.tap("many").type("2").tap("nothing")
    approved(floor)


def approved(floor: Floor) -> None:
    world = floor.world
    world.worker("ruth", "worker supervisor", device="ruth")
    lines = schema.counting.count_line
    [row] = world.rows(select(lines.c.id).where(lines.c.state == "review"))
    world.db.do(lambda tx: deciding.approve(tx, str(row[0]), "confirmed", RUTH))


def returned(floor: Floor, rma: str) -> None:
    """As new: judged, and put where it may be sold again."""
    lena = floor.world.worker("lena", device="HH-lena").scan("STN/RET").tap("start:returning")
    lena.scan(rma, "#P-0001").tap("reason:unwanted")
    lena.scan("CMD/GRADE:A", "LPN-000777", "CMD/CLOSE")
    assert lena.says == "Parcel R-00001 is done."
    lena.tap("menu", "start:putaway").scan("LPN-000777")
    lena.scan(lena.prompt.place)


def returned_broken(floor: Floor, rma: str) -> None:
    """Beyond use: with a photo, out of the books."""
    world = floor.world
    lena = world.worker("lena", device="HH-lena").scan("STN/RET").tap("start:returning")
    lena.scan(rma, "#P-0001").tap("reason:damaged", "no:complete", "no:sealed", "no:sound", "grade:D")
    taken = Photo(hash="5c" * 32, bytes=9, width=1, height=1)
    world.db.do(lambda tx: photos.add(tx, taken, lena.worker, lena.device))
    lena.turn(taken.hash, "photo")
    lena.tap("confirm").scan("CMD/CLOSE")
    assert lena.says == "Parcel R-00002 is done."
