"""The seal on every batch, both ways: HMAC-SHA256 over the moment and the bytes, with a secret both sides hold.

The moment is part of what is sealed and must be near the reader's own clock, so an old batch that somebody recorded is
refused even before its keys are looked at. The same seal closes the door through which the ERP pushes to us.
"""

import hashlib
import hmac
import time

TIMESTAMP = "Pickface-Timestamp"  # whole seconds since 1970
SIGNATURE = "Pickface-Signature"  # "v1=" and 64 hex digits
WINDOW_S = 300  # how far the two clocks may differ


def seal(secret: str, body: bytes, at: int | None = None) -> dict[str, str]:
    """The two headers that go with `body`."""
    moment = str(int(time.time()) if at is None else at)
    return {TIMESTAMP: moment, SIGNATURE: f"v1={_digest(secret, moment, body)}"}


def why_refused(secret: str, body: bytes, timestamp: str, signature: str, now: float | None = None) -> str:
    """A sentence saying why this seal is not good, or the empty text."""
    if not secret:
        return "This door is closed: no secret is set."
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        return f"The header {TIMESTAMP} is missing or not a whole number of seconds."
    off = (time.time() if now is None else now) - int(timestamp)
    if abs(off) > WINDOW_S:
        return f"The batch was signed {abs(off):.0f} s away from our clock; at most {WINDOW_S} s are accepted."
    expected = f"v1={_digest(secret, timestamp, body)}"
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return "The signature does not fit the batch: the secrets differ, or it was changed on its way."
    return ""


def _digest(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
