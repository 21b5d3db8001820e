"""B4: the scan of B1 on PostgreSQL, beside the bare handler on PostgreSQL; one node of ours."""

from tests.bench.b01_scan import compare
from tests.bench.figures import Asked, Figure

GOAL = 0.5


def measure(asked: Asked) -> list[Figure]:
    return compare("B4", "postgresql", asked, throughput=GOAL, tail=None)
