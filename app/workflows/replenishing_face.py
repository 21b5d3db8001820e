"""Replenishment, second half: how many are in the hand, is the source empty, and the pick face. Its scan makes it so."""

from typing import ClassVar

from msgspec.structs import replace

from app.errors import BadAmount, ScanAgain, State, Unknown, Wrong
from app.floor.floor import Floor
from app.floor.prompt import Prompt
from app.floor.readings import ItemReading, LocationReading, LotReading, SerialReading
from app.floor.screens import Screen, build
from app.stock.events import Replenished
from app.work import bins, exceptions, picking, replenishing, tasks
from app.work import replenishing_sources as origin
from app.work.putaway import BinFull, why_not
from app.work.replenishing import Replenishment
from app.work.replenishing_sources import Source
from app.workflows.replenishing_trip import (
    LEFT,
    SHORT,
    Trip,
    WrongLot,
    next_trip,
    pieces,
    refuse_goods,
    said,
)


class WrongFace(Wrong):
    code, title = "wrong_face", "Wrong pick face"
    todo = "Bring it to {expected}."


class FaceFull(State):
    code, title = "face_full", "Pick face is full"
    says = "{scanned} is full: {reason}."
    todo = "Type how many fit; the rest goes back to {expected}."


class TooMany(State):
    code, title = "too_many", "Too many"
    says = "Only {expected} × {item} may leave here; that would be {scanned}."
    todo = "Put the rest back: it is promised, or does not fit."


class SerialsFirst(State):
    code, title = "serials_first", "Serials first"
    says = "{item} has serials: scan each piece you take."
    todo = "Nothing was moved."


class SerialElsewhere(State):
    code, title = "serial_not_here", "Serial not here"
    says = "Serial {scanned} of {item} is not free at {expected}, or is scanned already."
    todo = "Take another piece."


class LooksEmpty(ScanAgain):
    code, title = "zero_check", "Was it empty?"
    says = "By the books {expected} is empty now."
    todo = "Was it? Scan {scanned} again. If not, tap More left."


class ToFace(Trip, frozen=True, kw_only=True, tag="replenishing.face"):
    """The goods are in the hand: cases may be counted, the emptied source looked into; then the pick face."""

    repeats: ClassVar[bool] = True
    counted: int = 0  # 0: all that is wanted
    by_serial: bool = False
    serials: tuple[str, ...] = ()
    empty: str = ""  # the zero check's answer: confirmed, more_left

    @property
    def taken(self) -> int:
        return self.counted or (0 if self.by_serial else self.quantity)

    def asks_zero(self, floor: Floor, what: Replenishment) -> bool:
        if self.empty or not self.taken:
            return False
        source = origin.source_at(floor.tx, what.item, what.face, self.slot)
        return source is not None and origin.empties(floor.tx, source, self.taken)

    def prompt(self, floor: Floor) -> Prompt:
        what = replenishing.find(floor.tx, self.task)
        zero = what is not None and self.asks_zero(floor, what)
        told = (f"{self.location} is empty",) if self.empty == "confirmed" else (f"from {self.lpn or self.location}",)
        headline = f"Is {self.location} empty? Scan it" if zero else "Scan pick face"
        hint = "or tap More left" if zero else "scan cases, or type how many, if you take fewer"
        if self.by_serial and self.counted < self.quantity:
            headline, hint = "Scan serial", f"{self.counted} of {self.quantity}"
        return self.shown(
            floor,
            taken=self.taken or self.quantity,
            headline=headline,
            big="quantity" if zero or not self.taken else "place",
            place="" if zero or what is None else what.face,
            done=told,
            hint=hint,
            keys=((LEFT, SHORT) if zero else (SHORT,)),
            speech="Take them" if zero else f"Bring it to {what.face if what else 'the pick face'}",
        )

    # ── how many ─────────────────────────────────────────────────────────────────────────────────────────────────
    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        what = self.under_way(floor)
        refuse_goods(self, what, read)
        if self.by_serial:
            if not read.serial:
                raise SerialsFirst(item=what.item, scanned=read.label)
            return with_serial(floor, self, read.serial)
        return self.with_count(floor, what, self.counted + read.quantity)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        return with_serial(floor, self, read.serial)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        """A bare code that nothing else knows reads as a lot; for goods with serials it is one more of those."""
        if self.by_serial:
            return with_serial(floor, self, read.lot)
        what = self.under_way(floor)
        if read.lot != self.lot:
            raise WrongLot(expected=self.lot or "none", scanned=read.lot, item=what.item)
        return self

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        """Cases where the item has them."""
        what = self.under_way(floor)
        if self.by_serial:
            raise SerialsFirst(item=what.item, scanned=str(quantity))
        return self.with_count(floor, what, pieces(floor, self, what, quantity))

    def with_count(self, floor: Floor, what: Replenishment, counted: int) -> "ToFace":
        source = self.source(floor, what)
        if counted < 1:
            raise BadAmount(amount=counted, reason="then nothing is taken; tap Back instead.", scanned=str(counted))
        if counted > source.usable:
            raise TooMany(expected=str(source.usable), item=what.item, scanned=str(counted))
        case = origin.case_of(floor.tx, what.item)
        floor.ok(f"{said(counted, case)} of {said(self.quantity, case)}.")
        return replace(self, counted=counted, empty="")

    # ── is the source empty? ─────────────────────────────────────────────────────────────────────────────────────
    def tap_left(self, floor: Floor) -> Screen:
        """More is there than the books say: somebody counts it."""
        what = self.under_way(floor)
        if self.asks_zero(floor, what):
            exceptions.add(
                floor.tx,
                "zero_check_failed",
                f"{self.location} should be empty after {self.taken} × {what.item}, and is not.",
                document=f"item {what.item}",
                item=what.item,
                location=self.location,
                worker=floor.worker,
                by=floor.by,
            )
            floor.ok(f"{self.location} will be counted.")
        return replace(self, empty="more_left")

    # ── there ────────────────────────────────────────────────────────────────────────────────────────────────────
    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        what = self.under_way(floor)
        if read.location == self.location:
            if self.asks_zero(floor, what):
                floor.ok(f"{self.location} is empty.")
                return replace(self, empty="confirmed")
            return self
        if read.location != what.face:
            raise WrongFace(expected=what.face, scanned=read.location)
        if self.by_serial and not self.serials:
            raise SerialsFirst(item=what.item, scanned=read.location)
        source, quantity = self.source(floor, what), self.taken
        if quantity > source.usable:
            raise TooMany(expected=str(source.usable), item=what.item, scanned=str(quantity))
        _refuse_face(floor, what, self, quantity)
        empty = self.empty
        if self.asks_zero(floor, what):
            floor.confirm(LooksEmpty(expected=self.location, scanned=read.location))
            empty = "confirmed"
        return _post(floor, self, what, source, quantity, empty)


