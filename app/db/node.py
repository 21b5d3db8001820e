"""Which servers work on a database just now. Each has a name of its own, and what it had under way is known by it.

An SQLite file has one server at a time (`Database.lock_instance`), so whatever another name left there is left for good.
Several servers may share one PostgreSQL database: each holds an advisory lock that the database drops with the server's
connection, however it ended. So a server that starts can tell the labels of a dead one from those its living neighbour
is sending this moment. What only one of them may do (speak to an ERP) is a lock on the same connection: whoever lost the
connection lost all of them, and finds that out by asking over this very connection before each thing it does.
"""

import os
import secrets
import socket
import threading
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

OUR_NODES = 7_425_224  # the first half of our advisory locks' number; the second is the server's name
# A host that lost its power says no good-bye: PostgreSQL gives it up after 5 + 3 × 2 s. A killed process is known at once.
KNOCKS = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3"
LONGEST_HOST = 30  # characters; PostgreSQL keeps 63 bytes of a connection's name
NAMED = "SELECT set_config('application_name', %s, false)"
HOLD = "SELECT pg_try_advisory_lock(%s, %s)"
HELD = (
    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objid = %s"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
HOLDER = (
    "SELECT coalesce(a.application_name, '') FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
GIVE_UP = "SELECT pg_advisory_unlock(%s, %s)"


class Node:
    """One server at its database: `connect` opens a connection of its own where the engine is shared, else None."""

    def __init__(self, connect: Callable[[], Any] | None) -> None:
        self.name = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"
        self.spoken = f"{socket.gethostname()[:LONGEST_HOST]}, process {os.getpid()}"  # for a person who looks for us
        self._connect = connect
        self._connection: Any = None
        self._locks: set[tuple[int, str]] = set()  # what else we hold on the connection: kind and name
        self._guard = threading.Lock()

    def hold(self) -> None:
        """Others see from now on that we work here; said anew where PostgreSQL closed the connection meanwhile."""
        if self._connect is not None:
            with self._guard:
                self._held()

    def is_running(self, name: str) -> bool:
        """Does the server of that name work here? Where it lost its connection, its labels are decided by a person."""
        if name == self.name:
            return True
        if self._connect is None:
            return False
        with self._guard:
            return bool(self._held().execute(HELD, (OUR_NODES, _number(name))).fetchone()[0])

    def left_behind(self, names: Iterable[str], *, own: bool) -> list[str]:
        """Of these servers those that are no more; `own`: at the start, what bears our name is a dead one's, too."""
        return [name for name in names if (own if name == self.name else not self.is_running(name))]

    # ── what only one server does ────────────────────────────────────────────────────────────────────────────────
    def take(self, kind: int, name: str) -> bool:
        """Take this lock where nobody has it. Is it ours? Always, where the engine has one server."""
        if self._connect is None:
            return True
        with self._guard:
            connection = self._held()
            if (kind, name) not in self._locks and connection.execute(HOLD, (kind, _number(name))).fetchone()[0]:
                self._locks.add((kind, name))
            return (kind, name) in self._locks

    def holds(self, kind: int, name: str) -> bool:
        """Is it ours still? Asks PostgreSQL; one that was lost with the connection is not taken again by this."""
        if self._connect is None:
            return True
        with self._guard:
            return self._is_connected() and (kind, name) in self._locks

    def holder(self, kind: int, name: str) -> str:
        """Who has it, in words; empty: nobody."""
        with self._guard:
            found = None if self._connect is None else self._held().execute(HOLDER, (kind, _number(name))).fetchone()
        return str(found[0]) if found else ""

    def give_up(self, kind: int, name: str) -> None:
        with self._guard:
            if (kind, name) in self._locks and self._is_connected():
                self._connection.execute(GIVE_UP, (kind, _number(name)))
            self._locks.discard((kind, name))

    def close(self) -> None:
        with self._guard:
            if self._connection is not None:
                self._connection.close()
            self._forget()

    def _held(self) -> Any:
        """Our connection, with the lock on it."""
        assert self._connect is not None
        if not self._is_connected():
            self._connection = self._connect()
            self._connection.execute(KNOCKS)
            self._connection.execute(NAMED, (self.spoken,))
            self._connection.execute(HOLD, (OUR_NODES, _number(self.name)))
        return self._connection

    def _is_connected(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute("")
        except psycopg.OperationalError:
            self._forget()
        return self._connection is not None

    def _forget(self) -> None:
        self._connection = None
        self._locks.clear()


def _number(name: str) -> int:
    return zlib.crc32(name.encode()) & 0x7FFF_FFFF
