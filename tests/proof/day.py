"""A day of orders: real ones where the planning data is at hand, else generated ones of the same shape.

Real: consecutive orders of the UCI Online Retail set (Chen, Sain & Guo 2012; `online_retail.json.gz` in the folder that
PICKFACE_PLANNING_DATA names). An order is taken as it is or left out whole, never altered; lines of one item are added
up. Generated: lines per order, quantities and popularity drawn from that set's own distribution, from a seed.
"""

import gzip
import json
import os
from bisect import bisect_left
from pathlib import Path
from random import Random
from typing import NamedTuple

SETTING = "PICKFACE_PLANNING_DATA"
FILE = "online_retail.json.gz"
SKUS = 3900
# Lines per order at these parts of all orders, and how often a line asks for how many.
LINES_AT = ((0.0, 1), (0.1, 1), (0.25, 6), (0.5, 15), (0.75, 28), (0.9, 51), (0.99, 215), (1.0, 300))
QUANTITIES = {1: 27, 2: 14, 3: 6, 4: 7, 6: 12, 8: 4, 10: 6, 12: 12, 16: 1, 20: 2, 24: 5, 36: 1, 48: 2, 100: 1}

Order = dict[str, int]  # item → pieces


class Day(NamedTuple):
    orders: list[Order]
    is_real: bool
    about: str


def day_of_orders(orders: int, min_lines: int, seed: int, most_lines: int | None, most_units: int | None) -> Day:
    """`orders` orders with at least `min_lines` lines together, and not many more than that.

    `most_lines` per order and `most_units` per line leave out orders that go out by the pallet, not over a cart.
    """
    folder = os.environ.get(SETTING, "")
    file = Path(folder) / FILE
    if folder and file.is_file():
        return _real(file, orders, min_lines, seed, most_lines, most_units)
    why = f"{SETTING} is not set" if not folder else f"{file} is not there"
    return _generated(orders, min_lines, seed, most_lines, most_units, why)


def _real(file: Path, orders: int, min_lines: int, seed: int, most_lines: int | None, most_units: int | None) -> Day:
    with gzip.open(file) as packed:
        kept = json.load(packed)
    skus = [sku.upper() for sku in kept["skus"]]
    dated: list[tuple[str, Order]] = []
    for at, lines in kept["orders"]:
        order: Order = {}
        for sku, quantity in lines:
            order[skus[sku]] = order.get(skus[sku], 0) + quantity
        if (most_lines is None or len(order) <= most_lines) and (
            most_units is None or max(order.values()) <= most_units
        ):
            dated.append((at, order))
    sums = [0]
    for _, order in dated:
        sums.append(sums[-1] + len(order))
    starts = [s for s in range(len(dated) - orders + 1) if sums[s + orders] - sums[s] >= min_lines]
    if not starts:
        raise ValueError(f"No {orders} orders in a row have {min_lines} lines together.")
    closest = sorted(starts, key=lambda s: sums[s + orders] - sums[s])[:50]
    start = Random(seed).choice(closest)
    chosen = dated[start : start + orders]
    left_out = len(kept["orders"]) - len(dated)
    limits = f" ({left_out} of {len(kept['orders'])} orders left out as too large for a cart)" if left_out else ""
    about = f"real orders of {chosen[0][0]} to {chosen[-1][0]}, Online Retail{limits}"
    return Day(orders=[order for _, order in chosen], is_real=True, about=about)


def _generated(orders: int, min_lines: int, seed: int, most_lines: int | None, most_units: int | None, why: str) -> Day:
    random = Random(seed)
    popularity = [1 / (rank + 20) ** 0.8 for rank in range(SKUS)]
    amounts, weights = zip(*((q, w) for q, w in QUANTITIES.items() if q <= (most_units or q)), strict=True)
    counts = [min(_lines(random), most_lines or SKUS) for _ in range(orders)]
    if orders * (most_lines or SKUS) < min_lines:
        raise ValueError(f"{orders} orders of at most {most_lines} lines never have {min_lines} together.")
    while sum(counts) < min_lines:
        smallest = counts.index(min(counts))
        counts[smallest] = min(counts[smallest] + _lines(random), most_lines or SKUS)
    day: list[Order] = []
    for count in counts:
        order: Order = {}
        while len(order) < count:
            item = f"G{random.choices(range(SKUS), popularity)[0] + 10_000}"
            order.setdefault(item, random.choices(amounts, weights)[0])
        day.append(order)
    return Day(orders=day, is_real=False, about=f"GENERATED orders of the same shape, seed {seed}, because {why}")


def _lines(random: Random) -> int:
    part = random.random()
    upper = bisect_left(LINES_AT, (part, 0))
    (low, few), (high, many) = LINES_AT[upper - 1], LINES_AT[upper]
    return round(few + (many - few) * (part - low) / (high - low))
