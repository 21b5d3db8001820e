"""A site's own NATS server with little room, or none: what is kept there shares it, nothing overtakes, nothing is lost.

The limit is the server's own (`max_file_store`), and what fills it is somebody else's stream.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from nats.js.errors import APIError

from sync import nats_taking
from sync.connectors.base import TransportError
from sync.connectors.nats import NatsConnector
from sync.connectors.nats_offer import Offer
from sync.nats_line import LEAST_BYTES, Names, dial, jetstream, make_streams
from sync.nats_taking import Taking
from tests.sync.nats_servers import NatsServer
from tests.sync.nats_wire import Wire
from tests.sync.sink import house, moved, opened, until
from tests.sync.test_connectors import message

pytestmark = [pytest.mark.xdist_group("nats"), pytest.mark.timeout(300)]

SMALL = 4 * LEAST_BYTES  # of a disk: for the four streams of one site, and no more
HELD_S = 2.0  # for a test


@pytest.fixture(scope="module")
def leaf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path_factory.mktemp("leaf"), "alone").start()
    yield server
    server.kill()


@pytest.mark.faults
def test_a_site_whose_disk_is_full_works_on_and_catches_up_once_there_is_room(wire: Wire, tmp_path: Path) -> None:
    leaf = NatsServer(tmp_path / "full", "full", hub=wire.hub, room=SMALL).start()
    asyncio.run(share(leaf))
    worker = wire.worker_for("FULL").start()
    try:
        with house(tmp_path, leaf.url, kind="nats", site="FULL", batch=20) as floor:
            floor.post(opened("MUG", 1000), moved("MUG"))
            until(floor.drained, "the worker is there, and the leaf leans on the hub", within_s=60)
            until(lambda: asyncio.run(unanswered(leaf, "FULL")) == 0, "nothing is on its way any more")
            asyncio.run(fill_up(leaf))
            floor.post(*(moved("MUG") for _ in range(50)))
            until(lambda: "has no room for more" in floor.state().sentence, "the desk is told why", within_s=30)
            last = floor.post(*(moved("MUG") for _ in range(50)))[-1]
            assert (floor.state().state, floor.state().backlog) == ("waiting", 100), "the floor works on"
            assert wire.seqs("FULL") == [1, 2]
            asyncio.run(make_room(leaf))
            until(floor.drained, "it catches up by itself", within_s=90)
            assert wire.seqs("FULL") == list(range(1, last + 1)), "each once, in order"
            assert floor.letters() == []
    finally:
        worker.end()
        leaf.kill()


@pytest.mark.faults
def test_an_answer_there_was_no_room_for_comes_once_there_is_and_the_event_is_told_once(
    wire: Wire, tmp_path: Path
) -> None:
    leaf = NatsServer(tmp_path / "late", "late", hub=wire.hub, room=SMALL).start()
    worker, site = wire.worker_for("LATE"), NatsConnector("ERP", leaf.url, "", "LATE", answer_within_s=0.5)
    event = message("LATE", 1)
    asyncio.run(share(leaf))
    try:
        with pytest.raises(TransportError, match="has it and carries it"):
            site.post([event])
        asyncio.run(fill_up(leaf))
        worker.start()
        until(lambda: wire.seqs("LATE") == [1], "the ERP has it", within_s=60)
        assert site.lookup([event.key]) == set(), "and its answer found no room"
        asyncio.run(make_room(leaf))
        until(lambda: site.lookup([event.key]) == {event.key}, "the site hears of it", within_s=60)
        assert wire.seqs("LATE") == [1]
    finally:
        site.close()
        worker.end()
        leaf.kill()


async def share(leaf: NatsServer) -> None:
    """Something else has a stream of its own on that server."""
    client = await dial(leaf.url)
    await jetstream(client).add_stream(name="PHOTOS", subjects=["photos"])
    await client.close()


async def fill_up(leaf: NatsServer) -> None:
    """It keeps its own things there, up to the last byte."""
    client = await dial(leaf.url)
    stream = jetstream(client)
    full = ""
    while not full:
        try:
            await stream.publish("photos", bytes(client.max_payload))
        except APIError as problem:
            full = str(problem)
    assert "insufficient resources" in full
    await client.close()


async def unanswered(leaf: NatsServer, site: str) -> int:
    client = await dial(leaf.url)
    state = (await jetstream(client).stream_info(Names.of(site).out_stream)).state
    await client.close()
    return state.messages


async def make_room(leaf: NatsServer) -> None:
    client = await dial(leaf.url)
    await jetstream(client).purge_stream("PHOTOS")
    await client.close()


def test_what_a_site_keeps_shares_the_room_there_is_and_stays_as_large_as_it_was_made(tmp_path: Path) -> None:
    async def sizes(leaf: NatsServer) -> list[int | None]:
        client = await dial(leaf.url)
        stream, names = jetstream(client), Names.of("SMALL")
        await make_streams(stream, names)
        found = [(await stream.stream_info(one.name or "")).config.max_bytes for one in names.streams(0)]
        await client.close()
        return found

    leaf = NatsServer(tmp_path, "small", room=3 * SMALL).start()
    try:
        assert asyncio.run(sizes(leaf)) == asyncio.run(sizes(leaf)) == [2 * LEAST_BYTES] * 4
    finally:
        leaf.kill()


@pytest.mark.faults
def test_what_is_in_hand_stays_ours_however_long_it_takes(leaf: NatsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_taking, "HELD_S", HELD_S)
    names = Names.of("HELD")

    async def story() -> tuple[int, int, int]:
        client = await dial(leaf.url)
        stream = jetstream(client)
        await make_streams(stream, names)
        await stream.publish(names.out, b"{}")
        taking = await Taking.anew(client, "", names.out_stream, "test", most=10)
        first = await taking.take(10, 1.0)
        await asyncio.sleep(HELD_S * 2)
        again = await taking.take(10, HELD_S)
        await taking.end()
        taking = await Taking.anew(client, "", names.out_stream, "test", most=10)
        after = await taking.take(10, 5.0)
        await taking.done(after)
        await taking.end()
        await client.close()
        return len(first), len(again), len(after)

    assert asyncio.run(story()) == (1, 0, 1), "once, and to the next only where we let go of it"


def test_an_event_never_overtakes_the_one_before_it_for_which_there_was_no_room(leaf: NatsServer) -> None:
    async def story() -> tuple[list[str], str]:
        client = await dial(leaf.url)
        stream, names = jetstream(client), Names.of("TURNS")
        out = names.streams(2000)[0]
        await stream.add_stream(out)
        a, b, c, d = ((replace(message("TURNS", seq), body=bytes(400)), f"TURNS.1.{seq}") for seq in range(1, 5))
        offer = Offer("here", stream, names)
        assert await offer.put([b]) == set()
        assert await offer.put([a, b]) == {"TURNS.1.2"}, "what was carried before is known"
        large = (replace(c[0], body=bytes(1500)), c[1])
        with pytest.raises(TransportError) as problem:
            await offer.put([large, d])
        await stream.update_stream(out.evolve(max_bytes=20_000))
        assert await Offer("here", stream, names).put([a, large, d]) == {"TURNS.1.1"}
        kept = [await stream.get_msg(names.out_stream, seq) for seq in range(1, 5)]
        await client.close()
        return [(one.headers or {})["Nats-Msg-Id"] for one in kept], problem.value.sentence

    told, why = asyncio.run(story())
    assert told == ["TURNS.1.2", "TURNS.1.1", "TURNS.1.3", "TURNS.1.4"]
    assert "here has no room for more" in why
