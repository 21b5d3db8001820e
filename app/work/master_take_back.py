"""Stopping an order: what was promised and not picked is taken back, what was picked is sent back or waits.

A promise travels with its goods, so it is still untouched exactly while it stands on a shelf: in no hand, on no cart,
in no tote or carton. Those promises end by an event, their open picks are cancelled, and a walk that has nothing left
and that nobody has begun disappears. Goods already in totes and cartons keep their promise until a worker has put them
back; the cartons are void at once, and so is every label of theirs that is not on paper yet. An order that is picked
and held only waits: its goods stay where they are, and it goes on there when it is released.
"""

from collections.abc import Callable

from sqlalchemy import and_, bindparam, exists, insert, or_, select, update

from app import clock
from app.db import Tx
from app.schema.documents import order_line, sales_order
from app.schema.places import location
from app.schema.stock import allocation, lpn
from app.schema.work import carton, pick, task, task_tote
from app.stock import ledger
from app.stock.events import AnyEvent, Deallocated, OrderCancelled, OrderHeld, OrderResumed
from app.stock.ledger import By
from app.stock.slots import Claim, Slot
from app.work import progress, ship_progress
from app.work.master_order_lines import KnownLine, KnownOrder, lines_of

on_voided: list[Callable[[Tx, str, str], None]] = []  # what else ends with a carton: its labels, for a reason

CARRIED_KINDS = ("cart", "hand", "station", "lane", "truck")

_IN_TOTE = exists(select(task_tote.c.tote).where(task_tote.c.tote == allocation.c.lpn, allocation.c.lpn != ""))
_PROMISES = (
    select(
        allocation.c.line,
        allocation.c.item,
        allocation.c.location,
        allocation.c.lpn,
        allocation.c.lot,
        allocation.c.quantity,
    )
    .select_from(
        order_line.join(allocation, allocation.c.line == order_line.c.id)
        .outerjoin(location, location.c.code == allocation.c.location)
        .outerjoin(lpn, and_(lpn.c.code == allocation.c.lpn, allocation.c.lpn != ""))
    )
    .where(order_line.c.order_code == bindparam("key"), allocation.c.quantity > 0)
    .order_by(allocation.c.line, allocation.c.location, allocation.c.lpn, allocation.c.lot)
)
ON_THE_WAY = or_(
    allocation.c.location.like("@%"),
    *(location.c.kind == kind for kind in CARRIED_KINDS),
    lpn.c.kind == "tote",
    lpn.c.kind == "carton",
    _IN_TOTE,
)
CARRIED = _PROMISES.where(ON_THE_WAY)
EVERY = _PROMISES
OPEN_TASKS = select(pick.c.task).where(pick.c.order_code == bindparam("key"), pick.c.state == "open").distinct()
CANCEL_PICKS = (
    update(pick).where(pick.c.order_code == bindparam("key"), pick.c.state == "open").values(state="cancelled")
)
PICKS_AT = (
    select(pick.c.id, pick.c.quantity, pick.c.picked, pick.c.short, pick.c.task)
    .where(
        pick.c.line == bindparam("of_line"),
        pick.c.location == bindparam("place"),
        pick.c.lpn == bindparam("of_lpn"),
        pick.c.lot == bindparam("of_lot"),
        pick.c.state == "open",
    )
    .order_by(pick.c.sequence.desc(), pick.c.id)
)
CUT_PICK = (
    update(pick).where(pick.c.id == bindparam("key")).values(quantity=bindparam("left"), state=bindparam("new_state"))
)
CLOSE_EMPTY_TASK = (
    update(task)
    .where(
        task.c.id == bindparam("key"),
        task.c.state == "open",
        ~exists(select(pick.c.id).where(pick.c.task == bindparam("key"), pick.c.state != "cancelled")),
    )
    .values(state="cancelled")
)
CANCEL_REST = (
    update(order_line)
    .where(order_line.c.order_code == bindparam("key"))
    .values(cancelled=order_line.c.quantity - order_line.c.picked - order_line.c.short)
)
UNPACK = update(order_line).where(order_line.c.order_code == bindparam("key")).values(packed=order_line.c.shipped)
VOID_CARTONS = (
    update(carton)
    .where(carton.c.order_code == bindparam("key"), carton.c.state != "loaded", carton.c.state != "shipped")
    .values(state="void")
)
OPEN_CARTONS = select(carton.c.lpn).where(
    carton.c.order_code == bindparam("key"), carton.c.state != "loaded", carton.c.state != "shipped"
)
CANCEL_MORE = (
    update(order_line)
    .where(order_line.c.id == bindparam("key"))
    .values(cancelled=order_line.c.cancelled + bindparam("less"))
)
SET_ORDER = (
    update(sales_order)
    .where(sales_order.c.code == bindparam("key"))
    .values(state=bindparam("new_state"), wave="", version=bindparam("new_version"))
)
PAUSE = (
    update(sales_order)
    .where(sales_order.c.code == bindparam("key"))
    .values(state=bindparam("new_state"), version=bindparam("new_version"))
)
SET_VERSION = update(sales_order).where(sales_order.c.code == bindparam("key")).values(version=bindparam("new_version"))
SET_STATE = update(sales_order).where(sales_order.c.code == bindparam("key")).values(state=bindparam("new_state"))
PUTTING_BACK = and_(task.c.kind == "put_back", or_(task.c.state == "open", task.c.state == "started"))
OPEN_PUT_BACK = select(task.c.id).where(PUTTING_BACK, task.c.document == bindparam("document"))
ADD_TASK = insert(task).values(
    kind="put_back",
    **{name: bindparam(name) for name in ("id", "document", "place", "priority", "reason", "created")},
)


