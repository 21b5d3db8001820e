"""How Odoo is asked: one POST a call, `{address}/json/2/<model>/<method>`, arguments by name, an API key as bearer.

https://www.odoo.com/documentation/19.0/developer/reference/external_api.html. Each call is one database transaction
there: committed when it answers 200, undone when it answers anything else. An error is a JSON object with the name of
Odoo's exception and its words; a `UserError` or one of its kind means Odoo understood and does not want it. The older
/jsonrpc and /xmlrpc end with Odoo 22 and are not used.
"""

from typing import Any

import httpx
import msgspec

from sync import asking
from sync.asking import NoReply, readable
from sync.connectors.base import TransportError

ANSWER_WITHIN_S = 60.0  # a transfer of many lines is one call, and takes Odoo seconds
LARGEST_ANSWER = 32 * 1024 * 1024  # bytes
BUSY = ("SerializationFailure", "LockNotAvailable", "DeadlockDetected", "QueryCanceled", "PoolError", "LockError")


class OdooSaid(Exception):
    """It understood and does not want it: `kind` is the exception's name, the text its own words."""

    def __init__(self, words: str, kind: str = "", raw: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.kind = kind
        self.raw = raw


class _Error(msgspec.Struct, frozen=True):
    """The documented error object; its `debug` is a traceback, which nobody here reads."""

    name: str
    message: str = ""


_ERROR = msgspec.json.Decoder(_Error)


class Json2:
    """One API key's line to one database."""

    def __init__(self, address: str, key: str, database: str = "", *, within_s: float = ANSWER_WITHIN_S) -> None:
        self.address = address.rstrip("/")
        self.database = database
        self._within_s = within_s
        self._client = asking.client(within_s)
        self._headers = {
            "Authorization": f"bearer {key}",
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "pickface",
            **({"X-Odoo-Database": database} if database else {}),
        }

    def call(self, model: str, method: str, **named: Any) -> Any:
        """What the method returns. Raises TransportError or OdooSaid."""
        body = msgspec.json.encode(named)
        try:
            response, raw = asking.ask(
                self._client, self.address, f"/json/2/{model}/{method}", body, self._headers,
                within_s=self._within_s, most=LARGEST_ANSWER,
            )  # fmt: skip
        except NoReply as no:
            raise TransportError(no.sentence, unknown=no.reached, raw=no.raw) from None
        if response.status_code != 200:
            raise self._refusal(response, raw, f"{model}.{method}")
        try:
            return msgspec.json.decode(raw)
        except msgspec.DecodeError as problem:
            raise TransportError(
                f"{self.address} talks nonsense: its answer cannot be read ({problem}).", raw=readable(raw)
            ) from None

    def close(self) -> None:
        self._client.close()

    def _refusal(self, response: httpx.Response, raw: bytes, asked: str) -> Exception:
        status, words = response.status_code, readable(raw)
        told = f"{self.address} answers {status}"
        try:
            error = _ERROR.decode(raw)
        except msgspec.DecodeError:
            error = _Error(name="")  # a proxy's page, not Odoo's
        kind = error.name.rpartition(".")[2]
        if kind in BUSY or status == 409:
            return TransportError(f"{told}: others were writing the same, try again.", raw=words)
        if status == 401:
            return TransportError(
                f"{told}: the API key is not valid, or no longer (Odoo ends each after three months at most).",
                permanent=True,
                unknown=False,
                raw=words,
            )
        if status == 403:
            return TransportError(
                f"{told} to {asked}: its user may not. {error.message}".strip(),
                permanent=True,
                unknown=False,
                raw=words,
            )
        if error.name.startswith("odoo.exceptions.") or status == 422:
            return OdooSaid(error.message or words, kind, words)
        if status == 404:
            return TransportError(
                f"{told} to {asked}: no Odoo 19 there, another database, or the app for it is not installed.",
                permanent=True,
                unknown=False,
                raw=words,
            )
        if status == 429 or status > 500:
            return TransportError(
                f"{told}: it is down or busy.", retry_after_s=asking.retry_after(response.headers), raw=words
            )
        if status == 500:
            return TransportError(f"{told}: it stumbled over {asked}. {error.message}", about_batch=True, raw=words)
        return TransportError(
            f"{told}: that is not the address of an Odoo. Check the connector's address.",
            permanent=True,
            unknown=False,
            raw=words,
        )
