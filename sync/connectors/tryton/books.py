"""The two ways into Tryton's books: through the inbox module that is installed there, or by what every Tryton has.

With the module an event is one database transaction there, under its key. Without it an event is a document of Tryton's
own (see `plain/`), which bears the key and is carried on from whatever state it was left in. Which of the two it is, is
noticed when the first event is told, unless the setting `inbox` says it.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sync.connectors.base import TransportError
from sync.connectors.entries import Entry
from sync.connectors.tryton.plain import PlainBooks
from sync.connectors.tryton.rpc import ErpSaid, NoSuchModel, Rpc

INBOX = "model.pickface.inbox"
Told = Mapping[str, str]  # outcome, reason, warning
Row = tuple[str, str, str, float]  # product, lot, location, quantity


class Books(Protocol):
    in_words: str
    rest_in: str  # the field of a customer shipment that says whether it is an order of its own

    def is_ours(self, said: str) -> bool:
        """Does a shipment's or return's field say that the floor has it already?"""
        ...

    def post(self, entries: Sequence[Entry]) -> list[Told]:
        """One answer per entry, in order; after one that is not taken the others of its document are held."""
        ...

    def known(self, keys: Sequence[str]) -> set[str]: ...

    def on_hand(self, codes: Sequence[str]) -> list[Row]:
        """What lies in the locations with these codes."""
        ...


class InboxBooks:
    in_words = "by its inbox module"
    rest_in = "pickface_order"

    def is_ours(self, said: str) -> bool:
        return said != ""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def post(self, entries: Sequence[Entry]) -> list[Told]:
        answers: list[Told] = self._rpc.call(f"{INBOX}.post", list(entries))
        return answers

    def known(self, keys: Sequence[str]) -> set[str]:
        return set(self._rpc.call(f"{INBOX}.known", list(keys)))

    def on_hand(self, codes: Sequence[str]) -> list[Row]:
        rows: list[Row] = self._rpc.call(f"{INBOX}.on_hand", list(codes))
        return rows


def choose(rpc: Rpc, places: Mapping[str, str], inbox: str) -> Books:
    """`inbox`: "yes", "no", or "" for whatever is there. Raises TransportError."""
    if inbox == "no" or (not inbox and not _has_inbox(rpc)):
        return PlainBooks(rpc, places)
    return InboxBooks(rpc)


def _has_inbox(rpc: Rpc) -> bool:
    try:
        rpc.call(f"{INBOX}.known", [])
    except NoSuchModel:
        return False
    except ErpSaid as said:
        raise TransportError(
            f"{rpc.address} lets us not into its inbox: {said.words}", permanent=True, unknown=False, raw=said.words
        ) from None
    return True
