"""The writer keeps its word: an answer means durable, one job's trouble is its own, and a failing disk ends it all."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import bindparam, insert, select

from app import schema
from app.db import RETRIES, Database, Plain, Tx, Writer
from app.errors import Busy, CannotStart, Refusal, StorageFailed
from app.stock import journal, ledger, rebuild
from app.stock.events import OpeningStock
from app.stock.slots import Slot
from tests import engines
from tests.world import BY

ADD = insert(schema.places.site).values(code=bindparam("site_code"), name=bindparam("site_name"))
ALL = select(schema.places.site.c.code).order_by(schema.places.site.c.code)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """A database on an engine, with a queue of any length."""
    opened: list[Database] = []

    def open_one(engine: str, **options: Any) -> Database:
        opened.append(Database(engines.fresh(engine, tmp_path), **options))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()
        engines.remove(database.url)


def add(code: str) -> Callable[[Tx], str]:
    def work(tx: Tx) -> str:
        tx.run(ADD, site_code=code, site_name="")
        return code

    return work


def receive(quantity: int = 1) -> Callable[[Tx], int]:
    event = OpeningStock(item="TEE-M", quantity=quantity, target=Slot(location="A-01"))
    return lambda tx: ledger.post(tx, event, BY)


def sites(database: Database) -> list[str]:
    with database.reading() as tx:
        return [row[0] for row in tx.rows(ALL)]


def together(database: Database, *works: Callable[[Tx], Any]) -> list[Any]:
    """Run in one group: the writer is held until all of them wait. Their results or what they raised."""
    gate, entered = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        entered.set()
        gate.wait(10)

    results: list[Any] = [None] * len(works)

    def ask(at: int, work: Callable[[Tx], Any]) -> None:
        try:
            results[at] = database.do(work)
        except Exception as problem:
            results[at] = problem

    holding = threading.Thread(target=database.do, args=(hold,))
    holding.start()
    entered.wait(10)
    asking = []
    for at, work in enumerate(works):
        thread = threading.Thread(target=ask, args=(at, work))
        thread.start()
        asking.append(thread)
        while len(database.writer._waiting) <= at and thread.is_alive():
            time.sleep(0.001)
    gate.set()
    for thread in [holding, *asking]:
        thread.join(20)
    return results


# ── an answer means durable ──────────────────────────────────────────────────────────────────────────────────────────
def test_nobody_is_answered_before_the_commit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second connection looks at the very moment of each answer."""
    watcher = database.connect()
    seen: list[int] = []
    honest = Writer._answer

    def answer(self: Writer, group: list[Any]) -> None:
        seen.append(watcher.execute("SELECT count(*) FROM site").fetchone()[0])
        honest(self, group)

    monkeypatch.setattr(Writer, "_answer", answer)
    for number in range(1, 4):
        database.do(add(f"S{number}"))
    assert seen == [1, 2, 3]
    together(database, add("S4"), add("S5"))
    assert seen == [1, 2, 3, 3, 5], "the group's second job is not answered while the first alone is there"
    watcher.close()


def test_what_a_job_writes_is_seen_by_nobody_before_the_commit(database: Database) -> None:
    seen: list[list[str]] = []

    def work(tx: Tx) -> None:
        add("S1")(tx)
        seen.append(sites(database))

    database.do(work)
    assert (seen, sites(database)) == ([[]], ["S1"])


def test_a_group_is_one_commit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    honest = Writer._write

    def write(self: Writer, connection: Any, group: list[Any]) -> set[str]:
        groups.append(len(group))
        return honest(self, connection, group)

    monkeypatch.setattr(Writer, "_write", write)
    together(database, *(add(f"S{n:02}") for n in range(40)))
    assert groups == [1, 32, 8]


