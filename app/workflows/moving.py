"""Move: anything, from where it lies to where it shall lie.

1. Scan an LPN: it is on your trolley. Or scan a place: all of it. Or scan an item, then how many.
2. Scan more things, if you take more along ("Take more" before scanning a place).
3. Scan the place it goes to: done. With several things on the trolley scan one first, then its place; or scan the place
   twice: all of them.
4. What you carry stays yours when the handheld dies: it is on your trolley when you sign in again.
5. A colleague went home with goods on their trolley? Scan their badge twice: they are on yours.
"""

from msgspec.structs import replace

from app.db import Tx
from app.errors import ScanAgain, Unknown, Wrong
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Goods, Key, Prompt, Row
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading, WorkerReading
from app.floor.screens import Screen
from app.stock import balances
from app.stock.slots import hand_of
from app.work import arrived, moves, moves_target, people
from app.work.moves import Thing
from app.work.moves_refused import NothingThere
from app.workflows import moving_lines, moving_pieces, moving_take
from app.workflows.moving_lines import Lines

SHOWN = 5  # things listed on the glass


class AllOfThem(ScanAgain):
    code, title = "all_of_them", "All of them?"
    says = "{count} things are on your trolley: all of them to {scanned}?"
    todo = "Scan {scanned} again. Or scan the one that goes there."


class TakeOver(ScanAgain):
    code, title = "take_over_trolley", "Take it over?"
    says = "{name} carries {count} things."
    todo = "Scan the badge again: they are on your trolley."


class NotOnTrolley(Wrong):
    code, title = "not_on_trolley", "Which one?"
    says = "{scanned} is not one thing on your trolley."
    todo = "Scan the LPN, or the item with its lot."


