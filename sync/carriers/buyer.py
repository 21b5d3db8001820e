"""One worker thread per carrier, from the queue to the bought label, in order.

The app keeps the purchases; this file knows only a `PurchaseStore`. `claim` commits `buying` before it returns, so that
after a power cut the purchase is `unknown`. Then, and after every answer that did not come, the carrier is first asked
what it made under the key: only where it says for certain "nothing" the label is bought, under the same key. So a carrier
that dies after it made a label, or we after it did, costs one label. While a carrier does not answer, its other work
waits: 2, 5, 15, 60, then every 300 s.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import Literal, Protocol

import msgspec

from app.work.carriers.parcel import Bought, Parcel
from app.work.carriers.purchases import Job
from sync.carriers.port import Carrier, Declined, NoAnswer

BACK_OFF_S = (2.0, 5.0, 15.0, 60.0, 300.0)
POLL_S = 5.0
STOP_S = 5.0  # how long `stop` waits for a call under way

log = logging.getLogger(__name__)
_PARCEL = msgspec.json.Decoder(Parcel)


class PurchaseStore(Protocol):
    """Where purchases live. Called from the workers' threads; each call is committed when it returns."""

    def recover(self) -> int: ...
    def claim(self, carrier: str) -> Job | None: ...
    def bought(self, key: str, made: Bought) -> None: ...
    def declined(self, job: Job, sentence: str, about: str) -> None: ...
    def doubtful(self, job: Job, sentence: str) -> None: ...
    def later(self, job: Job, sentence: str, wait_s: float = 0.0) -> None: ...
    def never_made(self, job: Job) -> None: ...
    def voided(self, job: Job) -> None: ...
    def manifested(self, job: Job, number: str) -> None: ...


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier on the device wall. Times are seconds since the epoch, 0 for never."""

    carrier: str
    address: str
    state: Literal["waiting", "ready", "fault", "stopped"] = "waiting"
    sentence: str = "Not asked yet."
    last_seen: float = 0.0
    last_error: str = ""
    failures: int = 0  # in a row


class Buyer:
    """All carriers of the house."""

    def __init__(
        self,
        carriers: Iterable[Carrier],
        store: PurchaseStore,
        *,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        poll_s: float = POLL_S,
    ) -> None:
        self.store = store
        self.workers = {carrier.name: _Worker(carrier, store, back_off_s, poll_s) for carrier in carriers}

    def start(self) -> int:
        """First the purchases of a crash become unknown, then the workers run. Returns how many there were."""
        recovered = self.store.recover()
        for worker in self.workers.values():
            worker.start()
        return recovered

    def wake(self) -> None:
        """There is work now. Does not cut a back-off short: the carrier was just away."""
        for worker in self.workers.values():
            worker.bell.set()

    def retry(self, carrier: str) -> None:
        """Somebody says that the carrier is there again: try now."""
        worker = self.workers.get(carrier)
        if worker is not None:
            worker.hurry.set()
            worker.bell.set()

    def health(self) -> list[Health]:
        return [worker.health for worker in self.workers.values()]

    def stop(self, timeout_s: float = STOP_S) -> None:
        for worker in self.workers.values():
            worker.stopping.set()
            worker.hurry.set()
            worker.bell.set()
        until = time.monotonic() + timeout_s
        for worker in self.workers.values():
            if worker.is_alive():
                worker.join(max(0.0, until - time.monotonic()))
            worker.carrier.close()


class _Worker(threading.Thread):
    def __init__(self, carrier: Carrier, store: PurchaseStore, back_off_s: tuple[float, ...], poll_s: float) -> None:
        super().__init__(name=f"carrier {carrier.name}", daemon=True)
        self.carrier = carrier
        self.store = store
        self.back_off_s = back_off_s
        self.poll_s = poll_s
        self.bell, self.hurry, self.stopping = threading.Event(), threading.Event(), threading.Event()
        self.health = Health(carrier=carrier.name, address=carrier.address)

    def run(self) -> None:
        while not self.stopping.is_set():
            self.bell.clear()
            self.hurry.clear()
            try:
                worked = self.one_job()
            except Exception as error:  # the store is away: a purchase under way stays `buying` and ends as unknown
                log.exception("carrier %s: the purchases could not be kept", self.carrier.name)
                self._fault(f"The purchases could not be kept ({type(error).__name__}).")
                worked = False
            if self.health.failures:
                self.hurry.wait(self.back_off_s[min(self.health.failures, len(self.back_off_s)) - 1])
            elif not worked:
                self.bell.wait(self.poll_s)
        self.health = msgspec.structs.replace(self.health, state="stopped")

    def one_job(self) -> bool:
        """True when there was a job."""
        job = self.store.claim(self.carrier.name)
        if job is None:
            return False
        try:
            self._do(job)
        except Declined as no:
            self.store.declined(job, no.sentence, no.about)
            self._ready(no.sentence)
        except NoAnswer as away:
            if job.kind == "buy" and away.unknown:
                self.store.doubtful(job, away.sentence)
            else:
                self.store.later(job, away.sentence, away.wait_s)
            self._fault(away.sentence)
        return True

    def _do(self, job: Job) -> None:
        """Raises Declined, NoAnswer."""
        if job.kind == "buy":
            self.store.bought(job.key, self.carrier.buy(job.key, _PARCEL.decode(job.request)))
        elif job.kind == "ask":
            made = self.carrier.lookup(job.key)
            if made is None:
                self.store.never_made(job)
            else:
                self.store.bought(job.key, made)
        elif job.kind == "void":
            self.carrier.void(job.key, job.shipments[0] if job.shipments else "")
            self.store.voided(job)
        else:
            self.store.manifested(job, self.carrier.manifest(job.key, job.shipments))
        self._ready("It answers.")

    def _ready(self, sentence: str) -> None:
        self.health = msgspec.structs.replace(
            self.health, state="ready", sentence=sentence, last_seen=time.time(), failures=0
        )

    def _fault(self, sentence: str) -> None:
        self.health = msgspec.structs.replace(
            self.health, state="fault", sentence=sentence, last_error=sentence, failures=self.health.failures + 1
        )
