"""Where each thing stands on its label: one function per label, top to bottom, in shares of the paper's height.

The eye gets one big thing, the scanner one symbol with white around it, and what is only looked up stays small.
Layouts stretch with the paper, so the same label comes out on 100 × 150 and on 100 × 50; the lowest strip stays free
for the mark of a reprint. Change a layout here, then look at it (`pickface virtual printer`) before the goldens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from printers.canvas import LOGISTIC_BAR_MM, Canvas, readable
from printers.labels import (
    MAX_COMMANDS,
    BadgeLabel,
    CommandSheet,
    HoldLabel,
    ItemLabel,
    LabelRefused,
    LocationLabel,
    LpnLabel,
    NotEncodable,
    ShippingLabel,
    ToteLabel,
    gs1_check_digit,
    is_sscc,
)

FOOT_MM = 4.5  # left free at the bottom for the mark of a reprint
GS1_CHARACTERS = frozenset("!\"%&'()*+,-./_:;<=>?0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def lpn(paper: Canvas, label: LpnLabel) -> None:
    m, w, h = paper.margin, paper.inner, paper.height - FOOT_MM - paper.margin
    paper.text(m, m, w * 0.5, h * 0.06, "LICENCE PLATE")
    paper.text(m + w * 0.5, m, w * 0.5, h * 0.06, label.status.upper(), align="right")
    paper.rule(m + h * 0.07)
    paper.text(m, m + h * 0.085, w, h * 0.12, label.item)
    paper.text(m, m + h * 0.21, w, h * 0.12, label.name, lines=2)
    paper.rule(m + h * 0.345)
    paper.captioned(m, m + h * 0.36, w * 0.48, h * 0.21, "QUANTITY", _quantity(label))
    paper.captioned(m + w * 0.52, m + h * 0.36, w * 0.48, h * 0.105, "LOT", label.lot)
    paper.captioned(m + w * 0.52, m + h * 0.465, w * 0.48, h * 0.105, "EXPIRY", _date(label.expiry))
    paper.text(m, m + h * 0.58, w, h * 0.045, label.note)
    paper.rule(m + h * 0.635)
    paper.plate(0, m + h * 0.66, paper.width, h * 0.34, label.lpn)


def hold(paper: Canvas, label: HoldLabel) -> None:
    m, w, h = paper.margin, paper.inner, paper.height - FOOT_MM - paper.margin
    paper.box(m / 2, m / 2, paper.width - m, paper.height - FOOT_MM - m / 2, line=min(3.0, h * 0.02))
    paper.box(m, m, w, h * 0.27)
    paper.text(m, m + h * 0.015, w, h * 0.19, "HOLD", align="centre", white=True)
    paper.text(m, m + h * 0.2, w, h * 0.06, "DO NOT PICK OR MOVE", align="centre", white=True)
    x, inside = m + 2, w - 4
    paper.text(x, m + h * 0.285, inside, h * 0.065, label.status.upper(), align="centre")
    paper.text(x, m + h * 0.355, inside, h * 0.13, label.reason, lines=2, align="centre")
    paper.rule(m + h * 0.495)
    paper.text(x, m + h * 0.505, inside * 0.62, h * 0.07, label.item)
    paper.text(x + inside * 0.62, m + h * 0.505, inside * 0.38, h * 0.07, _quantity(label), align="right")
    paper.text(x, m + h * 0.575, inside, h * 0.045, label.name)
    paper.text(x, m + h * 0.625, inside * 0.45, h * 0.04, f"Lot {label.lot}" if label.lot else "")
    held = " ".join(part for part in (_date(label.held_on), label.held_by) if part)
    paper.text(x + inside * 0.45, m + h * 0.625, inside * 0.55, h * 0.04, f"Held {held}" if held else "", align="right")
    paper.plate(m, m + h * 0.69, w, h * 0.28, label.lpn)


def shipping(paper: Canvas, label: ShippingLabel) -> None:
    """Carrier, then the address, then the way through the building, and the carton's symbol lowest and alone."""
    m, w, sscc = paper.margin, paper.inner, is_sscc(label.carton)
    bars = LOGISTIC_BAR_MM if sscc else min(LOGISTIC_BAR_MM, paper.height * 0.25)
    h = paper.height - FOOT_MM - m - bars - 7
    if h < 50:
        raise LabelRefused(
            f"A shipping label needs {ceil_mm(paper.height + 50 - h)} mm of height, this one has {paper.height:.0f}."
        )
    paper.box(m, m, w, h * 0.14)
    paper.text(m + 2, m + h * 0.015, w * 0.6 - 2, h * 0.11, label.carrier, white=True)
    paper.text(m + w * 0.6, m + h * 0.03, w * 0.4 - 2, h * 0.08, label.service, align="right", white=True)
    paper.text(m, m + h * 0.155, w, h * 0.04, f"From {label.sender}" if label.sender else "")
    paper.rule(m + h * 0.2)
    paper.text(m, m + h * 0.215, w * 0.15, h * 0.04, "SHIP TO")
    paper.text(m, m + h * 0.255, w, h * 0.1, label.customer)
    lines = [*label.address[:5], *[""] * (5 - len(label.address[:5]))]
    for n, line in enumerate(lines):
        paper.text(m, m + h * (0.355 + 0.06 * n), w, h * 0.058, line)
    paper.rule(m + h * 0.67)
    third = w / 3 + 1
    of = f"{label.carton_number} / {label.cartons}" if label.cartons else f"{label.carton_number}"
    weight = "" if label.weight_g is None else f"{label.weight_g / 1000:.2f} kg"
    paper.captioned(m, m + h * 0.68, third - 4, h * 0.12, "ORDER", label.order)
    paper.captioned(m + third, m + h * 0.68, third - 4, h * 0.12, "CARTON", of)
    paper.captioned(m + 2 * third, m + h * 0.68, w - 2 * third, h * 0.12, "WEIGHT", weight)
    paper.rule(m + h * 0.81)
    paper.captioned(m, m + h * 0.82, third - 4, h * 0.16, "LANE", label.lane)
    paper.captioned(m + third, m + h * 0.82, w * 0.2, h * 0.16, "ROUTE", label.route)
    paper.captioned(m + w * 0.58, m + h * 0.82, w * 0.42, h * 0.16, "TRACKING", label.tracking)
    paper.rule(m + h * 0.985)
    top = m + h + 1
    paper.text(m, top, w, 5, readable(label.carton), align="centre")
    if sscc:
        paper.sscc(0, top + 5.5, paper.width, bars, label.carton, logistic=True)
    else:
        paper.code128(0, top + 5.5, paper.width, bars, label.carton)


