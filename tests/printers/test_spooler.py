"""From the queue to the paper, in order, through faults and a kill."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from printers import transports, zpl
from printers.labels import ToteLabel
from printers.printer import Printer
from printers.spooler import Spooler
from printers.transports import Patience
from printers.virtual import VirtualPrinter
from tests.printers.samples import HERE
from tests.printers.store import SqliteStore

ROOT = Path(__file__).parents[2]
QUICK = Patience(connect_s=2, answer_s=0.5, finish_s=5, ask_again_s=0.002)


def label(number: int) -> bytes:
    return zpl.render(ToteLabel(code=f"TOTE-{number:04d}"), height_mm=50)


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "jobs.db")


@pytest.fixture
def virtual() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


def spooler(store: SqliteStore, *printers: VirtualPrinter, back_off_s: tuple[float, ...] = (0.05,)) -> Spooler:
    return Spooler(
        [Printer(name=f"Dock {n}", address=one.address, two_way=True) for n, one in enumerate(printers, 1)],
        store,
        reach=HERE,
        send=partial(transports.send, patience=QUICK),
        ask=partial(transports.ask, patience=QUICK),
        back_off_s=back_off_s,
        poll_s=0.1,
    )


def until(true: Callable[[], bool], timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_two_hundred_labels_come_out_of_a_slow_printer_in_order(store: SqliteStore, virtual: VirtualPrinter) -> None:
    virtual.seconds_per_label = 0.005
    for number in range(200):
        store.queue("Dock 1", label(number))
    work = spooler(store, virtual)
    work.start()
    assert virtual.wait_for(200, timeout_s=60)
    until(lambda: set(store.states()) == {"printed"})
    work.stop()
    assert virtual.labels() == [label(number) for number in range(200)]


def test_work_that_is_rung_for_starts_at_once(store: SqliteStore, virtual: VirtualPrinter) -> None:
    work = spooler(store, virtual)
    for worker in work.workers.values():
        worker.poll_s = 60
    work.start()
    until(lambda: work.health()[0].state == "ready")
    store.queue("Dock 1", label(1))
    work.wake("Dock 1")
    assert virtual.wait_for(1, timeout_s=2)
    work.stop()


def test_a_failed_job_stays_first_and_comes_out_once_when_the_paper_is_back(
    store: SqliteStore, virtual: VirtualPrinter
) -> None:
    virtual.change(paper_out=True)
    store.queue("Dock 1", label(1))
    store.queue("Dock 1", label(2))
    work = spooler(store, virtual)
    work.start()
    until(lambda: store.attempts()[0] >= 3)
    health = work.health()[0]
    assert (health.state, health.sentence) in {
        ("fault", "Dock 1: Out of labels. Nothing was sent."),
        ("printing", "Printing job 1."),
    }
    assert health.last_error == "Dock 1: Out of labels. Nothing was sent."
    virtual.refill()
    assert virtual.wait_for(2)
    until(lambda: store.states() == ["printed", "printed"])
    work.stop()
    assert virtual.labels() == [label(1), label(2)]
    assert store.attempts()[1] == 1


def test_a_person_at_the_printer_need_not_wait_for_the_back_off(store: SqliteStore, virtual: VirtualPrinter) -> None:
    """One that reports says itself that it is well again; of another nobody knows."""
    virtual.close_door()
    store.queue("Dock 1", label(1))
    work = spooler(store, virtual, back_off_s=(60.0,))
    for worker in work.workers.values():
        worker.printer = msgspec.structs.replace(worker.printer, two_way=False)
    work.start()
    until(lambda: store.states() == ["failed"])
    virtual.open_door()
    work.wake()
    assert not virtual.wait_for(1, timeout_s=0.2)
    work.retry("Dock 1")
    assert virtual.wait_for(1, timeout_s=2)
    work.stop()


def test_a_printer_that_says_it_is_well_again_prints_at_once(store: SqliteStore, virtual: VirtualPrinter) -> None:
    """The label came up to half a minute after the roll was in, and the packer stood there."""
    virtual.change(paper_out=True)
    store.queue("Dock 1", label(1))
    work = spooler(store, virtual, back_off_s=(60.0,))
    work.start()
    until(lambda: store.states() == ["failed"])
    virtual.refill()
    assert virtual.wait_for(1, timeout_s=10)
    until(lambda: store.states() == ["printed"])
    work.stop()
    assert store.attempts() == [2]


def test_an_unknown_job_is_never_sent_again_and_the_next_one_goes_on(
    store: SqliteStore, virtual: VirtualPrinter
) -> None:
    virtual.reset_after = 50
    store.queue("Dock 1", label(1))
    work = spooler(store, virtual)
    work.start()
    until(lambda: store.states() == ["unknown"])
    virtual.reset_after = None
    store.queue("Dock 1", label(2))
    work.wake()
    until(lambda: store.states() == ["unknown", "printed"])
    work.stop()
    assert virtual.labels() == [label(2)]


def test_one_printer_in_trouble_does_not_hold_the_others_up(store: SqliteStore, virtual: VirtualPrinter) -> None:
    with VirtualPrinter() as other:
        virtual.change(silent=True)
        store.queue("Dock 1", label(1))
        store.queue("Dock 2", label(2))
        work = spooler(store, virtual, other)
        work.start()
        assert other.wait_for(1)
        until(lambda: [one.state for one in work.health()] == ["fault", "ready"])
        work.stop()


def test_an_idle_printer_that_goes_away_is_seen_on_the_wall(store: SqliteStore, virtual: VirtualPrinter) -> None:
    work = spooler(store, virtual)
    work.start()
    until(lambda: work.health()[0].state == "ready")
    virtual.stop()
    until(lambda: work.health()[0].state == "fault")
    assert work.health()[0].sentence == f"No answer at {virtual.address}."
    work.stop()
    assert work.health()[0].state == "stopped"


def test_killed_in_mid_job_the_job_is_unknown_and_no_second_label_comes_out(
    store: SqliteStore, virtual: VirtualPrinter, tmp_path: Path
) -> None:
    virtual.seconds_per_label = 0.5
    store.queue("Dock 1", label(1))
    command = [sys.executable, "-m", "tests.printers.store", str(tmp_path / "jobs.db"), virtual.address]
    with subprocess.Popen(command, cwd=ROOT) as process:
        until(lambda: virtual.received == len(label(1)))
        process.kill()
    assert store.states() == ["sending"]

    work = spooler(store, virtual)
    assert work.start() == 1
    assert store.states() == ["unknown"]
    assert virtual.wait_for(1)
    assert not virtual.wait_for(2, timeout_s=0.4)
    work.stop()
    assert virtual.labels() == [label(1)]


def test_a_store_that_fails_is_said_and_does_not_end_the_worker(virtual: VirtualPrinter, store: SqliteStore) -> None:
    store.queue("Dock 1", label(1))
    store.database.execute("ALTER TABLE job RENAME TO gone")
    work = spooler(store, virtual)
    work.store = _Quiet(store)
    work.start()
    until(lambda: work.health()[0].last_error == "The job store failed (OperationalError).")
    store.database.execute("ALTER TABLE gone RENAME TO job")
    assert virtual.wait_for(1)
    work.stop()


class _Quiet(SqliteStore):
    """Recovers nothing: the table is away when the spooler starts."""

    def __init__(self, store: SqliteStore) -> None:
        self.lock, self.database = store.lock, store.database

    def recover(self) -> int:
        return 0
