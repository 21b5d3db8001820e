"""Waves: the orders that are picked together because their truck leaves at the same time.

A wave is made from the pool (`create`), shown beforehand as it would turn out (`simulate`), released into walks
(releasing.py), and can be pulled back until the first pick. Orders go pool → waved → picking → picked; what a wave
cannot serve at all goes back to the pool with the reason.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, and_, bindparam, cast, exists, func, insert, or_, select, update

from app import clock
from app.db import Database, Tx
from app.errors import State
from app.schema.documents import order_line, sales_order
from app.schema.stock import allocation
from app.schema.work import pick, task, wave
from app.stock import ledger
from app.stock.events import Deallocated
from app.stock.events.outbound import Backorder
from app.stock.ledger import By
from app.stock.slots import Claim, Slot
from app.work import numbers, progress
from app.work.allocation import Missing, plan
from app.work.patience import patiently

MOST_ORDERS = 2_000  # in one wave
ORDERS_AT_ONCE = 15  # pulled back in one turn of the writer


class NotInPool(State):
    code, title = "not_in_pool", "Not in the pool"
    says = "Order {order} is {state}, so it cannot join a wave."


class EmptyWave(State):
    code, title = "empty_wave", "Nothing to release"
    says = "No order in the pool fits this wave."


class WaveOver(State):
    code, title = "wave_over", "Too late for that"
    says = "Wave {wave} is {state}."


class WaveStarted(State):
    code, title = "wave_started", "Picking has begun"
    says = "The first pick of wave {wave} is done: it cannot be pulled back any more."
    todo = "Hold or cancel single orders instead."


class PoolOrder(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    customer: str
    carrier: str
    cutoff: int
    priority: int
    ship_complete: int
    lines: int
    units: int


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    state: str
    cutoff: int
    carrier: str
    created: int
    released: int
    created_by: str


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """How a wave would turn out if it were released now."""

    orders: int
    lines: int
    units: int
    stops: int
    unserved: tuple[str, ...]  # orders that would get nothing
    missing: tuple[Missing, ...]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How far a wave is."""

    orders: int
    orders_done: int  # nothing left to pick
    lines: int
    lines_done: int
    units: int
    picked: int
    short: int
    walks: int
    walks_begun: int
    walks_done: int


