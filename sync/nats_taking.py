"""Messages taken out of a stream, hundreds at once: what a consumer hands out, gathered by one callback.

nats-py's own `fetch` starts two tasks and a timer for each message, which a batch of 500 need not pay for.
A request stands all the while, so that the next batch is here when the one before is done with; it asks for no more than
may be in hand, and nothing else bounds that: a consumer with a bound of its own hears of a purge a second later. What is
in hand is ours however long it takes: the stream hears so now and then, not with each batch, since most are done long
before. What is done is purged up to its last: to acknowledge each of 500 events kept a leaf's disk at work for half a
second, a purge for a few thousandths of one.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import APIError, NotFoundError

from sync.nats_line import HELD_S, jetstream

ASK_S = 1.0  # a request stands for so long, then it is made anew: the line may have lost it
SLACK_S = 0.5  # for the server's word that a request is over, after its time
OVER = ("404", "408", "409")  # a request has had what there was; anything else is trouble


class Taking:
    """The hand of one worker in one consumer: so many at a time are asked for, when those before have come."""

    def __init__(self, client: Client, domain: str, kept_in: str, consumer: str, *, most: int, subject: str) -> None:
        self._client = client
        self._stream = jetstream(client, domain)
        self._kept_in, self._consumer, self._subject = kept_in, consumer, subject
        prefix = f"$JS.{domain}.API" if domain else "$JS.API"
        self._ask_at = f"{prefix}.CONSUMER.MSG.NEXT.{kept_in}.{consumer}"
        self._most = most
        self._made: datetime | None = None  # when the stream was
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._asked = 0  # requests so far: a late word about an older one is not about this one
        self._asked_at = 0.0
        self._owed = 0  # messages the request that stands may still bring
        self._come: list[Msg] = []
        self._news = asyncio.Event()
        self._trouble: Msg | None = None
        self._handed_out: dict[int, Msg] = {}  # by number, until they are done
        self._held: asyncio.Task[None] | None = None

    @classmethod
    async def anew(
        cls, client: Client, domain: str, kept_in: str, consumer: str, *, most: int, subject: str = ""
    ) -> "Taking":
        """Take what is kept there from its first on, in order; whoever took of it before under this name takes no more."""
        taking = cls(client, domain, kept_in, consumer, most=most, subject=subject)
        await taking._begin()
        return taking

    async def take(self, most: int, within_s: float) -> list[Msg]:
        """What has come, at most so many, in the order it came; none where none came in time. Raises NatsError."""
        self._news.clear()
        await self._ask()
        if not self._come:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._news.wait()
        if self._trouble is not None:
            APIError.from_msg(self._trouble)
        taken, self._come = self._come[:most], self._come[most:]
        self._handed_out.update((number(one), one) for one in taken)
        return taken

    async def done(self, batch: Sequence[Msg]) -> None:
        """The stream may forget these and all before them, and has when this returns. Raises NatsError, TimeoutError.

        Raises NotFoundError where the server lost its disk meanwhile: what has those numbers now is something else.
        """
        last = number(batch[-1])
        if await self._made_at() != self._made:
            raise NotFoundError(description=f"{self._kept_in} is not the stream this was taken from")
        await self._stream.purge_stream(self._kept_in, seq=last + 1, subject=self._subject or None)
        for one in batch:
            self._handed_out.pop(number(one), None)

    async def end(self) -> None:
        if self._held is not None:
            self._held.cancel()
        if self._subscription is not None:
            await self._subscription.unsubscribe()

    async def _made_at(self) -> datetime | None:
        return (await self._stream.stream_info(self._kept_in)).created

    async def _begin(self) -> None:
        self._made = await self._made_at()
        with contextlib.suppress(NotFoundError):
            await self._stream.delete_consumer(self._kept_in, self._consumer)
        wanted = ConsumerConfig(
            durable_name=self._consumer, ack_policy=AckPolicy.EXPLICIT, ack_wait=HELD_S, max_ack_pending=-1
        )
        await self._stream.add_consumer(self._kept_in, wanted.evolve(filter_subject=self._subject or None))
        self._subscription = await self._client.subscribe(f"{self._inbox}.*", cb=self._hear)
        self._held = asyncio.create_task(self._hold())

    async def _ask(self) -> None:
        """See to it that a request stands."""
        now = asyncio.get_running_loop().time()
        if self._owed > 0 and now < self._asked_at + ASK_S + SLACK_S:
            return
        self._asked, self._asked_at, self._owed = self._asked + 1, now, self._most
        asked = {"batch": self._most, "expires": int(ASK_S * 1_000_000_000)}
        await self._client.publish(self._ask_at, msgspec.json.encode(asked), reply=f"{self._inbox}.{self._asked}")

    async def _hear(self, heard: Msg) -> None:
        status = JetStreamContext.is_status_msg(heard)
        if status is None:
            self._come.append(heard)
            self._owed -= 1
        elif status not in OVER:
            self._trouble = heard
        elif heard.subject == f"{self._inbox}.{self._asked}":
            self._owed = 0
        self._news.set()

    async def _hold(self) -> None:
        while True:
            await asyncio.sleep(HELD_S / 3)
            with contextlib.suppress(NatsError):  # the line broke: whoever takes or is done next hears of it
                for one in (*self._handed_out.values(), *self._come):
                    await one.in_progress()


def number(carried: Msg) -> int:
    """Its place in the stream, off the subject it is acknowledged on: `$JS.ACK.<stream>.<consumer>.<tries>.<number>.…`, or
    the same behind a domain and an account."""
    words = carried.reply.split(".")
    return int(words[5 if len(words) == 9 else 7])
