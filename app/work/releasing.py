"""Releasing a wave: promise the goods, make carts and walks, hand them to the floor.

The plan is made from a snapshot outside the writer and then written in small jobs between the scans: promises in chunks
of at most 50 lines, then one walk at a time. Nothing is locked meanwhile: the ledger's guards refuse a promise whose goods
somebody else got first, and what failed is planned again. Each step begins by looking at what is already done, so a
release that was interrupted is finished by releasing again. An order that may be split goes without what is not there,
and the rest is backordered; an order that gets nothing, or must ship complete and cannot, returns to the pool.
"""

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import bindparam, exists, func, insert, select, update

from app import clock
from app.db import Database, Tx
from app.schema.documents import order_line, sales_order
from app.schema.items import item
from app.schema.stock import allocation
from app.schema.work import pick, task, task_tote, wave
from app.stock import ledger
from app.stock.events import Allocated
from app.stock.events.outbound import Backorder
from app.stock.ledger import By
from app.stock.refusals import NotEnough, OnHold
from app.work import progress, replenishing, tasks, waves
from app.work.allocation import LINES_AT_ONCE, Missing, Share, demand_of, plan, promise
from app.work.patience import patiently
from app.work.walks import Bundle, Day, Method, Walk, floor_of, places_of, plan_apart
from app.work.waves import WaveOver, promises_of

ATTEMPTS = 5  # plans of what somebody else got first
STEP = 10  # between the sequence numbers of a walk

