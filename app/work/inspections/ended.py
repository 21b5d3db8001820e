"""An open inspection whose goods went another way: written off, given another status, recalled, sent back, never received.

It closes by itself with that reason as soon as nothing of its lot is under inspection any more; for the switching rules no
lot was judged. Taken back, it goes on where it stood. A recall ends it at once: what the lot is like is no question then.
"""

from sqlalchemy import bindparam, exists, select, update

from app import clock
from app.db import Tx
from app.schema.quality import inspection
from app.stock.events import (
    Adjusted,
    AnyEvent,
    DiscrepancySettled,
    PalletReceived,
    Received,
    ReturnLeft,
    StatusChanged,
    TransferReceived,
    TransferShipped,
    UnplannedReceived,
    WrittenOff,
)
from app.stock.slots import Movement
from app.work.inspections import lots
from app.work.inspections.lots import STATUS, Inspection

LEFT = "left"
LEAVES = (Adjusted, DiscrepancySettled, ReturnLeft, StatusChanged, TransferShipped, WrittenOff)
CAME = (PalletReceived, Received, TransferReceived, UnplannedReceived)  # taken back, they leave as well

END = (
    update(inspection)
    .where(inspection.c.id == bindparam("which"), inspection.c.state == "open")
    .values(state=LEFT, decided=bindparam("words"), closed=bindparam("now"), seq=bindparam("its_seq"))
)
LAST_LEFT = (
    select(inspection.c.id)
    .where(
        inspection.c.item == bindparam("of_item"),
        inspection.c.lot == bindparam("of_lot"),
        inspection.c.state == LEFT,
        inspection.c.decided == bindparam("words"),
        ~exists(
            select(inspection.c.id)
            .where(inspection.c.item == bindparam("of_item"), inspection.c.lot == bindparam("of_lot"))
            .where(inspection.c.state == "open")
            .correlate(None)
        ),
    )
    .order_by(inspection.c.closed.desc())
    .limit(1)
)
GO_ON = (
    update(inspection)
    .where(inspection.c.id == bindparam("which"), inspection.c.state == LEFT)
    .values(state="open", decided="", closed=0, seq=0)
)


def goods_moved(tx: Tx, event: AnyEvent, sign: int) -> None:
    """After an event, or after it was taken back: end what has no goods left, go on with what has them again."""
    if not isinstance(event, LEAVES if sign > 0 else LEAVES + CAME):
        return
    moves = event.movements() if sign > 0 else [move.back() for move in event.movements()]
    words = event.in_words()
    for item, lot in dict.fromkeys((move.item, move.lot) for move in moves if _leaves(move)):
        _end(tx, item, lot, words)
    for item, lot in dict.fromkeys((move.item, move.lot) for move in moves if _leaves(move.back())):
        if (found := tx.value(LAST_LEFT, of_item=item, of_lot=lot, words=words)) is not None:
            tx.run(GO_ON, which=found)
            tx.tell("inspections")


def recalled(tx: Tx, item: str, lot: str, why: str) -> None:
    _close(tx, item, lot, f"lot {lot} recalled: {why}")


def _end(tx: Tx, item: str, lot: str, words: str) -> None:
    if not lots.under(tx, item, lot):
        _close(tx, item, lot, words)


def _close(tx: Tx, item: str, lot: str, words: str) -> None:
    found = tx.one(lots.OPEN_OF, Inspection, of_item=item, of_lot=lot)
    if found is None:
        return
    assert tx.head is not None, "goods move through the writer"
    tx.run(END, which=found.id, words=words, now=clock.now(), its_seq=tx.head[0])
    tx.tell("inspections")


def _leaves(move: Movement) -> bool:
    return move.source.status == STATUS and move.target.status != STATUS
