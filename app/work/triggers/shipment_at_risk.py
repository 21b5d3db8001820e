"""An order that is not at its lane so many minutes before its cut-off. A task makes what is left of it urgent."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Integer, and_, bindparam, case, cast, exists, func, literal, or_, select

from app import clock
from app.db import Tx
from app.schema.documents import order_line, sales_order
from app.schema.stock import journal
from app.work.triggers.kinds import MOST_FACTS, Finding, Kind, Rule, register, span

AT_LANE = ("staged", "loaded", "shipped")
SET_ASIDE = ("held", "cancelled", "backordered")


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    order: str
    cutoff: int
    carrier: str
    state: str
    done: int  # µs when it stood at its lane; 0: not yet
    lines: int
    open: int  # lines not picked whole


_LINES = order_line.c.order_code == sales_order.c.code
_LEFT = order_line.c.quantity - order_line.c.picked - order_line.c.short - order_line.c.cancelled


def _last(kind: str) -> object:
    return (
        select(func.max(journal.c.at))
        .where(journal.c.document == literal("order ") + sales_order.c.code, journal.c.kind == kind)
        .scalar_subquery()
    )


_AT_LANE = or_(*(sales_order.c.state == state for state in AT_LANE))
LEAVING = (
    select(
        sales_order.c.code.label("order"), sales_order.c.cutoff, sales_order.c.carrier, sales_order.c.state,
        case((_AT_LANE, func.coalesce(_last("staged"), _last("shipped"), 1)), else_=0).label("done"),
        select(func.count()).where(_LINES).scalar_subquery().label("lines"),
        cast(
            select(func.count()).where(_LINES, _LEFT > 0).scalar_subquery(), Integer
        ).label("open"),
    )
    .where(
        sales_order.c.cutoff > bindparam("since"),
        sales_order.c.cutoff <= bindparam("until"),
        and_(*(sales_order.c.state != state for state in SET_ASIDE)),
        or_(
            bindparam("p_item") == "",
            exists(select(order_line.c.id).where(_LINES, order_line.c.item == bindparam("p_item"))),
        ),
    )
    .order_by(sales_order.c.cutoff, sales_order.c.code)
    .limit(MOST_FACTS)
)  # fmt: skip


def read(tx: Tx, rule: Rule, since: int, now: int) -> list[Leaving]:
    until = now + rule.threshold * clock.MINUTE
    return tx.all(LEAVING, Leaving, since=since - rule.window, until=until, p_item=rule.item)


def judge(rule: Rule, facts: Sequence[Leaving], now: int) -> list[Finding]:
    found = []
    for one in facts:
        left = one.cutoff - now
        if -rule.window < left <= rule.threshold * clock.MINUTE and not 0 < one.done <= now:
            when = f"leaves in {span(left)}" if left > 0 else f"missed its cut-off {span(-left)} ago"
            stands = (
                f"it is {one.state}, {one.open} of {one.lines} lines to pick" if not one.done else "it was not staged"
            )
            found.append(
                Finding(
                    subject=f"order {one.order} cut-off {one.cutoff}",
                    sentence=f"Order {one.order} {when} and {stands}; {span(rule.threshold * clock.MINUTE)} before it "
                    "should stand at its lane.",
                    document=f"order {one.order}",
                    item=rule.item,
                )
            )
    return found


register(
    Kind(
        name="shipment_at_risk",
        title="Shipment at risk",
        threshold="minutes before the cut-off",
        condition="an order is not at its lane {minutes} before its cut-off",
        uses=("threshold", "window_h"),
        filters=("item",),
        actions=("task", "alert"),
        read=read,
        judge=judge,
    )
)
