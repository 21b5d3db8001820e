"""Loading, first half: cartons from the packing tables into their lanes.

1. Scan a carton's label: its lane is named. The first carton of an order chooses the lane of all the others.
2. Bring it there and scan the lane. Another lane is refused.
3. To load a truck, scan the truck or its dock; then every carton, one by one.
"""

from app.db import Tx
from app.errors import WrongKind
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Fact, Prompt, Row
from app.floor.readings import DocumentReading, LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.events import Staged
from app.work import lanes, outgoing, packing, parcels, shipments

MOST_ROWS = 50


class Start(Screen, frozen=True, kw_only=True, tag="loading.start"):
    """A carton to stage, or a truck to load."""

    fetch: str = ""  # the carton to bring next

    def prompt(self, floor: Floor) -> Prompt:
        carton = parcels.find(floor.tx, self.fetch) if self.fetch else None
        return Prompt(
            job="Load",
            headline="Scan the carton" if carton else "Scan carton or truck",
            hint=_waiting(floor.tx),
            place=carton.location if carton else "",
            facts=(Fact(label="Carton", value=self.fetch, note=f"order {carton.order_code}"),) if carton else (),
            speech="Scan a carton or a truck.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        found = outgoing.to_stage(floor.tx, read.lpn)
        lane = lanes.proposed(floor.tx, packing.order(floor.tx, found.order_code))
        if not lane:
            raise lanes.NoLane(carrier=found.carrier or "no carrier")
        return ToLane(carton=read.lpn, order=found.order_code)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        load = shipments.at(floor.tx, read.location, floor.worker)
        return build("loading.truck", load=load.code)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        if read.of != "load":
            raise WrongKind(expected="a carton or a truck", scanned=read.label, kind=f"the number of a {read.of}")
        found = shipments.find(floor.tx, read.document)
        if found is not None and found.state == "open":
            return build("loading.truck", load=found.code)
        return Manifest(load=read.document)

    def tap_next(self, floor: Floor) -> Screen:
        best = outgoing.next_to_stage(floor.tx)
        return Start(fetch=best.lpn if best else "")


class ToLane(Screen, frozen=True, kw_only=True, tag="loading.lane"):
    """Bring the carton to its lane, and scan the lane."""

    carton: str
    order: str

    def prompt(self, floor: Floor) -> Prompt:
        head = packing.order(floor.tx, self.order)
        others = "where the order's other cartons stand" if head.lane else f"lane of {head.carrier or 'all carriers'}"
        return Prompt(
            job="Stage",
            subject=f"Order {self.order}",
            headline="Scan the lane",
            hint=others,
            place=lanes.proposed(floor.tx, head),
            big="place",
            done=(f"Carton {self.carton}",),
            speech=f"Lane {lanes.proposed(floor.tx, head)}.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        found = outgoing.to_stage(floor.tx, self.carton)
        warning = lanes.check(floor.tx, packing.order(floor.tx, self.order), read.location)
        if warning is not None:
            floor.confirm(warning)
        moves, _ = balances.moves_of_lpn(floor.tx, found.lpn, read.location)
        floor.post(Staged(order=self.order, carton=found.lpn, target=read.location, contents=tuple(moves)))
        floor.step(f"Carton {found.lpn} stands in {read.location}.")
        return Start()

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        """Another carton is in the hand now."""
        return Start().on_lpn(floor, read)

    def tap_back(self, floor: Floor) -> Screen:
        return Start()


class Manifest(Screen, frozen=True, kw_only=True, tag="loading.manifest"):
    """What a load took with it."""

    load: str

    def prompt(self, floor: Floor) -> Prompt:
        found, cartons = shipments.find(floor.tx, self.load), shipments.manifest(floor.tx, self.load)
        rows = tuple(
            Row(name=one.lpn, detail=f"order {one.order_code} · {one.customer}".rstrip(" ·"), right=_kg(one.weight_g))
            for one in cartons[:MOST_ROWS]
        )
        facts = (
            Fact(label="Truck", value=found.truck if found else ""),
            Fact(label="Seal", value=(found.seal if found else "") or "none"),
            Fact(label="Cartons", value=str(len(cartons))),
            Fact(label="Weight", value=_kg(sum(one.weight_g for one in cartons))),
        )
        return Prompt(
            job=f"Load {self.load}",
            headline="Scan carton or truck",
            big="lines",
            rows=rows,
            facts=facts,
            speech=f"{len(cartons)} cartons left.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return Start().on_lpn(floor, read)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return Start().on_location(floor, read)

    def tap_back(self, floor: Floor) -> Screen:
        return Start()


def _kg(grams: int) -> str:
    return f"{grams / 1000:.2f} kg"


def _waiting(tx: Tx) -> str:
    waits = outgoing.counts(tx)
    told = [
        f"{waits[state]} to {word}" for state, word in (("labelled", "stage"), ("staged", "load")) if state in waits
    ]
    return ", ".join(told)


def _next(tx: Tx, worker: str) -> tuple[int, str, str] | None:
    best = outgoing.next_to_stage(tx)
    if best is None:
        return None
    head = packing.order(tx, best.order_code)
    lane = lanes.proposed(tx, head)
    return head.priority, f"stage carton of {head.code}", f"{best.location} → {lane}" if lane else best.location


register(
    Flow(
        name="loading",
        title="Load",
        icon="load",
        roles=("loader",),
        start=Start,
        waiting=_waiting,
        next_task=_next,
        order=50,
    )
)
