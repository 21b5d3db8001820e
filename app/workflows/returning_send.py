"""Returns, sent back: a piece goes to its customer again like a carton of theirs, by a carrier, with its label scanned back.

1. Its address label is printed when the piece is scanned, by the carrier its order went with.
2. Another carrier: press it, the label is printed anew. Another label: press Print again and say why; it is marked as a copy.
3. Pack it, stick the label on and scan it. It has left.
"""

from msgspec.structs import replace

from app.errors import State, Wrong
from app.floor.floor import Floor
from app.floor.prompt import Fact, Key, Prompt
from app.floor.prompt import Goods as Shown
from app.floor.readings import ItemReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.printing import decisions, jobs
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer, printer_for
from app.work import arrivals, reasons
from app.work.returns import carriage, known, leaving, next_steps, ways
from app.work.returns.carriage import Carriage
from app.work.returns.known import Piece
from app.work.returns.next_steps import Waiting
from app.workflows.returning_way import within_limit
from printers.labels import ShippingLabel


class NothingWaits(State):
    code, title = "nothing_waits", "Nothing to do"
    says = "Nothing on {scanned} waits for a next step."
    todo = "Scan another plate of returned goods."


class OtherPiece(Wrong):
    code, title = "other_piece", "Another piece"
    todo = "Scan the piece shown."


class OtherLabel(Wrong):
    code, title = "other_label", "Another label"
    says = "Expected label {expected}, scanned {scanned}."
    todo = "Stick the new address label on and scan it."


