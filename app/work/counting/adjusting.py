"""The books brought to what a count found: one `Adjusted` a slot (or a serial), with its reason and approver.

Goods that are not there cannot be promised. Where a shortage reaches into what is promised, as many promises are given
back first, the least urgent orders' before the others: their picks are short and planned anew from other bins, what no
bin has waits for the ERP. What cannot be taken because the goods moved on is said, and nothing is adjusted.
"""

from collections.abc import Callable

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.documents import order_line, sales_order
from app.schema.items import lot as lots
from app.schema.stock import allocation
from app.schema.work import pick
from app.stock.events import Adjusted, Allocated, AnyEvent, Deallocated
from app.stock.events.base import FOR_TRANSFER
from app.stock.slots import Claim, Slot
from app.work import allocation as promises
from app.work import shorts
from app.work.counting import book
from app.work.counting.book import Key, Part
from app.work.counting.rules import REASON
from app.work.counting.serials import ONE, Elsewhere, Told
from app.work.picking import Pick

Post = Callable[[AnyEvent], int]
LEAST_URGENT = 2**62


class MovedOn(State):
    code, title = "goods_moved_on", "Goods moved on"
    says = "The books have only {there} × {item} left at {place}, so {quantity} cannot be taken off there."
    todo = "Count it again, where it lies now."


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One correction, decided."""

    place: str
    key: Key
    status: str
    change: int
    reason: str
    approver: str
    count: str
    task: str
    cause: str = ""


PROMISED = (
    select(allocation.c.line, allocation.c.quantity, sales_order.c.priority, sales_order.c.cutoff)
    .outerjoin(order_line, order_line.c.id == allocation.c.line)
    .outerjoin(sales_order, sales_order.c.code == order_line.c.order_code)
    .where(
        allocation.c.item == bindparam("item"), allocation.c.location == bindparam("place"),
        allocation.c.lpn == bindparam("lpn"), allocation.c.lot == bindparam("lot"), allocation.c.quantity > 0,
    )
)  # fmt: skip
OPEN_PICKS = select(pick).where(
    pick.c.line == bindparam("line"), pick.c.location == bindparam("place"), pick.c.lpn == bindparam("lpn"),
    pick.c.lot == bindparam("lot"), pick.c.state == "open",
).order_by(pick.c.sequence.desc())  # fmt: skip
MEET_LOT = (
    upsert(lots)
    .values(**{name: bindparam(name) for name in ("item", "lot", "expiry", "seen")})
    .on_conflict_do_nothing()
)


def correct(tx: Tx, wanted: Wanted, post: Post, worker: str, *, expiry: str = "") -> int:
    """Post what brings the books to the truth. Returns the last event's seq. Raises MovedOn, or a ledger's refusal."""
    if wanted.change > 0:
        return _more(tx, wanted, post, expiry)
    held = book.parts(tx, wanted.place, wanted.key)
    lacking = -wanted.change
    there = sum(part.quantity for part in held)
    if there < lacking:
        raise MovedOn(there=there, item=wanted.key.item, place=wanted.place, quantity=lacking)
    seq = 0
    for part in sorted(held, key=lambda one: (one.status != "available", one.status)):
        take = min(lacking, part.quantity)
        if not take:
            continue
        give_back(tx, part, take - (part.quantity - part.allocated), post, worker, wanted.task)
        seq = post(_adjusted(wanted, _slot(part), -take))
        lacking -= take
    return seq


def correct_serials(tx: Tx, wanted: Wanted, told: Told, post: Post, worker: str) -> int:
    """The same piece by piece: missing ones go first, then what was found, from wherever the books had it."""
    seq = 0
    gone = {part.status: part for part in book.parts(tx, wanted.place, wanted.key)}
    for number in told.missing:
        where = serial_slot(tx, wanted.key.item, number)
        if where is not None:
            seq = _one_less(tx, wanted, where, number, post, worker)
    if told.nameless:
        seq = correct(tx, msgspec.structs.replace(wanted, change=-told.nameless), post, worker)
    for number in told.found:
        where = serial_slot(tx, wanted.key.item, number)
        if where is not None:
            _one_less(tx, wanted, where, number, post, worker)
        status = next(iter(gone)) if len(gone) == 1 else "available"
        here = Slot(location=_place(tx, wanted), lpn=wanted.key.lpn, lot=wanted.key.lot, status=status)
        seq = post(_adjusted(wanted, here, 1, number))
    return seq


def give_back(tx: Tx, part: Part, quantity: int, post: Post, worker: str, task: str) -> None:
    """End promises on so many units of a balance, the least urgent orders' first, and serve them elsewhere if we can."""
    rows = tx.rows(PROMISED, item=part.item, place=part.location, lpn=part.lpn, lot=part.lot)
    rows.sort(key=lambda row: (row[2] or 0, row[3] or LEAST_URGENT, row[0]), reverse=True)
    for line, promised, _, _ in rows:
        if quantity <= 0:
            return
        back = min(quantity, promised)
        quantity -= back
        for one in tx.all(OPEN_PICKS, Pick, line=line, place=part.location, lpn=part.lpn, lot=part.lot):
            less = min(back, one.left)
            if less and one.item == part.item:
                plan = shorts.plan_short(tx, one, one.left - less)
                post(shorts.counted_away(tx, plan, worker, task))
                back -= less
        if back:
            _promise_anew(tx, part, line, back, post)


