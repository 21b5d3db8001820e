"""Two servers at one PostgreSQL database, and one ERP that books twice what it is sent twice: one of them speaks to it,
the other takes over when that one ends, asks first, and nothing is told twice or out of its order."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from app.config import ConnectorSettings
from app.stock.events import Received
from sync import follower, neighbours
from sync.connectors.base import Answer, Held, Rejected, TransportError
from sync.lease import OUR_CONNECTORS, ToldElsewhere
from sync.messages import Message
from sync.switchboard import Switchboard
from tests import engines
from tests.sync.sink import House, house, received, rounds_of, until
from tests.sync.test_courier import BlindErp

BATCH = 5
TAKEN_OVER_S = 30.0  # on a busy machine; else one look and the time for the last batch
CUT = f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = {OUR_CONNECTORS}"

pytestmark = pytest.mark.timeout(120)


class Ledger(BlindErp):
    """One for all servers. It refuses what it does not know, books at once, and answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "ERP"
        self.unknown = ""  # an item
        self.pulls = 0
        self.answers = threading.Event()
        self.answers.set()
        self.is_busy = threading.Event()

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        refused: set[str] = set()
        told: list[Answer] = []
        for message in batch:
            if message.document in refused:
                told.append(Held())
            elif self.unknown and self.unknown.encode() in message.body:
                refused.add(message.document)
                told.append(Rejected(why=f"Item {self.unknown} is not known here."))
            else:
                told += super().post([message])
        self.is_busy.set()
        assert self.answers.wait(TAKEN_OVER_S)
        return told

    def pull(self, since: str) -> None:
        self.pulls += 1

    def lookup(self, keys: Sequence[str]) -> set[str]:
        if self.away:
            raise TransportError("Nobody answers.", unknown=False)
        return super().lookup(keys)

    @property
    def seqs(self) -> list[int]:
        return [int(key.rpartition(".")[2]) for key in self.booked]


class Server(House):
    """One of the house's servers, before the ledger both share."""

    def __init__(self, database: str, ledger: Ledger) -> None:
        self.ledger = ledger
        super().__init__(database, ConnectorSettings(name="ERP", kind="file", address="nowhere", batch=BATCH))

    def switchboard(self) -> Switchboard:
        built = super().switchboard()
        built.followers["ERP"].exchange(self.ledger)
        return built

    def asks_for_news(self) -> bool:
        """Does it ask the ERP what it wants, when it is time to?"""
        before = self.ledger.pulls
        self.erp.pullers["ERP"].ask()
        return self.ledger.pulls > before

    @property
    def speaks(self) -> bool:
        return self.erp.followers["ERP"].lease.is_ours()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "LOOK_EVERY_S", 0.1)
    monkeypatch.setattr(follower, "SETTLE_S", 0.2)
    monkeypatch.setattr(neighbours, "EVERY_S", 0.1)


@pytest.fixture
def shared() -> Iterator[str]:
    url = engines.fresh_postgresql()
    yield url
    engines.remove(url)


@contextmanager
def two_servers(url: str, ledger: Ledger) -> Iterator[tuple[Server, Server]]:
    """The first was there first."""
    first, second = Server(url, ledger), Server(url, ledger)
    first.erp.start()
    second.erp.start()
    try:
        yield first, second
    finally:
        ledger.answers.set()
        second.close()
        first.close()


def lines(count: int) -> list[Received]:
    return [received(str(number % 3), "MUG") for number in range(count)]


def test_one_server_speaks_to_the_erp_and_the_other_takes_over_when_it_ends(shared: str) -> None:
    ledger = Ledger()
    with two_servers(shared, ledger) as (first, second):
        assert (first.speaks, second.speaks) == (True, False)
        assert (first.asks_for_news(), second.asks_for_news()) == (True, False)
        second.post(*lines(7))  # wherever it was scanned
        first.post(*lines(6))
        until(lambda: len(ledger.booked) == 13, "all is told")
        until(second.drained, "and the other server knows")
        there = first.db.node.spoken
        assert (
            second.state().sentence
            == f"Everything up to event 13 is accepted. Told by another server of this house: {there}."
        )
        assert (first.state().elsewhere, first.state().circuit, second.state().circuit) == ("", "closed", "")
        asked = ledger.asked
        first.erp.stop()
        second.post(*lines(12))
        until(lambda: second.speaks and len(ledger.booked) == 25, "the other takes over", TAKEN_OVER_S)
        assert ledger.seqs == list(range(1, 26))
        assert ledger.asked > asked, "it asked first"
        assert (first.asks_for_news(), second.asks_for_news()) == (False, True)
        until(second.drained, "and writes it down")
        assert second.state().sentence == "Everything up to event 25 is accepted."
        with second.db.reading() as tx:
            told = [note.words for note in second.erp.notes(tx, "ERP") if note.what == "taken_over"]
        assert told == [f"{second.db.node.spoken}, after {there}"]


