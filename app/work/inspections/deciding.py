"""The verdict on a lot: what passes, what is kept apart, and what follows from it for the supplier's next lot.

A lot that passed is available at once; units found defective never pass with it: they go onto a new plate of their own,
or keep theirs where nothing good is left on it. A lot that failed goes to quarantine, to damaged goods or back to its
supplier (in quarantine until it is sent), and an exception tells the office. Where units of a failed lot are all looked
at, the good ones pass after all; for the switching rules the lot has failed all the same.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from sqlalchemy import bindparam, update

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.quality import inspection
from app.stock import balances
from app.stock.balances import Balance
from app.stock.events import Inspected
from app.stock.ledger import By
from app.stock.slots import Carry, Movement, Slot, Status
from app.work import exceptions, photos
from app.work.inspections import lots, plans, rules, switching
from app.work.inspections.lots import Inspection, Unit

STATUS_OF: dict[str, Status] = {"quarantine": "quarantine", "damaged": "damaged", "vendor": "quarantine"}


class SampleIncomplete(State):
    code, title = "sample_incomplete", "Sample incomplete"
    says = "{seen} of {sample} are looked at."
    todo = "Look at {left} more."


class MovedMeanwhile(State):
    code, title = "moved_meanwhile", "Not there any more"
    says = "{quantity} × {item} found defective at {place} are not there any more."
    todo = "Find them, or look at the lot anew."


class BeingMoved(State):
    code, title = "being_moved", "Being moved"
    says = "A part of {item} is on somebody's trolley."
    todo = "Let it be put down first."


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    event: Inspected
    plates: tuple[str, ...]  # new, and want a label


CLOSE = (
    update(inspection)
    .where(inspection.c.id == bindparam("which"), inspection.c.state == "open")
    .values(
        state=bindparam("new_state"), inspector=bindparam("who"), decided=bindparam("words"), closed=bindparam("now"),
        seq=bindparam("its_seq"),
    )
)  # fmt: skip


def verdict(tx: Tx, found: Inspection, goes: str, new_plate: Callable[[], str]) -> Verdict:
    """What becomes of the lot now. Raises SampleIncomplete, PhotoWanted, BeingMoved, MovedMeanwhile."""
    if not found.verdict:
        raise SampleIncomplete(seen=found.seen, sample=found.sample, left=found.left)
    looked, rows = lots.units(tx, found.id), lots.under(tx, found.item, found.lot)
    defects = [unit for unit in looked if not unit.good]
    _refuse_without_photo(tx, found, defects)
    if any(row.location.startswith("@") for row in rows):
        raise BeingMoved(item=found.named)
    bad_to = STATUS_OF[goes if goes in STATUS_OF else lots.GOES[0]]
    plates: dict[str, str] = {}
    moves: list[Movement] = []
    if found.verdict == "failed":
        moves = [move for row in rows for move in balances.moves_of(tx, row, _as(row, bad_to))]
    else:
        for row, bad in _sorted(tx, rows, defects, found):
            moves += _split(tx, row, bad, bad_to, plates, new_plate)
    outcome: Literal["passed", "part", "failed"] = "part" if defects else "passed"
    if found.verdict == "failed" or all(move.target.status != "available" for move in moves):
        outcome = "failed"
    event = Inspected(
        inspection=found.id,
        item=found.item,
        lot=found.lot,
        receipt=found.receipt,
        outcome=outcome,
        quantity=found.quantity,
        sample=found.sample,
        accept=found.accept,
        defects=found.defects,
        level=found.level,
        aql=found.aql,
        severity=found.severity,
        supplier=found.supplier,
        sorted=found.is_sorted,
        goes=goes if defects else "",
        found=tuple(sorted({unit.defect for unit in defects})),
        contents=tuple(moves),
        split=tuple(Carry(lpn=code, location=place, kind="pallet") for place, code in plates.items()),
    )
    return Verdict(event=event, plates=tuple(plates.values()))


def close(tx: Tx, found: Inspection, event: Inspected, seq: int, by: By) -> switching.Standing:
    """Keep the verdict, once its event is posted; how strictly the next lot is looked at."""
    tx.run(
        CLOSE,
        which=found.id,
        new_state=event.outcome,
        who=by.worker,
        words=event.in_words(),
        now=clock.now(),
        its_seq=seq,
    )
    accepted = not found.is_sorted and found.verdict == "passed"
    next_aql = plans.tighter(tx, found.quantity, found.level, found.aql)
    standing = switching.after(
        switching.of(tx, found.item, found.supplier),
        accepted=accepted,
        accept=found.accept,
        would_pass_tighter=next_aql is not None and found.defects <= next_aql.accept,
    )
    switching.keep(tx, standing)
    if not accepted:
        exceptions.add(
            tx,
            "inspection_failed",
            f"{event.in_words()}.",
            document=found.receipt,
            item=found.item,
            lot=found.lot,
            quantity=found.quantity,
            worker=by.worker,
            by=by,
        )
    tx.tell("inspections")
    return standing


def _refuse_without_photo(tx: Tx, found: Inspection, defects: Sequence[Unit]) -> None:
    wanted = {check.code for check in rules.checks_of(tx, found.item) if check.kind == "photo"}
    if any(unit.defect in wanted for unit in defects) and not photos.of(tx, found.subject):
        raise photos.PhotoWanted(scanned=found.named)


def _sorted(
    tx: Tx, rows: Sequence[Balance], defects: Sequence[Unit], found: Inspection
) -> list[tuple[Balance, list[Unit]]]:
    """Each balance with the defective units in it; one that was moved meanwhile is in the only balance it can be in.

    Raises MovedMeanwhile.
    """
    told: list[tuple[Balance, list[Unit]]] = [(row, []) for row in rows]
    for unit in defects:
        there = [
            (row, mine)
            for row, mine in told
            if row.quantity - sum(one.quantity for one in mine) >= unit.quantity
            and (not unit.serial or unit.serial in balances.serials_of(tx, row))
        ]
        here = [
            (row, mine)
            for row, mine in there
            if (row.lpn, row.lpn or row.location) == (unit.lpn, unit.lpn or unit.location)
        ]
        if not here and len(there) != 1:
            raise MovedMeanwhile(quantity=unit.quantity, item=found.item, place=unit.lpn or unit.location)
        (here or there)[0][1].append(unit)
    return told


def _split(
    tx: Tx, row: Balance, bad: Sequence[Unit], bad_to: Status, plates: dict[str, str], new_plate: Callable[[], str]
) -> list[Movement]:
    """One balance as movements: its good part stays where it is, its defective part goes onto a plate of its own."""
    n = sum(unit.quantity for unit in bad)
    if not n or n == row.quantity:
        return balances.moves_of(tx, row, _as(row, bad_to if n else "available"))
    if row.location not in plates:
        plates[row.location] = new_plate()
    apart = Slot(location=row.location, lpn=plates[row.location], lot=row.lot, status=bad_to)
    numbers = {unit.serial for unit in bad if unit.serial}
    serials = balances.serials_of(tx, row)
    if serials:
        return [
            Movement(
                item=row.item, quantity=1, source=row.slot, serial=number,
                target=apart if number in numbers else _as(row, "available"),
            )
            for number in serials
        ]  # fmt: skip
    grams = row.grams * n // row.quantity
    return [
        Movement(item=row.item, quantity=n, source=row.slot, target=apart, grams=grams),
        Movement(
            item=row.item, quantity=row.quantity - n, source=row.slot, target=_as(row, "available"),
            grams=row.grams - grams,
        ),
    ]  # fmt: skip


def _as(row: Balance, status: Status) -> Slot:
    return msgspec.structs.replace(row.slot, status=status)
