"""The database door: one writer, many readers, SQLite and PostgreSQL alike.

Everything that writes queues to one thread per process. It takes what waits (a group of at most 32), locks the journal
head, runs the jobs, commits once and only then answers: an answer means durable. A job that refuses after it wrote is
taken back by writing the group again with a SAVEPOINT around each job; without that a group saves two statements a job.
Statements are SQLAlchemy Core constants compiled once to driver SQL and run on the driver's own cursor, which is three
times the speed of `Connection.execute`. A storage error answers the group with 503, stops the writer and lets the
process end: a half-alive writer is worse than none.
"""

import asyncio
import contextlib
import fcntl
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast
from urllib.parse import urlparse

import msgspec
import psycopg
import pysqlite3.dbapi2 as sqlite
import structlog
from sqlalchemy import UpdateBase, bindparam, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.sql import ClauseElement

from app import schema
from app.errors import Busy, CannotStart, Refusal, StorageFailed

GROUP = 32  # jobs behind one commit
RETRIES = 5  # of a whole group after a PostgreSQL serialization failure
OLDEST_SQLITE = (3, 51, 3)  # before it a WAL reset can corrupt the file

# SQLite's own codes: PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
DISK_FAILED = frozenset({3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26})
# PostgreSQL's classes: connection, rollback, no resources, operator, system, its own defect; and a read-only standby.
SERVER_FAILED = ("08", "40", "53", "57", "58", "XX", "25006")
QUERY_CANCELED = "57014"  # somebody ended this one statement; the server is well

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
S = TypeVar("S", bound=msgspec.Struct)
Values = dict[str, Any]
Row = tuple[Any, ...]
log = structlog.get_logger()

_HEAD = schema.stock.journal_head
LOCK_HEAD = select(_HEAD.c.seq, _HEAD.c.hash).where(_HEAD.c.one == 1).with_for_update()
SET_HEAD = update(_HEAD).where(_HEAD.c.one == 1).values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))


class Job(Protocol[T_co]):
    """Something to write. `refused` may turn a refusal into an answer, after its work was taken back."""

    def run(self, tx: "Tx") -> T_co: ...

    def refused(self, tx: "Tx", refusal: Refusal) -> T_co: ...


