"""What the ERP stops and sets free: a lot on hold, a recall, and the end of either.

The sender's code names the hold, so the same message again changes nothing, and its end finds it. A lot that never came
may be held beforehand: it is then on hold the moment it is received. An unknown item waits as a dead letter.
"""

from typing import Annotated

from msgspec import Meta

from app.db import Tx
from app.stock.ledger import By
from app.work import holds, holds_promises
from app.work.holds import AlreadyHeld, Hold, NoSuchLot
from app.work.master_terms import Code, Message, Outcome, applied, dead, judge, missing_item

SOURCE = "the ERP"
LotNumber = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f\x7f]+\Z")]
Why = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*\Z")]


class StockHold(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="stock.hold"):
    """Let nothing of this lot leave for now."""

    item: Code
    lot: LotNumber
    reason: Why


class StockRecall(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="stock.recall"):
    """Let nothing of this lot leave; who got it is asked for."""

    item: Code
    lot: LotNumber
    reason: Why


class StockRelease(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="stock.release"):
    """The hold or recall of this code is over."""

    reason: Why = "cleared by the ERP"


def hold(tx: Tx, message: StockHold, by: By) -> Outcome:
    return _stop(tx, message, "hold", by)


def recall(tx: Tx, message: StockRecall, by: By) -> Outcome:
    return _stop(tx, message, "recall", by)


def release(tx: Tx, message: StockRelease, by: By) -> Outcome:
    found = holds.known(tx, message.code)
    name = f"Hold {message.code}"
    if found is None:
        return dead(f"{name} is not known yet.", missing=f"hold {message.code}")
    settled = judge(message, name, found.version, alike=found.state == "cleared")
    if settled is not None:
        return settled
    if found.state == "cleared":
        return Outcome(state="same", sentence=f"{name} is over already.")
    return applied(holds.clear(tx, found.id, message.reason, by, source=SOURCE, version=message.version))


def _stop(tx: Tx, message: StockHold | StockRecall, kind: holds.Kind, by: By) -> Outcome:
    found = holds.known(tx, message.code)
    name = f"Hold {message.code}"
    settled = judge(message, name, None if found is None else found.version, alike=True)
    if settled is not None:
        return settled
    if found is not None:
        return _again(message, found, kind)
    try:
        held = holds.hold(
            tx, message.item, message.lot, kind, message.reason, by, key=message.code, source=SOURCE,
            version=message.version,
        )  # fmt: skip
    except NoSuchLot:
        return missing_item(message.item, name)
    except AlreadyHeld as refusal:
        return dead(f"{name}: {refusal.sentence}")
    given = holds_promises.give_back(tx, held.item, held.lot, f"lot {held.lot} {held.did}", by)
    holds_promises.name_carried(tx, held.item, held.lot, by.worker)
    return applied(f"Lot {held.lot} of {held.item} is {held.did}. {given.in_words()}", is_new=True)


def _again(message: StockHold | StockRecall, found: Hold, kind: str) -> Outcome:
    """A newer version of a hold cannot turn it into another: that is a new code."""
    if found.state == "cleared" or (found.item, found.lot, found.kind) != (message.item, message.lot, kind):
        return dead(f"Hold {message.code} is {found.state}, for lot {found.lot} of {found.item}: send a new code.")
    return Outcome(state="same", sentence=f"Hold {message.code} is already so.")
