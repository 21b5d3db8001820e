"""Correct stock: what lies there is not what the books say, or goods leave for good.

1. Scan the place, or the LPN. Where several things lie, scan the item; of several lots the lot.
2. Type how many are really here (or scan each piece, then Done). Goods that leave: tap Write off, then how many.
3. Say why. Where the reason wants one, take a photo.
4. Within your limit it is done. Above it a supervisor releases it here with their badge, or you ask the desk.
"""

from app.db import Tx
from app.errors import Unknown
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen
from app.stock import balances
from app.stock.balances import Balance
from app.stock.slots import Slot
from app.work import arrived, corrections_places
from app.workflows.adjusting_amount import Amount, shown_item, slot_words

SHOWN = 6


class LotNotKnown(Unknown):
    code, title = "lot_not_known", "Unknown lot"
    says = "Nobody received lot {scanned} of {item}."
    todo = "Scan the lot on the goods, or receive them."


class Begin(Screen, frozen=True, kw_only=True, tag="adjusting"):
    """Where?"""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Correct stock",
            headline="Scan place or LPN",
            hint="where the books are wrong, or goods leave",
            speech="Scan the place.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        corrections_places.refuse(floor.tx, read.location)
        return _at(floor, AtPlace(location=read.location))

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        plate = corrections_places.plate(floor.tx, read.lpn)
        return _at(floor, AtPlace(location=plate.location, lpn=plate.code))


class AtPlace(Begin, frozen=True, kw_only=True, tag="adjusting.place"):
    """Which item? It may also be one the books do not have here."""

    location: str
    lpn: str = ""
    item: str = ""  # said already; only the lot is open

    def prompt(self, floor: Floor) -> Prompt:
        rows = self.rows(floor)
        known = [row for row in rows if self.item in ("", row.item)]
        return Prompt(
            job="Correct stock",
            headline="Scan or type the lot" if self.item else "Scan item",
            place=self.lpn or self.location,
            item=shown_item(floor, self.item) if self.item else None,
            big="item" if self.item else "place",
            hint="" if rows else "the books have nothing here",
            rows=()
            if self.item
            else tuple(Row(left=str(r.quantity), name=r.item, detail=slot_words(r)) for r in rows[:SHOWN]),
            choices=tuple(
                Key(name="row", value=str(n), label=slot_words(row) or "no lot", note=f"{row.quantity} booked")
                for n, row in enumerate(known)
            )
            if self.item
            else (),
            speech="Which item?",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        rows = [r for r in self.rows(floor) if r.item == read.item and read.lot in ("", r.lot)]
        if len(rows) == 1:
            return _amount(rows[0], read.serial, floor)
        if rows or (arrived.lot_tracked(floor.tx, read.item) and not read.lot):
            return AtPlace(location=self.location, lpn=self.lpn, item=read.item)
        return self._found(floor, read.item, read.lot, read.serial)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        rows = [r for r in self.rows(floor) if r.lot == read.lot and self.item in ("", r.item)]
        if len(rows) == 1:
            return _amount(rows[0])
        if self.item and not rows:
            return self._found(floor, self.item, read.lot)
        raise LotNotKnown(scanned=read.lot, item=self.item or "what lies here")

    def on_text(self, floor: Floor, text: str) -> Screen:
        return self.on_lot(floor, LotReading(label=text[:20], lot=text[:20]))

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        row = next((r for r in self.rows(floor) if read.serial in balances.serials_of(floor.tx, r)), None)
        if row is None:
            raise Unknown(scanned=f"serial {read.serial}")
        return _amount(row, read.serial, floor)

    def tap_row(self, floor: Floor, number: str) -> Screen:
        rows = [r for r in self.rows(floor) if self.item in ("", r.item)]
        if not (number.isascii() and number.isdigit() and int(number) < len(rows)):
            raise Unknown(scanned=number[:20])
        return _amount(rows[int(number)])

    def tap_back(self, floor: Floor) -> Screen:
        return Begin()

    def rows(self, floor: Floor) -> list[Balance]:
        return [r for r in balances.at_location(floor.tx, self.location) if self.lpn in ("", r.lpn)]

    def _found(self, floor: Floor, item: str, lot: str, serial: str = "") -> Screen:
        """Goods the books do not have here."""
        if lot and not corrections_places.lot_known(floor.tx, item, lot):
            raise LotNotKnown(scanned=lot, item=item)
        screen = Amount(item=item, slot=Slot(location=self.location, lpn=self.lpn, lot=lot))
        return screen.on_serial(floor, SerialReading(label=serial, serial=serial)) if serial else screen


def _at(floor: Floor, place: AtPlace) -> Screen:
    """A place stands for its only content."""
    rows = place.rows(floor)
    return _amount(rows[0]) if len(rows) == 1 else place


def _amount(row: Balance, serial: str = "", floor: Floor | None = None) -> Screen:
    screen = Amount(item=row.item, slot=row.slot)
    if serial and floor is not None:
        return screen.on_serial(floor, SerialReading(label=serial, serial=serial))
    return screen


def _waiting(tx: Tx) -> str:
    n = corrections_places.waiting(tx)
    return f"{n} for the desk" if n else ""


register(
    Flow(
        name="adjusting",
        title="Correct stock",
        icon="look",
        roles=("worker",),
        start=Begin,
        waiting=_waiting,
        order=84,
    )
)
