"""The codes of what waits in each job: deliveries, pallets for their bins, lots to inspect, counts, returns, goods on shelves.

Of what is counted blind the sheet names places and goods, never how many lie there.
"""

from datetime import timedelta

from sqlalchemy import bindparam, func, or_, select

from app import clock
from app.db import Tx
from app.desk.codes_of import Group, group
from app.schema.documents import po_line, purchase_order
from app.schema.inbound import asn, asn_line, asn_pallet
from app.schema.items import item, item_barcode, lot
from app.schema.places import location
from app.schema.returns import rma, rma_line
from app.schema.stock import balance, serial
from app.schema.storage import transfer
from app.schema.work import task
from app.stock.balances import Balance
from app.work import holds
from app.work.arrived import WAITING

MOST = 12  # codes of a group
MOST_GOODS = 48
SAMPLE_DAYS = 300

_OPEN_PO = or_(purchase_order.c.state == "open", purchase_order.c.state == "receiving")
_OPEN_ASN = or_(asn.c.state == "expected", asn.c.state == "receiving")
_PIECE = (item_barcode.c.item == item.c.code) & (item_barcode.c.unit == item.c.unit)
_BARCODE = func.coalesce(func.min(item_barcode.c.code), "")
AWAITED = (
    select(purchase_order.c.code, purchase_order.c.supplier)
    .where(_OPEN_PO)
    .order_by(purchase_order.c.due, purchase_order.c.code)
    .limit(MOST)
)
NOTICES = select(asn.c.code, asn.c.supplier).where(_OPEN_ASN).order_by(asn.c.due, asn.c.code).limit(MOST)
PALLETS = (
    select(asn_pallet.c.sscc, asn_pallet.c.asn)
    .join(asn, asn.c.code == asn_pallet.c.asn)
    .where(_OPEN_ASN, asn_pallet.c.state == "expected")
    .order_by(asn_pallet.c.asn, asn_pallet.c.sscc)
    .limit(MOST)
)
# (item, name, barcode, kept by lot, expires, document, lot, expiry)
ORDERED = (
    select(
        item.c.code, item.c.name, _BARCODE, item.c.lot_tracked, item.c.expiry_tracked, func.min(po_line.c.po),
        func.coalesce(func.min(asn_line.c.lot), ""), func.coalesce(func.min(asn_line.c.expiry), ""),
    )
    .select_from(
        po_line.join(purchase_order, purchase_order.c.code == po_line.c.po)
        .join(item, item.c.code == po_line.c.item)
        .outerjoin(item_barcode, _PIECE)
        .outerjoin(asn_line, (asn_line.c.po == po_line.c.po) & (asn_line.c.item == po_line.c.item))
    )
    .where(_OPEN_PO, po_line.c.quantity > po_line.c.received)
    .group_by(item.c.code, item.c.name, item.c.lot_tracked, item.c.expiry_tracked)
    .order_by(func.min(po_line.c.po), item.c.code)
    .limit(MOST_GOODS)
)  # fmt: skip
ON_SHELVES = (
    select(
        item.c.code, item.c.name, _BARCODE, item.c.lot_tracked, item.c.expiry_tracked, balance.c.location, balance.c.lot,
        func.coalesce(func.min(lot.c.expiry), ""),
    )
    .select_from(
        balance.join(item, item.c.code == balance.c.item)
        .join(location, location.c.code == balance.c.location)
        .outerjoin(item_barcode, _PIECE)
        .outerjoin(lot, (lot.c.item == balance.c.item) & (lot.c.lot == balance.c.lot))
    )
    .where(balance.c.quantity > 0, location.c.kind == "bin")
    .group_by(
        item.c.code, item.c.name, item.c.lot_tracked, item.c.expiry_tracked, balance.c.location, balance.c.lot,
        location.c.sequence,
    )
    .order_by(location.c.sequence, item.c.code)
    .limit(MOST_GOODS)
)  # fmt: skip
TO_PUT_AWAY = WAITING.where(balance.c.lpn != "", balance.c.status != "inspection").order_by(balance.c.lpn).limit(MOST)
TO_INSPECT = (
    select(balance.c.lpn, balance.c.lot, balance.c.item)
    .where(balance.c.status == "inspection", balance.c.quantity > 0)
    .order_by(balance.c.since)
    .limit(MOST)
)
OPEN_TASKS = (
    select(task.c.place, task.c.item, task.c.reason)
    .where(task.c.kind == bindparam("of_kind"), or_(task.c.state == "open", task.c.state == "started"))
    .order_by(task.c.priority, task.c.created)
    .limit(MOST)
)
TRANSFERS = (
    select(transfer.c.code, transfer.c.source, transfer.c.target)
    .where(transfer.c.state == "open")
    .order_by(transfer.c.due, transfer.c.code)
    .limit(MOST)
)
RMAS = (
    select(rma.c.code, rma.c.tracking, rma.c.order_code)
    .where(or_(rma.c.state == "open", rma.c.state == "receiving"))
    .order_by(rma.c.created, rma.c.code)
    .limit(MOST)
)
SENT_BACK = (
    select(rma_line.c.item, item.c.name, _BARCODE, rma_line.c.rma)
    .select_from(
        rma_line.join(rma, rma.c.code == rma_line.c.rma)
        .join(item, item.c.code == rma_line.c.item)
        .outerjoin(item_barcode, _PIECE)
    )
    .where(or_(rma.c.state == "open", rma.c.state == "receiving"), rma_line.c.quantity > rma_line.c.returned)
    .group_by(rma_line.c.item, item.c.name, rma_line.c.rma)
    .order_by(rma_line.c.rma, rma_line.c.item)
    .limit(MOST)
)
GONE = (
    select(serial.c.serial, serial.c.item)
    .where(serial.c.location == "~customer")
    .order_by(serial.c.item, serial.c.serial)
    .limit(MOST)
)


