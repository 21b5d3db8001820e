"""`make bench`: every figure of the house, side by side in one run; a table for people, bench.json for machines.

    python -m tests.bench                      all of them, as the README quotes them (about fifteen minutes)
    python -m tests.bench --only B1,B2         some of them
    python -m tests.bench --quick              shorter rounds and a tenth of the history, for a look

It listens on loopback only, keeps its filled databases in var/bench for the next run, and ends what it started.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import (
    b01_scan,
    b02_posting,
    b03_years,
    b04_postgresql,
    b05_follower,
    b06_floor,
    b07_reading,
    b08_drawing,
    b10_start,
    b11_memory,
    b12_recall,
    b13_station,
    b14_reconcile,
    b15_drain,
    b16_tryton,
    b17_hub,
    figures,
)
from tests.bench.figures import Asked, Figure

BENCHES: dict[str, Callable[[Asked], list[Figure]]] = {
    "B1": b01_scan.measure,
    "B2": b02_posting.measure,
    "B3": b03_years.measure,
    "B4": b04_postgresql.measure,
    "B5": b05_follower.measure,
    "B6": b06_floor.measure,
    "B7": b07_reading.measure,
    "B8": b08_drawing.measure,
    "B10": b10_start.measure,
    "B11": b11_memory.measure,
    "B12": b12_recall.measure,
    "B13": b13_station.measure,
    "B14": b14_reconcile.measure,
    "B15": b15_drain.measure,
    "B16": b16_tryton.measure,
    "B17": b17_hub.measure,
}
CACHE = Path(__file__).parents[2] / "var" / "bench"


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pickface-bench-") as folder:
        asked = Asked(folder=Path(folder), cache=given.cache, rounds=given.rounds)
        asked = figures.quick(asked) if given.quick else asked
        found: list[Figure] = []
        for id in given.only:
            print(f"{id} …", end=" ", file=sys.stderr, flush=True)
            since = time.monotonic()
            found += BENCHES[id](asked)
            print(f"{time.monotonic() - since:.0f} s", file=sys.stderr, flush=True)
    print(figures.table(found))
    figures.write(given.json, found, asked, time.monotonic() - begun)
    missed = [figure.id for figure in found if figure.met is False]
    print(f"\n{given.json} written; " + (f"missed: {', '.join(missed)}" if missed else "every goal met"))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the house, side by side.")
    parser.add_argument("--only", type=_ids, default=list(BENCHES), metavar="B1,B2", help="these benches alone")
    parser.add_argument("--rounds", type=_rounds, default=5, metavar="N", help="the median of so many")
    parser.add_argument("--quick", action="store_true", help="short rounds, small histories: a look, not a figure")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), metavar="FILE", help="where the figures go")
    parser.add_argument("--cache", type=Path, default=CACHE, metavar="FOLDER", help="where filled databases are kept")
    return parser


def _ids(text: str) -> list[str]:
    wanted = [word.strip().upper() for word in text.split(",") if word.strip()]
    unknown = [word for word in wanted if word not in BENCHES]
    if unknown or not wanted:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown) or 'nothing'}: choose from {', '.join(BENCHES)}")
    return wanted


def _rounds(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 99:
        raise argparse.ArgumentTypeError(f"{text} is no number of rounds from 1 to 99")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
