"""One worker thread per printer, from the queue to the paper, in order.

The app keeps the jobs; this file knows only a `JobStore`. `claim` commits `sending` before it returns, so that after a
power cut the job is `unknown` and nobody prints it twice; `recover` says so at start-up. A failed job stays the oldest
and is tried again after 1, 2, 5, 15, then every 30 s, or as soon as a printer that said what it lacks says it is ready:
whoever put the roll in stands there and waits. Between jobs a two-way printer is asked for its health every 5 s,
less often while it stays away. A person is told through `health`, on the device wall.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Literal, Protocol

import msgspec

from devices.wire import Passed, Wire
from printers import transports
from printers.printer import Outcome, Printer, Reach, State
from printers.status import PrinterStatus

BACK_OFF_S = (1.0, 2.0, 5.0, 15.0, 30.0)
POLL_S = 5.0
LONGEST_POLL_S = 60.0
MOST_DOUBLINGS = 10
STOP_S = 5.0  # how long `stop` waits for a job under way

log = logging.getLogger(__name__)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    printer: str
    payload: bytes
    attempts: int = 0


class JobStore(Protocol):
    """Where print jobs live. Called from the workers' threads."""

    def claim(self, printer_name: str) -> Job | None:
        """The oldest job queued or failed for this printer, now `sending` and committed; None when there is none."""

    def finish(self, job_id: str, outcome: State, sentence: str) -> None:
        """The end of an attempt. `failed` leaves the job to be claimed again."""

    def recover(self) -> int:
        """Turns every own job left in `sending` into `unknown`; how many."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """A printer on the device wall. Times are seconds since the epoch, 0 for never."""

    printer: str
    state: Literal["starting", "ready", "printing", "waiting", "fault", "stopped"] = "starting"
    sentence: str = ""
    warnings: tuple[str, ...] = ()  # what it will lack soon, as it said last
    last_seen: float = 0.0
    last_error: str = ""
    last_error_at: float = 0.0
    since: float = 0.0  # when it came into trouble, or out of it
    jobs: int = 0
    unknown: int = 0  # of the jobs
    failed: int = 0  # tries of which nothing was sent
    failures: int = 0  # in a row

    @property
    def troubled(self) -> bool:
        """waiting is a printer that does not report"""
        return self.state in ("fault", "stopped")


class Spooler:
    def __init__(
        self,
        printers: Iterable[Printer],
        store: JobStore,
        *,
        reach: Reach | None = None,
        send: Callable[..., Outcome] = transports.send,
        ask: Callable[..., PrinterStatus | None] = transports.ask,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._worker = partial(
            _Worker, store=store, reach=reach or Reach(), send=send, ask=ask, back_off_s=back_off_s, poll_s=poll_s
        )
        self.workers = {printer.name: self._worker(printer) for printer in printers}
        self.store = store

    def start(self) -> int:
        """First the jobs of a crash become unknown, then the workers run. Returns how many there were."""
        recovered = self.store.recover()
        for worker in self.workers.values():
            worker.thread.start()
        return recovered

    def wake(self, printer_name: str | None = None) -> None:
        """There is work now. Does not cut a back-off short: the printer was just away."""
        for name, worker in self.workers.items():
            if printer_name in (None, name):
                worker.bell.set()

    def retry(self, printer_name: str) -> None:
        """Somebody stands at the printer and has put it right: try now."""
        worker = self.workers.get(printer_name)
        if worker is not None:
            worker.hurry.set()
            worker.bell.set()

    def add(self, printer: Printer) -> None:
        """One more printer while the others work."""
        worker = self._worker(printer)
        self.workers = {**self.workers, printer.name: worker}
        worker.thread.start()

    def drop(self, printer_name: str, timeout_s: float = STOP_S) -> None:
        """One printer less; a job under way ends first."""
        gone = self.workers.get(printer_name)
        self.workers = {name: worker for name, worker in self.workers.items() if name != printer_name}
        if gone is not None:
            gone.end()
            gone.thread.join(timeout_s)

    def print_now(self, printer_name: str, payload: bytes) -> Outcome:
        """Past the queue, for a test: as soon as no job is on its way there. Raises KeyError for no such printer."""
        return self.workers[printer_name].talk(payload)

    def ask_now(self, printer_name: str) -> PrinterStatus | None:
        """How the printer is this moment; None where it cannot be asked. Raises KeyError for no such printer."""
        worker = self.workers[printer_name]
        found = worker.look()
        if found is not None:
            worker.hear(found)
        return found

    def passed(self, printer_name: str) -> list[Passed]:
        """What passed over the printer's cable lately, the newest last."""
        worker = self.workers.get(printer_name)
        return [] if worker is None else worker.wire.lately()

    def health(self) -> list[Health]:
        return [worker.health for worker in self.workers.values()]

    def stop(self, timeout_s: float = STOP_S) -> None:
        for worker in self.workers.values():
            worker.end()
        until = time.monotonic() + timeout_s
        for worker in self.workers.values():
            if worker.thread.is_alive():
                worker.thread.join(max(0.0, until - time.monotonic()))


