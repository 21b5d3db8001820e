"""The lines of a walk and the totes that collect them: what a picking worker's screens ask and write.

A pick is one line's quantity at one slot, as it was promised. It is open until all of it is in a tote or found missing,
or until its order is cancelled or held. Each order of a walk has one open tote; a full one stays with its order and the
next takes its place on the cart.
"""

import msgspec
from sqlalchemy import Integer, and_, bindparam, cast, exists, func, insert, or_, select, update

from app.db import Tx
from app.errors import State, Wrong
from app.schema.documents import sales_order
from app.schema.items import item
from app.schema.places import location
from app.schema.stock import balance, serial
from app.schema.work import pick, task, task_tote
from app.stock import balances
from app.stock.slots import Carry, Movement, Slot


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    task: str
    sequence: int
    order_code: str
    line: str
    item: str
    lot: str
    location: str
    lpn: str
    quantity: int
    picked: int
    short: int
    state: str

    @property
    def left(self) -> int:
        return self.quantity - self.picked - self.short

    @property
    def slot(self) -> Slot:
        return Slot(location=self.location, lpn=self.lpn, lot=self.lot)


class Tote(msgspec.Struct, frozen=True, kw_only=True):
    task: str
    order_code: str
    tote: str  # empty until one was scanned
    position: int
    full: int

    @property
    def shown(self) -> str:
        return f"tote {self.position} ({self.tote})"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    unit: str
    lot_tracked: int
    serial_tracked: int


class NotATote(Wrong):
    code, title = "not_a_tote", "Not a tote"
    says = "{scanned} is a {kind}, not a tote."
    todo = "Scan an empty tote."


class ToteInUse(State):
    code, title = "tote_in_use", "Tote in use"
    says = "{scanned} already collects order {order} on {task}."
    todo = "Scan an empty tote."


class ToteNotEmpty(State):
    code, title = "tote_not_empty", "Tote not empty"
    says = "{scanned} still holds {quantity} × {item}."
    todo = "Scan an empty tote."


class CartInUse(State):
    code, title = "cart_in_use", "Cart in use"
    says = "{scanned} is on {task} with {holder}."
    todo = "Take another cart."


class OnlyLine(State):
    code, title = "only_line", "Only this is left"
    says = "This is the last line: there is nothing to do before it."
    todo = "Pick it, or say that it is short."


_OPEN = pick.c.state == "open"
_ALIVE = or_(task.c.state == "open", task.c.state == "started")
FIND = select(pick).where(pick.c.id == bindparam("which"))
NEXT = select(pick).where(pick.c.task == bindparam("of_task"), _OPEN).order_by(pick.c.sequence, pick.c.id).limit(1)
OPEN_PICKS = select(pick).where(pick.c.task == bindparam("of_task"), _OPEN).order_by(pick.c.sequence, pick.c.id)
COUNT = select(
    cast(func.coalesce(func.sum(cast(pick.c.state == "done", Integer)), 0), Integer), func.count()
).where(pick.c.task == bindparam("of_task"), or_(pick.c.state != "cancelled", pick.c.picked > 0))  # fmt: skip
LAST_STEP = select(func.max(pick.c.sequence)).where(pick.c.task == bindparam("of_task"))
SKIP = update(pick).where(pick.c.id == bindparam("which")).values(sequence=bindparam("last"))
ITEM = select(item.c.code, item.c.name, item.c.unit, item.c.lot_tracked, item.c.serial_tracked).where(
    item.c.code == bindparam("code")
)
LOTS_AT = select(func.count(balance.c.lot.distinct())).where(
    balance.c.item == bindparam("item"),
    balance.c.location == bindparam("location"),
    balance.c.lpn == bindparam("lpn"),
    balance.c.quantity > 0,
)
KIND_OF_PLACE = select(location.c.kind, location.c.blocked, location.c.check_digits, location.c.barcode).where(
    location.c.code == bindparam("code")
)
TOTES = (
    select(task_tote)
    .where(task_tote.c.task == bindparam("of_task"))
    .order_by(task_tote.c.position, task_tote.c.full.desc(), task_tote.c.tote)
)
ASSIGN = (
    update(task_tote)
    .where(task_tote.c.task == bindparam("of_task"), task_tote.c.order_code == bindparam("of_order"))
    .where(task_tote.c.tote == "")
    .values(tote=bindparam("code"))
)
FILL = (
    update(task_tote)
    .where(task_tote.c.task == bindparam("of_task"), task_tote.c.order_code == bindparam("of_order"))
    .where(task_tote.c.tote == bindparam("code"))
    .values(full=1)
)
ADD_TOTE = insert(task_tote).values(
    tote=bindparam("code"), task=bindparam("of_task"), order_code=bindparam("of_order"), position=bindparam("at")
)
USE_OF_TOTE = (
    select(task_tote.c.order_code, task_tote.c.task)
    .join(task, task.c.id == task_tote.c.task)
    .where(task_tote.c.tote == bindparam("code"), _ALIVE)
    .limit(1)
)
SET_CART = update(task).where(task.c.id == bindparam("which")).values(cart=bindparam("cart"))
TASK_ON_CART = select(task.c.id, task.c.worker).where(task.c.cart == bindparam("code"), _ALIVE).limit(1)
TASK_OF_ORDER = (
    select(task.c.id)
    .join(task_tote, task_tote.c.task == task.c.id)
    .where(task_tote.c.order_code == bindparam("code"), _ALIVE, task.c.kind == "pick")
    .limit(1)
)
STATE_OF_ORDER = select(sales_order.c.state).where(sales_order.c.code == bindparam("code"))
SERIAL = select(serial.c.location, serial.c.lpn, serial.c.lot, serial.c.status).where(
    serial.c.item == bindparam("item"), serial.c.serial == bindparam("number")
)
WITHOUT_TOTE = (
    select(task_tote)
    .where(
        task_tote.c.task == bindparam("of_task"),
        task_tote.c.tote == "",
        exists(
            select(pick.c.id).where(
                and_(pick.c.task == task_tote.c.task, pick.c.order_code == task_tote.c.order_code, _OPEN)
            )
        ),
    )
    .order_by(task_tote.c.position)
    .limit(1)
)


