"""Shelves by pattern: one row of `locations` for a whole zone of bins.

`aisles` 01-12, `bays` 01-20 and `levels` 1-4 with the pattern `A-{aisle}-{bay}-{level}` make 960 bins, numbered as they
are written (01 stays 01). On both sides of the aisle, odd bays stand left and even bays right, two and two at one
position; the pitch is the width of a bay. People count blocks and aisles from 1, the floor plan from 0.
"""

import re
from collections.abc import Iterator
from typing import Any

MOST_PLACES = 200_000  # of one pattern
BAY_PITCH_MM = 1200
_RANGE = re.compile(r"^(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?$")
_FIELD = re.compile(r"\{(zone|block|aisle|bay|level)\}")
_SHELF_ONLY = ("pattern", "aisles", "bays", "levels", "sides", "bay_pitch_mm")


class BadPattern(ValueError):
    """A pattern that makes no shelves; `column` says where."""

    def __init__(self, column: str, sentence: str) -> None:
        self.column = column
        super().__init__(sentence)


def expand(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The locations one row stands for, as the facts of `location.upsert`. Raises BadPattern."""
    if "pattern" not in facts:
        if "code" not in facts:
            raise BadPattern("code", "A location needs a code, or a pattern with aisles, bays and levels.")
        odd = next((name for name in _SHELF_ONLY if name in facts), "")
        if odd:
            raise BadPattern(odd, f"{odd} belongs to a pattern, and this row has none.")
        yield {**facts, "block": _from_one(facts, "block"), "aisle": _from_one(facts, "aisle")}
        return
    if "code" in facts:
        raise BadPattern("code", "A row has a code or a pattern, not both.")
    yield from _shelves(facts)


def _shelves(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    aisles, bays, levels = (_numbers(facts, column) for column in ("aisles", "bays", "levels"))
    pattern = str(facts["pattern"])
    used = set(_FIELD.findall(pattern))
    for name, numbers in (("aisle", aisles), ("bay", bays), ("level", levels)):
        if len(numbers) > 1 and name not in used:
            raise BadPattern("pattern", f"The pattern lacks {{{name}}}, so several places would have one name.")
    if "{" in _FIELD.sub("", pattern):
        raise BadPattern("pattern", "A pattern may hold {zone}, {block}, {aisle}, {bay} and {level}.")
    if len(aisles) * len(bays) * len(levels) > MOST_PLACES:
        raise BadPattern("pattern", f"That would be more than {MOST_PLACES:,} locations.")
    both = facts.get("sides", "both")
    if both not in ("both", "left", "right"):
        raise BadPattern("sides", "sides is both, left or right.")
    pitch = facts.get("bay_pitch_mm", BAY_PITCH_MM)
    rest = {name: value for name, value in facts.items() if name not in (*_SHELF_ONLY, "aisle", "level", "side")}
    sequence = facts.get("sequence", 0)
    for aisle in aisles:
        for bay in bays:
            number = int(bay) - int(bays[0])
            step = number // 2 if both == "both" else number
            for level in levels:
                sequence += 1
                named = {"zone": facts.get("zone", ""), "block": facts.get("block", 1)}
                named |= {"aisle": aisle, "bay": bay, "level": level}
                yield {
                    **rest,
                    "code": _FIELD.sub(lambda field, named=named: str(named[field[1]]), pattern),  # type: ignore[misc]
                    "block": _from_one(facts, "block"),
                    "aisle": int(aisle) - 1,
                    "level": int(level),
                    "side": ("left" if number % 2 == 0 else "right") if both == "both" else both,
                    "position_mm": step * pitch + pitch // 2,
                    "sequence": sequence,
                }


def _numbers(facts: dict[str, Any], column: str) -> list[str]:
    written = str(facts.get(column, "1"))
    found = _RANGE.match(written)
    if found is None:
        raise BadPattern(column, f"{written[:40]!r} is not a range; write it as 01-12.")
    first, last = found[1], found[2] or found[1]
    if int(last) < int(first) or int(first) < 1:
        raise BadPattern(column, f"{written!r} does not count upwards from 1 or more.")
    return [f"{number:0{len(first)}d}" for number in range(int(first), int(last) + 1)]


def _from_one(facts: dict[str, Any], column: str) -> int:
    number = int(facts.get(column, 1))
    if number < 1:
        raise BadPattern(column, f"{column} counts from 1.")
    return number - 1
