"""The ground an order makes a worker walk, as one whole number with a bit for every two metres of floor.

The ground two orders share is walked once when they share a cart, so the ones in `a | b` are close to how far a cart
walks, and one machine operation tells what an order would add to it. A stop near an end of its sub-aisle costs the way
in and out again; two such ways from both ends fill the sub-aisle up, which is walking through it: just what it costs.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

from app.work.routes import Floor, Spot

GROUND_MM = 2000


def footprint(floor: Floor, stops: Sequence[Spot]) -> int:
    """Bits walked out and back: in sub-aisles, along the cross aisle from the depot, on the way to further blocks."""
    crosses = floor.cross_aisles_mm()
    pitch = max(1, round(2 * floor.aisle_pitch_mm / GROUND_MM))
    depot_aisle = min(max(round(floor.depot_x_mm / floor.aisle_pitch_mm), 0), floor.aisles)
    depot_y = crosses[floor.depot_cross_aisle]
    deep = [max(1, round((rear - front) / GROUND_MM)) for front, rear in pairwise(crosses)]
    aisle_bits = sum(deep) * floor.aisles
    ground = 0
    for stop in stops:
        _, y = floor.place(stop)
        front, rear, bits = crosses[stop.block], crosses[stop.block + 1], deep[stop.block]
        from_front, from_rear = (min(bits, ceil(2 * way / GROUND_MM)) for way in (y - front, rear - y))
        walked = _ones(0, from_front) if from_front <= from_rear else _ones(bits - from_rear, bits)
        ground |= walked << (sum(deep[: stop.block]) * floor.aisles + stop.aisle * bits)
        left, right = sorted((depot_aisle, stop.aisle))
        ground |= _ones(pitch * left, pitch * right) << aisle_bits
        further = max(front - depot_y, depot_y - rear, 0)
        ground |= _ones(0, 2 * further // GROUND_MM) << (aisle_bits + pitch * (floor.aisles + 1))
    return ground


def _ones(start: int, stop: int) -> int:
    return (1 << stop) - (1 << start)
