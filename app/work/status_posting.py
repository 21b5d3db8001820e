"""Goods that change their status where they lie, as events: a balance or a part of it, each serial by itself."""

from collections.abc import Sequence

from msgspec.structs import replace

from app.db import Tx
from app.stock import balances
from app.stock.balances import Balance
from app.stock.events import StatusChanged
from app.work.status_changes import Change


def events(
    tx: Tx, row: Balance, way: Change, quantity: int, serials: Sequence[str] = (), reason: str = ""
) -> list[StatusChanged]:
    """What makes `quantity` free units of a balance so. All of a balance with serials takes each of them along."""
    target = replace(row.slot, status=way.to_status)
    named = list(serials) or (balances.serials_of(tx, row) if quantity == row.quantity else [])
    if named:
        return [
            StatusChanged(item=row.item, quantity=1, source=row.slot, target=target, reason=reason, serial=number)
            for number in named
        ]
    grams = row.grams * quantity // row.quantity
    return [StatusChanged(item=row.item, quantity=quantity, source=row.slot, target=target, reason=reason, grams=grams)]
