"""Somebody needs a supervisor's release above their limit again and again, or by very much.

Every release stands in the journal with both names, the limit and the amount; this counts them per worker and limit.
What wants approval is approved by somebody else than the supervisor who released it.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.stock import journal
from app.stock.events import Overridden, decode
from app.work import limits
from app.work.since import first_seq
from app.work.triggers.kinds import MOST_FACTS, Finding, Kind, Rule, register, span


class Release(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    at: int
    worker: str
    supervisor: str
    kind: str
    limit: int
    amount: int
    document: str

    @property
    def percent(self) -> int:
        """How far above the limit; a limit of nought is exceeded wholly."""
        return 100 * (abs(self.amount) - self.limit) // self.limit if self.limit > 0 else 100


RELEASES = (
    select(journal.c.seq, journal.c.at, journal.c.body, journal.c.document)
    .where(journal.c.seq >= bindparam("seq"), journal.c.kind == "overridden")
    .order_by(journal.c.seq.desc())
    .limit(MOST_FACTS)
)


def read(tx: Tx, rule: Rule, since: int, now: int) -> list[Release]:
    found = []
    for seq, at, body, document in tx.rows(RELEASES, seq=first_seq(tx, since - rule.window)):
        event = decode(bytes(body))
        if isinstance(event, Overridden) and event.kind:
            found.append(
                Release(
                    seq=seq, at=at, worker=event.worker, supervisor=event.supervisor, kind=event.kind,
                    limit=event.limit, amount=event.amount, document=document,
                )
            )  # fmt: skip
    return found[::-1]


def judge(rule: Rule, facts: Sequence[Release], now: int) -> list[Finding]:
    cases: dict[tuple[str, str], list[Release]] = {}
    for one in facts:
        if now - rule.window < one.at <= now and one.percent >= rule.threshold:
            cases.setdefault((one.worker, one.kind), []).append(one)
    found = []
    for (worker, kind), releases in cases.items():
        if len(releases) < rule.least:
            continue
        worst = max(releases, key=lambda one: one.percent)
        who = ", ".join(dict.fromkeys(one.supervisor for one in releases))
        times = "once" if len(releases) == 1 else f"{len(releases)} times"
        most = f"{limits.say(kind, abs(worst.amount))} where {limits.say(kind, worst.limit)} were allowed"
        found.append(
            Finding(
                subject=f"{worker} {kind}",
                sentence=f"{worker} went above {limits.KINDS.get(kind, (kind,))[0]} {times} in {span(rule.window)}, at "
                f"most {most}; released by {who}. {rule.least} are told.",
                document=worst.document,
                worker=worst.supervisor,
            )
        )
    return found


register(
    Kind(
        name="limit_exceeded",
        title="Limit exceeded",
        threshold="per cent above the limit",
        condition="a worker goes above a limit by {threshold} % or more, {least} times in {window}",
        uses=("threshold", "least", "window_h"),
        actions=("alert", "approval"),
        read=read,
        judge=judge,
    )
)