def find(tx: Tx, key: str) -> Pick | None:
    return tx.one(FIND, Pick, which=key)


def next_pick(tx: Tx, task_id: str) -> Pick | None:
    return tx.one(NEXT, Pick, of_task=task_id)


def open_picks(tx: Tx, task_id: str) -> list[Pick]:
    return tx.all(OPEN_PICKS, Pick, of_task=task_id)


def count(tx: Tx, task_id: str) -> tuple[int, int]:
    """Lines done, and lines in all."""
    done, lines = tx.row(COUNT, of_task=task_id) or (0, 0)
    return done, lines


def skip(tx: Tx, line: Pick) -> None:
    """To the end of the walk. Raises OnlyLine where it is the only one left."""
    if len(open_picks(tx, line.task)) < 2:
        raise OnlyLine()
    tx.run(SKIP, which=line.id, last=int(tx.value(LAST_STEP, of_task=line.task)) + 1)


def item_of(tx: Tx, code: str) -> Item:
    return tx.one(ITEM, Item, code=code) or Item(code=code, name=code, unit="each", lot_tracked=0, serial_tracked=0)


def lots_at(tx: Tx, line: Pick) -> int:
    """How many lots of the item lie in the slot's place: with more than one, the label must say which."""
    return int(tx.value(LOTS_AT, item=line.item, location=line.location, lpn=line.lpn))


# ── totes and carts ──────────────────────────────────────────────────────────────────────────────────────────────────
def totes(tx: Tx, task_id: str) -> list[Tote]:
    return tx.all(TOTES, Tote, of_task=task_id)


def open_tote(tx: Tx, task_id: str, order: str) -> Tote | None:
    """The tote that takes an order's goods now."""
    return next((tote for tote in totes(tx, task_id) if tote.order_code == order and tote.tote and not tote.full), None)


def without_tote(tx: Tx, task_id: str) -> Tote | None:
    """The first order of the walk that still wants a tote."""
    return tx.one(WITHOUT_TOTE, Tote, of_task=task_id)


def refuse_tote(tx: Tx, code: str, kind: str) -> None:
    """Raises NotATote, ToteInUse or ToteNotEmpty."""
    if kind != "tote":
        raise NotATote(scanned=code, kind=kind)
    used = tx.row(USE_OF_TOTE, code=code)
    if used is not None:
        raise ToteInUse(scanned=code, order=used[0], task=used[1])
    inside = balances.in_lpn(tx, code)
    if inside:
        raise ToteNotEmpty(scanned=code, quantity=inside[0].quantity, item=inside[0].item)


def assign(tx: Tx, wanted: Tote, code: str) -> None:
    tx.run(ASSIGN, of_task=wanted.task, of_order=wanted.order_code, code=code)


def replace_full(tx: Tx, full: Tote, code: str) -> None:
    """The full tote stays with the order; `code` takes its place."""
    tx.run(FILL, of_task=full.task, of_order=full.order_code, code=full.tote)
    tx.run(ADD_TOTE, of_task=full.task, of_order=full.order_code, code=code, at=full.position)


def set_cart(tx: Tx, task_id: str, cart: str) -> None:
    tx.run(SET_CART, which=task_id, cart=cart)


def task_on_cart(tx: Tx, cart: str) -> tuple[str, str] | None:
    """The unfinished walk on a cart, and who has it."""
    row = tx.row(TASK_ON_CART, code=cart)
    return (row[0], row[1]) if row else None


def task_of_tote(tx: Tx, code: str) -> str:
    row = tx.row(USE_OF_TOTE, code=code)
    return row[1] if row else ""


def carried_to(tx: Tx, task_id: str, target: str) -> tuple[list[Movement], list[Carry]]:
    """All totes of a walk with what they hold, on their way to `target`."""
    moves: list[Movement] = []
    carries: list[Carry] = []
    for tote in totes(tx, task_id):
        if not tote.tote:
            continue
        inner_moves, inner_carries = balances.moves_of_lpn(tx, tote.tote, target)
        moves += inner_moves
        carries += [Carry(lpn=tote.tote, location=target), *inner_carries]
    return moves, carries
