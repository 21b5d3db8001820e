"""Stock as a ledger sees it: whole units per item, lot and status over the whole house, wherever in it they lie.

What the floor has, and what of it one ERP cannot have yet: events it was not told, was told without an answer, did not
take, or will never hear of because two people discarded them. All sums come from movements and balances in one
statement each, from one snapshot.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, func, select

from app.db import Row, Tx
from app.schema.stock import balance, journal, movement
from app.schema.sync import delivery
from app.stock.slots import ENDLESS
from sync.stories import OPEN

Stock = tuple[str, str, str]  # item, lot, status
Sums = dict[Stock, int]


def _moved(side: str, over: FromClause, *where: ColumnElement[bool]) -> Any:
    """What left (`source`) or came (`target`), of places that are ours."""
    place, status = movement.c[side], movement.c[f"{side}_status"]
    return (
        select(movement.c.item, movement.c.lot, status, func.sum(movement.c.quantity))
        .select_from(over)
        .where(*(place != end for end in sorted(ENDLESS)), *where)
        .group_by(movement.c.item, movement.c.lot, status)
    )


def _both(over: FromClause, *where: ColumnElement[bool]) -> tuple[Any, Any]:
    return _moved("source", over, *where), _moved("target", over, *where)


_SPAN = (movement.c.seq > bindparam("low"), movement.c.seq <= bindparam("high"))
_THEIRS = movement.join(journal, journal.c.seq == movement.c.seq)
_TOLD_APART = movement.join(delivery, delivery.c.seq == movement.c.seq)
_MINE = (delivery.c.connector == bindparam("c"), delivery.c.seq <= bindparam("high"))
HELD = select(balance.c.item, balance.c.lot, balance.c.status, func.sum(balance.c.quantity)).group_by(
    balance.c.item, balance.c.lot, balance.c.status
)
BETWEEN = _both(movement, *_SPAN)
BETWEEN_OF_OWNER = _both(_THEIRS, *_SPAN, journal.c.owner == bindparam("whose"))
NOT_TAKEN = _both(_TOLD_APART, *_MINE, OPEN)
GIVEN_UP = _both(_TOLD_APART, *_MINE, delivery.c.state == "discarded")
ONE_EVENT = _both(movement, movement.c.seq == bindparam("n"))


def on_hand(tx: Tx, last: int, owner: str = "") -> Sums:
    """What the floor has, as of the snapshot; of one owner's goods, what his events made."""
    return between(tx, 0, last, owner) if owner else _added(tx.rows(HELD), ())


def between(tx: Tx, low: int, high: int, owner: str = "") -> Sums:
    """What the events after `low` up to `high` changed."""
    if low >= high:
        return {}
    left, came = BETWEEN_OF_OWNER if owner else BETWEEN
    values = {"low": low, "high": high, **({"whose": owner} if owner else {})}
    return _added(tx.rows(came, **values), tx.rows(left, **values))


def not_taken(tx: Tx, connector: str, high: int) -> Sums:
    """What waits for a person, or behind something that does."""
    return _added(*(tx.rows(side, c=connector, high=high) for side in reversed(NOT_TAKEN)))


def given_up(tx: Tx, connector: str, high: int) -> Sums:
    """What two people decided the ERP shall never hear of."""
    return _added(*(tx.rows(side, c=connector, high=high) for side in reversed(GIVEN_UP)))


def of_events(tx: Tx, seqs: Iterable[int]) -> Sums:
    """What these few events changed."""
    total: Sums = {}
    for seq in seqs:
        for stock, change in _added(*(tx.rows(side, n=seq) for side in reversed(ONE_EVENT))).items():
            total[stock] = total.get(stock, 0) + change
    return total


def less(sums: Sums, others: Sums) -> Sums:
    return {stock: sums.get(stock, 0) - others.get(stock, 0) for stock in sums.keys() | others.keys()}


def _added(came: Iterable[Row], left: Iterable[Row]) -> Sums:
    total: Sums = {}
    for rows, sign in ((came, 1), (left, -1)):
        for item, lot, status, quantity in rows:
            stock = (item, lot, status)
            total[stock] = total.get(stock, 0) + sign * int(quantity)
    return {stock: quantity for stock, quantity in total.items() if quantity}
