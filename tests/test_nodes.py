"""Two servers at one PostgreSQL database: one that starts leaves alone what its neighbour is sending this moment."""

import time
from collections.abc import Callable

from app.buying_book import PurchaseBook
from app.config import PrinterSettings
from app.db import Database
from app.printing import jobs
from app.printing.jobs import PrintJob
from app.printing.queueing import queue_chosen
from app.printing.spooling import PrintQueue
from printers.labels import LpnLabel
from tests import engines

PLATE = LpnLabel(lpn="LPN-1", item="TEE-M", name="Tee", quantity=1, unit="each")
DOCK = PrinterSettings(name="Dock 1", address="127.0.0.1:9100")
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
)
WITHIN_S = 10.0  # until PostgreSQL has noticed a connection's end


def ask_for(database: Database, subject: str) -> str:
    return database.do(lambda tx: queue_chosen(tx, PLATE, DOCK, subject=subject, worker="mara"))


def state_of(database: Database, job: str) -> str:
    with database.reading() as tx:
        found = tx.one(jobs.JOB, PrintJob, id=job)
    assert found is not None
    return found.state


def test_a_server_that_starts_leaves_its_neighbours_labels_and_takes_over_a_dead_ones() -> None:
    url = engines.fresh_postgresql()
    first, second = Database(url), Database(url)
    jobs = [ask_for(first, "LPN-1"), ask_for(first, "LPN-2")]
    assert first.node.name != second.node.name
    assert claimed(first) == jobs[0]
    second.lock_instance()  # another server starts while the first one is sending
    assert PrintQueue(second).recover() == 0
    assert claimed(second) == jobs[1], "and works beside it"
    assert PrintQueue(second).recover(own=False) == 0
    assert [state_of(second, job) for job in jobs] == ["sending", "sending"]
    first.close()  # as the end of its process does
    assert soon(lambda: PrintQueue(second).recover(own=False) == 1)
    assert [state_of(second, job) for job in jobs] == ["unknown", "sending"], "never queued: a person decides"
    assert claimed(second) is None
    assert PurchaseBook(second, {}).recover(own=False) == 0
    second.close()
    engines.remove(url)


def test_the_lock_is_taken_anew_after_postgresql_closed_the_connection() -> None:
    url = engines.fresh_postgresql()
    first, second = Database(url), Database(url)
    first.lock_instance()
    assert second.node.is_running(first.node.name)
    with second.connect() as connection:
        connection.execute(CUT)
    assert soon(lambda: not second.node.is_running(first.node.name))
    first.node.hold()
    assert second.node.is_running(first.node.name)
    for database in (first, second):
        database.close()
    engines.remove(url)


def claimed(database: Database) -> str | None:
    found = PrintQueue(database).claim("Dock 1")
    return None if found is None else found.id


def soon(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + WITHIN_S
    while not (found := true()) and time.monotonic() < until:
        time.sleep(0.02)
    return found
