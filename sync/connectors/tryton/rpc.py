"""How Tryton is asked: JSON-RPC over HTTP, one session, renewed when Tryton has forgotten it.

`POST {address}/rpc/` takes `{"id", "method", "params"}`, the last of the params being the context; an answer is a 200
also where Tryton says no: then it holds `error`, with a UserError's or UserWarning's own words. What happened to a call
without an answer is unknown, as everywhere. See https://docs.tryton.org/latest/server/topics/rpc.html.
"""

import base64
from typing import Any
from urllib.parse import unquote

import httpx
import msgspec

from sync import asking
from sync.asking import NoReply, readable
from sync.connectors.base import TransportError

ANSWER_WITHIN_S = 60.0  # Tryton confirms a line in about a tenth of a second; twenty of them wait for one another
LARGEST_ANSWER = 32 * 1024 * 1024  # bytes
BUSY = ("ConcurrencyException", "RateLimitException", "TimeOutException")


class ErpSaid(Exception):
    """Tryton understood and does not want it: `kind` is its exception's name, the text its own words."""

    def __init__(self, kind: str, words: str, warning: str = "") -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.warning = warning  # Tryton's own name of what it warns of


class NoSuchModel(TransportError):
    """A module that is not installed there."""


class _Reply(msgspec.Struct, frozen=True):
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: msgspec.Raw = msgspec.Raw(b"null")


_REPLY = msgspec.json.Decoder(_Reply)


class Rpc:
    """One user's line to one database: `http://user@host:8000/database`."""

    def __init__(self, address: str, password: str, *, within_s: float = ANSWER_WITHIN_S) -> None:
        url = httpx.URL(address)
        self.user = unquote(url.username)
        self.address = str(url.copy_with(userinfo=b"")).rstrip("/")
        self._password = password
        self._within_s = within_s
        self._client = asking.client(within_s)
        self._session = ""
        self._context: dict[str, Any] = {}  # the user's own: company, language

    def call(self, method: str, *params: Any, context: dict[str, Any] | None = None) -> Any:
        """What the method returns, dates and decimals as Tryton writes them. Raises TransportError or ErpSaid."""
        return msgspec.json.decode(self.raw(method, *params, context=context))

    def raw(self, method: str, *params: Any, context: dict[str, Any] | None = None) -> msgspec.Raw:
        """The same, not decoded yet."""
        for last in (False, True):
            if not self._session:
                self._log_in()
            status, body = self._post(method, [*params, {**self._context, **(context or {})}])
            if status != 401 or last:
                return self._result(status, body)
            self._session = ""  # it has expired, or Tryton was started anew: nothing was done
        raise AssertionError("not reached")

    def close(self) -> None:
        self._client.close()

    def _log_in(self) -> None:
        status, body = self._post("common.db.login", [self.user, {"password": self._password}, "en"])
        if status == 401:
            raise TransportError(
                f"{self.address} does not let {self.user or 'nobody'} in: compare user and password.",
                permanent=True,
                unknown=False,
                raw=readable(body),
            )
        user, token, *_ = msgspec.json.decode(self._result(status, body))
        self._session = base64.b64encode(f"{self.user}:{user}:{token}".encode()).decode()
        status, body = self._post("model.res.user.get_preferences", [True, {}])
        self._context = msgspec.json.decode(self._result(status, body))

    def _post(self, method: str, params: list[Any]) -> tuple[int, bytes]:
        body = msgspec.json.encode({"id": 0, "method": method, "params": params})
        headers = {"Content-Type": "application/json"}
        if self._session and method != "common.db.login":
            headers["Authorization"] = f"Session {self._session}"
        try:
            response, raw = asking.ask(
                self._client, self.address, "/rpc/", body, headers, within_s=self._within_s, most=LARGEST_ANSWER
            )
        except NoReply as no:
            raise TransportError(no.sentence, unknown=no.reached, raw=no.raw) from None
        return response.status_code, raw

    def _result(self, status: int, body: bytes) -> msgspec.Raw:
        told = f"{self.address} answers {status}"
        if status in (403, 404):
            raise TransportError(
                f"{told}: no such database there, or not for this user.",
                permanent=True,
                unknown=False,
                raw=readable(body),
            )
        if status != 200:
            raise TransportError(f"{told}: it is down or busy.", raw=readable(body))
        try:
            reply = _REPLY.decode(body)
        except msgspec.DecodeError as problem:
            raise TransportError(
                f"{self.address} talks nonsense: its answer cannot be read ({problem}).", raw=readable(body)
            ) from None
        if bytes(reply.error) == b"null":
            return reply.result
        kind, words, warning = _in_words(msgspec.json.decode(reply.error))
        if kind in BUSY:
            raise TransportError(f"{self.address} is busy: {words}", raw=readable(body))
        if kind in ("UserError", "UserWarning", "LoginException"):
            raise ErpSaid(kind, words, warning)
        if "inbox" in kind:  # the name of a model nobody knows there, and nothing else
            raise NoSuchModel(
                f"{self.address} has no inbox for us: install the module pickface there, as docs/tryton.md says.",
                permanent=True,
                unknown=False,
                raw=readable(body),
            )
        raise TransportError(f"{self.address} stumbled: {kind[:200]}", about_batch=True, raw=readable(body))


def _in_words(error: Any) -> tuple[str, str, str]:
    """`["UserWarning", ["name", ["There is …", "description"]]]` as the kind, the words and a warning's name."""
    if not isinstance(error, list) or not error:
        return "an error without words", "", ""
    kind, rest = str(error[0]), error[1] if len(error) > 1 else ""
    words = [str(one) for one in rest if one] if isinstance(rest, list) else [str(rest)]
    if kind == "UserWarning" and len(words) > 1:
        return kind, words[1], words[0]
    return kind, " ".join(words), ""


def decimal(number: str) -> dict[str, str]:
    """As Tryton writes and reads it."""
    return {"__class__": "Decimal", "decimal": number}
