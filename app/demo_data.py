"""The demo warehouse: a small tea merchant's, the same every time, with work waiting from the first minute.

Two blocks of four aisles, reserve above the bins, docks, lanes, trucks, carts, packing stations; forty items, stock in
the bins and on reserve pallets; purchase orders for today and customer orders with cut-offs in the next hours. All of it
comes in by the same messages the ERP would send. The workers' PIN is 1234: only ever load this for a demo.
"""

from datetime import timedelta
from random import Random
from typing import Any

import msgspec

from app import clock
from app.config import Settings, StationSettings
from app.db import Database, Tx
from app.demo_goods import Goods, goods
from app.stock.ledger import By
from app.work import master, master_opening, master_setup, numbers
from app.work.master_terms import Message

BY = By(worker="demo", cause="demo")
PREFIX = "4012345"
PIN = "1234"
AISLES, BAYS, LEVELS, PITCH_MM = 4, 6, 3, 1000  # bays on both sides, so three along the aisle
ORDERS, ORDER_CARRIERS = 40, ("DPD", "GLS", "UPS")
ZONES = {"tea": "A", "honey": "A", "mugs": "A", "tools": "A", "pots": "B", "kettles": "B", "clothing": "B", "soap": "B"}
WORKERS = (
    ("mara", "1001", "Mara Keller", "worker packer loader"),
    ("ben", "1002", "Ben Okafor", "worker packer loader"),
    ("ines", "1003", "Ines Duarte", "worker packer"),
    ("tomek", "1004", "Tomek Nowak", "worker loader"),
    ("lena", "1005", "Lena Vogt", "worker packer loader supervisor admin"),
)
CREW = (  # who `pickface crew` works as, so that nobody's own badge is taken over
    *((f"crew-{n}", f"110{n}", f"Crew {n}", "worker packer loader") for n in range(1, 6)),
    ("crew-6", "1106", "Crew 6", "worker packer loader supervisor"),
)
CUSTOMERS = (
    "Ada Byrne",
    "Cem Aydin",
    "Greta Lind",
    "Hugo Marchetti",
    "Ivy Chen",
    "Jo Bloggs",
    "Kofi Mensah",
    "Lea Roux",
)


def load(db: Database, settings: Settings) -> bool:
    """Fill an empty database; False (and nothing changed) where there is a site already."""

    def work(tx: Tx) -> bool:
        if tx.value(master_setup.ANY_SITE) is not None:
            return False
        _house(tx, settings)
        things = goods()
        for number, thing in enumerate(things, 1):
            _item(tx, number, thing)
        random = Random(7)
        _stock(tx, things, random)
        _documents(tx, things, random)
        return True

    return db.do(work)


def gtin13(number: int) -> str:
    body = f"{PREFIX}{number:05d}"
    return body + numbers.check_digit(body)


def case_gtin(number: int) -> str:
    """GTIN-14 of the case: packaging level 1 over the piece's own number."""
    body = f"1{PREFIX}{number:05d}"
    return body + numbers.check_digit(body)


def _tell(tx: Tx, kind: type[Message], /, **facts: Any) -> None:
    message: Any = msgspec.convert({**facts, "type": kind.__struct_config__.tag}, kind)
    if isinstance(message, master_opening.OpeningRow):
        outcome = master_opening.open_stock(tx, message, BY)
    elif isinstance(message, master_setup.AnySetup):
        outcome = master_setup.set_up(tx, message, BY)
    else:
        outcome = master.apply(tx, message, BY)
    if outcome.state != "applied":
        raise RuntimeError(f"the demo is wrong: {outcome.sentence}")


