"""What every event can answer: where its goods went, whose promise it changed, which LPNs it carried along."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from app.stock.slots import Carry, Claim, Movement


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """A confirmed thing that happened. Subclasses carry a past-tense tag and only the fields that may vary."""

    leaves_hold: ClassVar[bool] = False  # may its movements take goods whose status or lot is on hold?

    @property
    def document(self) -> str:
        """The lane it is delivered in: events of one document reach the ERP in order."""
        return ""

    def movements(self) -> Sequence[Movement]:
        return ()

    def claims(self) -> Sequence[Claim]:
        return ()

    def carries(self) -> Sequence[Carry]:
        return ()

    def in_words(self) -> str:
        """One line for the ledger page."""
        return "; ".join(
            f"{m.quantity} × {m.item}, {m.source.lpn or m.source.location} → {m.target.lpn or m.target.location}"
            for m in self.movements()
        )


def order_of(line: str) -> str:
    """The order an order line's id belongs to: the id is `order/line`."""
    return line.rpartition("/")[0]
