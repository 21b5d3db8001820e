"""Print jobs: queued in the event's own transaction with their exact bytes, claimed by the spooler, ended in a known state.

    queued → sending → printed | sent | unknown | failed        failed → queued by back-off
    unknown → printed | queued only by a person                 queued | failed | unknown → cancelled, moved

`sending` is committed before the first byte leaves; after a crash it becomes `unknown`, never `queued`: that is the
duplicate-label bug. Scanning a label is the only proof that it exists.
"""

from typing import Any

import msgspec
from PIL import Image
from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock, label_templates, print_routes, template_faults
from app.config import PrinterSettings
from app.db import Database, Tx
from app.db.tx import Row
from app.errors import Refusal, State
from app.floor import last_label
from app.floor.floor import Floor
from app.floor.undo import on_undone
from app.schema.printing import print_job
from app.schema.work import carton
from app.stock.events import Undone
from app.work import master_take_back
from printers import bitmap, escpos, labels, typefaces, zpl
from printers.drawing import Template
from printers.labels import AnyLabel, CarrierLabel, LabelRefused
from printers.printer import State as Outcome
from printers.slip_kinds import AnySlip
from printers.spooler import BACK_OFF_S, Job


class NoPrinter(State):
    code, title = "no_printer", "No printer"
    says = "No {kind} printer is set for this station."
    todo = "Ask the admin to set one, or stand at another station."


class LabelNotPossible(Refusal):
    code, title = "label_not_possible", "Label not possible"
    says = "The label cannot be printed: {reason}"
    todo = "Ask a supervisor."


class JobNotThere(State):
    code, title = "print_job_state", "Not possible now"
    says = "Print job {job} is {state}, so it cannot be {wanted}."


class PrintJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the desk and the worker see it; the bytes stay in the table."""

    id: str
    printer: str
    kind: str
    subject: str
    document: str
    state: str
    copy: int
    reason: str
    sentence: str
    attempts: int
    created: int
    ended: int
    worker: str
    station: str
    template: str
    template_version: int


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A label's exact bytes, and what they were drawn by."""

    payload: bytes
    template: str = ""
    version: int = 0


_SEEN = [print_job.c[name] for name in PrintJob.__struct_fields__]
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
JOB = select(*_SEEN).where(print_job.c.id == bindparam("id"))
MADE = ("queued", "sending", "printed", "sent", "unknown", "failed")  # it is on paper, or will be
OF_SUBJECT = select(*_SEEN).where(print_job.c.subject == bindparam("subject")).order_by(print_job.c.created.desc())
MADE_BEFORE = (
    select(*_SEEN)
    .where(
        print_job.c.subject == bindparam("subject"),
        print_job.c.kind == bindparam("of_kind"),
        or_(bindparam("of_document") == "", print_job.c.document == bindparam("of_document")),
        or_(*(print_job.c.state == state for state in MADE)),
    )
    .order_by(print_job.c.created.desc(), print_job.c.id.desc())
    .limit(1)
)
_KEPT = (
    print_job.c.payload, print_job.c.label, print_job.c.once, print_job.c.template, print_job.c.template_version,
    print_job.c.printer,
)  # fmt: skip
BYTES = select(*_KEPT).where(print_job.c.id == bindparam("id"))
ORIGINAL = select(*_KEPT).where(print_job.c.once == bindparam("once"))
NEXT = (
    select(print_job.c.id, print_job.c.payload, print_job.c.attempts)
    .where(
        print_job.c.printer == bindparam("printer"),
        or_(print_job.c.state == "queued", print_job.c.state == "failed"),
    )
    .order_by(print_job.c.created, print_job.c.id)
    .limit(1)
)
CLAIM = (
    update(print_job)
    .where(print_job.c.id == bindparam("which"), or_(print_job.c.state == "queued", print_job.c.state == "failed"))
    .values(state="sending", attempts=print_job.c.attempts + 1, node=bindparam("claimed_by"))
)
FINISH = (
    update(print_job)
    .where(print_job.c.id == bindparam("which"), print_job.c.state == "sending")
    .values(
        state=bindparam("new_state"), sentence=bindparam("said"), ended=bindparam("now"), next_at=bindparam("again_at")
    )
)
AT_WORK = select(print_job.c.node).where(print_job.c.state == "sending").distinct()
RECOVER = (
    update(print_job)
    .where(print_job.c.state == "sending", print_job.c.node == bindparam("claimed_by"))
    .values(state="unknown", sentence="The server stopped while it was printing.", ended=bindparam("now"))
)
DECIDE = (
    update(print_job)
    .where(print_job.c.id == bindparam("which"), print_job.c.state == bindparam("from_state"))
    .values(state=bindparam("new_state"), reason=bindparam("why"), ended=bindparam("now"))
)
PROVE = (
    update(print_job)
    .where(
        print_job.c.subject == bindparam("of_subject"),
        or_(*(print_job.c.state == state for state in ("queued", "sending", "sent", "unknown", "failed"))),
    )
    .values(state="printed", sentence="The label was scanned.", ended=bindparam("now"))
)
VOID = (
    update(print_job)
    .where(
        print_job.c.subject == bindparam("of_subject"),
        or_(*(print_job.c.state == state for state in ("queued", "failed", "unknown"))),
    )
    .values(state="cancelled", reason=bindparam("why"), ended=bindparam("now"))
)
CARTON_STATE = select(carton.c.state).where(carton.c.lpn == bindparam("code"))
ASKED = select(func.count()).where(
    print_job.c.subject == bindparam("subject"), print_job.c.kind == bindparam("kind"), print_job.c.copy == 0
)
LAST_COPY = select(func.max(print_job.c.copy)).where(print_job.c.once.like(bindparam("once_like")))


