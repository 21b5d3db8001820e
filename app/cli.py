"""`pickface`: the command an admin types. Every failure is one sentence on standard error and an exit code above 0."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from app import config
from app.db import Database
from app.errors import CannotStart, Refusal
from app.stock import rebuild


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given))
    except (CannotStart, Refusal) as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pickface", description="The app a warehouse floor runs on.")
    parser.add_argument("--config", type=Path, help="settings file (default: ./pickface.toml where it exists)")
    commands = parser.add_subparsers(required=True, metavar="command")
    commands.add_parser("serve", help="run the floor").set_defaults(run=_serve)
    commands.add_parser("check", help="prove the ledger: balances, chain, serials").set_defaults(run=_check)
    return parser


def _serve(given: argparse.Namespace) -> int:
    from app.main import serve

    return serve(config.load(given.config), given.config)


def _check(given: argparse.Namespace) -> int:
    database = Database(config.load(given.config).database)
    try:
        with database.reading() as tx:
            report = rebuild.check(tx)
    finally:
        database.close()
    for finding in report.findings:
        print(f"{finding.code}: {finding.sentence}")
    first = next((finding.seq for finding in report.findings if finding.seq), 0)
    print(
        f"{report.events} events and {report.movements} movements checked: "
        + (
            "all proven."
            if report.clean
            else f"{len(report.findings)} findings" + (f", first bad event {first}." if first else ".")
        )
    )
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
