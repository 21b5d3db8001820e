"""Who else has just received on the same PO line: what the second of two workers is told, so that both can clear it up."""

from sqlalchemy import bindparam, select

from app import clock
from app.db import Tx
from app.schema.people import worker
from app.schema.stock import journal
from app.stock.events import Received, decode
from app.work.shelf_life import zone_of

LOOKED_AT = 20  # last receipts of the PO
JUST_NOW = 4 * clock.HOUR
MOST_NAMED = 3

LAST = (
    select(journal.c.at, journal.c.body, journal.c.worker, worker.c.name)
    .outerjoin(worker, worker.c.code == journal.c.worker)
    .where(
        journal.c.document == bindparam("of_document"),
        journal.c.kind == "received",
        journal.c.worker != bindparam("me"),
        journal.c.at > bindparam("since"),
    )
    .order_by(journal.c.seq.desc())
    .limit(LOOKED_AT)
)


def beside(tx: Tx, po: str, item: str, me: str) -> str:
    """` Mara K. received 40 at 10:31.`, newest first, ready to stand behind a sentence; empty when nobody did."""
    zone = zone_of(tx)
    told: list[str] = []
    for at, body, code, name in tx.rows(LAST, of_document=f"po {po}", me=me, since=clock.now() - JUST_NOW):
        event = decode(bytes(body))
        if isinstance(event, Received) and event.item == item and len(told) < MOST_NAMED:
            when = clock.as_datetime(at).astimezone(zone)
            told.append(f" {_short(name or code)} received {event.quantity} at {when:%H:%M}.")
    return "".join(told)


def _short(name: str) -> str:
    first, _, last = name.partition(" ")
    return f"{first} {last[0]}." if last else first