def test_a_server_that_lost_its_connection_in_the_middle_offers_nothing_more(shared: str) -> None:
    ledger = Ledger()
    with two_servers(shared, ledger) as (first, second):
        ledger.answers.clear()
        first.post(*lines(4 * BATCH))
        assert ledger.is_busy.wait(TAKEN_OVER_S)
        begun = len(ledger.booked)
        assert 0 < begun < 4 * BATCH, "one batch is on its way"
        with first.db.connect() as connection:
            connection.execute(CUT)
        until(lambda: len(ledger.booked) > begun, "the other takes over and has a batch on its way", TAKEN_OVER_S)
        ledger.answers.set()  # both go on at the same moment
        until(second.drained, "all is told", TAKEN_OVER_S)
        until(lambda: bool(first.state().elsewhere), "and the first has noticed")
        second.post(*lines(BATCH))
        until(lambda: len(ledger.booked) >= 5 * BATCH, "and on it goes")
        assert ledger.seqs == list(range(1, 5 * BATCH + 1))


@pytest.mark.faults
def test_kill_9_hands_over_to_a_folder_that_is_told_each_event_once(shared: str, tmp_path: Path) -> None:
    folder, erp = tmp_path / "drop", ConnectorSettings(name="ERP", kind="file", address=str(tmp_path / "drop"), batch=2)
    with house(tmp_path, str(folder), kind="file", batch=2, database=shared, start=False) as here:
        other = subprocess.Popen(
            [sys.executable, "-m", "tests.sync.contract.follower", shared, "MAIN", msgspec.json.encode(erp).decode()]
        )
        try:
            here.post(*lines(3))
            until(lambda: (folder / ".delivered.json").exists(), "the other server speaks", TAKEN_OVER_S)
            here.erp.start()
            until(lambda: bool(here.state().elsewhere), "and this one knows")
            here.post(*lines(200))
            until(lambda: len(list(folder.glob("*.done"))) > 5, "it is in the middle", TAKEN_OVER_S)
        finally:
            other.kill()
            other.wait()
        here.post(*lines(10))
        until(here.drained, "this one goes on", TAKEN_OVER_S)
        assert here.state().elsewhere == ""
        told = [
            json.loads(line)["id"]
            for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
            for line in path.read_text().splitlines()
        ]
        assert told == [f"MAIN.1.{seq}" for seq in range(1, 214)]


def test_what_is_decided_at_the_other_server_is_done_where_the_erp_is_told(shared: str) -> None:
    ledger = Ledger()
    with two_servers(shared, ledger) as (here, there), rounds_of(here), rounds_of(there):
        by_here = f"Told by another server of this house: {here.db.node.spoken}."
        ledger.unknown = "GHOST"
        there.post(received("A", "GHOST"), received("B", "GHOST"), received("B", "MUG"))
        until(lambda: there.letters() == [1, 2], "the ledger refuses")
        there.erp.propose_discard("ERP", 2, "A test label", by="ruth")
        there.erp.second_discard("ERP", 2, by="max")
        until(lambda: ledger.seqs == [3], "what stood behind it goes on")
        ledger.unknown = ""
        there.erp.replay("ERP", 1, by="ruth")
        until(lambda: ledger.seqs == [3, 1], "a replay")
        until(there.drained, "is written down")
        there.erp.replay_from("ERP", 1, by="ruth")
        until(lambda: there.state().duplicates > 0, "going back")
        with pytest.raises(ToldElsewhere) as refused:
            there.erp.reconcile("ERP", by="ruth")
        assert refused.value.sentence.endswith(f"which alone can do that: {here.db.node.spoken}.")
        assert here.erp.reconcile("ERP", by="ruth") == "ERP keeps no stock that could be compared."

        there.erp.pause("ERP", by="ruth")
        until(lambda: here.erp.followers["ERP"]._paused, "a pause")
        there.post(received("C", "MUG"))
        assert there.state().sentence == f"Paused by ruth. 1 event waits. {by_here}"
        ledger.away = 1000
        there.erp.resume("ERP", by="ruth")
        until(lambda: there.state().state == "waiting", "its end, but the ledger is away")
        assert there.state().sentence == f"Nobody answers. 1 event waits, none is lost. {by_here}"
        here.erp.followers["ERP"]._pace._next_at += 3600  # it is patient by now
        ledger.away = 0
        there.erp.retry_now("ERP", by="ruth")
        until(there.drained, "it is tried at once")
        assert ledger.seqs == [3, 1, 4]
