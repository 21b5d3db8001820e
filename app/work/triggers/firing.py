"""The look of every minute: which rules hold now, what is new of it, and what is over.

The look reads beside the writer; only what is new, or over, is written. A cause fires a rule once: while it lasts, and
for some hours after it last fired, it stays silent, so that stock swinging around a threshold tells nobody twice. A rule
that fires too much is stopped for the day with one case that says so: a flood is read by nobody.
"""

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from app import clock
from app.db import Tx
from app.schema.watching import trigger_fired, trigger_rule
from app.stock.ledger import By
from app.work import chores, exceptions
from app.work.triggers import rules
from app.work.triggers.acting import act
from app.work.triggers.kinds import KINDS, Finding, Rule

EVERY_S = 60
MOST_AT_ONCE = 20  # firings of one rule in one look; the rest in the next
MOST_A_DAY = 100  # firings of one rule in 24 hours; then it is stopped until tomorrow, said once
SILENT = 4 * clock.HOUR  # the same cause does not fire again so soon


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one look saw of one rule."""

    rule: Rule
    fresh: tuple[Finding, ...] = ()
    over: tuple[str, ...] = ()  # causes that no longer hold


OPEN = select(trigger_fired.c.subject).where(trigger_fired.c.rule == bindparam("of_rule"), trigger_fired.c.cleared == 0)
LATELY = select(trigger_fired.c.subject).where(
    trigger_fired.c.rule == bindparam("of_rule"), trigger_fired.c.at > bindparam("since")
)
AGAIN = select(trigger_fired.c.id).where(
    trigger_fired.c.rule == bindparam("of_rule"),
    trigger_fired.c.subject == bindparam("of_subject"),
    (trigger_fired.c.cleared == 0) | (trigger_fired.c.at > bindparam("since")),
).limit(1)  # fmt: skip
FIRED_SINCE = select(func.count()).where(
    trigger_fired.c.rule == bindparam("of_rule"), trigger_fired.c.at > bindparam("since")
)
STOPPED = select(trigger_fired.c.id).where(
    trigger_fired.c.rule == bindparam("of_rule"),
    trigger_fired.c.kind == "storm",
    trigger_fired.c.at > bindparam("since"),
).limit(1)  # fmt: skip
_NEW = (
    "id", "rule", "kind", "subject", "sentence", "action", "did", "document", "item", "location", "exception", "seq",
    "at", "cleared",
)  # fmt: skip
WRITE = insert(trigger_fired).values(**{name: bindparam(name) for name in _NEW})
CLEAR = (
    update(trigger_fired)
    .where(
        trigger_fired.c.rule == bindparam("of_rule"),
        trigger_fired.c.subject == bindparam("of_subject"),
        trigger_fired.c.cleared == 0,
    )
    .values(cleared=bindparam("now"))
)
_IDLE = (
    select(trigger_fired.c.rule, trigger_fired.c.subject)
    .where(
        trigger_fired.c.cleared == 0,
        trigger_fired.c.rule.not_in(select(trigger_rule.c.code).where(trigger_rule.c.active == 1)),
    )
    .limit(1000)
)


def look(tx: Tx) -> list[Found]:
    """Judge every active rule now; what there is to write. Reads only."""
    now = clock.now()
    seen = [_look_at(tx, rule, now) for rule in rules.active(tx) if rule.kind in KINDS]
    idle = [Found(rule=Rule(code=row[0], title="", kind=""), over=(row[1],)) for row in tx.rows(_IDLE)]
    return [one for one in (*seen, *idle) if one.fresh or one.over]


def _look_at(tx: Tx, rule: Rule, now: int) -> Found:
    kind = KINDS[rule.kind]
    holds = kind.judge(rule, kind.read(tx, rule, now, now), now)
    subjects = {finding.subject for finding in holds}
    still = {row[0] for row in tx.rows(OPEN, of_rule=rule.code)}
    silent = still | {row[0] for row in tx.rows(LATELY, of_rule=rule.code, since=now - SILENT)}
    fresh = tuple(finding for finding in holds if finding.subject not in silent)[:MOST_AT_ONCE]
    if fresh and tx.value(STOPPED, of_rule=rule.code, since=now - clock.DAY) is not None:
        fresh = ()
    return Found(rule=rule, fresh=fresh, over=tuple(sorted(still - subjects)))


def act_on(tx: Tx, seen: list[Found]) -> int:
    """Write what a look found. Returns how many fired."""
    now, fired = clock.now(), 0
    for one in seen:
        for subject in one.over:
            tx.run(CLEAR, of_rule=one.rule.code, of_subject=subject, now=now)
        for finding in one.fresh:
            if int(tx.value(FIRED_SINCE, of_rule=one.rule.code, since=now - clock.DAY) or 0) >= MOST_A_DAY:
                _stop(tx, one.rule, now)
                break
            fired += fire(tx, one.rule, finding, now)
    tx.tell("triggers")
    return fired


def fire(tx: Tx, rule: Rule, finding: Finding, now: int) -> int:
    """Once per cause: 1, or 0 where somebody else was quicker."""
    if tx.value(AGAIN, of_rule=rule.code, of_subject=finding.subject, since=now - SILENT) is not None:
        return 0
    key = clock.new_id()
    did = act(tx, rule, finding, By(cause=f"trigger {rule.code} {key}"))
    _write(tx, rule, finding, key, now, kind=rule.kind, did=did.words, exception=did.exception, seq=did.seq)
    return 1


def _stop(tx: Tx, rule: Rule, now: int) -> None:
    if tx.value(STOPPED, of_rule=rule.code, since=now - clock.DAY) is not None:
        return
    finding = Finding(
        subject=f"storm {now}",
        sentence=f"Rule {rule.code} fired {MOST_A_DAY} times in a day and is silent until tomorrow: its figure is too low.",
    )
    case = exceptions.add(tx, "trigger_alert", finding.sentence, owner="admin")
    _write(tx, rule, finding, clock.new_id(), now, kind="storm", did="admin told", exception=case, seq=0, cleared=now)


def _write(
    tx: Tx, rule: Rule, finding: Finding, key: str, now: int, *, kind: str, did: str, exception: str, seq: int,
    cleared: int = 0,
) -> None:  # fmt: skip
    tx.run(
        WRITE,
        id=key,
        rule=rule.code,
        kind=kind,
        subject=finding.subject,
        sentence=finding.sentence,
        action=rule.action,
        did=did,
        document=finding.document,
        item=finding.item,
        location=finding.location,
        exception=exception,
        seq=seq,
        at=now,
        cleared=cleared,
    )


chores.register("triggers", EVERY_S, act_on, look=look)
