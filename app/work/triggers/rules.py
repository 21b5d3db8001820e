"""The rules as rows: what a house begins with, and saving one only if it makes sense beside the others.

A rule that its kind cannot mean, or that contradicts another, is refused: two rules of one kind and one scope that do
the same from different figures would tell everything twice, and nobody could say which of them is meant.
"""

import msgspec
from sqlalchemy import bindparam, func, select, update

from app import clock
from app.db import Tx
from app.errors import BadAmount, State
from app.schema.documents import purchase_order
from app.schema.items import item
from app.schema.places import location
from app.schema.watching import trigger_rule
from app.work import people
from app.work.master_terms import put
from app.work.triggers.kinds import KINDS, Rule

MOST_RULES = 100
MOST_HOURS = 90 * 24
MOST_DAYS = 365
HEARS = ("supervisor", "admin")  # the roles that a rule may tell: who decides at the desk


class BadRule(BadAmount):
    code, title = "bad_rule", "Not a rule"
    says = "Rule {scanned} cannot be: {reason}"
    todo = "Correct it and save again."


class RuleContradicts(State):
    code, title = "rule_contradicts", "Contradicts another rule"
    says = "Rule {other} already does this ({action}) for {scope}, from {figure}: two answers to one question."
    todo = "Change that rule, or give this one another scope or another action."


class NoSuchRule(State):
    code, title, http = "no_such_rule", "No such rule", 404
    says = "There is no rule {scanned}."
    todo = "Load the page again."


USUAL = (
    Rule(
        code="receipt-off", title="Receipt far off its order", kind="receiving_discrepancy", threshold=10, least=2,
        window_h=24, action="alert",
    ),
    Rule(
        code="receipt-hold", title="Receipt wholly off: keep it from sale", kind="receiving_discrepancy", threshold=50,
        least=5, window_h=24, action="hold",
    ),
    Rule(
        code="return-spike", title="An item comes back too often", kind="return_spike", threshold=200, least=5,
        window_h=7 * 24, action="alert",
    ),
    Rule(
        code="stock-low", title="Less than three days of sales left", kind="stock_under", threshold=0, cover_days=3,
        window_h=14 * 24, action="alert",
    ),
    Rule(
        code="cut-off", title="Order may miss its cut-off", kind="shipment_at_risk", threshold=45, window_h=4,
        action="task",
    ),
    Rule(
        code="late-receipt", title="Delivery is overdue", kind="delayed_receipt", threshold=4 * 60, window_h=14 * 24,
        action="alert",
    ),
    Rule(
        code="over-limit", title="Releases above a limit pile up", kind="limit_exceeded", threshold=50, least=3,
        window_h=24, action="approval", owner="admin",
    ),
)  # fmt: skip
DEFAULTS = tuple(msgspec.structs.asdict(rule) for rule in USUAL)

ALL = select(trigger_rule).order_by(trigger_rule.c.active.desc(), trigger_rule.c.kind, trigger_rule.c.code)
ACTIVE = select(trigger_rule).where(trigger_rule.c.active == 1).order_by(trigger_rule.c.code).limit(MOST_RULES)
ONE = select(trigger_rule).where(trigger_rule.c.code == bindparam("which"))
COUNT = select(func.count()).select_from(trigger_rule)
PUT = put(trigger_rule)
SWITCH = (
    update(trigger_rule)
    .where(trigger_rule.c.code == bindparam("which"))
    .values(active=bindparam("wanted"), changed_by=bindparam("who"), changed=bindparam("now"))
)
KNOWN = {
    "item": select(item.c.code).where(item.c.code == bindparam("which")),
    "zone": select(location.c.zone).where(location.c.zone == bindparam("which")).limit(1),
    "supplier": select(purchase_order.c.supplier).where(purchase_order.c.supplier == bindparam("which")).limit(1),
}


def everything(tx: Tx) -> list[Rule]:
    return tx.all(ALL, Rule)


def active(tx: Tx) -> list[Rule]:
    return tx.all(ACTIVE, Rule)


def find(tx: Tx, code: str) -> Rule:
    """Raises NoSuchRule."""
    found = tx.one(ONE, Rule, which=code)
    if found is None:
        raise NoSuchRule(scanned=code or "without a name")
    return found


