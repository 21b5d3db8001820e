"""One question to somebody else's program, within the time and size we allow: the ERP's ledger, a carrier's door.

What went wrong is told apart by what the other side may have done: where nobody was reached, nothing was done; after all
else nobody knows.
"""

import contextlib
import time
from collections.abc import Mapping

import httpx

from app.errors import CannotStart

CONNECT_WITHIN_S = 3.0
LONGEST_WAIT_S = 3600.0
RAW_KEPT = 500  # characters of the other side's own words


class NoReply(Exception):
    """No whole answer came. `reached` is False where certainly nothing was sent."""

    def __init__(self, sentence: str, *, reached: bool = True, raw: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reached = reached
        self.raw = raw


def http_address(what: str, address: str) -> None:
    """Is this where somebody can be asked? Raises CannotStart; `what` names it, "carrier UPS"."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as problem:
        raise CannotStart(f"The address of {what} is not a URL: {problem}.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise CannotStart(f"The address of {what} is not an http address: {address}.")


def client(within_s: float) -> httpx.Client:
    return httpx.Client(
        timeout=httpx.Timeout(within_s, connect=CONNECT_WITHIN_S),
        limits=httpx.Limits(max_connections=2, max_keepalive_connections=2),
        trust_env=False,  # a proxy from the environment would see stock and customers
        follow_redirects=False,
    )


def ask(
    to: httpx.Client, address: str, path: str, body: bytes, headers: Mapping[str, str], *,
    within_s: float, most: int, method: str = "POST",
) -> tuple[httpx.Response, bytes]:  # fmt: skip
    """The answer and its body, whatever its status. Raises NoReply."""
    nonsense = f"{address} talks nonsense: its answer"
    until, raw = time.monotonic() + within_s, b""
    try:
        with to.stream(method, address + path, content=body, headers=dict(headers)) as response:
            for chunk in response.iter_bytes():
                raw += chunk
                if len(raw) > most:
                    raise NoReply(f"{nonsense} has no end.", raw=readable(raw))
                if time.monotonic() > until:
                    raise NoReply(f"{nonsense} took longer than {within_s:g} s.", raw=readable(raw))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as problem:
        raise NoReply(
            f"Nobody answers at {address}.", reached=False, raw=f"{type(problem).__name__}: {problem}"
        ) from None
    except httpx.TimeoutException as problem:
        raise NoReply(
            f"{address} took it but did not answer within {within_s:g} s.", raw=type(problem).__name__
        ) from None
    except httpx.HTTPError as problem:
        raise NoReply(
            f"The line to {address} broke before the answer came.", raw=f"{type(problem).__name__}: {problem}"
        ) from None
    return response, raw


def retry_after(headers: httpx.Headers) -> float:
    """How long the other side asks us to wait, in seconds."""
    with contextlib.suppress(ValueError):
        return min(LONGEST_WAIT_S, max(0.0, float(headers.get("Retry-After", "0"))))
    return 0.0


def readable(raw: bytes) -> str:
    """The other side's own words, as many as are kept."""
    return raw[: RAW_KEPT * 4].decode("utf-8", "replace")[:RAW_KEPT]
