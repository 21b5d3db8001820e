"""Patience with a sink that is away: when to try again, and with how much.

Waiting times grow from half a second to a minute and are drawn at random below that (full jitter), so that a hundred
sites do not knock on a restarted ERP in the same second. After a few failures the circuit is open: the next try only
asks what the sink already has. A batch the sink stumbles over is halved until the one event to blame stands alone.
"""

import random
import time
from collections.abc import Callable

from sync.connectors.base import TransportError

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
CIRCUIT_OPENS_AFTER = 5  # failures in a row
POISON_TRIES = 5  # of a single event that makes the sink stumble, before it is called a dead letter


class Pace:
    def __init__(self, largest: int, *, chance: Callable[[float, float], float] = random.uniform) -> None:
        self.largest = largest
        self.size = largest
        self.failures = 0
        self._stumbles = 0  # over one and the same single event
        self.last_error = ""
        self.last_raw = ""
        self._next_at = 0.0  # monotonic
        self._chance = chance

    @property
    def circuit(self) -> str:
        if self.failures < CIRCUIT_OPENS_AFTER:
            return "closed"
        return "open" if self.wait_s > 0 else "half-open"

    @property
    def wait_s(self) -> float:
        """Seconds until the next try; 0 when it is due."""
        return max(0.0, self._next_at - time.monotonic())

    def succeeded(self) -> None:
        self.failures = self._stumbles = 0
        self.last_error = self.last_raw = ""
        self._next_at = 0.0
        self.size = min(self.largest, self.size * 2)

    def failed(self, problem: TransportError, offered: int) -> None:
        """`offered`: how many events were in the batch that got no answer."""
        self.failures += 1
        self._stumbles = self._stumbles + 1 if problem.about_batch and offered == 1 else 0
        self.last_error = problem.sentence
        self.last_raw = problem.raw
        if problem.about_batch or (problem.unknown and not problem.carried):
            self.size = max(1, min(offered or 1, self.size) // 2)
        if problem.about_batch and offered > 1:
            wait = 0.0  # the sink is there; the next, smaller batch may go at once
        elif problem.permanent:
            wait = self._chance(LONGEST_WAIT_S / 2, LONGEST_WAIT_S)
        else:
            wait = self._chance(0.0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(self.failures - 1, 10)))
        self._next_at = time.monotonic() + min(LONGEST_WAIT_S, max(wait, problem.retry_after_s))

    def hurry(self) -> None:
        """Somebody asked to try now."""
        self._next_at = 0.0

    def blames_event(self, problem: TransportError, offered: int) -> bool:
        """Is the only event of this batch itself what the sink cannot stand?"""
        return problem.about_batch and offered == 1 and (problem.permanent or self._stumbles + 1 >= POISON_TRIES)
