"""B12: from a lot number to where it is and who got it, after a million movements.

One lot has a tenth of them: received on many POs, moved about, shipped to thousands of customers; a part is still here. The
whole recall page is read: where it is, who got it (the newest 20,000 deliveries, as in the CSV), where it came from. The
rows are written in bulk and only for reading: they are not posted.
"""

import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, bindparam, insert

from app import clock, schema
from app.db import Database, Tx
from app.desk import recall
from app.desk.recall import LotFilter
from app.stock import journal
from app.stock.slots import CUSTOMER, SUPPLIER
from tests.bench.figures import Asked, Figure, alone
from tests.bench.history import copied
from tests.bench.stage import StageError

GOAL_S = 1.0
SHARE = 10  # of the movements, one in so many is of the lot
ITEM, LOT = "HONEY", "L-RECALL"
CHUNK = 20_000


def measure(asked: Asked) -> list[Figure]:
    database = Database(copied(asked.cache, asked.grown, asked.folder))
    try:
        database.do(lambda tx: _ship(tx, max(20, asked.grown // SHARE)))
        found, gone = [], 0
        for _ in range(asked.rounds):
            begun = time.perf_counter()
            with database.reading() as tx:
                page = recall.look(tx, LotFilter(q=LOT))
            found.append(time.perf_counter() - begun)
            if page.lot is None or not page.lot.where or not page.lot.who or not page.lot.came_from:
                raise StageError(f"The lot was not found: {page.headline}")
            gone = page.lot.gone
    finally:
        database.close()
    note = f"the lot has {asked.grown // SHARE:,} movements, {gone:,} deliveries"
    what = f"lot to where-is and who-got, {asked.grown:,} movements"
    return [alone("B12", what, found, unit="s", most=GOAL_S, note=note)]


def _ship(tx: Tx, count: int) -> None:
    """A life of a lot: one receipt, four moves and five deliveries in ten movements."""
    tx.run(insert(schema.items.item).values(code=ITEM, name="Honey", lot_tracked=1))
    tx.run(insert(schema.items.lot).values(item=ITEM, lot=LOT, held="recall: glass"))
    for n in range(200):
        tx.run(
            insert(schema.stock.balance).values(
                item=ITEM, location=f"H-{n:03}", lot=LOT, status="available", quantity=3, lpn=""
            )
        )
    first = journal.last_seq(tx) + 1
    tables = (schema.stock.journal, schema.stock.movement, schema.documents.sales_order, schema.documents.order_line)
    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in tables}
    for name, row in _life(first, count):
        rows[name].append(row)
        if len(rows[name]) >= CHUNK:
            _write(tx, tables, rows)
    _write(tx, tables, rows)


def _write(tx: Tx, tables: tuple[Table, ...], rows: dict[str, list[dict[str, Any]]]) -> None:
    for table in tables:
        if rows[table.name]:
            tx.many(insert(table).values({name: bindparam(name) for name in rows[table.name][0]}), rows[table.name])
        rows[table.name] = []


def _life(first: int, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for n in range(count):
        seq, turn = first + n, n % 10
        order = f"R-{n:07}"
        source, target = ("A-01", "A-02") if turn % 2 else ("A-02", "A-01")
        line = ""
        if turn == 0:
            source, target = SUPPLIER, "DOCK-1"
        elif turn > 4:
            source, target, line = "LANE-1", CUSTOMER, f"{order}/1"
            yield (
                "sales_order",
                {"code": order, "customer": f"C-{n % 5_000}", "name": f"Customer {n % 5_000}", "state": "shipped"},
            )
            yield "order_line", {"id": line, "order_code": order, "line": "1", "item": ITEM, "quantity": 1}
        document = f"po {n // 1_000}" if turn == 0 else f"order {order}" if line else f"item {ITEM}"
        header = {"kind": "moved", "at": seq * clock.SECOND, "document": document, "body": b"{}", "hash": b""}
        yield "journal", {"seq": seq, **header}
        move = {"item": ITEM, "lot": LOT, "quantity": 1, "source": source, "target": target, "line": line}
        yield "movement", {"seq": seq, "n": 0, **move, "source_lpn": f"C-{n}" if line else ""}
