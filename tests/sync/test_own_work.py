"""What the house does by itself and no longer gets done rings, in words, and is silent again when it is done."""

import asyncio
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from app import clock, dropped_tables, main
from app.config import Settings
from app.db import Database
from app.schema.items import item
from app.web import live
from sync import doors, inbox_folder, own_work
from sync.availability import feed as feeds
from sync.inbox_folder import FolderShut
from sync.rounds import Round
from tests import engines
from tests.sync.sink import until
from tests.sync.test_availability import KEY
from tests.sync.test_inbound import drop, event, look

NOBODY = 65534


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    built = Database(engines.fresh("sqlite", tmp_path))
    yield built
    built.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "drop"
    made.mkdir()
    return made


def ringing(*rounds: Round) -> list[str]:
    return [f"{one.code}: {one.sentence}" for one in own_work.alarms(rounds, None)]


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_folder_that_cannot_be_put_away_into_rings_after_five_minutes_until_it_can(
    database: Database, folder: Path
) -> None:
    [_, jsonl] = doors.rounds(database, str(folder))
    tables = Round("dropped tables", 2, lambda: dropped_tables.read(database, folder, Settings()), rings="inbox_folder")
    (folder / "done").write_text("somebody's notes", encoding="utf-8")
    drop(folder, "1.jsonl", event("1", "item.upsert", "TEA"))
    now = clock.now()
    for minutes, rings in ((0, False), (4, False), (5, True), (70, True)):
        with clock.frozen(now + minutes * clock.MINUTE):
            for one in (jsonl, tables):
                one.walk()
            told = (
                f"inbox_folder: What the ERP drops has not been taken in whole for {minutes} minutes. "
                f"{folder / 'done'} is no folder: something else of that name is in its place."
            )
            assert ringing(jsonl, tables) == ([told] if rings else []), "once, for both who read the folder"
    (folder / "done").unlink()
    with clock.frozen(now + 71 * clock.MINUTE):
        for one in (jsonl, tables):
            one.walk()
        assert ringing(jsonl, tables) == []
    assert look(database, item.c.code) == [("TEA",)]


def test_one_failure_between_good_rounds_never_rings() -> None:
    fails = [True, False, True, True]
    one = Round("note", 2, lambda: Path("/nowhere/at/all").read_text(encoding="utf-8") if fails.pop(0) else None)
    now = clock.now()
    for minutes, rings in ((0, False), (10, False), (20, False), (26, True)):
        with clock.frozen(now + minutes * clock.MINUTE):
            one.walk()
            assert bool(ringing(one)) is rings, minutes
    with clock.frozen(now + 26 * clock.MINUTE):
        assert ringing(one) == [
            "work_fails: “note” has come to nothing for 6 minutes. No such file or directory: /nowhere/at/all."
        ]


def test_work_that_never_comes_back_rings(tmp_path: Path) -> None:
    """A named pipe nobody writes to hangs as a network drive does."""
    pipe = tmp_path / "drive"
    os.mkfifo(pipe)
    one = Round("inbox folder", 2, pipe.read_bytes, rings="inbox_folder")
    now = clock.now()
    with clock.frozen(now):
        at_it = threading.Thread(target=one.walk, daemon=True)
        at_it.start()
        until(lambda: one._began == now, "it begins")
    with clock.frozen(now + 29 * clock.MINUTE):
        assert ringing(one) == []
    with clock.frozen(now + 30 * clock.MINUTE):
        [told] = ringing(one)
        assert told.endswith("for 30 minutes. It began, and has neither ended nor failed since.")
        pipe.write_bytes(b"there again")
        at_it.join(10)
        assert ringing(one) == []


def test_a_running_house_shows_it_at_the_desk(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "LOOK_EVERY_S", 0.05)
    (folder / "failed").touch()
    url = engines.fresh("sqlite", tmp_path)
    app = main.build(Settings(database=url, inbox_folder=str(folder)), end=False)
    with TestClient(app):
        home = app.state.house

        def codes(minutes: int) -> list[str]:
            with clock.frozen(clock.now() + minutes * clock.MINUTE), home.db.reading() as tx:
                return [alarm.code for alarm in home.sync.alarms(tx)]

        until(lambda: "inbox_folder" in codes(6), "it rings")
        assert "inbox_folder" not in codes(4)
        (folder / "failed").unlink()
        until(lambda: "inbox_folder" not in codes(6), "it is silent")


