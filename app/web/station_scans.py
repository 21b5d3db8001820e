"""A scan of a station's own scanner: it has no session and no memory, so it is a turn of whoever came to the station last.

The server takes the turn itself and pushes the answer to that worker's browser. Where it cannot be a turn it is refused on
the glass and aloud: nobody is signed in (a badge begins the sign-in), several are and none of them is known to stand here,
or the trigger bounced. Who loses the scanner to a colleague is told, once, how to have it back.
"""

from collections.abc import Callable, Sequence
from time import monotonic

import msgspec
import structlog

from app import clock
from app.db import Database
from app.errors import Refusal, SignedOut
from app.floor import seats
from app.floor.barcodes import SHOWN
from app.floor.floor import Ports
from app.floor.prompt import Answer
from app.floor.scans import Scan, loggable
from app.floor.seats import Station, TwoAtStation
from app.floor.turns import Turn
from app.web import render
from app.web.live import Hub
from devices.symbology import without_aim

log = structlog.get_logger()
BADGE = "BDG/"
BOUNCE_S = 0.4  # after an answer, in which the same code again is a trigger that bounced; a handheld's is as long


class Last(msgspec.Struct, frozen=True, kw_only=True):
    """What a scanner read last, and whose it was."""

    raw: str
    worker: str
    repeats: bool  # on the screen it led to, the same code at once is one more piece
    until: float  # monotonic; sooner than this it bounced


class StationScans:
    """Each scanner calls `take` on a thread of its own, one scan after the other."""

    def __init__(
        self, db: Database, hub: Hub, ports: Ports, signs: Callable[[Station], Sequence[render.DeviceSign]]
    ) -> None:
        self._db, self._hub, self._ports, self._signs = db, hub, ports, signs
        self._last: dict[str, Last] = {}  # by scanner
        self.refused: dict[str, int] = {}  # by scanner, each written by its own thread alone

    def take(self, device: str, station: str, text: str, gs: str) -> None:
        """One scan, `gs` being what this scanner sends in place of the separator."""
        if self._bounced(device, text):
            return
        scan = Scan(id=clock.new_id(), after="", raw=text, at=clock.now())
        turn = Turn(scan, lambda tx: seats.seat_at(tx, station, _shown(text)), self._ports, follows=False, gs=gs)
        try:
            answer = self._db.write_now(turn)
        except SignedOut:
            self._refuse(device)
            self._nobody(station, text)
            log.info("a scan while nobody is signed in", station=station, device=device)
        except TwoAtStation as refusal:
            self._refuse(device)
            for worker in refusal.workers:
                self._hub.publish(f"worker:{worker}", "nobody", f"{refusal.sentence} {refusal.what_to_do}")
            log.info("a scan while several are signed in", station=station, device=device)
        except Refusal as refusal:
            self._refuse(device)
            self._hub.publish(f"station:{station}", "nobody", refusal.sentence)
            log.warning("a station's scan was not taken", station=station, code=refusal.code)
        else:
            if answer.verdict is not None and answer.verdict.kind == "error":
                self._refuse(device)
            self._answered(device, station, text, turn, answer)

    def _refuse(self, device: str) -> None:
        self.refused[device] = self.refused.get(device, 0) + 1

    def _bounced(self, device: str, text: str) -> bool:
        last = self._last.get(device)
        if last is None or last.raw != text or last.repeats or monotonic() >= last.until:
            return False
        self._last[device] = msgspec.structs.replace(last, until=monotonic() + BOUNCE_S)
        self._hub.publish(f"worker:{last.worker}", "twice", f"Read twice, counted once: {_shown(text)}")
        return True

    def _answered(self, device: str, station: str, text: str, turn: Turn, answer: Answer) -> None:
        before = self._last.get(device)
        self._last[device] = Last(
            raw=text, worker=turn.worker, repeats=answer.prompt.repeats, until=monotonic() + BOUNCE_S
        )
        if before is not None and before.worker != turn.worker and self._stands_at(station, before.worker):
            told = f"The scanner of {station} reads for {answer.worker} now. Scan STN/{station} to have it back."
            self._hub.publish(f"worker:{before.worker}", "nobody", told)
        if turn.signed_out:
            self._hub.publish(f"worker:{turn.worker}", "signed-out", "Badged out.")
        signs = self._signs(turn.station) if turn.station else ()
        self._hub.publish(f"worker:{turn.worker}", "screen", render.screen(answer, devices=signs))

    def _stands_at(self, station: str, worker: str) -> bool:
        with self._db.reading() as tx:
            return any(seat.worker == worker for seat in seats.seats_at(tx, station))

    def _nobody(self, station: str, text: str) -> None:
        """A badge begins the sign-in on the station's own page; anything else is refused there, seen and heard."""
        label = without_aim(loggable(text).strip())
        if label[:4].upper() == BADGE:
            self._hub.publish(f"station:{station}", "badge", BADGE + label[4:68])
        else:
            told = f"Nobody is signed in at {station}: {_shown(text)} was not counted. Scan your badge."
            self._hub.publish(f"station:{station}", "nobody", told)


def _shown(text: str) -> str:
    return without_aim(loggable(text).strip()).replace("\n", " ").replace("\r", " ")[:SHOWN]
