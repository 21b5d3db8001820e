"""Packing: every unit is seen by the scanner, weighed with its carton, and labelled, or nothing leaves the table.

1. Stand at a packing station. Scan the tote that came, or the order's number: all picked goods of the order are shown.
   If some of it is not picked yet, scan once more to pack what there is.
2. Take the carton that is proposed (and why), or choose another.
3. Scan every unit into it: a case label counts its pieces, serials are scanned one by one, lots must match.
4. Is the carton full, say so: the next one follows. When all is in, it is weighed.
5. The label comes out. Put it on and scan it: only then the carton is done.
"""

from app.db import Tx
from app.errors import State, Unknown, WrongKind
from app.floor import seats
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Key, Prompt
from app.floor.readings import DocumentReading, LpnReading, StationReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.work import outgoing, packing, parcels
from app.workflows.packing_begin import begin
from app.workflows.packing_view import PAGE, station_name

MOST_ORDERS = 8  # of one tote, as choices


class ToteEmpty(State):
    code, title = "tote_empty", "Tote is empty"
    says = "{scanned} holds nothing for an order."
    todo = "Scan another tote, or the order."


class CartonDone(State):
    code, title = "carton_done", "Packed already"
    says = "Carton {scanned} is {state}."
    todo = "Bring it to its lane."


class Start(Screen, frozen=True, kw_only=True, tag="packing.start"):
    """Scan the tote that came, or an order."""

    fetch: str = ""  # the order to bring next

    def prompt(self, floor: Floor) -> Prompt:
        waiting = packing.ready(floor.tx)
        totes = sorted({row.place for row in packing.loose(floor.tx, self.fetch)}) if self.fetch else []
        return Prompt(
            job=station_name(floor),
            subject=f"Order {self.fetch}" if self.fetch else "",
            headline=f"Scan tote {totes[0]}" if totes else "Scan tote or order",
            hint=f"{waiting} orders wait" if waiting != 1 else "1 order waits",
            why=tuple(f"→ {tote}" for tote in totes[1:4]),
            template=PAGE,
            speech="Scan the tote.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        if read.of == "carton" or parcels.find(floor.tx, read.lpn) is not None:
            return _carton(floor, read)
        orders = packing.orders_in(floor.tx, read.lpn)
        if not orders:
            raise ToteEmpty(scanned=read.label)
        if len(orders) > 1:
            return Which(tote=read.lpn)
        return begin(floor, orders[0], read.lpn)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        if read.of != "order":
            raise WrongKind(expected="a tote or an order", scanned=read.label, kind=f"the number of a {read.of}")
        return begin(floor, read.document)

    def on_station(self, floor: Floor, read: StationReading) -> Screen:
        station = seats.station_of(floor.tx, read.station)
        if station is None:
            raise Unknown(scanned=read.label)
        floor.stand_at(station)
        floor.step(f"You stand at {station.name or station.code}.")
        return self

    def tap_next(self, floor: Floor) -> Screen:
        best = packing.best(floor.tx)
        return Start(fetch=best.code if best else "")


class Which(Screen, frozen=True, kw_only=True, tag="packing.which"):
    """A tote of a batch: whose goods shall be packed?"""

    tote: str

    def prompt(self, floor: Floor) -> Prompt:
        orders = packing.orders_in(floor.tx, self.tote)
        return Prompt(
            job=station_name(floor),
            subject=f"Tote {self.tote}",
            headline="Scan the order",
            ask="choice",
            hint=f"{len(orders)} orders are in this tote",
            choices=tuple(Key(name="order", value=code, label=f"Order {code}") for code in orders[:MOST_ORDERS]),
            speech="Several orders are in this tote. Scan the order.",
        )

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        if read.of != "order":
            raise WrongKind(expected="an order", scanned=read.label, kind=f"the number of a {read.of}")
        return begin(floor, read.document, self.tote)

    def tap_order(self, floor: Floor, code: str) -> Screen:
        return begin(floor, code, self.tote)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return Start().on_lpn(floor, read)

    def tap_back(self, floor: Floor) -> Screen:
        return Start()


def _carton(floor: Floor, read: LpnReading) -> Screen:
    """A carton somebody left on the table goes on where it stopped: its own label, scanned, proves it."""
    found = parcels.find(floor.tx, read.lpn)
    if found is None:
        raise Unknown(scanned=read.label)
    if found.state == "void":
        outgoing.refuse_void(floor.tx, found)
    if found.state in parcels.UNLABELLED:
        label = build("packing.label", order=found.order_code, carton=found.lpn)
        following = label.on_lpn(floor, read)  # type: ignore[attr-defined]
        assert isinstance(following, Screen)
        return following
    if found.state == "open" and balances.in_lpn(floor.tx, found.lpn):
        return begin(floor, found.order_code)
    raise CartonDone(scanned=read.label, state=found.state)


def _waiting(tx: Tx) -> str:
    count = packing.ready(tx)
    return "" if not count else "1 order" if count == 1 else f"{count} orders"


def _next(tx: Tx, worker: str) -> tuple[int, str, str] | None:
    best = packing.best(tx)
    if best is None:
        return None
    loose = packing.loose(tx, best.code)
    units = sum(row.quantity for row in loose)
    totes = ", ".join(sorted({row.place for row in loose})[:2])
    return best.priority, f"pack order {best.code}", f"{units} units in {totes}" if units else "its carton stands open"


register(
    Flow(
        name="packing",
        title="Pack",
        icon="pack",
        roles=("packer",),
        start=Start,
        waiting=_waiting,
        next_task=_next,
        order=40,
    )
)
