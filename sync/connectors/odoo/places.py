"""Where goods lie in Odoo: the full name of a location for each class of place on the floor.

Goods that may be sold lie in the warehouse's stock; goods of any other status in a location of their own *beside* it,
so that no sale reserves them; beyond are suppliers, customers, and what is lost or scrapped. Odoo 19 keeps those at the
top; a database that was older once has them below another (`Partners/Vendors`): a name without a slash finds both. A
connector's `options` name others, the warehouse by its short name, and the database where one server has several.
"""

from collections.abc import Mapping
from typing import get_args

from app.config import ConnectorSettings
from app.errors import CannotStart
from app.stock.slots import CUSTOMER, LOST, SCRAP, SUPPLIER, Status

WAREHOUSE = "WH"
SETTINGS = {"warehouse": WAREHOUSE, "database": ""}


def places_of(warehouse: str, options: Mapping[str, str]) -> dict[str, str]:
    """The class of place by status or end of the world, as Odoo's `complete_name`."""
    usual = {
        SUPPLIER: "Vendors",
        CUSTOMER: "Customers",
        LOST: "Inventory adjustment",
        SCRAP: "Scrap",
        "available": f"{warehouse}/Stock",
        **{
            status: f"{warehouse}/{status.replace('_', ' ').title()}"
            for status in get_args(Status)
            if status != "available"
        },
    }
    return {name: options.get(name, place) for name, place in usual.items()}


def is_called(full: str, name: str) -> bool:
    """Is that the location of this full name meant by this name?"""
    return full == name or ("/" not in name and full.endswith(f"/{name}"))


def options_of(settings: ConnectorSettings) -> dict[str, str]:
    """The options with the usual ones filled in. Raises CannotStart where one means nothing."""
    known = {*SETTINGS, *places_of(WAREHOUSE, {})}
    if unknown := settings.options.keys() - known:
        raise CannotStart(
            f"Connector {settings.name} has options that mean nothing to it: {', '.join(sorted(unknown))}. "
            f"There are {', '.join(sorted(known))}."
        )
    return {**SETTINGS, **settings.options}
