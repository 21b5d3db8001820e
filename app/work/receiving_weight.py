"""Catch weight: goods counted by the piece and paid by the gram, so each receipt is weighed.

A variable-measure label (GS1 310n) says the weight of what it is on; where labels are silent the whole count is put on
the scale once. The item master knows between which weights one base unit lies, and a weight outside of that is a scale
not at zero, a pallet weighed along, or other goods: it is refused before it is booked.
"""

from app.errors import Wrong
from app.work.receipts import Item

MOST_G = 30_000_000  # a full truck: beyond it a weight was mistyped


class CatchWeightOff(Wrong):
    code, title = "catch_weight_off", "Weight cannot be"
    says = "{scanned} for {count} × {item}: {expected} was expected."
    todo = "Weigh again, or count again."


def check(of: Item, count: int, grams: int) -> None:
    """Raises CatchWeightOff where `grams` cannot be the weight of `count` base units."""
    low, high = of.min_weight_g * count, of.max_weight_g * count
    if grams < max(1, low) or grams > (min(high, MOST_G) if high else MOST_G):
        raise CatchWeightOff(count=count, item=of.code, scanned=in_words(grams), expected=_bounds(low, high))


def _bounds(low: int, high: int) -> str:
    if low and high:
        return f"{in_words(low)} to {in_words(high)}"
    return f"at most {in_words(high)}" if high else f"at least {in_words(max(low, 1))}"


def in_words(grams: int) -> str:
    """`850 g`, `12.340 kg`."""
    return f"{grams} g" if grams < 1000 else f"{grams // 1000}.{grams % 1000:03d} kg"
