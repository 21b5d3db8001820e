"""Packing, the weight: what was scanned must also weigh what it should, or no label is printed.

1. When all is in and the carton already stands on the scale with the right weight, it closes by itself.
2. Else put it on and press Weigh; without a scale type the grams.
3. If it is off: look inside, and weigh again, or recount: scan every unit of the carton once more. What the recount
   proves goes out with its weight, and a supervisor hears that a weight in the item master is wrong.
"""

from msgspec.structs import replace

from app.errors import State
from app.floor.floor import Floor, NoScale
from app.floor.prompt import CartonView, Key, Prompt
from app.floor.screens import Screen, build
from app.work import exceptions, packing, parcels, weights
from app.work.parcels import Carton, Expected
from app.workflows.packing_begin import fill
from app.workflows.packing_close import close
from app.workflows.packing_view import (
    has_scale,
    kg,
    on_scale,
    page,
    rows_inside,
    size_of,
    weighed,
    weighing,
    weight_now,
)


class WeightOff(State):
    code, title, scanned_is = "weight_off", "Weight is off", "On the scale"
    says = "Expected {expected} ± {tolerance} g, found {scanned}.{perhaps}"
    todo = "Look inside. Allowed is {low} to {high}. Then weigh again, or recount."


class ScaleWorks(State):
    code, title = "scale_works", "The scale works"
    says = "The scale shows {found}: a weight is typed only where there is none."
    todo = "Put the carton on the scale and press Weigh."


class NotOpen(State):
    code, title = "carton_not_open", "Closed already"
    says = "Carton {carton} is {state}."
    todo = "Scan the tote or the order again."


def weigh_or_ask(floor: Floor, order: str, carton: Carton) -> Screen:
    """All is in. If it stands on the scale and is right, it closes at once; else the worker is asked."""
    grams = weight_now(floor)
    expected = parcels.expected(floor.tx, carton.lpn, carton.type)
    if grams > 0 and not expected.unknown and expected.fits(grams) and not _too_heavy(expected, grams):
        return Weigh(order=order, carton=carton.lpn).accept(floor, grams)
    return weighing(floor, order, carton.lpn)


class Weigh(Screen, frozen=True, kw_only=True, tag="packing.weigh"):
    """Put the carton on the scale."""

    order: str
    carton: str
    recounted: bool = False

    def prompt(self, floor: Floor) -> Prompt:
        scale = has_scale(floor)
        by_hand = () if weight_now(floor) > 0 else (Key(name="type", label="Type weight"),)
        keys = (Key(name="recount", label="Recount"), *by_hand, *_more(floor, self.order))
        asked = _page(floor, self, "Put it on the scale" if scale else "Weigh the carton", keys)
        return replace(asked, ask="press", main=Key(name="weigh", label="Weigh", note="then the label is printed"))

    def tap_weigh(self, floor: Floor) -> Screen:
        """Raises NoScale with the reason, and all that `accept` does."""
        if floor.station is None or not floor.station.scale:
            raise NoScale(reason="This station has no scale.")
        return self.accept(floor, floor.ports.weigh(floor.station.scale))

    def tap_type(self, floor: Floor) -> Screen:
        """Only where the scale cannot tell."""
        shows = weight_now(floor)
        if shows > 0:
            raise ScaleWorks(found=kg(shows))
        return self.by_hand()

    def tap_recount(self, floor: Floor) -> Screen:
        return build("packing.recount", order=self.order, carton=self.carton)

    def tap_more(self, floor: Floor) -> Screen:
        """Something else belongs into this carton."""
        return fill(floor, self.order)

    def tap_back(self, floor: Floor) -> Screen:
        return build("packing.start")

    def by_hand(self) -> "TypeWeight":
        return TypeWeight(order=self.order, carton=self.carton, recounted=self.recounted)

    def accept(self, floor: Floor, grams: int) -> Screen:
        """Close the carton with this weight. Raises WeightOff, TooHeavy, OrderOff, OnHold, NotOpen."""
        head = packing.workable(floor.tx, self.order)
        carton = standing(floor, self.carton)
        expected = parcels.expected(floor.tx, carton.lpn, carton.type)
        if _too_heavy(expected, grams):
            raise parcels.TooHeavy(carton=carton.lpn, found=kg(grams), type=carton.type, most=kg(expected.max_g))
        off = not expected.fits(grams)
        if off and not self.recounted:
            culprit = expected.culprit(grams)
            raise WeightOff(
                perhaps=f" Perhaps {culprit}." if culprit else "",
                expected=kg(expected.grams),
                tolerance=expected.tolerance_g,
                low=kg(expected.low_g),
                high=kg(expected.high_g),
                scanned=kg(grams),
            )
        if off:
            told = f"Carton {carton.lpn} weighs {kg(grams)} instead of {kg(expected.grams)}; its units were recounted."
            document = f"order {self.order}"
            exceptions.add(
                floor.tx, "weight_off", told, document=document, location=carton.location, worker=floor.worker
            )
        closed = close(floor, head, carton, grams, expected)
        weights.keep(floor.tx, expected.learned(grams))
        return closed


class TypeWeight(Screen, frozen=True, kw_only=True, tag="packing.type_weight"):
    """No scale here: type what another one shows."""

    order: str
    carton: str
    recounted: bool = False

    def prompt(self, floor: Floor) -> Prompt:
        asked = _page(floor, self, "Type the weight", (Key(name="recount", label="Recount"), *_more(floor, self.order)))
        return replace(asked, ask="quantity", unit="g", rows=(), place=self.carton)

    def on_quantity(self, floor: Floor, grams: int) -> Screen:
        return self._weigh().accept(floor, grams)

    def tap_recount(self, floor: Floor) -> Screen:
        return build("packing.recount", order=self.order, carton=self.carton)

    def tap_more(self, floor: Floor) -> Screen:
        return self._weigh().tap_more(floor)

    def tap_back(self, floor: Floor) -> Screen:
        return self._weigh() if has_scale(floor) else build("packing.start")

    def _weigh(self) -> Weigh:
        return Weigh(order=self.order, carton=self.carton, recounted=self.recounted)


def standing(floor: Floor, code: str) -> Carton:
    """Raises NotOpen when somebody closed it meanwhile."""
    found = parcels.find(floor.tx, code)
    if found is None or found.state != "open":
        raise NotOpen(carton=code, state=found.state if found else "gone")
    return found


def _too_heavy(expected: Expected, grams: int) -> bool:
    return 0 < expected.max_g < grams


def _more(floor: Floor, order: str) -> tuple[Key, ...]:
    return (Key(name="more", label="Pack more"),) if packing.loose(floor.tx, order) else ()


def _page(floor: Floor, screen: Weigh | TypeWeight, headline: str, keys: tuple[Key, ...]) -> Prompt:
    rows = rows_inside(floor, screen.order)
    return page(floor, screen.order, headline, rows=rows, carton=carton_view(floor, screen.carton), keys=keys)


def carton_view(floor: Floor, code: str) -> CartonView:
    carton = parcels.find(floor.tx, code)
    type = carton.type if carton else ""
    expected = parcels.expected(floor.tx, code, type)
    missing = ", ".join(expected.unknown[:3])
    why = (f"✕ Weight not checkable: {missing} has none.",) if missing else ()
    grams, unweighed = on_scale(floor)
    view = CartonView(
        type=type or "Your choice",
        size=size_of(floor, type),
        why=why,
        weight_g=grams,
        unweighed=unweighed,
        stage="weigh",
        label="" if unweighed else "The label is printed when the weight is right.",
    )
    return weighed(view, expected)
