"""Whose document it is: its items' owner. A document over two owners' goods is two documents."""

from collections.abc import Iterable

from app.db import Tx
from app.stock import owners


def settle(tx: Tx, told: str, items: Iterable[str]) -> tuple[str, str]:
    """(the owner, what is wrong as the rest of a sentence). Without one told it is that of the items."""
    if not owners.is_shared(tx):
        return told, ""
    of = {code: owners.of_item(tx, code) for code in dict.fromkeys(items)}
    owner = told or next(iter(of.values()), "")
    for code, theirs in of.items():
        if theirs != owner:
            return owner, f"is {owner or 'the house'}'s, but item {code} belongs to {theirs or 'the house'}."
    return owner, ""
