"""Change status: goods that must not be sold are stopped where they lie, and set free again by somebody else.

1. Scan the LPN or the place. Where several goods lie there, scan the item or its lot.
2. All of it, or type how many; with serials, scan those. Press what they become.
3. Press why. Where the reason wants one, take a photo. Above your limit a supervisor scans their badge.
Goods under inspection, and what came back from a customer, have jobs of their own.
"""

from typing import ClassVar

from msgspec.structs import replace

from app.errors import Ambiguous, BadAmount, NeedsRelease, State, Unknown
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Goods, Key, Prompt
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer
from app.stock import balances
from app.stock.balances import Balance
from app.stock.slots import Status
from app.work import arrivals, holds, photos, picking, reasons, shelf_life, status_changes, status_posting
from app.work.moves_refused import MoreThanFree, NothingThere, Promised
from printers.labels import HoldLabel

SHOWN = 5
JOB = "Change status"


class WhichGoods(Ambiguous):
    code, title = "which_goods", "Which goods?"
    says = "{scanned} holds {meanings}."
    todo = "Scan the item or its lot, or press one."


class NotAmongThem(Unknown):
    code, title = "not_among_them", "Not there"
    says = "{scanned} is not among these goods."
    todo = "Scan goods that lie there."


class SerialsOnly(State):
    code, title = "scan_serials", "Scan the serials"
    says = "{item} has serials: a part of it is scanned one by one."
    todo = "Scan the serial of each piece."


class Begin(Screen, frozen=True, kw_only=True, tag="status"):
    """Which goods?"""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=JOB, headline="Scan LPN or place", hint="where the goods are", speech="Scan where the goods are."
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return _among(floor, read.label, balances.in_lpn(floor.tx, read.lpn))

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return _among(floor, read.location, balances.at_location(floor.tx, read.location))

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        rows = [row for row in balances.of_item(floor.tx, read.item) if read.lot in ("", row.lot)]
        return _among(floor, read.label, rows, read.serial)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        rows = [r for item in holds.items_with(floor.tx, read.lot) for r in balances.of_item(floor.tx, item)]
        return _among(floor, read.label, [row for row in rows if row.lot == read.lot])

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        rows = [
            row for row in balances.of_item(floor.tx, read.item) if read.serial in balances.serials_of(floor.tx, row)
        ]
        return _among(floor, read.label, rows, read.serial)

    def tap_back(self, floor: Floor) -> Screen:
        return build("menu")


class Which(Screen, frozen=True, kw_only=True, tag="status.which"):
    """Several goods lie there: which?"""

    scanned: str
    rows: tuple[Balance, ...]

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=JOB,
            headline="Scan the goods",
            subject=self.scanned,
            choices=tuple(
                Key(name="row", value=str(n), label=_words(row), note=row.lpn or row.location)
                for n, row in enumerate(self.rows[:SHOWN])
            ),
            speech="Which goods?",
        )

    def tap_row(self, floor: Floor, number: str) -> Screen:
        if not (number.isascii() and number.isdigit() and int(number) < len(self.rows)):
            raise NotAmongThem(scanned=number[:20])
        return _ask(floor, self.rows[int(number)])

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        rows = [row for row in self.rows if row.item == read.item and read.lot in ("", row.lot)]
        return self._narrow(floor, read.label, rows, read.serial)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        return self._narrow(floor, read.label, [row for row in self.rows if row.lot == read.lot])

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return self._narrow(floor, read.label, [row for row in self.rows if row.lpn == read.lpn])

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return self._narrow(floor, read.location, [row for row in self.rows if row.location == read.location])

    def _narrow(self, floor: Floor, scanned: str, rows: list[Balance], serial: str = "") -> Screen:
        if not rows:
            raise NotAmongThem(scanned=scanned)
        return _among(floor, scanned, rows, serial)

    def tap_back(self, floor: Floor) -> Screen:
        return Begin()


class To(Screen, frozen=True, kw_only=True, tag="status.to"):
    """How many, and what do they become?"""

    repeats: ClassVar[bool] = True
    item: str
    location: str
    lpn: str = ""
    lot: str = ""
    status: Status = "available"
    quantity: int = 0  # 0: all that is free
    serials: tuple[str, ...] = ()

    def prompt(self, floor: Floor) -> Prompt:
        row = _row(floor, self)
        of = picking.item_of(floor.tx, self.item)
        ways = status_changes.allowed(floor.tx, self.status, floor.seat.roles)
        return Prompt(
            job=JOB,
            headline="What do they become?" if ways else "Nothing to change here",
            hint="all of it; or type how many" if not self.quantity else "",
            ask="choice" if ways else "scan",
            subject=arrivals.named(self.lpn) if self.lpn else f"at {self.location}",
            big="quantity",
            item=Goods(code=of.code, name=of.name, note=f"lot {self.lot}" if self.lot else ""),
            quantity=self.quantity or (row.free if row else 0),
            of=row.quantity if row else None,
            unit=of.unit,
            quantity_is=self.status,
            choices=tuple(Key(name="to", value=way.to_status, label=way.to_status.capitalize()) for way in ways),
            keys=(Key(name="back", label="Back"),),
            why=() if ways else (status_changes.INSTEAD.get(self.status, "A supervisor may."),),
            speech="What do they become?",
        )

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        row = _there(floor, self)
        if quantity < 1:
            raise BadAmount(amount=quantity, reason="at least one", scanned=str(quantity))
        if quantity > row.free:
            raise MoreThanFree(
                expected=row.free, item=row.item, place=row.lpn or row.location, scanned=str(quantity), field="quantity"
            )
        if quantity < row.quantity and balances.serials_of(floor.tx, row):
            raise SerialsOnly(item=row.item, scanned=str(quantity))
        return replace(self, quantity=quantity, serials=())

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        return self._with(floor, read.serial)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        if read.item != self.item or read.lot not in ("", self.lot):
            return Begin().on_item(floor, read)
        if read.serial:
            return self._with(floor, read.serial)
        return self.on_quantity(floor, self.quantity + read.quantity)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return Begin().on_lpn(floor, read)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return Begin().on_location(floor, read)

    def tap_to(self, floor: Floor, status: str) -> Screen:
        row = _there(floor, self)
        status_changes.check(floor.tx, row, status, floor.worker)
        return Why(of=self, to=status)

    def tap_back(self, floor: Floor) -> Screen:
        return Begin()

    def _with(self, floor: Floor, number: str) -> Screen:
        if number in self.serials or number not in balances.serials_of(floor.tx, _there(floor, self)):
            raise NotAmongThem(scanned=f"serial {number}")
        taken = (*self.serials, number)
        return replace(self, serials=taken, quantity=len(taken))


