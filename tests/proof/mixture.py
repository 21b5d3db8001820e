"""What a mixed day has beside the way of the goods: notices, goods that are looked at first, pick faces, another site.

Every second truck has a notice. What it announces stands on pallets with an SSCC, some of it loose; a line that comes
short is announced in full all the same, so both its notice and its purchase order must find it. Some items may not be
sold before somebody else than their receiver has looked at a sample. Some lie in pick faces that are filled from other
bins.
"""

from pathlib import Path
from random import Random

from tests.proof.files import checked, csv_file
from tests.proof.truth import Delivery, Pallet, TransferLine, Truth

LOOSE = 0.15  # of an announced truck's lines
INSPECTED = 0.1  # of the items
SPOT_CHECK = 20  # per cent of the announced pallets are counted all the same
FACES = 0.15  # of the items, where they are wanted often
FACE_FROM = 8  # pieces all orders want
LINES, LINES_A_TRANSFER = 0.06, 3  # of the items go to the other site, and as many come
MOST_COME = 5  # pieces of a line
DOORS = 2
SHIPPER = "04054321"  # extension digit and company prefix of the supplier


def add(truth: Truth, random: Random) -> None:
    """Decide on it, in the truth."""
    _announce(truth, random)
    sound = sorted(truth["items"].keys() - {short["item"] for short in truth["bin_shorts"]})
    for code in random.sample(sound, max(2, round(len(sound) * INSPECTED))):
        truth["items"][code]["inspected"] = True
    _keep_filled(truth, sound, random)
    _transfer(truth, sound, random)
    truth["places"]["doors"] = [f"GATE-{n}" for n in range(1, DOORS + 1)]


def _announce(truth: Truth, random: Random) -> None:
    pos = list(dict.fromkeys(delivery["po"] for delivery in truth["deliveries"]))
    announced = set(pos[::2])
    shorts = {(short["po"], short["line"]): short for short in truth["receipt_shorts"]}
    number = 0
    for delivery in truth["deliveries"]:
        if delivery["po"] not in announced:
            continue
        delivery["asn"] = f"A{delivery['po']}"
        short = shorts.get((delivery["po"], delivery["line"]))
        if short is not None:
            short["asn"], short["asn_line"] = delivery["asn"], delivery["line"]
        if short is None and random.random() >= LOOSE:
            for pallet in delivery["pallets"]:
                number += 1
                pallet["sscc"] = checked(f"{SHIPPER}{number:09d}")


def _keep_filled(truth: Truth, sound: list[str], random: Random) -> None:
    """Pick faces for a quarter of what is wanted of their items, in whole cases; what comes goes to other bins first."""
    items = truth["items"]
    often = [
        code
        for code in sound
        if items[code]["demand"] >= max(FACE_FROM, 2 * items[code]["case"]) and not items[code]["serial_tracked"]
    ]
    chosen = random.sample(often, min(len(often), round(len(sound) * FACES)))
    for number, code in enumerate(chosen, 1):
        pack = items[code]["case"] or 1
        most = pack * max(1, items[code]["demand"] // 4 // pack)
        truth["places"]["faces"][f"F-{number:03d}"] = {"item": code, "least": max(1, most // 2), "most": most}


def _transfer(truth: Truth, sound: list[str], random: Random) -> None:
    """To the other site go spare pieces; what comes from there is of lots we have, too, and of none that is inspected."""
    short = {one["item"] for one in truth["receipt_shorts"]}
    fit = [code for code in sound if code not in short and not truth["items"][code]["serial_tracked"]]
    count = max(LINES_A_TRANSFER, round(len(sound) * LINES))
    pallets = {delivery["item"]: delivery["pallets"] for delivery in truth["deliveries"]}
    for arrives in (False, True):
        some = [code for code in fit if not (arrives and truth["items"][code].get("inspected"))]
        chosen = random.sample(some, min(len(some), count))
        for number, start in enumerate(range(0, len(chosen), LINES_A_TRANSFER), 1):
            lines: list[TransferLine] = []
            for line, code in enumerate(chosen[start : start + LINES_A_TRANSFER], 1):
                most = MOST_COME if arrives else truth["items"][code]["spare"]
                like = pallets[code][0]
                pallet: Pallet = {**like, "quantity": random.randint(1, most), "sscc": ""}
                lines.append({"line": f"{line}", "item": code, "pallet": pallet})
            code = f"{'IN' if arrives else 'OUT'}-{number:04d}"
            truth["transfers"].append({"code": code, "arrives": arrives, "lines": lines})


def write(folder: Path, truth: Truth) -> None:
    """The files of it."""
    notices = dict.fromkeys(delivery["asn"] for delivery in truth["deliveries"] if delivery["asn"])
    csv_file(folder, "asns", "code supplier", [(code, "SUPPLIER") for code in notices])
    csv_file(folder, "asn_lines", "asn line sscc po po_line item lot quantity expiry serials", [
        row for delivery in truth["deliveries"] if delivery["asn"] for row in _announced(delivery)
    ])  # fmt: skip
    csv_file(folder, "receiving_rules", "supplier spot_check_percent", [("SUPPLIER", SPOT_CHECK)])
    csv_file(folder, "inspection_rules", "item level aql", [
        (code, "II", ("1.0", "6.5")[n % 2])
        for n, code in enumerate(code for code, item in truth["items"].items() if item["inspected"])
    ])  # fmt: skip


def _announced(delivery: Delivery) -> list[tuple[object, ...]]:
    """A line for each pallet; one for all of it where it comes loose."""
    asn, po, line, item = delivery["asn"], delivery["po"], delivery["line"], delivery["item"]
    if not any(pallet["sscc"] for pallet in delivery["pallets"]):
        return [(asn, line, "", po, line, item, "", delivery["ordered"], "", "")]
    return [
        (asn, f"{line}-{n}", pallet["sscc"], po, line, item, pallet["lot"], pallet["quantity"], pallet["expiry"],
         " ".join(pallet["serials"]))
        for n, pallet in enumerate(delivery["pallets"], 1)
    ]  # fmt: skip
