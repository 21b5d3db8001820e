"""What is packed and what it is packed in: items with their measures, and the cartons on the packing table's shelf.

Lengths are whole millimetres, weights whole grams. Master data is never complete, so a measure nobody took is None,
not zero.
"""

from msgspec import Struct


class Goods(Struct, frozen=True, kw_only=True):
    """Some of one item. A measure nobody took is None; `upright` things are never laid on a side."""

    item: str
    count: int
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    weight_g: int | None = None
    upright: bool = False
    fragile: bool = False

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"{self.item}: at least one must be packed, not {self.count}.")
        if any(side is not None and side < 1 for side in (self.length_mm, self.width_mm, self.height_mm)):
            raise ValueError(f"{self.item}: a side has at least one millimetre.")
        if self.weight_g is not None and self.weight_g < 0:
            raise ValueError(f"{self.item}: a weight is never negative.")

    def size(self) -> tuple[int, int, int] | None:
        if self.length_mm is None or self.width_mm is None or self.height_mm is None:
            return None
        return self.length_mm, self.width_mm, self.height_mm


class CartonType(Struct, frozen=True, kw_only=True):
    """A carton as it stands open on the packing table: inner measures, and what it may weigh when full."""

    carton: str
    length_mm: int
    width_mm: int
    height_mm: int
    empty_weight_g: int = 0
    max_weight_g: int | None = None

    def __post_init__(self) -> None:
        if min(self.size()) < 1:
            raise ValueError(f"{self.carton}: a side has at least one millimetre.")

    def size(self) -> tuple[int, int, int]:
        return self.length_mm, self.width_mm, self.height_mm

    def volume(self) -> int:
        return self.length_mm * self.width_mm * self.height_mm

    def may_hold_g(self, loose_g: int = 0) -> int | None:
        """Beside the carton itself and what is put in without a plan."""
        return None if self.max_weight_g is None else max(0, self.max_weight_g - self.empty_weight_g - loose_g)
