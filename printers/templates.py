"""The layouts every house begins with, one per kind of label: what stands where, top to bottom, as data.

The eye gets one big thing, the scanner one symbol with white around it, and what is only looked up stays small. Change
a layout here, then look at it (`pickface virtual printer`, or the desk's page of labels) before the goldens.
"""

from __future__ import annotations

from typing import Any

from printers.canvas import LOGISTIC_BAR_MM
from printers.labels import (
    BadgeLabel,
    CartLabel,
    CommandSheet,
    HoldLabel,
    ItemLabel,
    LabelRefused,
    LocationLabel,
    LotLabel,
    LpnLabel,
    ReturnLabel,
    SerialLabel,
    ShippingLabel,
    ToteLabel,
)
from printers.layout import AnyField, Box, Captioned, Commands, Layout, Rule, Symbol, Text


def _square(title: str, rows: tuple[str, ...]) -> tuple[AnyField, ...]:
    """A small label round a GS1 DataMatrix: code and name above, the symbol left, what it says right of it."""
    return (
        Text(y="0", h="16%", text=title),
        Text(y="17%", h="20%", text="{name}", lines=2),
        Symbol(x="0", y="40%", w="28%", h="58%", symbol="gs1_datamatrix", text="{gs1}"),
        *(Text(x="30%", y=f"{40 + 11 * n}%", w="70%", h="11%", text=row) for n, row in enumerate(rows)),
    )


LPN = Layout(
    fields=(
        Text(y="0", w="50%", h="6%", text="LICENCE PLATE"),
        Text(x="50%", y="0", w="50%", h="6%", text="{STATUS}", align="right"),
        Rule(y="7%"),
        Text(y="8.5%", h="12%", text="{item}"),
        Text(y="21%", h="12%", text="{name}", lines=2),
        Rule(y="34.5%"),
        Captioned(y="36%", w="48%", h="21%", caption="QUANTITY", text="{amount}"),
        Captioned(x="52%", y="36%", w="48%", h="10.5%", caption="LOT", text="{lot}"),
        Captioned(x="52%", y="46.5%", w="48%", h="10.5%", caption="EXPIRY", text="{expiry}"),
        Text(y="58%", h="4.5%", text="{note}"),
        Rule(y="63.5%"),
        Symbol(y="66%", h="34%", symbol="plate", text="{lpn}", edge=True),
    )
)

# HOLD in white on black across the whole paper at both ends, however it is stuck on; between them why, since when, who.
# Its letters are as wide as 100 mm of paper, 25 mm high: whoever stands 5 m off, at the far end of a bay, reads them.
HOLD = Layout(
    fields=(
        Box(y="-2mm", h="29%+2mm", edge=True),
        Text(y="0.5%", h="28%", text="HOLD", align="centre", white=True),
        Text(y="30%", h="5%", text="{STATUS} - DO NOT PICK OR MOVE", align="centre"),
        Text(y="35.5%", h="12%", text="{reason}", lines=2, align="centre"),
        Rule(y="48.5%"),
        Captioned(y="49.5%", w="40%", h="7.5%", caption="SINCE", text="{held_on}"),
        Captioned(x="44%", y="49.5%", w="56%", h="7.5%", caption="BY", text="{held_by}"),
        Rule(y="58%"),
        Text(y="59%", w="62%", h="5.5%", text="{item}"),
        Text(x="62%", y="59%", w="38%", h="5.5%", text="{amount}", align="right"),
        Text(y="64.5%", w="55%", h="4%", text="{name}"),
        Text(x="55%", y="64.5%", w="45%", h="4%", text="[Lot {lot}]", align="right"),
        Symbol(y="69.5%", h="19%", symbol="plate", text="{lpn}", edge=True),
        Box(y="89.5%", h="10.5%", edge=True),
        Text(y="90%", h="9.5%", text="HOLD", align="centre", white=True),
    )
)

# Carrier, then the address, then the way through the building, and the carton's symbol lowest and alone.
SHIPPING = Layout(
    foot_mm=LOGISTIC_BAR_MM + 7,
    least_mm=42,
    fields=(
        Box(y="0", h="14%"),
        Text(x="2mm", y="1.5%", w="60%-2mm", h="11%", text="{carrier}", white=True),
        Text(x="60%", y="3%", w="40%-2mm", h="8%", text="{service}", align="right", white=True),
        Text(y="15.5%", h="4%", text="[From {sender}]"),
        Rule(y="20%"),
        Text(y="21.5%", w="15%", h="4%", text="SHIP TO"),
        Text(y="25.5%", h="10%", text="{customer}"),
        *(Text(y=f"{35.5 + 6 * n}%", h="5.8%", text=f"{{address_{n + 1}}}") for n in range(5)),
        Rule(y="67%"),
        Captioned(y="68%", w="30%", h="12%", caption="ORDER", text="{order}"),
        Captioned(x="34%", y="68%", w="30%", h="12%", caption="CARTON", text="{of}"),
        Captioned(x="68%", y="68%", w="32%", h="12%", caption="WEIGHT", text="{weight}"),
        Rule(y="81%"),
        Captioned(y="82%", w="30%", h="16%", caption="LANE", text="{lane}"),
        Captioned(x="34%", y="82%", w="20%", h="16%", caption="ROUTE", text="{route}"),
        Captioned(x="58%", y="82%", w="42%", h="16%", caption="TRACKING", text="{tracking}"),
        Rule(y="98.5%"),
        Text(y="100%+1mm", h="5mm", text="{readable}", align="centre"),
        Symbol(y="100%+6.5mm", h=f"{LOGISTIC_BAR_MM}mm", symbol="logistic", text="{carton}", edge=True),
    ),
)

