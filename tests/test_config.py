"""Settings and start: whatever is wrong, the admin reads one clear sentence, and the command ends above zero.

Each command runs as a user runs it, in a process of its own. No traceback, no second line.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app import config
from app.db import Database
from app.errors import CannotStart
from tests import engines
from tests.faults.server import Server

ROOT = Path(__file__).parents[1]


def pickface(*words: str, folder: Path, **environment: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PICKFACE_")}
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), **environment},
        timeout=60,
    )
    return ended.returncode, ended.stdout, ended.stderr


def sentence(*words: str, folder: Path, **environment: str) -> str:
    """The one sentence a refused command says."""
    code, _, told = pickface(*words, folder=folder, **environment)
    assert code > 0, told
    assert "Traceback" not in told
    lines = told.splitlines()
    assert len(lines) == 1, told
    assert lines[0].endswith((".", "!"))
    assert lines[0][0].isupper()
    return lines[0]


def serve(database: str, folder: Path, **environment: str) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return sentence("serve", folder=folder, PICKFACE_DATABASE=database, PICKFACE_PORT=str(port), **environment)


# ── the settings ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.toml", "colour = 'red'", "The settings are wrong: Object contains unknown field `colour`."),
        ("a.toml", "port = 'eighty'", "The settings are wrong: Expected `int`, got `str` - at `$.port`."),
        ("a.toml", "[[stations]]\nname = 'Dock'", "missing required field `code` - at `$.stations[0]`."),
        ("a.toml", "[[printers]]\nname = 'L'\ndpi = 72", "Invalid enum value 72 - at `$.printers[0].dpi`."),
        ("a.toml", "port = = 3", "cannot be understood:"),
        ("a.json", "{", "cannot be understood:"),
        ("a.json", "[1]", "The settings are wrong:"),
    ],
)
def test_settings_that_cannot_be_meant_name_the_key(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CannotStart) as caught:
        config.load(tmp_path / name)
    assert told in str(caught.value)
    assert told in sentence("--config", name, "serve", folder=tmp_path)


def test_settings_that_are_not_there_or_not_text(tmp_path: Path) -> None:
    assert "none.toml cannot be read: No such file" in sentence("--config", "none.toml", "check", folder=tmp_path)
    (tmp_path / "bin.toml").write_bytes(b"\xff\xfe\x00")
    assert "cannot be understood" in sentence("--config", "bin.toml", "check", folder=tmp_path)


def test_the_environment_overrides_the_file_and_is_checked_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pickface.toml").write_text('port = 9000\nsite = "A"')
    monkeypatch.setenv("PICKFACE_PORT", "9001")
    found = config.load(tmp_path / "pickface.toml")
    assert (found.port, found.site) == (9001, "A")
    monkeypatch.setenv("PICKFACE_PORT", "many")
    with pytest.raises(CannotStart, match="PICKFACE_PORT"):
        config.load(tmp_path / "pickface.toml")
    assert "PICKFACE_PORT" in sentence("check", folder=tmp_path, PICKFACE_PORT="many")


def test_an_unset_warehouse_has_sound_settings() -> None:
    found = config.Settings()
    assert (found.host, found.inbox_secret, found.printer_loopback, found.demo) == ("127.0.0.1", "", False, False)
    assert msgspec.convert(msgspec.to_builtins(found), config.Settings) == found


# ── the database ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is a shopping list, not a database" * 99)
    before = (tmp_path / "x.db").read_bytes()
    assert "x.db cannot be opened: file is not a database." in serve(f"sqlite:///{tmp_path}/x.db", tmp_path)
    assert (tmp_path / "x.db").read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be opened: " in serve(f"sqlite:///{tmp_path}/file/x.db", tmp_path)


def test_a_database_that_is_a_folder(tmp_path: Path) -> None:
    assert "cannot be opened: " in serve(f"sqlite:///{tmp_path}", tmp_path)


@pytest.mark.parametrize("url", ["mysql://root@localhost/x", "pickface.db", ""])
def test_a_database_of_a_kind_we_do_not_know(tmp_path: Path, url: str) -> None:
    told = serve(url, tmp_path)
    assert told == "The database setting is neither sqlite:///path/file.db nor postgresql://user@host/name."


def test_a_postgresql_that_does_not_answer(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert serve(f"postgresql://nobody@127.0.0.1:{port}/x", tmp_path).startswith("PostgreSQL does not answer: ")


def test_a_database_of_a_newer_pickface(tmp_path: Path) -> None:
    url = engines.fresh_sqlite(tmp_path)
    connection = Database(url).connect()
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "written by a newer Pickface (schema 9999): install that version or restore." in serve(url, tmp_path)


def test_a_database_of_another_program(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    connection = database.connect()
    connection.execute("CREATE TABLE wp_posts (id int)")
    connection.close()
    assert "belongs to another program (it has a table wp_posts)" in serve(database.url, tmp_path)


def test_a_database_in_use_by_another_server(tmp_path: Path) -> None:
    url = engines.fresh_sqlite(tmp_path)
    with Server(url, tmp_path) as server:
        server.wait_ready()
        told = serve(url, tmp_path)
    assert "is in use by process " in told
    assert told.endswith("stop that server first.")


def test_a_database_locked_by_another_program(tmp_path: Path) -> None:
    url = engines.fresh_sqlite(tmp_path)
    connection = Database(url).connect()
    connection.execute("BEGIN IMMEDIATE")
    try:
        assert "database is locked." in serve(url, tmp_path)
    finally:
        connection.close()


def test_a_ledger_that_was_altered(tmp_path: Path) -> None:
    url = engines.fresh_sqlite(tmp_path)
    connection = Database(url).connect()
    connection.execute("UPDATE journal_head SET seq = 5")
    connection.close()
    assert serve(url, tmp_path).startswith("The ledger does not prove: ")
    code, out, told = pickface("check", folder=tmp_path, PICKFACE_DATABASE=url)
    assert (code, told) == (1, "")
    assert "head: The journal ends at 0, but its head says 5." in out
    assert out.rstrip().endswith("first bad event 1.")


def test_a_check_of_nothing_makes_no_database(tmp_path: Path) -> None:
    told = sentence("check", folder=tmp_path, PICKFACE_DATABASE=f"sqlite:///{tmp_path}/none.db")
    assert told == f"There is no database at {tmp_path}/none.db."
    assert list(tmp_path.glob("none*")) == []


def test_a_check_of_another_programs_database(tmp_path: Path) -> None:
    connection = Database(f"sqlite:///{tmp_path}/x.db").connect()
    connection.execute("CREATE TABLE wp_posts (id int)")
    connection.close()
    sentence("check", folder=tmp_path, PICKFACE_DATABASE=f"sqlite:///{tmp_path}/x.db")


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    url = engines.fresh_sqlite(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = sentence("serve", folder=tmp_path, PICKFACE_DATABASE=url, PICKFACE_PORT=port)
    assert f"127.0.0.1:{port}" in told
