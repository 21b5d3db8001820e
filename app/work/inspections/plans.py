"""Sampling plans as rows: how many units of a lot are looked at, and how many may be defective.

The rows are ISO 2859-1's (iso2859.py) until a house changes them. A row that contradicts another is refused when it is
saved: lot sizes that overlap, a rejection number that leaves a gap, a larger letter with a smaller sample.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, delete, or_, select

from app.db import Tx
from app.errors import BadAmount
from app.schema.quality import sample_letter, sample_plan
from app.work.inspections import iso2859
from app.work.master_terms import put

SEVERITIES = ("normal", "tightened", "reduced")
MOST = 10_000_000

LETTER_DEFAULTS = iso2859.letters()
PLAN_DEFAULTS = iso2859.plans()


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """Lots of `lot_from` to `lot_to` units have this code letter; 0: no end."""

    level: str
    lot_from: int
    lot_to: int
    letter: str

    def in_words(self) -> str:
        return f"{self.lot_from} to {self.lot_to}" if self.lot_to else f"{self.lot_from} and more"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    severity: str
    letter: str
    aql: str
    size: int
    accept: int
    reject: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with one lot. A sample as large as the lot is every unit."""

    letter: str
    size: int
    accept: int


class NoPlan(BadAmount):
    code, title = "no_plan", "No sampling plan"
    says = "There is no plan for {quantity} units at level {level}, AQL {aql}, {severity}."
    todo = "Ask for the plan's row at the desk."


class Contradicts(BadAmount):
    code, title = "plan_contradicts", "That contradicts another row"
    says = "{row} contradicts {other}: {reason}."
    todo = "Change the other row first."


LETTER = (
    select(sample_letter)
    .where(
        sample_letter.c.level == bindparam("of_level"),
        sample_letter.c.lot_from <= bindparam("n"),
        or_(sample_letter.c.lot_to == 0, sample_letter.c.lot_to >= bindparam("n")),
    )
    .order_by(sample_letter.c.lot_from.desc())
    .limit(1)
)
LETTERS_OF = (
    select(sample_letter).where(sample_letter.c.level == bindparam("of_level")).order_by(sample_letter.c.lot_from)
)
ALL_LETTERS = select(sample_letter).order_by(sample_letter.c.lot_from, sample_letter.c.level)
PLAN = select(sample_plan).where(
    sample_plan.c.severity == bindparam("of_severity"),
    sample_plan.c.letter == bindparam("of_letter"),
    sample_plan.c.aql == bindparam("of_aql"),
)
PLANS_OF = (
    select(sample_plan)
    .where(sample_plan.c.severity == bindparam("of_severity"), sample_plan.c.aql == bindparam("of_aql"))
    .order_by(sample_plan.c.letter)
)
KNOWN_AQLS = select(sample_plan.c.aql).distinct()
KNOWN_LEVELS = select(sample_letter.c.level).distinct()
PUT_LETTER, PUT_PLAN = put(sample_letter), put(sample_plan)
DROP_LETTER = delete(sample_letter).where(
    sample_letter.c.level == bindparam("of_level"), sample_letter.c.lot_from == bindparam("first")
)


def plan(tx: Tx, quantity: int, level: str, aql: str, severity: str) -> Plan:
    """The plan for a lot. Raises NoPlan."""
    letter = tx.one(LETTER, Letter, of_level=level, n=quantity)
    row = tx.one(PLAN, Row, of_severity=severity, of_letter=letter.letter, of_aql=aql) if letter else None
    if row is None or letter is None:
        raise NoPlan(quantity=quantity, level=level, aql=aql, severity=severity)
    return Plan(letter=letter.letter, size=min(row.size, quantity), accept=row.accept)


def tighter(tx: Tx, quantity: int, level: str, aql: str) -> Plan | None:
    """Normal inspection with the next smaller AQL: whoever would pass that earns towards reduced inspection."""
    known = aqls(tx)
    at = known.index(aql) if aql in known else 0
    return plan(tx, quantity, level, known[at - 1], "normal") if at > 0 else None


