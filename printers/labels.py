"""What is on a label: frozen structs, one per thing that is labelled.

A label says *what* stands on the paper, never where or in which printer language; `zpl` and `escpos` know that. Labels
survive a trip through JSON (`encode`, `decode`), so a print job can store them beside the exact bytes it sent.
Barcodes of our own use the characters every reader and both our renderers agree on: digits, capitals and `-./+%$ `.
Dates are dates, quantities whole base units, weights grams. Empty text leaves its place on the paper empty.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from printers.slip_kinds import AnySlip

OWN_CHARACTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-./+%$ ")
MAX_COMMANDS = 14  # on one command sheet


class LabelRefused(ValueError):
    """This label cannot be printed as asked; the sentence says why. Nothing was sent."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotEncodable(LabelRefused):
    """A barcode was asked for text that its symbology, or our own rule, does not carry."""


class SymbolTooWide(LabelRefused):
    """The barcode does not fit the label at a width scanners can read."""

    def __init__(self, text: str, *, width_mm: float, available_mm: float) -> None:
        super().__init__(
            f"The barcode {text[:40]!r} is {width_mm:.1f} mm wide with its quiet zones; "
            f"this label has {available_mm:.1f} mm."
        )
        self.width_mm = width_mm
        self.available_mm = available_mm


class LpnLabel(msgspec.Struct, frozen=True, kw_only=True, tag="lpn"):
    """A licence plate: what a pallet, case or tote of goods is known by. An SSCC is drawn as GS1-128."""

    lpn: str
    item: str
    name: str
    quantity: int
    unit: str
    lot: str = ""
    expiry: dt.date | None = None
    status: str = "available"
    note: str = ""


class ItemLabel(msgspec.Struct, frozen=True, kw_only=True, tag="item"):
    """One unit or pack of an item that came without a readable barcode."""

    item: str
    name: str
    barcode: str  # what is scanned; with symbol "gs1_datamatrix" the GTIN of 14 digits
    unit: str = ""
    lot: str = ""
    serial: str = ""
    expiry: dt.date | None = None
    symbol: Literal["code128", "gs1_datamatrix"] = "code128"


class LotLabel(msgspec.Struct, frozen=True, kw_only=True, tag="lot"):
    """A lot of an item, for goods whose maker's label says nothing of it."""

    item: str
    name: str
    lot: str
    barcode: str = ""  # of the item, where it has no GTIN
    gtin: str = ""  # with it, item, expiry and lot stand in one symbol
    expiry: dt.date | None = None
    unit: str = ""


class SerialLabel(msgspec.Struct, frozen=True, kw_only=True, tag="serial"):
    """One piece with a serial of its own, from a roll of them."""

    item: str
    name: str
    serial: str
    gtin: str = ""  # with it, item and serial stand in one symbol


class LocationLabel(msgspec.Struct, frozen=True, kw_only=True, tag="location"):
    """A bin, lane or door: its code for the eye, its check digit for the voice, its barcode for the scanner."""

    code: str
    check_digit: str = ""
    zone: str = ""
    barcode: str = ""  # empty: the code itself


class ToteLabel(msgspec.Struct, frozen=True, kw_only=True, tag="tote"):
    """A reusable pick container."""

    code: str
    kind: str = ""
    barcode: str = ""


class CartLabel(msgspec.Struct, frozen=True, kw_only=True, tag="cart"):
    """A pick cart: scanned once at the start of a walk."""

    code: str
    kind: str = ""
    stands: str = ""  # how many totes it takes, in words
    barcode: str = ""


class BadgeLabel(msgspec.Struct, frozen=True, kw_only=True, tag="badge"):
    """A worker's badge. The barcode is what the worker scans; the PIN is never printed."""

    badge: str
    worker: str
    role: str = ""
    site: str = ""


class HoldLabel(msgspec.Struct, frozen=True, kw_only=True, tag="hold"):
    """Goods nobody may pick. Made to be seen from the far end of the aisle, without colour."""

    lpn: str
    item: str
    name: str
    reason: str
    status: str = "quarantine"
    quantity: int
    unit: str
    lot: str = ""
    held_by: str = ""
    held_on: dt.date | None = None


class ReturnLabel(msgspec.Struct, frozen=True, kw_only=True, tag="return"):
    """Goods that came back, between their parcel and the place their grade sends them to."""

    code: str
    rma: str
    item: str
    name: str
    quantity: int
    unit: str = ""
    grade: str = ""
    disposition: str = ""
    reason: str = ""
    came_on: dt.date | None = None
    lot: str = ""


class ShippingLabel(msgspec.Struct, frozen=True, kw_only=True, tag="shipping"):
    """What goes on a carton. With an SSCC as `carton` it is a GS1 logistics label: that symbol lowest, and alone."""

    carton: str
    order: str
    customer: str
    address: tuple[str, ...] = ()  # up to five lines are printed
    sender: str = ""
    carrier: str = ""
    service: str = ""
    tracking: str = ""
    weight_g: int | None = None
    lane: str = ""
    route: str = ""
    carton_number: int = 1
    cartons: int | None = None


class CarrierLabel(msgspec.Struct, frozen=True, kw_only=True, tag="carrier"):
    """A label a carrier made: its own printer code, or a picture. See foreign.py for what of it may reach a printer."""

    carton: str
    carrier: str
    tracking: str
    form: Literal["zpl", "png"]
    content: bytes


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A button as a barcode: what it says and what it scans as."""

    caption: str
    barcode: str


class CommandSheet(msgspec.Struct, frozen=True, kw_only=True, tag="command_sheet"):
    """The buttons of the handheld on paper, for hands in gloves."""

    title: str
    commands: tuple[Command, ...]


AnyLabel = (
    LpnLabel
    | ItemLabel
    | LotLabel
    | SerialLabel
    | LocationLabel
    | ToteLabel
    | CartLabel
    | BadgeLabel
    | HoldLabel
    | ReturnLabel
    | ShippingLabel
    | CarrierLabel
    | CommandSheet
    | AnySlip
)

_decoder: msgspec.json.Decoder[AnyLabel] = msgspec.json.Decoder(AnyLabel)


def encode(label: AnyLabel) -> bytes:
    return msgspec.json.encode(label)


def decode(text: bytes | str) -> AnyLabel:
    """The label that `encode` wrote. Raises msgspec.ValidationError on anything else."""
    return _decoder.decode(text)


def is_sscc(text: str) -> bool:
    """18 digits whose last is the GS1 check digit of the others."""
    return len(text) == 18 and text.isascii() and text.isdigit() and gs1_check_digit(text[:-1]) == text[-1]


def gs1_check_digit(digits: str) -> str:
    """GS1 General Specifications 7.9: weights 3, 1, 3 … from the right."""
    return str(-sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits))) % 10)


def readable(code: str) -> str:
    """An SSCC as GS1 writes it, other codes as they are."""
    return f"(00) {code[0]} {code[1:8]} {code[8:17]} {code[17]}" if is_sscc(code) else code
