"""Goods looked at after they came: each unit of the sample, and what became of the lot they were drawn from.

A lot under inspection has the status of that name, so nobody can be promised any of it. The verdict is the event that
changes the status of all of it; defective units of a lot that passed go onto a plate of their own in the same event.
"""

from typing import Literal

from app.stock.events.base import Event
from app.stock.slots import Carry, Movement


class _OfInspection(Event, frozen=True, kw_only=True, omit_defaults=True):
    inspection: str
    item: str
    lot: str = ""
    receipt: str = ""  # the lane its receipt was told in

    @property
    def document(self) -> str:
        return self.receipt or f"item {self.item}"


class UnitInspected(_OfInspection, frozen=True, kw_only=True, omit_defaults=True, tag="unit_inspected"):
    """One unit of the sample (or a case of them, all alike) was looked at. Nothing moves."""

    n: int  # of its inspection, from 1
    quantity: int
    good: bool
    location: str
    lpn: str = ""
    serial: str = ""
    defect: str = ""  # the check it failed
    facts: tuple[str, ...] = ()  # length=12

    def in_words(self) -> str:
        what = f"serial {self.serial}" if self.serial else str(self.quantity)
        measured = f" ({', '.join(self.facts)})" if self.facts else ""
        told = "good" if self.good else f"defective: {self.defect.replace('_', ' ')}"
        return f"inspected {what} of {self.item}{f' lot {self.lot}' if self.lot else ''}: {told}{measured}"


class Inspected(_OfInspection, frozen=True, kw_only=True, omit_defaults=True, tag="inspected"):
    """The verdict on a lot: all of it changes its status here and now."""

    leaves_hold = True

    outcome: Literal["passed", "part", "failed"]
    quantity: int
    sample: int
    accept: int
    defects: int
    level: str
    aql: str
    severity: str
    supplier: str = ""
    sorted: bool = False  # every unit was looked at, after the sample had failed
    goes: str = ""  # what becomes of the defective goods: quarantine, damaged, vendor
    found: tuple[str, ...] = ()  # the checks that failed
    contents: tuple[Movement, ...] = ()
    split: tuple[Carry, ...] = ()  # new plates for the defective units

    def movements(self) -> tuple[Movement, ...]:
        return self.contents

    def carries(self) -> tuple[Carry, ...]:
        return self.split

    def in_words(self) -> str:
        of = f"{self.quantity} × {self.item}" + (f" lot {self.lot}" if self.lot else "")
        why = f"{self.defects} of {self.sample} defective, {self.accept} allowed"
        if self.sorted:
            why = f"{self.defects} of {self.sample} sorted out"
        goes = f", to {self.goes}" if self.goes else ""
        return f"{of} inspected, {'passed in part' if self.outcome == 'part' else self.outcome}: {why}{goes}"
