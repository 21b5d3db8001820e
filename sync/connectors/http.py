"""The default way to an ERP: signed batches of CloudEvents over HTTP, one answer per event.

`POST {address}/events` takes a JSON array (application/cloudevents-batch+json) and answers
`{"answers": [{"id": …, "outcome": "applied" | "duplicate" | "rejected" | "needs_approval" | "held", "reason": …,
"warning": …}, …]}` in the same order; an event whose warning was accepted comes again with `approved`.
`POST {address}/lookup` takes `{"keys": […]}` and answers `{"applied": […]}`; `POST {address}/snapshot` answers
`{"stock": [{"item": …, "lot": …, "status": …, "quantity": …}, …]}`, to reconcile with. All carry the seal of `sync/signing.py`.
A sink must keep the order: once it does not take an event it answers `held` for later events of that document in the batch.
"""

from collections.abc import Sequence

import httpx
import msgspec

from app.config import ConnectorSettings
from app.errors import CannotStart
from sync import asking
from sync.asking import NoReply, readable
from sync.connectors.answers import OneAnswer
from sync.connectors.base import Answer, OnHand, TransportError
from sync.messages import Message
from sync.signing import seal

GATHER_S = 0.02
ANSWER_WITHIN_S = 15.0
LARGEST_ANSWER = 4 * 1024 * 1024  # bytes
LARGEST_SNAPSHOT = 128 * 1024 * 1024


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What an ERP says to a batch of events: one answer for each, in the batch's order."""

    answers: list[OneAnswer]


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Which of these events has the ERP? Asked before anything is offered a second time."""

    keys: list[str]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Those of the keys whose events the ERP has applied."""

    applied: set[str]


class AsOf(msgspec.Struct, frozen=True, kw_only=True):
    """The ERP's stock is asked for, to reconcile with; every event up to this one was offered."""

    as_of: int  # the event's seq


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """All the ERP has on hand of this site."""

    stock: list[OnHand]


# What is said beside the events themselves, by its name in the contract.
TALK: dict[str, type[msgspec.Struct]] = {
    "events.answers": Answers,
    "lookup.keys": Keys,
    "lookup.known": Known,
    "snapshot.as_of": AsOf,
    "snapshot.stock": Stock,
}

_STOCK = msgspec.json.Decoder(Stock)
_ANSWERS = msgspec.json.Decoder(Answers)
_KNOWN = msgspec.json.Decoder(Known)


class HttpConnector:
    kind = "http"
    way = ""
    gather_s = GATHER_S

    def __init__(self, name: str, address: str, secret: str, *, answer_within_s: float = ANSWER_WITHIN_S) -> None:
        self.name = name
        self.address = address.rstrip("/")
        self._secret = secret
        self._answer_within_s = answer_within_s
        self._client = asking.client(answer_within_s)

    @classmethod
    def of(cls, settings: ConnectorSettings) -> "HttpConnector":
        asking.http_address(f"connector {settings.name}", settings.address)
        if not settings.secret:
            raise CannotStart(f"Connector {settings.name} needs a secret: the ERP checks our signature with it.")
        return cls(settings.name, settings.address, settings.secret)

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        body = b"[" + b",".join([message.offered for message in batch]) + b"]"
        raw = self._ask("/events", body, "application/cloudevents-batch+json")
        try:
            told = _ANSWERS.decode(raw).answers
        except msgspec.DecodeError as problem:
            raise self._nonsense(f"its answer cannot be read ({problem})", raw) from None
        if [one.id for one in told] != [message.key for message in batch]:
            raise self._nonsense(f"it answered for {len(told)} events where {len(batch)} others were sent", raw)
        refused: set[str] = set()
        answers: list[Answer] = []
        for message, one in zip(batch, told, strict=True):
            if one.outcome in ("rejected", "needs_approval"):
                refused.add(message.document)
            elif one.outcome == "held" and (not message.document or message.document not in refused):
                raise self._nonsense(f"it held back event {one.id} for no reason", raw)
            answers.append(one.meaning)
        return answers

    def lookup(self, keys: Sequence[str]) -> set[str]:
        raw = self._ask("/lookup", msgspec.json.encode(Keys(keys=list(keys))), "application/json")
        try:
            return _KNOWN.decode(raw).applied
        except msgspec.DecodeError as problem:
            raise self._nonsense(f"its answer cannot be read ({problem})", raw) from None

    def snapshot(self, as_of: int) -> list[OnHand]:
        raw = self._ask("/snapshot", msgspec.json.encode(AsOf(as_of=as_of)), "application/json", most=LARGEST_SNAPSHOT)
        try:
            return _STOCK.decode(raw).stock
        except msgspec.DecodeError as problem:
            raise self._nonsense(f"its stock cannot be read ({problem})", raw) from None

    def pull(self, since: str) -> None:
        """It pushes to `/api/inbox`."""

    def close(self) -> None:
        self._client.close()

    def _ask(self, path: str, body: bytes, content_type: str, *, most: int = LARGEST_ANSWER) -> bytes:
        """The body of a 200, read within the time and size we allow; everything else is a TransportError."""
        headers = {"Content-Type": content_type, **seal(self._secret, body)}
        try:
            response, raw = asking.ask(
                self._client, self.address, path, body, headers, within_s=self._answer_within_s, most=most
            )
        except NoReply as no:
            raise TransportError(no.sentence, unknown=no.reached, raw=no.raw) from None
        if response.status_code != 200:
            raise self._status(response, raw)
        return raw

    def _nonsense(self, what: str, raw: bytes) -> TransportError:
        return TransportError(f"{self.address} talks nonsense: {what}.", raw=readable(raw))

    def _status(self, response: httpx.Response, raw: bytes) -> TransportError:
        status, words = response.status_code, readable(raw)
        told = f"{self.address} answers {status}"
        if status in (401, 403):
            return TransportError(
                f"{told}: it does not accept our signature. Compare the secret and the clocks.",
                permanent=True,
                unknown=False,
                raw=words,
            )
        if status in (400, 413, 422):
            return TransportError(f"{told} to the batch.", permanent=True, unknown=False, about_batch=True, raw=words)
        if status == 500:
            return TransportError(f"{told}: it stumbled over the batch.", about_batch=True, raw=words)
        if status == 429 or status > 500:
            return TransportError(
                f"{told}: it is down or busy.", retry_after_s=asking.retry_after(response.headers), raw=words
            )
        return TransportError(
            f"{told}: that is not the address of a ledger. Check the connector's address.",
            permanent=True,
            unknown=False,
            raw=words,
        )
