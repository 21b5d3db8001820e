"""The courier carries one batch to the sink and comes back with an answer for every event, or with none at all.

Before it offers what may have arrived already (after a crash, after an answer that did not come, after the desk set the
cursor back) it asks the sink what it has, and offers only the rest. An event the sink cannot stand even alone comes back
as rejected, so that one broken message never stops a warehouse.
"""

from collections.abc import Sequence

from sync.connectors.base import Answer, Connector, Duplicate, Rejected, TransportError
from sync.messages import Message
from sync.pace import CIRCUIT_OPENS_AFTER, Pace


class Courier:
    def __init__(self, connector: Connector, pace: Pace) -> None:
        self.in_doubt = 0  # up to this seq the sink is asked first
        self._connector = connector
        self._pace = pace

    def doubt(self, seq: int) -> None:
        self.in_doubt = max(self.in_doubt, seq)

    def offer(self, messages: Sequence[Message], *, ask_first: bool = False) -> list[Answer]:
        """One answer per message, in order. Raises TransportError after noting it in the pace."""
        if not messages:
            return []
        ask = ask_first or messages[0].seq <= self.in_doubt or self._pace.failures >= CIRCUIT_OPENS_AFTER
        rest = list(messages)
        try:
            known = self._connector.lookup([message.key for message in messages]) if ask else set()
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
        try:
            return self._connector.post(messages)
        except TransportError as problem:
            if self._pace.blames_event(problem, len(messages)):
                return [Rejected(why=f"{problem.sentence} {problem.raw}".strip(), raw=problem.raw)]
            raise