class Move(Screen, frozen=True, kw_only=True, tag="moving"):
    """What is moved, and where to?"""

    more: bool = False  # the next place is one to take from, not to set down at
    chosen: str = ""  # the thing that goes to the next place
    together: bool = False  # all of it was taken up in one go, so all of it is set down in one
    lines: Lines | None = None  # a place emptied line by line: back to it after each

    def prompt(self, floor: Floor) -> Prompt:
        things = moves.carried(floor.tx, floor.worker)
        if not things:
            return Prompt(
                job="Move",
                headline="Scan LPN, place or item",
                hint="what is moved?",
                speech="Scan what is moved.",
            )
        if self.more:
            return Prompt(
                job="Move",
                headline="Scan what you take",
                hint=f"{_many(things)} on your trolley",
                rows=_rows(things),
                keys=(Key(name="enough", label="Enough"),),
                speech="Scan what you take along.",
            )
        one = self._one(things)
        first = one.rows[0] if one is not None else None
        single = first if one is not None and len(one.rows) == 1 else None
        return Prompt(
            job="Move",
            subject=one.words if one is not None and one.lpn else f"{_many(things)} on your trolley",
            headline="Scan where it goes" if one is not None else "Scan where they go",
            hint="" if one is not None or self.together else "one thing, then its place — or the place twice for all",
            big="item" if single is not None else "",
            item=Goods(code=single.item, name=arrived.size_of(floor.tx, single.item).name, note=_note(single))
            if single is not None
            else None,
            quantity=single.quantity if single is not None else None,
            unit=arrived.size_of(floor.tx, single.item).unit if single is not None else "",
            rows=() if single is not None else _rows(things, one.key if one is not None else ""),
            keys=(Key(name="more", label="Take more"),),
            speech="Scan where it goes.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        things = moves.carried(floor.tx, floor.worker)
        if not things or self.more:
            return moving_take.from_place(floor, read.location)
        one = self._one(things)
        if one is None and not self.together:
            moves_target.refuse(floor.tx, read.location, things)
            floor.confirm(AllOfThem(count=len(things), scanned=read.location))
        return set_down(floor, things if one is None else [one], read.location, self.lines)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        things = moves.carried(floor.tx, floor.worker)
        known = next((thing for thing in things if thing.lpn == read.lpn), None)
        if known is not None:
            floor.ok(f"Now the place of {known.words}.")
            return replace(self, chosen=known.key, more=False)
        return moving_take.take_lpn(floor, read.lpn)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        things = moves.carried(floor.tx, floor.worker)
        here = [t for t in things if not t.lpn and t.rows[0].item == read.item and read.lot in ("", t.rows[0].lot)]
        if self.more or not here:
            return moving_pieces.from_item(floor, read)
        if len(here) > 1:
            raise NotOnTrolley(scanned=read.item)
        floor.ok(f"Now the place of {here[0].words}.")
        return replace(self, chosen=here[0].key)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        things = moves.carried(floor.tx, floor.worker)
        here = [thing for thing in things if not thing.lpn and thing.rows[0].lot == read.lot]
        if len(here) != 1:
            raise NotOnTrolley(scanned=f"lot {read.lot}")
        return replace(self, chosen=here[0].key, more=False)

    def on_worker(self, floor: Floor, read: WorkerReading) -> Screen:
        """What a colleague left on their trolley comes to this one's."""
        who = people.by_badge(floor.tx, read.badge)
        if who is None or who.code == floor.worker:
            raise Unknown(scanned=read.label)
        things = moves.carried(floor.tx, who.code)
        if not things:
            raise NothingThere(scanned=f"{who.short_name}'s trolley")
        floor.confirm(TakeOver(name=who.short_name, count=len(things)))
        floor.post(moves_target.drop(floor.tx, things, hand_of(floor.worker), reason="taken_over"))
        floor.step(f"From {who.short_name}: {_many(things)} on your trolley.")
        return Move()

    def tap_more(self, floor: Floor) -> Screen:
        return replace(self, more=True, together=False, chosen="")

    def tap_enough(self, floor: Floor) -> Screen:
        return replace(self, more=False)

    def tap_next(self, floor: Floor) -> Screen:
        return self

    def _one(self, things: list[Thing]) -> Thing | None:
        """The thing the next place is for: the one chosen, or the only one."""
        if len(things) == 1:
            return things[0]
        return next((thing for thing in things if thing.key == self.chosen), None)


def set_down(floor: Floor, things: list[Thing], place: str, lines: Lines | None) -> Screen:
    """Everything named lies at `place` now. Raises what moves_target.refuse raises."""
    moves_target.refuse(floor.tx, place, things)
    floor.post(moves_target.drop(floor.tx, things, place))
    left = moves.carried(floor.tx, floor.worker)
    told = things[0].words if len(things) == 1 else _many(things)
    floor.step(f"{told} at {place}." + (f" {_many(left)} still on your trolley." if left else ""))
    if lines is not None and not left:
        return moving_lines.next_line(floor, lines)
    return Move(lines=lines)


def _many(things: list[Thing]) -> str:
    return f"{len(things)} things" if len(things) > 1 else "1 thing"


def _note(row: balances.Balance) -> str:
    return " · ".join(
        word for word in (f"lot {row.lot}" if row.lot else "", row.status * (row.status != "available")) if word
    )


def _rows(things: list[Thing], now: str = "") -> tuple[Row, ...]:
    shown = [
        Row(
            left=str(thing.quantity),
            name=f"LPN {thing.lpn}" if thing.lpn else thing.rows[0].item,
            detail=", ".join(sorted({row.item for row in thing.rows})) if thing.lpn else _note(thing.rows[0]),
            state="now" if thing.key == now else "",
        )
        for thing in things[:SHOWN]
    ]
    if len(things) > SHOWN:
        shown.append(Row(name=f"and {len(things) - SHOWN} more"))
    return tuple(shown)


def _next_task(tx: Tx, worker: str) -> tuple[int, str, str] | None:
    things = moves.carried(tx, worker)
    return (0, "set down what you carry", _many(things)) if things else None


register(
    Flow(name="moving", title="Move", icon="putaway", roles=("worker",), start=Move, next_task=_next_task, order=62)
)
