"""Messages taken out of a stream, hundreds at once: what a consumer hands out, gathered by one callback.

nats-py's own `fetch` starts two tasks and a timer for each message, which a batch of 500 need not pay for.
A request stands all the while, so that the next batch is here when the one before is done with; the consumer hands out no
more than may be in hand. What is in hand is ours however long it takes: the stream hears so now and then, not with each
batch, since most are done long before.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import APIError, NotFoundError

from sync.nats_line import CONNECT_S, HELD_S, jetstream

ASK_S = 1.0  # a request stands for so long, then it is made anew: the line may have lost it
SLACK_S = 0.5  # for the server's word that a request is over, after its time
OVER = ("404", "408", "409")  # a request has had what there was; anything else is trouble


class Taking:
    """The hand of one worker in one consumer. At most `most` are in it."""

    def __init__(self, client: Client, ask_at: str, most: int) -> None:
        self._client = client
        self._ask_at = ask_at
        self._most = most
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
        stream = jetstream(client, domain)
        with contextlib.suppress(NotFoundError):
            await stream.delete_consumer(kept_in, consumer)
        wanted = ConsumerConfig(
            durable_name=consumer, ack_policy=AckPolicy.EXPLICIT, ack_wait=HELD_S, max_ack_pending=most
        )
        await stream.add_consumer(kept_in, wanted.evolve(filter_subject=subject or None))
        prefix = f"$JS.{domain}.API" if domain else "$JS.API"
        taking = cls(client, f"{prefix}.CONSUMER.MSG.NEXT.{kept_in}.{consumer}", most)
        taking._subscription = await client.subscribe(f"{taking._inbox}.*", cb=taking._hear)
        taking._held = asyncio.create_task(taking._hold())
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
        """The stream may forget these, and has when this returns. Raises NatsError, TimeoutError."""
        for one in batch[:-1]:
            await one.ack()
        await batch[-1].ack_sync(CONNECT_S)
        for one in batch:
            self._handed_out.pop(number(one), None)

    async def end(self) -> None:
        if self._held is not None:
            self._held.cancel()
        if self._subscription is not None:
            await self._subscription.unsubscribe()

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
