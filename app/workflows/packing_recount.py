"""Packing, the recount: the weight was off, so every unit of the carton is scanned once more.

The books do not change: they say what was seen, and the carton is made to agree with them. A unit that is missing is
put in; one too many is taken out and scanned afterwards like any other. Serials count one by one.
"""

from msgspec import field
from msgspec.structs import replace

from app.errors import State
from app.floor.floor import Floor
from app.floor.prompt import Prompt, Row
from app.floor.readings import ItemReading, SerialReading
from app.floor.screens import Screen
from app.work import packing, parcels
from app.workflows.packing_view import page, weighing
from app.workflows.packing_weigh import carton_view


class MoreThanPacked(State):
    code, title = "more_than_packed", "One too many"
    says = "{packed} × {item} were packed into this carton; this is one more."
    todo = "Take it out and scan it after the recount."


class SerialNotInside(State):
    code, title = "serial_not_inside", "Not in this carton"
    says = "Serial {scanned} was not packed into this carton."
    todo = "Take it out."


class Recount(Screen, frozen=True, kw_only=True, tag="packing.recount"):
    """Scan every unit of the carton once more."""

    repeats = True

    order: str
    carton: str
    seen: dict[str, int] = field(default_factory=dict)
    serials: tuple[str, ...] = ()

    def prompt(self, floor: Floor) -> Prompt:
        packed = self._packed(floor)
        names = {one.item: one.name for one in packing.tally(floor.tx, self.order)}
        rows = tuple(
            Row(
                name=names.get(item) or item,
                left=str(count - self.seen.get(item, 0)),
                right=f"{self.seen.get(item, 0)} of {count}",
                state="seen" if self.seen.get(item, 0) == count else "",
            )
            for item, count in sorted(packed.items(), key=lambda kept: self.seen.get(kept[0], 0) == kept[1])
        )
        asked = page(floor, self.order, "Recount: scan each unit", rows=rows, carton=carton_view(floor, self.carton))
        return replace(asked, progress=(sum(self.seen.values()), sum(packed.values())))

    def _packed(self, floor: Floor) -> dict[str, int]:
        sums: dict[str, int] = {}
        for move in parcels.contents(floor.tx, self.carton):
            sums[move.item] = sums.get(move.item, 0) + move.quantity
        return sums

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        numbers = {move.serial for move in parcels.contents(floor.tx, self.carton) if move.item == read.item}
        if numbers - {""}:
            return self._serial(floor, read.item, read.serial) if read.serial else self._hint(floor, read.item)
        return self._count(floor, read.item, read.quantity, self.serials)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        moves = parcels.contents(floor.tx, self.carton)
        item = next((move.item for move in moves if move.serial == read.serial), "")
        return self._serial(floor, item, read.serial)

    def _serial(self, floor: Floor, item: str, number: str) -> Screen:
        inside = {(move.item, move.serial) for move in parcels.contents(floor.tx, self.carton)}
        if (item, number) not in inside:
            raise SerialNotInside(scanned=number)
        key = f"{item}/{number}"
        if key in self.serials:
            floor.warn(f"Serial {number} is counted already.")
            return self
        return self._count(floor, item, 1, (*self.serials, key))

    def _hint(self, floor: Floor, item: str) -> Screen:
        floor.warn(f"Scan the serial of {item}.")
        return self

    def _count(self, floor: Floor, item: str, quantity: int, serials: tuple[str, ...]) -> Screen:
        packed = self._packed(floor)
        now = self.seen.get(item, 0) + quantity
        if now > packed.get(item, 0):
            raise MoreThanPacked(item=item, packed=packed.get(item, 0), scanned=item)
        seen = {**self.seen, item: now}
        floor.ok(f"{item}: {now} of {packed[item]}")
        if seen != packed:
            return replace(self, seen=seen, serials=serials)
        floor.step("All counted again. Weigh it once more.")
        return weighing(floor, self.order, self.carton, recounted=True)

    def tap_back(self, floor: Floor) -> Screen:
        return weighing(floor, self.order, self.carton)
