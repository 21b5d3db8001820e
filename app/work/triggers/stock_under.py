"""Stock of an item is under so many units, or under what it sells in so many days: the threshold follows the sales.

Stock is what stands available in the house, promised or not: what is promised is about to leave. Only items that sell
are judged (or the one that the rule names), else every item that was ever given up would be told. The dry run counts
back from today's stock by the movements since; how fast an item sells is taken as it is today.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Integer, and_, bindparam, case, cast, func, or_, select

from app import clock
from app.db import Tx
from app.schema.items import item
from app.schema.stock import balance, journal, movement
from app.work.since import first_seq
from app.work.triggers.kinds import MOST_FACTS, Finding, Kind, Rule, register, span

MOST_CHANGES = 50_000  # item × quarter of an hour, of one dry run
STEP = 15 * clock.MINUTE


class Level(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    on_hand: int
    sold: int  # in the rule's window
    zone: str = ""
    changes: tuple[tuple[int, int], ...] = ()  # (when, by how much), within a dry run

    def at(self, moment: int) -> int:
        return self.on_hand - sum(change for when, change in self.changes if when > moment)


_HERE = func.coalesce(
    select(func.sum(balance.c.quantity))
    .where(balance.c.item == item.c.code, balance.c.status == "available", balance.c.location.not_like("~%"))
    .scalar_subquery(),
    0,
)
_SOLD = (
    select(movement.c.item, func.sum(movement.c.quantity).label("units"))
    .where(movement.c.seq >= bindparam("seq"), movement.c.target == "~customer")
    .group_by(movement.c.item)
    .subquery("sold")
)
LEVELS = (
    select(
        item.c.code.label("item"), cast(_HERE, Integer).label("on_hand"),
        cast(func.coalesce(_SOLD.c.units, 0), Integer).label("sold"), item.c.zone,
    )
    .select_from(item.outerjoin(_SOLD, _SOLD.c.item == item.c.code))
    .where(
        item.c.active == 1,
        or_(_SOLD.c.units > 0, item.c.code == bindparam("p_item")),
        or_(bindparam("p_item") == "", item.c.code == bindparam("p_item")),
        or_(bindparam("p_zone") == "", item.c.zone == bindparam("p_zone")),
    )
    .order_by(item.c.code)
    .limit(MOST_FACTS)
)  # fmt: skip
_IN = and_(movement.c.target.not_like("~%"), movement.c.target_status == "available")
_OUT = and_(movement.c.source.not_like("~%"), movement.c.source_status == "available")
_STEP = journal.c.at / STEP
CHANGES = (
    select(
        movement.c.item, cast(_STEP, Integer),
        cast(
            func.sum(case((_IN, movement.c.quantity), else_=0) - case((_OUT, movement.c.quantity), else_=0)), Integer
        ),
    )
    .join(journal, journal.c.seq == movement.c.seq)
    .where(
        movement.c.seq >= bindparam("seq"),
        or_(bindparam("p_item") == "", movement.c.item == bindparam("p_item")),
    )
    .group_by(movement.c.item, cast(_STEP, Integer))
    .order_by(cast(_STEP, Integer).desc())
    .limit(MOST_CHANGES)
)  # fmt: skip


def read(tx: Tx, rule: Rule, since: int, now: int) -> list[Level]:
    sold_from = first_seq(tx, now - rule.window)
    found = tx.all(LEVELS, Level, seq=sold_from, p_item=rule.item, p_zone=rule.zone)
    if since >= now:
        return found
    changes: dict[str, list[tuple[int, int]]] = {}
    for code, step, change in tx.rows(CHANGES, seq=first_seq(tx, since), p_item=rule.item):
        if change:
            changes.setdefault(code, []).append((int(step) * STEP + STEP - 1, change))
    return [msgspec.structs.replace(one, changes=tuple(changes.get(one.item, ()))) for one in found]


def limit_of(rule: Rule, sold: int) -> int:
    """The fixed threshold, or what is sold in the days it is to cover, whichever is more."""
    return max(rule.threshold, -(-sold * rule.cover_days * 24 // rule.window_h))


def judge(rule: Rule, facts: Sequence[Level], now: int) -> list[Finding]:
    found = []
    for one in facts:
        on_hand, limit = one.at(now), limit_of(rule, one.sold)
        if on_hand >= limit:
            continue
        selling = f" {one.sold} were sold in {span(rule.window)}." if rule.cover_days else ""
        days = f" ({rule.cover_days} days of sales)" if rule.cover_days and limit > rule.threshold else ""
        found.append(
            Finding(
                subject=one.item,
                sentence=f"{on_hand} × {one.item} left, fewer than {limit}{days}.{selling}",
                item=one.item,
            )
        )
    return found


def in_words(rule: Rule) -> str:
    fixed = f"fewer than {rule.threshold} units of an item that sells are here"
    sales = (
        f"less of an item is here than it sells in {rule.cover_days} days, by the sales of the last {span(rule.window)}"
    )
    return sales if not rule.threshold else fixed if not rule.cover_days else f"{fixed}, or {sales}"


register(
    Kind(
        name="stock_under",
        title="Stock under threshold",
        threshold="units",
        condition="fewer than {threshold} units of an item that sells are here, or less than it sells in {cover_days} "
        "days, by the sales of the last {window}",
        words=in_words,
        uses=("threshold", "cover_days", "window_h"),
        most=9_999_999,
        filters=("item", "zone"),
        actions=("task", "alert"),
        read=read,
        judge=judge,
    )
)
