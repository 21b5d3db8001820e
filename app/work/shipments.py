"""Loads: which cartons stand on which truck, which should and do not, and what the truck took when it left.

A load is one departure of one truck or dock. Cartons on it are simply those loaded at its place; when it is closed they
are the customer's, and the load's number on each carton is the manifest. A carton left behind stays in its lane with a
reason, and its order stays open for the next truck.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, bindparam, cast, func, insert, or_, select, update

from app import clock
from app.db import Tx
from app.errors import State, Wrong
from app.schema.documents import order_line, sales_order
from app.schema.places import location
from app.schema.work import carton, load
from app.stock import balances
from app.stock.events import Backordered, Shipped
from app.stock.events.outbound import Backorder
from app.stock.slots import CUSTOMER, Movement
from app.work import packing, parcels
from app.work.parcels import Carton

REASONS = {"no_room": "No room", "not_found": "Not found", "damaged": "Damaged", "next_truck": "Next truck"}


class Load(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    truck: str
    carrier: str
    state: str
    seal: str
    opened: int
    closed: int
    worker: str


class Manifested(msgspec.Struct, frozen=True, kw_only=True):
    """One carton of a load that left."""

    lpn: str
    order_code: str
    customer: str
    carrier: str
    service: str
    weight_g: int
    tracking: str = ""


class NotATruck(Wrong):
    code, title = "not_a_truck", "Not a truck"
    says = "{scanned} is a {kind}, not a truck or dock."
    todo = "Scan the label at the dock."


class TruckBlocked(State):
    code, title = "truck_blocked", "Truck is blocked"
    says = "{scanned} is blocked: {reason}."
    todo = "Scan another one."


class LoadClosed(State):
    code, title = "load_closed", "Load is closed"
    says = "Load {load} is closed; the truck has left."
    todo = "Scan the truck again to begin another load."


class NothingLoaded(State):
    code, title = "nothing_loaded", "Nothing loaded"
    says = "Nothing is on {truck} yet."
    todo = "Scan a carton."


class ShipComplete(State):
    code, title = "ship_complete", "Not complete"
    says = "Order {order} must ship complete; {missing} of its units are not on the truck."
    todo = "Load them, or unload its cartons."


_LOAD = select(load)
FIND = _LOAD.where(load.c.code == bindparam("which"))
OPEN_AT = _LOAD.where(load.c.truck == bindparam("of_truck"), load.c.state == "open").limit(1)
COUNT_OF = select(func.count()).where(load.c.truck == bindparam("of_truck"))
OPEN = insert(load).values(**{name: bindparam(name) for name in ("code", "truck", "carrier", "opened", "worker")})
CLOSE = (
    update(load)
    .where(load.c.code == bindparam("which"), load.c.state == "open")
    .values(state="shipped", seal=bindparam("new_seal"), closed=bindparam("now"), worker=bindparam("by"))
)
PLACE = select(location.c.kind, location.c.carrier, location.c.blocked).where(location.c.code == bindparam("code"))
ON_TRUCK = parcels.CARTON.where(carton.c.truck == bindparam("of_truck"), carton.c.state == "loaded")
ALIVE = or_(*(sales_order.c.state == state for state in packing.WORKABLE))
STAGED = parcels.CARTON.join(sales_order, sales_order.c.code == carton.c.order_code).where(
    carton.c.state == "staged", carton.c.carrier == bindparam("of_carrier"), ALIVE
)
MANIFEST = (
    select(
        carton.c.lpn, carton.c.order_code, sales_order.c.name.label("customer"),
        carton.c.carrier, carton.c.service, carton.c.weight_g, carton.c.tracking,
    )
    .join(sales_order, sales_order.c.code == carton.c.order_code)
    .where(carton.c.load_code == bindparam("which"))
    .order_by(carton.c.order_code, carton.c.lpn)
)  # fmt: skip
ABOARD = (
    select(
        carton.c.lpn, carton.c.order_code, sales_order.c.name.label("customer"),
        carton.c.carrier, carton.c.service, carton.c.weight_g, carton.c.tracking,
    )
    .join(sales_order, sales_order.c.code == carton.c.order_code)
    .where(carton.c.truck == bindparam("of_truck"), carton.c.state == "loaded")
    .order_by(carton.c.order_code, carton.c.lpn)
)  # fmt: skip
OPEN_UNITS = select(
    cast(
        func.sum(order_line.c.quantity - order_line.c.short - order_line.c.cancelled - order_line.c.shipped), BigInteger
    )
).where(order_line.c.order_code == bindparam("code"))

GONE_WITHOUT = (
    select(order_line.c.id, order_line.c.item, order_line.c.short)
    .where(order_line.c.order_code == bindparam("code"), order_line.c.short > 0)
    .order_by(order_line.c.id)
)


# ── loads ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def find(tx: Tx, code: str) -> Load | None:
    return tx.one(FIND, Load, which=code)


def opened(tx: Tx, code: str) -> Load:
    """A load that still takes cartons. Raises LoadClosed."""
    found = find(tx, code)
    if found is None or found.state != "open":
        raise LoadClosed(load=code)
    return found


def at(tx: Tx, place: str, worker: str) -> Load:
    """The open load of a truck or dock, begun where there is none. Raises NotATruck, TruckBlocked."""
    kind, carrier, blocked = tx.row(PLACE, code=place) or ("virtual place", "", "")
    if kind not in ("truck", "dock"):
        raise NotATruck(scanned=place, kind=kind)
    if blocked:
        raise TruckBlocked(scanned=place, reason=blocked)
    standing = tx.one(OPEN_AT, Load, of_truck=place)
    if standing is not None:
        return standing
    number = int(tx.value(COUNT_OF, of_truck=place)) + 1
    code = f"LOAD-{place}-{number:03d}"
    tx.run(OPEN, code=code, truck=place, carrier=carrier, opened=clock.now(), worker=worker)
    tx.tell("loads")
    return opened(tx, code)


def close(tx: Tx, found: Load, seal: str, worker: str) -> None:
    tx.run(CLOSE, which=found.code, new_seal=seal, now=clock.now(), by=worker)
    tx.tell("loads")


def on_truck(tx: Tx, found: Load) -> list[Carton]:
    return tx.all(ON_TRUCK, Carton, of_truck=found.truck)


def carrier_of(tx: Tx, found: Load) -> str:
    """The truck's carrier; where the dock names none, that of the first carton on it."""
    return found.carrier or next((one.carrier for one in on_truck(tx, found) if one.carrier), "")


