"""A bin that was just emptied, or nearly, counts itself: nothing is quicker to count than nothing.

Every minute the movements since the last look are read: where a pick left no more than a row's threshold behind, a
count is asked for, unless the place was counted lately. The worker is not told which row it was, because that would tell
what to find.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Integer, bindparam, cast, func, or_, select

from app import clock
from app.db import Tx
from app.schema.counting import stock_count
from app.schema.places import location
from app.schema.stock import balance, movement
from app.work import chores, tasks
from app.work.counting import book, rules
from app.work.counting.counts import KIND
from app.work.counting.rules import Trigger
from app.work.counting.schedule import OPEN_AT

EVERY_S = 60
DOCUMENT = "triggered count"
MOST_AT_ONCE = 500
WITHIN = 4 * clock.HOUR


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What a pick left behind."""

    place: str
    item: str
    quantity: int
    last: int  # when it was counted there


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    until: int
    due: tuple[Left, ...]


_LEFT = (
    select(func.coalesce(func.sum(balance.c.quantity), 0))
    .where(balance.c.location == movement.c.source, balance.c.item == movement.c.item)
    .correlate(movement)
    .scalar_subquery()
)
_COUNTED = (
    select(func.coalesce(func.max(stock_count.c.closed), 0))
    .where(
        stock_count.c.place == movement.c.source,
        stock_count.c.state == "closed",
        or_(stock_count.c.item == "", stock_count.c.item == movement.c.item),
    )
    .correlate(movement)
    .scalar_subquery()
)
TAKEN = (
    select(
        movement.c.source.label("place"), movement.c.item, cast(_LEFT, Integer).label("quantity"),
        _COUNTED.label("last"),
    )
    .join(location, location.c.code == movement.c.source)
    .where(
        movement.c.seq > bindparam("since"), movement.c.seq <= bindparam("until"), movement.c.source != movement.c.target,
        or_(location.c.kind == "bin", location.c.kind == "reserve"),
    )
    .group_by(movement.c.source, movement.c.item)
    .limit(MOST_AT_ONCE)
)  # fmt: skip


def fires(left: Left, triggers: Sequence[Trigger], now: int) -> bool:
    """Does any row ask for a count of this?"""
    return any(
        row.active and left.quantity <= row.threshold and now - left.last >= row.cool_days * clock.DAY
        for row in triggers
    )


def look(tx: Tx) -> Seen | None:
    """What was emptied since the last look. Reads only."""
    since, until, rows = rules.setting(tx, rules.SEEN), book.position(tx), rules.triggers(tx)
    if until <= since:
        return None
    if not since or not rows:
        return Seen(until=until, due=())  # a new house does not look back
    now = clock.now()
    due = tuple(one for one in tx.all(TAKEN, Left, since=since, until=until) if fires(one, rows, now))
    return Seen(until=until, due=due)


def write(tx: Tx, seen: Seen) -> int:
    """Ask for the counts and remember how far the journal was read. Returns how many were asked for."""
    made = 0
    for one in seen.due:
        if tx.value(OPEN_AT, code=one.place) is None:
            tasks.add(
                tx,
                KIND,
                document=DOCUMENT,
                place=one.place,
                item=one.item,
                due=clock.now() + WITHIN,
                reason="triggered by a pick",
            )
            made += 1
    rules.change(tx, rules.SEEN, seen.until)
    if made:
        tx.tell("counts")
    return made


chores.register("counts of emptied bins", EVERY_S, write, look=look)
