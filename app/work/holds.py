"""Holding and recalling a lot: from that moment no path may promise it, pick it, pack it, load it or ship it.

A hold is a row with who, why and when; a lot may have a hold and a recall at once, and is free when both are cleared.
`lot.held` repeats the reason, and the guards in `stock/ledger.py` ask that at every step, so a hold works at once on
every path there is and every path somebody will write. What was promised is given back by `holds_promises.py`. Somebody
else than who held it clears it; what the ERP held, the ERP clears, or an admin here.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import Integer, bindparam, cast, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import Forbidden, State, Unknown
from app.schema.items import lot
from app.schema.quality import lot_hold
from app.schema.stock import balance, movement
from app.stock import ledger
from app.stock.events import LotHeld, LotReleased
from app.stock.ledger import By
from app.work import duties, people
from app.work.inspections import ended
from app.work.master_terms import KNOWN_ITEM

Kind = Literal["hold", "recall"]
MOST_REASON = 200


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    item: str
    lot: str
    kind: str
    reason: str
    source: str
    state: str
    held_by: str
    held_at: int
    cleared_by: str
    cleared_at: int
    cleared_why: str
    version: int

    @property
    def did(self) -> str:
        return "recalled" if self.kind == "recall" else "on hold"

    @property
    def subject(self) -> str:
        """What its photos belong to."""
        return f"hold {self.id}"


class NoSuchLot(Unknown):
    code, title = "no_such_lot", "No such lot"
    says = "No item here has a lot {scanned}."
    todo = "Scan the label on the goods, or name item and lot."


class AlreadyHeld(State):
    code, title = "already_held", "On hold already"
    says = "Lot {lot} of {item} is {did} already: {reason}."
    todo = "Nothing more is needed."


class NotHeld(State):
    code, title = "not_held", "Not on hold"
    says = "This hold is over, or there never was one."
    todo = "Look at the list again."


class HeldByErp(Forbidden):
    code, title = "held_by_erp", "Held by the ERP"
    says = "Lot {lot} of {item} was put on hold by {source}: it is cleared there."
    todo = "Ask the office, or an admin."


class NoReason(State):
    code, title = "no_reason", "Why?"
    says = "A hold needs a reason of at most {limit} characters."
    todo = "Write why, in a few words."


_NEW = ("id", "item", "lot", "kind", "reason", "source", "held_by", "held_at", "version")
ADD = insert(lot_hold).values(state="open", **{name: bindparam(name) for name in _NEW})
ONE = select(lot_hold).where(lot_hold.c.id == bindparam("which"))
_OF_LOT = (lot_hold.c.item == bindparam("of_item"), lot_hold.c.lot == bindparam("of_lot"))
OPEN_OF = select(lot_hold).where(*_OF_LOT, lot_hold.c.state == "open").order_by(lot_hold.c.kind.desc())
OPEN = (
    select(lot_hold)
    .where(lot_hold.c.state == "open")
    .order_by(lot_hold.c.held_at.desc(), lot_hold.c.id)
    .limit(bindparam("most"))
)
CLEAR = (
    update(lot_hold)
    .where(lot_hold.c.id == bindparam("which"), lot_hold.c.state == "open")
    .values(
        state="cleared", cleared_by=bindparam("who"), cleared_at=bindparam("now"), cleared_why=bindparam("why"),
        version=bindparam("new_version"),
    )
)  # fmt: skip
_MARK = upsert(lot).values(item=bindparam("item"), lot=bindparam("lot"), held=bindparam("held"))
MARK = _MARK.on_conflict_do_update(index_elements=["item", "lot"], set_={"held": _MARK.excluded.held})
ITEMS_WITH = select(lot.c.item).where(lot.c.lot == bindparam("number")).order_by(lot.c.item)
IN_HOUSE = select(cast(func.coalesce(func.sum(balance.c.quantity), 0), Integer)).where(
    balance.c.item == bindparam("of_item"), balance.c.lot == bindparam("of_lot")
)
# Literal, so that both engines find the partial index movement_left.
LEFT = text("(target = '~customer' OR source = '~customer')")
_SIGNED: Any = func.sum(
    text("CASE WHEN target = '~customer' THEN quantity WHEN source = '~customer' THEN -quantity ELSE 0 END")
)
GONE = select(cast(func.coalesce(_SIGNED, 0), Integer)).where(
    movement.c.item == bindparam("of_item"), movement.c.lot == bindparam("of_lot"), LEFT
)


def hold(
    tx: Tx,
    code: str,
    number: str,
    kind: Kind,
    reason: str,
    by: By,
    *,
    key: str = "",
    source: str = "",
    version: int = 0,
) -> Hold:
    """Stop a lot, also one that never came yet. Raises NoReason, NoSuchLot, AlreadyHeld."""
    why = " ".join(reason.split())
    if not why or len(why) > MOST_REASON:
        raise NoReason(limit=MOST_REASON, scanned=why[:20])
    if tx.value(KNOWN_ITEM, key=code) is None or not number:
        raise NoSuchLot(scanned=f"{number} of {code}" if number else code)
    before = of_lot(tx, code, number)
    for one in before:
        if one.kind == kind:
            raise AlreadyHeld(lot=number, item=code, did=one.did, reason=one.reason, scanned=number)
    new = key or clock.new_id()
    tx.run(
        ADD, id=new, item=code, lot=number, kind=kind, reason=why, source=source, held_by=by.worker,
        held_at=clock.now(), version=version,
    )  # fmt: skip
    _mark(tx, code, number)
    ledger.post(
        tx,
        LotHeld(
            hold=new,
            item=code,
            lot=number,
            kind=kind,
            reason=why,
            source=source,
            on_hand=in_house(tx, code, number),
            gone=gone(tx, code, number),
        ),
        by,
    )
    if kind == "recall":
        ended.recalled(tx, code, number, why)
    tx.tell("holds")
    return find(tx, new)


def clear(tx: Tx, key: str, reason: str, by: By, *, source: str = "", version: int = 0) -> str:
    """Set a lot free again, said in a sentence. Raises NotHeld, NoReason, SamePerson, HeldByErp."""
    found = find(tx, key)
    why = " ".join(reason.split())
    if found.state != "open":
        raise NotHeld()
    if not why or len(why) > MOST_REASON:
        raise NoReason(limit=MOST_REASON, scanned=why[:20])
    if not source:
        _refuse_clearing(tx, found, by)
    if tx.run(CLEAR, which=key, who=by.worker, now=clock.now(), why=why, new_version=version or found.version) != 1:
        raise NotHeld()
    left = _mark(tx, found.item, found.lot)
    ledger.post(
        tx,
        LotReleased(
            hold=key,
            item=found.item,
            lot=found.lot,
            kind="recall" if found.kind == "recall" else "hold",
            reason=why,
            held_by=found.held_by,
            source=source,
            still_held=bool(left),
        ),
        by,
    )
    tx.tell("holds")
    if left:
        return f"The {found.kind} is cleared, but lot {found.lot} is still {left[0].did}: {left[0].reason}."
    return f"Lot {found.lot} of {found.item} is free again."


def may_clear(tx: Tx, found: Hold, worker: str) -> bool:
    """Is it worth showing the button?"""
    try:
        _refuse_clearing(tx, found, By(worker=worker))
    except Forbidden:
        return False
    return True


def find(tx: Tx, key: str) -> Hold:
    """Raises NotHeld where there is none."""
    found = tx.one(ONE, Hold, which=key)
    if found is None:
        raise NotHeld()
    return found


def known(tx: Tx, key: str) -> Hold | None:
    return tx.one(ONE, Hold, which=key)


def of_lot(tx: Tx, code: str, number: str) -> list[Hold]:
    """What is open on a lot, a recall before a hold."""
    return tx.all(OPEN_OF, Hold, of_item=code, of_lot=number)


def everything_open(tx: Tx, *, most: int = 500) -> list[Hold]:
    return tx.all(OPEN, Hold, most=most)


def items_with(tx: Tx, number: str) -> list[str]:
    """The items that have a lot of this number."""
    return [row[0] for row in tx.rows(ITEMS_WITH, number=number)]


def in_house(tx: Tx, code: str, number: str) -> int:
    return int(tx.value(IN_HOUSE, of_item=code, of_lot=number) or 0)


def gone(tx: Tx, code: str, number: str) -> int:
    """Base units customers have of it now: shipped, less what came back."""
    return int(tx.value(GONE, of_item=code, of_lot=number) or 0)


def _refuse_clearing(tx: Tx, found: Hold, by: By) -> None:
    who = people.by_code(tx, by.worker)
    if who is None or not who.is_a("supervisor", "admin"):
        raise Forbidden(worker=who.short_name if who else by.worker or "Nobody")
    if found.source and not who.is_a("admin"):
        raise HeldByErp(lot=found.lot, item=found.item, source=found.source)
    if not found.source:
        duties.refuse_same(tx, "hold", found.held_by, "clear_hold", by.worker)


def _mark(tx: Tx, code: str, number: str) -> Sequence[Hold]:
    """Let the lot say the gravest reason that is still open."""
    left = of_lot(tx, code, number)
    held = f"{left[0].kind}: {left[0].reason}" if left else ""
    tx.run(MARK, item=code, lot=number, held=held)
    return left
