"""The kinds of task as the desk knows them: what each is called, whether a supervisor may cancel it, why it cannot be done.

A job says both beside its own rule: `task_kinds.register(Kind(name="inspect", title="Inspect", …))`, and
`@task_kinds.blocks("inspect")`. How a task is begun
on the floor is the flow's affair (`Flow.kinds`). A kind nobody registered stands on the board too, under its own name,
and is not cancelled by hand: what was promised to it, or counted on it, only its own rule can take back.
"""

from collections.abc import Callable

import msgspec

from app.db import Tx
from app.stock.ledger import By
from app.work import tasks
from app.work.tasks import Task


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    name: str  # task.kind
    title: str  # Put back
    cancel: Callable[[Tx, Task, By], None] | None = None
    """Takes it out of the queue and takes back what hangs on it; None: not by hand."""
    instead: str = "End it on the floor."
    """What to do where it is not cancelled by hand."""


def just_cancel(tx: Tx, task: Task, by: By) -> None:
    tasks.cancel(tx, task.id)


Blocks = Callable[[Tx, Task], str]

_KINDS: dict[str, Kind] = {}
_BLOCKS: dict[str, list[Blocks]] = {}


def register(kind: Kind) -> Kind:
    """The same name again replaces it."""
    _KINDS[kind.name] = kind
    return kind


def of(name: str) -> Kind:
    return _KINDS.get(name) or Kind(name=name, title=name.replace("_", " ").capitalize())


def blocks(name: str) -> Callable[[Blocks], Blocks]:
    """`@task_kinds.blocks("pick")`: why nobody could do such a task now, as a sentence; empty where somebody could."""

    def keep(rule: Blocks) -> Blocks:
        _BLOCKS.setdefault(name, []).append(rule)
        return rule

    return keep


def why_blocked(tx: Tx, task: Task) -> tuple[str, ...]:
    return tuple(told for rule in _BLOCKS.get(task.kind, ()) if (told := rule(tx, task)))


def everything() -> list[Kind]:
    return list(_KINDS.values())


register(Kind(name="pick", title="Pick", instead="Pull its wave back, or hold or cancel its orders."))
register(Kind(name="put_back", title="Put back", instead="The goods must leave their totes: have it done."))
register(Kind(name="putaway", title="Put away", cancel=just_cancel))
register(Kind(name="count", title="Count", cancel=just_cancel))
register(Kind(name="return", title="Return", instead="Decide what becomes of the goods, on the floor."))
