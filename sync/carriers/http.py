"""A carrier, or a small program in front of one, that speaks our JSON over HTTP. docs/carriers.md is the contract.

`POST {address}/labels` with `{"key", "parcel"}` answers 200 with the label, and the same label again under the same key.
422 is a no, with `{"about": "address" | "parcel", "reason": …}`. Everything else is no answer: after a time-out, a broken
line, a 5xx or half an answer nobody knows what was made, and `POST {address}/labels/lookup` is asked by the key.
Each request carries the seal of `sync/signing.py`, or a bearer token.
"""

import contextlib
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import httpx
import msgspec

from app.config import CarrierSettings
from app.errors import CannotStart
from app.work.carriers.parcel import Bought, Parcel, Quote
from sync import asking
from sync.asking import NoReply
from sync.carriers.port import Declined, NoAnswer
from sync.signing import seal

ANSWER_WITHIN_S = 20.0
LARGEST_ANSWER = 2 * 1024 * 1024  # bytes
WORDS_KEPT = 200  # characters of the other side's own words
LONGEST_NUMBER = 60

S = TypeVar("S", bound=msgspec.Struct)


class No(msgspec.Struct, frozen=True, kw_only=True):
    reason: str
    about: Literal["address", "parcel", "order"] = "parcel"


class Quotes(msgspec.Struct, frozen=True, kw_only=True):
    quotes: list[Quote]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`label` is left out where none was made under the key."""

    label: Bought | None = None


class Done(msgspec.Struct, frozen=True, kw_only=True):
    number: str = ""
    says: str = ""


class HttpCarrier:
    kind = "http"

    def __init__(
        self, name: str, address: str, *, secret: str = "", token: str = "", answer_within_s: float = ANSWER_WITHIN_S
    ) -> None:
        self.name = name
        self.address = address.rstrip("/")
        self._secret, self._token = secret, token
        self._answer_within_s = answer_within_s
        self._client = asking.client(answer_within_s)

    @classmethod
    def of(cls, settings: CarrierSettings) -> "HttpCarrier":
        asking.http_address(f"carrier {settings.name}", settings.address)
        if bool(settings.secret) == bool(settings.token):
            raise CannotStart(
                f"Carrier {settings.name} needs a secret that signs our requests, or a token: one of them."
            )
        return cls(settings.name, settings.address, secret=settings.secret, token=settings.token)

    def quote(self, parcel: Parcel) -> list[Quote]:
        return self._ask("/quotes", {"parcel": parcel}, Quotes).quotes

    def buy(self, key: str, parcel: Parcel) -> Bought:
        return self._sound(self._ask("/labels", {"key": key, "parcel": parcel}, Bought, key))

    def lookup(self, key: str) -> Bought | None:
        found = self._ask("/labels/lookup", {"key": key}, Found).label
        return None if found is None else self._sound(found)

    def void(self, key: str, shipment: str) -> None:
        self._ask("/labels/void", {"key": key, "tracking": shipment}, Done, key)

    def manifest(self, key: str, shipments: Sequence[str]) -> str:
        return self._ask("/manifests", {"key": key, "tracking": list(shipments)}, Done, key).number

    def track(self, tracking: str) -> str:
        return self._ask("/track", {"tracking": tracking}, Done).says

    def close(self) -> None:
        self._client.close()

    def _sound(self, made: Bought) -> Bought:
        """A label without a number, or a picture without content, is no answer."""
        if not 0 < len(made.tracking) <= LONGEST_NUMBER or not made.tracking.isprintable():
            raise self._nonsense("its label has no tracking number of 1 to 60 characters")
        if made.form != "own" and not made.label:
            raise self._nonsense("its label is empty")
        return msgspec.structs.replace(made, shipment="")  # this door names labels by their tracking numbers only

    def _ask(self, path: str, said: dict[str, Any], into: type[S], key: str = "") -> S:
        """The answer to one request, within the time and size we allow. Raises Declined, NoAnswer."""
        body = msgspec.json.encode(said)
        headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
        headers |= {"Authorization": f"Bearer {self._token}"} if self._token else seal(self._secret, body)
        try:
            response, raw = asking.ask(
                self._client, self.address, path, body, headers, within_s=self._answer_within_s, most=LARGEST_ANSWER
            )
        except NoReply as no:
            raise NoAnswer(no.sentence, unknown=no.reached) from None
        if response.status_code != 200:
            raise self._status(response, raw)
        try:
            return msgspec.json.decode(raw, type=into)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise self._nonsense(f"its answer cannot be read ({problem})") from None

    def _nonsense(self, what: str) -> NoAnswer:
        return NoAnswer(f"{self.address} talks nonsense: {what}.")

    def _status(self, response: httpx.Response, raw: bytes) -> Declined | NoAnswer:
        status = response.status_code
        if status == 422:
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                no = msgspec.json.decode(raw, type=No)
                return Declined(
                    " ".join(no.reason.split())[:WORDS_KEPT] or "It says no without a reason.", about=no.about
                )
            return Declined("It says no without a reason that can be read.")
        if status in (401, 403):
            return NoAnswer(
                f"{self.address} does not let us in ({status}): compare secret, token and clocks.", unknown=False
            )
        if 400 <= status < 500 and status not in (408, 425, 429):
            return Declined(f"{self.address} answers {status}: the carrier does not take our request.")
        return NoAnswer(
            f"{self.address} answers {status}: it is down or busy.", wait_s=asking.retry_after(response.headers)
        )
