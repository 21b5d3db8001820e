"""Customer orders: release, change, hold, cancel — also in the middle of a pick.

Until somebody has picked for it, an order is what the last message says: its promises are given back, its open picks
are cancelled and it waits in the pool again. Once goods are in a tote, lines can only shrink: what is already picked
stays, and the answer says how much that is. Hold and cancel take the untouched part back at once and leave a put-back
task for what is in the tote; a held order is released again when that is done. An order that is picked whole, or further,
is only paused by a hold: its goods and cartons wait where they are, and a release goes on there. What is all on the truck
can be neither held nor cancelled. What was cancelled is opened again by a newer release (`master_orders_again.py`).
"""

from app.db import Tx
from app.stock.ledger import By
from app.work import master_orders_again, master_take_back
from app.work.master_order_lines import (
    ORDER,
    KnownLine,
    KnownOrder,
    OrderChange,
    OrderRelease,
    lines_of,
    refuse_lines,
    rewrite_lines,
    same_lines,
    write_head,
)
from app.work.master_orders_again import in_words, to_put_back
from app.work.master_take_back import cut_line, settle, take_back, take_back_all
from app.work.master_terms import Message, Outcome, Text, applied, dead, judge

CHANGEABLE = ("pool", "held", "waved", "picking", "picked")
PAUSABLE = ("picked", "packing", "packed", "staged")
HOLDABLE = ("pool", "waved", "picking", "held", *PAUSABLE)
CANCELLABLE = ("pool", "held", "waved", "picking", "picked", "packing", "packed", "staged", "backordered")
IN_WORDS = {"packing": "being packed", "waved": "in a wave", "picking": "being picked"}
ONLY_RELEASE = "it cannot be changed, only a newer order.release opens it again"


class OrderHold(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="order.hold"):
    """Do not ship this for now."""

    reason: Text = ""


class OrderCancel(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="order.cancel"):
    """Do not ship this at all."""

    reason: Text = ""


def release(tx: Tx, message: OrderRelease, by: By) -> Outcome:
    """A new order enters the pool; a held or cancelled one comes back to it; any other is changed."""
    known = tx.one(ORDER, KnownOrder, key=message.code)
    if known is None:
        name = f"Order {message.code}"
        refused = refuse_lines(tx, message, name)
        if refused is not None:
            return refused
        write_head(tx, message, None, "pool")
        rewrite_lines(tx, message)
        tx.tell("orders")
        return applied(f"{name} is released.", is_new=True)
    if known.state == "cancelled":
        return master_orders_again.open_again(tx, message, known)
    return _change(tx, message, known, by, state="pool" if known.state == "held" else known.state)


def change(tx: Tx, message: OrderChange, by: By) -> Outcome:
    known = tx.one(ORDER, KnownOrder, key=message.code)
    if known is None:
        return _unknown(message)
    return _change(tx, message, known, by, state=known.state)


def _change(tx: Tx, message: OrderRelease, known: KnownOrder, by: By, state: str) -> Outcome:
    name = f"Order {message.code}"
    lines = lines_of(tx, message.code)
    alike = state == known.state and known.says(message) and same_lines(message, lines)
    settled = judge(message, name, known.version, alike=alike)
    if settled is not None:
        return settled
    if known.state not in CHANGEABLE:
        why = ONLY_RELEASE if known.state == "cancelled" else "it cannot be changed any more"
        return dead(f"{name} is {IN_WORDS.get(known.state, known.state)}: {why}.")
    refused = refuse_lines(tx, message, name)
    if refused is not None:
        return refused
    picked = [line for line in lines if line.picked]
    if known.state == "held" and picked:
        if master_take_back.is_being_put_back(tx, message.code):
            return to_put_back(message.code, "held", picked)
        return _go_on(tx, message, known, lines, state, by)
    if same_lines(message, lines) and known.state != "held":
        write_head(tx, message, known, state)
        tx.tell("orders")
        return applied(f"{name} is changed.")
    if picked:
        return _shrink(tx, message, known, lines, by)

    take_back_all(tx, message.code, "changed by the ERP", by)
    write_head(tx, message, known, "held" if state == "held" else "pool", wave="")
    rewrite_lines(tx, message)
    tx.tell("orders")
    back = " It waits for a new wave." if known.wave else ""
    return applied(f"{name} is {'released' if state != known.state else 'changed'}.{back}")


