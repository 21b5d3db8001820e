"""Taking goods up: what a worker may carry away from where it lies, and what they carry now.

Whatever is taken up is booked onto the worker's hand (`@1007`) at once. So it is not offered to anybody where it lay,
a handheld that dies loses nothing, and at the next sign-in the goods are still on the same worker's trolley. What is
promised to an order, held by another worker's task or being counted stays where it is.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
from sqlalchemy import and_, bindparam, func, or_, select

from app import clock
from app.db import Tx
from app.schema.places import location
from app.schema.stock import allocation, balance
from app.schema.work import task
from app.stock import balances
from app.stock.balances import Balance, Carrier
from app.stock.events import Moved
from app.stock.events.base import lane_of, order_of
from app.stock.slots import Carry, Movement, hand_of
from app.work import people, tasks
from app.work.arrived import EmptyLpn, UnknownLpn
from app.work.moves_refused import (
    AlreadyCarried,
    HeldByTask,
    LpnOver,
    MoreThanFree,
    NothingThere,
    NotMoved,
    Promised,
    ScanOne,
)
from app.work.putaway import BinBlocked

SOURCES = ("bin", "reserve", "staging", "dock")
NOT_OURS = {"tote": "its order", "carton": "its order"}
RETURNED = "returns "  # document of a plate or tote that collects goods of one disposition: it may be moved
PLATES_ASKED = 20  # parents of an LPN looked at, as deep as the ledger lets them nest
LISTED = 8


class Thing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing on the trolley: a whole LPN with all it holds, or loose goods of one item, lot and status."""

    rows: tuple[Balance, ...]
    lpn: str = ""

    @property
    def key(self) -> str:
        one = self.rows[0]
        return f"lpn {self.lpn}" if self.lpn else f"item {one.item} {one.lot} {one.status}"

    @property
    def quantity(self) -> int:
        return sum(row.quantity for row in self.rows)

    @property
    def words(self) -> str:
        if self.lpn:
            return f"LPN {self.lpn}"
        one = self.rows[0]
        return " ".join([f"{self.quantity} × {one.item}", *([f"lot {one.lot}"] if one.lot else [])])


PLACE = select(
    location.c.kind,
    location.c.blocked,
    select(func.count())
    .select_from(task)
    .where(task.c.kind == "count", task.c.state == "started", task.c.place == location.c.code)
    .scalar_subquery(),
).where(location.c.code == bindparam("code"))
PLACES_OF = (
    select(balance.c.location, balance.c.lpn)
    .join(location, location.c.code == balance.c.location)
    .where(
        balance.c.item == bindparam("of_item"),
        or_(balance.c.lot == bindparam("of_lot"), bindparam("of_lot") == ""),
        balance.c.quantity > 0,
        or_(*(location.c.kind == kind for kind in SOURCES)),
    )
    .distinct()
    .limit(2)
)
LIES = (
    select(balance)
    .join(location, location.c.code == balance.c.location)
    .where(
        balance.c.item == bindparam("of_item"),
        balance.c.quantity > balance.c.allocated,
        or_(*(location.c.kind == kind for kind in SOURCES)),
    )
    .order_by(location.c.sequence, balance.c.location, balance.c.lpn, balance.c.lot, balance.c.status)
    .limit(LISTED + 1)
)
PROMISED_TO = select(allocation.c.line, allocation.c.quantity).where(
    and_(
        allocation.c.item == bindparam("of_item"),
        allocation.c.location == bindparam("of_place"),
        allocation.c.lpn == bindparam("of_lpn"),
        allocation.c.lot == bindparam("of_lot"),
        allocation.c.quantity > 0,
    )
)


# ── what is carried, and where it lies ───────────────────────────────────────────────────────────────────────────────
def carried(tx: Tx, worker: str) -> list[Thing]:
    """What this worker carries that is not picked for an order, in the order of its codes."""
    found: dict[str, list[Balance]] = {}
    for row in balances.at_location(tx, hand_of(worker)):
        top = _top(tx, row.lpn) if row.lpn else None
        if row.allocated or (top is not None and _is_an_orders(top)):
            continue
        found.setdefault(top.code if top is not None else f" {row.item} {row.lot} {row.status}", []).append(row)
    return [Thing(lpn="" if key.startswith(" ") else key, rows=tuple(rows)) for key, rows in sorted(found.items())]


