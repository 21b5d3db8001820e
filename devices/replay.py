"""A recorded hour of scanning, played again: to show a problem from a customer's floor on one's own desk.

The file has one JSON object a line, `{"after_s": 0.25, "text": "A-01"}`: the pause before the scan and the scan.
`record` writes such lines from live frames. Played scans come through the same door as a real scanner's, at the same
pace or faster.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec

from devices.link import Backoff, DeviceThread, LinkError
from devices.scanner import Frame, OnFrame, deliver

LONGEST_PAUSE_S = 3600.0


class RecordedScan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a recording."""

    text: str
    after_s: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_PAUSE_S)] = 0.0


class ReplayScanner(DeviceThread):
    """Plays a recording once, `speed` times as fast as it was; afterwards it stays on the device wall as closed."""

    def __init__(self, name: str, path: Path, on_frame: OnFrame, speed: float = 1.0) -> None:
        super().__init__(name)
        self._path = path
        self._on_frame = on_frame
        self._speed = speed

    def _hold(self, backoff: Backoff) -> None:
        scans = list(read_recording(self._path))
        self.note(state="open")
        for scan in scans:
            if self._stop.wait(scan.after_s / self._speed):
                return
            self.note(last_seen=datetime.now(UTC))
            self.wire.heard(scan.text.encode())
            deliver(self, self._on_frame, scan.text.encode())
        self.note(last_error=f"The recording is at its end: {len(scans)} scans played.")
        self._stop.set()


def read_recording(path: Path) -> Iterator[RecordedScan]:
    """The scans of a file. A missing file or a broken line is a LinkError that names it."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise LinkError("missing", f"The recording {path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=RecordedScan)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise LinkError("refused", f"Line {number} of {path} is not a recorded scan: {error}") from error


class Recorder:
    """Writes frames as a recording; give it to a scanner as its `on_frame`, or call it from one."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._last: datetime | None = None

    def __call__(self, frame: Frame) -> None:
        pause_s = (frame.at - self._last).total_seconds() if self._last else 0.0
        self._last = frame.at
        scan = RecordedScan(text=frame.text, after_s=min(max(pause_s, 0.0), LONGEST_PAUSE_S))
        self._sink.write(msgspec.json.encode(scan) + b"\n")
        self._sink.flush()
