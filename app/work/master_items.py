"""Items, their packs and their barcodes, as the ERP sends them.

One scan of a case barcode stands for as many base units as the case holds, so a barcode always knows its quantity. One
code may belong to two items (it happens): the floor then asks for something more precise, nothing is guessed here. The
base unit of an item in stock cannot change, for every balance is counted in it.
"""

from datetime import UTC, date, datetime
from typing import Literal

import msgspec
from sqlalchemy import bindparam, delete, func, select

from app import clock
from app.db import Tx
from app.schema.items import item, item_barcode, pack
from app.schema.stock import balance
from app.stock.ledger import By
from app.work.master_terms import (
    MOST_MM3,
    Code,
    Cost,
    Dated,
    Day,
    Days,
    Grams,
    Message,
    Millimetres,
    OptionalCode,
    Outcome,
    Percent,
    Quantity,
    Text,
    UpTo,
    applied,
    dead,
    judge,
    missing_item,
    put,
    row_of,
    twice,
)

MOST_PACKS = 20
MOST_BARCODES = 200
MEASURES = ("weight_g", "length_mm", "width_mm", "height_mm")
_COLUMNS = tuple(column.name for column in item.c)

PUT_ITEM, PUT_PACK, PUT_BARCODE = put(item), put(pack), put(item_barcode)
ITEM = select(item).where(item.c.code == bindparam("key"))
ITEM_UNIT = select(item.c.unit).where(item.c.code == bindparam("key"))
PACKS = select(pack.c.unit, pack.c.quantity).where(pack.c.item == bindparam("key")).order_by(pack.c.unit)
BARCODES = select(item_barcode).where(item_barcode.c.item == bindparam("key")).order_by(item_barcode.c.code)
BARCODE = select(item_barcode).where(
    item_barcode.c.code == bindparam("barcode"), item_barcode.c.item == bindparam("key")
)
DROP_PACKS = delete(pack).where(pack.c.item == bindparam("key"))
DROP_BARCODES = delete(item_barcode).where(item_barcode.c.item == bindparam("key"))
IN_STOCK = select(func.sum(balance.c.quantity)).where(balance.c.item == bindparam("key"))


class Pack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit larger than the base unit, as whole base units."""

    unit: Code
    quantity: Quantity


class Barcode(Dated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code printed on the goods. Without a quantity it stands for its unit; without a unit, for the base unit."""

    code: Code
    unit: OptionalCode = ""
    quantity: UpTo = 0
    supplier: OptionalCode = ""
    valid_from: Day | None = None
    valid_to: Day | None = None


class ItemUpsert(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="item.upsert"):
    """An item. Packs and barcodes, where given, replace those we had; left out, those stay."""

    owner: OptionalCode = ""
    name: Text = ""
    category: Text = ""
    unit: Code = "each"
    lot_tracked: bool = False
    serial_tracked: bool = False
    expiry_tracked: bool = False  # an expiry belongs to a lot: such an item is lot-tracked as well
    min_shelf_days: Days = 0
    weight_g: Grams = 0
    length_mm: Millimetres = 0
    width_mm: Millimetres = 0
    height_mm: Millimetres = 0
    standard_cost: Cost = 0
    velocity: Literal["A", "B", "C"] = "C"
    zone: OptionalCode = ""
    hazard_class: OptionalCode = ""
    temperature: Literal["", "ambient", "chilled", "frozen"] = ""
    over_receipt_percent: Percent = 0
    over_receipt_quantity: UpTo = 0
    active: bool = True
    catch_weight: bool = False  # weighed at receipt, and the grams stay with the goods
    min_weight_g: Grams = 0  # of one base unit; 0: no bound
    max_weight_g: Grams = 0
    packs: tuple[Pack, ...] | None = None
    barcodes: tuple[Barcode, ...] | None = None


class BarcodeUpsert(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="barcode.upsert"):
    """One more barcode of an item, such as a supplier's own. It has no version: the last one stands."""

    item: Code
    unit: OptionalCode = ""
    quantity: UpTo = 0
    supplier: OptionalCode = ""
    valid_from: Day | None = None
    valid_to: Day | None = None


