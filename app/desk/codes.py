"""A sheet of codes to print, or to scan off the glass: commands, places, and what waits at the dock.

Whoever sets up a house, trains somebody or tries the product needs codes before every shelf has its label. Numbers for
new totes and LPNs are made from the clock, so a sheet printed tomorrow has others.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, or_, select

from app import clock
from app.db import Tx
from app.schema.documents import po_line, purchase_order
from app.schema.items import item, item_barcode
from app.schema.places import location, station

MOST = 12  # codes of a group
NEW = 6  # numbers of a kind
COMMANDS = (
    ("CMD/CONFIRM", "the big button"), ("CMD/UNDO", "take my last step back"), ("CMD/BACK", "back"),
    ("CMD/MENU", "menu"), ("CMD/LOOK-UP", "look up, and come back"), ("CMD/SHORT", "fewer are there"),
    ("CMD/SKIP", "later"), ("CMD/FULL", "tote or carton is full"), ("CMD/NEW-LPN", "new LPN"),
    ("CMD/CLOSE", "close"), ("CMD/LOG-OUT", "sign out"),
)  # fmt: skip
PLACES = (
    ("staging", "Docks and staging", "where goods arrive and stand"), ("cart", "Carts", "to begin a walk"),
    ("lane", "Lanes", "where cartons wait for their truck"), ("truck", "Trucks", "where they are loaded"),
)  # fmt: skip

OF_KIND = (
    select(location.c.code, location.c.barcode, location.c.carrier)
    .where(location.c.kind == bindparam("of_kind"))
    .order_by(location.c.code)
    .limit(MOST)
)
STATIONS = select(station.c.code, station.c.name).order_by(station.c.code).limit(MOST)
AWAITED = (
    select(purchase_order.c.code, purchase_order.c.supplier)
    .where(or_(purchase_order.c.state == "open", purchase_order.c.state == "receiving"))
    .order_by(purchase_order.c.due, purchase_order.c.code)
    .limit(MOST)
)
GOODS = (
    select(po_line.c.item, item.c.name, func.min(item_barcode.c.code), func.min(po_line.c.po))
    .select_from(
        po_line.join(purchase_order, purchase_order.c.code == po_line.c.po)
        .join(item, item.c.code == po_line.c.item)
        .outerjoin(item_barcode, (item_barcode.c.item == po_line.c.item) & (item_barcode.c.unit == item.c.unit))
    )
    .where(
        or_(purchase_order.c.state == "open", purchase_order.c.state == "receiving"),
        po_line.c.quantity > po_line.c.received,
    )
    .group_by(po_line.c.item, item.c.name)
    .order_by(func.min(po_line.c.po), po_line.c.item)
    .limit(MOST)
)


class Code(msgspec.Struct, frozen=True, kw_only=True):
    text: str  # what the bars say
    words: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    hint: str
    codes: tuple[Code, ...]


def sheet(tx: Tx) -> tuple[Group, ...]:
    """Every group that has any code. One snapshot."""
    groups = [
        Group(title="Commands", hint="they do what the keys do", codes=_codes(COMMANDS)),
        Group(title="POs", hint="scan one to receive", codes=_codes(tx.rows(AWAITED))),
        Group(
            title="Goods on them",
            hint="the barcode of a piece",
            codes=tuple(
                Code(text=code or f"ITM/{key}", words=f"{name or key}, PO {po}") for key, name, code, po in tx.rows(GOODS)
            ),
        ),
        Group(title="New LPNs", hint="a pallet nobody has used", codes=_new("LPN")),
        Group(title="New totes", hint="one for each order of a cart", codes=_new("T")),
        Group(
            title="Stations",
            hint="stand there: printers and scale are yours",
            codes=tuple(Code(text=f"STN/{code}", words=name or code) for code, name in tx.rows(STATIONS)),
        ),
    ]  # fmt: skip
    for kind, title, hint in PLACES:
        found = tx.rows(OF_KIND, of_kind=kind)
        codes = tuple(
            Code(text=barcode or f"LOC/{code}", words=f"{code} {carrier}".strip()) for code, barcode, carrier in found
        )
        groups.append(Group(title=title, hint=hint, codes=codes))
    return tuple(group for group in groups if group.codes)


def _codes(pairs: Iterable[Sequence[Any]]) -> tuple[Code, ...]:
    return tuple(Code(text=text, words=words) for text, words in pairs)


def _new(prefix: str) -> tuple[Code, ...]:
    first = clock.now() // clock.SECOND % 10**8
    return tuple(Code(text=f"{prefix}-{first + n:08d}") for n in range(NEW))
