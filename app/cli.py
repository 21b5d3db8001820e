"""`pickface`: the command an admin types. Every failure is one sentence on standard error and an exit code above 0.

Each command imports what it needs, when it runs: help and a wrong setting are answered at once.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from app import config
from app.config import Settings
from app.errors import CannotStart, Refusal
from devices.framing import Framing
from devices.symbology import GS, GS_STAND_INS

if TYPE_CHECKING:
    from app.db import Database


def main(arguments: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["virtual"]:
            return _virtual(words[1:])
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

    commands.add_parser("serve", help="run the floor").set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="run a whole demo floor with virtual hardware")
    demo.add_argument("--port", type=int, default=8080)
    demo.add_argument("--reset", action="store_true", help="throw the last demo's data away first")
    demo.set_defaults(run=_demo)

    commands.add_parser("check", help="prove the ledger: balances, chain, serials").set_defaults(run=_check)

    commands.add_parser(
        "restored", help="this database is a backup: skip the numbers its lost hours gave out"
    ).set_defaults(run=_restored)

    imports = commands.add_parser("import", help="read a folder of CSV and XLSX tables, all of it or nothing")
    imports.add_argument("folder", type=Path)
    imports.add_argument("--preview", action="store_true", help="only say what would happen")
    imports.set_defaults(run=_import)

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
    read.set_defaults(run=_read)

    records = commands.add_parser("record", help="write what a scanner reads into a file, to be played again")
    records.add_argument("address", help="as in the settings: a path, tcp://…, rfc2217://… or listen://host:port")
    records.add_argument("file", type=Path, help="a new one; `replay:FILE` is then the address of a scanner")
    records.add_argument("--framing", choices=get_args(Framing), default="line")
    records.add_argument("--baud", type=int, default=9600)
    records.set_defaults(run=_record)

    contract = commands.add_parser("contract", help="the contract with the ERP: AsyncAPI, JSON Schemas, who owns what")
    contract.add_argument(
        "folder", type=Path, nargs="?", help="write it all there; without, print the AsyncAPI document"
    )
    contract.set_defaults(run=_contract)

    exports = commands.add_parser(
        "export", help="a stretch of the journal as CloudEvents, EPCIS 2.0 or X12 944/945/947"
    )
    exports.add_argument("format", choices=("cloudevents", "epcis", "x12"))
    exports.add_argument("file", type=Path)
    exports.add_argument("--after", type=int, default=0, metavar="SEQ", help="begin behind this event")
    exports.add_argument("--most", type=int, default=10_000, metavar="EVENTS", help="at most so many at once (10,000)")
    exports.add_argument("--receiver", default="DEPOSITOR", help="of an X12 interchange")
    exports.set_defaults(run=_export)

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
    crew.set_defaults(run=_crew)

    commands.add_parser("hub", help="tell the ERP what many sites say over NATS, and them what it answers")
    commands.add_parser("virtual", help="virtual scanner, scale, printer, a bench of them all, a ledger or a carrier")
    return parser


def _serve(given: argparse.Namespace) -> int:
    settings = config.load(given.config)
    from app.main import serve

    return serve(settings, given.config)


def _demo(given: argparse.Namespace) -> int:
    from app import demo

    code = demo.run(given.port, reset=given.reset)
    sys.stdout.flush()
    os._exit(code)  # all of it is ended; the web server's own threads would take two more seconds to notice


def _check(given: argparse.Namespace) -> int:
    settings = config.load(given.config)
    from app.db import Database
    from app.migrations import require_today
    from app.stock import rebuild

    database = Database(settings.database)
    try:
        require_today(database)
        with database.reading() as tx:
            report = rebuild.check(tx)
    finally:
        database.close()
    for finding in report.findings:
        print(f"{finding.code}: {finding.sentence}")
    first = next((finding.seq for finding in report.findings if finding.seq), 0)
    verdict = "all proven." if report.clean else f"{len(report.findings)} findings"
    if first:
        verdict += f", first bad event {first}."
    print(f"{report.events} events and {report.movements} movements checked: {verdict}")
    return 0 if report.clean else 1


def _restored(given: argparse.Namespace) -> int:
    database = _own(config.load(given.config))
    from app.work import high_water

    try:
        print(database.do(high_water.skip))
    finally:
        database.close()
    return 0


def _import(given: argparse.Namespace) -> int:
    settings = config.load(given.config)
    database = _own(settings)
    from app import importing

    try:
        take = importing.preview if given.preview else importing.run
        report = take(database, given.folder, settings)
    finally:
        database.close()
    print(report.in_words())
    return 0 if report.ok else 1


def _read(given: argparse.Namespace) -> int:
    """Exit code 0 whatever stood in the lines: each has its own answer."""
    from app import reading

    look_up, database = None, None
    if given.config is not None:
        from app.db import Database
        from app.migrations import require_today

        database = Database(config.load(given.config).database)
        require_today(database)
        look_up = reading.in_house(database, given.gs)
    try:
        reading.run(sys.stdin.buffer, sys.stdout.buffer, given.gs, look_up)
    except BrokenPipeError:  # whoever read the answers has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        if database is not None:
            database.close()
    return 0


def _record(given: argparse.Namespace) -> int:
    from devices.recording import record
    from devices.registry import SettingsError

    try:
        number = record(given.address, given.file, given.framing, given.baud)
    except SettingsError as problem:
        raise CannotStart(str(problem)) from None
    print(f'{number} scans stand in {given.file}; play them as a scanner with address = "replay:{given.file}".')
    return 0


def _contract(given: argparse.Namespace) -> int:
    from sync.contract import VERSION, files

    if given.folder is None:
        print(files.made()["asyncapi.json"], end="")
        return 0
    changed = files.write(given.folder)
    print(f"Contract {VERSION} in {given.folder}: {len(changed)} files written.")
    return 0


def _export(given: argparse.Namespace) -> int:
    """Exit code 1 where something did not fit into X12; the rest is written all the same."""
    from app import config
    from app.db import Database
    from app.migrations import require_today
    from sync.mappings import export

    settings = config.load(given.config)
    database = Database(settings.database)
    try:
        require_today(database)
        done = export.export(
            database, given.format, site=settings.site, after=given.after, most=given.most, receiver=given.receiver
        )
    finally:
        database.close()
    export.write(done, given.file)
    for sentence in done.trouble:
        print(sentence, file=sys.stderr)
    more = f"; go on with --after {done.last}" if done.more else ""
    print(f"Up to event {done.last} in {given.file}{more}.")
    return 1 if done.trouble else 0


def _crew(given: argparse.Namespace) -> int:
    """Exit code 1 where the house did anything a sound house would not."""
    from app.crew.run import Crew
    from app.crew.truth import NoTruth, load

    try:
        truth = load(given.truth)
    except NoTruth as problem:
        raise CannotStart(str(problem)) from None
    crew = Crew(
        given.url,
        truth,
        workers=given.workers,
        seed=given.seed,
        wrong=given.wrong,
        labels=tuple(given.labels),
        pause_s=given.pause,
    )
    figures = crew.run(given.seconds)
    print(figures.in_words())
    return 1 if figures.odd or figures.refused != figures.wrong else 0


def _own(settings: Settings) -> "Database":
    """The database for a command that writes: no server may run beside it on SQLite."""
    from app.db import Database
    from app.migrations import migrate

    database = Database(settings.database)
    database.lock_instance()
    migrate(database)
    return database


def _virtual(words: list[str]) -> int:
    """`pickface virtual scanner|scale|dimensioner|printer|wall|ledger|carrier …`: each takes its own options."""
    kind, options = (words[0] if words else ""), words[1:]
    if kind == "scanner":
        from devices.virtual import run_scanner

        return run_scanner(options)
    if kind == "scale":
        from devices.virtual import run_scale

        return run_scale(options)
    if kind == "dimensioner":
        from devices.virtual import run_dimensioner

        return run_dimensioner(options)
    if kind == "wall":
        from app.virtual_wall import run as run_wall

        return run_wall(options)
    if kind == "ledger":
        from sync.reference_ledger import main as run_ledger

        return run_ledger(options)
    if kind == "carrier":
        from sync.carriers.virtual import main as run_carrier

        return run_carrier(options)
    parser = argparse.ArgumentParser(
        prog="pickface virtual",
        description="Hardware, a ledger and a carrier without any; the options here are the printer's.",
        epilog="Each other kind has its own: pickface virtual scanner --help.",
    )
    parser.add_argument("kind", choices=("scanner", "scale", "dimensioner", "printer", "wall", "ledger", "carrier"))
    parser.add_argument("--tcp", default="127.0.0.1:9102", metavar="HOST:PORT", help="where the printer listens")
    parser.add_argument("--web", default="127.0.0.1:9181", metavar="HOST:PORT", help="where its paper is seen")
    parser.add_argument(
        "--pty", type=Path, metavar="PATH", help="at the end of a serial cable, too: a port of this name"
    )
    parser.add_argument("--slips", action="store_true", help="an ESC/POS slip printer instead of labels")
    given = parser.parse_args([kind, *options] if kind else ["--help"])
    from printers.virtual_page import run_printer

    run_printer(given.tcp, given.web, kind="escpos" if given.slips else "zpl", pty=given.pty)
    return 0


if __name__ == "__main__":
    sys.exit(main())
