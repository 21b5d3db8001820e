"""B3: the scan of B1 on a floor that has worked for years, beside the same scan on a young one.

Two servers stand over two million and over ten thousand journal rows (with their movements and scans); the load
alternates. What grows with the history shows here: an index that is walked, a page that no longer fits the cache.
"""

from tests.bench.b01_scan import figures, floor
from tests.bench.figures import Asked, Figure, in_turns
from tests.bench.history import copied

GOAL = 0.9


def measure(asked: Asked) -> list[Figure]:
    young, old = (copied(asked.cache, rows, asked.folder) for rows in (asked.few, asked.many))
    with floor(old, asked) as here, floor(young, asked) as there:
        pairs = in_turns(
            asked.rounds,
            lambda: here.load(asked.seconds, asked.warm_s),
            lambda: there.load(asked.seconds, asked.warm_s),
        )
    return figures("B3", f"{asked.many:,} rows to {asked.few:,}", pairs, throughput=GOAL, tail=None)
