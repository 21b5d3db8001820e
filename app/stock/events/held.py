"""A lot stopped, and set free again. Nothing moves; from now on no path may promise it or let it leave."""

from typing import Literal

from app.stock.events.base import Event


class LotHeld(Event, frozen=True, kw_only=True, omit_defaults=True, tag="lot_held"):
    """Somebody here, or the ERP, put a lot on hold or recalled it. Its promises are given back by events of their own."""

    hold: str
    item: str
    lot: str
    kind: Literal["hold", "recall"]
    reason: str
    source: str = ""  # who asked from outside
    on_hand: int = 0  # base units in the house at that moment
    gone: int = 0  # base units customers have

    @property
    def document(self) -> str:
        return f"item {self.item}"

    def in_words(self) -> str:
        did = "recalled" if self.kind == "recall" else "put on hold"
        return f"lot {self.lot} of {self.item} {did}: {self.reason} ({self.on_hand} here, {self.gone} with customers)"


class LotReleased(Event, frozen=True, kw_only=True, omit_defaults=True, tag="lot_released"):
    """Somebody else than who held it, or the ERP, cleared one hold. `still_held`: another one goes on."""

    hold: str
    item: str
    lot: str
    kind: Literal["hold", "recall"]
    reason: str
    held_by: str = ""
    source: str = ""
    still_held: bool = False

    @property
    def document(self) -> str:
        return f"item {self.item}"

    def in_words(self) -> str:
        more = ", another hold goes on" if self.still_held else ""
        return f"{self.kind} of lot {self.lot} of {self.item} cleared: {self.reason}{more}"
