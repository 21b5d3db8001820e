"""What physically exists in the proof's warehouse: the crew's own knowledge, apart from anything the app says.

Plain dictionaries, JSON as they stand, importing nothing of ours. Two kinds of shorts are planted:

* `receipt_shorts`: the truck brings `missing` fewer than the purchase order line says. Receiving must find it.
* `bin_shorts`: after the item's first putaway, `missing` pieces are gone from that bin. The rest of the item in the
  house is less than all orders together want (by `unfillable`), so picking must come upon it.
"""

from typing import TypedDict


class Item(TypedDict):
    name: str
    lot_tracked: bool
    expiry_tracked: bool
    serial_tracked: bool
    barcode: str  # GTIN-13 on each piece
    case: int  # pieces in a case, 0: none
    case_barcode: str  # GTIN-14, empty: none
    inspected: bool  # a sample of what comes is looked at
    weight_g: int
    size_mm: list[int]
    demand: int  # pieces all orders want
    spare: int  # pieces bought on top


class Pallet(TypedDict):
    """Equal goods off the truck: they go on one licence plate."""

    quantity: int  # really there
    lot: str
    expiry: str  # ISO date
    serials: list[str]
    gs1: str  # element string on the goods: GTIN, expiry, lot; empty where the barcode says it all
    sscc: str  # of an announced pallet; empty where nobody announced it, or it stands loose


class Delivery(TypedDict):
    """What comes for one purchase order line. `ordered` is what the books expect."""

    po: str
    line: str
    asn: str  # the notice that announces it, empty: none
    item: str
    ordered: int
    pallets: list[Pallet]


class OrderLine(TypedDict):
    line: str
    item: str
    quantity: int


class Order(TypedDict):
    carrier: str
    cutoff: str  # ISO, UTC
    lines: list[OrderLine]


class ReceiptShort(TypedDict):
    """`asn` and `asn_line` where it was announced all the same."""

    po: str
    line: str
    asn: str
    asn_line: str
    item: str
    missing: int


class BinShort(TypedDict):
    item: str
    missing: int
    unfillable: int


class CartonType(TypedDict):
    """As it stands on the shelf: its size, what it weighs empty and may weigh full."""

    size_mm: list[int]
    weight_g: int
    max_weight_g: int


class TransferLine(TypedDict):
    line: str
    item: str
    pallet: Pallet


class Transfer(TypedDict):
    """Goods for another site, none of them wanted by an order; or, where it `arrives`, from there."""

    code: str
    arrives: bool
    lines: list[TransferLine]


class Face(TypedDict):
    """A pick face is filled up to `most` pieces when fewer than `least` lie in it."""

    item: str
    least: int
    most: int


class Places(TypedDict):
    bins: int
    staging: list[str]
    doors: list[str]
    stations: list[str]
    carts: list[str]
    lanes: dict[str, str]  # carrier → lane
    trucks: dict[str, str]  # carrier → truck
    faces: dict[str, Face]


class Worker(TypedDict):
    badge: str
    pin: str


class Truth(TypedDict):
    about: str
    is_real: bool
    seed: int
    mixed: bool
    line_count: int
    units: int
    items: dict[str, Item]
    deliveries: list[Delivery]
    transfers: list[Transfer]
    orders: dict[str, Order]
    receipt_shorts: list[ReceiptShort]
    bin_shorts: list[BinShort]
    cartons: dict[str, CartonType]
    places: Places
    workers: list[Worker]