def _go_on(tx: Tx, message: OrderRelease, known: KnownOrder, lines: list[KnownLine], state: str, by: By) -> Outcome:
    """A paused order is released as it was: goods are picked and labels printed for what it said then."""
    name = f"Order {message.code}"
    if not same_lines(message, lines) or not known.says(message):
        return dead(f"{name} is held, picked or packed already: it can be released or cancelled, not changed.")
    if state == "held":
        return applied(f"{name} stays held.")
    master_take_back.resume(tx, known, message.version, by)
    return applied(f"{name} is released and goes on where it was.")


def _shrink(tx: Tx, message: OrderRelease, known: KnownOrder, lines: list[KnownLine], by: By) -> Outcome:
    """Somebody walks for this order: its lines may lose what is not picked yet, and nothing else."""
    name = f"Order {message.code}"
    have = {line.line: line for line in lines}
    wanted = {asked.line: asked.quantity for asked in message.lines}
    grown = [
        asked
        for asked in message.lines
        if asked.line not in have
        or have[asked.line].item != asked.item
        or asked.quantity > have[asked.line].quantity - have[asked.line].cancelled
    ]
    if grown:
        told = ", ".join(f"line {asked.line} ({asked.quantity} × {asked.item})" for asked in grown)
        return dead(f"{name} is being picked: {told} cannot be added now. Send it as an order of its own.")
    write_head(tx, message, known, known.state)
    for line in lines:
        cut_line(tx, line, wanted.get(line.line, 0), by)
    settle(tx, message.code)
    tx.tell("orders")
    frozen = [line for line in lines if line.picked > wanted.get(line.line, 0)]
    told = f" Already picked and kept: {in_words(frozen)}." if frozen else ""
    return applied(f"{name} is changed.{told}")


def hold(tx: Tx, message: OrderHold, by: By) -> Outcome:
    known = tx.one(ORDER, KnownOrder, key=message.code)
    if known is None:
        return _unknown(message)
    name = f"Order {message.code}"
    settled = judge(message, name, known.version, alike=known.state == "held")
    if settled is not None:
        return settled
    if known.state not in HOLDABLE:
        return dead(f"{name} is {IN_WORDS.get(known.state, known.state)}: it cannot be held any more.")
    reason = message.reason or "held by the ERP"
    picked = [line for line in lines_of(tx, message.code) if line.picked > line.shipped]
    waits = known.state == "held" and not master_take_back.is_being_put_back(tx, message.code)
    if picked and (known.state in PAUSABLE or waits):
        master_take_back.pause(tx, known, message.version, reason, by)
        return applied(f"{name} is held: its goods wait where they are.")
    take_back(tx, known, message.version, "held", reason, by)
    return applied(f"{name} is held.{_back_in_words(picked)}")


def cancel(tx: Tx, message: OrderCancel, by: By) -> Outcome:
    known = tx.one(ORDER, KnownOrder, key=message.code)
    if known is None:
        return _unknown(message)
    name = f"Order {message.code}"
    settled = judge(message, name, known.version, alike=known.state == "cancelled")
    if settled is not None:
        return settled
    if known.state == "cancelled":  # said anew: a release that was sent before this word, and waits, opens nothing
        master_take_back.set_version(tx, message.code, message.version or known.version)
        return Outcome(state="same", sentence=f"{name} is cancelled already.")
    if known.state not in CANCELLABLE:
        return dead(f"{name} is {IN_WORDS.get(known.state, known.state)}: it cannot be cancelled any more.")
    picked = [line for line in lines_of(tx, message.code) if line.picked > line.shipped]
    take_back(tx, known, message.version, "cancelled", message.reason or "cancelled by the ERP", by)
    return applied(f"{name} is cancelled.{_back_in_words(picked)}")


def _unknown(message: Message) -> Outcome:
    return dead(f"Order {message.code} is not known yet.", missing=f"order {message.code}")


def _back_in_words(picked: list[KnownLine]) -> str:
    return f" Already picked, to be put back: {in_words(picked)}." if picked else " Nothing was picked yet."