def apply_item(tx: Tx, message: ItemUpsert, by: By) -> Outcome:
    name = f"Item {message.code}"
    wrong = _impossible(message)
    if wrong:
        return dead(f"{name}: {wrong}")
    row = row_of(
        message, "packs", "barcodes", lot_tracked=int(message.lot_tracked or message.expiry_tracked), measured=0
    )
    found = tx.row(ITEM, key=message.code)
    known = None if found is None else dict(zip(_COLUMNS, found, strict=True))
    stored = None if known is None else int(known["version"])
    if known is not None and known["measured"] and not any(row[name] for name in MEASURES):
        row |= {name: known[name] for name in ("measured", *MEASURES)}  # what was measured here stays
    packs = _packs(tx, message)
    barcodes = None if message.barcodes is None else [_row(message.code, code, packs) for code in message.barcodes]
    alike = (
        known is not None
        and all(known[name] == row[name] for name in _COLUMNS if name != "version")
        and packs == {message.unit: 1, **dict(tx.rows(PACKS, key=message.code))}
        and (barcodes is None or _same_barcodes(tx, message.code, barcodes))
    )
    settled = judge(message, name, stored, alike=alike)
    if settled is not None:
        return settled
    if known is not None and known["unit"] != message.unit and tx.value(IN_STOCK, key=message.code):
        return dead(f"{name} is in stock and counted in {known['unit']}: its base unit cannot become {message.unit}.")
    if known is not None and known["owner"] != message.owner and tx.value(IN_STOCK, key=message.code):
        whose = known["owner"] or "the house"
        return dead(f"{name} is in stock for {whose}: it cannot change hands to {message.owner or 'the house'}.")

    tx.run(PUT_ITEM, **{**row, "version": message.version or stored or 0})
    if message.packs is not None:
        tx.run(DROP_PACKS, key=message.code)
        tx.many(PUT_PACK, [{"item": message.code, "unit": p.unit, "quantity": p.quantity} for p in message.packs])
    if barcodes is not None:
        tx.run(DROP_BARCODES, key=message.code)
        tx.many(PUT_BARCODE, barcodes)
    return applied(f"{name} is known.", is_new=known is None)


def _impossible(message: ItemUpsert) -> str:
    packs, barcodes = message.packs or (), message.barcodes or ()
    if len(packs) > MOST_PACKS or len(barcodes) > MOST_BARCODES:
        return f"an item has at most {MOST_PACKS} packs and {MOST_BARCODES} barcodes."
    if message.max_weight_g and message.min_weight_g > message.max_weight_g:
        return "its least weight is above its greatest."
    if message.length_mm * message.width_mm * message.height_mm > MOST_MM3:
        return f"it would fill more than {MOST_MM3 // 1_000_000_000} m³."
    again = twice([p.unit for p in packs]) or twice([b.code for b in barcodes])
    if again:
        return f"{again} comes twice."
    if message.packs is not None:
        units = {message.unit, *(p.unit for p in packs)}
        lost = next((b for b in barcodes if b.unit and not b.quantity and b.unit not in units), None)
        if lost is not None:
            return f"barcode {lost.code} is of unit {lost.unit}, but no pack says how many that is."
    wrong = next((p for p in packs if p.unit == message.unit and p.quantity != 1), None)
    return f"{wrong.unit} is the base unit and cannot hold {wrong.quantity}." if wrong else ""


def _packs(tx: Tx, message: ItemUpsert) -> dict[str, int]:
    """How many base units each unit holds, as it will be after the message."""
    if message.packs is None:
        return {message.unit: 1, **dict(tx.rows(PACKS, key=message.code))}
    return {message.unit: 1, **{p.unit: p.quantity for p in message.packs}}


def _row(owner: str, code: Barcode, packs: dict[str, int]) -> dict[str, object]:
    base = next(iter(packs))
    unit = code.unit or base
    return {
        "code": code.code,
        "item": owner,
        "unit": unit,
        "quantity": code.quantity or packs.get(unit, 1),
        "supplier": code.supplier,
        "valid_from": _moment(code.valid_from),
        "valid_to": 0 if code.valid_to is None else _moment(code.valid_to) + clock.DAY - 1,
    }


def _moment(day: date | None) -> int:
    return 0 if day is None else int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * clock.SECOND


def _same_barcodes(tx: Tx, code: str, rows: list[dict[str, object]]) -> bool:
    names = [column.name for column in item_barcode.c]
    return sorted(tx.rows(BARCODES, key=code)) == sorted(tuple(row[name] for name in names) for row in rows)


def apply_barcode(tx: Tx, message: BarcodeUpsert, by: By) -> Outcome:
    unit = tx.value(ITEM_UNIT, key=message.item)
    name = f"Barcode {message.code} of {message.item}"
    if unit is None:
        return missing_item(message.item, f"Barcode {message.code}")
    packs = {unit: 1, **dict(tx.rows(PACKS, key=message.item))}
    if message.unit and not message.quantity and message.unit not in packs:
        return dead(f"{name} is of unit {message.unit}, but no pack says how many that is.")
    given = {field: getattr(message, field) for field in Barcode.__struct_fields__}
    row = _row(message.item, Barcode(**given), packs)
    known = tx.row(BARCODE, barcode=message.code, key=message.item)
    if known is not None and tuple(known) == tuple(row[column.name] for column in item_barcode.c):
        return Outcome(state="same", sentence=f"{name} is already so.")
    tx.run(PUT_BARCODE, **row)
    return applied(f"{name} stands for {row['quantity']}.", is_new=known is None)
