"""Pick lists and count sheets from the desk, for a floor whose handhelds are down: one press, and people can go on.

Each walk and each place is a print job of its own, so the list of jobs tells which of them came out.
"""

from collections.abc import Mapping

from sqlalchemy import bindparam, or_, select

from app import fallback_papers
from app.config import PrinterSettings
from app.db import Tx
from app.desk.words import many
from app.errors import State
from app.printing.queueing import queue_chosen
from app.schema.work import task

MOST = 60  # walks of a wave printed at once

WALKS = (
    select(task.c.id)
    .where(
        task.c.wave == bindparam("which"),
        task.c.kind == "pick",
        or_(task.c.state == "open", task.c.state == "started"),
    )
    .order_by(task.c.priority, task.c.id)
    .limit(MOST)
)


class NoSlipPrinter(State):
    code, title = "no_slip_printer", "No slip printer"
    says = "There is no slip printer {printer} here."
    todo = "Choose another one."


def slip_printer(printers: Mapping[str, PrinterSettings], named: str) -> PrinterSettings:
    """Raises NoSlipPrinter."""
    found = printers.get(named)
    if found is None or found.kind != "escpos":
        raise NoSlipPrinter(printer=named[:60])
    return found


def slip_printers(printers: Mapping[str, PrinterSettings]) -> list[str]:
    return sorted(one.name for one in printers.values() if one.kind == "escpos")


def pick_lists(tx: Tx, wave: str, named: str, printers: Mapping[str, PrinterSettings], *, worker: str) -> str:
    """A list for each open walk of a wave. Raises NoSlipPrinter, NothingOnPaper, LabelNotPossible."""
    printer = slip_printer(printers, named)
    walks = [str(row[0]) for row in tx.rows(WALKS, which=wave)]
    if not walks:
        raise fallback_papers.NothingOnPaper(what=f"wave {wave}"[:80])
    for walk in walks:
        slip = fallback_papers.pick_list(tx, walk)
        queue_chosen(tx, slip, printer, subject=walk, document=f"wave {wave}", worker=worker)
    return f"{many(len(walks), 'pick list')} of {wave} come{'s' if len(walks) == 1 else ''} out of {named}."


def count_sheet(tx: Tx, key: str, named: str, printers: Mapping[str, PrinterSettings], *, worker: str) -> str:
    """A blind sheet for one waiting count. Raises NoSlipPrinter, NothingOnPaper, LabelNotPossible."""
    printer = slip_printer(printers, named)
    sheet = fallback_papers.count_sheet(tx, key)
    queue_chosen(tx, sheet, printer, subject=sheet.place, document=f"location {sheet.place}", worker=worker)
    return f"A count sheet for {sheet.place} comes out of {named}."
