"""Locations with their geometry, capacity and rules, as the ERP or an import describes them.

Blocks count from 0 at the front, aisles from 0 at the left, and a position is measured along the aisle from the front
of its block: from these the walks are planned. A location that holds goods can be blocked, but never turned into
something else under them. A place is of a site this house has: goods booked into one nobody set up here would count as
ours, and be sent to by transfers that nobody could receive.
"""

from typing import Literal

from sqlalchemy import bindparam, func, select

from app.db import Tx
from app.errors import Unknown
from app.schema.places import location, site
from app.schema.stock import balance
from app.stock.ledger import By
from app.work import replenishing, transfers
from app.work.master_terms import (
    KNOWN_ITEM,
    Amount,
    Counted,
    Far,
    Message,
    OptionalCode,
    Outcome,
    Text,
    UpTo,
    applied,
    dead,
    missing_item,
    put,
    row_of,
)

PUT_LOCATION = put(location)
BLOCKED = location.c.keys().index("blocked")
LOCATION = select(location).where(location.c.code == bindparam("key"))
LYING_THERE = select(func.sum(balance.c.quantity)).where(balance.c.location == bindparam("key"))
OUR_SITE = select(site.c.code).order_by(site.c.code).limit(1)

Kind = Literal["bin", "reserve", "staging", "lane", "dock", "truck", "cart", "station"]


class LocationUpsert(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="location.upsert"):
    """A place where goods can stand. Zero capacity is unlimited."""

    site: OptionalCode = ""  # empty: ours
    zone: OptionalCode = ""
    kind: Kind = "bin"
    barcode: OptionalCode = ""
    check_digits: OptionalCode = ""
    sequence: Amount = 0
    block: Counted = 0
    aisle: Counted = 0
    side: Literal["", "left", "right"] = ""
    position_mm: Far = 0
    level: Counted = 0
    capacity_quantity: Amount = 0
    capacity_volume_ml: Amount = 0
    capacity_weight_g: Amount = 0
    capacity_lpns: Amount = 0
    mix: Literal["any", "one_item", "one_lot", "one_owner"] = "any"
    hazards: OptionalCode = ""  # classes it may hold, space-separated
    temperature: Literal["", "ambient", "chilled", "frozen"] = ""
    fixed_item: OptionalCode = ""
    min_quantity: UpTo = 0  # with `fixed_item`: filled up again when less than this lies free in it,
    max_quantity: UpTo = 0  # up to this; 0: it is not kept filled
    blocked: Text | None = None  # left out: as the floor has it
    carrier: OptionalCode = ""


class NoSuchSite(Unknown):
    code, title = "no_such_site", "No such site"
    says = "Location {location} names site {scanned}; this house has {sites}."
    todo = "Import site.csv with it first, or leave the site out: then it is ours."


def apply_location(tx: Tx, message: LocationUpsert, by: By) -> Outcome:
    """A location's row keeps no version; the inbox compares versions by the messages it has applied. Raises NoSuchSite."""
    name = f"Location {message.code}"
    if message.code[0] in "~@":
        return dead(f"{name}: codes that begin with ~ or @ are Pickface's own.")
    if message.fixed_item and tx.value(KNOWN_ITEM, key=message.fixed_item) is None:
        return missing_item(message.fixed_item, name)
    if message.max_quantity and not message.fixed_item:
        return dead(f"{name}: a minimum and maximum belong to a fixed item, and it has none.")
    if message.max_quantity < message.min_quantity:
        return dead(f"{name}: its maximum {message.max_quantity} is less than its minimum {message.min_quantity}.")
    known = tx.row(LOCATION, key=message.code)
    kept = "" if known is None else known[BLOCKED]
    blocked = kept if message.blocked is None else message.blocked
    home = str(tx.value(OUR_SITE) or "")
    if message.site and not transfers.is_ours(tx, message.site) and (home or transfers.own_sites(tx)):
        sites = " and ".join(sorted({home, *transfers.own_sites(tx)} - {""}))
        raise NoSuchSite(location=message.code, scanned=message.site, sites=sites)
    site = message.site or home
    row = row_of(message, "version", "min_quantity", "max_quantity", site=site, blocked=blocked)
    if known is not None and known[3] != message.kind and tx.value(LYING_THERE, key=message.code):
        return dead(f"{name} is a {known[3]} and holds goods: empty it before it becomes a {message.kind}.")
    least, most = message.min_quantity, message.max_quantity
    filled = replenishing.settle_face(tx, message.code, message.fixed_item, least, most)
    if known is not None and not filled and tuple(known) == tuple(row[column.name] for column in location.c):
        return Outcome(state="same", sentence=f"{name} is already so.")
    tx.run(PUT_LOCATION, **row)
    return applied(f"{name} is known.", is_new=known is None)
