"""Putaway as the house does it: the rows in their order, the hand-over points, and what an item or LPN would get now."""

import msgspec

from app.db import Tx
from app.desk.words import said, spelled
from app.errors import Refusal
from app.work import people, putaway_dry, putaway_handover, putaway_rows
from app.work.putaway_dry import Answered
from app.work.putaway_handover import Point
from app.work.putaway_rows import Kept


class StrategyFilter(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""  # an item or an LPN: what would it get now?
    quantity: int = 1


class Row(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    words: str
    active: int
    first: bool
    last: bool


class Strategies(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    rows: tuple[Row, ...]
    points: tuple[Point, ...]
    answers: tuple[Answered, ...] = ()
    trouble: str = ""  # why there is no answer
    rules: tuple[tuple[str, str], ...] = tuple(putaway_rows.RULES.items())


def look(tx: Tx, asked: StrategyFilter) -> Strategies:
    rows = putaway_rows.rows(tx)
    answers: tuple[Answered, ...] = ()
    trouble = ""
    if code := asked.q.strip():
        try:
            answers = putaway_dry.what_now(tx, code, asked.quantity)
        except Refusal as refusal:
            trouble = f"{refusal.sentence} {refusal.what_to_do}"
    return Strategies(
        headline=headline(rows), rows=tuple(_row(rows, n) for n in range(len(rows))),
        points=tuple(putaway_handover.everything(tx)), answers=answers, trouble=trouble,
    )  # fmt: skip


def headline(rows: tuple[Kept, ...]) -> str:
    on = sum(1 for row in rows if row.active)
    return said(f"{spelled(on)} row{' says' if on == 1 else 's say'} where goods are put away.")


def add(tx: Tx, row: Kept, *, before: int, who: str, device: str) -> str:
    return _noted(tx, putaway_rows.add(tx, row, before=before), who, device)


def change(tx: Tx, position: int, do: str, *, who: str, device: str) -> str:
    """`up`, `down`, `switch` or `remove`. Raises BadRow, Contradicts, NoSuchPlace."""
    if do == "remove":
        return _noted(tx, putaway_rows.remove(tx, position), who, device)
    if do == "switch":
        return _noted(tx, putaway_rows.switch(tx, position), who, device)
    return _noted(tx, putaway_rows.shift(tx, position, -1 if do == "up" else 1), who, device)


def hand_over(tx: Tx, zone: str, place: str, equipment: str, *, who: str, device: str) -> str:
    """A zone's hand-over point; without a place there is none any more. Raises Unknown, NoHandover."""
    told = putaway_handover.keep(tx, zone, place, equipment) if place else putaway_handover.drop(tx, zone)
    return _noted(tx, told, who, device)


def _noted(tx: Tx, told: str, who: str, device: str) -> str:
    people.note(tx, "strategy_changed", who, device, told)
    return told


def _row(rows: tuple[Kept, ...], n: int) -> Row:
    row = rows[n]
    words = putaway_rows.in_words(row)
    return Row(position=row.position, words=words, active=row.active, first=n == 0, last=n == len(rows) - 1)