def save(tx: Tx, rule: Rule, *, new: bool, worker: str, device: str) -> str:
    """Make a rule so, or add it; noted in the security log. Raises BadRule, RuleContradicts, NoSuchRule."""
    known = tx.one(ONE, Rule, which=rule.code)
    if new and known is not None:
        raise BadRule(scanned=rule.code, reason="a rule is called so already.")
    if not new and known is None:
        raise NoSuchRule(scanned=rule.code)
    if new and int(tx.value(COUNT) or 0) >= MOST_RULES:
        raise BadRule(scanned=rule.code, reason=f"there are {MOST_RULES} rules already, more nobody reads.")
    rule = settled(rule)
    refuse_odd(tx, rule)
    refuse_contradiction(tx, rule)
    kept = msgspec.structs.replace(rule, changed_by=worker, changed=clock.now())
    tx.run(PUT, **msgspec.structs.asdict(kept))
    people.note(tx, "rule_added" if new else "rule_changed", worker, device, f"rule {rule.code}: {in_words(rule)}")
    tx.tell("triggers")
    return f"Rule {rule.code} is {'added' if new else 'changed'}: {in_words(rule)}"


def switch(tx: Tx, code: str, *, on: bool, worker: str, device: str) -> str:
    """Raises NoSuchRule; RuleContradicts where it would now."""
    rule = find(tx, code)
    if on:
        refuse_odd(tx, rule)
        refuse_contradiction(tx, msgspec.structs.replace(rule, active=1))
    tx.run(SWITCH, which=code, wanted=int(on), who=worker, now=clock.now())
    people.note(tx, "rule_changed", worker, device, f"rule {code}: {'on' if on else 'off'}")
    tx.tell("triggers")
    return f"Rule {code} is {'on' if on else 'off'}."


def settled(rule: Rule) -> Rule:
    """What its kind does not use stands at its default, so that no figure says what it does not do."""
    kind = KINDS.get(rule.kind)
    if kind is None:
        return rule
    usual = {"least": 1, "cover_days": 0}
    unused = {name: value for name, value in usual.items() if name not in kind.uses}
    return msgspec.structs.replace(rule, **unused)


def refuse_odd(tx: Tx, rule: Rule) -> None:
    """Raises BadRule where its kind cannot mean it."""
    reason = _odd(tx, rule)
    if reason:
        raise BadRule(scanned=rule.code or "without a name", reason=reason)


def _odd(tx: Tx, rule: Rule) -> str:
    kind = KINDS.get(rule.kind)
    if kind is None:
        return f"{rule.kind or 'no kind'} is none of {', '.join(KINDS)}."
    if not rule.title.strip():
        return "it needs a title that whoever is told can read."
    if rule.action not in kind.actions:
        return f"{kind.title} can be answered with {', '.join(kind.actions)}, not {rule.action}."
    if rule.owner not in HEARS:
        return f"{rule.owner} does not decide at the desk: {' or '.join(HEARS)} does."
    if not 0 <= rule.threshold <= kind.most or rule.least < 1:
        return f"its figure is {kind.threshold}, from 0 to {kind.most}, and at least one case."
    if not 1 <= rule.window_h <= MOST_HOURS or not 0 <= rule.cover_days <= MOST_DAYS:
        return f"it looks back 1 to {MOST_HOURS} hours and covers up to {MOST_DAYS} days."
    if rule.kind == "stock_under" and not rule.threshold and not rule.cover_days:
        return "under nought there is no stock: give units, or days to cover."
    if rule.kind == "shipment_at_risk" and rule.threshold == 0:
        return "at the cut-off itself nobody can help any more: give minutes before it."
    for name, statement in KNOWN.items():
        value = getattr(rule, name)
        if value and name not in kind.filters:
            return f"{kind.title} is not told apart by {name}."
        if value and tx.value(statement, which=value) is None:
            return f"there is no {name} {value}."
    return ""


def refuse_contradiction(tx: Tx, rule: Rule) -> None:
    """Raises RuleContradicts where another active rule of the kind has the same scope and answers with the same."""
    if not rule.active:
        return
    for other in active(tx):
        if other.code != rule.code and _question(other) == _question(rule):
            raise RuleContradicts(
                other=other.code, action=rule.action, scope=rule.filters, figure=figure(other), scanned=rule.code
            )


def _question(rule: Rule) -> tuple[str, ...]:
    return (rule.kind, rule.item, rule.zone, rule.supplier, rule.action)


def figure(rule: Rule) -> str:
    """`10 per cent off`, `3 days of sales`."""
    kind = KINDS.get(rule.kind)
    if rule.cover_days and not rule.threshold:
        return f"{rule.cover_days} days of sales"
    return f"{rule.threshold} {kind.threshold if kind else ''}".strip()


def in_words(rule: Rule) -> str:
    """`When a receipt differs … (item MUG): hold, and a supervisor hears of it.`"""
    kind = KINDS.get(rule.kind)
    when = kind.in_words(rule) if kind else rule.kind
    scope = "" if rule.filters == "everything" else f" ({rule.filters})"
    return f"When {when}{scope}: {rule.action}, and {'an' if rule.owner == 'admin' else 'a'} {rule.owner} hears of it."
