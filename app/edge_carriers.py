"""Carriers with their buyer: labels are bought beside the floor, and the desk may ask a carrier itself.

No turn waits for a carrier: the book of purchases is read by the buyer's threads, which are woken when an order or a carton
changes. What a server left half done when it ended is asked after, never bought anew.
"""

from collections.abc import Mapping, Sequence

import structlog

from app.buying_book import PurchaseBook
from app.config import PrinterSettings, Settings
from app.db import Database
from app.edge_tests import NoSuchDevice
from app.edge_words import of_carrier
from app.errors import CannotStart
from app.work.carriers.parcel import Parcel
from app.work.carriers.services import in_money
from app.work.device_state import DeviceState
from sync.carriers import connect
from sync.carriers.buyer import Buyer
from sync.carriers.port import Carrier, Declined, NoAnswer

log = structlog.get_logger()


class Carriers:
    """Those of one house. Raises CannotStart for settings that cannot be meant."""

    def __init__(self, settings: Settings, db: Database, printers: Mapping[str, PrinterSettings]) -> None:
        self._book = PurchaseBook(db, printers)
        self._buyer = Buyer(_connected(settings, db), self._book)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._buyer.workers)

    def start(self) -> None:
        asked = self._buyer.start()
        if asked:
            log.warning("labels were being bought at the last stop; their carriers are asked", purchases=asked)

    def stop(self) -> None:
        self._buyer.stop()

    def take_over(self) -> None:
        """What another server of this database left half done when it died."""
        if purchases := self._book.recover(own=False):
            log.warning("labels were being bought when another server ended", purchases=purchases)
            self._buyer.wake()

    def wake(self) -> None:
        self._buyer.wake()

    def states(self) -> Sequence[DeviceState]:
        return [of_carrier(one) for one in self._buyer.health()]

    def hurry(self) -> None:
        """Do not wait for the next time: ask now."""
        for name in self._buyer.workers:
            self._buyer.retry(name)

    def track(self, carrier: str, tracking: str) -> str:
        """Where a parcel is, as its carrier says. Raises NoSuchDevice."""
        worker = self._buyer.workers.get(carrier)
        if worker is None:
            raise NoSuchDevice(name=carrier)
        try:
            return f"{carrier}: {worker.carrier.track(tracking)}"
        except (Declined, NoAnswer) as problem:
            return f"{carrier}: {problem.sentence}"

    def quotes(self, parcel: Parcel) -> str:
        """What each carrier itself would take for a parcel, in words."""
        told = []
        for name, worker in self._buyer.workers.items():
            try:
                found = worker.carrier.quote(parcel)
                words = ", ".join(f"{one.service} {in_money(one.cents)}" for one in found) or "does not take it"
            except (Declined, NoAnswer) as problem:
                words = problem.sentence
            told.append(f"{name}: {words}.")
        return " ".join(told).replace("..", ".") or "No carrier is asked here: the house prints all labels itself."


def _connected(settings: Settings, db: Database) -> list[Carrier]:
    """Raises CannotStart."""
    names = [one.name for one in settings.carriers]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise CannotStart(f"Two carriers have the name {twice}.")
    return [connect(one, db) for one in settings.carriers]
