"""One site's events on their way to the ERP, and its answers on their way back, batch after batch in order.

Three batches are in hand at a time: while the ERP has one, the next comes in, and the answers to the one before are brought
back. What is not answered stays in the site's own NATS server, so a walk that breaks off begins again at the first event
that is kept there, and asks the ERP what it has of those that may have been in hand.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from sync.connectors.base import Answer, Connector, Rejected
from sync.connectors.nats_answers import ToTry, written
from sync.courier import WITNESSES
from sync.follower import LARGEST_BATCH
from sync.hub_mail import Mail
from sync.hub_offering import Offered, Offering
from sync.messages import Message
from sync.nats_line import OFFER, Names, jetstream, make_streams
from sync.nats_taking import Taking, number
from sync.pace import Pace

CONSUMER = "pickface-hub"
IN_HAND = 3  # batches: one the ERP has, one whose answers are on their way back, one that comes in
IN_DOUBT = IN_HAND * LARGEST_BATCH + WITNESSES  # events a worker may have offered of those that are not answered
FETCH_S = 1.0
MOST_TORN = 3  # times a batch with holes is taken anew; then the holes are real: somebody took events out of the stream
UNREADABLE = Rejected(why="The message cannot be read.")


class _Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What the worker must know of an event."""

    id: str
    sequence: str
    type: str
    correlationid: str = ""


_ENVELOPE = msgspec.json.Decoder(_Envelope)

Read = tuple[Msg, Message | None]
Answered = tuple[Msg, Message | None, Answer]


class Walk:
    """Of the site of that name, whose NATS server has that JetStream domain. `turn` is the ERP's: one batch at a time
    for all sites."""

    def __init__(
        self,
        client: Client,
        connector: Connector,
        site: str,
        domain: str,
        mail: Mail,
        turn: asyncio.Lock,
        *,
        batch: int,
    ) -> None:
        self._client = client
        self._site, self._domain = site, domain
        self._names = Names.of(site)
        self._stream = jetstream(client, domain)
        self._mail = mail
        self._most = batch * IN_HAND
        self._pace = Pace(batch)
        self._offering = Offering(connector, self._pace, turn)
        self._torn = 0

    async def go(self) -> None:
        """Until something breaks; raises what that was."""
        await make_streams(self._stream, self._names)
        while True:
            await self._from_the_first()

    async def _from_the_first(self) -> None:
        """Take everything that is not answered yet; returns where a batch came with holes, to be taken anew."""
        taking = await Taking.anew(self._client, self._domain, self._names.out_stream, CONSUMER, most=self._most)
        state = (await self._stream.stream_info(self._names.out_stream)).state
        expected = max(1, state.first_seq)  # what is answered leaves the stream
        doubtful = min(state.last_seq, expected + IN_DOUBT)
        telling = asyncio.create_task(asyncio.sleep(0))
        try:
            while True:
                batch = await self._next(taking)
                if telling.done():
                    telling.result()  # what could not be told is taken anew
                if not batch:
                    continue
                numbers = [number(one) for one, _ in batch]
                if numbers != list(range(expected, expected + len(batch))) and self._torn < MOST_TORN:
                    self._torn += 1  # some went out to nobody when the line broke
                    await telling
                    return
                answered = await self._offer(batch, ask_first=numbers[0] <= doubtful)
                await telling  # in order: killed in the middle, what is left has no holes
                telling = asyncio.create_task(self._tell(taking, answered))
                expected, self._torn = numbers[-1] + 1, 0
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await taking.end()

    async def _next(self, taking: Taking) -> list[Read]:
        batch = await taking.take(self._pace.size, FETCH_S)
        return [(one, _message(one.data)) for one in sorted(batch, key=number)]

    async def _offer(self, batch: Sequence[Read], *, ask_first: bool) -> list[Answered]:
        """Offer a batch until the ERP has answered for each event; it stays ours and in order all the while."""
        offered: list[Offered] = [
            (message, (one.headers or {}).get(OFFER, "")) for one, message in batch if message is not None
        ]
        await self._mail.write(self._site, self._stream, [message for message, _ in offered])

        async def ahead() -> list[Message]:
            return await _ahead(self._stream, self._names, number(batch[-1][0]))

        told = await self._offering.offer(offered, ask_first=ask_first, rest=asyncio.sleep, ahead=ahead)
        answers = iter(told)
        return [(one, message, next(answers) if message else UNREADABLE) for one, message in batch]

    async def _tell(self, taking: Taking, answered: Sequence[Answered]) -> None:
        """The site's answers are kept before their events are done with; killed between the two, the ERP is asked again."""
        told = written(self._names, [_to_try(*each) for each in answered])
        await asyncio.gather(*(self._stream.publish(subject, body) for subject, body in told))
        await taking.done([one for one, _, _ in answered])


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


def _to_try(carried: Msg, message: Message | None, answer: Answer) -> ToTry:
    attempt = (carried.headers or {}).get("Nats-Msg-Id", "")
    key = message.key if message is not None else attempt.partition("#")[0]
    one = ToTry.of(key, answer)
    return one if attempt in ("", key) else msgspec.structs.replace(one, attempt=attempt)
