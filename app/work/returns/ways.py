"""The rows returns are judged by: what each disposition means, which one is proposed, the checklist, the policy.

A rule names what it is for by reason, category, grade and value of one unit; what is empty is any. Of all rules that
fit, the one that says most wins (reason before category before grade, then the narrower band of value), so two rules may
both fit only where one says more. A row that says the same of the same goods with another answer contradicts it and is
refused when it is saved: which of the two held would be chance.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import Malformed, Unknown
from app.schema.returns import disposition, disposition_rule, item_category, return_check, return_policy
from app.stock.quantity import lies_within
from app.stock.slots import Status
from app.work.master_terms import put

GRADES = ("A", "B", "C", "D")
CHECK_KINDS = ("judge", "measure")
MOST_VALUE = 2**40


class Disposition(msgspec.Struct, frozen=True, kw_only=True):
    """One way on."""

    code: str
    words: str
    status: Status = "returned"
    place: str = "plate"  # plate, scrap
    zone: str = ""
    next_task: str = ""
    message: str = ""
    label: str = "lpn"  # lpn, hold, none
    recovers_percent: int = 0
    photo: int = 0
    position: int = 0
    active: int = 1
    otherwise: str = ""  # what becomes of it when this was done already and is proposed once more


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    reason: str = ""
    category: str = ""
    grade: str = ""
    value_from: int = 0
    value_to: int = 0
    disposition: str
    words: str = ""
    active: int = 1

    @property
    def says(self) -> str:
        """`grade C, value from 20.00`: when it holds."""
        told = [self.reason.replace("_", " ")] * bool(self.reason) + [self.category] * bool(self.category)
        told += [f"grade {self.grade}"] * bool(self.grade)
        told += [f"from {_money(self.value_from)}"] * bool(self.value_from)
        told += [f"below {_money(self.value_to)}"] * bool(self.value_to)
        return ", ".join(told) or "anything"

    def fits(self, reason: str, category: str, grade: str, value: int) -> bool:
        return (
            self.reason in ("", reason)
            and self.category in ("", category)
            and self.grade in ("", grade)
            and self.value_from <= value
            and (not self.value_to or value < self.value_to)
        )

    @property
    def weight(self) -> tuple[bool, bool, bool, int]:
        """The rule that says most is the greatest."""
        width = (self.value_to or MOST_VALUE) - self.value_from
        return bool(self.reason), bool(self.category), bool(self.grade), -width


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One question of the checklist; yes is good."""

    category: str
    code: str
    words: str
    position: int = 0
    worst: str = "B"
    opened: int = 0
    active: int = 1
    kind: str = "judge"
    low: int = 0
    high: int = 0
    unit: str = ""

    @property
    def limits(self) -> str:
        return f"{self.low} to {self.high} {self.unit}".strip()

    def is_no(self, answer: str | None) -> bool:
        """Does an answer say that something is wrong? A number does outside its limits."""
        if self.kind != "measure" or answer in (None, "yes", "no"):
            return answer == "no"
        return not lies_within(str(answer), self.low, self.high)


