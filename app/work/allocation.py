"""Which goods are promised to which order, and why some are not.

Only available goods of a free, unexpired lot in a usable bin or reserve can be promised; choosing.py says which of them.
Orders are served by priority, cut-off and age of their number; one that must ship complete gets all or nothing. A bin
somebody just found short is not offered until it is counted and decided on. What cannot be promised says why in a
worker's words: on hold, expired, promised to others, still in staging, or simply not here. The plan is pure and made
from a snapshot; the ledger's guards make it safe to post later.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlalchemy import and_, bindparam, exists, func, or_, select

from app import clock
from app.db import Tx
from app.schema.counting import count_line
from app.schema.documents import order_line, sales_order
from app.schema.items import lot, pack
from app.schema.places import location, site
from app.schema.stock import balance
from app.schema.work import task
from app.stock import ledger
from app.stock.events import Allocated
from app.stock.events.outbound import Backorder
from app.stock.ledger import By
from app.stock.slots import Claim, Slot
from app.work import progress
from app.work.choosing import Part, Stock, choose

LINES_AT_ONCE = 50  # promises in one event of an order that may be split

WHY = {
    "hold": "{n} on hold",
    "expired": "{n} expired",
    "staging": "{n} in staging, not put away",
    "blocked": "{n} in a blocked bin",
    "count": "{n} in a bin to be counted",
    "carried": "{n} on the way",
    "promised": "{n} allocated elsewhere",
    "none": "{n} not in stock",
}


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What an order line still wants."""

    line: str
    item: str
    quantity: int


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    order: str
    needs: tuple[Need, ...]
    ship_complete: bool = False
    priority: int = 5
    cutoff: int = 0  # µs UTC, 0: none

    @property
    def rank(self) -> tuple[int, int, str]:
        return self.priority, self.cutoff or 2**62, self.order


