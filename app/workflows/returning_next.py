"""Returns, the next step: what was sent its way is repaired, relabelled, set aside, sent back or handed over.

1. Scan the plate (or the place where it lies loose). With several pieces on it, scan the one you mean.
2. Repair and refurbish: do it, then scan the item: it is looked at and graded anew.
3. Relabel and set aside: stick the label on, then scan the place where it is kept from now on.
4. Send back: its address label is printed; pack it, stick the label on and scan it (returning_send.py). It has left.
5. To the supplier, given away: when they take it, scan their delivery note, or the plate once more.
"""

from msgspec.structs import replace

from app.errors import Wrong
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Fact, Key, Prompt, Row
from app.floor.readings import DocumentReading, ItemReading, LocationReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer
from app.stock import balances
from app.work import arrivals, moves, moves_target, tasks
from app.work.moves import Thing
from app.work.returns import counted, disposing, leaving, next_steps, ways
from app.work.returns.known import Parcel, Piece
from app.work.returns.next_steps import Waiting
from app.workflows.returning_send import NothingWaits, OtherPiece, Send, about, gone, print_address, waits
from app.workflows.returning_way import return_label

SHOWN = 5


class OtherZone(Wrong):
    code, title = "other_zone", "Not there"
    says = "{expected}. {scanned} is {kind}."
    todo = "Scan a place of that zone."


class Next(Screen, frozen=True, kw_only=True, tag="returning.next"):
    """Which plate?"""

    def prompt(self, floor: Floor) -> Prompt:
        waiting = next_steps.waiting(floor.tx)
        rows = tuple(
            Row(
                name=(one.piece.lpn and arrivals.named(one.piece.lpn)) or one.piece.location,
                detail=f"{one.piece.quantity} × {one.piece.item}",
                right=one.how.words,
            )
            for one in waiting[:SHOWN]
        )
        return Prompt(
            job="After returns",
            headline="Scan plate" if waiting else "Nothing waits",
            hint="" if rows else "All returned goods went their way.",
            big="lines" if rows else "",
            rows=rows,
            speech="Scan a plate of returned goods.",
        )

    def tap_take(self, floor: Floor, task: str) -> Screen:
        found = tasks.find(floor.tx, task)
        return _step(floor, waits(floor, found.document.removeprefix("return ") if found else task))

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return _begin(floor, read.lpn)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return _begin(floor, read.location)