def waiting(tx: Tx, *, samples: bool) -> list[Group]:
    """A group for each job; the empty ones too."""
    return [
        group("POs", "scan one to receive", ((code, by) for code, by in tx.rows(AWAITED))),
        group("Notices (ASN)", "arrivals, or receive by notice", ((code, by) for code, by in tx.rows(NOTICES))),
        group("Announced pallets", "one scan takes it in", ((f"00{sscc}", of) for sscc, of in tx.rows(PALLETS))),
        group("Goods that come", "a piece, with its lot where it has one", _goods(tx, ORDERED, "PO", samples=samples)),
        group("To put away", "scan it, then its bin", ((row[2], f"{row[0]} at {row[1]}") for row in _arrived(tx))),
        group("To inspect", "scan it first and last", ((lpn or number, of) for lpn, number, of in tx.rows(TO_INSPECT))),
        group("To count", "scan the place, then every piece", _places(tx, "count")),
        group("To replenish", "the pick face", _places(tx, "replenish")),
        group("Transfers", "to send, or to receive", ((code, f"{a} to {b}") for code, a, b in tx.rows(TRANSFERS))),
        group("Returns", "the label on the parcel", _parcels(tx)),
        group("Goods sent back", "the piece in it", _sent_back(tx)),
        group(
            "Lots on hold", "", ((one.lot, f"{one.item}, {one.did}") for one in holds.everything_open(tx, most=MOST))
        ),
        group("Goods on shelves", "to count, move, correct, pick", _goods(tx, ON_SHELVES, "at")),
        group("Bins", "where they lie", ((f"LOC/{row[5]}", str(row[0])) for row in tx.rows(ON_SHELVES))),
    ]


def _goods(tx: Tx, statement: object, where: str, *, samples: bool = False) -> list[tuple[str, str]]:
    found = []
    for code, name, barcode, by_lot, expires, at, number, expiry in tx.rows(statement):  # type: ignore[arg-type]
        if by_lot and not number and samples:
            number = f"N{at[-4:]}"
            expiry = (clock.today() + timedelta(days=SAMPLE_DAYS)).isoformat() if expires else ""
        text = label(barcode, number, expiry) if barcode else f"ITM/{code}"
        words = f"{name or code}, {where} {at}"
        found.append((text, f"{words}, lot {number}" if number else words))
    return found


def label(barcode: str, number: str, expiry: str) -> str:
    """The element string on goods with a lot: GTIN, expiry, lot."""
    if not (number and barcode.isdigit()):
        return barcode
    return f"01{barcode:0>14}" + (f"17{expiry[2:].replace('-', '')}" if expiry else "") + f"10{number}"


def _arrived(tx: Tx) -> list[tuple[str, str, str]]:
    return [(row.item, row.location, row.lpn) for row in tx.all(TO_PUT_AWAY, Balance)]


def _places(tx: Tx, kind: str) -> list[tuple[str, str]]:
    return [(f"LOC/{place}", f"{of} {reason}".strip()) for place, of, reason in tx.rows(OPEN_TASKS, of_kind=kind)]


def _parcels(tx: Tx) -> list[tuple[str, str]]:
    rows = tx.rows(RMAS)
    return [(code, f"order {order}") for code, _, order in rows] + [(label, code) for code, label, _ in rows if label]


def _sent_back(tx: Tx) -> list[tuple[str, str]]:
    pieces = [(barcode or f"ITM/{code}", f"{name}, {of}") for code, name, barcode, of in tx.rows(SENT_BACK)]
    return pieces + [(number, f"serial of {code}") for number, code in tx.rows(GONE)]
