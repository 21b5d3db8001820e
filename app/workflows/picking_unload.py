"""Picking: the walk is done, the totes go where they are packed.

1. Scan the station or staging place where you set the totes down: all of them are there now. A lane takes packed cartons.
2. Totes of orders that were cancelled or held meanwhile are named: they wait there to be put back.
"""

from app.errors import Wrong
from app.floor.floor import Floor
from app.floor.prompt import Prompt, Row
from app.floor.readings import LocationReading, StationReading
from app.floor.screens import Screen, build
from app.floor.seats import station_of
from app.stock import balances
from app.stock.events import Moved
from app.work import picking, tasks
from app.workflows import picking_walk as walk

DROPS = ("station", "staging")


class NoDrop(Wrong):
    code, title = "no_drop", "Not a drop"
    says = "{scanned} is a {kind}: totes are set down at {expected}."
    todo = "Scan where the totes are packed."


class Unload(Screen, frozen=True, kw_only=True, tag="picking.unload"):
    """Where do the totes go?"""

    task: str

    def prompt(self, floor: Floor) -> Prompt:
        found = tasks.find(floor.tx, self.task)
        totes = [tote for tote in picking.totes(floor.tx, self.task) if tote.tote]
        if found is None:
            return walk.gone_prompt(self.task)
        done, lines = picking.count(floor.tx, self.task)
        return Prompt(
            job=f"Pick {walk.name(found)}",
            headline="Scan drop location",
            hint=f"{len(totes)} {'tote' if len(totes) == 1 else 'totes'} to the packing station",
            progress=(done, lines),
            progress_of="lines",
            rows=tuple(Row(name=tote.tote, left=str(tote.position), detail=_detail(floor, tote)) for tote in totes),
            speech="All picked. Scan where you set the totes down.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        tasks.keep(floor.tx, self.task, floor.worker, floor.device)
        if read.of not in DROPS:
            raise NoDrop(scanned=read.location, kind=read.of, expected="a station or staging")
        return self._drop(floor, read.location)

    def on_station(self, floor: Floor, read: StationReading) -> Screen:
        tasks.keep(floor.tx, self.task, floor.worker, floor.device)
        station = station_of(floor.tx, read.station)
        if station is None or not station.location:
            raise NoDrop(scanned=read.station, kind="station without a place", expected="a station or staging")
        return self._drop(floor, station.location)

    def _drop(self, floor: Floor, place: str) -> Screen:
        if picking.next_pick(floor.tx, self.task) is not None:
            return walk.go_on(floor, self.task)
        moves, carries = picking.carried_to(floor.tx, self.task, place)
        if carries:
            floor.post(Moved(contents=tuple(moves), carried=tuple(carries)), undoable=False)
        totes = [tote for tote in picking.totes(floor.tx, self.task) if tote.tote]
        off = [tote.tote for tote in totes if _detail(floor, tote).endswith("put back")]
        told = f"{len(totes)} {'tote' if len(totes) == 1 else 'totes'} at {place}."
        if off:
            floor.warn(f"{told} To be put back: {', '.join(off)}.")
        else:
            floor.step(told)
        return walk.end(floor, self.task)

    def tap_back(self, floor: Floor) -> Screen:
        return build("menu")


def _detail(floor: Floor, tote: picking.Tote) -> str:
    """Whose it is; and whether what is in it goes back to its bins."""
    state = floor.tx.value(picking.STATE_OF_ORDER, code=tote.order_code)
    if state not in ("cancelled", "held"):
        return f"order {tote.order_code}"
    back = "put back" if balances.in_lpn(floor.tx, tote.tote) else "empty"
    return f"order {tote.order_code}, {state}: {back}"
