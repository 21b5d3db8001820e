"""`python -m tests.bench.strangers SHARE`: a process that only reckons, for that share of a processor, until it is ended.

It has nothing to do with us: what the floor's slowest scans lose beside it they lose to the machine, not to our code.
"""

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TURN_S = 0.02
BODY = bytes(70_000)  # as a batch of a hundred events is


@contextmanager
def at_work(count: int, share: float) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.bench.strangers", str(share)]
    started = [subprocess.Popen(command, cwd=Path(__file__).parents[2]) for _ in range(count)]
    try:
        yield
    finally:
        for one in started:
            one.kill()
            one.wait()


def reckon(share: float) -> None:
    while True:
        begun = time.thread_time()
        while time.thread_time() - begun < share * TURN_S:
            hashlib.sha256(BODY).digest()
            sum(range(200))
        time.sleep((1 - share) * TURN_S)


if __name__ == "__main__":
    reckon(float(sys.argv[1]))
