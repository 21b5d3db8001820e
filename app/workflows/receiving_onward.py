"""Receiving, what comes after a booking: an order that waits for just these goods, and an item nobody has measured.

1. An order waits: bring its pieces to packing now, or leave the walk to a picker; it stands first in their queue.
2. Nobody told the item's size: measure one piece, length, width, height, weight. Asked until somebody did; Later skips.
   Where a dimensioner stands, put one piece on it and press Measure: all four at once.
"""

from typing import Literal

from msgspec.structs import replace

from app.db import Tx
from app.errors import BadAmount
from app.floor.floor import Floor, NoScale
from app.floor.prompt import Goods as Shown
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import DocumentReading, ItemReading, LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.floor.undo import on_undone
from app.stock.events import DimensionsMeasured, Undone
from app.work import cross_docking, receipts, receiving_rules
from app.work.cross_docking import Waiting
from app.workflows.receiving_goods import Goods, home, job

ASKED: tuple[Literal["length_mm", "width_mm", "height_mm", "weight_g"], ...] = (
    "length_mm", "width_mm", "height_mm", "weight_g"
)  # fmt: skip
MOST = {"length_mm": 12_000, "width_mm": 3_000, "height_mm": 4_000, "weight_g": 3_000_000}


class _Onward(Screen, frozen=True, kw_only=True):
    """Whatever is scanned next goes on receiving."""

    goods: Goods

    def home(self) -> Screen:
        goods = self.goods
        return home(goods, last_item=goods.item, last_lot=goods.lot, last_expiry=goods.expiry)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        return self._there(floor, "on_item", read)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return self._there(floor, "on_lpn", read)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        return self._there(floor, "on_document", read)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return self._there(floor, "on_location", read)

    def tap_later(self, floor: Floor) -> Screen:
        return self.home()

    def tap_back(self, floor: Floor) -> Screen:
        return self.home()

    def _there(self, floor: Floor, method: str, read: object) -> Screen:
        following = getattr(self.home(), method)(floor, read)
        assert isinstance(following, Screen)
        return following


class CrossDock(_Onward, frozen=True, kw_only=True, tag="receiving.cross_dock"):
    """Orders wait for what was just received."""

    served: tuple[Waiting, ...]

    def prompt(self, floor: Floor) -> Prompt:
        place = cross_docking.packing_place(floor.tx)
        first = self.served[0]
        return Prompt(
            job=job(self.goods),
            headline="An order waits for it" if len(self.served) == 1 else f"{len(self.served)} orders wait for it",
            subject="cross-dock",
            ask="press",
            hint=f"straight to packing, {place}" if place else "straight to packing",
            big="lines",
            rows=tuple(
                Row(
                    name=f"Order {one.order}",
                    left=str(one.here),
                    detail=f"{one.here} × {one.item}" + (", in part" if one.backordered else ""),
                )
                for one in self.served
            ),
            keys=(Key(name="later", label="A picker does"),),
            main=Key(name="now", label="Take it there now", note=f"{first.here} for order {first.order}"),
            speech="An order waits for it. Take it to packing?",
        )

    def tap_now(self, floor: Floor) -> Screen:
        order = self.served[0].order
        following = build("picking").on_document(floor, DocumentReading(label=order, document=order, of="order"))  # type: ignore[attr-defined]
        assert isinstance(following, Screen)
        return following


class Measure(_Onward, frozen=True, kw_only=True, tag="receiving.measure"):
    """One number after the other."""

    told: tuple[int, ...] = ()

    def prompt(self, floor: Floor) -> Prompt:
        of, asked = receipts.item_of(floor.tx, self.goods.item), ASKED[len(self.told)]
        what, unit = asked.rsplit("_", 1)
        scale = floor.station is not None and bool(floor.station.scale)
        has_dimensioner = floor.seat.station in floor.ports.dimensioners
        return Prompt(
            job=job(self.goods),
            headline=f"Type the {what}",
            subject="measure one",
            ask="quantity",
            hint=f"of one {of.unit}, in {unit}",
            item=Shown(code=of.code, name=of.name, note=f"{what} of one {of.unit}"),
            big="item",
            unit=unit,
            progress=(len(self.told) + 1, len(ASKED)),
            under_way=True,
            main=Key(name="measure", label="Measure", note=f"one on the plate, or type the {what}")
            if has_dimensioner
            else None,
            keys=(Key(name="weigh", label="Weigh"),) * (scale and asked == "weight_g")
            + (Key(name="later", label="Later"),),
            speech=f"Measure one. Type its {what}.",
        )

    def on_quantity(self, floor: Floor, number: int) -> Screen:
        told = (*self.told, _possible(ASKED[len(self.told)], number))
        return replace(self, told=told) if len(told) < len(ASKED) else self._measured(floor, told)

    def tap_measure(self, floor: Floor) -> Screen:
        """All four at once. Raises NotMeasured with the reason."""
        box = floor.ports.measure(floor.seat.station)
        return self._measured(floor, tuple(_possible(asked, getattr(box, asked)) for asked in ASKED))

    def _measured(self, floor: Floor, told: tuple[int, ...]) -> Screen:
        event = DimensionsMeasured(item=self.goods.item, **dict(zip(ASKED, told, strict=True)))
        floor.post(event)
        floor.step(f"Measured: {event.in_words().partition(': ')[2]}")
        return self.home()

    def tap_weigh(self, floor: Floor) -> Screen:
        if floor.station is None or not floor.station.scale:
            raise NoScale(reason="This station has no scale.")
        return self.on_quantity(floor, floor.ports.weigh(floor.station.scale))

    def tap_back(self, floor: Floor) -> Screen:
        return replace(self, told=self.told[:-1]) if self.told else self.home()


def _possible(asked: Literal["length_mm", "width_mm", "height_mm", "weight_g"], number: int) -> int:
    if not 0 < number <= MOST[asked]:
        unit = asked.rsplit("_", 1)[1]
        raise BadAmount(amount=number, reason=f"1 to {MOST[asked]} {unit} is possible.", scanned=str(number))
    return number


def after(floor: Floor, goods: Goods, served: tuple[Waiting, ...], otherwise: Screen) -> Screen:
    """What is asked after a booking; usually nothing."""
    if served:
        return CrossDock(goods=goods, served=served)
    of = receipts.item_of(floor.tx, goods.item)
    if not (of.length_mm and of.weight_g) and receiving_rules.of(floor.tx, po=goods.po, item=goods.item).measure:
        return Measure(goods=goods)
    return otherwise


def _taken_back(tx: Tx, undone: Undone) -> None:
    if undone.kind in ("received", "pallet_received") and undone.claimed:
        cross_docking.drop(tx, undone.claimed)


on_undone.append(_taken_back)
