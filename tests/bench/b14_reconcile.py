"""B14: the floor's stock compared with the ERP's, balance by balance, over the wire.

As many balances as B5 has events to tell, each of an item of its own and half of them with a lot, and the reference
ledger in a process of its own with the same stock but for one unit. The drift must be found, with the last event both
have; rows are written in bulk on both sides, for they are only read.
"""

import time

import pysqlite3.dbapi2 as sqlite

from app.config import ConnectorSettings, Settings
from app.db import Database, Tx
from app.migrations import migrate
from sync import reconciliations
from sync.switchboard import Switchboard
from tests import engines
from tests.bench.figures import Asked, Figure, alone
from tests.bench.stage import StageError
from tests.sync.sink import SECRET, Sink, running_sink

GOAL_S = 3.0
PLANTED = 471  # the stock that is one too many there
AT_ONCE = 500
OURS = "INSERT INTO balance (item, location, lpn, lot, status, quantity, allocated, grams, since) VALUES "


def measure(asked: Asked) -> list[Figure]:
    folder = asked.folder / "reconcile"
    folder.mkdir(exist_ok=True)
    database = Database(engines.fresh_sqlite(folder))
    try:
        migrate(database)
        database.do(lambda tx: _fill(tx, asked.backlog))
        with running_sink(folder) as sink:
            _fill_ledger(sink, asked.backlog)
            erp = ConnectorSettings(name="ERP", kind="http", address=sink.url, secret=SECRET)
            board = Switchboard(database, Settings(connectors=(erp,)))
            board.start()
            try:
                found = [_compared(database, board, asked.backlog) for _ in range(asked.rounds)]
            finally:
                board.stop()
    finally:
        database.close()
    what = f"floor and ERP compared, {asked.backlog:,} balances"
    return [alone("B14", what, found, unit="s", most=GOAL_S, note="one unit planted, found and named")]


def _compared(database: Database, board: Switchboard, count: int) -> float:
    begun = time.perf_counter()
    run = reconciliations.reconcile(database, board.followers["ERP"], "bench")
    took = time.perf_counter() - begun
    if (run.compared, run.drifts) != (count, 1):
        raise StageError(f"One drift of {count:,} was expected: {run.sentence}")
    return took


def _lot(n: int) -> str:
    return f"L-{n % 9}" if n % 2 else ""


def _fill(tx: Tx, count: int) -> None:
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        rows = ", ".join(f"('I-{n}', 'A-{n % 2000}', '', '{_lot(n)}', 'available', {n + 1}, 0, 0, 0)" for n in numbers)
        tx.connection.execute(OURS + rows)


def _fill_ledger(sink: Sink, count: int) -> None:
    with sqlite.connect(str(sink.database)) as books:
        books.executemany(
            "INSERT INTO stock (item, lot, status, quantity) VALUES (?, ?, 'available', ?)",
            [(f"I-{n}", _lot(n), n + 1 + (n == PLANTED)) for n in range(count)],
        )
    books.close()