def _promise_anew(tx: Tx, part: Part, line: str, quantity: int, post: Post) -> None:
    """A promise nobody walks for yet."""
    order = line.rpartition("/")[0]
    slot = Slot(location=part.location, lpn=part.lpn, lot=part.lot)
    post(
        Deallocated(
            order=order, claimed=(Claim(line=line, item=part.item, quantity=-quantity, slot=slot),), reason=REASON
        )
    )
    if order.startswith(FOR_TRANSFER):
        return  # served anew from its own site's places when somebody goes on with it
    others = promises.elsewhere(tx, line, part.item, quantity, not_at=part.location)
    if others:
        post(Allocated(order=order, claimed=others))


def _more(tx: Tx, wanted: Wanted, post: Post, expiry: str) -> int:
    key = wanted.key
    if key.lot:
        tx.run(MEET_LOT, item=key.item, lot=key.lot, expiry=expiry, seen=clock.now())
    slot = Slot(location=_place(tx, wanted), lpn=key.lpn, lot=key.lot, status=wanted.status)  # type: ignore[arg-type]
    return post(_adjusted(wanted, slot, wanted.change))


def _one_less(tx: Tx, wanted: Wanted, slot: Slot, number: str, post: Post, worker: str) -> int:
    for part in book.parts(tx, slot.location, Key(item=wanted.key.item, lpn=slot.lpn, lot=slot.lot)):
        if part.status == slot.status and part.location == slot.location:
            give_back(tx, part, 1 - (part.quantity - part.allocated), post, worker, wanted.task)
    return post(_adjusted(wanted, slot, -1, number))


def _adjusted(wanted: Wanted, slot: Slot, change: int, serial: str = "") -> Adjusted:
    return Adjusted(
        item=wanted.key.item,
        slot=slot,
        change=change,
        reason=wanted.reason,
        approver=wanted.approver,
        count=wanted.count,
        serial=serial,
        cause=wanted.cause,
    )


def _slot(part: Part) -> Slot:
    return Slot(location=part.location, lpn=part.lpn, lot=part.lot, status=part.status)


def _place(tx: Tx, wanted: Wanted) -> str:
    """Where the key is now: an LPN may have been carried on since it was counted."""
    held = book.parts(tx, wanted.place, wanted.key) if wanted.key.lpn else []
    return next((part.location for part in held if part.quantity > 0), wanted.place)


def serial_slot(tx: Tx, item: str, number: str) -> Slot | None:
    """Where the books have a serial now; None where it is not ours."""
    row = tx.one(ONE, Elsewhere, item=item, number=number)
    slot = None if row is None else Slot(location=row.location, lpn=row.lpn, lot=row.lot, status=row.status)  # type: ignore[arg-type]
    return None if slot is None or slot.is_endless else slot
