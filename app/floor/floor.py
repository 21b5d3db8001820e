"""What a screen may ask of the house while it answers: who and where, the books, the hardware, and what to say.

One Floor lives for one turn. It posts events (and has them counted), says how the scan ended, warns before a rare but
allowed thing, and knows the way back from a detour. The hardware is seen through `Ports`, at once and from memory: a
turn never waits for a cable.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Literal, NamedTuple

import msgspec

from app import clock
from app.config import PrinterSettings
from app.db import Tx
from app.errors import NeedsRelease, ScanAgain, State
from app.floor import screens, seats
from app.floor.prompt import Verdict
from app.floor.screens import Screen
from app.floor.seats import Seat, Station
from app.stock import ledger
from app.stock.events import AnyEvent, Overridden
from app.work import progress

DEEPEST_TRAIL = 5  # detours inside detours
FIRST_SCREEN = "menu"


class NoScale(State):
    code, title = "no_scale", "No scale here"
    says = "{reason}"
    todo = "Type the weight, or use another station."


class NotWeighed(NoScale):
    """There is a scale, and it cannot tell just now; the reason is its own and says what is wrong on it."""

    title = "Not weighed"
    todo = "Then weigh again. If it stays so, type the weight."


class Box(NamedTuple):
    """What a dimensioner measured."""

    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int


class NotMeasured(State):
    code, title = "not_measured", "Not measured"
    says = "{reason}"
    todo = "Measure again, or type it."


def _no_scale(name: str) -> int:
    raise NoScale(reason="This station has no scale.")


def _no_dimensioner(station: str) -> Box:
    raise NotMeasured(reason="This station has no dimensioner.")


class Ports:
    """What a turn may ask of the hardware, at once and from memory. `main` fills it in; the default house has none."""

    def __init__(
        self,
        weigh: Callable[[str], int] = _no_scale,
        printers: Mapping[str, PrinterSettings] | None = None,
        carriers: Collection[str] = (),
        sick: Callable[[], Collection[str]] = frozenset,
        measure: Callable[[str], Box] = _no_dimensioner,
        dimensioners: Collection[str] = (),
    ) -> None:
        self.weigh = weigh
        """The stable weight on a named scale, in grams, taken within the last 2 s. Raises a refusal with the reason."""
        self.printers = printers or {}
        self.carriers = carriers
        """Whose labels are bought from them; the house prints those of all others itself."""
        self.sick = sick
        """The printers that are in trouble now."""
        self.measure = measure
        """What stands on a station's dimensioner, measured within the last seconds. Raises NotMeasured with the reason."""
        self.dimensioners = dimensioners
        """Stations that have one."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A supervisor, who proved to be here, released one refusal."""

    key: str  # of the refusal
    supervisor: str
    reason: str = ""


class Floor:
    """What a screen may ask of the house while it answers: who, where, the books, and what to say."""

    def __init__(self, tx: Tx, seat: Seat, cause: str = "", warned: str = "", ports: Ports | None = None) -> None:
        self.tx = tx
        self.ports = ports or Ports()
        self.seat = seat
        self.worker = seat.worker
        self.device = seat.device
        self.at = clock.now()
        self.by = ledger.By(worker=seat.worker, device=seat.device, station=seat.station, cause=cause, at=self.at)
        self.verdict: Verdict | None = None
        self.posted: list[int] = []
        self.undoable = True
        self.confirmed = False
        self.new_station: str | None = None
        self.signed_out = False
        self.grant: Grant | None = None
        self.label_job = seat.label
        self.label_is_new = False
        self._warned = warned
        self._label = ""
        self._trail: list[list[str]] | None = None
        self._station: Station | Literal[False] | None = False

    @property
    def label(self) -> str:
        """The code as it was read, or what was typed or tapped."""
        return self._label

    @property
    def station(self) -> Station | None:
        """Where the worker stands, with its printers and scale; None on the move."""
        if self._station is False:
            self._station = seats.station_of(self.tx, self.seat.station)
        return self._station

    def stand_at(self, station: Station) -> None:
        """From now on the worker stands here; the next prompt already knows it."""
        self.new_station, self._station = station.code, station

    def post(self, event: AnyEvent, *, undoable: bool = True) -> int:
        """Make an event so, and count it in its documents. Returns its seq."""
        seq = ledger.post(self.tx, event, self.by)
        progress.apply(self.tx, event)
        self.posted.append(seq)
        self.undoable = self.undoable and undoable
        return seq

    def awaits(self, job: str) -> str:
        """This label was asked for last: what becomes of it is told. Returns the job."""
        self.label_job, self.label_is_new = job, True
        return job

    def ok(self, sentence: str) -> None:
        self.verdict = Verdict(kind="ok", sentence=sentence)

    def step(self, sentence: str) -> None:
        """A bigger step is done: a line, a tote, an order. It has a sound of its own."""
        self.verdict = Verdict(kind="step", sentence=sentence)

    def warn(self, sentence: str) -> None:
        self.verdict = Verdict(kind="warning", sentence=sentence)

    def confirm(self, warning: ScanAgain) -> None:
        """Go on only if this very code was already warned about; otherwise warn now."""
        if not self._warned or self._warned != self._label:
            raise warning

    def release(self, needed: NeedsRelease, *, document: str = "") -> None:
        """Go on only if a supervisor has just released this very refusal here; otherwise ask for one.

        Released, an `Overridden` with both names is posted to the lane of `document`. See app/floor/release.py.
        """
        if self.grant is None or self.grant.key != needed.key:
            needed.offered = True
            raise needed
        event = Overridden(
            worker=self.worker,
            supervisor=self.grant.supervisor,
            rule=needed.code,
            what=needed.sentence,
            kind=needed.kind,
            limit=needed.limit,
            amount=needed.amount,
            reason=self.grant.reason,
            lane=document,
        )
        self.grant = None
        self.post(event, undoable=False)

    def detour(self, screen: Screen) -> Screen:
        """Go and look something up, and come back here."""
        trail = self._read_trail()
        if len(trail) < DEEPEST_TRAIL:
            trail.append([self.seat.screen, bytes(self.seat.state).decode()])
        return screen

    def come_back(self) -> Screen:
        """The screen the detour began at, or the menu."""
        trail = self._read_trail()
        while trail:
            tag, state = trail.pop()
            if (screen := screens.decode(tag, state.encode())) is not None:
                return screen
        return screens.build(FIRST_SCREEN)

    @property
    def on_detour(self) -> bool:
        return bool(self._read_trail())

    def _read_trail(self) -> list[list[str]]:
        if self._trail is None:
            self._trail = msgspec.json.decode(bytes(self.seat.trail) or b"[]", type=list[list[str]])
        return self._trail

    @property
    def trail(self) -> bytes:
        return bytes(self.seat.trail) if self._trail is None else msgspec.json.encode(self._trail)
