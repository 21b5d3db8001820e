"""Many sites and one ERP over NATS, for real: leaf nodes, a hub, its worker and the reference ledger, each a process.

Whatever is killed or cut off on the way, the ERP has each event once and in order, and each site knows what it answered.
"""

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path

import pytest
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError

from app.config import ConnectorSettings
from app.errors import CannotStart
from sync.connectors.base import Applied, Rejected, TransportError
from sync.connectors.build import connect
from sync.nats_line import Names, dial, jetstream
from sync.nats_taking import Taking
from sync.pulling import ASKED, Puller
from tests.sync.nats_servers import HubWorker
from tests.sync.nats_wire import SITES, Wire
from tests.sync.sink import house, moved, opened, until
from tests.sync.test_connectors import message

pytestmark = [pytest.mark.xdist_group("nats"), pytest.mark.timeout(180)]

ITEM = {
    "specversion": "1.0",
    "id": "i-1",
    "source": "erp",
    "type": "item.upsert",
    "subject": "CUP",
    "data": {"name": "Cup"},
}


def test_a_key_is_taken_once_and_known_afterwards_also_while_the_hub_is_away(wire: Wire) -> None:
    north = wire.connector("NORTH")
    first, second, third = (message("NORTH", seq) for seq in (1001, 1002, 1003))
    assert north.post([first, second]) == [Applied(), Applied()]
    assert north.post([second, third]) == [Applied(), Applied()], "the answer it once had"
    wire.worker.end()
    try:
        assert north.lookup([first.key, third.key, "NORTH.1.1004"]) == {first.key, third.key}
    finally:
        wire.worker.start()
        north.close()
    assert wire.seqs("NORTH").count(1002) == 1


def test_a_refusal_comes_back_in_the_ledgers_words_and_the_event_can_be_offered_again(wire: Wire) -> None:
    south = wire.connector("SOUTH")
    wire.sink.fail(unknown_items=["GHOST"])
    ghost = message("SOUTH", 1001, "GHOST")
    [refused] = south.post([ghost])
    assert isinstance(refused, Rejected)
    assert refused.why == "Item GHOST is not known here."
    assert '"outcome":"rejected"' in refused.raw
    assert south.lookup([ghost.key]) == set()
    wire.sink.fail()
    assert south.post([ghost]) == [Applied()], "a new try, not the old answer"
    assert south.lookup([ghost.key, message("SOUTH", 1002).key]) == {ghost.key}, "the last word about it counts"
    south.close()


def test_carried_is_not_delivered_and_a_batch_is_answered_by_the_bucket(wire: Wire) -> None:
    west = wire.connector("WEST", within_s=1.0)
    late = [message("WEST", seq) for seq in range(1990, 2010)]
    keys = {one.key for one in late}
    assert west.lookup(sorted(keys)) == set()
    before = asyncio.run(kept_answers(wire, "WEST"))
    wire.worker.end()
    try:
        with pytest.raises(TransportError) as problem:
            west.post(late)
        assert problem.value.unknown
        assert "the ERP behind the hub did not answer" in problem.value.sentence
        assert west.lookup(sorted(keys)) == set()
    finally:
        wire.worker.start()
    until(lambda: west.lookup(sorted(keys)) == keys, "the hub takes on what was carried", within_s=40)
    assert [seq for seq in wire.seqs("WEST") if seq > 1000] == list(range(1990, 2010))
    brought_back = asyncio.run(kept_answers(wire, "WEST")) - before
    assert 2 <= brought_back < len(late) / 2, (
        "one for 1990 to 1999 and one for 2000 to 2009, in each piece that was taken"
    )
    west.close()


def test_a_refusal_that_came_too_late_is_heard_before_the_event_is_offered_again(wire: Wire) -> None:
    south = wire.connector("SOUTH", within_s=1.0)
    wire.sink.fail(unknown_items=["GHOST"])
    ghost = message("SOUTH", 3001, "GHOST")
    assert south.lookup([ghost.key]) == set()
    before = asyncio.run(kept_answers(wire, "SOUTH"))
    wire.worker.end()
    try:
        with pytest.raises(TransportError) as problem:
            south.post([ghost])
        assert problem.value.carried
    finally:
        wire.worker.start()
    until(lambda: asyncio.run(kept_answers(wire, "SOUTH")) > before, "the hub has its answer", within_s=40)
    wire.sink.fail()
    assert south.lookup([ghost.key]) == set()
    [refused] = south.post([ghost])
    assert isinstance(refused, Rejected), "the answer nobody heard yet, and no new try"
    assert south.lookup([ghost.key]) == set()
    assert south.post([ghost]) == [Applied()], "now it is known what was answered, and the event is tried anew"
    south.close()


