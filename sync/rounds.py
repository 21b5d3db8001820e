"""Work that comes round every few seconds while the house is open, on a thread of its own.

A round that fails is told and made again at its next time; nothing else waits for it.
"""

import logging
import threading
from collections.abc import Callable

STOPS_WITHIN_S = 2.0

log = logging.getLogger(__name__)


class Round:
    def __init__(self, name: str, every_s: float, work: Callable[[], object]) -> None:
        self._name = name
        self._every_s = every_s
        self._work = work
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=STOPS_WITHIN_S)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self._work()
            except Exception as problem:  # a full queue, a disk, a database that is away: the next round tries again
                log.warning("%s: %s", self._name, problem)
