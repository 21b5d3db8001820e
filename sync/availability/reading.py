"""What may be sold now, read from the same rows and by the same rule as a promise is made (`app/work/allocation.py`).

So the feed never offers what a release would not give: goods on hold, expired, at the dock, in somebody's hand, in a
blocked bin or one somebody just found short. What orders and transfers still want without a promise is taken off, too.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Integer, bindparam, cast, func, literal, or_, select

from app.db import Tx
from app.schema.documents import order_line, sales_order
from app.schema.items import item as items
from app.schema.places import site
from app.schema.stock import allocation as promise
from app.schema.stock import balance
from app.schema.storage import transfer, transfer_line
from app.stock import journal
from app.stock.events.base import FOR_TRANSFER, Event
from app.stock.journal import Entry
from app.work import allocation
from sync.availability.said import Available, Lying, OnHand
from sync.messages import EVENTS

MOST_EVENTS = 1_000  # read at a time
BARRED = ("hold", "expired")
WANTING = ("pool", "held", "waved", "picking", "picked", "packing", "packed", "staged", "loaded")

DEMAND = frozenset({"orders", "transfers", "waves", "inbox"})  # news after which other quantities may be wanted
CLAIMING = frozenset(kind for kind, event in EVENTS.items() if event.claims is not Event.claims) | {"shipped"}

_OPEN = (
    order_line.c.quantity - order_line.c.allocated - order_line.c.picked - order_line.c.short - order_line.c.cancelled
)
ORDERED = (
    select(order_line.c.item, cast(func.sum(_OPEN), Integer))
    .select_from(order_line.join(sales_order, sales_order.c.code == order_line.c.order_code))
    .where(or_(*(sales_order.c.state == state for state in WANTING)), _OPEN > 0)
    .group_by(order_line.c.item)
)
_PROMISED = (
    select(cast(func.coalesce(func.sum(promise.c.quantity), 0), Integer))
    .where(promise.c.line == literal(FOR_TRANSFER) + transfer_line.c.transfer + literal("/") + transfer_line.c.line)
    .scalar_subquery()
)
TRANSFERRED = (
    select(transfer_line.c.item, transfer_line.c.quantity - transfer_line.c.shipped - _PROMISED)
    .select_from(
        transfer_line.join(transfer, transfer.c.code == transfer_line.c.transfer).join(
            site, site.c.code == transfer.c.source
        )
    )
    .where(transfer.c.state == "open", transfer_line.c.quantity > transfer_line.c.shipped)
)
ITEMS = select(items.c.code).where(items.c.code > bindparam("past")).order_by(items.c.code).limit(bindparam("most"))
ON_HAND = (
    select(balance.c.item, balance.c.status, cast(func.sum(balance.c.quantity), Integer), balance.c.lot)
    .where(balance.c.quantity > 0)
    .group_by(balance.c.item, balance.c.status, balance.c.lot)
    .order_by(balance.c.item, balance.c.lot, balance.c.status)
)


def wanted(tx: Tx) -> dict[str, int]:
    """By item, what orders and outgoing transfers still want and is not promised to them."""
    found = {str(code): int(quantity) for code, quantity in tx.rows(ORDERED)}
    for code, quantity in tx.rows(TRANSFERRED):
        if quantity > 0:
            found[code] = found.get(code, 0) + int(quantity)
    return found


def of_item(tx: Tx, code: str, ordered: int, today: str, home: str) -> Available:
    """`home`: the site of what lies in no place of a certain site, such as a worker's hand."""
    sums: dict[tuple[str, str, str], dict[str, int]] = {}
    for _, _, lot, status, quantity, allocated, _, kind, blocked, _, expiry, held, counting, at in tx.rows(
        allocation.STOCK_OF, item=code
    ):
        why = allocation.why_barred(status, kind, blocked, expiry, held, counting, today)
        into = sums.setdefault(
            (at or home, status, lot), dict.fromkeys(("on_hand", "promised", "free", "later", "barred"), 0)
        )
        into["on_hand"] += quantity
        into["promised"] += allocated
        into["free" if not why else "barred" if why in BARRED else "later"] += quantity - allocated
    stock = tuple(Lying(site=at, status=status, lot=lot, **sums[at, status, lot]) for at, status, lot in sorted(sums))
    return Available(item=code, sellable=max(0, sum(one.free for one in stock) - ordered), ordered=ordered, stock=stock)


def touched(entries: Iterable[Entry]) -> set[str]:
    """The items these events are about."""
    found: set[str] = set()
    for entry in entries:
        event = entry.event
        found.update(move.item for move in event.movements())
        found.update(claim.item for claim in event.claims())
        found.add(str(getattr(event, "item", "")))
    return found - {""}


def events_after(tx: Tx, seq: int) -> list[Entry]:
    return journal.after(tx, seq, MOST_EVENTS)


def items_after(tx: Tx, past: str, most: int) -> list[str]:
    """The next items of the master, by code."""
    return [str(row[0]) for row in tx.rows(ITEMS, past=past, most=most)]


def on_hand(tx: Tx) -> tuple[OnHand, ...]:
    return tuple(
        OnHand(item=item, status=status, quantity=quantity, lot=lot) for item, status, quantity, lot in tx.rows(ON_HAND)
    )


def differing(before: Mapping[str, int], now: Mapping[str, int]) -> set[str]:
    """Items of which another quantity is wanted than before."""
    return {code for code in before.keys() | now.keys() if before.get(code, 0) != now.get(code, 0)}
