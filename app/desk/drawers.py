"""The drawer at a returns desk's slip printer: opened by a supervisor, with a reason, and never without a line in the log.

The line is written before the drawer opens, so that an opening nobody can account for is impossible; what came of it is
said afterwards.
"""

from collections.abc import Mapping

from app.config import PrinterSettings
from app.db import Tx
from app.desk.on_paper import slip_printer
from app.desk.prints import because
from app.work import people


def note_opening(
    tx: Tx, named: str, reason: str, printers: Mapping[str, PrinterSettings], *, worker: str, device: str
) -> str:
    """Who opens which drawer and why; the printer it hangs on. Raises NoSlipPrinter, NoReason."""
    printer = slip_printer(printers, named)
    people.note(tx, "drawer_opened", worker, device, f"{printer.name}: {because(reason)}")
    return printer.name
