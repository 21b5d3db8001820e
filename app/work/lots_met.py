"""A lot is met when its first goods come in: the house knows from then on that there is one, and until when it keeps.

A date that is known stays; one that was not said is filled in by the next goods that say it.
"""

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.schema.items import lot
from app.schema.stock import movement

_MEET = upsert(lot).values(**{name: bindparam(name) for name in ("item", "lot", "expiry", "seen")})
MEET = _MEET.on_conflict_do_update(
    index_elements=["item", "lot"], set_={"expiry": _MEET.excluded.expiry}, where=lot.c.expiry == ""
)
# A lot met by one receipt that was taken back was never met: its date may have been the mistake.
FORGET = delete(lot).where(
    lot.c.item == bindparam("of_item"),
    lot.c.lot == bindparam("of_lot"),
    lot.c.seen > 0,
    lot.c.held == "",
    select(func.count(movement.c.seq.distinct()))
    .where(movement.c.item == bindparam("of_item"), movement.c.lot == bindparam("of_lot"))
    .scalar_subquery()
    <= 2,  # the receipt and its undoing
)


def meet(tx: Tx, item: str, number: str, expiry: str) -> None:
    tx.run(MEET, item=item, lot=number, expiry=expiry, seen=clock.now())


def forget(tx: Tx, item: str, number: str) -> None:
    """Its one receipt was taken back."""
    tx.run(FORGET, of_item=item, of_lot=number)
