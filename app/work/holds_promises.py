"""What a hold does to promises: given back at once, served from elsewhere where there is something, else backordered.

Goods still on their shelf lose their promise, their picks are cut out of the walks, and the same lines are promised what
other bins have; those picks join the walk where they cost the fewest steps. What is in a tote, a carton or a lane keeps
its promise, for it is that order's; the guards stop it where it is, and an exception names it, so that somebody takes it
out (workflows/held_goods.py). A big lot is worked off in several transactions: the guards need none of this to hold.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, bindparam, case, func, or_, select

from app.db import Tx
from app.schema.documents import sales_order
from app.schema.items import lot
from app.schema.places import location
from app.schema.stock import allocation
from app.schema.stock import lpn as lpns
from app.schema.work import pick
from app.stock import ledger
from app.stock.events import Allocated, Deallocated
from app.stock.events.base import order_of
from app.stock.events.outbound import Backorder
from app.stock.ledger import By
from app.stock.slots import Claim, Slot
from app.work import allocation as allocating
from app.work import chores, exceptions, holds, pick_progress, progress, ship_progress, shorts, waves
from app.work.holds import Hold
from app.work.master_take_back import ON_THE_WAY, cut_picks, take_back_all
from app.work.picking import Pick

ORDERS_AT_ONCE = 50  # in one transaction of the writer
CHORE_EVERY_S = 5
WALKED = ("waved", "picking", "picked", "backordered")

_CARRIED = case((ON_THE_WAY, 1), else_=0).label("carried")
_PROMISED = (
    select(
        allocation.c.line, allocation.c.item, allocation.c.location, allocation.c.lpn, allocation.c.lot,
        allocation.c.quantity, _CARRIED,
    )
    .select_from(
        allocation.outerjoin(location, location.c.code == allocation.c.location)
        .outerjoin(lpns, and_(lpns.c.code == allocation.c.lpn, allocation.c.lpn != ""))
    )
)  # fmt: skip
PROMISED = _PROMISED.where(
    allocation.c.item == bindparam("of_item"), allocation.c.lot == bindparam("of_lot"), allocation.c.quantity > 0
).order_by(allocation.c.line, allocation.c.location, allocation.c.lpn)
HELD_AND_PROMISED = (
    select(lot.c.item, lot.c.lot)
    .join(allocation, and_(allocation.c.item == lot.c.item, allocation.c.lot == lot.c.lot))
    .outerjoin(location, location.c.code == allocation.c.location)
    .outerjoin(lpns, and_(lpns.c.code == allocation.c.lpn, allocation.c.lpn != ""))
    .where(lot.c.held != "", allocation.c.quantity > 0, func.coalesce(case((ON_THE_WAY, 1), else_=0), 0) == 0)
    .distinct()
    .limit(bindparam("most"))
)
HEAD = select(sales_order.c.state, sales_order.c.wave, sales_order.c.ship_complete).where(
    sales_order.c.code == bindparam("code")
)
PICK_AT = (
    select(*(pick.c[name] for name in Pick.__struct_fields__))
    .where(
        pick.c.line == bindparam("of_line"),
        pick.c.location == bindparam("place"),
        pick.c.lpn == bindparam("of_lpn"),
        pick.c.lot == bindparam("of_lot"),
        or_(pick.c.state == "open", pick.c.state == "cancelled"),
    )
    .order_by(pick.c.state.desc(), pick.c.sequence)
    .limit(1)
)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the promises of a lot."""

    orders: int = 0
    units: int = 0  # given back
    elsewhere: int = 0  # of them promised from other bins
    backordered: int = 0
    carried: int = 0  # units in totes, cartons, lanes and trucks: they wait where they are
    more: bool = False  # orders left for the next transaction

    def in_words(self) -> str:
        if not self.orders and not self.carried:
            return "No order was promised any of it."
        told = []
        if self.orders:
            orders = "1 order" if self.orders == 1 else f"{self.orders} orders"
            told.append(f"{orders} gave {self.units} back")
        if self.elsewhere:
            told.append(f"{self.elsewhere} promised from elsewhere")
        if self.backordered:
            told.append(f"{self.backordered} backordered")
        if self.carried:
            told.append(f"{self.carried} already picked, to be taken out")
        return (", ".join(told) + ("; more follow." if self.more else ".")).capitalize()


class _Promised(msgspec.Struct, frozen=True, kw_only=True):
    order: str
    claim: Claim
    carried: bool


def stop(tx: Tx, item: str, number: str, kind: holds.Kind, why: str, by: By) -> tuple[Hold, Given]:
    """Hold or recall a lot, and everything that follows. Raises what holds.hold raises."""
    held = holds.hold(tx, item, number, kind, why, by)
    given = give_back(tx, item, number, f"lot {number} {held.did}", by)
    name_carried(tx, item, number, by.worker)
    return held, given


