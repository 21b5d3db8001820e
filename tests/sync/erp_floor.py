"""A floor beside an ERP that is asked for its news, ERPNext or Odoo: what that wants is pulled by hand, what happened is
followed as in the house.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import ConnectorSettings, Settings
from app.db import Database
from sync.pulling import Puller
from sync.switchboard import Switchboard
from tests import engines
from tests.sync.tryton_floor import Floor
from tests.world import World


class ErpFloor(Floor):
    def __init__(self, url: str, settings: ConnectorSettings) -> None:
        self.url = url
        self.world = World(Database(url))
        self.settings = Settings(site="MAIN", connectors=(settings,))
        self.start()

    def start(self) -> None:
        self.switchboard = Switchboard(self.world.db, self.settings)
        self.switchboard.start()
        self.erp = self.switchboard.followers[self.settings.connectors[0].name].connector
        self.puller = Puller(self.world.db, self.erp, self.settings.site)

    def connector_stock(self) -> Counter[tuple[str, str, str]]:
        return Counter({(one.item, one.lot, one.status): one.quantity for one in self.erp.snapshot(0) or ()})

    def stock_there(self) -> dict[tuple[str, str, str], int]:
        return dict(self.connector_stock())


@contextmanager
def floor_beside(settings: ConnectorSettings, folder: Path) -> Iterator[ErpFloor]:
    floor = ErpFloor(engines.fresh_sqlite(folder), settings)
    try:
        yield floor
    finally:
        floor.switchboard.stop()
        floor.world.db.close()
