"""News of the device wall: devices tell nobody when they fall silent, so somebody looks once a second.

Only while a browser shows the wall, or one device's page; where a word is another than a second ago, those pages fetch
themselves.
"""

import threading
from collections.abc import Callable

import structlog

from app.web.live import Hub

LOOK_EVERY_S = 1.0
TOPIC = "devices"
log = structlog.get_logger()


class WallNews(threading.Thread):
    """One thread of the house. `look` sums up all devices: the same value as long as nothing is new."""

    def __init__(self, hub: Hub, look: Callable[[], object]) -> None:
        super().__init__(name="wall-news", daemon=True)
        self._hub, self._look = hub, look
        self._ended = threading.Event()

    def stop(self) -> None:
        self._ended.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        before: object = None
        while not self._ended.wait(LOOK_EVERY_S):
            if not self._hub.is_heard(TOPIC):
                continue
            try:
                now = self._look()
            except Exception as problem:  # a look that failed must not end all others
                log.warning("the devices were not looked at", reason=str(problem))
                continue
            if now != before:
                self._hub.publish(TOPIC, TOPIC)
            before = now
