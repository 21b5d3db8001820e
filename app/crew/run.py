"""The crew as a whole: so many workers, each on its own handheld, taking whatever job waits; and the figures at the end.

Goods flow downhill: a worker takes the job nearest to the truck that has something waiting, so that nothing piles up, and
now and then another one, so that every mix occurs. The first badge whose owner may is also at the desk and releases the
waves once the docks are empty.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence, Sized
from random import Random

import msgspec

from app import clock
from app.crew.client import GivenUp, Log
from app.crew.desk import Desk
from app.crew.load import load_truck, stage
from app.crew.pack import pack
from app.crew.papers import Papers
from app.crew.pick import pick
from app.crew.put_away import put_away
from app.crew.receive import receive
from app.crew.truth import Truth
from app.crew.warehouse import Warehouse
from app.crew.work import Odd, Worker

Job = Callable[[Worker], bool]
DOWNHILL: tuple[Job, ...] = (load_truck, stage, pack, pick, put_away, receive)
ROLES: dict[Job, str] = {load_truck: "loader", stage: "loader", pack: "packer"}  # the others are any worker's
SURPRISE = 0.2  # how often a worker takes any job instead of the next one downhill
LOOK_AGAIN_S = 0.3
MOST_ODD = 25  # then something is so wrong that going on tells nothing more


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a crew did, in numbers."""

    orders: int
    lines: int
    scans: int
    seconds: float
    scans_per_s: float
    p50_ms: float
    p99_ms: float
    wrong: int  # on purpose
    refused: int  # of those
    kinds: dict[str, int]
    sent_again: int  # scans that needed more than one try
    reprints: int
    shorts_found: int
    cartons: int
    waves: int
    is_over: bool
    odd: tuple[str, ...]

    def in_words(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items()))
        told = [
            f"{self.scans} scans in {self.seconds:.1f} s: {self.scans_per_s:.0f} a second, "
            f"p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms",
            f"{self.wrong} wrong on purpose, {self.refused} of them refused ({kinds or 'none'})",
            f"{self.orders} orders of {self.lines} lines, {self.waves} waves, {self.cartons} cartons shipped",
            f"{self.shorts_found} bins found short, {self.sent_again} scans sent again, {self.reprints} labels reprinted",
            "The day is done." if self.is_over else "The day is not done.",
        ]
        return "\n".join([*told, *(f"ODD: {what}" for what in self.odd)])


class Crew:
    """Work with `run`; look at `log` and `house` afterwards."""

    def __init__(
        self,
        url: str,
        truth: Truth,
        *,
        workers: int = 8,
        seed: int = 1,
        wrong: float = 0.02,
        labels: Sequence[str] = (),
        pause_s: float = 0.0,
    ) -> None:
        self.truth = truth
        self.log = Log()
        self.house = Warehouse(truth, Random(seed), clock.now() // clock.SECOND % 10**6 * 100)
        self.odd: list[str] = []
        self.stopping = threading.Event()
        self._url = url
        papers = Papers(labels) if labels else None
        self._workers = [
            Worker(url, who, self.house, self.log, papers, seed=seed, wrong=wrong, pause_s=pause_s)
            for who in truth.workers[:workers]
        ]
        self._began = self._ended = 0.0

    def run(self, seconds: float = 0.0) -> Figures:
        """Until the day is over, or for so long (each worker still ends the job in its hands)."""
        threads = [threading.Thread(target=self._shift, args=(worker,), daemon=True) for worker in self._workers]
        threads.append(threading.Thread(target=self._supervise, daemon=True))
        self._began = time.monotonic()
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads[:-1]):
            if seconds and time.monotonic() - self._began > seconds:
                self.stopping.set()
            time.sleep(0.1)
        self.stopping.set()
        threads[-1].join()
        self._ended = time.monotonic()
        return self.figures()

    # ── the floor ────────────────────────────────────────────────────────────────────────────────────────────────
    def _shift(self, worker: Worker) -> None:
        try:
            worker.handheld.sign_in()
            while not self.stopping.is_set() and not self.house.is_over:
                try:
                    if not self._one_job(worker):
                        self.stopping.wait(LOOK_AGAIN_S)
                except Odd as odd:
                    self._note(f"{worker.handheld.who.badge}: {odd}")
            worker.handheld.sign_out()
        except GivenUp as problem:
            self._note(str(problem))
        except Exception as problem:  # a worker who falls over must be seen, not missed
            self._note(f"{worker.handheld.who.badge} fell over: {type(problem).__name__}: {problem}")
            raise
        finally:
            worker.handheld.close()

    def _one_job(self, worker: Worker) -> bool:
        jobs = [job for job in DOWNHILL if worker.handheld.who.may(ROLES.get(job, "worker"))]
        if worker.cart is not None:
            jobs = [pick]
        elif worker.dice.random() < SURPRISE:
            worker.dice.shuffle(jobs)
        return any(self._waits(job) and job(worker) for job in jobs)

    def _waits(self, job: Job) -> bool:
        """Would it be worth walking there? A look around, no question to the house."""
        house = self.house
        if job is pick:
            return (
                bool(house.waves or house.waves_done)
                and not house.picks_done
                and time.monotonic() > house.pick_again_at
            )
        queues: dict[Job, Sized] = {
            receive: house.trucks, put_away: house.pallets, pack: house.to_pack, stage: house.boxes
        }  # fmt: skip
        queue = queues.get(job)
        return True if queue is None else bool(queue)

    def _note(self, what: str) -> None:
        self.odd.append(what)
        if len(self.odd) >= MOST_ODD:
            self.stopping.set()

    # ── the desk ─────────────────────────────────────────────────────────────────────────────────────────────────
    def _supervise(self) -> None:
        """Waves when the docks are empty; then wait until nobody finds anything to pick any more."""
        house = self.house
        try:
            while not house.all_put_away:
                if self.stopping.wait(LOOK_AGAIN_S):
                    return
            leads = [who for who in self.truth.workers if who.may("supervisor")]
            if not leads:
                raise GivenUp("Nobody of the crew may release a wave.")
            desk = Desk(self._url, leads[-1])
            desk.sign_in()
            for cutoff in sorted({order.due for order in self.truth.orders.values()}, key=lambda due: due or 2**62):
                if desk.make_wave(cutoff):
                    house.waves += 1
            desk.close()
        except GivenUp as problem:
            self._note(str(problem))
        finally:
            house.waves_done = True

    def figures(self) -> Figures:
        entries, house = list(self.log.entries), self.house
        seconds = max(0.001, (self._ended or time.monotonic()) - self._began)
        times = sorted(entry.ms for entry in entries if entry.tries == 1) or [0.0]
        wrong = [entry for entry in entries if entry.wrong]
        orders = {box.order for box in house.gone}
        return Figures(
            orders=len(orders),
            lines=sum(len(self.truth.orders[order].lines) for order in orders),
            scans=len(entries),
            seconds=round(seconds, 1),
            scans_per_s=round(len(entries) / seconds, 1),
            p50_ms=round(times[len(times) // 2], 2),
            p99_ms=round(times[len(times) * 99 // 100], 2),
            wrong=len(wrong),
            refused=sum(entry.outcome in entry.expected for entry in wrong),
            kinds=dict(Counter(entry.wrong for entry in wrong)),
            sent_again=sum(entry.tries > 1 for entry in entries),
            reprints=sum(worker.reprints for worker in self._workers),
            shorts_found=len(house.found),
            cartons=len(house.gone),
            waves=house.waves,
            is_over=house.is_over,
            odd=tuple(self.odd),
        )