ITEM = Layout(
    fields=(
        Text(y="0", h="16%", text="{item}"),
        Text(y="17%", h="20%", text="{name}", lines=2),
        Text(y="38%", h="10%", text="[Unit {unit}]  [Lot {lot}]  [Serial {serial}]  [Expiry {expiry}]"),
        Symbol(y="52%", h="48%", symbol="plate", text="{barcode}", edge=True),
    )
)
ITEM_GS1 = Layout(
    fields=_square("{item}", ("[Unit {unit}]", "[Lot {lot}]", "[Serial {serial}]", "[Expiry {expiry}]", "{barcode}"))
)

LOT = Layout(
    fields=(
        Text(y="0", w="30%", h="9%", text="LOT"),
        Text(x="40%", y="0", w="60%", h="9%", text="[Expiry {expiry}]", align="right"),
        Text(y="10%", h="22%", text="{lot}"),
        Text(y="33%", h="10%", text="{item} [{unit}]"),
        Text(y="43%", h="8%", text="{name}"),
        Symbol(y="54%", h="46%", symbol="plate", text="{barcode}", edge=True),
    )
)
LOT_GS1 = Layout(fields=_square("{lot}", ("{item}", "[Unit {unit}]", "[Expiry {expiry}]", "{gtin}")))

SERIAL = Layout(
    fields=(
        Text(y="0", h="18%", text="{item}"),
        Text(y="19%", h="20%", text="{name}", lines=2),
        Symbol(y="45%", h="55%", symbol="plate", text="{serial}", edge=True),
    )
)
SERIAL_GS1 = Layout(fields=_square("{item}", ("SERIAL", "{serial}", "", "{gtin}")))

LOCATION = Layout(
    fields=(
        Text(y="0", w="76%", h="42%", text="{code}"),
        Box(x="79%", y="0", w="21%", h="42%"),
        Text(x="80%", y="6%", w="19%", h="32%", text="{check_digit}", align="centre", white=True),
        Text(y="43%", h="9%", text="{zone}"),
        Symbol(y="55%", h="44%", symbol="code128", text="{barcode}", edge=True),
    )
)


def _container(title: str, words: str) -> Layout:
    """What is carried or pushed: its number as large as the label."""
    return Layout(
        fields=(
            Text(y="0", w="50%", h="9%", text=title),
            Text(x="50%", y="0", w="50%", h="9%", text=words, align="right"),
            Text(y="11%", h="38%", text="{code}", align="centre"),
            Symbol(y="54%", h="45%", symbol="code128", text="{barcode}", edge=True),
        )
    )


TOTE = _container("TOTE", "{kind}")
CART = _container("CART", "[{kind}] [{stands}]")

BADGE = Layout(
    fields=(
        Text(y="0", h="9%", text="{site}"),
        Text(y="11%", h="28%", text="{worker}"),
        Text(y="41%", h="11%", text="{role}"),
        Symbol(y="56%", h="43%", symbol="plate", text="{badge}", edge=True),
    )
)

RETURN = Layout(
    fields=(
        Text(y="0", w="50%", h="6%", text="RETURN"),
        Text(x="50%", y="0", w="50%", h="6%", text="{rma}", align="right"),
        Rule(y="7%"),
        Text(y="8.5%", h="12%", text="{item}"),
        Text(y="21%", h="9%", text="{name}", lines=2),
        Rule(y="31.5%"),
        Captioned(y="33%", w="30%", h="17%", caption="GRADE", text="{grade}"),
        Captioned(x="34%", y="33%", w="66%", h="17%", caption="GOES TO", text="{DISPOSITION}"),
        Text(y="52%", w="40%", h="6%", text="{amount}"),
        Text(x="40%", y="52%", w="60%", h="6%", text="{came_on}", align="right"),
        Text(y="58%", w="60%", h="5%", text="{reason}"),
        Text(x="60%", y="58%", w="40%", h="5%", text="[Lot {lot}]", align="right"),
        Rule(y="64%"),
        Symbol(y="67%", h="33%", symbol="plate", text="{code}", edge=True),
    )
)

COMMAND_SHEET = Layout(
    fields=(
        Text(y="0", h="7mm", text="{title}", align="centre"),
        Rule(y="7.5mm"),
        Commands(y="9mm", h="100%-9mm"),
    )
)

# Name: (the struct it is for, the layout).
BUILT_IN: dict[str, tuple[type[Any], Layout]] = {
    "lpn": (LpnLabel, LPN),
    "hold": (HoldLabel, HOLD),
    "shipping": (ShippingLabel, SHIPPING),
    "item": (ItemLabel, ITEM),
    "item_gs1": (ItemLabel, ITEM_GS1),
    "lot": (LotLabel, LOT),
    "lot_gs1": (LotLabel, LOT_GS1),
    "serial": (SerialLabel, SERIAL),
    "serial_gs1": (SerialLabel, SERIAL_GS1),
    "location": (LocationLabel, LOCATION),
    "tote": (ToteLabel, TOTE),
    "cart": (CartLabel, CART),
    "badge": (BadgeLabel, BADGE),
    "return": (ReturnLabel, RETURN),
    "command_sheet": (CommandSheet, COMMAND_SHEET),
}


def name_of(label: Any) -> str:
    """The template a label is drawn by. Raises LabelRefused for what is no label."""
    tag = str(type(label).__struct_config__.tag)
    if getattr(label, "gtin", "") or getattr(label, "symbol", "") == "gs1_datamatrix":
        tag += "_gs1"
    if tag not in BUILT_IN:
        raise LabelRefused(f"A {type(label).__name__} is printed on a receipt printer, not on a label.")
    return tag
