"""Move, line by line: a place is emptied one thing after the other, each to a place of its own.

1. Take what the screen names and scan it: all of that line is on your trolley.
2. Scan where it goes; the next line is named.
3. Postpone puts a line to the end. Missing writes down that it is not there: it will be counted, and nothing moves.
"""

import msgspec
from msgspec.structs import replace

from app.errors import Wrong
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt
from app.floor.readings import ItemReading, LocationReading, LotReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.balances import Balance
from app.work import arrived, exceptions, moves


class NotThere(Wrong):
    code, title = "not_there", "Not there"
    says = "The books have no {scanned} at {place}."
    todo = "Leave it, or count the place."


class Lines(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place being emptied line by line: which lines come later, which were missing."""

    location: str
    later: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Line(Screen, frozen=True, kw_only=True, tag="moving.line"):
    """One line of the place: take it."""

    lines: Lines

    def prompt(self, floor: Floor) -> Prompt:
        rows = _left(floor, self.lines)
        if not rows:
            return Prompt(job="Move", headline=f"{self.lines.location} is done", hint="scan what is moved next")
        row = rows[0]
        size = arrived.size_of(floor.tx, row.item)
        return Prompt(
            job=f"Empty {self.lines.location}",
            headline="Scan item",
            subject=f"{len(rows)} left here",
            big="item",
            place=self.lines.location,
            item=Goods(code=row.item, name=size.name, note=f"lot {row.lot}" if row.lot else ""),
            quantity=row.quantity,
            unit=size.unit,
            keys=(Key(name="postpone", label="Postpone"), Key(name="missing", label="Missing")),
            speech=f"Take {size.name}.",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        rows = [r for r in _left(floor, self.lines) if r.item == read.item and read.lot in ("", r.lot)]
        if not rows:
            raise NotThere(scanned=f"{read.item} {read.lot}".strip(), place=self.lines.location)
        return self._take(floor, rows[0])

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        rows = [row for row in _left(floor, self.lines) if row.lot == read.lot]
        if not rows:
            raise NotThere(scanned=f"lot {read.lot}", place=self.lines.location)
        return self._take(floor, rows[0])

    def tap_postpone(self, floor: Floor) -> Screen:
        rows = _left(floor, self.lines)
        later = tuple(key for key in self.lines.later if rows and key != _key(rows[0]))
        return Line(lines=replace(self.lines, later=(*later, *(_key(row) for row in rows[:1]))))

    def tap_missing(self, floor: Floor) -> Screen:
        rows = _left(floor, self.lines)
        if not rows:
            return build("moving")
        row = rows[0]
        exceptions.add(
            floor.tx,
            "wrong_place",
            f"{row.quantity} × {row.item} are not at {row.location}, where the books have them.",
            item=row.item,
            location=row.location,
            worker=floor.worker,
            quantity=row.quantity,
            lot=row.lot,
            by=floor.by,
        )
        floor.warn(f"{row.item} at {row.location} is written down as missing.")
        return next_line(floor, replace(self.lines, missing=(*self.lines.missing, _key(row))))

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        """Another place: this one is left as it is."""
        following = build("moving")
        assert hasattr(following, "on_location")
        return following.on_location(floor, read)  # type: ignore[no-any-return]

    def tap_back(self, floor: Floor) -> Screen:
        return build("moving")

    def _take(self, floor: Floor, row: Balance) -> Screen:
        floor.post(moves.take_rows(floor.tx, [row], floor.worker))
        floor.ok(f"{row.quantity} × {row.item} on your trolley.")
        return build("moving", lines=self.lines)


def next_line(floor: Floor, lines: Lines) -> Screen:
    if not _left(floor, lines):
        if lines.missing:
            floor.warn(f"{lines.location}: the rest was missing.")
        return build("moving")
    return Line(lines=lines)


def _left(floor: Floor, lines: Lines) -> list[Balance]:
    """What lies loose there and may be taken: postponed lines last, missing and promised ones not at all."""
    rows = [
        row
        for row in balances.at_location(floor.tx, lines.location)
        if not row.lpn and not row.allocated and _key(row) not in lines.missing
    ]
    return sorted(rows, key=lambda row: lines.later.index(_key(row)) if _key(row) in lines.later else -1)


def _key(row: Balance) -> str:
    return f"{row.item} {row.lot} {row.status}"
