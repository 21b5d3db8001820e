"""Shortening the walks of carts that are already planned, by moving and swapping orders between them.

Most exchanges are hopeless, and their footprints tell so in a microsecond; the others are priced by the exact walk. A
longer plan is taken now and then, ever more seldom (simulated annealing), so the search does not end in the first dead
end. The time budget is counted in steps of known cost, drawn from a fixed seed: the same orders give the same plan.
The clock only stops a machine that is slower than the costs were reckoned for.
"""

from collections.abc import Callable
from math import exp
from random import Random
from time import monotonic

from msgspec import Struct

from app.work.footprints import GROUND_MM
from app.work.routes import Floor, Spot, walk_length_mm

PROPOSAL_US = 2
PRICE_US = {1: 140, 2: 380, 3: 2500, 4: 18_000}
"""What a proposal and a priced walk cost by blocks, in microseconds, with room to spare for a slower machine."""
PRICE_FREE_US = 12_000
PROPOSALS_PER_ORDER = 5000
"""After so many the search has settled, whatever is left of the budget."""
HOPELESS_MM = 12_000
"""More new ground than this and an exchange is not priced."""
WARM_MM, COLD_MM = 3000, 150
"""How much longer a plan may typically get by an accepted exchange, at the start and at the end."""
GLANCE = 256
"""Proposals between two looks at the budget."""
NOBODY = -1
MOVES = 0.1
"""Share of proposals that move one order; the others swap two."""


class Load(Struct, frozen=True, kw_only=True):
    """Orders of one priority, by index, and what one cart carries."""

    floor: Floor
    stops: list[tuple[Spot, ...]]
    ground: list[int]
    volumes: list[int]
    weights: list[int]
    max_orders: int
    max_volume: int | None
    max_weight: int | None

    def fits(self, members: list[int]) -> bool:
        return (
            len(members) <= self.max_orders
            and (self.max_volume is None or sum(self.volumes[k] for k in members) <= self.max_volume)
            and (self.max_weight is None or sum(self.weights[k] for k in members) <= self.max_weight)
        )

    def walk_mm(self, members: list[int]) -> int:
        return walk_length_mm(self.floor, [stop for k in members for stop in self.stops[k]])

    def ground_without_each(self, members: list[int]) -> tuple[dict[int, int], int]:
        """The ground covered without each of the cart's orders (and without nobody), and how much with all."""
        before, after = [0], [0]
        for k in members:
            before.append(before[-1] | self.ground[k])
        for k in reversed(members):
            after.append(after[-1] | self.ground[k])
        rest = {k: before[at] | after[len(members) - 1 - at] for at, k in enumerate(members)}
        rest[NOBODY] = before[-1]
        return rest, before[-1].bit_count()


def exchange(load: Load, carts: list[list[int]], budget_s: float) -> list[list[int]]:
    """The shortest plan met within the budget; never longer than the given one."""
    if budget_s <= 0 or len(carts) < 2:
        return carts
    plan = _Plan(load, carts)
    chance = Random(len(load.ground)).random
    proposals, stop_at = PROPOSALS_PER_ORDER * len(load.ground), monotonic() + budget_s
    best, best_length, warmth = carts, plan.length, float(WARM_MM)
    for proposal in range(proposals + 1):
        if proposal % GLANCE == 0:
            if plan.length < best_length:
                best, best_length = plan.copied(), plan.length
            done = max(plan.spent_us / (1e6 * budget_s), proposal / proposals)
            if done >= 1 or monotonic() > stop_at:
                break
            warmth = WARM_MM * (COLD_MM / WARM_MM) ** done
        plan.propose(chance, warmth)
    return [members for members in best if members]


class _Plan:
    """All carts with what their walks measure and cover."""

    def __init__(self, load: Load, carts: list[list[int]]) -> None:
        self.load = load
        self.carts = [list(members) for members in carts]
        self.cart_of = {k: number for number, members in enumerate(carts) for k in members}
        self.lengths = [load.walk_mm(members) for members in carts]
        self.ground = [load.ground_without_each(members) for members in carts]
        self.length = sum(self.lengths)
        self.price_us = PRICE_US.get(load.floor.blocks, PRICE_FREE_US)
        self.spent_us = self.price_us * len(carts)

    def copied(self) -> list[list[int]]:
        return [list(members) for members in self.carts]

    def propose(self, chance: Callable[[], float], warmth: float) -> None:
        """Swap two orders of different carts, or move one, if that is promising, fits and is taken."""
        self.spent_us += PROPOSAL_US
        ground = self.load.ground
        one = int(chance() * len(ground))
        source, other = self.cart_of[one], NOBODY
        if chance() < MOVES:
            target = int(chance() * len(self.carts))
        else:
            other = int(chance() * len(ground))
            target = self.cart_of[other]
        if source == target:
            return
        (rest, covered), (their_rest, their_covered) = self.ground[source], self.ground[target]
        mine = rest[one] if other == NOBODY else rest[one] | ground[other]
        theirs = their_rest[other] | ground[one]
        if (mine.bit_count() - covered + theirs.bit_count() - their_covered) * GROUND_MM <= HOPELESS_MM:
            incoming = [] if other == NOBODY else [other]
            self._exchange(
                (source, [k for k in self.carts[source] if k != one] + incoming),
                (target, [k for k in self.carts[target] if k != other] + [one]),
                lambda longer: longer <= 0 or chance() < exp(-longer / warmth),
            )

    def _exchange(
        self, source: tuple[int, list[int]], target: tuple[int, list[int]], accept: Callable[[int], bool]
    ) -> None:
        changed = (source, target)
        if not all(self.load.fits(members) for _, members in changed):
            return
        self.spent_us += 2 * self.price_us
        walks = [self.load.walk_mm(members) for _, members in changed]
        longer = sum(walks) - sum(self.lengths[number] for number, _ in changed)
        if accept(longer):
            self.length += longer
            for (number, members), walk_mm in zip(changed, walks, strict=True):
                self.carts[number], self.lengths[number] = members, walk_mm
                self.ground[number] = self.load.ground_without_each(members)
                for k in members:
                    self.cart_of[k] = number
