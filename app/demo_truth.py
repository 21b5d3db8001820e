"""What physically exists in the demo's warehouse, written down for the crew when the demo starts.

The house's own database is read once, at that moment, as if somebody walked round with a clipboard: what lies in the
bins, what the trucks will bring, which papers wait. From then on the crew knows things by its own hands only. Lots and
serials of goods still on the trucks are made up here, as the supplier would.
"""

from pathlib import Path

import msgspec
from sqlalchemy import bindparam, exists, or_, select

from app import clock, demo_house, demo_telling
from app.crew.truth import (
    Badge,
    CartonType,
    Delivery,
    Item,
    Lying,
    Order,
    OrderLine,
    Pallet,
    Places,
    Truth,
)
from app.db import Database, Tx
from app.desk.codes_waiting import label
from app.schema.documents import order_line, po_line, purchase_order, sales_order
from app.schema.inbound import asn_line
from app.schema.items import item, item_barcode, lot
from app.schema.places import location, station
from app.schema.quality import inspection_rule
from app.schema.stock import balance, serial
from app.schema.work import carton_type

ITEMS = select(
    item.c.code, item.c.name, item.c.lot_tracked, item.c.expiry_tracked, item.c.serial_tracked, item.c.weight_g,
    item.c.length_mm, item.c.width_mm, item.c.height_mm,
).order_by(item.c.code)  # fmt: skip
BARCODES = select(item_barcode.c.item, item_barcode.c.unit, item_barcode.c.code, item_barcode.c.quantity).where(
    item_barcode.c.supplier == ""
)
STOCK = (
    select(balance.c.location, balance.c.item, balance.c.lot, balance.c.quantity, lot.c.expiry)
    .select_from(
        balance.join(location, location.c.code == balance.c.location).outerjoin(
            lot, (lot.c.item == balance.c.item) & (lot.c.lot == balance.c.lot)
        )
    )
    .where(balance.c.quantity > 0, or_(location.c.kind == "bin", location.c.kind == "reserve"))
    .order_by(balance.c.location, balance.c.item, balance.c.lot)
)
SERIALS = select(serial.c.serial).where(
    serial.c.location == bindparam("location"), serial.c.item == bindparam("item"), serial.c.lot == bindparam("lot")
)
AWAITED = (
    select(po_line.c.po, po_line.c.line, po_line.c.item, po_line.c.quantity - po_line.c.received)
    .join(purchase_order, purchase_order.c.code == po_line.c.po)
    .where(
        or_(purchase_order.c.state == "open", purchase_order.c.state == "receiving"),
        po_line.c.quantity > po_line.c.received,
        ~exists(select(asn_line.c.po).where(asn_line.c.po == po_line.c.po)),  # what is announced is for who tries it
        ~exists(select(inspection_rule.c.item).where(inspection_rule.c.item == po_line.c.item)),
    )
    .order_by(po_line.c.po, po_line.c.line)
)
ORDERED = (
    select(
        order_line.c.order_code, order_line.c.line, order_line.c.item, order_line.c.quantity, sales_order.c.carrier,
        sales_order.c.cutoff,
    )
    .join(sales_order, sales_order.c.code == order_line.c.order_code)
    .where(or_(sales_order.c.state == "pool", sales_order.c.state == "waved"))
    .order_by(order_line.c.id)
)  # fmt: skip
# A staging place with a zone is for one job only: returns, or what waits for a reach truck.
PLACES = select(location.c.code, location.c.carrier).where(
    location.c.kind == bindparam("of_kind"), or_(location.c.kind != "staging", location.c.zone == "")
)
TABLES = (  # where orders are packed; nobody of the crew puts boxes on a scale
    select(station.c.code)
    .join(location, location.c.code == station.c.location)
    .where(station.c.scale == "", location.c.kind == "station")
    .order_by(station.c.code)
)
CARTONS = select(carton_type)


def write(db: Database, path: Path) -> None:
    with db.reading() as tx:
        path.write_bytes(msgspec.json.encode(truth(tx)))