_IN_POOL = sales_order.c.state == "pool"
POOL = (
    select(
        sales_order.c.code, sales_order.c.customer, sales_order.c.carrier, sales_order.c.cutoff, sales_order.c.priority,
        sales_order.c.ship_complete, func.count(order_line.c.id).label("lines"),
        cast(func.sum(order_line.c.quantity - order_line.c.cancelled), Integer).label("units"),
    )
    .join(order_line, order_line.c.order_code == sales_order.c.code)
    .where(
        _IN_POOL,
        or_(bindparam("until") == 0, and_(sales_order.c.cutoff > 0, sales_order.c.cutoff <= bindparam("until"))),
        or_(bindparam("by_carrier") == "", sales_order.c.carrier == bindparam("by_carrier")),
    )
    .group_by(sales_order.c.code)
    .order_by(sales_order.c.priority, sales_order.c.cutoff, sales_order.c.code)
    .limit(bindparam("most"))
)  # fmt: skip
ADD = insert(wave).values(**{name: bindparam(name) for name in ("code", "cutoff", "carrier", "created", "created_by")})
FIND = select(wave).where(wave.c.code == bindparam("which"))
LATEST = select(wave).order_by(wave.c.created.desc(), wave.c.code.desc()).limit(bindparam("most"))
SET_STATE = update(wave).where(wave.c.code == bindparam("which")).values(state=bindparam("new_state"))
JOIN = (
    update(sales_order)
    .where(sales_order.c.code == bindparam("which"), _IN_POOL)
    .values(state="waved", wave=bindparam("into"))
)
LEAVE = (
    update(sales_order)
    .where(sales_order.c.code == bindparam("which"), sales_order.c.state == "waved")
    .values(state="pool", wave="")
)
STATE_OF = select(sales_order.c.state).where(sales_order.c.code == bindparam("which"))
WAVED = (
    select(sales_order.c.code)
    .where(sales_order.c.wave == bindparam("which"), sales_order.c.state == "waved")
    .order_by(sales_order.c.priority, sales_order.c.cutoff, sales_order.c.code)
)
PROMISED = (
    select(
        allocation.c.line,
        allocation.c.item,
        allocation.c.location,
        allocation.c.lpn,
        allocation.c.lot,
        allocation.c.quantity,
    )
    .join(order_line, order_line.c.id == allocation.c.line)
    .where(order_line.c.order_code == bindparam("which"), allocation.c.quantity > 0)
    .order_by(allocation.c.line, allocation.c.location, allocation.c.lpn, allocation.c.lot)
)
GIVEN_UP = select(order_line.c.id, order_line.c.item, order_line.c.short).where(
    order_line.c.order_code == bindparam("which"), order_line.c.short > 0
)
_OF_WAVE = exists(select(task.c.id).where(task.c.id == pick.c.task, task.c.wave == bindparam("which")))
BEGUN = select(pick.c.id).where(_OF_WAVE, or_(pick.c.picked > 0, pick.c.short > 0)).limit(1)
CANCEL_PICKS = update(pick).where(_OF_WAVE, pick.c.state == "open").values(state="cancelled")
_ALIVE = or_(task.c.state == "open", task.c.state == "started")
CANCEL_TASKS = update(task).where(task.c.wave == bindparam("which"), _ALIVE).values(state="cancelled", until=0)
ALIVE = select(task.c.id).where(task.c.wave == bindparam("which"), _ALIVE).limit(1)


def _count(rule: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(cast(rule, Integer)), 0), Integer)


_OVER = or_(*(sales_order.c.state == s for s in ("pool", "waved", "picking")))
ORDERS_OF = select(func.count(), _count(~_OVER)).where(sales_order.c.wave == bindparam("which"))
PICKS_OF = (
    select(
        func.count(), _count(pick.c.state == "done"), _count(pick.c.quantity), _count(pick.c.picked),
        _count(pick.c.short),
    )
    .where(_OF_WAVE, or_(pick.c.state != "cancelled", pick.c.picked > 0))
)  # fmt: skip
WALKS_OF = select(func.count(), _count(task.c.state == "started"), _count(task.c.state == "done")).where(
    task.c.wave == bindparam("which"), task.c.kind == "pick", task.c.state != "cancelled"
)


def pool(tx: Tx, *, cutoff: int = 0, carrier: str = "", most: int = MOST_ORDERS) -> list[PoolOrder]:
    """Orders that wait for a wave, most urgent first; with `cutoff` (µs) those due by then."""
    return tx.all(POOL, PoolOrder, until=cutoff, by_carrier=carrier, most=most)


def create(tx: Tx, orders: Sequence[str] = (), *, cutoff: int = 0, carrier: str = "", worker: str = "") -> str:
    """A planned wave of these orders, or of all in the pool with that cut-off and carrier. Returns its code.

    Raises NotInPool or EmptyWave.
    """
    chosen = list(dict.fromkeys(orders)) or [order.code for order in pool(tx, cutoff=cutoff, carrier=carrier)]
    if not chosen:
        raise EmptyWave()
    code = numbers.wave(tx)
    tx.run(ADD, code=code, cutoff=cutoff, carrier=carrier, created=clock.now(), created_by=worker)
    for order in chosen[:MOST_ORDERS]:
        if tx.run(JOIN, which=order, into=code) != 1:
            raise NotInPool(order=order, state=tx.value(STATE_OF, which=order) or "not known")
    tx.tell("waves")
    return code


def find(tx: Tx, code: str) -> Wave | None:
    return tx.one(FIND, Wave, which=code)


def latest(tx: Tx, *, most: int = 50) -> list[Wave]:
    return tx.all(LATEST, Wave, most=most)


