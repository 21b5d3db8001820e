"""In which order the parts of a line stand on paper when not all of it is read in one direction.

`Order 12 for مرحبا` is typed as it is read aloud; on paper the Arabic runs right to left between its neighbours. A line of
one font is put in order by the layout library; a line of several is cut into runs first, so the runs must be put in order
here: Unicode's bidirectional algorithm (UAX 9) without the marks that embed one direction in another, which `clean` takes
out of every label.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
KINDS = {"L": "L", "R": "R", "AL": "R", "EN": "number", "AN": "number"}
BETWEEN_DIGITS = ("ES", "CS", "ET")  # 1,000 and 12-34 are one number


def levels(text: str) -> list[int]:
    """Of each character: even is read from left to right, odd from right to left, a higher one lies within a lower."""
    first = next((KINDS[its] for its in map(unicodedata.bidirectional, text) if its in ("L", "R", "AL")), "L")
    kinds, base = _neutrals(_kinds(text, first), first), int(first == "R")
    of = {"L": base * 2, "R": 1, "number": 2}
    return [of[kind] for kind in kinds]


def in_order(runs: Sequence[tuple[int, T]]) -> list[T]:
    """Runs of one level each, as read, in the order they stand from left to right (UAX 9, rule L2)."""
    order = list(runs)
    for level in range(max((level for level, _ in order), default=0), 0, -1):
        at = 0
        while at < len(order):
            end = at
            while end < len(order) and order[end][0] >= level:
                end += 1
            order[at:end] = order[at:end][::-1]
            at = max(end, at + 1)
    return [run for _, run in order]


def _kinds(text: str, strong: str) -> list[str]:
    """L, R, number, or `-` for what has no direction of its own (rules W1 to W7)."""
    classes = [unicodedata.bidirectional(character) for character in text]
    kinds: list[str] = []
    for at, its in enumerate(classes):
        kind = KINDS.get(its, "-")
        if its == "NSM":
            kind = kinds[-1] if kinds else "-"
        elif its in BETWEEN_DIGITS and 0 < at < len(classes) - 1 and classes[at - 1] == classes[at + 1] == "EN":
            kind = kinds[-1]
        elif its == "EN" and strong == "L":
            kind = "L"
        if its in ("L", "R", "AL"):
            strong = kind
        kinds.append(kind)
    return kinds


def _neutrals(kinds: list[str], base: str) -> list[str]:
    """What has no direction stands as its neighbours where they agree, else as the line (rules N1, N2)."""
    settled, at = list(kinds), 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] == "-":
            end += 1
        if end > at:
            before = _side(kinds[at - 1]) if at else base
            after = _side(kinds[end]) if end < len(kinds) else base
            settled[at:end] = [before if before == after else base] * (end - at)
        at = end + 1
    return settled


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"
