"""The follower walks behind the floor: it reads the journal in order and tells one ERP, event by event, exactly once.

One thread per connector, because ERPs break under concurrent posting and because order matters. While a batch is on
its way the answers before it are written down and the next stretch is read, so a backlog drains nearly as fast as the
sink takes it. Exactly once rests on the sink's key, never on us: after a crash, or an answer that did not come, the sink
is asked what it has before anything is offered again. The floor never waits for any of this: a follower's whole mark on
the writer is one small job per batch, or two a second while a backlog drains, and it works with `courtesy`. Of several
servers only the one with the `lease` tells and asks the ERP; the others' followers take up what is decided, and wait.
"""

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import msgspec

from app import clock
from app.db import Database, Tx
from app.errors import Busy, StorageFailed
from app.stock import journal
from sync import connector_log, connector_settings, dead_letters, delivery, epochs, reconciling, stories, untold
from sync.connectors.base import (
    Answer,
    Applied,
    Connector,
    Duplicate,
    Held,
    KeepsTold,
    NeedsApproval,
    Rejected,
    TransportError,
    Untold,
)
from sync.courier import Courier
from sync.courtesy import Courtesy
from sync.delivery import UNWRITTEN, Audience, Batch, Outcome, Slate
from sync.errands import Errands
from sync.lease import LOOK_EVERY_S, SETTLE_S, Lease, LeaseLost, ToldElsewhere
from sync.messages import Identity, Message
from sync.pace import Pace
from sync.reconciling import Compared
from sync.standing import ConnectorState, standing
from sync.stories import Aside

POLL_S = 1.0  # the longest nap when nobody rings
BUSY_S, BUSY_TRIES = 0.02, 250  # when the writer's queue is full: five seconds
LARGEST_BATCH = 500
IN_DOUBT = (UNWRITTEN + 2) * LARGEST_BATCH  # events that may have been on their way when the last run ended
MOST_DEAD = 1000  # dead letters; then the mapping is wrong, not the events
LOOK_AHEAD = 100  # events among which one is found that the sink takes, before another is blamed
RATE_OVER_S = 10.0
STOP_WITHIN_S = 20.0

T = TypeVar("T")
log = logging.getLogger("pickface.sync")


