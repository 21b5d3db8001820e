"""What the rules fired, the rules themselves, and what one of them would have fired last week with other figures."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, func, or_, select

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import many, said, spelled
from app.schema.watching import trigger_fired
from app.work.triggers import dry_run, rules
from app.work.triggers.dry_run import DryRun
from app.work.triggers.kinds import KINDS, Kind, Rule


class TriggerFilter(msgspec.Struct, frozen=True, kw_only=True):
    rule: str = ""
    state: str = "all"  # holds, over, all
    item: str = ""
    document: str = ""
    page: int = 1


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as an address names it: by its code, or with figures to try."""

    code: str = ""
    kind: str = ""
    title: str = ""
    threshold: int = 0
    least: int = 1
    window_h: int = 24
    cover_days: int = 0
    item: str = ""
    zone: str = ""
    supplier: str = ""
    action: str = "alert"
    owner: str = "supervisor"
    run: int = 0


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    rule: str
    kind: str
    subject: str
    sentence: str
    action: str
    did: str
    document: str
    item: str
    location: str
    exception: str
    seq: int
    at: int
    cleared: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with its sentence, and how often it fired lately."""

    rule: Rule
    words: str
    week: int
    holding: int


class Triggers(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Fired]
    rules: tuple[Told, ...]


class OneRule(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    rule: Rule
    kind: Kind
    words: str
    new: bool
    tried: DryRun | None
    refused: str = ""


LIST = (
    select(*(trigger_fired.c[name] for name in Fired.__struct_fields__))
    .where(
        or_(bindparam("p_rule") == "", trigger_fired.c.rule == bindparam("p_rule")),
        or_(bindparam("p_item") == "", trigger_fired.c.item == bindparam("p_item")),
        or_(bindparam("p_document") == "", trigger_fired.c.document == bindparam("p_document")),
        or_(
            bindparam("p_state") == "all",
            (bindparam("p_state") == "holds") & (trigger_fired.c.cleared == 0),
            (bindparam("p_state") == "over") & (trigger_fired.c.cleared > 0),
        ),
    )
    .order_by(trigger_fired.c.at.desc(), trigger_fired.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
LATELY = (
    select(trigger_fired.c.rule, func.count())
    .where(trigger_fired.c.at > bindparam("since"))
    .group_by(trigger_fired.c.rule)
)
HOLDING = select(trigger_fired.c.rule, func.count()).where(trigger_fired.c.cleared == 0).group_by(trigger_fired.c.rule)


def listing(tx: Tx, wanted: TriggerFilter, *, export: bool = False) -> Triggers:
    found = tx.all(
        LIST, Fired, p_rule=wanted.rule, p_item=wanted.item, p_document=wanted.document, p_state=wanted.state,
        **window(wanted.page, export=export),
    )  # fmt: skip
    week = {row[0]: int(row[1]) for row in tx.rows(LATELY, since=clock.now() - 7 * clock.DAY)}
    holding = {row[0]: int(row[1]) for row in tx.rows(HOLDING)}
    told = [
        Told(rule=one, words=rules.in_words(one), week=week.get(one.code, 0), holding=holding.get(one.code, 0))
        for one in rules.everything(tx)
    ]
    today = sum(int(row[1]) for row in tx.rows(LATELY, since=clock.now() - clock.DAY))
    return Triggers(
        headline=headline(today, sum(holding.values())),
        page=page_of(found, wanted.page, export=export),
        rules=tuple(told),
    )


def headline(today: int, holding: int) -> str:
    if not today and not holding:
        return "No rule fired in the last day."
    still = f"{spelled(holding)} cause{' still holds' if holding == 1 else 's still hold'}"
    return said(f"{many(today, 'firing')} in the last day, {still}.")


def one_rule(tx: Tx, asked: Asked) -> OneRule:
    """A rule to read, try and change. Raises NoSuchRule; a rule that cannot be is shown with the reason instead."""
    known = next((one for one in rules.everything(tx) if one.code == asked.code), None)
    if known is None and asked.kind not in KINDS:
        known = rules.find(tx, asked.code)
    if asked.kind in KINDS:
        given: dict[str, Any] = msgspec.structs.asdict(asked)
        del given["run"]
        rule = rules.settled(msgspec.structs.replace(known or Rule(code="", title="", kind=""), **given))
    else:
        assert known is not None
        rule = known
    kind = KINDS[rule.kind]
    try:
        tried = dry_run.run(tx, rule) if asked.run else None
        refused = ""
    except rules.BadRule as why:
        tried, refused = None, why.sentence
    name = f"Rule {known.code}: {known.title}." if known else f"A new rule: {kind.title.lower()}."
    return OneRule(
        headline=tried.sentence if tried else name,
        rule=rule,
        kind=kind,
        words=rules.in_words(rule),
        new=known is None,
        tried=tried,
        refused=refused,
    )


def save(tx: Tx, rule: Rule, *, new: bool, worker: str, device: str) -> str:
    """One that is off stays off. Raises BadRule, RuleContradicts, NoSuchRule."""
    if not new:
        rule = msgspec.structs.replace(rule, active=rules.find(tx, rule.code).active)
    return rules.save(tx, rule, new=new, worker=worker, device=device)


def switch(tx: Tx, code: str, *, on: bool, worker: str, device: str) -> str:
    """Raises NoSuchRule, RuleContradicts."""
    return rules.switch(tx, code, on=on, worker=worker, device=device)
