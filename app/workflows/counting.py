"""Counting: say what lies in a place, without being told what should.

1. Take the next count, or scan a place you want to count now.
2. Walk there and scan the place.
3. Scan every piece: +1 each, a case +N. Many of one kind: scan one, tap Quantity, type how many. Goods on an LPN: scan the
   LPN first, then what is on it; scan the place to come back to loose goods.
4. A code nobody knows is counted too: a supervisor links it later. Wrong scan: Undo.
5. Nothing else: tap it, or scan the place again twice. What you did not scan is then counted as none.
6. "Being picked": somebody takes goods there right now. Skip it, or scan the place again to count all the same.
7. No handheld there? On paper prints a sheet without quantities; scan the place later and enter it.
8. "Count it again": goods came or went while you counted them. Begin that item anew; the rest stands.
"""

from app import clock, fallback_papers
from app.db import Tx
from app.errors import Wrong
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Key, Prompt
from app.floor.readings import LocationReading
from app.floor.screens import Screen
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer
from app.work import tasks
from app.work.counting import classes as _classes  # noqa: F401  the house's own counts begin with this job
from app.work.counting import counts
from app.work.counting import schedule as _schedule  # noqa: F401
from app.work.counting import triggers as _triggers  # noqa: F401
from app.work.tasks import Task
from app.workflows.counting_place import At

POSTPONED = 9  # the priority of a count somebody skipped


class OtherPlace(Wrong):
    code, title = "other_place", "Another place"
    says = "Expected {expected}, scanned {scanned}."
    todo = "Go to {expected}, or skip this count."


class Start(Screen, frozen=True, kw_only=True, tag="counting.start"):
    """Which place?"""

    def prompt(self, floor: Floor) -> Prompt:
        task = counts.next_task(floor.tx, floor.worker)
        return Prompt(
            job="Count",
            headline="Scan a location",
            hint=waiting(floor.tx) or "nothing waits: count any place you like",
            keys=(Key(name="next", label="Next", note=task.place),) if task is not None else (),
            speech="Scan the location to count.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        """A waiting count of this place, or a spot count."""
        counts.warn_of_pickers(floor.tx, read.location, floor.worker, floor.confirm)
        task = counts.task_at(floor.tx, read.location, floor.worker)
        key = task.id if task is not None else counts.spot(floor.tx, read.location, floor.worker)
        return _begin(floor, key)

    def tap_next(self, floor: Floor) -> Screen:
        task = counts.next_task(floor.tx, floor.worker)
        if task is None:
            floor.ok("Nothing waits to be counted.")
            return Start()
        tasks.take(floor.tx, task.id, floor.worker, floor.device, floor.confirm)
        return Go(task=task.id)

    def tap_take(self, floor: Floor, key: str) -> Screen:
        """A certain one, handed out with all other work."""
        task = tasks.take(floor.tx, key, floor.worker, floor.device, floor.confirm)
        return Go(task=task.id)


class Go(Screen, frozen=True, kw_only=True, tag="counting.go"):
    """On the way to the place."""

    task: str

    def prompt(self, floor: Floor) -> Prompt:
        task = tasks.find(floor.tx, self.task)
        if task is None or task.is_over:
            return Prompt(job="Count", headline="Scan a location", hint="this count is over")
        return Prompt(
            job="Count",
            subject=f"only {task.item}" if task.item else "all that is there",
            headline="Scan location",
            hint=task.reason,
            big="place",
            place=task.place,
            keys=(
                Key(name="skip", label="Skip"),
                *((Key(name="paper", label="On paper"),) if has_printer(floor, "escpos") else ()),
            ),
            speech=f"Go to {task.place}.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        task = tasks.find(floor.tx, self.task)
        if task is None or task.is_over:
            return Start().on_location(floor, read)
        if read.location != task.place:
            raise OtherPlace(expected=task.place, scanned=read.location)
        counts.warn_of_pickers(floor.tx, read.location, floor.worker, floor.confirm)
        return _begin(floor, self.task)

    def tap_skip(self, floor: Floor) -> Screen:
        """It waits for somebody else, behind the others."""
        tasks.postpone(floor.tx, self.task, POSTPONED)
        return Start()

    def tap_paper(self, floor: Floor) -> Screen:
        """A blind sheet, where no handheld can go. What is written on it is counted here later. Raises NothingOnPaper."""
        sheet = fallback_papers.count_sheet(floor.tx, self.task)
        once, document = f"count_sheet {clock.new_id()}", f"location {sheet.place}"
        queue_label(floor, sheet, subject=sheet.place, document=document, once=once)
        floor.ok(f"A sheet for {sheet.place} is printed.")
        return self


def _begin(floor: Floor, key: str) -> Screen:
    task = tasks.take(floor.tx, key, floor.worker, floor.device, floor.confirm)
    count = counts.begin(floor.tx, task, floor.worker, floor.device)
    floor.ok(f"You count {task.item or 'all'} at {count.place}.")
    return At(count=count.id)


def waiting(tx: Tx) -> str:
    number = tasks.waiting(tx, counts.KIND)
    return f"{number} count{'' if number == 1 else 's'}" if number else ""


def _next_task(tx: Tx, worker: str) -> tuple[int, str, str] | None:
    task: Task | None = counts.next_task(tx, worker)
    if task is None:
        return None
    late = " · overdue" if task.due and task.due < clock.now() else ""
    return task.priority, f"count {task.place}", f"{task.reason or task.document}{late}"


register(
    Flow(
        name="counting",
        title="Count",
        icon="count",
        roles=("worker",),
        start=Start,
        waiting=waiting,
        next_task=_next_task,
        kinds=(counts.KIND,),
        may=lambda tx, row, worker: worker not in counts.earlier_counters(tx, row.place, row.item)[0],
        describe=lambda tx, row: (f"count {row.place}", row.reason or row.document),
        order=60,
    )
)
