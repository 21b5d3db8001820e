"""How a connector stands, in words a supervisor reads at a glance: how far the ERP has accepted, and what is in its way."""

import msgspec
from sqlalchemy import bindparam, func, select

from app import clock
from app.db import Tx
from app.schema.stock import journal as journal_table
from app.schema.sync import connector, delivery
from app.stock import journal
from sync.connectors.base import Connector
from sync.delivery import Audience
from sync.pace import Pace
from sync.stories import OPEN

_MINE = delivery.c.connector == bindparam("c")
ROW = select(
    connector.c.cursor,
    connector.c.state,
    connector.c.sentence,
    connector.c.since,
    connector.c.sent,
    connector.c.duplicates,
    connector.c.late,
    connector.c.paused_by,
).where(connector.c.name == bindparam("c"))
COUNTS = select(delivery.c.state, func.count()).where(_MINE).group_by(delivery.c.state)
OLDEST_OPEN = select(func.min(delivery.c.seq)).where(_MINE, OPEN)
AT_OR_AFTER = (
    select(journal_table.c.at).where(journal_table.c.seq >= bindparam("seq")).order_by(journal_table.c.seq).limit(1)
)


class ConnectorState(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the ledger page."""

    name: str
    kind: str
    address: str
    way: str  # how it tells the ERP, where there are several ways
    owner: str  # whose goods it tells of; empty: everybody's
    moves: bool  # also of goods that only change their bin
    state: str  # sending, waiting, paused, stopped
    sentence: str
    since: int  # µs
    accepted_to: int  # every event up to here was accepted, or has its own row
    last_seq: int
    backlog: int  # events the ERP has not accepted yet, dead letters not counted
    oldest_unsent_s: int  # age of the oldest event not accepted, 0: none
    dead: int
    asks: int  # warnings of the ERP a supervisor must accept
    parked: int
    discarded: int
    sent: int
    duplicates: int
    late: int  # of those sent: accepted later than the desk is warned after
    failed: int  # tries in a row without an answer
    circuit: str  # closed, open, half-open; empty: known to the server that tells it
    next_try_s: float
    rate: float  # events a second, over the last ten seconds
    last_error: str  # the follower's sentence
    last_raw: str  # the other side's own words
    paused_by: str
    elsewhere: str = ""  # the server of this house that tells it, where it is not this one


def standing(
    tx: Tx, who: Connector, pace: Pace, rate: float, trouble: str, audience: Audience, elsewhere: str = ""
) -> ConnectorState:
    """Read from the tables what stays, from the follower what is of the moment. `trouble`: why its thread stopped.
    Where another server tells it, what is of the moment is known there only.
    """
    row = tx.row(ROW, c=who.name) or (0, "sending", "", 0, 0, 0, 0, "")
    cursor, state, sentence, since, sent, duplicates, late, paused_by = row
    count = {str(name): int(number) for name, number in tx.rows(COUNTS, c=who.name)}
    last = journal.last_seq(tx)
    backlog = max(0, last - cursor) + count.get("waiting", 0) + count.get("parked", 0)
    oldest = tx.value(OLDEST_OPEN, c=who.name)
    first = min(cursor + 1, cursor + 1 if oldest is None else oldest)
    at = tx.value(AT_OR_AFTER, seq=first)
    dead, asks = count.get("dead", 0), count.get("asks", 0)
    moving = backlog - count.get("parked", 0) if state == "sending" else backlog
    trouble = "" if elsewhere else trouble
    told = trouble or _in_words(state, sentence, cursor, moving, rate, pace, elsewhere, all_else=bool(dead or asks))
    by_whom = f" Told by another server of this house: {elsewhere}." if elsewhere else ""
    return ConnectorState(
        name=who.name,
        kind=who.kind,
        address=who.address,
        way=who.way,
        owner=audience.owner,
        moves=audience.moves,
        state="stopped" if trouble else state,
        sentence=told + _of_dead(dead, asks, count.get("parked", 0)) + by_whom,
        since=since,
        accepted_to=cursor,
        last_seq=last,
        backlog=backlog,
        oldest_unsent_s=0 if at is None else max(0, (clock.now() - at) // clock.SECOND),
        dead=dead,
        asks=asks,
        parked=count.get("parked", 0),
        discarded=count.get("discarded", 0),
        sent=sent,
        duplicates=duplicates,
        late=late,
        failed=pace.failures,
        circuit="" if elsewhere else pace.circuit,
        next_try_s=round(pace.wait_s, 1),
        rate=round(rate, 1),
        last_error=pace.last_error,
        last_raw=pace.last_raw,
        paused_by=paused_by,
        elsewhere=elsewhere,
    )


def _in_words(
    state: str, sentence: str, cursor: int, backlog: int, rate: float, pace: Pace, elsewhere: str, *, all_else: bool
) -> str:
    events = f"{backlog:,} event{'' if backlog == 1 else 's'}"
    wait = f"{events} {'waits' if backlog == 1 else 'wait'}"
    if state == "paused":
        return f"{sentence} {wait}." if backlog else sentence
    if state == "waiting" and elsewhere:
        return f"{sentence} {wait}, none is lost."
    if state == "waiting":
        soon = f"next try in {pace.wait_s:.0f} s" if pace.wait_s >= 1 else "trying now"
        return f"{pace.last_error or sentence} {wait}, none is lost; {soon}."
    if backlog:
        return f"{events} on {'its' if backlog == 1 else 'their'} way" + (
            f", {rate:,.0f} a second." if rate >= 1 else "."
        )
    what = "All else" if all_else else "Everything"
    return f"{what} up to event {cursor:,} is accepted." if cursor else "Nothing to send yet."


def _of_dead(dead: int, asks: int, parked: int) -> str:
    letters = ("1 dead letter" if dead == 1 else f"{dead:,} dead letters") if dead else ""
    warnings = ("1 warning" if asks == 1 else f"{asks:,} warnings") if asks else ""
    both, one = " and ".join(filter(None, (letters, warnings))), dead + asks == 1
    if not both:
        return ""
    if parked:
        return f" {both} {'holds' if one else 'hold'} {parked:,} later events of the same documents."
    return f" {both} {'needs' if one else 'need'} a decision."
