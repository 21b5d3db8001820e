"""Each reconciliation as it is kept: what was compared, what was not alike, and who looks after what drifts.

A drift becomes a case with an owner, once; while it stays the same the next night adds nothing to it, and when the two
agree again the case is closed by itself. Nothing here ever writes a balance: the cure is an event on one side (a count
approved here, a correction booked there) or the replay of an event the ERP lost.

A run to which the ERP did not answer is no run of that night: it is made again after a while, some times, and where the
morning comes without one it rings.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import bindparam, exists, func, insert, select

from app import clock
from app.db import Database, Tx
from app.schema.sync import difference, reconciliation
from app.stock.ledger import By
from app.work import exceptions
from sync import failing
from sync.connectors.base import TransportError
from sync.follower import Follower
from sync.reconciling import MOST_DRIFTS, Compared, Unequal

NIGHT_AT = timedelta(hours=2)  # local time
AGAIN_AFTER = 30 * clock.MINUTE
MOST_TRIES = 6  # of one night
NIGHT_LASTS = 4 * clock.HOUR  # from two o'clock on; a night without a run rings then
MOST_CASES = 20  # of one run; the rest of the drifts stands on its page
MOST_KEPT = 1_000  # differences of one run that are written down

ADD = insert(reconciliation).values({column.name: bindparam(column.name) for column in reconciliation.c})
ADD_DIFFERENCE = insert(difference).values({column.name: bindparam(column.name) for column in difference.c})
_OF = reconciliation.c.connector == bindparam("c")
_SAME = (
    difference.c.item == bindparam("of_item"),
    difference.c.lot == bindparam("of_lot"),
    difference.c.status == bindparam("of_status"),
)
LATEST = select(reconciliation).where(_OF).order_by(reconciliation.c.id.desc()).limit(bindparam("most"))
AGREED = select(func.max(reconciliation.c.as_of)).where(
    _OF,
    (reconciliation.c.outcome == "agrees") | (reconciliation.c.outcome == "drifts"),
    ~exists().where(difference.c.reconciliation == reconciliation.c.id, difference.c.drift != 0, *_SAME),
)
DIFFERENCES = select(difference).where(difference.c.reconciliation == bindparam("r")).order_by(difference.c.n)
LAST_NIGHT = select(func.max(reconciliation.c.at)).where(
    _OF, reconciliation.c.worker == "", reconciliation.c.outcome != "failed"
)
LAST_ANSWERED = select(func.max(reconciliation.c.at)).where(_OF, reconciliation.c.outcome != "failed")
IN_VAIN = (
    select(reconciliation.c.at, reconciliation.c.sentence)
    .where(
        _OF,
        reconciliation.c.worker == "",
        reconciliation.c.outcome == "failed",
        reconciliation.c.at >= bindparam("since"),
        reconciliation.c.at < bindparam("until"),
    )
    .order_by(reconciliation.c.id.desc())
    .limit(MOST_TRIES)
)
LAST_COMPARED = (
    select(reconciliation.c.id)
    .where(_OF, reconciliation.c.outcome != "failed", reconciliation.c.outcome != "nothing")
    .order_by(reconciliation.c.id.desc())
    .limit(1)
)


log = logging.getLogger(__name__)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    connector: str
    as_of: int
    at: int
    worker: str
    outcome: str
    sentence: str
    compared: int
    unequal: int
    drifts: int
    took_ms: int


class Difference(Unequal, frozen=True, kw_only=True):
    """One line of a run. `agreed`: as of this event the two last agreed on it, 0 when they never did."""

    reconciliation: str
    n: int
    agreed: int
    exception: str


def reconcile(db: Database, follower: Follower, by: str = "") -> Run:
    """Compare and write down what came of it. Raises Busy."""
    start = time.monotonic()
    try:
        found = follower.reconcile()
        outcome, why = "nothing", f"{follower.name} keeps no stock that could be compared."
    except TransportError as problem:
        found, outcome, why = None, "failed", problem.sentence
    took = int(1000 * (time.monotonic() - start))
    if found is None:
        return _note(db, _run(follower.name, by, outcome, why, took))
    return db.do(lambda tx: _write(tx, follower.name, found, by, took))


def runs(tx: Tx, name: str, most: int = 20) -> list[Run]:
    """Newest first."""
    return tx.all(LATEST, Run, c=name, most=most)


def differences(tx: Tx, run: str) -> list[Difference]:
    return tx.all(DIFFERENCES, Difference, r=run)


def is_due(last: int, now: int, timezone: str) -> bool:
    """Was there no nightly run yet since the last two o'clock?"""
    return last < _night(now, timezone)


