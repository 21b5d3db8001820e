"""The rows a house begins with: single sampling plans for inspection by attributes, indexed by AQL.

Source: ISO 2859-1:1999, table 1 (code letters of the general levels I to III and the special levels S-1 to S-4, for
small samples of what is dear to open) and tables 2-A, 2-B and 2-C (single plans for normal, tightened and reduced
inspection); the same as ANSI/ASQ Z1.4, in reduced inspection without the gap between acceptance and rejection that
MIL-STD-105E had. The tables are diagonals: along a column of one AQL the acceptance numbers
follow one sequence, which begins a letter later with each smaller AQL. Their arrows are followed here already: a letter
without a plan of its own has the first one below it, or above.
"""

from typing import Any

LETTERS = "ABCDEFGHJKLMNPQR"  # without I and O
AQLS = ("0.065", "0.10", "0.15", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0", "6.5", "10")

# Upper ends of the lot sizes of table 1, and the letters of each level.
_LOTS = (8, 15, 25, 50, 90, 150, 280, 500, 1_200, 3_200, 10_000, 35_000, 150_000, 500_000, 0)
_LEVELS = {
    "S-1": "AAAABBBBCCCCDDD",
    "S-2": "AAABBBCCCDDDEEE",
    "S-3": "AABBCCDDEEFFGGH",
    "S-4": "AABCCDEEFGGHJJK",
    "I": "AABCCDEFGHJKLMN",
    "II": "ABCDEFGHJKLMNPQ",
    "III": "BCDEFGHJKLMNPQR",
}
_SIZES = {
    "normal": (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1_250, 2_000),
    "tightened": (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1_250, 2_000),
    "reduced": (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800),
}
_ACCEPT = {
    "normal": (1, 2, 3, 5, 7, 10, 14, 21),
    "tightened": (1, 2, 3, 5, 8, 12, 18),
    "reduced": (1, 2, 3, 5, 6, 8, 10),
}
_GAP = {"normal": 3, "tightened": 3, "reduced": 4}  # letters from acceptance number 0 to acceptance number 1


def letters() -> tuple[dict[str, Any], ...]:
    """Table 1, a row for each range of lot sizes and level."""
    return tuple(
        {"level": level, "lot_from": 1 if n == 0 else _LOTS[n - 1] + 1, "lot_to": end, "letter": codes[n]}
        for level, codes in _LEVELS.items()
        for n, end in enumerate(_LOTS)
    )


def plans() -> tuple[dict[str, Any], ...]:
    """Tables 2-A, 2-B and 2-C, arrows followed."""
    rows = []
    for severity, sizes in _SIZES.items():
        for column, aql in enumerate(AQLS):
            for at, letter in enumerate(LETTERS):
                size_of, accept = _plan(severity, column, at)
                rows.append(
                    {
                        "severity": severity, "letter": letter, "aql": aql, "size": sizes[size_of], "accept": accept,
                        "reject": accept + 1,
                    }
                )  # fmt: skip
    return tuple(rows)


def _plan(severity: str, column: int, at: int) -> tuple[int, int]:
    """(index of the letter whose sample is taken, acceptance number). Normal, AQL 6.5: letter A takes 2, accepts 0."""
    accept = _ACCEPT[severity]
    zero = AQLS.index("6.5") - column + (1 if severity == "tightened" else 0)  # the letter with acceptance number 0
    first = zero + _GAP[severity]
    last = min(first + len(accept) - 1, len(LETTERS) - 1)
    if at <= zero and zero >= 0:
        return zero, 0  # an arrow down, or the plan itself
    if at == zero + 1 and zero >= 0 and severity != "tightened":
        return zero, 0  # an arrow up
    if first > len(LETTERS) - 1:
        return zero, 0  # there is no plan below
    at = max(first, min(at, last))
    return at, accept[at - first]
