"""From which event on something lies within a time: the journal is kept by number, so the moment is found by halving.

Events are numbered in the order they were committed, and most happened just before; what a handheld kept while it had no
network is dated earlier than its neighbours. So this is a place to start reading, and each row's own time still decides.
"""

from sqlalchemy import bindparam, select

from app import clock
from app.db import Tx
from app.schema.stock import journal
from app.stock.journal import last_seq

LATE = clock.HOUR  # how much later than it happened an event may have reached the books

AT_OR_AFTER = select(journal.c.at).where(journal.c.seq >= bindparam("seq")).order_by(journal.c.seq).limit(1)


def first_seq(tx: Tx, moment: int) -> int:
    """The first number whose event may have happened at `moment` (µs) or later; one past the end where none did."""
    low, high = 1, last_seq(tx) + 1
    wanted = moment - LATE
    while low < high:
        middle = (low + high) // 2
        at = tx.value(AT_OR_AFTER, seq=middle)
        if at is not None and at < wanted:
            low = middle + 1
        else:
            high = middle
    return low
