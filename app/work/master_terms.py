"""What all messages from the ERP have in common: how codes and amounts may look, and how a message can end.

Every message names its thing by the sender's own code and carries the sender's version of it. An older version is
refused as stale, an equal one is answered alike and changes nothing. Version 0 is a hand-made file that counts nothing:
there the contents are compared. What cannot be applied now is kept as a dead letter with a sentence, and where only
another thing is missing, with that thing's name, so that it is replayed by itself when it arrives.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql import ClauseElement

from app import clock
from app.db import Tx
from app.schema.items import item

MOST = 9_999_999  # base units in one line: seven digits, no barcode
MOST_LINES = 5_000  # of one document
MOST_G = 100_000_000  # a hundred tonnes
MOST_MM = 100_000  # a hundred metres, along one edge
MOST_MM3 = 100_000_000_000  # a hundred cubic metres, more than the largest container: times MOST it fits 64 bits
MOST_COST = 10_000_000_000  # minor units for one piece: times MOST it fits 64 bits
MOST_DAYS = 36_500
MOST_FAR_MM = 10_000_000  # ten kilometres, along an aisle
MOST_COUNTED = 9_999  # aisles, blocks, levels

Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f\x7f]+( +[^\s\x00-\x1f\x7f]+)*\Z")]
LineNumber = Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[^\s/\x00-\x1f\x7f]+\Z")]
Serial = Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[^\s\x00-\x1f\x7f]+\Z")]
OptionalCode = Annotated[str, Meta(max_length=64, pattern=r"^([^\s\x00-\x1f\x7f]+( +[^\s\x00-\x1f\x7f]+)*)?\Z")]
Text = Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00]*\Z")]
Version = Annotated[int, Meta(ge=0, le=2**53)]
Quantity = Annotated[int, Meta(ge=1, le=MOST)]
UpTo = Annotated[int, Meta(ge=0, le=MOST)]  # base units, and none is an answer
Amount = Annotated[int, Meta(ge=0, le=2**40)]  # of what nothing is multiplied with
Grams = Annotated[int, Meta(ge=0, le=MOST_G)]
Millimetres = Annotated[int, Meta(ge=0, le=MOST_MM)]
Far = Annotated[int, Meta(ge=0, le=MOST_FAR_MM)]
Counted = Annotated[int, Meta(ge=0, le=MOST_COUNTED)]
Cost = Annotated[int, Meta(ge=0, le=MOST_COST)]
Days = Annotated[int, Meta(ge=0, le=MOST_DAYS)]
_YEARS = f"{clock.FIRST_DAY} to {clock.LAST_DAY}"
Day = Annotated[date, Meta(description=_YEARS)]
Moment = Annotated[datetime, Meta(tz=True, description=_YEARS)]
Percent = Annotated[int, Meta(ge=0, le=1000)]

KNOWN_ITEM = select(item.c.code).where(item.c.code == bindparam("key"))

State = Literal["applied", "same", "stale", "dead"]


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """Anything that tells days or moments: none of them may lie where no calendar can reckon."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            told = getattr(self, name)
            if isinstance(told, date):
                try:
                    clock.check_day(told)
                except ValueError as problem:
                    raise ValueError(f"{name}: {told} {problem}") from None


class Message(Dated, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Something the ERP wants known or done. Subclasses carry its type as the tag."""

    code: Code
    version: Version = 0


class DocumentLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So much of an item on one line. Subclasses say more of it, and have the name the contract knows."""

    line: LineNumber
    item: Code
    quantity: Quantity


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a message ended; the sentence is the answer the ERP gets."""

    state: State
    sentence: str
    is_new: bool = False
    missing: str = ""  # "item TEE-M-WHT": replayed by itself when it arrives


def applied(sentence: str, *, is_new: bool = False) -> Outcome:
    return Outcome(state="applied", sentence=sentence, is_new=is_new)


def dead(sentence: str, *, missing: str = "") -> Outcome:
    return Outcome(state="dead", sentence=sentence, missing=missing)


def missing_item(code: str, document: str) -> Outcome:
    return dead(f"{document} needs item {code}, which is not known yet.", missing=f"item {code}")


def judge(message: Message, name: str, stored: int | None, *, alike: bool) -> Outcome | None:
    """None where `message` brings news; else the outcome without effect. `stored` is the version we have, if any."""
    if stored is None:
        return None
    if message.version and message.version < stored:
        return Outcome(state="stale", sentence=f"{name} is already at version {stored}; {message.version} is older.")
    if (message.version == stored and stored) or (not message.version and alike):
        return Outcome(state="same", sentence=f"{name} is already so.")
    return None


def called_off(message: Message, name: str, stored: int) -> Outcome | None:
    """None where `message` wants after all what was cancelled; else the outcome without effect.

    Only a newer version says so: a late repetition, or a file that counts nothing dropped a second time, opens nothing.
    """
    if message.version > stored:
        return None
    return Outcome(state="stale", sentence=f"{name} is cancelled; only a newer version opens it again.")


def judge_cancel(message: Message, name: str, state: str, stored: int) -> Outcome | None:
    """None where the document, which stands so, can be cancelled."""
    settled = judge(message, name, stored, alike=state == "cancelled")
    if settled is None and state == "closed":
        return dead(f"{name} is received and closed; it cannot be cancelled.")
    return settled


def judge_lines(tx: Tx, name: str, lines: Sequence[DocumentLine]) -> Outcome | None:
    """What is wrong with the lines asked for: one twice, or an item nobody knows."""
    again = twice([one.line for one in lines])
    if again:
        return dead(f"{name} has line {again} twice.")
    unknown = next((one.item for one in lines if tx.value(KNOWN_ITEM, key=one.item) is None), None)
    return None if unknown is None else missing_item(unknown, name)


def twice(names: Sequence[str]) -> str:
    """The first name that comes twice, or the empty text."""
    seen: set[str] = set()
    return next((name for name in names if name in seen or seen.add(name)), "")  # type: ignore[func-returns-value]


def put(table: Table) -> ClauseElement:
    """INSERT a whole row of `table`, or make the row with that key so."""
    new = upsert(table).values({column.name: bindparam(column.name) for column in table.c})
    rest = {column.name: new.excluded[column.name] for column in table.c if not column.primary_key}
    return new.on_conflict_do_update(index_elements=[column.name for column in table.primary_key], set_=rest)


def moment(at: datetime | None) -> int:
    """µs UTC; 0 where there is none."""
    return 0 if at is None else round(at.timestamp()) * clock.SECOND


def row_of(message: msgspec.Struct, *leave_out: str, **other: Any) -> dict[str, Any]:
    """A message as the values of its table's row: truth as 0 or 1, `other` values added or replaced."""
    skipped = {*leave_out, *other}
    values = {name: getattr(message, name) for name in message.__struct_fields__ if name not in skipped}
    return {**{name: int(v) if isinstance(v, bool) else v for name, v in values.items()}, **other}
