"""The trail of a thing: every event that moved it or decided about it, with its worker, device and the raw scan that made it.

An order, its returns and what was sent in exchange are one trail.
"""

from typing import Any

import msgspec
from sqlalchemy import Text, bindparam, func, literal, or_, select, union_all

from app.desk.trace_meanings import ASKED
from app.schema.floor import scan
from app.schema.people import worker
from app.schema.returns import rma
from app.schema.stock import journal, movement
from app.stock.events import decode


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the trail."""

    seq: int
    at: int
    kind: str
    words: str
    worker: str
    worker_name: str
    device: str
    document: str
    raw: str  # what was scanned, as it came


_TRAIL = (
    select(
        journal.c.seq, journal.c.at, journal.c.kind, journal.c.body, journal.c.worker,
        func.coalesce(worker.c.name, journal.c.worker), journal.c.device, journal.c.document,
        func.coalesce(scan.c.raw, ""),
    )
    .select_from(
        journal.outerjoin(worker, worker.c.code == journal.c.worker).outerjoin(scan, scan.c.id == journal.c.cause)
    )
    .order_by(journal.c.seq.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)  # fmt: skip
_SEQS = select(movement.c.seq)


def _family(of: Any) -> Any:
    """The lanes of an order, its returns and what was sent in exchange, whichever of them is asked for."""
    return journal.c.document.in_(
        union_all(
            select(bindparam("doc", type_=Text)),
            select(literal("rma ") + rma.c.code).where(of),
            select(literal("order ") + rma.c.order_code).where(of, rma.c.order_code != ""),
            select(literal("order ") + rma.c.replacement).where(of, rma.c.replacement != ""),
        )
    )


TRAIL: dict[str, Any] = {
    # What is decided of an item without moving it, a hold of a lot, stands in its own lane.
    "item": _TRAIL.where(
        or_(journal.c.seq.in_(_SEQS.where(movement.c.item == ASKED)), journal.c.document == bindparam("doc"))
    ),
    "lot": _TRAIL.where(journal.c.seq.in_(_SEQS.where(movement.c.item == bindparam("of"), movement.c.lot == ASKED))),
    "serial": _TRAIL.where(
        journal.c.seq.in_(_SEQS.where(movement.c.serial == ASKED, movement.c.item == bindparam("of")))
    ),
    "lpn": _TRAIL.where(
        or_(
            journal.c.seq.in_(_SEQS.where(movement.c.source_lpn == ASKED)),
            journal.c.seq.in_(_SEQS.where(movement.c.target_lpn == ASKED)),
            journal.c.document == bindparam("doc"),
        )
    ),
    "location": _TRAIL.where(
        journal.c.seq.in_(_SEQS.where(or_(movement.c.source == ASKED, movement.c.target == ASKED)))
    ),
    # An order, what came back of it and what was sent in exchange are one trail.
    "order": _TRAIL.where(_family(or_(rma.c.order_code == ASKED, rma.c.replacement == ASKED))),
    "rma": _TRAIL.where(_family(rma.c.code == ASKED)),
    "po": _TRAIL.where(journal.c.document == bindparam("doc")),
    "worker": _TRAIL.where(journal.c.worker == ASKED),
}


def step(row: Any) -> Step:
    return Step(
        seq=row[0], at=row[1], kind=row[2], words=decode(bytes(row[3])).in_words(), worker=row[4], worker_name=row[5],
        device=row[6], document=row[7], raw=row[8],
    )  # fmt: skip
