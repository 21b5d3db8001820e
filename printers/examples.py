"""One of each label with ordinary words, and the same with words that try to be printer commands.

The desk's page of labels shows them, and no template is saved that cannot draw both. The barcodes stay what they are: a
code no symbol carries is refused where it is printed, whatever the template.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from printers.labels import (
    AnyLabel,
    BadgeLabel,
    CartLabel,
    Command,
    CommandSheet,
    HoldLabel,
    ItemLabel,
    LocationLabel,
    LotLabel,
    LpnLabel,
    ReturnLabel,
    SerialLabel,
    ShippingLabel,
    ToteLabel,
)

WORDS = ("Confirm", "Short", "Skip", "Undo", "Full", "Print", "New LPN", "Log out")
HOSTILE = r"A^XZ~HS \& _5E ~JA"
LOW = ("item", "item_gs1", "lot", "lot_gs1", "serial", "serial_gs1", "location", "tote", "cart", "badge")
LOW_MM, HIGH_MM = 50, 150  # the paper these are usually on

_SCANNED = {"lpn", "carton", "barcode", "code", "badge", "gtin", "serial", "symbol"}

EXAMPLES: dict[str, AnyLabel] = {
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
    "item": ItemLabel(item="TEE-M-BLU", name="T-shirt, navy blue", barcode="TEE-M-BLU", unit="each", lot="L2409-A"),
    "item_gs1": ItemLabel(
        item="MILK-1L",
        name="Whole milk 3.5 %, 1 litre carton",
        barcode="09506000134352",
        unit="each",
        lot="L2409/a_1",
        serial="S-77",
        expiry=dt.date(2027, 3, 31),
        symbol="gs1_datamatrix",
    ),
    "lot": LotLabel(item="TEA-GRN", name="Green tea, loose", lot="L2409-A", barcode="ITM/TEA-GRN", unit="bag"),
    "lot_gs1": LotLabel(
        item="MILK-1L",
        name="Whole milk 3.5 %, 1 litre carton",
        lot="M-0713",
        gtin="09506000134352",
        expiry=dt.date(2027, 3, 31),
        unit="case",
    ),
    "serial": SerialLabel(item="DRILL-18V", name="Cordless drill, 18 V", serial="SN-000417"),
    "serial_gs1": SerialLabel(item="DRILL-18V", name="Cordless drill, 18 V", serial="SN-000417", gtin="09506000134352"),
    "location": LocationLabel(code="A-01-02-3", check_digit="47", zone="Pick face, ambient"),
    "tote": ToteLabel(code="TOTE-0042", kind="600 x 400"),
    "cart": CartLabel(code="CART-07", kind="Tote cart", stands="12 totes", barcode="LOC/CART-07"),
    "return": ReturnLabel(
        code="LPN-0000077",
        rma="RMA-1042",
        item="TEE-M-BLU",
        name="T-shirt, navy blue",
        quantity=2,
        unit="each",
        grade="B",
        disposition="restock",
        reason="Wrong size",
        came_on=dt.date(2026, 7, 13),
    ),
    "badge": BadgeLabel(badge="BADGE-1007", worker="Ana Ruiz", role="Picker", site="Leeds 1"),
    "command_sheet": CommandSheet(
        title="Handheld commands",
        commands=tuple(Command(caption=word, barcode="CMD-" + word.upper().replace(" ", "-")) for word in WORDS),
    ),
}


def height_mm(name: str) -> int:
    return LOW_MM if name in LOW else HIGH_MM


def with_text(label: AnyLabel, text: str) -> AnyLabel:
    """The same label with `text` in every field that is only read by people."""
    changed: dict[str, Any] = {}
    for field in msgspec.structs.fields(label):
        old = getattr(label, field.name)
        if field.name == "address":
            changed[field.name] = (text,) * len(old)
        elif field.name == "commands":
            changed[field.name] = tuple(Command(caption=text, barcode=command.barcode) for command in old)
        elif isinstance(old, str) and field.name not in _SCANNED:
            changed[field.name] = text
    if isinstance(label, LocationLabel):
        changed |= {"barcode": label.barcode or label.code, "code": text}
    if getattr(label, "gtin", "") or getattr(label, "symbol", "") == "gs1_datamatrix":
        changed.pop("lot", None)
    return msgspec.structs.replace(label, **changed)
