"""Inspect, the end of it: a photo of what is wrong, and the verdict by scanning the goods once more."""

from app.floor.floor import Floor
from app.floor.prompt import Fact, Goods, Key, Prompt
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading
from app.floor.screens import Screen
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer
from app.stock.events import Inspected
from app.work import arrivals, numbers, photos, picking, shelf_life
from app.work.inspections import deciding, lots, sampling
from app.work.inspections.lots import Inspection
from app.workflows.inspecting import JOB, Begin, Sample, after
from printers.labels import HoldLabel

IN_WORDS = {"quarantine": "Quarantine", "damaged": "Damaged", "vendor": "Back to supplier"}


class Photo(Screen, frozen=True, kw_only=True, tag="inspecting.photo"):
    """What is wrong with it, seen."""

    inspection: str
    at: Sample

    def prompt(self, floor: Floor) -> Prompt:
        found = lots.find(floor.tx, self.inspection)
        return Prompt(
            job=JOB,
            headline="Take a photo",
            hint="of what is wrong",
            ask="photo",
            photo=True,
            item=_goods(floor, found),
            keys=(Key(name="later", label="Later"),),
            speech="Take a photo of it.",
        )

    def on_photo(self, floor: Floor, name: str) -> Screen:
        photos.link(floor.tx, name, lots.find(floor.tx, self.inspection).subject, floor.worker)
        floor.ok("Photo kept.")
        return after(floor, self.at)

    def tap_later(self, floor: Floor) -> Screen:
        return after(floor, self.at)

    def tap_back(self, floor: Floor) -> Screen:
        return after(floor, self.at)


class Verdict(Screen, frozen=True, kw_only=True, tag="inspecting.verdict"):
    """Enough was seen. Scanning the goods makes it so."""

    inspection: str
    at: Sample
    goes: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        found = lots.find(floor.tx, self.inspection)
        failed = found.verdict == "failed"
        goes = self._goes(found)
        told = f"{found.defects} of {found.seen} defective, {found.accept} allowed"
        if failed:
            hint = f"all {found.quantity} become {IN_WORDS[goes].lower()}"
        elif found.defects:
            hint = f"{found.defects} go on a new LPN: {IN_WORDS[goes].lower()}"
        else:
            hint = f"all {found.quantity} become available"
        if not photos.of(floor.tx, found.subject) and sampling.photo_missing(floor.tx, found):
            return Prompt(
                job=JOB, headline="Take a photo", hint="of what is wrong", ask="photo", photo=True,
                item=_goods(floor, found), speech="Take a photo of it.",
            )  # fmt: skip
        return Prompt(
            job=JOB,
            headline="Failed: scan the goods" if failed else "Passed: scan the goods",
            hint=hint,
            big="item",
            item=_goods(floor, found),
            facts=(Fact(label="Sample", value=told),),
            choices=tuple(
                Key(name="goes", value=code, label=IN_WORDS[code], pressed=code == goes)
                for code in lots.GOES
                if found.defects
            ),
            keys=(Key(name="sort", label="Sort all"),) if failed else (),
            speech="Failed. Scan the goods." if failed else "Passed. Scan the goods.",
        )

    def tap_goes(self, floor: Floor, code: str) -> Screen:
        if code not in lots.GOES:
            raise sampling.NoSuchCheck(scanned=code[:40] or "Nothing")
        return Verdict(inspection=self.inspection, at=self.at, goes=code)

    def tap_quarantine(self, floor: Floor) -> Screen:
        return self.tap_goes(floor, "quarantine")

    def tap_damaged(self, floor: Floor) -> Screen:
        return self.tap_goes(floor, "damaged")

    def tap_vendor(self, floor: Floor) -> Screen:
        return self.tap_goes(floor, "vendor")

    def tap_sort(self, floor: Floor) -> Screen:
        """Every unit is looked at after all; the good ones pass."""
        found = lots.going_on(floor.tx, self.inspection, floor.worker)
        if found.verdict != "failed":
            raise sampling.incomplete(found)
        lots.sort_out(floor.tx, found)
        floor.ok(f"Look at all {found.quantity}.")
        return after(floor, self.at)

    def on_photo(self, floor: Floor, name: str) -> Screen:
        photos.link(floor.tx, name, lots.find(floor.tx, self.inspection).subject, floor.worker)
        floor.ok("Photo kept.")
        return self

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return self._decide(floor, read.label, lpn=read.lpn)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return self._decide(floor, read.location, location=read.location)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        return self._decide(floor, read.label, lot=read.lot)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        found = lots.find(floor.tx, self.inspection)
        sampling.refuse_other(found, read.item, read.lot)
        return self._decide(floor, read.label)

    def tap_back(self, floor: Floor) -> Screen:
        return Begin()

    def _decide(self, floor: Floor, scanned: str, *, lpn: str = "", location: str = "", lot: str = "") -> Screen:
        tx = floor.tx
        found = lots.going_on(tx, self.inspection, floor.worker)
        rows = lots.under(tx, found.item, found.lot)
        if not any(lpn in ("", row.lpn) and location in ("", row.location) and lot in ("", row.lot) for row in rows):
            raise sampling.OtherLot(expected=found.named, scanned=scanned)
        if not found.verdict:
            return after(floor, self.at)
        decided = deciding.verdict(tx, found, self._goes(found), lambda: numbers.lpn(tx))
        seq = floor.post(decided.event, undoable=False)
        deciding.close(tx, found, decided.event, seq, floor.by)
        _tell(floor, found, decided)
        return Begin()

    def _goes(self, found: Inspection) -> str:
        """Single defective units are damaged; a lot that failed is kept apart until the office has looked."""
        return self.goes or ("quarantine" if found.verdict == "failed" else "damaged")


def _tell(floor: Floor, found: Inspection, decided: deciding.Verdict) -> None:
    event = decided.event
    told = {
        "passed": f"{found.named} passed: {found.quantity} are available.",
        "part": f"{found.named} passed but for {event.defects}.",
        "failed": f"{found.named} failed: all of it is kept apart.",
    }[event.outcome]
    plates = ", ".join(arrivals.named(code) for code in decided.plates)
    floor.step(told + (f" Put the defective on {plates}." if plates else ""))
    if not has_printer(floor):
        if plates:
            floor.warn(f"{told} Write {', '.join(decided.plates)} on the defective.")
        return
    of = picking.item_of(floor.tx, found.item)
    status = deciding.STATUS_OF[event.goes or "quarantine"]
    for code in decided.plates or ([self_lpn] if (self_lpn := _only_plate(event)) else []):
        quantity = sum(move.quantity for move in event.contents if move.target.lpn == code)
        label = HoldLabel(
            lpn=code, item=found.item, name=of.name, reason=", ".join(event.found) or "inspection", status=status,
            quantity=quantity, unit=of.unit, lot=found.lot, held_by=floor.seat.short_name,
            held_on=shelf_life.today(floor.tx),
        )  # fmt: skip
        queue_label(floor, label, subject=code, document=found.receipt or f"item {found.item}")


def _only_plate(event: Inspected) -> str:
    """The LPN a failed lot stands on, where it is one: it gets a red label."""
    plates = {move.target.lpn for move in event.contents}
    return plates.pop() if event.outcome == "failed" and len(plates) == 1 else ""


def _goods(floor: Floor, found: Inspection) -> Goods:
    of = picking.item_of(floor.tx, found.item)
    return Goods(code=of.code, name=of.name, note=f"lot {found.lot}" if found.lot else "")
