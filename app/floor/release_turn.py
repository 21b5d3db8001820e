"""The turn in which a supervisor's word counts: the step they were asked about, taken once more."""

from collections.abc import Callable

import msgspec

from app.db import Tx
from app.errors import Held
from app.floor import release, scans, screens
from app.floor.floor import FIRST_SCREEN, Floor, Grant, Ports
from app.floor.prompt import Answer
from app.floor.scans import Scan
from app.floor.seats import Seat
from app.floor.turns import Turn
from app.work.people import Worker


class ReleaseTurn(Turn):
    """The step a supervisor was asked about, taken once more with their word. Badge and PIN were proved at the door."""

    def __init__(
        self, scan: Scan, supervisor: Worker, find_seat: Callable[[Tx], Seat], ports: Ports | None = None
    ) -> None:
        super().__init__(scan, find_seat, ports)
        self._supervisor = supervisor
        self._sent = scan

    def run(self, tx: Tx) -> Answer:
        seat = self._seat = self._find_seat(tx)
        self.worker = seat.worker
        if (earlier := scans.answered(tx, self.scan, seat, self._digest())) is not None:
            return earlier
        if self.scan.after != seat.step:
            raise Held()
        ask = self._screen = screens.decode(seat.screen, bytes(seat.state)) or screens.build(FIRST_SCREEN)
        if not isinstance(ask, release.Ask):
            raise release.NothingToRelease()
        by = release.check(tx, ask, seat.worker, self._supervisor).code
        self.scan = msgspec.structs.replace(self.scan, raw=ask.raw, kind=ask.kind, symbology=ask.symbology)
        self._raw, self.gs = ask.raw, ask.gs
        screen = self._step_behind(ask, ask.warned)
        floor = Floor(tx, self._seat, self.scan.id, ask.warned, self.ports)
        floor.grant = Grant(key=ask.key, supervisor=by, reason=ask.reason)
        following = self._answer(floor, screen)
        self._understood = f"released by {by}: {self._understood}"
        return self._keep(floor, screen, following)

    def _digest(self) -> str:
        return scans.digest_of(self._sent)
