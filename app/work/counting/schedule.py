"""Cycle counts fall due by themselves: an A item's place every month, a C item's twice a year, worst first.

A place is as important as the best class lying in it. How overdue it is counts most, then how often the last year's
counts there were wrong, then what lies there is worth. Only so many wait at a time, so that counting never becomes the
day's work; the rest follows as they are done. A new house begins with its A items.
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import BigInteger, Integer, bindparam, cast, func, or_, select

from app import clock
from app.db import Tx
from app.schema.counting import count_line, item_class, stock_count
from app.schema.items import item
from app.schema.places import location
from app.schema.stock import balance
from app.schema.work import task
from app.work import chores, tasks
from app.work.counting import rules
from app.work.counting.counts import KIND
from app.work.counting.rules import Class

EVERY_S = 300
DOCUMENT = "cycle count"
WITHIN = 2 * clock.DAY
YEAR = 365 * clock.DAY
NEVER = 3.0  # a place nobody ever counted is as urgent as one three times its days ago
WRONG = 0.5  # each count of the last year that was wrong there adds half its days
MOST_PLACES = 100_000


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place that holds goods, and what counting knows of it."""

    code: str
    best: str  # the best class in it
    value: int  # cents
    last: int  # when it was counted whole, µs; 0 never
    wrong: int  # lines adjusted in the last year


class Due(msgspec.Struct, frozen=True, kw_only=True):
    place: str
    reason: str
    urgency: float
    value: int


_LAST = (
    select(func.max(stock_count.c.closed))
    .where(stock_count.c.place == balance.c.location, stock_count.c.item == "", stock_count.c.state == "closed")
    .correlate(balance)
    .scalar_subquery()
)
_WRONG = (
    select(func.count())
    .where(
        count_line.c.place == balance.c.location,
        or_(count_line.c.state == "posted", count_line.c.state == "approved"),
        count_line.c.created > bindparam("since"),
    )
    .correlate(balance)
    .scalar_subquery()
)
PLACES = (
    select(
        balance.c.location.label("code"),
        func.min(func.coalesce(item_class.c["class"], bindparam("last_class"))).label("best"),
        cast(func.sum(cast(balance.c.quantity, BigInteger) * item.c.standard_cost), BigInteger).label("value"),
        func.coalesce(_LAST, 0).label("last"),
        cast(_WRONG, Integer).label("wrong"),
    )
    .select_from(
        balance.join(location, location.c.code == balance.c.location)
        .join(item, item.c.code == balance.c.item)
        .outerjoin(item_class, item_class.c.item == balance.c.item)
    )
    .where(balance.c.quantity > 0, or_(location.c.kind == "bin", location.c.kind == "reserve"))
    .group_by(balance.c.location)
    .limit(MOST_PLACES)
)  # fmt: skip
WAITING = select(task.c.place, task.c.document).where(
    task.c.kind == KIND, or_(task.c.state == "open", task.c.state == "started")
)
OPEN_AT = select(task.c.id).where(
    task.c.kind == KIND, task.c.place == bindparam("code"), or_(task.c.state == "open", task.c.state == "started")
).limit(1)  # fmt: skip


def rank(places: Sequence[Place], classes: Mapping[str, Class], now: int) -> list[Due]:
    """What is due, the most urgent first, each with its reason; nothing in it tells what lies there."""
    found = []
    order = {name: at for at, name in enumerate(sorted(classes))}
    for place in places:
        row = classes.get(place.best)
        if row is None or not row.active:
            continue
        days = (now - place.last) // clock.DAY
        age = (now - place.last) / (row.every_days * clock.DAY) if place.last else NEVER - 0.5 * order[place.best]
        if age < 1:
            continue
        last = f"last counted {days} days ago" if place.last else "never counted"
        reason = f"class {row.name}, every {row.every_days} days, {last}"
        found.append(Due(place=place.code, reason=reason, urgency=age + WRONG * place.wrong, value=place.value))
    return sorted(found, key=lambda one: (-one.urgency, -one.value, one.place))


def look(tx: Tx) -> list[Due]:
    """The next counts, as many as there is room for. Reads only."""
    waiting = tx.rows(WAITING)
    room = rules.setting(tx, "open_at_most") - sum(1 for _, document in waiting if document == DOCUMENT)
    classes = {one.name: one for one in rules.classes(tx)}
    if room <= 0 or not any(one.active for one in classes.values()):
        return []
    now = clock.now()
    asked = {place for place, _ in waiting}
    places = tx.all(PLACES, Place, last_class=max(classes), since=now - YEAR)
    return rank([one for one in places if one.code not in asked], classes, now)[:room]


def write(tx: Tx, found: list[Due]) -> int:
    """Put them into the queue. Returns how many."""
    made = 0
    for one in found:
        if tx.value(OPEN_AT, code=one.place) is None:
            tasks.add(
                tx,
                KIND,
                document=DOCUMENT,
                place=one.place,
                priority=rules.COUNT_PRIORITY,
                due=clock.now() + WITHIN,
                reason=one.reason,
            )
            made += 1
    if made:
        tx.tell("counts")
    return made


chores.register("cycle counts", EVERY_S, write, look=look)
