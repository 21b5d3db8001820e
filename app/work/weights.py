"""What a unit really weighs: learned from every carton whose units were all scanned and whose weight was accepted.

Item masters round, suppliers change the bottle, tape and paper weigh something too. Each closed carton is one equation,

    carton = box + Σ nᵢ · wᵢ + noise,

and each wᵢ is kept as a mean with two deviations: how unsure the mean still is (doubt) and how much units differ among
themselves (spread). A carton moves its means by a Kalman filter that keeps no covariances (R. E. Kalman, 1960; one scalar
measurement): with r the carton's weight less what was expected and S = Σ (nᵢ² doubtᵢ² + nᵢ spreadᵢ²) + NOISE² the variance
expected of r,

    gain = nᵢ doubtᵢ² / S,    wᵢ += gain · r,    doubtᵢ² *= 1 − nᵢ · gain,

and the spread follows r² − S, slower the more cartons were seen. The box with its padding is learned like an item. Once
everything in a carton was seen in ENOUGH cartons it may be off by SIGMAS deviations, never by more than the house allows;
so a missing spoon is noticed that a fixed share of the weight would have hidden.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, sqrt
from typing import Any

import msgspec
from sqlalchemy import Select, Table, and_, bindparam, func, select

from app.db import Tx
from app.schema.items import item
from app.schema.work import carton_type, learned_weight
from app.work.master_terms import put

ENOUGH = 5  # cartons, before a learned deviation is believed
SIGMAS = 4.0  # 1 good carton of 16,000 is looked into in vain, were weights normal
LEAST_G = 8  # no scale of a packing table tells less apart
NOISE_G = 3.0  # the scale, and a hand's breadth of tape
DRIFT_G = 0.05  # how much a mean may wander from one carton to the next
SLOWEST = 20  # cartons over which a spread forgets
MOST_UNITS = 5  # of one line that are thought to be missing or too many

ITEM, BOX = "item", "box"


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """Of one unit of an item, or of an empty carton with what is always in it; milligrams."""

    kind: str
    code: str
    told_g: int  # by the item master when learning began; another number begins anew
    mean_mg: int
    doubt_mg: int
    spread_mg: int
    cartons: int = 0

    @property
    def mean_g(self) -> float:
        return self.mean_mg / 1000

    @property
    def known(self) -> bool:
        """Told, or learned often enough."""
        return bool(self.told_g) or self.cartons >= ENOUGH


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of one weight in a carton."""

    weight: Weight
    quantity: int


_LEARNED = ("told_g", "mean_mg", "doubt_mg", "spread_mg", "cartons")


def _of(master: Table, kind: str, *more: str) -> Select[Any]:
    learned = and_(learned_weight.c.kind == kind, learned_weight.c.code == master.c.code)
    return (
        select(
            master.c.weight_g,
            *(func.coalesce(learned_weight.c[name], 0) for name in _LEARNED),
            *(master.c[name] for name in more),
        )
        .select_from(master.outerjoin(learned_weight, learned))
        .where(master.c.code == bindparam("of_code"))
    )


OF_ITEM, OF_BOX = _of(item, ITEM), _of(carton_type, BOX, "max_weight_g")
PUT = put(learned_weight)
_NOBODY = (0,) * 7


def of_item(tx: Tx, code: str) -> Weight:
    """What is known; where nothing was learned, or the item master says something new, what it says."""
    return _known(ITEM, code, tx.row(OF_ITEM, of_code=code) or _NOBODY)


def of_box(tx: Tx, code: str) -> tuple[Weight, int]:
    """An empty carton, and what it may weigh when full (0: no limit)."""
    row = tx.row(OF_BOX, of_code=code) or _NOBODY
    return _known(BOX, code, row), int(row[6])


def _known(kind: str, code: str, row: Sequence[Any]) -> Weight:
    told_g, of_g, mean, doubt, spread, cartons = row[:6]
    if not cartons or told_g != of_g:
        return told(kind, code, told_g)
    return Weight(kind=kind, code=code, told_g=told_g, mean_mg=mean, doubt_mg=doubt, spread_mg=spread, cartons=cartons)


