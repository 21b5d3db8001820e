"""The composition root: the only module that knows that devices, printers and sync all exist.

`preflight` is run once before anything listens: version, lock, migrations, checkpoint, the last links of the chain.
`create` builds the web application for the server's worker process; storage failure ends that process, and the parent
starts a fresh one (see serving.py).
"""

import asyncio
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from litestar import Litestar

from app import config, dropped_tables, serving, station_settings, workflows
from app.config import Settings
from app.db import Database
from app.edges import Hardware
from app.errors import CannotStart
from app.migrations import migrate
from app.stock import rebuild
from app.web.application import application
from app.web.house import House
from app.web.live import Hub
from app.work import chores, device_alerts, high_water, sscc_range
from app.work.photos import PhotoFiles
from sync import doors as sync_doors
from sync import own_work, signing
from sync.availability.feed import Feed
from sync.availability.said import CHANGED
from sync.doors import BadSignature
from sync.envelopes import BadEnvelope
from sync.rounds import Round
from sync.switchboard import Switchboard
from sync.turned_away import Doorkeeper

LAST_LINKS = 1_000  # of the chain, verified before the server listens
EDGES_EVERY_S = 30.0  # between two looks for what another server left half done
FAREWELL_S = 0.2  # time for the last answers to leave before a broken process ends
log = structlog.get_logger()
for chatty in ("httpx", "httpcore", "alembic"):
    logging.getLogger(chatty).setLevel(logging.WARNING)


def preflight(settings: Settings) -> None:
    """Everything that may refuse the start, with one clear sentence each. Raises CannotStart."""
    database = Database(settings.database)
    try:
        database.lock_instance()
        migrate(database)
        database.checkpoint()
        with database.reading() as tx:
            finding = rebuild.check_last(tx, LAST_LINKS)
        if finding is not None:
            raise CannotStart(f"The ledger does not prove: {finding.sentence} Run `pickface check`, then restore.")
        if odd := database.do(lambda tx: sscc_range.settle(tx, settings.sscc_from, settings.sscc_to)):
            raise CannotStart(odd)
        with database.reading() as tx:
            for told in sscc_range.warnings(tx, carried=any(one.kind == "nats" for one in settings.connectors)):
                log.warning(told)
    finally:
        database.close()


def create() -> Litestar:
    """The application for one server process; settings come from the file named by PICKFACE_CONFIG."""
    named = os.environ.get("PICKFACE_CONFIG")
    try:
        return build(config.load(Path(named) if named else None))
    except CannotStart as problem:
        print(problem, file=sys.stderr, flush=True)
        os._exit(2)


