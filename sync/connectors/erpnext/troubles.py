"""What an error of ERPNext means for us: a refusal of one event, or no answer, and whether waiting helps.

Frappe names the Python exception in `exc_type` and says its words in `_server_messages`, JSON within JSON; the status is the
exception's own (https://github.com/frappe/frappe/blob/version-15/frappe/exceptions.py): 417 for what a validation refuses,
401 and 403 for the user, 404, 409, 429, 503, and 508 for a deadlock. Without an exception's name it was not Frappe that
answered but something before it.
"""

import re
from typing import Any

import httpx
import msgspec

from sync import asking
from sync.asking import readable
from sync.connectors.base import TransportError

# Two wrote at once, or a lock was waited for too long: rolled back there, and right the next time.
BUSY = ("QueryDeadlockError", "QueryTimeoutError", "TimestampMismatchError", "SessionStopped", "InReadOnlyMode")
_TAG = re.compile(r"<[^>]+>")


class Refused(Exception):
    """ERPNext understood and does not want it: `kind` is its exception's name, the text its own words."""

    def __init__(self, kind: str, words: str, raw: str = "") -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.raw = raw


def trouble(address: str, response: httpx.Response, raw: bytes, told: dict[str, Any]) -> Refused | TransportError:
    status, words = response.status_code, readable(raw)
    kind, said = _kind(told), _words(told)
    here = f"{address} answers {status}"
    if status == 401 or kind == "AuthenticationError":
        return TransportError(
            f"{here}: it does not know our API key. Compare key and secret.",
            permanent=True, unknown=False, raw=words,
        )  # fmt: skip
    if status == 403 or kind == "PermissionError":
        return TransportError(
            f"{here}: its user for the floor may not do this{f' ({said})' if said else ''}. Give it the roles.",
            permanent=True, unknown=False, raw=words,
        )  # fmt: skip
    if status == 429:
        return TransportError(
            f"{here}: we ask it too often.",
            unknown=False, retry_after_s=asking.retry_after(response.headers), raw=words,
        )  # fmt: skip
    if kind in BUSY or status in (502, 503, 504, 508):
        wait = asking.retry_after(response.headers)
        return TransportError(f"{here}: it is down or busy.", retry_after_s=wait, raw=words)
    if kind and status < 500:
        return Refused(kind, said or kind, words)
    if status >= 500:
        return TransportError(f"{here}: it stumbled ({said or kind or 'without a word'}).", about_batch=True, raw=words)
    if response.is_success:
        return TransportError(f"{address} talks nonsense: its answer cannot be read.", raw=words)
    return TransportError(
        f"{here}: that is not the address of an ERPNext. Check the connector's address.",
        permanent=True, unknown=False, raw=words,
    )  # fmt: skip


def _kind(told: dict[str, Any]) -> str:
    """`ValidationError`; where only the whole exception is told, its name is before the colon."""
    named = told.get("exc_type") or str(told.get("exception", "")).partition(":")[0].rpartition(".")[2]
    return str(named).strip()


def _words(told: dict[str, Any]) -> str:
    """What a person at ERPNext's own desk would read."""
    try:
        messages = [msgspec.json.decode(one) for one in msgspec.json.decode(told.get("_server_messages") or "[]")]
        said = " ".join(str(one["message"] if isinstance(one, dict) else one) for one in messages)
    except (msgspec.DecodeError, TypeError, KeyError):
        said = ""
    said = said or str(told.get("exception", "")).partition(":")[2]
    return without_tags(said)[: asking.RAW_KEPT]


def without_tags(text: str) -> str:
    return " ".join(_TAG.sub(" ", text).split())
