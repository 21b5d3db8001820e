"""B10: from `pickface serve` to the first scan answered, on a floor with a million movements.

The clock runs from the command to the moment a worker's scan is kept and its next page is there: version, lock,
migration, checkpoint and the last links of the chain are all proven before.
"""

import json
import time
import urllib.request

from app import clock
from app.db import Database
from tests.bench import stage
from tests.bench.figures import Asked, Figure, alone
from tests.bench.history import copied
from tests.bench.load import Plan
from tests.bench.packers import Scene, lay_out
from tests.bench.stage import Server, StageError

GOAL_S = 3.0
ANSWER_WITHIN_S = 30.0


def measure(asked: Asked) -> list[Figure]:
    url = copied(asked.cache, asked.grown, asked.folder)
    database = Database(url)
    try:
        packers = lay_out(database, 1)
        found = []
        for _ in range(asked.rounds):
            server = Server(stage.OURS, url, asked.folder)
            plan = Scene(server, database, packers).plan(0.0, 0.0)
            begun = time.perf_counter()
            with server:
                server.wait_ready()
                _scan(server, plan)
                found.append(time.perf_counter() - begun)
    finally:
        database.close()
    return [alone("B10", f"start to first answer, {asked.grown:,} movements", found, unit="s", most=GOAL_S)]


def _scan(server: Server, plan: Plan) -> None:
    """One scan of the one worker. Raises StageError unless the floor said yes."""
    who = plan.workers[0]
    body = json.dumps({"id": clock.new_id(), "after": who.step, "raw": who.raw, "at": 0}).encode()
    headers = {**who.headers, "Content-Type": "application/json"}
    asked = urllib.request.Request(server.address + plan.path, body, headers)
    with urllib.request.urlopen(asked, timeout=ANSWER_WITHIN_S) as answer:
        if answer.headers["X-Verdict"] not in ("ok", "step"):
            raise StageError(f"The first scan was not taken: {answer.read(300)!r}")
