"""Counting: what a label did not say. How many of what was scanned last; which lot; which serial.

Typed numbers stand for the scan before them, from the moment of that scan on: what moves while the eye counts is noticed.
"""

from app.errors import Malformed
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt
from app.floor.readings import ItemReading, LotReading, SerialReading
from app.floor.screens import Screen, build
from app.work.counting import counts, tallies
from app.work.counting.book import Key as Counted
from app.workflows.counting_saying import mine, tell, told

LONGEST_NUMBER = 20  # of a lot or serial (GS1 AI 10, 21)


class NoSound(Malformed):
    code, title = "no_sound_number", "Not a number"
    says = "{scanned} is no sound {what}: 1 to 20 letters and digits, no blanks."


class _Asking(Screen, frozen=True, kw_only=True):
    count: str
    lpn: str = ""

    def tap_back(self, floor: Floor) -> Screen:
        return build("counting.at", count=self.count, lpn=self.lpn)

    def tap_look_up(self, floor: Floor) -> Screen:
        raise counts.Blind()


class Many(_Asking, frozen=True, kw_only=True, tag="counting.many"):
    """How many of what was scanned last?"""

    def prompt(self, floor: Floor) -> Prompt:
        said = tallies.standing(floor.tx, self.count)
        last = said[-1] if said else None
        which = (f"lot {last.lot}" if last.lot else "", last.lpn) if last else ()
        return Prompt(
            job="Count",
            headline="How many?",
            ask="quantity",
            hint="all of it here, this scan too",
            item=_goods(floor, last.item, " · ".join(part for part in which if part)) if last else None,
            unit=tallies.item_of(floor.tx, last.item).unit if last else "",
            speech="How many?",
        )

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        last, stands = tallies.retype(floor.tx, mine(floor, self.count), quantity)
        told(floor, stands, last.key, quantity)
        return self.tap_back(floor)


class Lot(_Asking, frozen=True, kw_only=True, tag="counting.lot"):
    """The label named no lot."""

    item: str
    quantity: int
    label: str
    serial: str = ""
    expiry: str = ""
    since: int = -1

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Count",
            headline="Scan or type the lot",
            big="item",
            item=_goods(floor, self.item, "lot is missing"),
            keys=(Key(name="back", label="Back"),),
            speech="Which lot?",
        )

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        return self._with(floor, read.lot, read.expiry)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        """Another label of the same piece that does name its lot; else an intention: the next piece."""
        if read.item == self.item and read.lot:
            return self._with(floor, read.lot, read.expiry, read.serial)
        following = build("counting.at", count=self.count, lpn=self.lpn)
        return following.on_item(floor, read)  # type: ignore[attr-defined,no-any-return]

    def on_text(self, floor: Floor, text: str) -> Screen:
        return self._with(floor, _sound(text, "lot"), "")

    def _with(self, floor: Floor, lot: str, expiry: str, serial: str = "") -> Screen:
        count = mine(floor, self.count)
        number = self.serial or serial
        if tallies.item_of(floor.tx, self.item).serial_tracked and not number:
            return build("counting.serial", count=self.count, lpn=self.lpn, item=self.item, lot=lot)
        key = Counted(item=self.item, lpn=tallies.key_for(floor.tx, count, self.item, self.lpn, lot).lpn, lot=lot)
        tell(
            floor, count, key, self.quantity, self.label, serial=number, expiry=self.expiry or expiry, since=self.since
        )  # fmt: skip
        return self.tap_back(floor)


class Serial(_Asking, frozen=True, kw_only=True, tag="counting.serial"):
    """Each piece shows its own serial."""

    repeats = True

    item: str
    lot: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Count",
            headline="Scan the serial",
            big="item",
            item=_goods(floor, self.item, f"lot {self.lot}" if self.lot else ""),
            keys=(Key(name="back", label="Back"),),
            speech="Scan the serial.",
        )

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        return self._with(floor, read.serial)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        if read.item == self.item and read.serial:
            return self._with(floor, read.serial)
        following = build("counting.at", count=self.count, lpn=self.lpn)
        return following.on_item(floor, read)  # type: ignore[attr-defined,no-any-return]

    def on_text(self, floor: Floor, text: str) -> Screen:
        return self._with(floor, _sound(text, "serial"))

    def _with(self, floor: Floor, number: str) -> Screen:
        count = mine(floor, self.count)
        found = tallies.key_for(floor.tx, count, self.item, self.lpn, self.lot, number)
        key = Counted(item=self.item, lpn=found.lpn, lot=found.lot or self.lot)
        tell(floor, count, key, 1, number, serial=number)
        return self.tap_back(floor)


def _goods(floor: Floor, item: str, note: str) -> Goods:
    return Goods(code=item, name=tallies.item_of(floor.tx, item).name, note=note)


def _sound(text: str, what: str) -> str:
    if not (0 < len(text) <= LONGEST_NUMBER and text.isascii() and text.isprintable() and " " not in text):
        raise NoSound(scanned=text[:30] or "Nothing", what=what)
    return text
