"""The crew as a whole: so many workers, each on its own handheld, taking whatever job waits; and the figures at the end.

Goods flow downhill: a worker takes the job nearest to the truck that has something waiting, so that nothing piles up, and
now and then another one, so that every mix occurs. In a mixed day they do every other job of the floor besides. The first
badge whose owner may is also at the desk and releases the waves once the docks are empty.
"""

import threading
import time
from collections.abc import Callable, Sequence, Sized
from random import Random

from app import clock
from app.crew.client import GivenUp, Log
from app.crew.count import count as take_count
from app.crew.desk import Desk
from app.crew.directed import directed
from app.crew.figures import Figures, count
from app.crew.inspect_lot import inspect
from app.crew.load import load_truck, stage
from app.crew.move import move
from app.crew.pack import pack
from app.crew.papers import Papers
from app.crew.pick import pick
from app.crew.put_away import put_away
from app.crew.receive import receive
from app.crew.replenish import replenish
from app.crew.set_aside import hold, quarantine, set_free
from app.crew.take_back import take_back
from app.crew.transfer import transfer
from app.crew.truth import Truth
from app.crew.warehouse import Warehouse
from app.crew.work import Odd, Worker
from app.crew.write_off import write_off

Job = Callable[[Worker], bool]
BESIDE: tuple[Job, ...] = (move, take_count, take_back, write_off, replenish, hold, quarantine, transfer)
DOWNHILL: tuple[Job, ...] = (set_free, load_truck, stage, pack, pick, put_away, inspect, receive, take_back)
ROLES: dict[Job, str] = {load_truck: "loader", stage: "loader", pack: "packer"}  # the others are any worker's
DIRECTED = 0.15  # how often, there, the house is asked what is next
MIXED = 0.3  # how often, where everything is played, a job beside the way of the goods comes first
SURPRISE = 0.2  # how often a worker takes any job instead of the next one downhill
LOOK_AGAIN_S = 0.3
SETTLE_WITHIN_S = 600.0
MOST_ODD = 25  # then something is so wrong that going on tells nothing more


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
            return pick(worker)
        if worker.bench is not None:
            return pack(worker)
        if self.truth.mixed and worker.dice.random() < MIXED and self._beside(worker, worker.dice.choice(BESIDE)):
            return True
        if self.truth.mixed and worker.dice.random() < DIRECTED and self._beside(worker, directed):
            return True
        if worker.dice.random() < SURPRISE:
            worker.dice.shuffle(jobs)
        return any(self._waits(job) and job(worker) for job in jobs)

    def _beside(self, worker: Worker, job: Job) -> bool:
        """A job beside the way of the goods; none is begun while waves are released."""
        with self.house.working("beside"):
            return not self.house.still and job(worker)

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
            set_free: house.aside, receive: house.trucks, inspect: house.to_inspect,
            pack: house.to_pack, stage: house.boxes,
        }  # fmt: skip
        if job is put_away:
            return bool(house.pallets or house.loose)
        if job is take_back:
            return house.returns_wait and house.picks_done
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
            self._settle(desk, while_=lambda: desk.variances_wait)
            while self.truth.mixed and not self.stopping.is_set():
                house.still = True
                self._settle(desk, while_=lambda: not house.is_idle("beside"))
                if not desk.variances_wait and house.nothing_aside:
                    break
                house.still = False  # somebody must recount it first, or set it free
                self._settle(desk, while_=lambda: desk.variances_wait or not house.nothing_aside)
            for cutoff in sorted({order.due for order in self.truth.orders.values()}, key=lambda due: due or 2**62):
                if desk.make_wave(cutoff):
                    house.waves += 1
            house.waves_done, house.still = True, False
            self._settle(desk, while_=lambda: not house.is_over)
            desk.close()
        except GivenUp as problem:
            self._note(str(problem))
        finally:
            house.waves_done, house.still = True, False

    def _settle(self, desk: Desk, while_: Callable[[], bool]) -> None:
        """In a mixed day: decide on what was counted and differs, until there is nothing more to wait for."""
        until = time.monotonic() + SETTLE_WITHIN_S
        while self.truth.mixed and while_() and time.monotonic() < until:
            desk.approve_variances()
            if self.stopping.wait(LOOK_AGAIN_S):
                return

    def figures(self) -> Figures:
        seconds = max(0.001, (self._ended or time.monotonic()) - self._began)
        reprints = sum(worker.reprints for worker in self._workers)
        return count(self.house, self.log.entries, seconds, reprints, self.odd)