def aqls(tx: Tx) -> list[str]:
    """Known AQLs, the smallest first."""
    return sorted((row[0] for row in tx.rows(KNOWN_AQLS)), key=_amount)


def levels(tx: Tx) -> list[str]:
    return sorted(row[0] for row in tx.rows(KNOWN_LEVELS))


def letters(tx: Tx) -> list[Letter]:
    return tx.all(ALL_LETTERS, Letter)


def plans_of(tx: Tx, severity: str, aql: str) -> list[Row]:
    return tx.all(PLANS_OF, Row, of_severity=severity, of_aql=aql)


def save_letter(tx: Tx, new: Letter) -> None:
    """Change or add a range of lot sizes. Raises Contradicts."""
    if new.lot_from < 1 or new.lot_from > MOST or (new.lot_to and not new.lot_from <= new.lot_to <= MOST):
        raise Contradicts(row=f"Level {new.level}, {new.in_words()}", other="itself", reason="no lot has that size")
    if len(new.letter) != 1 or new.letter not in iso2859.LETTERS:
        raise Contradicts(row=f"Letter {new.letter!r:.6}", other="the plans", reason="there is no such letter")
    for old in tx.all(LETTERS_OF, Letter, of_level=new.level):
        if old.lot_from != new.lot_from and _overlap(old, new):
            raise Contradicts(
                row=f"Level {new.level}, {new.in_words()}",
                other=f"{old.in_words()} (letter {old.letter})",
                reason="the lot sizes overlap",
            )
    tx.run(PUT_LETTER, **msgspec.structs.asdict(new))


def save_plan(tx: Tx, new: Row) -> None:
    """Change or add a plan. Raises Contradicts."""
    name = f"Letter {new.letter}, AQL {new.aql}, {new.severity}"
    if (
        new.severity not in SEVERITIES
        or len(new.letter) != 1
        or new.letter not in iso2859.LETTERS
        or not _amount(new.aql)
    ):
        raise Contradicts(row=name, other="the tables", reason="there is no such letter, AQL or severity")
    if not 0 < new.size <= MOST or new.accept < 0 or new.accept >= new.size:
        raise Contradicts(row=name, other="itself", reason=f"{new.size} units cannot have {new.accept} good defects")
    if new.reject != new.accept + 1:
        raise Contradicts(row=name, other="itself", reason=f"{new.accept + 1} defects would neither pass nor fail")
    for old in plans_of(tx, new.severity, new.aql):
        smaller, larger = sorted((old, new), key=lambda row: row.letter)
        if old.letter != new.letter and (smaller.size > larger.size or smaller.accept > larger.accept):
            raise Contradicts(
                row=name, other=f"letter {old.letter} ({old.size} units, accept {old.accept})",
                reason="a larger lot would be looked at less",
            )  # fmt: skip
    tx.run(PUT_PLAN, **msgspec.structs.asdict(new))


def gaps(rows: Sequence[Letter]) -> list[str]:
    """Lot sizes without a letter, told for the desk."""
    told = []
    for level in sorted({row.level for row in rows}):
        end = 0
        for row in sorted((row for row in rows if row.level == level), key=lambda row: row.lot_from):
            if row.lot_from > end + 1:
                told.append(f"level {level}: {end + 1} to {row.lot_from - 1}")
            end = row.lot_to or MOST
    return told


def _overlap(one: Letter, other: Letter) -> bool:
    return one.lot_from <= (other.lot_to or MOST) and other.lot_from <= (one.lot_to or MOST)


def _amount(aql: str) -> float:
    """0 where it is no number above nought."""
    try:
        return float(aql) if float(aql) > 0 and len(aql) <= 8 else 0.0
    except ValueError:
        return 0.0
