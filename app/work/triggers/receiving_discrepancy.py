"""A receipt that differs from what was ordered by more than x per cent. Goods nobody ordered differ wholly.

Holding keeps the goods of that receipt from being sold until somebody decided; a task has them counted where they stand.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, bindparam, func, literal, or_, select

from app.db import Tx
from app.schema.documents import purchase_order
from app.schema.items import item
from app.schema.work import discrepancy
from app.work.triggers.kinds import MOST_FACTS, Finding, Kind, Rule, asked, register


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    document: str
    item: str
    kind: str
    expected: int
    found: int
    created: int
    closed: int  # µs; when somebody decided

    @property
    def percent(self) -> int:
        return 100 * abs(self.found - self.expected) // self.expected if self.expected else 100


DIFFERENCES = (
    select(
        discrepancy.c.id, discrepancy.c.document, discrepancy.c.item, discrepancy.c.kind, discrepancy.c.expected,
        discrepancy.c.found, discrepancy.c.created, discrepancy.c.closed,
    )
    .select_from(
        discrepancy.outerjoin(item, item.c.code == discrepancy.c.item).outerjoin(
            purchase_order, literal("po ") + purchase_order.c.code == discrepancy.c.document
        )
    )
    .where(
        and_(discrepancy.c.created > bindparam("since"), discrepancy.c.created <= bindparam("until")),
        or_(bindparam("p_item") == "", discrepancy.c.item == bindparam("p_item")),
        or_(bindparam("p_zone") == "", func.coalesce(item.c.zone, "") == bindparam("p_zone")),
        or_(bindparam("p_supplier") == "", func.coalesce(purchase_order.c.supplier, "") == bindparam("p_supplier")),
    )
    .order_by(discrepancy.c.created)
    .limit(MOST_FACTS)
)  # fmt: skip


def read(tx: Tx, rule: Rule, since: int, now: int) -> list[Difference]:
    return tx.all(DIFFERENCES, Difference, since=since - rule.window, until=now, **asked(rule))


def judge(rule: Rule, facts: Sequence[Difference], now: int) -> list[Finding]:
    return [
        Finding(
            subject=f"{one.document} {one.item} {one.id}",
            sentence=f"{one.document.replace('po ', 'PO ')}: {one.item} {_off(one)}, {one.percent} % off; "
            f"more than {rule.threshold} % is told.",
            document=one.document,
            item=one.item,
            quantity=one.found,
        )
        for one in facts
        if now - rule.window < one.created <= now
        and not 0 < one.closed <= now
        and one.percent > rule.threshold
        and abs(one.found - one.expected) >= rule.least
    ]


def _off(one: Difference) -> str:
    return f"{one.found} of {one.expected} received" if one.expected else f"{one.found} received, none ordered"


register(
    Kind(
        name="receiving_discrepancy",
        title="Receiving discrepancy",
        threshold="per cent off",
        condition="a receipt differs from its order by more than {threshold} % and at least {least} units",
        uses=("threshold", "least", "window_h"),
        filters=("item", "zone", "supplier"),
        actions=("hold", "task", "alert", "approval"),
        read=read,
        judge=judge,
    )
)