def is_in_one_place(tx: Tx, item: str, lot: str) -> bool:
    """Does all of it lie in one place, the promised pieces included? Else its label does not say where one stands."""
    return len(tx.rows(PLACES_OF, of_item=item, of_lot=lot)) < 2


def lies(tx: Tx, item: str) -> list[Balance]:
    """Where free pieces of an item lie, in walking order; at most one more than is listed."""
    return tx.all(LIES, Balance, of_item=item)


def check_source(tx: Tx, code: str) -> str:
    """A place goods may be taken from; the reason it is blocked, if it is. Raises NotMoved, BinBlocked (counted)."""
    kind, blocked, counted = tx.row(PLACE, code=code) or ("virtual place", "", 0)
    if kind not in SOURCES:
        raise NotMoved(scanned=code, reason=f"it is a {kind}", expected="a bin, a reserve or staging")
    if counted:
        raise BinBlocked(scanned=code, reason="it is being counted")
    return str(blocked)


# ── taking up ────────────────────────────────────────────────────────────────────────────────────────────────────────
def take_lpn(tx: Tx, code: str, worker: str, *, own: str = "") -> Moved:
    """A whole LPN with all that stands on it; what is promised to `own` is no obstacle.

    Raises UnknownLpn, LpnOver, NotMoved, EmptyLpn, Promised, HeldByTask …
    """
    top = movable(tx, code, worker, own=own)
    check_source(tx, top.location)
    _release_task(tx, f"lpn {code}", code, worker)
    return bring_lpn(tx, top, hand_of(worker))


def take_rows(tx: Tx, rows: Sequence[Balance], worker: str, quantity: int = 0, serial: str = "") -> Moved:
    """Loose goods, or goods off an LPN: whole balances, or `quantity` of the only one. Raises MoreThanFree, Promised."""
    check_source(tx, rows[0].location)
    moves: list[Movement] = []
    for row in rows:
        target = row.slot.at(hand_of(worker), "")
        if not row.lpn:
            lane = f"loose {row.item} {row.lot} {row.status} at {row.location}"
            _release_task(tx, lane, row.item, worker)
        if quantity and quantity > row.free:
            raise MoreThanFree(
                expected=row.free, item=row.item, place=row.lpn or row.location, scanned=str(quantity), field="quantity"
            )
        if serial or 0 < quantity < row.quantity:
            moves.append(Movement(item=row.item, quantity=quantity, source=row.slot, target=target, serial=serial))
        else:
            refuse_promised(tx, [row])
            moves += balances.moves_of(tx, row, target)
    emptied = _emptied(tx, rows, quantity)
    gone = tuple(Carry(lpn=plate.code, location=plate.location, state="gone") for plate in emptied)
    return Moved(contents=tuple(moves), carried=gone, stood=stood(*emptied))


def content(tx: Tx, code: str) -> list[Balance]:
    """All that lies loose at a place. Raises NothingThere, ScanOne where LPNs stand there."""
    check_source(tx, code)
    rows = balances.at_location(tx, code)
    if not rows:
        raise NothingThere(scanned=code)
    plates = sorted({row.lpn for row in rows if row.lpn})
    if plates:
        what = f"{len(plates)} LPNs" if len(plates) > 1 else f"LPN {plates[0]}"
        raise ScanOne(scanned=code, what=f"{what} and loose goods" if any(not row.lpn for row in rows) else what)
    return rows


def only_lpn(tx: Tx, code: str) -> str:
    """The LPN a place stands for: the only thing on it. Empty where it holds anything else."""
    rows = balances.at_location(tx, code)
    tops = {top.code if (top := _top(tx, row.lpn)) is not None else "" for row in rows}
    return tops.pop() if len(tops) == 1 else ""


