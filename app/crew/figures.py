"""What a crew did, in numbers and in words."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from app.crew.client import Entry
from app.crew.warehouse import Warehouse


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a crew did, in numbers."""

    orders: int
    lines: int
    scans: int
    seconds: float
    scans_per_s: float
    p50_ms: float
    p99_ms: float
    wrong: int  # on purpose
    refused: int  # of those
    kinds: dict[str, int]
    sent_again: int  # scans that needed more than one try
    reprints: int
    shorts_found: int
    cartons: int
    waves: int
    is_over: bool
    odd: tuple[str, ...]

    def in_words(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items()))
        told = [
            f"{self.scans} scans in {self.seconds:.1f} s: {self.scans_per_s:.0f} a second, "
            f"p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms",
            f"{self.wrong} wrong on purpose, {self.refused} of them refused ({kinds or 'none'})",
            f"{self.orders} orders of {self.lines} lines, {self.waves} waves, {self.cartons} cartons shipped",
            f"{self.shorts_found} bins found short, {self.sent_again} scans sent again, {self.reprints} labels reprinted",
            "The day is done." if self.is_over else "The day is not done.",
        ]
        return "\n".join([*told, *(f"ODD: {what}" for what in self.odd)])


def count(house: Warehouse, log: Sequence[Entry], seconds: float, reprints: int, odd: Sequence[str]) -> Figures:
    """The figures of a shift; latencies are of scans answered at the first try."""
    entries = list(log)
    times = sorted(entry.ms for entry in entries if entry.tries == 1) or [0.0]
    wrong = [entry for entry in entries if entry.wrong]
    orders = {box.order for box in house.gone}
    return Figures(
        orders=len(orders),
        lines=sum(len(house.truth.orders[order].lines) for order in orders),
        scans=len(entries),
        seconds=round(seconds, 1),
        scans_per_s=round(len(entries) / seconds, 1),
        p50_ms=round(times[len(times) // 2], 2),
        p99_ms=round(times[len(times) * 99 // 100], 2),
        wrong=len(wrong),
        refused=sum(entry.outcome in entry.expected for entry in wrong),
        kinds=dict(Counter(entry.wrong for entry in wrong)),
        sent_again=sum(entry.tries > 1 for entry in entries),
        reprints=reprints,
        shorts_found=len(house.found),
        cartons=len(house.gone),
        waves=house.waves,
        is_over=house.is_over,
        odd=tuple(odd),
    )
