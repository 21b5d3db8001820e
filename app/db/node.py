"""Which servers work on a database just now. Each has a name of its own, and what it had under way is known by it.

An SQLite file has one server at a time (`Database.lock_instance`), so whatever another name left there is left for good.
Several servers may share one PostgreSQL database: each holds an advisory lock that the database drops with the server's
connection, however it ended. So a server that starts can tell the labels of a dead one from those its living neighbour
is sending this moment.
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
HOLD = "SELECT pg_try_advisory_lock(%s, %s)"
HELD = (
    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objid = %s"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


class Node:
    """One server at its database: `connect` opens a connection of its own where the engine is shared, else None."""

    def __init__(self, connect: Callable[[], Any] | None) -> None:
        self.name = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"
        self._connect = connect
        self._connection: Any = None
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

    def close(self) -> None:
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _held(self) -> Any:
        """Our connection, with the lock on it."""
        assert self._connect is not None
        if self._connection is not None:
            try:
                self._connection.execute("")
                return self._connection
            except psycopg.OperationalError:
                self._connection = None
        self._connection = self._connect()
        self._connection.execute(HOLD, (OUR_NODES, _number(self.name)))
        return self._connection


def _number(name: str) -> int:
    return zlib.crc32(name.encode()) & 0x7FFF_FFFF
