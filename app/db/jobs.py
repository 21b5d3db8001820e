"""Jobs, and how a group of them is run within one transaction.

Most groups meet no refusal after a write and need no savepoints; one that does is run again from the start with a
SAVEPOINT around each job. Each job's result or trouble is its own: a refusal, a defect and a broken constraint leave the
others of the group alone. Only storage that fails ends them all.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import psycopg
import pysqlite3.dbapi2 as sqlite
from sqlalchemy import bindparam, select, update

from app import schema
from app.db.tx import Memory, Tx
from app.errors import Refusal

if TYPE_CHECKING:
    from app.db.database import Database

# SQLite's own codes: PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
DISK_FAILED = frozenset({3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26})
# PostgreSQL's classes: connection, rollback, no resources, operator, system, its own defect; and a read-only standby.
SERVER_FAILED = ("08", "40", "53", "57", "58", "XX", "25006")
QUERY_CANCELED = "57014"  # somebody ended this one statement; the server is well

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_HEAD = schema.stock.journal_head
LOCK_HEAD = select(_HEAD.c.seq, _HEAD.c.hash).where(_HEAD.c.one == 1).with_for_update()
SET_HEAD = update(_HEAD).where(_HEAD.c.one == 1).values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))


class Job(Protocol[T_co]):
    """Something to write. `refused` may turn a refusal into an answer, after its work was taken back.

    A `quick` job takes about a millisecond: the event loop may run it.
    """

    @property
    def quick(self) -> bool: ...

    def run(self, tx: Tx) -> T_co: ...

    def refused(self, tx: Tx, refusal: Refusal) -> T_co: ...


class Plain(Generic[T]):
    """A job without an answer to its refusals: they are raised to the caller."""

    def __init__(self, work: Callable[[Tx], T], *, quick: bool = False) -> None:
        self.run = work
        self.quick = quick

    def refused(self, tx: Tx, refusal: Refusal) -> T:
        raise refusal


class _TakeBack(Exception):
    """A job of a group without savepoints must be taken back: the group is written again, with them."""


class Order:
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


class Runner:
    """Runs groups, and remembers what they read from one to the next where nobody else writes."""

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._memory = Memory()
        self._others = 0  # SQLite's count of what other connections wrote

    def run(self, connection: Any, orders: list[Order]) -> set[str]:
        """All of it but the commit. Most groups meet no refusal after a write and need no savepoints; one that does is
        run again with them.
        """
        try:
            return self._once(connection, orders, careful=False)
        except _TakeBack:
            connection.execute("ROLLBACK")
            self._memory = Memory()
            return self._once(connection, orders, careful=True)

    def _once(self, connection: Any, orders: list[Order], careful: bool) -> set[str]:
        execute = connection.execute
        if self._database.path is None:
            execute("BEGIN")
            tx = Tx(self._database, connection)
        else:
            execute("BEGIN IMMEDIATE")
            others = execute("PRAGMA data_version").fetchone()[0]  # grows when anybody else has written
            if others != self._others:
                self._others, self._memory = others, Memory()
            tx = Tx(self._database, connection, self._memory)
        head = tx.row(LOCK_HEAD)
        start = tx.head = (head[0], bytes(head[1])) if head is not None else None
        for order in orders:
            order.problem = order.result = None
            before, told = tx.head, set(tx.news)

            def take_back(before: tuple[int, bytes] | None = before, told: set[str] = told) -> None:
                if careful:
                    execute("ROLLBACK TO turn")
                    tx.memory.forget()
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
                if is_storage(problem):
                    raise
                if not isinstance(problem, Refusal):
                    tx.wrote = True  # whatever it did, and whatever state the engine is in
                take_back()
                order.problem = problem
            if careful:
                execute("RELEASE turn")
        if tx.head is not None and tx.head != start:
            tx.run(SET_HEAD, new_seq=tx.head[0], new_hash=tx.head[1])
        return tx.news


def is_storage(problem: Exception) -> bool:
    """Did the disk or the server fail, or only this job? Constraints, wrong SQL and too long texts are the job's own."""
    if isinstance(problem, sqlite.Error):
        return getattr(problem, "sqlite_errorcode", 0) & 0xFF in DISK_FAILED
    if isinstance(problem, psycopg.Error):
        state = problem.sqlstate
        if state is None:  # never reached the server, or never came back
            return isinstance(problem, (psycopg.OperationalError, psycopg.InterfaceError))
        return state.startswith(SERVER_FAILED) and state != QUERY_CANCELED
    return False