class Which(Screen, frozen=True, kw_only=True, tag="returning.which"):
    """Several pieces wait on it: which one?"""

    at: str

    def prompt(self, floor: Floor) -> Prompt:
        waiting = next_steps.on(floor.tx, self.at)
        return Prompt(
            job=arrivals.named(self.at),
            headline="Scan the piece",
            ask="choice",
            choices=tuple(
                Key(
                    name="piece",
                    value=one.piece.piece,
                    label=one.piece.item,
                    note=f"{one.how.words} {one.piece.serial}",
                )
                for one in waiting
            ),
            speech="Scan the piece you mean.",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        found = [one for one in next_steps.on(floor.tx, self.at) if one.piece.item == read.item]
        found = [one for one in found if read.serial in ("", one.piece.serial)] or found
        if not found:
            raise OtherPiece(expected="a piece on it", scanned=read.item)
        return _step(floor, found[0]) if len({one.step for one in found}) == 1 else self

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        for one in next_steps.on(floor.tx, self.at):
            if one.piece.serial == read.serial:
                return _step(floor, one)
        raise OtherPiece(expected="a piece on it", scanned=read.serial)

    def tap_piece(self, floor: Floor, code: str) -> Screen:
        return _step(floor, waits(floor, code.upper()))

    def tap_back(self, floor: Floor) -> Screen:
        return Next()


class Do(Screen, frozen=True, kw_only=True, tag="returning.do"):
    """What is to be done, and the scan that says it is done."""

    piece: str

    def prompt(self, floor: Floor) -> Prompt:
        one = waits(floor, self.piece)
        facts = (Fact(label="Grade", value=one.piece.grade), Fact(label="Because", value=one.piece.why))
        return replace(about(floor, one), facts=facts, main=_main(one))

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        one = waits(floor, self.piece)
        if read.item != one.piece.item or read.serial not in ("", one.piece.serial):
            raise OtherPiece(expected=one.piece.serial or one.piece.item, scanned=read.serial or read.item)
        return self._graded(floor, one)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        """Its own serial is the piece itself; any other number is the note of whoever takes it."""
        one = waits(floor, self.piece)
        if read.serial == one.piece.serial:
            return self._graded(floor, one)
        if one.how.end != "hand_over":
            raise OtherPiece(expected=one.piece.serial or one.piece.item, scanned=read.serial)
        return gone(floor, one, reference=read.label)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        return self._handed(floor, read.document)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        one = waits(floor, self.piece)
        return self._handed(floor, "" if read.lpn == one.piece.lpn else read.lpn)

    def on_text(self, floor: Floor, text: str) -> Screen:
        return self._handed(floor, text)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        one = waits(floor, self.piece)
        if one.how.end != "place":
            raise OtherPiece(expected=one.piece.serial or one.piece.item, scanned=read.location)
        zone = ways.way(floor.tx, one.piece.disposition).zone
        found = floor.tx.row(disposing.PLACE, code=read.location)
        if zone and found is not None and found[1] != zone:
            raise OtherZone(
                expected=f"It is kept in zone {zone}", scanned=read.location, kind=f"in {found[1] or 'no zone'}"
            )
        together = [one]
        if one.piece.lpn:
            top = moves.movable(floor.tx, one.piece.lpn, floor.worker)
            moves_target.refuse(
                floor.tx, read.location, [Thing(lpn=top.code, rows=tuple(moves.held_in(floor.tx, top)))]
            )
            floor.post(moves.bring_lpn(floor.tx, top, read.location), undoable=False)
            together = [other for other in next_steps.on(floor.tx, one.piece.lpn) if other.step == one.step]
        elif read.location != one.piece.location:
            raise OtherZone(expected=f"It lies at {one.piece.location}", scanned=read.location, kind="another place")
        for other in together:
            counted.end_waiting(floor.tx, other.piece.piece, done=True)
        floor.step(f"{one.piece.item} is kept at {read.location}.")
        return Next()

    def tap_confirm(self, floor: Floor) -> Screen:
        one = waits(floor, self.piece)
        return self._graded(floor, one) if one.how.end == "grade" else self._handed(floor, "")

    def tap_back(self, floor: Floor) -> Screen:
        return Next()

    def _graded(self, floor: Floor, one: Waiting) -> Screen:
        """Worked on: it is looked at once more."""
        if one.how.end != "grade":
            raise OtherPiece(expected=one.how.todo, scanned=one.piece.item)
        return build("returning.inspect", parcel=_parcel(floor, one.piece), piece=one.piece.piece)

    def _handed(self, floor: Floor, reference: str) -> Screen:
        one = waits(floor, self.piece)
        if one.how.end != "hand_over":
            raise OtherPiece(expected=one.how.todo, scanned=reference or one.piece.lpn)
        return gone(floor, one, reference=reference)


def _begin(floor: Floor, at: str) -> Screen:
    waiting = next_steps.on(floor.tx, at)
    if not waiting:
        raise NothingWaits(scanned=at)
    return _step(floor, waiting[0]) if len(waiting) == 1 else Which(at=at)


def _step(floor: Floor, one: Waiting) -> Screen:
    """The screen of a step; what has to be printed for it is printed now, once."""
    piece, how = one.piece, one.how
    disposing.is_here(floor.tx, piece)
    tasks.take(floor.tx, one.task, floor.worker, floor.device, floor.confirm)
    if how.end == "way":
        return build("returning.way", parcel=_parcel(floor, piece), piece=piece.piece)
    if how.end == "send":
        leaving.parcel_number(floor.tx, piece)
        print_address(floor, waits(floor, piece.piece).piece)
        return Send(piece=piece.piece)
    if one.step == "relabel" and has_printer(floor):
        _print_plate(floor, piece)
    return Do(piece=piece.piece)


def _parcel(floor: Floor, piece: Piece) -> Parcel:
    place = disposing.is_here(floor.tx, piece).location
    found = Parcel(code=piece.parcel, rma=piece.rma, order_code=piece.order_code, customer=piece.customer)
    return replace(found, location=place)


def _main(one: Waiting) -> Key | None:
    """The band at the bottom, where something else than a scan may say that it is done."""
    if one.how.end == "grade":
        return Key(name="confirm", label="Done", note="grade it anew")
    if one.how.end == "hand_over":
        return Key(name="confirm", label="Taken", note="without a number")
    return None


def _print_plate(floor: Floor, piece: Piece) -> None:
    if not piece.lpn:
        return
    quantity = sum(row.quantity for row in balances.in_lpn(floor.tx, piece.lpn) if row.item == piece.item)
    label = return_label(floor, piece, ways.way(floor.tx, piece.disposition), piece.lpn, quantity)
    queue_label(floor, label, subject=piece.lpn, document=f"return {piece.piece}", once=f"relabel {piece.piece}")


register(
    Flow(
        name="returning_next",
        title="After returns",
        icon="return",
        roles=("worker",),
        start=Next,
        waiting=next_steps.said,
        kinds=(counted.TASK,),
        describe=lambda tx, row: (f"{next_steps.step_of(row.reason).words} {row.item}", f"on {row.place}"),
        order=16,
    )
)
