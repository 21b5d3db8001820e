"""Inspect: look at a sample of what came in, and let the lot pass, pass in part, or fail.

1. Scan the LPN, the lot or the goods. The screen says how many units to look at, and at what.
2. Look at a unit. Good: scan it. Not good: press what is wrong first, then scan it; where asked, take a photo. What is
   measured is typed. A case counts whole; alike units may be typed as a number.
3. When enough are seen, scan the LPN or the lot again: the goods become what the screen says.
Whoever received goods does not inspect them.
"""

from typing import ClassVar

from msgspec.structs import replace

from app.db import Tx
from app.errors import Ambiguous
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Fact, Goods, Key, Prompt, Row
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.balances import Balance
from app.work import arrivals, directing_queue, holds, picking
from app.work.directing import Candidate
from app.work.inspections import lots, rules, sampling
from app.work.inspections.lots import STATUS, Inspection, NotUnderInspection

SHOWN = 4
MOST_OFFERED = 6
JOB = "Inspect"


class WhichLot(Ambiguous):
    code, title = "which_lot", "Which lot?"
    says = "{scanned} stands for {meanings}."
    todo = "Scan the label on the goods."


class Begin(Screen, frozen=True, kw_only=True, tag="inspecting"):
    """Which goods?"""

    def prompt(self, floor: Floor) -> Prompt:
        waiting = lots.waiting(floor.tx)
        rows = tuple(
            Row(left=str(one.quantity), name=one.item, detail=one.name, right=f"lot {one.lot}" if one.lot else "")
            for one in waiting[:SHOWN]
        )
        return Prompt(
            job=JOB,
            headline="Scan LPN or lot",
            hint="the goods to inspect" if waiting else "nothing waits for inspection",
            big="lines",
            rows=rows,
            speech="Scan the goods to inspect.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return _lying_in(floor, read.label, balances.in_lpn(floor.tx, read.lpn), lpn=read.lpn)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return _lying_in(floor, read.location, balances.at_location(floor.tx, read.location), location=read.location)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        rows = [row for item in holds.items_with(floor.tx, read.lot) for row in lots.under(floor.tx, item, read.lot)]
        return _lying_in(floor, read.label, rows)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        rows = [row for row in balances.of_item(floor.tx, read.item) if read.lot in ("", row.lot)]
        return _lying_in(floor, read.label if read.lot else read.item, rows)

    def tap_back(self, floor: Floor) -> Screen:
        return build("menu")


class Sample(Screen, frozen=True, kw_only=True, tag="inspecting.sample"):
    """The next unit: is it good?"""

    repeats: ClassVar[bool] = True
    inspection: str
    location: str = ""
    lpn: str = ""  # where the next units are taken from
    defect: str = ""  # pressed: the next unit scanned has it

    def prompt(self, floor: Floor) -> Prompt:
        found = lots.find(floor.tx, self.inspection)
        checks = rules.checks_of(floor.tx, found.item)
        bad = next((check for check in checks if check.code == self.defect), None)
        keys = tuple(
            Key(name="defect", value=check.code, label=f"Not {check.words[:1].lower()}{check.words[1:]}",
                pressed=check.code == self.defect)
            for check in checks if check.kind != "measure"
        )  # fmt: skip
        return Prompt(
            job=JOB,
            headline="Scan the defective unit" if bad else "Good? Scan it",
            hint=f"{bad.words}: no" if bad else "not good: press what is wrong first",
            subject=arrivals.named(self.lpn) if self.lpn else self.location,
            progress=(found.seen, found.sample),
            progress_of="units",
            big="item",
            item=_goods(floor, found),
            facts=(
                Fact(label="Defective", value=f"{found.defects}, {found.accept} allowed"),
                Fact(label="Sample", value=_plan(found)),
                *(Fact(label=check.words, value=check.limits) for check in checks if check.kind == "measure"),
            ),
            choices=keys,
            keys=(Key(name="back", label="Later"),),
            speech="Scan the defective unit." if bad else "Look at the unit. Good? Scan it.",
        )

    def tap_defect(self, floor: Floor, code: str) -> Screen:
        sampling.check_named(floor.tx, lots.find(floor.tx, self.inspection), code)
        return replace(self, defect="" if code == self.defect else code)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        found = lots.going_on(floor.tx, self.inspection, floor.worker)
        sampling.refuse_other(found, read.item, read.lot)
        return _unit(floor, self, found, read.quantity, read.serial)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        found = lots.going_on(floor.tx, self.inspection, floor.worker)
        sampling.refuse_other(found, read.item or found.item, "")
        return _unit(floor, self, found, 1, read.serial)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        """So many alike: all good, or all with the defect pressed."""
        return _unit(floor, self, lots.going_on(floor.tx, self.inspection, floor.worker), quantity, "")

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return self._from(floor, read.label, lpn=read.lpn)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return self._from(floor, read.location, location=read.location)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        found = lots.going_on(floor.tx, self.inspection, floor.worker)
        sampling.refuse_other(found, found.item, read.lot)
        raise sampling.incomplete(found)

    def _from(self, floor: Floor, scanned: str, *, lpn: str = "", location: str = "") -> Screen:
        """Where the next units are taken from. The same again asks for the verdict: it is too early. Other goods: theirs."""
        found = lots.going_on(floor.tx, self.inspection, floor.worker)
        here = [
            row
            for row in lots.under(floor.tx, found.item, found.lot)
            if lpn == row.lpn and location in ("", row.location)
        ]
        if not here:
            begin = Begin()
            return (
                begin.on_lpn(floor, LpnReading(label=scanned, lpn=lpn)) if lpn
                else begin.on_location(floor, LocationReading(label=scanned, location=location))
            )  # fmt: skip
        if (lpn, location) == (self.lpn, self.location) and not found.verdict:
            raise sampling.incomplete(found)
        return after(floor, replace(self, lpn=lpn, location=location))

    def tap_back(self, floor: Floor) -> Screen:
        return Begin()


class Measure(Screen, frozen=True, kw_only=True, tag="inspecting.measure"):
    """What does it measure?"""

    at: Sample
    serial: str = ""
    facts: tuple[str, ...] = ()
    outside: str = ""  # the first check it failed

    def prompt(self, floor: Floor) -> Prompt:
        found = lots.find(floor.tx, self.at.inspection)
        check = self._check(floor, found)
        return Prompt(
            job=JOB,
            headline=check.words if check else "Measured",
            hint=f"good: {check.limits}" if check else "",
            ask="measure",
            big="item",
            item=_goods(floor, found),
            done=self.facts,
            unit=check.unit if check else "",
            keys=(Key(name="back", label="Another unit"),),
            speech="What does it measure?",
        )

    def on_measure(self, floor: Floor, measured: str) -> Screen:
        found = lots.going_on(floor.tx, self.at.inspection, floor.worker)
        check = self._check(floor, found)
        if check is None:
            return self.at
        outside = self.outside or ("" if check.fits(measured) else check.code)
        following = replace(self, facts=(*self.facts, f"{check.code}={measured}"), outside=outside)
        if following._check(floor, found) is not None:
            return following
        return _note(floor, self.at, found, 1, self.serial, self.at.defect or outside, following.facts)

    def tap_back(self, floor: Floor) -> Screen:
        return self.at

    def _check(self, floor: Floor, found: Inspection) -> rules.Check | None:
        """What is measured next."""
        measured = [check for check in rules.checks_of(floor.tx, found.item) if check.kind == "measure"]
        return next(iter(measured[len(self.facts) :]), None)


def after(floor: Floor, at: Sample) -> Screen:
    """The next question: another unit, or the verdict."""
    found = lots.find(floor.tx, at.inspection)
    following = replace(at, defect="")
    return build("inspecting.verdict", inspection=found.id, at=following) if found.verdict else following


def _lying_in(floor: Floor, scanned: str, rows: list[Balance], *, lpn: str = "", location: str = "") -> Screen:
    waiting = [row for row in rows if row.status == STATUS]
    of = sorted({(row.item, row.lot) for row in waiting})
    if not of:
        raise NotUnderInspection(scanned=scanned)
    if len(of) > 1:
        meanings = " and ".join(f"{item} lot {lot}" if lot else item for item, lot in of[:SHOWN])
        raise WhichLot(scanned=scanned, meanings=meanings)
    found = lots.begin(floor.tx, *of[0], floor.worker)
    if location and any(row.lpn for row in waiting):
        location = ""
    return after(floor, Sample(inspection=found.id, lpn=lpn, location="" if lpn else location))


def _unit(floor: Floor, at: Sample, found: Inspection, quantity: int, serial: str) -> Screen:
    measured = any(check.kind == "measure" for check in rules.checks_of(floor.tx, found.item))
    sampling.refuse_amount(found, quantity, one_by_one=measured)
    sampling.slot_of(floor.tx, found, at.location, at.lpn, serial, quantity)
    if measured:
        return Measure(at=at, serial=serial)
    return _note(floor, at, found, quantity, serial, at.defect, ())


def _note(
    floor: Floor, at: Sample, found: Inspection, quantity: int, serial: str, defect: str, facts: tuple[str, ...]
) -> Screen:
    event = sampling.unit(
        floor.tx, found, at.location, at.lpn, quantity=quantity, serial=serial, defect=defect, facts=facts
    )
    floor.post(event)
    what = f"serial {serial}" if serial else f"{quantity} × {found.item}"
    if defect:
        floor.warn(f"{what}: defective.")
    else:
        floor.ok(f"{what}: good.")
    if defect and sampling.wants_photo(floor.tx, found, defect):
        return build("inspecting.photo", inspection=found.id, at=replace(at, defect=""))
    return after(floor, at)


def _goods(floor: Floor, found: Inspection) -> Goods:
    of = picking.item_of(floor.tx, found.item)
    return Goods(code=of.code, name=of.name, note=f"lot {found.lot}" if found.lot else "")


def _plan(found: Inspection) -> str:
    if found.is_sorted:
        return f"all {found.quantity}"
    return f"{found.sample} of {found.quantity} (letter {found.letter}, AQL {found.aql}, {found.severity})"


def _waiting(tx: Tx) -> str:
    n = len(lots.waiting(tx))
    return f"{n} to inspect" if n else ""


def _offers(tx: Tx, worker: str) -> list[Candidate]:
    """The lots that wait longest, of goods somebody else received; begun by a scan of their label or place."""
    found = []
    for one in lots.waiting(tx, most=MOST_OFFERED):
        rows = lots.under(tx, one.item, one.lot)
        if rows and worker not in lots.received_by(tx, one.item, one.lot):
            place = rows[0].location
            found.append(
                Candidate(
                    job="inspecting",
                    kind="inspecting",
                    title=f"inspect {one.item}" + (f" lot {one.lot}" if one.lot else ""),
                    note=f"{one.quantity} at {place}",
                    created=one.since,
                    place=place,
                    labels=tuple(row.lpn for row in rows if row.lpn),
                    needs=directing_queue.needs_of(tx, "inspecting", ""),
                )
            )
    return found


register(
    Flow(
        name="inspecting",
        title="Inspect",
        icon="look",
        roles=("worker",),
        start=Begin,
        waiting=_waiting,
        offers=_offers,
        order=14,
    )
)