class Tx:
    """One transaction's hands. `head` is the journal's last (seq, hash), kept by the writer; None when reading."""

    __slots__ = ("_compiled", "_run", "connection", "dialect", "head", "news", "wrote")

    def __init__(self, database: "Database", connection: Any) -> None:
        self.connection = connection
        self.dialect = database.dialect
        self.head: tuple[int, bytes] | None = None
        self.news: set[str] = set()
        self.wrote = False  # has the job under way changed anything yet?
        self._run = connection.execute
        self._compiled = database.compiled

    def run(self, statement: ClauseElement, /, **values: Any) -> int:
        """Execute; the number of rows touched."""
        self.wrote = True
        sql, fixed = self._compiled(statement)
        return cast(int, self._run(sql, {**fixed, **values} if fixed else values).rowcount)

    def many(self, statement: ClauseElement, rows: list[Values]) -> None:
        """Execute once per row."""
        if not rows:
            return
        self.wrote = True
        sql, fixed = self._compiled(statement)
        if fixed:
            rows = [{**fixed, **row} for row in rows]
        cursor = self.connection.cursor()
        cursor.executemany(sql, rows)
        cursor.close()

    def row(self, statement: ClauseElement, /, **values: Any) -> Row | None:
        self.wrote = self.wrote or isinstance(statement, UpdateBase)  # RETURNING
        sql, fixed = self._compiled(statement)
        return cast(Row | None, self._run(sql, {**fixed, **values} if fixed else values).fetchone())

    def rows(self, statement: ClauseElement, /, **values: Any) -> list[Row]:
        self.wrote = self.wrote or isinstance(statement, UpdateBase)  # RETURNING
        sql, fixed = self._compiled(statement)
        return cast(list[Row], self._run(sql, {**fixed, **values} if fixed else values).fetchall())

    def value(self, statement: ClauseElement, /, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.row(statement, **values)
        return None if row is None else row[0]

    def one(self, statement: ClauseElement, into: type[S], /, **values: Any) -> S | None:
        """The first row as a struct whose fields are named like the columns."""
        row = self.row(statement, **values)
        return None if row is None else into(**dict(zip(_names(statement), row, strict=True)))

    def all(self, statement: ClauseElement, into: type[S], /, **values: Any) -> list[S]:
        names = _names(statement)
        return [into(**dict(zip(names, row, strict=True))) for row in self.rows(statement, **values)]

    def tell(self, topic: str) -> None:
        """Wake the desk boards that watch `topic`, once this is committed."""
        self.news.add(topic)


_COLUMN_NAMES: dict[int, tuple[str, ...]] = {}


def _names(statement: ClauseElement) -> tuple[str, ...]:
    names = _COLUMN_NAMES.get(id(statement))
    if names is None:
        names = _COLUMN_NAMES[id(statement)] = tuple(statement.selected_columns.keys())  # type: ignore[attr-defined]
    return names


class Database:
    """One database, opened by URL: `sqlite:///path/file.db` or `postgresql://user@/name?host=/socket/folder`.

    Raises CannotStart where the file is locked by another server, too new or not a database, or SQLite is too old.
    """

    def __init__(self, url: str, *, queue_limit: int = 256) -> None:
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise CannotStart("The database setting is neither sqlite:///path/file.db nor postgresql://user@host/name.")
        self.url = url
        self.dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.path = Path(urlparse(url).path.removeprefix("/")) if self.dialect == "sqlite" else None
        if self.path is not None and url.startswith("sqlite:////"):
            self.path = Path("/") / self.path
        self._statements: dict[int, tuple[str, Values]] = {}
        self._kept: list[ClauseElement] = []
        self._lock: Any = None
        self._local = threading.local()
        self._readers: list[Any] = []
        self.on_news: list[Callable[[set[str]], None]] = []
        self.writer = Writer(self, queue_limit)

    # ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────
    def lock_instance(self) -> None:
        """Only one server may write an SQLite file; the lock dies with the process."""
        if self.path is None or self._lock is not None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = open(f"{self.path}.lock", "a+")  # noqa: SIM115  held for the life of the process
        except OSError as problem:
            raise CannotStart(f"The database {self.path} cannot be opened: {problem.strerror}.") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            owner = handle.read().strip() or "another process"
            handle.close()
            raise CannotStart(f"The database {self.path} is in use by {owner}: stop that server first.") from None
        handle.seek(0)
        handle.truncate()
        handle.write(f"process {os.getpid()}")
        handle.flush()
        self._lock = handle

    def connect(self, *, readonly: bool = False) -> Any:
        """A driver connection with our settings. Only this module calls the drivers."""
        return self._connect_sqlite(readonly) if self.path is not None else self._connect_postgresql(readonly)

    def _connect_sqlite(self, readonly: bool) -> Any:
        if sqlite.sqlite_version_info < OLDEST_SQLITE:
            raise CannotStart(
                f"SQLite {sqlite.sqlite_version} can corrupt its log; Pickface needs 3.51.3 or newer: "
                "install the package pysqlite3, or use PostgreSQL."
            )
        assert self.path is not None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite.connect(str(self.path), isolation_level=None, check_same_thread=False, timeout=5)
            kept = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            if kept != "wal":
                raise CannotStart(f"The database {self.path} cannot keep a write-ahead log here: use a local disk.")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA recursive_triggers=ON")  # INSERT OR REPLACE must not slip past the triggers
            connection.execute("PRAGMA wal_autocheckpoint=0" if readonly else "PRAGMA wal_autocheckpoint=4000")
            connection.execute("PRAGMA cache_size=-65536")
            connection.execute("PRAGMA mmap_size=268435456")
            connection.execute("PRAGMA temp_store=MEMORY")
            if readonly:
                connection.execute("PRAGMA query_only=ON")
        except (sqlite.DatabaseError, OSError) as problem:
            raise CannotStart(f"The database {self.path} cannot be opened: {_reason(problem)}.") from None
        return connection

    def _connect_postgresql(self, readonly: bool) -> Any:
        try:
            connection = psycopg.connect(self.url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
        except (psycopg.OperationalError, psycopg.ProgrammingError) as problem:  # down, or a URL that says nonsense
            raise CannotStart(f"PostgreSQL does not answer: {_reason(problem)}.") from None
        connection.prepare_threshold = 1
        if readonly:
            connection.execute("SET default_transaction_read_only = on")
            connection.execute("SET statement_timeout = '30s'")
        return connection

    def checkpoint(self) -> None:
        """Have all that is committed synced into the file, before anybody is answered from it.

        A server killed between writing and syncing leaves commits that a fresh one reads and would confirm although a
        power cut can still take them.
        """
        if self.path is not None:
            connection = self.connect()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()

    def compiled(self, statement: ClauseElement) -> tuple[str, Values]:
        """The driver's SQL of a Core constant and the values fixed in it; compiled at first use, kept for ever."""
        found = self._statements.get(id(statement))
        if found is None:
            dialect = (
                sqlite_dialect.dialect(paramstyle="named")
                if self.dialect == "sqlite"
                else postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
            )
            compiled = statement.compile(dialect=dialect)
            fixed = {name: value for name, value in (compiled.params or {}).items() if value is not None}
            found = self._statements[id(statement)] = (str(compiled), fixed)
            self._kept.append(statement)  # an id is only good while its object lives
        return found

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────
    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A consistent snapshot to read from, on this thread's own connection."""
        connection = self._reader()
        connection.execute("BEGIN" if self.dialect == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            yield Tx(self, connection)
        finally:
            with contextlib.suppress(psycopg.OperationalError):  # the server went away meanwhile: see _reader
                connection.execute("ROLLBACK")

    def _reader(self) -> Any:
        """This thread's connection; a new one where PostgreSQL closed it since the last look."""
        connection = getattr(self._local, "reader", None)
        if connection is not None and self.dialect == "postgresql":
            try:
                connection.execute("")
            except psycopg.OperationalError:
                self._readers.remove(connection)
                connection = None
        if connection is None:
            connection = self._local.reader = self.connect(readonly=True)
            self._readers.append(connection)
        return connection

    async def read(self, look: Callable[[Tx], T]) -> T:
        """`look` at a snapshot on a worker thread, away from the event loop."""

        def on_thread() -> T:
            with self.reading() as tx:
                return look(tx)

        return await asyncio.to_thread(on_thread)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────
    async def write(self, job: Job[T]) -> T:
        """Have `job` written; returns after it is durable. Raises Busy, StorageFailed or the job's own refusal."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self.writer.submit(_Order(job, loop, future))
        return await future

    def write_now(self, job: Job[T]) -> T:
        """The same for plain threads."""
        future: Future[T] = Future()
        self.writer.submit(_Order(job, None, future))
        return future.result()

    def do(self, work: Callable[[Tx], T]) -> T:
        """Write a plain function's work."""
        return self.write_now(Plain[T](work))

    async def ado(self, work: Callable[[Tx], T]) -> T:
        return await self.write(Plain[T](work))

    def close(self) -> None:
        self.writer.stop()
        for connection in self._readers:
            with contextlib.suppress(Exception):
                connection.close()
        self._readers.clear()
        self._local = threading.local()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


class Plain(Generic[T]):
    """A job without an answer to its refusals: they are raised to the caller."""

    def __init__(self, work: Callable[[Tx], T]) -> None:
        self.run = work

    def refused(self, tx: Tx, refusal: Refusal) -> T:
        raise refusal


class _TakeBack(Exception):
    """A job of a group without savepoints must be taken back: the group is written again, with them."""


class _Order:
    """A job and who waits for it."""

    __slots__ = ("future", "job", "loop", "problem", "result")

    def __init__(self, job: Job[Any], loop: asyncio.AbstractEventLoop | None, future: Any) -> None:
        self.job = job
        self.loop = loop
        self.future = future
        self.result: Any = None
        self.problem: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():  # the client went away; what was written stays written
            return
        if self.problem is not None:
            self.future.set_exception(self.problem)
        else:
            self.future.set_result(self.result)


class Writer:
    """The one thread that writes. Started on first use; `on_failure` is called once when storage fails."""

    def __init__(self, database: Database, limit: int) -> None:
        self._database = database
        self._limit = limit
        self._waiting: deque[_Order] = deque()
        self._bell = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._stopping = False
        self.failed: str | None = None
        self.on_failure: Callable[[str], None] = lambda sentence: None

    def submit(self, order: _Order) -> None:
        with self._bell:  # a failing writer takes all that waits under the same lock: nobody is left behind
            if self.failed is not None:
                raise StorageFailed()
            if self._stopping or len(self._waiting) >= self._limit:
                raise Busy()
            self._waiting.append(order)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
                self._thread.start()
            self._bell.notify()

    def stop(self) -> None:
        """Finish what waits, then end."""
        with self._bell:
            self._stopping = True
            self._bell.notify()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _work(self) -> None:
        try:
            connection = self._database.connect()
        except CannotStart as problem:
            self._fail(str(problem), self._take(self._limit))
            return
        waiting, bell = self._waiting, self._bell
        while True:
            with bell:
                while not waiting and not self._stopping:
                    bell.wait()
                if not waiting:
                    break
                group = self._take(GROUP)
            try:
                news = self._write(connection, group)
            except Exception as problem:
                self._fail(f"{type(problem).__name__}: {problem}", group)
                return
            self._answer(group)
            if news:
                self._tell(news)
        with contextlib.suppress(Exception):
            if self._database.dialect == "sqlite":
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()

    def _tell(self, news: set[str]) -> None:
        for listener in self._database.on_news:
            try:
                listener(news)
            except Exception:  # a board that cannot be told must not stop the floor
                log.exception("a listener to the journal failed")

    def _take(self, most: int) -> list[_Order]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), most))]

    def _write(self, connection: Any, group: list[_Order]) -> set[str]:
        """One transaction for the whole group; again from the start when a job must be taken back out of it."""
        careful = False
        for _ in range(RETRIES):
            try:
                return self._write_once(connection, group, careful)
            except _TakeBack:
                careful = True
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as problem:
                last: Exception = problem
            connection.execute("ROLLBACK")
        raise last

    def _write_once(self, connection: Any, group: list[_Order], careful: bool) -> set[str]:
        """Most groups meet no refusal after a write, so they need no savepoints; one that does is written again with them."""
        tx = Tx(self._database, connection)
        execute = connection.execute
        execute("BEGIN IMMEDIATE" if tx.dialect == "sqlite" else "BEGIN")
        head = tx.row(LOCK_HEAD)
        start = tx.head = (head[0], bytes(head[1])) if head is not None else None
        for order in group:
            order.problem = order.result = None
            before, told = tx.head, set(tx.news)

            def take_back(before: tuple[int, bytes] | None = before, told: set[str] = told) -> None:
                if careful:
                    execute("ROLLBACK TO turn")
                elif tx.wrote:
                    raise _TakeBack
                tx.head, tx.news = before, told

            if careful:
                execute("SAVEPOINT turn")
            tx.wrote = False
            try:
                try:
                    order.result = order.job.run(tx)
                except Refusal as refusal:
                    take_back()
                    tx.wrote = False
                    order.result = order.job.refused(tx, refusal)
            except _TakeBack:
                raise
            except Exception as problem:  # a refusal without an answer, or a defect of this job alone
                if _is_storage(problem):
                    raise
                if not isinstance(problem, Refusal):
                    tx.wrote = True  # whatever it did, and whatever state the engine is in
                take_back()
                order.problem = problem
            if careful:
                execute("RELEASE turn")
        if tx.head is not None and tx.head != start:
            tx.run(SET_HEAD, new_seq=tx.head[0], new_hash=tx.head[1])
        execute("COMMIT")
        return tx.news

    def _answer(self, group: list[_Order]) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[_Order]] = {}
        for order in group:
            if order.loop is None:
                order.settle()
            else:
                loops.setdefault(order.loop, []).append(order)
        for loop, orders in loops.items():
            with contextlib.suppress(RuntimeError):  # the loop closed while we wrote
                loop.call_soon_threadsafe(_settle_all, orders)

    def _fail(self, sentence: str, group: list[_Order]) -> None:
        with self._bell:
            self.failed = sentence
            group = group + self._take(len(self._waiting))
        for order in group:
            order.result, order.problem = None, StorageFailed()
        self._answer(group)
        self.on_failure(sentence)


def _settle_all(orders: list[_Order]) -> None:
    for order in orders:
        order.settle()


def _is_storage(problem: Exception) -> bool:
    """Did the disk or the server fail, or only this job? Constraints, wrong SQL and too long texts are the job's own."""
    if isinstance(problem, sqlite.Error):
        return getattr(problem, "sqlite_errorcode", 0) & 0xFF in DISK_FAILED
    if isinstance(problem, psycopg.Error):
        state = problem.sqlstate
        if state is None:  # never reached the server, or never came back
            return isinstance(problem, (psycopg.OperationalError, psycopg.InterfaceError))
        return state.startswith(SERVER_FAILED) and state != QUERY_CANCELED
    return False


def _reason(problem: Exception) -> str:
    """What a driver or the system said, as one line without a full stop."""
    told = (problem.strerror or "") if isinstance(problem, OSError) else str(problem)
    return " ".join(told.split()).rstrip(".?")
