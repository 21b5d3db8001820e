"""What the house's own weight and price labels mean: rows of patterns, each for the numbers it fits and no other's.

The scale at the counter prints `2112345009876`; nobody has that number in an item master. A row `21IIIIIWWWWWC` says that
12345 is the item and 987 the grams. The item is found by a barcode of those digits, by one that has the digits before them
too (2112345, where two scales share numbers), or by its own code. Rows come in by import or from
the desk; one whose numbers another active row reads already is refused, for then a label would mean two things.
"""

import msgspec
from sqlalchemy import select

from app.db import Tx
from app.schema.items import restricted_number
from app.work.master_terms import Code, Message, Outcome, applied, dead, put
from devices.restricted_numbers import BadPattern, Pattern, Said, parse

MOST = 50  # rows; each restricted number is held against all of them

ALL = select(restricted_number).order_by(restricted_number.c.pattern).limit(MOST)
PUT = put(restricted_number)


class RestrictedSetup(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="restricted_number"):
    """One pattern. Without `decimals`: grams, or cents."""

    code: Code = ""
    pattern: Code
    decimals: int | None = None
    active: bool = True


class Row(msgspec.Struct, frozen=True, kw_only=True):
    pattern: str
    decimals: int
    active: int = 1

    @property
    def as_pattern(self) -> Pattern:
        return Pattern(text=self.pattern, decimals=self.decimals)


def everything(tx: Tx) -> list[Row]:
    return tx.all(ALL, Row)


def read(tx: Tx, number: str) -> Said | None:
    """What a restricted number of 14 digits says by the house's rows, or None where no row is about it."""
    fitting = (row.as_pattern for row in everything(tx) if row.active and row.as_pattern.fits(number))
    pattern = next(fitting, None)
    return None if pattern is None else pattern.read(number)


def set_up(tx: Tx, message: RestrictedSetup) -> Outcome:
    try:
        pattern = parse(message.pattern, message.decimals)
    except BadPattern as problem:
        return dead(f"Pattern {message.pattern}: {problem}")
    name = f"Pattern {pattern.text}"
    row = Row(pattern=pattern.text, decimals=pattern.decimals, active=int(message.active))
    known = everything(tx)
    if row in known:
        return Outcome(state="same", sentence=f"{name} is already so.")
    others = [kept for kept in known if kept.pattern != row.pattern]
    if len(others) >= MOST:
        return dead(f"{name}: there are {MOST} patterns already. Change one that is switched off.")
    if message.active:
        for kept in others:
            if kept.active and kept.as_pattern.contradicts(pattern):
                return dead(f"{name} contradicts {kept.pattern}: a number could be read by both. Switch one off.")
    tx.run(PUT, **msgspec.structs.asdict(row))
    return applied(f"{name} is known.", is_new=len(others) == len(known))
