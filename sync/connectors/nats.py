"""Many sites, one ERP: events go into the site's own NATS JetStream, and the hub's worker (`sync/hub.py`) takes them on.

What is published is kept by the site's NATS server and known again by its key (`Nats-Msg-Id`). Carried is not delivered:
an event counts as told only when the ERP's own answer has come back, and that answer is kept too (`nats_answers.py`), so
`lookup` needs neither the hub nor the ERP. An answer that has not come in time is unknown, and the follower asks again.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from app.config import ConnectorSettings
from app.errors import CannotStart
from sync.connectors.base import Answer, OnHand, Pulled, TransportError
from sync.connectors.nats_answers import ToTry, read
from sync.connectors.nats_offer import Offer
from sync.messages import Message
from sync.nats_line import Line, Names, jetstream, make_streams

SCHEMES = ("nats://", "tls://", "ws://", "wss://")
GATHER_S = 0.05
ANSWER_WITHIN_S = 15.0
LOOK_AGAIN_S = 0.5  # for an answer that was heard, but not kept yet, when we looked for it
SNAPSHOT_WITHIN_S = 60.0
PULLED_AT_ONCE = 1000
READ_AT_ONCE = 50  # buckets of answers

_STOCK = msgspec.json.Decoder(list[OnHand])


class NatsConnector:
    kind = "nats"
    way = ""
    gather_s = GATHER_S

    def __init__(
        self, name: str, address: str, token: str, site: str, *, answer_within_s: float = ANSWER_WITHIN_S
    ) -> None:
        self.name = name
        self.address = address
        self._names = Names.of(site)
        self._line = Line(address, token)
        self._answer_within_s = answer_within_s
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None
        self._offer: Offer | None = None
        self._awaited: dict[str, asyncio.Future[ToTry]] = {}  # by try
        self._refused: dict[str, int] = {}  # key → the number its last answer came under, where that was no yes
        self._unheard: set[str] = set()  # tries whose answer did not come in time: it is kept for us, whatever it says

    @classmethod
    def of(cls, settings: ConnectorSettings, site: str) -> "NatsConnector":
        if not settings.address.startswith(SCHEMES):
            raise CannotStart(f"Connector {settings.name} needs an address like nats://127.0.0.1:4222.")
        return cls(settings.name, settings.address, settings.secret, site)

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        told = self._line.run(self._post(batch), self._answer_within_s * 2)
        return [one.meaning for one in told]

    def lookup(self, keys: Sequence[str]) -> set[str]:
        return self._line.run(self._lookup(keys), self._answer_within_s * 2)

    def snapshot(self, as_of: int) -> list[OnHand]:
        return self._line.run(self._snapshot(as_of), SNAPSHOT_WITHIN_S)

    def pull(self, since: str) -> Pulled:
        return self._line.run(self._pull(int(since or 0)), self._answer_within_s)

    def close(self) -> None:
        self._line.close()

    # ── on the line ──────────────────────────────────────────────────────────────────────────────────────────────
    async def _open(self) -> JetStreamContext:
        client = await self._line.client()
        if self._stream is None or client is not self._client:
            stream = jetstream(client)
            await make_streams(stream, self._names)
            await client.subscribe(f"{self._names.answers}.>", cb=self._hear)
            self._client, self._stream, self._offer = client, stream, Offer(self.address, stream, self._names)
        return self._stream

    async def _hear(self, heard: Msg) -> None:
        for answer in read(heard.data):
            self._settle(answer)

    def _settle(self, answer: ToTry) -> None:
        awaited = self._awaited.get(answer.name)
        if awaited is not None and not awaited.done():
            awaited.set_result(answer)

    async def _post(self, batch: Sequence[Message]) -> list[ToTry]:
        await self._open()
        offer = self._offer
        assert offer is not None
        tries = [self._try_of(message.key) for message in batch]
        awaited = {name: asyncio.get_running_loop().create_future() for name in tries}
        self._awaited.update(awaited)
        self._unheard.update(tries)
        try:
            there = await offer.put(list(zip(batch, tries, strict=True)))
            before = [  # their answers may have come while nobody listened
                (message.key, name) for message, name in zip(batch, tries, strict=True) if name in there
            ]
            until = time.monotonic() + self._answer_within_s
            while (left := until - time.monotonic()) > 0:
                unheard = [key for key, name in before if not awaited[name].done()]
                for answer, _ in (await self._last_answers(unheard)).values():
                    self._settle(answer)
                _, waiting = await asyncio.wait(awaited.values(), timeout=min(LOOK_AGAIN_S, left) if before else left)
                if not waiting:
                    self._unheard.difference_update(tries)
                    return [one.result() for one in awaited.values()]
            raise TransportError(
                f"{self.address} has it and carries it; the ERP behind the hub did not answer within "
                f"{self._answer_within_s:.0f} s.",
                carried=True,
            )
        finally:
            for name in tries:
                self._awaited.pop(name, None)

    def _try_of(self, key: str) -> str:
        """An event is carried once; one that was refused and is offered again, once more."""
        refused = self._refused.get(key)
        return key if refused is None else f"{key}#{refused}"

    async def _lookup(self, keys: Sequence[str]) -> set[str]:
        await self._open()
        last = await self._last_answers(keys)
        taken = {key for key, (answer, _) in last.items() if answer.taken}
        self._unheard.difference_update(last[key][0].name for key in taken)
        for key in keys:
            if key not in last or key in taken:
                self._refused.pop(key, None)
            elif last[key][0].name not in self._unheard:
                self._refused[key] = last[key][1]
        return taken

    async def _last_answers(self, keys: Sequence[str]) -> dict[str, tuple[ToTry, int]]:
        """The last answer to each of these that has one, and the number it came under: bucket by bucket."""
        wanted, found, turns = set(keys), dict[str, tuple[ToTry, int]](), asyncio.Semaphore(READ_AT_ONCE)

        async def look(subject: str) -> None:
            async with turns:
                async for number, body in self._kept(subject):
                    found.update({answer.id: (answer, number) for answer in read(body) if answer.id in wanted})

        await asyncio.gather(*(look(subject) for subject in {self._names.answers_about(key) for key in keys}))
        return found

    async def _kept(self, subject: str) -> AsyncIterator[tuple[int, bytes]]:
        """Each message on this subject, oldest first: (its number, its body)."""
        assert self._stream is not None
        number, kept_in = 0, self._names.answers_stream
        while True:
            try:
                kept = await self._stream.get_msg(kept_in, seq=number + 1, subject=subject, next=True, direct=True)
            except NotFoundError:
                return
            number = kept.seq or number + 1
            yield number, kept.data or b""

    async def _snapshot(self, as_of: int) -> list[OnHand]:
        """The hub answers in parts; an empty one is the last."""
        client = await self._line.client()
        inbox, found = client.new_inbox(), list[OnHand]()
        parts = await client.subscribe(inbox)
        try:
            await client.publish(self._names.stock, str(as_of).encode(), reply=inbox)
            while True:
                part = await parts.next_msg(timeout=SNAPSHOT_WITHIN_S)
                if (part.headers or {}).get("Status") == "503":
                    raise NoRespondersError
                if "Problem" in (part.headers or {}):
                    raise TransportError((part.headers or {})["Problem"])
                if not part.data:
                    return found
                found += _STOCK.decode(part.data)
        finally:
            await parts.unsubscribe()

    async def _pull(self, since: int) -> Pulled:
        stream = await self._open()
        events: list[bytes] = []
        for _ in range(PULLED_AT_ONCE):
            try:
                one = await stream.get_msg(
                    self._names.asked_stream, seq=since + 1, subject=self._names.asked, next=True
                )
            except NotFoundError:
                last = (await stream.stream_info(self._names.asked_stream)).state.last_seq
                if since <= last:
                    break
                since = 0  # the server lost its disk and counts from 1 again
                continue
            events.append(one.data or b"")
            since = one.seq or since + 1
        return Pulled(events=events, next=str(since or ""))
