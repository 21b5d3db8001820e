"""What physically exists, as the crew knows it: a JSON file, apart from anything the app says.

Goods on the trucks and on the shelves with what is printed on them, the papers of the customers, the places, the badges.
Two kinds of shorts may be planted: a truck that brings fewer than its paper says, and pieces that vanish from a bin after
their first putaway. The crew comes upon them as people do, by looking.
"""

import datetime
from pathlib import Path

import msgspec

from app import clock


class Item(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""
    lot_tracked: bool = False
    serial_tracked: bool = False
    barcode: str  # on each piece
    case: int = 0  # pieces in a case, 0: none
    case_barcode: str = ""
    inspected: bool = False  # somebody else than who received it looks at a sample first
    weight_g: int = 0
    size_mm: tuple[int, int, int] = (0, 0, 0)

    @property
    def volume_mm3(self) -> int:
        length, width, height = self.size_mm
        return length * width * height


class Pallet(msgspec.Struct, frozen=True, kw_only=True):
    """Equal goods off the truck: they go on one licence plate."""

    quantity: int  # really there
    lot: str = ""
    serials: tuple[str, ...] = ()
    gs1: str = ""  # element string on the goods, where the barcode does not say it all
    sscc: str = ""  # on the pallet itself, where its supplier announced it


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What comes for one purchase order line; `ordered` is what the paper says, `asn` the notice that announces it."""

    po: str
    asn: str = ""
    line: str
    item: str
    ordered: int
    pallets: tuple[Pallet, ...]


class Lying(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that are in a bin before the day begins."""

    location: str
    item: str
    quantity: int
    lot: str = ""
    serials: tuple[str, ...] = ()
    gs1: str = ""


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    item: str
    quantity: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    carrier: str
    lines: tuple[OrderLine, ...]
    cutoff: str = ""  # ISO, UTC

    @property
    def due(self) -> int:
        """The cut-off in µs UTC, 0: none."""
        if not self.cutoff:
            return 0
        return int(datetime.datetime.fromisoformat(self.cutoff).timestamp()) * clock.SECOND


class BinShort(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    missing: int  # gone from the first bin after the first putaway


class CartonType(msgspec.Struct, frozen=True, kw_only=True):
    size_mm: tuple[int, int, int]
    weight_g: int = 0
    max_weight_g: int = 0


class Face(msgspec.Struct, frozen=True, kw_only=True):
    item: str


class TransferLine(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    item: str
    pallet: Pallet  # what goes, or comes


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """Goods for another site, or from there."""

    code: str
    arrives: bool = False
    lines: tuple[TransferLine, ...]


class Places(msgspec.Struct, frozen=True, kw_only=True):
    staging: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()  # where trucks stand
    stations: tuple[str, ...] = ()
    carts: tuple[str, ...] = ()
    lanes: dict[str, str] = {}  # carrier → lane
    trucks: dict[str, str] = {}  # carrier → truck
    faces: dict[str, Face] = {}  # pick faces that are kept filled


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    badge: str
    pin: str
    roles: tuple[str, ...] = ()  # worker, packer, loader, supervisor; empty: all

    def may(self, role: str) -> bool:
        return not self.roles or role in self.roles or "supervisor" in self.roles


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    items: dict[str, Item]
    orders: dict[str, Order]
    places: Places
    workers: tuple[Badge, ...]
    deliveries: tuple[Delivery, ...] = ()
    stock: tuple[Lying, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    bin_shorts: tuple[BinShort, ...] = ()
    cartons: dict[str, CartonType] = {}
    about: str = ""
    mixed: bool = False  # every other job of the floor besides: moves, counts, returns, …


class NoTruth(Exception):
    """The truth file cannot be used; the sentence says why."""


def load(path: Path) -> Truth:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Truth)
    except OSError as problem:
        raise NoTruth(f"The truth file {path} cannot be read: {problem.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise NoTruth(f"The truth file {path} is not as agreed: {problem}.") from None