class Follower:
    """Follows the journal for one connector. `start` before the server takes its first scan, `stop` before the
    database closes; `state`, `retry_now` and `decide` may be called from any thread.
    """

    def __init__(
        self, database: Database, connector: Connector, *, site: str, begins: Mapping[str, int], owner: str = ""
    ) -> None:
        self.name = connector.name
        self.connector = connector
        self.begins = begins  # what the settings file says of what the desk may change
        self.audience = Audience(owner=owner)
        self._db = database
        self._replaced: list[Connector] = []
        self._late_after = 0  # µs
        self._pace = Pace(LARGEST_BATCH)
        self.lease = Lease(database.node, self.name)
        self._speaks = False
        self._courier = Courier(connector, self._pace, self._others, self.lease.insist)
        self._courtesy = Courtesy(lambda: database.writer.at_work)
        self.identity = Identity(site=site)
        self._position = 0  # every event up to here is dealt with, written down or in `_unwritten`
        self._unwritten = Slate()
        self._blocked: dict[str, int] = {}
        self._untold: list[Untold] = []
        self._dead = 0
        self._has_waiting = self._paused = self._said_waiting = False
        self._answered: deque[tuple[float, int]] = deque(maxlen=1000)
        self._trouble = ""
        self.errands = Errands(self._wake)
        self._bell = threading.Event()  # something new in the journal
        self._urgent = threading.Event()  # a person decided something
        self._look_again = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._errands = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"courier {self.name}")

    # ── for main and the desk ────────────────────────────────────────────────────────────────────────────────────
    def start(self) -> None:
        if not self._may_speak():
            self._db.do(self._open)
        self._db.on_news.append(self._hear)
        self._thread = threading.Thread(target=self._work, name=f"follower {self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the batch under way end, then rest. What was not written down is asked for at the next start."""
        self._stopping.set()
        self.retry_now()
        with contextlib.suppress(ValueError):
            self._db.on_news.remove(self._hear)
        if self._thread is not None:
            self._thread.join(timeout=STOP_WITHIN_S)
        self._errands.shutdown(wait=False, cancel_futures=True)
        for one in (*self._replaced, self.connector):
            one.close()

    def state(self, tx: Tx) -> ConnectorState:
        now = time.monotonic()
        rate = sum(count for at, count in list(self._answered) if now - at < RATE_OVER_S) / RATE_OVER_S
        return standing(tx, self.connector, self._pace, rate, self._trouble, self.audience, self.lease.elsewhere)

    def retry_now(self) -> None:
        self._pace.hurry()
        self._wake()

    def decide(self, what: Callable[[Tx], T]) -> T:
        """Write what a person decided (see `dead_letters`), and act on it at once."""
        done = self._db.do(what)
        self.look_again()
        return done

    def look_again(self) -> None:
        """What the tables say was decided anew."""
        self._look_again.set()
        self.retry_now()

    def reconcile(self) -> Compared | None:
        """The floor's stock and the ERP's, compared between two batches. Raises TransportError, Busy, ToldElsewhere."""

        def look() -> Compared | None:
            if not self._may_speak():
                raise ToldElsewhere(connector=self.name, where=self.lease.elsewhere)
            return reconciling.look(
                self._db, self.connector, self.identity, self.audience.owner, self._courier.in_doubt
            )

        return self.errands.ask(look)

    def exchange(self, connector: Connector) -> None:
        """Before the start, or as an errand between two batches: speak to the ERP in other names from now on.

        The one before is closed at the end: somebody may be asking it for news.
        """
        self._replaced.append(self.connector)
        self.connector = self._courier.connector = connector

    def _wake(self) -> None:
        self._urgent.set()
        self._bell.set()

    def _hear(self, news: set[str]) -> None:
        if "journal" in news:
            self._courtesy.heard()
            self._bell.set()
        if untold.TOPIC in news:
            self.look_again()

    # ── the thread ───────────────────────────────────────────────────────────────────────────────────────────────
    def _work(self) -> None:
        while not self._stopping.is_set():
            self._bell.clear()
            try:
                self._write_down()
                if self._look_again.is_set():
                    self._look_again.clear()
                    self._db.do(self._open)
                self.errands.do_all()
                if not self._may_speak():
                    self._urgent.wait(LOOK_EVERY_S)
                    self._urgent.clear()
                elif self._paused or self._pace.wait_s > 0:
                    self._urgent.wait(min(POLL_S, self._pace.wait_s or POLL_S))
                    self._urgent.clear()
                elif self._forget() or self._offer_again() or self._follow():
                    self._say_sending()
                    self._stopping.wait(self.connector.gather_s)
                else:
                    self._bell.wait(POLL_S)
                self._trouble = ""
            except TransportError as problem:
                self._say_waiting(problem)
            except LeaseLost:
                log.warning("our connection to the database broke: another server may tell %s now", self.name)
            except Busy:
                self._stopping.wait(BUSY_S)
            except StorageFailed as problem:
                self._trouble = f"Stopped with the database: {problem.sentence}"
                break
            except Exception as problem:  # a fault of ours is shown on the ledger page; it must not end the thread
                log.exception("the follower of %s stumbled", self.name)
                self._trouble = f"The follower stumbled ({type(problem).__name__}: {problem}); it tries again."
                self._pace.failed(TransportError(self._trouble), 0)
                self._look_again.set()
        with contextlib.suppress(Exception):
            self._write_down()
        with contextlib.suppress(Exception):
            self.lease.give_up()

    def _may_speak(self) -> bool:
        """Is it us who speaks to the ERP? Whoever comes to it, by a start or after another server, asks it first."""
        if self._speaks and self.lease.is_ours():
            return True
        self._speaks = False
        if not self.lease.take():
            return False
        before = self.lease.elsewhere
        if before:
            self._stopping.wait(SETTLE_S)
            told = f"{self._db.node.spoken}, after {before}"
            self._db.do(lambda tx: connector_log.note(tx, self.name, "taken_over", words=told))
        self._db.do(self._open)
        with self._db.reading() as tx:  # what comes after was never offered by an earlier run, or by another server
            self._courier.doubt(min(self._position + IN_DOUBT, journal.last_seq(tx)))
        self.lease.settled()
        self._speaks = True
        return True

    def _open(self, tx: Tx) -> None:
        """Take up what the tables say, at the start and whenever a person decided something."""
        delivery.open_connector(tx, self.name, self.identity.site, self.audience.owner)
        stories.sort_lanes(tx, self.name)
        cursor, state = delivery.cursor(tx, self.name)
        self._courier.doubt(self._position if cursor < self._position else 0)
        self._position = cursor
        self._paused = state == "paused"
        self._said_waiting = state == "waiting"
        self.identity = epochs.identity(tx, self.identity.site, clock.now())
        self._blocked = stories.blocked(tx, self.name)
        self._dead = stories.dead(tx, self.name)
        self._has_waiting = stories.has_waiting(tx, self.name)
        self._untold = untold.waiting(tx, self.name)
        settings = connector_settings.of(tx, self.name, self.begins)
        self._pace.largest = max(1, min(settings["batch"].value, LARGEST_BATCH))
        self._pace.size = min(self._pace.size, self._pace.largest)
        self._late_after = settings["late_min"].value * clock.MINUTE
        self.audience = msgspec.structs.replace(self.audience, moves=bool(settings["moves"].value))

    def _follow(self) -> bool:
        """Offer the journal from where we stand, batch after batch while they are full; False at its end."""
        batch = self._read(self._position)
        if batch is None or self._interrupted:  # what was read may have happened after a person's pause
            return False
        while batch is not None:
            coming = self._errands.submit(self._carry, batch.messages)
            begun = time.thread_time()
            try:
                if self._unwritten.is_full:
                    self._write_down()  # while this batch is on its way
                following = self._read(batch.last) if batch.full else None
            except Exception:
                wait([coming])
                self._courier.doubt(batch.last)
                raise
            outcome = self._judge(batch, coming.result())
            self._unwritten.add(outcome)
            self._position = batch.last
            if any(one.state != "parked" for one in outcome.aside) or self._interrupted:
                break  # what was read ahead may have to be parked now
            batch = following if following is not None and following.full else None
            self._courtesy.worked(time.thread_time() - begun)
            if batch is not None:
                self._stopping.wait(self._courtesy.rest_s())
        self._write_down()
        return True

    def _carry(self, messages: list[Message]) -> list[Answer]:
        begun = time.thread_time()
        try:
            return self._courier.offer(messages)
        finally:
            self._courtesy.worked(time.thread_time() - begun)

    @property
    def _interrupted(self) -> bool:
        return bool(self.errands) or self._look_again.is_set() or self._stopping.is_set()

    def _read(self, after: int) -> Batch | None:
        with self._db.reading() as tx:
            return delivery.next_batch(
                tx,
                self.name,
                self.identity,
                after,
                self._pace.size,
                self._blocked,
                self.audience,
                self._courtesy.unhurried,
            )

    def _others(self, blamed: Message) -> list[Message]:
        """What waits next, of other documents than the event the sink stumbles over: is it ill, or is it the event?"""
        with self._db.reading() as tx:
            batch = delivery.next_batch(
                tx, self.name, self.identity, self._position, LOOK_AHEAD, self._blocked, self.audience
            )
        lane = blamed.document or blamed.key
        return [one for one in batch.messages if lane not in (one.document, one.key)] if batch else []

    def _judge(self, batch: Batch, answers: list[Answer]) -> Outcome:
        aside = [Aside(seq=seq, document=document, state="parked") for seq, document in batch.parked]
        fresh = again = late = 0
        late_before = clock.now() - self._late_after
        for message, answer in zip(batch.messages, answers, strict=True):
            match answer:
                case Applied():
                    fresh += 1
                    late += 0 < message.at < late_before
                case Duplicate():
                    again += 1
                case Held():
                    aside.append(Aside(seq=message.seq, document=message.document, state="parked"))
                case _:
                    aside.append(stories.stuck(message, answer))
                    if message.document:
                        self._blocked.setdefault(message.document, message.seq)
        self._answered.append((time.monotonic(), fresh + again))
        return Outcome(after=batch.after, last=batch.last, fresh=fresh, again=again, late=late, aside=aside)

    def _write_down(self) -> None:
        """All that the writer sees of us: one small job per batch, or per few while a backlog drains."""
        outcome = self._unwritten.outcome
        if outcome is None:
            return
        if not self._patiently(lambda tx: delivery.write_outcome(tx, self.name, outcome, clock.now())):
            self._look_again.set()
        self._unwritten.wipe()
        dead = sum(one.state == "dead" for one in outcome.aside)
        self._dead += dead
        if dead and self._dead >= MOST_DEAD:
            why = f"{self._dead:,} events were rejected: paused, because the mapping must be wrong, not the events."
            self._patiently(lambda tx: dead_letters.pause(tx, self.name, "Pickface", why))
            self._look_again.set()

    def _forget(self) -> bool:
        """What counts as untold is forgotten where the connector keeps it itself; False if nothing does."""
        wishes = self._untold
        if not wishes:
            return False
        if isinstance(self.connector, KeepsTold):
            try:
                self.connector.forget(wishes)
            except TransportError as problem:
                self._pace.failed(problem, 0)
                raise
        self._patiently(lambda tx: untold.done(tx, self.name, wishes))
        self._patiently(self._open)
        return True

    def _offer_again(self) -> bool:
        """Dead letters that were replayed, and what was parked behind one that is settled now; False if none waits."""
        if not self._has_waiting:
            return False
        with self._db.reading() as tx:
            messages = stories.waiting(tx, self.name, self.identity, self._pace.size)
        answers = self._courier.offer(messages, ask_first=True)
        pairs = list(zip(messages, answers, strict=True))
        fresh = [message.seq for message, answer in pairs if isinstance(answer, Applied)]
        again = [message.seq for message, answer in pairs if isinstance(answer, Duplicate)]
        stuck = [
            stories.stuck(message, answer) for message, answer in pairs if isinstance(answer, Rejected | NeedsApproval)
        ]
        now = clock.now()
        late = sum(isinstance(answer, Applied) and message.at < now - self._late_after for message, answer in pairs)

        def write(tx: Tx) -> None:
            stories.settle(tx, self.name, fresh=fresh, again=again, stuck=stuck, now=now)
            delivery.count(tx, self.name, fresh=len(fresh), again=len(again), late=late)

        self._patiently(write)
        self._patiently(self._open)
        return True

    def _patiently(self, work: Callable[[Tx], T]) -> T:
        """Write, and wait when the floor keeps the writer's queue full: its scans come first."""
        for _ in range(BUSY_TRIES):
            try:
                return self._db.do(work)
            except Busy:
                time.sleep(BUSY_S)
        raise Busy()

    def _say_waiting(self, problem: TransportError) -> None:
        if not self._said_waiting:
            self._said_waiting = True
            self._patiently(lambda tx: delivery.say(tx, self.name, "waiting", problem.sentence, clock.now()))

    def _say_sending(self) -> None:
        if self._said_waiting:
            self._said_waiting = False
            self._patiently(lambda tx: delivery.say(tx, self.name, "sending", "", clock.now()))
