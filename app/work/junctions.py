"""What the aisles already swept tell the rest of a tour, and which steps lead from one such state to the next.

For every junction of the current column: is the number of edges that meet there odd or even, and to which connected
piece does it belong. That is 7, 25, 113 or 569 states for 1, 2, 3 or 4 blocks. Each sub-aisle offers six choices:
leave it out, walk through it once or twice, enter and return from the front, from the back, or from both and leave out
the largest gap. The tables of legal moves depend only on the number of cross aisles, so they are worked out once per
process (70 ms for four blocks).
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

MAX_BLOCKS = 4
SKIP, ONCE, TWICE, FRONT, BACK, GAP = range(6)

State = tuple[tuple[int, int], ...]
"""Per junction (parity, piece): parity 0 untouched, 1 odd, 2 even; piece -1 when untouched."""

Move = tuple[int, int, int]
"""A legal step (from state, to state, choice)."""
Moves = tuple[Move, ...]

EMPTY, DONE = 0, 1
_OFFERED = {SKIP: (2,), ONCE: (0, 1, 2), TWICE: (0, 1, 2), FRONT: (0, 1), BACK: (0, 1), GAP: (1,)}
"""Which kinds of sub-aisle offer a choice: 0 with work, 1 with a gap between its work, 2 with nothing to do."""
_FINISHED: State = ((-1, -1),)


@lru_cache(maxsize=MAX_BLOCKS)
def legal_moves(rows: int) -> tuple[int, list[list[Moves]], list[list[Moves]]]:
    """All states for so many cross aisles and the legal moves between them, worked out once.

    Through block b by kind, see _OFFERED. Along row r: [elsewhere, at the depot], then the same for the last column.
    """
    index: dict[State, int] = {((0, -1),) * rows: EMPTY, _FINISHED: DONE}
    through: list[list[list[Move]]] = [[[], [], []] for _ in range(rows - 1)]
    along: list[list[list[Move]]] = [[[], [], [], []] for _ in range(rows)]
    todo: list[State] = list(index)
    while todo:
        state = todo.pop()

        def reach(target: State | None, choice: int, lists: Iterable[list[Move]], s: State = state) -> None:
            if target is None:
                return
            if target not in index:
                index[target] = len(index)
                todo.append(target)
            for moves in lists:
                moves.append((index[s], index[target], choice))

        for b, kinds in enumerate(through):
            for choice in range(6):
                fits = [kinds[k] for k in _OFFERED[choice]]
                reach(_through(state, b, choice), choice, fits)
        for r, kinds in enumerate(along):
            for depot in (0, 1):
                for times in (0, 1, 2):
                    fits = [kinds[depot], kinds[2 + depot]] if times == 0 else [kinds[depot]]
                    reach(_along(state, r, times, bool(depot)), times, fits)
    return len(index), [[tuple(m) for m in kinds] for kinds in through], [[tuple(m) for m in kinds] for kinds in along]


def _through(state: State, block: int, choice: int) -> State | None:
    if choice == SKIP or state == _FINISHED:
        return state if choice == SKIP else None
    junctions = list(state)
    add = 1 if choice == ONCE else 2
    touched = [row for row, untouched in ((block, BACK), (block + 1, FRONT)) if choice != untouched]
    for row in touched:
        parity, piece = junctions[row]
        junctions[row] = (1 if (parity + add) % 2 else 2, piece if parity else 100 + row)
    if choice in (ONCE, TWICE):
        one, other = junctions[block][1], junctions[block + 1][1]
        junctions = [(parity, one if piece == other else piece) for parity, piece in junctions]
    return _named(junctions)


def _along(state: State, row: int, times: int, depot: bool) -> State | None:
    """The junction of this row gives way to its right neighbour, `times` edges between them."""
    if state == _FINISHED:
        return state if times == 0 and not depot else None
    parity, piece = state[row]
    others = [*state[:row], (0, -1), *state[row + 1 :]]
    if parity == 0 and times == 0:
        return None if depot else state
    if parity == 1 or times == 1:
        return state if parity == times == 1 else None
    if times == 2:
        others[row] = (2, piece if parity else 100)
        return _named(others)
    if any(p and other == piece for p, other in others):
        return _named(others)
    return None if any(p for p, _ in others) else _FINISHED


def _named(junctions: Sequence[tuple[int, int]]) -> State:
    """Pieces numbered in order of appearance, so equal situations are equal states."""
    seen: dict[int, int] = {}
    return tuple((parity, seen.setdefault(piece, len(seen)) if parity else -1) for parity, piece in junctions)