def truth(tx: Tx) -> Truth:
    items = _items(tx)
    places = {kind: tx.rows(PLACES, of_kind=kind) for kind in ("staging", "cart", "lane", "truck")}
    return Truth(
        items={code: thing for code, (thing, _) in items.items()},
        orders=_orders(tx),
        places=Places(
            staging=tuple(sorted(row[0] for row in places["staging"])),
            stations=tuple(row[0] for row in tx.rows(TABLES)),
            carts=tuple(sorted(row[0] for row in places["cart"])),
            lanes={row[1]: row[0] for row in places["lane"]},
            trucks={row[1]: row[0] for row in places["truck"]},
        ),
        workers=tuple(
            Badge(badge=badge, pin=demo_telling.PIN, roles=tuple(roles.split()))
            for _, badge, _, roles in demo_house.CREW
        ),
        deliveries=_deliveries(tx, items),
        stock=tuple(
            Lying(
                location=place, item=code, quantity=quantity, lot=number,
                serials=tuple(row[0] for row in tx.rows(SERIALS, location=place, item=code, lot=number)),
                gs1=_label(items[code][0], number, expiry or ""),
            )
            for place, code, number, quantity, expiry in tx.rows(STOCK)
        ),
        cartons={
            row[0]: CartonType(size_mm=(row[2], row[3], row[4]), weight_g=row[5], max_weight_g=row[6])
            for row in tx.rows(CARTONS)
        },
        about="the demo's warehouse",
    )  # fmt: skip


def _items(tx: Tx) -> dict[str, tuple[Item, bool]]:
    """Each item, and whether its goods come with a lot and a date."""
    units: dict[str, dict[str, tuple[str, int]]] = {}
    for code, unit, barcode, quantity in tx.rows(BARCODES):
        units.setdefault(code, {})[unit] = (barcode, quantity)
    found: dict[str, tuple[Item, bool]] = {}
    for code, name, by_lot, by_date, by_serial, weight, length, width, height in tx.rows(ITEMS):
        case_barcode, case = units.get(code, {}).get("case", ("", 0))
        thing = Item(
            name=name, lot_tracked=bool(by_lot), serial_tracked=bool(by_serial),
            barcode=units.get(code, {}).get("each", (code, 1))[0], case=case, case_barcode=case_barcode,
            weight_g=weight, size_mm=(length, width, height),
        )  # fmt: skip
        found[code] = (thing, bool(by_lot or by_date))
    return found


def _label(thing: Item, number: str, expiry: str) -> str:
    """The element string on goods with a lot; the empty text where the barcode says it all."""
    return label(thing.barcode, number, expiry) if number else ""


def _deliveries(tx: Tx, items: dict[str, tuple[Item, bool]]) -> tuple[Delivery, ...]:
    expiry = (clock.today() + demo_telling.LASTS).isoformat()
    told = []
    for po, line, code, quantity in tx.rows(AWAITED):
        thing, dated = items[code]
        number = f"N{po[-4:]}{line}" if dated else ""
        serials = tuple(f"{po[-5:]}X{line}-{n}" for n in range(1, quantity + 1)) if thing.serial_tracked else ()
        pallet = Pallet(quantity=quantity, lot=number, serials=serials, gs1=_label(thing, number, expiry))
        told.append(Delivery(po=po, line=line, item=code, ordered=quantity, pallets=(pallet,)))
    return tuple(told)


def _orders(tx: Tx) -> dict[str, Order]:
    lines: dict[str, list[OrderLine]] = {}
    heads: dict[str, tuple[str, int]] = {}
    for order, line, code, quantity, carrier, cutoff in tx.rows(ORDERED):
        lines.setdefault(order, []).append(OrderLine(line=line, item=code, quantity=quantity))
        heads[order] = (carrier, cutoff)
    return {
        order: Order(
            carrier=carrier, cutoff=clock.as_datetime(cutoff).isoformat() if cutoff else "", lines=tuple(lines[order])
        )
        for order, (carrier, cutoff) in heads.items()
    }
