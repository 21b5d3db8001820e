"""`pickface hub`: takes on what the sites say over NATS, tells the ERP, and brings each site the ERP's own answer.

    site A ─ leaf ┐
    site B ─ leaf ┼─ hub ─ this worker ─ connector ─ ERP
    site C ─ leaf ┘

The hub keeps nothing: each site's events and answers are kept by the site's own NATS server, and the worker's place in
them too (`hub_walk.py`). One batch is in the ERP's hands at a time, for all sites in turn, because ERPs break under
concurrent posting. What an event tells another site goes into that site's inbox (`hub_mail.py`). Killed between the
ERP's yes and the site's hearing of it, the worker asks the ERP what it has and says so. A site that is cut off waits;
nobody waits for it.
"""

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from app import config
from app.errors import CannotStart
from sync.connectors.base import Connector, TransportError
from sync.connectors.build import connect
from sync.follower import LARGEST_BATCH
from sync.hub_mail import Mail
from sync.hub_walk import Walk
from sync.nats_line import Names, dial

AWAY_S = 1.0  # between two looks at a site that is cut off
STOCK_PART = 2000  # rows of one part of a snapshot: about 200 kB

log = logging.getLogger("pickface.hub")


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """`NORTH`, or `NORTH@north` where its NATS server is a leaf node with the JetStream domain `north`."""

    name: str
    domain: str = ""

    @classmethod
    def read(cls, text: str) -> "Site":
        name, _, domain = text.partition("@")
        return cls(name=name, domain=domain)


class Hub:
    def __init__(self, client: Client, connector: Connector, sites: Sequence[Site], *, batch: int) -> None:
        self._client = client
        self._connector = connector
        self._sites = sites
        self._batch = batch
        self._one_at_a_time = asyncio.Lock()
        self._mail = Mail(client, {site.name: site.domain for site in sites})

    async def work(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for site in self._sites:
                tasks.create_task(self._follow(site))
                tasks.create_task(self._answer_stock(site))
                tasks.create_task(self._mail.carry(site.name))

    async def _follow(self, site: Site) -> None:
        """Whatever goes wrong with one site, the others do not notice."""
        while True:
            try:
                await self._walk(site).go()
            except (NatsError, OSError, TimeoutError) as problem:
                log.info("site %s has to wait: %s", site.name, problem)
            except Exception:  # a fault of ours: seen in the log, and tried again
                log.exception("the hub stumbled over site %s", site.name)
            await asyncio.sleep(AWAY_S)

    def _walk(self, site: Site) -> Walk:
        return Walk(
            self._client, self._connector, site.name, site.domain, self._mail, self._one_at_a_time, batch=self._batch
        )

    async def _answer_stock(self, site: Site) -> None:
        """The ERP's stock for a site that reconciles, in parts; an empty one is the last."""
        client = self._client

        async def answer(asked: Msg) -> None:
            try:
                async with self._one_at_a_time:
                    found = await asyncio.to_thread(self._connector.snapshot, int(asked.data or b"0"))
            except TransportError as problem:
                await client.publish(asked.reply, b"", headers={"Problem": problem.sentence[:500]})
                return
            rows = [one for one in found or () if one.site in ("", site.name)]
            for begin in range(0, len(rows), STOCK_PART):
                await client.publish(asked.reply, msgspec.json.encode(rows[begin : begin + STOCK_PART]))
            await client.publish(asked.reply, b"")

        await client.subscribe(Names.of(site.name).stock, cb=answer)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="pickface hub", description="Tell the ERP what the sites say over NATS, and them what it answers."
    )
    parser.add_argument("--config", type=Path, help="settings with the connector to the ERP")
    parser.add_argument("--nats", required=True, metavar="URL", help="nats://host:4222 of the hub")
    parser.add_argument("--token", default="", help="of the hub's NATS server, where it wants one")
    parser.add_argument("--to", required=True, metavar="NAME", help="which connector of the settings is the ERP")
    parser.add_argument("--site", action="append", required=True, metavar="NAME[@DOMAIN]")
    given = parser.parse_args(arguments)
    settings = config.load(given.config)
    one = next((one for one in settings.connectors if one.name == given.to), None)
    if one is None or one.kind == "nats":
        raise CannotStart(f"The settings have no connector {given.to} that leads to an ERP.")
    sites = [Site.read(text) for text in given.site]
    connector = connect(one, settings.site)
    sys.stdout.write(f"Telling {one.name} at {one.address} what {len(sites)} sites say over {given.nats}.\n")
    sys.stdout.flush()
    try:
        asyncio.run(_until_told(given.nats, given.token, connector, sites, min(one.batch, LARGEST_BATCH)))
    finally:
        connector.close()
    return 0


async def _until_told(address: str, token: str, connector: Connector, sites: Sequence[Site], batch: int) -> None:
    """Works until SIGTERM or Ctrl-C."""

    async def work() -> None:
        client = await dial(address, token)
        try:
            await Hub(client, connector, sites, batch=batch).work()
        finally:
            await client.close()

    task = asyncio.create_task(work())
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
