"""Cross-dock: goods that an order waits for go from the dock straight to it, without a bin in between.

Asked when goods are received, where the house's rows want it (receiving_rules.py). An order of the pool counts as waiting
when the bins cannot serve it, and these goods make it whole: the most urgent first, by the same rank as any allocation.
Where the rows say "in parts", what is left then goes to orders that may be split and are not made whole by it: the rest of
them is picked from the bins, and what is nowhere is backordered as at any release, unless the same PO still brings it.
The promise is part of the receipt's own event, so nobody can be quicker and taking the receipt back gives it back; the
walk that fetches the goods stands in the pickers' queue before all others.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, func, select, update

from app import clock
from app.db import Tx
from app.schema.documents import order_line, po_line, sales_order
from app.schema.items import lot
from app.schema.places import location
from app.schema.work import pick, task
from app.stock.events.base import order_of
from app.stock.events.outbound import Backorder
from app.stock.slots import Claim, Slot
from app.work import allocation, receiving_rules, releasing, shelf_life, tasks, waves
from app.work.choosing import Stock

MOST_ORDERS = 5  # served by one receipt
LOOKED_AT = 20  # orders of the pool that want the item
FIRST = 1  # priority of the walk
REASON = "cross-dock"
NOT_HERE = "not in stock"

_OPEN = (
    order_line.c.quantity - order_line.c.allocated - order_line.c.picked - order_line.c.short - order_line.c.cancelled
)
WAITING = (
    select(sales_order.c.code)
    .join(order_line, order_line.c.order_code == sales_order.c.code)
    .where(sales_order.c.state == "pool", order_line.c.item == bindparam("of_item"), _OPEN > 0)
    .group_by(sales_order.c.code, sales_order.c.priority, sales_order.c.cutoff)
    .order_by(sales_order.c.priority, (sales_order.c.cutoff == 0), sales_order.c.cutoff, sales_order.c.code)
    .limit(LOOKED_AT)
)
OPEN_ON_PO = select(func.sum(po_line.c.quantity - po_line.c.received)).where(
    po_line.c.po == bindparam("of_po"), po_line.c.item == bindparam("of_item"), po_line.c.quantity > po_line.c.received
)
LOT_STATE = select(lot.c.held, lot.c.expiry).where(lot.c.item == bindparam("of_item"), lot.c.lot == bindparam("of_lot"))
TASKS_OF = (
    select(task.c.id)
    .join(pick, pick.c.task == task.c.id)
    .where(pick.c.order_code == bindparam("of_order"), task.c.reason == REASON)
    .where((task.c.state == "open") | (task.c.state == "started"))
    .distinct()
)
CANCEL_PICKS = update(pick).where(pick.c.task == bindparam("of_task"), pick.c.state == "open").values(state="cancelled")
STILL_WAVED = (
    select(func.count())
    .select_from(sales_order)
    .where(sales_order.c.wave == bindparam("which"), sales_order.c.state != "pool")
)
WAVE_OF = select(sales_order.c.wave).where(sales_order.c.code == bindparam("of_order"))
PACKING = (
    select(location.c.code)
    .where(location.c.kind == "station", location.c.blocked == "")
    .order_by(location.c.sequence, location.c.code)
    .limit(1)
)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An order these goods make whole, or serve in part, and all that is promised to it for that."""

    order: str
    claims: tuple[Claim, ...]
    here: int  # of them from these goods
    backordered: tuple[Backorder, ...] = ()  # what it goes without

    @property
    def item(self) -> str:
        """What it waited for: the dock's claims stand last."""
        return self.claims[-1].item


def waiting(tx: Tx, *, po: str, item: str, slot: Slot, quantity: int) -> tuple[Waiting, ...]:
    """The orders that take these goods straight from the dock; none where the house does not want that."""
    terms = receiving_rules.of(tx, po=po, item=item)
    if slot.status != "available" or not terms.cross_dock:
        return ()
    held = tx.row(LOT_STATE, of_item=item, of_lot=slot.lot) if slot.lot else None
    if held is not None and (held[0] or (held[1] and shelf_life.days_left(tx, held[1]) < 0)):
        return ()
    found: list[Waiting] = []
    all_of_it = quantity
    wanting = [str(row[0]) for row in tx.rows(WAITING, of_item=item)]
    for serve in (_serve, _serve_in_part) if terms.cross_dock_parts else (_serve,):
        for order in wanting:
            if len(found) == MOST_ORDERS or any(one.order == order for one in found):
                continue
            served = serve(tx, order, item, slot, quantity)
            if served is not None and _still_coming(tx, po, served, {item: all_of_it}):
                continue
            if served is not None and not _meets(found, served, slot):
                found.append(served)
                quantity -= served.here
    return tuple(found)


def _serve(tx: Tx, order: str, item: str, slot: Slot, quantity: int) -> Waiting | None:
    [share] = allocation.plan(tx, [order]) or [None]
    if share is None or not share.missing or any(lacks.item != item for lacks in share.missing):
        return None  # the bins serve it, or it wants other things too
    here = sum(lacks.quantity for lacks in share.missing)
    if here > quantity:
        return None
    demand = allocation.demand_of(tx, order)
    promised = share.claims or _as_if_split(tx, order)
    if demand is None:
        return None
    claims = tuple(Claim(line=one.line, item=item, quantity=one.quantity, slot=slot) for one in share.missing)
    return Waiting(order=order, claims=(*promised, *claims), here=here)


