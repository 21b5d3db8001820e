"""Corrections of the books by word of a worker: what lies there differs, or goods leave for good. Asked for, judged, posted.

Within the asker's own limits (value, per cent, units; a write-off by value alone) it is posted at once. Above them either
a supervisor releases it at the device, or it waits as a row for the desk, where somebody else approves or rejects it.
Every one is kept with both names, its reason and its photo; without a price no limit by value can be judged, so nothing
is guessed. A request is a difference, not a target: what moves meanwhile does not make it wrong.
"""

from typing import Literal

import msgspec
from sqlalchemy import bindparam, insert, select, update

from app import clock
from app.db import Tx
from app.errors import State, Wrong
from app.schema.storage import adjustment
from app.stock import balances
from app.stock.balances import Balance
from app.stock.events import Adjusted, WrittenOff
from app.stock.ledger import By
from app.stock.slots import Slot, Status
from app.work import duties, limits, photos, reasons
from app.work.moves_refused import MoreThanFree

Kind = Literal["adjust", "write_off"]
ALONE = "~limit"  # approver of what is within the asker's own limits
DIRECTION = {"found": 1, "lost": -1}  # reasons of an adjustment that mean only one way


class Promised(MoreThanFree):
    title = "Promised to orders"
    says = "{item} at {place}: only {free} are free, the rest is promised; {scanned} less cannot be."
    todo = "Count {place}: a count settles promises, too."


