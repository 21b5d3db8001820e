"""Returns: a customer's parcel is opened, and each piece in it is received, looked at and sent its way.

1. Scan the parcel: its RMA, the tracking number on the return label, the order, our own carton, or a serial in it. One
   that nobody knows is scanned twice, or taken in by its key; it is held until the desk knows whose it is.
2. The goods stand where your station takes returns in; without one, scan the staging place.
3. Scan a piece. Its lot, its serial and why it came back are asked for only where label and papers are silent.
4. Look at it: answer the checklist, take a photo where one is wanted, give the grade. A alone says yes to everything.
5. The screen says what becomes of it and why. Scan the plate or tote it goes on, or take a new label.
6. The next piece, or the next parcel: that closes this one, and prints its receipt where the table has a slip printer.
   Empty? Close says so, too.
"""

from msgspec.structs import replace

from app import papers
from app.errors import NeedsRelease, Refusal, State, WrongKind
from app.floor import screens
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import DocumentReading, ItemReading, LocationReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.printing.queueing import queue_for
from app.printing.station_printers import printer_near
from app.stock import balances
from app.work import arrivals
from app.work.returns import closing, disposing, known, taking_in, ways
from app.work.returns.known import Parcel, Piece
from app.workflows import returning_piece


class ScanParcel(State):
    code, title = "scan_parcel", "Parcel first"
    says = "{scanned} is an item. Which parcel did it come in?"
    todo = "Scan a label on the parcel, or tap Unknown parcel."


class SerialOfWhat(State):
    code, title = "serial_of_what", "Which item?"
    says = "Serial {scanned} does not say which item it is."
    todo = "Scan the item's own barcode first."


class _Arriving(Screen, frozen=True, kw_only=True):
    """Takes any label of a parcel."""

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        if read.of == "rma":
            return _rma(floor, read.document, read.label)
        if read.of == "order":
            return _order(floor, read.document, read.label)
        raise WrongKind(expected="an RMA or an order", scanned=read.label, kind=f"the number of a {read.of}")

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        """Our own carton says which order; a plate of returned goods is looked at once more; an SSCC may be tracking."""
        waiting = disposing.in_plate(floor.tx, read.lpn)
        if waiting:
            return build("returning.again", lpn=read.lpn)
        carrier = balances.carrier(floor.tx, read.lpn)
        kind, _, order = (carrier.document if carrier else "").partition(" ")
        if kind == "order" and carrier is not None and carrier.state == "gone":
            return _order(floor, order, read.lpn)
        tracked = known.by_tracking(floor.tx, read.lpn)
        if len(tracked) == 1:
            return _rma(floor, tracked[0].code, read.lpn)
        if carrier is not None:
            raise taking_in.NotSent(scanned=read.lpn)
        return _unknown(floor, read.lpn)

    def tap_unknown(self, floor: Floor) -> Screen:
        _close_before(floor)
        return _where(floor, taking_in.unknown_parcel(floor.tx, "", floor.worker))


class Arrive(_Arriving, frozen=True, kw_only=True, tag="returning.start"):
    """Which parcel?"""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Returns",
            headline="Scan parcel",
            hint="RMA, tracking, order, carton or serial",
            subject=floor.station.name if floor.station else "",
            keys=(Key(name="unknown", label="Unknown parcel"),),
            speech="Scan a label on the parcel.",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        if not read.serial:
            raise ScanParcel(scanned=read.item)
        return self._by_serial(floor, read.serial, read.item)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        return self._by_serial(floor, read.serial, read.item)

    def _by_serial(self, floor: Floor, serial: str, item: str) -> Screen:
        order = taking_in.order_of_serial(floor.tx, serial, item)
        return _order(floor, order, serial) if order else _unknown(floor, serial)


class Where(Screen, frozen=True, kw_only=True, tag="returning.where"):
    """Where are returns set down?"""

    parcel: Parcel

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=self.parcel.named,
            headline="Scan staging place",
            hint="where the goods are set down",
            speech="Where do the goods stand? Scan the place.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        arrivals.check_place(floor.tx, read.location)
        return AtItem(parcel=_at(self.parcel, read.location))

    def tap_back(self, floor: Floor) -> Screen:
        return Arrive()


