"""Years of work in a minute or two: databases with millions of true journal rows, made once and kept.

32 workers carry goods from bins into totes and back, so the balances end where they began and every row proves: the
events are our events, the chain is made by the ledger's own `chain`, and `pickface check` is clean. Only the way in is
short: rows in bulk instead of a posting each, each with the line of its scan. A filled file is kept under the hash of
schema and of this module; a longer history is grown from the longest shorter one.
"""

import hashlib
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Table, insert

from app import clock, schema
from app.db import LOCK_HEAD, SET_HEAD, Database, Tx
from app.stock import ledger
from app.stock.events import Moved, OpeningStock
from app.stock.slots import Movement, Slot
from tests import engines
from tests.world import gtin13

ITEMS = 500
WORKERS = 32
TOTES = 100
CHUNK = 10_000  # rows of one executemany
EACH = 1_000  # units of an item
APART = 2 * clock.SECOND
BEGAN = 1_600_000_000 * clock.SECOND

Rows = tuple[tuple[Any, ...], ...]  # of one event: journal, movement, scan


def filled(cache: Path, rows: int) -> Path:
    """The kept SQLite file with exactly `rows` journal rows. Copy it; never write to it."""
    if rows <= ITEMS or rows % 2:
        raise ValueError(f"A history has an even number of rows, more than {ITEMS}: all goods are back in their bins.")
    folder = cache / f"history-{_revision()}"
    for other in cache.glob("history-*"):
        if other != folder:
            shutil.rmtree(other)  # of another schema: gigabytes nobody reads again
    folder.mkdir(parents=True, exist_ok=True)
    wanted, part = folder / f"{rows}.db", folder / f"{rows}.part"
    if not wanted.exists():
        shorter = [int(one.stem) for one in folder.glob("*.db") if one.stem.isdigit() and int(one.stem) < rows]
        if shorter:
            shutil.copy(folder / f"{max(shorter)}.db", part)
        else:
            Path(engines.fresh_sqlite(folder).removeprefix("sqlite:///")).rename(part)
        _fill(part, rows, opened=bool(shorter))
        part.rename(wanted)
    return wanted


def copied(cache: Path, rows: int, folder: Path) -> str:
    """The URL of a database of one's own with so many journal rows."""
    target = folder / f"history-{rows}-{clock.new_id()}.db"
    shutil.copy(filled(cache, rows), target)
    return f"sqlite:///{target}"


def _revision() -> str:
    """Another schema, or another way of filling, is another history."""
    told = repr([(table.name, list(map(repr, table.columns)), sorted(map(repr, table.indexes))) for table in _TABLES])
    return hashlib.sha256(told.encode() + Path(__file__).read_bytes()).hexdigest()[:12]


_TABLES = schema.metadata.sorted_tables


def _fill(file: Path, rows: int, *, opened: bool) -> None:
    database = Database(f"sqlite:///{file}")
    if not opened:
        database.do(_open)
    with database.reading() as tx:
        seq, link = tx.row(LOCK_HEAD) or (0, b"")
    connection = database.connect()
    for pragma in ("synchronous=OFF", "cache_size=-524288", "wal_autocheckpoint=20000"):
        connection.execute(f"PRAGMA {pragma}")
    tables = [_bulk(table) for table in (schema.stock.journal, schema.stock.movement, schema.floor.scan)]
    set_head = database.compiled(SET_HEAD)
    coming = _events(seq, bytes(link), rows)
    while chunk := list(islice(coming, CHUNK)):
        connection.execute("BEGIN IMMEDIATE")
        for sql, own in zip(tables, zip(*chunk, strict=True), strict=True):
            connection.executemany(sql, own)
        last = chunk[-1][0]
        connection.execute(set_head.sql, {**set_head.fixed, "new_seq": last[0], "new_hash": last[-1]})
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    database.close()


def _open(tx: Tx) -> None:
    """Items in their bins, posted one by one."""
    for n in range(ITEMS):
        tx.run(insert(schema.items.item).values(code=_item(n), name=f"Item {n}", weight_g=200))
        tx.run(insert(schema.items.item_barcode).values(code=gtin13(n + 1), item=_item(n)))
        tx.run(insert(schema.places.location).values(code=_bin(n).location, site="MAIN", sequence=n))
        ledger.post(tx, OpeningStock(item=_item(n), quantity=EACH, target=_bin(n)), ledger.By(worker="setup", at=BEGAN))


def _events(seq: int, link: bytes, last: int) -> Iterator[Rows]:
    """Pairs of events up to number `last`: a unit of an item goes into a tote, then back into its bin."""
    for number in range(seq + 1, last + 1):
        back, pair = (number - ITEMS - 1) % 2, (number - ITEMS - 1) // 2
        item, tote = pair * 7 % ITEMS, Slot(location="CART", lpn=f"T-{pair % TOTES:04}")
        source, target = (tote, _bin(item)) if back else (_bin(item), tote)
        move = Movement(item=_item(item), quantity=1, source=source, target=target)
        event = Moved(contents=(move,))
        at, who, cause = BEGAN + number * APART, pair % WORKERS, f"{number:036x}"
        header = {
            "kind": "moved", "at": at, "worker": f"w{who:02}", "device": f"HH-{who:02}", "station": "", "cause": cause,
            "document": event.document, "owner": "",
        }  # fmt: skip
        body, row = msgspec.json.encode(event), ledger._as_row(move)
        link = ledger.chain(link, number, header, body, [row])
        scan = (cause, f"w{who:02}", f"HH-{who:02}", "scan", _item(item), "", "", "", at, at, "moving", "item", "ok")
        yield (number, *header.values(), body, link), (number, 0, *row.values()), (*scan, number, b"")


def _item(n: int) -> str:
    return f"SKU-{n:04}"


def _bin(n: int) -> Slot:
    return Slot(location=f"B-{n // 50:02}-{n % 50:02}")


def _bulk(table: Table) -> str:
    names = [column.name for column in table.columns]
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
