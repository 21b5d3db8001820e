"""The small numbers beside the names in the top bar: what waits for a decision on each page.

Beside the ledger that is each event the ERP did not take, and each alarm that says something else: whoever lives on the
wave board sees there that the ERP is behind.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import func, or_, select

from app.db import Tx
from app.desk import devices
from app.desk.carriers import WAITING as CARRIERS
from app.desk.holds import COUNT as HOLDS
from app.desk.returned_pieces import DESK as RETURNS
from app.desk.variances import COUNT as VARIANCES
from app.schema.printing import print_job
from app.schema.sync import delivery, inbox
from app.schema.work import discrepancy, exception
from app.work import corrections_places
from app.work.device_state import DeviceState
from app.work.inspections import lots


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    carriers: int
    devices: int
    prints: int
    exceptions: int
    holds: int
    returns: int
    corrections: int
    receipts: int
    variances: int
    inspections: int
    ledger: int
    inbox: int


ONE_BY_ONE = (
    "dead_letter",
    "warning",
    "inbox",
    "turned_away",
)  # alarms about what is counted here already, or no decision
PRINTS = select(func.count()).where(or_(print_job.c.state == "unknown", print_job.c.state == "failed"))
DEAD = select(func.count()).where(or_(delivery.c.state == "dead", delivery.c.state == "asks"))
INBOX = select(func.count()).where(inbox.c.state == "dead")
EXCEPTIONS = select(func.count()).where(exception.c.state == "open")
DISCREPANCIES = select(func.count()).where(discrepancy.c.state == "open")


def counts(tx: Tx, fixed: Sequence[DeviceState], ringing: Sequence[str] = ()) -> Counts:
    """`ringing`: the codes of the alarms about the ERP."""
    receipts = int(tx.value(DISCREPANCIES) or 0)
    return Counts(
        carriers=int(tx.value(CARRIERS) or 0),
        devices=len(devices.wall(tx, fixed).troubled),
        prints=int(tx.value(PRINTS) or 0),
        exceptions=int(tx.value(EXCEPTIONS) or 0) + receipts,
        receipts=receipts,
        holds=int(tx.value(HOLDS) or 0),
        returns=int(tx.value(RETURNS) or 0),
        corrections=corrections_places.waiting(tx),
        variances=int(tx.value(VARIANCES) or 0),
        inspections=len(lots.waiting(tx)),
        ledger=int(tx.value(DEAD) or 0) + sum(code not in ONE_BY_ONE for code in ringing),
        inbox=int(tx.value(INBOX) or 0),
    )
