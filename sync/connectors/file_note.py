"""The note a folder keeps of what was dropped there: it cannot be asked, so this is what an ERP that takes files has.

A few ranges of numbers, however long the history. What counts as untold (a person has it told again, or the ERP says it did
not take it) goes out of them, once for each such wish: the note names those it has followed, and is written in one go, so
a crash between the wish and its row in the database forgets nothing twice. What is dropped again comes in a file with a
number of its own, lest it be taken for the first.
"""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from sync.connectors.base import Untold
from sync.messages import Message

Spans = dict[str, list[list[int]]]  # epoch, as `MAIN.1` → from, to


class Ranges:
    """Which numbers of each epoch were dropped, as ordered ranges that touch nowhere."""

    def __init__(self, spans: Spans | None = None) -> None:
        self.spans = {} if spans is None else spans

    def __contains__(self, key: str) -> bool:
        epoch, seq = _split(key)
        spans = self.spans.get(epoch, [])
        at = bisect_right(spans, [seq, seq]) - 1
        return any(first <= seq <= last for first, last in spans[max(at, 0) : at + 2])

    def add(self, key: str) -> None:
        if key in self:
            return
        epoch, seq = _split(key)
        spans = self.spans.setdefault(epoch, [])
        at = bisect_right(spans, [seq, seq])
        spans.insert(at, [seq, seq])
        for left in (at, at - 1):  # close the gaps to the right and to the left
            if 0 <= left < len(spans) - 1 and spans[left][1] + 1 == spans[left + 1][0]:
                spans[left : left + 2] = [[spans[left][0], spans[left + 1][1]]]

    def remove(self, first: int, last: int) -> None:
        """In every epoch: an event's number is told under one of them only."""
        for epoch, spans in self.spans.items():
            ends = [end for low, high in spans for end in ([low, min(high, first - 1)], [max(low, last + 1), high])]
            self.spans[epoch] = [end for end in ends if end[0] <= end[1]]


class Note(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """As it lies in the folder."""

    dropped: Spans
    again_to: int = 0  # what comes up to here is dropped again, or late
    times: int = 0  # that something was forgotten
    forgot: list[str] = []  # the wishes followed last


class Dropped:
    """What was dropped, and how to name what is dropped next."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._ranges = Ranges(note.dropped)

    @classmethod
    def read(cls, body: bytes) -> "Dropped":
        """Also as releases before wrote it: the ranges alone. Raises msgspec.DecodeError."""
        try:
            return cls(msgspec.json.decode(body, type=Note))
        except msgspec.ValidationError:
            return cls(Note(dropped=msgspec.json.decode(body, type=Spans)))

    def written(self) -> bytes:
        return msgspec.json.encode(self._note)

    def __contains__(self, key: str) -> bool:
        return key in self._ranges

    def add(self, key: str) -> None:
        self._ranges.add(key)

    def name(self, batch: Sequence[Message]) -> str:
        """Of the file that holds these, without its ending."""
        again = any(message.seq <= self._note.again_to for message in batch)
        return f"{batch[0].key}-{batch[-1].seq}" + (f".again-{self._note.times}" if again else "")

    def forget(self, untold: Sequence[Untold]) -> bool:
        """False where all of them were forgotten before."""
        fresh = [one for one in untold if one.id not in self._note.forgot]
        for one in fresh:
            self._ranges.remove(one.first, one.last)
            self._note.again_to = max(self._note.again_to, one.last)
        self._note.times += bool(fresh)
        self._note.forgot = [one.id for one in untold]
        return bool(fresh)


def _split(key: str) -> tuple[str, int]:
    epoch, _, seq = key.rpartition(".")
    return epoch, int(seq)