class Barred(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that are here but cannot be promised, with the reason (a key of WHY)."""

    item: str
    quantity: int
    why: str


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """What a line did not get."""

    line: str
    item: str
    quantity: int
    why: str  # "2 on hold, 1 not in stock"


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one order gets."""

    order: str
    claims: tuple[Claim, ...] = ()
    missing: tuple[Missing, ...] = ()


def allocate(demands: Iterable[Demand], stock: Iterable[Stock], barred: Iterable[Barred] = ()) -> tuple[Share, ...]:
    """Share the stock among the orders, the most urgent first. Nothing is promised twice."""
    free: dict[str, dict[Slot, Stock]] = {}
    for each in stock:
        if each.free > 0:
            free.setdefault(each.item, {})[each.slot] = each
    why_not: dict[str, list[Barred]] = {}
    for bar in barred:
        why_not.setdefault(bar.item, []).append(bar)
    given: dict[str, int] = {}
    return tuple(_share(demand, free, why_not, given) for demand in sorted(demands, key=lambda d: d.rank))


def _share(
    demand: Demand,
    free: dict[str, dict[Slot, Stock]],
    why_not: dict[str, list[Barred]],
    given: dict[str, int],
) -> Share:
    taken: list[tuple[Need, Part]] = []
    missing: list[Missing] = []
    for need in demand.needs:
        parts = choose(list(free.get(need.item, {}).values()), need.quantity)
        for part in parts:
            _take(free[need.item], part, -1)
        taken += [(need, part) for part in parts]
        short = need.quantity - sum(part.quantity for part in parts)
        if short:
            why = _why(short, why_not.get(need.item, []), given.get(need.item, 0))
            missing.append(Missing(line=need.line, item=need.item, quantity=short, why=why))
    if missing and demand.ship_complete:
        for need, part in taken:
            _take(free[need.item], part, +1)
        return Share(order=demand.order, missing=tuple(missing))
    for need, part in taken:
        given[need.item] = given.get(need.item, 0) + part.quantity
    claims = tuple(
        Claim(line=need.line, item=need.item, quantity=part.quantity, slot=part.stock.slot) for need, part in taken
    )
    return Share(order=demand.order, claims=claims, missing=tuple(missing))


def _take(slots: dict[Slot, Stock], part: Part, sign: int) -> None:
    slot = part.stock.slot
    there = slots.pop(slot, None)
    left = (there.free if there else 0) + sign * part.quantity
    if left:
        slots[slot] = msgspec.structs.replace(part.stock, free=left)


def _why(short: int, bars: Sequence[Barred], given: int) -> str:
    """The goods that could have served, reason by reason, and what is not here at all."""
    sums: dict[str, int] = {}
    for bar in bars:
        sums[bar.why] = sums.get(bar.why, 0) + bar.quantity
    if given:
        sums["promised"] = sums.get("promised", 0) + given
    told = []
    for reason in WHY:
        n = min(short, sums.get(reason, 0))
        if n:
            told.append(WHY[reason].format(n=n))
            short -= n
    return ", ".join([*told, WHY["none"].format(n=short)] if short else told)


# ── the books ────────────────────────────────────────────────────────────────────────────────────────────────────────
IN_DOUBT = 3  # a count so urgent has a reason; a scheduled one does not keep its bin from being picked
_COUNTING = or_(
    exists(
        select(task.c.id).where(
            task.c.kind == "count",
            task.c.place == balance.c.location,
            or_(task.c.item == balance.c.item, task.c.item == ""),
            or_(task.c.state == "open", task.c.state == "started"),
            task.c.priority <= IN_DOUBT,
        )
    ),
    exists(
        select(count_line.c.id).where(
            count_line.c.place == balance.c.location,
            count_line.c.item == balance.c.item,
            count_line.c.state == "review",
            count_line.c.difference < 0,
        )
    ),
)
STOCK_OF = (
    select(
        balance.c.location, balance.c.lpn, balance.c.lot, balance.c.status, balance.c.quantity, balance.c.allocated,
        balance.c.since, func.coalesce(location.c.kind, ""), func.coalesce(location.c.blocked, ""),
        func.coalesce(location.c.sequence, 0), func.coalesce(lot.c.expiry, ""), func.coalesce(lot.c.held, ""),
        _COUNTING.label("counting"), func.coalesce(location.c.site, "").label("site"),
    )
    .select_from(
        balance.outerjoin(location, location.c.code == balance.c.location)
        .outerjoin(lot, and_(lot.c.item == balance.c.item, lot.c.lot == balance.c.lot))
    )
    .where(balance.c.item == bindparam("item"), balance.c.quantity > 0)
    .order_by(balance.c.location, balance.c.lpn, balance.c.lot, balance.c.status)
)  # fmt: skip
CASE_OF = select(func.min(pack.c.quantity)).where(pack.c.item == bindparam("item"), pack.c.quantity > 1)
TIMEZONE = select(site.c.timezone).order_by(site.c.code).limit(1)
HEAD = select(sales_order.c.ship_complete, sales_order.c.priority, sales_order.c.cutoff).where(
    sales_order.c.code == bindparam("code")
)
_OPEN = (
    order_line.c.quantity - order_line.c.allocated - order_line.c.picked - order_line.c.short - order_line.c.cancelled
)
OPEN_LINES = (
    select(order_line.c.id, order_line.c.item, _OPEN)
    .where(order_line.c.order_code == bindparam("code"), _OPEN > 0)
    .order_by(order_line.c.id)
)


def site_day(tx: Tx) -> str:
    """Today's ISO date where the warehouse stands: it decides what is expired."""
    name = tx.value(TIMEZONE) or "UTC"
    try:
        zone: ZoneInfo | None = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        zone = None
    return clock.as_datetime(clock.now()).astimezone(zone or UTC).date().isoformat()


def stock_of(tx: Tx, item: str, today: str, *, without: str = "") -> tuple[list[Stock], list[Barred]]:
    """What of an item may be promised now, and what may not with the reason. The place `without` is left out."""
    case = int(tx.value(CASE_OF, item=item) or 0)
    stock: list[Stock] = []
    barred: list[Barred] = []
    for row in tx.rows(STOCK_OF, item=item):
        place, lpn, number, status, quantity, allocated, since, kind, blocked, sequence, expiry, held, counting, _ = row
        if place == without:
            continue
        if allocated:
            barred.append(Barred(item=item, quantity=allocated, why="promised"))
        free = quantity - allocated
        why = why_barred(status, kind, blocked, expiry, held, counting, today)
        if why and free:
            barred.append(Barred(item=item, quantity=free, why=why))
        elif free:
            stock.append(
                Stock(
                    item=item,
                    slot=Slot(location=place, lpn=lpn, lot=number),
                    free=free,
                    expiry=expiry,
                    since=since,
                    reserve=kind == "reserve",
                    sequence=sequence,
                    case=case,
                )
            )
    return stock, barred


def why_barred(status: str, kind: str, blocked: str, expiry: str, held: str, counting: object, today: str) -> str:
    """Why goods that lie so may not be promised now (a key of WHY); empty where they may."""
    return (
        "hold" if status != "available" or held
        else "expired" if expiry and expiry < today
        else "staging" if kind in ("staging", "dock")
        else "carried" if kind not in ("bin", "reserve")
        else "blocked" if blocked
        else "count" if counting
        else ""
    )  # fmt: skip


def demand_of(tx: Tx, order: str) -> Demand | None:
    """What an order still wants; None when it is unknown."""
    head = tx.row(HEAD, code=order)
    if head is None:
        return None
    needs = tuple(Need(line=row[0], item=row[1], quantity=row[2]) for row in tx.rows(OPEN_LINES, code=order))
    return Demand(order=order, needs=needs, ship_complete=bool(head[0]), priority=head[1], cutoff=head[2])


def plan(tx: Tx, orders: Iterable[str]) -> tuple[Share, ...]:
    """What each order would get now. Reads only: the same for a simulation and for a release."""
    demands = [demand for code in dict.fromkeys(orders) if (demand := demand_of(tx, code)) is not None]
    today = site_day(tx)
    stock: list[Stock] = []
    barred: list[Barred] = []
    for item in dict.fromkeys(need.item for demand in demands for need in demand.needs):
        usable, unusable = stock_of(tx, item, today)
        stock += usable
        barred += unusable
    return allocate(demands, stock, barred)


def promise(tx: Tx, share: Share, by: By, *, wave: str = "", give_up: bool = False) -> None:
    """Post what an order gets. With `give_up` the rest is backordered, and the ERP hears so. Raises the ledger's refusals."""
    if not share.claims:
        return
    gone = tuple(
        Backorder(line=lacks.line, item=lacks.item, quantity=lacks.quantity, reason=lacks.why)
        for lacks in share.missing
        if give_up
    )
    event = Allocated(order=share.order, claimed=share.claims, wave=wave, backordered=gone)
    ledger.post(tx, event, by)
    progress.apply(tx, event)


def elsewhere(tx: Tx, line: str, item: str, quantity: int, not_at: str) -> tuple[Claim, ...]:
    """Where a line that found nothing at `not_at` can be served instead; may be less than asked."""
    stock, _ = stock_of(tx, item, site_day(tx), without=not_at)
    return tuple(
        Claim(line=line, item=item, quantity=part.quantity, slot=part.stock.slot) for part in choose(stock, quantity)
    )
