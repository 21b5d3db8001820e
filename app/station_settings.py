"""The stations of the settings file, written into the house's own table at each start.

Stations come by import or from the settings; the file says which printer, scale and scanner stand there, for those are of
this building's cables. What the file leaves out of a station stays as it was imported; a station it does not name, too.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select

from app.config import StationSettings
from app.db import Tx
from app.schema.places import location, station

FIND = select(station).where(station.c.code == bindparam("key"))
PLACE = select(location.c.code).where(location.c.code == bindparam("key"))
ADD = station.insert()
CHANGE = station.update().where(station.c.code == bindparam("key"))


def put_in(tx: Tx, stations: Sequence[StationSettings]) -> list[str]:
    """Every station as its settings say. Returns what cannot be meant, in sentences."""
    wrong = []
    for one in stations:
        facts = {name: words for name, words in msgspec.structs.asdict(one).items() if words}
        if one.location and tx.value(PLACE, key=one.location) is None:
            wrong.append(f"Station {one.code} of the settings stands at {one.location}, which is no location.")
            del facts["location"]
        known = tx.row(FIND, key=one.code)
        if known is None:
            tx.run(ADD, **{column.name: facts.get(column.name, "") for column in station.c})
        else:
            meant = {column.name: facts.get(column.name, known[at]) for at, column in enumerate(station.c)}
            if list(meant.values()) != list(known):
                tx.run(CHANGE, key=one.code, **meant)
    return wrong
