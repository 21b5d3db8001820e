"""For customer service: where an order, a parcel or a return is now, in words, and nothing to press.

One box takes an order's number, a parcel's, a return's, or a part of the customer's name. What it shows is what may be
told on the telephone: states, times and places of the goods; no names of workers, no prices, no ways to change anything.
Returns are found by whoever knows them: another module adds its own finder to FINDERS.
"""

from collections.abc import Callable

import msgspec
from sqlalchemy import and_, bindparam, func, or_, select

from app.db import Tx
from app.desk.filters import letters
from app.desk.words import many, said
from app.schema.documents import order_line, sales_order
from app.schema.stock import lpn
from app.schema.work import carton

MOST_FOUND = 20
MOST_LINES = 200
SHORTEST_NAME = 3  # letters, before names are searched

STATES = {
    "pool": "waits to be picked", "waved": "is planned for picking", "picking": "is being picked",
    "picked": "is picked and waits to be packed", "packing": "is being packed", "packed": "is packed",
    "staged": "stands ready for the truck", "loaded": "is on the truck", "shipped": "has left",
    "held": "is held by the office", "cancelled": "is cancelled", "backordered": "waits for goods",
}  # fmt: skip
CARTON_STATES = {
    "open": "being packed", "weighed": "being packed", "printed": "being labelled", "labelled": "packed",
    "staged": "ready for the truck", "loaded": "on the truck", "shipped": "left", "void": "void",
}  # fmt: skip


class ServiceFilter(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    item: str
    quantity: int
    picked: int
    packed: int
    shipped: int
    short: int
    cancelled: int


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    state: str
    place: str
    carrier: str
    service: str
    shipped: int
    tracking: str

    @property
    def words(self) -> str:
        return CARTON_STATES.get(self.state, self.state)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    carrier: str
    service: str
    cutoff: int
    state: str

    @property
    def words(self) -> str:
        return STATES.get(self.state, self.state)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What can be told. `facts` is for what is neither order nor parcel: label and value, as they are read out."""

    headline: str
    order: Order | None = None
    lines: tuple[Line, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    others: tuple[Order, ...] = ()


Finder = Callable[[Tx, str], Answer | None]
FINDERS: list[Finder] = []  # returns and whatever else has a number of its own
MORE: list[Callable[[Tx, str], tuple[tuple[str, str], ...]]] = []  # facts an order's answer tells besides

_ORDER = select(*(sales_order.c[name] for name in Order.__struct_fields__))
ONE = _ORDER.where(sales_order.c.code == bindparam("q"))
NAMED = (
    _ORDER.where(func.lower(sales_order.c.name).like(bindparam("q_like"), escape="\\"))
    .order_by(sales_order.c.cutoff.desc(), sales_order.c.code)
    .limit(MOST_FOUND)
)
OF_PARCEL = select(carton.c.order_code).where(
    or_(
        carton.c.lpn == bindparam("q"),
        carton.c.lpn == bindparam("bare"),
        and_(carton.c.tracking == bindparam("q"), carton.c.tracking != ""),
    )
)
LINES = (
    select(*(order_line.c[name] for name in Line.__struct_fields__))
    .where(order_line.c.order_code == bindparam("which"))
    .order_by(func.length(order_line.c.line), order_line.c.line)
    .limit(MOST_LINES)
)
PARCELS = (
    select(
        carton.c.lpn.label("code"), carton.c.state, func.coalesce(lpn.c.location, "").label("place"), carton.c.carrier,
        carton.c.service, carton.c.shipped, carton.c.tracking,
    )
    .outerjoin(lpn, lpn.c.code == carton.c.lpn)
    .where(carton.c.order_code == bindparam("which"), carton.c.state != "void")
    .order_by(carton.c.opened, carton.c.lpn)
    .limit(MOST_LINES)
)  # fmt: skip


def find(tx: Tx, q: str) -> Answer:
    """The one thing a number means; of a name, the orders it may be."""
    q = q.strip()
    if not q:
        return Answer(headline="Which order, parcel or return?")
    found = tx.one(ONE, Order, q=q)
    if found is not None:
        return _of_order(tx, found)
    owner = tx.value(OF_PARCEL, q=q, bare=q.removeprefix("00") if len(q) == 20 else q)
    if owner is not None and (found := tx.one(ONE, Order, q=str(owner))) is not None:
        answer = _of_order(tx, found)
        parcel = next((one for one in answer.parcels if one.code in (q, q[2:])), None)
        where = f"Parcel {q}: {parcel.words}. " if parcel is not None else ""
        return msgspec.structs.replace(answer, headline=f"{where}{answer.headline}")
    for finder in FINDERS:
        if (answer_of := finder(tx, q)) is not None:
            return answer_of
    if len(q) >= SHORTEST_NAME:
        like = letters(q.lower())
        others = tx.all(NAMED, Order, q_like=f"%{like}%")
        if others:
            return Answer(headline=said(f"{many(len(others), 'order')} of {q}."), others=tuple(others))
    return Answer(headline=f"Nothing here is called {q[:60]}.")


def _of_order(tx: Tx, order: Order) -> Answer:
    lines = tuple(tx.all(LINES, Line, which=order.code))
    parcels = tuple(tx.all(PARCELS, Parcel, which=order.code))
    left = sum(line.quantity - line.shipped - line.short - line.cancelled for line in lines)
    gone = sum(line.shipped for line in lines)
    told = f"Order {order.code} {order.words}."
    if gone and left > 0:
        told = f"Order {order.code}: {many(gone, 'unit')} left, {many(left, 'unit')} still here."
    facts = tuple(fact for more in MORE for fact in more(tx, order.code))
    return Answer(headline=told, order=order, lines=lines, parcels=parcels, facts=facts)
