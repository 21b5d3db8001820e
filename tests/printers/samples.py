"""One of each label, as the floor prints them, and the texts that try to be commands."""

from __future__ import annotations

import datetime as dt

from printers.labels import (
    AnyLabel,
    BadgeLabel,
    Command,
    CommandSheet,
    HoldLabel,
    ItemLabel,
    LocationLabel,
    LpnLabel,
    PackingSlip,
    ShippingLabel,
    SlipLine,
    ToteLabel,
)
from printers.printer import Reach

HERE = Reach(networks=("127.0.0.0/8",), ports=())  # the virtual printers of a test

WORDS = ("Confirm", "Short", "Skip", "Undo", "Full", "Print", "New LPN", "Log out")

LABELS: dict[str, AnyLabel] = {
    "lpn": LpnLabel(
        lpn="340123450000000017",
        item="TEE-M-BLU",
        name="T-shirt, organic cotton, crew neck, medium, navy blue",
        quantity=240,
        unit="each",
        lot="L2409-A",
        expiry=dt.date(2027, 3, 31),
        note="Received on PO 4500017",
    ),
    "lpn_own": LpnLabel(lpn="LPN-0000042", item="MUG", name="Mug, white", quantity=6, unit="each"),
    "hold": HoldLabel(
        lpn="340123450000000017",
        item="MILK-1L",
        name="Whole milk 3.5 %, 1 litre carton",
        reason="Temperature above 8 C at the dock",
        quantity=48,
        unit="case",
        lot="M-0713",
        held_by="Ana Ruiz",
        held_on=dt.date(2026, 7, 13),
    ),
    "shipping": ShippingLabel(
        carton="340123450000000024",
        order="SO-100482",
        customer="Harrison & Sons Hardware Ltd",
        address=("Goods-in, Gate 3", "14 Canal Street", "Manchester M1 3HE", "United Kingdom"),
        sender="Pickface Demo, 1 Dock Road, Leeds",
        carrier="HOUSE EXPRESS",
        service="NEXT DAY",
        tracking="HX123456789GB",
        weight_g=7420,
        lane="L-04",
        route="R12",
        carton_number=2,
        cartons=3,
    ),
    "shipping_own": ShippingLabel(carton="CTN-000123", order="SO-100482", customer="Harrison & Sons", carrier="HOUSE"),
    "item": ItemLabel(item="TEE-M-BLU", name="T-shirt, navy blue", barcode="TEE-M-BLU", unit="each", lot="L2409-A"),
    "item_datamatrix": ItemLabel(
        item="MILK-1L",
        name="Whole milk 3.5 %, 1 litre carton",
        barcode="09506000134352",
        unit="each",
        lot="L2409/a_1",
        serial="S-77",
        expiry=dt.date(2027, 3, 31),
        symbol="gs1_datamatrix",
    ),
    "location": LocationLabel(code="A-01-02-3", check_digit="47", zone="Pick face, ambient"),
    "tote": ToteLabel(code="TOTE-0042", kind="600 x 400"),
    "badge": BadgeLabel(badge="BADGE-1007", worker="Ana Ruiz", role="Picker", site="Leeds 1"),
    "command_sheet": CommandSheet(
        title="Handheld commands",
        commands=tuple(Command(caption=word, barcode="CMD-" + word.upper().replace(" ", "-")) for word in WORDS),
    ),
}
HEIGHT_MM = {"item": 50, "item_datamatrix": 50, "location": 50, "tote": 50, "badge": 50}

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

# What each label is scanned as.
SCANNED = {
    "lpn": ["(00)340123450000000017"],
    "lpn_own": ["LPN-0000042"],
    "hold": ["(00)340123450000000017"],
    "shipping": ["(00)340123450000000024"],
    "shipping_own": ["CTN-000123"],
    "item": ["TEE-M-BLU"],
    "item_datamatrix": ["(01)09506000134352(17)270331(10)L2409/a_1(21)S-77"],
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
