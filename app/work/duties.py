"""Segregation of duties: what one person may not both do to the same thing. One table, asked by every job.

Whoever counts does not approve the variance; whoever received does not pass the inspection; whoever asks for an
adjustment does not grant it. The rule stands here once, is asked with the two duties' names and the workers who did
them, and is repeated as a CHECK on the tables that keep both names, as the alarm behind the guard.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from app.db import Tx
from app.errors import Forbidden
from app.work import people

Duty = Literal[
    "ask_release", "release", "count", "recount", "approve_count", "ask_adjustment", "approve_adjustment",
    "ask_write_off", "approve_write_off", "receive", "inspect", "judge_discrepancy", "raise_exception",
    "approve_exception", "inspect_return", "override_disposition", "hold", "clear_hold", "propose_discard",
    "second_discard", "link_barcode", "approve_barcode", "ask_change", "approve_change", "set_status", "free_status",
]  # fmt: skip


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever did `first` may not do `second` to the same thing. The words make the sentence."""

    first: Duty
    did: str  # "counted this"
    second: Duty
    does: str  # "approve it"


DUTIES = (
    Pair(first="ask_release", did="asked for this", second="release", does="release it"),
    Pair(first="count", did="counted this", second="recount", does="count it again"),
    Pair(first="count", did="counted this", second="approve_count", does="approve the count"),
    Pair(first="recount", did="counted this again", second="approve_count", does="approve the count"),
    Pair(first="recount", did="counted this again", second="recount", does="count it once more"),
    Pair(first="ask_adjustment", did="asked for this adjustment", second="approve_adjustment", does="approve it"),
    Pair(first="ask_write_off", did="asked for this write-off", second="approve_write_off", does="approve it"),
    Pair(first="receive", did="received these goods", second="inspect", does="inspect them"),
    Pair(first="receive", did="received these goods", second="judge_discrepancy", does="decide what is missing"),
    Pair(first="raise_exception", did="raised this", second="approve_exception", does="approve it"),
    Pair(
        first="inspect_return", did="inspected this return", second="override_disposition", does="approve the override"
    ),
    Pair(first="hold", did="put this on hold", second="clear_hold", does="clear it"),
    Pair(first="propose_discard", did="proposed to discard this", second="second_discard", does="second it"),
    Pair(first="link_barcode", did="linked this barcode", second="approve_barcode", does="approve it"),
    Pair(first="set_status", did="stopped these goods", second="free_status", does="set them free"),
    Pair(first="ask_change", did="asked for this change", second="approve_change", does="approve it"),
)
_PAIRS = {(pair.first, pair.second): pair for pair in DUTIES}


class SamePerson(Forbidden):
    """One person in two duties that belong apart."""

    code, title = "same_person", "Somebody else"
    says = "{name} {did}, so somebody else must {does}."
    todo = "Hand it to a colleague."


def refuse_same(tx: Tx, first: Duty, earlier: str | Iterable[str], second: Duty, worker: str) -> None:
    """Raises SamePerson where `worker`, about to do `second`, is among the `earlier` who did `first`.

        duties.refuse_same(tx, "count", task.counted_by, "approve_count", floor.worker)

    Nobody (the empty text) is never the same person. A pair that is not in DUTIES is our own mistake: LookupError.
    """
    pair = _PAIRS.get((first, second))
    if pair is None:
        raise LookupError(f"{first} and {second} are no pair of app/work/duties.py")
    before = {earlier} if isinstance(earlier, str) else set(earlier)
    if worker and worker in before:
        who = people.by_code(tx, worker)
        raise SamePerson(name=who.short_name if who is not None else worker, did=pair.did, does=pair.does)


def apart(first: Duty, second: Duty) -> bool:
    """Must these two be done by two people?"""
    return (first, second) in _PAIRS
