"""The carton on the packing table, and the carrier it goes with: kept where the order names one, else chosen.

Only now its weight is known. A carrier the order names is kept, but it must take the carton; where it does not, the
packer hears who would. A house without rows for a carrier asks nothing of it.
"""

from datetime import date, datetime

import msgspec
from sqlalchemy import bindparam, select

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.items import item
from app.schema.places import site
from app.schema.stock import balance
from app.schema.work import carton_type
from app.work.carriers import choosing, services
from app.work.carriers.choosing import Choice
from app.work.carriers.parcel import Parcel, read_address
from app.work.carriers.services import Service
from app.work.packing import OrderHead
from app.work.parcels import Carton
from app.work.shelf_life import zone_of

SIDES = select(carton_type.c.length_mm, carton_type.c.width_mm, carton_type.c.height_mm).where(
    carton_type.c.code == bindparam("code")
)
HAZARDS = (
    select(item.c.hazard_class)
    .join(balance, balance.c.item == item.c.code)
    .where(balance.c.lpn == bindparam("code"), balance.c.quantity > 0, item.c.hazard_class != "")
    .distinct()
)
SENDER = select(site.c.name).order_by(site.c.code).limit(1)


class NotForCarrier(State):
    code, title = "not_for_carrier", "Not for this carrier"
    says = "{carrier} does not take carton {carton}: {reason}."
    todo = "{instead}"


class NoCarrierTakes(State):
    code, title = "no_carrier_takes_it", "No carrier takes it"
    says = "No carrier takes carton {carton}: {reason}."
    todo = "Use two cartons, or ask a supervisor."


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """With whom the carton goes. `why` is empty where the order said so."""

    carrier: str
    service: str
    why: str = ""


def fit(tx: Tx, head: OrderHead, carton: Carton, grams: int) -> Fitted:
    """Raises NotForCarrier, NoCarrierTakes."""
    named = Fitted(carrier=head.carrier, service=head.service)
    known = [one for one in services.everything(tx) if one.active]
    if not known:
        return named
    open_carrier, open_service = services.is_open(head.carrier), services.is_open(head.service)
    mine = [one for one in known if open_carrier or one.carrier == head.carrier]
    if not open_carrier and not open_service:
        mine = [one for one in mine if one.service == head.service]
    if not mine:
        return named
    parcel = parcel_of(tx, head, carton, grams)
    found = _choose(tx, parcel, mine, head.promised)
    if found.best is None:
        reason = "; ".join(f"{lost.service.name}: {lost.why}" for lost in found.lost)
        if open_carrier:
            raise NoCarrierTakes(carton=carton.lpn, reason=reason)
        others = _choose(tx, parcel, known, head.promised)
        raise NotForCarrier(
            carrier=mine[0].name if len(mine) == 1 else head.carrier, carton=carton.lpn,
            reason=found.lost[0].why if len(mine) == 1 else reason, instead=_instead(others),
        )  # fmt: skip
    if not open_carrier and not open_service:
        return named
    best = found.best.service
    return Fitted(carrier=best.carrier, service=best.service, why=found.why)


def parcel_of(tx: Tx, head: OrderHead, carton: Carton, grams: int) -> Parcel:
    """The carton as a carrier sees it: as it was measured, else as its type says."""
    length, width, height = carton.length_mm, carton.width_mm, carton.height_mm
    if not (length and width and height):
        length, width, height = tx.row(SIDES, code=carton.type) or (0, 0, 0)
    return Parcel(
        carton=carton.lpn,
        order=head.code,
        service=head.service,
        to=read_address(head.address, head.name),
        sender=str(tx.value(SENDER) or ""),
        weight_g=grams,
        length_mm=length,
        width_mm=width,
        height_mm=height,
        hazards=tuple(sorted(row[0] for row in tx.rows(HAZARDS, code=carton.lpn))),
    )


def weigh_up(tx: Tx, parcel: Parcel, promised: date | None) -> Choice:
    """Every service against one parcel, now: the desk's dry run."""
    return choosing.choose(parcel, services.everything(tx), now_here(tx), promised)


def _choose(tx: Tx, parcel: Parcel, known: list[Service], promised: int) -> Choice:
    day = clock.as_datetime(promised).astimezone(zone_of(tx)).date() if promised else None
    return choosing.choose(parcel, known, now_here(tx), day)


def now_here(tx: Tx) -> datetime:
    """The site's own time."""
    return clock.as_datetime(clock.now()).astimezone(zone_of(tx))


def _instead(others: Choice) -> str:
    if others.best is None:
        return "No carrier here takes it: use two cartons, or ask a supervisor."
    return f"{others.best.service.name} takes it: ask a supervisor to send it with them, or use two cartons."
