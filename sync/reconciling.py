"""Reconciling: is every difference between the floor and one ERP explained, to the piece?

As of one event: difference = unsent + in flight + unacknowledged + given up + drift. Unsent was not told yet; in flight
was told and the answer never came; unacknowledged waits for a person at the desk; given up was discarded by two. What is
left is drift, and only drift is wrong. Lag is no drift: the follower asks between two batches, when it knows exactly
what the ERP was told, and asks the ERP about what it is in doubt of.

A house speaks to its ERP for one site, also where it has several: its messages name no other, what goes from bin to bin
is not told, and a hand or a cart is at none. So all its sites are compared as one, however the ERP keeps them apart; rows
of sites that are not in this house are another house's.
"""

from collections.abc import Sequence, Set

import msgspec
from sqlalchemy import bindparam, or_, select

from app.db import Database, Tx
from app.schema.stock import journal as journal_table
from app.schema.stock import movement
from app.stock import journal
from app.stock.slots import ENDLESS
from app.work import transfers
from sync import delivery, stock_sums, stories
from sync.connectors.base import Connector, OnHand
from sync.messages import Identity
from sync.stock_sums import Stock, Sums

KEYS_AT_ONCE = 500
MOST_DRIFTS = 1_000  # of one run; more is not a drift but a wrong snapshot
MOST_TRACED = 100  # drifts whose last common event is looked for
MOST_EVENTS = 2_000  # of one item, lot and status, newest, that are looked through

OF_OWNER = (
    select(journal_table.c.seq)
    .where(
        journal_table.c.seq > bindparam("low"),
        journal_table.c.seq <= bindparam("high"),
        journal_table.c.owner == bindparam("whose"),
    )
    .order_by(journal_table.c.seq)
)
TOUCHING = (
    select(movement.c.seq)
    .where(
        movement.c.item == bindparam("of_item"),
        movement.c.lot == bindparam("of_lot"),
        (movement.c.source_status == bindparam("of_status")) | (movement.c.target_status == bindparam("of_status")),
        # What only changes its bin changes no total, and the ERP may not be told of it.
        or_(
            movement.c.source_status != movement.c.target_status,
            *(end == endless for end in (movement.c.source, movement.c.target) for endless in sorted(ENDLESS)),
        ),
        movement.c.seq <= bindparam("high"),
    )
    .distinct()
    .order_by(movement.c.seq.desc())
    .limit(bindparam("most"))
)


class Unequal(msgspec.Struct, frozen=True, kw_only=True):
    """One item, lot and status that the two sides do not have alike, and why."""

    item: str
    lot: str
    status: str
    floor: int
    erp: int
    unsent: int = 0
    in_flight: int = 0
    unacknowledged: int = 0
    given_up: int = 0
    drift: int = 0  # more here than there, and no event explains it; below zero: more there
    common: int = 0  # the last event of it that both sides have, without a gap before it
    lacks: int = 0  # the first event of it that the ERP says it never had; 0: it has them all


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    as_of: int
    compared: int  # items, lots and statuses
    unequal: list[Unequal]

    @property
    def drifts(self) -> list[Unequal]:
        return [one for one in self.unequal if one.drift]


def compare(
    floor: Sums, erp: Sums, *, unsent: Sums, in_flight: Sums, unacknowledged: Sums, given_up: Sums
) -> tuple[int, list[Unequal]]:
    """How many were compared, and those that are not alike; what drifts first, the largest first."""
    unequal = []
    stocks = floor.keys() | erp.keys()
    for stock in stocks:
        here, there = floor.get(stock, 0), erp.get(stock, 0)
        why = [reason.get(stock, 0) for reason in (unsent, in_flight, unacknowledged, given_up)]
        drift = here - there - sum(why)
        if here != there or drift:
            unequal.append(
                Unequal(
                    item=stock[0], lot=stock[1], status=stock[2], floor=here, erp=there, unsent=why[0],
                    in_flight=why[1], unacknowledged=why[2], given_up=why[3], drift=drift,
                )
            )  # fmt: skip
    unequal.sort(key=lambda one: (-abs(one.drift), one.item, one.lot, one.status))
    return len(stocks), unequal


def look(db: Database, connector: Connector, who: Identity, owner: str, in_doubt: int) -> Compared | None:
    """Compare now; on the follower's thread, between two batches. None: this ERP keeps no stock we may ask for.

    Raises TransportError.
    """
    with db.reading() as tx:
        cursor, last = delivery.cursor(tx, connector.name)[0], journal.last_seq(tx)
        again = stories.waiting_seqs(tx, connector.name, KEYS_AT_ONCE)
        doubtful = _spoken_of(tx, cursor, min(in_doubt, last), owner)
    applied = _applied(connector, who, [*again, *doubtful])
    told = connector.snapshot(cursor)
    if told is None:
        return None
    with db.reading() as tx:
        erp = _summed(told, {"", who.site, *transfers.own_sites(tx)})
        last = journal.last_seq(tx)
        compared, unequal = compare(
            stock_sums.on_hand(tx, last, owner),
            erp,
            unsent=stock_sums.between(tx, max(cursor, in_doubt), last, owner),
            in_flight=stock_sums.of_events(tx, [seq for seq in doubtful if seq not in applied]),
            unacknowledged=stock_sums.less(
                stock_sums.not_taken(tx, connector.name, cursor),
                stock_sums.of_events(tx, [seq for seq in again if seq in applied]),
            ),
            given_up=stock_sums.given_up(tx, connector.name, cursor),
        )
        traced = [_traced(tx, one, connector, who, cursor) for one in unequal[:MOST_TRACED] if one.drift]
    return Compared(as_of=last, compared=compared, unequal=traced + unequal[len(traced) :])


def _spoken_of(tx: Tx, low: int, high: int, owner: str) -> Sequence[int]:
    """The events after `low` up to `high` that this ERP is told of."""
    if not owner:
        return range(low + 1, high + 1)
    return [int(row[0]) for row in tx.rows(OF_OWNER, low=low, high=high, whose=owner)]


def _summed(told: Sequence[OnHand], sites: Set[str]) -> Sums:
    erp: Sums = {}
    for row in told:
        if row.site in sites:
            stock: Stock = (row.item, row.lot, row.status)
            erp[stock] = erp.get(stock, 0) + row.quantity
    return {stock: quantity for stock, quantity in erp.items() if quantity}


def _applied(connector: Connector, who: Identity, seqs: Sequence[int]) -> set[int]:
    keys = {who.key(seq): seq for seq in seqs}
    known: set[str] = set()
    asked = list(keys)
    for start in range(0, len(asked), KEYS_AT_ONCE):
        known |= connector.lookup(asked[start : start + KEYS_AT_ONCE])
    return {keys[key] for key in known if key in keys}


def _traced(tx: Tx, one: Unequal, connector: Connector, who: Identity, cursor: int) -> Unequal:
    """Name the last event of it that both have, and the first that the ERP lacks."""
    found = tx.rows(TOUCHING, of_item=one.item, of_lot=one.lot, of_status=one.status, high=cursor, most=MOST_EVENTS)
    seqs = [int(row[0]) for row in reversed(found)]
    stories = delivery.stories_of(tx, connector.name, seqs)
    told = [seq for seq in seqs if stories.get(seq, "accepted") == "accepted"]
    applied = _applied(connector, who, told)
    lacks = next((seq for seq in told if seq not in applied), 0)
    common = max((seq for seq in told if seq in applied and (not lacks or seq < lacks)), default=0)
    return msgspec.structs.replace(one, common=common, lacks=lacks)
