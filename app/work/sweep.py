"""The shortest walk through parallel aisles, found exactly by sweeping over them once from left to right.

Between two neighbouring columns a tour is nothing but a few parallel edges per cross aisle. So it is enough to keep,
for each state the swept part can be in (junctions.py), the shortest way to have got there, and to take one sub-aisle
or one cross-aisle piece after the other. Ratliff & Rosenthal 1983 (one block); Roodbergen & de Koster 2001 (two);
Cambazard & Catusse 2018 (any number). Aisles are columns, cross aisles are rows; lengths are whole millimetres, so the
shortest is it to the millimetre.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.work.junctions import BACK, DONE, EMPTY, FRONT, GAP, ONCE, SKIP, TWICE, Moves, legal_moves

FAR = 1 << 60


class Grid(NamedTuple):
    """Columns at `xs` (left to right), rows at `ys` (front to back), the tour's start and end at junction `depot`.

    A column in `closed` has no aisle: the depot stands there between two of them.
    """

    xs: Sequence[int]
    ys: Sequence[int]
    depot: tuple[int, int]
    closed: int | None = None


Work = Mapping[tuple[int, int], Sequence[int]]
"""The sorted places to visit, as y, by (column, block)."""

Junction = tuple[int, int]
"""(column, row)"""

Edge = tuple[int, Junction, Sequence[int]]
"""(its number, where it leads, the places along it in that direction)"""

Trail = list[tuple[int, int, int, list[tuple[int, int]]]]
"""Per step (column, row, block or -1 along a cross aisle, and for each state the (state, choice) it was reached by)."""


def shortest_length(grid: Grid, work: Work) -> int:
    """The length alone, for the many walks that are only priced."""
    return _sweep(grid, work, None)


def shortest_tour(grid: Grid, work: Work) -> tuple[int, list[tuple[int, int]]]:
    """The length, and every place to visit as (column, y) in the order it is first walked past."""
    trail: Trail = []
    length = _sweep(grid, work, trail)
    edges: dict[Junction, list[Edge]] = {}
    count = 0

    def lay(source: Junction, target: Junction, past: Sequence[int]) -> None:
        nonlocal count
        edges.setdefault(source, []).append((count, target, past))
        if target != source:
            edges.setdefault(target, []).append((count, source, past[::-1]))
        count += 1

    state = DONE
    for column, row, block, back in reversed(trail):
        state, choice = back[state]
        if block < 0:
            for _ in range(choice):
                lay((column, row), (column + 1, row), ())
        elif choice != SKIP:
            front, rear, places = (column, block), (column, block + 1), work.get((column, block), ())
            if choice in (ONCE, TWICE):
                lay(front, rear, places)
            if choice == TWICE:
                lay(front, rear, ())
            if choice == FRONT:
                lay(front, front, places)
            if choice == BACK:
                lay(rear, rear, places[::-1])
            if choice == GAP:
                cut = _largest_gap(grid.ys[block], places, grid.ys[block + 1])[1]
                lay(front, front, places[:cut])
                lay(rear, rear, places[cut:][::-1])
    return length, _walk_every_edge(grid.depot, edges, count)


def _walk_every_edge(start: Junction, edges: dict[Junction, list[Edge]], count: int) -> list[tuple[int, int]]:
    """Hierholzer's circuit. It comes out backwards, so the places along each edge are turned round with it."""
    walked = [False] * count
    passed: list[tuple[int, int]] = []
    stack: list[tuple[Junction, int, Sequence[int]]] = [(start, start[0], ())]
    while stack:
        here, column, past = stack[-1]
        ways = edges.get(here, [])
        while ways and walked[ways[-1][0]]:
            ways.pop()
        if ways:
            number, target, places = ways.pop()
            walked[number] = True
            stack.append((target, here[0], places))
        else:
            stack.pop()
            passed += [(column, y) for y in reversed(past)]
    return passed[::-1]


def _sweep(grid: Grid, work: Work, trail: Trail | None) -> int:
    rows = len(grid.ys)
    size, through, along = legal_moves(rows)
    columns = [column for column, _ in work] + [grid.depot[0]]
    first, last = min(columns), max(columns)
    best = [FAR] * size
    best[EMPTY] = 0
    steps: list[tuple[int, int, int, Moves, Sequence[int]]] = []
    for column in range(first, last + 1):
        if column != grid.closed:
            for block in range(rows - 1):
                choices = _choices(grid.ys[block], work.get((column, block), ()), grid.ys[block + 1])
                kind = 2 if choices[SKIP] == 0 else 1 if choices[GAP] < FAR else 0
                steps.append((column, 0, block, through[block][kind], choices))
        width = grid.xs[column + 1] - grid.xs[column] if column < last else 0
        for row in range(rows):
            kind = 2 * (column == last) + ((column, row) == grid.depot)
            steps.append((column, row, -1, along[row][kind], (0, width, 2 * width)))
    for column, row, block, moves, costs in steps:
        after = [FAR] * size
        if trail is None:
            for s, t, step in moves:
                length = best[s] + costs[step]
                if length < after[t]:
                    after[t] = length
        else:
            back = [(EMPTY, SKIP)] * size
            for s, t, step in moves:
                length = best[s] + costs[step]
                if length < after[t]:
                    after[t] = length
                    back[t] = (s, step)
            trail.append((column, row, block, back))
        best = after
    return best[DONE]


def _choices(front: int, places: Sequence[int], rear: int) -> tuple[int, ...]:
    """What each of the six choices costs here; FAR when it makes no sense."""
    through = rear - front
    if not places:
        return 0, through, 2 * through, FAR, FAR, FAR
    gap, cut = _largest_gap(front, places, rear)
    both = 2 * (through - gap) if 0 < cut < len(places) else FAR
    return FAR, through, 2 * through, 2 * (places[-1] - front), 2 * (rear - places[0]), both


def _largest_gap(front: int, places: Sequence[int], rear: int) -> tuple[int, int]:
    """(its length, how many places lie before it)."""
    points = [front, *places, rear]
    return max((points[k + 1] - points[k], k) for k in range(len(points) - 1))
