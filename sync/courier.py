"""The courier carries one batch to the sink and comes back with an answer for every event, or with none at all.

Before it offers what may have arrived already (after a crash, after an answer that did not come, after the desk set the
cursor back) it asks the sink what it has, and offers only the rest. An event the sink cannot stand even alone comes back
as rejected, so that one broken message never stops a warehouse; but only where another is taken meanwhile. A sink that
stumbles over everything, its disk full perhaps, is ill, and no event is to blame. Right before each batch is sent `insist`
says whether this is still ours to do.
"""

import random
from collections.abc import Callable, Sequence

from sync.connectors.base import Answer, Connector, Duplicate, Rejected, TransportError
from sync.messages import Message
from sync.pace import CIRCUIT_OPENS_AFTER, Pace

WITNESSES = 5  # events of other documents that are tried before one is blamed

Others = Callable[[Message], Sequence[Message]]


class Courier:
    """`others` names events of other documents that wait behind a certain one, in order; `insist` raises what ends an
    offer before it is sent.
    """

    def __init__(
        self,
        connector: Connector,
        pace: Pace,
        others: Others | None = None,
        insist: Callable[[], None] = lambda: None,
    ) -> None:
        self.in_doubt = 0  # up to this seq the sink is asked first
        self.connector = connector
        self._pace = pace
        self._others = others
        self._insist = insist

    def doubt(self, seq: int) -> None:
        self.in_doubt = max(self.in_doubt, seq)

    def offer(self, messages: Sequence[Message], *, ask_first: bool = False) -> list[Answer]:
        """One answer per message, in order. Raises TransportError after noting it in the pace."""
        if not messages:
            return []
        ask = ask_first or messages[0].seq <= self.in_doubt or self._pace.failures >= CIRCUIT_OPENS_AFTER
        rest = list(messages)
        try:
            known = self.connector.lookup([message.key for message in messages]) if ask else set()
            rest = [message for message in messages if message.key not in known]
            answers = iter(self._post(rest))
        except TransportError as problem:
            if problem.unknown:
                self.doubt(messages[-1].seq)
            self._pace.failed(problem, len(rest))
            raise
        self._pace.succeeded()
        return [Duplicate() if message.key in known else next(answers) for message in messages]

    def _post(self, messages: Sequence[Message]) -> list[Answer]:
        if not messages:
            return []
        self._insist()
        try:
            return self.connector.post(messages)
        except TransportError as problem:
            if self._pace.blames_event(problem, len(messages)) and (problem.permanent or self._is_well(messages[0])):
                return [Rejected(why=f"{problem.sentence} {problem.raw}".strip(), raw=problem.raw)]
            raise

    def _is_well(self, but: Message) -> bool:
        """Does the sink take an event of another document? Each of them is the next of its own, and not there yet."""
        if self._others is None:
            return True
        others = self._others(but)
        try:
            known = self.connector.lookup([other.key for other in others]) if others else set()
        except TransportError:
            return False
        waiting = [other for other in others if other.key not in known]
        first = list({other.document or other.key: other for other in reversed(waiting)}.values())
        for other in random.sample(first, min(WITNESSES, len(first))):
            self.doubt(other.seq)
            self._insist()
            try:
                self.connector.post([other])
                return True
            except TransportError:
                continue
        return False
