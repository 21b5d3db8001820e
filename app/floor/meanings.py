"""What the house itself knows a code as: an item, a location, a plate, a document, a lot, a serial, a badge, a station.

A look-up decodes nothing and refuses nothing; a code may be the name of several things at once.
"""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select

from app import clock
from app.db import Tx
from app.floor.readings import (
    DocumentReading,
    ItemReading,
    LocationReading,
    LotReading,
    LpnReading,
    Reading,
    SerialReading,
    StationReading,
    WorkerReading,
)
from app.schema.documents import purchase_order, sales_order
from app.schema.inbound import asn
from app.schema.items import item, item_barcode, lot
from app.schema.people import worker
from app.schema.places import location, station
from app.schema.returns import rma
from app.schema.stock import lpn, serial
from app.schema.storage import transfer
from app.schema.work import carton, load
from app.work.numbers import OWN_NUMBER

LPN_KINDS = {"LPN": "pallet", "T": "tote", "C": "carton"}

_CODE: BindParameter[str] = bindparam("code")
BARCODE = (
    select(item_barcode.c.item, item_barcode.c.unit, item_barcode.c.quantity)
    .join(item, item.c.code == item_barcode.c.item)
    .where(
        or_(*(item_barcode.c.code == bindparam(name) for name in ("code", "a", "b", "c"))),
        item.c.active == 1,
        item_barcode.c.valid_from <= bindparam("now"),
        or_(item_barcode.c.valid_to == 0, item_barcode.c.valid_to > bindparam("now")),
    )
)
ITEM = select(item.c.code).where(item.c.code == _CODE, item.c.active == 1)
LOCATION = select(location.c.code, location.c.kind).where(or_(location.c.code == _CODE, location.c.barcode == _CODE))
LPN = select(lpn.c.code, lpn.c.kind).where(lpn.c.code == _CODE)
TRACKED = select(carton.c.lpn).where(carton.c.tracking == _CODE, carton.c.tracking != "").limit(1)
PO = select(purchase_order.c.code).where(purchase_order.c.code == _CODE)
ASN = select(asn.c.code).where(or_(asn.c.code == _CODE, asn.c.tracking == _CODE), asn.c.state != "cancelled").limit(1)
ORDER = select(sales_order.c.code).where(sales_order.c.code == _CODE)
LOAD = select(load.c.code).where(load.c.code == _CODE)
TRANSFER = select(transfer.c.code).where(transfer.c.code == _CODE)
RMA = select(rma.c.code).where(or_(rma.c.code == _CODE, rma.c.tracking == _CODE)).limit(2)
SERIAL = select(serial.c.item, serial.c.serial).where(serial.c.serial == _CODE)
LOT = select(lot.c.lot, lot.c.expiry).where(lot.c.lot == _CODE).limit(1)
BADGE = select(worker.c.badge).where(worker.c.badge == _CODE)
STATION = select(station.c.code, station.c.location).where(station.c.code == _CODE)


def of_code(tx: Tx, code: str, kinds: Collection[str]) -> list[Reading]:
    """Every thing this code is the name of, among these kinds."""
    return [reading for kind in _LOOK_UP if kind in kinds for reading in _LOOK_UP[kind](tx, code)]


def plate(tx: Tx, code: str) -> LpnReading:
    """A licence plate known by its number, or new: an SSCC and a number of our own rolls cannot be anything else."""
    known = tx.row(LPN, code=code)
    if known is not None:
        return LpnReading(label=known[0], lpn=known[0], of=known[1])
    if (tracked := tx.value(TRACKED, code=code)) is not None:  # all that stands on a carrier's own label
        return LpnReading(label=code, lpn=tracked, of="carton")
    shape = OWN_NUMBER.fullmatch(code)
    return LpnReading(label=code, lpn=code, of=LPN_KINDS[shape["kind"]] if shape else "pallet", new=True)


def _barcode_rows(tx: Tx, code: str, gtin14: str) -> list[tuple[str, str, int]]:
    shorter = gtin14.lstrip("0")
    this_minute = clock.now() // clock.MINUTE * clock.MINUTE  # so that the answer is remembered for as long
    return [
        (row[0], row[1], row[2])
        for row in tx.rows(BARCODE, code=code, a=gtin14, b=shorter.zfill(13), c=shorter.zfill(12), now=this_minute)
    ]


def by_barcode(tx: Tx, code: str, gtin14: str) -> list[ItemReading]:
    return [
        ItemReading(label=found, item=found, unit=unit, quantity=quantity)
        for found, unit, quantity in dict.fromkeys(_barcode_rows(tx, code, gtin14))
    ]


def by_exact_number(tx: Tx, code: str) -> list[ItemReading]:
    """The item of a number just as it is written, which is none of GS1's: no zeros are put in front."""
    now = clock.now() // clock.MINUTE * clock.MINUTE
    rows = tx.rows(BARCODE, code=code, a=code, b=code, c=code, now=now)
    found = [ItemReading(label=row[0], item=row[0], unit=row[1], quantity=row[2]) for row in dict.fromkeys(rows)]
    return found or _own_number(tx, code)


def _items(tx: Tx, code: str) -> list[ItemReading]:
    return by_barcode(tx, code, code) or _own_number(tx, code)


def _own_number(tx: Tx, code: str) -> list[ItemReading]:
    own = tx.value(ITEM, code=code)
    return [] if own is None else [ItemReading(label=own, item=own)]


def locations(tx: Tx, code: str) -> list[Reading]:
    return [LocationReading(label=row[0], location=row[0], of=row[1]) for row in tx.rows(LOCATION, code=code)]


def _lpns(tx: Tx, code: str) -> list[Reading]:
    found = plate(tx, code)
    return [found] if not found.new or OWN_NUMBER.fullmatch(code) else []


def _documents(tx: Tx, code: str) -> list[Reading]:
    """A number is its own; a delivery and an RMA are also known by the tracking number on their labels."""
    found: list[Reading] = [
        DocumentReading(label=code, document=number, of=of)
        for statement, of in ((PO, "po"), (ASN, "asn"), (ORDER, "order"), (LOAD, "load"), (TRANSFER, "transfer"))
        if (number := tx.value(statement, code=code)) is not None
    ]
    return found + [DocumentReading(label=code, document=row[0], of="rma") for row in tx.rows(RMA, code=code)]


def _serials(tx: Tx, code: str) -> list[Reading]:
    """One reading, also where several items have a piece of this number: then the screen must know the item."""
    found = tx.rows(SERIAL, code=code)
    return [SerialReading(label=code, serial=code, item=found[0][0] if len(found) == 1 else "")] if found else []


def _lots(tx: Tx, code: str) -> list[Reading]:
    return [LotReading(label=row[0], lot=row[0], expiry=row[1]) for row in tx.rows(LOT, code=code)]


def _badges(tx: Tx, code: str) -> list[Reading]:
    return [WorkerReading(label=row[0], badge=row[0]) for row in tx.rows(BADGE, code=code)]


def _stations(tx: Tx, code: str) -> list[Reading]:
    return [StationReading(label=row[0], station=row[0], at=row[1]) for row in tx.rows(STATION, code=code)]


_LOOK_UP: dict[str, Callable[[Tx, str], list[Any]]] = {
    "location": locations,
    "lpn": _lpns,
    "item": _items,
    "document": _documents,
    "lot": _lots,
    "serial": _serials,
    "worker": _badges,
    "station": _stations,
}
