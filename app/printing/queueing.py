"""A label is asked for: it is drawn and queued in the very transaction of what it is the label of.

So there is no carton without its label on the way, and none on the way of a carton that was refused. What was asked for
once is never queued twice: its `once` says which label it is.
"""

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.config import PrinterSettings
from app.db import Tx
from app.floor.floor import Floor
from app.printing.drawing import Drawn, drawn_for, undrawn
from app.printing.station_printers import printer_for
from app.schema.printing import print_job
from printers import labels
from printers.labels import AnyLabel
from printers.slip_kinds import AnySlip

ADD = (
    upsert(print_job)
    .values(
        **{
            name: bindparam(name)
            for name in (
                "id", "once", "printer", "kind", "subject", "document", "payload", "label", "copy", "reason",
                "next_at", "created", "worker", "station", "template", "template_version",
            )
        }
    )
    .on_conflict_do_nothing(index_elements=["once"])
)  # fmt: skip
BY_ONCE = select(print_job.c.id).where(print_job.c.once == bindparam("once"))
ASKED = select(func.count()).where(
    print_job.c.subject == bindparam("subject"), print_job.c.kind == bindparam("kind"), print_job.c.copy == 0
)


def queue_label(floor: Floor, label: AnyLabel, *, subject: str, document: str = "", once: str = "") -> str:
    """Queue a label for the printer of the worker's station; the job's id. The same `once` is never queued twice.

    Raises NoPrinter, or LabelNotPossible where a barcode does not fit.
    """
    kind = kind_of(label)
    printer = printer_for(floor, "escpos" if isinstance(label, AnySlip) else "zpl", kind)
    job = queue(
        floor.tx,
        label,
        printer,
        kind=kind,
        subject=subject,
        document=document,
        once=once or f"{kind} {subject} 1",
        worker=floor.worker,
        station=floor.seat.station,
    )
    return floor.awaits(job)


def queue_chosen(
    tx: Tx, label: AnyLabel, printer: PrinterSettings, *, subject: str, worker: str, document: str = ""
) -> str:
    """A label or slip for a printer chosen at the desk; asked for again, it is printed again. The job's id.

    Raises LabelNotPossible.
    """
    kind = kind_of(label)
    again = int(tx.value(ASKED, subject=subject, kind=kind)) + 1
    once = f"{kind} {subject} {again}"
    return queue(
        tx, label, printer, kind=kind, subject=subject, document=document, once=once, worker=worker, station=""
    )  # fmt: skip


def queue_for(
    tx: Tx, label: AnyLabel, printer: PrinterSettings, *, subject: str, document: str, once: str, worker: str, station: str
) -> str:  # fmt: skip
    """A label that was asked for at a station and could only be made later. The job's id. Raises LabelNotPossible."""
    kind = kind_of(label)
    return queue(
        tx, label, printer, kind=kind, subject=subject, document=document, once=once, worker=worker, station=station
    )  # fmt: skip


def kind_of(label: AnyLabel) -> str:
    return str(type(label).__struct_config__.tag)


def queue(
    tx: Tx,
    label: AnyLabel,
    printer: PrinterSettings,
    *,
    kind: str,
    subject: str,
    document: str,
    once: str,
    worker: str,
    station: str,
    copy: int = 0,
    reason: str = "",
    drawn: Drawn | None = None,
) -> str:
    """The one way a job comes into being; without `drawn` it is drawn now. The job's id. Raises LabelNotPossible."""
    now, drawn = clock.now(), drawn or drawn_for(tx, label, printer)
    lost = "" if reason else undrawn(label)
    tx.run(
        ADD,
        id=clock.new_id(),
        once=once,
        printer=printer.name,
        kind=kind,
        subject=subject,
        document=document,
        payload=drawn.payload,
        template=drawn.template,
        template_version=drawn.version,
        label=labels.encode(label),
        copy=copy,
        reason=reason or lost,
        next_at=now,
        created=now,
        worker=worker,
        station=station,
    )
    tx.tell("print")
    return str(tx.value(BY_ONCE, once=once))