# ── queueing, in the turn ────────────────────────────────────────────────────────────────────────────────────────────
def queue_label(floor: Floor, label: AnyLabel, *, subject: str, document: str = "", once: str = "") -> str:
    """Queue a label for the printer of the worker's station; the job's id. The same `once` is never queued twice.

    Raises NoPrinter, or LabelNotPossible where a barcode does not fit.
    """
    kind = kind_of(label)
    printer = printer_for(floor, "escpos" if isinstance(label, AnySlip) else "zpl", kind)
    job = _queue(
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
    return _queue(
        tx, label, printer, kind=kind, subject=subject, document=document, once=once, worker=worker, station=""
    )  # fmt: skip


def queue_for(
    tx: Tx, label: AnyLabel, printer: PrinterSettings, *, subject: str, document: str, once: str, worker: str, station: str
) -> str:  # fmt: skip
    """A label that was asked for at a station and could only be made later. The job's id. Raises LabelNotPossible."""
    kind = kind_of(label)
    return _queue(
        tx, label, printer, kind=kind, subject=subject, document=document, once=once, worker=worker, station=station
    )  # fmt: skip


def kind_of(label: AnyLabel) -> str:
    return str(type(label).__struct_config__.tag)


def printer_for(floor: Floor, paper: str, kind: str = "") -> PrinterSettings:
    """By the house's routes, else the station's own printer of this paper, else the house's first. Raises NoPrinter."""
    found = print_routes.choose(floor.tx, kind, **_standing(floor, paper))
    if found is None:
        raise NoPrinter(kind="slip" if paper == "escpos" else "label")
    return found


def printer_near(floor: Floor, paper: str, kind: str) -> PrinterSettings | None:
    """The one a route or the worker's station names for it; None where it would come out somewhere else."""
    return print_routes.choose(floor.tx, kind, near=True, **_standing(floor, paper))


def _standing(floor: Floor, paper: str) -> dict[str, Any]:
    station = floor.station
    return {
        "station": floor.seat.station,
        "zone": "" if station is None else station.zone,
        "own": "" if station is None else station.slip_printer if paper == "escpos" else station.label_printer,
        "printers": floor.ports.printers,
        "paper": paper,
        "sick": floor.ports.sick(),
    }


def has_printer(floor: Floor, kind: str = "zpl") -> bool:
    return any(printer.kind == kind for printer in floor.ports.printers.values())


def draw(
    label: AnyLabel, printer: PrinterSettings, template: Template | None = None, logo: Image.Image | None = None
) -> bytes:
    """The exact bytes for one printer; without a template by the built-in one. Raises LabelNotPossible."""
    try:
        if isinstance(label, AnySlip):
            return escpos.render(label, width_mm=printer.paper_mm, logo=logo)
        return zpl.render(
            label, dpi=printer.dpi, width_mm=printer.paper_mm, height_mm=printer.height_mm, template=template
        )
    except LabelRefused as problem:
        raise LabelNotPossible(reason=str(problem)) from None


def _queue(
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
    now, drawn = clock.now(), drawn or _drawn(tx, label, printer)
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


def _drawn(tx: Tx, label: AnyLabel, printer: PrinterSettings) -> Drawn:
    """Raises LabelNotPossible."""
    if isinstance(label, AnySlip):
        return Drawn(payload=draw(label, printer, logo=label_templates.logo(tx)))
    if isinstance(label, CarrierLabel):
        return Drawn(payload=draw(label, printer))
    template = label_templates.of(tx, label)
    if fault := template_faults.refusal(template, printer):
        raise LabelNotPossible(reason=f"{fault} The admin mends it under Prints, Templates.")
    return Drawn(payload=draw(label, printer, template), template=template.name, version=template.version)


def undrawn(label: AnyLabel) -> str:
    """What of a label comes out as `?` because no font here has it; empty where all is well."""
    if labels.encode(label).isascii():
        return ""
    lost = "".join(dict.fromkeys(bitmap.undrawn(" ".join(texts_of(label)))))
    return f"{lost[:20]} came out as ?: no font here has it, {typefaces.package_for(lost)} brings one." if lost else ""


def texts_of(label: AnyLabel) -> list[str]:
    """Every text of it that people read, those of its lines, too."""
    values = [
        each for value in msgspec.structs.astuple(label) for each in (value if isinstance(value, tuple) else [value])
    ]
    lines = [each for value in values if isinstance(value, msgspec.Struct) for each in msgspec.structs.astuple(value)]
    return [value for value in [*values, *lines] if isinstance(value, str)]


def proven(tx: Tx, subject: str) -> None:
    """A label was scanned: it exists."""
    if tx.run(PROVE, of_subject=subject, now=clock.now()):
        tx.tell("print")


def is_void(tx: Tx, subject: str) -> bool:
    """Is it the label of a carton that may not leave any more?"""
    return bool(tx.value(CARTON_STATE, code=subject) == "void")


def void(tx: Tx, subject: str, reason: str) -> None:
    """What was not printed yet shall not be; what is on paper stays listed."""
    if tx.run(VOID, of_subject=subject, why=reason, now=clock.now()):
        tx.tell("print")


def _void_undone(tx: Tx, undone: Undone) -> None:
    """A licence plate that was made by an undone step is void, and so is its label."""
    for carried in undone.carried:
        if carried.state == "void":
            void(tx, carried.lpn, "its step was undone")


on_undone.append(_void_undone)
master_take_back.on_voided.append(void)


def job_of(tx: Tx, subject: str) -> PrintJob | None:
    """The latest job for a code."""
    return tx.one(OF_SUBJECT, PrintJob, subject=subject)


def made_before(tx: Tx, kind: str, subject: str, document: str = "") -> PrintJob | None:
    """The last label of this very thing that came out or still will: the next one is a copy of it."""
    return tx.one(MADE_BEFORE, PrintJob, subject=subject, of_kind=kind, of_document=document)


# ── decisions by a person ────────────────────────────────────────────────────────────────────────────────────────────
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
    drawn = _drawn(tx, label, printer) if label is not None else None
    label = label or labels.decode(bytes(kept[1]))
    return _queue(
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
        drawn=_marked(drawn or _again(tx, kept, label, printer), label, copy, printer),
    )


def _again(tx: Tx, kept: Row, label: AnyLabel, printer: PrinterSettings) -> Drawn:
    """The same bytes; another printer may have other paper, so for that one the same label is drawn anew."""
    if str(kept[5]) != printer.name:
        return _drawn(tx, label, printer)
    return Drawn(payload=bytes(kept[0]), template=str(kept[3]), version=int(kept[4]))


def _marked(drawn: Drawn, label: AnyLabel, copy: int, printer: PrinterSettings) -> Drawn:
    """Raises LabelNotPossible."""
    try:
        if isinstance(label, AnySlip):
            payload = escpos.marked_copy(drawn.payload, copy)
        else:
            payload = zpl.marked_copy(drawn.payload, copy, dpi=printer.dpi)
    except LabelRefused as problem:
        raise LabelNotPossible(reason=str(problem)) from None
    return msgspec.structs.replace(drawn, payload=payload)


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
    drawn = _drawn(tx, label, printer)
    return _queue(
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
        drawn=_marked(drawn, label, seen.copy, printer) if seen.copy else drawn,
    )


# ── the spooler's side ───────────────────────────────────────────────────────────────────────────────────────────────
class PrintQueue:
    """The JobStore the spooler works from: each step is one job of the writer."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def claim(self, printer_name: str) -> Job | None:
        with self._db.reading() as tx:
            if tx.row(NEXT, printer=printer_name) is None:
                return None
        self._db.node.hold()  # before our name stands at a job
        return self._db.do(lambda tx: self._claim(tx, printer_name))

    def _claim(self, tx: Tx, printer_name: str) -> Job | None:
        row = tx.row(NEXT, printer=printer_name)
        if row is None or tx.run(CLAIM, which=row[0], claimed_by=self._db.node.name) != 1:
            return None
        return Job(id=row[0], printer=printer_name, payload=bytes(row[1]), attempts=row[2])

    def finish(self, job_id: str, outcome: Outcome, sentence: str) -> None:
        now = clock.now()
        again = now + int(BACK_OFF_S[0] * clock.SECOND)

        def work(tx: Tx) -> None:
            tx.run(FINISH, which=job_id, new_state=str(outcome), said=sentence, now=now, again_at=again)
            tx.tell("print")

        self._db.do(work)

    def recover(self, *, own: bool = True) -> int:
        """At the start: what we or a server that is no more left behind. Later only theirs: ours is under way."""
        return self._db.do(lambda tx: self._recover(tx, own))

    def _recover(self, tx: Tx, own: bool) -> int:
        node, now = self._db.node, clock.now()
        gone = [str(name) for (name,) in tx.rows(AT_WORK) if (own if name == node.name else not node.is_running(name))]
        found = sum(tx.run(RECOVER, claimed_by=name, now=now) for name in gone)
        if found:
            tx.tell("print")
        return found
