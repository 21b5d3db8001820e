"""Goods of orders that will not ship go back to a bin: what is left to put back, and where it may go.

Whoever cancels or holds an order leaves its goods promised where they are, in totes or cartons, with a task for a
worker. What is still promised to such an order is exactly what is still to be put back, so there is no list to keep: the
promise ends with each `PutBack`, and the task with the last one. A carton is void with its last piece; one that stands
on a truck comes off it first. A recall that came meanwhile does not stop it: goods go back into a bin of the house, not
out of it.
"""

from sqlalchemy import bindparam, exists, or_, select

from app.db import Tx
from app.errors import State, Wrong
from app.schema.documents import order_line, sales_order
from app.schema.places import location
from app.schema.stock import allocation, balance, movement, serial
from app.schema.work import carton, task
from app.stock import balances
from app.stock.balances import Promise
from app.work import tasks
from app.work.tasks import Task

BINS = ("bin", "reserve")
STATES = ("cancelled", "held")


class Left(Promise, frozen=True, kw_only=True):
    """A promise still to be undone: so many of an item at a slot, for a line."""


class OnTruck(State):
    code, title = "carton_on_truck", "Still on the truck"
    says = "{scanned} is loaded on {truck}."
    todo = "Take it off first: Load, scan {truck}, Unload."


class NotABin(Wrong):
    code, title = "not_a_bin", "Not a bin"
    says = "{scanned} is a {kind}: goods go back into {expected}."
    todo = "Scan a bin."


class BinBlocked(State):
    code, title = "bin_blocked", "Bin blocked"
    says = "{scanned} is blocked: {reason}."
    todo = "Take another bin."


class NotMixed(State):
    code, title = "not_mixed", "Not into this bin"
    says = "{scanned} may only hold {expected}."
    todo = "Take another bin."


_ENDED = or_(*(sales_order.c.state == state for state in STATES))
_LEFT = (
    select(
        allocation.c.line, allocation.c.item, allocation.c.location, allocation.c.lpn, allocation.c.lot,
        allocation.c.quantity,
    )
    .join(order_line, order_line.c.id == allocation.c.line)
    .join(sales_order, sales_order.c.code == order_line.c.order_code)
    .where(allocation.c.quantity > 0, _ENDED)
    .order_by(allocation.c.lpn, allocation.c.location, allocation.c.line, allocation.c.item, allocation.c.lot)
)  # fmt: skip
LEFT_OF_ORDER = _LEFT.where(order_line.c.order_code == bindparam("order"))
LEFT_IN_LPN = _LEFT.where(allocation.c.lpn == bindparam("lpn"))
# Where the line's goods were picked from, the last time.
CAME_FROM = (
    select(movement.c.source, movement.c.source_lpn)
    .join(location, location.c.code == movement.c.source)
    .where(
        movement.c.item == bindparam("item"),
        movement.c.lot == bindparam("lot"),
        movement.c.line == bindparam("line"),
        or_(location.c.kind == "bin", location.c.kind == "reserve"),
    )
    .order_by(movement.c.seq.desc())
    .limit(1)
)
PLACE = select(location.c.kind, location.c.blocked, location.c.mix, location.c.fixed_item).where(
    location.c.code == bindparam("code")
)
OTHER_ITEM = select(balance.c.item).where(
    balance.c.location == bindparam("code"), balance.c.quantity > 0, balance.c.item != bindparam("item")
).limit(1)  # fmt: skip
OTHER_LOT = select(balance.c.lot).where(
    balance.c.location == bindparam("code"),
    balance.c.quantity > 0,
    or_(balance.c.item != bindparam("item"), balance.c.lot != bindparam("lot")),
).limit(1)  # fmt: skip
IS_THERE = select(
    exists(
        select(serial.c.serial).where(
            serial.c.item == bindparam("item"), serial.c.serial == bindparam("number"),
            serial.c.location == bindparam("location"), serial.c.lpn == bindparam("lpn"), serial.c.lot == bindparam("lot"),
        )
    )
)  # fmt: skip
TASK_FOR = select(task.c.id).where(
    task.c.kind == "put_back",
    task.c.document == bindparam("document"),
    or_(task.c.state == "open", task.c.state == "started"),
).limit(1)  # fmt: skip


CARTON_STATE = select(carton.c.state, carton.c.truck).where(carton.c.lpn == bindparam("code"))


def left_of(tx: Tx, order: str) -> list[Left]:
    """What an order that will not ship still has in totes, cartons and hands."""
    return tx.all(LEFT_OF_ORDER, Left, order=order)


def left_in(tx: Tx, lpn: str) -> list[Left]:
    return tx.all(LEFT_IN_LPN, Left, lpn=lpn)


def order_of(found: Task) -> str:
    return found.document.removeprefix("order ")


def task_for(tx: Tx, order: str) -> str | None:
    key = tx.value(TASK_FOR, document=f"order {order}")
    return str(key) if key else None


def came_from(tx: Tx, left: Left) -> str:
    """The bin the goods were taken from; empty when that is not known."""
    row = tx.row(CAME_FROM, item=left.item, lot=left.lot, line=left.line)
    return str(row[0]) if row else ""


def refuse_place(tx: Tx, code: str, left: Left) -> None:
    """Raises NotABin, BinBlocked or NotMixed."""
    kind, blocked, mix, fixed = tx.row(PLACE, code=code) or ("unknown place", "", "any", "")
    if kind not in BINS:
        raise NotABin(scanned=code, kind=kind, expected="a bin")
    if blocked:
        raise BinBlocked(scanned=code, reason=blocked)
    if fixed and fixed != left.item:
        raise NotMixed(scanned=code, expected=fixed)
    if mix == "one_item" and (other := tx.value(OTHER_ITEM, code=code, item=left.item)) is not None:
        raise NotMixed(scanned=code, expected=other)
    if mix == "one_lot" and (other := tx.value(OTHER_LOT, code=code, item=left.item, lot=left.lot)) is not None:
        raise NotMixed(scanned=code, expected=f"lot {other}")


def has_serial(tx: Tx, left: Left, number: str) -> bool:
    return bool(tx.value(IS_THERE, item=left.item, number=number, location=left.location, lpn=left.lpn, lot=left.lot))


def refuse_on_truck(tx: Tx, lpn: str) -> None:
    """Raises OnTruck."""
    state, truck = tx.row(CARTON_STATE, code=lpn) or ("", "")
    if state == "loaded":
        raise OnTruck(scanned=lpn, truck=truck)


def is_carton(tx: Tx, lpn: str) -> bool:
    return bool(lpn) and tx.row(CARTON_STATE, code=lpn) is not None


def emptied_by(tx: Tx, left: Left, quantity: int) -> str:
    """The carton that is empty once `quantity` of this is out of it; the empty text for totes and for more inside."""
    if not is_carton(tx, left.lpn):
        return ""
    return left.lpn if sum(held.quantity for held in balances.in_lpn(tx, left.lpn)) == quantity else ""


def settle(tx: Tx, key: str, order: str) -> bool:
    """End the task when nothing is left to put back."""
    if left_of(tx, order):
        return False
    tasks.finish(tx, key)
    tx.tell("orders")
    return True