def _serve_in_part(tx: Tx, order: str, item: str, slot: Slot, quantity: int) -> Waiting | None:
    """As much of it as there is, the bins' part with it, and what neither has is backordered."""
    [share] = allocation.plan(tx, [order]) or [None]
    demand = allocation.demand_of(tx, order)
    if share is None or demand is None or demand.ship_complete or not quantity:
        return None
    claims: list[Claim] = []
    gone: list[Backorder] = []
    left = quantity
    for lacks in share.missing:
        n = min(lacks.quantity, left) if lacks.item == item else 0
        left -= n
        if n:
            claims.append(Claim(line=lacks.line, item=item, quantity=n, slot=slot))
        if rest := lacks.quantity - n:
            gone.append(Backorder(line=lacks.line, item=lacks.item, quantity=rest, reason=NOT_HERE))
    if not claims:
        return None
    return Waiting(order=order, claims=(*share.claims, *claims), here=quantity - left, backordered=tuple(gone))


def _still_coming(tx: Tx, po: str, one: Waiting, here: dict[str, int]) -> bool:
    """Does the same PO bring more of what it would go without? Then it waits for that."""
    lacking = dict.fromkeys(gone.item for gone in one.backordered)
    return any(int(tx.value(OPEN_ON_PO, of_po=po, of_item=code) or 0) > here.get(code, 0) for code in lacking)


def _as_if_split(tx: Tx, order: str) -> tuple[Claim, ...]:
    """What the bins hold for an order that ships whole or not at all: without these goods it was given nothing."""
    demand = allocation.demand_of(tx, order)
    if demand is None or not demand.ship_complete:
        return ()
    stock: list[Stock] = []
    for code in dict.fromkeys(need.item for need in demand.needs):
        stock += allocation.stock_of(tx, code, allocation.site_day(tx))[0]
    [share] = allocation.allocate([msgspec.structs.replace(demand, ship_complete=False)], stock)
    return share.claims


def _meets(before: Sequence[Waiting], one: Waiting, dock: Slot) -> bool:
    """All plans were made from the same bins: only one of two that want the same may have it."""
    taken = {(claim.item, claim.slot) for each in before for claim in each.claims}
    return any((claim.item, claim.slot) in taken for claim in one.claims if claim.slot != dock)


def backordered(served: Sequence[Waiting]) -> tuple[Backorder, ...]:
    """What the orders served go without: part of the receipt's event, so that taking it back wants it again."""
    return tuple(gone for one in served for gone in one.backordered)


def begin(tx: Tx, served: Sequence[Waiting], worker: str) -> str:
    """The orders leave the pool for a wave of their own. Returns its code, or the empty text."""
    return waves.create(tx, [one.order for one in served], worker=worker) if served else ""


def hand_over(tx: Tx, wave: str, served: Sequence[Waiting]) -> None:
    """A walk for each order, before all others in the queue. After the receipt is posted."""
    for number, one in enumerate(served, start=1):
        demand = allocation.demand_of(tx, one.order)
        key = tasks.add(
            tx, "pick", id=f"{wave}-{number}", document=f"order {one.order}", wave=wave, priority=FIRST,
            due=demand.cutoff if demand else 0, reason=REASON,
        )  # fmt: skip
        tx.many(
            releasing.ADD_PICK,
            [
                {
                    "id": clock.new_id(), "task": key, "sequence": step * releasing.STEP, "order_code": one.order,
                    "line": claim.line, "item": claim.item, "lot": claim.slot.lot, "location": claim.slot.location,
                    "lpn": claim.slot.lpn, "quantity": claim.quantity,
                }
                for step, claim in enumerate(one.claims, start=1)
            ],
        )  # fmt: skip
        tx.many(releasing.ADD_TOTE, [{"task": key, "order_code": one.order, "position": 1}])
    if wave:
        tx.run(waves.SET_STATE, which=wave, new_state="released")
        tx.tell("waves")
        tx.tell("tasks")


def drop(tx: Tx, claimed: Sequence[Claim]) -> None:
    """The receipt was taken back: its orders return to the pool, and nobody walks for them."""
    for order in dict.fromkeys(order_of(claim.line) for claim in claimed):
        wave = str(tx.value(WAVE_OF, of_order=order) or "")
        for (key,) in tx.rows(TASKS_OF, of_order=order):
            tx.run(CANCEL_PICKS, of_task=key)
            tasks.cancel(tx, key)
        tx.run(waves.LEAVE, which=order)
        if wave and not tx.value(STILL_WAVED, which=wave):
            tx.run(waves.SET_STATE, which=wave, new_state="pulled_back")
    tx.tell("waves")


def packing_place(tx: Tx) -> str:
    """Where they are brought, if the house has such a place."""
    return str(tx.value(PACKING) or "")
