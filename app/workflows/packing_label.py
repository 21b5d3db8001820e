"""Packing, the label: printed once, stuck on, and scanned back. Only that scan proves the right paper is on the box.

1. Stick the label on the carton and scan it. The label of another carton is refused.
2. If it did not come out: print it again with a reason (it is marked as a copy), or send it to another printer. Where
   nobody knows whether it came out, look first: that is asked before another one is made.
3. A label that is bought from its carrier comes a moment later; go on with the next carton meanwhile.
4. A carton whose label was never printed stays on the table.
"""

from msgspec.structs import replace

from app import papers
from app.errors import State, Wrong
from app.floor.floor import Floor
from app.floor.prompt import CartonView, Key, Prompt
from app.floor.readings import LpnReading
from app.floor.screens import Screen, build
from app.printing import decisions, jobs
from app.printing.jobs import PrintJob
from app.printing.station_printers import NoPrinter, printer_for
from app.work import lanes, packing, parcels, reasons
from app.work.carriers import purchases
from app.work.carriers.purchases import Purchase
from app.work.parcels import Carton
from app.workflows.packing_begin import fill
from app.workflows.packing_close import ask_for_label, ask_for_slip
from app.workflows.packing_view import expected_of, page, rows_inside, size_of, weighed

MOST_PRINTERS = 8
SAYS = {
    "queued": "Waits for {printer}.",
    "sending": "Printing on {printer}.",
    "printed": "Printed on {printer}.",
    "sent": "Sent to {printer}.",
    "unknown": "Nobody knows whether {printer} printed it: look. {sentence}",
    "failed": "{printer} failed: {sentence} It is tried again.",
    "cancelled": "The print job was cancelled: {reason}",
    "moved": "Moved to another printer.",
}
# While a label is not there: where it is bought.
NO_PAPER = {
    "queued": "Label is being bought from {carrier}.",
    "buying": "Label is being bought from {carrier}.",
    "unknown": "{carrier} did not say whether the label was made: it is asked again, and the label comes by itself.",
    "away": "{carrier} does not answer. The label comes by itself, later.",
    "refused": "{carrier} refused: {sentence} A supervisor mends it, and the label comes by itself.",
    "voiding": "The label was voided.",
}


class WrongLabel(Wrong):
    code, title = "wrong_label", "Wrong label"
    says = "Expected the label of {expected}, scanned {scanned}."
    todo = "That is another carton's label: take it off."


class NoLabelYet(State):
    code, title = "no_label_yet", "No label yet"
    says = "No label was printed for carton {carton} yet."
    todo = "Press Print label."


class LabelComing(State):
    code, title = "label_coming", "Label is on its way"
    says = "The label of carton {carton} is still being bought from {carrier}."
    todo = "It is printed by itself. Go on with the next carton."


class NotWaiting(State):
    code, title = "not_waiting_for_label", "Not possible now"
    says = "Carton {carton} is {state}."
    todo = "Scan the next tote."


