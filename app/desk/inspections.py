"""Inspections at the desk: what waits and since when, what was found with its photos, and how strict the next lot is.

A second page keeps the rows behind it: what is inspected, what is looked at, and the sampling plans. A row that contradicts
another is refused there as by import and message. Where inspection of a supplier's item was stopped, a supervisor sets it
back once the supplier has mended it.
"""

import msgspec
from sqlalchemy import bindparam, case, func, or_, select

from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import said, spelled
from app.errors import State
from app.schema.items import item
from app.schema.quality import inspection
from app.work import people, photos, status_changes
from app.work.inspections import lots, plans, rules, switching
from app.work.inspections.lots import Unit, Waiting
from app.work.inspections.switching import Standing
from app.work.status_changes import Change


class InspectionFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "all"  # open, passed, part, failed, all
    supplier: str = ""
    owner: str = ""
    q: str = ""  # an item or a lot
    page: int = 1


class PlanFilter(msgspec.Struct, frozen=True, kw_only=True):
    severity: str = "normal"
    aql: str = "1.0"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    item: str
    name: str
    lot: str
    supplier: str
    receipt: str
    receiver: str
    inspector: str
    state: str
    quantity: int
    level: str
    aql: str
    severity: str
    letter: str
    sample: int
    accept: int
    seen: int
    defects: int
    decided: str
    created: int
    closed: int
    units: tuple[Unit, ...] = ()
    photos: tuple[str, ...] = ()


class Inspections(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    waiting: tuple[Waiting, ...]
    page: Page[Row]
    standings: tuple[Standing, ...]


class Plans(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    inspected: tuple[rules.Rule, ...]
    looked_at: tuple[rules.Check, ...]
    letters: tuple[plans.Letter, ...]
    rows: tuple[plans.Row, ...]
    aqls: tuple[str, ...]
    levels: tuple[str, ...]
    gaps: tuple[str, ...]
    changes: tuple[Change, ...]
    statuses: tuple[str, ...]


AnyRow = rules.Rule | rules.Check | plans.Letter | plans.Row | Change


class NotStopped(State):
    code, title = "not_stopped", "Not stopped"
    says = "Inspection of {scanned} is not stopped."
    todo = "Look at the list again."


_OWN = ("id", "item", "lot", "supplier", "receipt", "receiver", "inspector", "state", "quantity", "level", "aql",
        "severity", "letter", "sample", "accept", "seen", "defects", "decided", "created", "closed")  # fmt: skip
LIST = (
    select(*(inspection.c[name] for name in _OWN), func.coalesce(item.c.name, "").label("name"))
    .select_from(inspection.outerjoin(item, item.c.code == inspection.c.item))
    .where(
        or_(bindparam("p_state") == "all", inspection.c.state == bindparam("p_state")),
        or_(bindparam("p_supplier") == "", inspection.c.supplier == bindparam("p_supplier")),
        or_(bindparam("p_owner") == "", item.c.owner == bindparam("p_owner")),
        or_(bindparam("p_q") == "", inspection.c.lot == bindparam("p_q"), inspection.c.item == bindparam("p_q")),
    )
    .order_by(case((inspection.c.state == "open", 0), else_=1), inspection.c.created.desc(), inspection.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
SHOWN_UNITS = 100


def listing(tx: Tx, wanted: InspectionFilter, *, export: bool = False) -> Inspections:
    """Open inspections first, then the newest results; what nobody began yet stands above them."""
    given = {
        "p_state": wanted.state,
        "p_supplier": wanted.supplier.strip(),
        "p_owner": wanted.owner,
        "p_q": wanted.q.strip(),
    }
    found = tx.all(LIST, Row, **given, **window(wanted.page, export=export))
    shown = page_of(found, wanted.page, export=export)
    waiting = lots.waiting(tx)
    rows = shown.rows if export else tuple(_with_evidence(tx, row) for row in shown.rows)
    return Inspections(
        headline=headline(len(waiting)),
        waiting=tuple(waiting),
        page=msgspec.structs.replace(shown, rows=rows),
        standings=tuple(switching.everything(tx)),
    )


def rows_behind(tx: Tx, wanted: PlanFilter) -> Plans:
    found = rules.rules(tx)
    letters = plans.letters(tx)
    active = sum(rule.active for rule in found)
    return Plans(
        headline=said(f"{spelled(active)} row{' says' if active == 1 else 's say'} what is inspected when it comes.")
        if active
        else "Nothing is inspected when it comes: no row says so.",
        inspected=tuple(found),
        looked_at=tuple(rules.checks(tx)),
        letters=tuple(letters),
        rows=tuple(plans.plans_of(tx, wanted.severity, wanted.aql)),
        aqls=tuple(plans.aqls(tx)),
        levels=tuple(plans.levels(tx)),
        gaps=tuple(plans.gaps(letters)),
        changes=tuple(status_changes.everything(tx)),
        statuses=status_changes.STATUSES,
    )


def set_back(tx: Tx, of_item: str, supplier: str, *, worker: str, device: str) -> str:
    """On with tightened inspection, said in a sentence. Raises NotStopped."""
    before = switching.of(tx, of_item, supplier)
    if not before.stopped:
        raise NotStopped(scanned=of_item)
    switching.keep(tx, switching.set_back(before))
    people.note(tx, "inspection_set_back", worker, device, f"{of_item} from {supplier or 'nobody named'}")
    tx.tell("inspections")
    return f"{of_item} from {supplier or 'this supplier'} is inspected again, tightened."


def keep(tx: Tx, row: AnyRow, *, worker: str, device: str) -> str:
    """Save a row, said in a sentence. Raises BadRule, Contradicts, BadChange."""
    match row:
        case rules.Rule():
            rules.save(tx, row)
            told = f"{said(row.in_words())} is inspected, level {row.level}, AQL {row.aql}."
            if not row.active:
                told = f"{said(row.in_words())} is not inspected by this row any more."
        case rules.Check():
            rules.save_check(tx, row)
            told = f"{row.words}: looked at{f' for {row.category}' if row.category else ''}."
        case plans.Letter():
            plans.save_letter(tx, row)
            told = f"Lots of {row.in_words()} at level {row.level} have letter {row.letter}."
        case plans.Row():
            plans.save_plan(tx, row)
            told = (
                f"Letter {row.letter}, AQL {row.aql}, {row.severity}: {row.size} units, {row.accept} may be defective."
            )
        case Change():
            status_changes.change(tx, row)
            by = row.roles or "a supervisor"
            told = f"{said(row.from_status)} may become {row.to_status}, by {by}."
            if not row.active:
                told = f"{said(row.from_status)} becomes {row.to_status} no more."
    people.note(tx, "inspection_row", worker, device, told)
    tx.tell("inspections")
    return told


def headline(waiting: int) -> str:
    if not waiting:
        return "Nothing waits for inspection."
    return said(f"{spelled(waiting)} lot{' waits' if waiting == 1 else 's wait'} for inspection.")


def _with_evidence(tx: Tx, row: Row) -> Row:
    return msgspec.structs.replace(
        row,
        units=tuple(lots.units(tx, row.id)[:SHOWN_UNITS]),
        photos=tuple(photo.hash for photo in photos.of(tx, f"inspection {row.id}")),
    )
