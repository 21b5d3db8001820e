"""The label of an LPN: the first one comes by itself, every other one is a copy that somebody answers for.

Two labels with one number can end on two pallets, and then one of them is lost. So a plate whose label came out before is
asked why it needs another; that one has COPY and its number on it, and stands among the print jobs with who wanted it and
why. It says what is on the plate now: goods were put on since, or taken off.
"""

from datetime import date

from app.errors import State
from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt
from app.floor.screens import Screen, build
from app.printing import decisions, jobs
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer, printer_for
from app.stock.balances import Balance
from app.work import arrivals, arrived, moves, moves_lpn, reasons, shelf_life
from printers.labels import LpnLabel


class NoLabelPrinter(State):
    code, title = "no_label_printer", "No printer"
    says = "No label printer is set, so nothing was printed for {scanned}."
    todo = "Write the number on it."


class Again(Screen, frozen=True, kw_only=True, tag="lpn.again"):
    """Why does it need another label?"""

    lpn: str
    location: str

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="LPN label",
            subject=arrivals.named(self.lpn),
            headline="Why print it again?",
            hint="its label came out before",
            ask="choice",
            choices=tuple(
                Key(name="reason", value=one.code, label=one.words) for one in reasons.of_kind(floor.tx, "reprint")
            ),
            speech="Why print it again?",
        )

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        """Raises NoSuchReason, NoLabelPrinter, LabelNotPossible."""
        reason, label = reasons.check(floor.tx, "reprint", code), label_of(floor, self.lpn, goods_on(floor, self.lpn))
        before = jobs.made_before(floor.tx, "lpn", self.lpn)
        if before is None:  # it was cancelled meanwhile
            return self.tap_back(floor)
        printer = printer_for(floor, "zpl", before.kind)
        job = decisions.reprint(
            floor.tx, before.id, printer, reason=reason.words, worker=floor.worker, station=floor.seat.station, label=label
        )  # fmt: skip
        floor.awaits(job)
        floor.ok(f"Printed again on {printer.name}, marked as a copy.")
        return self.tap_back(floor)

    def tap_back(self, floor: Floor) -> Screen:
        return build("lpn.plate", lpn=self.lpn, location=self.location)


def goods_on(floor: Floor, lpn: str) -> list[Balance]:
    """What its label would say. Raises NoLabelPrinter."""
    rows = moves.held_in(floor.tx, moves_lpn.taker(floor.tx, lpn))
    if not rows or not has_printer(floor):
        raise NoLabelPrinter(scanned=lpn)
    return rows


def first_label(floor: Floor, lpn: str, rows: list[Balance], once: str = "") -> None:
    queue_label(floor, label_of(floor, lpn, rows), subject=lpn, document=f"lpn {lpn}", once=once)


def label_of(floor: Floor, lpn: str, rows: list[Balance]) -> LpnLabel:
    """Its goods where they are one item, else how many items are on it."""
    one, size = rows[0], arrived.size_of(floor.tx, rows[0].item)
    alike = all((row.item, row.lot) == (one.item, one.lot) for row in rows)
    of_lot = shelf_life.lot_of(floor.tx, one.item, one.lot) if alike and one.lot else None
    expiry = of_lot[0] if of_lot is not None else ""
    return LpnLabel(
        lpn=lpn,
        item=one.item if alike else "MIXED",
        name=size.name if alike else f"{len({row.item for row in rows})} items",
        quantity=sum(row.quantity for row in rows),
        unit=size.unit if alike else "units",
        lot=one.lot if alike else "",
        expiry=date.fromisoformat(expiry) if expiry else None,
    )
