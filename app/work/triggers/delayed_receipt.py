"""A purchase order that is overdue by more than so many minutes, and of which nothing has come."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Integer, bindparam, cast, exists, func, literal, or_, select

from app import clock
from app.db import Tx
from app.schema.documents import po_line, purchase_order
from app.schema.stock import journal
from app.work.triggers.kinds import MOST_FACTS, Finding, Kind, Rule, asked, register, span


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    po: str
    supplier: str
    due: int
    began: int  # µs of the first goods; 0: none yet
    lines: int
    units: int  # still expected


_LINES = po_line.c.po == purchase_order.c.code
_FIRST = select(func.min(journal.c.at)).where(
    journal.c.document == literal("po ") + purchase_order.c.code, journal.c.kind.like("%received")
)
OVERDUE = (
    select(
        purchase_order.c.code.label("po"), purchase_order.c.supplier, purchase_order.c.due,
        func.coalesce(_FIRST.scalar_subquery(), 0).label("began"),
        select(func.count()).where(_LINES).scalar_subquery().label("lines"),
        cast(
            select(func.coalesce(func.sum(po_line.c.quantity - po_line.c.received), 0)).where(_LINES).scalar_subquery(),
            Integer,
        ).label("units"),
    )
    .where(
        purchase_order.c.due > bindparam("since"),
        purchase_order.c.due <= bindparam("until"),
        or_(purchase_order.c.state == "open", _FIRST.scalar_subquery() > 0),
        or_(bindparam("p_supplier") == "", purchase_order.c.supplier == bindparam("p_supplier")),
        or_(
            bindparam("p_item") == "", exists(select(po_line.c.po).where(_LINES, po_line.c.item == bindparam("p_item")))
        ),
    )
    .order_by(purchase_order.c.due)
    .limit(MOST_FACTS)
)  # fmt: skip


def read(tx: Tx, rule: Rule, since: int, now: int) -> list[Overdue]:
    given = {name: value for name, value in asked(rule).items() if name != "p_zone"}
    return tx.all(OVERDUE, Overdue, since=since - rule.window, until=now, **given)


def judge(rule: Rule, facts: Sequence[Overdue], now: int) -> list[Finding]:
    found = []
    for one in facts:
        late = now - one.due
        if rule.threshold * clock.MINUTE < late <= rule.window and not 0 < one.began <= now:
            lines = "1 line" if one.lines == 1 else f"{one.lines} lines"
            found.append(
                Finding(
                    subject=f"po {one.po} due {one.due}",
                    sentence=f"PO {one.po}{f' of {one.supplier}' if one.supplier else ''} is {span(late)} late: {lines}, "
                    f"{one.units} units not here; {span(rule.threshold * clock.MINUTE)} are allowed.",
                    document=f"po {one.po}",
                    item=rule.item,
                )
            )
    return found


register(
    Kind(
        name="delayed_receipt",
        title="Delayed receipt",
        threshold="minutes late",
        condition="nothing of a purchase order has come {minutes} after it was due",
        uses=("threshold", "window_h"),
        filters=("item", "supplier"),
        actions=("alert",),
        read=read,
        judge=judge,
    )
)
