"""B10: from `pickface serve` to the first scan answered, on a floor with a million movements.

The clock runs from the command to the moment a worker's scan is kept and its next page is there: version, lock,
migration, checkpoint and the last links of the chain are all proven before.
"""

import time

from app.db import Database
from tests.bench import stage
from tests.bench.figures import Asked, Figure, alone
from tests.bench.history import copied
from tests.bench.load import Plan
from tests.bench.packers import Scene, lay_out
from tests.bench.stage import Server

GOAL_S = 3.0
ONE_SCAN_S = 0.01  # of load: each worker scans at least once


def measure(asked: Asked) -> list[Figure]:
    url = copied(asked.cache, asked.grown, asked.folder)
    database = Database(url)
    try:
        packers = lay_out(database, 1)
        found = []
        for _ in range(asked.rounds):
            server = Server(stage.OURS, url, asked.folder)
            plan = Scene(server, database, packers).plan(ONE_SCAN_S, 0.0)
            begun = time.perf_counter()
            with server:
                server.wait_ready()
                found.append(time.perf_counter() - begun + _first_answer_s(server, plan))
    finally:
        database.close()
    return [alone("B10", f"start to first answer, {asked.grown:,} movements", found, unit="s", most=GOAL_S)]


def _first_answer_s(server: Server, plan: Plan) -> float:
    """The slowest of its few answers; the time the load's own process needs to start is not the server's."""
    return server.load(plan).max_ms / 1000
