"""Why an order is held or cancelled, and who said so: what a packer or loader is told who meets its goods.

The journal knows it: stopping an order is an event with its reason, and its cause names the message or the person.
"""

from sqlalchemy import bindparam, or_, select

from app import clock
from app.db import Tx
from app.schema.people import worker
from app.schema.stock import journal
from app.stock.events import OrderCancelled, OrderHeld, decode
from app.work.shelf_life import zone_of

LAST_STOP = (
    select(journal.c.at, journal.c.body, journal.c.cause, journal.c.worker, worker.c.name)
    .outerjoin(worker, worker.c.code == journal.c.worker)
    .where(
        journal.c.document == bindparam("of_document"),
        or_(journal.c.kind == "order_held", journal.c.kind == "order_cancelled"),
    )
    .order_by(journal.c.seq.desc())
    .limit(1)
)


def why(tx: Tx, order: str) -> str:
    """` since 10:31: credit limit (erp)`, ready to stand behind a sentence; empty where nobody said."""
    row = tx.row(LAST_STOP, of_document=f"order {order}")
    if row is None:
        return ""
    event = decode(bytes(row[1]))
    reason = event.reason if isinstance(event, OrderHeld | OrderCancelled) else ""
    who = row[4] or row[3] or str(row[2]).partition(" ")[0]
    since = f" since {clock.as_datetime(row[0]).astimezone(zone_of(tx)):%H:%M}"
    return since + (f": {reason}" if reason else "") + (f" ({who})" if who else "")
