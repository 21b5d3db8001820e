"""One scan, one turn: session → screen → label understood → the screen's method → events posted → the next prompt.

A turn is plain code inside one transaction of the writer. Returning commits, raising a refusal takes everything back,
and then the refusal itself is kept: the same scan id gives the same answer for ever, refusals too. A scan names the step
it follows. Quick and offline scans name the scan before them, whose id *is* the step if it was accepted; after a refusal
the step is another, so what was scanned before the worker saw it is held back and never applied by itself.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from app import clock
from app.db import Tx
from app.errors import Forbidden, Held, NeedsRelease, NoSuchKey, Refusal, ScanAgain, ScanReused, Unknown
from app.floor import barcodes, handing_out, last_label, release, scans, screens, seats, sessions
from app.floor.asking import ask, verdict_of
from app.floor.floor import FIRST_SCREEN, Floor, Ports
from app.floor.methods import PARSED, call, typing_means
from app.floor.prompt import Answer, Prompt, Verdict
from app.floor.readings import CommandReading
from app.floor.right_labels import right_labels
from app.floor.scans import Scan
from app.floor.screens import Screen
from app.floor.seats import Seat, Station
from app.floor.undo import undo
from app.work import photos
from devices.symbology import GS

SIGNED_OUT = Prompt(job="Signed out", headline="Scan your badge", speech="You are signed out.")


class Turn:
    """A job of the writer: take one scan of the seat that `find_seat` names."""

    quick = True

    def __init__(
        self,
        scan: Scan,
        find_seat: Callable[[Tx], Seat],
        ports: Ports | None = None,
        *,
        follows: bool = True,
        gs: str | None = None,
    ) -> None:
        self.scan = scan
        self.gs = gs  # what a fixed scanner sends in place of the group separator; None: as the seat's own is set up
        self._raw = scan.raw  # without what the device's scanner puts around a code
        self.ports = ports
        self.follows = follows  # a fixed scanner has no memory: its scan meets whatever screen stands
        self.encoded = b""  # the answer as JSON, as it is kept
        self.received = clock.now()
        self._find_seat = find_seat
        self._seat: Seat | None = None
        self._screen: Screen | None = None
        self._understood = ""
        self._label = ""
        self._elsewhere = False  # stands at another screen than the session says
        self.worker = ""  # whose turn it was
        self.signed_out = False  # by this very scan
        self.station: Station | None = None  # where that worker stands now, for a page that shows its devices

    # ── the happy path ───────────────────────────────────────────────────────────────────────────────────────────
    def run(self, tx: Tx) -> Answer:
        seat = self._seat = self._find_seat(tx)
        scan = self.scan
        self.worker = seat.worker
        self._read_as(seat)
        if scan.after != seat.step or not self.follows:  # else it is as good as new, and `scans.keep` sees to the rest
            if (earlier := scans.answered(tx, scan, seat, self._digest())) is not None:
                self.station = seats.station_of(tx, seat.station)
                return earlier
            if self.follows:
                raise Held()
        screen = self._screen = screens.decode(seat.screen, bytes(seat.state)) or screens.build(FIRST_SCREEN)
        if type(screen) is release.Ask and release.passes_by(tx, scan.kind, self._raw):
            screen = self._step_behind(screen)
            seat = self._seat
        floor = Floor(tx, seat, scan.id, seat.warned, self.ports)
        following = self._answer(floor, screen)
        if self._understood != "tap undo":
            following = handing_out.go_on(floor, screen, following)
        return self._keep(floor, screen, following)

    def _read_as(self, seat: Seat) -> None:
        """Reads a scan as the device's own scanner is set up; a fixed one's comes without its wrapping."""
        if self.gs is None:
            self.gs = seat.gs
            if self.scan.kind == "scan":
                self._raw = seat.bare(self.scan.raw)

    def _step_behind(self, ask: release.Ask, warned: str = "") -> Screen:
        """From the question to a supervisor back to the screen it was asked at."""
        assert self._seat is not None
        self._seat, self._screen, self._elsewhere = (
            release.seat_behind(self._seat, ask, warned=warned),
            ask.behind(),
            True,
        )
        return self._screen

    def _answer(self, floor: Floor, screen: Screen) -> Screen:
        scan = self.scan
        if scan.kind == "tap":
            return self._tap(floor, screen, scan.raw)
        if scan.kind == "photo":
            self._understood = f"photo {scan.raw[:12]}"
            method = getattr(screen, "on_photo", None)
            if method is None:
                raise Unknown(scanned="a photo")
            return call(method, floor, photos.check(floor.tx, scan.raw))
        if scan.kind == "type" and (typed := typing_means(screen)) is not None:
            self._understood = f"typed {typed}"
            self._label = floor._label = f"{typed} {scan.raw}"
            parse = PARSED.get(typed, str.strip)
            value: Any = parse(scan.raw)
            return call(getattr(screen, f"on_{typed}"), floor, value)
        try:
            takes = screens.takes(type(screen))
            reading = barcodes.read(floor.tx, self._raw, scan.symbology, takes, gs=self.gs or GS)
        except Unknown:
            unknown = getattr(screen, "on_unknown", None)
            if unknown is None:
                raise
            self._understood, self._label = "unknown", self._raw.strip()
            floor._label = self._label
            return call(unknown, floor, scans.loggable(self._label))
        self._understood = f"{reading.kind} {reading.label}"
        if isinstance(reading, CommandReading):
            return self._tap(floor, screen, reading.name)
        self._label = floor._label = self._raw.strip()
        after = call(getattr(screen, f"on_{reading.kind}"), floor, reading)
        if reading.warning:
            floor.warn(barcodes.WARNINGS[reading.warning])
        return after

    def _tap(self, floor: Floor, screen: Screen, raw: str) -> Screen:
        name, _, value = raw.partition(":")
        name = name.lower()
        self._understood = f"tap {scans.loggable(name)}"
        self._label = floor._label = f"tap {raw}"
        if name == "undo":
            # A job whose steps are no events yet (a count's tallies) takes its own last one back.
            own = getattr(screen, "tap_undo", None)
            return undo(floor) if own is None else call(own, floor)
        if name == "log_out":
            floor.signed_out = True
            sessions.sign_out(floor.tx, floor.seat.login)
            floor.step("You are signed out.")
            return screen
        if name in ("label_yes", "label_no"):
            last_label.answer(floor, out=name == "label_yes")
            return screen
        if name == "menu":
            return screens.build(FIRST_SCREEN)
        if name == "start" and value and not hasattr(screen, "tap_start"):  # a job's own code, scanned anywhere
            return call(screens.build(FIRST_SCREEN).tap_start, floor, value)  # type: ignore[attr-defined]
        if name == "back" and floor.on_detour:
            return floor.come_back()
        if name in ("look_up", "lookup") and screens.screen_class("lookup") and not hasattr(screen, "tap_look_up"):
            return floor.detour(screens.build("lookup"))
        if name == "why" and screens.screen_class("directed.why") and not hasattr(screen, "tap_why"):
            return floor.detour(screens.build("directed.why"))
        method = getattr(screen, f"tap_{name}", None)
        if method is None:
            if name == "back":
                return screens.build(FIRST_SCREEN)
            raise NoSuchKey(scanned=scans.loggable(raw)[:20])
        return call(method, floor, value) if value else call(method, floor)

    def _keep(self, floor: Floor, screen: Screen, following: Screen) -> Answer:
        seat, scan = floor.seat, self.scan
        seq = floor.posted[-1] if floor.posted else 0
        undo_seq, undo_screen, undo_state = seat.undo_seq, seat.undo_screen, bytes(seat.undo_state)
        if self._understood == "tap undo":
            undo_seq = 0
        elif floor.posted:
            undoable = floor.undoable and len(floor.posted) == 1
            undo_seq, undo_screen, undo_state = (seq, seat.screen, bytes(seat.state)) if undoable else (0, "", b"")
        prompt = SIGNED_OUT if floor.signed_out else ask(floor, following, can_undo=undo_seq != 0)
        self.station = floor.station if prompt.template else None
        self.signed_out = floor.signed_out
        answer = Answer(id=scan.id, step=scan.id, prompt=prompt, verdict=floor.verdict, worker=seat.short_name, seq=seq)
        encoded = self.encoded = msgspec.json.encode(answer)
        floor.tx.run(
            sessions.KEEP,
            who=seat.worker,
            screen=screens.tag_of(type(following)),
            state=screens.encode(following),
            step=scan.id,
            warned="",
            undo_seq=undo_seq,
            undo_screen=undo_screen,
            undo_state=undo_state,
            trail=floor.trail,
            at=floor.at,
        )
        if floor.new_station is not None:  # apart, because writing an indexed column costs, changed or not
            floor.tx.run(sessions.MOVE_STATION, who=seat.worker, new_station=floor.new_station, now=clock.now())
        last_label.note(floor)
        self._log(floor.tx, seat, floor.verdict.kind if floor.verdict else "ok", seq, encoded)
        return answer

    # ── refusals are kept too ────────────────────────────────────────────────────────────────────────────────────
    def refused(self, tx: Tx, refusal: Refusal) -> Answer:
        seat = self._seat
        if seat is None or isinstance(refusal, ScanReused) or (isinstance(refusal, Forbidden) and not self._screen):
            raise refusal
        if (earlier := scans.answered(tx, self.scan, seat, self._digest())) is not None:
            self.station = seats.station_of(tx, seat.station)
            return earlier
        screen = self._screen or screens.decode(seat.screen, bytes(seat.state)) or screens.build(FIRST_SCREEN)
        held = isinstance(refusal, Held)
        step = seat.step if held else f"!{self.scan.id}"
        floor = Floor(tx, seat, self.scan.id, ports=self.ports)
        verdict = verdict_of(refusal, "" if self.scan.kind == "tap" else self._raw)
        moved = self._elsewhere
        if isinstance(refusal, NeedsRelease) and refusal.offered:
            moved, scan = True, self.scan
            screen = release.asked(
                refusal, seat, screen, kind=scan.kind, raw=self._raw, symbology=scan.symbology, gs=self.gs or GS
            )
            verdict = Verdict(kind="warning", sentence=f"{refusal.title}.", code=refusal.code)  # the rest is asked
        prompt = ask(floor, screen, can_undo=seat.undo_seq != 0)
        if verdict.kind == "error":
            right, then = right_labels(tx, refusal, prompt)
            verdict = msgspec.structs.replace(verdict, right=right, then=then)
        self.station = floor.station if prompt.template else None
        seats.note_seen(tx, seat)  # what find_seat noted was taken back with the turn
        answer = Answer(
            id=self.scan.id,
            step=step,
            prompt=prompt,
            verdict=verdict,
            worker=seat.short_name,
        )
        encoded = self.encoded = msgspec.json.encode(answer)
        if not held:
            warned = self._label if isinstance(refusal, ScanAgain) else ""
            if moved:
                tag, state = screens.tag_of(type(screen)), screens.encode(screen)
                tx.run(release.STAND, who=seat.worker, screen=tag, state=state, step=step, warned=warned)
            else:
                tx.run(sessions.KEEP_REFUSED, who=seat.worker, step=step, warned=warned)
        self._log(tx, seat, refusal.code, 0, encoded)
        return answer

    def _log(self, tx: Tx, seat: Seat, outcome: str, seq: int, answer: bytes) -> None:
        scans.keep(
            tx,
            self.scan,
            seat,
            digest=self._digest(),
            received=self.received,
            understood=self._understood,
            outcome=outcome,
            seq=seq,
            answer=answer,
        )

    def _digest(self) -> str:
        return scans.digest_of(self.scan)


def take(tx: Tx, scan: Scan, token: str) -> Answer:
    """Take one scan within a transaction that is already open (tests and the crew's oracle-free paths use it)."""
    return Turn(scan, lambda inner: seats.seat(inner, token)).run(tx)
