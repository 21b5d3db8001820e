"""How much more than ordered may come in, and on which lines it is booked.

Tolerance belongs to the item: a percentage of what was ordered, a quantity, or both, and then the smaller holds. Lines of
the same item on one PO are filled in their order, and only the last takes what is more than ordered.
"""

from collections.abc import Callable, Sequence

import msgspec

from app.errors import NeedsRelease, ScanAgain
from app.work.receipts import Item, Line


class OverOrdered(ScanAgain):
    code, title = "over_ordered", "More than ordered"
    says = "{ordered} × {item} were ordered, {total} would be here: {over} too many.{beside}"
    todo = "Sure? Do the same again."


class OverTolerance(NeedsRelease):
    """A supervisor may release it, within their own limit of per cent over the order."""

    code, title, http = "over_tolerance", "Too many", 409
    says = "{ordered} × {item} were ordered, at most {most} may come in; {total} would be here.{beside}"
    todo = "Put the rest aside, or let a supervisor release it."


def tolerated(of: Item, ordered: int) -> int:
    """How many more than ordered may come in without a supervisor; 0 where the item says nothing."""
    limits = [
        limit
        for limit, said in (
            (ordered * of.over_receipt_percent // 100, of.over_receipt_percent),
            (of.over_receipt_quantity, of.over_receipt_quantity),
        )
        if said
    ]
    return min(limits, default=0)


def check_amount(of: Item, mine: Sequence[Line], quantity: int, beside: Callable[[], str]) -> OverOrdered | None:
    """The warning due for `quantity` more of an item, None where it fits the order. Raises OverTolerance.

    `beside` names who else received on these lines just now; it is asked only when something is refused.
    """
    ordered = sum(line.quantity for line in mine)
    total = sum(line.received for line in mine) + quantity
    most = ordered + tolerated(of, ordered)
    if total > most:
        raise OverTolerance(
            ordered=ordered,
            item=of.code,
            most=most,
            total=total,
            beside=beside(),
            expected=f"at most {most}",
            kind="over_receipt_percent",
            limit=of.over_receipt_percent,
            amount=-(-100 * (total - ordered) // ordered),
        )
    if total > ordered:
        return OverOrdered(
            ordered=ordered,
            item=of.code,
            total=total,
            over=total - ordered,
            beside=beside(),
            expected=str(ordered),
        )
    return None


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a quantity that one line takes."""

    line: str
    quantity: int
    over: int


def share_out(mine: Sequence[Line], quantity: int) -> list[Share]:
    """A counted quantity over an item's lines: each filled in its order, the last takes what is over."""
    shares: list[Share] = []
    for line in mine[:-1]:
        if taken := min(line.left, quantity):
            shares.append(Share(line=line.line, quantity=taken, over=0))
            quantity -= taken
    if quantity:
        last = mine[-1]
        shares.append(Share(line=last.line, quantity=quantity, over=max(0, quantity - last.left)))
    return shares
