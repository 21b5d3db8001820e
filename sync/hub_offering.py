"""One site's events before the ERP: in smaller pieces where it stumbles, and each document in its order.

No event is blamed where the ERP takes no other either (see `courier.py`); the others are what the site wants told next.
Behind an event that was not taken the hub holds what the site offered together with it: a site hears of a refusal when
all it offered at once is answered, and the hub may have taken that in pieces.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from sync.connectors.base import Answer, Applied, Connector, Duplicate, Held, TransportError
from sync.courier import Courier
from sync.messages import Message
from sync.pace import Pace

Offered = tuple[Message, str]  # the event, and the offer it came with
Rest = Callable[[float], Awaitable[None]]
Ahead = Callable[[], Awaitable[list[Message]]]

log = logging.getLogger("pickface.hub")


class Offering:
    """Of one site. `turn` is the ERP's: one batch at a time for all sites."""

    def __init__(self, connector: Connector, pace: Pace, turn: asyncio.Lock) -> None:
        self._courier = Courier(connector, pace, self._others)
        self._pace = pace
        self._turn = turn
        self._left: Sequence[Offered] = ()
        self._ahead: list[Message] = []
        self._offer = ""
        self._refused: set[str] = set()  # documents, until the site's next offer: that is made knowing all answers

    async def offer(self, batch: Sequence[Offered], *, ask_first: bool, rest: Rest, ahead: Ahead) -> list[Answer]:
        """Until the ERP has answered for each. `rest` waits until it may be asked again; `ahead` names what
        the site wants told next."""
        answers: list[Answer] = []
        self._ahead = []
        while len(answers) < len(batch):
            self._left = batch[len(answers) :]
            some = self._one_offer(self._left[: self._pace.size])
            held = {message.key for message in some if message.document in self._refused}
            fresh = [message for message in some if message.key not in held]
            try:
                async with self._turn:
                    told = iter(await asyncio.to_thread(self._courier.offer, fresh, ask_first=ask_first))
            except TransportError as problem:
                log.warning("%s", problem.sentence)
                ask_first = True
                self._ahead = await ahead()
                await rest(self._pace.wait_s)
                continue
            for message in some:
                answer = Held() if message.key in held else next(told)
                if self._offer and message.document and not isinstance(answer, Applied | Duplicate):
                    self._refused.add(message.document)
                answers.append(answer)
        return answers

    def _one_offer(self, some: Sequence[Offered]) -> list[Message]:
        """As many as came with one offer."""
        offer = some[0][1]
        if offer != self._offer:
            self._offer, self._refused = offer, set()
        return [message for message, came_with in some if came_with == offer]

    def _others(self, blamed: Message) -> list[Message]:
        waiting = [message for message, _ in self._left] + self._ahead
        apart = {blamed.document or blamed.key, *self._refused}
        return [one for one in waiting if (one.document or one.key) not in apart]