def give_back(tx: Tx, item: str, number: str, why: str, by: By, *, most: int = ORDERS_AT_ONCE) -> Given:
    """Take the lot's untouched promises from up to `most` orders, and serve those from elsewhere."""
    found = [
        _Promised(
            order=order_of(row[0]),
            claim=Claim(line=row[0], item=row[1], quantity=row[5], slot=Slot(location=row[2], lpn=row[3], lot=row[4])),
            carried=bool(row[6]),
        )
        for row in tx.rows(PROMISED, of_item=item, of_lot=number)
    ]
    orders = list(dict.fromkeys(one.order for one in found if not one.carried))
    elsewhere = backordered = units = 0
    for order in orders[:most]:
        claims = [one.claim for one in found if one.order == order and not one.carried]
        units += sum(claim.quantity for claim in claims)
        served, lost = serve_anew(tx, order, claims, why, by)
        elsewhere, backordered = elsewhere + served, backordered + lost
    if orders:
        tx.tell("orders")
    return Given(
        orders=len(orders[:most]),
        units=units,
        elsewhere=elsewhere,
        backordered=backordered,
        carried=sum(one.claim.quantity for one in found if one.carried),
        more=len(orders) > most,
    )


def name_carried(tx: Tx, item: str, number: str, worker: str) -> None:
    """One exception for each order that has goods of the lot in a tote, carton, lane or truck."""
    where: dict[str, tuple[int, dict[str, str]]] = {}
    for row in tx.rows(PROMISED, of_item=item, of_lot=number):
        if row[6]:
            order = order_of(row[0])
            units, places = where.get(order, (0, {}))
            where[order] = (units + row[5], {**places, row[3] or row[2]: row[2]})
    for order, (units, places) in where.items():
        told = " and ".join(name if name == at else f"{name} at {at}" for name, at in places.items())
        exceptions.add(
            tx,
            "held_goods",
            f"{units} × {item} of lot {number}, which is on hold, are in {told} for order {order}: take them out.",
            document=f"order {order}",
            item=item,
            lot=number,
            quantity=units,
            location=next(iter(places.values())),
            worker=worker,
        )


def work_off(tx: Tx) -> int:
    """What a big hold left, and what was promised just before it: a few orders at a time. Returns how many."""
    done = 0
    for item, number in tx.rows(HELD_AND_PROMISED, most=ORDERS_AT_ONCE):
        if done < ORDERS_AT_ONCE:
            why = f"lot {number} on hold"
            done += give_back(tx, item, number, why, By(cause="hold"), most=ORDERS_AT_ONCE - done).orders
    return done


def serve_anew(tx: Tx, order: str, claims: Sequence[Claim], why: str, by: By, *, not_at: str = "") -> tuple[int, int]:
    """Give one order's untouched promises back and serve them from elsewhere: (promised there, backordered)."""
    picks = {claim: row for claim in claims if (row := _pick_of(tx, claim)) is not None}
    _post(tx, Deallocated(order=order, claimed=tuple(claim.back() for claim in claims), reason=why), by)
    for claim in claims:
        cut_picks(tx, claim, claim.quantity)
    state, wave, ship_complete = tx.row(HEAD, code=order) or ("", "", 0)
    if state not in WALKED:
        return 0, 0  # it waits in the pool, or is held: the next wave serves it
    anew: list[Claim] = []
    lost: list[Backorder] = []
    for claim in claims:
        parts = allocating.elsewhere(tx, claim.line, claim.item, claim.quantity, not_at=not_at)
        missing = claim.quantity - sum(part.quantity for part in parts)
        if parts:
            _post(tx, Allocated(order=order, claimed=parts, wave=wave), by)
        if claim in picks:
            for part in parts:
                shorts.join_walk(tx, picks[claim], part)
        anew += parts
        if missing:
            lost.append(Backorder(line=claim.line, item=claim.item, quantity=missing, reason=why))
    if state == "waved" and (not waves.promises_of(tx, order) or (lost and ship_complete)):
        take_back_all(tx, order, why, by)  # nobody has picked for it yet: as at a release, it goes back to the pool
        tx.run(waves.LEAVE, which=order)
        return 0, 0
    if lost:
        _post(tx, Allocated(order=order, claimed=(), wave=wave, backordered=tuple(lost)), by)
        _tell(tx, order, lost, why, bool(ship_complete))
    if state != "waved":
        pick_progress.settle(tx, order)
        ship_progress.settle(tx, order)
    return sum(part.quantity for part in anew), sum(gone.quantity for gone in lost)


def _pick_of(tx: Tx, claim: Claim) -> Pick | None:
    slot = claim.slot
    return tx.one(PICK_AT, Pick, of_line=claim.line, place=slot.location, of_lpn=slot.lpn, of_lot=slot.lot)


def _tell(tx: Tx, order: str, lost: Sequence[Backorder], why: str, ship_complete: bool) -> None:
    told = ", ".join(f"{gone.quantity} × {gone.item}" for gone in lost)
    must = f" Order {order} must ship complete and cannot." if ship_complete else ""
    exceptions.add(
        tx,
        "ship_complete_short" if ship_complete else "hold_short",
        f"{told} of order {order} backordered: {why}.{must}",
        document=f"order {order}",
        item=lost[0].item,
        quantity=sum(gone.quantity for gone in lost),
    )


def _post(tx: Tx, event: Allocated | Deallocated, by: By) -> None:
    ledger.post(tx, event, by)
    progress.apply(tx, event)


chores.register("promises on lots on hold", CHORE_EVERY_S, work_off)
