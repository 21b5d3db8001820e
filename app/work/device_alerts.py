"""Work that waits for a device: labels for a printer in trouble, a staffed station whose scanner, scale or dimensioner is gone.
And labels nobody knows the end of: they wait for a person to look at the printer, however well it is by now.

The device wall shows every trouble at once; a case is made only where somebody's work stands still because of it, and only
after a while, for most paper is refilled before anybody at the desk could come. One device has one open case, whatever
goes on and off there. It closes by itself when the device is back or nothing waits for it any more, and says so.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, bindparam, func, or_, select

from app import clock
from app.db import Tx
from app.schema.floor import login, session
from app.schema.printing import print_job
from app.schema.work import exception
from app.stock.ledger import By
from app.work import exceptions
from app.work.device_state import DeviceState

LABELS_WAIT = 5 * clock.MINUTE  # the oldest label of a printer in trouble
IN_DOUBT = 5 * clock.MINUTE  # since a label may have come out or not, and nobody said
GONE_FOR = 2 * clock.MINUTE  # a scanner, scale or dimensioner
EVERY_S = 20.0
QUIET = 15 * clock.MINUTE  # after its case was closed a device makes no other
MOST_OPEN = 20  # where a whole switch is dead, twenty cases say it
CODES = ("labels_wait", "labels_in_doubt", "scanner_gone", "scale_gone", "dimensioner_gone")
DOUBT = "prints"  # the first word of such a case's document; a printer's other trouble is a case of its own
WEIGHS = "packing.%"  # screens whose worker needs the scale
MEASURES = or_(session.c.screen.like("packing.%"), session.c.screen.like("receiving.%"))  # or the dimensioner

WAITING = (
    select(print_job.c.printer, func.count(), func.min(print_job.c.created))
    .where(or_(print_job.c.state == "queued", print_job.c.state == "failed"))
    .group_by(print_job.c.printer)
)
DOUBTED = (
    select(print_job.c.printer, func.count(), func.min(print_job.c.ended))
    .where(print_job.c.state == "unknown")
    .group_by(print_job.c.printer)
    .order_by(print_job.c.printer)
)
STAFFED = (
    select(session.c.station, session.c.worker, session.c.screen.like(WEIGHS), MEASURES)
    .join(login, and_(login.c.token == session.c.login, login.c.ends > bindparam("now")))
    .where(session.c.station != "")
    .order_by(session.c.at)
)
_MINE = or_(*(exception.c.code == code for code in CODES))
OPEN = select(exception.c.id, exception.c.document).where(_MINE, exception.c.state == "open")
LATELY = select(exception.c.document).where(
    _MINE, exception.c.state == "closed", exception.c.closed > bindparam("since")
)


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's work waits for this device."""

    device: str
    code: str
    sentence: str
    worker: str = ""

    @property
    def document(self) -> str:
        return f"{DOUBT if self.code == 'labels_in_doubt' else 'device'} {self.device}"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    raised: tuple[Waits, ...]
    back: tuple[tuple[str, str], ...]  # a case, and why it is closed

    def __bool__(self) -> bool:
        return bool(self.raised or self.back)


def look(tx: Tx, devices: Sequence[DeviceState]) -> Found:
    """What to raise and what to close now."""
    waits = {one.document: one for one in [*waiting(tx, devices), *doubted(tx)]}
    still = {f"device {one.name}" for one in devices if one.troubled}
    open_now = {str(document): str(key) for key, document in tx.rows(OPEN)}
    lately = {str(document) for (document,) in tx.rows(LATELY, since=clock.now() - QUIET)}
    room = max(0, MOST_OPEN - len(open_now))
    raised = [one for name, one in waits.items() if name not in open_now and name not in lately][:room]
    back = [(key, _why_over(name, still)) for name, key in open_now.items() if name not in waits]
    return Found(raised=tuple(raised), back=tuple(back))


def _why_over(document: str, still: set[str]) -> str:
    if document.startswith(f"{DOUBT} "):
        return "Somebody looked: none is in doubt any more."
    return "Nothing waits for it any more." if document in still else "The device is back."


def act_on(tx: Tx, found: Found) -> int:
    """Raise and close; what another server or a person did meanwhile stays. Returns how many."""
    open_now = {document for _, document in tx.rows(OPEN)}
    raised = [one for one in found.raised if one.document not in open_now]
    for one in raised:
        exceptions.add(tx, one.code, one.sentence, document=one.document, worker=one.worker)
    back = [(key, why) for key, why in found.back if exceptions.find(tx, key).state == "open"]
    for key, why in back:
        exceptions.settle(tx, key, why, By(cause="device"))
    return len(raised) + len(back)


def waiting(tx: Tx, devices: Sequence[DeviceState]) -> list[Waits]:
    """Each device in trouble for which work has waited long enough."""
    now = clock.now()
    labels = {str(printer): (int(count), int(oldest)) for printer, count, oldest in tx.rows(WAITING)}
    staffed = {str(at): (str(who), bool(weighs), bool(sizes)) for at, who, weighs, sizes in tx.rows(STAFFED, now=now)}
    found = []
    for one in devices:
        if not one.troubled:
            continue
        count, oldest = labels.get(one.name, (0, now))
        who, weighs, sizes = staffed.get(one.station, ("", False, False))
        gone = now - one.since >= GONE_FOR
        told = f"{one.sentence.rstrip('.')}. {one.todo}".strip()
        if one.kind == "printer" and count and now - oldest >= LABELS_WAIT:
            some = "1 label waits" if count == 1 else f"{count} labels wait"
            found.append(Waits(device=one.name, code="labels_wait", sentence=f"{some} for {one.name}: {told}"))
        elif one.kind == "scanner" and who and gone:
            sentence = f"{who} works at {one.station} without its scanner {one.name}: {told}"
            found.append(Waits(device=one.name, code="scanner_gone", sentence=sentence, worker=who))
        elif one.kind == "scale" and who and weighs and gone:
            sentence = f"{who} packs at {one.station} without its scale {one.name}: {told}"
            found.append(Waits(device=one.name, code="scale_gone", sentence=sentence, worker=who))
        elif one.kind == "dimensioner" and who and sizes and gone:
            sentence = f"{who} measures at {one.station} without its dimensioner {one.name}: {told}"
            found.append(Waits(device=one.name, code="dimensioner_gone", sentence=sentence, worker=who))
    return found


def doubted(tx: Tx) -> list[Waits]:
    """Each printer of which nobody said for a while whether its labels came out; it need not be in trouble any more."""
    now = clock.now()
    found = []
    for printer, count, since in tx.rows(DOUBTED):
        if now - int(since) >= IN_DOUBT:
            some = "1 label of it" if int(count) == 1 else f"{count} labels of it"
            sentence = f"{some} may have come out or not. Look at {printer}, and say so under print jobs."
            found.append(Waits(device=str(printer), code="labels_in_doubt", sentence=f"{printer}: {sentence}"))
    return found
