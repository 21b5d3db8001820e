"""How goods lie in one carton, found by trying: the first attempt that holds everything ends the search.

Equal things are stacked at once, so forty brochures are one decision. From attempt to attempt the order of the goods,
the choice of how a thing lies, the direction of filling, and towers or even layers are varied. Each new stack goes to
the first corner that takes it (corners.py). Fragile things come last, to lie on top.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, permutations, product
from random import Random
from typing import NamedTuple

from app.work.corners import Size, Stack, ceiling, corners_after

MAX_STACKS = 150
"""Stacks in one carton; a carton of more separate stacks is filled by hand better than by plan."""
MAX_ATTEMPTS = 160
MOST_ATTEMPTS = 40
"""When a carton is only to take as much as it can."""
WELL_FILLED = 93
"""Percent of a carton's volume at which no better attempt is looked for."""
EFFORT = 2400
"""Attempts × kinds of goods per carton type: an order of many kinds gets fewer attempts, at least ten."""


PATIENCE = 40_000_000
"""Comparisons for one order, at most about a second; after that only one attempt is made for each carton."""


class Patience:
    """How many comparisons are left for the order at hand; counted, not timed, so the answer is always the same."""

    def __init__(self, comparisons: int = PATIENCE) -> None:
        self.left = comparisons


class Kind(NamedTuple):
    """Equal things to stow."""

    size: Size
    weight_g: int
    pieces: int
    upright: bool
    fragile: bool


class _Attempt(NamedTuple):
    order: list[int]
    score: Callable[[int, Size, Size], int]
    """Of a way to lie, lowest is best: from the height of the stack, the size of a thing, the room at the corner."""
    direction: Size
    """Which axis of a corner is looked at first, second, third: lowest corners first, or from one wall."""
    level: bool
    """Even layers of things lying alike, instead of towers as high as they go."""


def stow_all(box: Size, kinds: Sequence[Kind], patience: Patience) -> list[Stack] | None:
    """Where everything lies, or None when no attempt holds it all."""
    for attempt in _attempts(kinds):
        stacks = _fill(box, kinds, attempt, patience, max_weight_g=None, all_or_none=True)
        if stacks is not None:
            return stacks
        if patience.left <= 0:
            break
    return None


