"""Work that comes round every few seconds while the house is open, on a thread of its own.

A round that fails is told and made again at its next time; nothing else waits for it. What fails on and on rings at the
desk, and so does one that began and never came back (a network drive that hangs raises nothing); when it works again,
the alarm is gone by itself.
"""

import logging
import threading
from collections.abc import Callable
from typing import Literal

from app import clock
from sync.failing import Failing, in_words, once_more

STOPS_WITHIN_S = 2.0
RINGS_AFTER = 5 * clock.MINUTE  # and twice at least: the slowest round comes every ten minutes
HANGS_AFTER = 30 * clock.MINUTE  # the longest honest round, a night's comparison with many ERPs, is far below

Rings = Literal["work_fails", "inbox_folder", ""]

log = logging.getLogger(__name__)


class Round:
    """`rings`: the alarm of what fails here; empty where the work has one of its own."""

    def __init__(self, name: str, every_s: float, work: Callable[[], object], *, rings: Rings = "work_fails") -> None:
        self.name = name
        self.rings = rings
        self._every_s = every_s
        self._work = work
        self._began = 0
        self._failing: Failing | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=STOPS_WITHIN_S)

    @property
    def trouble(self) -> Failing | None:
        """What somebody must hear of by now; read from any thread."""
        began, failing = self._began, self._failing
        if began and clock.now() - began >= HANGS_AFTER:
            return Failing(since=began, sentence="It began, and has neither ended nor failed since.")
        if failing is not None and failing.times > 1 and clock.now() - failing.since >= RINGS_AFTER:
            return failing
        return None

    def walk(self) -> None:
        """Once round. Whatever it raises is kept for the monitor, and written to the log when it is news."""
        self._began = clock.now()
        before = self._failing
        try:
            self._work()
        except Exception as problem:  # a full queue, a disk, a database that is away: the next round tries again
            self._failing = once_more(before, in_words(problem))
            if before is None or before.sentence != self._failing.sentence:
                log.warning("%s: %s", self.name, self._failing.sentence)
        else:
            self._failing = None
            if before is not None:
                log.info("%s works again", self.name)
        finally:
            self._began = 0

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self.walk()
