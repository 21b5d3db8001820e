"""What the house looks after by itself, every so often: cases nobody decided, counts that fall due, thresholds.

A module that has such a thing registers one function; `main` walks them on threads of their own while the house is open,
each in one transaction of the writer. A chore is safe to do twice, and by several servers at once.

    chores.register("escalation", 60, exceptions.escalate)
"""

from collections.abc import Callable

import msgspec

from app.db import Tx


class Chore(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    every_s: float
    do: Callable[[Tx], object]


_CHORES: dict[str, Chore] = {}


def register(name: str, every_s: float, do: Callable[[Tx], object]) -> Chore:
    """The same name again replaces it."""
    _CHORES[name] = Chore(name=name, every_s=every_s, do=do)
    return _CHORES[name]


def everything() -> list[Chore]:
    return list(_CHORES.values())