def with_serial(floor: Floor, trip: ToFace, number: str) -> ToFace:
    """One more piece. Raises SerialElsewhere, TooMany."""
    what = trip.under_way(floor)
    found = floor.tx.row(picking.SERIAL, item=what.item, number=number)
    here = found is not None and tuple(found) == (trip.location, trip.lpn, trip.lot, "available")
    if not trip.by_serial or not here or number in trip.serials:
        raise SerialElsewhere(scanned=number, item=what.item, expected=trip.lpn or trip.location)
    return replace(trip.with_count(floor, what, trip.counted + 1), serials=(*trip.serials, number))


def _post(floor: Floor, trip: ToFace, what: Replenishment, source: Source, quantity: int, empty: str) -> Screen:
    floor.post(
        Replenished(
            task=what.task,
            face=what.face,
            contents=origin.moves(what.item, source, quantity, what.face, trip.serials),
            emptied=origin.emptied_plate(floor.tx, source, quantity),
            trigger=what.trigger,
            source_empty=empty,  # type: ignore[arg-type]
        )
    )
    case = origin.case_of(floor.tx, what.item)
    floor.step(f"{said(quantity, case)} × {what.item} in {what.face}.")
    now = replenishing.find(floor.tx, what.task)
    assert now is not None
    one_more = origin.goods_of(floor.tx, what.item, trip.lot, min(case.quantity, now.left) or 1)
    bin = bins.bin_of(floor.tx, what.face, one_more)
    if now.left and bin is not None and isinstance(why_not(one_more, bin), BinFull):
        tasks.finish(floor.tx, what.task)
        if quantity < trip.quantity:
            floor.step(f"{said(quantity, case)} × {what.item} in {what.face}. The rest goes back to {trip.location}.")
        return build("replenishing")
    return next_trip(floor, now)


def _refuse_face(floor: Floor, what: Replenishment, trip: Trip, quantity: int) -> None:
    """Raises FaceFull, MixRule, BinBlocked."""
    goods = origin.goods_of(floor.tx, what.item, trip.lot, quantity)
    bin = bins.bin_of(floor.tx, what.face, goods)
    if bin is None:
        raise Unknown(scanned=what.face)
    refusal = why_not(goods, bin)
    if isinstance(refusal, BinFull):
        raise FaceFull(scanned=bin.code, reason=refusal.facts["reason"], expected=trip.lpn or trip.location)
    if refusal is not None:
        raise refusal
