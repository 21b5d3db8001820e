"""What a kind of trigger is: the words it is set up with, the facts it reads, and how it judges them at a moment.

Reading and judging are apart, so that the same judge says what holds now and what would have held last Tuesday.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from app import clock
from app.db import Tx

ACTIONS = ("hold", "task", "alert", "approval")
MOST_FACTS = 5_000  # rows one rule looks at


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `trigger_rule`."""

    code: str
    title: str
    kind: str
    threshold: int = 0
    least: int = 1
    window_h: int = 24
    cover_days: int = 0
    item: str = ""
    zone: str = ""
    supplier: str = ""
    action: str = "alert"
    owner: str = "supervisor"
    active: int = 1
    changed_by: str = ""
    changed: int = 0

    @property
    def window(self) -> int:
        return self.window_h * clock.HOUR

    @property
    def filters(self) -> str:
        """`item MUG, supplier ACME`, or `everything`."""
        named = [(name, getattr(self, name)) for name in ("item", "zone", "supplier")]
        return ", ".join(f"{name} {value}" for name, value in named if value) or "everything"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something a rule's condition holds for. The subject is the cause: the same cause fires once."""

    subject: str
    sentence: str
    document: str = ""
    item: str = ""
    location: str = ""
    worker: str = ""  # who is part of it, and so does not approve it
    lot: str = ""
    quantity: int = 0


Judge = Callable[[Rule, Sequence[Any], int], list[Finding]]


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    threshold: str  # what the figure means: "per cent off"
    condition: str  # the whole condition, in words
    uses: tuple[str, ...] = ("threshold",)  # of threshold least window_h cover_days
    most: int = 10_000  # the threshold's highest sensible value
    filters: tuple[str, ...] = ()
    actions: tuple[str, ...] = ("alert",)
    read: Callable[[Tx, Rule, int, int], Sequence[Any]]  # facts to judge any moment from `since` to `now`
    judge: Judge
    words: Callable[[Rule], str] | None = None  # where the condition reads differently with some figures

    def in_words(self, rule: Rule) -> str:
        if self.words is not None:
            return self.words(rule)
        spans = {"window": span(rule.window), "minutes": span(rule.threshold * clock.MINUTE)}
        return self.condition.format(**msgspec.structs.asdict(rule), **spans)


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    KINDS[kind.name] = kind
    return kind


def asked(rule: Rule) -> dict[str, str]:
    """The filters as a statement binds them."""
    return {"p_item": rule.item, "p_zone": rule.zone, "p_supplier": rule.supplier}


def span(us: int) -> str:
    """`28 min`, `3 h`, `2 d`: a length of time in a sentence."""
    minutes = max(0, us) // clock.MINUTE
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"
