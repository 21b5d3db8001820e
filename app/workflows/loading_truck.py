"""Loading, second half: cartons onto the truck, and the truck away.

1. Scan each carton onto the truck. One of another carrier, one already on it, one never staged is refused.
2. A carton that must come off: Unload, then scan it. Scanning it again never takes it off by itself.
3. Close. What is staged for this carrier and not on the truck is named; say why it stays.
4. Scan or type the seal. The goods of every order on the truck are the customer's from then on.
"""

from app.errors import Malformed
from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import LocationReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.events import Loaded, Unloaded
from app.work import exceptions, outgoing, packing, shipments
from app.work.parcels import Carton
from app.work.shipments import Load

LONGEST_SEAL = 30
MOST_ROWS = 50


class AtTruck(Screen, frozen=True, kw_only=True, tag="loading.truck"):
    """Scan the cartons onto the truck."""

    load: str

    def prompt(self, floor: Floor) -> Prompt:
        found = shipments.find(floor.tx, self.load)
        if found is None or found.state != "open":
            return Prompt(job=f"Load {self.load}", headline="This load is closed", hint="scan a truck")
        aboard, waiting = shipments.on_truck(floor.tx, found), shipments.missing(floor.tx, found)
        return Prompt(
            job=f"Load {found.truck}",
            headline="Scan a carton",
            hint=f"all are on: scan {found.truck} again to close"
            if aboard and not waiting
            else shipments.carrier_of(floor.tx, found) or "any carrier",
            progress=(len(aboard), len(aboard) + len(waiting)),
            progress_of="cartons",
            big="lines",
            rows=_rows(waiting),
            keys=(Key(name="close", label="Close"), Key(name="unload", label="Unload")),
            speech=f"{_cartons(len(waiting))} to load.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        load = shipments.opened(floor.tx, self.load)
        found = outgoing.to_load(floor.tx, load, read.lpn)
        moves, _ = balances.moves_of_lpn(floor.tx, found.lpn, load.truck)
        event = Loaded(
            order=found.order_code, carton=found.lpn, target=load.truck, contents=tuple(moves), load=load.code
        )
        floor.post(event)
        left = len(shipments.missing(floor.tx, load))
        (floor.ok if left else floor.step)(f"On {load.truck}. " + (f"{left} more." if left else "All are on."))
        return self

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        """Another truck; or this one again when all cartons are on it: it may go."""
        found = shipments.find(floor.tx, self.load)
        if found is not None and (found.truck, found.state) == (read.location, "open"):
            full = shipments.on_truck(floor.tx, found) and not shipments.missing(floor.tx, found)
            return self.tap_close(floor) if full else self
        return AtTruck(load=shipments.at(floor.tx, read.location, floor.worker).code)

    def tap_unload(self, floor: Floor) -> Screen:
        shipments.opened(floor.tx, self.load)
        return TakeOff(load=self.load)

    def tap_close(self, floor: Floor) -> Screen:
        """Closing twice is harmless. Raises NothingLoaded."""
        found = shipments.find(floor.tx, self.load)
        if found is None or found.state != "open":
            return _closed_already(floor, self.load)
        if not shipments.on_truck(floor.tx, found):
            raise shipments.NothingLoaded(truck=found.truck)
        if shipments.missing(floor.tx, found):
            return LeftBehind(load=self.load)
        return Seal(load=self.load)

    def tap_back(self, floor: Floor) -> Screen:
        return build("loading.start")


class TakeOff(Screen, frozen=True, kw_only=True, tag="loading.unload"):
    """Scan the carton that comes off the truck."""

    load: str

    def prompt(self, floor: Floor) -> Prompt:
        found = shipments.find(floor.tx, self.load)
        return Prompt(
            job=f"Unload {found.truck if found else self.load}",
            headline="Scan the carton to take off",
            hint="it goes back to its lane",
            speech="Scan the carton to take off.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        load = shipments.opened(floor.tx, self.load)
        found = outgoing.to_unload(floor.tx, load, read.lpn)
        moves, _ = balances.moves_of_lpn(floor.tx, found.lpn, found.lane)
        event = Unloaded(
            order=found.order_code, carton=found.lpn, target=found.lane, contents=tuple(moves), load=load.code
        )
        floor.post(event)
        void = packing.order(floor.tx, found.order_code).state == "cancelled"
        back = f"Order {found.order_code} is cancelled: bring it to be put back." if void else ""
        if void:
            floor.undoable = False
        floor.step(f"Off. {back or f'Bring it back to {found.lane}.'}")
        return AtTruck(load=self.load)

    def tap_back(self, floor: Floor) -> Screen:
        return AtTruck(load=self.load)


class LeftBehind(Screen, frozen=True, kw_only=True, tag="loading.missing"):
    """These are not on the truck. Why do they stay?"""

    load: str
    seal: str | None = None  # told already, before the last one was staged

    def prompt(self, floor: Floor) -> Prompt:
        found = shipments.find(floor.tx, self.load)
        waiting = shipments.missing(floor.tx, found) if found else []
        return Prompt(
            job=f"Close {found.truck if found else self.load}",
            headline="Why do they stay?",
            ask="choice",
            hint=f"{len(waiting)} not on the truck; scan one to load it",
            big="lines",
            rows=_rows(waiting),
            choices=tuple(Key(name="reason", value=name, label=label) for name, label in shipments.REASONS.items()),
            speech=f"{_cartons(len(waiting))} missing.",
        )

    def tap_reason(self, floor: Floor, name: str) -> Screen:
        reason = shipments.REASONS.get(name, name[:40])
        if self.seal is not None:
            return ship(floor, self.load, self.seal, reason)
        return Seal(load=self.load, reason=reason)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        """It was found after all."""
        return AtTruck(load=self.load).on_lpn(floor, read)

    def tap_back(self, floor: Floor) -> Screen:
        return AtTruck(load=self.load)


class Seal(Screen, frozen=True, kw_only=True, tag="loading.seal"):
    """The seal's number, and the truck may go."""

    load: str
    reason: str = ""  # why some cartons stay

    def prompt(self, floor: Floor) -> Prompt:
        found = shipments.find(floor.tx, self.load)
        count = len(shipments.on_truck(floor.tx, found)) if found else 0
        return Prompt(
            job=f"Close {found.truck if found else self.load}",
            headline="Scan or type the seal",
            ask="text",
            hint=f"{_cartons(count)} on the truck" + (f"; the others stay: {self.reason}" if self.reason else ""),
            keys=(Key(name="no_seal", label="No seal"),),
            speech="Scan or type the seal.",
        )

    def on_text(self, floor: Floor, text: str) -> Screen:
        if not (0 < len(text) <= LONGEST_SEAL and text.isprintable()):
            raise Malformed(scanned=text[:LONGEST_SEAL], reason=f"a seal has 1 to {LONGEST_SEAL} characters.")
        return ship(floor, self.load, text, self.reason)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        """The seal's own barcode."""
        return self.on_text(floor, read.serial)

    def tap_no_seal(self, floor: Floor) -> Screen:
        return ship(floor, self.load, "", self.reason)

    def tap_back(self, floor: Floor) -> Screen:
        return AtTruck(load=self.load)


def ship(floor: Floor, code: str, seal: str, reason: str) -> Screen:
    """Close the load: one goods issue per order. Closing twice is harmless.

    Raises NothingLoaded, OrderOff, ShipComplete, OnHold; then nothing of the load has left.
    """
    tx = floor.tx
    load = shipments.find(tx, code)
    if load is None or load.state != "open":
        return _closed_already(floor, code)
    aboard, waiting = shipments.on_truck(tx, load), shipments.missing(tx, load)
    if not aboard:
        raise shipments.NothingLoaded(truck=load.truck)
    if waiting and not reason:
        return LeftBehind(load=code, seal=seal)  # staged meanwhile
    by_order: dict[str, list[Carton]] = {}
    for one in aboard:
        by_order.setdefault(one.order_code, []).append(one)
    for order, cartons in sorted(by_order.items()):
        shipped = shipments.shipment(tx, load, order, cartons, seal)
        floor.post(shipped, undoable=False)
        if (left_without := shipments.backordered(tx, load, shipped)) is not None:
            floor.post(left_without, undoable=False)
    _note_left_behind(floor, load, waiting, reason)
    shipments.close(tx, load, seal, floor.worker)
    orders = "1 order" if len(by_order) == 1 else f"{len(by_order)} orders"
    stays = f" {len(waiting)} stay: {reason}." if waiting else ""
    floor.step(f"{load.truck} left with {_cartons(len(aboard))} of {orders}.{stays}")
    return build("loading.manifest", load=code)


def _note_left_behind(floor: Floor, load: Load, waiting: list[Carton], reason: str) -> None:
    for one in waiting:
        told = f"Carton {one.lpn} of order {one.order_code} was left behind by {load.code}: {reason}."
        document = f"order {one.order_code}"
        exceptions.add(floor.tx, "left_behind", told, document=document, location=one.location, worker=floor.worker)


def _closed_already(floor: Floor, code: str) -> Screen:
    floor.ok(f"Load {code} is closed already.")
    return build("loading.manifest", load=code)


def _rows(cartons: list[Carton]) -> tuple[Row, ...]:
    return tuple(Row(name=one.lpn, detail=f"order {one.order_code}", right=one.lane) for one in cartons[:MOST_ROWS])


def _cartons(count: int) -> str:
    return "1 carton" if count == 1 else f"{count} cartons"
