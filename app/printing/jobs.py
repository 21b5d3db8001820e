"""A print job as the desk and the worker see it, and what is known of the label by what became of its goods.

A label that was scanned exists, whatever the printer said; one of a plate that was undone, or of a carton that may not
leave, shall not come out any more.
"""

import msgspec
from sqlalchemy import bindparam, or_, select, update

from app import clock
from app.db import Tx
from app.errors import State
from app.floor.undo import on_undone
from app.schema.printing import print_job
from app.schema.work import carton
from app.stock.events import Undone
from app.work import master_take_back


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


_SEEN = [print_job.c[name] for name in PrintJob.__struct_fields__]
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


def job_of(tx: Tx, subject: str) -> PrintJob | None:
    """The latest job for a code."""
    return tx.one(OF_SUBJECT, PrintJob, subject=subject)


def made_before(tx: Tx, kind: str, subject: str, document: str = "") -> PrintJob | None:
    """The last label of this very thing that came out or still will: the next one is a copy of it."""
    return tx.one(MADE_BEFORE, PrintJob, subject=subject, of_kind=kind, of_document=document)


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
