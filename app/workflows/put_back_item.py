"""Put back, item by item: out of the tote or carton, into a bin.

1. Scan the item: each piece +1, or type how many; serials piece by piece.
2. Scan the bin. The one they came from is proposed; another is taken when you scan it twice. That makes it so.
"""

from typing import ClassVar

from msgspec.structs import replace

from app.errors import ScanAgain, State, Wrong
from app.floor.floor import Floor
from app.floor.prompt import Goods, Prompt
from app.floor.readings import ItemReading, LocationReading, LotReading, SerialReading
from app.floor.screens import Screen, build
from app.stock.events import PutBack
from app.work import picking, put_back, tasks
from app.work.put_back import Left


class NotOfOrder(Wrong):
    code, title = "wrong_item", "Wrong item"
    says = "Expected {expected}, scanned {scanned}."
    todo = "Leave it where it is."


class SerialNotInTote(State):
    code, title = "serial_not_here", "Serial not here"
    says = "Serial {scanned} of {item} is not in {expected} for this order."
    todo = "Take another piece."


class TooMany(State):
    code, title = "too_many", "Too many"
    says = "Only {expected} × {item} go back; that would be {scanned}."
    todo = "Leave the rest where it is."


class ItemFirst(State):
    code, title = "item_first", "Item first"
    says = "Scan the item before {scanned}."
    todo = "Nothing was counted."


class OtherBin(ScanAgain):
    code, title = "other_bin", "Another bin"
    says = "It came from {expected}; this is {scanned}."


class OfTask(Screen, frozen=True, kw_only=True):
    task: str
    order: str

    def left(self, floor: Floor) -> list[Left]:
        tasks.keep(floor.tx, self.task, floor.worker, floor.device)
        return put_back.left_of(floor.tx, self.order)


