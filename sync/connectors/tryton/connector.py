"""Tryton 8.2, told event by event: through the inbox module that is installed there, or by its plain API (see `books`).

Only what Tryton has a place for is posted, twenty events a call. What moves within one class of place, such as from bin
to bin, is accepted here: there is nothing to be told.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

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
from sync.connectors.entries import Entry, entry_of
from sync.connectors.tryton.books import Books, Told, choose
from sync.connectors.tryton.places import PLACES
from sync.connectors.tryton.pull import Cursor, Reader
from sync.connectors.tryton.rpc import ErpSaid, Rpc
from sync.connectors.tryton.serials import Serials
from sync.messages import Message

What = TypeVar("What")
Answered = TypeVar("Answered")

GATHER_S = 0.05
A_CALL = 20  # events; Tryton takes about a tenth of a second for each
INBOX = ("", "yes", "no")  # the option `inbox`: whatever is there, it must be there, the plain API


class TrytonConnector:
    kind = "tryton"
    gather_s = GATHER_S

    def __init__(self, name: str, rpc: Rpc, places: Mapping[str, str], inbox: str = "", numbered: str = "") -> None:
        self.name = name
        self.address = rpc.address
        self.rpc = rpc
        self._places = places
        self._inbox = inbox
        self._serials = Serials(numbered)
        self._reads = f"{rpc.address} {numbered}".strip()  # where this is another, all is read from its beginning
        self.way = ""  # until Tryton was asked what it has
        self._chosen: Books | None = None
        self._one_at_a_time = threading.Lock()  # else a shipment's rest is read as a new order before it is marked

    @classmethod
    def of(cls, settings: ConnectorSettings) -> "TrytonConnector":
        asking.http_address(f"connector {settings.name}", settings.address)
        if not settings.secret:
            raise CannotStart(f"Connector {settings.name} needs a secret: the password of its user in Tryton.")
        places = dict(settings.options)
        inbox, numbered = places.pop("inbox", ""), places.pop("serials", "")
        if inbox not in INBOX:
            raise CannotStart(f"Connector {settings.name}: inbox is yes or no, not {inbox}.")
        unknown = places.keys() - PLACES.keys()
        if unknown:
            raise CannotStart(
                f"Connector {settings.name} names no class of place with {', '.join(sorted(unknown))}: "
                f"there are {', '.join(PLACES)}."
            )
        return cls(settings.name, Rpc(settings.address, settings.secret), {**PLACES, **places}, inbox, numbered)

    @property
    def mapping(self) -> Mapping[str, str]:
        return self._places

    def says(self, message: Message) -> Entry | None:
        return self._serials.told(entry_of(message, self._places))

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        entries = {message.key: self.says(message) for message in batch}
        answers: dict[str, Answer] = {key: Applied() for key, entry in entries.items() if entry is None}
        refused: set[str] = set()
        told_of = [entry for entry in entries.values() if entry is not None]
        for first in range(0, len(told_of), A_CALL):
            some = told_of[first : first + A_CALL]
            fresh = [entry for entry in some if entry["document"] not in refused]
            answers |= {entry["key"]: Held() for entry in some if entry["document"] in refused}
            with self._one_at_a_time:
                told = self._ask(fresh, self._books().post) if fresh else []
            for entry, said in zip(fresh, told, strict=True):
                answers[entry["key"]] = answer = _meaning(said)
                if isinstance(answer, Rejected | NeedsApproval) and entry["document"]:
                    refused.add(entry["document"])
        return [answers[message.key] for message in batch]

    def lookup(self, keys: Sequence[str]) -> set[str]:
        return self._ask(keys, self._books().known) if keys else set()

    def snapshot(self, as_of: int) -> list[OnHand]:
        """What lies in the warehouse by Tryton's books, by product, lot and class of place."""
        ours = {code: name for name, code in self._places.items() if not name.startswith("~")}
        rows = self._ask(list(ours), self._books().on_hand)
        pieces = self._ask(self.rpc, self._serials.codes)
        sums: Counter[tuple[str, str, str]] = Counter()
        for item, lot, code, quantity in rows:
            sums[item, "" if item in pieces else lot, ours[code]] += round(quantity)
        return [OnHand(item=item, lot=lot, status=status, quantity=n) for (item, lot, status), n in sums.items() if n]

    def pull(self, since: str) -> Pulled:
        """The next page of what Tryton wants known and done; `since` is where the last one ended."""
        at = msgspec.json.decode(since, type=Cursor) if since else Cursor(of=self._reads)
        at = at if at.of == self._reads else Cursor(of=self._reads)
        books = self._books()
        reader = Reader(self.rpc, self._places, books.rest_in, books.is_ours, self._serials)
        with self._one_at_a_time:
            news, then = self._ask(at, reader.page)
        events = [one.event(self.name) for one in news]
        return Pulled(
            events=events, next=msgspec.json.encode(then).decode(), keep=True, more=bool(then.stage or then.after)
        )

    def close(self) -> None:
        self.rpc.close()

    def _books(self) -> Books:
        if self._chosen is None:
            self._ask(self.rpc, self._serials.refuse_unknown)
            self._chosen = choose(self.rpc, self._places, self._inbox)
            self.way = self._chosen.in_words
        return self._chosen

    def _ask(self, told: What, ask: Callable[[What], Answered]) -> Answered:
        try:
            return ask(told)
        except ErpSaid as said:
            raise TransportError(
                f"{self.address} refuses the call: {said.words}", permanent=True, unknown=False, raw=said.words
            ) from None


def _meaning(told: Told) -> Answer:
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
