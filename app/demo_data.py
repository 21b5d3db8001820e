"""The demo warehouse: a small tea merchant's, the same every time, with work waiting from the first minute.

The building, forty items, stock in the bins and on reserve pallets, purchase and customer orders; and of every other job
of the floor something to try. All of it comes in by the same messages the ERP would send. The workers' PIN is 1234: only
ever load this for a demo.
"""

from datetime import timedelta
from random import Random
from typing import Any

from app import clock, demo_house, demo_inbound, demo_inside, demo_orders, demo_returns
from app.config import Settings
from app.db import Database, Tx
from app.demo_goods import Goods, goods
from app.demo_house import AISLES, BAYS
from app.demo_telling import case_gtin, gtin13, tell
from app.work import master, master_opening, master_setup, numbers

ZONES = {
    "tea": "A",
    "honey": "A",
    "mugs": "A",
    "tools": "A",
    "pots": "B",
    "kettles": "B",
    "clothing": "B",
    "soap": "B",
    "cosmetics": "B",
    "electrical": "B",
}


def load(db: Database, settings: Settings) -> bool:
    """Fill an empty database; False (and nothing changed) where there is a site already."""

    def work(tx: Tx) -> bool:
        if tx.value(master_setup.ANY_SITE) is not None:
            return False
        demo_house.lay_out(tx, settings)
        things = goods()
        for number, thing in enumerate(things, 1):
            _item(tx, number, thing)
        random = Random(7)
        _stock(tx, things, random)
        demo_orders.write_orders(tx, things, random)
        demo_inbound.announce(tx)
        demo_returns.send_back(tx)
        demo_inside.leave_work(tx, settings)
        return True

    return db.do(work)


def _item(tx: Tx, number: int, thing: Goods) -> None:
    length, width, height = thing.size_mm
    tell(
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
            tell(tx, master_opening.OpeningRow, code=thing.code, location=place, **facts)
        if thing.velocity == "A" and not thing.tracking:
            above = f"{zone}-{number % AISLES + 1:02d}-{number // AISLES % BAYS + 1:02d}-4"
            pallet = {"lpn": numbers.sscc(tx), "quantity": thing.case * 10}
            tell(tx, master_opening.OpeningRow, code=thing.code, location=above, **pallet)
