"""Print jobs: what is queued, what came out, and what only a person can know.

`unknown` is the state this page exists for: the server stopped while a label was on its way, and printing again by
itself would make two labels with one number. Somebody looks at the printer and says whether it came out.
"""

from collections.abc import Mapping

import msgspec
from sqlalchemy import bindparam, func, or_, select

from app.config import PrinterSettings
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import many, said, spelled
from app.errors import Malformed, State
from app.printing import decisions
from app.printing.jobs import JobNotThere, PrintJob
from app.schema.printing import print_job

STATES = ["queued", "sending", "printed", "sent", "unknown", "failed", "cancelled", "moved"]
TROUBLED = ("unknown", "failed")
LONGEST_REASON = 200


class NoSuchPrinter(State):
    code, title, http = "no_such_printer", "No such printer", 404
    says = "There is no printer {printer} here."
    todo = "Choose another one."


class OtherKind(State):
    code, title = "other_kind", "Other paper"
    says = "{printer} prints {kind}, this job does not."
    todo = "Choose a printer of the same kind."


class NoReason(Malformed):
    code, title = "no_reason", "Why?"
    says = "This needs a reason of at most {limit} characters."
    todo = "Write why."


class PrintFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = ""  # empty: all; trouble: unknown or failed
    printer: str = ""
    kind: str = ""
    q: str = ""  # subject or document
    page: int = 1


class Jobs(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    counts: dict[str, int]
    page: Page[PrintJob]
    printers: tuple[str, ...]


_SEEN = [print_job.c[name] for name in PrintJob.__struct_fields__]
LIST = (
    select(*_SEEN)
    .where(
        or_(
            bindparam("p_state") == "",
            print_job.c.state == bindparam("p_state"),
            (bindparam("p_state") == "trouble") & or_(*(print_job.c.state == state for state in TROUBLED)),
        ),
        or_(bindparam("p_printer") == "", print_job.c.printer == bindparam("p_printer")),
        or_(bindparam("p_kind") == "", print_job.c.kind == bindparam("p_kind")),
        or_(
            bindparam("p_q") == "",
            print_job.c.subject == bindparam("p_q"),
            print_job.c.document == bindparam("p_q"),
            print_job.c.id == bindparam("p_q"),
        ),
    )
    .order_by(print_job.c.created.desc(), print_job.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
COUNTS = select(print_job.c.state, func.count()).group_by(print_job.c.state)
PRINTER_OF = select(print_job.c.printer).where(print_job.c.id == bindparam("id"))


def jobs(tx: Tx, wanted: PrintFilter, printers: Mapping[str, PrinterSettings], *, export: bool = False) -> Jobs:
    found = tx.all(
        LIST,
        PrintJob,
        p_state=wanted.state,
        p_printer=wanted.printer,
        p_kind=wanted.kind,
        p_q=wanted.q.strip(),
        **window(wanted.page, export=export),
    )
    counts = {str(state): int(number) for state, number in tx.rows(COUNTS)}
    return Jobs(
        headline=headline(counts),
        counts=counts,
        page=page_of(found, wanted.page, export=export),
        printers=tuple(printers),
    )


def headline(counts: Mapping[str, int]) -> str:
    doubt, failed, queued = (counts.get(state, 0) for state in ("unknown", "failed", "queued"))
    told = []
    if doubt:
        told.append(
            f"{many_labels(doubt)} {'is' if doubt == 1 else 'are'} in doubt: did {'it' if doubt == 1 else 'they'} come out?"
        )
    if failed:
        told.append(f"{many_labels(failed)} could not be printed yet.")
    if not told:
        told.append(f"{many(queued, 'label')} on the way." if queued else "Every label came out.")
    return " ".join(told)


def many_labels(n: int) -> str:
    return said(f"{spelled(n)} label{'' if n == 1 else 's'}")


# ── what a person decides ────────────────────────────────────────────────────────────────────────────────────────────
def came_out(tx: Tx, job: str, *, yes: bool, worker: str) -> str:
    """Somebody looked at the printer. No: the job is queued again, the same bytes, no copy mark."""
    decisions.decide(
        tx, job, "printed" if yes else "queued", reason=f"{worker} looked: {'it is there' if yes else 'nothing there'}"
    )
    return "Noted: the label is there." if yes else "Queued again: the same label, once."


def cancel(tx: Tx, job: str, *, reason: str, worker: str) -> str:
    decisions.decide(tx, job, "cancelled", reason=f"{because(reason)} ({worker})")
    return "Cancelled: this label will not be printed."


def reprint(
    tx: Tx, job: str, printers: Mapping[str, PrinterSettings], *, reason: str, worker: str, station: str = ""
) -> str:
    """The same label again on the same printer, marked as a copy."""
    named = tx.value(PRINTER_OF, id=job)
    if named is None:
        raise JobNotThere(job=job, state="not known", wanted="printed again")
    decisions.reprint(tx, job, _printer(printers, named), reason=because(reason), worker=worker, station=station)
    return f"A copy is queued for {named}."


def move(tx: Tx, job: str, target: str, printers: Mapping[str, PrinterSettings], *, reason: str, worker: str) -> str:
    """Re-route a waiting job to another printer of the same kind."""
    named = tx.value(PRINTER_OF, id=job)
    printer = _printer(printers, target)
    before = printers.get(str(named))
    if before is not None and before.kind != printer.kind:
        raise OtherKind(printer=target, kind="slips" if printer.kind == "escpos" else "labels")
    decisions.move(tx, job, printer, reason=because(reason), worker=worker)
    tx.tell("print")
    return f"Moved to {target}."


def _printer(printers: Mapping[str, PrinterSettings], name: str) -> PrinterSettings:
    found = printers.get(name)
    if found is None:
        raise NoSuchPrinter(printer=name or "without a name")
    return found


def because(reason: str) -> str:
    """Raises NoReason."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise NoReason(limit=LONGEST_REASON, scanned=reason[:20])
    return reason