def missing(tx: Tx, found: Load) -> list[Carton]:
    """Staged for this truck's carrier, and not on it."""
    return tx.all(STAGED, Carton, of_carrier=carrier_of(tx, found))


def manifest(tx: Tx, code: str) -> list[Manifested]:
    """What a load took with it."""
    return tx.all(MANIFEST, Manifested, which=code)


def aboard(tx: Tx, found: Load) -> list[Manifested]:
    """What is on the truck of an open load now."""
    return tx.all(ABOARD, Manifested, of_truck=found.truck)


def shipment(tx: Tx, of: Load, order: str, cartons: Sequence[Carton], seal: str) -> Shipped:
    """The goods issue of one order. Raises OrderOff, ShipComplete."""
    head = packing.workable(tx, order)
    contents: list[Movement] = []
    for one in cartons:
        contents += balances.moves_of_lpn(tx, one.lpn, CUSTOMER)[0]
    left = int(tx.value(OPEN_UNITS, code=order) or 0) - sum(move.quantity for move in contents if move.line)
    if left and head.ship_complete:
        raise ShipComplete(order=order, missing=left)
    return Shipped(
        order=order,
        load=of.code,
        cartons=tuple(one.lpn for one in cartons),
        contents=tuple(contents),
        carrier=head.carrier or of.carrier,
        seal=seal,
        complete=left <= 0,
        tracking=tuple(one.tracking for one in cartons) if any(one.tracking for one in cartons) else (),
    )


def backordered(tx: Tx, of: Load, shipped: Shipped) -> Backordered | None:
    """What the order left without for good; None while more of it is to come, or where it left whole."""
    rows = tx.rows(GONE_WITHOUT, code=shipped.order) if shipped.complete else []
    lines = tuple(Backorder(line=line, item=item, quantity=short) for line, item, short in rows)
    return Backordered(order=shipped.order, load=of.code, lines=lines) if lines else None