class Ask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One correction of one slot, as it is asked for."""

    kind: Kind
    item: str
    slot: Slot
    change: int  # base units, not 0; a write-off is less than 0
    booked: int
    serial: str = ""
    reason: str = ""
    photo: str = ""

    @property
    def place(self) -> str:
        return self.slot.lpn or self.slot.location

    @property
    def what(self) -> str:
        """`3 × MUG less at A-01`, `3 × MUG written off at A-01`"""
        way = "written off" if self.kind == "write_off" else "more" if self.change > 0 else "less"
        return f"{abs(self.change)} × {self.item} {way} at {self.place}"


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """A correction as it is kept."""

    id: str
    kind: Kind
    item: str
    location: str
    lpn: str
    lot: str
    status: Status
    serial: str
    change: int
    booked: int
    value: int
    reason: str
    asked_by: str
    asked: int
    state: str  # waiting, posted, rejected, undone
    decided_by: str
    decided: int
    decision: str
    seq: int

    @property
    def subject(self) -> str:
        """The case its photos belong to."""
        return f"adjustment {self.id}"

    @property
    def ask(self) -> Ask:
        slot = Slot(location=self.location, lpn=self.lpn, lot=self.lot, status=self.status)
        return Ask(
            kind=self.kind, item=self.item, slot=slot, change=self.change, booked=self.booked, serial=self.serial,
            reason=self.reason,
        )  # fmt: skip


class NotCorrected(Wrong):
    code, title = "not_corrected_here", "Not corrected here"
    says = "{scanned} is not corrected by hand: {reason}."
    todo = "Use the job it belongs to."


class NoSuchCorrection(State):
    code, title = "no_such_correction", "Not there"
    says = "No correction is called {scanned}."


class AlreadyDecided(State):
    code, title = "already_decided", "Decided already"
    says = "{name} decided on this: {state}."
    todo = "Nothing is left to do."


class NoReasonGiven(State):
    code, title = "no_reason", "Why?"
    says = "Rejecting needs a reason, for whoever asked."
    todo = "Write why."


ADD = insert(adjustment).values(**{name: bindparam(name) for name in Correction.__struct_fields__})
FIND = select(adjustment).where(adjustment.c.id == bindparam("which"))
DECIDE = (
    update(adjustment)
    .where(adjustment.c.id == bindparam("which"), adjustment.c.state == "waiting")
    .values(
        state=bindparam("new_state"), decided_by=bindparam("by"), decided=bindparam("at"), decision=bindparam("why"),
        seq=bindparam("event"),
    )
)  # fmt: skip
STAND = update(adjustment).where(adjustment.c.id == bindparam("which")).values(state=bindparam("new_state"))


# ── judging ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def refuse(tx: Tx, ask: Ask) -> None:
    """May the books be changed so now? Raises MoreThanFree."""
    if ask.change > 0:
        return
    held = held_at(tx, ask.item, ask.slot)
    free = held.free if held is not None else 0
    if -ask.change > free:
        facts = {"item": ask.item, "place": ask.place, "scanned": str(-ask.change), "field": "quantity"}
        if held is not None and -ask.change <= held.quantity:
            raise Promised(free=free, **facts)
        raise MoreThanFree(expected=free, **facts)


def refuse_limits(tx: Tx, worker: str, ask: Ask) -> None:
    """May `worker` decide this alone? Raises AboveLimit (a NeedsRelease) for the first limit passed, NoPrice."""
    kinds = ["write_off_value"] if ask.kind == "write_off" else ["adjust_value", "adjust_percent", "adjust_quantity"]
    stricter = reasons.check(tx, ask.kind, ask.reason).limit_kind
    size = abs(ask.change)
    for kind in [*kinds, *([stricter] if stricter and stricter not in kinds else [])]:
        if kind.endswith("_value"):
            limits.refuse_value_above(tx, worker, kind, ask.item, size, what=ask.what)
        elif kind.endswith("_percent"):
            share = -(-size * 100 // ask.booked) if ask.booked else 100
            limits.refuse_above(tx, worker, kind, share, what=ask.what)
        else:
            limits.refuse_above(tx, worker, kind, size, what=ask.what)


def held_at(tx: Tx, item: str, slot: Slot) -> Balance | None:
    for row in balances.of_item_at(tx, item, slot.location):
        if row.slot == slot:
            return row
    return None


# ── posting ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def begin(tx: Tx, ask: Ask, worker: str, *, approver: str = "") -> tuple[Correction, Adjusted | WrittenOff | None]:
    """Keep a correction. With an approver (or ALONE) it comes with its event, to be posted now; else it waits."""
    refuse(tx, ask)
    now = clock.now()
    value = limits.value_of(tx, ask.item, ask.change)
    kept = Correction(
        id=clock.new_id(), kind=ask.kind, item=ask.item, location=ask.slot.location, lpn=ask.slot.lpn,
        lot=ask.slot.lot, status=ask.slot.status, serial=ask.serial, change=ask.change, booked=ask.booked,
        value=-1 if value is None else value, reason=ask.reason, asked_by=worker, asked=now,
        state="posted" if approver else "waiting", decided_by=approver, decided=now if approver else 0, decision="",
        seq=0,
    )  # fmt: skip
    tx.run(ADD, **msgspec.structs.asdict(kept))
    if ask.photo:
        photos.link(tx, ask.photo, kept.subject, worker)
    tx.tell("corrections")
    return kept, event_of(kept, approver) if approver else None


def event_of(kept: Correction, approver: str) -> Adjusted | WrittenOff:
    ask = kept.ask
    if kept.kind == "write_off":
        return WrittenOff(
            item=kept.item, slot=ask.slot, quantity=-kept.change, reason=kept.reason, approver=approver,
            asked_by=kept.asked_by, case=kept.id, serial=kept.serial, value=max(kept.value, 0),
        )  # fmt: skip
    return Adjusted(
        item=kept.item, slot=ask.slot, change=kept.change, reason=kept.reason, approver=approver, serial=kept.serial,
        case=kept.id, asked_by=kept.asked_by,
    )  # fmt: skip


def find(tx: Tx, key: str) -> Correction:
    found = tx.one(FIND, Correction, which=key)
    if found is None:
        raise NoSuchCorrection(scanned=key[:40] or "Nothing")
    return found


def approved(tx: Tx, key: str, by: By) -> tuple[Correction, Adjusted | WrittenOff]:
    """A waiting request granted, with the event to post. Raises AlreadyDecided, SamePerson, AboveLimit, MoreThanFree."""
    kept = _waiting(tx, key)
    first, second = _duties(kept)
    duties.refuse_same(tx, first, kept.asked_by, second, by.worker)
    kept = _where_it_is(tx, kept)
    refuse(tx, kept.ask)
    refuse_limits(tx, by.worker, kept.ask)
    return kept, event_of(kept, by.worker)


def decide(
    tx: Tx, kept: Correction, state: Literal["posted", "rejected"], by: By, *, why: str = "", seq: int = 0
) -> None:
    """Write the decision down, once. Raises AlreadyDecided, and for a rejection SamePerson, NoReasonGiven."""
    if state == "rejected":
        first, second = _duties(kept)
        duties.refuse_same(tx, first, kept.asked_by, second, by.worker)
        if not why.strip():
            raise NoReasonGiven()
    done = tx.run(
        DECIDE, which=kept.id, new_state=state, by=by.worker, at=clock.now(), why=why.strip(), event=seq
    )  # fmt: skip
    if done != 1:
        raise _decided(find(tx, kept.id))
    tx.tell("corrections")


def counted(tx: Tx, event: Adjusted | WrittenOff, sign: int) -> None:
    """Progress: a correction taken back at once is no longer posted. A count's own adjustment has no row here."""
    if event.case:
        tx.run(STAND, which=event.case, new_state="posted" if sign > 0 else "undone")


def _duties(kept: Correction) -> tuple[duties.Duty, duties.Duty]:
    if kept.kind == "write_off":
        return "ask_write_off", "approve_write_off"
    return "ask_adjustment", "approve_adjustment"


def _waiting(tx: Tx, key: str) -> Correction:
    kept = find(tx, key)
    if kept.state != "waiting":
        raise _decided(kept)
    return kept


def _decided(kept: Correction) -> AlreadyDecided:
    return AlreadyDecided(name=kept.decided_by if kept.decided_by != ALONE else kept.asked_by, state=kept.state)


def _where_it_is(tx: Tx, kept: Correction) -> Correction:
    """An LPN may have been carried on since."""
    plate = balances.carrier(tx, kept.lpn) if kept.lpn else None
    return msgspec.structs.replace(kept, location=plate.location) if plate is not None else kept
