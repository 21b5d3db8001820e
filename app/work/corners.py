"""Where the next stack may stand in a carton: the corners its walls and the goods already in it make.

Extreme points (Crainic, Perboli & Tadei 2008). A stack may stand where it neither sticks out nor overlaps, and where
at least three quarters of its base rest on the floor or on tops of other stacks; on fragile things nothing rests.
"""

from collections.abc import Sequence
from typing import NamedTuple

SUPPORTED = 0.75

Size = tuple[int, int, int]


class Stack(NamedTuple):
    """`things` of kind number `kind`, one upon the other, each `size` as it lies."""

    kind: int
    x: int
    y: int
    z: int
    size: Size
    things: int
    bare: bool
    """Nothing may rest on it."""

    def top(self) -> int:
        return self.z + self.size[2] * self.things


def ceiling(stacks: Sequence[Stack], x: int, y: int, z: int, size: Size, top: int) -> int:
    """How high a stack may rise here; z itself when it would overlap or lack support."""
    right, rear, rests = x + size[0], y + size[1], 0
    for _, u, v, w, (length, width, height), things, bare in stacks:
        if u < right and x < u + length and v < rear and y < v + width:
            above = w + height * things
            if above <= z:
                if above == z:
                    if bare:
                        return z
                    rests += (min(right, u + length) - max(x, u)) * (min(rear, v + width) - max(y, v))
            elif w < z + size[2]:
                return z
            elif w < top:
                top = w
    return top if z == 0 or rests >= SUPPORTED * size[0] * size[1] else z


def corners_after(box: Size, corners: Sequence[Size], stacks: Sequence[Stack], new: Stack) -> list[Size]:
    """The corners still open, and those the new stack makes, each also slid against what stands behind or below it."""
    x, y, z = new.x, new.y, new.z
    right, rear, top = x + new.size[0], y + new.size[1], new.top()
    open_still = {c for c in corners if not (x <= c[0] < right and y <= c[1] < rear and z <= c[2] < top)}
    if right < box[0]:
        open_still |= {
            (right, y, z),
            (right, y, _slide(stacks, right, y, z, 2)),
            (right, _slide(stacks, right, y, z, 1), z),
        }
    if rear < box[1]:
        open_still |= {(x, rear, z), (x, rear, _slide(stacks, x, rear, z, 2)), (_slide(stacks, x, rear, z, 0), rear, z)}
    if top < box[2]:
        open_still |= {(x, y, top), (_slide(stacks, x, y, top, 0), y, top), (x, _slide(stacks, x, y, top, 1), top)}
    return list(open_still)


def _slide(stacks: Sequence[Stack], x: int, y: int, z: int, axis: int) -> int:
    """The coordinate a corner reaches when slid along an axis towards 0 until it meets a stack or the wall."""
    reached = 0
    for _, u, v, w, (length, width, height), things, _ in stacks:
        right, rear, top = u + length, v + width, w + height * things
        if axis == 2:
            if reached < top <= z and u <= x < right and v <= y < rear:
                reached = top
        elif axis == 1:
            if reached < rear <= y and u <= x < right and w <= z < top:
                reached = rear
        elif reached < right <= x and v <= y < rear and w <= z < top:
            reached = right
    return reached
