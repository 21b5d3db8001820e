"""Packing, the two questions a label may leave open: which lot is it, and which serial."""

from msgspec.structs import replace

from app.floor.floor import Floor
from app.floor.prompt import Fact, Goods, Prompt
from app.floor.readings import ItemReading, LotReading, SerialReading
from app.floor.screens import Screen
from app.work import packing
from app.workflows.packing_items import Items
from app.workflows.packing_view import page


class AskLot(Screen, frozen=True, kw_only=True, tag="packing.lot"):
    """Several lots of the item were picked: which one is this?"""

    items: Items
    item: str
    quantity: int

    def prompt(self, floor: Floor) -> Prompt:
        lots = sorted({row.lot for row in packing.loose(floor.tx, self.items.order) if row.item == self.item})
        return _ask(floor, self.items, self.item, "Scan the lot", Fact(label="Lot", value=" or ".join(lots)))

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        reading = ItemReading(label=self.item, item=self.item, quantity=self.quantity, lot=read.lot)
        return self.items.on_item(floor, reading)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        return self.items.on_item(floor, read)

    def tap_back(self, floor: Floor) -> Screen:
        return self.items


class AskSerial(Screen, frozen=True, kw_only=True, tag="packing.serial"):
    """The item's label carried no serial: scan it too."""

    items: Items
    item: str

    def prompt(self, floor: Floor) -> Prompt:
        return _ask(floor, self.items, self.item, "Scan the serial", Fact(label="Serial", value="each by itself"))

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        return self.items.put_serial(floor, self.item, read.serial)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        return self.items.on_item(floor, read)

    def tap_back(self, floor: Floor) -> Screen:
        return self.items


def _ask(floor: Floor, items: Items, item: str, headline: str, fact: Fact) -> Prompt:
    one = next((one for one in packing.tally(floor.tx, items.order) if one.item == item), None)
    name = one.name if one else item
    asked = page(floor, items.order, headline, carton=items.prompt(floor).carton)
    return replace(asked, item=Goods(code=item, name=name), facts=(fact,), big="item")
