"""A scale that may be believed: a weight stands still, is not negative, is fresh and is within the scale's capacity.

Packing compares the weight with what the parcel should weigh, so a wrong gram is a wrong alarm and a weight of a minute
ago is the last parcel's. Whatever is not beyond doubt is a ScaleError with the sentence the packer needs. The last line
of the scale is kept only while it is connected; half a line is nothing.
"""

import threading
from datetime import UTC, datetime, timedelta
from time import monotonic

import msgspec

from devices.framing import Framer
from devices.link import Connection, LinkThread, Port
from devices.scale_protocols import ORDERS, QUESTIONS, Mode, Order, Protocol, Reading, Trouble, read_answer, read_line

FRESH_S = 2.0
ASK_EVERY_S = 0.2
DEFAULT_WAIT_S = 3.0
ANSWER_S = 2.0  # for an order
SETTLES_WITHIN = timedelta(seconds=10)  # a weight that moves for longer needs a look


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """A weight that may be used, as the scale gave it. `at` is UTC, when its line was read."""

    grams: int
    stable: bool
    at: datetime
    raw: str
    mode: Mode


class ScaleError(Exception):
    """No usable weight: a stable code and what to do about it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


_TROUBLES: dict[Trouble, tuple[str, str]] = {
    "unstable": ("scale_unstable", "The weight is still moving. Take your hands off and wait."),
    "overload": ("scale_overload", "The scale is overloaded. Take the goods off."),
    "underload": ("scale_negative", "The scale shows less than nothing. Empty it and set it to zero."),
    "busy": ("scale_unstable", "The scale is not ready yet. Wait a moment."),
    "garbled": ("scale_garbled", "The scale sends something that is no weight. Check its settings and cable."),
}


class Scale(LinkThread):
    """A port with a scale behind it. Streams are listened to, the others asked five times a second."""

    def __init__(self, name: str, port: Port, protocol: Protocol = "generic", capacity_g: int | None = None) -> None:
        super().__init__(name, port)
        self.capacity_g = capacity_g
        self._protocol: Protocol = protocol
        self._framer = Framer("line")
        self._asked = 0.0
        self._last: tuple[Reading, datetime] | None = None
        self._fine_at = datetime.now(UTC)  # when a weight last could be used
        self._order: Order | None = None
        self._answer: str | None = None
        self._ordering = threading.Lock()
        self._heard = threading.Condition()

    def read(self, since: datetime | None = None) -> Weight:
        """The weight on the scale now, or ScaleError. With `since`, a weight measured before then does not count."""
        with self._heard:
            last = self._last
        if self.health().state != "open":
            raise ScaleError("scale_away", f"The scale {self.name} is not connected.")
        if last is None or datetime.now(UTC) - last[1] > timedelta(seconds=FRESH_S) or (since and last[1] < since):
            raise ScaleError("scale_stale", f"The scale {self.name} has sent no weight for {FRESH_S:.0f} seconds.")
        return accept(*last, self.capacity_g)

    def weigh(self, timeout_s: float = DEFAULT_WAIT_S) -> Weight:
        """Wait for a usable weight measured from now on; after the time is up, the reason why there is none."""
        since, end = datetime.now(UTC), monotonic() + timeout_s
        while True:
            try:
                return self.read(since)
            except ScaleError:
                left = end - monotonic()
                if left <= 0:
                    raise
            with self._heard:
                self._heard.wait(min(left, ASK_EVERY_S))

    def complaint(self) -> tuple[ScaleError, datetime] | None:
        """What is wrong with a connected scale, and since when; None where all is well, or it is only moving."""
        try:
            self.read()
        except ScaleError as problem:
            moving = problem.code == "scale_unstable" and datetime.now(UTC) - self._fine_at < SETTLES_WITHIN
            return None if moving else (problem, self._fine_at)
        return None

    @property
    def orders(self) -> tuple[Order, ...]:
        """What it does when told, by its protocol."""
        return tuple(ORDERS[self._protocol])

    def obey(self, order: Order) -> str:
        """Set it to zero, or take the tare; what it answered, in words. Raises ScaleError."""
        if order not in self.orders:
            raise ScaleError("scale_deaf", "This scale takes no orders: press its own key.")
        with self._ordering:
            if self.health().state != "open":
                raise ScaleError("scale_away", f"The scale {self.name} is not connected.")
            with self._heard:
                self._order, self._answer = order, None
                self._heard.wait_for(lambda: self._answer is not None, ANSWER_S)
                self._order = None
                return self._answer or "Told to; it does not say whether it did. Look at its display."

    def on_open(self, connection: Connection) -> None:
        self._fine_at = datetime.now(UTC)
        self._ask(connection)

    def on_bytes(self, connection: Connection, chunk: bytes) -> None:
        for raw in self._framer.feed(chunk):
            answer = read_answer(self._protocol, raw)
            with self._heard:
                if answer is None:
                    self._last = self._judged(read_line(self._protocol, raw)), datetime.now(UTC)
                else:
                    self._answer = answer
                self._heard.notify_all()
        self._ask(connection)

    def _judged(self, reading: Reading) -> Reading:
        """Counted as used, refused or no weight at all."""
        try:
            accept(reading, datetime.now(UTC), self.capacity_g)
            self._fine_at = datetime.now(UTC)
            self.count(frames=1)
        except ScaleError:
            garbled = reading.trouble == "garbled"
            self.count(frames=1, garbage=int(garbled), refused=int(not garbled))
            if garbled:
                self.note(last_error=f"Not a weight: {reading.raw[:40]!r}")
        return reading

    def on_quiet(self, connection: Connection) -> None:
        self._ask(connection)

    def on_lost(self) -> None:
        self._framer.cut()
        self.note(dropped=self._framer.dropped)
        with self._heard:
            self._last = None
            self._heard.notify_all()

    def _ask(self, connection: Connection) -> None:
        order, self._order = self._order, None
        if order is not None:
            self.say(connection, ORDERS[self._protocol][order])
        question = QUESTIONS[self._protocol]
        if question and monotonic() - self._asked >= ASK_EVERY_S:
            self._asked = monotonic()
            self.say(connection, question)


def accept(reading: Reading, at: datetime, capacity_g: int | None) -> Weight:
    """Pure: the weight of a reading, or the ScaleError that says why it cannot be used."""
    if reading.trouble is not None:
        raise ScaleError(*_TROUBLES[reading.trouble])
    grams = reading.grams
    if grams is None or reading.mode == "tare":
        raise ScaleError("scale_tare", "The scale shows its tare, not the goods. Press its weight key.")
    if capacity_g is not None and grams > capacity_g:
        raise ScaleError("scale_capacity", f"{grams} g is beyond the scale's {capacity_g} g.")
    if not reading.stable:
        raise ScaleError(*_TROUBLES["unstable"])
    if grams < 0:
        raise ScaleError(*_TROUBLES["underload"])
    return Weight(grams=grams, stable=True, at=at, raw=reading.raw, mode=reading.mode)
