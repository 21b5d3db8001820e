"""Work that comes to nothing: since when, how often in a row, and what it said the last time.

It is kept in the memory of the process that does the work, so each of several servers rings for its own, and a restart
begins anew: what still fails then is known again within minutes.
"""

import msgspec

from app import clock
from app.errors import Refusal

MOST_WORDS = 300  # of what a library says; a database prints its whole statement


class Failing(msgspec.Struct, frozen=True, kw_only=True):
    since: int  # µs UTC
    sentence: str
    times: int = 1  # in a row

    @property
    def minutes(self) -> int:
        return (clock.now() - self.since) // clock.MINUTE


def once_more(before: Failing | None, sentence: str) -> Failing:
    if before is None:
        return Failing(since=clock.now(), sentence=sentence)
    return Failing(since=before.since, sentence=sentence, times=before.times + 1)


def in_words(problem: Exception) -> str:
    """Our own sentence where it has one; else the first line of what was raised, with its kind."""
    if isinstance(problem, Refusal):
        return problem.sentence
    if said := getattr(problem, "sentence", ""):
        return str(said)
    if isinstance(problem, OSError) and problem.strerror:
        return f"{problem.strerror}{f': {problem.filename}' if problem.filename else ''}."
    first = str(problem).strip().partition("\n")[0][:MOST_WORDS]
    return f"{type(problem).__name__}: {first}" if first else f"{type(problem).__name__}."
