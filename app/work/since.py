"""From which event on something lies within a time: the journal is kept by number, so the moment is found by halving.

Events are numbered in the order they were committed, and most happened just before; what a handheld kept while it had no
network is dated earlier than its neighbours. So a run of neighbours is asked at each step and the newest of them speaks;
what comes of it is a place to start reading, and each row's own time still decides.
"""

from sqlalchemy import bindparam, func, select

from app import clock
from app.db import Tx
from app.schema.stock import journal
from app.stock.journal import last_seq

LATE = clock.HOUR  # how much later than it happened an event may have reached the books

RUN = 20  # neighbours asked: so many in a row are not all late

NEWEST_OF_RUN = select(func.max(journal.c.at)).where(
    journal.c.seq >= bindparam("seq"), journal.c.seq < bindparam("seq") + RUN
)


def first_seq(tx: Tx, moment: int) -> int:
    """The first number whose event may have happened at `moment` (µs) or later; one past the end where none did."""
    low, high = 1, last_seq(tx) + 1
    wanted = moment - LATE
    while low < high:
        middle = (low + high) // 2
        at = tx.value(NEWEST_OF_RUN, seq=middle)
        if at is not None and at < wanted:
            low = middle + 1
        else:
            high = middle
    return low
