"""Which carton an order is packed in, and how its things lie, with the reasons.

The smallest carton that holds everything is proposed; when none does, several: the one that takes most first, then
again for the rest. The packer sees one sentence why this carton, and one for each other why not. Things never measured
cannot be stowed: they are named, so the packer looks. What fits no carton at all is handed back with the reason.
"""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct, structs

from app.work.carton_reasons import fits_nowhere, larger, too_small
from app.work.carton_types import CartonType, Goods
from app.work.corners import Stack
from app.work.stowing import Kind, Patience, stow_all, stow_most, volume

MAX_CARTONS = 50
"""For one order; what is still left then is handed back."""
MAX_FAVOURITES = 4
"""How many of the largest types are tried as the one to fill first when several cartons are needed."""

Known = dict[tuple[str, int, tuple[int, ...]], list[Stack]]
"""What a carton takes of what is left, so no plan stows the same twice."""


class Placement(Struct, frozen=True, kw_only=True):
    """One thing as it lies: its left front bottom corner, and its measures along the carton's."""

    item: str
    x_mm: int
    y_mm: int
    z_mm: int
    length_mm: int
    width_mm: int
    height_mm: int


class Packing(Struct, frozen=True, kw_only=True):
    """One carton, bottom things first."""

    carton: str
    placements: tuple[Placement, ...]
    full_percent: int
    weight_g: int
    """Carton and contents, as far as weights are known."""
    why: str
    why_not: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    """What the packer has to look at: things without measures or weight."""


class Left(Struct, frozen=True, kw_only=True):
    """What no carton takes."""

    item: str
    count: int
    why: str


class Cartons(Struct, frozen=True, kw_only=True):
    """The proposal for an order."""

    packings: tuple[Packing, ...]
    left: tuple[Left, ...] = ()


def choose_cartons(goods: Sequence[Goods], types: Sequence[CartonType], patience: Patience | None = None) -> Cartons:
    """The fewest cartons found, each the smallest that holds its share. Who must answer at once brings less patience."""
    types = sorted(types, key=lambda t: (t.volume(), t.carton))
    left = [Left(item=g.item, count=g.count, why=why) for g in goods if (why := fits_nowhere(g, types))]
    fitting = [g for g in goods if fits_nowhere(g, types) is None]
    measured = [g for g in fitting if g.size() is not None]
    unmeasured = [g for g in fitting if g.size() is None]
    kinds = [Kind(g.size() or (0, 0, 0), g.weight_g or 0, g.count, g.upright, g.fragile) for g in measured]
    loose_g = sum((g.weight_g or 0) * g.count for g in unmeasured)
    packings = _fewest(kinds, measured, types, loose_g, patience or Patience())
    packed = Counter(placement.item for packing in packings for placement in packing.placements)
    wanted: Counter[str] = Counter()
    for g in measured:
        wanted[g.item] += g.count
    for item, count in (wanted - packed).items():
        left.append(Left(item=item, count=count, why=f"{MAX_CARTONS} cartons are full already."))
    if unmeasured and not packings:
        packings.append(_unseen(types[-1]))
    if packings:
        packings = _numbered(packings)
        packings[0] = structs.replace(packings[0], check=_to_check(fitting), weight_g=packings[0].weight_g + loose_g)
    return Cartons(packings=tuple(packings), left=tuple(left))


def _fewest(
    kinds: Sequence[Kind], goods: Sequence[Goods], types: Sequence[CartonType], loose_g: int, patience: Patience
) -> list[Packing]:
    """One carton if one does; else the best of a few plans, each with another idea of which cartons to fill first."""
    if not kinds:
        return []
    why_not = list[str]()
    for number, carton in enumerate(types):
        why = too_small(carton, kinds, [g.item for g in goods], loose_g)
        if why is None:
            stacks = stow_all(carton.size(), kinds, patience)
            if stacks is not None:
                return [_packing(carton, stacks, goods, why_not + larger(types[number + 1 :], volume(stacks)))]
            why = f"{carton.carton} has the room, but no way to lay everything in was found."
        why_not.append(why)
    known: Known = {}
    plans = [_several(kinds, types, None, loose_g, known, patience)]
    for favourite in types[-MAX_FAVOURITES:]:
        if patience.left > 0:
            plans.append(_several(kinds, types, favourite, loose_g, known, patience))
    best = min(plans, key=lambda plan: (-_packed(plan), len(plan), sum(carton.volume() for carton, _ in plan)))
    taken = {carton.carton for carton, _ in best}
    reasons = [why for carton, why in zip(types, why_not, strict=True) if carton.carton not in taken]
    return [_packing(carton, stacks, goods, () if at else reasons) for at, (carton, stacks) in enumerate(best)]


