"""`make proof`: a whole day of orders on SQLite and on PostgreSQL, one after the other, killed and cut off on the way.

    python -m tests.proof                          500 orders, 5,000 lines and more, ten kills
    python -m tests.proof --orders 50 --lines 500 --engine sqlite

Real orders are taken where PICKFACE_PLANNING_DATA names the folder with online_retail.json.gz; else the day is generated
in the same shape, and the first line says so. Exit code 1 where anything is not proven; the evidence then stays in the
folder named.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from shutil import rmtree

from tests import engines
from tests.proof.run import prove

MOST_LINES, MOST_UNITS = 30, 48  # larger orders go out by the pallet, not over a cart


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description="The proof: a day of orders.")
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--lines", type=int, default=5000, help="at least so many")
    parser.add_argument("--most-lines", type=int, default=MOST_LINES, help="of an order; larger ones are left out")
    parser.add_argument("--most-units", type=int, default=MOST_UNITS, help="of a line; larger ones are left out")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mixed", action="store_true", help="with every other job of the floor besides")
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    given = parser.parse_args()
    chosen = ("sqlite", "postgresql") if given.engine == "both" else (given.engine,)
    proven = True
    for engine in chosen:
        folder = Path(tempfile.mkdtemp(prefix=f"pickface-proof-{engine}-"))
        began = time.monotonic()
        proof = prove(
            folder,
            engine,
            engines.fresh(engine, folder),
            orders=given.orders,
            min_lines=given.lines,
            most_lines=given.most_lines,
            most_units=given.most_units,
            kills=given.kills,
            workers=given.workers,
            seed=given.seed,
            mixed=given.mixed,
        )
        print(proof.in_words())
        print(f"{time.monotonic() - began:.0f} s in all, conversion, import and checks included\n", flush=True)
        if proof.faults:
            print(f"The evidence is in {folder}.")
            proven = False
        else:
            rmtree(folder, ignore_errors=True)
    return 0 if proven else 1


if __name__ == "__main__":
    sys.exit(main())