class Send(Screen, frozen=True, kw_only=True, tag="returning.send"):
    """Pack it, and scan the label that is on it."""

    piece: str

    def prompt(self, floor: Floor) -> Prompt:
        one = waits(floor, self.piece)
        piece = one.piece
        by = " ".join(word for word in (piece.left_carrier, piece.left_service) if word)
        return replace(
            about(floor, one),
            facts=(
                Fact(label="Label", value=arrivals.named(piece.left_reference)),
                Fact(label="To", value=leaving.address_of(floor.tx, piece).name),
                *((Fact(label="Carrier", value=by),) if by else ()),
            ),
            keys=(
                *((Key(name="other", label="Other carrier"),) if len(_offered(floor, piece)) > 1 else ()),
                *((Key(name="reprint", label="Print again"),) if has_printer(floor) else ()),
            ),
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        one = waits(floor, self.piece)
        if read.lpn != one.piece.left_reference:
            raise OtherLabel(expected=one.piece.left_reference, scanned=read.lpn)
        jobs.proven(floor.tx, read.lpn)
        return gone(floor, one, to=leaving.address_of(floor.tx, one.piece).name, reference=read.lpn)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        raise OtherPiece(expected=waits(floor, self.piece).how.todo, scanned=read.item)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        raise OtherPiece(expected=waits(floor, self.piece).how.todo, scanned=read.serial)

    def tap_other(self, floor: Floor) -> Screen:
        return OtherCarrier(piece=self.piece)

    def tap_reprint(self, floor: Floor) -> Screen:
        """The first one where none was asked for yet, else a copy with a reason. Raises NoPrinter."""
        piece = waits(floor, self.piece).piece
        printer_for(floor, "zpl", "shipping")
        if jobs.job_of(floor.tx, piece.left_reference) is None:
            print_address(floor, piece)
            return self
        return Again(piece=self.piece)

    def tap_back(self, floor: Floor) -> Screen:
        return build("returning.next")


class Again(Screen, frozen=True, kw_only=True, tag="returning.copy"):
    """Why does the parcel need another label?"""

    piece: str

    def prompt(self, floor: Floor) -> Prompt:
        return replace(
            about(floor, waits(floor, self.piece)),
            headline="Why print it again?",
            hint="its label was printed before",
            ask="choice",
            choices=tuple(
                Key(name="reason", value=one.code, label=one.words) for one in reasons.of_kind(floor.tx, "reprint")
            ),
            speech="Why print it again?",
        )

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        """The same label, marked as a copy. Raises NoSuchReason, NoPrinter."""
        reason, number = reasons.check(floor.tx, "reprint", code), waits(floor, self.piece).piece.left_reference
        printer, job = printer_for(floor, "zpl", "shipping"), jobs.job_of(floor.tx, number)
        if job is not None:
            station = floor.seat.station
            copy = decisions.reprint(
                floor.tx, job.id, printer, reason=reason.words, worker=floor.worker, station=station
            )  # fmt: skip
            floor.awaits(copy)
            floor.ok(f"Printed again on {printer.name}, marked as a copy.")
        return Send(piece=self.piece)

    def tap_back(self, floor: Floor) -> Screen:
        return Send(piece=self.piece)


class OtherCarrier(Screen, frozen=True, kw_only=True, tag="returning.carrier"):
    """Which carrier takes it instead?"""

    piece: str

    def prompt(self, floor: Floor) -> Prompt:
        piece = waits(floor, self.piece).piece
        return Prompt(
            job=ways.way(floor.tx, piece.disposition).words,
            subject=piece.piece,
            headline="Which carrier?",
            ask="choice",
            choices=tuple(
                Key(
                    name="carrier", value=one.name, label=one.name, note=one.note,
                    pressed=(one.carrier, one.service) == (piece.left_carrier, piece.left_service),
                )
                for one in _offered(floor, piece)
            ),
            speech="Which carrier?",
        )  # fmt: skip

    def tap_carrier(self, floor: Floor, code: str) -> Screen:
        """Raises NoSuchCarrier."""
        piece = waits(floor, self.piece).piece
        chosen = carriage.choose(floor.tx, piece, _address(floor, piece), code)
        print_address(floor, waits(floor, self.piece).piece)
        floor.ok(f"It goes with {chosen.name}: take the new label.")
        return Send(piece=self.piece)

    def tap_back(self, floor: Floor) -> Screen:
        return Send(piece=self.piece)


def _address(floor: Floor, piece: Piece) -> str:
    return "\n".join(leaving.address_of(floor.tx, piece).lines)


def _offered(floor: Floor, piece: Piece) -> list[Carriage]:
    return carriage.offered(floor.tx, piece, _address(floor, piece))


def about(floor: Floor, one: Waiting) -> Prompt:
    """A piece and its step, as every screen of these shows them."""
    piece, how, of = one.piece, one.how, known.item_of(floor.tx, one.piece.item)
    return Prompt(
        job=ways.way(floor.tx, piece.disposition).words,
        subject=piece.piece,
        headline=how.words,
        hint=how.todo,
        item=Shown(code=piece.item, name=of.name, note=f"serial {piece.serial}" if piece.serial else ""),
        quantity=piece.quantity if piece.quantity > 1 else None,
        unit=of.unit,
        speech=f"{how.words}. {how.todo}",
    )


def waits(floor: Floor, code: str) -> Waiting:
    """Raises NothingWaits for a step that was done meanwhile."""
    found = next_steps.of_piece(floor.tx, code)
    if found is None:
        raise NothingWaits(scanned=code)
    return found


def gone(floor: Floor, one: Waiting, *, to: str = "", reference: str = "") -> Screen:
    """It leaves the books, within the limit of whoever gives it away."""
    piece, way, approver = one.piece, ways.way(floor.tx, one.piece.disposition), ""
    if leaving.costs(way) and not piece.approver:
        approver = within_limit(floor, piece, f"{way.words} for {piece.quantity} × {piece.item}")
    floor.post(leaving.leave(floor.tx, piece, to=to, reference=reference, approver=approver))
    floor.step(f"{piece.quantity} × {piece.item} has left: {way.words.lower()}.")
    return build("returning.next")


def print_address(floor: Floor, piece: Piece) -> None:
    """The label of its parcel, once for each carrier."""
    address, label = leaving.address_of(floor.tx, piece), piece.left_reference
    if not has_printer(floor):
        floor.warn(f"No label printer is set: write {label} and the address on it.")
        return
    drawn = ShippingLabel(
        carton=label,
        order=piece.order_code or piece.rma or piece.parcel,
        customer=address.name,
        address=address.lines,
        sender=leaving.sender(floor.tx),
        carrier=piece.left_carrier,
        service=piece.left_service,
        weight_g=carriage.weight_of(floor.tx, piece) or None,
    )
    by = f"{piece.left_carrier} {piece.left_service}".strip()
    queue_label(floor, drawn, subject=label, document=f"return {piece.piece}", once=f"shipping {label} {by or 1}")
