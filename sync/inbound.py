"""What the ERP sends us, kept and answered exactly once per source and id.

The inbox row is written in the transaction that applies the message, so an answer given is an effect kept. The same id
again gets the same answer; the same id with other content is refused and changes nothing. What cannot be applied is kept
as a dead letter with a sentence; where it only waits for something else (an item, an order, goods to be put back), it is
replayed by itself when that is there. How one is tried is `attempts.py`.
"""

import hashlib

import msgspec
from sqlalchemy import bindparam, insert, select, update

from app import clock
from app.db import Database, Tx
from app.errors import Refusal
from app.schema.sync import inbox
from app.work import duties, master, master_waiting
from app.work.master import (
    AsnUpsert,
    ItemUpsert,
    OrderRelease,
    PurchaseOrderUpsert,
    RmaAuthorised,
    TransferAnnounced,
    TransferRelease,
)
from sync import attempts, refusals

REPLAYED_AT_ONCE = 200  # dead letters behind one arrival, or in one sweep; the next sweep takes the rest
BETWEEN_SCANS = 20  # of them in one turn of the writer

FIND = select(inbox).where(inbox.c.source == bindparam("from_source"), inbox.c.id == bindparam("key"))
KEEP = insert(inbox).values({column.name: bindparam(column.name) for column in inbox.c})
SETTLE = (
    update(inbox)
    .where(inbox.c.source == bindparam("from_source"), inbox.c.id == bindparam("key"))
    .values(
        state=bindparam("new_state"), sentence=bindparam("words"), missing=bindparam("lacks"), code=bindparam("named")
    )
)
WAITING_FOR = (
    select(inbox.c.source, inbox.c.id)
    .where(inbox.c.missing == bindparam("lacks"), inbox.c.state == "dead")
    .order_by(inbox.c.at, inbox.c.version)
    .limit(bindparam("most"))
)
THERE_BY_NOW = (
    select(inbox.c.missing)
    .where(inbox.c.missing > "", inbox.c.state == "dead", master_waiting.is_there(inbox.c.missing))
    .distinct()
    .order_by(inbox.c.missing)
    .limit(REPLAYED_AT_ONCE)
)
WAITED_TO_BE_TOLD = (
    select(inbox.c.missing)
    .where(inbox.c.type == "event.refused", inbox.c.missing != "", inbox.c.state == "dead")
    .order_by(inbox.c.at)
    .limit(REPLAYED_AT_ONCE)
)
LAST_APPLIED = select(inbox.c.at).where(inbox.c.state == "applied").order_by(inbox.c.at.desc()).limit(1)


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the sender hears, the first time and every time after."""

    source: str
    id: str
    state: str  # applied, same, stale, dead, discarded
    sentence: str
    missing: str = ""
    code: str = ""  # of what was not taken: bad_content, waits, not_now, our_fault … or a refusal's own
    at: int = 0  # when it was taken in, µs UTC: no two applied messages have the same


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An inbox row."""

    source: str
    id: str
    type: str
    subject: str
    version: int
    state: str
    sentence: str
    body: bytes
    at: int
    digest: str
    missing: str
    code: str

    def answer(self) -> Answer:
        return Answer(**{name: getattr(self, name) for name in Answer.__struct_fields__})


class IdReused(Refusal):
    code, title, http = "id_reused", "Id used twice", 422
    says = "The message id {id} of {source} was already used for something else."
    todo = "Give every message an id of its own."


class NoSuchMessage(Refusal):
    code, title, http = "no_such_message", "No such message", 404
    says = "There is no message {id} of {source} in the inbox."


class NotDead(Refusal):
    code, title = "not_dead", "Not a dead letter"
    says = "Message {id} is {state}; only a dead letter can be discarded."


class NoReason(Refusal):
    code, title = "no_reason", "Why?"
    says = "A message is only discarded with a reason."


def accept(
    tx: Tx, *, source: str, id: str, type: str, subject: str = "", version: int = 0, body: bytes, digest: str = ""
) -> Answer:
    """Take one message in, inside the writer's transaction. Raises IdReused."""
    digest = digest or digest_of(type, subject, version, body)
    kept = tx.one(FIND, Kept, from_source=source, key=id)
    if kept is not None:
        if kept.digest != digest:
            raise IdReused(id=id, source=source)
        return kept.answer()
    outcome, message, code = attempts.attempt(tx, f"{source} {id}", type, subject=subject, version=version, body=body)
    at = max(clock.now(), heard(tx) + 1)
    tx.run(
        KEEP,
        source=source,
        id=id,
        type=type,
        subject=message.code if message is not None else subject,
        version=message.version if message is not None else version,
        state=outcome.state,
        sentence=outcome.sentence,
        body=body,
        at=at,
        digest=digest,
        missing=outcome.missing,
        code=code,
    )
    if outcome.state == "applied":
        replay_what_waited(tx, message)
    tx.tell("inbox")
    return _answer(source, id, outcome, code, at)


