"""Move, the taking up: an LPN, or all of a place.

1. An LPN is taken as it is scanned. A place with one thing in it stands for that thing.
2. A place with several things: scan it once more, all of it is taken; or scan one thing; or tap Line by line.
   Where LPNs stand, scan one of them.
"""

from app.errors import ScanAgain
from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import ItemReading, LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.work import moves
from app.workflows import moving_lines, moving_pieces
from app.workflows.moving_lines import Lines

SHOWN = 5


class FromBlocked(ScanAgain):
    code, title = "from_blocked", "Place is blocked"
    says = "{scanned} is blocked: {reason}."
    todo = "Take it out all the same? Scan {scanned} again."


def from_place(floor: Floor, place: str) -> Screen:
    """A place stands for its only content; with more in it, what is wanted is asked. Raises ScanOne, NothingThere …"""
    tx = floor.tx
    blocked = moves.check_source(tx, place)
    if blocked:
        floor.confirm(FromBlocked(scanned=place, reason=blocked))
    if (plate := moves.only_lpn(tx, place)) != "":
        return take_lpn(floor, plate)
    rows = moves.content(tx, place)
    if len(rows) > 1:
        return Content(location=place)
    return moving_pieces.take_whole(floor, rows[0])


def take_lpn(floor: Floor, code: str) -> Screen:
    """It stands on the trolley. Raises what moves.take_lpn raises."""
    known = balances.carrier(floor.tx, code)
    parent = known.parent if known is not None else ""
    floor.post(moves.take_lpn(floor.tx, code, floor.worker))
    floor.ok(f"LPN {code} is on your trolley" + (f", off LPN {parent}." if parent else "."))
    return build("moving")


class Content(Screen, frozen=True, kw_only=True, tag="moving.content"):
    """Several things lie at the place: all of it, or one?"""

    location: str

    def prompt(self, floor: Floor) -> Prompt:
        rows = balances.at_location(floor.tx, self.location)
        return Prompt(
            job="Move",
            headline=f"Scan {self.location} again: all of it",
            hint="or scan one item",
            place=self.location,
            rows=tuple(moving_pieces.row_of(row) for row in rows[:SHOWN])
            + ((Row(name=f"and {len(rows) - SHOWN} more"),) if len(rows) > SHOWN else ()),
            keys=(Key(name="lines", label="Line by line"),),
            speech="All of it? Scan the place again.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        if read.location != self.location:
            return from_place(floor, read.location)
        rows = moves.content(floor.tx, self.location)
        floor.post(moves.take_rows(floor.tx, rows, floor.worker))
        floor.ok(f"All of {self.location} is on your trolley.")
        return build("moving", together=True)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        return moving_pieces.at_place(floor, read, self.location)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return take_lpn(floor, read.lpn)

    def tap_lines(self, floor: Floor) -> Screen:
        return moving_lines.next_line(floor, Lines(location=self.location))

    def tap_back(self, floor: Floor) -> Screen:
        return build("moving")
