"""The floor goes first: while it works, a follower with a backlog takes a small share of the machine and rests between.

Eight hours of events drain in half a minute when nothing else is asked of the house, and the handhelds would feel it:
the interpreter runs one thread at a time, and a small machine has one disk. So as long as somebody posts, a follower
works for at most `SHARE` of a processor, in stretches no longer than a scan takes; eight hours then take a minute and a
half, and nobody waits. At night it does not hold back.
"""

import threading
import time

SHARE = 0.15  # of one processor, beside a floor at work
SMALL_BATCH = 100  # events; making more of them at a stretch would be felt
QUIET_AFTER_S = 2.0  # without a posting
LONGEST_REST_S = 0.25


class Courtesy:
    """One follower's. `heard` and `worked` may be called from any thread."""

    def __init__(self) -> None:
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
