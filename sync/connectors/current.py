"""The connector a follower goes by at the moment, for whoever asks the ERP beside it.

An admin may name things otherwise while the house is at work; the follower then has another connector from its next
batch on, and whoever fetches the ERP's news from its next question.
"""

from collections.abc import Callable, Sequence

from sync.connectors.base import Answer, Connector, OnHand, Pulled
from sync.messages import Message


class Current:
    def __init__(self, now: Callable[[], Connector]) -> None:
        self._now = now
        self.name, self.kind, self.address = now().name, now().kind, now().address
        self.gather_s, self.way = now().gather_s, now().way

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        return self._now().post(batch)

    def lookup(self, keys: Sequence[str]) -> set[str]:
        return self._now().lookup(keys)

    def snapshot(self, as_of: int) -> Sequence[OnHand] | None:
        return self._now().snapshot(as_of)

    def pull(self, since: str) -> Pulled | None:
        return self._now().pull(since)

    def close(self) -> None:
        """The follower closes it."""
