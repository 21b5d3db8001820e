"""What a person decides of a print job: that it came out, that it goes on, elsewhere or not at all, or that it comes again.

Only somebody who looked at the printer can say what became of an unknown job. A label that comes again is marked as a copy
and carries the same numbers: there is never a second SSCC for one carton.
"""

from sqlalchemy import bindparam, func, select, update

from app import clock
from app.config import PrinterSettings
from app.db import Tx
from app.db.tx import Row
from app.floor import last_label
from app.printing.drawing import Drawn, drawn_for, marked
from app.printing.jobs import JOB, JobNotThere, PrintJob, is_void
from app.printing.queueing import queue
from app.schema.printing import print_job
from printers import labels
from printers.labels import AnyLabel

_KEPT = (
    print_job.c.payload, print_job.c.label, print_job.c.once, print_job.c.template, print_job.c.template_version,
    print_job.c.printer,
)  # fmt: skip
BYTES = select(*_KEPT).where(print_job.c.id == bindparam("id"))
ORIGINAL = select(*_KEPT).where(print_job.c.once == bindparam("once"))
LAST_COPY = select(func.max(print_job.c.copy)).where(print_job.c.once.like(bindparam("once_like")))
DECIDE = (
    update(print_job)
    .where(print_job.c.id == bindparam("which"), print_job.c.state == bindparam("from_state"))
    .values(state=bindparam("new_state"), reason=bindparam("why"), ended=bindparam("now"))
)


def decide(tx: Tx, job: str, state: str, *, reason: str) -> None:
    """A person says what became of a job: unknown → printed | queued, queued | failed | unknown → cancelled.

    Raises JobNotThere for any other way.
    """
    allowed = {"printed": ("unknown", "sent"), "queued": ("unknown",), "cancelled": ("queued", "failed", "unknown")}
    for before in allowed.get(state, ()):
        if tx.run(DECIDE, which=job, from_state=before, new_state=state, why=reason, now=clock.now()):
            tx.tell("print")
            return
    seen = tx.one(JOB, PrintJob, id=job)
    raise JobNotThere(job=job, state=seen.state if seen else "not known", wanted=state)


def _looked(tx: Tx, job: str, out: bool, worker: str) -> None:
    seen = "it is there" if out else "nothing there"
    decide(tx, job, "printed" if out else "queued", reason=f"{worker} looked: {seen}")


last_label.answered.append(_looked)


def move(tx: Tx, job: str, printer: PrinterSettings, *, reason: str, worker: str) -> str:
    """Re-route a queued or failed job: the old one is `moved` and never prints, the new one has the same label."""
    seen = tx.one(JOB, PrintJob, id=job)
    kept = tx.row(BYTES, id=job)
    if (
        seen is None
        or kept is None
        or not any(
            tx.run(DECIDE, which=job, from_state=before, new_state="moved", why=reason, now=clock.now())
            for before in ("queued", "failed")
        )
    ):
        raise JobNotThere(job=job, state=seen.state if seen else "not known", wanted="moved")
    label = labels.decode(bytes(kept[1]))
    drawn = drawn_for(tx, label, printer)
    return queue(
        tx,
        label,
        printer,
        kind=seen.kind,
        subject=seen.subject,
        document=seen.document,
        once=f"{kept[2]} on {printer.name}",
        worker=worker,
        station=seen.station,
        copy=seen.copy,
        reason=reason,
        drawn=marked(drawn, label, seen.copy, printer) if seen.copy else drawn,
    )


def reprint(
    tx: Tx,
    job: str,
    printer: PrinterSettings,
    *,
    reason: str,
    worker: str,
    station: str,
    label: AnyLabel | None = None,
) -> str:
    """The same bytes again, marked as a copy, with a reason. Never a new SSCC. Returns the new job's id.

    With a `label` it is drawn anew: the goods on the same plate, say, are others now.
    """
    seen = tx.one(JOB, PrintJob, id=job)
    kept = tx.row(BYTES, id=job)
    if seen is None or kept is None:
        raise JobNotThere(job=job, state="not known", wanted="printed again")
    if is_void(tx, seen.subject):
        raise JobNotThere(job=job, state="of a carton that is void", wanted="printed again")
    if not reason.strip():
        raise JobNotThere(job=job, state=seen.state, wanted="printed again without a reason")
    base = str(kept[2]).rpartition(" copy ")[0] or str(kept[2])
    copy = int(tx.value(LAST_COPY, once_like=base.replace("%", "") + " copy %") or 0) + 1
    kept = tx.row(ORIGINAL, once=base) or kept
    drawn = drawn_for(tx, label, printer) if label is not None else None
    label = label or labels.decode(bytes(kept[1]))
    return queue(
        tx,
        label,
        printer,
        kind=seen.kind,
        subject=seen.subject,
        document=seen.document,
        once=f"{base} copy {copy}",
        worker=worker,
        station=station,
        copy=copy,
        reason=reason,
        drawn=marked(drawn or _again(tx, kept, label, printer), label, copy, printer),
    )


def _again(tx: Tx, kept: Row, label: AnyLabel, printer: PrinterSettings) -> Drawn:
    """The same bytes; another printer may have other paper, so for that one the same label is drawn anew."""
    if str(kept[5]) != printer.name:
        return drawn_for(tx, label, printer)
    return Drawn(payload=bytes(kept[0]), template=str(kept[3]), version=int(kept[4]))
