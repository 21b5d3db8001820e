"""Odoo 19 and later, told event by event: one event is one transfer there, which bears its key (see `transfers.py`).

Only what Odoo has a place for is posted. What moves within one class of place, such as from bin to bin, is accepted
here: there is nothing to be told. One call at a time, in order: Odoo's stock breaks under concurrent posting
(https://github.com/odoo/odoo/issues/78786).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app import clock
from app.config import ConnectorSettings
from app.errors import CannotStart
from sync import asking
from sync.connectors import asked_to
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
from sync.connectors.entries import entry_of
from sync.connectors.odoo.books import Books
from sync.connectors.odoo.json2 import Json2, OdooSaid
from sync.connectors.odoo.places import options_of, places_of
from sync.connectors.odoo.pull import Reader
from sync.connectors.odoo.stock import on_hand
from sync.connectors.odoo.transfers import Transfers
from sync.messages import Message

GATHER_S = 0.05


class OdooConnector:
    kind = "odoo"
    way = ""
    gather_s = GATHER_S

    def __init__(self, name: str, odoo: Json2, warehouse: str, places: Mapping[str, str]) -> None:
        self.name = name
        self.address = odoo.address
        self.odoo = odoo
        self._of = f"{odoo.address} {odoo.database} {warehouse}"
        self._places = places
        self._books = Books(odoo, warehouse)
        self._transfers = Transfers(self._books, places)

    @classmethod
    def of(cls, settings: ConnectorSettings) -> "OdooConnector":
        asking.http_address(f"connector {settings.name}", settings.address)
        if not settings.secret:
            raise CannotStart(f"Connector {settings.name} needs a secret: an API key of its user in Odoo.")
        options = options_of(settings)
        warehouse = options["warehouse"]
        odoo = Json2(settings.address, settings.secret, options["database"])
        return cls(settings.name, odoo, warehouse, places_of(warehouse, options))

    @property
    def mapping(self) -> Mapping[str, str]:
        return self._places

    def says(self, message: Message) -> Any:
        return entry_of(message, self._places)

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        entries = {message.key: entry_of(message, self._places) for message in batch}
        told = [key for key, entry in entries.items() if entry is not None and entry.get("moves")]
        try:
            done = self._transfers.done(told)
        except OdooSaid as said:
            raise self._unasked(said) from None
        answers: list[Answer] = []
        refused: set[str] = set()
        for message in batch:
            answer = self._answer(message, entries[message.key] if message.key in told else None, done, refused)
            if isinstance(answer, Rejected | NeedsApproval) and message.document:
                refused.add(message.document)
            answers.append(answer)
        return answers

    def lookup(self, keys: Sequence[str]) -> set[str]:
        try:
            return self._transfers.done(keys)
        except OdooSaid as said:
            raise self._unasked(said) from None

    def snapshot(self, as_of: int) -> list[OnHand]:
        """What lies in the warehouse by Odoo's books, by product, lot and class of place."""
        try:
            return on_hand(self._books, self._places)
        except OdooSaid as said:
            raise self._unasked(said) from None

    def pull(self, since: str) -> Pulled:
        """What Odoo wants known and done; `since` is how far its records were read."""
        try:
            events, then = Reader(self._books, self.name, clock.now()).pull(asked_to.read(since, self._of))
        except OdooSaid as said:
            raise self._unasked(said) from None
        return Pulled(events=events, next=asked_to.written(self._of, then), keep=True, dated=False)

    def close(self) -> None:
        self.odoo.close()

    def _answer(
        self, message: Message, entry: Mapping[str, object] | None, done: set[str], refused: set[str]
    ) -> Answer:
        if message.document in refused and message.document:
            return Held()
        if entry is None:
            return Applied()
        return Duplicate() if message.key in done else self._transfers.post(entry)

    def _unasked(self, said: OdooSaid) -> TransportError:
        return TransportError(
            f"{self.address} refuses the call: {said.words}", permanent=True, unknown=False, raw=said.raw
        )
