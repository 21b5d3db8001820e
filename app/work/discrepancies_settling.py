"""Deciding on a difference: what is short is accepted; goods on hold are released, sent back or written off.

Somebody else decides than who received, within their own limits: a write-off is a loss of value, and setting unordered
goods free is buying them. Part of the goods may be decided one way and the rest another; the case stays open till nothing
waits for it. Each decision is one event that moves the goods and tells the ERP, with both names.
"""

from typing import Literal

from sqlalchemy import bindparam, select, update

from app import clock
from app.db import Tx
from app.errors import BadAmount, State
from app.schema.work import discrepancy
from app.stock import ledger
from app.stock.events import DiscrepancySettled
from app.stock.ledger import By
from app.stock.refusals import NotEnough
from app.stock.slots import SCRAP, SUPPLIER, Slot
from app.work import discrepancies_hold, duties, limits
from app.work.discrepancies import TITLES, Case
from app.work.exceptions import LONGEST_REASON, AlreadyClosed, NoReason

Outcome = Literal["accepted", "released", "sent_back", "written_off"]
DONE = {"accepted": "Accepted", "released": "Released", "sent_back": "Sent back", "written_off": "Written off"}
BOUGHT = ("unplanned", "wrong_item", "over")  # releasing these is taking in what nobody ordered

ONE = select(*(discrepancy.c[name] for name in Case.__struct_fields__)).where(discrepancy.c.id == bindparam("which"))
_OPEN = (discrepancy.c.id == bindparam("which"), discrepancy.c.state == "open")
TAKE = update(discrepancy).where(*_OPEN).values(taken_by=bindparam("who"))
LESS = update(discrepancy).where(*_OPEN).values(quantity=discrepancy.c.quantity - bindparam("q"))
CLOSE = (
    update(discrepancy)
    .where(*_OPEN)
    .values(
        state="closed", decided=bindparam("told"), decided_by=bindparam("who"), closed=bindparam("now"),
    )
)  # fmt: skip


class OnHoldForIt(State):
    code, title = "on_hold_for_it", "Goods wait on hold"
    says = "{quantity} × {item} wait on hold for this: they are released, sent back or written off."
    todo = "Decide on the goods, at the receipts."


class NothingHeld(State):
    code, title = "nothing_held", "Nothing on hold"
    says = "No goods wait on hold for this: there is nothing to release or write off."
    todo = "Accept it with a reason."


def find(tx: Tx, key: str) -> Case:
    """Raises AlreadyClosed where there is none."""
    found = tx.one(ONE, Case, which=key)
    if found is None:
        raise AlreadyClosed()
    return found


def take(tx: Tx, key: str, worker: str) -> str:
    """Somebody looks into it. Raises AlreadyClosed."""
    if tx.run(TAKE, which=key, who=worker) != 1:
        raise AlreadyClosed()
    tx.tell("discrepancies")
    return "You take care of it."


def settle(tx: Tx, key: str, outcome: Outcome, reason: str, by: By, *, quantity: int = 0) -> str:
    """Decide on a case, or on `quantity` of its goods; 0 is all of them. Says what was done.

    Raises AlreadyClosed, NoReason, SamePerson, OnHoldForIt, NothingHeld, BadAmount, AboveLimit, NoPrice, NotEnough.
    """
    case, why = find(tx, key), " ".join(reason.split())
    if case.state != "open":
        raise AlreadyClosed()
    if not why or len(why) > LONGEST_REASON:
        raise NoReason(limit=LONGEST_REASON, scanned=why[:20])
    duties.refuse_same(tx, "receive", case.worker, "judge_discrepancy", by.worker)
    count = _amount(case, outcome, quantity)
    _refuse_above_limit(tx, case, outcome, count, by)
    held = discrepancies_hold.held_for(tx, case) if count else []
    if sum(one.quantity for one in held) < count:
        lot = f" in lot {case.lot}" if case.lot else ""
        raise NotEnough(place=case.lpn or case.location, quantity=count, item=case.item, detail=f"{lot} on hold")
    gone = {"sent_back": Slot(location=SUPPLIER), "written_off": Slot(location=SCRAP)}
    event = DiscrepancySettled(
        id=key,
        kind=case.kind,
        outcome=outcome,
        reason=why,
        decided_by=by.worker,
        received_by=case.worker,
        lane=case.document,
        item=case.item,
        moved=tuple(discrepancies_hold.moves(tx, held, count, gone.get(outcome))),
    )
    ledger.post(tx, event, by)
    said = f"{DONE[outcome]}: {count} × {case.item}" if count else f"{DONE[outcome]}: {case.item or case.document}"
    tx.tell("discrepancies")
    if count < case.quantity:
        tx.run(LESS, which=key, q=count)
        return f"{said}; {case.quantity - count} still wait."
    tx.run(CLOSE, which=key, told=f"{DONE[outcome].lower()}: {why}", who=by.worker, now=clock.now())
    return f"{said}."


def _amount(case: Case, outcome: Outcome, quantity: int) -> int:
    if outcome == "accepted":
        if case.quantity:
            raise OnHoldForIt(quantity=case.quantity, item=case.item)
        return 0
    if not case.quantity:
        raise NothingHeld()
    if not 0 <= quantity <= case.quantity:
        raise BadAmount(amount=quantity, reason=f"{case.quantity} wait for this.", scanned=str(quantity))
    return quantity or case.quantity


def _refuse_above_limit(tx: Tx, case: Case, outcome: Outcome, count: int, by: By) -> None:
    what = f"{count} × {case.item}, {TITLES.get(case.kind, case.kind)}"
    if outcome == "written_off":
        limits.refuse_value_above(tx, by.worker, "write_off_value", case.item, count, what=f"{what} written off")
    elif outcome == "released" and case.kind in BOUGHT:
        limits.refuse_value_above(tx, by.worker, "unplanned_value", case.item, count, what=f"{what} taken in")