def take_back(tx: Tx, known: KnownOrder, version: int, state: str, reason: str, by: By) -> None:
    """Bring an order to `held` or `cancelled`: untouched promises end, picked goods get a put-back task."""
    code = known.code
    carried = [Claim(line=row[0], item=row[1], quantity=row[5], slot=_slot(row)) for row in tx.rows(CARRIED, key=code)]
    if state == "cancelled":
        already = sum(claim.quantity for claim in carried)
        claimed = tuple(claim.back() for claim in _untouched(tx, code))
        _post(tx, OrderCancelled(order=code, claimed=claimed, already_picked=already, reason=reason), by)
        _cancel_picks(tx, code)
        _void_cartons(tx, code)
        tx.run(UNPACK, key=code)
        tx.run(CANCEL_REST, key=code)
    else:
        _post(tx, OrderHeld(order=code, reason=reason), by)
        take_back_all(tx, code, reason, by)
    tx.run(SET_ORDER, key=code, new_state=state, new_version=version or known.version)
    if carried:
        _ask_to_put_back(tx, known, carried, state, reason)
    tx.tell("orders")


def pause(tx: Tx, known: KnownOrder, version: int, reason: str, by: By) -> None:
    """Hold a picked order where it stands: nothing of it is packed, staged or shipped until it is released."""
    _post(tx, OrderHeld(order=known.code, reason=reason), by)
    tx.run(PAUSE, key=known.code, new_state="held", new_version=version or known.version)
    tx.tell("orders")


def resume(tx: Tx, known: KnownOrder, version: int, by: By) -> None:
    """A paused order goes on where its goods and cartons are."""
    _post(tx, OrderResumed(order=known.code), by)
    tx.run(PAUSE, key=known.code, new_state="picking", new_version=version or known.version)
    ship_progress.settle(tx, known.code)


def set_version(tx: Tx, code: str, version: int) -> None:
    """The same was said once more: what was sent before that is older from now on."""
    tx.run(SET_VERSION, key=code, new_version=version)


def is_being_put_back(tx: Tx, code: str) -> bool:
    return tx.value(OPEN_PUT_BACK, document=f"order {code}") is not None


def _void_cartons(tx: Tx, code: str) -> None:
    """What is not on a truck yet may never be loaded; one that is on a truck is void when it comes off."""
    voided = [row[0] for row in tx.rows(OPEN_CARTONS, key=code)]
    tx.run(VOID_CARTONS, key=code)
    for each in voided:
        for rule in on_voided:
            rule(tx, each, f"order {code} is cancelled")