def _several(
    kinds: Sequence[Kind],
    types: Sequence[CartonType],
    favourite: CartonType | None,
    loose_g: int,
    known: Known,
    patience: Patience,
) -> list[tuple[CartonType, list[Stack]]]:
    """Fill the favourite, or else whichever takes most, until the smallest that holds the rest ends it."""
    plan: list[tuple[CartonType, list[Stack]]] = []
    left = list(kinds)
    while any(kind.pieces for kind in left) and len(plan) < MAX_CARTONS:
        loose = 0 if plan else loose_g
        tried = [(types[-1], _most(types[-1], left, loose, known, patience))]
        if patience.left > 0 or not tried[0][1]:
            tried = [(carton, _most(carton, left, loose, known, patience)) for carton in types]
        rest = sum(kind.pieces for kind in left)
        holds_all = [each for each in tried if sum(stack.things for stack in each[1]) == rest]
        favoured = [each for each in tried if each[0] == favourite and each[1]]
        carton, stacks = (holds_all or favoured or [max(tried, key=lambda each: volume(each[1]))])[0]
        if not stacks:
            return plan if plan or not loose_g else _several(kinds, types, favourite, 0, known, patience)
        plan.append((carton, stacks))
        for stack in stacks:
            left[stack.kind] = left[stack.kind]._replace(pieces=left[stack.kind].pieces - stack.things)
    return plan


def _most(carton: CartonType, left: Sequence[Kind], loose_g: int, known: Known, patience: Patience) -> list[Stack]:
    key = (carton.carton, loose_g, tuple(kind.pieces for kind in left))
    if key not in known:
        known[key] = stow_most(carton.size(), left, carton.may_hold_g(loose_g), patience)
    return known[key]


def _packed(plan: Sequence[tuple[CartonType, list[Stack]]]) -> int:
    return sum(stack.things for _, stacks in plan for stack in stacks)


def _packing(carton: CartonType, stacks: Sequence[Stack], goods: Sequence[Goods], why_not: Sequence[str]) -> Packing:
    placements = [
        Placement(
            item=goods[stack.kind].item,
            x_mm=stack.x,
            y_mm=stack.y,
            z_mm=stack.z + level * stack.size[2],
            length_mm=stack.size[0],
            width_mm=stack.size[1],
            height_mm=stack.size[2],
        )
        for stack in stacks
        for level in range(stack.things)
    ]
    contents_g = sum((goods[stack.kind].weight_g or 0) * stack.things for stack in stacks)
    return Packing(
        carton=carton.carton,
        placements=tuple(sorted(placements, key=lambda p: (p.z_mm, p.y_mm, p.x_mm))),
        full_percent=round(100 * volume(stacks) / carton.volume()),
        weight_g=carton.empty_weight_g + contents_g,
        why="",
        why_not=tuple(why_not),
    )


def _unseen(carton: CartonType) -> Packing:
    why = "Nothing in this order has measures, so the largest carton."
    return Packing(carton=carton.carton, placements=(), full_percent=0, weight_g=carton.empty_weight_g, why=why)


def _numbered(packings: Sequence[Packing]) -> list[Packing]:
    """Each with its sentence why; the last of several is the smallest that fits the rest."""
    if len(packings) == 1:
        only = packings[0]
        return [structs.replace(only, why=only.why or f"Smallest that fits, {only.full_percent} % full.")]
    return [
        structs.replace(packing, why=f"Carton {number} of {len(packings)}, {packing.full_percent} % full.")
        for number, packing in enumerate(packings, 1)
    ]


def _to_check(goods: Sequence[Goods]) -> tuple[str, ...]:
    unmeasured = [f"{g.item} has no measures: see whether it goes in." for g in goods if g.size() is None]
    return tuple(unmeasured + [f"{g.item} has no weight." for g in goods if g.weight_g is None])
