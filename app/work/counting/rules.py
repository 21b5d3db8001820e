"""The house's rows for counting: how many independent recounts, how often each class, when a bin counts itself.

A row somebody changed stays as it is; a class or trigger that is not wanted is switched off.
"""

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.counting import count_class, count_setting, count_trigger
from app.work.master_terms import put

RULE = "rule"  # the approver of what is within the counter's own limits
REASON = "count"
COUNT_PRIORITY = 6  # a scheduled count waits behind the day's picks
URGENT = 3  # a count somebody found a reason for: its bin is not offered meanwhile (allocation.py)

SETTINGS = {
    "recounts": 1,  # independent recounts before somebody must decide
    "open_at_most": 40,  # scheduled counts waiting at a time
}
DEFAULT_SETTINGS = tuple({"name": name, "value": value} for name, value in SETTINGS.items())
CLASSIFIED, SEEN = "classified", "seen_seq"  # marks of the house itself: when it classed items, up to where it looked
DEFAULT_CLASSES = tuple(
    {"class": name, "share_percent": share, "every_days": days, "active": 1}
    for name, share, days in (("A", 80, 30), ("B", 15, 90), ("C", 5, 180))
)
DEFAULT_TRIGGERS = (
    {"kind": "zero", "threshold": 0, "cool_days": 7, "active": 1},
    {"kind": "low", "threshold": 2, "cool_days": 14, "active": 0},
)


class Class(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    share_percent: int
    every_days: int
    active: int


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    threshold: int
    cool_days: int
    active: int


VALUE = select(count_setting.c.value).where(count_setting.c.name == bindparam("which"))
SET = put(count_setting)
CLASSES = select(
    count_class.c["class"].label("name"), count_class.c.share_percent, count_class.c.every_days, count_class.c.active
).order_by(count_class.c["class"])
PUT_CLASS = put(count_class)
TRIGGERS = select(count_trigger).where(count_trigger.c.active == 1).order_by(count_trigger.c.threshold)


def setting(tx: Tx, name: str) -> int:
    found = tx.value(VALUE, which=name)
    return SETTINGS.get(name, 0) if found is None else int(found)


def change(tx: Tx, name: str, value: int) -> None:
    tx.run(SET, name=name, value=value)


def classes(tx: Tx) -> list[Class]:
    return tx.all(CLASSES, Class)


def change_class(tx: Tx, row: Class) -> None:
    facts = {"share_percent": row.share_percent, "every_days": row.every_days, "active": row.active}
    tx.run(PUT_CLASS, **{"class": row.name}, **facts)


def triggers(tx: Tx) -> list[Trigger]:
    return tx.all(TRIGGERS, Trigger)
