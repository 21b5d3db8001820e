"""`pickface`: the command an admin types. Every failure is one sentence on standard error and an exit code above 0.

What each command does is in cli_commands.py, which imports what it needs only then: help and a wrong setting are answered
at once.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from app.cli_commands import (
    run_check,
    run_contract,
    run_crew,
    run_demo,
    run_export,
    run_import,
    run_read,
    run_record,
    run_restored,
    run_serve,
)
from app.cli_virtual import run_virtual
from app.errors import CannotStart, Refusal
from devices.framing import Framing
from devices.symbology import GS, GS_STAND_INS


def main(arguments: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["virtual"]:
            return run_virtual(words[1:])
        if words[:1] == ["hub"]:
            from sync.hub import main as tell_for_sites

            return tell_for_sites(words[1:])
        given = _parser().parse_args(words)
        return int(given.run(given))
    except (CannotStart, Refusal) as problem:
        print(problem, file=sys.stderr)
        return 2
    except OSError as problem:
        print(f"That did not work: {problem}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pickface", description="The app a warehouse floor runs on.")
    parser.add_argument("--config", type=Path, help="settings file (default: ./pickface.toml where it exists)")
    commands = parser.add_subparsers(required=True, metavar="command")

    commands.add_parser("serve", help="run the floor").set_defaults(run=run_serve)

    demo = commands.add_parser("demo", help="run a whole demo floor with virtual hardware")
    demo.add_argument("--port", type=int, default=8080)
    demo.add_argument("--reset", action="store_true", help="throw the last demo's data away first")
    demo.set_defaults(run=run_demo)

    commands.add_parser("check", help="prove the ledger: balances, chain, serials").set_defaults(run=run_check)

    commands.add_parser(
        "restored", help="this database is a backup: skip the numbers its lost hours gave out"
    ).set_defaults(run=run_restored)

    imports = commands.add_parser("import", help="read a folder of CSV and XLSX tables, all of it or nothing")
    imports.add_argument("folder", type=Path)
    imports.add_argument("--preview", action="store_true", help="only say what would happen")
    imports.set_defaults(run=run_import)

    read = commands.add_parser(
        "read",
        help="read labels: JSON lines in, one answer a line out",
        description=(
            'Read a label from the command line. Each line on standard input is {"symbology": "]C1", "input": "…"}: the '
            "AIM identifier, a format's name or null; an input that begins with ] carries its own; GS is \\u001d. Each is "
            "answered with one JSON line: valid, code and sentence where not, identifiers, and reading, how the floor "
            "would understand it. With --config, also what it is in that house."
        ),
    )
    read.add_argument("--gs", choices=GS_STAND_INS[1:], default=GS, help="what the scanner sends instead of GS")
    read.set_defaults(run=run_read)

    records = commands.add_parser("record", help="write what a scanner reads into a file, to be played again")
    records.add_argument("address", help="as in the settings: a path, tcp://…, rfc2217://… or listen://host:port")
    records.add_argument("file", type=Path, help="a new one; `replay:FILE` is then the address of a scanner")
    records.add_argument("--framing", choices=get_args(Framing), default="line")
    records.add_argument("--baud", type=int, default=9600)
    records.set_defaults(run=run_record)

    contract = commands.add_parser("contract", help="the contract with the ERP: AsyncAPI, JSON Schemas, who owns what")
    contract.add_argument(
        "folder", type=Path, nargs="?", help="write it all there; without, print the AsyncAPI document"
    )
    contract.set_defaults(run=run_contract)

    exports = commands.add_parser(
        "export", help="a stretch of the journal as CloudEvents, EPCIS 2.0 or X12 944/945/947"
    )
    exports.add_argument("format", choices=("cloudevents", "epcis", "x12"))
    exports.add_argument("file", type=Path)
    exports.add_argument("--after", type=int, default=0, metavar="SEQ", help="begin behind this event")
    exports.add_argument("--most", type=int, default=10_000, metavar="EVENTS", help="at most so many at once (10,000)")
    exports.add_argument("--receiver", default="DEPOSITOR", help="of an X12 interchange")
    exports.set_defaults(run=run_export)

    crew = commands.add_parser("crew", help="virtual workers: a day's traffic over the public JSON door")
    crew.add_argument("--url", default="http://127.0.0.1:8080", help="where the floor is")
    crew.add_argument("--truth", type=Path, required=True, metavar="FILE", help="what physically exists, as JSON")
    crew.add_argument("--workers", type=int, default=8)
    crew.add_argument("--seconds", type=float, default=0.0, help="end then; 0: when the day's work is done")
    crew.add_argument("--seed", type=int, default=1)
    crew.add_argument("--wrong", type=float, default=0.02, help="the part of scans that are wrong on purpose")
    crew.add_argument(
        "--labels", action="append", default=[], metavar="URL", help="a virtual printer's page to look at"
    )
    crew.add_argument("--pause", type=float, default=0.0, metavar="SECONDS", help="before each scan, as people need")
    crew.set_defaults(run=run_crew)

    commands.add_parser("hub", help="tell the ERP what many sites say over NATS, and them what it answers")
    commands.add_parser("virtual", help="virtual scanner, scale, printer, a bench of them all, a ledger or a carrier")
    return parser


if __name__ == "__main__":
    sys.exit(main())
