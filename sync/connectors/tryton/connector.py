"""Tryton 8.2, told event by event through the inbox module that is installed there (see `module/`).

Only what Tryton has a place for is posted, twenty events a call; each is one database transaction there, with its key.
What moves within one class of place, such as from bin to bin, is accepted here: there is nothing to be told.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.config import ConnectorSettings
from app.errors import CannotStart
from sync import asking
from sync.connectors.base import (
    Answer,
    Applied,
    Duplicate,
    Held,
    NeedsApproval,
    OnHand,
    Pulled,
    Rejected,
    TransportError,
)
from sync.connectors.tryton.entries import PLACES, entry_of
from sync.connectors.tryton.pull import Reader
from sync.connectors.tryton.rpc import ErpSaid, Rpc
from sync.messages import Message

GATHER_S = 0.05
A_CALL = 20  # events; Tryton takes about a tenth of a second for each
INBOX = "model.pickface.inbox"


class TrytonConnector:
    kind = "tryton"
    gather_s = GATHER_S

    def __init__(self, name: str, rpc: Rpc, places: Mapping[str, str]) -> None:
        self.name = name
        self.address = rpc.address
        self.rpc = rpc
        self._places = places

    @classmethod
    def of(cls, settings: ConnectorSettings) -> "TrytonConnector":
        asking.http_address(f"connector {settings.name}", settings.address)
        if not settings.secret:
            raise CannotStart(f"Connector {settings.name} needs a secret: the password of its user in Tryton.")
        unknown = settings.options.keys() - PLACES.keys()
        if unknown:
            raise CannotStart(
                f"Connector {settings.name} names no class of place with {', '.join(sorted(unknown))}: "
                f"there are {', '.join(PLACES)}."
            )
        return cls(settings.name, Rpc(settings.address, settings.secret), {**PLACES, **settings.options})

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        entries = {message.key: entry_of(message, self._places) for message in batch}
        answers: dict[str, Answer] = {key: Applied() for key, entry in entries.items() if entry is None}
        refused: set[str] = set()
        told_of = [entry for entry in entries.values() if entry is not None]
        for first in range(0, len(told_of), A_CALL):
            some = told_of[first : first + A_CALL]
            fresh = [entry for entry in some if entry["document"] not in refused]
            answers |= {entry["key"]: Held() for entry in some if entry["document"] in refused}
            for entry, told in zip(fresh, self._ask("post", fresh), strict=True):
                answers[entry["key"]] = answer = _meaning(told)
                if isinstance(answer, Rejected | NeedsApproval) and entry["document"]:
                    refused.add(entry["document"])
        return [answers[message.key] for message in batch]

    def lookup(self, keys: Sequence[str]) -> set[str]:
        return set(self._ask("known", list(keys)))

    def snapshot(self, as_of: int) -> list[OnHand]:
        """What lies in the warehouse by Tryton's books, by product, lot and class of place."""
        ours = {code: name for name, code in self._places.items() if not name.startswith("~")}
        rows = self._ask("on_hand", list(ours))
        return [OnHand(item=item, lot=lot, status=ours[code], quantity=round(n)) for item, lot, code, n in rows]

    def pull(self, since: str) -> Pulled:
        """What Tryton wants known and done; `since` is the newest version there was."""
        try:
            news = list(Reader(self.rpc, self._places).news(int(since or 0)))
        except ErpSaid as said:
            raise TransportError(f"{self.address} does not say: {said.words}", permanent=True, raw=said.words) from None
        newest = max((one.version for one in news), default=int(since or 0))
        return Pulled(events=[one.event(self.name) for one in news], next=str(newest))

    def close(self) -> None:
        self.rpc.close()

    def _ask(self, what: str, told: list[Any]) -> Any:
        if not told:
            return []
        try:
            return self.rpc.call(f"{INBOX}.{what}", told)
        except ErpSaid as said:
            raise TransportError(
                f"{self.address} refuses the call: {said.words}", permanent=True, unknown=False, raw=said.words
            ) from None


def _meaning(told: Mapping[str, str]) -> Answer:
    reason = told.get("reason", "")
    match told.get("outcome"):
        case "applied":
            return Applied()
        case "duplicate":
            return Duplicate()
        case "held":
            return Held()
        case "approval":
            return NeedsApproval(why=reason, warning=told.get("warning", ""), raw=msgspec.json.encode(told).decode())
        case _:
            return Rejected(why=reason or "rejected without a reason", raw=msgspec.json.encode(told).decode())
