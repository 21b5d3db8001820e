"""Turns a day of orders into a folder `pickface import` reads, and into the truth the crew works by.

The orders say what and how many, and nothing of lots, places or weights. Those are made here from a seed: a quarter of
the items have lots with expiry, some have serials, a third have case barcodes, all have weights and sizes small enough
that a day's goods of one item fit a bin. Purchase orders bring all that is wanted and a little more. Two in a hundred
purchase order lines and bins are short of what the books say (see truth.py).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from pathlib import Path
from random import Random

from tests.proof import mixture
from tests.proof.day import Day, day_of_orders
from tests.proof.files import checked, csv_file
from tests.proof.truth import BinShort, CartonType, Delivery, Item, Order, Pallet, ReceiptShort, Truth

LOTS, SERIALS, CASES, SHORTS = 0.25, 0.06, 0.35, 0.02  # parts of the items, of the bins, of the purchase lines
SERIAL_MOST = 60  # pieces of an item with serials
PO_LINES = 40
BLOCKS, AISLES, LEVELS, PITCH_MM = 2, 12, 4, 1000
BIN_ML = 240_000
LAST = 900_000  # in walking order: the pick faces
FILLED = 0.7  # of a bin by the day's goods of one item
CARRIERS = ("DPD", "GLS", "UPS")
CUTOFFS = (12, 14, 16, 18)  # hours UTC
WORKERS, PIN = 12, "1234"
CARTONS: dict[str, CartonType] = {
    "S": {"size_mm": [250, 200, 150], "weight_g": 110, "max_weight_g": 8_000},
    "M": {"size_mm": [350, 250, 250], "weight_g": 240, "max_weight_g": 15_000},
    "L": {"size_mm": [500, 350, 350], "weight_g": 480, "max_weight_g": 25_000},
    "XL": {"size_mm": [600, 400, 400], "weight_g": 690, "max_weight_g": 30_000},
}


def convert(
    folder: Path,
    orders: int = 500,
    min_lines: int = 5000,
    seed: int = 1,
    *,
    most_lines: int | None = None,
    most_units: int | None = None,
    day: date | None = None,
    mixed: bool = False,
) -> Truth:
    """Write the import folder; the truth behind it. The same arguments and data give the same files."""
    chosen = day_of_orders(orders, min_lines, seed, most_lines, most_units)
    random = Random(seed * 7919 + 1)
    today = day or datetime.now(UTC).date()
    items = _items(chosen, random)
    plain = [c for c in items if not items[c]["lot_tracked"] and not items[c]["serial_tracked"]]
    bins = _bin_shorts(items, plain, random)
    deliveries, receipts = _deliveries(items, {short["item"] for short in bins}, random, today)
    truth: Truth = {
        "about": chosen.about,
        "is_real": chosen.is_real,
        "seed": seed,
        "mixed": mixed,
        "line_count": sum(len(order) for order in chosen.orders),
        "units": sum(sum(order.values()) for order in chosen.orders),
        "items": items,
        "deliveries": deliveries,
        "transfers": [],
        "orders": _orders(chosen, today),
        "receipt_shorts": receipts,
        "bin_shorts": bins,
        "cartons": CARTONS,
        "places": {
            "bins": 0,
            "staging": [f"DOCK-{n}" for n in range(1, 5)],
            "doors": [],
            "stations": [f"PACK-{n}" for n in range(1, 5)],
            "carts": [f"CART-{n:02d}" for n in range(1, WORKERS + 1)],
            "lanes": {carrier: f"LANE-{carrier}" for carrier in CARRIERS},
            "trucks": {carrier: f"TRUCK-{carrier}" for carrier in CARRIERS},
            "faces": {},
        },
        "workers": [{"badge": f"{2001 + n}", "pin": PIN} for n in range(WORKERS)],
    }
    folder.mkdir(parents=True, exist_ok=True)
    if mixed:
        mixture.add(truth, Random(seed * 104_729 + 1))
        mixture.write(folder, truth)
    _write(folder, truth, today)
    return truth


# ── what is made up ──────────────────────────────────────────────────────────────────────────────────────────────────
def _items(day: Day, random: Random) -> dict[str, Item]:
    demand: dict[str, int] = {}
    for order in day.orders:
        for code, quantity in order.items():
            demand[code] = demand.get(code, 0) + quantity
    codes = sorted(demand)
    few = [code for code in codes if demand[code] <= SERIAL_MOST]
    serials = set(random.sample(few, min(len(few), ceil(len(codes) * SERIALS))))
    rest = [code for code in codes if code not in serials]
    lots = set(random.sample(rest, min(len(rest), ceil(len(codes) * LOTS))))
    cases = set(random.sample(codes, ceil(len(codes) * CASES)))
    items: dict[str, Item] = {}
    for number, code in enumerate(codes, 1):
        spare = max(1, demand[code] // 20)
        room_ml = BIN_ML * FILLED / (demand[code] + spare)
        side = min(random.triangular(30, 180, 80), room_ml ** (1 / 3) * 10)
        size = sorted((max(5, int(side * random.uniform(0.7, 1))) for _ in range(3)), reverse=True)
        barcode = checked(f"4012345{number:05d}")
        items[code] = {
            "name": f"Article {code}",
            "lot_tracked": code in lots,
            "expiry_tracked": code in lots,
            "serial_tracked": code in serials,
            "barcode": barcode,
            "case": random.choice((6, 12, 24)) if code in cases else 0,
            "case_barcode": checked(f"1{barcode[:-1]}") if code in cases else "",
            "inspected": False,
            "weight_g": max(2, round(size[0] * size[1] * size[2] / 1000 * random.uniform(0.2, 0.8))),
            "size_mm": size,
            "demand": demand[code],
            "spare": spare,
        }
    return items


def _bin_shorts(items: dict[str, Item], plain: Sequence[str], random: Random) -> list[BinShort]:
    """So many pieces gone that the orders cannot all be filled: somebody must come upon it."""
    wanted = [code for code in plain if items[code]["demand"] >= 4]
    shorts: list[BinShort] = []
    for code in sorted(random.sample(wanted, min(len(wanted), max(2, ceil(len(items) * SHORTS))))):
        unfillable = random.randint(1, min(3, items[code]["demand"] - 1))
        shorts.append({"item": code, "missing": items[code]["spare"] + unfillable, "unfillable": unfillable})
    return shorts


def _deliveries(
    items: dict[str, Item], sound: set[str], random: Random, today: date
) -> tuple[list[Delivery], list[ReceiptShort]]:
    """One purchase order line per item; lots come on two pallets. `sound` items are delivered in full."""
    codes = list(items)
    random.shuffle(codes)
    may_lack = [code for code in codes if code not in sound and not items[code]["serial_tracked"]]
    lacking = set(random.sample(may_lack, min(len(may_lack), max(2, ceil(len(codes) * SHORTS)))))
    deliveries: list[Delivery] = []
    shorts: list[ReceiptShort] = []
    for number, code in enumerate(codes):
        item = items[code]
        po, line = f"{4_600_000 + number // PO_LINES}", f"{(number % PO_LINES + 1) * 10}"
        ordered = item["demand"] + item["spare"]
        missing = item["spare"] if code in lacking else 0
        pallets = _pallets(number, code, item, ordered - missing, random, today)
        deliveries.append({"po": po, "line": line, "asn": "", "item": code, "ordered": ordered, "pallets": pallets})
        if missing:
            shorts.append({"po": po, "line": line, "asn": "", "asn_line": "", "item": code, "missing": missing})
    return deliveries, shorts


def _pallets(number: int, code: str, item: Item, there: int, random: Random, today: date) -> list[Pallet]:
    if item["serial_tracked"]:
        serials = [f"S{number:04d}{piece:04d}" for piece in range(1, there + 1)]
        return [_pallet(there, serials=serials)]
    if not item["lot_tracked"]:
        return [_pallet(there)]
    parts = [there] if there < 2 else [there // 2, there - there // 2]
    pallets: list[Pallet] = []
    for part, quantity in enumerate(parts):
        lot, expires = f"B{number:04d}{'AB'[part]}", today + timedelta(days=random.randint(120, 400) + 300 * part)
        gs1 = f"01{item['barcode']:0>14}17{expires:%y%m%d}10{lot}"
        pallets.append(_pallet(quantity, lot=lot, expiry=expires.isoformat(), gs1=gs1))
    return pallets


def _pallet(quantity: int, *, lot: str = "", expiry: str = "", serials: Sequence[str] = (), gs1: str = "") -> Pallet:
    return {"quantity": quantity, "lot": lot, "expiry": expiry, "serials": list(serials), "gs1": gs1, "sscc": ""}


def _orders(day: Day, today: date) -> dict[str, Order]:
    orders: dict[str, Order] = {}
    for number, wanted in enumerate(day.orders):
        hour = CUTOFFS[number * len(CUTOFFS) // len(day.orders)]
        orders[f"{700_001 + number}"] = {
            "carrier": CARRIERS[number % len(CARRIERS)],
            "cutoff": datetime.combine(today, time(hour), UTC).isoformat(),
            "lines": [{"line": f"{n}", "item": code, "quantity": q} for n, (code, q) in enumerate(wanted.items(), 1)],
        }
    return orders


# ── the files ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _write(folder: Path, truth: Truth, today: date) -> None:
    items, places = truth["items"], truth["places"]
    pallets = sum(len(delivery["pallets"]) for delivery in truth["deliveries"])
    bays = max(10, 2 * ceil(pallets * 1.5 / (BLOCKS * AISLES * LEVELS * 2)))
    places["bins"] = BLOCKS * AISLES * LEVELS * bays
    csv_file(folder, "site", "code name gs1_company_prefix aisle_pitch_mm block_length_mm cross_aisle_mm", [
        ("MAIN", "Proof", "4012345", 3200, bays // 2 * PITCH_MM, 2400),
    ])  # fmt: skip
    shelf = "code pattern zone kind block aisles bays levels bay_pitch_mm capacity_volume_ml mix carrier"
    kept = "fixed_item capacity_quantity min_quantity max_quantity sequence"
    simple = [
        *((code, "staging", "") for code in places["staging"]),
        *((code, "dock", "") for code in places["doors"]),
        *((code, "station", "") for code in places["stations"]),
        *((code, "cart", "") for code in places["carts"]),
        *((code, "lane", carrier) for carrier, code in places["lanes"].items()),
        *((code, "truck", carrier) for carrier, code in places["trucks"].items()),
    ]
    csv_file(folder, "locations", f"{shelf} {kept}", [
        *(
            ("", f"{zone}-{{aisle}}-{{bay}}-{{level}}", zone, "bin", block, f"01-{AISLES}", f"01-{bays:02d}",
             f"1-{LEVELS}", PITCH_MM, BIN_ML, "one_item", *[""] * 6)
            for block, zone in enumerate("AB", 1)
        ),
        *((code, "", "", kind, *[""] * 7, carrier, *[""] * 5) for code, kind, carrier in simple),
        *(
            (code, "", "F", "bin", *[""] * 5, BIN_ML, "one_item", "", face["item"], face["most"], face["least"],
             face["most"], LAST)
            for code, face in places["faces"].items()
        ),
    ])  # fmt: skip
    csv_file(folder, "stations", "code name location label_printer", [
        (code, code, code, f"LABEL-{n % 2 + 1}") for n, code in enumerate(places["stations"])
    ])  # fmt: skip
    csv_file(folder, "putaway_strategies", "position rule", [(1, "same_item"), (2, "empty"), (3, "any_room")])
    csv_file(folder, "carton_types", "code name length_mm width_mm height_mm weight_g max_weight_g", [
        (code, code, *each["size_mm"], each["weight_g"], each["max_weight_g"]) for code, each in CARTONS.items()
    ])  # fmt: skip
    csv_file(folder, "workers", "code badge name roles pin", [
        (f"crew-{w['badge']}", w["badge"], f"Crew {w['badge']}", "worker packer loader supervisor", w["pin"])
        for w in truth["workers"]
    ])  # fmt: skip
    csv_file(folder, "parties", "code kind name", [("SUPPLIER", "supplier", "All of them")])
    flags, sizes = "lot_tracked expiry_tracked serial_tracked", "weight_g length_mm width_mm height_mm standard_cost"
    heading = f"code name {flags} {sizes} packs barcode"
    csv_file(folder, "items", heading, (
        (code, i["name"], *(int(flag) for flag in (i["lot_tracked"], i["expiry_tracked"], i["serial_tracked"])),
         i["weight_g"], *i["size_mm"], 20 + len(code) * 7, f"case={i['case']}" if i["case"] else "", i["barcode"])
        for code, i in items.items()
    ))  # fmt: skip
    csv_file(folder, "barcodes", "barcode item unit", (
        (i["case_barcode"], code, "case") for code, i in items.items() if i["case"]
    ))  # fmt: skip
    due = datetime.combine(today, time(6), UTC).isoformat()
    pos = dict.fromkeys(delivery["po"] for delivery in truth["deliveries"])
    csv_file(folder, "purchase_orders", "code supplier due", [(po, "SUPPLIER", due) for po in pos])
    csv_file(folder, "purchase_order_lines", "purchase_order line item quantity", (
        (d["po"], d["line"], d["item"], d["ordered"]) for d in truth["deliveries"]
    ))  # fmt: skip
    csv_file(folder, "orders", "code customer name address carrier service cutoff", (
        (code, f"C{code}", f"Customer {code}", f"Street {code}, Town", o["carrier"], "standard", o["cutoff"])
        for code, o in truth["orders"].items()
    ))  # fmt: skip
    csv_file(folder, "order_lines", "order line item quantity", (
        (code, line["line"], line["item"], line["quantity"])
        for code, o in truth["orders"].items() for line in o["lines"]
    ))  # fmt: skip