def heard(tx: Tx) -> int:
    """When the newest message that was applied came in, µs UTC; 0 for none. Whoever reads after it sees what it did."""
    return int(tx.value(LAST_APPLIED) or 0)


def digest_of(type: str, subject: str, version: int, body: bytes) -> str:
    return hashlib.sha256(msgspec.json.encode([type, subject, version]) + body).hexdigest()


def replay(tx: Tx, source: str, id: str) -> Answer:
    """Try a dead letter again; any other message only repeats its answer. Raises NoSuchMessage."""
    kept = tx.one(FIND, Kept, from_source=source, key=id)
    if kept is None:
        raise NoSuchMessage(source=source, id=id)
    if kept.state != "dead":
        return kept.answer()
    outcome, message, code = attempts.attempt(
        tx, f"{source} {id}", kept.type, subject=kept.subject, version=kept.version, body=kept.body
    )
    _settle(tx, kept, outcome.state, outcome.sentence, outcome.missing, code)
    if outcome.state == "applied":
        replay_what_waited(tx, message)
    return _answer(source, id, outcome, code, kept.at)


def discard(tx: Tx, source: str, id: str, *, reason: str, by: str, second: str) -> Answer:
    """Give a dead letter up, with a reason and two people. Raises NoSuchMessage, NotDead, NoReason or SamePerson."""
    kept = tx.one(FIND, Kept, from_source=source, key=id)
    if kept is None:
        raise NoSuchMessage(source=source, id=id)
    if not reason.strip():
        raise NoReason()
    if kept.state != "dead":
        raise NotDead(id=id, state=kept.state)
    duties.refuse_same(tx, "propose_discard", by, "second_discard", second)
    sentence = f"Discarded by {by} and {second}: {reason.strip()}. It was: {kept.sentence}"
    _settle(tx, kept, "discarded", sentence, "", kept.code)
    return Answer(source=source, id=id, state="discarded", sentence=sentence, code=kept.code, at=kept.at)


def replay_what_waited(tx: Tx, arrived: master.AnyMessage | None) -> int:
    """Replay the dead letters that waited for what this message brought; how many were tried."""
    match arrived:
        case ItemUpsert(code=code):
            return _replay_waiting(tx, f"item {code}")
        case OrderRelease(code=code):
            return _replay_waiting(tx, f"order {code}")
        case PurchaseOrderUpsert(code=code):
            return _replay_waiting(tx, f"purchase_order {code}")
        case RmaAuthorised(code=code):
            return _replay_waiting(tx, f"rma {code}")
        case AsnUpsert(code=code):
            return _replay_waiting(tx, f"asn {code}")
        case TransferRelease(code=code) | TransferAnnounced(code=code):
            return _replay_waiting(tx, f"transfer {code}")
    return 0


def sweep(tx: Tx) -> int:
    """Replay dead letters whose missing thing came by another way (an import, a put-back); how many were tried."""
    return sum(_replay_waiting(tx, lacks) for lacks in _there_by_now(tx))


def sweep_gently(db: Database) -> int:
    """The same while the floor works: looked for on a reader, replayed a few at a time between the scans."""
    with db.reading() as tx:
        found = _there_by_now(tx)
    tried = 0
    for lacks in found:
        for _ in range(REPLAYED_AT_ONCE // BETWEEN_SCANS):
            some = db.do(lambda tx, lacks=lacks: _replay_waiting(tx, lacks, BETWEEN_SCANS))  # type: ignore[misc]
            tried += some
            if some < BETWEEN_SCANS:
                break
    return tried


def _there_by_now(tx: Tx) -> list[str]:
    there = [str(row[0]) for row in tx.rows(THERE_BY_NOW)]
    return there + [str(row[0]) for row in tx.rows(WAITED_TO_BE_TOLD) if refusals.is_told(tx, row[0])]


def _replay_waiting(tx: Tx, lacks: str, most: int = REPLAYED_AT_ONCE) -> int:
    waiting = tx.rows(WAITING_FOR, lacks=lacks, most=most)
    for source, id in waiting:
        replay(tx, source, id)
    return len(waiting)


def _settle(tx: Tx, kept: Kept, state: str, sentence: str, missing: str, code: str) -> None:
    tx.run(SETTLE, from_source=kept.source, key=kept.id, new_state=state, words=sentence, lacks=missing, named=code)
    tx.tell("inbox")


def _answer(source: str, id: str, outcome: master.Outcome, code: str, at: int) -> Answer:
    told = {"state": outcome.state, "sentence": outcome.sentence, "missing": outcome.missing}
    return Answer(source=source, id=id, code=code, at=at, **told)
