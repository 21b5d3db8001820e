"""B17: a site's backlog taken on by the hub's worker, as it stands alone: what many sites over NATS have together.

The events lie in the site's own JetStream (a leaf node with a disk it waits for), as they do after a day without a line.
The worker takes them over the hub, tells the reference ledger, and brings each answer back into the site's stream: two
processes and two NATS servers on this machine. The rate counts from the first event the ledger has to the last answer
that is back, so a site hears of its last event within it. What the ledger takes from a bare client is B5's.
"""

import asyncio
import json
import resource
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

from app import clock
from app.db import Database
from app.stock import journal
from sync.hub import Site
from sync.messages import Identity, Message, as_message
from sync.nats_line import Names, dial, jetstream, make_streams
from tests.bench.figures import Asked, Figure, alone
from tests.bench.history import copied
from tests.bench.stage import StageError
from tests.sync.nats_servers import HubWorker, hub_and_leaves
from tests.sync.sink import SECRET, running_sink

GOAL = 2_000.0  # events a second on a core that has nothing else to do
SITE = Site(name="MAIN", domain="main")
BATCH = LAID_DOWN_AT_ONCE = 500
TAKEN_ON_WITHIN_S = 300.0
LOOK_EVERY_S = 0.1


def measure(asked: Asked) -> list[Figure]:
    found = [_taken_on(asked) for _ in range(min(asked.rounds, 3))]
    busy_us = statistics.median(cpu_s for _, cpu_s in found) / asked.backlog * 1_000_000
    rates = [rate for rate, _ in found]
    note = f"the worker itself is busy for {busy_us:.0f} µs an event, its start counted"
    return [alone("B17", f"{asked.backlog:,} events over the hub", rates, unit="/s", least=GOAL, note=note)]


def _taken_on(asked: Asked) -> tuple[float, float]:
    """Events a second to the last answer, and the seconds the worker had a core for.

    From the first in the ledger, or from the worker's start where all came at once.
    """
    folder = asked.folder / f"hub-{clock.new_id()}"
    folder.mkdir()
    with running_sink(folder) as sink, hub_and_leaves(folder, SITE.name) as (hub, leaves):
        asyncio.run(_lay_down(leaves[SITE.name].url, _messages(asked)))
        settings = folder / "hub.json"
        erp = {"name": "ERP", "kind": "http", "address": sink.url, "secret": SECRET, "batch": BATCH}
        settings.write_text(json.dumps({"connectors": [erp]}))
        worker = HubWorker(settings, hub, [f"{SITE.name}@{SITE.domain}"]).start()
        try:
            begun, before = time.perf_counter(), 0
            until = time.monotonic() + TAKEN_ON_WITHIN_S
            while asyncio.run(_left(leaves[SITE.name].url)):
                count = _count(sink.database)
                if not before and 0 < count < asked.backlog:
                    begun, before = time.perf_counter(), count
                if time.monotonic() > until:
                    raise StageError(f"The ledger has {count:,} of {asked.backlog:,} events.")
                time.sleep(LOOK_EVERY_S)
            if (count := _count(sink.database)) != asked.backlog:
                raise StageError(f"The ledger has {count:,} of {asked.backlog:,} events.")
            rate = (asked.backlog - before) / (time.perf_counter() - begun)
        finally:
            waited = _cpu_of_the_ended()
            worker.end()
    return rate, _cpu_of_the_ended() - waited


async def _lay_down(address: str, messages: list[Message]) -> None:
    client = await dial(address)
    stream, names = jetstream(client), Names.of(SITE.name)
    await make_streams(stream, names)
    for begin in range(0, len(messages), LAID_DOWN_AT_ONCE):
        some = messages[begin : begin + LAID_DOWN_AT_ONCE]
        await asyncio.gather(*(stream.publish(names.out, one.body, headers={"Nats-Msg-Id": one.key}) for one in some))
    await client.close()


async def _left(address: str) -> int:
    """Events that are not answered yet."""
    client = await dial(address)
    state = (await jetstream(client).stream_info(Names.of(SITE.name).out_stream)).state
    await client.close()
    return state.messages


def _messages(asked: Asked) -> list[Message]:
    with closing(Database(copied(asked.cache, asked.backlog, asked.folder))) as database, database.reading() as tx:
        return [as_message(entry, Identity(site=SITE.name)) for entry in journal.after(tx, 0, asked.backlog)]


def _cpu_of_the_ended() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _count(ledger: Path) -> int:
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as books:
        return int(books.execute("SELECT coalesce(max(n), 0) FROM event").fetchone()[0])
