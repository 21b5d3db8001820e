"""Correct stock, how many: what is really here, or how much leaves; then why, with a photo, and who lets it pass."""

from typing import ClassVar

from msgspec.structs import replace

from app.errors import BadAmount
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt
from app.floor.readings import ItemReading, LocationReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.balances import Balance
from app.stock.slots import Slot
from app.work import arrivals, arrived, corrections
from app.work.corrections import Ask, Kind
from app.workflows.adjusting_why import Why


class Amount(Screen, frozen=True, kw_only=True, tag="adjusting.amount"):
    """How many are really here? Or, writing off: how many leave?"""

    repeats: ClassVar[bool] = True
    item: str
    slot: Slot
    kind: Kind = "adjust"
    seen: int = 0  # pieces scanned

    def prompt(self, floor: Floor) -> Prompt:
        size, booked = arrived.size_of(floor.tx, self.item), self.booked(floor)
        leaving = self.kind == "write_off"
        serial = arrived.serial_tracked(floor.tx, self.item)
        headline = "Type how many leave" if leaving else "Type how many are here"
        keys = [Key(name="done", label=f"Done: {self.seen}")] if self.seen else []
        keys += [Key(name="write_off", label="Write off")] if booked and not leaving else []
        keys += [Key(name="all", label=f"All {booked}" if leaving else "None here")] if booked and not serial else []
        return Prompt(
            job="Write off" if leaving else "Correct stock",
            subject=arrivals.named(self.slot.lpn) if self.slot.lpn else f"at {self.slot.location}",
            headline="Scan the serial" if serial else headline,
            ask="scan" if serial else "quantity",
            hint=f"{self.seen} scanned · scan {self._where} again when that is all"
            if self.seen
            else f"books: {booked}" + (" · or scan each piece" * (not serial)),
            big="item",
            item=replace(shown_item(floor, self.item), note=_note(self.slot)),
            quantity=booked,
            quantity_is="booked",
            unit=size.unit,
            keys=tuple(keys),
            speech=headline,
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        if read.item != self.item or read.lot not in ("", self.slot.lot):
            return self._place().on_item(floor, read)  # type: ignore[attr-defined, no-any-return]
        if read.serial:
            return self.on_serial(floor, SerialReading(label=read.serial, serial=read.serial))
        return replace(self, seen=self.seen + read.quantity)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        """A serial the books have here leaves or is lost; one they have not is found."""
        held = corrections.held_at(floor.tx, self.item, self.slot)
        if held is not None and read.serial in balances.serials_of(floor.tx, held):
            return self._why(floor, -1, read.serial)
        arrivals.check_serial(floor.tx, self.item, read.serial)
        return self._why(floor, 1, read.serial)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        if arrived.serial_tracked(floor.tx, self.item):
            raise BadAmount(
                amount=quantity, reason="its pieces have serials: scan them one by one", scanned=str(quantity)
            )
        booked = self.booked(floor)
        if self.kind == "write_off":
            return self._why(floor, -quantity)
        if quantity == booked:
            raise BadAmount(amount=quantity, reason="that is what the books have", scanned=str(quantity))
        return self._why(floor, quantity - booked)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        """The place again after its pieces: that is all. Else another place."""
        if self.seen and read.location == self._where:
            return self.tap_done(floor)
        return build("adjusting").on_location(floor, read)  # type: ignore[attr-defined, no-any-return]

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        if self.seen and read.lpn == self._where:
            return self.tap_done(floor)
        return build("adjusting").on_lpn(floor, read)  # type: ignore[attr-defined, no-any-return]

    def tap_done(self, floor: Floor) -> Screen:
        return self.on_quantity(floor, self.seen)

    def tap_all(self, floor: Floor) -> Screen:
        """All of it leaves; or nothing of it is here."""
        return self._why(floor, -self.booked(floor))

    def tap_write_off(self, floor: Floor) -> Screen:
        return replace(self, kind="write_off")

    def tap_back(self, floor: Floor) -> Screen:
        return replace(self, kind="adjust") if self.kind == "write_off" else self._place()

    def booked(self, floor: Floor) -> int:
        held = corrections.held_at(floor.tx, self.item, self.slot)
        return held.quantity if held is not None else 0

    @property
    def _where(self) -> str:
        return self.slot.lpn or self.slot.location

    def _place(self) -> Screen:
        return build("adjusting.place", location=self.slot.location, lpn=self.slot.lpn)

    def _why(self, floor: Floor, change: int, serial: str = "") -> Screen:
        if change == 0:
            raise BadAmount(amount=0, reason="the books have none either", scanned="0")
        if self.kind == "write_off" and change > 0:
            raise BadAmount(amount=change, reason="the books do not have this serial here", scanned=serial)
        ask = Ask(
            kind=self.kind, item=self.item, slot=self.slot, change=change, booked=self.booked(floor), serial=serial
        )
        corrections.refuse(floor.tx, ask)
        return Why(ask=ask)


def shown_item(floor: Floor, item: str) -> Goods:
    return Goods(code=item, name=arrived.size_of(floor.tx, item).name)


def slot_words(row: Balance) -> str:
    return _note(row.slot, lpn=True)


def _note(slot: Slot, *, lpn: bool = False) -> str:
    words = [f"LPN {slot.lpn}"] if lpn and slot.lpn else []
    words += [f"lot {slot.lot}"] if slot.lot else []
    words += [slot.status] if slot.status != "available" else []
    return " · ".join(words)
