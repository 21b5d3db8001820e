"""kill −9 at random moments under load: no confirmed scan is ever lost, doubled or invented.

Ten packers scan without a pause while the server is killed, two times in three only the process that answers. Then the
clients' own memory is held against the database. The last test lies on purpose (answer before COMMIT) and must be
found out.
"""

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from app.db import Database
from app.schema.people import worker
from app.stock import journal, rebuild
from app.work import people
from tests import engines
from tests.bench import packers
from tests.faults import history
from tests.faults.clients import PIN, Crew
from tests.faults.server import Server

CLIENTS = 10
WORKING_S = (0.2, 1.5)  # between a server that is ready and the next kill


class Outcome:
    """What a run left behind."""

    def __init__(self, crew: Crew, kept: history.Kept, clean: bool, findings: object) -> None:
        self.crew, self.kept, self.clean, self.findings = crew, kept, clean, findings
        self.problems = history.problems(crew.told, kept)
        self.answered = sum(one.answered for one in crew.told)
        self.retried = sum(one.tries > 1 for one in crew.told)


def run(engine: str, folder: Path, kills: int, *, seed: int, module: tuple[str, ...] = ("app.cli",)) -> Outcome:
    url = engines.fresh(engine, folder)
    database = Database(url)
    crew_of = packers.lay_out(database, CLIENTS)
    pin_hash = people.hash_pin(PIN)
    database.do(lambda tx: tx.run(update(worker).values(pin_hash=pin_hash)))
    with database.reading() as tx:
        begin = journal.last_seq(tx)
    database.close()

    chance = random.Random(seed)
    with Server(url, folder, module) as server:
        crew = Crew(server.url, {one.code: one.barcode for one in crew_of}, seed)
        asyncio.run(_kill_while_they_work(server, crew, kills, chance))
    database = Database(url)
    try:
        with database.reading() as tx:
            kept = history.read(tx.connection, begin)
            report = rebuild.check(tx)
        return Outcome(crew, kept, report.clean, report.findings)
    finally:
        database.close()


async def _kill_while_they_work(server: Server, crew: Crew, kills: int, chance: random.Random) -> None:
    await asyncio.to_thread(server.wait_ready)
    working = asyncio.create_task(crew.work())
    try:
        for number in range(kills):
            await _some_answers(crew, working)
            await asyncio.sleep(chance.uniform(*WORKING_S))
            kill: Callable[[], None] = server.kill_all if number % 3 == 2 else server.kill_answering
            await asyncio.to_thread(kill)
            await asyncio.to_thread(server.wait_ready)
        await _some_answers(crew, working)
    finally:
        crew.stopping = True
        await asyncio.wait_for(working, 60)


async def _some_answers(crew: Crew, working: asyncio.Task[None]) -> None:
    """Wait until the floor works again: a kill of an idle server proves little."""
    before, until = sum(one.answered for one in crew.told), time.monotonic() + 60
    while sum(one.answered for one in crew.told) < before + CLIENTS:
        assert time.monotonic() < until, "nobody is answered any more"
        if working.done():
            await working
        await asyncio.sleep(0.05)


def judge(outcome: Outcome, kills: int) -> None:
    print(
        f"{kills} kills, {outcome.answered} answered, {outcome.retried} sent again, {len(outcome.kept.causes)} events"
    )
    assert outcome.problems == []
    assert outcome.crew.wrong == []
    assert outcome.clean, outcome.findings
    assert all(one.answered for one in outcome.crew.told)
    assert outcome.retried >= 1, "no kill met a scan under way: it proved nothing"
    assert len(outcome.kept.causes) == len(outcome.crew.told)


def test_six_kills_lose_nothing_on_sqlite(tmp_path: Path) -> None:
    judge(run("sqlite", tmp_path, 6, seed=time.time_ns()), 6)


def test_two_kills_lose_nothing_on_postgresql(tmp_path: Path) -> None:
    judge(run("postgresql", tmp_path, 2, seed=time.time_ns()), 2)


@pytest.mark.faults
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_forty_kills_lose_nothing(tmp_path: Path, engine: str) -> None:
    judge(run(engine, tmp_path, 40, seed=time.time_ns()), 40)


def test_a_server_that_answers_before_it_commits_is_found_out(tmp_path: Path) -> None:
    """The check can fail: with the lie, kills lose scans that were confirmed."""
    outcome = run("sqlite", tmp_path, 3, seed=7, module=("tests.faults.sabotage",))
    assert any(problem.startswith("LOST") for problem in outcome.problems)