class ScanLabel(Screen, frozen=True, kw_only=True, tag="packing.label"):
    """Stick the label on, and scan it."""

    order: str
    carton: str

    def prompt(self, floor: Floor) -> Prompt:
        found, job = parcels.find(floor.tx, self.carton), jobs.job_of(floor.tx, self.carton)
        bought = purchases.last(floor.tx, self.carton)
        keys: tuple[Key, ...] = (Key(name="print", label="Print label"),)
        if bought is not None and bought.state in NO_PAPER:
            keys = (Key(name="next", label="Next carton"),)
        elif job is not None:
            keys = (Key(name="reprint", label="Print again"), Key(name="move", label="Other printer"))
        asked = page(
            floor,
            self.order,
            "Scan the label",
            rows=rows_inside(floor, self.order),
            carton=_view(floor, self.carton, found, job, bought),
            keys=keys,
            speech="Stick the label on, and scan it.",
        )
        return replace(asked, facts=())

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        """The scan-back: carton and label belong together."""
        if read.lpn != self.carton:
            raise WrongLabel(expected=self.carton, scanned=read.label)
        found = self._waiting(floor)
        packing.workable(floor.tx, self.order)
        if found.state != "printed":
            raise self._no_label(floor)
        parcels.refuse_held(floor.tx, self.carton)
        parcels.labelled(floor.tx, found)
        jobs.proven(floor.tx, self.carton)
        if found.tracking and parcels.unlabelled(floor.tx, self.order) is None:
            head, last = packing.order(floor.tx, self.order), papers.is_last(floor.tx, self.order, found)
            ask_for_slip(floor, head, self.carton, last=last)
        left = packing.loose(floor.tx, self.order)
        if left:
            floor.step("Carton is done. Next carton.")
            return fill(floor, self.order, left=left)
        lane = lanes.proposed(floor.tx, packing.order(floor.tx, self.order))
        count = parcels.count_closed(floor.tx, self.order)
        boxes = "1 carton" if count == 1 else f"{count} cartons"
        floor.step(f"Order {self.order} is packed: {boxes}." + (f" To lane {lane}." if lane else ""))
        return build("packing.start")

    def tap_print(self, floor: Floor) -> Screen:
        """The label that could not be queued before. Raises NoPrinter, LabelNotPossible."""
        self._waiting(floor)
        parcels.refuse_held(floor.tx, self.carton)
        ask_for_label(floor, self.carton, strictly=True)
        bought = purchases.live(floor.tx, self.carton)
        waits = bought is not None and bought.state in NO_PAPER
        floor.ok("The label is being bought." if waits else "The label is printed.")
        return self

    def tap_next(self, floor: Floor) -> Screen:
        """This label comes by itself: go on."""
        left = packing.loose(floor.tx, self.order)
        return fill(floor, self.order, left=left) if left else build("packing.start")

    def tap_reprint(self, floor: Floor) -> Screen:
        self._job(floor)
        return Reprint(order=self.order, carton=self.carton)

    def tap_move(self, floor: Floor) -> Screen:
        job = self._job(floor)
        return (CameOut if job.state == "unknown" else OtherPrinter)(order=self.order, carton=self.carton)

    def tap_back(self, floor: Floor) -> Screen:
        return build("packing.start")

    def _waiting(self, floor: Floor) -> Carton:
        found = parcels.find(floor.tx, self.carton)
        if found is None or found.state not in parcels.UNLABELLED:
            raise NotWaiting(carton=self.carton, state=found.state if found else "gone")
        return found

    def _no_label(self, floor: Floor) -> State:
        bought = purchases.live(floor.tx, self.carton)
        if bought is not None and bought.state in NO_PAPER:
            return LabelComing(carton=self.carton, carrier=bought.carrier)
        return NoLabelYet(carton=self.carton)

    def _job(self, floor: Floor) -> PrintJob:
        job = jobs.job_of(floor.tx, self.carton)
        if job is None:
            raise NoLabelYet(carton=self.carton)
        return job


class Reprint(Screen, frozen=True, kw_only=True, tag="packing.reprint"):
    """Why is it printed again?"""

    order: str
    carton: str

    def prompt(self, floor: Floor) -> Prompt:
        asked = page(floor, self.order, "Why print it again?")
        choices = tuple(
            Key(name="reason", value=one.code, label=one.words) for one in reasons.of_kind(floor.tx, "reprint")
        )
        return replace(asked, ask="choice", choices=choices)

    def tap_reason(self, floor: Floor, name: str) -> Screen:
        """Raises NoSuchReason."""
        label = ScanLabel(order=self.order, carton=self.carton)
        job = label._job(floor)
        printer = printer_for(floor, "zpl", job.kind)
        reason = reasons.check(floor.tx, "reprint", name).words
        copy = decisions.reprint(
            floor.tx, job.id, printer, reason=reason, worker=floor.worker, station=floor.seat.station
        )  # fmt: skip
        floor.awaits(copy)
        floor.ok(f"Printed again on {printer.name}, marked as a copy.")
        return label

    def tap_back(self, floor: Floor) -> Screen:
        return ScanLabel(order=self.order, carton=self.carton)


