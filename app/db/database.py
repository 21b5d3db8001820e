"""One database, on either engine: opening it, locking it, lending readers, handing jobs to the writer."""

import asyncio
import contextlib
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlparse

import psycopg
import pysqlite3.dbapi2 as sqlite
from sqlalchemy.sql import ClauseElement

from app.db.jobs import Job, Order, Plain
from app.db.node import Node
from app.db.statements import Statement, compiled
from app.db.tx import Tx
from app.db.writer import Writer
from app.errors import CannotStart

OLDEST_SQLITE = (3, 51, 3)  # before it a WAL reset can corrupt the file

T = TypeVar("T")


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
        self._statements: dict[int, Statement] = {}
        self._kept: list[ClauseElement] = []
        self._lock: Any = None
        self._local = threading.local()
        self._readers: list[Any] = []
        self.on_news: list[Callable[[set[str]], None]] = []
        self.node = Node(None if self.path is not None else self.connect)
        self.writer = Writer(self, queue_limit)

    # ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────
    def lock_instance(self) -> None:
        """Only one server may write an SQLite file; the lock dies with the process. PostgreSQL has room for several."""
        if self.path is None:
            self.node.hold()
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
            connection.execute("PRAGMA cache_size=-8192" if readonly else "PRAGMA cache_size=-65536")
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

    def compiled(self, statement: ClauseElement) -> Statement:
        """A Core constant as the driver runs it; kept for ever."""
        found = self._statements.get(id(statement))
        if found is None:
            found = self._statements[id(statement)] = compiled(statement, self.dialect)
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
                connection = self._local.reader = None
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
        self.writer.submit(Order(job, loop, future))
        return await future

    def write_now(self, job: Job[T]) -> T:
        """The same for plain threads."""
        future: Future[T] = Future()
        self.writer.submit(Order(job, None, future))
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
        self.node.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _reason(problem: Exception) -> str:
    """What a driver or the system said, as one line without a full stop."""
    told = (problem.strerror or "") if isinstance(problem, OSError) else str(problem)
    return " ".join(told.split()).rstrip(".?")
