"""What passed over a device's cable lately, both ways and byte for byte: for whoever stands before it and asks why.

Bytes that come within a blink of one another are one piece, as a cable hands a scan over in crumbs. A scale that says the
same ten times a second, or a printer asked for its health every five, would push out everything else: a piece that passed
already a moment ago is counted, not kept again. All of it is in memory only, and no more than a screen shows.
"""

import re
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

MOST_PIECES = 40
LONGEST_PIECE = 256  # bytes kept; the others are counted
BLINK = timedelta(milliseconds=50)
ENDS = b"\r\n\x03"
_LINES = re.compile(rb"[^\r\n\x03]*[\r\n\x03]+|[^\r\n\x03]+")
REPEATS_OVER = 4  # pieces: two questions and their answers

CONTROL = (
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI",
    "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
)  # fmt: skip
_NAMES = {chr(code): f"<{name}>" for code, name in enumerate(CONTROL)} | {"\x7f": "<DEL>"}

Way = Literal["heard", "said"]


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """One piece: `heard` from the device or `said` to it."""

    way: Way
    raw: bytes
    at: datetime  # UTC, the last time it passed
    times: int = 1
    more: int = 0  # bytes beyond those kept


class Wire:
    """One cable's memory. Written by whoever holds the connection, read by any thread."""

    def __init__(self, *, in_lines: bool = False) -> None:
        """`in_lines`: a line's end ends a piece, as with scans; a printer's answer has several."""
        self._in_lines = in_lines
        self._pieces: deque[Passed] = deque(maxlen=MOST_PIECES)
        self._ended = False  # with the last crumb
        self._writing = threading.Lock()

    def heard(self, raw: bytes) -> None:
        for piece in _LINES.findall(raw) if self._in_lines else (raw,):
            self._pass("heard", piece)

    def said(self, raw: bytes) -> None:
        self._pass("said", raw)

    def lately(self) -> list[Passed]:
        """The newest last."""
        with self._writing:
            self._fold()
            return sorted(self._pieces, key=lambda piece: piece.at)

    def _pass(self, way: Way, raw: bytes) -> None:
        now = datetime.now(UTC)
        with self._writing:
            last = self._pieces[-1] if self._pieces else None
            goes_on = not self._ended or not raw.strip(ENDS)
            self._ended = self._in_lines and raw[-1:] in ENDS
            if last is not None and last.way == way and last.times == 1 and now - last.at < BLINK and goes_on:
                self._pieces[-1] = _piece(way, last.raw + raw, now, last.more)
                return
            self._fold()
            self._pieces.append(_piece(way, raw, now, 0))

    def _fold(self) -> None:
        """The newest piece is whole now: one like it a moment ago counts for both."""
        if not self._pieces:
            return
        whole = self._pieces[-1]
        for back in range(2, min(REPEATS_OVER, len(self._pieces) - 1) + 2):
            earlier = self._pieces[-back]
            if (earlier.way, earlier.raw, earlier.more) == (whole.way, whole.raw, whole.more):
                self._pieces[-back] = msgspec.structs.replace(earlier, at=whole.at, times=earlier.times + whole.times)
                self._pieces.pop()
                return


def _piece(way: Way, raw: bytes, at: datetime, more: int) -> Passed:
    return Passed(way=way, raw=raw[:LONGEST_PIECE], at=at, more=more + max(0, len(raw) - LONGEST_PIECE))


def spelled(raw: bytes) -> str:
    """As text with every control character named; what is no UTF-8 as the number of its byte."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("ascii", "backslashreplace").replace("\\x", "\\")
    return "".join(_NAMES.get(sign) or (sign if sign.isprintable() else f"<U+{ord(sign):04X}>") for sign in text)
