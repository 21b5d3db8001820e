"""What the clients remember, held against what the database kept. Imports nothing of ours but the proof of the books.

A client makes an id, sends the scan, and sends it again under the same id until it is answered. Every answer it got is
a promise: the scan is in the database exactly once, with the same outcome and the same event, and every event there was
caused by a scan that somebody made.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec


class Told(msgspec.Struct, kw_only=True):
    """One scan as its client knows it."""

    id: str
    worker: str
    tries: int = 0
    answered: bool = False
    outcome: str = ""  # the verdict's kind, or the refusal's code
    seq: int = 0
    body: bytes = b""


class Kept(msgspec.Struct, kw_only=True):
    """What the database has: its scans, and the journal's rows by their cause."""

    scans: list[tuple[str, str, str, int]]  # id, worker, outcome, seq
    causes: list[tuple[int, str]]  # seq, cause: after the stage was laid out


def read(connection: Any, after_seq: int) -> Kept:
    scans = connection.execute("SELECT id, worker, outcome, seq FROM scan").fetchall()
    causes = connection.execute(f"SELECT seq, cause FROM journal WHERE seq > {after_seq} ORDER BY seq").fetchall()
    return Kept(scans=[tuple(row) for row in scans], causes=[tuple(row) for row in causes])


def problems(told: Iterable[Told], kept: Kept) -> list[str]:
    """Every broken promise, one sentence each; empty when none is."""
    found: list[str] = []
    known = {one.id: one for one in told}
    rows = {row[0]: row for row in kept.scans}
    doubled = Counter(cause for _, cause in kept.causes)
    event_of = {cause: seq for seq, cause in kept.causes}
    for one in known.values():
        row = rows.get(one.id)
        if one.answered and row is None:
            found.append(f"LOST: scan {one.id} of {one.worker} was answered {one.outcome}, and is not in the database.")
        elif one.answered and row is not None and (row[1], row[2], row[3]) != (one.worker, one.outcome, one.seq):
            found.append(f"CHANGED: scan {one.id} was answered {one.outcome} {one.seq}; the database says {row}.")
        if one.answered and event_of.get(one.id, 0) != one.seq:
            found.append(f"LOST: event {one.seq} of scan {one.id}: the journal has {event_of.get(one.id)}.")
        if not one.answered and row is None and one.id in event_of:
            found.append(f"HALF: scan {one.id} made event {event_of[one.id]}, and is not in the database.")
    found += [f"DOUBLED: scan {cause} made {count} events." for cause, count in doubled.items() if count > 1]
    found += [f"INVENTED: event {seq} was caused by {cause!r}." for seq, cause in kept.causes if cause not in known]
    numbers = [seq for seq, _ in kept.causes]
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        found.append("GAP: the journal's numbers have a gap.")
    return found
