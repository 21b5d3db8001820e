"""Which worker, item or place has more shorts, losses, corrections or returns than chance explains: a plain statistic.

All subjects of one list are asked the same question: if the list's K cases had been dealt out by chance over its N
occasions (picks, takes), how likely would these n occasions get k of them or more?

    P(X ≥ k) = Σ_{x ≥ k} C(K, x) · C(N − K, n − x) / C(N, n)

That is Fisher's exact test, one-sided (R. A. Fisher, The Design of Experiments, 1935): nothing is estimated, so it also
holds for small numbers. As many subjects are asked at once, one of hundred would stand out by chance alone; so a list is
cut by Benjamini and Hochberg's rule (J. R. Statist. Soc. B 57, 1995): of the m subjects in the order of their chance, the
i-th is named while its chance is at most i/m · ONE_LIST. On a fair floor no more than that share of lists names anybody.
Busy days repeat one cause (an empty bin is found short five times), so the same thing at the same place by the same
worker on one day counts once (unusual_facts.py). A number names nobody guilty: a person looks at the rows and decides.
"""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

Measure = Literal["short", "shrinkage", "adjustment", "returned"]
Of = Literal["worker", "item", "location"]

ONE_LIST = 0.05  # of the lists of a fair floor name somebody
LEAST_CASES = 3  # fewer are never named, whatever they are worth
SMALLEST = 1e-9
SMALL = 1e-200  # a float still has all its digits

# measure: (one case, more of them, what they happen in)
WORDS: dict[str, tuple[str, str, str]] = {
    "short": ("short", "shorts", "picks"),
    "shrinkage": ("loss", "losses", "takes"),
    "adjustment": ("correction", "corrections", "takes"),
    "returned": ("return", "returns", "picks"),
}
TITLES = {"short": "Short picks", "shrinkage": "Shrinkage", "adjustment": "Adjustments", "returned": "Returns"}


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How often it happened to one subject, in how many occasions."""

    subject: str
    cases: int
    of: int
    units: int = 0


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    measure: str
    kind: str
    subject: str
    cases: int
    of: int
    units: int
    others_cases: int
    others_of: int
    chance: float
    judged: int  # subjects in the list
    unusual: bool

    @property
    def rate(self) -> float:
        return self.cases / self.of if self.of else 0.0

    @property
    def others(self) -> float:
        return self.others_cases / self.others_of if self.others_of else 0.0

    @property
    def sentence(self) -> str:
        """`12 shorts in 340 picks (3.5 %); others 1.1 %; one in 4,000 by chance.`"""
        one, more, occasions = WORDS[self.measure]
        return (
            f"{self.cases} {one if self.cases == 1 else more} in {self.of:,} {occasions} ({percent(self.rate)}); "
            f"others {percent(self.others) if self.others_cases else 'none'}; {odds(self.chance)} by chance."
        )


def chance(cases: int, of: int, all_cases: int, all_of: int) -> float:
    """P(X ≥ cases) for X hypergeometric: `of` of `all_of` occasions, among which are `all_cases` cases."""
    most = min(of, all_cases)
    if cases <= max(0, of + all_cases - all_of):
        return 1.0
    total = 0.0
    base = _log_choose(all_of, of)
    term = 0.0  # each is made from the one before it, where that one is not too small to be told from nothing
    for x in range(cases, most + 1):
        if term > SMALL:
            term *= (all_cases - x + 1) * (of - x + 1) / (x * (all_of - all_cases - of + x))
        else:
            term = math.exp(_log_choose(all_cases, x) + _log_choose(all_of - all_cases, of - x) - base)
        total += term
        if term < total * 1e-12:
            break
    return min(1.0, total)


def _log_choose(n: int, k: int) -> float:
    if k < 0 or k > n:
        return -math.inf
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def judge(measure: str, kind: str, tallies: Sequence[Tally]) -> list[Judged]:
    """One list, the least likely first; those that chance does not explain are marked."""
    real = [one for one in tallies if one.of > 0]
    cases, occasions = sum(one.cases for one in real), sum(one.of for one in real)
    chances = {one.subject: chance(one.cases, one.of, cases, occasions) for one in real}
    order = sorted(real, key=lambda one: (chances[one.subject], -one.cases, one.subject))
    passed = [n for n, one in enumerate(order, 1) if chances[one.subject] <= ONE_LIST * n / len(order)]
    named = max(passed, default=0)
    return [
        Judged(
            measure=measure,
            kind=kind,
            subject=one.subject,
            cases=one.cases,
            of=one.of,
            units=one.units,
            others_cases=cases - one.cases,
            others_of=occasions - one.of,
            chance=chances[one.subject],
            judged=len(order),
            unusual=n <= named and one.cases >= LEAST_CASES,
        )
        for n, one in enumerate(order, 1)
    ]


def percent(rate: float) -> str:
    """`3.5 %`, `0.02 %`."""
    value = 100 * rate
    return f"{value:.1f} %" if value >= 0.1 or not value else f"{value:.2f} %"


def odds(value: float) -> str:
    """`one in 4,000`, to two figures."""
    if value < SMALLEST:
        return "less than one in a billion"
    if value > 0.4:
        return "quite likely"
    times = 1 / value
    digits = max(0, int(math.log10(times)) - 1)
    return f"one in {round(times / 10**digits) * 10**digits:,}"
