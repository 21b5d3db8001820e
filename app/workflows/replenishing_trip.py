"""Replenishment: where a trip stands, what comes next, and the words for it. Shared by its screens.

A trip is one walk from one slot to the pick face. Until the face is scanned the goods are, in the books, where they
were: a worker who is called away leaves nothing half done, and what does not fit is simply carried back.
"""

from typing import Any

from app.errors import State, Wrong
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt
from app.floor.readings import ItemReading
from app.floor.screens import Screen, build
from app.stock.slots import Slot
from app.work import arrivals, picking, replenishing, tasks
from app.work import replenishing_sources as origin
from app.work.replenishing import Replenishment
from app.work.replenishing_sources import Pack, Source


class WrongSource(Wrong):
    code, title = "wrong_location", "Wrong location"
    todo = "Go to {expected}."


class WrongItem(Wrong):
    code, title = "wrong_item", "Wrong item"
    todo = "Put it back. Take {expected} from {place}."


class WrongLot(Wrong):
    code, title = "wrong_lot", "Wrong lot"
    says = "Expected lot {expected} of {item}, scanned lot {scanned}."
    todo = "Put it back and take lot {expected}."


class SourceMoved(State):
    code, title = "source_moved", "Gone from there"
    says = "What you were to take from {place} is no longer free there."
    todo = "Leave what you hold where it came from; the screen names another source."


SHORT = Key(name="short", label="Short")
LEFT = Key(name="left", label="More left")


class Trip(Screen, frozen=True, kw_only=True):
    """What every question of a trip knows: the task and the slot it takes from."""

    task: str
    location: str
    lpn: str = ""
    lot: str = ""
    quantity: int  # wanted, base units

    @property
    def slot(self) -> Slot:
        return Slot(location=self.location, lpn=self.lpn, lot=self.lot)

    @property
    def known(self) -> dict[str, Any]:
        """The same trip for the next question."""
        return {name: getattr(self, name) for name in Trip.__struct_fields__}

    def under_way(self, floor: Floor) -> Replenishment:
        """The lease goes on. Raises TakenOver, TaskOver."""
        tasks.keep(floor.tx, self.task, floor.worker, floor.device)
        found = replenishing.find(floor.tx, self.task)
        assert found is not None, "a task of ours without its goods"
        return found

    def source(self, floor: Floor, what: Replenishment) -> Source:
        """The slot as it stands now. Raises SourceMoved."""
        found = origin.source_at(floor.tx, what.item, what.face, self.slot)
        if found is None:
            raise SourceMoved(place=self.location)
        return found

    def shown(self, floor: Floor, *, taken: int, headline: str, **more: Any) -> Prompt:
        what = replenishing.find(floor.tx, self.task)
        known = tasks.find(floor.tx, self.task)
        if what is None or known is None or known.is_over:
            return Prompt(job="Replenish", headline="Nothing left here", hint="tap Back for another task")
        case = origin.case_of(floor.tx, what.item)
        goods = picking.item_of(floor.tx, what.item)
        amount, unit = in_cases(taken, case, goods.unit)
        note = [f"{taken} {goods.unit}"] * (unit != goods.unit) + [f"lot {self.lot}"] * bool(self.lot)
        return Prompt(
            job=f"Fill {what.face}",
            subject=f"from {arrivals.named(self.lpn) if self.lpn else self.location}",
            headline=headline,
            item=Goods(code=goods.code, name=goods.name, note=" · ".join(note)),
            quantity=amount,
            unit=unit,
            **more,
        )

    def tap_back(self, floor: Floor) -> Screen:
        return let_go(floor, self.task)

    def tap_short(self, floor: Floor) -> Screen:
        self.under_way(floor)
        return build("replenishing.short", **self.known)


def next_trip(floor: Floor, what: Replenishment, without: tuple[str, ...] = ()) -> Screen:
    """The best source for what is still to come; without one, or without a rest, the task is done."""
    found = [each for each in origin.sources(floor.tx, what.item, what.face) if slot_name(each.slot) not in without]
    if not what.left or not found:
        tasks.finish(floor.tx, what.task)
        if what.left:
            floor.warn(f"No other source has {what.item}: {what.face} gets no more now.")
        return build("replenishing")
    return build("replenishing.source", **trip_from(floor, what, found[0]).known, without=without)


def trip_from(floor: Floor, what: Replenishment, source: Source) -> Trip:
    """As much as is wanted and may leave, in whole cases unless it is all there is."""
    case = origin.case_of(floor.tx, what.item).quantity
    quantity = min(what.left, source.usable)
    if quantity > case and quantity % case and quantity != source.held.quantity:
        quantity -= quantity % case
    held = source.held
    return Trip(task=what.task, location=held.location, lpn=held.lpn, lot=held.lot, quantity=quantity)


def let_go(floor: Floor, key: str) -> Screen:
    known = tasks.find(floor.tx, key)
    if known is not None and known.worker == floor.worker and known.state == "started":
        tasks.give_back(floor.tx, key)
    return build("replenishing")


def refuse_goods(trip: Trip, what: Replenishment, read: ItemReading) -> None:
    if read.item != what.item:
        raise WrongItem(expected=what.item, scanned=read.item, place=trip.lpn or trip.location)
    if read.lot and read.lot != trip.lot:
        raise WrongLot(expected=trip.lot or "none", scanned=read.lot, item=what.item)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def why(floor: Floor, trip: Trip) -> tuple[str, ...]:
    known = tasks.find(floor.tx, trip.task)
    what = replenishing.find(floor.tx, trip.task)
    if known is None or what is None:
        return ()
    told = [f"{what.face}: {known.reason}"]
    source = origin.source_at(floor.tx, what.item, what.face, trip.slot)
    if source is not None and source.waits:
        told.append("Promised to picks that wait for it")
    elif source is not None and source.held.expiry:
        told.append(f"Expires first: {source.held.expiry}")
    elif source is not None:
        told.append("Here longest")
    return tuple(told)


def in_cases(quantity: int, case: Pack, unit: str) -> tuple[int, str]:
    """As it is carried: `4 case`, or pieces where no case comes out even."""
    whole = case.quantity > 1 and quantity % case.quantity == 0 and quantity > 0
    return (quantity // case.quantity, case.unit) if whole else (quantity, unit)


def said(quantity: int, case: Pack) -> str:
    amount, unit = in_cases(quantity, case, "")
    return f"{amount} {unit}".strip()


def pieces(floor: Floor, trip: Trip, what: Replenishment, typed: int) -> int:
    """What a typed number means in base units: cases where the screen shows cases."""
    case = origin.case_of(floor.tx, what.item)
    return typed * case.quantity if trip.quantity % case.quantity == 0 else typed


def slot_name(slot: Slot) -> str:
    return f"{slot.location} {slot.lpn} {slot.lot}"