def take_back_all(tx: Tx, code: str, reason: str, by: By) -> None:
    """End every untouched promise of the order and cancel its open picks."""
    claimed = tuple(claim.back() for claim in _untouched(tx, code))
    if claimed:
        _post(tx, Deallocated(order=code, claimed=claimed, reason=reason), by)
    _cancel_picks(tx, code)


def cut_line(tx: Tx, line: KnownLine, wanted: int, by: By) -> None:
    """Bring a line down to `wanted`, or to what is picked or given up of it already."""
    open_ = line.quantity - line.cancelled
    less = min(open_ - wanted, open_ - line.picked - line.short)
    if less <= 0:
        return
    promises = [claim for claim in _untouched(tx, line.order_code) if claim.line == line.id]
    promised = sum(claim.quantity for claim in promises)
    to_end = max(0, less - (open_ - line.picked - line.short - promised))
    ended = []
    for claim in reversed(promises):
        cut = min(to_end, claim.quantity)
        if cut:
            ended.append(Claim(line=claim.line, item=claim.item, quantity=-cut, slot=claim.slot))
            cut_picks(tx, claim, cut)
            to_end -= cut
    if ended:
        _post(tx, Deallocated(order=line.order_code, claimed=tuple(ended), reason="changed by the ERP"), by)
    tx.run(CANCEL_MORE, key=line.id, less=less)


def settle(tx: Tx, code: str) -> None:
    """After lines shrank: an order with nothing left to pick is picked (or, with nothing picked, cancelled)."""
    lines = lines_of(tx, code)
    if any(line.picked + line.short + line.cancelled < line.quantity for line in lines):
        return
    tx.run(SET_STATE, key=code, new_state="picked" if any(line.picked for line in lines) else "cancelled")


def _untouched(tx: Tx, code: str) -> list[Claim]:
    carried = {tuple(row[:5]) for row in tx.rows(CARRIED, key=code)}
    return [
        Claim(line=row[0], item=row[1], quantity=row[5], slot=_slot(row))
        for row in tx.rows(EVERY, key=code)
        if tuple(row[:5]) not in carried
    ]


def _slot(row: tuple[str, ...]) -> Slot:
    return Slot(location=row[2], lpn=row[3], lot=row[4])


def _cancel_picks(tx: Tx, code: str) -> None:
    tasks = [row[0] for row in tx.rows(OPEN_TASKS, key=code)]
    tx.run(CANCEL_PICKS, key=code)
    for each in tasks:
        tx.run(CLOSE_EMPTY_TASK, key=each)


def cut_picks(tx: Tx, claim: Claim, cut: int) -> None:
    slot = claim.slot
    for key, quantity, picked, short, walk in tx.rows(
        PICKS_AT, of_line=claim.line, place=slot.location, of_lpn=slot.lpn, of_lot=slot.lot
    ):
        off = min(cut, quantity - picked - short)
        left, begun = quantity - off, picked + short
        state = "open" if left > begun else "done" if begun else "cancelled"
        tx.run(CUT_PICK, key=key, left=left or quantity, new_state=state)
        tx.run(CLOSE_EMPTY_TASK, key=walk)
        cut -= off


def _ask_to_put_back(tx: Tx, known: KnownOrder, carried: list[Claim], state: str, reason: str) -> None:
    """One task for the order; what to put back are the promises its goods still carry."""
    document = f"order {known.code}"
    if tx.value(OPEN_PUT_BACK, document=document) is not None:
        return
    units = sum(claim.quantity for claim in carried)
    tx.run(
        ADD_TASK,
        id=clock.new_id(),
        document=document,
        place=carried[0].slot.lpn or carried[0].slot.location,
        priority=known.priority,
        reason=f"Order {known.code} {state}: put {units} back ({reason})",
        created=clock.now(),
    )
    tx.tell("tasks")


def _post(tx: Tx, event: AnyEvent, by: By) -> None:
    ledger.post(tx, event, by)
    progress.apply(tx, event)
