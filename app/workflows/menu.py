"""Sign-in's second half: where do you stand, and what do you want to do?

1. After badge and PIN a worker who never said where they stand scans a station or a cart, or says "on the move".
2. The task they left unfinished comes first; else the menu.
3. The menu: scan anything to start (a PO, an LPN, a tote, a station), or press a tile. The big button is the next task
   of all jobs (CMD/NEXT does the same); Why this says why you are given it.
"""

from app.errors import Unknown
from app.floor import handing_out, seats
from app.floor.floor import Floor
from app.floor.flows import Flow, flow
from app.floor.prompt import Key, Prompt
from app.floor.readings import DocumentReading, LocationReading, LpnReading, StationReading
from app.floor.screens import Screen
from app.work import directing_queue, transfers

SAID_ALREADY = ("Priority", "Cut-off")  # by the task's own note


class NoFlow(Unknown):
    code, title = "no_job_for_this", "No job for this"
    says = "{scanned} starts no job of yours."
    todo = "Choose a job first."


class Menu(Screen, frozen=True, kw_only=True, tag="menu"):
    """Scan anything to start, or choose."""

    def prompt(self, floor: Floor) -> Prompt:
        mine = handing_out.jobs_of(floor)
        best = next(iter(handing_out.ranked(floor)), None)
        station = floor.station
        where = f"{station.name or station.code}" if station else "on the move"
        tiles = tuple(
            Key(name="start", value=job.name, label=job.title, note=job.waiting(floor.tx), icon=job.icon)
            for job in mine
        )
        main = None
        if best is not None:
            each = best.candidate
            icon = next(job.icon for job in mine if job.name == each.job)
            why = next((told for told in best.why if not told.startswith(SAID_ALREADY)), "")
            said = "" if each.note in each.title else each.note
            note = " · ".join(part for part in (said, "" if why in each.note else why) if part)
            main = Key(name="next", value=each.job, label=f"Next: {each.title}", note=note, icon=icon)
        return Prompt(
            job=where,
            headline="Scan anything to start",
            hint="cart, LPN, PO, location — or choose",
            choices=tiles,
            main=main,
            keys=(Key(name="why", label="Why this"),) if best is not None else (),
            template="floor/menu.html",
            speech="Scan anything to start.",
        )

    def tap_start(self, floor: Floor, name: str) -> Screen:
        directing_queue.be_directed(floor.tx, floor.worker, False)
        return _start(floor, name)

    def tap_next(self, floor: Floor, name: str = "") -> Screen:
        """Straight into the best waiting task, of any job or of the one on the button; then into the next."""
        found = handing_out.ranked(floor, name)
        if not found:
            if name:
                return _start(floor, name)
            raise handing_out.NothingNext()
        directing_queue.be_directed(floor.tx, floor.worker, True)
        return handing_out.begin(floor, found[0].candidate.job, found[0].candidate.task, handing_out.reasons_for(found))

    def tap_why(self, floor: Floor) -> Screen:
        """The same task with the reasons, before it is begun."""
        offered = handing_out.offer(floor)
        if offered is None:
            raise handing_out.NothingNext()
        return offered

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        names = {
            "po": ("receiving",),
            "asn": ("receiving",),
            "order": ("picking", "packing"),
            "load": ("loading",),
            "rma": ("returning",),
            "transfer": ("transferring",),
        }
        return _offer(floor, "on_document", read, names[read.of])

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        unknown = read.new and transfers.carrying(floor.tx, read.lpn) is None  # another site may have announced it
        names = {"tote": ("packing", "picking"), "carton": ("loading",)}.get(
            read.of, ("receiving",) if unknown else ("putaway",)
        )
        return _offer(floor, "on_lpn", read, names)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        names = {"cart": ("picking",), "truck": ("loading",), "dock": ("loading",), "lane": ("loading",)}
        return _offer(floor, "on_location", read, names.get(read.of, ()))

    def on_station(self, floor: Floor, read: StationReading) -> Screen:
        return stand_at(floor, read)


class WhereStanding(Screen, frozen=True, kw_only=True, tag="menu.where"):
    """Which station or cart? It sets printers, zone and equipment."""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Sign in",
            headline="Scan your station",
            hint="it sets your printers and your scale",
            keys=(Key(name="moving", label="On the move"),),
            speech="Scan your station.",
        )

    def on_station(self, floor: Floor, read: StationReading) -> Screen:
        return stand_at(floor, read)

    def tap_moving(self, floor: Floor) -> Screen:
        floor.new_station = ""
        return Menu()


def stand_at(floor: Floor, read: StationReading) -> Screen:
    station = seats.station_of(floor.tx, read.station)
    if station is None:
        raise Unknown(scanned=read.label)
    floor.stand_at(station)
    floor.step(f"You stand at {station.name or station.code}.")
    return Menu()


def _start(floor: Floor, name: str) -> Screen:
    job: Flow | None = flow(name)
    if job is None or not floor.seat.is_a(*job.roles, "supervisor", "admin"):
        raise NoFlow(scanned=name[:20])
    return job.start()


def _offer(
    floor: Floor, method: str, read: DocumentReading | LpnReading | LocationReading, names: tuple[str, ...]
) -> Screen:
    """Hand a label to the first screen of the first job that takes it and is this worker's."""
    for name in names:
        job = flow(name)
        if job is None or not floor.seat.is_a(*job.roles, "supervisor", "admin"):
            continue
        screen = job.start()
        if hasattr(screen, method):
            following = getattr(screen, method)(floor, read)
            assert isinstance(following, Screen)
            return following
    raise NoFlow(scanned=read.label)
