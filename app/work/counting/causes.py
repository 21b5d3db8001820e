"""Why the books were wrong: the cause an approved difference carries, apart from the reason it was approved for.

The desk is shown a proposal with what it is read from, and one key changes it: as many as a pack holds is a wrong unit;
as many of the same item too many elsewhere were put there; as many of another item too many in the same place were
mixed up by a pick; a damage reported there was not booked; a code nobody knows was counted with it. Else it is not
known, and nobody has to guess.
"""

import msgspec
from sqlalchemy import bindparam, func, or_, select

from app import clock
from app.db import Tx
from app.schema.counting import count_line, tally
from app.schema.items import pack
from app.schema.work import exception
from app.work import reasons
from app.work.counting.closing import Line

KIND = "cause"  # of reasons
UNKNOWN = "unknown"
REPORTED_WITHIN = 30 * clock.DAY


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed cause, and what it is read from."""

    code: str
    why: str = ""


PACKS = select(pack.c.quantity).where(pack.c.item == bindparam("item"), pack.c.quantity > 1).order_by(pack.c.quantity)
_WAITS = or_(count_line.c.state == "review", count_line.c.state == "recount")
OPPOSITE = (
    select(count_line.c.place, count_line.c.item)
    .where(
        count_line.c.id != bindparam("which"), _WAITS, count_line.c.difference == -bindparam("difference"),
        or_(count_line.c.item == bindparam("item"), count_line.c.place == bindparam("place")),
    )
    .order_by(count_line.c.created.desc())
    .limit(1)
)  # fmt: skip
DAMAGED = (
    select(exception.c.id)
    .where(
        exception.c.code == "damaged", exception.c.item == bindparam("item"), exception.c.location == bindparam("place"),
        exception.c.created > bindparam("since"),
    )
    .limit(1)
)  # fmt: skip
NAMELESS = select(func.count()).where(tally.c["count"] == bindparam("of_count"), tally.c.item == "", tally.c.void == "")


def propose(tx: Tx, line: Line) -> Cause:
    """The likeliest cause among those the house uses."""
    used = [row.code for row in reasons.of_kind(tx, KIND)]
    for found in _likely(tx, line):
        if found.code in used:
            return found
    return Cause(code=UNKNOWN if UNKNOWN in used or not used else used[0])


def _likely(tx: Tx, line: Line) -> list[Cause]:
    causes = []
    for (size,) in tx.rows(PACKS, item=line.item):
        if line.counted * line.book and size in (line.counted / line.book, line.book / line.counted):
            causes.append(Cause(code="unit_error", why=f"just what a pack of {size} makes"))
    opposite = tx.row(OPPOSITE, which=line.id, difference=line.difference, item=line.item, place=line.place)
    if opposite is not None and line.difference:
        place, item = opposite
        if item == line.item:
            causes.append(Cause(code="mis_put", why=f"{-line.difference:+} of it wait at {place}"))
        else:
            causes.append(Cause(code="mis_pick", why=f"{-line.difference:+} × {item} wait here"))
    since = clock.now() - REPORTED_WITHIN
    if line.difference < 0 and tx.value(DAMAGED, item=line.item, place=line.place, since=since) is not None:
        causes.append(Cause(code="damage_unrecorded", why="damage was reported here"))
    if line.difference < 0 and tx.value(NAMELESS, of_count=line.count):
        causes.append(Cause(code="label_error", why="codes nobody knows were counted with it"))
    return causes