def nightly(db: Database, followers: Sequence[Follower], timezone: str) -> list[Run]:
    """Whatever is due now; the round that calls this comes every few minutes."""
    done = []
    for follower in followers:
        with db.reading() as tx:
            is_to_run = _is_to_run(tx, follower.name, clock.now(), timezone)
        if is_to_run:
            done.append(_at_night(db, follower))
    return done


def missed(tx: Tx, name: str, timezone: str, up_since: int) -> str:
    """That the night passed without a run, and why; empty where one was made since, by whomever, or nobody was up."""
    morning = clock.now() - NIGHT_LASTS
    if not is_due(int(tx.value(LAST_ANSWERED, c=name) or 0), morning, timezone):
        return ""
    night = _night(morning, timezone)
    in_vain = tx.rows(IN_VAIN, c=name, since=night, until=night + NIGHT_LASTS)
    if in_vain:
        times = "once" if len(in_vain) == 1 else f"{len(in_vain)} times"
        return f"The night passed without a reconciliation with {name}, tried {times}. {in_vain[0][1]}"
    return f"The night passed, and nobody tried to reconcile with {name}." if up_since < night else ""


def _night(now: int, timezone: str) -> int:
    """The last two o'clock."""
    here = datetime.fromtimestamp(now / clock.SECOND, ZoneInfo(timezone))
    night = here.replace(hour=0, minute=0, second=0, microsecond=0) + NIGHT_AT
    if here < night:
        night -= timedelta(days=1)
    return int(night.timestamp() * clock.SECOND)


def _is_to_run(tx: Tx, name: str, now: int, timezone: str) -> bool:
    if not is_due(int(tx.value(LAST_NIGHT, c=name) or 0), now, timezone):
        return False
    in_vain = tx.rows(IN_VAIN, c=name, since=_night(now, timezone), until=now + 1)
    return not in_vain or (len(in_vain) < MOST_TRIES and now - int(in_vain[0][0]) >= AGAIN_AFTER)


def _at_night(db: Database, follower: Follower) -> Run:
    """One that cannot be compared, whyever, leaves the others their turn."""
    try:
        return reconcile(db, follower)
    except Exception as problem:
        log.warning("no reconciliation with %s: %s", follower.name, failing.in_words(problem))
        return _note(db, _run(follower.name, "", "failed", failing.in_words(problem), 0))


def _note(db: Database, run: Run) -> Run:
    db.do(lambda tx: tx.run(ADD, **msgspec.structs.asdict(run)))
    return run


def _run(name: str, by: str, outcome: str, sentence: str, took: int, found: Compared | None = None) -> Run:
    return Run(
        id=clock.new_id(), connector=name, as_of=found.as_of if found else 0, at=clock.now(), worker=by,
        outcome=outcome, sentence=sentence, compared=found.compared if found else 0,
        unequal=len(found.unequal) if found else 0, drifts=len(found.drifts) if found else 0, took_ms=took,
    )  # fmt: skip