def item(paper: Canvas, label: ItemLabel) -> None:
    m, w, h = paper.margin, paper.inner, paper.height - FOOT_MM - paper.margin
    paper.text(m, m, w, h * 0.16, label.item)
    paper.text(m, m + h * 0.17, w, h * 0.2, label.name, lines=2)
    facts = [f"{word} {text}" if text else "" for word, text in _facts(label)]
    if label.symbol == "gs1_datamatrix":
        size = min(h * 0.58, w * 0.5)
        paper.gs1_datamatrix(m, m + h * 0.4, size, _elements(label))
        for n, fact in enumerate(facts):
            paper.text(m + size + 2, m + h * (0.4 + 0.11 * n), w - size - 2, h * 0.11, fact)
        paper.text(m + size + 2, m + h * 0.84, w - size - 2, h * 0.12, label.barcode)
        return
    paper.text(m, m + h * 0.38, w, h * 0.1, "  ".join(fact for fact in facts if fact))
    paper.plate(0, m + h * 0.52, paper.width, h * 0.48, label.barcode)


def location(paper: Canvas, label: LocationLabel) -> None:
    m, w, h = paper.margin, paper.inner, paper.height - FOOT_MM - paper.margin
    paper.text(m, m, w * 0.76, h * 0.42, label.code)
    paper.box(m + w * 0.79, m, w * 0.21, h * 0.42)
    paper.text(m + w * 0.8, m + h * 0.06, w * 0.19, h * 0.32, label.check_digit, align="centre", white=True)
    paper.text(m, m + h * 0.43, w, h * 0.09, label.zone)
    paper.code128(0, m + h * 0.55, paper.width, h * 0.44, label.barcode or label.code)