BEGIN = (
    update(wave)
    .where(wave.c.code == bindparam("which"), (wave.c.state == "planned") | (wave.c.state == "releasing"))
    .values(state="releasing")
)
END = (
    update(wave)
    .where(wave.c.code == bindparam("which"), wave.c.state == "releasing")
    .values(state="released", released=bindparam("at"))
)
_HAS_PICKS = exists(select(pick.c.id).where(pick.c.order_code == sales_order.c.code, pick.c.state == "open"))
WITHOUT_WALK = (
    select(
        sales_order.c.code, sales_order.c.priority, sales_order.c.cutoff, allocation.c.location, allocation.c.quantity,
        item.c.weight_g, item.c.length_mm * item.c.width_mm * item.c.height_mm,
    )
    .select_from(
        sales_order.join(order_line, order_line.c.order_code == sales_order.c.code)
        .join(allocation, allocation.c.line == order_line.c.id)
        .join(item, item.c.code == order_line.c.item)
    )
    .where(
        sales_order.c.wave == bindparam("which"),
        sales_order.c.state == "waved",
        allocation.c.quantity > 0,
        ~_HAS_PICKS,
    )
    .order_by(sales_order.c.priority, sales_order.c.cutoff, sales_order.c.code, allocation.c.location)
)  # fmt: skip
# And the wave itself was not pulled back while we plan.
_RELEASING = exists(select(wave.c.code).where(wave.c.code == sales_order.c.wave, wave.c.state == "releasing"))
STILL_WAVED = select(sales_order.c.priority, sales_order.c.cutoff).where(
    sales_order.c.code == bindparam("order"),
    sales_order.c.wave == bindparam("which"),
    sales_order.c.state == "waved",
    _RELEASING,
    ~_HAS_PICKS,
)
WALKS = select(func.count()).select_from(task).where(task.c.wave == bindparam("which"))
_PICK = ("id", "task", "sequence", "order_code", "line", "item", "lot", "location", "lpn", "quantity")
ADD_PICK = insert(pick).values(**{name: bindparam(name) for name in _PICK})
ADD_TOTE = insert(task_tote).values(tote="", **{name: bindparam(name) for name in ("task", "order_code", "position")})


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk is told."""

    wave: str
    walks: int
    lines: int
    units: int
    length_mm: int
    back_to_pool: tuple[str, ...]
    missing: tuple[Missing, ...]


def release(db: Database, code: str, by: By, method: Method | None = None) -> Released:
    """Bring a planned wave to the floor. Runs seconds for a big one: call it on a thread of its own.

    Raises WaveOver where the wave is not planned (any more), Busy where the writer stays full.
    """
    patiently(db, lambda tx: _begin(tx, code))
    missing = _promise_all(db, code, by)
    back = patiently(db, lambda tx: _return_unserved(tx, code))
    with db.reading() as tx:
        day = _day(tx, code, method or Method())
    lines = units = walks = length = 0
    for walk in plan_apart(day) if day.orders else ():
        quantities = patiently(db, lambda tx, walk=walk: _write_walk(tx, code, walk))  # type: ignore[misc]
        lines, units = lines + len(quantities), units + sum(quantities)
        walks, length = walks + bool(quantities), length + (walk.length_mm if quantities else 0)
    patiently(db, lambda tx: _end(tx, code))
    return Released(
        wave=code, walks=walks, lines=lines, units=units, length_mm=length, back_to_pool=back, missing=missing
    )


def _begin(tx: Tx, code: str) -> None:
    if tx.run(BEGIN, which=code) != 1:
        found = waves.find(tx, code)
        raise WaveOver(wave=code, state=found.state.replace("_", " ") if found else "not known")
    tx.tell("waves")


def _end(tx: Tx, code: str) -> None:
    tx.run(END, which=code, at=clock.now())
    waves.settle(tx, code)
    replenishing.look(tx, trigger="wave")
    tx.tell("waves")


# ── promises ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _promise_all(db: Database, code: str, by: By) -> tuple[Missing, ...]:
    missing: dict[str, Missing] = {}
    for _ in range(ATTEMPTS):
        with db.reading() as tx:
            shares = plan(tx, waves.orders_waved(tx, code))
            complete = {share.order for share in shares if _ships_complete(tx, share.order)}
        missing |= {lacks.line: lacks for share in shares for lacks in share.missing}
        failed = False
        for chunk in _chunks(shares, complete):
            try:
                failed |= patiently(db, lambda tx, chunk=chunk: _promise_some(tx, code, chunk, by))  # type: ignore[misc]
            except (NotEnough, OnHold):  # somebody was first: plan again
                failed = True
        if not failed:
            break
    patiently(db, lambda tx: _give_up_rest(tx, code, by))
    return tuple(missing.values())


def _ships_complete(tx: Tx, order: str) -> bool:
    demand = demand_of(tx, order)
    return demand is not None and demand.ship_complete


def _chunks(shares: Sequence[Share], complete: set[str]) -> Iterator[list[Share]]:
    """Jobs of at most 50 lines; a long order that may be split is spread over several, another is one job."""
    chunk: list[Share] = []
    lines = 0
    for share in shares:
        for part in _slices(share, share.order in complete):
            if chunk and lines + len(part.claims) > LINES_AT_ONCE:
                yield chunk
                chunk, lines = [], 0
            chunk.append(part)
            lines += len(part.claims)
    if chunk:
        yield chunk


def _slices(share: Share, whole: bool) -> Iterator[Share]:
    if not share.claims:
        return
    size = len(share.claims) if whole else LINES_AT_ONCE
    for first in range(0, len(share.claims), size):
        last = first + size >= len(share.claims)
        yield Share(order=share.order, claims=share.claims[first : first + size], missing=share.missing if last else ())


def _promise_some(tx: Tx, code: str, chunk: Sequence[Share], by: By) -> bool:
    """Post the shares whose order is still as it was planned; True when one was not."""
    stale = False
    for share in chunk:
        demand = demand_of(tx, share.order)
        wants = {need.line: need.quantity for need in demand.needs} if demand else {}
        parts = [(claim.line, claim.quantity) for claim in share.claims]
        parts += [(lacks.line, lacks.quantity) for lacks in share.missing]
        for line, quantity in parts:
            wants[line] = wants.get(line, 0) - quantity
        if min(wants.values(), default=0) < 0 or tx.row(STILL_WAVED, order=share.order, which=code) is None:
            stale = True
        else:
            promise(tx, share, by, wave=code, give_up=True)
    return stale


def _give_up_rest(tx: Tx, code: str, by: By) -> None:
    """What orders still want after the last plan although they got something: the goods went to others meanwhile."""
    for order in waves.orders_waved(tx, code):
        demand = demand_of(tx, order)
        if demand is None or not demand.needs or demand.ship_complete or not promises_of(tx, order):
            continue
        gone = tuple(
            Backorder(line=need.line, item=need.item, quantity=need.quantity, reason="allocated elsewhere")
            for need in demand.needs
        )
        event = Allocated(order=order, claimed=(), wave=code, backordered=gone)
        ledger.post(tx, event, by)
        progress.apply(tx, event)


def _return_unserved(tx: Tx, code: str) -> tuple[str, ...]:
    back = tuple(order for order in waves.orders_waved(tx, code) if not promises_of(tx, order))
    for order in back:
        tx.run(waves.LEAVE, which=order)
    return back


# ── walks ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _day(tx: Tx, code: str, method: Method) -> Day:
    """The promised orders that have no walk yet, as the planner sees them."""
    bundles: dict[str, Bundle] = {}
    for order, priority, due, place, quantity, weight, volume in tx.rows(WITHOUT_WALK, which=code):
        so_far = bundles.get(order) or Bundle(order=order, priority=priority, due=due, places=())
        bundles[order] = msgspec.structs.replace(
            so_far,
            places=so_far.places if place in so_far.places else (*so_far.places, place),
            weight_g=so_far.weight_g + quantity * weight,
            volume_mm3=so_far.volume_mm3 + quantity * volume,
        )
    places = places_of(tx, (code for bundle in bundles.values() for code in bundle.places))
    return Day(floor=floor_of(tx), places=places, orders=tuple(bundles.values()), method=method)


def _write_walk(tx: Tx, code: str, walk: Walk) -> list[int]:
    """One walk for the floor, from the promises as they are now. Returns the quantities of its picks."""
    heads = {order: row for order in walk.orders if (row := tx.row(STILL_WAVED, order=order, which=code)) is not None}
    step_of = {place: step for step, place in enumerate(walk.places)}
    found = [
        (step_of.get(claim.slot.location, len(step_of)), claim.slot.location, claim.item, position, order, claim)
        for position, order in enumerate(sorted(heads), start=1)
        for claim in promises_of(tx, order)
    ]
    if not found:
        return []
    orders = [order for order in sorted(heads) if any(entry[4] == order for entry in found)]
    key = tasks.add(
        tx,
        "pick",
        id=f"{code}-{int(tx.value(WALKS, which=code)) + 1}",
        document=f"order {orders[0]}" if len(orders) == 1 else "",
        wave=code,
        priority=min(heads[order][0] for order in orders),
        due=min((heads[order][1] for order in orders if heads[order][1]), default=0),
        reason=walk.note,
        length_mm=walk.length_mm,
    )
    claims = [(entry[4], entry[5]) for entry in sorted(found, key=lambda entry: entry[:4])]
    tx.many(
        ADD_PICK,
        [
            {
                "id": clock.new_id(),
                "task": key,
                "sequence": step * STEP,
                "order_code": order,
                "line": claim.line,
                "item": claim.item,
                "lot": claim.slot.lot,
                "location": claim.slot.location,
                "lpn": claim.slot.lpn,
                "quantity": claim.quantity,
            }
            for step, (order, claim) in enumerate(claims, start=1)
        ],
    )
    tx.many(ADD_TOTE, [{"task": key, "order_code": order, "position": n} for n, order in enumerate(orders, start=1)])
    tx.tell("waves")
    return [claim.quantity for _, claim in claims]
