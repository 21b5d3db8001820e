"""Replenishment, first half: to the source, and the goods into the hand."""

from typing import ClassVar

from msgspec.structs import replace

from app.errors import BadAmount, ScanAgain, Wrong
from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt
from app.floor.readings import ItemReading, LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.work import exceptions, picking, replenishing, tasks
from app.work import replenishing_sources as origin
from app.work.replenishing import NothingToBring, Replenishment
from app.workflows.replenishing_face import ToFace, with_serial
from app.workflows.replenishing_trip import (
    SHORT,
    Trip,
    WrongSource,
    next_trip,
    pieces,
    refuse_goods,
    slot_name,
    trip_from,
    why,
)


class OtherSource(ScanAgain):
    code, title = "other_source", "Another source"
    says = "Proposed {expected}, scanned {scanned}: it has {item} too."
    todo = "Sure? Scan {scanned} again. Or scan {expected}."


class WrongLpn(Wrong):
    code, title = "wrong_lpn", "Wrong LPN"
    todo = "Take it from {expected}."


class ToSource(Trip, frozen=True, kw_only=True, tag="replenishing.source"):
    """Walk to the source and scan it."""

    without: tuple[str, ...] = ()

    def prompt(self, floor: Floor) -> Prompt:
        return self.shown(
            floor,
            taken=self.quantity,
            headline="Scan LPN" if self.lpn else "Scan location",
            big="place",
            place=self.location,
            why=why(floor, self),
            why_title="Why",
            hint=self.lpn,
            keys=(SHORT, Key(name="other", label="Other source")),
            speech=f"Go to {self.location}",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        what = self.under_way(floor)
        if read.location == self.location:
            self.source(floor, what)
            return AtSource(**self.known)
        there = [each for each in origin.sources(floor.tx, what.item, what.face) if each.held.location == read.location]
        if not there:
            raise WrongSource(expected=self.location, scanned=read.location)
        floor.confirm(OtherSource(expected=self.location, scanned=read.location, item=what.item))
        return AtSource(**trip_from(floor, what, there[0]).known)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return at_plate(floor, self, read.lpn)

    def tap_other(self, floor: Floor) -> Screen:
        """Not that one: it cannot be reached, or something stands before it."""
        what = self.under_way(floor)
        return next_trip(floor, what, without=(*self.without, slot_name(self.slot)))


class AtSource(Trip, frozen=True, kw_only=True, tag="replenishing.take"):
    """Standing before the source: scan the item, or the LPN it lies on."""

    repeats: ClassVar[bool] = True
    plate_seen: bool = False  # other goods are on the LPN too: now the item

    def prompt(self, floor: Floor) -> Prompt:
        return self.shown(
            floor,
            taken=self.quantity,
            headline="Scan LPN" if self.lpn and not self.plate_seen else "Scan item",
            big="item",
            done=(self.location,),
            hint=self.lpn,
            keys=(SHORT,),
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return at_plate(floor, self, read.lpn)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        what = self.under_way(floor)
        self.source(floor, what)
        refuse_goods(self, what, read)
        if picking.item_of(floor.tx, what.item).serial_tracked:
            following = ToFace(**self.known, by_serial=True)
            return with_serial(floor, following, read.serial) if read.serial else following
        return ToFace(**self.known)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        if read.location != self.location:
            raise WrongSource(expected=self.location, scanned=read.location)
        return self


class Short(Trip, frozen=True, kw_only=True, tag="replenishing.short"):
    """Less is there than the books say: how many can you take?"""

    def prompt(self, floor: Floor) -> Prompt:
        return replace(
            self.shown(floor, taken=self.quantity, headline="Take that many", big=""),
            ask="quantity",
            quantity=None,
            hint=f"type how many are at {self.location}",
            keys=(Key(name="none", label="None"),),
        )

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        what = self.under_way(floor)
        found = pieces(floor, self, what, quantity)
        if found >= self.quantity:
            raise BadAmount(amount=quantity, reason="then nothing is missing.", scanned=str(quantity))
        return self._short(floor, what, found)

    def tap_none(self, floor: Floor) -> Screen:
        return self._short(floor, self.under_way(floor), 0)

    def tap_back(self, floor: Floor) -> Screen:
        return ToSource(**self.known)

    def _short(self, floor: Floor, what: Replenishment, found: int) -> Screen:
        missing = self.quantity - found
        serials = picking.item_of(floor.tx, what.item).serial_tracked
        trip = ToFace(**self.known, counted=0 if serials else found, by_serial=bool(serials), empty="more_left")
        following: Screen = trip if found else build("replenishing")
        exceptions.add(
            floor.tx,
            "source_short",
            f"{missing} × {what.item} missing at {self.location}, to fill {what.face}.",
            document=f"item {what.item}",
            item=what.item,
            location=self.location,
            worker=floor.worker,
            quantity=missing,
            lot=self.lot,
            by=floor.by,
        )
        floor.ok(f"{self.location} will be counted.")
        return following if found else next_trip(floor, what, without=(slot_name(self.slot),))


def take(floor: Floor, key: str) -> Screen:
    """Begin a task or go on with it. Raises RunningElsewhere until confirmed, TaskOver, NothingToBring."""
    tasks.take(floor.tx, key, floor.worker, floor.device, floor.confirm)
    what = replenishing.find(floor.tx, key)
    assert what is not None, "a task of ours without its goods"
    if not origin.sources(floor.tx, what.item, what.face):
        raise NothingToBring(scanned=what.face, item=what.item)
    return next_trip(floor, what)


def at_plate(floor: Floor, trip: Trip, scanned: str) -> Screen:
    """The LPN's label says what it holds; with other goods on it too, the item is asked for. Raises WrongLpn."""
    what = trip.under_way(floor)
    if scanned != trip.lpn:
        raise WrongLpn(expected=trip.lpn or trip.location, scanned=scanned)
    trip.source(floor, what)
    inside = {(row.item, row.lot) for row in balances.in_lpn(floor.tx, trip.lpn)}
    serials = picking.item_of(floor.tx, what.item).serial_tracked
    if serials:
        return ToFace(**trip.known, by_serial=True)
    return ToFace(**trip.known) if inside == {(what.item, trip.lot)} else AtSource(**trip.known, plate_seen=True)
