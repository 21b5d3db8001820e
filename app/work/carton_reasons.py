"""Why a carton is not the one, in a sentence a packer believes at a glance.

Each reason is also a quick proof that the things cannot go in (too long, too heavy, too much), so no time is lost on
trying.
"""

from collections.abc import Sequence

from app.work.carton_types import CartonType, Goods
from app.work.stowing import Kind

NO_CARTONS = "No carton type is set up."
_SHORTFALL = ("short", "narrow", "low")


def fits_nowhere(goods: Goods, types: Sequence[CartonType]) -> str | None:
    """Why not even one of these goes into any carton; None when it does or nobody knows."""
    if not types:
        return NO_CARTONS
    size, weight_g = goods.size(), goods.weight_g or 0
    if all(_heavier(t, weight_g) for t in types):
        return f"{goods.item} weighs {_kg(weight_g)}, more than any carton may hold."
    if size is None:
        return None
    kind = Kind(size, weight_g, 1, goods.upright, goods.fragile)
    if all(_shortfall(t, kind) for t in types):
        return f"{goods.item} is too large for every carton: {' × '.join(map(str, size))} mm."
    if all(_shortfall(t, kind) or _heavier(t, weight_g) for t in types):
        return f"{goods.item} is too heavy for the cartons it would fit in."
    return None


def too_small(carton: CartonType, kinds: Sequence[Kind], names: Sequence[str], loose_g: int) -> str | None:
    """Why these things certainly do not all go into this carton, or None."""
    for kind, name in zip(kinds, names, strict=True):
        if kind.pieces and (shortfall := _shortfall(carton, kind)):
            return f"{carton.carton} is too {shortfall} for {name}."
    weight_g = sum(kind.weight_g * kind.pieces for kind in kinds)
    may_g = carton.may_hold_g(loose_g)
    if may_g is not None and weight_g > may_g:
        return f"{carton.carton} may hold {_kg(may_g)}; this is {_kg(weight_g)}."
    needed = sum(kind.size[0] * kind.size[1] * kind.size[2] * kind.pieces for kind in kinds)
    if needed > carton.volume():
        return f"{carton.carton} is too small: this would fill it to {round(100 * needed / carton.volume())} %."
    return None


def larger(types: Sequence[CartonType], filled: int) -> list[str]:
    """Why not the next size up."""
    return [f"{t.carton} is larger: it would be {round(100 * filled / t.volume())} % full." for t in types[:1]]


def _shortfall(carton: CartonType, kind: Kind) -> str | None:
    """What the carton is too (short, narrow, low) for one of this kind however it lies; None when it goes in.

    Of several shortfalls the greatest.
    """
    space = carton.size()
    sides = kind.size
    if kind.upright:
        pairs = [*zip(_longest_first(sides[:2]), _axes(space[:2]), strict=True), (sides[2], 2)]
    else:
        pairs = list(zip(_longest_first(sides), _axes(space), strict=True))
    side, axis = max(pairs, key=lambda pair: pair[0] / space[pair[1]])
    return _SHORTFALL[axis] if side > space[axis] else None


def _longest_first(sides: Sequence[int]) -> list[int]:
    return sorted(sides, reverse=True)


def _axes(space: Sequence[int]) -> list[int]:
    """The axes of a carton, longest first."""
    return sorted(range(len(space)), key=lambda axis: -space[axis])


def _heavier(carton: CartonType, weight_g: int) -> bool:
    may_g = carton.may_hold_g()
    return may_g is not None and weight_g > may_g


def _kg(weight_g: int) -> str:
    return f"{weight_g / 1000:.1f} kg"