@lru_cache(maxsize=4096)
def told(kind: str, code: str, grams: int) -> Weight:
    """As the item master says: right to some percent, a box with some padding in it."""
    doubt, spread = (max(2.0, grams * 0.04), max(0.5, grams * 0.01)) if kind == ITEM else (15.0, 6.0)
    return Weight(kind=kind, code=code, told_g=grams, mean_mg=grams * 1000, doubt_mg=_mg(doubt), spread_mg=_mg(spread))


def expected_g(lines: Sequence[Line], known_g: int = 0) -> int:
    """`known_g`: what was weighed when it came in."""
    return known_g + round(sum(line.quantity * line.weight.mean_g for line in lines))


def tolerance_g(lines: Sequence[Line]) -> int:
    """How far off a good carton may be by what was learned; 0 while there is too little to go by."""
    if not lines or any(line.weight.cartons < ENOUGH for line in lines):
        return 0
    return max(LEAST_G, ceil(SIGMAS * sqrt(_variance(lines))))


def learned(lines: Sequence[Line], off_g: float) -> tuple[Weight, ...]:
    """The weights after one more carton that weighed `off_g` more than expected.

    A weight nobody told is what such a carton leaves over for it; where two are missing, or the box was the packer's own
    choice, nothing is learned.
    """
    if any(not line.weight.code for line in lines):
        return ()
    blank = [line for line in lines if not line.weight.mean_mg]
    if blank:
        if len(blank) > 1 or off_g <= 0:
            return ()
        [line] = blank
        first = told(line.weight.kind, line.weight.code, round(off_g / line.quantity))
        return (msgspec.structs.replace(first, told_g=0, cartons=1),)
    variance = _variance(lines)
    total = sum(line.quantity * line.weight.mean_g for line in lines)
    after = []
    for line in lines:
        n, weight = line.quantity, line.weight
        doubt = (weight.doubt_mg / 1000) ** 2
        gain = n * doubt / variance
        share = n * weight.mean_g / total if total > 0 else 0.0
        pace = share / n / min(weight.cartons + 1, SLOWEST)
        spread = (weight.spread_mg / 1000) ** 2 + pace * (off_g**2 - variance)
        after.append(
            msgspec.structs.replace(
                weight,
                mean_mg=max(0, round(weight.mean_mg + gain * off_g * 1000)),
                doubt_mg=_mg(sqrt(max(0.0, doubt * (1 - n * gain)) + DRIFT_G**2)),
                spread_mg=_mg(sqrt(max(0.01, spread))),
                cartons=weight.cartons + 1,
            )
        )
    return tuple(after)


def keep(tx: Tx, weights: Sequence[Weight]) -> None:
    for weight in weights:
        tx.run(PUT, **msgspec.structs.asdict(weight))


def culprit(lines: Sequence[Line], off_g: int, within_g: int) -> str:
    """Which line explains the difference, in words: `1 SPOON too many`. Empty where none does."""
    if abs(off_g) <= within_g:
        return ""
    found: list[tuple[int, float, str]] = []
    for line in lines:
        unit = line.weight.mean_g
        most = min(MOST_UNITS, line.quantity) if off_g < 0 else MOST_UNITS
        if line.weight.kind != ITEM or unit <= within_g / 2:
            continue  # too light to be told from what a good carton may be off by
        units = min(most, max(1, round(abs(off_g) / unit)))
        rest = abs(abs(off_g) - units * unit)
        if rest <= within_g:
            found.append((units, rest, line.weight.code))
    if not found:
        return ""
    units, _, code = min(found)
    return f"{units} {code} {'missing' if off_g < 0 else 'too many'}"


def _variance(lines: Sequence[Line]) -> float:
    return NOISE_G**2 + sum(
        line.quantity**2 * (line.weight.doubt_mg / 1000) ** 2 + line.quantity * (line.weight.spread_mg / 1000) ** 2
        for line in lines
    )


def _mg(grams: float) -> int:
    return round(grams * 1000)