class _Worker:
    def __init__(
        self,
        printer: Printer,
        store: JobStore,
        reach: Reach,
        send: Callable[..., Outcome],
        ask: Callable[..., PrinterStatus | None],
        back_off_s: tuple[float, ...],
        poll_s: float,
    ) -> None:
        self.printer, self.store, self.reach, self.send, self.ask = printer, store, reach, send, ask
        self.back_off_s, self.poll_s = back_off_s, poll_s
        self.bell, self.hurry, self.stopping = threading.Event(), threading.Event(), threading.Event()
        self.health = Health(printer=printer.name, since=time.time())
        self.in_trouble = False
        self.wire, self.talking = Wire(), threading.Lock()
        self.unwritten: tuple[str, Outcome] | None = None
        self.thread = threading.Thread(target=self.run, name=f"printer {printer.name}", daemon=True)

    def end(self) -> None:
        for sign in (self.stopping, self.hurry, self.bell):
            sign.set()

    def run(self) -> None:
        unheard, asked_at = 0, 0.0  # how often in a row it gave no answer
        while not self.stopping.is_set():
            self.bell.clear()
            self.hurry.clear()
            try:
                worked = self.one_job()
            except Exception as error:  # the store is away: a job under way is `sending` until its end is written down
                log.exception("printer %s: the job store failed", self.printer.name)
                self._note(state="fault", error=f"The job store failed ({type(error).__name__}).")
                self.stopping.wait(self.back_off_s[-1])
                continue
            if self.health.failures:
                self.rest(self.back_off_s[min(self.health.failures, len(self.back_off_s)) - 1])
                continue
            if worked:
                continue
            if time.monotonic() - asked_at >= min(LONGEST_POLL_S, self.poll_s * 2**unheard):
                unheard = 0 if self.poll() else min(unheard + 1, MOST_DOUBLINGS)
                asked_at = time.monotonic()
            self.bell.wait(self.poll_s)
        self._note(state="stopped")

    def rest(self, back_off_s: float) -> None:
        """Before the next try. Silence is not asked again meanwhile."""
        until = time.monotonic() + back_off_s
        while (left := until - time.monotonic()) > 0 and not self.hurry.wait(min(left, self.poll_s)):
            found = self.look() if left > self.poll_s else None
            if found is not None and found.ready:
                return
            if found is None or not found.heard:
                self.hurry.wait(max(0.0, until - time.monotonic()))
                return

    def one_job(self) -> bool:
        """True when there was a job."""
        if self.write_down():
            return True
        job = self.store.claim(self.printer.name)
        if job is None:
            if self.health.failures:  # the job was cancelled or moved
                self._note(state="waiting", failures=0)
            return False
        self._note(state="printing", sentence=f"Printing job {job.id}.")
        self.unwritten = job.id, self.talk(job.payload)
        return self.write_down()

    def write_down(self) -> bool:
        """How the last job ended. Kept until the store takes it: a full disk must not leave a job without an end."""
        if self.unwritten is None:
            return False
        job_id, outcome = self.unwritten
        self.store.finish(job_id, outcome.state, outcome.told)
        self.unwritten = None
        old = self.health
        if outcome.state == "failed":
            self._note(state="fault", error=outcome.sentence, failures=old.failures + 1, failed=old.failed + 1)
        elif outcome.state == "unknown":
            self._note(state="fault", error=outcome.sentence, failures=0, jobs=old.jobs + 1, unknown=old.unknown + 1)
        else:
            self._note(
                state="ready", sentence=outcome.sentence, warnings=outcome.warnings, seen=True, failures=0,
                jobs=old.jobs + 1,
            )  # fmt: skip
        return True

    def talk(self, payload: bytes) -> Outcome:
        with self.talking:  # one conversation at a time, also with whoever tests it
            return self.send(self.printer, payload, reach=self.reach, wire=self.wire)

    def look(self) -> PrinterStatus | None:
        with self.talking:
            return self.ask(self.printer, reach=self.reach, wire=self.wire)

    def poll(self) -> bool:
        """Asks an idle printer. True when it answered, also that it is out of paper, or cannot be asked."""
        found = self.look()
        if found is None:
            if self.health.state == "starting":
                self._note(state="waiting", sentence="Not asked: this printer does not report.")
            return True
        self.hear(found)
        return found.heard

    def hear(self, found: PrinterStatus) -> None:
        if found.ready:
            self._note(state="ready", sentence=found.sentence, warnings=found.warnings, seen=True)
        else:
            self._note(state="fault", error=found.sentence)

    def _note(
        self,
        *,
        state: Literal["starting", "ready", "printing", "waiting", "fault", "stopped"],
        sentence: str = "",
        error: str = "",
        warnings: tuple[str, ...] | None = None,
        seen: bool = False,
        **counts: int,
    ) -> None:
        old, now = self.health, time.time()
        fresh = msgspec.structs.replace(
            old,
            state=state,
            sentence=error or sentence or old.sentence,
            warnings=old.warnings if warnings is None else warnings,
            last_seen=now if seen else old.last_seen,
            last_error=error or old.last_error,
            last_error_at=now if error else old.last_error_at,
            **counts,
        )
        if state != "printing" and fresh.troubled != self.in_trouble:  # trying again ends no trouble, an answer does
            self.in_trouble = fresh.troubled
            fresh = msgspec.structs.replace(fresh, since=now)
        self.health = fresh