# ── the folder ───────────────────────────────────────────────────────────────────────────────────────────────────────
def as_nobody(folder: Path) -> str:
    """What the check says to a user without rights; rights do not bind root, so a child of ours gives them up."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        try:
            if not os.geteuid():
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            inbox_folder.check(folder)
        except FolderShut as shut:
            os.write(writes, shut.sentence.encode())
        except BaseException as problem:  # nothing of the child may reach the tests' own reporting
            os.write(writes, repr(problem).encode())
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        told = pipe.read().decode()
    os.waitpid(child, 0)
    return told


@pytest.mark.parametrize(
    ("place", "mode", "words"),
    [
        ("drop", 0o777, ""),
        ("drop", 0o333, "may not read {}/drop."),
        ("drop", 0o444, "may not write in or enter {}/drop."),
        ("drop/done", 0o555, "may not write in {}/drop/done."),
        ("drop/failed", 0o666, "may not enter {}/drop/failed."),
        (".", 0o700, "cannot reach the inbox folder {}/drop, nor make it: Permission denied."),
    ],
)
def test_the_folder_and_the_right_that_is_missing_are_named(place: str, mode: int, words: str) -> None:
    with tempfile.TemporaryDirectory() as made:  # pytest's own is shut to others
        above = Path(made)
        for name in (".", "drop", "drop/done", "drop/failed"):
            (above / name).mkdir(exist_ok=True)
            (above / name).chmod(0o777)
        if not os.geteuid() or place != ".":
            (above / place).chmod(mode)
        else:
            pytest.skip("one's own folder is not shut to oneself")
        told = as_nobody(above / "drop")
        (above / place).chmod(0o777)
    assert told.startswith("Pickface runs as ") if words else told == ""
    assert told.endswith(words.format(above))


def test_orphaned_marks_and_a_file_that_cannot_be_read_keep_no_other_waiting(database: Database, folder: Path) -> None:
    for number in range(doors.MOST_FILES + 10):
        (folder / f"0-{number:03}.jsonl.done").touch()
    drop(folder, "2.jsonl", event("2", "item.upsert", "TEA"))
    (folder / "1.jsonl").symlink_to("/proc/self/mem")  # opens, and cannot be read, not even by root
    (folder / "1.jsonl.done").touch()
    with pytest.raises(FolderShut, match=r"^1\.jsonl cannot be read and put away\. Input/output error\.$"):
        doors.read_folder(database, folder)
    assert look(database, item.c.code) == [("TEA",)]
    assert (folder / "done" / "2.jsonl").is_file()


# ── the shops' feed ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_shop_is_told_to_sell_nothing_while_the_stock_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, seconds in (
        (feeds, "LOOK_S", 0.05), (feeds, "GATHER_S", 0.01), (feeds, "COUNT_S", 0.0),
        (live, "HEARTBEAT_S", 0.1),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, seconds)
    app = main.build(Settings(database=engines.fresh("sqlite", tmp_path), availability_key="shop-key"), end=False)
    with TestClient(app) as shop:
        home = app.state.house

        def rename(table: str, to: str) -> None:
            home.db.do(lambda tx: tx.connection.execute(f"ALTER TABLE {table} RENAME TO {to}"))

        def ask(path: str) -> Any:
            return shop.get(f"/api/availability{path}", headers=KEY)

        def rings() -> list[str]:
            with home.db.reading() as tx:
                return [one.sentence for one in home.sync.alarms(tx) if one.code == "shop_feed"]

        until(lambda: ask("").status_code == 200, "the stock is read")
        followed = ask("").json()["data"]["feed"]
        assert ask(f"/changes?feed={followed}&after=0").json() == []
        with shop.portal() as portal:
            ends = portal.start_task_soon(_follow, app)
            until(lambda: home.hub.listeners("availability.changed") > 0, "somebody listens")
            rename("transfer_line", "elsewhere")
            until(lambda: home.shop.failing is not None, "it stumbles")
            assert ask("").status_code == 200, "its last look was not long ago"
            monkeypatch.setattr(feeds, "OLD_AFTER_S", 0.3)
            until(lambda: ask("").status_code == 503, "the stock is old")
            for path in ("", "?item=MUG", f"/changes?feed={followed}&after=0", "/stream"):
                told = ask(path)
                assert (told.status_code, told.json()["code"]) == (503, "stock_is_old"), path
                assert told.headers["Retry-After"] == "10"
            assert ends.result(20), "who listened is not left in silence"
        [sentence] = rings()
        assert "no such table: transfer_line" in sentence
        monkeypatch.setattr(feeds, "OLD_AFTER_S", 30.0)
        rename("elsewhere", "transfer_line")
        until(lambda: ask("").status_code == 200 and not rings(), "the stock is read again")
        assert ask(f"/changes?feed={followed}&after=0").status_code == 200, "the same feed goes on"


async def _follow(app: Any) -> bool:
    """Listen to the stream until the house ends it."""
    headers = [(b"authorization", b"Bearer shop-key"), (b"host", b"testserver")]
    scope = {
        "type": "http", "method": "GET", "path": "/api/availability/stream", "raw_path": b"/api/availability/stream",
        "query_string": b"", "headers": headers, "scheme": "http", "http_version": "1.1", "server": ("testserver", 80),
        "client": ("127.0.0.1", 5000), "root_path": "", "state": {}, "extensions": {},
    }  # fmt: skip
    ended = asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        if not message.get("more_body", True):
            ended.set()

    async def receive() -> dict[str, Any]:  # a server says so once the last of the answer has left
        await ended.wait()
        return {"type": "http.disconnect"}

    await asyncio.wait_for(app(scope, receive, send), 20)
    return ended.is_set()
