"""B1: one posting scan over HTTP, beside the least a server of this kind could do.

Ours is the whole of it: session, Origin and CSRF, screen, barcode, scan log, event, journal, balances, promise, durable
commit, the next page drawn. Beside it the bare handler keeps one journal row on the same server and writer. 32 workers,
each scans again as soon as it is answered; both servers stand through all rounds, the load alternates between them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from app.db import Database
from tests import engines
from tests.bench import stage
from tests.bench.figures import Asked, Figure, held_against, in_turns
from tests.bench.load import Load, Plan, Worker
from tests.bench.packers import Scene, lay_out
from tests.bench.stage import Server

THROUGHPUT, TAIL = 0.6, 2.0


def measure(asked: Asked) -> list[Figure]:
    return compare("B1", "sqlite", asked, throughput=THROUGHPUT, tail=TAIL)


def compare(id: str, engine: str, asked: Asked, *, throughput: float, tail: float | None) -> list[Figure]:
    """Our scans beside the bare handler's, on either engine."""
    with floor(engines.fresh(engine, asked.folder), asked) as scene, bare(engine, asked) as plain:
        pairs = in_turns(
            asked.rounds,
            lambda: scene.load(asked.seconds, asked.warm_s),
            lambda: plain.load(bare_plan(plain, asked)),
        )
    return figures(id, engine, pairs, throughput=throughput, tail=tail)


def figures(
    id: str, where: str, pairs: Sequence[tuple[Load, Load]], *, throughput: float, tail: float | None
) -> list[Figure]:
    rates = [(mine.per_s, other.per_s) for mine, other in pairs]
    tails = [(mine.p99_ms, other.p99_ms) for mine, other in pairs]
    mine, other = (median(load.cpu_us for load in loads) for loads in zip(*pairs, strict=True))
    note = f"processor time of a scan {mine:,.0f} µs, beside {other:,.0f} µs: {other / max(1.0, mine):.2f}"
    return [
        held_against(id, f"posting scans, {where}", rates, unit="/s", least=throughput, note=note),
        held_against(f"{id} p99", f"the slowest in a hundred, {where}", tails, unit="ms", most=tail),
    ]


@contextmanager
def floor(url: str, asked: Asked, count: int = 0) -> Iterator[Scene]:
    """Our server over a database with packers in it."""
    database = Database(url)
    try:
        packers = lay_out(database, count or asked.workers)
        with Server(stage.OURS, url, asked.folder) as server:
            yield Scene(server, database, packers)
    finally:
        database.close()


@contextmanager
def bare(engine: str, asked: Asked) -> Iterator[Server]:
    with Server(stage.BARE, engines.fresh(engine, Path(asked.folder)), asked.folder) as server:
        yield server


def bare_plan(server: Server, asked: Asked) -> Plan:
    """The same load as ours, byte for byte but for the headers of a login nobody looks at here."""
    workers = [Worker(step="0" * 36, raw="4006381333931") for _ in range(asked.workers)]
    return Plan(
        host=stage.HOST,
        port=server.port,
        path="/bare",
        workers=workers,
        seconds=asked.seconds,
        warm_s=asked.warm_s,
    )
