"""The ways to a carrier, one file each. A new one is a file beside these and a line in `BUILD`.

A carrier that no settings name is the house's own: its label is ours and is printed in the very turn that closes the
carton, without a network. The others are asked by a thread each (buyer.py), never inside a turn.
"""

from collections.abc import Callable

from app.config import CarrierSettings
from app.db import Database
from sync.carriers.house import HouseCarrier
from sync.carriers.http import HttpCarrier
from sync.carriers.karrio import KarrioCarrier
from sync.carriers.port import Carrier

BUILD: dict[str, Callable[[CarrierSettings, Database], Carrier]] = {
    "http": lambda settings, _: HttpCarrier.of(settings),
    "karrio": lambda settings, _: KarrioCarrier.of(settings),
    "house": lambda settings, database: HouseCarrier(settings.name, database),
}


def connect(settings: CarrierSettings, database: Database) -> Carrier:
    """The carrier these settings describe. Raises CannotStart when they cannot be right."""
    return BUILD[settings.kind](settings, database)
