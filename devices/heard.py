"""What a device said last, byte for byte and with its pauses: for whoever sets it up or finds out what is wrong with it.

A burst is everything that came without a second's pause. Only the last one is kept, in memory, and no more of it than a
scan may be long.
"""

from datetime import UTC, datetime
from time import monotonic

import msgspec

PAUSE_S = 1.0
MAX_HEARD_BYTES = 4096


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    raw: bytes
    at: datetime  # UTC, of its last byte
    gaps_ms: tuple[int, ...]  # between its pieces, as the system handed them over


class Hearing:
    """One device's ear. Written by the device's own thread, read by any."""

    def __init__(self) -> None:
        self._last: Heard | None = None
        self._moment = 0.0

    def take(self, chunk: bytes) -> None:
        moment, before = monotonic(), self._last
        gap = moment - self._moment
        self._moment = moment
        if before is None or gap > PAUSE_S or len(before.raw) + len(chunk) > MAX_HEARD_BYTES:
            self._last = Heard(raw=chunk[:MAX_HEARD_BYTES], at=datetime.now(UTC), gaps_ms=())
        else:
            gaps = (*before.gaps_ms, round(gap * 1000))
            self._last = Heard(raw=before.raw + chunk, at=datetime.now(UTC), gaps_ms=gaps)

    def last(self) -> Heard | None:
        return self._last
