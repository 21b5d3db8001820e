"""An item comes back for one reason far more often than it used to: a bad lot, a wrong picture in the shop, a new box.

The units of a window are compared with the mean of the windows before it. Nothing is judged until so many units came:
two instead of one is no spike.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, func, or_, select

from app.db import Tx
from app.schema.items import item
from app.schema.returns import returned
from app.work.triggers.kinds import MOST_FACTS, Finding, Kind, Rule, register, span

BEFORE = 4  # windows before this one that say what is usual


class CameBack(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    item: str
    reason: str
    lot: str
    quantity: int


CAME_BACK = (
    select(
        returned.c.received_at.label("at"), returned.c.item, returned.c.reason, returned.c.lot, returned.c.quantity
    )
    .select_from(returned.outerjoin(item, item.c.code == returned.c.item))
    .where(
        returned.c.received_at > bindparam("since"),
        returned.c.received_at <= bindparam("until"),
        returned.c.quantity > 0,
        or_(bindparam("p_item") == "", returned.c.item == bindparam("p_item")),
        or_(bindparam("p_zone") == "", func.coalesce(item.c.zone, "") == bindparam("p_zone")),
    )
    .order_by(returned.c.received_at.desc())
    .limit(MOST_FACTS)
)  # fmt: skip


def read(tx: Tx, rule: Rule, since: int, now: int) -> list[CameBack]:
    earliest = since - (1 + BEFORE) * rule.window
    return tx.all(CAME_BACK, CameBack, since=earliest, until=now, p_item=rule.item, p_zone=rule.zone)


def judge(rule: Rule, facts: Sequence[CameBack], now: int) -> list[Finding]:
    lately: dict[tuple[str, str], int] = {}
    before: dict[tuple[str, str], int] = {}
    lots: dict[tuple[str, str], dict[str, int]] = {}
    starts, earliest = now - rule.window, now - (1 + BEFORE) * rule.window
    for one in facts:
        case = (one.item, one.reason)
        if starts < one.at <= now:
            lately[case] = lately.get(case, 0) + one.quantity
            by_lot = lots.setdefault(case, {})
            by_lot[one.lot] = by_lot.get(one.lot, 0) + one.quantity
        elif earliest < one.at <= starts:
            before[case] = before.get(case, 0) + one.quantity
    return [
        _finding(rule, case, units, before.get(case, 0), lots[case])
        for case, units in lately.items()
        if units >= rule.least and units * BEFORE * 100 > before.get(case, 0) * (100 + rule.threshold)
    ]


def _finding(rule: Rule, case: tuple[str, str], units: int, before: int, lots: dict[str, int]) -> Finding:
    code, reason = case
    why = reason.replace("_", " ") or "no reason given"
    usual = f"{before / BEFORE:.1f}".removesuffix(".0")
    worst = max(lots, key=lambda lot: lots[lot])
    of_lot = f", {lots[worst]} of them of lot {worst}" if worst else ""
    return Finding(
        subject=f"{code} {reason}",
        sentence=f"{code} came back {units} times in {span(rule.window)} ({why}){of_lot}; usual is {usual}. "
        f"{rule.least} and {rule.threshold} % more than usual are told.",
        item=code,
        lot=worst,
    )


register(
    Kind(
        name="return_spike",
        title="Return spike",
        threshold="per cent more than usual",
        condition="an item comes back for one reason at least {least} times in {window}, and {threshold} % more "
        "often than in the same time before",
        uses=("threshold", "least", "window_h"),
        filters=("item", "zone"),
        actions=("hold", "task", "alert", "approval"),
        read=read,
        judge=judge,
    )
)
