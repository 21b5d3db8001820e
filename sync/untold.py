"""What counts as untold, though it was told: a person has it told again, or the ERP says that it did not take it.

Going back in the journal is not enough where the ERP cannot be asked what it has: a folder's own note of what was dropped
would answer "duplicate" to all of it. So each such wish is a row here, written with the decision; the follower has the
connector forget those events before it offers anything more, then the row goes. A connector whose ERP can be asked needs
none of it: there the row just goes.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select

from app import clock
from app.db import Tx
from app.schema.sync import untold
from sync.connectors.base import Untold

TOPIC = "untold"  # the followers that watch it
MOST = 1_000  # wishes followed at once; the others right after

_MINE = untold.c.connector == bindparam("c")
ADD = insert(untold).values(
    id=bindparam("key"), connector=bindparam("c"), first=bindparam("low"), last=bindparam("high")
)
WAITING = select(untold.c.id, untold.c.first, untold.c.last).where(_MINE).order_by(untold.c.id).limit(MOST)
DONE = delete(untold).where(_MINE, untold.c.id == bindparam("key"))


def add(tx: Tx, name: str, first: int, last: int) -> None:
    """Events `first` to `last` count as untold."""
    tx.run(ADD, key=clock.new_id(), c=name, low=first, high=last)
    tx.tell(TOPIC)


def waiting(tx: Tx, name: str) -> list[Untold]:
    return tx.all(WAITING, Untold, c=name)


def done(tx: Tx, name: str, wishes: Sequence[Untold]) -> None:
    """The connector has forgotten them."""
    tx.many(DONE, [{"c": name, "key": one.id} for one in wishes])