# ── the rules behind ─────────────────────────────────────────────────────────────────────────────────────────────────
def movable(tx: Tx, code: str, worker: str, *, own: str = "") -> Carrier:
    """An LPN that may be taken, broken, merged or nested now, by its number. `own`: whose promise is no obstacle."""
    known = balances.carrier(tx, code)
    if known is None:
        raise UnknownLpn(scanned=code)
    if known.state in ("gone", "void"):
        raise LpnOver(scanned=code)
    if _is_an_orders(known):
        raise NotMoved(scanned=code, reason=f"it is a {known.kind} and moves with {NOT_OURS[known.kind]}")
    if known.location.startswith("@"):
        who = "you" if known.location == hand_of(worker) else _name(tx, known.location[1:])
        raise AlreadyCarried(scanned=code, worker=who)
    rows = held_in(tx, known)
    if not rows:
        raise EmptyLpn(scanned=code)
    refuse_promised(tx, rows, own=own)
    return known


def held_in(tx: Tx, top: Carrier) -> list[Balance]:
    """All that stands on an LPN, however deep."""
    return [row for each in (top, *standing_in(tx, top)) for row in balances.in_lpn(tx, each.code)]


def standing_in(tx: Tx, top: Carrier) -> list[Carrier]:
    return [child for child in balances.nested(tx, top.code) if child.state in ("open", "closed")]


def bring_lpn(tx: Tx, top: Carrier, target: str, parent: str = "") -> Moved:
    """The event that brings an LPN with all it holds to a place, or inside another LPN."""
    inside = standing_in(tx, top)
    moves, _ = balances.moves_of_lpn(tx, top.code, target) if top.location != target else ([], [])
    carries = [Carry(lpn=top.code, location=target, parent=parent, state=state_of(top))]
    carries += [Carry(lpn=each.code, location=target, parent=each.parent, state=state_of(each)) for each in inside]
    return Moved(contents=tuple(moves), carried=tuple(carries), stood=stood(top, *inside))


def stood(*plates: Carrier) -> tuple[Carry, ...]:
    """How LPNs stand now, so that a step can be taken back."""
    return tuple(Carry(lpn=p.code, location=p.location, parent=p.parent, state=state_of(p)) for p in plates)


def refuse_promised(tx: Tx, rows: Sequence[Balance], *, own: str = "") -> None:
    """Raises Promised where goods are promised to anybody but `own`."""
    for row in rows:
        if not row.allocated:
            continue
        told = tx.rows(PROMISED_TO, of_item=row.item, of_place=row.location, of_lpn=row.lpn, of_lot=row.lot)
        others = {order: n for line, n in told if (order := order_of(str(line))) != own}
        if others or not told:
            place = row.lpn or row.location
            first = next(iter(others), "another")
            raise Promised(quantity=row.allocated, item=row.item, place=place, order=lane_of(first))


def _is_an_orders(plate: Carrier) -> bool:
    return plate.kind in NOT_OURS and not plate.document.startswith(RETURNED)


def _emptied(tx: Tx, rows: Sequence[Balance], quantity: int) -> list[Carrier]:
    """The LPNs these rows are the last goods of: their labels are void."""
    found = []
    for code in sorted({row.lpn for row in rows if row.lpn}):
        here, taken = balances.in_lpn(tx, code), [row for row in rows if row.lpn == code]
        all_of_it = len(here) == len(taken) and (not quantity or quantity == taken[0].quantity)
        plate = balances.carrier(tx, code)
        if all_of_it and plate is not None and not standing_in(tx, plate):
            found.append(plate)
    return found


def _release_task(tx: Tx, lane: str, what: str, worker: str) -> None:
    """Goods another worker is putting away are theirs; a task nobody works on is over once the goods are moved."""
    for found in tasks.of_document(tx, "putaway", lane):
        if found.is_held(clock.now()) and found.worker != worker:
            raise HeldByTask(worker=_name(tx, found.worker), scanned=what)
        tasks.cancel(tx, found.id)


def _top(tx: Tx, code: str) -> Carrier | None:
    """The outermost LPN something stands on."""
    known = balances.carrier(tx, code)
    for _ in range(PLATES_ASKED):
        above = balances.carrier(tx, known.parent) if known is not None and known.parent else None
        if above is None:
            return known
        known = above
    return known


def state_of(plate: Carrier) -> Literal["open", "closed"]:
    return "closed" if plate.state == "closed" else "open"


def _name(tx: Tx, worker: str) -> str:
    who = people.by_code(tx, worker)
    return who.short_name if who is not None else worker
