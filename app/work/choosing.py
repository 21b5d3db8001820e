"""Which bins one line is taken from: the oldest goods first, then as few stops as can be.

A line is a small subset problem, solved exactly. Balances fall into ages: the lot's expiry first, then the day the goods
came in. Ages are emptied in order, so nothing younger leaves while something older could; only in the age that the line
does not empty is there a choice, and there the fewest stops win, then whole cases left whole, then pick faces before
reserves, then the walking order. Taking the largest places first proves how few stops are needed, so only sets of
that size are compared.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby, islice

import msgspec

from app import clock
from app.stock.slots import Slot

MOST_SETS = 20_000  # sets of places compared for one line; beyond it the first in walking order that serve are taken
NEVER = "9999-12-31"  # goods without a date spoil last


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """What lies free in one slot and may be promised."""

    item: str
    slot: Slot
    free: int
    expiry: str = ""  # ISO date
    since: int = 0  # µs of arrival
    reserve: bool = False
    sequence: int = 0  # in walking order
    case: int = 0  # base units in a case; 0: none

    @property
    def age(self) -> tuple[str, int]:
        return self.expiry or NEVER, self.since // clock.DAY

    @property
    def rank(self) -> tuple[object, ...]:
        """Pick face before reserve, then walking order; the rest makes it one order only."""
        return self.reserve, self.sequence, self.slot.location, self.slot.lpn, self.slot.lot


class Part(msgspec.Struct, frozen=True, kw_only=True):
    stock: Stock
    quantity: int


def choose(stock: Sequence[Stock], quantity: int) -> tuple[Part, ...]:
    """The parts that make up `quantity`, or all there is when it is less. The same stock gives the same answer."""
    parts: list[Part] = []
    for _, alike in groupby(sorted(stock, key=lambda s: (s.age, s.rank)), key=lambda s: s.age):
        same_age = list(alike)
        if sum(s.free for s in same_age) > quantity:
            visited = frozenset(part.stock.slot.location for part in parts)
            parts += _some_of(same_age, quantity, visited)
            break
        parts += [Part(stock=s, quantity=s.free) for s in same_age]
        quantity -= sum(s.free for s in same_age)
        if not quantity:
            break
    return tuple(parts)


def _some_of(stock: list[Stock], quantity: int, visited: frozenset[str]) -> list[Part]:
    """`quantity` of goods of one age; there is more of it than that."""
    if not quantity:
        return []
    places: dict[str, list[Stock]] = {}
    for each in stock:
        places.setdefault(each.slot.location, []).append(each)
    holds = {place: sum(each.free for each in there) for place, there in places.items()}
    at_hand = sum(holds[place] for place in places if place in visited)
    new = [place for place in places if place not in visited]
    stops, still = 0, quantity - at_hand
    for most in sorted((holds[place] for place in new), reverse=True):
        if still <= 0:
            break
        stops, still = stops + 1, still - most
    at_hand_stock = _all(places, (place for place in places if place in visited))
    candidates = [
        _taken([*at_hand_stock, *_all(places, chosen)], quantity)
        for chosen in _sets(new, stops, holds, quantity - at_hand)
    ]
    return min(candidates, key=lambda parts: cost(parts, visited))


def _all(places: dict[str, list[Stock]], chosen: Iterable[str]) -> list[Stock]:
    return [each for place in chosen for each in places[place]]


def _sets(places: list[str], size: int, holds: dict[str, int], needed: int) -> Iterator[tuple[str, ...]]:
    """Every set of `size` places that holds enough; where that is too many to look at, the first few that serve."""
    if not size:
        yield ()
        return
    served = False
    for chosen in islice(combinations(places, size), MOST_SETS):
        if sum(holds[place] for place in chosen) >= needed:
            served = True
            yield chosen
    if not served:
        yield tuple(sorted(places, key=lambda place: (-holds[place], places.index(place)))[:size])


def _taken(stock: list[Stock], quantity: int) -> list[Part]:
    """All of these places are visited. Whole cases come from reserves, the rest from pick faces, and only what then
    still lacks opens a case: in as few reserves as can be."""
    loose = sorted((s for s in stock if not s.reserve), key=lambda s: s.rank)
    reserves = sorted((s for s in stock if s.reserve), key=lambda s: s.rank)
    taken = dict.fromkeys(range(len(reserves)), 0)
    for at, each in enumerate(reserves):
        taken[at] = min(each.free, quantity) // each.case * each.case if each.case else 0
        quantity -= taken[at]
    parts = []
    for each in loose:
        take = min(each.free, quantity)
        quantity -= take
        parts += [Part(stock=each, quantity=take)] if take else []
    for at in sorted(taken, key=lambda at: taken[at] - reserves[at].free):
        more = min(reserves[at].free - taken[at], quantity)
        taken[at] += more
        quantity -= more
    return parts + [Part(stock=reserves[at], quantity=took) for at, took in taken.items() if took]


def cost(parts: Sequence[Part], visited: frozenset[str] = frozenset()) -> tuple[int, int, list[tuple[object, ...]]]:
    """Lowest is best: further stops, cases opened, then pick faces and walking order."""
    stops = len({part.stock.slot.location for part in parts} - visited)
    opened = sum(part.quantity % part.stock.case > 0 for part in parts if part.stock.reserve and part.stock.case)
    return stops, opened, sorted(part.stock.rank for part in parts)