def stow_most(box: Size, kinds: Sequence[Kind], max_weight_g: int | None, patience: Patience) -> list[Stack]:
    """The attempt that holds the greatest volume within the weight; the rest needs another carton."""
    best: list[Stack] = []
    enough = min(kinds_volume(kinds), box[0] * box[1] * box[2] * WELL_FILLED // 100)
    for attempt in islice(_attempts(kinds), MOST_ATTEMPTS):
        stacks = _fill(box, kinds, attempt, patience, max_weight_g=max_weight_g, all_or_none=False) or []
        if volume(stacks) > volume(best):
            best = stacks
            heavy = sum(kinds[stack.kind].weight_g * stack.things for stack in stacks)
            lightest = min(kind.weight_g for kind in kinds if kind.pieces)
            if volume(best) >= enough or (max_weight_g is not None and heavy + lightest > max_weight_g):
                break
        if patience.left <= 0:
            break
    return best


def kinds_volume(kinds: Sequence[Kind]) -> int:
    return sum(kind.size[0] * kind.size[1] * kind.size[2] * kind.pieces for kind in kinds)


def volume(stacks: Sequence[Stack]) -> int:
    return sum(stack.size[0] * stack.size[1] * stack.size[2] * stack.things for stack in stacks)


def _ways(kind: Kind) -> list[Size]:
    """How a thing may lie, flattest first."""
    length, width, height = kind.size
    turned = {(length, width, height), (width, length, height)}
    if not kind.upright:
        turned |= {(a, b, c) for a, b, c in permutations(kind.size)}
    return sorted(turned, key=lambda size: (size[2], -size[0], -size[1]))


_SCORES: tuple[Callable[[int, Size, Size], int], ...] = (
    lambda stack, size, room: size[2],
    lambda stack, size, room: min(room[0] - size[0], room[1] - size[1]),
    lambda stack, size, room: room[2] - stack,
    lambda stack, size, room: room[0] % size[0] + room[1] % size[1] + room[2] % size[2],
)
_DIRECTIONS: tuple[Size, ...] = ((2, 1, 0), (2, 0, 1), (0, 2, 1), (1, 2, 0))


def _attempts(kinds: Sequence[Kind]) -> Iterator[_Attempt]:
    """Ordered ones first, then random ones; always the same for the same goods."""
    sides = [sorted(kind.size, reverse=True) for kind in kinds]
    base = [float(a * b) for a, b, _ in sides]
    whole = [float(a * b * c) for a, b, c in sides]
    keys = [base, whole, [float(a) for a, _, _ in sides], [float(c) for _, _, c in sides]]

    def by(key: list[float]) -> list[int]:
        return sorted(range(len(kinds)), key=lambda k: (kinds[k].fragile, -key[k], -kinds[k].weight_g))

    orders = list(dict.fromkeys(tuple(by(key)) for key in keys))
    left = max(10, min(MAX_ATTEMPTS, EFFORT // max(1, len(kinds))))
    for direction, score, level, order in product(_DIRECTIONS, _SCORES, (False, True), orders):
        yield _Attempt(list(order), score, direction, level)
        left -= 1
        if not left:
            return
    chance = Random(len(kinds))
    while left and len(kinds) > 1:
        left -= 1
        noisy = [size * chance.uniform(0.6, 1.4) for size in (base, whole)[left % 2]]
        yield _Attempt(by(noisy), chance.choice(_SCORES), chance.choice(_DIRECTIONS), chance.random() < 0.5)


def _fill(
    box: Size,
    kinds: Sequence[Kind],
    attempt: _Attempt,
    patience: Patience,
    *,
    max_weight_g: int | None,
    all_or_none: bool,
) -> list[Stack] | None:
    stacks: list[Stack] = []
    corners: list[Size] = [(0, 0, 0)]
    one, two, three = attempt.direction
    for k in attempt.order:
        kind, left, ways = kinds[k], kinds[k].pieces, _ways(kinds[k])
        while left and len(stacks) < MAX_STACKS:
            most = left
            if max_weight_g is not None and kind.weight_g:
                most = min(left, max_weight_g // kind.weight_g)
            patience.left -= len(corners) * len(ways) * (len(stacks) + 1)
            stack = _place(box, corners, stacks, k, kind, ways, most, attempt) if most else None
            if stack is None:
                break
            stacks.append(stack)
            if attempt.level:
                ways = [stack.size, *(size for size in ways if size != stack.size)]
            left -= stack.things
            if max_weight_g is not None:
                max_weight_g -= stack.things * kind.weight_g
            corners = corners_after(box, corners, stacks, stack)
            corners.sort(key=lambda c: (c[one], c[two], c[three]))
        if left and all_or_none:
            return None
    return stacks


def _place(
    box: Size,
    corners: Sequence[Size],
    stacks: Sequence[Stack],
    number: int,
    kind: Kind,
    ways: Sequence[Size],
    most: int,
    attempt: _Attempt,
) -> Stack | None:
    """At the first corner that takes the thing at all, the way to lie with the lowest score; in layers, like the last."""
    alike = ways[0] if attempt.level and stacks and stacks[-1].kind == number else None
    for x, y, z in corners:
        room = (box[0] - x, box[1] - y, box[2] - z)
        best, lowest = None, 0
        for size in ways:
            if size[0] <= room[0] and size[1] <= room[1] and size[2] <= room[2]:
                high = (ceiling(stacks, x, y, z, size, box[2]) - z) // size[2]
                side_by_side = (room[0] // size[0]) * (room[1] // size[1])
                enough = 1 if kind.fragile else -(-most // side_by_side) if attempt.level else most
                things = min(high, enough)
                if things > 0:
                    if size == alike:
                        return Stack(number, x, y, z, size, things, kind.fragile)
                    score = attempt.score(things * size[2], size, room)
                    if best is None or score < lowest:
                        best, lowest = Stack(number, x, y, z, size, things, kind.fragile), score
        if best:
            return best
    return None
