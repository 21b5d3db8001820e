"""The one writer, with group commit.

Everything that writes queues here. The writer takes what waits (a group of at most 32), locks the journal head, runs the
jobs, commits once and only then answers: an answer means durable. A job that refuses after it wrote is taken back by
writing the group again with a SAVEPOINT around each job; without that a group saves two statements a job. A storage
error answers the group with 503, stops the writer and lets the process end: a half-alive writer is worse than none.

A thread of its own writes, with one exception. Each SQLite statement lets go of the interpreter lock, a busy event loop
takes it, and the writer waits to get it back, some twenty times a scan. So quick jobs (scans) are run by the loop they
came from, when it has taken in all that arrived, and only their commit, which waits for the disk, is the thread's.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import psycopg
import structlog

from app.db.jobs import Order, Runner
from app.errors import Busy, CannotStart, StorageFailed

if TYPE_CHECKING:
    from app.db.database import Database

GROUP = 32  # jobs behind one commit
RETRIES = 5  # of a whole group after a PostgreSQL serialization failure
LOOK_AGAIN_S = 1.0  # how often the thread looks whether the loop that should write is still there

log = structlog.get_logger()


class Writer:
    """Started on first use; `on_failure` is called once when storage fails."""

    def __init__(self, database: "Database", limit: int) -> None:
        self._database = database
        self._limit = limit
        self._waiting: deque[Order] = deque()
        self._bell = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._connection: Any = None
        self._whose: Literal["nobody", "thread"] | asyncio.AbstractEventLoop = "nobody"  # who writes now
        self._is_remote = database.path is None
        self._runner = Runner(database)
        self._ran: tuple[list[Order], set[str]] | None = None  # run by the loop, to be committed by the thread
        self._stopping = False
        self.at_work = False  # is a group of scans run by the loop this very moment? Whoever has time waits
        self.failed: str | None = None
        self.on_failure: Callable[[str], None] = lambda sentence: None

    def submit(self, order: Order) -> None:
        with self._bell:  # a failing writer takes all that waits under the same lock: nobody is left behind
            if self.failed is not None:
                raise StorageFailed()
            if self._stopping or len(self._waiting) >= self._limit:
                raise Busy()
            self._waiting.append(order)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
                self._thread.start()
            if self._whose == "nobody":
                self._pass_on()

    def stop(self) -> None:
        """Finish what waits, then end."""
        with self._bell:
            self._stopping = True
            self._bell.notify()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _pass_on(self) -> None:
        """Under the lock: who writes what waits now?"""
        self._whose = "thread" if self._waiting else "nobody"
        loop = self._waiting[0].loop if self._waiting else None
        if loop is not None and self._for_loop(self._waiting[0]):
            with contextlib.suppress(RuntimeError):  # it closed meanwhile
                # Twice around, so that it first sends the answers it was just given, and reads what came with them.
                loop.call_soon_threadsafe(loop.call_soon, self._run_here, loop)
                self._whose = loop
                return
        self._bell.notify()

    def _for_loop(self, order: Order) -> bool:
        """PostgreSQL answers over a socket, and no loop may wait for one."""
        return order.job.quick and order.loop is not None and self._connection is not None and not self._is_remote

    def _run_here(self, loop: asyncio.AbstractEventLoop) -> None:
        """On the loop: run its quick jobs at the head of the queue."""
        group: list[Order] = []
        with self._bell:
            while (
                self._waiting
                and len(group) < GROUP
                and self._waiting[0].loop is loop
                and self._for_loop(self._waiting[0])
            ):
                group.append(self._waiting.popleft())
        self.at_work = True
        try:
            news = self._runner.run(self._connection, group)
        except Exception as problem:
            self._fail(f"{type(problem).__name__}: {problem}", group)
            return
        finally:
            self.at_work = False
        with self._bell:
            self._ran, self._whose = (group, news), "thread"
            self._bell.notify()

    def _work(self) -> None:
        """The thread: write, or commit what the loop has run, and answer."""
        try:
            self._connection = connection = self._database.connect()
        except CannotStart as problem:
            self._fail(str(problem), [])
            return
        while (given := self._next()) is not None:
            group, news = given
            try:
                if news is None:
                    news = self._write(connection, group)
                else:
                    self._commit(connection, group)
            except Exception as problem:
                self._fail(f"{type(problem).__name__}: {problem}", group)
                return
            self._answer(group)
            if news:
                self._tell(news)
            with self._bell:
                self._pass_on()
        with contextlib.suppress(Exception):
            if not self._is_remote:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()

    def _next(self) -> tuple[list[Order], set[str] | None] | None:
        """A group to write, or one that was run, with its news; None at the end."""
        with self._bell:
            while self._whose != "thread":
                if self.failed is not None or (self._stopping and self._whose == "nobody"):
                    return None
                self._bell.wait(LOOK_AGAIN_S)
                if isinstance(self._whose, asyncio.AbstractEventLoop) and self._whose.is_closed():
                    self._whose = "thread"  # it ended before it came to our group
            if self._ran is not None:
                ran, self._ran = self._ran, None
                return ran
            return self._take(GROUP), None

    def _tell(self, news: set[str]) -> None:
        for listener in self._database.on_news:
            try:
                listener(news)
            except Exception:  # a board that cannot be told must not stop the floor
                log.exception("a listener to the journal failed")

    def _take(self, most: int) -> list[Order]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), most))]

    def _write(self, connection: Any, group: list[Order]) -> set[str]:
        """One transaction for the whole group; again when PostgreSQL could not line it up with another node's."""
        for _ in range(RETRIES):
            try:
                news = self._runner.run(connection, group)
                self._commit(connection, group)
                return news
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as problem:
                last: Exception = problem
            connection.execute("ROLLBACK")
        raise last

    def _commit(self, connection: Any, group: list[Order]) -> None:
        """From here on the group is durable, and not a moment before."""
        connection.execute("COMMIT")

    def _answer(self, group: list[Order]) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[Order]] = {}
        for order in group:
            if order.loop is None:
                order.settle()
            else:
                loops.setdefault(order.loop, []).append(order)
        for loop, orders in loops.items():
            with contextlib.suppress(RuntimeError):  # the loop closed while we wrote
                loop.call_soon_threadsafe(_settle_all, orders)

    def _fail(self, sentence: str, group: list[Order]) -> None:
        with self._bell:
            self.failed = sentence
            group = group + self._take(len(self._waiting))
        for order in group:
            order.result, order.problem = None, StorageFailed()
        self._answer(group)
        self.on_failure(sentence)


def _settle_all(orders: list[Order]) -> None:
    for order in orders:
        order.settle()
