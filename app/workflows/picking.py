"""Picking: goods leave the shelves for the totes of their orders.

1. Take the next walk; or scan a cart, a tote or an order to take a certain one. What you began comes first; what
   somebody else has is taken over by asking twice.
2. Several orders: scan a cart and an empty tote for each order (picking_totes.py). One order: one tote in the hand.
3. Line by line: location, item, tote (picking_line.py); short, skip and tote full where life is not as planned.
4. Set the totes down at the packing station (picking_unload.py).
"""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app import clock
from app.db import Tx
from app.errors import State, Unknown
from app.floor.floor import Floor
from app.floor.flows import Flow, flow, register
from app.floor.prompt import Key, Prompt
from app.floor.readings import DocumentReading, LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.stock.events import Moved
from app.stock.slots import hand_of
from app.work import picking, tasks
from app.work.allocation import TIMEZONE
from app.work.directing_queue import Row
from app.work.tasks import Task
from app.workflows import picking_walk as walk
from app.workflows.picking_totes import NotACart, take_cart

SHOWN = 6  # walks on the list


class NothingToPick(State):
    code, title = "nothing_to_pick", "Nothing to pick"
    says = "No walk waits for a picker."
    todo = "Ask the desk to release a wave."


class NothingForThis(Unknown):
    code, title = "no_walk_for_this", "No walk for this"
    says = "{scanned} has nothing to pick: {reason}."
    todo = "Take the next walk."


class FinishFirst(State):
    code, title = "finish_first", "Finish first"
    says = "You are still on {expected}."
    todo = "Take that one to its end, then this."


class Choose(Screen, frozen=True, kw_only=True, tag="picking"):
    """Which walk?"""

    def prompt(self, floor: Floor) -> Prompt:
        best = tasks.best(floor.tx, "pick", floor.worker)
        waiting = tasks.queue(floor.tx, "pick", most=SHOWN)
        return Prompt(
            job="Pick",
            headline="Scan cart or order" if best else "Nothing to pick",
            hint="or take the next" if best else "the desk has released no wave",
            choices=tuple(
                Key(name="take", value=each.id, label=walk.name(each), note=_note(floor.tx, each)) for each in waiting
            ),
            main=Key(name="next", label=f"Next: {walk.name(best)}", note=_note(floor.tx, best)) if best else None,
            speech="Scan a cart, or take the next." if best else "Nothing to pick.",
        )

    def tap_next(self, floor: Floor) -> Screen:
        best = tasks.best(floor.tx, "pick", floor.worker)
        if best is None:
            raise NothingToPick()
        return take(floor, best.id)

    def tap_take(self, floor: Floor, task: str) -> Screen:
        return take(floor, task)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        if read.of != "cart":
            raise NotACart(scanned=read.location, kind=read.of)
        used = picking.task_on_cart(floor.tx, read.location)
        if used is not None:
            return take(floor, used[0])
        best = tasks.mine(floor.tx, "pick", floor.worker) or next(
            (each for each in tasks.queue(floor.tx, "pick", worker=floor.worker) if not each.cart), None
        )
        if best is None:
            raise NothingToPick()
        return take(floor, best.id, read)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        task = picking.task_of_tote(floor.tx, read.lpn)
        if not task:
            raise NothingForThis(scanned=read.lpn, reason="it is on no walk")
        return take(floor, task)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        task = floor.tx.value(picking.TASK_OF_ORDER, code=read.document) if read.of == "order" else None
        if task:
            return take(floor, task)
        state = floor.tx.value(picking.STATE_OF_ORDER, code=read.document) if read.of == "order" else None
        packing = flow("packing")
        if state in ("picked", "packing", "packed") and packing is not None:
            first = packing.start()
            if hasattr(first, "on_document") and floor.seat.is_a(*packing.roles, "supervisor", "admin"):
                following = first.on_document(floor, read)
                assert isinstance(following, Screen)
                return following
        raise NothingForThis(scanned=read.label, reason=f"the order is {state}" if state else "it is no order")


def take(floor: Floor, task: str, cart: LocationReading | None = None) -> Screen:
    """Begin a walk, come back to it, or take it over.

    Raises FinishFirst, RunningElsewhere (asked again: taken over), TaskOver, NotACart, CartInUse.
    """
    mine = tasks.mine(floor.tx, "pick", floor.worker)
    if mine is not None and mine.id != task:
        raise FinishFirst(expected=walk.name(mine), scanned=task)
    taken = tasks.take(floor.tx, task, floor.worker, floor.device, floor.confirm)
    hand = hand_of(floor.worker)
    if taken.cart.startswith("@") and taken.cart != hand:
        _hand_over(floor, task, hand)
    elif not taken.cart and cart is not None:
        take_cart(floor, task, cart)
    elif not taken.cart and taken.document:
        picking.set_cart(floor.tx, task, hand)
    elif not taken.cart:
        return build("picking.cart", task=task)
    return walk.go_on(floor, task)


def _hand_over(floor: Floor, task: str, hand: str) -> None:
    """The totes were in somebody else's hands: now they are in these."""
    moves, carries = picking.carried_to(floor.tx, task, hand)
    picking.set_cart(floor.tx, task, hand)
    if carries:
        floor.post(Moved(contents=tuple(moves), carried=tuple(carries), reason="taken over"), undoable=False)


def _note(tx: Tx, task: Task) -> str:
    """`12 lines, 6 totes · cut-off 16:00`"""
    done, lines = picking.count(tx, task.id)
    totes = len({tote.order_code for tote in picking.totes(tx, task.id)})
    left = lines - done
    told = f"{left} {'line' if left == 1 else 'lines'}, {totes} {'tote' if totes == 1 else 'totes'}"
    return told + (f" · cut-off {_hour(tx, task.due)}" if task.due else "")


def _hour(tx: Tx, at: int) -> str:
    try:
        zone = ZoneInfo(tx.value(TIMEZONE) or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return clock.as_datetime(at).astimezone(zone).strftime("%H:%M")


def _waiting(tx: Tx) -> str:
    n = tasks.waiting(tx, "pick")
    return f"{n} {'cart' if n == 1 else 'carts'}" if n else ""


def _next_task(tx: Tx, worker: str) -> tuple[int, str, str] | None:
    best = tasks.best(tx, "pick", worker)
    return (best.priority, f"pick {walk.name(best)}", _note(tx, best)) if best else None


def _describe(tx: Tx, row: Row) -> tuple[str, str]:
    task = tasks.find(tx, row.id)
    return (f"pick {walk.name(task)}", _note(tx, task)) if task else ("pick", "")


register(
    Flow(
        name="picking",
        title="Pick",
        icon="pick",
        roles=("worker",),
        start=Choose,
        waiting=_waiting,
        next_task=_next_task,
        kinds=("pick",),
        describe=_describe,
        order=30,
    )
)