class CameOut(Screen, frozen=True, kw_only=True, tag="packing.came_out"):
    """Nobody knows whether the label is on paper: look, before another one is made."""

    order: str
    carton: str

    def prompt(self, floor: Floor) -> Prompt:
        job = jobs.job_of(floor.tx, self.carton)
        asked = page(floor, self.order, "Did the label come out?")
        hint = f"look at {job.printer}" if job is not None else ""
        choices = (Key(name="yes", label="Yes"), Key(name="no", label="No, print again"))
        return replace(asked, ask="choice", choices=choices, hint=hint, speech="Did the label come out?")

    def tap_yes(self, floor: Floor) -> Screen:
        label = ScanLabel(order=self.order, carton=self.carton)
        job = label._job(floor)
        if job.state == "unknown":
            decisions.decide(floor.tx, job.id, "printed", reason=f"{floor.worker} looked: it is there")
        floor.ok("Noted: the label is there.")
        return label

    def tap_no(self, floor: Floor) -> Screen:
        return OtherPrinter(order=self.order, carton=self.carton, looked=True)

    def tap_back(self, floor: Floor) -> Screen:
        return ScanLabel(order=self.order, carton=self.carton)


class OtherPrinter(Screen, frozen=True, kw_only=True, tag="packing.printer"):
    """Which printer instead?"""

    order: str
    carton: str
    looked: bool = False  # the worker saw that nothing came out

    def prompt(self, floor: Floor) -> Prompt:
        job = jobs.job_of(floor.tx, self.carton)
        others = [
            one for one in floor.ports.printers.values() if one.kind == "zpl" and (not job or one.name != job.printer)
        ]
        asked = page(floor, self.order, "Which printer?" if others else "There is no other label printer")
        choices = tuple(Key(name="printer", value=one.name, label=one.name) for one in others[:MOST_PRINTERS])
        return replace(asked, ask="choice", choices=choices)

    def tap_printer(self, floor: Floor, name: str) -> Screen:
        """A job that waits or failed moves; one nobody knows the end of only once somebody looked."""
        label = ScanLabel(order=self.order, carton=self.carton)
        job, printer = label._job(floor), floor.ports.printers.get(name)
        if printer is None or printer.kind != "zpl":
            raise NoPrinter(kind="label")
        if job.state == "unknown":
            if not self.looked:
                return CameOut(order=self.order, carton=self.carton)
            decisions.decide(floor.tx, job.id, "queued", reason=f"{floor.worker} looked: nothing there")
        floor.awaits(decisions.move(floor.tx, job.id, printer, reason="moved by the packer", worker=floor.worker))
        floor.ok(f"It comes out of {printer.name}.")
        return label

    def tap_back(self, floor: Floor) -> Screen:
        return ScanLabel(order=self.order, carton=self.carton)


def _view(
    floor: Floor, code: str, found: Carton | None, job: PrintJob | None, bought: Purchase | None
) -> CartonView:  # fmt: skip
    type = found.type if found else ""
    says = "No label was asked for yet."
    if bought is not None and bought.state in NO_PAPER:
        how = "away" if bought.state == "queued" and bought.attempts else bought.state
        says, job = NO_PAPER[how].format(carrier=bought.carrier, sentence=bought.sentence), None
    elif job is not None:
        says = SAYS.get(job.state, job.state).format(
            printer=job.printer, sentence=job.sentence.removeprefix(f"{job.printer}: "), reason=job.reason
        )
        says += f" Copy {job.copy}." if job.copy else ""
    view = CartonView(
        type=type or "Your choice",
        size=size_of(floor, type),
        weight_g=found.weight_g if found else -1,
        stage="label" if job is not None and job.state in ("printed", "sent") else "print",
        label=says.strip(),
        trouble=(bought is not None and bought.state == "refused")
        or (job is not None and job.state in ("failed", "unknown")),
    )
    return weighed(view, expected_of(floor, code, type))