def build(settings: Settings, *, end: bool = True, doors: Litestar | None = None) -> Litestar:
    """Wire one house. With `end`, a storage failure ends this process with exit code 3.

    `doors` may be those of a house that was closed before: a process that opens many saves making them.
    """
    workflows.load()
    database = Database(settings.database, queue_limit=settings.queue_limit)
    hub = Hub()
    hardware = Hardware(settings, database, hub)
    switchboard = Switchboard(database, settings)
    doorkeeper = Doorkeeper(database)

    async def receive(body: bytes, headers: dict[str, str]) -> Sequence[Any]:
        seals = (headers.get(signing.TIMESTAMP.lower(), ""), headers.get(signing.SIGNATURE.lower(), ""))
        try:
            sync_doors.check_signature(settings.inbox_secret, body, *seals)
            return await sync_doors.push(database, body, settings.site)
        except (BadSignature, BadEnvelope) as refusal:
            await asyncio.to_thread(doorkeeper.turn_away, refusal.code, refusal.sentence, body)
            raise

    async def turn_away(code: str, sentence: str, size: int) -> None:
        await asyncio.to_thread(doorkeeper.turn_away, code, sentence, size=size)

    pictures = PhotoFiles(_photo_folder(settings, database))
    feed = Feed(database, settings.site)
    feed.on_change.append(lambda body: hub.publish(CHANGED, CHANGED, body.decode()))
    home = House(settings, database, hub, hardware.ports, hardware, switchboard, receive, pictures, turn_away, feed)
    rounds = sync_doors.rounds(database, settings.inbox_folder, settings.site)
    if settings.inbox_folder:
        tables = partial(dropped_tables.read, database, Path(settings.inbox_folder), settings)
        rounds.append(Round("dropped tables", dropped_tables.LOOK_EVERY_S, tables, rings="inbox_folder"))
    numbered = None if database.path is None else database.path.with_name(f"{database.path.name}.numbers")
    if numbered is not None:
        rounds.append(Round("high water", high_water.EVERY_S, partial(_note_numbers, database, numbered)))
    rounds.append(Round("other servers", EDGES_EVERY_S, hardware.take_over))
    rounds += switchboard.rounds()
    alerts = chores.Chore(
        name="devices that work waits for", every_s=device_alerts.EVERY_S, do=device_alerts.act_on,
        look=lambda tx: device_alerts.look(tx, hardware.states()),
    )  # fmt: skip
    rounds += [Round(one.name, one.every_s, partial(one.walk, database)) for one in (*chores.everything(), alerts)]
    switchboard.own_work = partial(own_work.alarms, rounds, feed if settings.availability_key else None)

    @asynccontextmanager
    async def open_house() -> AsyncIterator[None]:
        database.lock_instance()
        migrate(database)
        if numbered is not None and (skipped := database.do(lambda tx: high_water.catch_up(tx, numbered))):
            log.warning(skipped)
        for wrong in database.do(lambda tx: station_settings.put_in(tx, settings.stations)):
            log.warning(wrong)
        database.checkpoint()  # also after a kill: preflight ran in the process that started us
        loop = asyncio.get_running_loop()
        hub.start(loop)
        database.on_news.append(hub.publish_all)
        if end:
            database.writer.on_failure = _end_process
            serving.follow_parent()
        hardware.start()
        switchboard.start()
        if settings.availability_key:
            feed.start()
        for one in rounds:
            one.start()
        home.ready = True
        if end:  # the process is the house's own
            gc.collect()
            gc.freeze()  # what came with the start stays; looking through it each time stopped every scan for 0.15 s
        serving.came_up()
        try:
            yield
        finally:
            home.ready = False
            hub.stop()
            for one in rounds:
                await asyncio.to_thread(one.stop)
            await asyncio.to_thread(hardware.stop)
            await asyncio.to_thread(switchboard.stop)
            await asyncio.to_thread(feed.stop)
            await asyncio.to_thread(database.close)

    doors = doors or application()
    doors.state.house, doors.state.opening = home, open_house
    return doors


def _photo_folder(settings: Settings, database: Database) -> Path:
    """Beside the database file, so that whoever copies the one sees the other."""
    if settings.photo_folder or database.path is None:
        return Path(settings.photo_folder or "var/photos")
    return database.path.with_name(f"{database.path.name}.photos")


def _note_numbers(database: Database, file: Path) -> None:
    with database.reading() as tx:
        high_water.note(tx, file)


def _end_process(sentence: str) -> None:
    """Storage failed: the batch was answered 503; let the answers leave, then end and be started anew."""
    log.error("storage failed, ending this process", reason=sentence)
    threading.Thread(target=_farewell, daemon=True).start()


def _farewell() -> None:
    time.sleep(FAREWELL_S)
    os._exit(3)


def serve(settings: Settings, config_path: Path | None) -> int:
    """Listen until told to stop. Returns the exit code."""
    from granian import Granian
    from granian.constants import Interfaces, Loops

    if config_path is not None:
        os.environ["PICKFACE_CONFIG"] = str(config_path.resolve())

    def server() -> serving.Server:
        return Granian(
            "app.main:create",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGI,
            loop=Loops.asyncio,
            factory=True,
            workers=1,
            websockets=False,
            respawn_failed_workers=False,  # it would give up at the second death within 5.5 s
            workers_kill_timeout=2,
            log_access=False,
            ssl_cert=Path(settings.tls_certificate) if settings.tls_certificate else None,
            ssl_key=Path(settings.tls_key) if settings.tls_key else None,
        )

    with serving.hold_port(settings.host, settings.port):
        return serving.keep_serving(server, lambda: preflight(settings))
