"""`pickface hub`: takes on what the sites say over NATS, tells the ERP, and brings each site the ERP's own answer.

    site A ─ leaf ┐
    site B ─ leaf ┼─ hub ─ this worker ─ connector ─ ERP
    site C ─ leaf ┘

The hub keeps nothing: each site's events and answers are kept by the site's own NATS server, and the worker's place in
them too. One event is in the ERP's hands at a time per batch, one batch at a time for all sites, because ERPs break
under concurrent posting. What an event tells another site goes into that site's inbox (`hub_mail.py`). Killed between
the ERP's yes and the site's hearing of it, the worker asks the ERP what it has and says so. A site that is cut off
waits; nobody waits for it.
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
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from app import config
from app.errors import CannotStart
from sync.connectors.base import Answer, Connector, Rejected, TransportError
from sync.connectors.build import connect
from sync.connectors.nats_answers import ToTry, written
from sync.courier import WITNESSES
from sync.follower import LARGEST_BATCH
from sync.hub_mail import Mail
from sync.hub_offering import Offering
from sync.messages import Message
from sync.nats_line import HELD_S, OFFER, Names, dial, jetstream, make_streams
from sync.nats_taking import Taking
from sync.pace import Pace

CONSUMER = "pickface-hub"
IN_HAND = 3  # batches: one the ERP has, one whose answers are on their way back, one that is fetched
FETCH_S = 1.0
AWAY_S = 1.0  # between two looks at a site that is cut off
MOST_TORN = 3  # times a batch with holes is taken anew; then the holes are real: somebody took events out of the stream
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


class _Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What the worker must know of an event."""

    id: str
    sequence: str
    type: str
    correlationid: str = ""


Answered = tuple[Msg, Message | None, Answer]

UNREADABLE = Rejected(why="The message cannot be read.")
_ENVELOPE = msgspec.json.Decoder(_Envelope)


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
                await self._take_all(site)
            except (NatsError, OSError, TimeoutError) as problem:
                log.info("site %s is not there: %s", site.name, problem)
            except Exception:  # a fault of ours: seen in the log, and tried again
                log.exception("the hub stumbled over site %s", site.name)
            await asyncio.sleep(AWAY_S)

    async def _take_all(self, site: Site) -> None:
        """Batch after batch; while the ERP has one in its hands, the answers to the one before are brought back."""
        names, pace = Names.of(site.name), Pace(self._batch)
        offering, torn = Offering(self._connector, pace, self._one_at_a_time), 0
        stream = jetstream(self._client, site.domain)
        await make_streams(stream, names)
        taking, expected, doubtful = await self._begin(site, stream, names)
        telling = asyncio.create_task(asyncio.sleep(0))
        try:
            while True:
                batch = await taking.take(pace.size, FETCH_S)
                if telling.done():
                    telling.result()  # what could not be told is taken anew
                if not batch:
                    continue
                batch.sort(key=_number)
                if [_number(one) for one in batch] != list(range(expected, expected + len(batch))) and torn < MOST_TORN:
                    torn += 1  # some went out to nobody when the line broke: take all of them anew, in order
                    await telling
                    await taking.end()
                    taking, expected, doubtful = await self._begin(site, stream, names)
                    continue
                ask_first = _number(batch[0]) <= doubtful
                answered = await self._offer(site, stream, offering, batch, ask_first=ask_first)
                await telling  # in order: killed in the middle, what is left has no holes
                telling = asyncio.create_task(_tell(stream, names, answered))
                expected, torn = _number(batch[-1]) + 1, 0
        finally:
            await taking.end()

    async def _begin(self, site: Site, stream: JetStreamContext, names: Names) -> tuple[Taking, int, int]:
        """Take everything not answered yet: how, the number of its first, and up to which it may have been offered.

        What is answered leaves the stream, so the first that is kept is the first to take.
        """
        taking = await Taking.anew(self._client, site.domain, names.out_stream, CONSUMER, most=self._batch * IN_HAND)
        state = (await stream.stream_info(names.out_stream)).state
        return taking, max(1, state.first_seq), state.last_seq

    async def _offer(
        self,
        site: Site,
        stream: JetStreamContext,
        offering: Offering,
        batch: Sequence[Msg],
        *,
        ask_first: bool,
    ) -> list[Answered]:
        """Offer a batch until the ERP has answered for each event; it stays ours and in order all the while."""
        read = [(one, _message(one.data)) for one in batch]
        offered = [(message, (one.headers or {}).get(OFFER, "")) for one, message in read if message is not None]
        await self._mail.write(site.name, stream, [message for message, _ in offered])

        async def rest(seconds: float) -> None:
            await _wait(seconds, batch)

        async def ahead() -> list[Message]:
            return await _ahead(stream, Names.of(site.name), _number(batch[-1]))

        answers = iter(await offering.offer(offered, ask_first=ask_first, rest=rest, ahead=ahead))
        return [(one, message, next(answers) if message else UNREADABLE) for one, message in read]

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


def _number(carried: Msg) -> int:
    return carried.metadata.sequence.stream


async def _wait(seconds: float, batch: Sequence[Msg]) -> None:
    """Until the ERP may be asked again; NATS hears meanwhile that the batch is still ours."""
    while True:
        for one in batch:
            await one.in_progress()
        if seconds <= 0:
            return
        nap = min(seconds, HELD_S / 3)
        await asyncio.sleep(nap)
        seconds -= nap


async def _ahead(stream: JetStreamContext, names: Names, after: int) -> list[Message]:
    """The next the site wants told, still in the stream: what an ERP is tried with before one event is blamed."""
    found: list[Message] = []
    with contextlib.suppress(NotFoundError):
        for _ in range(WITNESSES):
            one = await stream.get_msg(names.out_stream, seq=after + 1, subject=names.out, next=True)
            after, message = one.seq or after + 1, _message(one.data or b"")
            found += [message] if message else []
    return found


def _message(body: bytes) -> Message | None:
    try:
        head = _ENVELOPE.decode(body)
        return Message(key=head.id, seq=int(head.sequence), type=head.type, document=head.correlationid, body=body)
    except (msgspec.DecodeError, ValueError):
        return None


async def _tell(stream: JetStreamContext, names: Names, answered: Sequence[Answered]) -> None:
    """The site's answers are kept before their events are done with; killed between the two, the ERP is asked again."""
    told = written(names, [_to_try(*each) for each in answered])
    await asyncio.gather(*(stream.publish(subject, body) for subject, body in told))
    for one, _, _ in answered[:-1]:
        await one.ack()
    await answered[-1][0].ack_sync()


def _to_try(carried: Msg, message: Message | None, answer: Answer) -> ToTry:
    attempt = (carried.headers or {}).get("Nats-Msg-Id", "")
    key = message.key if message is not None else attempt.partition("#")[0]
    one = ToTry.of(key, answer)
    return one if attempt in ("", key) else msgspec.structs.replace(one, attempt=attempt)


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
