"""Long desk commands give way to scans: they write in small jobs, and where the writer's queue is full they wait a little."""

import time
from collections.abc import Callable
from typing import TypeVar

from app.db import Database, Tx
from app.errors import Busy

TRIES = 100
PAUSE_S = 0.05

T = TypeVar("T")


def patiently(db: Database, work: Callable[[Tx], T]) -> T:
    """Have `work` written, waiting up to 5 s for a place in the queue. Raises Busy after that, and what `work` raises."""
    for _ in range(TRIES - 1):
        try:
            return db.do(work)
        except Busy:
            time.sleep(PAUSE_S)
    return db.do(work)
