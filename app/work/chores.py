"""What the house looks after by itself, every so often: cases nobody decided, counts that fall due, thresholds.

A module that has such a thing registers one function; `main` walks them on threads of their own while the house is open,
each in one transaction of the writer. A chore is safe to do twice, and by several servers at once.

    chores.register("escalation", 60, exceptions.escalate)

One that reads much first looks beside the writer, where it holds nobody up, and writes only if its look found something:

    chores.register("triggers", 60, firing.act_on, look=firing.look)
"""

from collections.abc import Callable
from typing import Any

import msgspec

from app.db import Database, Tx


class Chore(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    every_s: float
    do: Callable[..., object]
    look: Callable[[Tx], Any] | None = None

    def walk(self, database: Database) -> object:
        if self.look is None:
            return database.do(self.do)
        with database.reading() as tx:
            found = self.look(tx)
        return database.do(lambda tx: self.do(tx, found)) if found else None


_CHORES: dict[str, Chore] = {}


def register(name: str, every_s: float, do: Callable[..., object], *, look: Callable[[Tx], Any] | None = None) -> Chore:
    """The same name again replaces it. `do(tx)`, or with a look `do(tx, what it found)`."""
    _CHORES[name] = Chore(name=name, every_s=every_s, do=do, look=look)
    return _CHORES[name]


def everything() -> list[Chore]:
    return list(_CHORES.values())