# ── the house ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _house(tx: Tx, settings: Settings) -> None:
    _tell(
        tx,
        master_setup.SiteSetup,
        code=settings.site,
        name=settings.site_name,
        timezone=settings.timezone,
        gs1_company_prefix=settings.gs1_company_prefix or PREFIX,
        aisles=AISLES,
        blocks=2,
        aisle_pitch_mm=3200,
        block_length_mm=BAYS // 2 * PITCH_MM,
        cross_aisle_mm=2400,
    )
    for kind, code, carrier in _places():
        _tell(tx, master.LocationUpsert, code=code, kind=kind, carrier=carrier)
    _shelves(tx)
    for station in settings.stations or _stations(settings):
        if not station.location:
            _tell(tx, master.LocationUpsert, code=station.code, kind="station")
        facts = {**msgspec.structs.asdict(station), "location": station.location or station.code}
        _tell(tx, master_setup.StationSetup, **facts)
    for code, name, size, empty, most in (
        ("XS", "Mailer", (250, 180, 60), 60, 2_000),
        ("S", "Small carton", (250, 200, 150), 110, 5_000),
        ("M", "Medium carton", (350, 250, 250), 240, 12_000),
        ("L", "Large carton", (500, 350, 350), 480, 20_000),
        ("XL", "Extra large carton", (600, 400, 400), 690, 25_000),
    ):
        sides = dict(zip(("length_mm", "width_mm", "height_mm"), size, strict=True))
        _tell(tx, master_setup.CartonTypeSetup, code=code, name=name, weight_g=empty, max_weight_g=most, **sides)
    for position, rule in enumerate(("fixed", "same_item", "empty_in_zone", "empty", "any_room"), 1):
        _tell(tx, master_setup.StrategySetup, position=position, rule=rule)
    for code, badge, name, roles in (*WORKERS, *CREW):
        _tell(tx, master_setup.WorkerSetup, code=code, badge=badge, name=name, roles=roles, pin=PIN)


def _places() -> list[tuple[str, str, str]]:
    single = [("staging", f"DOCK-{n}", "") for n in (1, 2)] + [("dock", f"DOOR-{n}", "") for n in (1, 2, 3)]
    carts = [("cart", f"CART-{n}", "") for n in range(1, 5)]
    lanes = [("lane", f"LANE-{carrier}", carrier) for carrier in ORDER_CARRIERS]
    return single + carts + lanes + [("truck", f"TRUCK-{carrier}", carrier) for carrier in ORDER_CARRIERS]


def _stations(settings: Settings) -> tuple[StationSettings, ...]:
    """Two packing tables and a receiving desk, with the first printers of the settings."""
    label = next((printer.name for printer in settings.printers if printer.kind == "zpl"), "")
    slip = next((printer.name for printer in settings.printers if printer.kind == "escpos"), "")
    return tuple(
        StationSettings(code=code, name=name, location=place, label_printer=label, slip_printer=slip)
        for code, name, place in (
            ("PACK-1", "Packing 1", ""),
            ("PACK-2", "Packing 2", ""),
            ("RCV-1", "Receiving", "DOCK-1"),
        )
    )


def _shelves(tx: Tx) -> None:
    """Block 1 is zone A, block 2 zone B; levels 1 to 3 are bins, level 4 is reserve."""
    sequence = 0
    for block, zone in enumerate("AB"):
        for aisle in range(AISLES):
            for bay in range(BAYS):
                for level in range(1, LEVELS + 2):
                    sequence += 1
                    reserve = level > LEVELS
                    _tell(
                        tx,
                        master.LocationUpsert,
                        code=f"{zone}-{aisle + 1:02d}-{bay + 1:02d}-{level}",
                        zone=zone,
                        kind="reserve" if reserve else "bin",
                        check_digits=f"{sequence * 37 % 90 + 10}",
                        sequence=sequence,
                        block=block,
                        aisle=aisle,
                        side="right" if bay % 2 else "left",
                        position_mm=bay // 2 * PITCH_MM + PITCH_MM // 2,
                        level=level,
                        capacity_volume_ml=960_000 if reserve else 240_000,
                        capacity_weight_g=800_000 if reserve else 150_000,
                        capacity_lpns=1 if reserve else 0,
                        mix="any" if reserve else "one_item",
                    )


# ── the goods ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _item(tx: Tx, number: int, thing: Goods) -> None:
    length, width, height = thing.size_mm
    _tell(
        tx,
        master.ItemUpsert,
        code=thing.code,
        version=1,
        name=thing.name,
        category=thing.category,
        lot_tracked="L" in thing.tracking,
        expiry_tracked="E" in thing.tracking,
        serial_tracked="S" in thing.tracking,
        min_shelf_days=60 if "E" in thing.tracking else 0,
        weight_g=thing.weight_g,
        length_mm=length,
        width_mm=width,
        height_mm=height,
        standard_cost=thing.cost,
        velocity=thing.velocity,
        zone=ZONES[thing.category],
        over_receipt_percent=5,
        packs=[{"unit": "case", "quantity": thing.case}],
        barcodes=[
            {"code": gtin13(number)},
            {"code": case_gtin(number), "unit": "case"},
            {"code": f"TT{number:04d}", "supplier": "TEATRADE"},
        ],
    )


