"""B7: a label understood, beside a parser that only splits it.

The labels carry four GS1 identifiers: trade item, expiry, lot and serial, behind the AIM identifier a scanner sends.
`barcodes.read` also finds the item in the tables and says what the screen may take; `biip.parse` reads the text alone.
"""

import time
from collections.abc import Callable
from typing import Any

import biip
from sqlalchemy import insert

from app import schema
from app.db import Database, Tx
from app.floor import barcodes
from app.floor.readings import ItemReading
from tests import engines
from tests.bench.figures import Asked, Figure, held_against, in_turns
from tests.bench.stage import StageError
from tests.world import gtin13

GOAL = 2.0
ITEMS = 500
GS = "\x1d"
TAKES = frozenset({"item", "lpn", "document"})  # as at the packing table


def measure(asked: Asked) -> list[Figure]:
    database = Database(engines.fresh_sqlite(asked.folder))
    database.do(_items)
    labels = [_label(n) for n in range(asked.labels)]
    try:
        with database.reading() as tx:
            first = barcodes.read(tx, labels[0], "", TAKES)
            if not isinstance(first, ItemReading) or first.lot != "L0" or first.serial != "S000000":
                raise StageError(f"The label was not understood: {first}")
            pairs = in_turns(
                asked.rounds,
                lambda: _each_us(labels, lambda label: barcodes.read(tx, label, "", TAKES)),
                lambda: _each_us(labels, biip.parse),
            )
    finally:
        database.close()
    return [held_against("B7", "a GS1 label understood", pairs, unit="µs", most=GOAL)]


def _items(tx: Tx) -> None:
    for n in range(ITEMS):
        tx.run(insert(schema.items.item).values(code=f"SKU-{n}", name=f"Item {n}"))
        tx.run(insert(schema.items.item_barcode).values(code=gtin13(n), item=f"SKU-{n}"))


def _label(n: int) -> str:
    return f"]C1010{gtin13(n % ITEMS)}17270501" + f"10L{n % 40}{GS}21S{n:06}"


def _each_us(labels: list[str], read: Callable[[str], Any]) -> float:
    begun = time.perf_counter()
    for label in labels:
        read(label)
    return (time.perf_counter() - begun) / len(labels) * 1e6