def tote(paper: Canvas, label: ToteLabel) -> None:
    m, w, h = paper.margin, paper.inner, paper.height - FOOT_MM - paper.margin
    paper.text(m, m, w * 0.5, h * 0.09, "TOTE")
    paper.text(m + w * 0.5, m, w * 0.5, h * 0.09, label.kind, align="right")
    paper.text(m, m + h * 0.11, w, h * 0.38, label.code, align="centre")
    paper.code128(0, m + h * 0.54, paper.width, h * 0.45, label.barcode or label.code)


def badge(paper: Canvas, label: BadgeLabel) -> None:
    m, w, h = paper.margin, paper.inner, paper.height - FOOT_MM - paper.margin
    paper.text(m, m, w, h * 0.09, label.site)
    paper.text(m, m + h * 0.11, w, h * 0.28, label.worker)
    paper.text(m, m + h * 0.41, w, h * 0.11, label.role)
    paper.plate(0, m + h * 0.56, paper.width, h * 0.43, label.badge)


def command_sheet(paper: Canvas, label: CommandSheet) -> None:
    count = len(label.commands)
    columns = 1 if count <= MAX_COMMANDS // 2 else 2
    m, w, h = paper.margin, paper.inner, paper.height - FOOT_MM - paper.margin
    rows = max(1, -(-count // columns))
    row = (h - 9) / rows
    if count > MAX_COMMANDS or row < 14:
        raise LabelRefused(f"{count} commands do not fit one sheet of {paper.height:.0f} mm; print two sheets.")
    paper.text(m, m, w, 7, label.title, align="centre")
    paper.rule(m + 7.5)
    for n, command in enumerate(label.commands):
        x, y = m + (n % columns) * w / columns, m + 9 + (n // columns) * row
        paper.text(x, y, w / columns, min(6, row * 0.3), command.caption, align="centre")
        paper.code128(x, y + min(6, row * 0.3), w / columns, row * 0.6, command.barcode)


TEMPLATES: dict[type[Any], Callable[[Canvas, Any], None]] = {
    LpnLabel: lpn,
    HoldLabel: hold,
    ShippingLabel: shipping,
    ItemLabel: item,
    LocationLabel: location,
    ToteLabel: tote,
    BadgeLabel: badge,
    CommandSheet: command_sheet,
}


def ceil_mm(millimetres: float) -> int:
    return int(-(-millimetres // 1))


def _date(day: dt.date | None) -> str:
    return "" if day is None else day.isoformat()


def _quantity(label: LpnLabel | HoldLabel) -> str:
    """A long unit is cut, never the number."""
    return f"{label.quantity} {label.unit[:10]}"


def _facts(label: ItemLabel) -> tuple[tuple[str, str], ...]:
    return ("Unit", label.unit), ("Lot", label.lot), ("Serial", label.serial), ("Expiry", _date(label.expiry))


def _elements(label: ItemLabel) -> str:
    """GTIN and expiry first: they have fixed lengths and need no separator."""
    gtin = label.barcode
    if not (len(gtin) == 14 and gtin.isascii() and gtin.isdigit() and gs1_check_digit(gtin[:-1]) == gtin[-1]):
        raise NotEncodable(f"{gtin[:40]!r} is not a GTIN of 14 digits with its check digit.")
    for name, text in (("lot", label.lot), ("serial", label.serial)):
        if len(text) > 20 or not GS1_CHARACTERS.issuperset(text):
            raise NotEncodable(f"GS1 allows a {name} 20 letters, digits or signs; {text[:40]!r} is not that.")
    found = f"01{gtin}" + ("" if label.expiry is None else f"17{label.expiry:%y%m%d}")
    variable = [f"{ai}{text}" for ai, text in (("10", label.lot), ("21", label.serial)) if text]
    return found + "\x1d".join(variable)