class Why(Screen, frozen=True, kw_only=True, tag="status.why"):
    """Why? The answer makes it so."""

    of: To
    to: str
    reason: str = ""  # chosen, and its photo is still to be taken

    def prompt(self, floor: Floor) -> Prompt:
        of = picking.item_of(floor.tx, self.of.item)
        row = _row(floor, self.of)
        asked = Prompt(
            job=JOB,
            headline="Why?",
            ask="choice",
            big="item",
            item=Goods(code=of.code, name=of.name, note=f"lot {self.of.lot}" if self.of.lot else ""),
            done=(f"{self.of.quantity or (row.free if row else 0)} become {self.to}",),
            choices=tuple(
                Key(name="reason", value=one.code, label=one.words, note="photo" if one.photo else "")
                for one in reasons.of_kind(floor.tx, "status")
            ),
            keys=(Key(name="back", label="Back"),),
            speech="Why?",
        )
        if self.reason:
            return replace(asked, headline="Take a photo", ask="photo", photo=True, choices=())
        return asked

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        chosen = reasons.check(floor.tx, "status", code)
        if chosen.photo:
            return replace(self, reason=chosen.code)
        return self._make(floor, chosen)

    def on_photo(self, floor: Floor, name: str) -> Screen:
        if not self.reason:
            return self
        return self._make(floor, reasons.check(floor.tx, "status", self.reason), name)

    def tap_back(self, floor: Floor) -> Screen:
        return replace(self, reason="") if self.reason else self.of

    def _make(self, floor: Floor, why: reasons.Reason, photo: str = "") -> Screen:
        row = _there(floor, self.of)
        way = status_changes.check(floor.tx, row, self.to, floor.worker)
        quantity = self.of.quantity or row.free
        try:
            status_changes.refuse_limit(floor.tx, way, row.item, quantity, floor.worker, why.limit_kind)
        except NeedsRelease as needed:
            floor.release(needed, document=f"item {row.item}")
        events = status_posting.events(floor.tx, row, way, quantity, self.of.serials, why.words)
        for event in events:
            floor.post(event, undoable=len(events) == 1)
        if photo:
            photos.link(floor.tx, photo, f"status {floor.posted[-1]}", floor.worker)
        floor.step(f"{quantity} × {row.item}: {way.from_status} → {way.to_status}.")
        if way.label and has_printer(floor):
            _print(floor, row, way, quantity, why)
        return Begin()


def _among(floor: Floor, scanned: str, rows: list[Balance], serial: str = "") -> Screen:
    """The only goods meant, or ask. Raises NothingThere."""
    if serial:
        rows = [row for row in rows if serial in balances.serials_of(floor.tx, row)]
    if not rows:
        raise NothingThere(scanned=scanned)
    if len(rows) == 1:
        return _ask(floor, rows[0], serial)
    return Which(scanned=scanned, rows=tuple(rows))


def _ask(floor: Floor, row: Balance, serial: str = "") -> Screen:
    if not row.free:
        raise Promised(quantity=row.allocated, item=row.item, place=row.lpn or row.location, order="others")
    asked = To(item=row.item, location=row.location, lpn=row.lpn, lot=row.lot, status=row.status)
    return asked._with(floor, serial) if serial else asked


def _row(floor: Floor, at: To) -> Balance | None:
    wanted = (at.location, at.lpn, at.lot, at.status)
    rows = balances.of_item_at(floor.tx, at.item, at.location)
    return next((row for row in rows if (row.location, row.lpn, row.lot, row.status) == wanted), None)


def _there(floor: Floor, at: To) -> Balance:
    row = _row(floor, at)
    if row is None:
        raise NothingThere(scanned=f"{at.item} {at.status} at {at.lpn or at.location}")
    return row


def _words(row: Balance) -> str:
    named = [f"{row.free} × {row.item}", f"lot {row.lot}" if row.lot else "", row.status * (row.status != "available")]
    return " · ".join(word for word in named if word)


def _print(floor: Floor, row: Balance, way: status_changes.Change, quantity: int, why: reasons.Reason) -> None:
    of = picking.item_of(floor.tx, row.item)
    label = HoldLabel(
        lpn=row.lpn or row.location, item=row.item, name=of.name, reason=why.words, status=way.to_status,
        quantity=quantity, unit=of.unit, lot=row.lot, held_by=floor.seat.short_name, held_on=shelf_life.today(floor.tx),
    )  # fmt: skip
    once = f"status {floor.posted[-1]}"
    queue_label(floor, label, subject=row.lpn or row.location, document=f"item {row.item}", once=once)


register(Flow(name="status", title="Change status", icon="look", roles=("worker",), start=Begin, order=83))
