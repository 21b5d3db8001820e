"""Putaway's first step where two are needed: bring it to the hand-over point, a colleague takes it on.

1. The screen names the hand-over point, the bin behind it, and what it takes to get there.
2. Scan the hand-over point: set down. It waits there for somebody who drives what it takes.
"""

from app.errors import Wrong
from app.floor.floor import Floor
from app.floor.prompt import Goods as Shown
from app.floor.prompt import Prompt
from app.floor.readings import LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.work import arrivals, arrived, putaway_handover, putaway_queue, tasks
from app.work.arrived import Load


class NotTheHandover(Wrong):
    code, title = "not_the_handover", "Hand it over"
    says = "This goes to the hand-over point {expected}, scanned {scanned}."
    todo = "Set it down at {expected}; from there it goes on by {equipment}."


class ToHandover(Screen, frozen=True, kw_only=True, tag="putaway.to_handover"):
    """Walk to the hand-over point, scan it."""

    load: Load
    bin: str
    part: int = 0
    why: tuple[str, ...] = ()

    def prompt(self, floor: Floor) -> Prompt:
        point = putaway_handover.point_before(floor.tx, self.bin)
        of = arrived.size_of(floor.tx, self.load.item)
        quantity = self.part or arrived.quantity_of(floor.tx, self.load)
        note = [f"{quantity} {of.unit}"] + ([f"lot {self.load.lot}"] if self.load.lot else [])
        onward = (f"→ {self.bin}, by {point.drives}",) if point is not None else ()
        return Prompt(
            job="Put away",
            subject=arrivals.named(self.load.lpn) if self.load.lpn else f"at {self.load.location}",
            headline="Scan hand-over point",
            hint="a colleague takes it on",
            place=point.location if point is not None else self.bin,
            big="place",
            item=Shown(code=self.load.item, name=of.name, note=" · ".join(note)),
            why=(*onward, *self.why),
            why_title="Why there",
            speech="Scan the hand-over point.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        point = putaway_handover.on_the_way(floor.tx, floor.worker, self.load, self.bin)
        if point is None:  # the rows changed meanwhile: the plan is made anew
            return build("putaway.start")
        if read.location != point.location:
            raise NotTheHandover(expected=point.location, scanned=read.location, equipment=point.drives)
        quantity = self.part or arrived.now_at(floor.tx, self.load).quantity
        task = putaway_queue.open_task(floor.tx, self.load)
        floor.post(putaway_handover.bring(floor.tx, self.load, quantity, point))
        if task is not None:
            tasks.finish(floor.tx, task.id)
        what = arrivals.named(self.load.lpn) if self.load.lpn else f"{quantity} × {self.load.item}"
        floor.step(f"{what} at {point.location}: it goes on by {point.drives}.")
        return build("putaway.start")

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        """Another LPN: this one stays where it is."""
        if read.lpn == self.load.lpn:
            return self
        following = build("putaway.start")
        self._let_go(floor)
        return following.on_lpn(floor, read)  # type: ignore[attr-defined, no-any-return]

    def tap_back(self, floor: Floor) -> Screen:
        self._let_go(floor)
        return build("putaway.start")

    def _let_go(self, floor: Floor) -> None:
        task = putaway_queue.open_task(floor.tx, self.load)
        if task is not None and task.worker == floor.worker:
            tasks.cancel(floor.tx, task.id)
