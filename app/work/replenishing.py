"""Pick faces are kept filled: which of them lack goods, how much is brought, and how urgent that is.

A face lacks goods when less than its minimum lies free in it; it is filled up to its maximum, in whole cases. A wave, or
a short pick, that promised part of a case out of a reserve has picks waiting: then the face is filled for them too, and
the task goes before everything else. The round every half minute, the release of a wave and a short pick all look with
the same eyes (`look`), so a task is made once, grows with what it must serve, and ends by itself when nobody needs it.
What a face lacks while nothing is in reserve makes no task: there is nothing to carry.
"""

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import Tx
from app.errors import State, Unknown
from app.schema.directing import pick_face, replenishment
from app.schema.places import location
from app.schema.stock import balance
from app.schema.work import pick, task
from app.stock.ledger import By
from app.work import chores, directing_acts, exceptions, replenishing_kind, task_kinds, tasks
from app.work.exceptions import Raised
from app.work.replenishing_sources import Pack, Source, Waits, case_of, sources, waiting

EVERY_S = 30
MOST_FACES = 500  # looked at in one round, the rest in the next
WAITED_FOR, EMPTY, BELOW = 1, 3, 6  # priorities: a pick waits, nothing is left, less than the minimum


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """A pick face as it stands."""

    location: str
    item: str
    min_quantity: int
    max_quantity: int
    capacity: int  # 0: no limit
    inside: int  # of everything
    on_hand: int
    promised: int
    counting: int
    task: str  # the open one
    state: str
    asked: int  # by it, not yet brought
    trigger: str

    @property
    def free(self) -> int:
        """What the next order could get. While it is to be counted, nobody relies on it."""
        return 0 if self.counting else self.on_hand - self.promised

    @property
    def room(self) -> int:
        return max(0, self.capacity - self.inside) if self.capacity else 2**40


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    quantity: int
    priority: int
    due: int
    reason: str
    trigger: str


class Replenishment(msgspec.Struct, frozen=True, kw_only=True):
    """What a task brings."""

    task: str
    item: str
    face: str
    quantity: int
    moved: int
    trigger: str

    @property
    def left(self) -> int:
        return max(0, self.quantity - self.moved)


class NotAFace(Unknown):
    code, title = "not_a_pick_face", "Not a pick face"
    says = "{scanned} is no pick face that is kept filled."
    todo = "Scan a pick face, or take the next task."


class FaceIsFull(State):
    code, title = "face_is_full", "Full enough"
    says = "{scanned} holds {quantity} × {item} of {most}: no case more fits."
    todo = "Take the next task."


class NothingToBring(State):
    code, title = "nothing_to_bring", "Nothing in reserve"
    says = "No {item} is free in reserve for {scanned}."
    todo = "It comes with the next receipt."


def _whole(value: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(value), 0), BigInteger)


