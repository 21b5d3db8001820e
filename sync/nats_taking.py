"""Messages taken out of a stream, hundreds at once: what a consumer hands out, gathered by one callback.

nats-py's own `fetch` starts two tasks and a timer for each message, which a batch of 500 need not pay for.
One request takes what is there, at most so many; where nothing is, it waits for the first and takes what came with it.
A message that arrives after its request was over stays in hand and is the first of the next batch.
"""

import asyncio
import contextlib

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import APIError, NotFoundError

from sync.nats_line import HELD_S, jetstream

SLACK_S = 0.5  # for the server's word that a request is over, after its time
OVER = ("404", "408", "409")  # a request has had what there was; anything else is trouble


class Taking:
    """The hand of one worker in one consumer."""

    def __init__(self, client: Client, ask_at: str) -> None:
        self._client = client
        self._ask_at = ask_at
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._asked = 0  # requests so far: a late word about an older one is not about this one
        self._wanted = 0
        self._come: list[Msg] = []
        self._over = asyncio.Event()
        self._trouble: Msg | None = None

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
        taking = cls(client, f"{prefix}.CONSUMER.MSG.NEXT.{kept_in}.{consumer}")
        taking._subscription = await client.subscribe(f"{taking._inbox}.*", cb=taking._hear)
        return taking

    async def take(self, most: int, within_s: float) -> list[Msg]:
        """At most so many, in the order they came; none where none came in time. Raises NatsError."""
        self._wanted, missing = most, most - len(self._come)
        if missing > 0:
            self._asked += 1
            self._over.clear()
            asked = {"batch": missing, "expires": int(within_s * 1_000_000_000), "no_wait": True}
            await self._client.publish(self._ask_at, msgspec.json.encode(asked), reply=f"{self._inbox}.{self._asked}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s + SLACK_S):
                    await self._over.wait()
        if self._trouble is not None:
            APIError.from_msg(self._trouble)
        taken, self._come = self._come[:most], self._come[most:]
        return taken

    async def end(self) -> None:
        if self._subscription is not None:
            await self._subscription.unsubscribe()

    async def _hear(self, heard: Msg) -> None:
        status = JetStreamContext.is_status_msg(heard)
        if status is None:
            self._come.append(heard)
        elif status not in OVER:
            self._trouble = heard
        if self._trouble is not None or len(self._come) >= self._wanted or self._is_over(heard, status):
            self._over.set()

    def _is_over(self, heard: Msg, status: str | None) -> bool:
        return status is not None and heard.subject == f"{self._inbox}.{self._asked}"
