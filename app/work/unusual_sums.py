"""How many picks and takes each worker, item and place had, day by day: summed once, not at each look.

What already happened does not change, so a chore adds up the journal's new rows once a minute, beside the writer, and
writes the sums with the number it came to. Whoever asks gets the days' sums and counts only what came after that number:
the answer is the same whether the chore has run or not, only its cost is another.
"""

from typing import Any

import msgspec
from sqlalchemy import Integer, bindparam, case, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.schema.stock import journal, movement
from app.schema.watching import occasion_cursor, occasion_day
from app.stock.journal import last_seq
from app.work import chores
from app.work.since import first_seq

WINDOW = 28 * clock.DAY
EVERY_S = 60
AT_ONCE = 20_000  # events added up in one walk
KINDS = ("worker", "item", "location")


class Occasions(msgspec.Struct, frozen=True, kw_only=True):
    """What one subject had, of one day or in all."""

    subject: str
    picks: int
    takes: int
    day: int = 0


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk found: from one event after `before` up to `to`."""

    before: int
    to: int
    rows: tuple[tuple[str, Occasions], ...]


_PICK = case((journal.c.kind == "picked", movement.c.seq))
_TAKE = case(
    (
        movement.c.source.not_like("~%")
        & (journal.c.kind != "adjusted")
        & (journal.c.kind != "written_off")
        & (journal.c.kind != "undone"),
        movement.c.seq,
    )
)
_COLUMNS: dict[str, Any] = {"worker": journal.c.worker, "item": movement.c.item, "location": movement.c.source}
_DAY = journal.c.at // clock.DAY
COUNTED = {
    kind: select(
        column.label("subject"),
        cast(func.count(_PICK.distinct()), Integer).label("picks"),
        cast(func.count(_TAKE.distinct()), Integer).label("takes"),
        cast(_DAY, Integer).label("day"),
    )
    .join_from(movement, journal, journal.c.seq == movement.c.seq)
    .where(
        movement.c.seq > bindparam("before"), movement.c.seq <= bindparam("to"), column != "", column.not_like("~%"),
    )
    .group_by(column, _DAY)
    for kind, column in _COLUMNS.items()
}  # fmt: skip
KEPT = (
    select(
        occasion_day.c.subject,
        cast(func.sum(occasion_day.c.picks), Integer).label("picks"),
        cast(func.sum(occasion_day.c.takes), Integer).label("takes"),
    )
    .where(occasion_day.c.kind == bindparam("of_kind"), occasion_day.c.day >= bindparam("since"))
    .group_by(occasion_day.c.subject)
)
_ADD = upsert(occasion_day).values(**{name: bindparam(name) for name in ("kind", "day", "subject", "picks", "takes")})
ADD = _ADD.on_conflict_do_update(
    index_elements=["kind", "day", "subject"],
    set_={name: occasion_day.c[name] + _ADD.excluded[name] for name in ("picks", "takes")},
)
CAME_TO = select(occasion_cursor.c.seq).where(occasion_cursor.c.one == 1)
BEGIN = upsert(occasion_cursor).values(one=1, seq=0).on_conflict_do_nothing()
GO_ON = (
    update(occasion_cursor)
    .where(occasion_cursor.c.one == 1, occasion_cursor.c.seq == bindparam("stood"))
    .values(seq=bindparam("to"))
)
FORGET = delete(occasion_day).where(occasion_day.c.day < bindparam("since"))


def of(tx: Tx, kind: str, since: int) -> list[Occasions]:
    """Picks and takes of every subject of a kind since a moment, in whole days."""
    came_to = int(tx.value(CAME_TO) or 0)
    sums: dict[str, tuple[int, int]] = {}
    kept = tx.rows(KEPT, of_kind=kind, since=since // clock.DAY) if came_to else []
    before = max(came_to, first_seq(tx, since) - 1)
    new = [(row.subject, row.picks, row.takes) for row in _counted(tx, kind, before, last_seq(tx))]
    for subject, picks, takes in (*kept, *new):
        had = sums.get(subject, (0, 0))
        sums[subject] = (had[0] + int(picks), had[1] + int(takes))
    return [Occasions(subject=subject, picks=picks, takes=takes) for subject, (picks, takes) in sums.items()]


def look(tx: Tx) -> Sums | None:
    """What came since the last walk, at most AT_ONCE events of it. Reads only."""
    stood = int(tx.value(CAME_TO) or 0)
    start = stood or first_seq(tx, clock.now() - WINDOW) - 1
    to = min(last_seq(tx), start + AT_ONCE)
    if to <= stood:
        return None
    rows = tuple((kind, row) for kind in KINDS for row in _counted(tx, kind, start, to))
    return Sums(before=stood, to=to, rows=rows)


def write(tx: Tx, found: Sums) -> int:
    """Add what a look found, once: whoever else was first did it. Returns how many rows."""
    tx.run(BEGIN)
    if tx.run(GO_ON, stood=found.before, to=found.to) != 1:
        return 0
    tx.many(
        ADD,
        [
            {"kind": kind, "day": row.day, "subject": row.subject, "picks": row.picks, "takes": row.takes}
            for kind, row in found.rows
        ],
    )
    tx.run(FORGET, since=(clock.now() - WINDOW) // clock.DAY)
    return len(found.rows)


def _counted(tx: Tx, kind: str, before: int, to: int) -> list[Occasions]:
    return tx.all(COUNTED[kind], Occasions, before=before, to=to)


chores.register("occasions of unusual figures", EVERY_S, write, look=look)
