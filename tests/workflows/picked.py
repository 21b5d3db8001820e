"""Orders whose goods are already picked into totes: the morning of a packer and of a loader, laid out by real events."""

from app import schema
from app.config import PrinterSettings
from app.db import Tx
from app.floor.floor import NotWeighed, Ports
from app.stock import ledger
from app.stock.events import Allocated, AnyEvent, Moved, Picked
from app.stock.slots import Carry, Claim, Slot
from app.work import progress
from tests.world import BY, Hand, World, at_once

ZEBRA = PrinterSettings(name="zebra", kind="zpl")
SPARE = PrinterSettings(name="spare", kind="zpl")
SLIPS = PrinterSettings(name="slips", kind="escpos", width_mm=80)


class Scale:
    """The station's scale as a turn sees it: what stands on it now."""

    def __init__(self) -> None:
        self.grams = 0
        self.broken = ""

    def weigh(self, name: str) -> int:
        if self.broken:
            raise NotWeighed(reason=self.broken)
        return self.grams


def happened(world: World, event: AnyEvent) -> None:
    def work(tx: Tx) -> None:
        ledger.post(tx, event, BY)
        progress.apply(tx, event)

    world.write(work)


@at_once
def warehouse(world: World, *, scale: bool = True, printers: tuple[PrinterSettings, ...] = (ZEBRA, SLIPS)) -> Scale:
    """A packing station with scale and printers, two lanes, two trucks, three cartons, and goods in bins."""
    for code, kind, carrier in (
        ("PACK-1", "station", ""), ("CART-1", "cart", ""), ("LANE-N", "lane", "NORTH"), ("LANE-N2", "lane", "NORTH"),
        ("LANE-S", "lane", "SOUTH"), ("TRUCK-N", "truck", "NORTH"), ("TRUCK-S", "truck", "SOUTH"), ("DOCK-9", "dock", ""),
    ):  # fmt: skip
        world.location(code, kind=kind, carrier=carrier)
    world.add(
        schema.places.station,
        code="P-1",
        name="P-1",
        location="PACK-1",
        label_printer="zebra",
        slip_printer="slips",
        scale="scale-1" if scale else "",
    )
    for code, side, weight in (("C1", 120, 60), ("C2", 250, 150), ("C3", 400, 300)):
        world.add(
            schema.work.carton_type,
            code=code,
            name=code,
            length_mm=side,
            width_mm=side,
            height_mm=side,
            weight_g=weight,
            max_weight_g=20_000,
        )
    stands = Scale()
    world.ports = Ports(weigh=stands.weigh, printers={one.name: one for one in printers})
    return stands


def item(world: World, code: str, grams: int = 400, side: int = 90, **facts: int) -> None:
    world.item(code, weight_g=grams, length_mm=side, width_mm=side, height_mm=side, **facts)


def stock(world: World, line: str) -> None:
    """Opening stock, as a line of the world: `A-01 MUG 20`."""
    world._stock(line.split())


@at_once
def order(world: World, code: str, carrier: str = "NORTH", *, state: str = "picking", **items: int) -> None:
    world.add(
        schema.documents.sales_order,
        code=code,
        customer="CU-1",
        name="Jane Doe",
        address="Jane Doe, 1 High Street, Leeds, UK",
        carrier=carrier,
        service="Express",
        state=state,
        priority=3,
    )
    for n, (item_code, quantity) in enumerate(items.items(), start=1):
        world.add(
            schema.documents.order_line,
            id=f"{code}/{n}",
            order_code=code,
            line=str(n),
            item=item_code,
            quantity=quantity,
        )


def tote(world: World, code: str, place: str = "PACK-1") -> str:
    happened(world, Moved(contents=(), carried=(Carry(lpn=code, location=place, kind="tote"),)))
    return code


@at_once
def pick(
    world: World,
    line: str,
    item: str,
    quantity: int,
    source: str,
    into: str,
    *,
    lot: str = "",
    serials: tuple[str, ...] = (),
    place: str = "PACK-1",
) -> None:
    """Promise `quantity` of a bin to a line, and pick it into a tote."""
    slot = Slot(location=source, lot=lot)
    claim = Claim(line=line, item=item, quantity=quantity, slot=slot)
    happened(world, Allocated(order=line.rpartition("/")[0], claimed=(claim,)))
    happened(
        world,
        Picked(
            line=line,
            pick="",
            item=item,
            quantity=quantity,
            source=slot,
            target=Slot(location=place, lpn=into, lot=lot),
            serials=serials,
        ),
    )


def packer(world: World) -> Hand:
    """Jonas at the packing station, with the job begun."""
    return world.worker("jonas", "packer loader").scan("P-1").tap("start:packing")


def state_of(world: World, code: str) -> str:
    table = schema.documents.sales_order
    return str(world.rows(table.select().with_only_columns(table.c.state).where(table.c.code == code))[0][0])


def cartons(world: World) -> list[tuple[str, str, str]]:
    """(number, type, state) of every carton, the oldest first."""
    table = schema.work.carton
    rows = world.rows(
        table.select().with_only_columns(table.c.lpn, table.c.type, table.c.state).order_by(table.c.opened, table.c.lpn)
    )
    return [(row[0], row[1], row[2]) for row in rows]
