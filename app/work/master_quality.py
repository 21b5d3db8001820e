"""What is inspected, what is looked at, and the sampling plans, as the ERP or an import tells them.

They go through the same rules as at the desk: a row that contradicts another, or names what is not there, is refused with
the rule's own code and changes nothing. What is there already and the same is answered so.
"""

from collections.abc import Callable
from typing import Annotated, Literal

from msgspec import Meta

from app.db import Tx
from app.errors import Refusal
from app.stock.ledger import By
from app.work.inspections import plans, rules
from app.work.master_terms import Amount, Code, Message, OptionalCode, Outcome, Text, UpTo, applied, dead, missing_item

Every = Annotated[int, Meta(ge=1, le=rules.MOST_EVERY)]
Limit = Annotated[int, Meta(ge=-plans.MOST, le=plans.MOST)]


class InspectionRule(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="inspection.rule"):
    """Goods of this item, supplier or category are inspected when they come; left empty: any."""

    code: Code = ""
    item: OptionalCode = ""
    supplier: OptionalCode = ""
    category: OptionalCode = ""
    level: Code = "II"
    aql: Code = "1.0"
    every: Every = 1
    active: bool = True


class InspectionCheck(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="inspection.check"):
    """One thing to look at on each unit of a category, or of all goods."""

    category: OptionalCode = ""
    position: Amount = 0
    words: Text = ""
    kind: Literal["judge", "measure", "photo"] = "judge"
    low: Limit = 0
    high: Limit = 0
    unit: OptionalCode = ""
    active: bool = True


class SamplePlan(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="inspection.plan"):
    """Sample size, acceptance and rejection number of one code letter at one AQL."""

    code: Code = ""
    severity: Literal["normal", "tightened", "reduced"] = "normal"
    letter: Code
    aql: Code
    size: UpTo
    accept: UpTo
    reject: UpTo


class SampleLetter(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="inspection.letter"):
    """The code letter of a range of lot sizes; `lot_to` 0: no end."""

    code: Code = ""
    level: Code = "II"
    lot_from: Amount
    lot_to: Amount = 0
    letter: Code


def rule(tx: Tx, message: InspectionRule, by: By) -> Outcome:
    row = rules.Rule(
        item=message.item, supplier=message.supplier, category=message.category, level=message.level, aql=message.aql,
        every=message.every, active=int(message.active),
    )  # fmt: skip
    name = f"Inspection of {row.in_words()}"
    if row in rules.rules(tx):
        return Outcome(state="same", sentence=f"{name} is already so.")
    if message.item and not rules.is_item(tx, message.item):
        return missing_item(message.item, name)
    return _kept(name, lambda: rules.save(tx, row))


def check(tx: Tx, message: InspectionCheck, by: By) -> Outcome:
    row = rules.Check(
        category=message.category, code=message.code, position=message.position, words=message.words, kind=message.kind,
        low=message.low, high=message.high, unit=message.unit, active=int(message.active),
    )  # fmt: skip
    name = f"Inspection check {message.code}"
    if row in rules.checks(tx):
        return Outcome(state="same", sentence=f"{name} is already so.")
    return _kept(name, lambda: rules.save_check(tx, row))


def plan(tx: Tx, message: SamplePlan, by: By) -> Outcome:
    row = plans.Row(
        severity=message.severity, letter=message.letter, aql=message.aql, size=message.size, accept=message.accept,
        reject=message.reject,
    )  # fmt: skip
    name = f"Sampling plan {row.letter}, AQL {row.aql}, {row.severity}"
    if row in plans.plans_of(tx, row.severity, row.aql):
        return Outcome(state="same", sentence=f"{name} is already so.")
    return _kept(name, lambda: plans.save_plan(tx, row))


def letter(tx: Tx, message: SampleLetter, by: By) -> Outcome:
    row = plans.Letter(level=message.level, lot_from=message.lot_from, lot_to=message.lot_to, letter=message.letter)
    name = f"Code letter of lots of {row.in_words()}, level {row.level}"
    if row in plans.letters(tx):
        return Outcome(state="same", sentence=f"{name} is already so.")
    return _kept(name, lambda: plans.save_letter(tx, row))


def _kept(name: str, save: Callable[[], object]) -> Outcome:
    """A row is saved, or dead: the rule's own code stands before its sentence, for the program that sent it."""
    try:
        save()
    except Refusal as refusal:
        return dead(f"{refusal.code}: {refusal.sentence}")
    return applied(f"{name} is known.")
