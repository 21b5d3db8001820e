"""A dimensioner made of software: a box stands on it and is measured when it is asked, or once a second.

It answers a CubiScan's Measure command or streams the generic line, in centimetres or inches, and fails as the real one
does: hands still on the box, a box over the edge, the plug pulled in mid-answer.
"""

import threading
from decimal import Decimal
from typing import Literal, get_args

from devices.dimensioner import DimensionProtocol
from devices.scale_protocols import GRAMS
from devices.virtual_line import Line, NobodyListens, OnLine

STREAM_EVERY_S = 0.5
MEASURE = b"\x02M\x03"
MAX_HEARD = 256
HANDS_MM = 180  # what a hand adds to a side

BoxState = Literal["still", "held", "over_edge", "silent"]
BOX_STATES = get_args(BoxState)


class VirtualDimensioner(OnLine):
    """Set `box` (mm, mm, mm, g), `state` and `inches` at any time."""

    def __init__(self, line: Line, protocol: DimensionProtocol = "cubiscan") -> None:
        super().__init__(line)
        self.protocol = protocol
        self.box = (0, 0, 0, 0)
        self.state: BoxState = "still"
        self.inches = False
        self._turn = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="virtual-dimensioner", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self.line.unplug()
        self._thread.join(2)

    def say(self) -> bytes:
        """One answer for the box as it stands."""
        self._turn += 1
        length, width, height, grams = self.box
        if self.state == "held":
            length += HANDS_MM * (self._turn % 2)
        if self.protocol == "generic":
            return b"ERR\r\n" if self.state == "over_edge" else f"{length},{width},{height},{grams}\r\n".encode()
        if self.state == "over_edge":
            return b"\x02MN\x03\r\n"
        mm, g, unit = (Decimal("25.4"), GRAMS["lb"], "E") if self.inches else (Decimal(10), GRAMS["kg"], "M")
        sides = ",".join(
            f"{letter}{side / mm:05.1f}" for letter, side in zip("LWH", (length, width, height), strict=True)
        )
        return f"\x02MAH000000,{sides},{unit},K{grams / g:06.2f},D000.00,{unit},F5000,D\x03\r\n".encode()

    def _run(self) -> None:
        heard = b""
        while not self._stop.is_set():
            heard = (heard + self.line.read(STREAM_EVERY_S))[-MAX_HEARD:]
            asked, heard = heard.count(MEASURE), heard.rpartition(MEASURE)[2]
            if self.state != "silent" and (asked or self.protocol == "generic"):
                self._send(self.say())

    def _send(self, payload: bytes) -> None:
        try:
            if self.line.heard:
                self.line.write(payload)
        except NobodyListens:
            self._stop.wait(STREAM_EVERY_S)
