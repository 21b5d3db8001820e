"""Letters between sites: kept at the site that wrote them until the other site's NATS server has them.

The hub keeps nothing here either. What site A tells site B lies in A's own JetStream (`pickface.mail.A.B`), is put into
B's (`pickface.in.B`) one after the other, and only then leaves A's. A site that is cut off for a day keeps nobody
waiting but its own mail; when it is back, each sender's letters reach it in the order they were written.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from sync.between_sites import letter
from sync.messages import Message
from sync.nats_line import Names, jetstream, make_streams
from sync.nats_taking import Taking

AT_ONCE = 100
FETCH_S = 1.0
AWAY_S = 1.0  # between two looks at a site that is cut off

log = logging.getLogger("pickface.hub")


class Mail:
    """`domains`: the JetStream domain of each site the hub leads."""

    def __init__(self, client: Client, domains: Mapping[str, str]) -> None:
        self._client = client
        self._domains = domains
        self._written = {site: asyncio.Event() for site in domains}

    async def write(self, site: str, stream: JetStreamContext, messages: Sequence[Message]) -> None:
        """Keep what these events tell other sites, before the ERP hears of them: goods do not wait for its answer."""
        names, written = Names.of(site), False
        for message in messages:
            found = letter(message.type, message.body)
            if found is not None and found.to in self._domains:
                await stream.publish(names.mail_to(found.to), found.body, headers={"Nats-Msg-Id": found.key})
                written = True
        if written:
            self._written[site].set()

    async def carry(self, site: str) -> None:
        """All letters of one site, for ever: each other site's on a walk of its own, begun with its first letter."""
        walks: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._written[site].clear()
                for to in await self._addressed(site):
                    if to not in walks:
                        walks[to] = tasks.create_task(self._walk(site, to))
                await self._written[site].wait()

    async def _addressed(self, site: str) -> list[str]:
        names = Names.of(site)
        while True:
            try:
                stream = jetstream(self._client, self._domains[site])
                await make_streams(stream, names)
                state = (await stream.stream_info(names.mail_stream, subjects_filter=names.mail_to("*"))).state
                return [to for to in self._domains if names.mail_to(to) in (state.subjects or {})]
            except (NatsError, OSError, TimeoutError) as problem:
                log.info("the mail of site %s cannot be read: %s", site, problem)
                await asyncio.sleep(AWAY_S)

    async def _walk(self, site: str, to: str) -> None:
        while True:
            try:
                await self._deliver(site, to)
            except (NatsError, OSError, TimeoutError) as problem:
                log.info("the mail of site %s for site %s waits: %s", site, to, problem)
            except Exception:  # a fault of ours: seen in the log, and tried again
                log.exception("the mail of site %s for site %s stumbled", site, to)
            await asyncio.sleep(AWAY_S)

    async def _deliver(self, site: str, to: str) -> None:
        """Begins with the oldest letter that is still kept: what was carried to the end of nothing comes again."""
        names, theirs = Names.of(site), Names.of(to)
        target = jetstream(self._client, self._domains[to])
        await make_streams(target, theirs)
        consumer, subject = f"pickface-mail-{theirs.token}", names.mail_to(to)
        taking = await Taking.anew(
            self._client, self._domains[site], names.mail_stream, consumer, most=AT_ONCE, subject=subject
        )
        try:
            while True:
                for one in await taking.take(AT_ONCE, FETCH_S):  # one that did not get through holds up those after it
                    await target.publish(theirs.asked, one.data, headers=one.headers)
                    await taking.done([one])
        finally:
            await taking.end()
