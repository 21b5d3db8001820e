"""Labels nobody's scan asks for: the beams of an aisle, a roll of totes, badges for new people, serials for a delivery.

Somebody at the desk says what, from which to which, and on which printer. Each label is a print job of its own, so the
list of jobs shows what became of every one of them, and one that was lost is printed again alone. What stands for one
thing, such as a serial, is printed once: whoever prints it again says why, and the new one is marked as a copy.
"""

import msgspec

from app.config import PrinterSettings
from app.db import Tx
from app.desk.label_kinds import KINDS
from app.desk.label_ranges import MOST, MOST_COPIES, Nothing, Ready, TooMany, Wanted
from app.desk.prints import because
from app.desk.words import many
from app.errors import Forbidden, State
from app.floor.sessions import Login
from app.printing import decisions, jobs
from app.printing.jobs import PrintJob
from app.printing.queueing import kind_of, queue_chosen


class PrintedBefore(State):
    code, title = "printed_before", "Printed before"
    says = "{what} printed before."
    todo = "Write why it is printed again; the new label is marked as a copy."


def print_labels(tx: Tx, wanted: Wanted, printer: PrinterSettings, *, site: str, who: Login) -> str:
    """A sentence of what was queued.

    Raises Nothing, TooMany, BadRange, Forbidden, PrintedBefore, NoReason, LabelNotPossible.
    """
    found, kind = ready(tx, wanted, site=site, who=who), KINDS[wanted.kind]
    before = printed_before(tx, found, wanted.reason) if kind.names_one else []
    for one in found:
        for _ in range(wanted.copies):
            print_one(tx, one, printer, reason=wanted.reason, worker=who.worker, names_one=kind.names_one)
    marked = f" {many(len(before), 'copy', 'copies')} among them, marked so." if before else ""
    return f"{many(len(found) * wanted.copies, 'label')} for {printer.name}: {_told(found)}.{marked}"


def printed_before(tx: Tx, found: list[Ready], reason: str) -> list[Ready]:
    """Those that will be copies. Raises PrintedBefore where there are some and nobody said why."""
    before = [one for one in found if _before(tx, one) is not None]
    if before and not reason.strip():
        rest = f" and {len(before) - 1} more were" if len(before) > 1 else " was"
        raise PrintedBefore(what=f"{before[0].subject}{rest}", scanned=before[0].subject)
    return before


def print_one(
    tx: Tx, one: Ready, printer: PrinterSettings, *, reason: str, worker: str, names_one: bool = True
) -> None:
    """A first label, or a marked copy of the last one where it stands for one thing. Raises LabelNotPossible, NoReason."""
    last = _before(tx, one) if names_one else None
    if last is None:
        queue_chosen(tx, one.label, printer, subject=one.subject, document=one.document, worker=worker)
    else:
        decisions.reprint(
            tx, last.id, printer, reason=because(reason), worker=worker, station="", label=one.label
        )  # fmt: skip


def _before(tx: Tx, one: Ready) -> PrintJob | None:
    return jobs.made_before(tx, kind_of(one.label), one.subject, one.document)


def ready(tx: Tx, wanted: Wanted, *, site: str, who: Login) -> list[Ready]:
    """The labels a press of the button would print."""
    kind = KINDS.get(wanted.kind)
    if kind is None:
        raise Nothing(what=wanted.kind[:40], first=wanted.first, last=wanted.last)
    if not who.is_a(*kind.roles):
        raise Forbidden(worker=who.worker)
    if not 1 <= wanted.copies <= MOST_COPIES:
        raise TooMany(most=MOST_COPIES, scanned=str(wanted.copies))
    whole = msgspec.structs.replace(
        wanted, first=wanted.first.strip(), last=wanted.last.strip() or wanted.first.strip()
    )
    found = kind.find(tx, whole, site)
    if not found:
        raise Nothing(what=kind.title.lower(), first=whole.first or "nothing", last=whole.last or "nothing")
    if len(found) * wanted.copies > MOST:
        raise TooMany(most=MOST, scanned=whole.last)
    return found


def _told(found: list[Ready]) -> str:
    first, last = found[0].subject, found[-1].subject
    return first if first == last else f"{first} to {last}"