_ALIVE = or_(task.c.state == "open", task.c.state == "started")
_HERE = and_(
    balance.c.location == pick_face.c.location, balance.c.item == pick_face.c.item, balance.c.status == "available"
)
_ON_HAND = select(_whole(balance.c.quantity)).where(_HERE).scalar_subquery()
_PROMISED = select(_whole(balance.c.allocated)).where(_HERE).scalar_subquery()
_INSIDE = select(_whole(balance.c.quantity)).where(balance.c.location == pick_face.c.location).scalar_subquery()
_COUNTED = (
    select(func.count())
    .select_from(task)
    .where(
        task.c.kind == "count",
        _ALIVE,
        task.c.place == pick_face.c.location,
        or_(task.c.item == pick_face.c.item, task.c.item == ""),
    )
    .scalar_subquery()
)
_NOW_OPEN = (
    select(
        replenishment.c.face, replenishment.c.item, task.c.id, task.c.state, replenishment.c.trigger,
        (replenishment.c.quantity - replenishment.c.moved).label("asked"),
    )
    .join(task, task.c.id == replenishment.c.task)
    .where(_ALIVE)
    .subquery("now_open")
)  # fmt: skip
_FACE = (
    select(
        pick_face.c.location, pick_face.c.item, pick_face.c.min_quantity, pick_face.c.max_quantity,
        location.c.capacity_quantity.label("capacity"), _INSIDE.label("inside"), _ON_HAND.label("on_hand"),
        _PROMISED.label("promised"), _COUNTED.label("counting"), func.coalesce(_NOW_OPEN.c.id, "").label("task"),
        func.coalesce(_NOW_OPEN.c.state, "").label("state"), func.coalesce(_NOW_OPEN.c.asked, 0).label("asked"),
        func.coalesce(_NOW_OPEN.c.trigger, "").label("trigger"),
    )
    .select_from(
        pick_face.join(location, location.c.code == pick_face.c.location)
        .outerjoin(_NOW_OPEN, and_(_NOW_OPEN.c.face == pick_face.c.location, _NOW_OPEN.c.item == pick_face.c.item))
    )
    .where(pick_face.c.active == 1, location.c.blocked == "")
)  # fmt: skip
_reserve = location.alias("reserve")
_PICK_IN_RESERVE = exists(
    select(pick.c.id).where(
        pick.c.item == pick_face.c.item, pick.c.state == "open", pick.c.location == _reserve.c.code,
        _reserve.c.kind == "reserve",
    )
)  # fmt: skip
_ORDER = (location.c.sequence, pick_face.c.location, pick_face.c.item)
LACKING = (
    _FACE.where(
        or_(
            pick_face.c.min_quantity > _ON_HAND - _PROMISED,
            _COUNTED > 0,
            _NOW_OPEN.c.id.is_not(None),
            _PICK_IN_RESERVE,
        )
    )
    .order_by(*_ORDER)
    .limit(MOST_FACES)
)
OF_ITEM = _FACE.where(pick_face.c.item == bindparam("of_item")).order_by(*_ORDER)
AT = _FACE.where(pick_face.c.location == bindparam("at_place")).order_by(*_ORDER)
_PUT = upsert(pick_face).values(
    active=1, **{name: bindparam(name) for name in ("location", "item", "min_quantity", "max_quantity")}
)
PUT = _PUT.on_conflict_do_update(
    index_elements=["location", "item"],
    set_={name: _PUT.excluded[name] for name in ("min_quantity", "max_quantity", "active")},
)
DROP = delete(pick_face).where(pick_face.c.location == bindparam("at_place"))
ORPHANS = (
    select(task.c.id)
    .join(replenishment, replenishment.c.task == task.c.id)
    .where(
        task.c.state == "open",
        ~exists(
            select(pick_face.c.item).where(
                pick_face.c.location == replenishment.c.face,
                pick_face.c.item == replenishment.c.item,
                pick_face.c.active == 1,
            )
        ),
    )
)
KEPT = select(pick_face.c.item, pick_face.c.min_quantity, pick_face.c.max_quantity).where(
    pick_face.c.location == bindparam("at_place"), pick_face.c.active == 1
)
_NEW = ("task", "item", "face", "quantity", "trigger")
ADD = insert(replenishment).values(**{name: bindparam(name) for name in _NEW})
FIND = select(replenishment).where(replenishment.c.task == bindparam("which"))
GROW = (
    update(replenishment)
    .where(replenishment.c.task == bindparam("which"))
    .values(quantity=replenishment.c.moved + bindparam("q"), trigger=bindparam("of_trigger"))
)
MEND = (
    update(task)
    .where(task.c.id == bindparam("which"), _ALIVE)
    .values(priority=bindparam("urgency"), due=bindparam("until_then"), reason=bindparam("why"))
)


def keep_filled(tx: Tx, face: str, item: str, least: int, most: int) -> None:
    """Make a place the pick face of an item, with its minimum and maximum in base units."""
    tx.run(PUT, location=face, item=item, min_quantity=least, max_quantity=most)


def settle_face(tx: Tx, face: str, item: str, least: int, most: int) -> bool:
    """Let a place be the pick face of this item only, or of none (`most` 0). Tells whether that was news."""
    wanted = [(item, least, most)] if item and most else []
    if [tuple(row) for row in tx.rows(KEPT, at_place=face)] == wanted:
        return False
    tx.run(DROP, at_place=face)
    if wanted:
        keep_filled(tx, face, item, least, most)
    return True


def find(tx: Tx, key: str) -> Replenishment | None:
    return tx.one(FIND, Replenishment, which=key)


def look(tx: Tx, *, item: str = "", trigger: str = "min") -> int:
    """Make, mend and end the tasks of the faces that lack goods, or of one item's. Returns how many are new."""
    found = tx.all(OF_ITEM, Face, of_item=item) if item else tx.all(LACKING, Face)
    if not item:
        _end_orphans(tx)
    served: set[str] = set()
    made = 0
    for face in found:
        waits = [] if face.item in served else waiting(tx, face.item)
        served.add(face.item)
        made += _see_to(tx, face, waits, trigger)
    return made


