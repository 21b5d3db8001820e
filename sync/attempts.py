"""One message of the ERP, tried in a savepoint of its own, so that what goes wrong leaves nothing but its sentence and code.

A defect of ours is such a thing as well: it stops this one message, never the batch, file or page it came in, which the
sender would send again for ever, with all that stands behind it. It is kept as a dead letter like any other, told to the
developer in the server's log, and replayed at the desk when it is mended. Only storage that fails stops everything: then
nothing can be kept, and the sender has to come again.
"""

import logging

from sqlalchemy import and_, bindparam, func, select

from app.db import Tx, is_storage
from app.errors import Busy, Refusal, StorageFailed
from app.schema.sync import inbox
from app.stock.ledger import By
from app.work import master
from app.work.master import EventRefused, LocationUpsert
from sync import refusals

OUR_FAULT = "our_fault"  # the code of a message that met a defect of ours
OUR_FAULT_SAYS = (
    "Our fault: Pickface met a defect in itself with this message, and took nothing of it. Have the server's log sent to "
    "Pickface's developers, and replay the message when their answer runs."
)

# A location's row keeps no version of its own.
NEWEST = select(func.max(inbox.c.version)).where(
    and_(inbox.c.subject == bindparam("about"), inbox.c.type == bindparam("kind"), inbox.c.state == "applied")
)

log = logging.getLogger(__name__)


def attempt(
    tx: Tx, cause: str, type: str, *, subject: str, version: int, body: bytes
) -> tuple[master.Outcome, master.AnyMessage | None, str]:
    """Read and apply: how it ended, the message where it could be read, and the code of what is dead."""
    message: master.AnyMessage | None = None
    head, news = tx.head, set(tx.news)
    tx.connection.execute("SAVEPOINT message")
    try:
        message = master.decode(type, body, subject=subject, version=version)
        outcome, code = _apply(tx, message, type, By(worker="", device="inbox", cause=cause))
    except Exception as problem:
        if isinstance(problem, Busy | StorageFailed) or is_storage(problem):
            raise
        tx.connection.execute("ROLLBACK TO message")
        tx.head, tx.news = head, news
        sentence, code = _why(problem, f"{type} {cause}")
        outcome = master.Outcome(state="dead", sentence=sentence)
    tx.connection.execute("RELEASE message")
    return outcome, message, code


def _apply(tx: Tx, message: master.AnyMessage, type: str, by: By) -> tuple[master.Outcome, str]:
    if isinstance(message, LocationUpsert) and message.version:
        newest = tx.value(NEWEST, about=message.code, kind=type) or 0
        if message.version <= newest:
            state, words = ("same", "is") if message.version == newest else ("stale", "is already")
            told = f"Location {message.code} {words} at version {newest}."
            return master.Outcome(state=state, sentence=told), ""  # type: ignore[arg-type]
    outcome = refusals.apply(tx, message) if isinstance(message, EventRefused) else master.apply(tx, message, by)
    return outcome, "" if outcome.state != "dead" else "waits" if outcome.missing else "not_now"


def _why(problem: Exception, name: str) -> tuple[str, str]:
    """The sentence and code of a message that was not taken."""
    match problem:
        case master.Unreadable():
            return str(problem), problem.code
        case Refusal():
            return problem.sentence, problem.code
    log.error("%s met a defect of ours", name, exc_info=problem)
    return OUR_FAULT_SAYS, OUR_FAULT
