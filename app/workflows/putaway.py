"""Putaway: received goods go from the dock to the bin where they will be found.

1. Scan the LPN; or an item that lies loose, or the staging place if only one thing stands there; or take the next.
2. Walk to the bin on the screen. It says why this bin, and why not the one you would have thought of.
3. Scan the bin: done. A pick face takes the goods out of the LPN, a reserve keeps the LPN whole. Was somebody faster, the
   next bin is named at once.
4. Another bin: scan it twice and say why; or tap Other bin and say why, and the next best is proposed.
5. Not all fits? Type how much you put there; the rest gets a proposal of its own.
6. No bin at all: leave it where it stands. It is written down for a supervisor; scan a bin if you know one.
"""

from app.db import Tx
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Goods as Shown
from app.floor.prompt import Key, Prompt
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading
from app.floor.screens import Screen, build
from app.printing import jobs
from app.work import arrivals, arrived, directing_queue, putaway_queue, transfers
from app.work.arrived import Load
from app.work.directing import Candidate
from app.workflows import putaway_bin

NEXT_PRIORITY = 4  # before the day's picks: a full dock stops the trucks


class Start(Screen, frozen=True, kw_only=True, tag="putaway.start"):
    """What is put away?"""

    def prompt(self, floor: Floor) -> Prompt:
        load = putaway_queue.next_load(floor.tx, floor.worker)
        following = (Key(name="next", label="Next", note=_named(load)),) if load is not None else ()
        return Prompt(
            job="Put away",
            headline="Scan LPN or item",
            hint=putaway_queue.waiting(floor.tx) or "nothing waits",
            keys=following,
            speech="Scan the LPN.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        if transfers.carrying(floor.tx, read.lpn) is not None:  # it arrives, from another site
            following = build("transferring").on_lpn(floor, read)  # type: ignore[attr-defined]
            assert isinstance(following, Screen)
            return following
        loads = arrived.on_lpn(floor.tx, read.lpn)
        jobs.proven(floor.tx, read.lpn)
        return putaway_bin.take(floor, loads[0])

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        loads = [load for load in arrived.loose(floor.tx, read.item) if read.lot in ("", load.lot)]
        if not loads:
            raise arrived.NotWaiting(scanned=f"lot {read.lot}", reason="none of it lies on a dock or in staging")
        return _narrow(floor, loads, Which(item=read.item, lot=read.lot))

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return putaway_bin.take(floor, arrived.at_place(floor.tx, read.location)[0])

    def tap_next(self, floor: Floor) -> Screen:
        load = putaway_queue.next_load(floor.tx, floor.worker)
        if load is None:
            floor.ok("Nothing waits to be put away.")
            return Start()
        return putaway_bin.take(floor, load)


class Which(Screen, frozen=True, kw_only=True, tag="putaway.which"):
    """The item lies loose in several lots or places: which of them?"""

    item: str
    lot: str = ""
    location: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        loads = self._loads(floor)
        places = {load.location for load in loads}
        return Prompt(
            job="Put away",
            headline="Scan the place" if len(places) > 1 else "Scan or type the lot",
            hint=f"{self.item} lies there {len(loads)} times",
            item=Shown(code=self.item, name=arrived.size_of(floor.tx, self.item).name),
            big="item",
            choices=tuple(
                Key(name="load", value=str(number), label=load.location, note=_lot_words(load))
                for number, load in enumerate(loads)
            ),
            speech="Which one?",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return self._with(floor, Which(item=self.item, lot=self.lot, location=read.location), read.label)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        return self._with(floor, Which(item=self.item, lot=read.lot, location=self.location), read.label)

    def on_text(self, floor: Floor, text: str) -> Screen:
        return self._with(floor, Which(item=self.item, lot=text, location=self.location), text[:40])

    def tap_load(self, floor: Floor, number: str) -> Screen:
        loads = self._loads(floor)
        if not (number.isascii() and number.isdigit() and int(number) < len(loads)):
            raise arrived.NotWaiting(scanned=number[:20], reason="it is not in the list")
        return putaway_bin.take(floor, loads[int(number)])

    def tap_back(self, floor: Floor) -> Screen:
        return Start()

    def _loads(self, floor: Floor) -> list[Load]:
        return [
            load
            for load in arrived.loose(floor.tx, self.item)
            if self.lot in ("", load.lot) and self.location in ("", load.location)
        ]

    def _with(self, floor: Floor, narrower: "Which", label: str) -> Screen:
        loads = narrower._loads(floor)
        if not loads:
            raise arrived.NotWaiting(scanned=label, reason=f"no {self.item} lies there")
        return _narrow(floor, loads, narrower)


def _narrow(floor: Floor, loads: list[Load], which: Which) -> Screen:
    return putaway_bin.take(floor, loads[0]) if len(loads) == 1 else which


def _named(load: Load) -> str:
    return arrivals.named(load.lpn) if load.lpn else f"{load.item} at {load.location}"


def _carried(lane: str) -> str:
    """The lane of a load under way, as a worker says it."""
    kind, _, code = lane.partition(" ")
    return arrivals.named(code) if kind == "lpn" else lane


def _lot_words(load: Load) -> str:
    return " · ".join(
        part for part in (f"lot {load.lot}" if load.lot else "", load.status * (load.status != "available")) if part
    )


def _next_task(tx: Tx, worker: str) -> tuple[int, str, str] | None:
    load = putaway_queue.next_load(tx, worker)
    if load is None:
        return None
    return NEXT_PRIORITY, f"put away {_named(load)}", f"{load.item} at {load.location}"


def _offers(tx: Tx, worker: str) -> list[Candidate]:
    """The goods that have waited longest; they begin where they stand."""
    load = putaway_queue.next_load(tx, worker)
    if load is None:
        return []
    known = putaway_queue.open_task(tx, load)
    held = arrived.now_at(tx, load)
    return [
        Candidate(
            job="putaway",
            kind="putaway",
            title=f"put away {_named(load)}",
            note=f"{load.item} at {load.location}",
            priority=NEXT_PRIORITY,
            created=held.since,
            place=load.location,
            labels=(load.lpn,) if load.lpn else (),
            needs=directing_queue.needs_of(tx, "putaway", ""),
            mine=known is not None and known.state == "started" and known.worker == worker,
        )
    ]


register(
    Flow(
        name="putaway",
        title="Put away",
        icon="putaway",
        roles=("worker",),
        start=Start,
        waiting=putaway_queue.waiting,
        next_task=_next_task,
        offers=_offers,
        kinds=("putaway",),
        describe=lambda tx, row: (f"put away {_carried(row.document)}", f"{row.item} to {row.place}"),
        order=20,
    )
)
