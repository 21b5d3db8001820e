"""The one writer of journal, movements, balances, allocations, serials and LPNs. Stock moves here and nowhere else.

`post()` gives an event the next number, chains its hash to the one before, and applies what the event says of itself:
first promises given back, then movements, then LPNs carried along, then new promises. Every change of a balance is one
guarded UPDATE: it finds enough free (or enough promised to this very line), or the turn is refused. The CHECKs on the
tables are the alarm behind the guards, never the guard.
"""

import hashlib
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, exists, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.schema.items import lot as lots
from app.schema.stock import allocation, balance, journal, lpn, movement, serial
from app.stock import owners
from app.stock.events import AnyEvent, Undone
from app.stock.refusals import CyclicNest, DuplicateSerial, LpnEnded, NotEnough, OnHold, SerialElsewhere
from app.stock.slots import CUSTOMER, ENDLESS, Carry, Claim, Movement, Slot

DEEPEST = 20  # LPNs inside LPNs


class By(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it, where, and which scan, message or command made it so."""

    worker: str = ""
    device: str = ""
    station: str = ""
    cause: str = ""
    at: int = 0  # µs UTC; 0: now
    owner: str = ""


def _p(*names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


_HEADER = ("kind", "at", "worker", "device", "station", "cause", "document", "owner", "body", "hash")
WRITE_JOURNAL = insert(journal).values(**_p("seq", *_HEADER))
_MOVED = ("item", "lot", "serial", "quantity", "grams", "source", "source_lpn", "source_status")
WRITE_MOVEMENT = insert(movement).values(**_p("seq", "n", *_MOVED, "target", "target_lpn", "target_status", "line"))

_AT = and_(
    balance.c.item == bindparam("i"),
    balance.c.location == bindparam("l"),
    balance.c.lpn == bindparam("p"),
    balance.c.lot == bindparam("t"),
    balance.c.status == bindparam("s"),
)
_LOT_IS_FREE = ~exists(
    select(lots.c.lot).where(lots.c.item == bindparam("i"), lots.c.lot == bindparam("t"), lots.c.held != "")
)
_LESS = {"quantity": balance.c.quantity - bindparam("q"), "grams": balance.c.grams - bindparam("g")}
TAKE_FREE = update(balance).where(_AT, balance.c.quantity - balance.c.allocated >= bindparam("q")).values(_LESS)
# The way back is open also for a lot on hold: off the truck, into its tote again.
TAKE_PROMISED_BACK = (
    update(balance)
    .where(_AT, balance.c.allocated >= bindparam("q"))
    .values(**_LESS, allocated=balance.c.allocated - bindparam("q"))
)
TAKE_PROMISED = TAKE_PROMISED_BACK.where(_LOT_IS_FREE)
_NEW_BALANCE = upsert(balance).values(
    **_p("item", "location", "lpn", "lot", "status", "quantity", "allocated", "grams", "since")
)
PUT = _NEW_BALANCE.on_conflict_do_update(
    index_elements=["item", "location", "lpn", "lot", "status"],
    set_={
        "quantity": balance.c.quantity + _NEW_BALANCE.excluded.quantity,
        "allocated": balance.c.allocated + _NEW_BALANCE.excluded.allocated,
        "grams": balance.c.grams + _NEW_BALANCE.excluded.grams,
    },
)
PROMISE = (
    update(balance)
    .where(
        _AT,
        balance.c.quantity - balance.c.allocated >= bindparam("q"),
        balance.c.status == "available",
        _LOT_IS_FREE,
    )
    .values(allocated=balance.c.allocated + bindparam("q"))
)
UNPROMISE = (
    update(balance)
    .where(_AT, balance.c.allocated >= bindparam("q"))
    .values(allocated=balance.c.allocated - bindparam("q"))
)

_NEW_ALLOCATION = upsert(allocation).values(**_p("line", "item", "location", "lpn", "lot", "quantity"))
KEEP_PROMISE = _NEW_ALLOCATION.on_conflict_do_update(
    index_elements=["line", "item", "location", "lpn", "lot"],
    set_={"quantity": allocation.c.quantity + _NEW_ALLOCATION.excluded.quantity},
)
END_PROMISE = (
    update(allocation)
    .where(
        allocation.c.line == bindparam("o"),
        allocation.c.item == bindparam("i"),
        allocation.c.location == bindparam("l"),
        allocation.c.lpn == bindparam("p"),
        allocation.c.lot == bindparam("t"),
        allocation.c.quantity >= bindparam("q"),
    )
    .values(quantity=allocation.c.quantity - bindparam("q"))
)

_NEW_SERIAL = upsert(serial).values(serial=bindparam("number"), **_p("item", "lot", "location", "lpn", "status"))
_IS_GONE = or_(*(serial.c.location == end for end in sorted(ENDLESS)))
ADMIT_SERIAL = _NEW_SERIAL.on_conflict_do_update(
    index_elements=["item", "serial"],
    set_={name: _NEW_SERIAL.excluded[name] for name in ("lot", "location", "lpn", "status")},
    where=_IS_GONE,
)
MOVE_SERIAL = (
    update(serial)
    .where(
        serial.c.item == bindparam("i"),
        serial.c.serial == bindparam("number"),
        serial.c.location == bindparam("l"),
        serial.c.lpn == bindparam("p"),
        serial.c.lot == bindparam("t"),
        serial.c.status == bindparam("s"),
    )
    .values(location=bindparam("to_l"), lpn=bindparam("to_p"), status=bindparam("to_s"))
)
WHERE_IS_SERIAL = select(serial.c.location, serial.c.lpn, serial.c.lot, serial.c.status).where(
    serial.c.item == bindparam("i"), serial.c.serial == bindparam("number")
)

# A plate known but free (voided, or printed ahead of its goods) takes the document it is now used for.
_NEW_LPN = upsert(lpn).values(**_p("code", "kind", "parent", "location", "document", "state"))
NEW_LPN = _NEW_LPN.on_conflict_do_update(
    index_elements=["code"],
    set_={"document": _NEW_LPN.excluded.document},
    where=or_(lpn.c.state == "void", lpn.c.document == ""),
)
# A plate that ended carries nothing again, unless a new use begins (not after its goods left) or a step is taken back.
CARRY_ANY_LPN = update(lpn).where(lpn.c.code == bindparam("p")).values(**_p("location", "parent", "state"))
CARRY_LPN = CARRY_ANY_LPN.where(lpn.c.state != "void", lpn.c.state != "gone")
BEGIN_LPN = CARRY_ANY_LPN.where(lpn.c.state != "gone")
STATE_OF_LPN = select(lpn.c.state).where(lpn.c.code == bindparam("p"))
PARENT_OF = select(lpn.c.parent).where(lpn.c.code == bindparam("p"))
LOT_HOLD = select(lots.c.held).where(lots.c.item == bindparam("i"), lots.c.lot == bindparam("t"))


def post(tx: Tx, event: AnyEvent, by: By) -> int:
    """Make `event` so, and return its seq.

    Must run inside the writer's transaction. Raises NotEnough, OnHold, SerialElsewhere, DuplicateSerial, CyclicNest, LpnEnded, or
    where two owners' goods would be mixed;
    the caller's savepoint then takes everything back.
    """
    assert tx.head is not None, "stock moves only through the writer"
    seq, before = tx.head[0] + 1, tx.head[1]
    at = by.at or clock.now()
    claims, moves = event.claims(), event.movements()
    owner = by.owner or owners.of_event(tx, event, moves)
    for claim in claims:
        if claim.quantity < 0:
            _give_back(tx, claim)
    rows = []
    for n, move in enumerate(moves):
        _move(tx, move, event, at)
        rows.append(_as_row(move))
        tx.run(WRITE_MOVEMENT, seq=seq, n=n, **rows[-1])
    for carried in event.carries():
        _carry(tx, carried, again=isinstance(event, Undone))
    for claim in claims:
        if claim.quantity > 0:
            _promise(tx, claim)

    body = msgspec.json.encode(event)
    header = {
        "kind": str(type(event).__struct_config__.tag),
        "at": at,
        "worker": by.worker,
        "device": by.device,
        "station": by.station,
        "cause": by.cause,
        "document": event.document,
        "owner": owner,
    }
    link = chain(before, seq, header, body, rows)
    tx.run(WRITE_JOURNAL, seq=seq, **header, body=body, hash=link)
    tx.head = (seq, link)
    tx.news.add("journal")
    return seq


def chain(before: bytes, seq: int, header: dict[str, Any], body: bytes, rows: list[dict[str, Any]]) -> bytes:
    """The hash of one journal row: over the hash before it, its number, header, body and movement rows."""
    told = msgspec.json.encode([seq, *header.values(), [list(row.values()) for row in rows]])
    return hashlib.sha256(before + told + body).digest()


def _as_row(move: Movement) -> dict[str, Any]:
    source, target = move.source, move.target
    return {
        "item": move.item,
        "lot": move.lot,
        "serial": move.serial,
        "quantity": move.quantity,
        "grams": move.grams,
        "source": source.location,
        "source_lpn": source.lpn,
        "source_status": source.status,
        "target": target.location,
        "target_lpn": target.lpn,
        "target_status": target.status,
        "line": move.line,
    }


def _move(tx: Tx, move: Movement, event: AnyEvent, at: int) -> None:
    source, target, quantity, line = move.source, move.target, move.quantity, move.line
    item, lot = move.item, move.lot
    leaves_hold = event.leaves_hold
    if not leaves_hold:
        _refuse_hold(tx, move, event.feeds_orders)
    if source.location not in ENDLESS:
        where = {"i": item, "l": source.location, "p": source.lpn, "t": lot}
        promised = TAKE_PROMISED_BACK if leaves_hold else TAKE_PROMISED
        take = promised if line else TAKE_FREE
        if tx.run(take, **where, s=source.status, q=quantity, g=move.grams) != 1:
            raise _why_not(tx, item, source, lot, quantity, line)
        if line and tx.run(END_PROMISE, **where, o=line, q=quantity) != 1:
            raise _why_not(tx, item, source, lot, quantity, line)
    if target.location not in ENDLESS:
        tx.run(
            PUT,
            item=item,
            location=target.location,
            lpn=target.lpn,
            lot=lot,
            status=target.status,
            quantity=quantity,
            allocated=quantity if line else 0,
            grams=move.grams,
            since=at,
        )
        if line:
            tx.run(
                KEEP_PROMISE,
                line=line,
                item=item,
                location=target.location,
                lpn=target.lpn,
                lot=lot,
                quantity=quantity,
            )
    if move.serial:
        _move_serial(tx, move)


def _refuse_hold(tx: Tx, move: Movement, feeds_orders: bool) -> None:
    """Goods keep their status while they move, and only available goods of a free lot may be promised or leave."""
    source, target = move.source, move.target
    leaves = bool(move.line) or target.location == CUSTOMER
    if source.location in ENDLESS:
        return
    changed = target.location not in ENDLESS and source.status != target.status
    if changed or (leaves and source.status != "available"):
        raise OnHold(item=move.item, detail=f" at {source.location}", status=source.status)
    if (leaves or feeds_orders) and not move.line and (why := tx.value(LOT_HOLD, i=move.item, t=move.lot)):
        raise OnHold(item=move.item, detail=f" lot {move.lot}", status=why)


def _move_serial(tx: Tx, move: Movement) -> None:
    source, target = move.source, move.target
    if source.location in ENDLESS:
        admitted = tx.run(
            ADMIT_SERIAL,
            item=move.item,
            number=move.serial,
            lot=move.lot,
            location=target.location,
            lpn=target.lpn,
            status=target.status,
        )
        if admitted != 1:
            place = tx.row(WHERE_IS_SERIAL, i=move.item, number=move.serial) or ("", "")
            raise DuplicateSerial(serial=move.serial, item=move.item, where=place[1] or place[0], scanned=move.serial)
        return
    moved = tx.run(
        MOVE_SERIAL,
        i=move.item,
        number=move.serial,
        l=source.location,
        p=source.lpn,
        t=move.lot,
        s=source.status,
        to_l=target.location,
        to_p=target.lpn,
        to_s=target.status,
    )
    if moved != 1:
        found = tx.row(WHERE_IS_SERIAL, i=move.item, number=move.serial)
        where = "not known here" if found is None else _place_of(*found)
        raise SerialElsewhere(serial=move.serial, item=move.item, where=where, scanned=move.serial)


def _place_of(location: str, lpn: str, lot: str, status: str) -> str:
    """`at A-01-01 in lot L1, quarantine`"""
    in_lot = f" in lot {lot}" if lot else ""
    return f"at {lpn or location}{in_lot}" + (f", {status}" if status != "available" else "")


def _carry(tx: Tx, carried: Carry, again: bool) -> None:
    if carried.parent:
        _refuse_circle(tx, carried.lpn, carried.parent)
    if carried.kind:
        tx.run(
            NEW_LPN,
            code=carried.lpn,
            kind=carried.kind,
            parent=carried.parent,
            location=carried.location,
            document=carried.document,
            state=carried.state,
        )
    carry = CARRY_ANY_LPN if again else BEGIN_LPN if carried.kind else CARRY_LPN
    if tx.run(carry, p=carried.lpn, location=carried.location, parent=carried.parent, state=carried.state) != 1:
        ended = tx.value(STATE_OF_LPN, p=carried.lpn)
        if ended is not None:
            raise LpnEnded(scanned=carried.lpn, state=ended)


def _refuse_circle(tx: Tx, code: str, parent: str) -> None:
    above = parent
    for _ in range(DEEPEST):
        if above == code:
            raise CyclicNest(lpn=code, parent=parent, scanned=parent)
        above = tx.value(PARENT_OF, p=above) or ""
        if not above:
            return
    raise CyclicNest(lpn=code, parent=parent, scanned=parent)


def _promise(tx: Tx, claim: Claim) -> None:
    slot = claim.slot
    where = {"i": claim.item, "l": slot.location, "p": slot.lpn, "t": slot.lot}
    if tx.run(PROMISE, **where, s=slot.status, q=claim.quantity) != 1:
        raise _why_not(tx, claim.item, slot, slot.lot, claim.quantity, "")
    tx.run(
        KEEP_PROMISE,
        line=claim.line,
        item=claim.item,
        location=slot.location,
        lpn=slot.lpn,
        lot=slot.lot,
        quantity=claim.quantity,
    )


def _give_back(tx: Tx, claim: Claim) -> None:
    slot = claim.slot
    where = {"i": claim.item, "l": slot.location, "p": slot.lpn, "t": slot.lot, "q": -claim.quantity}
    promised = tx.run(END_PROMISE, **where, o=claim.line)
    if promised != 1 or tx.run(UNPROMISE, **where, s=slot.status) != 1:
        raise NotEnough(
            place=slot.lpn or slot.location, quantity=-claim.quantity, item=claim.item, detail=f" for {claim.line}"
        )


def _why_not(tx: Tx, item: str, slot: Slot, lot: str, quantity: int, line: str) -> OnHold | NotEnough:
    if (line or slot.status == "available") and (why := tx.value(LOT_HOLD, i=item, t=lot)):
        return OnHold(item=item, detail=f" lot {lot}", status=why)
    detail = (f" in lot {lot}" if lot else "") + (f" for {line}" if line else "")
    return NotEnough(place=slot.lpn or slot.location, quantity=quantity, item=item, detail=detail)
