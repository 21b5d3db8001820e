"""The demo's building and its people: two blocks of four aisles, reserve above the bins, docks, lanes, trucks, carts.

Above the last aisle is a zone of its own that only a reach truck gets to: goods for it change hands in front of it, and
one of the five has the licence. A returns table and a harbour site to send goods to are there for the jobs that need them.
"""

import msgspec

from app.config import Settings, StationSettings
from app.db import Tx
from app.demo_telling import PIN, PREFIX, tell
from app.work import master, master_setup, putaway_handover
from app.work.carriers import services
from app.work.carriers.services import Band, Service

AISLES, BAYS, LEVELS, PITCH_MM = 4, 6, 3, 1000  # bays on both sides, so three along the aisle
ORDER_CARRIERS = ("DPD", "GLS", "UPS")
HIGH, HIGH_BAYS, HAND_OVER, RETURNS = "C", 3, "STAGE-C", "RETURNS-1"
HIGH_ITEM = "APRON-GREEN"  # lives up there
DRIVES = {"tomek": "reach_truck"}
TABLES = (  # station, name, where it stands: a place of its own where that is not said
    ("PACK-1", "Packing 1", ""),
    ("PACK-2", "Packing 2", ""),
    ("RCV-1", "Receiving", "DOCK-1"),
    ("RET-1", "Returns", RETURNS),
)
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


def lay_out(tx: Tx, settings: Settings) -> None:
    tell(
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
    for kind, code, carrier, zone in _places():
        tell(tx, master.LocationUpsert, code=code, kind=kind, carrier=carrier, zone=zone)
    _shelves(tx)
    for station in settings.stations or _stations(settings):
        if not station.location:
            tell(tx, master.LocationUpsert, code=station.code, kind="station")
        facts = {**msgspec.structs.asdict(station), "location": station.location or station.code}
        tell(tx, master_setup.StationSetup, **facts)
    for code, name, size, empty, most in (
        ("XS", "Mailer", (250, 180, 60), 60, 2_000),
        ("S", "Small carton", (250, 200, 150), 110, 5_000),
        ("M", "Medium carton", (350, 250, 250), 240, 12_000),
        ("L", "Large carton", (500, 350, 350), 480, 20_000),
        ("XL", "Extra large carton", (600, 400, 400), 690, 25_000),
    ):
        sides = dict(zip(("length_mm", "width_mm", "height_mm"), size, strict=True))
        tell(tx, master_setup.CartonTypeSetup, code=code, name=name, weight_g=empty, max_weight_g=most, **sides)
    for carrier, cents, days in zip(ORDER_CARRIERS, (490, 420, 560), (2, 3, 1), strict=True):
        for service, more, sooner in (("standard", 0, 0), ("express", 450, 1)):
            prices = tuple(
                Band(up_to_g=up, cents=cents + more + 150 * n) for n, up in enumerate((2_000, 10_000, 31_500))
            )
            facts = {"days": max(1, days - sooner), "bands": prices, "most_g": 31_500, "girth_mm": 3_000}
            services.save(tx, Service(carrier=carrier, service=service, hazards="3 8 9", **facts))
    for position, rule in enumerate(("fixed", "same_item", "empty_in_zone", "empty", "any_room"), 1):
        tell(tx, master_setup.StrategySetup, position=position, rule=rule)
    for code, badge, name, roles in (*WORKERS, *CREW):
        drives = DRIVES.get(code, "")
        tell(tx, master_setup.WorkerSetup, code=code, badge=badge, name=name, roles=roles, pin=PIN, equipment=drives)


def high_bay(tx: Tx) -> None:
    """The places over the last aisle, one of them the home of an item; its goods change hands at the hand-over point."""
    for bay in range(HIGH_BAYS):
        tell(
            tx,
            master.LocationUpsert,
            code=f"{HIGH}-{AISLES:02d}-{bay + 1:02d}-{LEVELS + 2}",
            zone=HIGH,
            kind="reserve",
            sequence=1000 + bay,
            block=1,
            aisle=AISLES - 1,
            side="right" if bay % 2 else "left",
            position_mm=bay // 2 * PITCH_MM + PITCH_MM // 2,
            level=LEVELS + 2,
            capacity_lpns=2,
            fixed_item="" if bay else HIGH_ITEM,
        )
    putaway_handover.keep(tx, HIGH, HAND_OVER, DRIVES["tomek"])


def _places() -> list[tuple[str, str, str, str]]:
    single = [("staging", f"DOCK-{n}", "", "") for n in (1, 2)] + [("dock", f"DOOR-{n}", "", "") for n in (1, 2, 3)]
    apart = [("staging", HAND_OVER, "", HIGH), ("staging", RETURNS, "", "RETURNS")]
    carts = [("cart", f"CART-{n}", "", "") for n in range(1, 5)]
    lanes = [("lane", f"LANE-{carrier}", carrier, "") for carrier in ORDER_CARRIERS]
    return single + apart + carts + lanes + [("truck", f"TRUCK-{carrier}", carrier, "") for carrier in ORDER_CARRIERS]


def _stations(settings: Settings) -> tuple[StationSettings, ...]:
    """Two packing tables, a receiving desk and a returns table, with the first printers of the settings."""
    label = next((printer.name for printer in settings.printers if printer.kind == "zpl"), "")
    slip = next((printer.name for printer in settings.printers if printer.kind == "escpos"), "")
    return tuple(
        StationSettings(code=code, name=name, location=place, label_printer=label, slip_printer=slip)
        for code, name, place in TABLES
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
                    tell(
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
