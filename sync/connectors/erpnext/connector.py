"""ERPNext, told event by event: each becomes a document there that carries the event's key in a UNIQUE field.

One call after the other, never two at once: concurrent postings of one item have deadlocked and miscounted there
(github.com/frappe/erpnext/issues/47787, 57664). What the floor keeps to itself, such as bin to bin, is accepted here.
Whatever ERPNext refuses is looked for first: it may refuse it because it has it, and only what is found is a duplicate.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import get_args

from app.config import ConnectorSettings
from app.errors import CannotStart
from app.stock.slots import CUSTOMER, LOST, SCRAP, SUPPLIER, Status
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
from sync.connectors.entries import Entry, entry_of
from sync.connectors.erpnext import fields, orders, papers, stock
from sync.connectors.erpnext.lots import Lots
from sync.connectors.erpnext.papers import Paper
from sync.connectors.erpnext.pull import Reader
from sync.connectors.erpnext.rest import Filter, Rest, batched
from sync.connectors.erpnext.troubles import Refused
from sync.messages import Message

GATHER_S = 0.05
STATUSES: tuple[str, ...] = get_args(Status)
ENDS = (SUPPLIER, CUSTOMER, LOST, SCRAP)


class ErpNextConnector:
    kind = "erpnext"
    way = ""
    gather_s = GATHER_S

    def __init__(self, name: str, rest: Rest, places: Mapping[str, str]) -> None:
        self.name = name
        self.address = rest.address
        self._rest = rest
        self._places = {**{end: end for end in ENDS}, **places}
        self._company = ""  # empty: what we need there was not looked at yet
        self._lots = Lots(rest)

    @classmethod
    def of(cls, settings: ConnectorSettings) -> "ErpNextConnector":
        asking.http_address(f"connector {settings.name}", settings.address)
        key, _, secret = settings.secret.partition(":")
        if not key or not secret:
            raise CannotStart(f"Connector {settings.name} needs a secret: key:secret of its user in ERPNext.")
        missing = [status for status in STATUSES if not settings.options.get(status)]
        unknown = settings.options.keys() - {*STATUSES, LOST, SCRAP}
        if missing or unknown:
            raise CannotStart(
                f"Connector {settings.name} names warehouses of ERPNext in its options, one for each status: "
                + (f"missing {', '.join(missing)}." if missing else f"there is no {', '.join(sorted(unknown))}.")
            )
        named = [settings.options[status] for status in STATUSES]
        if twice := sorted({one for one in named if named.count(one) > 1}):
            raise CannotStart(
                f"Connector {settings.name} names {', '.join(twice)} for two statuses: they could not be told apart."
            )
        return cls(settings.name, Rest(settings.address, settings.secret), settings.options)

    @property
    def mapping(self) -> Mapping[str, str]:
        return {ours: theirs for ours, theirs in self._places.items() if ours in STATUSES or theirs != ours}

    def says(self, message: Message) -> Entry | None:
        return entry_of(message, self._places)

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        refused: set[str] = set()
        answers: list[Answer] = []
        for message in batch:
            answer = Held() if message.document in refused else self._post(message)
            if isinstance(answer, Rejected | NeedsApproval) and message.document:
                refused.add(message.document)
            answers.append(answer)
        return answers

    def lookup(self, keys: Sequence[str]) -> set[str]:
        """Cancelled documents count: what somebody cancelled at ERPNext's desk was there, and is not posted anew."""
        self._ready()
        found: set[str] = set()
        with self._heard("does not say what it has"):
            for some in batched(keys):
                either: list[Filter] = [[field, "in", some] for field in (fields.KEY, fields.UNDO)]
                for document in fields.DOCUMENTS:
                    asked = [fields.KEY, fields.UNDO]
                    for row in self._rest.all_rows(document, [["docstatus", "!=", 0]], asked, either=either):
                        found |= {row[fields.KEY], row[fields.UNDO]}
        return found & set(keys)

    def snapshot(self, as_of: int) -> list[OnHand]:
        self._ready()
        statuses = {self._places[status]: status for status in STATUSES}
        with self._heard("does not say its stock"):
            return [
                OnHand(item=item, lot=lot, status=statuses[warehouse], quantity=quantity)
                for item, lot, warehouse, quantity in stock.on_hand(self._rest, list(statuses))
            ]

    def pull(self, since: str) -> Pulled:
        self._ready()
        warehouse = self._places["available"]
        of = f"{self.address} {warehouse}"
        with self._heard("does not say what it wants"):
            events, then = Reader(self._rest, warehouse).news(asked_to.read(since, of))
        return Pulled(events=[one.event(self.name) for one in events], next=asked_to.written(of, then), keep=True)

    def close(self) -> None:
        self._rest.close()

    def _ready(self) -> None:
        """At first use: the custom fields are there, and whose company the warehouse is."""
        if not self._company:
            fields.make_sure(self._rest)
            with self._heard("does not know our warehouse"):
                self._company = self._rest.read("Warehouse", self._places["available"])["company"]

    @contextmanager
    def _heard(self, what: str) -> Iterator[None]:
        """A question that is no event's: where ERPNext refuses it, somebody has changed something there."""
        try:
            yield
        except Refused as refused:
            raise TransportError(
                f"{self.address} {what}: {refused.words}", permanent=True, unknown=False, raw=refused.raw
            ) from None

    def _post(self, message: Message) -> Answer:
        entry = entry_of(message, self._places)
        if entry is None or entry["effect"] in ("note", "receipt_closed"):
            return Applied()  # a short line stays open there by itself
        self._ready()
        try:
            self._lots.begin(message, entry.get("moves", ()))
            written = [self._write(paper) for paper in papers.numbered(message.key, self._papers(entry))]
            if entry["effect"] == "return_closed":
                orders.drop_draft(self._rest, entry["rma"])
        except Refused as refused:
            if self.lookup([message.key]):
                return Duplicate()
            if refused.kind == orders.OVER and orders.OVER not in message.approved:
                return NeedsApproval(why=refused.words, warning=orders.OVER, raw=refused.raw)
            return Rejected(why=refused.words, raw=refused.raw)
        return Applied() if any(written) or not written else Duplicate()

    def _papers(self, entry: Entry) -> list[Paper]:
        moves, remarks = entry.get("moves", []), _remarks(entry)
        match entry["effect"]:
            case "receive":
                return orders.received(self._rest, moves, entry["approved"], remarks)
            case "ship":
                return orders.shipped(
                    self._rest, entry["order"], moves, entry["complete"], entry["tracking"], entry["approved"]
                )
            case "take_back":
                back, unknown = orders.taken_back(self._rest, entry["rma"], moves)
                return [*back, *papers.moved(unknown, self._company, remarks)]
            case "return_closed":
                return []
            case "undo" if undone := papers.undone(self._rest, entry["undoes"]):
                return undone
            case _:
                return papers.moved(moves, self._company, remarks)

    def _write(self, paper: Paper) -> bool:
        """True where it was not there yet. Raises Refused."""
        try:
            if paper.name:
                self._rest.change(paper.doctype, paper.name, paper.signed)
            else:
                self._rest.insert(paper.doctype, paper.signed)
        except Refused:
            if self.lookup([paper.key]):
                return False
            raise
        return True


def _remarks(entry: Entry) -> str:
    """Who, what and why, for whoever opens the document there."""
    why = f" Reason: {entry['reason']}." if entry["reason"] else ""
    by = f" Approved by {entry['approver']}." if entry["approver"] else ""
    return f"{entry['key']} {entry['worker']}: {entry['told']}.{why}{by}"
