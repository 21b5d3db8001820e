"""A, B and C: which items are worth counting often. By what left the house in a quarter of a year, at standard cost.

The few items that make the first 80 % of that value are A, the next 15 % B, all others C; the shares are rows. An item
without a price is taken as worth one unit of money, so that it is not forgotten. Once a day is often enough.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Integer, bindparam, cast, func, select

from app import clock
from app.db import Tx
from app.schema.counting import item_class
from app.schema.items import item
from app.schema.stock import balance, movement
from app.work import chores
from app.work.counting import rules
from app.work.counting.rules import Class
from app.work.master_terms import put
from app.work.since import first_seq

EVERY_S = 600  # looked at; done once a day
TURNOVER_OF = 90 * clock.DAY
NO_PRICE = 100  # cents
MOST_ITEMS = 200_000


class Classed(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    name: str
    turnover: int


_LEFT = (
    select(movement.c.item, func.sum(movement.c.quantity).label("units"))
    .where(movement.c.seq >= bindparam("since"), movement.c.target == "~customer")
    .group_by(movement.c.item)
    .subquery("left_house")
)
_HERE = (
    select(balance.c.item, func.sum(balance.c.quantity).label("units"))
    .where(balance.c.quantity > 0)
    .group_by(balance.c.item)
    .subquery("here")
)
TURNOVERS = (
    select(
        item.c.code, cast(func.coalesce(_LEFT.c.units, 0), Integer), item.c.standard_cost,
        func.coalesce(item_class.c["class"], ""), func.coalesce(item_class.c.turnover, -1),
    )
    .select_from(
        item.outerjoin(_LEFT, _LEFT.c.item == item.c.code)
        .outerjoin(_HERE, _HERE.c.item == item.c.code)
        .outerjoin(item_class, item_class.c.item == item.c.code)
    )
    .where((_LEFT.c.units > 0) | (_HERE.c.units > 0))
    .limit(MOST_ITEMS)
)  # fmt: skip
PUT = put(item_class)


def shares(turnovers: Sequence[tuple[str, int]], classes: Sequence[Class]) -> dict[str, str]:
    """Each item's class: the most valuable first, each class until its share of all turnover is full."""
    active = [one for one in classes if one.active]
    if not active:
        return {}
    total = sum(value for _, value in turnovers)
    found, before, at, full = {}, 0, 0, active[0].share_percent
    for code, value in sorted(turnovers, key=lambda one: (-one[1], one[0])):
        while at < len(active) - 1 and (not value or before * 100 >= full * total):
            at += 1
            full += active[at].share_percent
        found[code] = active[at].name
        before += value
    return found


def look(tx: Tx) -> list[Classed] | None:
    """What changes its class or turnover; None until a day has passed. Reads only."""
    now = clock.now()
    if now - rules.setting(tx, rules.CLASSIFIED) < clock.DAY:
        return None
    rows = tx.rows(TURNOVERS, since=first_seq(tx, now - TURNOVER_OF))
    values = {code: units * (cost or NO_PRICE) for code, units, cost, _, _ in rows}
    named = shares(list(values.items()), rules.classes(tx))
    known = {code: (name, value) for code, _, _, name, value in rows}
    changed = [
        Classed(item=code, name=named[code], turnover=values[code])
        for code in named
        if known[code] != (named[code], values[code])
    ]
    return changed or [Classed(item="", name="", turnover=0)]  # that nothing changed is written, too


def write(tx: Tx, found: list[Classed]) -> None:
    now = clock.now()
    rows = [{"item": one.item, "class": one.name, "turnover": one.turnover, "at": now} for one in found if one.item]
    tx.many(PUT, rows)
    rules.change(tx, rules.CLASSIFIED, now)
    tx.tell("counts")


chores.register("classes of items", EVERY_S, write, look=look)
