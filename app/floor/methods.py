"""A screen's answers are its methods: what typing means there, and calling one with what was scanned, typed or tapped.

What a method takes is read off its signature, so that a tap with a value nobody asked for is a code nobody knows.
"""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from app.errors import Unknown
from app.floor import screens
from app.floor.floor import Floor
from app.floor.screens import Screen
from app.stock.quantity import parse_measure, parse_quantity

PARSED: dict[str, Callable[[str], int | str]] = {"quantity": parse_quantity, "measure": parse_measure}


def typing_means(screen: Screen) -> str | None:
    """What typing means here: a quantity, a measurement, a date, a text; or None, then it is a code typed instead of scanned."""
    takes = screens.takes(type(screen))
    return next((kind for kind in screens.TYPED if kind in takes), None)


def call(method: Callable[..., Screen], floor: Floor, *values: Any) -> Screen:
    least, most = _takes(method.__func__)  # type: ignore[attr-defined]
    if not least <= len(values) <= most:
        raise Unknown(scanned=method.__name__.removeprefix("tap_").removeprefix("on_"))
    return method(floor, *values)


@cache
def _takes(function: Callable[..., Screen]) -> tuple[int, int]:
    """How many values a screen's method wants, and takes, besides itself and the floor."""
    wanted = list(inspect.signature(function).parameters.values())[2:]
    return sum(one.default is one.empty for one in wanted), len(wanted)
