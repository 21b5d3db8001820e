"""What others ask the follower to do between two batches, on its own thread, when it knows exactly what the ERP was told."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from app.errors import Busy

WITHIN_S = 60.0  # whoever asks waits no longer
MOST = 20  # errands that wait at once

T = TypeVar("T")


class Errands:
    """`ask` from any thread; `do_all` on the follower's. `ring` wakes it."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def ask(self, what: Callable[[], T]) -> T:
        """Its answer. Raises what it raises; Busy when the follower does not come to it."""
        if len(self._waiting) >= MOST:
            raise Busy()
        asked: Future[T] = Future()
        self._waiting.append((asked, what))
        self._ring()
        try:
            return asked.result(WITHIN_S)
        except TimeoutError:
            asked.cancel()
            raise Busy() from None

    def do_all(self) -> None:
        while self._waiting:
            asked, what = self._waiting.popleft()
            if asked.set_running_or_notify_cancel():
                try:
                    asked.set_result(what())
                except Exception as problem:  # it is the asker's
                    asked.set_exception(problem)
