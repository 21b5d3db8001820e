"""B2: `ledger.post` in groups of 32 behind one durable commit, beside the same rows written by hand on the driver.

The hand-written loop knows its event by heart: it makes the JSON of a plain dict, the hash by one call, and runs the
same six statements with their parameters filled in. Both write the same units into the same carton, and in the end both
journals carry the same last hash: it was the same work.
"""

import hashlib
import time
from typing import Any

import msgspec
from sqlalchemy.sql import ClauseElement

from app.db import GROUP, LOCK_HEAD, SET_HEAD, Database, Tx
from app.stock import ledger
from app.stock.events import Allocated, OpeningStock, Packed
from app.stock.ledger import By
from app.stock.slots import Claim, Slot
from tests import engines
from tests.bench.figures import Asked, Figure, held_against, in_turns
from tests.bench.stage import StageError

GOAL = 0.7
AT = 1_790_000_000_000_000
BY = By(worker="1007", device="HH-07", station="P-1", cause="01932c07-0000-7000-8000-000000000000", at=AT)
LINE, ORDER, ITEM, PLACE, TOTE, CARTON = "SO-00482/1", "SO-00482", "TEE-M", "PACK-1", "T-0001", "C-000000001"
SOURCE, TARGET = Slot(location=PLACE, lpn=TOTE), Slot(location=PLACE, lpn=CARTON)
SCANNED = Packed(line=LINE, item=ITEM, quantity=1, source=SOURCE, target=TARGET)


def measure(asked: Asked) -> list[Figure]:
    ours, theirs = _database(asked), _database(asked)
    groups = asked.postings // GROUP
    try:
        pairs = in_turns(asked.rounds, lambda: _posted(ours, groups), lambda: _by_hand(theirs, groups))
        if _head(ours) != _head(theirs):
            raise StageError("The two journals differ: it was not the same work.")
    finally:
        ours.close()
        theirs.close()
    return [held_against("B2", f"postings in groups of {GROUP}, sqlite", pairs, unit="/s", least=GOAL)]


def _database(asked: Asked) -> Database:
    """A tote full of goods that are promised to one order line."""
    database = Database(engines.fresh_sqlite(asked.folder))
    plenty = 100_000_000

    def work(tx: Tx) -> None:
        ledger.post(tx, OpeningStock(item=ITEM, quantity=plenty, target=SOURCE), BY)
        claim = Claim(line=LINE, item=ITEM, quantity=plenty, slot=SOURCE)
        ledger.post(tx, Allocated(order=ORDER, claimed=(claim,)), BY)

    database.do(work)
    return database


def _posted(database: Database, groups: int) -> float:
    """Postings a second through the ledger and the writer."""

    def group(tx: Tx) -> None:
        for _ in range(GROUP):
            ledger.post(tx, SCANNED, BY)

    begun = time.perf_counter()
    for _ in range(groups):
        database.do(group)
    return groups * GROUP / (time.perf_counter() - begun)


def _by_hand(database: Database, groups: int) -> float:
    """The same rows, straight down."""

    def sql(statement: ClauseElement, **values: Any) -> tuple[str, dict[str, Any]]:
        known = database.compiled(statement)
        return known.sql, {**known.fixed, **values}

    less: dict[str, Any] = {"i": ITEM, "l": PLACE, "p": TOTE, "t": "", "q": 1}
    where: dict[str, Any] = {"item": ITEM, "location": PLACE, "lpn": CARTON, "lot": "", "quantity": 1}
    take, taken = sql(ledger.TAKE_PROMISED, **less, s="available", g=0)
    end, ended = sql(ledger.END_PROMISE, **less, o=LINE)
    put, arrived = sql(ledger.PUT, **where, status="available", allocated=1, grams=0, since=AT)
    keep, kept = sql(ledger.KEEP_PROMISE, **where, line=LINE)
    movement, journal = sql(ledger.WRITE_MOVEMENT)[0], sql(ledger.WRITE_JOURNAL)[0]
    lock, one = sql(LOCK_HEAD)
    set_head, same = sql(SET_HEAD)
    moved: dict[str, Any] = {
        "item": ITEM, "lot": "", "serial": "", "quantity": 1, "grams": 0, "source": PLACE, "source_lpn": TOTE,
        "source_status": "available", "target": PLACE, "target_lpn": CARTON, "target_status": "available", "line": LINE,
    }  # fmt: skip
    header: dict[str, Any] = {
        "kind": "packed", "at": AT, "worker": "1007", "device": "HH-07", "station": "P-1", "cause": BY.cause,
        "document": f"order {ORDER}", "owner": "",
    }  # fmt: skip
    event = {
        "event": "packed", "line": LINE, "item": ITEM, "quantity": 1,
        "source": {"location": PLACE, "lpn": TOTE}, "target": {"location": PLACE, "lpn": CARTON},
    }  # fmt: skip
    facts, rows = list(header.values()), [list(moved.values())]
    encode, sha256 = msgspec.json.encode, hashlib.sha256
    connection = database.connect()
    execute = connection.execute
    begun = time.perf_counter()
    for _ in range(groups):
        execute("BEGIN IMMEDIATE")
        seq, link = execute(lock, one).fetchone()
        for _ in range(GROUP):
            seq += 1
            execute(take, taken)
            execute(end, ended)
            execute(put, arrived)
            execute(keep, kept)
            execute(movement, {"seq": seq, "n": 0, **moved})
            body = encode(event)
            link = sha256(link + encode([seq, *facts, rows]) + body).digest()
            execute(journal, {"seq": seq, **header, "body": body, "hash": link})
        execute(set_head, {**same, "new_seq": seq, "new_hash": link})
        execute("COMMIT")
    rate = groups * GROUP / (time.perf_counter() - begun)
    connection.close()
    return rate


def _head(database: Database) -> tuple[int, bytes]:
    with database.reading() as tx:
        seq, link = tx.row(LOCK_HEAD) or (0, b"")
        return seq, bytes(link)