class OutOfTote(OfTask, frozen=True, kw_only=True, tag="put_back.item"):
    """Take the goods out: scan the item."""

    repeats: ClassVar[bool] = True
    tote: str
    left_line: str = ""  # what is in the hand: line, item and lot of it
    item: str = ""
    lot: str = ""
    taken: int = 0
    serials: tuple[str, ...] = ()

    def prompt(self, floor: Floor) -> Prompt:
        inside = [each for each in put_back.left_of(floor.tx, self.order) if each.place == self.tote]
        one = self._in_hand(inside) or (inside[0] if inside else None)
        if one is None:
            return Prompt(job=f"Put back order {self.order}", headline="Scan item", hint="nothing is left in the tote")
        goods = picking.item_of(floor.tx, one.item)
        return Prompt(
            job=f"Put back order {self.order}",
            headline="Scan bin" if self.taken == one.quantity else "Scan next" if self.taken else "Scan item",
            hint=f"{self.taken} of {one.quantity}: scan the bin, the next piece, or type" if self.taken else "",
            big="place" if self.taken == one.quantity else "item",
            place=put_back.came_from(floor.tx, one),
            item=Goods(code=goods.code, name=goods.name, note=f"lot {one.lot}" if one.lot else ""),
            quantity=one.quantity - self.taken or one.quantity,
            unit=goods.unit,
            done=(f"{self.taken} × {goods.name} from {self.tote}",) if self.taken else (f"out of {self.tote}",),
            speech=f"Put back {goods.name}.",
        )

    def _in_hand(self, inside: list[Left]) -> Left | None:
        return next(
            (each for each in inside if (each.line, each.item, each.lot) == (self.left_line, self.item, self.lot)),
            None,
        )

    def _inside(self, floor: Floor) -> list[Left]:
        return [each for each in self.left(floor) if each.place == self.tote]

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        inside = self._inside(floor)
        fitting = [each for each in inside if each.item == read.item and read.lot in ("", each.lot)]
        now = self._in_hand(inside)
        if self.taken and now is not None:
            fitting = [each for each in fitting if each == now]
        if not fitting:
            expected = now.item if self.taken and now else " or ".join(dict.fromkeys(each.item for each in inside))
            raise NotOfOrder(expected=expected, scanned=f"{read.item} {read.lot}".strip())
        lots = dict.fromkeys(each.lot for each in fitting)
        if len(lots) > 1:
            floor.ok(f"Several lots of {read.item} are in the tote: scan the lot.")
            return replace(self, item=read.item)
        one = fitting[0]
        if picking.item_of(floor.tx, one.item).serial_tracked:
            if read.serial:
                return self._with_serial(floor, one, read.serial)
            floor.ok(f"{one.item}: now the serial.")
            return self
        return self._more(floor, one, read.quantity)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        inside = [each for each in self._inside(floor) if each.item == self.item or not self.item]
        one = next((each for each in inside if each.lot == read.lot), None)
        if one is not None and self.item and not self.taken:
            return self._more(floor, one, 1)
        tracked = next((each for each in inside if picking.item_of(floor.tx, each.item).serial_tracked), None)
        if tracked is not None:
            return self._with_serial(floor, tracked, read.lot)
        raise NotOfOrder(expected=" or ".join(f"lot {each.lot}" for each in inside if each.lot), scanned=read.lot)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        inside = self._inside(floor)
        one = next((each for each in inside if put_back.has_serial(floor.tx, each, read.serial)), None)
        if one is None:
            raise SerialNotInTote(scanned=read.serial, item=read.item or "this item", expected=self.tote)
        return self._with_serial(floor, one, read.serial)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        now = self._in_hand(self._inside(floor))
        if now is None or not self.taken or self.serials:
            raise ItemFirst(scanned=str(quantity))
        return replace(self, taken=0)._more(floor, now, quantity)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        now = self._in_hand(self._inside(floor))
        if now is None or not self.taken:
            raise ItemFirst(scanned=read.location)
        put_back.refuse_place(floor.tx, read.location, now)
        home = put_back.came_from(floor.tx, now)
        if home and read.location != home:
            floor.confirm(OtherBin(expected=home, scanned=read.location))
        emptied = put_back.emptied_by(floor.tx, now, self.taken)
        floor.post(
            PutBack(
                line=now.line,
                item=now.item,
                quantity=self.taken,
                source=now.slot,
                target=now.slot.at(read.location, ""),
                serials=self.serials,
                emptied=emptied,
            )
        )
        void = f" Carton {emptied} is void: take its label off." if emptied else ""
        floor.ok(f"{self.taken} × {now.item} back at {read.location}.{void}")
        return go_on(floor, self.task, self.order, self.tote, void)

    def tap_back(self, floor: Floor) -> Screen:
        if self.taken:
            return OutOfTote(task=self.task, order=self.order, tote=self.tote)
        return build("put_back.tote", task=self.task, order=self.order)

    def _more(self, floor: Floor, one: Left, quantity: int) -> "OutOfTote":
        taken = self.taken + quantity
        if taken > one.quantity:
            raise TooMany(expected=str(one.quantity), item=one.item, scanned=str(taken))
        floor.ok(f"{taken} of {one.quantity}.")
        return replace(self, left_line=one.line, item=one.item, lot=one.lot, taken=taken)

    def _with_serial(self, floor: Floor, one: Left, number: str) -> "OutOfTote":
        if number in self.serials or not put_back.has_serial(floor.tx, one, number):
            raise SerialNotInTote(scanned=number, item=one.item, expected=self.tote)
        return replace(self._more(floor, one, 1), serials=(*self.serials, number))


def go_on(floor: Floor, key: str, order: str, tote: str, told: str = "") -> Screen:
    """More of this tote, another tote, or the end of the task; its last step is not undone, the task is over."""
    if put_back.settle(floor.tx, key, order):
        floor.undoable = False
        floor.step(f"All of order {order} is put back.{told}")
        return build("put_back")
    if tote and any(each.place == tote for each in put_back.left_of(floor.tx, order)):
        return OutOfTote(task=key, order=order, tote=tote)
    return build("put_back.tote", task=key, order=order)