def request(tx: Tx, place: str) -> str:
    """A worker stands before a face and wants it filled. Returns the task's id; the one there is, if there is one.

    Raises NotAFace, FaceIsFull, NothingToBring.
    """
    found = tx.all(AT, Face, at_place=place)
    if not found:
        raise NotAFace(scanned=place)
    face = next((each for each in found if each.task), None) or min(found, key=lambda each: each.free)
    if face.task:
        return face.task
    case = case_of(tx, face.item)
    room = min(face.room, face.max_quantity - face.on_hand)
    quantity = _in_cases(room, case)
    if quantity < 1:
        raise FaceIsFull(scanned=place, quantity=face.on_hand, item=face.item, most=face.max_quantity)
    quantity = min(quantity, _reach(sources(tx, face.item, place)))
    if quantity < 1:
        raise NothingToBring(scanned=place, item=face.item)
    wanted = Wanted(quantity=quantity, priority=BELOW, due=0, reason="asked for at the face", trigger="requested")
    return _add(tx, face, wanted)


def _end_orphans(tx: Tx) -> None:
    """A face that is kept filled no longer needs nothing."""
    for (key,) in tx.rows(ORPHANS):
        tasks.cancel(tx, key)


def _see_to(tx: Tx, face: Face, waits: list[Waits], trigger: str) -> int:
    wanted = _wanted(tx, face, waits, trigger)
    if face.task:
        if wanted is not None:
            if wanted.quantity != face.asked and (face.state == "open" or wanted.quantity > face.asked):
                tx.run(GROW, which=face.task, q=wanted.quantity, of_trigger=wanted.trigger)
            _mend(tx, face, wanted)
        elif face.state == "open" and face.trigger != "requested":
            tasks.cancel(tx, face.task)
        return 0
    if wanted is None or (not waits and directing_acts.was_cancelled(tx, "replenish", face.location, face.item)):
        return 0
    _add(tx, face, wanted)
    return 1


def _wanted(tx: Tx, face: Face, waits: list[Waits], trigger: str) -> Wanted | None:
    """How much of what urgency; None where the face lacks nothing, or nothing can be brought."""
    case = case_of(tx, face.item)
    demand = sum(each.rest for each in waits)
    below = face.free < face.min_quantity
    if not demand and not below:
        return None
    on_hand = 0 if face.counting else face.on_hand
    fill = _in_cases(face.max_quantity - on_hand, case) if below else 0
    needed = -(-demand // case.quantity) * case.quantity
    quantity = min(max(fill, needed), max(face.room, face.on_hand if face.counting else 0))
    if quantity < 1:
        return None
    quantity = min(quantity, _reach(sources(tx, face.item, face.location)))
    if quantity < 1:
        return None
    if waits:
        picks = "1 pick waits" if len(waits) == 1 else f"{len(waits)} picks wait"
        due = min((each.due for each in waits if each.due), default=0)
        why = "short" if trigger == "short" else "wave"
        return Wanted(quantity=quantity, priority=WAITED_FOR, due=due, reason=f"{picks} for {demand}", trigger=why)
    left = max(0, face.free)
    told = f"{left} left, minimum {face.min_quantity}" if left else "nothing is left"
    return Wanted(quantity=quantity, priority=BELOW if left else EMPTY, due=0, reason=told, trigger=trigger)


def _in_cases(quantity: int, case: Pack) -> int:
    return max(0, quantity) // case.quantity * case.quantity


def _reach(found: list[Source]) -> int:
    return sum(source.usable for source in found)


def _add(tx: Tx, face: Face, wanted: Wanted) -> str:
    key = tasks.add(
        tx,
        "replenish",
        document=f"item {face.item}",
        place=face.location,
        item=face.item,
        priority=wanted.priority,
        due=wanted.due,
        reason=wanted.reason,
    )
    tx.run(ADD, task=key, item=face.item, face=face.location, quantity=wanted.quantity, trigger=wanted.trigger)
    return key


def _mend(tx: Tx, face: Face, wanted: Wanted) -> None:
    known = tasks.find(tx, face.task)
    if known is None:
        return
    # What the desk made more or less urgent by hand stays so; all else is as urgent as it is now.
    urgency = known.priority if known.by_hand else wanted.priority
    if (known.priority, known.due, known.reason) != (urgency, wanted.due, wanted.reason):
        tx.run(MEND, which=face.task, urgency=urgency, until_then=wanted.due, why=wanted.reason)
        tx.tell("tasks")


task_kinds.register(replenishing_kind.KIND)


@exceptions.follow("replenish")
def after_short(tx: Tx, raised: Raised, by: By) -> str:
    """A pick, or a source, had less than the books say: see at once whether the item's faces can be filled."""
    if not raised.item or not look(tx, item=raised.item, trigger="short"):
        return ""
    return f"{raised.item} is brought from reserve"


chores.register("replenishment", EVERY_S, look)
