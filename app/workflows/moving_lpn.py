"""LPNs: put goods on one, break one up, empty one into another, set one on another, take it off again.

1. Scan an LPN, or a new label, or tap New LPN: its label is printed with the first goods.
2. A new one: scan the place it stands at. Then scan each item that goes on it, or type how many; or scan the place
   again: all that lies loose there goes on it.
3. Break up: all of it lies loose. Merge: scan the LPN all of it goes onto. Nest: scan the LPN it is set on. Take off:
   it stands by itself again.
4. Label: it gets its label. One that had a label before asks why; what comes out is marked as a copy.
"""

from typing import ClassVar, Literal

from msgspec.structs import replace

from app.errors import State
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen
from app.printing import jobs
from app.printing.station_printers import has_printer
from app.stock import balances
from app.stock.balances import Balance
from app.work import arrivals, moves, moves_lpn, numbers
from app.workflows.moving_lines import NotThere
from app.workflows.moving_lpn_label import Again, first_label, goods_on
from app.workflows.moving_pieces import SerialsOnly

SHOWN = 5


class ItemFirst(State):
    code, title = "item_first", "Item first"
    says = "Scan the item before its number."
    todo = "Nothing was put on."


class SeveralLots(State):
    code, title = "several_lots", "Which lot?"
    says = "{item} lies at {place} in several lots."
    todo = "Scan a label with the lot on it, or scan the lot first."


class Choose(Screen, frozen=True, kw_only=True, tag="lpn"):
    """Which LPN?"""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="LPN",
            headline="Scan LPN",
            hint="or a new label, to put goods on it",
            keys=(Key(name="new", label="New LPN"),),
            speech="Scan the L P N.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return _open(floor, read)

    def tap_new(self, floor: Floor) -> Screen:
        code = numbers.lpn(floor.tx)
        floor.ok(f"The new LPN is {code}.")
        return Begin(lpn=code, made_here=True)


class Begin(Screen, frozen=True, kw_only=True, tag="lpn.begin"):
    """A new LPN: where does it stand?"""

    lpn: str
    made_here: bool = False

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="New LPN",
            subject=arrivals.named(self.lpn),
            headline="Scan where it stands",
            hint="the goods lie there loose",
            speech="Scan where it stands.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        moves.check_source(floor.tx, read.location)
        return Plate(lpn=self.lpn, location=read.location, begins=True, made_here=self.made_here)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return _open(floor, read)

    def tap_back(self, floor: Floor) -> Screen:
        return Choose()


