"""A short pick, decided as one thing: what is missing, where it comes from instead, and who looks into the bin.

The promise at this slot ends; the same line is promised what other bins have free, and those picks join the walk where
they cost the fewest steps; what no bin has is backordered. The bin gets a count task, the supervisor an exception. The
balance is not touched: only the count may change it. Whatever others were promised there and all that is already in
totes stays as it is, and until the count nothing more of the bin is promised.
"""

from itertools import pairwise

import msgspec
from sqlalchemy import bindparam, insert, select, update

from app import clock
from app.db import Tx
from app.schema.documents import sales_order
from app.schema.work import pick
from app.stock.events import PickShort
from app.stock.slots import Claim
from app.work import allocation, exceptions, tasks
from app.work.picking import Pick, open_picks
from app.work.routes import distance_mm
from app.work.walks import Place, fits, floor_of, places_of

COUNT_PRIORITY = 3  # before the day's scheduled counts
COUNTED = "count"  # the reason where a count gave the promise back
STEP = 10

REASONS = {
    "bin_empty": "Bin empty",
    "damaged": "Damaged",
    "wrong_item": "Wrong item in bin",
    "bin_blocked": "Bin blocked",
}

MAKE_ROOM = (
    update(pick)
    .where(pick.c.task == bindparam("of_task"), pick.c.state == "open", pick.c.sequence >= bindparam("first"))
    .values(sequence=pick.c.sequence + bindparam("step"))
)
_PICK = ("id", "task", "sequence", "order_code", "line", "item", "lot", "location", "lpn", "quantity")
ADD_PICK = insert(pick).values(**{name: bindparam(name) for name in _PICK})
MUST_BE_COMPLETE = select(sales_order.c.ship_complete).where(sales_order.c.code == bindparam("code"))


class ShortPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What will happen when the worker confirms."""

    pick: Pick
    missing: int
    elsewhere: tuple[Claim, ...]
    distances_mm: tuple[int, ...]  # from here to each of them; −1 where the floor is not measured
    backordered: int


def plan_short(tx: Tx, line: Pick, found: int) -> ShortPlan:
    """`found` of what is left was there. Reads only."""
    missing = line.left - found
    elsewhere = allocation.elsewhere(tx, line.line, line.item, missing, not_at=line.location)
    floor = floor_of(tx)
    here, *there = places_of(tx, (line.location, *(claim.slot.location for claim in elsewhere)))
    by_code = {place.code: place for place in there}
    ways = []
    for claim in elsewhere:
        target = by_code[claim.slot.location]
        measured = floor is not None and fits(floor, here) and fits(floor, target)
        ways.append(distance_mm(floor, here.spot, target.spot) if floor is not None and measured else -1)
    return ShortPlan(
        pick=line,
        missing=missing,
        elsewhere=elsewhere,
        distances_mm=tuple(ways),
        backordered=missing - sum(claim.quantity for claim in elsewhere),
    )


def follow(tx: Tx, plan: ShortPlan, reason: str, worker: str) -> PickShort:
    """Write what goes with a short pick (new picks, count task, exception) and return the event to post with it."""
    line = plan.pick
    count = tx.value(exceptions.OPEN_COUNT, of_place=line.location, of_item=line.item) or tasks.add(
        tx,
        "count",
        document=f"order {line.order_code}",
        place=line.location,
        item=line.item,
        priority=COUNT_PRIORITY,
        due=clock.now() + exceptions.ANSWER_WITHIN,
        reason=f"short pick: {REASONS[reason].lower()}",
    )
    return _event(tx, plan, reason, worker, count)


def counted_away(tx: Tx, plan: ShortPlan, worker: str, task: str) -> PickShort:
    """The same when a count, not the picker, found that it is not there: nobody need count again."""
    return _event(tx, plan, COUNTED, worker, task)


def _event(tx: Tx, plan: ShortPlan, reason: str, worker: str, count: str) -> PickShort:
    line = plan.pick
    for claim in plan.elsewhere:
        join_walk(tx, line, claim)
    _tell_supervisor(tx, plan, reason, worker)
    return PickShort(
        line=line.line,
        pick=line.id,
        item=line.item,
        missing=plan.missing,
        slot=line.slot,
        reason=reason,
        elsewhere=plan.elsewhere,
        backordered=plan.backordered,
        count_task=count,
    )


def join_walk(tx: Tx, line: Pick, claim: Claim) -> None:
    """Put the new pick where it lengthens the rest of the walk least."""
    rest = [other for other in open_picks(tx, line.task) if other.id != line.id]
    at = _best_position(tx, line.location, [other.location for other in rest], claim.slot.location)
    sequence = rest[at].sequence if at < len(rest) else max([line.sequence, *(o.sequence for o in rest)]) + STEP
    tx.run(MAKE_ROOM, of_task=line.task, first=sequence, step=STEP)
    tx.run(
        ADD_PICK,
        id=clock.new_id(),
        task=line.task,
        sequence=sequence,
        order_code=line.order_code,
        line=line.line,
        item=claim.item,
        lot=claim.slot.lot,
        location=claim.slot.location,
        lpn=claim.slot.lpn,
        quantity=claim.quantity,
    )


def _best_position(tx: Tx, here: str, stops: list[str], new: str) -> int:
    """How many of the stops still ahead come before the new one."""
    known = {place.code: place for place in places_of(tx, (here, new, *stops))}
    floor = floor_of(tx)
    if floor is None or not all(fits(floor, place) for place in known.values()):
        ahead = [known[stop].sequence > known[new].sequence for stop in stops]
        return ahead.index(True) if True in ahead else len(stops)

    def way(one: Place, other: Place) -> int:
        return distance_mm(floor, one.spot, other.spot)

    walk = [known[here], *(known[stop] for stop in stops)]
    there = known[new]
    detours = [way(before, there) + way(there, after) - way(before, after) for before, after in pairwise(walk)]
    detours.append(way(walk[-1], there))
    return detours.index(min(detours))


def _tell_supervisor(tx: Tx, plan: ShortPlan, reason: str, worker: str) -> None:
    line = plan.pick
    held_up = bool(plan.backordered and tx.value(MUST_BE_COMPLETE, code=line.order_code))
    why = REASONS.get(reason, "the count found less").lower()
    sentence = f"{plan.missing} × {line.item} missing at {line.location}: {why}."
    if plan.backordered:
        sentence += f" {plan.backordered} found nowhere."
    if held_up:
        sentence += f" Order {line.order_code} must ship complete and cannot."
    exceptions.add(
        tx,
        "ship_complete_short" if held_up else "short_pick",
        sentence,
        document=f"order {line.order_code}",
        item=line.item,
        location=line.location,
        worker=worker,
    )
