"""What each carrier's services take and cost, as rows an admin keeps: the package rules of the contract with the carrier.

A house without rows sends each order as the ERP says and asks nothing. An order may also leave the choice to us: no
carrier, or `cheapest in time`.
"""

import re
from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from app.db import Tx
from app.errors import BadAmount
from app.schema.carriers import carrier_price, carrier_service
from app.work.master_terms import put

OPEN = ("", "cheapest", "cheapest in time")  # how an ERP leaves the choice to the house
LONGEST_NAME = 40
MOST_BANDS = 20
DAY_MIN = 24 * 60
HEAVIEST_G = 1_000_000


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Up to this weight it costs so much."""

    up_to_g: int
    cents: int


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One service of one carrier. A limit of 0 is none; see the table for the words."""

    carrier: str
    service: str
    countries: str = ""
    prefixes: str = ""
    most_g: int = 0
    longest_mm: int = 0
    girth_mm: int = 0
    hazards: str = ""
    days: int = 1
    cutoff_min: int = DAY_MIN
    active: int = 1
    bands: tuple[Band, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.carrier} {self.service}".strip()


class BadService(BadAmount):
    code, title = "bad_carrier_service", "Not a service"
    says = "{scanned} cannot be: {reason}"
    todo = "Correct it and save again."


_ROW = [name for name in Service.__struct_fields__ if name != "bands"]
SERVICES = select(*(carrier_service.c[name] for name in _ROW)).order_by(
    carrier_service.c.carrier, carrier_service.c.service
)
BANDS = select(carrier_price).order_by(carrier_price.c.carrier, carrier_price.c.service, carrier_price.c.up_to_g)
PUT = put(carrier_service)
_KEY = (carrier_price.c.carrier == bindparam("of_carrier"), carrier_price.c.service == bindparam("of_service"))
DROP_BANDS = delete(carrier_price).where(*_KEY)
ADD_BAND = insert(carrier_price).values({name: bindparam(name) for name in ("carrier", "service", "up_to_g", "cents")})
REMOVE = delete(carrier_service).where(
    carrier_service.c.carrier == bindparam("of_carrier"), carrier_service.c.service == bindparam("of_service")
)


def is_open(named: str) -> bool:
    """Is this carrier, or this service, ours to choose?"""
    return named.casefold() in OPEN


def everything(tx: Tx) -> list[Service]:
    """All services by name, with their prices, the lightest first."""
    bands: dict[tuple[str, str], list[Band]] = {}
    rows = tx.rows(SERVICES)
    if not rows:
        return []
    for carrier, service, up_to_g, cents in tx.rows(BANDS):
        bands.setdefault((carrier, service), []).append(Band(up_to_g=up_to_g, cents=cents))
    return [Service(**dict(zip(_ROW, row, strict=True)), bands=tuple(bands.get((row[0], row[1]), ()))) for row in rows]


def save(tx: Tx, row: Service) -> str:
    """Add a service or make it so; a sentence of what came of it. Raises BadService."""
    row = _tidy(row)
    odd = _odd(row)
    if odd:
        raise BadService(scanned=row.name or "A service without a name", reason=odd)
    known = any((one.carrier, one.service) == (row.carrier, row.service) for one in everything(tx))
    tx.run(PUT, **{name: getattr(row, name) for name in _ROW})
    tx.run(DROP_BANDS, of_carrier=row.carrier, of_service=row.service)
    tx.many(
        ADD_BAND,
        [{"carrier": row.carrier, "service": row.service, **msgspec.structs.asdict(band)} for band in row.bands],
    )
    tx.tell("carriers")
    return f"{row.name} is {'changed' if known else 'added'}."


def remove(tx: Tx, carrier: str, service: str) -> str:
    """Raises BadService where there is none."""
    if not tx.run(REMOVE, of_carrier=carrier, of_service=service):
        raise BadService(scanned=f"{carrier} {service}", reason="there is no such service.")
    tx.run(DROP_BANDS, of_carrier=carrier, of_service=service)
    tx.tell("carriers")
    return f"{carrier} {service} is removed."


def read_bands(text: str) -> tuple[Band, ...]:
    """Prices as they are typed: `2000: 3.90, 5000: 4.90`. Raises BadService."""
    bands = []
    for part in re.split(r"[,;\n]", text):
        if not part.strip():
            continue
        found = re.fullmatch(r"\s*(\d{1,7})\s*g?\s*[:=]\s*(\d{1,6})(?:\.(\d{2}))?\s*", part)
        if found is None:
            raise BadService(scanned=part.strip()[:30], reason="a price is typed as grams: money, like 2000: 3.90.")
        bands.append(Band(up_to_g=int(found[1]), cents=int(found[2]) * 100 + int(found[3] or 0)))
    return tuple(sorted(bands, key=lambda band: band.up_to_g))


def in_money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


def in_bands(bands: Sequence[Band]) -> str:
    """As `read_bands` takes them."""
    return ", ".join(f"{band.up_to_g}: {band.cents // 100}.{band.cents % 100:02d}" for band in bands)


def _tidy(row: Service) -> Service:
    return msgspec.structs.replace(
        row,
        carrier=row.carrier.strip(),
        service=row.service.strip(),
        countries=" ".join(word if word == "home" else word.upper() for word in row.countries.split()),
        prefixes=" ".join(row.prefixes.upper().split()),
        hazards=" ".join(row.hazards.split()),
    )


def _odd(row: Service) -> str:
    for name in (row.carrier, row.service):
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            return f"carrier and service each have a name of 1 to {LONGEST_NAME} characters."
    if is_open(row.carrier) or is_open(row.service):
        return "that name means that the choice is left to us."
    bad = next((word for word in row.countries.split() if word != "home" and not re.fullmatch("[A-Z]{2}", word)), "")
    if bad:
        return f"{bad} is no country: two letters each, or home."
    if not all(0 <= limit <= HEAVIEST_G for limit in (row.most_g, row.longest_mm, row.girth_mm)):
        return f"limits are 0 (none) to {HEAVIEST_G}."
    if not 0 <= row.days <= 60 or not 0 <= row.cutoff_min <= DAY_MIN:
        return "it is 0 to 60 working days on the way, and leaves at a time of the day."
    if not 0 < len(row.bands) <= MOST_BANDS:
        return f"it needs 1 to {MOST_BANDS} prices, each up to a weight."
    weights = [band.up_to_g for band in row.bands]
    if len(set(weights)) < len(weights) or min(weights) < 1:
        return "each price stands for another weight, from 1 g on."
    if row.most_g and max(weights) < row.most_g:
        return f"its prices end at {max(weights)} g, but it takes {row.most_g} g."
    return ""
