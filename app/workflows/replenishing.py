"""Replenishment: goods come from reserve to the pick face, before a picker stands before an empty one.

1. Take the next task; or scan a pick face that looks low. What a pick waits for comes first.
2. Walk to the source on the screen and scan it, or the LPN there. Another place with the same goods: scan it twice.
3. Scan the item; its lot must be the one on the screen. Take the cases shown: scan them one by one, type how many, or
   just take them.
4. The source should be empty now? Scan it once more if it is; or tap More left, and it is counted.
5. Walk to the pick face and scan it. That makes it so. What does not fit goes back to its source.
6. Less there than the books say: tap Short and say how many. It is written down, the place is counted, and the rest
   comes from another source.
"""

from msgspec.structs import replace
from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import State
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Key, Prompt
from app.floor.readings import LocationReading
from app.floor.screens import Screen
from app.schema.places import location
from app.work import directing_queue, replenishing, tasks
from app.work.directing import Candidate
from app.work.replenishing_sources import case_of, sources
from app.work.tasks import Task
from app.workflows import replenishing_take as taking

SHOWN = 6
MOST_OFFERED = 12

ZONE_OF = select(location.c.zone).where(location.c.code == bindparam("code"))


class NothingToBringNow(State):
    code, title = "nothing_to_replenish", "Nothing to replenish"
    says = "No pick face waits to be filled."
    todo = "Scan a pick face that looks low, or choose another job."


class Choose(Screen, frozen=True, kw_only=True, tag="replenishing"):
    """Which pick face?"""

    def prompt(self, floor: Floor) -> Prompt:
        best = tasks.best(floor.tx, "replenish", floor.worker)
        queue = tasks.queue(floor.tx, "replenish", most=SHOWN)
        return Prompt(
            job="Replenish",
            headline="Scan pick face" if best else "Nothing to replenish",
            hint="or take the next" if best else "or scan a face that looks low",
            choices=tuple(
                Key(name="take", value=each.id, label=each.place, note=note(floor.tx, each)) for each in queue
            ),
            main=Key(name="next", label=f"Next: fill {best.place}", note=note(floor.tx, best)) if best else None,
            speech="Scan a pick face, or take the next." if best else "Nothing to replenish.",
        )

    def tap_next(self, floor: Floor) -> Screen:
        best = tasks.best(floor.tx, "replenish", floor.worker)
        if best is None:
            raise NothingToBringNow()
        return taking.take(floor, best.id)

    def tap_take(self, floor: Floor, task: str) -> Screen:
        return taking.take(floor, task)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        """A pick face: its task, or a new one."""
        return taking.take(floor, replenishing.request(floor.tx, read.location))


def note(tx: Tx, task: Task) -> str:
    """`4 case HON-500 · 3 picks wait for 18`"""
    what = replenishing.find(tx, task.id)
    if what is None:
        return task.reason
    case = case_of(tx, what.item)
    whole = what.left % case.quantity == 0
    amount = f"{what.left // case.quantity} {case.unit}" if whole else f"{what.left}"
    return f"{amount} {what.item} · {task.reason}"


def _waiting(tx: Tx) -> str:
    n = tasks.waiting(tx, "replenish")
    return f"{n} {'face' if n == 1 else 'faces'}" if n else ""


def _next_task(tx: Tx, worker: str) -> tuple[int, str, str] | None:
    best = tasks.best(tx, "replenish", worker)
    return (best.priority, f"fill {best.place}", note(tx, best)) if best else None


def _offers(tx: Tx, worker: str) -> list[Candidate]:
    """A replenishment begins at its source: that is where the walk goes, and what says which equipment it takes."""
    found = []
    for row in directing_queue.waiting(tx, "replenish")[:MOST_OFFERED]:
        source = next(iter(sources(tx, row.item, row.place)), None)
        task = tasks.find(tx, row.id)
        if source is None or task is None:
            continue
        known = directing_queue.candidate(tx, row, "replenishing", f"fill {row.place}", note(tx, task), worker)
        held = source.held
        zone = str(tx.value(ZONE_OF, code=held.location) or "")
        labels = (held.lpn,) if held.lpn else ()
        needs = directing_queue.needs_of(tx, "replenish", zone)
        found.append(replace(known, place=held.location, zone=zone, labels=labels, needs=needs))
    return found


register(
    Flow(
        name="replenishing",
        title="Replenish",
        icon="replenish",
        roles=("worker",),
        start=Choose,
        waiting=_waiting,
        next_task=_next_task,
        offers=_offers,
        kinds=("replenish",),
        describe=lambda tx, row: (f"fill {row.place}", row.reason),
        order=35,
    )
)
