"""A dimensioner: what stands on its plate is measured in three directions and weighed, in one reading.

It is asked once a second and believed when two readings after the other agree: a hand that still holds the box is in one
of them. Whatever is not beyond doubt is a DimensionError with the sentence for whoever stands there.

cubiscan   asked by STX M ETX CR LF, answers STX `MAH` site `,L012.0,W…,H…,M,K001.25,D…,M,F5000,D` ETX; inches and pounds (E)
           or centimetres and kilograms (M). Quantronix, CubiScan 125 Service Manual, Measure, page 67; 25, 110, 325 alike
generic    a line `length,width,height,weight` in millimetres and grams, streamed
"""

import re
import threading
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from time import monotonic
from typing import Literal, get_args

import msgspec

from devices.framing import Framer, Framing
from devices.link import Connection, LinkThread, Port
from devices.scale_protocols import GRAMS

DimensionProtocol = Literal["cubiscan", "generic"]
PROTOCOLS = get_args(DimensionProtocol)
QUESTION: dict[DimensionProtocol, bytes] = {"cubiscan": b"\x02M\x03\r\n", "generic": b""}
FRAMINGS: dict[DimensionProtocol, Framing] = {"cubiscan": "stx", "generic": "line"}

ASK_EVERY_S = 1.0
FRESH_S = 4.0
AGREE_MM, AGREE_G = 5, 20

_MM = {"E": Decimal("25.4"), "M": Decimal(10)}
_G = {"E": GRAMS["lb"], "M": GRAMS["kg"]}
_CUBISCAN = re.compile(
    r"MA[CH][0-9A-Z ]{6},L(\d{3}\.\d),W(\d{3}\.\d),H(\d{3}\.\d),([EM]),K(\d{3}\.\d{2}),D\d{3}\.\d{2},([EM]),F\d{4},[DI]",
    re.ASCII,
)
_NUMBER = r"\s*(\d{1,6}(?:\.\d{1,3})?)\s*"
_GENERIC = re.compile(",".join([_NUMBER] * 4), re.ASCII)


class Dimensions(msgspec.Struct, frozen=True, kw_only=True):
    """One reading."""

    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    raw: str

    def agrees(self, other: "Dimensions") -> bool:
        sides = ((self.length_mm, other.length_mm), (self.width_mm, other.width_mm), (self.height_mm, other.height_mm))
        return all(abs(a - b) <= AGREE_MM for a, b in sides) and abs(self.weight_g - other.weight_g) <= AGREE_G


class DimensionError(Exception):
    """No usable reading: a stable code and what to do about it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def read_frame(protocol: DimensionProtocol, raw: bytes) -> Dimensions | None:
    """Understand one answer; None for one that is no measurement: refused by the device, or garbled."""
    line = raw.decode("latin-1").strip()
    if protocol == "generic":
        found = _GENERIC.fullmatch(line)
        if found is None:
            return None
        length, width, height, weight = (_whole(Decimal(number)) for number in found.groups())
        return Dimensions(length_mm=length, width_mm=width, height_mm=height, weight_g=weight, raw=line)
    found = _CUBISCAN.fullmatch(line)
    if found is None:
        return None
    sides = [_whole(Decimal(found[n]) * _MM[found[4]]) for n in (1, 2, 3)]
    grams = _whole(Decimal(found[5]) * _G[found[6]])
    return Dimensions(length_mm=sides[0], width_mm=sides[1], height_mm=sides[2], weight_g=grams, raw=line)


class Dimensioner(LinkThread):
    """A port with a dimensioner behind it."""

    def __init__(self, name: str, port: Port, protocol: DimensionProtocol = "generic") -> None:
        super().__init__(name, port)
        self._protocol: DimensionProtocol = protocol
        self._framer = Framer(FRAMINGS[protocol])
        self._asked = 0.0
        self._last: tuple[Dimensions | None, Dimensions | None, datetime] | None = None
        self._heard = threading.Lock()

    def read(self) -> Dimensions:
        """What stands on it now, or DimensionError."""
        with self._heard:
            last = self._last
        if self.health().state != "open":
            raise DimensionError("dimensioner_away", f"The dimensioner {self.name} is not connected.")
        if last is None or datetime.now(UTC) - last[2] > timedelta(seconds=FRESH_S):
            raise DimensionError("dimensioner_stale", f"The dimensioner {self.name} has measured nothing just now.")
        before, now, _ = last
        if now is None:
            raise DimensionError("dimensioner_refused", "It cannot be measured. Move it off the edges and try again.")
        if not (now.length_mm and now.width_mm and now.height_mm and now.weight_g):
            raise DimensionError("dimensioner_empty", "Nothing stands on the dimensioner.")
        if before is None or not now.agrees(before):
            raise DimensionError("dimensioner_unsteady", "It still moves. Take your hands off and wait.")
        return now

    def on_open(self, connection: Connection) -> None:
        self._ask(connection)

    def on_bytes(self, connection: Connection, chunk: bytes) -> None:
        for raw in self._framer.feed(chunk):
            found = read_frame(self._protocol, raw)
            self.count(frames=1, garbage=int(found is None))
            if found is None:
                self.note(last_error=f"Not a measurement: {raw[:40].decode('latin-1')!r}")
            with self._heard:
                self._last = (self._last[1] if self._last else None, found, datetime.now(UTC))
        self._ask(connection)

    def on_quiet(self, connection: Connection) -> None:
        self._ask(connection)

    def on_lost(self) -> None:
        self._framer.cut()
        self.note(dropped=self._framer.dropped)
        with self._heard:
            self._last = None

    def _ask(self, connection: Connection) -> None:
        question = QUESTION[self._protocol]
        if question and monotonic() - self._asked >= ASK_EVERY_S:
            self._asked = monotonic()
            self.say(connection, question)


def _whole(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))