def _stock(tx: Tx, things: list[Goods], random: Random) -> None:
    """Each thing in one bin, fast ones in two lots or with a pallet above; some bins stay empty for putaway."""
    today = clock.today()
    free = {"A": 0, "B": 0}
    for number, thing in enumerate(things, 1):
        zone = ZONES[thing.category]
        for lot in range(2 if "L" in thing.tracking and thing.velocity == "A" else 1):
            spot = free[zone]
            free[zone] += 1
            aisle, rest = divmod(spot, BAYS)
            place = f"{zone}-{aisle % AISLES + 1:02d}-{rest + 1:02d}-{aisle // AISLES + 1}"
            facts: dict[str, Any] = {"quantity": random.randrange(20, 60)}
            if "L" in thing.tracking:
                facts["lot"] = f"L{26 + lot}{number:03d}"
                facts["expiry"] = (today + timedelta(days=120 + 90 * lot + 3 * number)).isoformat()
            if "S" in thing.tracking:
                facts["quantity"] = 8
                facts["serials"] = [f"{number:02d}K{piece:05d}" for piece in range(1, 9)]
            _tell(tx, master_opening.OpeningRow, code=thing.code, location=place, **facts)
        if thing.velocity == "A" and not thing.tracking:
            above = f"{zone}-{number % AISLES + 1:02d}-{number // AISLES % BAYS + 1:02d}-4"
            pallet = {"lpn": numbers.sscc(tx), "quantity": thing.case * 10}
            _tell(tx, master_opening.OpeningRow, code=thing.code, location=above, **pallet)


def _documents(tx: Tx, things: list[Goods], random: Random) -> None:
    hour = clock.as_datetime(clock.now() // clock.HOUR * clock.HOUR)
    for code, name in (
        ("TEATRADE", "Tea Trade Ltd."),
        ("POTTERY", "Pottery by the Sea"),
        ("HOUSEWARE", "Houseware AG"),
    ):
        _tell(tx, master.PartyUpsert, code=code, version=1, kind="supplier", name=name)
    for carrier in ORDER_CARRIERS:
        _tell(tx, master.PartyUpsert, code=carrier, version=1, kind="carrier", name=carrier)
    for number in range(6):
        chosen = things[number * 6 : number * 6 + 4]
        _tell(
            tx,
            master.PurchaseOrderUpsert,
            code=f"{4500187 + number}",
            version=1,
            supplier=("TEATRADE", "POTTERY", "HOUSEWARE")[number % 3],
            due=(hour + timedelta(hours=number)).isoformat(),
            lines=[
                {"line": str(n * 10), "item": t.code, "quantity": 4 if "S" in t.tracking else t.case * (1 + n % 2)}
                for n, t in enumerate(chosen, 1)
            ],
        )
    weights = [{"A": 6, "B": 3, "C": 1}[thing.velocity] for thing in things]
    for number in range(ORDERS):
        wanted = list(
            dict.fromkeys(t.code for t in random.choices(things, weights, k=random.choice((1, 1, 2, 3, 4, 6))))
        )
        customer = CUSTOMERS[number % len(CUSTOMERS)]
        _tell(
            tx,
            master.OrderRelease,
            code=f"{100_201 + number}",
            version=1,
            customer=f"C{1000 + number % len(CUSTOMERS)}",
            name=customer,
            address=f"{customer}\nQuay Street {number + 1}\n20457 Hamburg",
            carrier=ORDER_CARRIERS[number % 3],
            service="express" if number % 10 == 0 else "standard",
            cutoff=(hour + timedelta(hours=2 + 2 * (number % 3))).isoformat(),
            priority=2 if number % 10 == 0 else 5,
            lines=[
                {"line": str(n), "item": code, "quantity": random.choice((1, 1, 1, 2, 3))}
                for n, code in enumerate(wanted, 1)
            ],
        )
