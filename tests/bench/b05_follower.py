"""B5: a backlog drained to the ERP's ledger, beside a bare client that posts the same bytes in the same batches.

On both sides the reference ledger answers event by event, from a process and a database of its own that are new in each
round. Ours reads the journal, makes the messages, keeps the order, judges every answer and writes the cursor down; the
bare client has its bytes ready and only seals and posts them.
"""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
from sqlalchemy import select

from app import clock
from app.config import ConnectorSettings, Settings
from app.db import Database
from app.schema.sync import connector
from app.stock import journal
from sync.messages import Identity, as_message
from sync.signing import seal
from sync.switchboard import Switchboard
from tests.bench.figures import Asked, Figure, held_against, in_turns
from tests.bench.history import copied
from tests.bench.stage import StageError
from tests.sync.sink import SECRET, running_sink

GOAL = 0.6
BATCH = 100  # as a connector has it unless its settings say otherwise
DRAINED_WITHIN_S = 300.0
LOOK_EVERY_S = 0.005
CURSOR = select(connector.c.cursor)


def measure(asked: Asked) -> list[Figure]:
    rounds = min(asked.rounds, 3)
    pairs = in_turns(rounds, lambda: followed(asked, asked.backlog), lambda: _posted(asked))
    return [held_against("B5", f"{asked.backlog:,} events to the ERP", pairs, unit="/s", least=GOAL)]


def followed(asked: Asked, events: int, look: Callable[[int], None] = lambda at: None) -> float:
    """Events a second by our follower, from its start to the cursor at the journal's end; `look` sees it come along."""
    with running_sink(_folder(asked)) as sink:
        database = Database(copied(asked.cache, events, asked.folder))
        erp = ConnectorSettings(name="ERP", kind="http", address=sink.url, secret=SECRET, batch=BATCH, moves=True)
        follower = Switchboard(database, Settings(connectors=(erp,)))
        begun = time.perf_counter()
        follower.start()
        try:
            while (at := _cursor(database)) < events:
                if time.perf_counter() - begun > DRAINED_WITHIN_S:
                    raise StageError(f"The follower stands at {at:,} of {events:,} events.")
                look(at)
                time.sleep(LOOK_EVERY_S)
            took = time.perf_counter() - begun
        finally:
            follower.stop()
            database.close()
        if len(sink.keys()) != events:
            raise StageError("The ledger did not get every event once.")
    return events / took


def _cursor(database: Database) -> int:
    with database.reading() as tx:
        return int(tx.value(CURSOR) or 0)


def _posted(asked: Asked) -> float:
    """The same by one client that knows the bytes beforehand."""
    bodies = _bodies(asked)
    with running_sink(_folder(asked)) as sink, httpx.Client(trust_env=False) as client:
        begun = time.perf_counter()
        for body in bodies:
            headers = {"Content-Type": "application/cloudevents-batch+json", **seal(SECRET, body)}
            client.post(f"{sink.url}/events", content=body, headers=headers).raise_for_status()
        took = time.perf_counter() - begun
        if len(sink.keys()) != asked.backlog:
            raise StageError("The ledger did not get every event once.")
    return asked.backlog / took


def _bodies(asked: Asked) -> list[bytes]:
    database = Database(copied(asked.cache, asked.backlog, asked.folder))
    identity, found = Identity(site=Settings().site), []
    with database.reading() as tx:
        for after in range(0, asked.backlog, BATCH):
            messages = [as_message(entry, identity).body for entry in journal.after(tx, after, BATCH)]
            found.append(b"[" + b",".join(messages) + b"]")
    database.close()
    return found


def _folder(asked: Asked) -> Path:
    folder = asked.folder / f"ledger-{clock.new_id()}"
    folder.mkdir()
    return folder