class Category(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str = ""
    opened_goes: str = ""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    code: str = "usual"
    blind: int = 1
    photo_from: str = "C"
    unusual_times: int = 3
    unusual_units: int = 5
    window_days: int = 90


class RuleContradicts(Malformed):
    code, title = "rule_contradicts", "Contradicts another"
    says = "For {said} there is already a rule that says {expected}; this one says {scanned}."
    todo = "Change that rule, or say more closely what this one is for."


class BadRule(Malformed):
    code, title = "bad_rule", "Not possible"
    says = "This row cannot be: {reason}"


class NoSuchDisposition(Unknown):
    code, title = "no_such_disposition", "No such way on"
    says = "{scanned} is no disposition of this house."
    todo = "Choose one of those shown."


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


WAY = select(disposition).where(disposition.c.code == bindparam("which"))
ALL_WAYS = select(disposition).order_by(disposition.c.position, disposition.c.code)
ALL_RULES = select(disposition_rule).order_by(
    disposition_rule.c.reason, disposition_rule.c.category, disposition_rule.c.grade, disposition_rule.c.value_from
)
CHECKS_OF = (
    select(return_check)
    .where(return_check.c.active == 1, (return_check.c.category == "") | (return_check.c.category == bindparam("of")))
    .order_by(return_check.c.position, return_check.c.code)
)
ALL_CHECKS = select(return_check).order_by(return_check.c.category, return_check.c.position)
CATEGORY = select(item_category).where(item_category.c.code == bindparam("which"))
ALL_CATEGORIES = select(item_category).order_by(item_category.c.code)
POLICY = select(return_policy).where(return_policy.c.code == "usual")
PUT_WAY, PUT_RULE, PUT_CHECK = put(disposition), put(disposition_rule), put(return_check)
PUT_CATEGORY, PUT_POLICY = put(item_category), put(return_policy)


def policy(tx: Tx) -> Policy:
    return tx.one(POLICY, Policy) or Policy()


def way(tx: Tx, code: str) -> Disposition:
    """Raises NoSuchDisposition."""
    found = tx.one(WAY, Disposition, which=code)
    if found is None or not found.active:
        raise NoSuchDisposition(scanned=code[:40] or "Nothing")
    return found


def ways(tx: Tx) -> list[Disposition]:
    """Those in use, in their order."""
    return [one for one in tx.all(ALL_WAYS, Disposition) if one.active]


def rules(tx: Tx) -> list[Rule]:
    return tx.all(ALL_RULES, Rule)


def checks_of(tx: Tx, category: str) -> list[Check]:
    return tx.all(CHECKS_OF, Check, of=category)


def category(tx: Tx, code: str) -> Category:
    return tx.one(CATEGORY, Category, which=code) or Category(code=code)


def best(given: Sequence[Rule], reason: str, category: str, grade: str, value: int) -> Rule | None:
    """The rule that says most of those that fit. Pure."""
    fitting = [rule for rule in given if rule.active and rule.fits(reason, category, grade, value)]
    return max(fitting, key=lambda rule: rule.weight, default=None)


# ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def save_rule(tx: Tx, rule: Rule) -> str:
    """Add a rule, or switch off or reword the one that stands there. Raises RuleContradicts, BadRule, NoSuchDisposition."""
    named = way(tx, rule.disposition)
    if rule.grade not in ("", *GRADES):
        raise BadRule(reason=f"{rule.grade} is no grade from A to D.", scanned=rule.grade)
    if not 0 <= rule.value_from <= MOST_VALUE or (rule.value_to and not rule.value_from < rule.value_to <= MOST_VALUE):
        raise BadRule(reason="the value ends before it begins.", scanned=str(rule.value_to))
    for other in rules(tx) if rule.active else ():
        if other.active and other.disposition != rule.disposition and _same_goods(other, rule):
            raise RuleContradicts(said=other.says, expected=way(tx, other.disposition).words, scanned=named.words)
    tx.run(PUT_RULE, **msgspec.structs.asdict(rule))
    tx.tell("returns")
    return f"For {rule.says}: {named.words}."


def _same_goods(one: Rule, other: Rule) -> bool:
    """Do both name the same reason, category and grade, and a value in both bands?"""
    if (one.reason, one.category, one.grade) != (other.reason, other.category, other.grade):
        return False
    ends = one.value_to or MOST_VALUE + 1, other.value_to or MOST_VALUE + 1
    return max(one.value_from, other.value_from) < min(ends)


def save_policy(tx: Tx, row: Policy) -> str:
    """Raises BadRule."""
    if row.photo_from not in ("", *GRADES) or row.unusual_times < 1 or row.unusual_units < 1 or row.window_days < 1:
        raise BadRule(reason="figures are at least 1, and a grade is A to D or none.")
    tx.run(PUT_POLICY, **msgspec.structs.asdict(msgspec.structs.replace(row, code="usual", blind=int(bool(row.blind)))))
    tx.tell("returns")
    return "The policy is so."


STEPLESS = ("", "putaway")


def save_way(tx: Tx, new: Disposition) -> str:
    """Change a way on, or add one. Raises BadRule for a row that contradicts itself or another, NoSuchDisposition."""
    if new.place == "scrap" and (new.next_task or new.zone or new.label != "none"):
        raise BadRule(reason="what leaves the books has no next task, no zone and no label.", scanned=new.code)
    if new.status == "available" and new.next_task not in STEPLESS:
        raise BadRule(reason="what may be sold at once waits for nothing but its bin.", scanned=new.code)
    if new.next_task == "putaway" and new.status != "available":
        raise BadRule(reason="only what may be sold goes to a bin.", scanned=new.code)
    if not 0 <= new.recovers_percent <= 100:
        raise BadRule(reason="it recovers from 0 to 100 per cent.", scanned=str(new.recovers_percent))
    if new.otherwise and (new.otherwise == new.code or way(tx, new.otherwise).otherwise):
        raise BadRule(
            reason="what becomes of it otherwise must be another way, and the last one.", scanned=new.otherwise
        )
    if not new.active and (used := _used_by(tx, new.code)):
        raise BadRule(reason=f"it is still wanted by {used}.", scanned=new.code)
    tx.run(PUT_WAY, **msgspec.structs.asdict(new))
    tx.tell("returns")
    return f"{new.words} is so."


def _used_by(tx: Tx, code: str) -> str:
    """What a way is wanted for; empty when it may be switched off."""
    if code == "quarantine":
        return "everything that must be decided"
    for rule in rules(tx):
        if rule.active and rule.disposition == code:
            return f"the rule for {rule.says}"
    for other in tx.all(ALL_WAYS, Disposition):
        if other.active and other.otherwise == code:
            return other.words
    return next((f"opened {one.name or one.code}" for one in categories(tx) if one.opened_goes == code), "")


def save_check(tx: Tx, check: Check) -> str:
    """Raises BadRule."""
    if check.worst not in GRADES:
        raise BadRule(reason=f"{check.worst} is no grade from A to D.", scanned=check.worst)
    if check.opened and check.worst == "A":
        raise BadRule(reason="what was opened is not as new: its best grade is B or below.", scanned=check.code)
    if not check.words.strip():
        raise BadRule(reason="a question needs words.", scanned=check.code)
    if check.kind not in CHECK_KINDS:
        raise BadRule(reason=f"a question is one of {', '.join(CHECK_KINDS)}.", scanned=check.kind)
    if check.low > check.high or (check.kind == "measure" and check.low == check.high == 0):
        raise BadRule(reason=f"nothing lies between {check.low} and {check.high}.", scanned=check.code)
    tx.run(PUT_CHECK, **msgspec.structs.asdict(check))
    tx.tell("returns")
    return f"{check.words}: saved."


def save_category(tx: Tx, row: Category) -> str:
    """What becomes of goods of a category once opened. Raises BadRule, NoSuchDisposition."""
    if row.opened_goes and way(tx, row.opened_goes).status == "available":
        raise BadRule(reason="opened goods of such a category are never sold again.", scanned=row.opened_goes)
    tx.run(PUT_CATEGORY, **msgspec.structs.asdict(row))
    tx.tell("returns")
    return f"{row.name or row.code}: saved."


def categories(tx: Tx) -> list[Category]:
    return tx.all(ALL_CATEGORIES, Category)


def checks(tx: Tx) -> list[Check]:
    return tx.all(ALL_CHECKS, Check)


def all_ways(tx: Tx) -> list[Disposition]:
    """Those switched off, too."""
    return tx.all(ALL_WAYS, Disposition)