# ── one job's trouble is its own ─────────────────────────────────────────────────────────────────────────────────────
def test_a_refusing_and_a_crashing_job_leave_the_others_of_their_group_alone(database: Database) -> None:
    def refuse(tx: Tx) -> None:
        receive()(tx)
        raise Refusal()

    def crash(tx: Tx) -> None:
        receive()(tx)
        raise KeyError("a defect of ours")

    def break_a_rule(tx: Tx) -> None:
        receive()(tx)
        tx.connection.execute("INSERT INTO site (code) VALUES ('ONE')")

    found = together(database, receive(), refuse, add("ONE"), receive(), crash, break_a_rule, receive(), add("TWO"))
    kinds = [one if isinstance(one, (int, str)) else type(one).__name__ for one in found]
    assert kinds[:5] == [1, "Refusal", "ONE", 2, "KeyError"]
    assert kinds[5] in ("IntegrityError", "UniqueViolation")
    assert kinds[6:] == [3, "TWO"]
    assert sites(database) == ["ONE", "TWO"]
    with database.reading() as tx:
        report = rebuild.check(tx)
    assert (report.clean, report.events) == (True, 3), "seq has no gap, the head was put back"


def test_a_job_that_crashes_while_it_words_its_refusal_does_not_stop_the_writer(database: Database) -> None:
    class Clumsy:
        quick = False

        def run(self, tx: Tx) -> None:
            receive()(tx)
            raise Refusal()

        def refused(self, tx: Tx, refusal: Refusal) -> None:
            receive()(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write_now(Clumsy())
    assert database.do(receive()) == 1
    assert database.writer.failed is None


def test_a_refusal_that_is_answered_keeps_only_its_answer(database: Database) -> None:
    class Polite:
        quick = False

        def run(self, tx: Tx) -> str:
            add("WORK")(tx)
            raise Refusal()

        def refused(self, tx: Tx, refusal: Refusal) -> str:
            add("LOG")(tx)
            return "told"

    assert database.write_now(Polite()) == "told"
    assert sites(database) == ["LOG"]


def test_a_listener_that_crashes_does_not_stop_the_writer(database: Database) -> None:
    def crash(news: set[str]) -> None:
        raise RuntimeError("the loop is closed")

    heard: list[set[str]] = []
    database.on_news += [crash, heard.append]
    assert [database.do(receive()), database.do(receive())] == [1, 2]
    while len(heard) < 2:
        time.sleep(0.001)
    assert heard == [{"journal"}, {"journal"}]


def test_a_text_too_long_for_an_index_is_the_jobs_own_trouble(database: Database) -> None:
    """PostgreSQL refuses it with an OperationalError; the server is well."""
    code = os.urandom(40_000).hex()
    if database.dialect == "postgresql":
        with pytest.raises(psycopg.errors.ProgramLimitExceeded):
            database.do(add(code))
    else:
        database.do(add(code))
    assert database.do(receive()) == 1
    assert database.writer.failed is None


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_numbers_have_no_gap_however_many_write(make: Callable[..., Database]) -> None:
    for engine in ("sqlite", "postgresql"):
        database = make(engine, queue_limit=1_000)
        numbers: list[int] = []

        def on_thread(database: Database = database, numbers: list[int] = numbers) -> None:
            for _ in range(25):
                numbers.append(database.do(receive()))

        async def on_loop(database: Database = database) -> list[int]:
            return await asyncio.gather(*(database.ado(receive()) for _ in range(100)))

        threads = [threading.Thread(target=on_thread) for _ in range(4)]
        for thread in threads:
            thread.start()
        mine = asyncio.run(on_loop())
        for thread in threads:
            thread.join()
        assert sorted(numbers + mine) == list(range(1, 201))
        with database.reading() as tx:
            assert rebuild.check(tx).clean
            assert journal.last_seq(tx) == 200


def test_quick_jobs_of_a_loop_and_slow_ones_take_turns(make: Callable[..., Database]) -> None:
    """The loop runs the quick ones itself, the thread the others; both see what was written before, none overtakes."""
    database = make("sqlite", queue_limit=1_000)
    database.do(add("FIRST"))  # the writer has its connection
    ran_by: dict[bool, set[str]] = {True: set(), False: set()}

    def job(n: int, quick: bool) -> Plain[int]:
        def work(tx: Tx) -> int:
            ran_by[quick].add(threading.current_thread().name)
            if n % 7 == 3:
                receive()(tx)
                raise Refusal()
            return receive()(tx)

        return Plain(work, quick=quick)

    async def on_loop() -> list[Any]:
        found = []
        for _ in range(3):
            asked = (database.write(job(n, quick=n % 5 != 4)) for n in range(100))
            found += await asyncio.gather(*asked, return_exceptions=True)
        return found

    threads = [threading.Thread(target=lambda: [database.do(receive()) for _ in range(25)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    found = asyncio.run(on_loop())
    for thread in threads:
        thread.join()
    refused = [one for one in found if isinstance(one, Refusal)]
    assert len(refused) == 3 * 14
    assert "writer" in ran_by[False]
    assert "MainThread" in ran_by[True]
    assert ran_by[True] <= {"MainThread", "writer"}
    with database.reading() as tx:
        assert rebuild.check(tx).clean
        assert journal.last_seq(tx) == 300 - len(refused) + 50


def test_a_quick_job_is_answered_after_the_commit_and_a_failing_disk_answers_it_too(
    make: Callable[..., Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = make("sqlite")
    told: list[str] = []
    database.writer.on_failure = told.append
    database.do(add("FIRST"))
    watcher = database.connect()
    seen: list[int] = []
    honest = Writer._answer

    def answer(self: Writer, group: list[Any]) -> None:
        seen.append(watcher.execute("SELECT count(*) FROM site").fetchone()[0])
        honest(self, group)

    monkeypatch.setattr(Writer, "_answer", answer)

    async def scans() -> list[Any]:
        async def scan(code: str, name: str = "") -> Any:
            def work(tx: Tx) -> None:
                tx.run(ADD, site_code=code, site_name=name)

            return await database.write(Plain(work, quick=True))

        await asyncio.gather(scan("A"), scan("B"))
        await database.ado(lambda tx: tx.connection.execute("PRAGMA max_page_count=1").fetchall())
        return list(await asyncio.gather(scan("C"), scan("D", "x" * 300_000), scan("E"), return_exceptions=True))

    found = asyncio.run(scans())
    assert [type(one) for one in found] == [StorageFailed] * 3
    assert seen == [3, 3, 3], "each group is there when it is answered, and nothing of the failed one ever"
    assert len(told) == 1
    watcher.close()


def test_a_loop_that_ends_leaves_its_quick_job_to_the_thread(make: Callable[..., Database]) -> None:
    database = make("sqlite")
    database.do(add("FIRST"))
    loop = asyncio.new_event_loop()

    async def ask() -> None:
        asyncio.ensure_future(database.write(Plain(add("LEFT"), quick=True)))  # noqa: RUF006  nobody waits for it
        await asyncio.sleep(0)

    loop.run_until_complete(ask())
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.close()
    assert database.do(add("NEXT")) == "NEXT"
    assert sites(database) == ["FIRST", "LEFT", "NEXT"]


# ── what was read is remembered ──────────────────────────────────────────────────────────────────────────────────────
def test_an_answer_is_remembered_until_its_table_is_written(database: Database) -> None:
    def work(tx: Tx) -> list[list[str]]:
        found = [[row[0] for row in tx.rows(ALL)], [row[0] for row in tx.rows(ALL)]]
        add("S1")(tx)
        found.append([row[0] for row in tx.rows(ALL)])
        tx.rows(ALL).clear()  # what is handed out is the caller's own
        return [*found, [row[0] for row in tx.rows(ALL)]]

    assert database.do(work) == [[], [], ["S1"], ["S1"]]
    assert database.do(lambda tx: len(tx.rows(ALL))) == 1


def test_what_was_taken_back_is_not_remembered(database: Database) -> None:
    def refuse(tx: Tx) -> None:
        add("S1")(tx)
        assert len(tx.rows(ALL)) == 1
        raise Refusal()

    found = together(database, refuse, lambda tx: len(tx.rows(ALL)), refuse, lambda tx: len(tx.rows(ALL)))
    assert (found[1], found[3]) == (0, 0)
    assert database.do(lambda tx: len(tx.rows(ALL))) == 0


def test_what_another_process_writes_is_seen_at_once(database: Database) -> None:
    """`pickface user add` beside a running server, or another node."""
    assert database.do(lambda tx: len(tx.rows(ALL))) == 0
    other = database.connect()
    other.execute("INSERT INTO site (code) VALUES ('S1')")
    assert database.do(lambda tx: len(tx.rows(ALL))) == 1
    other.close()


def test_a_full_queue_says_busy_at_once_and_takes_what_it_took(make: Callable[..., Database]) -> None:
    database = make("sqlite", queue_limit=3)
    found = together(database, *(add(f"S{n}") for n in range(3)))
    assert found == ["S0", "S1", "S2"]
    gate = threading.Event()
    held = threading.Thread(target=database.do, args=(lambda tx: gate.wait(10),))
    held.start()
    while database.writer._waiting:
        time.sleep(0.001)
    time.sleep(0.05)

    async def flood() -> list[Any]:
        asked = [asyncio.ensure_future(database.ado(add(f"T{n}"))) for n in range(5)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    answers = asyncio.run(flood())
    assert [type(one).__name__ for one in answers] == ["str", "str", "str", "Busy", "Busy"]
    assert sites(database)[3:] == ["T0", "T1", "T2"], "what was refused as busy was not written"
    held.join()
    database.close()
    with pytest.raises(Busy):
        database.do(add("LATE"))


def test_a_client_that_went_away_does_not_take_its_scan_with_it(database: Database) -> None:
    async def leave() -> None:
        task = asyncio.ensure_future(database.ado(receive()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0.1)
        assert await database.ado(receive()) == 2

    asyncio.run(leave())


# ── when the disk or the server fails ────────────────────────────────────────────────────────────────────────────────
def test_a_full_disk_fails_the_whole_group_and_all_that_follow(make: Callable[..., Database]) -> None:
    """SQLite's own end of the file; nothing of the group is there afterwards, and reading goes on."""
    database = make("sqlite")
    told: list[str] = []
    database.writer.on_failure = told.append
    database.do(add("BEFORE"))
    database.do(lambda tx: tx.connection.execute("PRAGMA max_page_count=1").fetchall())
    big = "x" * 300_000
    found = together(database, add("A"), lambda tx: tx.run(ADD, site_code="BIG", site_name=big), add("B"), add("C"))
    assert [type(one) for one in found] == [StorageFailed] * 4
    with pytest.raises(StorageFailed):
        database.do(add("LATER"))
    assert sites(database) == ["BEFORE"]
    assert len(told) == 1
    assert "full" in told[0]


def test_a_file_that_may_not_grow_fails_the_group_and_the_process_ends_above_zero(tmp_path: Path) -> None:
    """The kernel refuses to write (RLIMIT_FSIZE); in a process of its own, since the limit is for ever."""
    url = engines.fresh("sqlite", tmp_path)
    code = f"""
import resource, signal, sys
from app.db import Database
from app.errors import StorageFailed
from tests.test_db import add, sites
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
database = Database({url!r})
database.do(add("BEFORE"))
limit = database.path.stat().st_size + 40_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
acknowledged = []
try:
    for n in range(1_000):
        acknowledged.append(database.do(add(f"S{{n:04}}" + "x" * 2_000)))
except StorageFailed as problem:
    print(len(acknowledged), problem)
    sys.exit(3)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 3, ended.stderr
    count = int(ended.stdout.split()[0])
    assert "cannot write to its disk" in ended.stdout
    database = Database(url)
    assert len(sites(database)) == count + 1, "every answer is kept, and nothing that was not answered"
    assert database.do(add("AFTER")) == "AFTER", "with space again it goes on"
    database.close()


def _end_backends(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_postgresql_that_hangs_up_in_the_middle_fails_the_whole_group(make: Callable[..., Database]) -> None:
    database = make("postgresql")
    told: list[str] = []
    database.writer.on_failure = told.append
    database.do(add("BEFORE"))
    assert sites(database) == ["BEFORE"]

    def cut_off(tx: Tx) -> None:
        add("MINE")(tx)
        _end_backends(database)
        add("MORE")(tx)

    found = together(database, add("A"), cut_off, add("B"))
    assert [type(one) for one in found] == [StorageFailed] * 3
    assert len(told) == 1
    assert sites(database) == ["BEFORE"], "reading goes on, over a new connection"
    with pytest.raises(StorageFailed):
        database.do(add("LATER"))


def test_a_postgresql_transaction_that_could_not_be_serialized_is_written_again(
    make: Callable[..., Database],
) -> None:
    database = make("postgresql")
    tries: list[int] = []

    def unlucky(tx: Tx) -> int:
        tries.append(1)
        receive()(tx)
        if len(tries) < RETRIES:
            tx.connection.execute("DO $$ BEGIN RAISE EXCEPTION 'unlucky' USING ERRCODE = '40001'; END $$")
        return len(tries)

    assert together(database, receive(), unlucky, receive()) == [1, RETRIES, 3]
    tries.clear()

    def hopeless(tx: Tx) -> None:
        tx.connection.execute("DO $$ BEGIN RAISE EXCEPTION 'unlucky' USING ERRCODE = '40P01'; END $$")

    assert [type(one) for one in together(database, hopeless)] == [StorageFailed]


# ── statements ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_statement_is_put_into_words_once_a_process_and_forgotten_with_its_last_database(
    make: Callable[..., Database],
) -> None:
    one, other, elsewhere = make("sqlite"), make("sqlite"), make("postgresql")
    assert one.compiled(ALL) is other.compiled(ALL)
    assert "(%(site_code)s" in elsewhere.compiled(ADD).sql
    assert "(:site_code" in one.compiled(ADD).sql
    passing = select(schema.places.site.c.name)
    for database in (one, other):
        assert database.compiled(passing).names == ("name",)
    seen = weakref.ref(passing)
    del passing
    assert seen() is not None, "an id is only good while its object lives"
    one._kept.clear()
    assert seen() is not None
    other._kept.clear()
    gc.collect()
    assert seen() is None


# ── one writer a file ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_file_belongs_to_one_server_until_it_dies(make: Callable[..., Database]) -> None:
    database = make("sqlite")
    code = f"""
import sys, time
from app.db import Database
database = Database({database.url!r})
database.lock_instance()
print("locked", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(CannotStart, match=rf"is in use by process {other.pid}: stop that server first"):
            database.lock_instance()
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    database.lock_instance()


def test_an_old_sqlite_is_refused(make: Callable[..., Database], monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's 3.40 can corrupt a write-ahead log; the real library cannot be aged, its number can."""
    monkeypatch.setattr(sqlite, "sqlite_version_info", (3, 51, 2))
    monkeypatch.setattr(sqlite, "sqlite_version", "3.51.2")
    with pytest.raises(CannotStart, match=r"SQLite 3\.51\.2 can corrupt its log; Pickface needs 3\.51\.3 or newer"):
        make("sqlite").connect()


def test_our_own_sqlite_is_new_enough_and_syncs_every_commit(make: Callable[..., Database]) -> None:
    connection = make("sqlite").connect()
    kept = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert kept == {"journal_mode": "wal", "synchronous": 2}
    assert connection.execute("PRAGMA recursive_triggers").fetchone()[0] == 1
    connection.close()
