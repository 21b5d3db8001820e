"""The jobs a worker can choose: each workflow file declares its Flow, the menu draws them.

A flow is where a job starts, who may do it, and how much of it waits. Options of a menu item (blind, required scans,
sort order …) belong to the flow, so one workflow serves many floors without code.
"""

from collections.abc import Callable, Sequence

import msgspec

from app.db import Tx
from app.floor.screens import Screen
from app.work.directing import Candidate
from app.work.directing_queue import Row


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    name: str  # picking
    title: str  # Pick
    icon: str
    roles: tuple[str, ...]
    start: Callable[[], Screen]
    waiting: Callable[[Tx], str] = lambda tx: ""  # "4 carts", shown on the tile
    next_task: Callable[[Tx, str], tuple[int, str, str] | None] = lambda tx, worker: None
    """The best waiting task for a worker: (priority, "pick cart 4", "12 lines · cut-off 16:00"), or None."""
    order: int = 50
    kinds: tuple[str, ...] = ()
    """The kinds of task it works through; its first screen then begins a certain one by `tap_take(floor, id)`."""
    may: Callable[[Tx, Row, str], bool] = lambda tx, row, worker: True
    """May this worker do it at all? Who counted a place does not count it again."""
    describe: Callable[[Tx, Row], tuple[str, str]] = lambda tx, row: (f"{row.kind} {row.place}".strip(), row.reason)
    """("pick cart 4", "12 lines · cut-off 16:00") of one of them."""
    offers: Callable[[Tx, str], Sequence[Candidate]] | None = None
    """What it has for a worker, where it is more than its tasks: then `next_task` and `kinds` are not asked."""


_FLOWS: dict[str, Flow] = {}


def register(flow: Flow) -> Flow:
    _FLOWS[flow.name] = flow
    return flow


def flows() -> list[Flow]:
    return sorted(_FLOWS.values(), key=lambda flow: flow.order)


def flow(name: str) -> Flow | None:
    return _FLOWS.get(name)