def orders_waved(tx: Tx, code: str) -> list[str]:
    """The wave's orders nobody picked for yet."""
    return [row[0] for row in tx.rows(WAVED, which=code)]


def simulate(tx: Tx, orders: Sequence[str]) -> Simulation:
    """What a release of these orders would give. Changes nothing."""
    shares = plan(tx, orders)
    claims = [claim for share in shares for claim in share.claims]
    return Simulation(
        orders=len(shares),
        lines=len({claim.line for claim in claims}),
        units=sum(claim.quantity for claim in claims),
        stops=len({claim.slot.location for claim in claims}),
        unserved=tuple(share.order for share in shares if not share.claims),
        missing=tuple(lacks for share in shares for lacks in share.missing),
    )


def figures(tx: Tx, code: str) -> Figures:
    orders, orders_done = tx.row(ORDERS_OF, which=code) or (0, 0)
    lines, lines_done, units, picked, short = tx.row(PICKS_OF, which=code) or (0, 0, 0, 0, 0)
    walks, begun, done = tx.row(WALKS_OF, which=code) or (0, 0, 0)
    return Figures(
        orders=orders, orders_done=orders_done, lines=lines, lines_done=lines_done, units=units, picked=picked,
        short=short, walks=walks, walks_begun=begun, walks_done=done,
    )  # fmt: skip


def promises_of(tx: Tx, order: str) -> list[Claim]:
    """Everything promised to an order, wherever it is."""
    return [
        Claim(line=row[0], item=row[1], quantity=row[5], slot=Slot(location=row[2], lpn=row[3], lot=row[4]))
        for row in tx.rows(PROMISED, which=order)
    ]


def settle(tx: Tx, code: str) -> None:
    """A wave without a walk left is done."""
    found = find(tx, code) if code else None
    if found is not None and found.state in ("released", "picking") and tx.value(ALIVE, which=code) is None:
        tx.run(SET_STATE, which=code, new_state="done")
        tx.tell("waves")


def pull_back(db: Database, code: str, by: By) -> None:
    """Take a wave back: its walks disappear at once, then its orders return to the pool, some in each turn.

    Raises WaveStarted after the first pick. Called again after an interruption it goes on.
    """
    waiting = patiently(db, lambda tx: _stop(tx, code))
    for first in range(0, len(waiting), ORDERS_AT_ONCE):
        some = waiting[first : first + ORDERS_AT_ONCE]
        patiently(db, lambda tx, some=some: _give_back(tx, some, by))  # type: ignore[misc]


def _stop(tx: Tx, code: str) -> list[str]:
    found = find(tx, code)
    if found is None or found.state == "done":
        raise WaveOver(wave=code, state="done" if found else "not known")
    if tx.value(BEGUN, which=code) is not None:
        raise WaveStarted(wave=code)
    tx.run(CANCEL_PICKS, which=code)
    tx.run(CANCEL_TASKS, which=code)
    tx.run(SET_STATE, which=code, new_state="pulled_back")
    tx.tell("waves")
    tx.tell("tasks")
    return orders_waved(tx, code)


def _give_back(tx: Tx, orders: Sequence[str], by: By) -> None:
    for order in orders:
        if tx.run(LEAVE, which=order) == 1:
            unpromise(tx, order, "wave pulled back", by)
    tx.tell("waves")


def unpromise(tx: Tx, order: str, reason: str, by: By) -> None:
    """End the promises of an order nobody picked for, and want again what was given up at its release."""
    claimed = tuple(claim.back() for claim in promises_of(tx, order))
    wanted = tuple(
        Backorder(line=row[0], item=row[1], quantity=-row[2], reason=reason) for row in tx.rows(GIVEN_UP, which=order)
    )
    if claimed or wanted:
        event = Deallocated(order=order, claimed=claimed, reason=reason, backordered=wanted)
        ledger.post(tx, event, by)
        progress.apply(tx, event)
