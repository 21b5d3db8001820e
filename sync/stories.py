"""Events with a story: those one ERP did not simply take. Each has a row in `delivery`, and the row is its state.

*dead* (rejected), *asks* (a supervisor must accept the ERP's warning), *parked* (behind one of these of its document),
*waiting* (to be offered again), *accepted* after all, *discarded* by two people. What is dead or asks keeps the request
as it was offered and the answer as it came. Every write is guarded in its WHERE: people at the desk decide at the same
moment.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
from sqlalchemy import BindParameter, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import Tx
from app.schema.stock import journal as journal_table
from app.schema.sync import delivery
from app.stock.journal import Entry
from sync import connector_log
from sync.connectors.base import NeedsApproval, Rejected
from sync.messages import Identity, Message, as_message

TOPIC = "connector"  # the desk boards that watch us
RAW_KEPT = 20_000  # characters of a request or an answer

_NAME: BindParameter[str] = bindparam("c")
_MINE = delivery.c.connector == _NAME
_STUCK = or_(delivery.c.state == "dead", delivery.c.state == "asks")
OPEN = or_(delivery.c.state == "waiting", delivery.c.state == "parked", _STUCK)
_other = delivery.alias("other")

BLOCKED = (
    select(delivery.c.document, func.min(delivery.c.seq))
    .where(_MINE, OPEN, delivery.c.document != "")
    .group_by(delivery.c.document)
)
DEAD = select(func.count()).where(_MINE, delivery.c.state == "dead")
WAITING = (
    select(journal_table, delivery.c.approved)
    .join(delivery, delivery.c.seq == journal_table.c.seq)
    .where(_MINE, delivery.c.state == "waiting")
    .order_by(journal_table.c.seq)
    .limit(bindparam("most"))
)
WAITING_SEQS = (
    select(delivery.c.seq).where(_MINE, delivery.c.state == "waiting").order_by(delivery.c.seq).limit(bindparam("most"))
)
_ASIDE: dict[str, BindParameter[str]] = {
    name: bindparam(f"new_{name}") for name in ("document", "state", "answer", "request", "raw", "warning")
}
_NEW_ROW = upsert(delivery).values(
    connector=_NAME, seq=bindparam("n"), attempts=bindparam("tries"), at=bindparam("now"), **_ASIDE
)
WRITE_ROW = _NEW_ROW.on_conflict_do_update(
    index_elements=["connector", "seq"],
    set_={
        **{name: _NEW_ROW.excluded[name] for name in (*_ASIDE, "at") if name != "document"},
        "attempts": delivery.c.attempts + _NEW_ROW.excluded.attempts,
        "decided_by": "",
        "seconded_by": "",
    },
)
_THE_WAITING = and_(_MINE, delivery.c.seq == bindparam("n"), delivery.c.state == "waiting")
FORGET = delete(delivery).where(_THE_WAITING, delivery.c.attempts == 0)  # it only waited its turn
_TRIED = {"attempts": delivery.c.attempts + 1, "at": bindparam("now")}
ACCEPT = update(delivery).where(_THE_WAITING).values(state="accepted", **_TRIED)
STUMBLE = (
    update(delivery)
    .where(_THE_WAITING)
    .values(**_TRIED, **{name: value for name, value in _ASIDE.items() if name != "document"})
)
_BEHIND_ANOTHER = exists().where(
    _other.c.connector == _NAME,
    _other.c.document == delivery.c.document,
    or_(_other.c.state == "dead", _other.c.state == "asks"),
    _other.c.seq < delivery.c.seq,
)
PARK_BEHIND_STUCK = (
    update(delivery)
    .where(_MINE, delivery.c.state == "waiting", delivery.c.document != "", _BEHIND_ANOTHER)
    .values(state="parked")
)
RELEASE = update(delivery).where(_MINE, delivery.c.state == "parked", ~_BEHIND_ANOTHER).values(state="waiting")


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was put aside: what the sink said to it, and to which bytes."""

    seq: int
    document: str
    state: Literal["dead", "asks", "parked"]
    words: str = ""
    warning: str = ""
    raw: str = ""
    request: str = ""


def stuck(message: Message, answer: Rejected | NeedsApproval) -> Aside:
    """What the sink did not take, with what it was offered and what it answered."""
    asks = isinstance(answer, NeedsApproval)
    return Aside(
        seq=message.seq,
        document=message.document,
        state="asks" if asks else "dead",
        words=answer.why,
        warning=answer.name if isinstance(answer, NeedsApproval) else "",
        raw=answer.raw or answer.why,
        request=message.offered.decode(),
    )


class _Waits(Entry, frozen=True, kw_only=True):
    approved: str


def put_aside(tx: Tx, name: str, asides: Sequence[Aside], now: int) -> None:
    tx.many(WRITE_ROW, [{**_row(name, one), "tries": int(one.state != "parked"), "now": now} for one in asides])
    _tell(tx, name, asides)


def settle(tx: Tx, name: str, *, fresh: Sequence[int], again: Sequence[int], stuck: Sequence[Aside], now: int) -> None:
    """The answers to events offered again. What is accepted frees what was parked behind it."""
    accepted = [{"c": name, "n": seq} for seq in (*fresh, *again)]
    tx.many(FORGET, accepted)
    for row in accepted:
        if tx.run(ACCEPT, **row, now=now):
            connector_log.note(tx, name, "accepted", seq=row["n"])  # type: ignore[arg-type]
    tx.many(STUMBLE, [{**_row(name, one), "now": now} for one in stuck])
    _tell(tx, name, stuck)
    sort_lanes(tx, name)
    tx.tell(TOPIC)


def sort_lanes(tx: Tx, name: str) -> None:
    """Park what waits behind a stuck event of its document, release what waits behind none any more."""
    tx.run(PARK_BEHIND_STUCK, c=name)
    tx.run(RELEASE, c=name)


def waiting(tx: Tx, name: str, who: Identity, most: int) -> list[Message]:
    """What is to be offered again, oldest first, with the warnings that were accepted."""
    return [
        msgspec.structs.replace(as_message(entry, who), approved=tuple(filter(None, entry.approved.split("\n"))))
        for entry in tx.all(WAITING, _Waits, c=name, most=most)
    ]


def waiting_seqs(tx: Tx, name: str, most: int) -> list[int]:
    return [int(row[0]) for row in tx.rows(WAITING_SEQS, c=name, most=most)]


def has_waiting(tx: Tx, name: str) -> bool:
    return bool(tx.rows(WAITING, c=name, most=1))


def blocked(tx: Tx, name: str) -> dict[str, int]:
    """The documents with an open row, and the seq after which their events must be parked."""
    return {str(document): int(seq) for document, seq in tx.rows(BLOCKED, c=name)}


def dead(tx: Tx, name: str) -> int:
    return int(tx.value(DEAD, c=name) or 0)


def _row(name: str, one: Aside) -> dict[str, str | int]:
    return {
        "c": name, "n": one.seq, "new_document": one.document, "new_state": one.state, "new_answer": one.words,
        "new_request": one.request[:RAW_KEPT], "new_raw": one.raw[:RAW_KEPT], "new_warning": one.warning,
    }  # fmt: skip


def _tell(tx: Tx, name: str, asides: Sequence[Aside]) -> None:
    for one in asides:
        if one.state != "parked":
            what = "rejected" if one.state == "dead" else "asks"
            connector_log.note(tx, name, what, seq=one.seq, words=one.words)
