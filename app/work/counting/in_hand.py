"""What somebody has in hand still lies in the bin by the books: whoever counts the bin then would count it as missing.

A picker's units are booked when they lie in the tote, a filler's when the pick face is scanned. Till then no number is taken
for that place; afterwards the movement is in the journal, and a count knows what to do with those.
"""

import msgspec
from sqlalchemy import and_, bindparam, select

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.floor import session
from app.schema.people import worker as worker_table
from app.schema.work import pick, task


class GoodsInHand(State):
    code, title = "goods_in_hand", "Goods in a hand"
    says = "{picker} has goods of {place} in hand; they are not booked yet."
    todo = "Wait until they are set down, then scan again."


class _Taken(msgspec.Struct, frozen=True):
    taken: int = 0
    serials: tuple[str, ...] = ()


class _Stands(msgspec.Struct, frozen=True):
    """What concerns a count of the screen a worker stands at."""

    pick: str = ""
    hand: _Taken = _Taken()
    location: str = ""


# Whose task is still theirs: an abandoned hand does not keep a bin from being counted for longer than its lease.
_AT_WORK = task.join(session, session.c.worker == task.c.worker).join(
    worker_table, worker_table.c.code == session.c.worker
)
_HELD = and_(task.c.state == "started", task.c.until > bindparam("now"), session.c.worker != bindparam("counter"))
PICKING = (
    select(worker_table.c.name, session.c.state, pick.c.id)
    .select_from(_AT_WORK.join(pick, pick.c.task == task.c.id))
    .where(
        _HELD, pick.c.location == bindparam("place"), pick.c.state == "open", session.c.screen.startswith("picking.")
    )
)
FILLING = (
    select(worker_table.c.name, session.c.state)
    .select_from(_AT_WORK)
    .where(_HELD, task.c.kind == "replenish", session.c.screen == "replenishing.face")
)


def refuse(tx: Tx, place: str, counter: str) -> None:
    """Raises GoodsInHand. What is in one's own hand one knows of."""
    now = clock.now()
    for name, state, line in tx.rows(PICKING, place=place, counter=counter, now=now):
        stands = msgspec.json.decode(state, type=_Stands)
        if stands.pick == line and (stands.hand.taken or stands.hand.serials):
            raise GoodsInHand(picker=name, place=place, scanned=place)
    for name, state in tx.rows(FILLING, counter=counter, now=now):
        if msgspec.json.decode(state, type=_Stands).location == place:
            raise GoodsInHand(picker=name, place=place, scanned=place)
