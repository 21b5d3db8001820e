"""How a transfer of Odoo's bears an event's key: as the last word of its reference, `WH/IN/00012 | MAIN.1.42`.

A transfer's reference is unique in its company by a constraint of the table (`unique(name, company_id)` of
stock.picking, https://github.com/odoo/odoo/blob/19.0/addons/stock/models/stock_picking.py), so a transfer of ours can
never be made twice, not even by a call that was given up and arrives late. What stands before the bar is the transfer's
name for people; one of our own making is `Pickface`. A plus says that the rest of it is still on the floor.
"""

from collections.abc import Iterable

OURS = "Pickface"
BAR = " | "
MORE = " +"


def bearing(name: str, key: str, *, more: bool = False) -> str:
    """The reference of a transfer that this event fills."""
    return f"{base(name)}{MORE if more else ''}{BAR}{key}"


def base(name: str) -> str:
    """What people call it, and what its order is called on the floor."""
    return name.partition(BAR)[0].removesuffix(MORE)


def has_more(name: str) -> bool:
    """Was it shipped while the rest of its order stayed on the floor?"""
    return name.partition(BAR)[0].endswith(MORE)


def key_of(name: str) -> str:
    return name.rpartition(BAR)[2] if BAR in name else ""


def any_of(keys: Iterable[str]) -> list[object]:
    """The domain of transfers that bear one of these keys."""
    terms = [["name", "=like", f"%{BAR}{plain(key)}"] for key in keys]
    return [*["|"] * (len(terms) - 1), *terms]


def called(code: str) -> list[object]:
    """The domain of the transfer that people call so, whatever it was filled by."""
    return ["|", ["name", "=", code], ["name", "=like", f"{plain(code)} %"]]


def plain(text: str) -> str:
    """For a pattern that means itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
