"""`pickface import FOLDER`: a warehouse from a folder of tables, all of it or nothing.

Every row becomes the same message the ERP would send, and goes through the same rules. A preview does everything the
import does, in one transaction, and then takes it back: what it reports is what would happen. Errors name file, row and
column; with a single one nothing is imported. A second run of the same folder changes nothing.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app import importing_tables as tables
from app.config import Settings
from app.db import Database, Tx
from app.errors import Refusal
from app.importing_columns import COLUMNS
from app.importing_report import Report, RowError, TableReport
from app.importing_rows import OWNER_OF, Item, Reader
from app.stock.ledger import By
from app.work import master, master_opening, master_setup, sscc_range
from app.work.master_terms import Outcome
from sync import inbound

MOST_ERRORS = 200  # told; the rest is only counted
BY = By(worker="import", cause="import")


class _TakenBack(Exception):
    """Ends the transaction without keeping anything; the report goes along."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__("taken back")


def preview(db: Database, folder: Path, settings: Settings | None = None) -> Report:
    """What `run` would do. Nothing is kept."""
    return _import(db, folder, settings or Settings(), keep=False)


def run(db: Database, folder: Path, settings: Settings | None = None, only: Sequence[str] = ()) -> Report:
    """Import all of the folder, or, with any error, nothing of it. Needs the writer for seconds: not on a busy floor.

    With `only`, any other file in the folder is an error.
    """
    return _import(db, folder, settings or Settings(), keep=True, only=only)


def _import(db: Database, folder: Path, settings: Settings, *, keep: bool, only: Sequence[str] = ()) -> Report:
    if not folder.is_dir():
        return refused("", f"There is no folder {folder}.")
    known = tuple(only) or tuple(COLUMNS)
    found, wrong, left_out = tables.find(folder, known)
    if not found and not wrong and not (only and left_out):
        return refused(folder.name, f"There is no table here. Known are {', '.join(known)} as .csv or .xlsx.")
    zone = _zone(settings.timezone)
    reader = Reader(zone)
    for file, sentence in wrong:
        reader.complain(file, 0, "", sentence)
    for sentence in left_out if only else ():
        reader.complain(folder.name, 0, "", sentence)
    for table in found:
        reader.read(table)
    reader.join()
    notices = tuple(left_out + [table.notice for table in found if table.notice])
    if reader.errors:
        return _report(reader, {}, notices, imported=False)

    def work(tx: Tx) -> Report:
        counts = _apply_all(tx, reader, settings)
        report = _report(reader, counts, notices, imported=keep)
        if report.errors or not keep:
            raise _TakenBack(report)
        return report

    try:
        return db.do(work)
    except _TakenBack as taken:
        return taken.report


def _apply_all(tx: Tx, reader: Reader, settings: Settings) -> dict[str, list[int]]:
    """Every message in the order of the tables; what went wrong is told to the reader.

    The writer may run this again from the start, so nothing of an earlier try is kept.
    """
    reader.errors.clear()
    reader.left_alone.clear()
    if not reader.items["site"] and tx.value(master_setup.ANY_SITE) is None:
        site = master_setup.SiteSetup(
            code=settings.site,
            name=settings.site_name,
            timezone=settings.timezone,
            gs1_company_prefix=settings.gs1_company_prefix,
        )
        master_setup.set_up(tx, site, BY)
    counts: dict[str, list[int]] = {}
    given = settings.sscc_from, settings.sscc_to
    for name, items in reader.items.items():
        counted = counts.setdefault(name, [0, 0, 0])
        for item in items:
            outcome = _apply(tx, item)
            if outcome.state == "dead":
                file, row = item.place_of(outcome.missing)
                reader.complain(file, row, "", outcome.sentence)
            elif outcome.state == "stale":
                reader.left_alone.append(f"{item.file} row {item.row} was left out: {outcome.sentence}")
                counted[2] += 1
            else:
                counted[2 if outcome.state == "same" else 0 if outcome.is_new else 1] += 1
        odd = sscc_range.settle(tx, *given) if name == "site" and any(given) else ""
        if odd:
            reader.complain(items[0].file if items else "settings", 0, "sscc_to", odd)
        if name == "locations" and items:
            master_setup.measure_site(tx)
    if not reader.errors:
        inbound.sweep(tx)
    for topic in ("orders", "receipts", "stock"):
        tx.tell(topic)
    return counts


def _apply(tx: Tx, item: Item) -> Outcome:
    rule: Callable[[Tx, Any, By], Outcome] = master.apply
    if isinstance(item.message, master_opening.OpeningRow):
        rule = master_opening.open_stock
    elif isinstance(item.message, master_setup.AnySetup):
        rule = master_setup.set_up
    try:
        return rule(tx, item.message, BY)
    except Refusal as refusal:
        return Outcome(state="dead", sentence=refusal.sentence)


def _report(reader: Reader, counts: dict[str, list[int]], notices: tuple[str, ...], *, imported: bool) -> Report:
    told = tuple(RowError(file=e[0], row=e[1], column=e[2], sentence=e[3]) for e in reader.errors[:MOST_ERRORS])
    seen = []
    for name, (file, rows) in reader.seen.items():
        new, changed, same = counts.get(name, (0, 0, 0))
        of = reader.seen.get(OWNER_OF.get(name, ""), ("", 0))[0]
        seen.append(TableReport(table=name, file=file, rows=rows, new=new, changed=changed, same=same, counted_in=of))
    return Report(
        tables=tuple(seen),
        errors=told,
        notices=(*notices, *reader.left_alone[:MOST_ERRORS]),
        more_errors=len(reader.errors) - len(told),
        imported=imported and not told,
    )


def refused(file: str, sentence: str) -> Report:
    """A report of that one trouble."""
    error = RowError(file=file or "import", row=0, column="", sentence=sentence)
    return Report(tables=(), errors=(error,), notices=())


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
