"""What every event can answer: where its goods went, whose promise it changed, which LPNs it carried along."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from app.stock.slots import CUSTOMER, LOST, SCRAP, SUPPLIER, Carry, Claim, Movement, Slot

FOR_TRANSFER = "~transfer "  # before a transfer's code where an order's would stand

ENDS = {SUPPLIER: "the supplier", CUSTOMER: "the customer", LOST: "lost", SCRAP: "scrap"}


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """A confirmed thing that happened. Subclasses carry a past-tense tag and only the fields that may vary."""

    leaves_hold: ClassVar[bool] = False  # may its movements take goods whose status or lot is on hold?

    feeds_orders: ClassVar[bool] = False  # brings goods to where they are picked or shipped from: no lot on hold then

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

    def stood_before(self) -> Sequence[Carry]:
        """How the LPNs it carried stood before, where the movements do not say it: nested, or closed."""
        return ()

    def in_words(self) -> str:
        """One line for the ledger page."""
        return "; ".join(f"{m.quantity} × {m.item}, {way_of(m)}" for m in self.movements())


def way_of(move: Movement) -> str:
    """From where to where: by LPN if there is one, by place where goods travelled inside theirs."""
    source, target = move.source, move.target
    if source.lpn and source.lpn == target.lpn:
        if source.location == target.location:
            return f"in {source.lpn}" + (
                f", {source.status} → {target.status}" if source.status != target.status else ""
            )
        return f"{source.location} → {target.location} in {source.lpn}"
    if source.location == target.location and not (source.lpn or target.lpn) and source.status != target.status:
        return f"{source.location}, {source.status} → {target.status}"
    return f"{_named(source)} → {_named(target)}"


def _named(slot: Slot) -> str:
    return slot.lpn or ENDS.get(slot.location, slot.location)


def order_of(line: str) -> str:
    """The order an order line's id belongs to: the id is `order/line`."""
    return line.rpartition("/")[0]


def lane_of(order: str) -> str:
    """The document of what is promised to an order, or to a transfer: `order 1001`, `transfer T-00004`."""
    return f"transfer {order.removeprefix(FOR_TRANSFER)}" if order.startswith(FOR_TRANSFER) else f"order {order}"
