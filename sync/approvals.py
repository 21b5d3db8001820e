"""Warnings of the ERP ("this ships more than was ordered, go on?") and the supervisor who accepts or declines them.

The ERP asks a person, so a person answers: nothing here or in a connector ever accepts by itself. An accepted warning is
named in the next offer of the same event, under the ERP's own name for it, and covers nothing else: a second warning of
the same event is asked again. Declined, the event is a dead letter, and what becomes of that takes two people.
"""

from sqlalchemy import bindparam, case, select, update

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.sync import delivery
from sync import connector_log
from sync.dead_letters import LONGEST_REASON, ReasonMissing
from sync.stories import TOPIC

_THE_ASKED = (
    delivery.c.connector == bindparam("c"),
    delivery.c.seq == bindparam("n"),
    delivery.c.state == "asks",
)
WARNING = select(delivery.c.warning, delivery.c.answer).where(*_THE_ASKED)
APPROVE = (
    update(delivery)
    .where(*_THE_ASKED, delivery.c.warning == bindparam("read"))
    .values(
        state="waiting",
        approved=case(
            (delivery.c.approved == "", delivery.c.warning), else_=delivery.c.approved + "\n" + delivery.c.warning
        ),
        decided_by=bindparam("person"),
        at=bindparam("now"),
    )
)
DECLINE = update(delivery).where(*_THE_ASKED).values(state="dead", reason=bindparam("why"), at=bindparam("now"))


class NotAsked(State):
    code, title = "not_asked", "No warning"
    says = "{connector} does not warn of event {seq} (any more)."
    todo = "Reload the page; somebody may have decided it already."


def approve(tx: Tx, name: str, seq: int, by: str) -> None:
    """The event is offered again with the warning accepted. Raises NotAsked."""
    asked = tx.row(WARNING, c=name, n=seq)
    if asked is None or not by or tx.run(APPROVE, c=name, n=seq, read=asked[0], person=by, now=clock.now()) != 1:
        raise NotAsked(connector=name, seq=seq)
    connector_log.note(tx, name, "approved", seq=seq, words=str(asked[1]), worker=by)
    tx.tell(TOPIC)


def decline(tx: Tx, name: str, seq: int, reason: str, by: str) -> None:
    """The ERP is right to doubt: the event is a dead letter now. Raises NotAsked, ReasonMissing."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise ReasonMissing(limit=LONGEST_REASON, scanned=reason[:40])
    if tx.run(DECLINE, c=name, n=seq, why=f"declined by {by}: {reason}", now=clock.now()) != 1:
        raise NotAsked(connector=name, seq=seq)
    connector_log.note(tx, name, "declined", seq=seq, words=reason, worker=by)
    tx.tell(TOPIC)
