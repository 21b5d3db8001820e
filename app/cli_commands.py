"""What each command of `pickface` does. Each imports what it needs when it runs, and answers with its exit code.

One that writes to the database is alone with it: on SQLite no server may run beside it.
"""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from app import clock, config
from app.config import Settings
from app.errors import CannotStart

if TYPE_CHECKING:
    from app.db import Database


def run_serve(given: argparse.Namespace) -> int:
    settings = config.load(given.config)
    from app.main import serve

    return serve(settings, given.config)


def run_demo(given: argparse.Namespace) -> int:
    from app import demo

    code = demo.run(given.port, reset=given.reset)
    sys.stdout.flush()
    os._exit(code)  # all of it is ended; the web server's own threads would take two more seconds to notice


def run_check(given: argparse.Namespace) -> int:
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


def run_restored(given: argparse.Namespace) -> int:
    database = _own(config.load(given.config))
    from app.work import high_water

    try:
        print(database.do(lambda tx: high_water.skip(tx, clock.now())))
    finally:
        database.close()
    return 0


def run_import(given: argparse.Namespace) -> int:
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


def run_read(given: argparse.Namespace) -> int:
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


def run_record(given: argparse.Namespace) -> int:
    from devices.recording import record
    from devices.registry import SettingsError

    try:
        number = record(given.address, given.file, given.framing, given.baud)
    except SettingsError as problem:
        raise CannotStart(str(problem)) from None
    print(f'{number} scans stand in {given.file}; play them as a scanner with address = "replay:{given.file}".')
    return 0


def run_contract(given: argparse.Namespace) -> int:
    from sync.contract import VERSION, files

    if given.folder is None:
        print(files.made()["asyncapi.json"], end="")
        return 0
    changed = files.write(given.folder)
    print(f"Contract {VERSION} in {given.folder}: {len(changed)} files written.")
    return 0


def run_export(given: argparse.Namespace) -> int:
    """Exit code 1 where something did not fit into X12; the rest is written all the same."""
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


def run_crew(given: argparse.Namespace) -> int:
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
