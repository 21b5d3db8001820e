"""The house's own carrier: a van, a pallet network by e-mail, or a carrier whose labels are ours. Needs no network.

Prices are the house's rows, the tracking number is the carton's own, and the label is ours. It has no books beside ours,
so buying has no effect outside and asking again is harmless.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from app import clock
from app.db import Database, Tx
from app.schema.work import carton
from app.work.carriers import choosing, services
from app.work.carriers.parcel import Bought, Parcel, Quote
from app.work.shelf_life import zone_of
from sync.carriers.port import Declined

CARTON = select(carton.c.state, carton.c.load_code).where(carton.c.lpn == bindparam("code"))


class HouseCarrier:
    kind = "house"
    address = "here"

    def __init__(self, name: str, database: Database) -> None:
        self.name = name
        self._db = database

    def quote(self, parcel: Parcel) -> list[Quote]:
        def look(tx: Tx) -> list[Quote]:
            mine = [one for one in services.everything(tx) if one.carrier == self.name]
            found = choosing.choose(parcel, mine, clock.as_datetime(clock.now()).astimezone(zone_of(tx)))
            return [
                Quote(service=offer.service.service, cents=offer.cents, arrives=offer.arrives.isoformat())
                for offer in found.offers
            ]

        with self._db.reading() as tx:
            return look(tx)

    def buy(self, key: str, parcel: Parcel) -> Bought:
        """Raises Declined where the parcel breaks the rules of the service it names."""
        with self._db.reading() as tx:
            row = next(
                (s for s in services.everything(tx) if (s.carrier, s.service) == (self.name, parcel.service)), None
            )
        if row is None:
            return Bought(tracking=parcel.carton)
        why = choosing.refuses(row, parcel)
        if why:
            raise Declined(f"{row.name}: {why}.")
        return Bought(tracking=parcel.carton, cents=choosing.price(row, parcel.weight_g))

    def lookup(self, key: str) -> Bought | None:
        return None  # nothing was made outside, so nothing can be made twice

    def void(self, key: str, shipment: str) -> None:
        """Nobody else was told of it."""

    def manifest(self, key: str, shipments: Sequence[str]) -> str:
        return key

    def track(self, tracking: str) -> str:
        with self._db.reading() as tx:
            state, load = tx.row(CARTON, code=tracking) or ("not known", "")
        return f"Carton {tracking} is {state}" + (f", with {load}." if load else ".")

    def close(self) -> None: ...
