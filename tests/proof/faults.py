"""What goes wrong during the day, on purpose: the server is killed −9, the central ledger is down a third of the time.

Kills come at random moments spread over the day's scans, not over its minutes, so that a quick machine has as many as a
slow one. Most hit the process that answers; some hit everything, and the server is started again as an admin would.
"""

import threading
import time
from collections.abc import Callable, Sequence
from random import Random

from tests.proof.floor import ProofFloor

DOWN_S = 2.0  # each outage at least
WHOLE_ONCE_IN = 3  # kills: everything instead of the answering process only
LOOK_EVERY_S = 0.03


class Trouble:
    """`with Trouble(…):` from the first scan to the last."""

    def __init__(self, floor: ProofFloor, kills: int, expected_scans: int, scans: Callable[[], int], seed: int) -> None:
        dice = Random(seed)
        self._floor = floor
        self._scans = scans
        self._at: Sequence[int] = sorted(dice.randrange(expected_scans // 20, expected_scans) for _ in range(kills))
        self._whole = [number % WHOLE_ONCE_IN == WHOLE_ONCE_IN - 1 for number in range(kills)]
        self.down_s = 0.0
        self.sink_kills = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._kill, self._ledger)]
        self.lived_s = 0.0

    def __enter__(self) -> "Trouble":
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.lived_s = time.monotonic() - self._began

    def _kill(self) -> None:
        server = self._floor.server
        for at, whole in zip(self._at, self._whole, strict=True):
            while self._scans() < at:
                if self._stop.wait(LOOK_EVERY_S):
                    return
            if whole:
                server.kill_all()
                continue
            while not server.kill_worker():  # the one before is being started just now
                if self._stop.wait(LOOK_EVERY_S):
                    return

    def _ledger(self) -> None:
        """Down, and then up for twice as long: it answers 503, or it is not there at all."""
        dead = True
        while not self._stop.wait(2 * self._outage(dead)):
            dead = not dead

    def _outage(self, dead: bool) -> float:
        """One outage; how long it was."""
        sink, began = self._floor.sink, time.monotonic()
        if dead:
            sink.kill()
            self.sink_kills += 1
        else:
            sink.fail(down_s=DOWN_S)
        self._stop.wait(DOWN_S)
        if dead:
            sink.start()
        lasted = time.monotonic() - began
        self.down_s += lasted
        return lasted
