"""What is due at a carrier: a label to buy, to ask after or to void, or the manifest of what has left.

What a carton's state says is done at the carrier, too: a void carton's label is voided, a shipped one's is manifested; no
turn knows of either. The rows are the queue; what came of each stands in buying_book.py.
"""

from typing import Literal

from sqlalchemy import and_, bindparam, or_, select, update

from app import clock
from app.db import Tx
from app.schema.carriers import label_purchase as purchase
from app.schema.work import carton, load
from app.work.carriers import purchases
from app.work.carriers.purchases import Job, Purchase

MOST_ON_A_MANIFEST = 500

_C = purchase.c
NEXT = (
    select(_C.id, _C.state, _C.request, _C.tracking, _C.shipment)
    .where(
        _C.carrier == bindparam("of_carrier"),
        or_(_C.state == "queued", _C.state == "unknown", _C.state == "voiding"),
        _C.next_at <= bindparam("now"),
    )
    .order_by(_C.next_at, _C.created, _C.id)
    .limit(1)
)
_OF_VOID = and_(
    _C.carrier == bindparam("of_carrier"),
    _C.carton.in_(select(carton.c.lpn).where(carton.c.state == "void")),
    or_(_C.state == "queued", _C.state == "refused", _C.state == "bought"),
)
VOIDED_CARTONS = select(_C.id).where(_OF_VOID).limit(1)
CANCEL_VOID = (
    update(purchase)
    .where(_OF_VOID, _C.state != "bought")
    .values(state="cancelled", sentence="Its carton is void.", ended=bindparam("at"))
)
VOID_VOID = update(purchase).where(_OF_VOID, _C.state == "bought").values(state="voiding", next_at=0)
LEFT = (
    select(carton.c.load_code, load.c.closed)
    .select_from(purchase.join(carton, carton.c.lpn == _C.carton).join(load, load.c.code == carton.c.load_code))
    .where(
        _C.carrier == bindparam("of_carrier"), _C.state == "bought", carton.c.state == "shipped",
        _C.next_at <= bindparam("now"),
    )
    .order_by(load.c.closed)
    .limit(1)
)  # fmt: skip
ON_LOAD = (
    select(_C.id, _C.tracking, _C.shipment)
    .join(carton, carton.c.lpn == _C.carton)
    .where(_C.carrier == bindparam("of_carrier"), _C.state == "bought", carton.c.load_code == bindparam("of_load"))
    .order_by(_C.tracking)
    .limit(MOST_ON_A_MANIFEST)
)
CLAIM = (
    update(purchase)
    .where(_C.id == bindparam("which"), _C.state == "queued")
    .values(state="buying", attempts=_C.attempts + 1, node=bindparam("claimed_by"))
)


def is_due(tx: Tx, carrier: str) -> bool:
    return _due(tx, carrier) is not None or tx.row(VOIDED_CARTONS, of_carrier=carrier) is not None


def claim(tx: Tx, carrier: str, node: str) -> Job | None:
    """What is due; what is to be bought stands under the server's name from now on."""
    now = clock.now()
    if tx.row(VOIDED_CARTONS, of_carrier=carrier) is not None:
        tx.run(CANCEL_VOID, of_carrier=carrier, at=now)
        tx.run(VOID_VOID, of_carrier=carrier)
        purchases.tell(tx)
    job = _due(tx, carrier)
    if job is not None and job.kind == "buy":
        if tx.run(CLAIM, which=job.key, claimed_by=node) != 1:
            return None
        purchases.tell(tx)
    return job


def _due(tx: Tx, carrier: str) -> Job | None:
    now = clock.now()
    row = tx.row(NEXT, of_carrier=carrier, now=now)
    if row is not None:
        kinds: dict[str, Literal["buy", "ask", "void"]] = {"queued": "buy", "unknown": "ask", "voiding": "void"}
        known = {"tracking": (row[3],), "shipments": (row[4] or row[3],)} if row[3] else {}
        return Job(kind=kinds[row[1]], key=row[0], request=bytes(row[2]), **known)
    left = tx.row(LEFT, of_carrier=carrier, now=now)
    if left is None:
        return None
    rows = tx.rows(ON_LOAD, of_carrier=carrier, of_load=left[0])
    return Job(
        kind="manifest",
        key=f"{carrier}/{left[0]}/{left[1]}",
        tracking=tuple(row[1] for row in rows),
        shipments=tuple(row[2] or row[1] for row in rows),
    )


def on_manifest(tx: Tx, job: Job) -> list[Purchase]:
    """The parcels a manifest is asked for, as they stand now."""
    carrier, load_code, _ = job.key.rsplit("/", 2)
    rows = tx.rows(ON_LOAD, of_carrier=carrier, of_load=load_code)
    return [purchases.find(tx, row[0]) for row in rows if row[1] in job.tracking]
