"""The ERP's answers on their way from the hub to a site: a message for a batch, not one for each event.

Each message waits for the site's disk, so one for each event was the hub's longest wait. A batch's answers go out as
one message for each bucket of a hundred numbers, on that bucket's subject: a site that does not know what became of an
event reads the messages of its bucket in order, and the last word about a key is the one that counts.
"""

import re
from collections.abc import Sequence

import msgspec

from sync.connectors.answers import OneAnswer
from sync.nats_line import Names

LARGEST = 512 * 1024  # bytes of one message; a NATS server takes 1 MiB unless it is told otherwise
_KEY = re.compile(r"[^ \t\r\n]+\.[0-9]+\.[0-9]+")


class ToTry(OneAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to one try of an event: its key, or `<key>#<number of the refusal>` where it was offered again."""

    attempt: str = ""  # empty: its key

    @property
    def name(self) -> str:
        return self.attempt or self.id


_BATCH = msgspec.json.Decoder(list[ToTry])


def read(body: bytes) -> list[ToTry]:
    return _BATCH.decode(body)


def written(names: Names, answers: Sequence[ToTry]) -> list[tuple[str, bytes]]:
    """(subject, body) of each message; what has no key of ours was asked by nobody, and nobody is told."""
    buckets: dict[str, list[ToTry]] = {}
    for one in answers:
        if _KEY.fullmatch(one.id):
            buckets.setdefault(names.answers_about(one.id), []).append(one)
    return [(subject, body) for subject, some in buckets.items() for body in _bodies(some)]


def _bodies(answers: Sequence[ToTry]) -> list[bytes]:
    """One, and more only where refusals are so long that it would be too large."""
    body = msgspec.json.encode(answers)
    if len(body) <= LARGEST or len(answers) == 1:
        return [body]
    half = len(answers) // 2
    return _bodies(answers[:half]) + _bodies(answers[half:])