class AtItem(_Arriving, frozen=True, kw_only=True, tag="returning.item"):
    """Scan what is in it. What is announced is told only where the house's policy says so."""

    parcel: Parcel

    def prompt(self, floor: Floor) -> Prompt:
        pieces = known.pieces(floor.tx, self.parcel.code)
        blind = bool(ways.policy(floor.tx).blind)
        begun = [piece for piece in pieces if piece.state != "disposed"]
        keys = (Key(name="go_on", label="Go on", note=begun[0].item),) if begun else ()
        return Prompt(
            job=self.parcel.named,
            subject=self.parcel.code,
            headline="Scan item",
            hint=f"at {self.parcel.location} · the next parcel's label closes this one",
            big="lines" if pieces or not blind else "",
            rows=_rows(floor, self.parcel, pieces, blind=blind),
            keys=(*keys, Key(name="close", label="Empty")),
            speech="Scan the next piece, or the next parcel.",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        return returning_piece.begin(floor, self.parcel, read.item, read.quantity, lot=read.lot, serial=read.serial)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        item = read.item or taking_in.item_of_serial(floor.tx, read.serial, self.parcel.order_code)
        if not item:
            raise SerialOfWhat(scanned=read.serial)
        return returning_piece.begin(floor, self.parcel, item, 1, serial=read.serial)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        arrivals.check_place(floor.tx, read.location)
        floor.ok(f"Now at {read.location}")
        return AtItem(parcel=_at(self.parcel, read.location))

    def tap_go_on(self, floor: Floor) -> Screen:
        begun = closing.unfinished(floor.tx, self.parcel.code)
        return build(_screen_of(begun[0]), parcel=self.parcel, piece=begun[0].piece) if begun else self

    def tap_close(self, floor: Floor) -> Screen:
        closed = closing.close(floor.tx, self.parcel)
        if closed is None:
            floor.ok("Nothing was in it.")
            return Arrive()
        floor.post(closed, undoable=False)
        floor.step(f"Parcel {self.parcel.code} is done.")
        _receipt(floor, self.parcel)
        return Arrive()

    def tap_back(self, floor: Floor) -> Screen:
        return Arrive()


def _screen_of(piece: Piece) -> str:
    return "returning.way" if piece.grade else "returning.inspect"


def _rows(floor: Floor, parcel: Parcel, pieces: list[Piece], *, blind: bool) -> tuple[Row, ...]:
    """What came so far; of an RMA that is shown, also what was announced."""
    words = {way.code: way.words for way in ways.ways(floor.tx)}
    came = tuple(
        Row(
            name=piece.item,
            left=str(piece.quantity),
            detail=f"serial {piece.serial}" if piece.serial else "",
            right=words.get(piece.disposition, piece.disposition) if piece.disposition else "to be judged",
            state="seen" if piece.disposition else "now",
        )
        for piece in reversed(pieces)
    )
    if blind:
        return came
    return tuple(
        Row(
            name=line.item,
            detail=line.name,
            right=f"{line.returned} / {line.quantity}",
            state="seen" if line.returned >= line.quantity else "",
        )
        for line in known.lines(floor.tx, parcel.rma)
    )


# ── how a parcel begins ──────────────────────────────────────────────────────────────────────────────────────────────
def _rma(floor: Floor, code: str, label: str) -> Screen:
    rma = known.find_rma(floor.tx, code)
    if rma is None:
        raise taking_in.NotSent(scanned=label)
    try:
        taking_in.check_rma(floor.tx, rma)
    except NeedsRelease as needed:
        floor.release(needed, document=f"rma {code}")
    _close_before(floor)
    return _where(floor, taking_in.parcel_of_rma(floor.tx, rma, label, floor.worker))


def _order(floor: Floor, order: str, label: str) -> Screen:
    """By the order: its one open RMA where there is one, else the order itself."""
    open_rmas = known.rmas_of_order(floor.tx, order)
    if len(open_rmas) == 1:
        return _rma(floor, open_rmas[0].code, label)
    if not known.we_shipped(floor.tx, order):
        raise taking_in.NotSent(scanned=f"Order {order}")
    _close_before(floor)
    return _where(floor, taking_in.parcel_of_order(floor.tx, order, label, floor.worker))


def _unknown(floor: Floor, label: str) -> Screen:
    floor.confirm(taking_in.UnknownParcel(scanned=label, expected="a label of a parcel"))
    _close_before(floor)
    return _where(floor, taking_in.unknown_parcel(floor.tx, label, floor.worker))


def _close_before(floor: Floor) -> None:
    """The next parcel's label closes the one on the table, unless a piece of it still waits for its grade."""
    now = screens.decode(floor.seat.screen, bytes(floor.seat.state))
    if isinstance(now, AtItem):
        closed = closing.close(floor.tx, now.parcel)
        if closed is not None:
            floor.post(closed, undoable=False)
            _receipt(floor, now.parcel)


def _receipt(floor: Floor, parcel: Parcel) -> None:
    """For whoever brought it, where the returns table has a slip printer of its own."""
    printer = printer_near(floor, "escpos", "return_receipt")
    if printer is None:
        return
    slip = papers.return_receipt(floor.tx, parcel, taken_by=floor.seat.short_name)
    try:
        queue_for(
            floor.tx, slip, printer, subject=parcel.code, document=f"return {parcel.code}",
            once=f"return_receipt {parcel.code}", worker=floor.worker, station=floor.seat.station,
        )  # fmt: skip
    except Refusal as refused:
        floor.warn(f"No receipt: {refused.sentence}")


def _where(floor: Floor, parcel: Parcel) -> Screen:
    place = floor.station.location if floor.station else ""
    if not arrivals.takes_arrivals(floor.tx, place):
        return Where(parcel=parcel)
    floor.ok(f"{parcel.named}, parcel {parcel.code}")
    return AtItem(parcel=_at(parcel, place))


def _at(parcel: Parcel, place: str) -> Parcel:
    return replace(parcel, location=place)


register(
    Flow(
        name="returning",
        title="Returns",
        icon="return",
        roles=("worker",),
        start=Arrive,
        waiting=closing.waiting,
        order=15,
    )
)
