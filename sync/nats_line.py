"""A line to NATS: one connection on a thread of its own, and the names of what is kept there for a site.

JetStream keeps four streams for each site, in the site's own server where it has one (a leaf node with a JetStream
domain), so that what a site has said outlives the hub:

    PICKFACE_OUT_<SITE>       pickface.out.<SITE>                        events on their way to the ERP, until they are answered
    PICKFACE_ANSWERED_<SITE>  pickface.answered.<SITE>.<epoch>.<bucket>  the ERP's answers, a batch at once, for some days
    PICKFACE_IN_<SITE>        pickface.in.<SITE>                         what the ERP wants done and other sites tell, in order
    PICKFACE_MAIL_<SITE>      pickface.mail.<SITE>.<TO>                  what it tells another site, until that has it

`pickface.stock.<SITE>` is asked, not kept: the hub answers with the ERP's stock.
"""

import asyncio
import contextlib
import re
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import msgspec
import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StreamConfig
from nats.js.errors import APIError, NotFoundError

from sync.connectors.base import TransportError

CONNECT_S, RECONNECT_S = 3.0, 0.5
STOP_WITHIN_S = 5.0
MOST_BYTES = 8 * 1024**3  # of one stream: about eight million events; less where the server's store has no room for it
LEAST_BYTES = 2 * 1024**2  # and never less: a batch, and something beside it
DUPLICATES_S = 3600.0  # JetStream knows an event again for so long; after that the ERP itself does
ANSWERS_DAYS, ASKED_DAYS = 7, 90
BUCKET = 100  # events whose answers lie on one subject: what a site reads to learn of one of them
HELD_S = 30.0  # a batch in our hands is ours for so long, and again each time we say that we are at it
OFFER = "Pickface-Offer"  # names what a site offered at once
NO_ROOM = (10002, 10023, 10047, 10077)  # JetStream's numbers of: its store, or a stream in it, is full
MADE_OTHERWISE = 10058  # of: a stream of this name is there, with other settings

T = TypeVar("T")


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What is called how for one site."""

    token: str

    @classmethod
    def of(cls, site: str) -> "Names":
        return cls(token=re.sub(r"[^A-Za-z0-9_-]", "_", site))

    @property
    def out(self) -> str:
        return f"pickface.out.{self.token}"

    @property
    def answers(self) -> str:
        return f"pickface.answered.{self.token}"

    @property
    def asked(self) -> str:
        return f"pickface.in.{self.token}"

    @property
    def stock(self) -> str:
        return f"pickface.stock.{self.token}"

    @property
    def out_stream(self) -> str:
        return f"PICKFACE_OUT_{self.token}"

    @property
    def answers_stream(self) -> str:
        return f"PICKFACE_ANSWERED_{self.token}"

    @property
    def asked_stream(self) -> str:
        return f"PICKFACE_IN_{self.token}"

    @property
    def mail_stream(self) -> str:
        return f"PICKFACE_MAIL_{self.token}"

    def mail_to(self, site: str) -> str:
        """`NORTH` → `pickface.mail.SOUTH.NORTH`; `*` is every site."""
        return f"pickface.mail.{self.token}.{site if site == '*' else Names.of(site).token}"

    def answers_about(self, key: str) -> str:
        """`MAIN.1.4217` → `pickface.answered.MAIN.1.42`, with the answers to its neighbours."""
        _, epoch, seq = key.rsplit(".", 2)
        return f"{self.answers}.{epoch}.{int(seq) // BUCKET}"

    def streams(self, most_bytes: int) -> tuple[StreamConfig, ...]:
        """Answers make room for newer ones; whatever else is kept refuses what there is no room for."""
        day = 86_400.0
        out = StreamConfig(name=self.out_stream, subjects=[self.out])
        answers = StreamConfig(name=self.answers_stream, subjects=[f"{self.answers}.>"], allow_direct=True)
        asked = StreamConfig(name=self.asked_stream, subjects=[self.asked], max_age=ASKED_DAYS * day)
        mail = StreamConfig(name=self.mail_stream, subjects=[self.mail_to("*")])
        return (
            out.evolve(duplicate_window=DUPLICATES_S, discard=DiscardPolicy.NEW, max_bytes=most_bytes),
            answers.evolve(max_age=ANSWERS_DAYS * day, max_bytes=most_bytes),
            asked.evolve(discard=DiscardPolicy.NEW, max_bytes=most_bytes),
            mail.evolve(duplicate_window=DUPLICATES_S, discard=DiscardPolicy.NEW, max_bytes=most_bytes),
        )


class Line:
    """Everything asked of it is a coroutine that gets the connection; it connects when it is first asked."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self._token = token
        self._client: Client | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"nats {address}", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], within_s: float) -> T:
        """Raises TransportError where NATS is not there, or does not answer in time."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(within_s)
        except (TimeoutError, asyncio.CancelledError):
            future.cancel()
            raise TransportError(f"{self.address} did not answer within {within_s:.0f} s.") from None
        except NatsError as problem:
            told = str(problem).removeprefix("nats: ") or type(problem).__name__
            raise TransportError(f"{self.address}: {told}.", raw=repr(problem)) from None
        except OSError as problem:
            raise TransportError(f"{self.address} cannot be reached: {problem}.", unknown=False) from None

    async def client(self) -> Client:
        if self._client is None or self._client.is_closed:
            self._client = await dial(self.address, self._token)
        return self._client

    def close(self) -> None:
        async def end() -> None:
            if self._client is not None:
                await self._client.close()

        with contextlib.suppress(TimeoutError, NatsError, OSError):
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(STOP_WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_WITHIN_S)


async def dial(address: str, token: str = "") -> Client:
    """A connection that comes back by itself for as long as it is open; the first one is tried until it is there."""
    return await nats.connect(
        address,
        token=token or None,
        connect_timeout=CONNECT_S,
        reconnect_time_wait=RECONNECT_S,
        max_reconnect_attempts=-1,
        error_cb=_silence,
        name="pickface",
    )


def jetstream(client: Client, domain: str = "") -> JetStreamContext:
    return client.jetstream(domain=domain or None, timeout=CONNECT_S)


async def make_streams(stream: JetStreamContext, names: Names) -> None:
    """Make what is kept for a site where it is not there yet: as large as its server has room for all of it."""
    size = MOST_BYTES
    while not await _made(stream, names, size):
        size //= 2


async def _made(stream: JetStreamContext, names: Names, size: int) -> bool:
    """False where there is no room for so much; what is there already makes room for the rest then. Raises APIError."""
    for config in names.streams(size):
        try:
            await stream.add_stream(config)
        except APIError as problem:
            if problem.err_code in NO_ROOM and size // 2 >= LEAST_BYTES:
                await _shrink(stream, names, size // 2)
                return False
            if problem.err_code != MADE_OTHERWISE:  # with the room there was then, or as the admin wants it
                raise
    return True


async def _shrink(stream: JetStreamContext, names: Names, size: int) -> None:
    for config in names.streams(size):
        with contextlib.suppress(NotFoundError):
            there = await stream.stream_info(config.name or "")
            if (there.config.max_bytes or 0) > size >= there.state.bytes:
                await stream.update_stream(config)


async def _silence(problem: Exception) -> None:
    """Every question says by itself that it got no answer."""
