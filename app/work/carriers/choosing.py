"""Which service a parcel goes with: of those that take it and are there in time, the cheapest. Pure, and explained.

A service takes a parcel when country, postcode, weight, sides and hazards fit, and it has a price for the weight. It is
there after its working days, counted from today, or from the next working day when its cut-off is over. If none is in
time, the earliest goes.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from app.work.carriers.parcel import HOME, Parcel
from app.work.carriers.services import Service, in_money

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEK = timedelta(days=6)  # a weekday's name is plain within that time
MOST_NAMED = 2  # runners-up in one sentence


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A service that takes the parcel, for so much, there on this day."""

    service: Service
    cents: int
    arrives: date
    late_days: int = 0

    def in_words(self, today: date) -> str:
        return f"{self.service.name} {in_money(self.cents)}, {day_in_words(self.arrives, today)}"


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A service that does not take it."""

    service: Service
    why: str


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """All that was weighed; `offers` the best first."""

    offers: tuple[Offer, ...]
    lost: tuple[Lost, ...]
    why: str = ""

    @property
    def best(self) -> Offer | None:
        return self.offers[0] if self.offers else None


def choose(parcel: Parcel, services: Sequence[Service], now: datetime, promised: date | None = None) -> Choice:
    """`now` and `promised` in the site's own time."""
    offers, lost = [], []
    for service in services:
        if not service.active:
            continue
        why = refuses(service, parcel)
        if why:
            lost.append(Lost(service=service, why=why))
            continue
        arrives = arrival(service, now)
        late = max(0, (arrives - promised).days) if promised else 0
        offers.append(Offer(service=service, cents=price(service, parcel.weight_g), arrives=arrives, late_days=late))
    offers.sort(key=lambda offer: (offer.late_days, offer.cents, offer.arrives, offer.service.name))
    return Choice(offers=tuple(offers), lost=tuple(lost), why=_explained(offers, now.date(), promised))


def refuses(service: Service, parcel: Parcel) -> str:
    """Why a service does not take a parcel, or the empty text."""
    country = parcel.to.country or HOME
    if service.countries and country not in service.countries.split():
        return f"it does not deliver to {'an address without a country' if country == HOME else country}"
    if service.prefixes and not any(parcel.to.postcode.upper().startswith(one) for one in service.prefixes.split()):
        return f"it does not deliver to postcode {parcel.to.postcode or 'unknown'}"
    if 0 < service.most_g < parcel.weight_g:
        return f"it takes at most {_kg(service.most_g)}, this weighs {_kg(parcel.weight_g)}"
    if 0 < service.longest_mm < parcel.longest_mm:
        return f"it takes at most {service.longest_mm} mm, this is {parcel.longest_mm} mm long"
    if 0 < service.girth_mm < parcel.girth_mm:
        return f"it takes a girth of at most {service.girth_mm} mm, this has {parcel.girth_mm} mm"
    dangerous = [one for one in parcel.hazards if one not in service.hazards.split()]
    if dangerous:
        return f"it does not carry hazard class {' or '.join(dangerous)}"
    if price(service, parcel.weight_g) < 0:
        return f"it has no price for {_kg(parcel.weight_g)}"
    return ""


def price(service: Service, grams: int) -> int:
    """In cents; −1 where no band reaches so far."""
    return next((band.cents for band in service.bands if grams <= band.up_to_g), -1)


def arrival(service: Service, now: datetime) -> date:
    """Working days are Monday to Friday. Nothing leaves, and nothing comes, on a weekend."""
    missed = now.hour * 60 + now.minute > service.cutoff_min
    leaves = _working(now.date() + timedelta(days=int(missed)))
    for _ in range(service.days):
        leaves = _working(leaves + timedelta(days=1))
    return leaves


def day_in_words(day: date, today: date) -> str:
    """Thursday, or 3 December when that is more than a week away."""
    return DAYS[day.weekday()] if day - today <= WEEK else f"{day.day} {day:%B}"


def _working(day: date) -> date:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _explained(offers: Sequence[Offer], today: date, promised: date | None) -> str:
    """`DPD Classic 4.90, Thursday, in time; GLS Parcel 4.20 would come a day late.`"""
    if not offers:
        return ""
    best, others = offers[0], offers[1:]
    if promised is None:
        how = "the cheapest" if others else "the only one that takes it"
    elif best.late_days:
        how = f"{_late(best)}: none is earlier" if others else _late(best)
    else:
        how = "in time"
    cheaper = [offer for offer in others if offer.late_days > best.late_days and offer.cents < best.cents]
    named = (cheaper or others)[:MOST_NAMED]
    told = [f"{best.in_words(today)}, {how}"]
    for offer in named:
        late = offer.late_days > best.late_days
        amount = f"{offer.service.name} {in_money(offer.cents)}"
        told.append(f"{amount} would come {_late(offer)}" if late else amount)
    return "; ".join(told) + "."


def _late(offer: Offer) -> str:
    return "a day late" if offer.late_days == 1 else f"{offer.late_days} days late"


def _kg(grams: int) -> str:
    return f"{grams / 1000:.3f} kg"
