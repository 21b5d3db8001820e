"""Move, an item in pieces: from its place, its lot, how many.

1. Scan the item. Where it lies in several places, scan the one you take it from; where in several lots, the lot.
2. One piece there: it is taken. Else scan each piece, a case counts whole, or type how many. Serials are scanned.
3. Scan where it goes.
"""

from typing import ClassVar

from msgspec.structs import replace

from app.errors import BadAmount, State
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt, Row
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.balances import Balance
from app.stock.slots import Status
from app.work import arrived, moves
from app.work.moves_refused import NothingThere, ScanOne
from app.workflows.moving_lines import NotThere

SHOWN = 5


class HowManyFirst(State):
    code, title = "how_many_first", "How many?"
    says = "Nothing of {item} is taken yet."
    todo = "Scan each piece, or type how many."


class SerialsOnly(State):
    code, title = "scan_serials", "Scan the serials"
    says = "{item} has serials: the pieces taken are scanned one by one."
    todo = "Scan the serial of each piece."


class Where(Screen, frozen=True, kw_only=True, tag="moving.where"):
    """The item lies in several places: from which?"""

    item: str
    lot: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        rows = [row for row in moves.lies(floor.tx, self.item) if self.lot in ("", row.lot)]
        return Prompt(
            job="Move",
            headline="Scan where you take it",
            big="item",
            item=Goods(code=self.item, name=arrived.size_of(floor.tx, self.item).name),
            rows=tuple(row_of(row, place=True) for row in rows[:SHOWN]),
            speech="Scan the place.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return at_place(floor, self._item(), read.location)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        plate = balances.carrier(floor.tx, read.lpn)
        return at_place(floor, self._item(), plate.location if plate is not None else read.lpn, lpn=read.lpn)

    def tap_back(self, floor: Floor) -> Screen:
        return build("moving")

    def _item(self) -> ItemReading:
        return ItemReading(label=self.item, item=self.item, lot=self.lot, quantity=0)


class Which(Screen, frozen=True, kw_only=True, tag="moving.which"):
    """Several lots of it lie there, or good ones and stopped ones: which? Stopped ones are pressed, good ones scanned."""

    item: str
    location: str
    lpn: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        rows = self._rows(floor)
        by_lot = len({row.lot for row in rows}) > 1
        return Prompt(
            job="Move",
            headline="Scan or type the lot" if by_lot else "Which of them?",
            hint="" if by_lot else "scan it again for the good ones",
            place=self.location,
            big="item",
            item=Goods(code=self.item, name=arrived.size_of(floor.tx, self.item).name),
            choices=tuple(
                Key(name="row", value=str(n), label=_row_words(row) or "no lot", note=f"{row.free} free")
                for n, row in enumerate(rows)
            ),
            speech="Which lot?" if by_lot else "Which of them?",
        )

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        return self._pick(floor, [row for row in self._rows(floor) if row.lot == read.lot], f"lot {read.lot}")

    def on_text(self, floor: Floor, text: str) -> Screen:
        return self._pick(floor, [row for row in self._rows(floor) if row.lot == text], f"lot {text[:40]}")

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        rows = _good([row for row in self._rows(floor) if read.item == row.item and read.lot in ("", row.lot)])
        if len(rows) == 1:
            return _begin(floor, rows[0], read.quantity, read.serial)
        return at_place(floor, read, self.location, lpn=self.lpn)

    def tap_row(self, floor: Floor, number: str) -> Screen:
        rows = self._rows(floor)
        if not (number.isascii() and number.isdigit() and int(number) < len(rows)):
            raise NotThere(scanned=number[:20], place=self.location)
        return _begin(floor, rows[int(number)], 0)

    def tap_back(self, floor: Floor) -> Screen:
        return build("moving")

    def _rows(self, floor: Floor) -> list[Balance]:
        return _here(floor, self.item, self.location, self.lpn)

    def _pick(self, floor: Floor, rows: list[Balance], scanned: str) -> Screen:
        rows = _good(rows)
        if len(rows) != 1:
            raise NotThere(scanned=scanned, place=self.location)
        return _begin(floor, rows[0], 0)


class Pieces(Screen, frozen=True, kw_only=True, tag="moving.pieces"):
    """How many of it?"""

    repeats: ClassVar[bool] = True
    item: str
    location: str
    lpn: str = ""
    lot: str = ""
    status: Status = "available"
    taken: int = 0

    def prompt(self, floor: Floor) -> Prompt:
        row, size = self._row(floor), arrived.size_of(floor.tx, self.item)
        free = row.free if row is not None else 0
        return Prompt(
            job="Move",
            subject=f"LPN {self.lpn}" if self.lpn else f"at {self.location}",
            headline="Next piece, or where it goes" if self.taken else "Scan each piece, or type how many",
            ask="scan" if self.taken else "quantity",
            big="item",
            item=Goods(code=self.item, name=size.name, note=f"lot {self.lot}" if self.lot else ""),
            quantity=free,
            quantity_is="free there",
            unit=size.unit,
            done=(f"{self.taken} taken",) if self.taken else (),
            keys=(Key(name="all", label=f"All {free}"),) if free else (),
            speech="How many?",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        if read.item != self.item or read.lot not in ("", self.lot):
            return at_place(floor, read, self.location, lpn=self.lpn)
        return _take(floor, self, read.quantity, read.serial)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        return _take(floor, self, 1, read.serial)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        """The number typed is all that is taken, pieces scanned before included."""
        if quantity <= self.taken:
            raise BadAmount(amount=quantity, reason=f"{self.taken} are taken already", scanned=str(quantity))
        return _take(floor, self, quantity - self.taken, "")

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        if not self.taken:
            raise HowManyFirst(item=self.item, scanned=read.label)
        following = build("moving")
        assert hasattr(following, "on_location")
        return following.on_location(floor, read)  # type: ignore[no-any-return]

    def tap_all(self, floor: Floor) -> Screen:
        row = self._row(floor)
        if row is None:
            raise NotThere(scanned=self.item, place=self.location)
        return take_whole(floor, row) if not row.allocated else _take(floor, self, row.free, "")

    def tap_back(self, floor: Floor) -> Screen:
        return build("moving")

    def _row(self, floor: Floor) -> Balance | None:
        rows = _here(floor, self.item, self.location, self.lpn)
        return next((row for row in rows if (row.lot, row.status) == (self.lot, self.status)), None)


def from_item(floor: Floor, read: ItemReading) -> Screen:
    """An item without a place: the only place it lies at, or ask. Raises NothingThere."""
    rows = [row for row in moves.lies(floor.tx, read.item) if read.lot in ("", row.lot)]
    if not rows:
        raise NothingThere(scanned=f"any bin for {read.label}")
    if not moves.is_in_one_place(floor.tx, read.item, read.lot):
        return Where(item=read.item, lot=read.lot)
    counts = replace(read, quantity=0)  # which item was said, not yet that a piece of it is in the hand
    return at_place(floor, counts, rows[0].location, lpn=rows[0].lpn)


def at_place(floor: Floor, read: ItemReading, place: str, *, lpn: str = "") -> Screen:
    """An item at a place. Raises NotThere, Promised, ScanOne where it stands on several LPNs there."""
    moves.check_source(floor.tx, place)
    rows = [row for row in _here(floor, read.item, place, lpn) if read.lot in ("", row.lot)]
    if not rows:
        raise NotThere(scanned=f"{read.item} {read.lot}".strip(), place=lpn or place)
    plates = {row.lpn for row in rows}
    if len(plates) > 1 and not lpn:
        if "" not in plates:
            raise ScanOne(scanned=place, what=f"{read.item} on {len(plates)} LPNs")
        rows = [row for row in rows if not row.lpn]
    if not any(row.free for row in rows):
        moves.refuse_promised(floor.tx, rows)
    if len(rows) > 1:
        return Which(item=read.item, location=place, lpn=rows[0].lpn)
    return _begin(floor, rows[0], read.quantity, read.serial)


def take_whole(floor: Floor, row: Balance) -> Screen:
    """All of one balance. Raises Promised."""
    floor.post(moves.take_rows(floor.tx, [row], floor.worker))
    floor.ok(f"{row.quantity} × {row.item} on your trolley.")
    return build("moving")


def row_of(row: Balance, *, place: bool = False) -> Row:
    left = f"LPN {row.lpn}" if row.lpn else ""
    words = " · ".join(word for word in (left, _row_words(row)) if word)
    return Row(left=str(row.free if place else row.quantity), name=row.location if place else row.item, detail=words)


def _begin(floor: Floor, row: Balance, quantity: int, serial: str = "") -> Screen:
    """One thing to take: no question. Else how many; the piece whose label was scanned is taken already."""
    moves.check_source(floor.tx, row.location)
    if row.quantity == 1:
        return take_whole(floor, row)
    screen = Pieces(item=row.item, location=row.location, lpn=row.lpn, lot=row.lot, status=row.status)
    if not row.free:
        moves.refuse_promised(floor.tx, [row])
    by_serial = bool(balances.serials_of(floor.tx, row))
    return _take(floor, screen, quantity, serial) if quantity and (serial or not by_serial) else screen


def _take(floor: Floor, at: Pieces, quantity: int, serial: str) -> Screen:
    row = at._row(floor)
    if row is None:
        raise NotThere(scanned=at.item, place=at.lpn or at.location)
    if not serial and quantity < row.quantity and balances.serials_of(floor.tx, row):
        raise SerialsOnly(item=at.item, scanned=str(quantity))
    floor.post(moves.take_rows(floor.tx, [row], floor.worker, quantity, serial))
    floor.ok(f"{at.taken + quantity} × {at.item} on your trolley.")
    following = replace(at, taken=at.taken + quantity)
    return following if following._row(floor) is not None else build("moving")


def _here(floor: Floor, item: str, place: str, lpn: str) -> list[Balance]:
    return [row for row in balances.of_item_at(floor.tx, item, place) if lpn in ("", row.lpn)]


def _good(rows: list[Balance]) -> list[Balance]:
    """Those that may be sold, where such are among them."""
    return [row for row in rows if row.status == "available"] or rows


def _row_words(row: Balance) -> str:
    return " · ".join(
        word for word in (f"lot {row.lot}" if row.lot else "", row.status * (row.status != "available")) if word
    )
