"""One of each label, as the floor prints them, and the texts that try to be commands."""

from __future__ import annotations

import datetime as dt

from printers.examples import EXAMPLES, WORDS, height_mm
from printers.labels import AnyLabel, LpnLabel, ShippingLabel
from printers.printer import Reach
from printers.slip_kinds import (
    AnySlip,
    CountSheet,
    LoadManifest,
    ManifestLine,
    PackingSlip,
    PickLine,
    PickList,
    ReturnedLine,
    ReturnReceipt,
    SlipLine,
)

HERE = Reach(networks=("127.0.0.0/8",), ports=())  # the virtual printers of a test

LABELS: dict[str, AnyLabel] = {
    **EXAMPLES,
    "lpn_own": LpnLabel(lpn="LPN-0000042", item="MUG", name="Mug, white", quantity=6, unit="each"),
    "shipping_own": ShippingLabel(carton="CTN-000123", order="SO-100482", customer="Harrison & Sons", carrier="HOUSE"),
}
HEIGHT_MM = {name: height_mm(name) for name in LABELS}

SLIP = PackingSlip(
    order="SO-100482",
    customer="Harrison & Sons Hardware Ltd",
    address=("14 Canal Street", "Manchester M1 3HE"),
    carton="CTN-000123",
    lines=(
        SlipLine(item="TEE-M-BLU", name="T-shirt, organic cotton, crew neck", quantity=3, unit="each", lot="L2409-A"),
        SlipLine(item="MUG", name="Mug, white, 350 ml", quantity=1, unit="each"),
    ),
    sender="Pickface Demo, 1 Dock Road, Leeds",
    packed_on=dt.date(2026, 7, 13),
)

SLIPS: dict[str, AnySlip] = {
    "packing_slip": SLIP,
    "load_manifest": LoadManifest(
        load="LOAD-T1-001",
        truck="TRUCK-1",
        lines=(ManifestLine(carton="CTN-000123", order="SO-100482", customer="Harrison & Sons", weight_g=1482),),
        carrier="DHL",
        seal="SEAL-9",
        left="2026-07-13 16:05",
        sender="Pickface Demo",
    ),
    "pick_list": PickList(
        task="W-0003-2",
        code="DOC/SO-100482",
        wave="W-0003",
        cart="CART-4",
        cutoff="2026-07-13 16:00",
        lines=(
            PickLine(
                location="A-01-02-3",
                item="TEE-M-BLU",
                name="T-shirt, organic cotton, crew neck",
                quantity=3,
                unit="each",
                lot="L2409-A",
                order="SO-100482",
                tote="1",
            ),
            PickLine(location="B-07-11", item="MUG", name="Mug, white", quantity=12, order="SO-100483", tote="2"),
        ),
    ),
    "count_sheet": CountSheet(
        place="A-01-02-3", code="LOC/A-01-02-3", rows=4, item="MUG", name="Mug, white", reason="recount"
    ),
    "return_receipt": ReturnReceipt(
        parcel="R-000012",
        code="DOC/RMA-7",
        rma="RMA-7",
        order="SO-100482",
        customer="Żofia Łęcka",
        taken_in="2026-07-13 09:12",
        taken_by="Mia",
        lines=(
            ReturnedLine(item="KETTLE", name="Kettle, 1.7 l", quantity=1, serial="SN-4711", reason="does not heat"),
        ),
    ),
}

# What each label is scanned as.
SCANNED = {
    "lpn": ["(00)340123450000000017"],
    "lpn_own": ["LPN-0000042"],
    "hold": ["(00)340123450000000017"],
    "shipping": ["(00)340123450000000024"],
    "shipping_own": ["CTN-000123"],
    "item": ["TEE-M-BLU"],
    "item_gs1": ["(01)09506000134352(17)270331(10)L2409/a_1(21)S-77"],
    "lot": ["ITM/TEA-GRN"],
    "lot_gs1": ["(01)09506000134352(17)270331(10)M-0713"],
    "serial": ["SN-000417"],
    "serial_gs1": ["(01)09506000134352(21)SN-000417"],
    "cart": ["LOC/CART-07"],
    "return": ["LPN-0000077"],
    "location": ["A-01-02-3"],
    "tote": ["TOTE-0042"],
    "badge": ["BADGE-1007"],
    "command_sheet": ["CMD-" + word.upper().replace(" ", "-") for word in WORDS],
}

HOSTILE = (
    "A^XZ~HS",
    "^XA^FDx^FS^XZ",
    "~JA",
    r"one\&two",
    "_5E_7E",
    r"\\",
    "".join(chr(n) for n in range(256)),
    "~DGR:X,1,1,00",
    "</text><script>alert(1)</script>",
    "\x1b@\x1dV\x00\x10\x14\x01\x00\x01\x1bp\x00\x32\x32",
    "\ud800 lone surrogate",
    "‮right to left​",
    "中文 Київ Ελλάδα",
    "x" * 5000,
)
