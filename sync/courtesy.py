"""The floor goes first: while it works, a follower with a backlog takes a small share of the machine and rests between.

Eight hours of events drain in half a minute when nothing else is asked of the house, and the handhelds would feel it:
the interpreter runs one thread at a time, and a small machine has one disk. So as long as somebody posts, a follower
works for at most `SHARE` of a processor; eight hours then take two minutes where the ERP takes batches of 500, in which an
event costs two thirds of what it does in one of 100. And because a scan lets go of the interpreter at each of its twenty
statements, and would wait each time until a busy follower gives it back, the follower breathes after every few events, and
holds its breath while a scan is written. At night it does not hold back.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

SHARE = 0.15  # of one processor, beside a floor at work
QUIET_AFTER_S = 2.0  # without a posting
LONGEST_REST_S = 0.25
PIECE = 10  # events between two breaths; 0.2 ms
BREATH_S = 0.000_05
LONGEST_BREATHS = 200  # in a row, for a floor that is never still

T = TypeVar("T")


class Courtesy:
    """One follower's. `heard` and `worked` may be called from any thread."""

    def __init__(self, floor_at_work: Callable[[], bool]) -> None:
        self._floor_at_work = floor_at_work
        self._quiet_from = 0.0  # monotonic
        self._worked_s = 0.0
        self._rested_at = 0.0
        self._guard = threading.Lock()

    def heard(self) -> None:
        """Somebody posted something."""
        self._quiet_from = time.monotonic() + QUIET_AFTER_S

    @property
    def is_due(self) -> bool:
        return time.monotonic() < self._quiet_from

    def worked(self, processor_s: float) -> None:
        with self._guard:
            self._worked_s += processor_s

    def rest_s(self) -> float:
        """How long to rest now, for all that was worked since the last rest. Not at all where nobody posts."""
        with self._guard:
            worked, self._worked_s = self._worked_s, 0.0
        now = time.monotonic()
        passed = now - self._rested_at
        rest = min(LONGEST_REST_S, max(0.0, worked / SHARE - passed)) if self.is_due else 0.0
        self._rested_at = now + rest
        return rest

    def unhurried(self, work: Iterable[T]) -> Iterator[T]:
        """The same one by one, with a breath after every few of them as long as somebody posts."""
        for nth, one in enumerate(work):
            if nth % PIECE == 0 and self.is_due:
                self._breathe()
            yield one

    def _breathe(self) -> None:
        for _ in range(LONGEST_BREATHS):
            time.sleep(BREATH_S)
            if not self._floor_at_work():
                break
