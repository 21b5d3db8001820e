"""Labels nobody's scan asks for: the beams of an aisle, a roll of totes, badges for new people, serials for a delivery.

Somebody at the desk says what, from which to which, and on which printer. Each label is a print job of its own, so the
list of jobs shows what became of every one of them, and one that was lost is printed again alone.
"""

import msgspec

from app import printing
from app.config import PrinterSettings
from app.db import Tx
from app.desk.label_kinds import KINDS, MOST, MOST_COPIES, Nothing, Ready, TooMany, Wanted
from app.desk.words import many
from app.errors import Forbidden
from app.floor.sessions import Login


def print_labels(tx: Tx, wanted: Wanted, printer: PrinterSettings, *, site: str, who: Login) -> str:
    """A sentence of what was queued. Raises Nothing, TooMany, BadRange, Forbidden, LabelNotPossible."""
    found = ready(tx, wanted, site=site, who=who)
    for one in found:
        for _ in range(wanted.copies):
            printing.queue_chosen(tx, one.label, printer, subject=one.subject, worker=who.worker)
    return f"{many(len(found) * wanted.copies, 'label')} for {printer.name}: {_told(found)}."


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
