"""Who takes a parcel back to its customer: as its order went, or as the house's rows weigh it like a shipped carton.

Where an admin keeps carriers' services, those that take the parcel are offered with price and day, the best first, and the
order's own before all others if it is among them. A house without such rows offers the order's own and every carrier that
has a lane or a truck here.
"""

import msgspec
from sqlalchemy import bindparam, select, update

from app import clock
from app.db import Tx
from app.errors import Unknown
from app.schema.documents import sales_order
from app.schema.items import item
from app.schema.places import location
from app.schema.returns import returned
from app.work.carriers import fitting, services
from app.work.carriers.choosing import day_in_words
from app.work.carriers.parcel import Parcel, read_address
from app.work.returns.known import Piece
from app.work.shelf_life import zone_of

MOST_CARRIERS = 8  # to choose from

GO_WITH = (
    update(returned)
    .where(returned.c.piece == bindparam("of_piece"))
    .values(left_carrier=bindparam("by_carrier"), left_service=bindparam("by_service"))
)
WENT_WITH = select(sales_order.c.carrier, sales_order.c.service).where(sales_order.c.code == bindparam("which"))
ON_LANES = (
    select(location.c.carrier)
    .where(location.c.carrier != "")
    .distinct()
    .order_by(location.c.carrier)
    .limit(MOST_CARRIERS)
)
GOODS = select(item.c.weight_g, item.c.length_mm, item.c.width_mm, item.c.height_mm, item.c.hazard_class).where(
    item.c.code == bindparam("which")
)


class NoSuchCarrier(Unknown):
    code, title = "no_such_carrier", "No such carrier"
    says = "{scanned} takes no parcel from here to there."
    todo = "Choose one of those shown."


class Carriage(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes a parcel, and what speaks for it."""

    carrier: str
    service: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.carrier} {self.service}".strip()


def offered(tx: Tx, piece: Piece, address: str) -> list[Carriage]:
    """Who may take it, the first one unless somebody chooses."""
    row = tx.row(WENT_WITH, which=piece.order_code) if piece.order_code else None
    before = Carriage(carrier=row[0], service=row[1]) if row and not services.is_open(row[0]) else None
    weighed = _weighed(tx, piece, address)
    if weighed is None:
        weighed = [Carriage(carrier=code) for (code,) in tx.rows(ON_LANES) if not before or code != before.carrier]
        return [*([before] if before else []), *weighed][:MOST_CARRIERS]
    return sorted(weighed, key=lambda one: before is None or one.name != before.name)[:MOST_CARRIERS]


def choose(tx: Tx, piece: Piece, address: str, name: str) -> Carriage:
    """Raises NoSuchCarrier."""
    chosen = next((one for one in offered(tx, piece, address) if one.name.lower() == name.lower()), None)
    if chosen is None:
        raise NoSuchCarrier(scanned=name[:40] or "Nothing")
    go_with(tx, piece, chosen)
    return chosen


def go_with(tx: Tx, piece: Piece, chosen: Carriage) -> None:
    tx.run(GO_WITH, of_piece=piece.piece, by_carrier=chosen.carrier, by_service=chosen.service)


def weight_of(tx: Tx, piece: Piece) -> int:
    """Grams by the item master; 0 where it does not know."""
    row = tx.row(GOODS, which=piece.item)
    return int(row[0]) * piece.quantity if row else 0


def _weighed(tx: Tx, piece: Piece, address: str) -> list[Carriage] | None:
    """The services that take it, the best first; None where the house has no rows."""
    if not any(one.active for one in services.everything(tx)):
        return None
    _, length, width, height, hazard = tx.row(GOODS, which=piece.item) or (0, 0, 0, 0, "")
    parcel = Parcel(
        carton=piece.left_reference, order=piece.order_code, to=read_address(address), weight_g=weight_of(tx, piece),
        length_mm=length, width_mm=width, height_mm=height * piece.quantity, hazards=(hazard,) if hazard else (),
    )  # fmt: skip
    today = clock.as_datetime(clock.now()).astimezone(zone_of(tx)).date()
    return [
        Carriage(
            carrier=offer.service.carrier, service=offer.service.service,
            note=f"{services.in_money(offer.cents)}, {day_in_words(offer.arrives, today)}",
        )
        for offer in fitting.weigh_up(tx, parcel, None).offers
    ]  # fmt: skip
