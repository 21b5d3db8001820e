"""Where one scan ends and the next begins.

A scanner on a serial line or a socket is a stream of bytes: a scan may come byte by byte, two may come at once, and the
cable may be pulled in the middle. Only a whole frame is ever delivered; half a barcode is a wrong barcode. A stream
that never ends a frame is noise: past 4 kB everything is dropped up to the next terminator, and counted.
"""

from typing import Literal

Framing = Literal["line", "tab", "stx", "idle"]
"""`line` ends at CR, LF or both; `tab` at a tabulator; `stx` stands between STX and ETX; `idle` ends at a pause, for
scanners that can send no suffix (the reader says when the pause is over)."""

MAX_FRAME_BYTES = 4096
IDLE_GAP_S = 0.08

_STX, _ETX = 0x02, 0x03
_ENDS: dict[str, bytes] = {"line": b"\r\n", "tab": b"\t", "stx": b"\x03", "idle": b""}


class Framer:
    """Cuts one stream. Pure: bytes in, whole frames out; counts what it had to throw away."""

    def __init__(self, framing: Framing = "line") -> None:
        self.framing = framing
        self.dropped = 0
        self.overlong = 0  # of the dropped
        self._ends = _ENDS[framing]
        self._partial = bytearray()
        self._inside = framing != "stx"  # Between STX and ETX; the other framings have no outside.
        self._skipping = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The frames that `chunk` completes, in order. Empty ones, such as between CR and LF, are none."""
        frames: list[bytes] = []
        for byte in chunk:
            if byte in self._ends:
                if self._inside:
                    self._finish(frames)
                self._inside = self.framing != "stx"
            elif byte == _STX and self.framing == "stx":
                self._drop_partial()
                self._skipping, self._inside = False, True
            elif self._inside and not self._skipping:
                self._partial.append(byte)
                if len(self._partial) > MAX_FRAME_BYTES:
                    self._drop_partial()
                    self.overlong += 1
                    self._skipping = True
        return frames

    def pause(self) -> list[bytes]:
        """Nothing came for the idle gap: that ends a frame, but only where the station frames by pauses."""
        frames: list[bytes] = []
        if self.framing == "idle":
            self._finish(frames)
        return frames

    def cut(self) -> None:
        """The stream broke. What had begun is dropped; the next byte starts anew."""
        self._drop_partial()
        self._skipping = False
        self._inside = self.framing != "stx"

    def _finish(self, frames: list[bytes]) -> None:
        if self._partial and not self._skipping:
            frames.append(bytes(self._partial))
        self._partial.clear()
        self._skipping = False

    def _drop_partial(self) -> None:
        if self._partial:
            self.dropped += 1
            self._partial.clear()
