"""What changes at a packing table while its worker waits: the weight on the scale, its devices, what becomes of the label.

Nobody taps for that. The devices are looked at from memory, four times a second; a weight that changed, or a device that
went away or came back, is pushed to whoever stands at that table, and a weight once a second anyhow while it is the
question. A print job's news reaches those who wait for a label, and the handheld of whoever's last label waits or is in
doubt. Only the side of the page, the devices' signs, or the line above the question is replaced; the question and what is
being typed stay as they are.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import structlog

from app.db import Database, Tx
from app.errors import Refusal
from app.floor import seats
from app.floor.asking import current
from app.floor.floor import Ports
from app.floor.prompt import LastLabel
from app.floor.seats import Seat, Station
from app.web import render
from app.web.live import Hub
from app.web.render import DeviceSign

LOOK_EVERY_S = 0.25
REPEAT_EVERY = 4  # looks: once a second
WEIGHING = "packing.weigh"
WAITS_FOR_LABEL = "packing.label"
log = structlog.get_logger()


class StationPages(threading.Thread):
    """One thread of the house. `scales` names each (station, scale), `connected` which devices of a station are; `signs` is
    how they are shown."""

    def __init__(
        self,
        db: Database,
        hub: Hub,
        ports: Ports,
        scales: Callable[[], Iterable[tuple[str, str]]],
        signs: Callable[[Station], Sequence[DeviceSign]],
        connected: Callable[[], Mapping[str, Sequence[str]]] = dict,
    ) -> None:
        super().__init__(name="station-pages", daemon=True)
        self._db, self._hub, self._ports = db, hub, ports
        self._scales, self._signs, self._connected = scales, signs, connected
        self._printed = threading.Event()
        self._told: dict[str, tuple[str, LastLabel | None]] = {}  # worker: their last job, and what was said of it
        self._ended = threading.Event()
        self._were: Mapping[str, Sequence[str]] = {}  # what was connected at the last look
        self._shown: dict[str, int] = {}  # the last weight of each scale, −1 while there is none

    def printed(self) -> None:
        """Something became of a print job."""
        self._printed.set()

    def stop(self) -> None:
        self._ended.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        look = 0
        while not self._ended.wait(LOOK_EVERY_S):
            look += 1
            try:
                self._look(repeat=look % REPEAT_EVERY == 0)
            except Exception as problem:  # a page that is not refreshed must not end the refreshing of all others
                log.warning("station pages were not refreshed", reason=str(problem))

    def _look(self, *, repeat: bool) -> None:
        for station, scale in self._scales():
            shows = self._weigh(scale)
            changed = shows != self._shown.get(scale)
            self._shown[scale] = shows
            if changed or repeat:
                self._refresh(partial(seats.seats_at, station_code=station), only="" if changed else WEIGHING)
        were, self._were = self._were, self._connected()
        for station, names in self._were.items():
            if names != were.get(station, names):
                self._refresh(partial(seats.seats_at, station_code=station))
        if self._printed.is_set():
            self._printed.clear()
            self._refresh(partial(seats.seats_on, screen=WAITS_FOR_LABEL))
            self._tell_of_labels()

    def _tell_of_labels(self) -> None:
        """A label that waits, or may have come out or not, is told at once; one that came is news only to who was told."""
        if not self._hub.is_heard("worker:"):
            return
        with self._db.reading() as tx:
            for seat in seats.seats_awaiting_label(tx):
                topic = f"worker:{seat.worker}"
                if seat.step.startswith("!") or not self._hub.is_heard(topic):  # a refusal is not wiped away
                    continue
                answer = current(tx, seat, self._ports)
                said, told = (seat.label, answer.prompt.label), self._told.get(seat.worker, ("", None))
                if said == told or (said[1] is None and said[0] != told[0]):
                    continue
                self._told[seat.worker] = said
                station = seats.station_of(tx, seat.station)
                signs = self._signs(station) if station is not None else ()
                asks = said[1] is not None and said[1].asks  # then it has keys, too
                self._hub.publish(topic, "screen" if asks else "refresh", render.screen(answer, devices=signs))

    def _weigh(self, scale: str) -> int:
        try:
            return self._ports.weigh(scale)
        except Refusal:
            return -1

    def _refresh(self, whom: Callable[[Tx], Sequence[Seat]], only: str = "") -> None:
        """Draw the page of each of these workers anew, as far as it is a station's and somebody looks at it."""
        if not self._hub.is_heard("worker:"):
            return
        with self._db.reading() as tx:
            for seat in whom(tx):
                topic = f"worker:{seat.worker}"
                if (only and seat.screen != only) or not self._hub.is_heard(topic):
                    continue
                answer = current(tx, seat, self._ports)
                station = seats.station_of(tx, seat.station)
                if station is not None and answer.prompt.template in render.STATION_PAGES:
                    self._hub.publish(topic, "refresh", render.screen(answer, devices=self._signs(station)))
