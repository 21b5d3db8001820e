"""Something a worker could not settle alone: it is written down with an owner and a due time, and work goes on."""

from sqlalchemy import bindparam, insert

from app import clock
from app.db import Tx
from app.schema.work import exception

ANSWER_WITHIN = 4 * clock.HOUR

_ROW = ("id", "code", "sentence", "document", "item", "location", "owner", "due", "worker", "created")
ADD = insert(exception).values(**{name: bindparam(name) for name in _ROW})


def add(
    tx: Tx,
    code: str,
    sentence: str,
    *,
    document: str = "",
    item: str = "",
    location: str = "",
    worker: str = "",
    owner: str = "supervisor",
) -> str:
    """Returns the exception's id."""
    key, now = clock.new_id(), clock.now()
    tx.run(
        ADD,
        id=key,
        code=code,
        sentence=sentence,
        document=document,
        item=item,
        location=location,
        owner=owner,
        due=now + ANSWER_WITHIN,
        worker=worker,
        created=now,
    )
    tx.tell("exceptions")
    return key