def test_what_a_leaf_keeps_since_it_lost_its_disk_is_not_done_with_what_was_taken_before(wire: Wire) -> None:
    async def lost() -> int:
        client = await dial(wire.leaves["NORTH"].url)
        stream, kept = jetstream(client), StreamConfig(name="KEPT", subjects=["kept"])
        await stream.add_stream(kept)
        await stream.publish("kept", b"answered")
        taking = await Taking.anew(client, "", "KEPT", "hand", most=5)
        taken = await taking.take(5, 5.0)
        await stream.delete_stream("KEPT")
        await stream.add_stream(kept)
        await stream.publish("kept", b"not answered")
        with pytest.raises(NotFoundError):
            await taking.done(taken)
        left = (await stream.stream_info("KEPT")).state.messages
        await taking.end()
        await client.close()
        return left

    assert asyncio.run(lost()) == 1


async def kept_answers(wire: Wire, site: str) -> int:
    """Messages with answers, however many answers each has."""
    client = await dial(wire.leaves[site].url)
    state = (await jetstream(client).stream_info(Names.of(site).answers_stream)).state
    await client.close()
    return state.messages


def test_the_ledgers_stock_and_what_the_erp_wants_reach_the_site(wire: Wire) -> None:
    north = wire.connector("NORTH")
    north.post([message("NORTH", 1101, "LAMP"), message("NORTH", 1102, "LAMP")])
    [lamp] = [one for one in north.snapshot(0) if one.item == "LAMP"]
    assert (lamp.quantity, lamp.status) == (2, "available")
    assert north.pull("").events == []

    asyncio.run(ask(wire, "NORTH", b'{"n": 1}', b'{"n": 2}'))
    until(lambda: len(north.pull("").events) == 2, "the messages arrive")
    pulled = north.pull("")
    assert list(pulled.events) == [b'{"n": 1}', b'{"n": 2}']
    assert north.pull(pulled.next).events == []
    north.close()


async def ask(wire: Wire, site: str, *orders: bytes) -> None:
    """What the ERP wants done at a site, published at the hub."""
    client = await dial(wire.hub.url)
    for order in orders:
        await client.publish(Names.of(site).asked, order)
    await client.flush()
    await client.close()


def test_a_connector_that_was_another_kind_before_is_asked_for_what_lies_in_its_own_stream(
    wire: Wire, tmp_path: Path
) -> None:
    with house(tmp_path, wire.leaves["WEST"].url, kind="nats", site="WEST", start=False) as floor:
        connector = floor.erp.followers["ERP"].connector
        west = wire.connector("WEST")
        assert west.pull("").events == [], "its streams are made"
        asyncio.run(ask(wire, "WEST", json.dumps(ITEM).encode()))
        until(lambda: bool(west.pull("").events), "the message arrives")
        west.close()
        odoo = 'odoo {"of":"https://odoo.example erp WH","to":"2026-11-20 10:00:00"}'
        floor.db.do(lambda tx: tx.run(ASKED, c="ERP", so_far=odoo))
        assert Puller(floor.db, connector, "WEST").pull() == 1


def test_three_sites_lose_nothing_while_hub_worker_leaf_and_ledger_are_killed(wire: Wire, tmp_path: Path) -> None:
    with ExitStack() as houses:
        floors = {}
        for site in SITES:
            (tmp_path / site).mkdir()
            floor = houses.enter_context(
                house(tmp_path / site, wire.leaves[site].url, kind="nats", site=site, batch=20)
            )
            floor.post(opened("MUG", 1000))
            floors[site] = floor
        last = dict.fromkeys(SITES, 0)
        for kill in (wire.hub, wire.worker, wire.leaves["WEST"], wire.sink, wire.hub):
            for site, floor in floors.items():
                last[site] = floor.post(*(moved("MUG") for _ in range(30)))[-1]
            kill.end() if isinstance(kill, HubWorker) else kill.kill()
            for site, floor in floors.items():
                last[site] = floor.post(*(moved("MUG") for _ in range(30)))[-1]
            kill.start()
        for site, floor in floors.items():
            until(floor.drained, f"{site} is told whole", within_s=90)
            mine = [seq for seq in wire.seqs(site) if seq <= 1000]
            assert mine == list(range(1, last[site] + 1)), "each once, in order"
            assert floor.letters() == []


def test_an_address_that_cannot_be_meant_is_said_at_the_start() -> None:
    with pytest.raises(CannotStart, match="needs an address like nats://"):
        connect(ConnectorSettings(name="ERP", kind="nats", address="http://hub"), "MAIN")
