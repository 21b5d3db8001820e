"""Put back: picked goods of an order that was cancelled or held return to a bin, out of totes and out of cartons.

1. Take the next task, or scan the tote or carton (or the order).
2. Scan the tote or carton the goods are in; open it. A carton without a label yet, or goods in the hand, are named by the
   place they stand at, or by an item in them.
3. Scan item and bin (put_back_item.py), until nothing is left. An emptied carton is void: take its label off.
"""

from app.db import Tx
from app.errors import Ambiguous, State, Unknown, Wrong
from app.floor import seats
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import DocumentReading, ItemReading, LocationReading, LpnReading, StationReading
from app.floor.screens import Screen
from app.work import put_back, tasks
from app.workflows.put_back_item import OfTask, OutOfTote, go_on

SHOWN = 6


class NothingToPutBack(State):
    code, title = "nothing_to_put_back", "Nothing to put back"
    says = "Nothing waits to be put back."
    todo = "Choose another job."


class NotToPutBack(Unknown):
    code, title = "not_to_put_back", "Nothing to put back"
    says = "{scanned} holds nothing that must go back."
    todo = "Scan the tote the screen names."


class WrongTote(Wrong):
    code, title = "wrong_tote", "Wrong tote"
    todo = "Scan {expected}."


class WhichOne(Ambiguous):
    code, title = "which_one", "Which one?"
    says = "{scanned} stands for {places}."
    todo = "Scan the tote or carton itself."


class Choose(Screen, frozen=True, kw_only=True, tag="put_back"):
    """Which tote, which order?"""

    def prompt(self, floor: Floor) -> Prompt:
        best = tasks.best(floor.tx, "put_back", floor.worker)
        return Prompt(
            job="Put back",
            headline="Scan tote, carton or order",
            hint="" if best else "nothing waits to be put back",
            choices=tuple(
                Key(name="take", value=each.id, label=each.document, note=each.reason)
                for each in tasks.queue(floor.tx, "put_back", most=SHOWN)
            ),
            main=Key(name="next", label=f"Next: {best.document}", note=best.reason) if best else None,
            speech="Scan the tote.",
        )

    def tap_next(self, floor: Floor) -> Screen:
        best = tasks.best(floor.tx, "put_back", floor.worker)
        if best is None:
            raise NothingToPutBack()
        return _take(floor, best.id)

    def tap_take(self, floor: Floor, task: str) -> Screen:
        return _take(floor, task)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        inside = put_back.left_in(floor.tx, read.lpn)
        task = put_back.task_for(floor.tx, inside[0].line.rpartition("/")[0]) if inside else None
        if task is None:
            raise NotToPutBack(scanned=read.lpn)
        following = _take(floor, task)
        return following.on_lpn(floor, read) if isinstance(following, FromTote) else following

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        task = put_back.task_for(floor.tx, read.document) if read.of == "order" else None
        if task is None:
            raise NotToPutBack(scanned=read.label)
        return _take(floor, task)


class FromTote(OfTask, frozen=True, kw_only=True, tag="put_back.tote"):
    """Scan the tote or carton that holds the goods."""

    def prompt(self, floor: Floor) -> Prompt:
        left = put_back.left_of(floor.tx, self.order)
        where = dict.fromkeys((each.place, each.location) for each in left)
        cartons = any(put_back.is_carton(floor.tx, each.lpn) for each in left)
        return Prompt(
            job=f"Put back order {self.order}",
            headline="Scan tote or carton" if cartons else "Scan tote",
            hint=f"{sum(each.quantity for each in left)} pieces",
            rows=tuple(Row(name=lpn, detail=f"at {place}" if place != lpn else "") for lpn, place in where),
            speech="Scan the tote or carton." if cartons else "Scan the tote.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return self._out_of(floor, [each for each in self.left(floor) if each.lpn == read.lpn], read.lpn)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        """A place stands for the only thing of this order in it."""
        return self._out_of(floor, [each for each in self.left(floor) if each.location == read.location], read.location)

    def on_station(self, floor: Floor, read: StationReading) -> Screen:
        station = seats.station_of(floor.tx, read.station)
        place = station.location if station else read.station
        return self._out_of(floor, [each for each in self.left(floor) if each.location == place], read.label)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        """An item in the hand says which carton stands open, if it lies in one only."""
        fitting = [each for each in self.left(floor) if each.item == read.item]
        following = self._out_of(floor, fitting, read.label)
        return following.on_item(floor, read)

    def _out_of(self, floor: Floor, fitting: list[put_back.Left], scanned: str) -> OutOfTote:
        """Raises WrongTote, WhichOne, OnTruck."""
        places = list(dict.fromkeys(each.place for each in fitting))
        if not places:
            every = dict.fromkeys(each.place for each in self.left(floor))
            raise WrongTote(expected=" or ".join(every), scanned=scanned)
        if len(places) > 1:
            raise WhichOne(scanned=scanned, places=" and ".join(places))
        put_back.refuse_on_truck(floor.tx, places[0])
        return OutOfTote(task=self.task, order=self.order, tote=places[0])


def _take(floor: Floor, key: str) -> Screen:
    taken = tasks.take(floor.tx, key, floor.worker, floor.device, floor.confirm)
    return go_on(floor, key, put_back.order_of(taken), "")


def _waiting(tx: Tx) -> str:
    n = tasks.waiting(tx, "put_back")
    return f"{n} {'order' if n == 1 else 'orders'}" if n else ""


def _next_task(tx: Tx, worker: str) -> tuple[int, str, str] | None:
    best = tasks.best(tx, "put_back", worker)
    return (best.priority, f"put back {best.document}", best.reason) if best else None


register(
    Flow(
        name="put_back",
        title="Put back",
        icon="putaway",
        roles=("worker",),
        start=Choose,
        waiting=_waiting,
        next_task=_next_task,
        kinds=("put_back",),
        describe=lambda tx, row: (f"put back {row.document}", row.reason),
        order=60,
    )
)
