"""Where a carton stands on its way out, and whether it may take the next step: to its lane, onto a truck, off again.

A carton goes one way: labelled, staged, loaded, gone. What is scanned out of turn is told where it is instead of being
moved; a second scan of a loaded carton is no wish to unload it.
"""

from sqlalchemy import func, or_, select

from app.db import Tx
from app.errors import State, Wrong
from app.schema.documents import sales_order
from app.schema.work import carton
from app.work import packing, parcels, shipments, stopped
from app.work.parcels import Carton
from app.work.shipments import Load

MOST_CARTONS = 500  # of one load: its closing is one turn


class NotACarton(Wrong):
    code, title = "not_a_carton", "Not a carton"
    says = "{scanned} is no shipping carton."
    todo = "Scan the label of a carton."


class NotLabelled(State):
    code, title = "not_labelled", "No label yet"
    says = "Carton {scanned} is {state}: its label was not scanned back."
    todo = "Take it back to the packing table."


class CartonVoid(State):
    code, title = "carton_void", "Carton is void"
    says = "Carton {scanned} is void: order {order} is {state}{why}."
    todo = "Put it aside: its goods go back to the shelf."


class NotStaged(State):
    code, title = "not_staged", "Not staged"
    says = "Carton {scanned} was not staged yet."
    todo = "Scan it at its lane first."


class AlreadyStaged(State):
    code, title = "already_staged", "Already staged"
    says = "Carton {scanned} is already staged in {lane}."
    todo = "To load it, scan the truck first."


class AlreadyLoaded(State):
    code, title = "already_loaded", "Already loaded"
    says = "Carton {scanned} is already loaded on {truck}."
    todo = "To take it off, tap Unload first."


class AlreadyGone(State):
    code, title = "already_shipped", "Shipped already"
    says = "Carton {scanned} left with load {load}."
    todo = "Tell a supervisor: it should not be here."


class WrongTruck(Wrong):
    code, title = "wrong_truck", "Wrong truck"
    says = "Carton {carton} goes with {expected}, this truck is {scanned}."
    todo = "Leave it in its lane."


class NotOnTruck(State):
    code, title = "not_on_truck", "Not on this truck"
    says = "Carton {scanned} is not on {truck}."
    todo = "Scan a carton that is."


class TruckFull(State):
    code, title = "load_full", "Load is full"
    says = "{truck} has {most} cartons, the most of one load."
    todo = "Close this load and open another."


COUNTS = (
    select(carton.c.state, func.count())
    .where(or_(carton.c.state == "labelled", carton.c.state == "staged"))
    .group_by(carton.c.state)
)
NEXT_TO_STAGE = (
    parcels.CARTON.join(sales_order, sales_order.c.code == carton.c.order_code)
    .where(carton.c.state == "labelled", shipments.ALIVE)
    .order_by(None)
    .order_by(sales_order.c.priority, sales_order.c.cutoff, carton.c.opened, carton.c.lpn)
    .limit(1)
)


def carton_of(tx: Tx, code: str) -> Carton:
    """Raises NotACarton, CartonVoid."""
    found = parcels.find(tx, code)
    if found is None:
        raise NotACarton(scanned=code)
    if found.state == "void":
        refuse_void(tx, found)
        raise NotACarton(scanned=code)
    return found


def refuse_void(tx: Tx, found: Carton) -> None:
    """Raises CartonVoid where the carton is void because its order is off."""
    state = packing.order(tx, found.order_code).state
    if state in packing.OFF:
        why = stopped.why(tx, found.order_code)
        raise CartonVoid(scanned=found.lpn, order=found.order_code, state=state, why=why)


def to_stage(tx: Tx, code: str) -> Carton:
    """A carton that may go to its lane. Raises NotACarton, NotLabelled, Already…, OrderOff."""
    found = carton_of(tx, code)
    _refuse_on_the_way(found)
    if found.state == "staged":
        raise AlreadyStaged(scanned=code, lane=found.lane)
    packing.workable(tx, found.order_code)
    return found


def to_load(tx: Tx, of: Load, code: str) -> Carton:
    """A carton that may go onto this truck. Raises what `to_stage` does, NotStaged, WrongTruck, TruckFull."""
    found = carton_of(tx, code)
    _refuse_on_the_way(found)
    if found.state != "staged":
        raise NotStaged(scanned=code)
    packing.workable(tx, found.order_code)
    carrier = shipments.carrier_of(tx, of)
    if carrier and found.carrier and carrier != found.carrier:
        raise WrongTruck(carton=code, expected=found.carrier, scanned=carrier)
    if len(shipments.on_truck(tx, of)) >= MOST_CARTONS:
        raise TruckFull(truck=of.truck, most=MOST_CARTONS)
    return found


def to_unload(tx: Tx, of: Load, code: str) -> Carton:
    """Raises NotACarton, NotOnTruck."""
    found = carton_of(tx, code)
    if found.state != "loaded" or found.truck != of.truck:
        raise NotOnTruck(scanned=code, truck=of.truck)
    return found


def _refuse_on_the_way(found: Carton) -> None:
    if found.state == "shipped":
        raise AlreadyGone(scanned=found.lpn, load=found.load_code)
    if found.state == "loaded":
        raise AlreadyLoaded(scanned=found.lpn, truck=found.truck)
    if found.state not in parcels.LABELLED:
        raise NotLabelled(scanned=found.lpn, state=found.state)


def counts(tx: Tx) -> dict[str, int]:
    """How many cartons wait for their lane (`labelled`) and for their truck (`staged`)."""
    return {row[0]: int(row[1]) for row in tx.rows(COUNTS)}


def next_to_stage(tx: Tx) -> Carton | None:
    return tx.one(NEXT_TO_STAGE, Carton)