class Plate(Screen, frozen=True, kw_only=True, tag="lpn.plate"):
    """One LPN, where it stands: more goods onto it, or something done with it."""

    repeats: ClassVar[bool] = True
    lpn: str
    location: str
    begins: bool = False  # nothing is on it yet
    made_here: bool = False
    item: str = ""  # what was put on last, so that a number typed means more of it
    lot: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        top = balances.carrier(floor.tx, self.lpn)
        rows = [] if top is None or self.begins else moves.held_in(floor.tx, top)
        keys = [] if not rows else [Key(name="break_up", label="Break up"), Key(name="merge", label="Merge")]
        keys += [Key(name="nest", label="Nest")] if rows else []
        keys += [Key(name="off", label="Take off")] if top is not None and top.parent else []
        keys += [Key(name="label", label="Label")] if rows else []
        return Prompt(
            job="LPN",
            subject=arrivals.named(self.lpn),
            headline="Scan what goes on it",
            hint=f"on LPN {top.parent}"
            if rows and top is not None and top.parent
            else f"or {self.location} again: all that lies loose there",
            place=self.location,
            rows=tuple(
                Row(left=str(row.quantity), name=row.item, detail=_detail(row, self.lpn)) for row in rows[:SHOWN]
            )
            + ((Row(name=f"and {len(rows) - SHOWN} more"),) if len(rows) > SHOWN else ()),
            keys=tuple(keys),
            speech="Scan what goes on it.",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        row = self._loose(floor, read.item, read.lot or (self.lot if read.item == self.item else ""))
        if not read.serial and row.quantity > read.quantity and balances.serials_of(floor.tx, row):
            raise SerialsOnly(item=row.item, scanned=read.label)
        return self._put(floor, row, read.quantity, read.serial)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        item = read.item or self.item
        if not item:
            raise ItemFirst(scanned=read.label)
        rows = [r for r in self._rows(floor, item) if read.serial in balances.serials_of(floor.tx, r)]
        if not rows:
            raise NotThere(scanned=f"serial {read.serial}", place=self.location)
        return self._put(floor, rows[0], 1, read.serial)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        floor.ok(f"Lot {read.lot}: now the item.")
        return replace(self, lot=read.lot, item="")

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        if not self.item:
            raise ItemFirst(scanned=str(quantity))
        row = self._loose(floor, self.item, self.lot)
        if quantity < row.quantity and balances.serials_of(floor.tx, row):
            raise SerialsOnly(item=row.item, scanned=str(quantity))
        return self._put(floor, row, quantity)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        """Its own place: all that lies loose there goes on it."""
        if read.location != self.location:
            raise NotThere(scanned=f"LPN {self.lpn}", place=read.location)
        rows = [row for row in balances.at_location(floor.tx, self.location) if not row.lpn]
        if not rows:
            raise NotThere(scanned="loose goods", place=self.location)
        following: Screen = self
        for row in rows:
            assert isinstance(following, Plate)
            following = following._put(floor, row, 0)
        floor.step(f"All of {self.location} is on LPN {self.lpn}.")
        return following

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return self if read.lpn == self.lpn else _open(floor, read)

    def tap_break_up(self, floor: Floor) -> Screen:
        floor.post(moves_lpn.break_up(floor.tx, self.lpn, floor.worker))
        floor.step(f"All of LPN {self.lpn} lies loose at {self.location}. Take its label off.")
        return Choose()

    def tap_merge(self, floor: Floor) -> Screen:
        return Into(lpn=self.lpn, how="merge")

    def tap_nest(self, floor: Floor) -> Screen:
        return Into(lpn=self.lpn, how="nest")

    def tap_off(self, floor: Floor) -> Screen:
        floor.post(moves_lpn.take_out(floor.tx, self.lpn, floor.worker))
        floor.step(f"LPN {self.lpn} stands by itself at {self.location}.")
        return self

    def tap_label(self, floor: Floor) -> Screen:
        """Raises NoLabelPrinter."""
        rows = goods_on(floor, self.lpn)
        if jobs.made_before(floor.tx, "lpn", self.lpn) is not None:
            return Again(lpn=self.lpn, location=self.location)
        first_label(floor, self.lpn, rows, once=f"lpn {self.lpn} {floor.by.cause}")
        floor.ok(f"The label of {self.lpn} comes out.")
        return self

    def tap_back(self, floor: Floor) -> Screen:
        return Choose()

    def _put(self, floor: Floor, row: Balance, quantity: int, serial: str = "") -> Screen:
        if not self.begins:
            moves_lpn.taker(floor.tx, self.lpn)
        event = moves_lpn.put_on(floor.tx, self.lpn, row, quantity, serial, begins=self.begins)
        floor.post(event)
        floor.ok(f"{quantity or row.quantity} × {row.item} on LPN {self.lpn}.")
        if self.begins and self.made_here:
            if has_printer(floor):
                first_label(floor, self.lpn, [replace(row, quantity=quantity or row.quantity)])
            else:
                floor.warn(f"No label printer is set: write {self.lpn} on it.")
        return replace(self, begins=False, made_here=False, item=row.item, lot=row.lot)

    def _rows(self, floor: Floor, item: str) -> list[Balance]:
        return [row for row in balances.of_item_at(floor.tx, item, self.location) if not row.lpn]

    def _loose(self, floor: Floor, item: str, lot: str) -> Balance:
        """The loose goods meant. Raises NotThere, SeveralLots."""
        rows = [row for row in self._rows(floor, item) if lot in ("", row.lot)]
        if not rows:
            raise NotThere(scanned=f"{item} {lot}".strip(), place=self.location)
        if len(rows) > 1:
            raise SeveralLots(item=item, place=self.location, scanned=item)
        return rows[0]


class Into(Screen, frozen=True, kw_only=True, tag="lpn.into"):
    """The other LPN: all of this one goes onto it, or this one is set on it."""

    lpn: str
    how: Literal["merge", "nest"]

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Merge LPNs" if self.how == "merge" else "Nest LPNs",
            subject=arrivals.named(self.lpn),
            headline="Scan the other LPN",
            hint="all of it goes onto that one" if self.how == "merge" else "this one stands on it from now on",
            speech="Scan the other L P N.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        change = moves_lpn.merge if self.how == "merge" else moves_lpn.nest
        floor.post(change(floor.tx, self.lpn, read.lpn, floor.worker))
        target = moves_lpn.taker(floor.tx, read.lpn)
        said = "is empty: take its label off" if self.how == "merge" else f"stands on LPN {read.lpn}"
        floor.step(f"LPN {self.lpn} {said}.")
        return Plate(lpn=read.lpn, location=target.location)

    def tap_back(self, floor: Floor) -> Screen:
        top = balances.carrier(floor.tx, self.lpn)
        return Plate(lpn=self.lpn, location=top.location) if top is not None else Choose()


def _open(floor: Floor, read: LpnReading) -> Screen:
    known = balances.carrier(floor.tx, read.lpn)
    if known is None and read.of == "pallet":
        floor.ok(f"LPN {read.lpn} is new.")
        return Begin(lpn=read.lpn)
    found = moves_lpn.taker(floor.tx, read.lpn)
    return Plate(lpn=found.code, location=found.location)


def _detail(row: Balance, lpn: str) -> str:
    return " · ".join(
        word for word in (f"lot {row.lot}" if row.lot else "", f"on {row.lpn}" if row.lpn != lpn else "") if word
    )


register(Flow(name="lpn", title="LPN", icon="load", roles=("worker",), start=Choose, order=64))