def _write(tx: Tx, name: str, found: Compared, by: str, took: int) -> Run:
    drifts = found.drifts
    outcome = "many" if len(drifts) > MOST_DRIFTS else "drifts" if drifts else "agrees"
    run = _run(name, by, outcome, in_words(name, found), took, found)
    before = {_stock(one): one for one in _last(tx, name) if one.exception}
    rows = []
    for n, one in enumerate(found.unequal[:MOST_KEPT]):
        agreed = _agreed(tx, name, one) if one.drift and n < MOST_CASES else 0
        case = _case(tx, name, one, agreed, before.pop(_stock(one), None)) if one.drift and n < MOST_CASES else ""
        rows.append(
            {**msgspec.structs.asdict(one), "reconciliation": run.id, "n": n, "agreed": agreed, "exception": case}
        )
    for old in before.values():
        _settle(tx, name, old, found.as_of)
    tx.run(ADD, **msgspec.structs.asdict(run))
    tx.many(ADD_DIFFERENCE, rows)
    tx.tell("connector")
    return run


def in_words(name: str, found: Compared) -> str:
    drifts, others = found.drifts, len(found.unequal) - len(found.drifts)
    way = f"{others:,} {'differs' if others == 1 else 'differ'} by events it has not taken."
    if not drifts and others:
        alike = found.compared - others
        return f"As of event {found.as_of:,} {alike:,} of {found.compared:,} stocks agree with {name}, {way}"
    if not drifts:
        return f"As of event {found.as_of:,} all {found.compared:,} stocks agree with {name}."
    first = drifts[0]
    verb = "stock differs" if len(drifts) == 1 else "stocks differ"
    return (
        f"As of event {found.as_of:,}, {len(drifts):,} {verb} from {name} for no reason we know, the most {_what(first)}:"
        f" {_unexplained(first)}.{f' Another {way}' if others else ''}"
    )


def drift_in_words(name: str, one: Unequal, agreed: int) -> str:
    told = f"{_what(one)}: {one.floor:,} here, {one.erp:,} at {name}, {_unexplained(one)}."
    if one.lacks:
        told += f" {name} never had event {one.lacks:,}: replay from there."
    told += f" Both have every event of it up to {one.common:,}." if one.common else f" {name} has no event of it."
    return told + (f" As of event {agreed:,} the two agreed." if agreed else "")


def _unexplained(one: Unequal) -> str:
    return f"{abs(one.drift):,} {'more' if one.drift > 0 else 'fewer'} here than any event explains"


def _what(one: Unequal) -> str:
    return f"{one.item}{f' lot {one.lot}' if one.lot else ''} {one.status}"


def _stock(one: Unequal) -> tuple[str, str, str]:
    return one.item, one.lot, one.status


def _last(tx: Tx, name: str) -> list[Difference]:
    last = tx.value(LAST_COMPARED, c=name)
    return differences(tx, str(last)) if last else []


def _agreed(tx: Tx, name: str, one: Unequal) -> int:
    return int(tx.value(AGREED, c=name, of_item=one.item, of_lot=one.lot, of_status=one.status) or 0)


def _case(tx: Tx, name: str, one: Unequal, agreed: int, before: Difference | None) -> str:
    """The case of this drift: the one of the last run while nothing changed, else a new one."""
    if before is not None:
        if before.drift == one.drift and exceptions.find(tx, before.exception).state == "open":
            return before.exception
        _settle(tx, name, before, 0)
    return exceptions.add(
        tx, "ledger_drift", drift_in_words(name, one, agreed), document=f"connector {name}", item=one.item, lot=one.lot,
        quantity=abs(one.drift), by=By(worker="", device="reconciliation"),
    )  # fmt: skip


def _settle(tx: Tx, name: str, old: Difference, as_of: int) -> None:
    """Close a case that is no more as it was, unless somebody closed it."""
    if exceptions.find(tx, old.exception).state == "open":
        told = (
            f"The two agree again as of event {as_of:,}."
            if as_of
            else "It differs by another number now: see the new case."
        )
        exceptions.settle(tx, old.exception, told, By(worker="", device="reconciliation"))
