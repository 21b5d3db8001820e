"""B17: a site's backlog taken on by the hub's worker, as it stands alone: what many sites over NATS have together.

The events lie in the site's own JetStream (a leaf node with a disk it waits for), as they do after a day without a line.
The worker takes them over the hub, tells the reference ledger, and brings each answer back into the site's stream: two
processes and two NATS servers on this machine. The rate counts from the first event the ledger has to the last answer
that is back, so a site hears of its last event within it. What the ledger takes from a bare client is B5's. Then a tenth
as many go all the way, offered by the site's own connector batch after batch: that is how fast one site catches up.
"""

import asyncio
import json
import resource
import sqlite3
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from app import clock
from app.db import Database
from app.stock import journal
from sync.connectors.base import Applied
from sync.connectors.nats import NatsConnector
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
TENTH = 0.1
LOOK_EVERY_S = 0.1


def measure(asked: Asked) -> list[Figure]:
    found = [_taken_on(asked) for _ in range(min(asked.rounds, 3))]
    busy_us = statistics.median(cpu_s for _, _, cpu_s in found) / asked.backlog / (1 + TENTH) * 1_000_000
    note = f"the worker itself is busy for {busy_us:.0f} µs an event, its start counted"
    rates, of_a_site = [rate for rate, _, _ in found], [rate for _, rate, _ in found]
    return [
        alone("B17", f"{asked.backlog:,} events over the hub", rates, unit="/s", least=GOAL, note=note),
        alone("B17 site", "one site's backlog to its last answer", of_a_site, unit="/s"),
    ]


def _taken_on(asked: Asked) -> tuple[float, float, float]:
    """Events a second to the last answer, those of one site all the way, and the seconds the worker had a core for.

    From the first in the ledger, or from the worker's start where all came at once.
    """
    folder = asked.folder / f"hub-{clock.new_id()}"
    folder.mkdir()
    with running_sink(folder) as sink, hub_and_leaves(folder, SITE.name) as (hub, leaves):
        asyncio.run(_lay_down(leaves[SITE.name].url, _messages(asked, epoch=1)))
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
            all_the_way = _all_the_way(leaves[SITE.name].url, _messages(asked, epoch=2)[: int(asked.backlog * TENTH)])
        finally:
            before_it_s = _cpu_of_the_ended()
            worker.end()
            worker_s = _cpu_of_the_ended() - before_it_s
    return rate, all_the_way, worker_s


def _all_the_way(address: str, messages: Sequence[Message]) -> float:
    """Events a second, a batch offered when the one before is answered, as a follower does."""
    connector = NatsConnector("ERP", address, "", SITE.name)
    begun = time.perf_counter()
    for at in range(0, len(messages), BATCH):
        if any(not isinstance(answer, Applied) for answer in connector.post(messages[at : at + BATCH])):
            raise StageError("The ledger did not take an event of the site.")
    took = time.perf_counter() - begun
    connector.close()
    return len(messages) / took


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


def _messages(asked: Asked, *, epoch: int) -> list[Message]:
    who = Identity(site=SITE.name, epochs=((epoch, 0),))
    with closing(Database(copied(asked.cache, asked.backlog, asked.folder))) as database, database.reading() as tx:
        return [as_message(entry, who) for entry in journal.after(tx, 0, asked.backlog)]


def _cpu_of_the_ended() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _count(ledger: Path) -> int:
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as books:
        return int(books.execute("SELECT coalesce(max(n), 0) FROM event").fetchone()[0])
