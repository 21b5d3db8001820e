"""A floor with a live Tryton behind it: what the ERP wants is pulled by hand, what happened is followed as in the house.

Several floors may share one Tryton: each is a site of its own, so that its events have keys of their own.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from app import schema
from app.config import ConnectorSettings, Settings
from app.db import Database
from app.stock import rebuild
from sync.connectors.tryton.connector import TrytonConnector
from sync.pulling import Puller
from sync.switchboard import Switchboard
from tests import engines
from tests.sync.sink import until
from tests.tryton import company, template
from tests.tryton.server import PASSWORD, Tryton
from tests.world import World

NAME = "ERP"
TOLD_WITHIN_S = 120.0


class Floor:
    """A warehouse, its items pulled from Tryton, and the follower that tells Tryton."""

    def __init__(self, url: str, tryton: Tryton) -> None:
        self.url = url
        self.world = World(Database(url))
        self.settings = Settings(
            site=f"SITE-{uuid.uuid4().hex[:6]}", connectors=(settings_of(tryton, serials=company.SERIALS),)
        )
        self.start()
        self._before = self.connector_stock()

    def start(self) -> None:
        self.switchboard = Switchboard(self.world.db, self.settings)
        self.switchboard.start()
        connector = self.switchboard.followers[NAME].connector
        assert isinstance(connector, TrytonConnector)
        self.connector = connector
        self.puller = Puller(self.world.db, connector, self.settings.site)

    def restart(self) -> None:
        self.switchboard.stop()
        self.start()

    def pull(self) -> int:
        """What Tryton has to say, and the barcodes of its items for the hands."""
        taken = self.puller.pull()
        barcodes = schema.items.item_barcode
        self.world.barcodes |= {row[1]: row[0] for row in self.world.rows(select(barcodes.c.code, barcodes.c.item))}
        return taken

    def asked_to(self) -> str:
        """How far Tryton was asked for its news, as it is written down."""
        connectors = schema.sync.connector
        return str(self.world.rows(select(connectors.c.asked_to).where(connectors.c.name == NAME))[0][0])

    def told(self, within_s: float = TOLD_WITHIN_S) -> None:
        """Wait until Tryton has accepted all that happened."""

        def drained() -> bool:
            with self.world.db.reading() as tx:
                state = self.switchboard.states(tx)[0]
            stuck = self.letters() + self.letters("asks")
            assert not stuck, stuck
            return state.backlog == 0 and state.accepted_to == state.last_seq

        until(drained, "Tryton has heard of everything", within_s)

    def letters(self, state: str = "dead") -> list[str]:
        with self.world.db.reading() as tx:
            return [letter.answer for letter in self.switchboard.letters(tx, NAME, state)]

    def stock(self) -> dict[tuple[str, str, str], int]:
        """Item, lot, status → on hand, by the floor's books."""
        sums: dict[tuple[str, str, str], int] = {}
        balance = schema.stock.balance
        for item, lot, status, quantity in self.world.rows(
            select(balance.c.item, balance.c.lot, balance.c.status, balance.c.quantity)
        ):
            sums[item, lot, status] = sums.get((item, lot, status), 0) + quantity
        return {key: quantity for key, quantity in sums.items() if quantity}

    def stock_there(self) -> dict[tuple[str, str, str], int]:
        """The same by Tryton's books, without what other floors told it before."""
        now = self.connector_stock()
        now.subtract(self._before)
        return {key: quantity for key, quantity in now.items() if quantity}

    def connector_stock(self) -> Counter[tuple[str, str, str]]:
        told = self.connector.snapshot(0)
        return Counter({(one.item, one.lot, one.status): one.quantity for one in told})

    def check(self) -> None:
        """Both books are equal to the piece, and the floor's own prove."""
        assert self.letters() == []
        assert self.stock_there() == self.stock()
        with self.world.db.reading() as tx:
            report = rebuild.check(tx)
        assert report.clean, report.findings


def settings_of(tryton: Tryton, **options: str) -> ConnectorSettings:
    address = tryton.address
    return ConnectorSettings(name=NAME, kind="tryton", address=address, secret=PASSWORD, options=options)


@contextmanager
def live_tryton(folder: Path, *databases: str) -> Iterator[Tryton]:
    with template.copied() as server, Tryton(folder, server, *databases) as tryton:
        yield tryton


@contextmanager
def floor_beside(tryton: Tryton, folder: Path) -> Iterator[Floor]:
    floor = Floor(engines.fresh_sqlite(folder), tryton)
    try:
        yield floor
    finally:
        floor.switchboard.stop()
        floor.world.db.close()
