"""A batch of events put into the site's own stream, none of them without the one before it.

JetStream takes messages one by one, and where its disk is full it may refuse one and take the next, for which there is
room. So each event names the one before it, and the server itself refuses what would not stand right behind that; what it
refused for that alone is put there in the next round. What was carried before, in a try without an answer, it knows by
its name and does not keep twice.
"""

import asyncio
from collections.abc import Sequence

from nats.errors import MaxPayloadError
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import APIError, NoStreamResponseError

from sync.connectors.base import TransportError
from sync.messages import Message
from sync.nats_line import NO_ROOM, OFFER, Names

OUT_OF_TURN = 10070  # JetStream's number of: the stream's last message is another one

Offered = tuple[Message, str]  # the event, and the name of this try


class Offer:
    """Into one site's stream, over one line."""

    def __init__(self, address: str, stream: JetStreamContext, names: Names) -> None:
        self._address = address
        self._stream = stream
        self._names = names

    async def put(self, batch: Sequence[Offered]) -> set[str]:
        """All of it is kept then; the names of those that were there before. Raises TransportError, NatsError."""
        left, before = list(batch), set[str]()
        for _ in batch:  # each round keeps one more at least
            told = await asyncio.gather(
                *(
                    self._put(each, offer=batch[0][1], behind=left[n - 1][1] if n else "")
                    for n, each in enumerate(left)
                ),
                return_exceptions=True,
            )
            for one in told:
                if isinstance(one, BaseException) and not _is_out_of_turn(one):
                    raise self._why(one)
            before.update(name for (_, name), one in zip(left, told, strict=True) if _was_there(one))
            left = [each for each, one in zip(left, told, strict=True) if isinstance(one, BaseException)]
            if not left:
                break
        return before

    async def _put(self, each: Offered, *, offer: str, behind: str) -> PubAck:
        """The first of a round stands behind whatever is there: of those before it in the batch all are kept."""
        message, name = each
        headers = {"Nats-Msg-Id": name, OFFER: offer}
        if behind:
            headers["Nats-Expected-Last-Msg-Id"] = behind
        return await self._stream.publish(self._names.out, message.offered, headers=headers)

    def _why(self, problem: BaseException) -> BaseException:
        if isinstance(problem, MaxPayloadError):
            told = f"{self._address} takes no message as large as this."
            return TransportError(told, permanent=True, unknown=False, about_batch=True)
        if isinstance(problem, NoStreamResponseError):
            return TransportError(f"{self._address} keeps no events any more: look at its disk and its log.")
        if isinstance(problem, APIError) and problem.err_code in NO_ROOM:
            return TransportError(
                f"{self._address} has no room for more: the store of its JetStream is full. The floor's events wait in "
                "the journal; make room on its disk, or raise max_file_store.",
                raw=str(problem),
            )
        return problem


def _is_out_of_turn(problem: BaseException) -> bool:
    return isinstance(problem, APIError) and problem.err_code == OUT_OF_TURN


def _was_there(told: PubAck | BaseException) -> bool:
    return isinstance(told, PubAck) and bool(told.duplicate)
