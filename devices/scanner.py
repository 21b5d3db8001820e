"""A scanner, however it is attached: whole frames, in order, each with its time and the device's name.

What a frame means is not asked here. The callback runs in the reader thread, so scans of one scanner can never overtake
one another; if it fails, the failure is shown on the device wall and the scanner goes on reading.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from devices.framing import IDLE_GAP_S, Framer, Framing
from devices.link import Connection, DeviceThread, LinkThread, Port

SEPARATORS = "\x1c\x1d\x1e\x1f\x04"  # FS, GS, RS, US and EOT, as GS1 and ISO 15434 use them
log = logging.getLogger(__name__)


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One scan as it came off the wire, terminator removed. `at` is UTC, when its last byte was read."""

    raw: bytes
    at: datetime
    device: str

    @property
    def text(self) -> str:
        """UTF-8 where it is that, else byte for byte, so that nothing a scanner sends is refused here."""
        return text_of(self.raw)


OnFrame = Callable[[Frame], None]


def text_of(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def is_text(raw: bytes) -> bool:
    """Could it stand on a label? Signs people read, and the separators within a code."""
    try:
        return all(sign.isprintable() or sign in SEPARATORS for sign in raw.decode("utf-8"))
    except UnicodeDecodeError:
        return False


class Scanner(LinkThread):
    """A port with a scanner behind it."""

    def __init__(self, name: str, port: Port, on_frame: OnFrame, framing: Framing = "line") -> None:
        super().__init__(name, port)
        self._on_frame = on_frame
        self._framer = Framer(framing)
        if framing == "idle":
            self.read_wait_s = IDLE_GAP_S

    def on_bytes(self, connection: Connection, chunk: bytes) -> None:
        self._deliver(self._framer.feed(chunk))

    def on_quiet(self, connection: Connection) -> None:
        self._deliver(self._framer.pause())

    def on_lost(self) -> None:
        self._framer.cut()
        self._count()

    def _deliver(self, frames: list[bytes]) -> None:
        for raw in frames:
            deliver(self, self._on_frame, raw)
        if self._framer.dropped != self.health().dropped:
            self._count()

    def _count(self) -> None:
        self.note(dropped=self._framer.dropped, overlong=self._framer.overlong)


def deliver(device: DeviceThread, on_frame: OnFrame, raw: bytes) -> None:
    """Count the frame and hand it on. Whatever the receiver does, the scanner must go on reading."""
    device.count(frames=1, garbage=0 if is_text(raw) else 1)
    try:
        on_frame(Frame(raw=raw, at=datetime.now(UTC), device=device.name))
    except Exception as error:
        log.exception("A scan of %s was not taken", device.name)
        device.note(last_error=f"The last scan was not taken: {error}")
